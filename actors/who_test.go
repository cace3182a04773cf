package actors_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/centralita/centralita/actors"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence/memory"
	"github.com/centralita/centralita/proto/deskpb"
)

// events are the facts of a conversation.
func (l *life) events(conv string) (all []desk.Event) {
	l.t.Helper()
	for r, err := range l.sys.Records(context.Background(), desk.ConversationID(conv).Stream(), 0) {
		if err != nil {
			l.t.Fatal(err)
		}
		all = append(all, r.Event)
	}
	return all
}

// links are what a conversation says of others, as "cause number-or-id".
func (l *life) links(conv string) (all []string) {
	for _, ev := range l.events(conv) {
		if e := ev.GetConversationLinked(); e != nil {
			all = append(all, e.Cause+" "+e.Conversation)
		}
	}
	return all
}

// why is why the last message of a conversation is in it.
func (l *life) why(conv string) (why string) {
	for _, ev := range l.events(conv) {
		if e := ev.GetMessageReceived(); e != nil {
			why = strings.Join(e.Threading, " ")
		}
	}
	return why
}

func closed(l *life, conv string) {
	l.do(desk.ConversationID(conv).Stream(), deskpb.NewCommand(&deskpb.SetTicketStatus{Status: deskpb.TicketStatus_TICKET_STATUS_CLOSED}))
	synctest.Wait()
}

// mailChannel is a channel of the kind of mailboxes, which know of each other.
func mailChannel(l *life, address string) *wire {
	l.t.Helper()
	_, err := l.sys.ConnectChannel(context.Background(), desk.NewChannel{Kind: "email", Name: address, Config: []byte(strconv.Quote(address))}, nil)
	if err != nil {
		l.t.Fatal(err)
	}
	synctest.Wait()
	return l.wires[address]
}

// TestClosedLongAgo: what comes for a ticket that was closed long ago opens one that follows it, one for all that comes; within the
// time, or when somebody opened it again, it goes to the ticket itself.
func TestClosedLongAgo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := start(t, memory.New(), actors.Tuning{})
		defer l.stop()
		ana := l.agent("ana", 5, true)
		_, w := l.channel("support@desk.example", nil)
		late := func(id, from string, keys ...string) desk.Inbound {
			m := mail(id, from, "again", keys...)
			m.Message.FollowUpAfter = 30 * 24 * time.Hour
			return m
		}
		must(t, w.deliver(late("m1", "carla@shop.example")))
		synctest.Wait()
		old := l.tickets(desk.ViewOpen)[0]
		l.reply(old.Conversation, "r1", "done", ana)
		closed(l, old.Conversation)
		time.Sleep(29 * 24 * time.Hour)
		must(t, w.deliver(late("m2", "carla@shop.example", "mid:r1")))
		if tk := l.ticket(desk.ConversationID(old.Conversation)); tk.Status != deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_US || len(l.tickets(desk.ViewOpen)) != 1 {
			t.Fatalf("after 29 days: %v", tk)
		}
		closed(l, old.Conversation)
		time.Sleep(31 * 24 * time.Hour)
		must(t, w.deliver(late("m3", "carla@shop.example", "mid:r1")))
		must(t, w.deliver(late("m4", "dirk@shop.example", "mid:r1")))
		must(t, w.deliver(late("m3", "carla@shop.example", "mid:r1")))
		synctest.Wait()
		open := l.tickets(desk.ViewOpen)
		if len(open) != 1 || open[0].Messages != 2 || open[0].Conversation == old.Conversation || l.ticket(desk.ConversationID(old.Conversation)).Status != deskpb.TicketStatus_TICKET_STATUS_CLOSED {
			t.Fatalf("after 31 days: %v", open)
		}
		opened := l.events(open[0].Conversation)[0].GetConversationOpened()
		if opened.Follows != old.Conversation || opened.FollowsNumber != old.Number {
			t.Errorf("the new one says it follows %q", opened.Follows)
		}
		if got := l.links(old.Conversation); !slices.Equal(got, []string{"follow_up " + open[0].Conversation}) {
			t.Errorf("the old one says %q", got)
		}
		l.do(desk.ConversationID(old.Conversation).Stream(), deskpb.NewCommand(&deskpb.SetTicketStatus{Status: deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_US}))
		synctest.Wait()
		must(t, w.deliver(late("m5", "carla@shop.example", "mid:r1")))
		if tk := l.ticket(desk.ConversationID(old.Conversation)); tk.Messages != 4 {
			t.Errorf("opened again by hand, it has %d messages", tk.Messages)
		}
	})
}

