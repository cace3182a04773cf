package actors_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/actors"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence/memory"
	"github.com/centralita/centralita/proto/deskpb"
)

// Tickets whose owner is not there for them.

func requeueAfter(d time.Duration) *deskpb.OwnerPolicy {
	return &deskpb.OwnerPolicy{Away: deskpb.OwnerAway_OWNER_AWAY_REQUEUE, AfterSeconds: int64(d / time.Second)}
}

func handOver() *deskpb.OwnerPolicy {
	return &deskpb.OwnerPolicy{Away: deskpb.OwnerAway_OWNER_AWAY_HAND_OVER}
}

func owners(p *deskpb.OwnerPolicy, agents ...desk.AgentID) *deskpb.RoutingRule {
	rule := to(agents...)
	rule.Owners = p
	return rule
}

// held is one ticket of an agent, in a channel with a policy; others come into the rule when the agent has it.
type held struct {
	*life
	conv  desk.ConversationID
	wire  *wire
	ana   desk.AgentID
	ben   desk.AgentID
	store *memory.Store
}

func (l *life) ownedBy(store *memory.Store, p *deskpb.OwnerPolicy) *held {
	l.t.Helper()
	o := &held{life: l, ana: l.agent("ana", 5, true), store: store}
	o.ben = l.agent("ben", 5, false)
	_, o.wire = l.channel("support@desk.example", owners(p, o.ana, o.ben))
	o.wire.address = "support@desk.example"
	must(l.t, o.wire.deliver(mail("m1", "carla@shop.example", "help")))
	synctest.Wait()
	o.conv = desk.ConversationID(l.tickets(desk.ViewOpen)[0].Conversation)
	o.has(o.ana)
	l.available(o.ben, true)
	synctest.Wait()
	return o
}

// pass lets fake time go by.
func (o *held) pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func (o *held) has(who desk.AgentID) {
	o.t.Helper()
	synctest.Wait()
	if t := o.ticket(o.conv); t.Owner != string(who) {
		o.t.Fatalf("%q has it, not %q: %v", t.Owner, who, t.Reason)
	}
}

// taken are the reasons for which it was taken from somebody, in their order.
func (o *held) taken() (why []string) {
	o.t.Helper()
	for r, err := range o.store.Load(context.Background(), o.conv.Stream(), 0) {
		must(o.t, err)
		if e := r.Event.GetConversationUnassigned(); e != nil {
			why = append(why, e.Reason.GetCode()+" "+e.Agent)
		}
	}
	return why
}

func (o *held) tell(m proto.Message) {
	o.t.Helper()
	o.do(o.conv.Stream(), deskpb.NewCommand(m))
}

func (o *held) by(who desk.AgentID, m proto.Message) {
	o.t.Helper()
	cmd := deskpb.NewCommand(m)
	cmd.By = &deskpb.Author{Kind: deskpb.Author_KIND_AGENT, Id: string(who), Name: string(who)}
	_, err := o.sys.Do(context.Background(), o.conv.Stream(), cmd)
	must(o.t, err)
}

func (o *held) wasTaken(why ...string) {
	o.t.Helper()
	got := o.taken()
	if len(got) != len(why) {
		o.t.Fatalf("taken back %q, want %q", got, why)
	}
	for i := range why {
		if got[i] != why[i] {
			o.t.Fatalf("taken back %q, want %q", got, why)
		}
	}
}

// away plays a life with one ticket of ana's, and stops it.
func away(t *testing.T, p *deskpb.OwnerPolicy, f func(o *held)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		store := memory.New()
		l := start(t, store, actors.Tuning{})
		o := l.ownedBy(store, p)
		func() {
			defer o.stop()
			f(o)
		}()
		due, err := store.Index().Due(time.Now().UnixMilli(), 0)
		if must(t, err); len(due) > 0 {
			t.Errorf("left to be done: %v", due)
		}
	})
}

func TestATicketStaysWithWhoIsAwayUnlessItsChannelSaysOtherwise(t *testing.T) {
	away(t, nil, func(o *held) {
		o.available(o.ana, false)
		o.pass(100 * time.Hour)
		o.has(o.ana)
	})
}

func TestATicketGoesBackAfterATimeAway(t *testing.T) {
	away(t, requeueAfter(30*time.Minute), func(o *held) {
		o.available(o.ana, false)
		o.pass(29 * time.Minute)
		o.has(o.ana)
		o.pass(2 * time.Minute)
		o.has(o.ben)
		o.wasTaken("taken_back_away ana")
		if load := o.row(o.ana).Load; load != 0 {
			t.Errorf("ana holds %d places", load)
		}
		o.available(o.ben, false)
		o.pass(31 * time.Minute)
		o.has("")
		if tk := o.ticket(o.conv); !tk.InLine {
			t.Errorf("it stands in no line: %v", tk)
		}
	})
}

