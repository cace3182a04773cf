package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/internal/chromium"
	"github.com/centralita/centralita/persistence/badger"
	"github.com/centralita/centralita/proto/deskpb"
)

const (
	longConversation = 200 // messages of the conversation that is opened
	screenName       = "Bench"
	screenPassword   = "a-long-bench-password"
)

// workspace measures what an agent waits for, in a real browser (Chromium, which must be installed): from an empty cache to the
// first list painted, with so many open tickets, and from a click to a conversation of 200 messages painted. There is no
// limit next to it: browser and engine share the machine.
func workspace(r *run) error {
	dir := filepath.Join(r.dir, "data")
	if err := r.fillDesk(dir); err != nil {
		return err
	}
	o, err := r.openOffice(dir, nil, nil)
	if err != nil {
		return err
	}
	base, cookies, stop, err := serveOffice(r.ctx, o)
	if err != nil {
		return errors.Join(err, o.close())
	}
	return errors.Join(r.watchScreen(base, cookies), stop(), o.close())
}

// fillDesk writes open tickets, past the engine, and two long conversations that are the newest of them.
func (r *run) fillDesk(dir string) (err error) {
	o, err := r.openOffice(dir, nil, nil) // so that there is a channel
	if err != nil {
		return err
	}
	channel := o.channel
	if err := o.close(); err != nil {
		return err
	}
	store, err := badger.Open(journalDir(dir), badger.Options{ReserveFile: -1})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	r.out.say("writing %d open tickets", r.Tickets)
	h, p := newHistorian(store), newPost("screen")
	for i := 0; i < r.Tickets && r.ctx.Err() == nil; i++ {
		first, m := p.open()
		contact := desk.ContactIDFor(int32(deskpb.IdentityKind_IDENTITY_KIND_EMAIL), first.Message.Identity.Value)
		h.append(contact.Stream(), []desk.Event{deskpb.NewEvent(&deskpb.ContactCreated{Identity: first.Message.Identity, Name: first.Message.Name})})
		subject := first.Message.Subject
		if r.Tickets-i <= 2 {
			subject = fmt.Sprintf("The long matter %d", r.Tickets-i)
		}
		events := []desk.Event{
			deskpb.NewEvent(&deskpb.ConversationOpened{
				Channel: string(channel), ChannelKind: deskpb.ChannelKind_CHANNEL_KIND_CUSTOM, Contact: string(contact), Subject: subject,
				Priority: deskpb.Priority_PRIORITY_NORMAL, ContactName: first.Message.Name,
			}),
			deskpb.NewEvent(received(channel, string(contact), first)),
		}
		for n := 1; r.Tickets-i <= 2 && n < longConversation; n++ {
			next, _ := p.answer(m)
			next.Message.Body.Text += fmt.Sprintf("\n\nThis is message %d.", n+1)
			events = append(events, deskpb.NewEvent(received(channel, string(contact), next)))
		}
		h.append(desk.ConversationIDFor(channel, "item/"+m.root).Stream(), events)
	}
	return errors.Join(h.wait(), r.ctx.Err())
}

// serveOffice puts the engine behind a listener and signs an administrator in.
func serveOffice(ctx context.Context, o *office) (base string, cookies []*http.Cookie, stop func() error, err error) {
	path, err := o.engine.SetupPath()
	if err != nil {
		return "", nil, nil, err
	}
	_, token, _ := strings.Cut(path, "token=")
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, nil, fmt.Errorf("listen: %w", err)
	}
	server := &http.Server{Handler: o.engine.Handler(), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(ln) }() // ends with Close
	base = "http://" + ln.Addr().String()
	cookies, err = setUpOffice(ctx, base, token)
	return base, cookies, server.Close, err
}

