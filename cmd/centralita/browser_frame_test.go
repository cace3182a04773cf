//go:build integration

package main

import (
	"fmt"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/centralita/centralita/internal/demo"
)

// Nothing is touched but the keyboard: the palette finds commands, places and a ticket by its number, and comes back to what
// was used; sequences go to views; the sheet shows the keys; the language changes and stays.
func TestBrowserByKeyboardAlone(t *testing.T) {
	t.Parallel()
	d, _ := sampleDesk(t)
	admin := signIn(t, d.url, demo.Agents[0].Email, demo.Password)
	some := aMail(admin.tickets(t, "open"))
	p := openBrowser(t, "keyboard", d.url+"/")
	p.signInByHand(demo.Agents[0].Email, demo.Password)

	p.keys("gm")
	p.until("one's own tickets", "location.pathname === '/tickets/mine'")
	palette := func(typed, first string) {
		t.Helper()
		openPalette(p)
		p.until("the focus in the palette", "document.activeElement?.role === 'combobox'")
		p.keys(typed)
		p.until(first+" first", "$('[role=option][aria-selected=true]')?.innerText.includes("+quote(first)+")")
		if !p.holds("document.getElementById(document.activeElement.getAttribute('aria-activedescendant'))?.getAttribute('aria-selected') === 'true'") {
			t.Error("the field does not say which line it is at")
		}
		p.keys("\r")
		p.until("the palette gone", "!$('[role=dialog]')")
	}
	palette("chann", "Channels")
	p.until("the channels", "location.pathname === '/settings/channels' && document.title.startsWith('Channels')")
	palette(fmt.Sprintf("#%d", some.Number), fmt.Sprintf("#%d", some.Number))
	p.until("the ticket", "location.pathname === '/tickets/open/"+some.ID+"' && $('.composer')")
	p.until("the editor", "$('.composer [role=textbox]')")
	p.keys("n")
	p.until("the cursor in a note", "document.activeElement?.closest('.composer [role=textbox]')")
	p.keys("g?[") // text, not commands
	if p.holds("$('dialog[open], [role=dialog]') || location.pathname !== '/tickets/open/" + some.ID + "'") {
		t.Error("typing was taken for commands")
	}
	p.keys("k", chromedp.ModifierCtrl)
	p.until("the palette, while one types", "$('[role=dialog] [role=option]')")
	if !p.holds(fmt.Sprintf("$('[role=listbox]').innerText.includes('#%d')", some.Number)) {
		t.Error("the ticket that was looked at is not among the recent ones")
	}
	p.keys("\x1b")
	p.until("the cursor back in the note", "!$('[role=dialog]') && document.activeElement?.closest('.composer')")
	p.leaves()
	p.keys("?")
	p.until("the sheet", "$('dialog[open]')?.innerText.includes('Assign to me')")
	p.keys("\x1b")
	p.until("the sheet gone", "!$('dialog[open]')")
	p.keys("[")
	p.until("the narrow sidebar", "$('nav.bar').getBoundingClientRect().width < 70")
	p.keys("[")
	p.until("the wide sidebar", "$('nav.bar').getBoundingClientRect().width > 200")
	palette("away lunch", "Away: Lunch")
	p.until("away at lunch", "$('.me .sub').innerText.includes('Lunch')")
	palette("available", "Available")
	p.until("there again", "$('.me .sub').innerText.includes('Available')")
	palette("mute this", "Mute this ticket")
	palette("language esp", "Español")
	p.until("Spanish", "document.documentElement.lang === 'es' && $('nav.bar').innerText.includes('Sin asignar')")
	p.do(chromedp.Reload())
	p.until("Spanish after a reload", "document.documentElement.lang === 'es' && $('nav.bar')?.innerText.includes('Sin asignar')")
	p.do(chromedp.NavigateBack())
	p.until("the page before", "location.pathname === '/settings/channels'")
}

// aMail is a ticket that came by mail: its composer is the editor.
func aMail(all []ticket) ticket {
	return all[slices.IndexFunc(all, func(x ticket) bool { return x.Subject == "Squeaking front brake" })]
}