// A restart in the middle of an absence forgets nothing, also not what became due meanwhile.
func TestARestartForgetsNoAbsence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory.New()
		l := start(t, store, actors.Tuning{})
		o := l.ownedBy(store, requeueAfter(30*time.Minute))
		l.available(o.ana, false)
		o.pass(10 * time.Minute)
		synctest.Wait()
		due, err := store.Index().Due(time.Now().Add(time.Hour).UnixMilli(), 0)
		if must(t, err); len(due) != 1 || due[0].Name != "absence" || due[0].Stream != o.ana.Stream() {
			t.Fatalf("due: %v", due)
		}
		l.stop()
		o.life = start(t, store, actors.Tuning{}, o.wire)
		o.pass(19 * time.Minute)
		o.has(o.ana)
		o.pass(2 * time.Minute)
		o.has(o.ben)
		o.available(o.ben, false)
		o.available(o.ana, true)
		o.pass(time.Minute)
		o.stop()
		o.pass(24 * time.Hour)
		o.life = start(t, store, actors.Tuning{}, o.wire)
		o.has(o.ana)
		o.wasTaken("taken_back_away ana", "taken_back_away ben")
		o.stop()
	})
}

// Who comes and goes within the time keeps what is theirs; each going counts from itself. Another reason for being away is no coming back.
func TestWhoComesBackInTimeKeepsIt(t *testing.T) {
	away(t, requeueAfter(30*time.Minute), func(o *held) {
		for range 5 {
			o.available(o.ana, false)
			o.pass(29 * time.Minute)
			o.available(o.ana, true)
			o.pass(time.Minute)
		}
		o.has(o.ana)
		o.available(o.ana, false)
		o.pass(20 * time.Minute)
		o.do(o.ana.Stream(), deskpb.NewCommand(&deskpb.SetAvailability{Reason: "training"}))
		o.pass(11 * time.Minute)
		o.has(o.ben)
	})
}

func TestOnlyWhatWaitsForUsGoesBack(t *testing.T) {
	away(t, requeueAfter(30*time.Minute), func(o *held) {
		o.tell(&deskpb.SetTicketStatus{Status: deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_CONTACT})
		o.available(o.ana, false)
		o.pass(3 * time.Hour)
		o.has(o.ana)
		must(o.t, o.wire.deliver(mail("m2", "carla@shop.example", "help", "mid:m1"))) // it waits for us again, and she is away long enough
		o.has(o.ben)
	})
	away(t, requeueAfter(30*time.Minute), func(o *held) {
		o.tell(&deskpb.SnoozeTicket{UntilMs: time.Now().Add(2 * time.Hour).UnixMilli()})
		o.available(o.ana, false)
		o.pass(119 * time.Minute)
		o.has(o.ana)
		o.pass(2 * time.Minute)
		o.has(o.ben)
	})
}

// Who works on it while away is there for it.
func TestWhoWorksOnItWhileAwayKeepsIt(t *testing.T) {
	away(t, requeueAfter(30*time.Minute), func(o *held) {
		o.available(o.ana, false)
		o.pass(20 * time.Minute)
		o.by(o.ana, &deskpb.AddNote{Message: "n1", Body: &deskpb.Body{Text: "I look into it"}})
		o.pass(20 * time.Minute)
		o.has(o.ana)
		o.pass(11 * time.Minute)
		o.has(o.ben)
	})
}

// Given by hand to somebody who is away, it stays: whoever gave it knew. When they have been there and go, it is as any other.
func TestWhatIsGivenToWhoIsAwayStays(t *testing.T) {
	away(t, requeueAfter(30*time.Minute), func(o *held) {
		o.available(o.ana, false)
		o.pass(time.Minute)
		o.tell(&deskpb.AssignConversation{Agent: "ana", AgentName: "ana"})
		o.by("ben", &deskpb.UnassignConversation{})
		o.has(o.ben)
		o.by("ben", &deskpb.AssignConversation{Agent: "ana", AgentName: "ana"})
		o.pass(9 * time.Hour)
		o.has(o.ana)
		o.available(o.ana, true)
		o.available(o.ana, false)
		o.pass(31 * time.Minute)
		o.has(o.ben)
	})
}

// At the end of hours it is handed over, after a moment of grace; for a break it is not.
func TestATicketIsHandedOverAtTheEndOfHours(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory.New()
		l := start(t, store, actors.Tuning{})
		sleepUntil(t, "Europe/Madrid", "2000-01-01 10:00:00")
		o := l.ownedBy(store, handOver())
		l.office(o.ana, "Europe/Madrid")
		o.available(o.ana, false)
		sleepUntil(t, "Europe/Madrid", "2000-01-01 16:59:59")
		o.has(o.ana)
		sleepUntil(t, "Europe/Madrid", "2000-01-01 17:00:30")
		o.has(o.ana)
		sleepUntil(t, "Europe/Madrid", "2000-01-01 17:01:01")
		o.has(o.ben)
		o.wasTaken("taken_back_off ana")
		o.stop()
	})
}

