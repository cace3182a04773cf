//go:build integration

package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/centralita/centralita/internal/mailsim"
)

// step is a moment at which the desk is killed: when something passes on the wire, before it is passed on, or when something
// appears in its data.
type step struct {
	name       string
	fromServer bool
	words      string        // on the wire
	after      time.Duration // so much later
	blob       bool          // when a raw mail is on the disk
	shown      bool          // when a mail is in the list: it is durable, and the mailbox may not know yet
}

// The desk is killed with SIGKILL at each step of taking a mail in, from the first command to the cursor. Each mail is there once
// afterwards, with its own text.
func TestKilledAtEachStepOfTakingIn(t *testing.T) {
	w := newKillWorld(t)
	proxy := w.watched(&w.imapAddr, w.mail.IMAPAddr())
	d := w.start()
	w.setUp(d)
	steps := []step{
		{name: "while logging in", words: "AUTHENTICATE"},
		{name: "before the folder is selected", words: "EXAMINE"},
		{name: "before the search", words: "SEARCH"},
		{name: "before the sizes", words: "RFC822.SIZE"},
		{name: "before the fetch", words: "BODY.PEEK[]"},
		{name: "with the first mails under way", fromServer: true, words: "BODY[] {"},
		{name: "1 ms after the first mails", fromServer: true, words: "BODY[] {", after: time.Millisecond},
		{name: "4 ms after the first mails", fromServer: true, words: "BODY[] {", after: 4 * time.Millisecond},
		{name: "15 ms after the first mails", fromServer: true, words: "BODY[] {", after: 15 * time.Millisecond},
		{name: "a raw mail is on the disk", blob: true},
		{name: "a mail is durable", shown: true},
		{name: "a mail is durable, a little later", shown: true, after: 3 * time.Millisecond},
		{name: "back in IDLE", words: "IDLE"},
	}
	for _, s := range steps {
		w.listed = len(w.tickets("open", 1000))
		d.kill() // mails wait when it comes back, as after any outage
		for range 6 {
			w.deliverOne()
		}
		killed := w.arm(proxy, s)
		d = w.begin()
		select {
		case <-killed.at(d):
		case <-time.After(30 * time.Second):
			t.Fatalf("%s: the moment did not come\n%s", s.name, d.out)
		}
		d.kill()
		d = w.start()
		w.settled()
	}
	w.verify()
	d.end()
	t.Logf("killed at %d steps, %d mails", len(steps), len(w.mails))
}

// The desk is killed with SIGKILL at each step of sending a reply. None is lost: it arrived and is shown as sent, or it is shown as
// unknown and a person can send it again. None is doubled by itself, and what is sent again is the same mail, byte for byte.
func TestKilledAtEachStepOfSending(t *testing.T) {
	w := newKillWorld(t)
	proxy := w.watched(&w.smtpAddr, w.mail.SMTPAddr())
	d := w.start()
	w.setUp(d)
	w.deliverOne()
	w.settled()
	conv := w.tickets("open", 1)[0].ID
	steps := []step{
		{name: "before it says hello", words: "EHLO"},
		{name: "while logging in", words: "AUTH"},
		{name: "before MAIL", words: "MAIL FROM"},
		{name: "before RCPT", words: "RCPT TO"},
		{name: "before DATA", words: "DATA\r\n"},
		{name: "inside the mail", words: "Message-ID:"},
		{name: "at the final dot", words: "\r\n.\r\n"},
		{name: "before the answer to it", fromServer: true, words: "OK: queued"},
		{name: "1 ms after the answer", fromServer: true, words: "OK: queued", after: time.Millisecond},
		{name: "5 ms after the answer", fromServer: true, words: "OK: queued", after: 5 * time.Millisecond},
		{name: "while saying farewell", words: "QUIT"},
	}
	var tokens []string
	for _, s := range steps {
		tok := w.token("reply")
		tokens = append(tokens, tok)
		killed := w.arm(proxy, s)
		at := killed.at(d)
		w.replies.note(tok, w.rest.call("POST", "/conversations/"+conv+"/replies", obj{"message_id": tok, "text": tok}, nil) == nil)
		select {
		case <-at:
		case <-time.After(30 * time.Second):
			t.Fatalf("%s: the moment did not come\n%s", s.name, d.out)
		}
		proxy.Tap(nil)
		d.kill()
		d = w.start()
		w.settled()
	}
	w.verify()
	// What nobody knows of, a person sends again.
	again := 0
	for tok, items := range w.contents("reply") {
		if items[0].state != "unknown" {
			continue
		}
		again++
		w.must("POST", "/conversations/"+conv+"/replies/"+tok+"/retry", nil, nil)
		eventually(t, 20*time.Second, tok+" is sent", func() bool { return w.contents("reply")[tok][0].state == "sent" })
	}
	arrived := map[string][]string{}
	for _, a := range customers() {
		for _, m := range w.mail.Mailbox(a) {
			arrived[strings.Fields(m.Text + " -")[0]] = append(arrived[strings.Fields(m.Text + " -")[0]], string(m.Raw))
		}
	}
	twice := 0
	for _, tok := range tokens {
		copies := arrived[tok]
		if len(copies) == 0 {
			t.Errorf("%s never arrived", tok)
		}
		for _, c := range copies[min(1, len(copies)):] {
			twice++
			if c != copies[0] {
				t.Errorf("the copies of %s differ:\n%s\n%s", tok, copies[0], c)
			}
		}
	}
	if again == 0 || twice == 0 {
		t.Errorf("%d were unknown and sent again, %d arrived twice: the steps did not fall where they should", again, twice)
	}
	d.end()
	t.Logf("killed at %d steps; %d were unknown and sent again, %d of them had arrived before: the same bytes", len(steps), again, twice)
}

