package actors_test

import (
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/actors"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
	"github.com/centralita/centralita/persistence/memory"
	"github.com/centralita/centralita/proto/deskpb"
)

// owned makes ana the owner of carla, whom the desk knows by her address and by her cookie of the chat, and lets the channel
// give tickets to the owner, else to the main members of the team of ben.
func owned(l *life) (rule *deskpb.RoutingRule) {
	l.t.Helper()
	ana, ben := l.agent("ana", 5, true), l.agent("ben", 50, true)
	team := desk.TeamID("t1")
	l.do(team.Stream(), deskpb.NewCommand(&deskpb.AddTeam{Team: &deskpb.TeamAdded{Name: "Sales", Members: []*deskpb.TeamMember{{Agent: string(ben), Main: true}}}}))
	for _, id := range []*deskpb.Identity{
		{Kind: deskpb.IdentityKind_IDENTITY_KIND_EMAIL, Value: "carla@shop.example"}, {Kind: deskpb.IdentityKind_IDENTITY_KIND_VISITOR, Value: "chat/cookie-of-carla"},
	} {
		carla := desk.ContactIDFor(int32(id.Kind), id.Value)
		l.do(carla.Stream(), deskpb.NewCommand(&deskpb.EnsureContact{Identity: id, Name: "Carla"}))
		l.do(carla.Stream(), deskpb.NewCommand(&deskpb.SetContactOwner{Agent: string(ana)}))
	}
	synctest.Wait()
	return &deskpb.RoutingRule{Mode: deskpb.RoutingMode_ROUTING_MODE_CONTACT_OWNER, Teams: []string{string(team)}}
}

// visit is what a visitor of the chat writes: known by the cookie, whatever address is typed.
func visit(id, cookie, typed string) desk.Inbound {
	return desk.Inbound{ExternalID: id, Message: &desk.InboundMessage{
		Identity: &deskpb.Identity{Kind: deskpb.IdentityKind_IDENTITY_KIND_VISITOR, Value: "chat/" + cookie}, Recognised: true, Thread: cookie + id,
		From: &deskpb.Address{Address: typed}, Body: &deskpb.Body{Text: "where is my parcel?"},
	}}
}

// letters are the mails to agents among what a wire sent.
func letters(w *wire) (all []desk.Outbound) {
	for _, out := range w.outbox() {
		if out.Internal {
			all = append(all, out)
		}
	}
	return all
}

// latest is the ticket that came last.
func (l *life) latest() (t desk.Ticket) {
	l.t.Helper()
	synctest.Wait()
	for _, one := range l.tickets(desk.ViewOpen) {
		if t == nil || one.Number > t.Number {
			t = one
		}
	}
	return t
}

// copyOf is what another life finds of a store whose process was killed now.
func copyOf(t *testing.T, store persistence.Store) persistence.Store {
	t.Helper()
	to := memory.New()
	for r, err := range store.Tail(t.Context(), 0) {
		must(t, err)
		done := make(chan error, 1)
		to.Append(persistence.Entry{Stream: desk.StreamID(r.Stream), Expect: r.Version - 1, Records: []desk.Record{proto.CloneOf(r)}}, func(_ desk.Position, err error) { done <- err })
		must(t, <-done)
		if to.Head() == store.Head() {
			break
		}
	}
	return to
}

// A mail that is found not to be the contact's does not reach the contact's owner; one that proves nothing does, as all mail of most
// servers.
func TestAForgedMailDoesNotReachTheOwner(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := start(t, memory.New(), actors.Tuning{})
		defer l.stop()
		_, w := l.channel("support@desk.example", owned(l))
		for id, c := range map[string]struct {
			verdict deskpb.SenderVerdict
			owner   string
		}{
			"m1": {deskpb.SenderVerdict_SENDER_VERDICT_FAILED, "ben"}, "m2": {deskpb.SenderVerdict_SENDER_VERDICT_UNKNOWN, "ana"},
			"m3": {deskpb.SenderVerdict_SENDER_VERDICT_VERIFIED, "ana"},
		} {
			m := mail(id, "carla@shop.example", "help")
			m.Message.Sender = &deskpb.SenderCheck{Verdict: c.verdict}
			must(t, w.deliver(m))
			if got := l.latest(); got.Owner != c.owner {
				t.Errorf("%v: %s got it: %v", c.verdict, got.Owner, got.Reason)
			}
		}
	})
}

