//go:build integration

package main

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/centralita/centralita/internal/mailsim/dovecot"
)

// The desk is killed with SIGKILL just when it marks or moves what it took in: before the mailbox hears of it, when it has done it and the
// desk has not heard, and a little later. Each mail is one ticket, and is where it belongs, once: none was moved before it was durable,
// for what is no longer in the inbox is never asked for again.
func TestKilledWhileItTidiesUp(t *testing.T) {
	for _, do := range []struct{ what, command, done string }{{"move", "UID MOVE", "OK Move completed"}, {"read", "UID STORE", "OK Store completed"}} {
		t.Run(do.what, func(t *testing.T) {
			w := newKillWorld(t)
			box, err := dovecot.Start(map[string]string{killSupport: killSecret})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := box.Stop(); err != nil {
					t.Error(err)
				}
			})
			if err := box.File(killSupport, killSecret, "Done"); err != nil {
				t.Fatal(err)
			}
			proxy := w.watched(&w.imapAddr, box.IMAPAddr())
			d := w.start()
			w.setUp(d)
			w.tidies(do.what)
			mails := 0
			for _, s := range []step{
				{name: "before it is asked for", words: do.command},
				{name: "when it is done and not heard", fromServer: true, words: do.done},
				{name: "1 ms after it was heard", fromServer: true, words: do.done, after: time.Millisecond},
				{name: "8 ms after it was heard", fromServer: true, words: do.done, after: 8 * time.Millisecond},
				{name: "back in IDLE", words: "IDLE"},
			} {
				d.kill()
				for range 5 {
					mails++
					l := letter{from: fmt.Sprintf("C%d <c%d@tidy.test>", mails, mails), to: killSupport, subject: fmt.Sprintf("mail %d.", mails), id: fmt.Sprintf("t%d@tidy.test", mails), text: "x"}
					if err := box.Deliver(killSupport, l.raw()); err != nil {
						t.Fatal(err)
					}
				}
				killed := w.arm(proxy, s)
				d = w.begin()
				select {
				case <-killed.at(d):
				case <-time.After(30 * time.Second):
					t.Fatalf("%s: the moment did not come\n%s", s.name, d.out)
				}
				proxy.Tap(nil)
				d.kill()
				d = w.start()
				eventually(t, 60*time.Second, s.name+": all is taken in and tidied up", func() bool {
					if len(w.tickets("open", 10)) < mails {
						return false
					}
					if do.what == "read" {
						marked, _, err := box.Seen(killSupport, killSecret)
						return err == nil && marked == mails
					}
					inbox := 0
					err := box.EachMail(killSupport, killSecret, func(_ int64, mail io.Reader) error {
						inbox++
						_, err := io.Copy(io.Discard, mail)
						return err
					})
					return err == nil && inbox == 0
				})
			}
			w.tidy(d, box, mails, do.what == "move")
		})
	}
}

// tidy ends the desk and sees that each mail is one ticket, and once in the mailbox.
func (w *killWorld) tidy(d *child, box *dovecot.Server, mails int, moved bool) {
	w.t.Helper()
	once, there := map[string]int{}, map[string]int{}
	for _, tk := range w.tickets("open", 10) {
		once[tk.Subject]++
	}
	d.end()
	if moved {
		if err := box.Move(killSupport, "Done", "INBOX"); err != nil {
			w.t.Fatal(err)
		}
	}
	if err := box.EachMail(killSupport, killSecret, func(_ int64, mail io.Reader) error {
		lines := bufio.NewScanner(mail)
		for lines.Scan() {
			if subject, is := strings.CutPrefix(lines.Text(), "Subject: "); is {
				there[subject]++
			}
		}
		return lines.Err()
	}); err != nil {
		w.t.Fatal(err)
	}
	for i := range mails {
		if name := fmt.Sprintf("mail %d.", i+1); once[name] != 1 || there[name] != 1 {
			w.t.Errorf("%q is %d tickets, and %d times in the mailbox", name, once[name], there[name])
		}
	}
	if len(once) != mails || len(there) != mails {
		w.t.Errorf("%d tickets and %d mails, want %d", len(once), len(there), mails)
	}
}

// tidies lets the mailbox's mail be marked as read, or moved, once it is taken in.
func (w *killWorld) tidies(what string) {
	w.t.Helper()
	var list struct {
		Channels []struct {
			ID, Kind string
			Config   obj
		}
	}
	w.must("GET", "/channels", nil, &list)
	for _, c := range list.Channels {
		if c.Kind != "email" {
			continue
		}
		c.Config["after_intake"] = obj{"do": what}
		if what == "move" {
			c.Config["after_intake"] = obj{"do": what, "folder": "Done"}
		}
		w.must("PATCH", "/channels/"+c.ID, obj{"config": c.Config}, nil)
	}
	eventually(w.t, 20*time.Second, "the mailbox is watched again", func() bool { return w.healthy("idling") })
}
