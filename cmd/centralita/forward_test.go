//go:build integration

package main

import (
	"fmt"
	"math/rand/v2"
	"net/smtp"
	"strings"
	"sync"
	"testing"
	"time"
)

// Mail is forwarded to the desk while it is killed at random moments. The senders do as mail servers do: what was not answered
// with 250 comes again, byte for byte. At the end everything is there exactly once.
func TestForwardedMailSurvivesKills(t *testing.T) {
	w := newKillWorld(t)
	inbox := freeAddress(t)
	t.Setenv("CENTRALITA_MAIL_LISTEN", inbox)
	t.Setenv("CENTRALITA_MAIL_DOMAIN", "in.desk.test")
	d := w.start()
	w.setUp(d)
	sh, sp := hostPort(w.mail.SMTPAddr())
	w.must("POST", "/channels", obj{"kind": "email", "name": "Forwarded", "routing": obj{"mode": "nobody", "agents": []string{}, "teams": []string{}},
		"config": obj{"address": "sales@desk.test", "receive": "forwarding", "forwarding": obj{"key": "sales-k3x9d2mq"},
			"smtp": obj{"host": sh, "port": sp, "security": "plain"}},
		"secrets": obj{"smtp_password": killSecret}}, nil)

	var traffic sync.WaitGroup
	enough, sent := make(chan struct{}), make([]int, forwarders)
	for n := range forwarders {
		traffic.Go(func() { sent[n] = forwardAll(t, inbox, n, enough) })
	}
	const kills = 8
	for range kills {
		select {
		case <-time.After(time.Duration(20+rand.IntN(200)) * time.Millisecond): // the random moment
		case <-t.Context().Done():
		}
		d.kill()
		d = w.start()
	}
	close(enough)
	traffic.Wait()
	d.kill() // the last answer was given: it is durable, or it was a lie
	d = w.start()
	seen := map[string]int{}
	for _, tk := range w.rest.tickets(t, "open") {
		if strings.HasPrefix(tk.Subject, "fwd-") {
			seen[tk.Subject]++
		}
	}
	all := 0
	for s := range forwarders {
		all += sent[s]
		for n := range sent[s] {
			if subject := fmt.Sprintf("fwd-%d-%d", s, n); seen[subject] != 1 {
				t.Errorf("%s is there %d times", subject, seen[subject])
			}
		}
	}
	d.end()
	t.Logf("%d mails, %d kills", all, kills)
}

const forwarders, forwardedAtLeast = 4, 120

// forwardAll sends mails one after the other, each until it is taken, and gives how many: so many at least, and more until it is
// enough, so that every kill falls into the traffic.
func forwardAll(t *testing.T, inbox string, s int, enough <-chan struct{}) (sent int) {
	pause := time.NewTicker(2 * time.Millisecond)
	defer pause.Stop()
	for n := 0; ; n++ {
		select {
		case <-enough:
			if n >= forwardedAtLeast {
				return n
			}
		default:
		}
		raw := fmt.Sprintf("From: <c%d@c%d.test>\r\nTo: sales@desk.test\r\nSubject: fwd-%d-%d\r\nMessage-ID: <f%d.%d@c.test>\r\nDate: Mon, 2 Nov 2026 10:00:00 +0000\r\n\r\nHello %d.\r\n",
			s, s, s, n, s, n, n)
		if n == 0 { // no Message-ID: known by its content
			raw = strings.Replace(raw, "Message-ID", "X-No-ID", 1)
		}
		for {
			err := smtp.SendMail(inbox, nil, fmt.Sprintf("c%d@c%d.test", s, s), []string{"sales-k3x9d2mq@in.desk.test"}, []byte(raw))
			if err == nil {
				break
			}
			if strings.HasPrefix(err.Error(), "5") { // for ever: a mail server would send it back
				t.Errorf("%d-%d: %v", s, n, err)
			}
			select {
			case <-pause.C:
			case <-t.Context().Done():
				return n
			}
		}
	}
}