// The mail is told once, however often the desk is killed: an attempt that was announced is not made again, one that was not is made.
func TestTheOwnersMailIsNeverDoubled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory.New()
		l := start(t, store, actors.Tuning{})
		rule := owned(l)
		rule.Teams = nil // nobody else: the ticket stays in line, and every life looks at it again
		l.available("ana", false)
		_, w := l.channel("chat@desk.example", rule)
		mailbox := mailChannel(l, "support@desk.example")
		hang := make(chan struct{})
		mailbox.mu.Lock()
		mailbox.onSend = func(desk.Outbound) (string, error) { <-hang; return "", nil }
		mailbox.mu.Unlock()
		must(t, w.deliver(visit("a", "cookie-of-carla", "")))
		if got := l.latest(); got.Owner != "" || got.Reason.Code != "owner_offline" || !got.InLine {
			t.Fatalf("%v", got)
		}
		conv := l.latest().Conversation
		before := copyOf(t, store) // killed while the attempt is under way
		close(hang)
		l.stop()
		for range 2 {
			next := start(t, before, actors.Tuning{})
			synctest.Wait()
			time.Sleep(time.Hour)
			synctest.Wait()
			if n := len(next.wires["support@desk.example"].outbox()); n != 0 {
				t.Errorf("%d attempts after the kill", n)
			}
			told := 0
			for _, ev := range next.events(conv) {
				if ev.GetOwnerTold() != nil {
					told++
				}
			}
			if told != 1 {
				t.Errorf("told %d times", told)
			}
			next.stop()
		}
	})
}

// Who wants none gets none and is told in the list; so is who has no mailbox to be mailed from, or whose address would come back.
func TestNoMailIsANotification(t *testing.T) {
	for name, c := range map[string]struct {
		prepare  func(*life)
		withheld string
		machine  string
	}{
		"off": {func(l *life) {
			mailChannel(l, "support@desk.example")
			l.do(desk.AgentID("ana").Stream(), deskpb.NewCommand(&deskpb.SetAgentPreferences{Preferences: &deskpb.AgentPreferences{NoOwnerMail: true}}))
		}, desk.WithheldSwitchedOff, ""},
		"no mailbox":  {func(*life) {}, desk.WithheldNoChannel, ""},
		"own address": {func(*life) {}, desk.WithheldOwnAddress, ""},
		"a machine":   {func(l *life) { mailChannel(l, "support@desk.example") }, "", desk.AutomaticReply},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := start(t, memory.New(), actors.Tuning{})
				defer l.stop()
				if c.withheld == desk.WithheldOwnAddress { // it was the mailbox's before she signed in with it
					mailChannel(l, "ana@desk.example")
				}
				_, w := l.channel("chat@desk.example", owned(l))
				c.prepare(l)
				l.available("ana", false)
				m := visit("a", "cookie-of-carla", "")
				m.Message.Automatic = c.machine
				must(t, w.deliver(m))
				got := l.latest()
				told := 0
				for _, ev := range l.events(got.Conversation) {
					if e := ev.GetOwnerTold(); e != nil {
						if told++; e.Withheld != c.withheld || e.Channel != "" {
							t.Errorf("%v", e)
						}
					}
				}
				list, err := l.store.Index().Notifications("ana")
				must(t, err)
				noticed := 0
				for _, n := range list {
					if n.Conversation == got.Conversation && n.Told[0].Kind == desk.NoticeOwnerAway {
						noticed++
					}
				}
				want := 1
				if c.machine != "" {
					want = 0
				}
				if told != want || noticed != want {
					t.Errorf("told %d times, %d notifications, want %d", told, noticed, want)
				}
				for address, w := range l.wires {
					if n := len(w.outbox()); n != 0 {
						t.Errorf("%d mails by %s", n, address)
					}
				}
			})
		})
	}
}
