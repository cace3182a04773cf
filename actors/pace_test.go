package actors_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/centralita/centralita/actors"
	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence/memory"
	"github.com/centralita/centralita/proto/deskpb"
)

// narrow lets a sender write twice at once, then once a minute.
var narrow = actors.Tuning{Paces: desk.PaceLimits{
	Sender: desk.Pace{Burst: 2, Every: time.Minute}, Domain: desk.Pace{Burst: 4, Every: time.Minute}, Mailbox: desk.Pace{Burst: 100, Every: time.Second},
}}

// byMail is a channel of mail.
func (l *life) byMail(address string, rule *deskpb.RoutingRule) (desk.ChannelID, *wire) {
	l.t.Helper()
	id, err := l.sys.ConnectChannel(l.t.Context(), desk.NewChannel{Kind: "email", Name: address, Config: []byte(fmt.Sprintf("%q", address)), Routing: rule}, nil)
	if err != nil {
		l.t.Fatal(err)
	}
	synctest.Wait()
	l.wires[address].address = address
	return id, l.wires[address]
}

// heldBack counts the open tickets for which nobody is chosen yet, and those that somebody has.
func (l *life) heldBack() (held, owned int) {
	l.t.Helper()
	for _, row := range l.tickets(desk.ViewOpen) {
		switch {
		case row.Owner != "":
			owned++
		case row.HeldUnrouted && row.HeldUntilMs != 0 && row.Reason.GetCode() == "held" && !row.InLine:
			held++
		}
	}
	return held, owned
}

// A sender who sends more than the limit: everything is there at once, and who gets it is chosen at the limit's pace. A restart lets nothing
// through and forgets nothing, and others are not held up.
func TestAFloodIsKeptAndWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory.New()
		l := start(t, store, narrow)
		ana := l.agent("ana", 100, true)
		_, w := l.byMail("support@desk.example", to(ana))
		for i := range 5 {
			must(t, w.deliver(mail(fmt.Sprint("m", i), "bot@loud.example", "alarm")))
		}
		must(t, w.deliver(mail("n1", "nils@quiet.example", "a question")))
		synctest.Wait()
		if held, owned := l.heldBack(); held != 3 || owned != 3 {
			t.Fatalf("%d wait, %d are somebody's", held, owned)
		}
		if row := l.tickets(desk.ViewOpen)[1]; !strings.Contains(row.Reason.Text, "bot@loud.example") {
			t.Errorf("why: %v", row.Reason)
		}
		l.stop()

		l = start(t, store, narrow)
		defer l.stop()
		synctest.Wait()
		w = l.wires["support@desk.example"]
		must(t, w.deliver(mail("m5", "bot@loud.example", "alarm"))) // the limit is as it was
		synctest.Wait()
		if held, owned := l.heldBack(); held != 4 || owned != 3 {
			t.Fatalf("after a restart %d wait, %d are somebody's", held, owned)
		}
		time.Sleep(62 * time.Second)
		synctest.Wait()
		if held, owned := l.heldBack(); held != 3 || owned != 4 {
			t.Errorf("after a minute %d wait, %d are somebody's", held, owned)
		}
		time.Sleep(4 * time.Minute)
		synctest.Wait()
		if held, owned := l.heldBack(); held != 0 || owned != 7 {
			t.Errorf("in the end %d wait, %d are somebody's", held, owned)
		}
	})
}

