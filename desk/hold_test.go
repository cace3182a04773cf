package desk_test

import (
	"testing"
	"time"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// A bucket lets as many through at once as it holds, then one each time it has room again, and holds nothing back for longer than an hour.
func TestPace(t *testing.T) {
	t.Parallel()
	p := desk.Pace{Burst: 3, Every: time.Minute}
	start := time.Date(2026, 11, 2, 10, 0, 0, 0, time.UTC)
	var full time.Time
	next := func(at time.Duration) time.Duration {
		var until time.Time
		full, until = p.Next(full, start.Add(at))
		return until.Sub(start) - at
	}
	for i, c := range []struct{ at, waits time.Duration }{
		{0, 0}, {0, 0}, {0, 0}, {0, time.Minute}, {0, 2 * time.Minute},
		{time.Minute, 2 * time.Minute}, // the one before it is let go then, too
		{4 * time.Minute, 0}, {20 * time.Minute, 0}, {20 * time.Minute, 0}, {20 * time.Minute, 0}, {20 * time.Minute, time.Minute},
		{19 * time.Minute, 3 * time.Minute}, // it came before, and is told of later
	} {
		if got := next(c.at); got != c.waits {
			t.Errorf("%d, at %s: waits %s, want %s", i, c.at, got, c.waits)
		}
	}
	for range 500 {
		next(30 * time.Minute)
	}
	if got := next(30 * time.Minute); got != desk.LongestHold {
		t.Errorf("in a flood it waits %s", got)
	}
	if got := next(30*time.Minute + desk.LongestHold + 3*time.Minute); got != 0 {
		t.Errorf("when it is over it waits %s", got)
	}
	for address, want := range map[string]string{"a@Mail.Shop.co.uk": "shop.co.uk", "a@gmail.com": "", "a@localhost": "", "nobody": ""} {
		if got := desk.PaceDomain(address); got != want {
			t.Errorf("%s is counted with %q, want %q", address, got, want)
		}
	}
}

func kindsOf(evs []desk.Event) (kinds string) {
	for _, ev := range evs {
		kinds += deskpb.KindName(ev) + " "
	}
	return kinds
}

// A hold begins with a message beyond the limit and ends once: at its time, by an agent who takes the ticket up, or by a message within the
// limits. Machines, spam and strangers begin none: nobody is told of them.
func TestHold(t *testing.T) {
	t.Parallel()
	n := 0
	mail := func(held int64) *deskpb.ReceiveMessage {
		n++
		id := "h" + string(rune('a'+n))
		m := mailFrom("ana@shop.example", id, "mid:m1", "mid:"+id)
		if m.HeldUntilMs = held; held != 0 {
			m.HeldLimit, m.HeldOf = desk.PaceOfSender, "ana@shop.example"
		}
		return m
	}
	opened := desk.Conversations.Initial()
	if evs := step(t, opened, mail(5000)); !evs[1].GetTicketHeld().GetUnrouted() || evs[1].GetTicketHeld().UntilMs != 5000 || evs[2].GetMessageReceived() == nil {
		t.Errorf("opened beyond the limit: %s", kindsOf(evs))
	}
	c := ticketOf(t)
	if evs := step(t, c, mail(5000)); evs[0].GetTicketHeld().GetUntilMs() != 5000 || evs[0].GetTicketHeld().Unrouted {
		t.Errorf("the first: %s", kindsOf(evs))
	}
	if evs := step(t, c, mail(9000)); evs[0].GetMessageReceived() == nil {
		t.Errorf("the second: %s", kindsOf(evs))
	}
	at := func(ms int64, by *deskpb.Author) []desk.Event {
		cmd := deskpb.NewCommand(&deskpb.ReleaseTicket{})
		cmd.AtMs, cmd.By = ms, by
		evs, err := desk.Conversations.Decide(c, cmd)
		if err != nil {
			t.Fatal(err)
		}
		for _, ev := range evs {
			c = desk.Conversations.Evolve(c, ev)
		}
		return evs
	}
	if evs := at(4999, nil); len(evs) != 0 {
		t.Errorf("too early: %s", kindsOf(evs))
	}
	if evs := at(5000, nil); len(evs) != 1 || evs[0].GetTicketHeld().Messages != 2 || evs[0].GetTicketHeld().Cause != desk.HoldOverByTime {
		t.Errorf("at its time: %v", evs)
	}
	if evs := at(6000, nil); len(evs) != 0 {
		t.Errorf("twice: %s", kindsOf(evs))
	}
	step(t, c, mail(5000))
	if evs := at(10, &deskpb.Author{Kind: deskpb.Author_KIND_AGENT, Id: "ben"}); len(evs) != 1 || evs[0].GetTicketHeld().By != "ben" {
		t.Errorf("by hand: %v", evs)
	}
	step(t, c, mail(5000))
	if evs := step(t, c, mail(0)); evs[0].GetTicketHeld().GetCause() != desk.HoldOverByMessage {
		t.Errorf("by a message: %s", kindsOf(evs))
	}
	closeIt(t, c)
	if evs := step(t, c, mail(5000)); !evs[0].GetTicketHeld().GetUnrouted() {
		t.Errorf("opened again: %s", kindsOf(evs))
	}
	machine := mail(5000)
	machine.Message.Automatic = desk.AutomaticReply
	d := ticketOf(t)
	if evs := step(t, d, machine); evs[0].GetMessageReceived() == nil {
		t.Errorf("a machine's: %s", kindsOf(evs))
	}
	spam := mail(5000)
	spam.Blocked = true
	if evs := step(t, d, spam); evs[0].GetMessageReceived() == nil {
		t.Errorf("spam: %s", kindsOf(evs))
	}
}