// TestOneMailInTwoMailboxes: each has its conversation, and they know of each other, whoever was first and however often it comes.
func TestOneMailInTwoMailboxes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := start(t, memory.New(), actors.Tuning{})
		defer l.stop()
		support, sales := mailChannel(l, "support@desk.example"), mailChannel(l, "sales@desk.example")
		done := make(chan error, 2)
		for _, w := range []*wire{support, sales} {
			go func() { done <- w.deliver(mail("m1", "carla@shop.example", "to both")) }()
		}
		must(t, <-done)
		must(t, <-done)
		must(t, support.deliver(mail("m1", "carla@shop.example", "to both")))
		must(t, support.deliver(mail("m2", "carla@shop.example", "to one")))
		synctest.Wait()
		var both []desk.Ticket
		for _, tk := range l.tickets(desk.ViewOpen) {
			if links := l.links(tk.Conversation); len(links) > 0 {
				both = append(both, tk)
			}
		}
		if len(l.tickets(desk.ViewOpen)) != 3 || len(both) != 2 || both[0].Channel == both[1].Channel {
			t.Fatalf("%v", both)
		}
		for i, tk := range both {
			if got := l.links(tk.Conversation); !slices.Equal(got, []string{"same_mail " + both[1-i].Conversation}) {
				t.Errorf("#%d says %q", tk.Number, got)
			}
		}
	})
}

// TestWhosePassedOnMailIs: who may say that a ticket is somebody else's, and whose it is then.
func TestWhosePassedOnMailIs(t *testing.T) {
	for name, tc := range map[string]struct {
		from, original     string
		trusted, colleague bool
		want               string
	}{
		"an agent":                          {"ana@desk.example", "carla@shop.example", true, false, "carla@shop.example"},
		"a colleague without a sign-in":     {"ed@desk.example", "carla@shop.example", true, true, "carla@shop.example"},
		"an agent whom nobody vouches for":  {"ana@desk.example", "carla@shop.example", false, true, "ana@desk.example"},
		"a customer":                        {"eve@evil.example", "carla@shop.example", true, false, "eve@evil.example"},
		"what an agent wrote":               {"ana@desk.example", "ben@desk.example", true, true, "ana@desk.example"},
		"what another mailbox of ours sent": {"ana@desk.example", "sales@desk.example", true, true, "ana@desk.example"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := start(t, memory.New(), actors.Tuning{})
				defer l.stop()
				ana := l.agent("ana", 5, true)
				l.agent("ben", 5, true)
				w := mailChannel(l, "support@desk.example")
				mailChannel(l, "sales@desk.example")
				m := mail("m1", tc.from, "see below")
				m.Message.Forward = &desk.Forward{From: &deskpb.Address{Name: "The One", Address: tc.original}, Comment: "a good customer", Trusted: tc.trusted, Colleague: tc.colleague}
				must(t, w.deliver(m))
				must(t, w.deliver(m))
				synctest.Wait()
				tk := l.tickets(desk.ViewOpen)[0]
				contact, err := l.store.Index().ContactByIdentity(&deskpb.Identity{Kind: deskpb.IdentityKind_IDENTITY_KIND_EMAIL, Value: tc.want})
				if err != nil || string(contact) != tk.Contact || contact == "" {
					t.Fatalf("the ticket is of %q (%s), %v", tk.ContactName, tk.Contact, err)
				}
				passed := tc.want == tc.original
				if followed := slices.Contains(tk.Followers, string(ana)); followed != (passed && tc.from == "ana@desk.example") {
					t.Errorf("followers %v", tk.Followers)
				}
				var note, to string
				for _, ev := range l.events(tk.Conversation) {
					if e := ev.GetNoteAdded(); e != nil {
						note += e.Body.Text
					}
					if e := ev.GetMessageReceived(); e != nil && e.ForwardedFrom.GetAddress() != tc.original {
						t.Errorf("it does not say whom it was from: %v", e.ForwardedFrom)
					}
				}
				if (note == "a good customer") != passed {
					t.Errorf("note %q", note)
				}
				l.reply(tk.Conversation, "r1", "hello", ana)
				synctest.Wait()
				if out := w.outbox(); len(out) == 1 && len(out[0].To) == 1 {
					to = out[0].To[0].Address
				}
				if to != tc.want {
					t.Errorf("the reply goes to %q", to)
				}
			})
		})
	}
}

