//go:build integration

package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/centralita/centralita/internal/mailsim/dovecot"
)

// importNow is how far the import of a channel is.
type importNow struct {
	State                               string
	Total, Taken, Known, Aside, Skipped int
}

// oldThreads are conversations of long ago: a question in the inbox, an answer in the folder for sent mail, thanks in the inbox.
func oldThreads(n int) (inbox, sent []dovecot.Filed) {
	start := time.Now().Add(-82 * 24 * time.Hour).Truncate(time.Second)
	mail := func(at time.Time, from, to, id, answers, text string) dovecot.Filed {
		more := ""
		if answers != "" {
			more = "In-Reply-To: <" + answers + ">\r\nReferences: <" + answers + ">\r\n"
		}
		return dovecot.Filed{At: at, Raw: []byte(fmt.Sprintf("From: %s\r\nTo: %s\r\nSubject: Old matter\r\nDate: %s\r\nMessage-ID: <%s>\r\n%s\r\n%s\r\n",
			from, to, at.Format(time.RFC1123Z), id, more, text))}
	}
	for i := range n {
		customer := fmt.Sprintf("Customer %d <old%d@past.test>", i, i)
		at := start.Add(time.Duration(i) * 16 * time.Hour)
		id := func(what string) string { return fmt.Sprintf("%s%d@past.test", what, i) }
		inbox = append(inbox, mail(at, customer, killSupport, id("q"), "", fmt.Sprintf("Question %d", i)))
		sent = append(sent, mail(at.Add(10*time.Minute), "Agent 0 <"+killSupport+">", customer, id("a"), id("q"), fmt.Sprintf("Answer %d", i)))
		inbox = append(inbox, mail(at.Add(20*time.Minute), customer, killSupport, id("t"), id("a"), fmt.Sprintf("Thanks %d", i)))
	}
	return inbox, sent
}

// The desk is killed with SIGKILL again and again while it takes in what a real mailbox holds of the past, and live mail comes
// meanwhile. In the end every conversation is there once, in order, closed and with its own dates; nobody was told and nothing was sent;
// the mailbox is as it was. An answer that comes now opens its ticket again.
func TestEarlierMailSurvivesKills(t *testing.T) {
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
	const threads = 120
	inbox, sent := oldThreads(threads)
	for folder, mails := range map[string][]dovecot.Filed{"INBOX": inbox, "Sent": sent} {
		if err := box.File(killSupport, killSecret, folder, mails...); err != nil {
			t.Fatal(err)
		}
	}
	w.imapAddr = box.IMAPAddr()
	d := w.start()
	w.setUp(d)
	live := func(name, answers string) {
		l := letter{from: "Carla <carla@customer.test>", to: killSupport, subject: name, id: name + "@customer.test", text: name}
		if answers != "" {
			l.from, l.answers = "Customer 119 <old119@past.test>", []string{answers}
		}
		if err := box.Deliver(killSupport, l.raw()); err != nil {
			t.Fatal(err)
		}
	}
	path := w.mailbox() + "/import"
	wish := obj{"since": time.Now().Add(-90 * 24 * time.Hour).UTC().Format(time.RFC3339), "inbox": true, "sent": true}
	var preview struct{ Total int }
	if w.must("POST", path+"/preview", wish, &preview); preview.Total != 3*threads {
		t.Fatalf("a preview of %d mails, want %d", preview.Total, 3*threads)
	}
	w.must("POST", path, wish, nil)
	now := func() (i importNow) {
		var answer struct{ Import importNow }
		_ = w.rest.call("GET", path, nil, &answer) // while it is down there is nothing to see
		return answer.Import
	}
	kills := 0
	for _, at := range []int{20, 90, 170, 260} {
		eventually(t, 60*time.Second, fmt.Sprintf("%d mails are taken in", at), func() bool { return now().Taken >= at })
		if now().State == "running" {
			kills++
		}
		d.kill()
		live(fmt.Sprintf("live%d", at), "")
		d = w.start()
	}
	eventually(t, 90*time.Second, "it is through", func() bool { return now().State == "done" })
	if i := now(); i.Taken != 3*threads || i.Total != 3*threads || i.Known+i.Aside+i.Skipped != 0 || kills < 3 {
		t.Errorf("in the end %+v, killed %d times in the midst", i, kills)
	}
	eventually(t, 60*time.Second, "the live mail", func() bool { return len(w.tickets("open", 10)) == 4 })
	checkOldThreads(t, w, threads)
	if flagged, n, err := box.Seen(killSupport, killSecret); err != nil || flagged != 0 || n != 2*threads+4 {
		t.Errorf("%d of %d mails in the inbox bear a flag: %v", flagged, n, err)
	}

	live("again", "t119@past.test")
	checkOpenAgain(t, w)
	d.end()
}