func TestATicketIsHandedOverWhenAnAbsenceBegins(t *testing.T) {
	away(t, handOver(), func(o *held) {
		o.do(o.ana.Stream(), deskpb.NewCommand(&deskpb.SetOutOfOffice{FromMs: time.Now().Add(time.Hour).UnixMilli(), ToMs: time.Now().Add(100 * time.Hour).UnixMilli()}))
		o.pass(59 * time.Minute)
		o.has(o.ana)
		o.pass(3 * time.Minute)
		o.has(o.ben)
	})
}

// A policy that is set, or changed, counts for those who are away already.
func TestAPolicyCountsAtOnce(t *testing.T) {
	away(t, nil, func(o *held) {
		o.available(o.ana, false)
		o.pass(time.Hour)
		ch, err := o.store.Index().Channels()
		must(o.t, err)
		must(o.t, o.sys.ReconfigureChannel(context.Background(), desk.ChannelID(ch[0].Channel), desk.NewChannel{
			Kind: "wire", Name: "c", Config: []byte(`"support@desk.example"`), Routing: owners(requeueAfter(2*time.Hour), o.ana, o.ben),
		}, nil))
		o.pass(59 * time.Minute)
		o.has(o.ana)
		o.pass(2 * time.Minute)
		o.has(o.ben)
	})
}

// Nothing can stay with an account that is deactivated, whatever the channel says, and nothing with who loses the seat.
func TestTicketsOfWhoIsGoneForGoodGoBack(t *testing.T) {
	for name, m := range map[string]*deskpb.AgentChanged{
		"deactivated": {Name: "ana", Role: deskpb.Role_ROLE_AGENT, Seat: true, Capacity: 5, Deactivated: true},
		"no_seat":     {Name: "ana", Role: deskpb.Role_ROLE_AGENT, Capacity: 5},
	} {
		t.Run(name, func(t *testing.T) {
			away(t, nil, func(o *held) {
				o.tell(&deskpb.SetTicketStatus{Status: deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_CONTACT})
				o.do(o.ana.Stream(), deskpb.NewCommand(&deskpb.ChangeAgent{Agent: m}))
				o.has(o.ben)
				o.wasTaken("taken_back_" + name + " ana")
			})
		})
	}
}

// What sleeps or is closed when its owner is deactivated goes on when it comes again.
func TestWhatComesAgainFindsNobodyWhoIsGone(t *testing.T) {
	away(t, nil, func(o *held) {
		o.tell(&deskpb.SetTicketStatus{Status: deskpb.TicketStatus_TICKET_STATUS_CLOSED})
		o.do(o.ana.Stream(), deskpb.NewCommand(&deskpb.ChangeAgent{Agent: &deskpb.AgentChanged{Name: "ana", Role: deskpb.Role_ROLE_AGENT, Seat: true, Deactivated: true}}))
		o.has(o.ana)
		must(o.t, o.wire.deliver(mail("m2", "carla@shop.example", "again", "mid:m1")))
		o.has(o.ben)
	})
}

// Scenario 15: a closed ticket is opened again by its contact, and follows the policy.
func TestAReopenedTicketFollowsItsPolicy(t *testing.T) {
	keep, ifAvailable, requeue := deskpb.OwnerReopened_OWNER_REOPENED_KEEP, deskpb.OwnerReopened_OWNER_REOPENED_IF_AVAILABLE, deskpb.OwnerReopened_OWNER_REOPENED_REQUEUE
	for _, c := range []struct {
		name     string
		reopened deskpb.OwnerReopened
		there    bool
		who      desk.AgentID
	}{
		{"kept by who is away", keep, false, "ana"},
		{"kept by who is there", ifAvailable, true, "ana"},
		{"not kept by who is away", ifAvailable, false, "ben"},
		{"always to the next", requeue, true, "ben"},
	} {
		t.Run(c.name, func(t *testing.T) {
			away(t, &deskpb.OwnerPolicy{Reopened: c.reopened}, func(o *held) {
				o.tell(&deskpb.SetTicketStatus{Status: deskpb.TicketStatus_TICKET_STATUS_CLOSED})
				for range 3 { // ana has more to do, so that ben is next
					must(o.t, o.wire.deliver(mail("x"+time.Now().Format("150405"), "dirk@shop.example", "other")))
					o.pass(time.Second)
				}
				for _, tk := range o.tickets(desk.ViewOpen) {
					o.do(desk.ConversationID(tk.Conversation).Stream(), deskpb.NewCommand(&deskpb.AssignConversation{Agent: "ana", AgentName: "ana"}))
				}
				synctest.Wait()
				o.available(o.ana, c.there)
				must(o.t, o.wire.deliver(mail("m2", "carla@shop.example", "again", "mid:m1")))
				o.has(c.who)
				o.available(o.ana, !c.there)
				o.pass(time.Hour)
				o.has(c.who)
			})
		})
	}
}