// Who comes by an address finds all of the keyboard there, every time.
func TestBrowserKeysAfterAReload(t *testing.T) {
	t.Parallel()
	d, _ := sampleDesk(t)
	admin := signIn(t, d.url, demo.Agents[0].Email, demo.Password)
	some := aMail(admin.tickets(t, "open"))
	p := openBrowser(t, "reloaded", d.url+"/")
	p.signInByHand(demo.Agents[0].Email, demo.Password)
	for i := range 6 {
		p.do(chromedp.Navigate(d.url + "/tickets/open/" + some.ID))
		p.until("the ticket and the editor", "$('.composer [role=textbox]') && $('aside.panel')")
		p.keys("?")
		p.until(fmt.Sprintf("the keys of a ticket, load %d", i), "$('dialog[open]')?.innerText.includes('Assign to me')")
		p.keys("\x1b")
		p.until("the sheet gone", "!$('dialog[open]')")
		p.keys("n")
		p.until(fmt.Sprintf("the cursor in a note, load %d", i), "document.activeElement?.closest('.composer [role=textbox]')")
	}
	p.leaves()
	p.keys("z")
	p.until("when it comes back, in words", "$$('[role=option]').some((o) => /\\d:\\d\\d/.test(o.innerText)) && !$$('[role=option]').some((o) => /now/.test(o.innerText))")
	p.keys("\x1b")
	p.until("the choice gone", "!$('[role=option]')")
	p.keys("x")
	p.until("the bar over the list, beside the composer", `(() => {
		const bar = $('[data-bulk]')?.getBoundingClientRect(), send = $('.composer .send')?.getBoundingClientRect() ?? $('.composer').getBoundingClientRect()
		return bar && bar.right <= send.left && bar.left >= $('#list').getBoundingClientRect().left })()`)
	p.shoot("chosen-beside")
	p.keys("x")
	p.until("nothing chosen", "!$('[data-bulk]')")
	p.keys("c")
	p.until("the cursor at whom it is for", "$('dialog[open]') && document.activeElement?.matches('dialog .body input')")
	p.keys("\x1b")
	p.until("the form gone", "!$('dialog[open]')")
}

// The components that float: a menu with a menu inside, a list that is typed into and added to, a question. Each closes with
// Escape and gives the focus back.
func TestBrowserComponents(t *testing.T) {
	t.Parallel()
	d, _ := sampleDesk(t)
	p := openBrowser(t, "components", d.url+"/")
	p.signInByHand(demo.Agents[0].Email, demo.Password)
	p.holds("document.cookie = 'centralita_demo=1'")
	p.do(chromedp.Navigate(d.url + "/styleguide"))
	p.until("the styleguide", "$('.table')")

	p.click("[aria-label=More]")
	p.until("the menu, with the focus", "$$('[role=menuitem]').length >= 4 && document.activeElement?.closest('[role=menu]')")
	p.keys("p") // typing finds
	p.until("Priority", "document.activeElement?.innerText.includes('Priority')")
	p.keys("\r")
	p.until("the menu inside, with the focus", "$$('[role=menuitemcheckbox]').length === 4 && document.activeElement?.matches('[role=menuitemcheckbox]')")
	p.shoot("menu")
	p.keys("\x1b")
	p.until("the menus gone", "!$('[role=menu]')")
	p.until("the focus back", "document.activeElement?.getAttribute('aria-label') === 'More'")

	p.click("input[aria-label=Tags]")
	p.keys("refund")
	p.until("the offer to make it", "$('[role=option]')?.innerText.includes('refund')")
	p.keys("\r")
	p.until("the new tag", "$$('.tag').some((x) => x.innerText.includes('refund'))")
	p.keys("gree")
	p.until("green", "$('[role=option][data-highlighted]')?.innerText.includes('green')")
	p.keys("\r")
	p.until("both", "$$('.box .tag').map((x) => x.innerText.trim()).join() === 'teal,violet,refund,green'")
	p.keys("\b")
	p.until("the last one taken off", "$$('.box .tag').length === 3")
	p.keys("\x1b")
	p.until("the list gone", "!$('[role=option]')")

	p.holds("$$('button').find((b) => b.innerText === 'Question').focus() ?? true")
	p.keys("\r")
	p.until("the question", "$('[role=alertdialog]')")
	p.axe("a question", nil)
	p.keys("\x1b")
	p.until("the question gone, the focus back", "!$('[role=alertdialog]') && document.activeElement?.innerText === 'Question'")

	p.holds("$$('button').find((b) => b.innerText === 'Notice with undo').click() ?? true")
	p.until("the notice", "$$('.notice').some((x) => x.innerText.includes('Closed 3 tickets'))")
	p.holds("$$('.notice button').find((b) => b.innerText === 'Undo').click() ?? true")
	p.until("it undone", "$$('.notice').some((x) => x.innerText.includes('Reopened'))")
}
