package actors_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/centralita/centralita/actors"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence/memory"
	"github.com/centralita/centralita/proto/deskpb"
)

// What is given by rule and not taken goes to the next.

func offers(d time.Duration, most int32) *deskpb.OwnerPolicy {
	return &deskpb.OwnerPolicy{OfferSeconds: int64(d / time.Second), MostMissed: most}
}

func TestAnOfferThatIsNotTakenGoesToTheNext(t *testing.T) {
	away(t, offers(time.Minute, 0), func(o *held) {
		o.pass(59 * time.Second)
		o.has(o.ana)
		o.pass(2 * time.Second)
		o.has(o.ben)
		o.wasTaken("not_taken ana")
		o.pass(time.Minute)
		o.has(o.ana) // all others had it: a new round, with twice the time
		o.pass(117 * time.Second)
		o.has(o.ana)
		o.pass(3 * time.Second)
		o.has(o.ben)
		o.by(o.ben, &deskpb.ChangeTicketTags{Add: []string{"x"}})
		o.pass(100 * time.Hour)
		o.has(o.ben)
		o.wasTaken("not_taken ana", "not_taken ben", "not_taken ana")
	})
}

// Any sign of the owner takes it; one of somebody else does not.
func TestASignTakesAnOffer(t *testing.T) {
	for name, sign := range map[string]func(o *held){
		"opens it":      func(o *held) { o.sys.Presence(desk.PresenceSign{Conversation: o.conv, Who: "ana", Name: "ana"}) },
		"writes a note": func(o *held) { o.by(o.ana, &deskpb.AddNote{Message: "n1", Body: &deskpb.Body{Text: "hm"}}) },
		"answers":       func(o *held) { o.reply(string(o.conv), "r1", "hello", o.ana) },
		"changes it":    func(o *held) { o.by(o.ana, &deskpb.SetTicketPriority{Priority: deskpb.Priority_PRIORITY_HIGH}) },
		"does it together": func(o *held) {
			o.by(o.ana, &deskpb.Together{Commands: []*deskpb.Command{deskpb.NewCommand(&deskpb.ChangeTicketTags{Add: []string{"x"}})}})
		},
		"takes it by hand": func(o *held) {
			o.by(o.ana, &deskpb.UnassignConversation{})
			o.pass(0)
			o.by(o.ana, &deskpb.AssignConversation{Agent: "ana", AgentName: "ana"})
		},
	} {
		t.Run(name, func(t *testing.T) {
			away(t, offers(time.Minute, 0), func(o *held) {
				o.pass(30 * time.Second)
				o.by(o.ben, &deskpb.ChangeTicketTags{Add: []string{"y"}})
				sign(o)
				o.pass(2 * time.Hour)
				o.has(o.ana)
			})
		})
	}
}

func TestWhatNeedsNobodyIsNotTakenAway(t *testing.T) {
	for name, m := range map[string]*deskpb.Command{
		"closed":  deskpb.NewCommand(&deskpb.SetTicketStatus{Status: deskpb.TicketStatus_TICKET_STATUS_CLOSED}),
		"waits":   deskpb.NewCommand(&deskpb.SetTicketStatus{Status: deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_CONTACT}),
		"snoozed": deskpb.NewCommand(&deskpb.SnoozeTicket{UntilMs: time.Now().Add(1000 * time.Hour).UnixMilli()}),
		"spam":    deskpb.NewCommand(&deskpb.MarkSpam{}),
	} {
		t.Run(name, func(t *testing.T) {
			away(t, offers(time.Minute, 0), func(o *held) {
				if m.GetSnoozeTicket() != nil {
					m.GetSnoozeTicket().UntilMs = time.Now().Add(time.Hour).UnixMilli()
				}
				o.do(o.conv.Stream(), m)
				o.pass(10 * time.Minute)
				o.has(o.ana)
				o.wasTaken()
			})
		})
	}
}

// Who takes none of so many in a row is not there, and is made away; one that is taken in between counts from the beginning.
func TestWhoTakesNoOfferIsMadeAway(t *testing.T) {
	away(t, offers(time.Minute, 2), func(o *held) {
		o.do(o.ben.Stream(), deskpb.NewCommand(&deskpb.SetAvailability{}))
		o.pass(61 * time.Second) // missed once
		if row := o.row(o.ana); !row.Available || row.GetAbsence().GetMissed() != 1 {
			o.t.Fatalf("after one: %v", row)
		}
		o.sys.Presence(desk.PresenceSign{Conversation: o.conv, Who: "ana", Name: "ana"})
		o.pass(time.Second)
		if row := o.row(o.ana); row.GetAbsence().GetMissed() != 0 {
			o.t.Fatalf("she took it: %v", row)
		}
		must(o.t, o.wire.deliver(mail("m2", "dirk@shop.example", "help")))
		o.pass(10 * time.Minute)
		row := o.row(o.ana)
		if row.Available || row.AvailabilityCause != "not_taken" {
			o.t.Errorf("after two: %v", row)
		}
		o.has(o.ana) // the one she took
		if left := o.tickets(desk.ViewUnassigned); len(left) != 1 {
			o.t.Errorf("%d wait for somebody", len(left))
		}
		o.available(o.ana, true)
		o.pass(time.Second)
		if row := o.row(o.ana); row.GetAbsence().GetMissed() != 0 || row.Load != 2 {
			o.t.Errorf("back: %v", row)
		}
	})
}