// checkOldThreads holds every imported conversation against what was written.
func checkOldThreads(t *testing.T, w *killWorld, threads int) {
	t.Helper()
	closed := w.tickets("closed", 10)
	if len(closed) != threads {
		t.Errorf("%d closed tickets, want %d", len(closed), threads)
	}
	seen := map[string]bool{}
	for _, tk := range closed {
		var c struct {
			Ticket struct {
				Source string
				Owner  *struct{ ID string }
			}
			Timeline []struct {
				Kind, At string
				Imported bool
				Body     *struct{ Text string }
				Delivery *struct{ State string }
			}
		}
		w.must("GET", "/conversations/"+tk.ID, nil, &c)
		var said []string
		for _, i := range c.Timeline {
			if i.Kind == "activity" {
				continue
			}
			said = append(said, strings.TrimSpace(i.Body.Text))
			if at, err := time.Parse(time.RFC3339, i.At); err != nil || !i.Imported || time.Since(at) < 24*time.Hour || i.Kind == "outbound" && i.Delivery.State != "delivered" {
				t.Errorf("#%d: %+v", tk.Number, i)
			}
		}
		n := strings.TrimPrefix(strings.Join(said[:min(1, len(said))], ""), "Question ")
		if len(said) != 3 || said[1] != "Answer "+n || said[2] != "Thanks "+n || seen[n] || c.Ticket.Owner != nil || c.Ticket.Source != "import" {
			t.Errorf("#%d, source %s: %v", tk.Number, c.Ticket.Source, said)
		}
		seen[n] = true
	}
	for _, a := range customers() {
		if n := len(w.mail.Mailbox(a)); n != 0 {
			t.Errorf("%s got %d mails", a, n)
		}
	}
	if n := w.mail.Attempts(); n != 0 {
		t.Errorf("%d attempts to send", n)
	}
}

// checkOpenAgain waits until the ticket that was answered is at work, and holds the report against what came by itself.
func checkOpenAgain(t *testing.T, w *killWorld) {
	t.Helper()
	eventually(t, 60*time.Second, "the ticket is open again, and somebody's", func() bool {
		for _, tk := range w.tickets("open", 10) {
			if tk.Subject == "Old matter" && tk.Owner != nil {
				return true
			}
		}
		return false
	})
	var report struct {
		Total struct{ Opened, Closed, In, Out, Backlog int }
	}
	eventually(t, 60*time.Second, "the report counts what is live and nothing else", func() bool {
		w.must("GET", "/reports/overview?by=day&from="+time.Now().Add(-90*24*time.Hour).UTC().Format(time.DateOnly), nil, &report)
		return report.Total.Opened == 4 && report.Total.Closed == 0 && report.Total.In == 5 && report.Total.Out == 0 && report.Total.Backlog == 5
	})
}

// mailbox is where the one mailbox is in the API.
func (w *killWorld) mailbox() (path string) {
	w.t.Helper()
	var all struct{ Channels []channelRow }
	w.must("GET", "/channels", nil, &all)
	for _, c := range all.Channels {
		if c.Kind == "email" {
			path = "/channels/" + c.ID
		}
	}
	return path
}