// watched puts a proxy in front of a server of the world.
func (w *killWorld) watched(address *string, target string) *mailsim.Proxy {
	w.t.Helper()
	p, err := mailsim.NewProxy(target)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = p.Close() })
	*address = p.Addr()
	return p
}

func (w *killWorld) deliverOne() {
	w.t.Helper()
	stop := make(chan struct{})
	w.mu.Lock()
	had := len(w.mails)
	w.mu.Unlock()
	var writing sync.WaitGroup
	writing.Go(func() { w.writeMails(stop) })
	eventually(w.t, 10*time.Second, "a mail is written", func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		return len(w.mails) > had
	})
	close(stop)
	writing.Wait()
}

// trap kills a child once.
type trap struct {
	child atomic.Pointer[child]
	once  sync.Once
	done  chan struct{}
	wait  time.Duration
}

// at says whom to kill, and tells when it was done.
func (k *trap) at(d *child) <-chan struct{} {
	k.child.Store(d)
	return k.done
}

func (k *trap) spring() {
	d := k.child.Load()
	if d == nil {
		return // it is not yet known who is meant: the next sign will do
	}
	k.once.Do(func() {
		if k.wait == 0 {
			d.strike()
			close(k.done)
			return
		}
		time.AfterFunc(k.wait, func() { d.strike(); close(k.done) })
	})
}

// arm sets a trap for a step.
func (w *killWorld) arm(p *mailsim.Proxy, s step) *trap {
	w.t.Helper()
	k := &trap{done: make(chan struct{}), wait: s.after}
	if s.blob || s.shown {
		p.Tap(nil)
		files, tickets := w.blobs(), w.listed
		stop := make(chan struct{})
		w.t.Cleanup(func() { close(stop) })
		go func() {
			tick := time.NewTicker(500 * time.Microsecond)
			defer tick.Stop()
			for {
				select {
				case <-k.done:
					return
				case <-stop:
					return
				case <-tick.C:
					if s.blob && w.blobs() > files || s.shown && len(w.tickets("open", 1000)) > tickets {
						k.spring()
					}
				}
			}
		}()
		return k
	}
	var seen sync.Mutex
	var tail []byte
	p.Tap(func(fromServer bool, b []byte) {
		if fromServer != s.fromServer {
			return
		}
		seen.Lock()
		tail = append(tail, b...)
		hit := bytes.Contains(tail, []byte(s.words))
		tail = tail[max(0, len(tail)-len(s.words)):]
		seen.Unlock()
		if hit {
			k.spring()
		}
	})
	return k
}

// blobs counts the raw mails on the disk.
func (w *killWorld) blobs() int {
	files, _ := filepath.Glob(filepath.Join(w.data, "blobs", "[0-9a-f][0-9a-f]", "*")) // the pattern is good
	return len(files)
}