// What the owner of a ticket is told of messages beyond the limit comes as one, when the time has come; an agent may end the waiting, and a
// message within the limit ends it, too.
func TestNewsOfAFloodComeTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := start(t, memory.New(), narrow)
		defer l.stop()
		ana := l.agent("ana", 100, true)
		_, w := l.byMail("support@desk.example", to(ana))
		must(t, w.deliver(mail("m0", "carla@shop.example", "hello")))
		synctest.Wait()
		conv := desk.ConversationID(l.tickets(desk.ViewOpen)[0].Conversation)
		replies := func() (n int) {
			for _, kind := range l.told("ana") {
				if kind == desk.NoticeReply+" contact" {
					n++
				}
			}
			return n
		}
		for i := 1; i < 6; i++ {
			must(t, w.deliver(mail(fmt.Sprint("m", i), "carla@shop.example", "and more", "mid:m0")))
		}
		synctest.Wait()
		row := l.ticket(conv)
		if row.Messages != 6 || row.HeldUntilMs == 0 || row.HeldUnrouted || replies() != 1 {
			t.Fatalf("%v; told %d times", row, replies())
		}
		time.Sleep(62 * time.Second)
		synctest.Wait()
		if n := replies(); n != 2 || l.ticket(conv).HeldUntilMs != 0 {
			t.Errorf("told %d times", n)
		}
		must(t, w.deliver(mail("m6", "carla@shop.example", "again", "mid:m0")))
		synctest.Wait()
		cmd := deskpb.NewCommand(&deskpb.ReleaseTicket{})
		cmd.By = &deskpb.Author{Kind: deskpb.Author_KIND_AGENT, Id: "ben", Name: "Ben"}
		if l.ticket(conv).HeldUntilMs == 0 {
			t.Fatal("it is not held")
		}
		l.do(conv.Stream(), cmd)
		synctest.Wait()
		if n := replies(); n != 3 || l.ticket(conv).HeldUntilMs != 0 {
			t.Errorf("ended by hand: told %d times", n)
		}
		must(t, w.deliver(mail("m7", "carla@shop.example", "again", "mid:m0")))
		late := mail("m8", "carla@shop.example", "from before", "mid:m0") // it came long ago, and within its limit
		late.Message.CameAt = time.Now().Add(-2 * time.Hour)
		must(t, w.deliver(late))
		synctest.Wait()
		if row := l.ticket(conv); row.HeldUntilMs != 0 || row.Messages != 9 {
			t.Errorf("a message within the limits: %v", row)
		}
	})
}

// One who writes from many addresses of a domain is one; of a public provider not. What a machine would answer at once, it answers when the
// time has come.
func TestAFloodFromADomain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := startAs(t, memory.New(), narrow, func(k *channels.Kind) {
			k.Acknowledger = func(json.RawMessage) func(channels.Received) *channels.Acknowledgement {
				return func(channels.Received) *channels.Acknowledgement {
					return &channels.Acknowledgement{Subject: "s", Text: "we have it"}
				}
			}
		})
		defer l.stop()
		ana := l.agent("ana", 100, true)
		_, w := l.byMail("support@desk.example", to(ana))
		for i := range 6 {
			must(t, w.deliver(mail(fmt.Sprint("m", i), fmt.Sprintf("p%d@loud.example", i), "hello")))
			must(t, w.deliver(mail(fmt.Sprint("g", i), fmt.Sprintf("p%d@gmail.com", i), "hello")))
		}
		synctest.Wait()
		if held, owned := l.heldBack(); held != 2 || owned != 10 {
			t.Fatalf("%d wait, %d are somebody's", held, owned)
		}
		if n := len(w.outbox()); n != 10 {
			t.Errorf("%d were answered at once", n)
		}
		time.Sleep(3 * time.Minute)
		synctest.Wait()
		if held, owned := l.heldBack(); held != 0 || owned != 12 || len(w.outbox()) != 12 {
			t.Errorf("in the end %d wait, %d are somebody's, %d were answered", held, owned, len(w.outbox()))
		}
	})
}

// A channel's configuration may say other limits, or none: from the moment it does.
func TestAChannelSaysItsLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := startAs(t, memory.New(), narrow, func(k *channels.Kind) {
			k.Paces = func(config json.RawMessage, usual desk.PaceLimits) desk.PaceLimits {
				if strings.Contains(string(config), "calm") {
					usual.Sender = desk.Pace{}
				}
				return usual
			}
		})
		defer l.stop()
		ana := l.agent("ana", 100, true)
		id, w := l.byMail("support@desk.example", to(ana))
		send := func(from, to int) {
			for i := from; i < to; i++ {
				must(t, w.deliver(mail(fmt.Sprint("m", i), "bot@loud.example", "alarm")))
			}
			synctest.Wait()
		}
		send(0, 3)
		if held, owned := l.heldBack(); held != 1 || owned != 2 {
			t.Fatalf("as usual %d wait, %d are somebody's", held, owned)
		}
		must(t, l.sys.ReconfigureChannel(t.Context(), id, desk.NewChannel{Kind: "email", Name: "m", Config: []byte(`"calm@desk.example"`), Routing: to(ana)}, nil))
		synctest.Wait()
		w = l.wires["calm@desk.example"]
		send(3, 6) // the domain's four are not all taken: what its sender sent too much did not count
		if held, owned := l.heldBack(); held != 2 || owned != 4 {
			t.Errorf("without a limit for a sender %d wait, %d are somebody's", held, owned)
		}
	})
}