// TestBySubject: the narrow cases in which a subject says which ticket is meant.
func TestBySubject(t *testing.T) {
	for name, tc := range map[string]struct {
		from, subject string
		off, machine  bool
		wait          time.Duration
		twice         bool
		want          string // why it joined; "" it did not
	}{
		"an answer about the same":        {from: "carla@shop.example", subject: "AW: My lamp is broken", want: "subject"},
		"the same, but no answer":         {from: "carla@shop.example", subject: "My lamp is broken"},
		"of somebody else":                {from: "zoe@home.example", subject: "Re: My lamp is broken"},
		"a colleague":                     {from: "dirk@shop.example", subject: "Re: My lamp is broken"},
		"a week later":                    {from: "carla@shop.example", subject: "Re: My lamp is broken", wait: 8 * 24 * time.Hour},
		"one of two of them":              {from: "carla@shop.example", subject: "Re: My lamp is broken", twice: true},
		"switched off, or a machine's":    {from: "carla@shop.example", subject: "Re: My lamp is broken", off: true},
		"with the number":                 {from: "carla@shop.example", subject: "Whatever [#1]", want: "subject_number"},
		"with the number, a stranger":     {from: "eve@evil.example", subject: "Re: [#1] My lamp is broken"},
		"with the number, a colleague":    {from: "dirk@shop.example", subject: "Re: [#1] My lamp is broken"},
		"with a number that is not there": {from: "eve@evil.example", subject: "Re: [#77] My lamp is broken"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := start(t, memory.New(), actors.Tuning{})
				defer l.stop()
				w := mailChannel(l, "support@desk.example")
				say := func(id, from, subject string, off bool) {
					m := mail(id, from, "text")
					m.Message.Subject, m.Message.BySubject = subject, !off
					must(t, w.deliver(m))
					synctest.Wait()
				}
				say("m1", "carla@shop.example", "My lamp is broken", false)
				first := l.tickets(desk.ViewOpen)[0]
				if tc.twice {
					say("m0", "carla@shop.example", "My lamp is broken", false)
				}
				time.Sleep(tc.wait)
				before := len(l.tickets(desk.ViewOpen))
				say("m2", tc.from, tc.subject, tc.off)
				joined := len(l.tickets(desk.ViewOpen)) == before
				if joined != (tc.want != "") || joined && l.why(first.Conversation) != tc.want {
					t.Errorf("joined %v: %q", joined, l.why(first.Conversation))
				}
			})
		})
	}
}

// TestWhyIsRecorded: the first key that is known decides; whatever else says the same is noted.
func TestWhyIsRecorded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := start(t, memory.New(), actors.Tuning{})
		defer l.stop()
		_, w := l.channel("support@desk.example", nil)
		must(t, w.deliver(mail("a", "carla@shop.example", "one")))
		must(t, w.deliver(mail("b", "carla@shop.example", "two")))
		m := mail("c", "carla@shop.example", "three", "mid:none", "mid:a", "mid:b", "mid:a2")
		m.Message.KeyReasons = []string{"token", "own_id", "answers", "references", "sibling"}
		must(t, w.deliver(m))
		must(t, w.deliver(mail("a2", "carla@shop.example", "four", "mid:a")))
		synctest.Wait()
		for _, tk := range l.tickets(desk.ViewOpen) {
			if tk.Messages == 3 {
				var said []string
				for _, ev := range l.events(tk.Conversation) {
					if e := ev.GetMessageReceived(); e != nil {
						said = append(said, fmt.Sprint(e.Threading))
					}
				}
				if got := strings.Join(said, " "); got != "[] [own_id] []" {
					t.Errorf("said %s", got)
				}
				return
			}
		}
		t.Error("it did not join the first")
	})
}
