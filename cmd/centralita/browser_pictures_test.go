//go:build integration

package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/centralita/centralita/internal/mailsim"
)

// photo is a PNG of one colour.
func photo(t *testing.T, c color.Color) string {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 240, 120))
	for x := range 240 {
		for y := range 120 {
			img.Set(x, y, c)
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(b.Bytes())
}

// handsIn gives a file to what is focused or lies at a place, as the browser does on pasting or dropping it.
func (p *page) handsIn(event, name, kind, data, html string) {
	p.t.Helper()
	p.holds(fmt.Sprintf(`(() => {
		const bytes = Uint8Array.from(atob(%s), (c) => c.charCodeAt(0)), data = new DataTransfer();
		data.items.add(new File([bytes], %s, { type: %s }));
		if (%s) data.setData('text/html', %s);
		const place = %s, r = place.getBoundingClientRect(), how = { bubbles: true, cancelable: true };
		place.dispatchEvent(%s === 'paste' ? new ClipboardEvent('paste', { ...how, clipboardData: data })
			: new DragEvent('drop', { ...how, dataTransfer: data, clientX: r.x + 20, clientY: r.y + 16 }));
		return true })()`, quote(data), quote(name), quote(kind), quote(html), quote(html), editor, quote(event)))
}

// Pictures that are pasted or dropped into a reply stand in its text: in the composer at once, in the customer's mail as its
// part, in the timeline inside the message. What else is dropped goes beside the text.
func TestBrowserPicturesInTheText(t *testing.T) {
	t.Parallel()
	w := openWriting(t, "pictures", "My lamp flickers")
	w.begins("My lamp flickers")
	w.keys("Press here: ")
	w.handsIn("paste", "button.png", "image/png", photo(t, color.RGBA{12, 107, 94, 255}), "")
	shown := func(n int) string {
		return fmt.Sprintf("%s.querySelectorAll('img[alt$=png]').length === %d && [...%s.querySelectorAll('img[alt$=png]')].every((i) => i.naturalWidth === 240)", editor, n, editor)
	}
	w.until("the picture in the text", shown(1))
	w.until("it can be sent", "!$('.composer .primary').disabled && !$('.composer .files')")
	w.keys(" and not there: ")
	w.handsIn("paste", "other.png", "image/png", photo(t, color.RGBA{180, 60, 40, 255}), "<img src='https://tracker.test/x.png'>")
	w.until("both", shown(2))
	w.until("both there", "!$('.composer .primary').disabled")
	w.handsIn("paste", "cells.png", "image/png", photo(t, color.Black), "<table><tr><td>Lamp</td><td>12</td></tr></table>")
	w.until("the words of a spreadsheet, not its picture", editor+".innerText.includes('Lamp\u200312') && ("+shown(2)+")")
	w.handsIn("drop", "manual.pdf", "application/pdf", base64.StdEncoding.EncodeToString([]byte("%PDF-1.4 manual")), "")
	w.until("the file beside the text", "$('.composer .files')?.innerText.includes('manual.pdf') && !$('.composer.over') && ("+shown(2)+")")
	w.shoot("composer")
	w.axe("pictures in the composer", nil)

	q := openBrowser(t, "laptop", w.desk.url+"/")
	q.signInByHand(adminEmail, adminPass)
	q.keys("3")
	q.opens("My lamp flickers")
	q.until("the pictures on another device", editor+" && "+shown(2))

	// Away and back again: the key that undoes works on pictures, too.
	w.keys("a", chromedp.ModifierCtrl)
	w.keys("\b")
	w.until("nothing", editor+".innerText.trim() === ''")
	w.keys("z", chromedp.ModifierCtrl)
	w.until("all of it back", shown(2))
	w.keys("\r", chromedp.ModifierCtrl)
	w.until("the way back", "$('#conversation .outbound .goes button')")
	w.pressed("Undo")
	w.until("the pictures back in the composer", editor+" && "+shown(2))
	w.until("taken back", "$('#conversation .canceled')")
	w.begins("My lamp flickers")
	w.keys("\r", chromedp.ModifierCtrl)
	w.until("it waits", "$('#conversation .outbound:not(.canceled) .goes')")
	w.pressed("Send now")
	w.holdsPictures(w.mailWith("Press here: [button.png] and not there: [other.png]"))
	w.until("the pictures inside the message", "$$('#conversation .outbound:not(.canceled) iframe').some((f) => { const all = [...f.contentDocument.querySelectorAll('img')]; return all.length === 2 && all.every((i) => i.naturalWidth === 240) })")
	if names := ask[string](w.page, "$('#conversation .outbound:not(.canceled)').innerText"); !strings.Contains(names, "manual.pdf") || strings.Contains(names, "button.png") {
		t.Errorf("the message shows %q, want manual.pdf as its only file", names)
	}
	w.shoot("timeline")
	q.until("nothing left of the draft", editor+".innerText.trim() === ''")
}

// holdsPictures checks the customer's mail.
func (w *writing) holdsPictures(m mailsim.Message) {
	w.t.Helper()
	for _, want := range []string{"multipart/related", "Content-Id: <im_", "application/pdf"} {
		if !bytes.Contains(bytes.ToLower(m.Raw), bytes.ToLower([]byte(want))) {
			w.t.Errorf("the mail lacks %q", want)
		}
	}
	if n := strings.Count(m.HTML, `<img`); n != 2 || strings.Count(m.HTML, `src="cid:im_`) != 2 || strings.Contains(m.HTML, "tracker") {
		w.t.Errorf("the mail's HTML: %s", m.HTML)
	}
}

// Pictures that a mail names and does not bring are not fetched before the agent says so, and then by the desk.
func TestBrowserRemotePictures(t *testing.T) {
	t.Parallel()
	w := openWriting(t, "remote")
	deliver(t, w.mail, letter{from: "Carla Gil <" + customerAddress + ">", subject: "Look at this", id: "look@customer.test", text: "Look",
		html: `<table width="1200"><tr><td>wide words</td><td><img src="https://shop.test/lamp.png" width="600" height="300"></td></tr></table>`})
	w.until("the mail", row("Look at this"))
	w.opens("Look at this")
	inMail := "$('#conversation iframe')?.contentDocument"
	w.until("what is not shown, and the way to it", "$('#conversation .images')?.innerText === '1 remote image was blocked. Show images' && "+inMail+"?.querySelector('td')")
	if got := ask[string](w.page, inMail+".querySelector('img').outerHTML"); strings.Contains(got, "shop.test") {
		t.Errorf("before anybody asked for it the frame has %s", got)
	}
	w.shoot("blocked")
	w.click("#conversation .images .show")
	w.until("asked for at the desk", inMail+"?.querySelector('img')?.getAttribute('src') === '/api/v1/pictures?url=https%3A%2F%2Fshop.test%2Flamp.png' && !$('#conversation .images')")
	if lines := ask[float64](w.page, "(() => { const r = new Range(); r.selectNodeContents("+inMail+".querySelector('td').firstChild); return new Set([...r.getClientRects()].map((x) => x.top)).size })()"); lines > 2 {
		t.Errorf("two words in %v lines: they are cut into pieces", lines)
	}
	w.shoot("shown")
}

// On a phone: one way to the menu, and the two halves of a split button are one.
func TestBrowserOnAPhone(t *testing.T) {
	t.Parallel()
	w := openWriting(t, "phone", "My lamp flickers")
	w.do(chromedp.EmulateViewport(390, 844))
	menus := "$$('button').filter((b) => b.getClientRects().length && (b.ariaLabel || b.innerText).trim() === 'Menu').length === 1"
	w.until("the list with one menu", row("My lamp flickers")+" && "+menus)
	w.do(chromedp.Navigate(w.desk.url + "/search"))
	w.until("the search with one menu", "$('[role=search] input') && "+menus)
	w.do(chromedp.Navigate(w.desk.url + "/tickets/open/" + w.ticketCalled("My lamp flickers")))
	w.until("the editor", editor)
	w.click(".composer [role=textbox]")
	w.until("the cursor in it", inEditor)
	w.keys("Hello")
	w.until("Send and its arrow, equally high", `(() => { const [a, b] = [...$('.composer .split').querySelectorAll('button')].map((x) => x.getBoundingClientRect()); return a.height >= 36 && a.top === b.top && a.bottom === b.bottom && a.right === b.left })()`)
	w.axe("the composer on a phone", nil)
}