// A restart knows which offers are open. Nobody could take them while the desk was down: they have a moment after it.
func TestARestartKnowsItsOffers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory.New()
		l := start(t, store, actors.Tuning{})
		o := l.ownedBy(store, offers(time.Minute, 0))
		o.stop()
		time.Sleep(time.Hour) // fake time
		o.life = start(t, store, actors.Tuning{}, o.wire)
		o.pass(10 * time.Second)
		o.has(o.ana)
		o.pass(time.Minute)
		o.has(o.ben)
		o.stop()
	})
}

// Who waits does not wait anew because somebody did not take it.
func TestAnOfferThatIsNotTakenKeepsItsAge(t *testing.T) {
	away(t, offers(time.Minute, 0), func(o *held) {
		opened := o.ticket(o.conv).OpenedAtMs
		o.do(o.ben.Stream(), deskpb.NewCommand(&deskpb.SetAvailability{}))
		o.pass(30 * time.Second)
		o.available(o.ana, false)
		o.has("")
		must(o.t, o.wire.deliver(mail("m2", "dirk@shop.example", "help")))
		o.pass(time.Second)
		if tk := o.ticket(o.conv); !tk.InLine || tk.InLineSinceMs != opened {
			o.t.Errorf("in line since %d, opened at %d: %v", tk.InLineSinceMs, opened, tk)
		}
		var line []string
		for tk, err := range o.store.Index().Line() {
			must(o.t, err)
			line = append(line, tk.Conversation)
		}
		if len(line) != 2 || line[0] != string(o.conv) {
			o.t.Errorf("%s is not the first of %v", o.conv, line)
		}
		o.available(o.ben, true)
		o.has(o.ben)
		o.by(o.ben, &deskpb.UnassignConversation{}) // by hand: it is as new
		o.available(o.ben, false)
		o.has("")
	})
}

// An offer to somebody who goes away, or cannot be reached in a chat any more, is not waited for.
func TestAnOfferEndsWhenItsAgentGoes(t *testing.T) {
	away(t, offers(time.Minute, 0), func(o *held) {
		o.pass(10 * time.Second)
		o.available(o.ana, false)
		o.has(o.ben)
		o.wasTaken("not_taken ana")
		o.by(o.ben, &deskpb.AddNote{Message: "n1", Body: &deskpb.Body{Text: "mine"}})
		o.available(o.ben, false)
		o.pass(time.Hour)
		o.has(o.ben) // taken: it is no offer
	})
	synctest.Test(t, func(t *testing.T) {
		l := start(t, memory.New(), actors.Tuning{})
		defer l.stop()
		ana, ben := l.agent("ana", 0, true), l.agent("ben", 0, true)
		l.sys.SocketOpened(ana)
		_, chat := l.channelOf("chat", "chat@desk.example", owners(offers(10*time.Minute, 0), ana, ben))
		_, post := l.channel("mail@desk.example", owners(offers(10*time.Minute, 0), ana))
		must(t, chat.deliver(mail("m1", "c1@shop.example", "hello?")))
		must(t, post.deliver(mail("m2", "c2@shop.example", "help")))
		synctest.Wait()
		l.sys.SocketOpened(ben)
		l.sys.SocketClosed(ana)
		time.Sleep(2 * time.Minute) // more than a reload takes
		synctest.Wait()
		for _, tk := range l.tickets(desk.ViewOpen) {
			if want := map[bool]string{true: "ben", false: "ana"}[desk.Live(tk.ChannelKind)]; tk.Owner != want {
				t.Errorf("%s is %q's, not %q's: %v", tk.Subject, tk.Owner, want, tk.Reason)
			}
		}
	})
}

// Several that are open at once are missed by one absence: it counts once, and the next one counts again.
func TestSeveralMissedAtOnceCountOnce(t *testing.T) {
	away(t, offers(time.Minute, 2), func(o *held) {
		o.do(o.ben.Stream(), deskpb.NewCommand(&deskpb.SetAvailability{}))
		o.pass(0)
		for i, id := range []string{"m2", "m3"} {
			o.pass(10 * time.Second)
			must(o.t, o.wire.deliver(mail(id, []string{"dirk", "elsa"}[i]+"@shop.example", "help")))
		}
		o.pass(50 * time.Second) // all three were missed by now: they were given after 0, 10 and 20 seconds
		o.pass(20 * time.Second)
		if row := o.row(o.ana); !row.Available || row.GetAbsence().GetMissed() != 1 {
			o.t.Fatalf("one absence, three tickets: %v", row)
		}
		for _, tk := range o.tickets(desk.ViewOpen) {
			if tk.Owner != "ana" || desk.Passes(tk) != 1 || desk.OfferedUntil(tk) == 0 {
				o.t.Errorf("offered again to the only one there: %v", tk)
			}
		}
		o.pass(2 * time.Minute) // each of them again, with twice the time
		if row := o.row(o.ana); row.Available || row.AvailabilityCause != desk.AwayNotTaken {
			o.t.Errorf("the second absence: %v", row)
		}
		for _, tk := range o.tickets(desk.ViewOpen) {
			if tk.Owner != "" || desk.Passes(tk) != 2 || desk.OfferedUntil(tk) != 0 {
				o.t.Errorf("it is nobody's and went round twice: %v", tk)
			}
		}
		o.available(o.ben, true)
		o.has(o.ben)
		o.by(o.ben, &deskpb.AssignConversation{Agent: "ben", AgentName: "ben"}) // as a press takes it
		o.pass(0)
		if tk := o.ticket(o.conv); desk.Passes(tk) != 0 || desk.OfferedUntil(tk) != 0 {
			o.t.Errorf("taken: %v", tk)
		}
		o.pass(time.Hour)
		o.has(o.ben)
	})
}