func setUpOffice(ctx context.Context, base, token string) ([]*http.Cookie, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, fmt.Errorf("make a cookie jar: %w", err)
	}
	body, err := json.Marshal(map[string]string{"token": token, "name": screenName, "email": "bench@desk.example", "password": screenPassword})
	if err != nil {
		return nil, fmt.Errorf("encode the set-up: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/api/v1/setup", bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("set up: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	answer, err := (&http.Client{Jar: jar}).Do(req)
	if err != nil {
		return nil, fmt.Errorf("set up: %w", err)
	}
	defer answer.Body.Close()
	if answer.StatusCode >= 300 {
		return nil, fmt.Errorf("set up: the server answered %s", answer.Status)
	}
	at, err := url.Parse(base)
	if err != nil {
		return nil, fmt.Errorf("parse %s: %w", base, err)
	}
	return jar.Cookies(at), nil
}

// watchScreen opens the browser and measures until the time is over.
func (r *run) watchScreen(base string, cookies []*http.Cookie) (err error) {
	b, err := chromium.Open(r.ctx, filepath.Join(r.dir, "profile"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	for _, c := range cookies {
		if _, err := b.Call("Network.setCookie", map[string]any{"name": c.Name, "value": c.Value, "url": base}); err != nil {
			return err
		}
	}
	var cold, warm, opened latencies
	until := time.Now().Add(r.part(0.5))
	for len(cold) < 3 || time.Now().Before(until) {
		if _, err := b.Call("Network.clearBrowserCache", nil); err != nil {
			return err
		}
		took, err := load(b, base+"/tickets/open")
		if err != nil {
			return fmt.Errorf("the first list, cold: %w", err)
		}
		cold = append(cold, took)
		if took, err = load(b, base+"/tickets/open"); err != nil {
			return fmt.Errorf("the first list, warm: %w", err)
		}
		warm = append(warm, took)
	}
	// Both long conversations have been read once, as on any desk an hour after its start.
	for i := 0; i < 2; i++ {
		if _, err := openLong(b, i); err != nil {
			return err
		}
	}
	until = time.Now().Add(r.part(0.4))
	for i := 0; len(opened) < 10 || time.Now().Before(until); i++ {
		took, err := openLong(b, i%2)
		if err != nil {
			return err
		}
		opened = append(opened, took)
	}
	for _, layout := range []string{"split", "table"} {
		if err := r.scroll(b, base, layout); err != nil {
			return fmt.Errorf("scroll the %s: %w", layout, err)
		}
	}
	r.out.alone("first_list_with_an_empty_cache_p50", ms(cold.quantile(0.5)), "ms")
	r.out.alone("first_list_with_an_empty_cache_worst", ms(cold.quantile(1)), "ms")
	r.out.alone("first_list_from_the_cache_p50", ms(warm.quantile(0.5)), "ms")
	r.out.alone(fmt.Sprintf("conversation_of_%d_messages_p50", longConversation), ms(opened.quantile(0.5)), "ms")
	r.out.alone(fmt.Sprintf("conversation_of_%d_messages_p99", longConversation), ms(opened.quantile(0.99)), "ms")
	return nil
}

// load goes to an address and tells when its rows were painted, counted from when it was gone to.
func load(b *chromium.Browser, url string) (time.Duration, error) {
	if _, err := b.Call("Page.navigate", map[string]any{"url": url}); err != nil {
		return 0, err
	}
	return b.Milliseconds(`new Promise((done) => {
		const look = () => document.querySelector('[data-row]') ? requestAnimationFrame(() => setTimeout(() => done(performance.now()))) : requestAnimationFrame(look)
		look()
	})`)
}

// openLong clicks one of the long conversations and tells when its last message was painted. Between two, the other one was
// shown, so each is put on the screen anew.
func openLong(b *chromium.Browser, i int) (time.Duration, error) {
	return b.Milliseconds(fmt.Sprintf(`new Promise((done, fail) => {
		const began = performance.now(), row = () => [...document.querySelectorAll('[data-row]')].find((r) => r.innerText.includes('The long matter %d'))
		const open = (row) => {
			const id = row.dataset.row, start = performance.now()
			const there = () => location.pathname.includes(id) && document.querySelector('#conversation')?.textContent.includes('This is message %d.')
			const look = () => there() ? setTimeout(() => done(performance.now() - start)) : performance.now() - start > 20000 ? fail(new Error('not shown')) : requestAnimationFrame(look)
			row.click()
			requestAnimationFrame(look)
		}
		const find = () => row() ? open(row()) : performance.now() - began > 20000 ? fail(new Error('no row: ' + document.body.innerText.slice(0, 300))) : requestAnimationFrame(find)
		find() // a list that was just painted may be read once more
	})`, i+1, longConversation))
}

// scrolled is how many rows are read before it is scrolled through: the list keeps what it has read.
const scrolled = 5_000

// scroll goes through a list as fast as a wheel that is spun, sixty pixels a frame, and tells how often the screen was drawn and
// how long the slowest of a hundred frames took.
func (r *run) scroll(b *chromium.Browser, base, layout string) error {
	if _, err := load(b, base+"/tickets/open?layout="+layout); err != nil {
		return err
	}
	had, err := b.Number(fmt.Sprintf(`new Promise((done, fail) => {
		let box = document.querySelector('[data-row]')
		while (box && !(box.scrollHeight > box.clientHeight && /auto|scroll/.test(getComputedStyle(box).overflowY))) box = box.parentElement
		if (!box) return fail(new Error('nothing scrolls'))
		window.listBox = box
		const row = document.querySelector('[data-row]').getBoundingClientRect().height, want = Math.min(%d, %d), began = performance.now()
		const more = () => {
			if (box.scrollHeight >= want * row || performance.now() - began > 120000) {
				box.scrollTop = 0
				return setTimeout(() => done(Math.round(box.scrollHeight / row)), 500)
			}
			box.scrollTop = box.scrollHeight
			setTimeout(more, 10)
		}
		more()
	})`, scrolled, r.Tickets))
	if err != nil {
		return err
	}
	if had < float64(min(scrolled, r.Tickets)) {
		return fmt.Errorf("only %.0f rows were read in two minutes", had)
	}
	spin := func(answer string) (float64, error) {
		return b.Number(fmt.Sprintf(`new Promise((done) => {
			const box = window.listBox, frames = []
			let last = performance.now()
			const step = (now) => {
				frames.push(now - last)
				last = now
				if (frames.length > 240) {
					frames.shift() // the first one is from before
					const sorted = frames.toSorted((a, b) => a - b)
					window.spun = { rate: 1000 / (frames.reduce((a, b) => a + b) / frames.length), p99: sorted[Math.floor(sorted.length * 0.99)] }
					return done(window.spun.%s)
				}
				box.scrollTop += 60
				requestAnimationFrame(step)
			}
			requestAnimationFrame(step)
		})`, answer))
	}
	var rates []float64
	for range 3 {
		rate, err := spin("rate")
		if err != nil {
			return err
		}
		rates = append(rates, rate)
	}
	late, err := spin("p99")
	if err != nil {
		return err
	}
	r.out.alone("scroll_"+layout+"_frames_per_second", median(rates), "1/s")
	r.out.alone("scroll_"+layout+"_frame_p99", late, "ms")
	return nil
}
