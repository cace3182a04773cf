//go:build integration

package main

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// The desk is killed at random moments while mails come that it acknowledges. Afterwards each ticket has exactly one acknowledgement,
// none was handed over twice, and those that were not are shown as unknown; a sender who writes on and on gets three.
func TestAcknowledgementsOutliveKills(t *testing.T) {
	w := newKillWorld(t)
	const perRound = 30
	for i := range killRounds * perRound {
		if err := w.mail.AddAccount(fmt.Sprintf("once%d@c.test", i), killSecret); err != nil {
			t.Fatal(err)
		}
	}
	deliver := func(from, id string) {
		raw := "From: <" + from + ">\r\nTo: " + killSupport + "\r\nSubject: " + id + "\r\nMessage-ID: <" + id + "@c.test>\r\nDate: " +
			time.Now().Format(time.RFC1123Z) + "\r\n\r\nmail-" + id + " says hello.\r\n"
		if err := w.mail.Deliver(killSupport, []byte(raw)); err != nil {
			t.Error(err)
		}
		w.mails = append(w.mails, "mail-"+id)
	}
	insistent := customers()[0]
	for round := range killRounds {
		d := w.start()
		if round == 0 {
			w.setUp(d)
			w.acknowledge()
		}
		for i := range perRound {
			n := round*perRound + i
			deliver(fmt.Sprintf("once%d@c.test", n), fmt.Sprintf("n%d", n))
			if i%5 == 0 {
				deliver(insistent, fmt.Sprintf("i%d", n))
			}
		}
		randomMoment(20, 600)
		d.kill()
	}
	d := w.start()
	w.settled()
	acks := w.contents("ack")
	unknown := 0
	for i := range killRounds * perRound {
		address := fmt.Sprintf("once%d@c.test", i)
		tok := fmt.Sprintf("ack-n%d", i)
		arrived := 0
		for _, m := range w.mail.Mailbox(address) {
			if !strings.Contains(string(m.Raw), "Auto-Submitted: auto-replied") {
				t.Errorf("to %s came:\n%s", address, m.Raw)
			}
			arrived++
		}
		switch {
		case len(acks[tok]) != 1:
			t.Errorf("%s has %d acknowledgements", address, len(acks[tok]))
		case acks[tok][0].state == "unknown" && arrived <= 1:
			unknown++
		case acks[tok][0].state != "sent" || arrived != 1:
			t.Errorf("%s: the acknowledgement is %s and arrived %d times", address, acks[tok][0].state, arrived)
		}
	}
	if n := len(w.mail.Mailbox(insistent)); n > 3 {
		t.Errorf("who wrote %d mails was answered %d times", killRounds*perRound/5, n)
	}
	t.Logf("%d acknowledgements, %d of unknown outcome; to the insistent one %d", len(acks), unknown, len(w.mail.Mailbox(insistent)))
	d.end()
}

// acknowledge switches the acknowledgement of the mailbox on.
func (w *killWorld) acknowledge() {
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
		c.Config["sending"] = obj{"acknowledge": obj{"text": "ack-{{ticket.subject}} is #{{ticket.number}}"}}
		w.must("PATCH", "/channels/"+c.ID, obj{"config": c.Config}, nil)
	}
	eventually(w.t, 20*time.Second, "the mailbox is watched again", func() bool { return w.healthy("idling") })
}
