package actors_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/centralita/centralita/actors"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
	"github.com/centralita/centralita/persistence/memory"
	"github.com/centralita/centralita/proto/deskpb"
)

// counting sets what tickets count.
func (l *life) counting(r *deskpb.CapacityRules) {
	l.t.Helper()
	l.do(desk.CapacityID.Stream(), deskpb.NewCommand(&deskpb.SaveSetting{Setting: &deskpb.Setting{Value: &deskpb.Setting_Capacity{Capacity: r}}}))
	synctest.Wait()
}

func (l *life) limit(a desk.AgentID, capacity int32, limits *deskpb.GroupLimits) {
	l.t.Helper()
	l.do(a.Stream(), deskpb.NewCommand(&deskpb.ChangeAgent{Agent: &deskpb.AgentChanged{Name: string(a), Role: deskpb.Role_ROLE_AGENT, Seat: true, Capacity: capacity, Limits: limits}}))
	synctest.Wait()
}

// deliverTo lets tickets arrive, one a second, and gives the newest.
func (l *life) deliverTo(w *wire, n int) desk.Ticket {
	l.t.Helper()
	for range n {
		time.Sleep(time.Second) // fake time: ages differ
		id := fmt.Sprint("m", time.Now().UnixNano())
		must(l.t, w.deliver(mail(id, id+"@shop.example", "help")))
		synctest.Wait()
	}
	return l.latest()
}

func (l *life) set(t desk.Ticket, s deskpb.TicketStatus) {
	l.t.Helper()
	l.do(desk.ConversationID(t.Conversation).Stream(), deskpb.NewCommand(&deskpb.SetTicketStatus{Status: s}))
	synctest.Wait()
}

const (
	waitsOnUs      = deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_US
	waitsOnContact = deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_CONTACT
)

// Limits for each group, beside that of all: a chat waits while mails still come, and why is said; by hand both are exceeded.
func TestLimitsOfGroups(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := start(t, memory.New(), actors.Tuning{})
		defer l.stop()
		ana := l.agent("ana", 0, true)
		l.sys.SocketOpened(ana) // chats and calls go to who is connected
		l.limit(ana, 4, &deskpb.GroupLimits{Messaging: 2})
		_, chat := l.channelOf("chat", "chat@desk.example", to(ana))
		_, post := l.channelOf("email", "post@desk.example", to(ana))
		l.deliverTo(chat, 2)
		third := l.deliverTo(chat, 1)
		if third.Owner != "" || !third.InLine || third.Reason.Code != "all_at_capacity" || third.Reason.Text != "Waiting: everybody is at capacity (1 at the limit for messages)." {
			t.Fatalf("%v", third)
		}
		if c := third.Reason.Candidates[0]; c.Verdict != "at_capacity_messaging" || c.Load != 2 || c.Capacity != 2 {
			t.Errorf("%v", c)
		}
		if first := l.deliverTo(post, 1); first.Owner != "ana" {
			t.Errorf("a mail waits behind chats: %v", first)
		}
		l.deliverTo(post, 1)
		full := l.deliverTo(post, 1)
		if full.Owner != "" || full.Reason.Candidates[0].Verdict != "at_capacity" || full.Reason.Candidates[0].Load != 4 {
			t.Errorf("over all together: %v", full)
		}
		for _, tk := range []desk.Ticket{third, full} { // by hand both are exceeded
			l.do(desk.ConversationID(tk.Conversation).Stream(), deskpb.NewCommand(&deskpb.AssignConversation{Agent: "ana", AgentName: "ana"}))
		}
		synctest.Wait()
		if got := desk.LoadOf(l.row(ana)); got != (desk.ByGroup{Messaging: 3, Email: 3}) {
			t.Errorf("%v", got)
		}
		waits := l.deliverTo(chat, 1)
		l.limit(ana, 0, &deskpb.GroupLimits{Messaging: 3})
		if l.ticket(desk.ConversationID(waits.Conversation)).Owner != "" {
			t.Error("a chat came over the limit for messages")
		}
		l.limit(ana, 0, &deskpb.GroupLimits{Messaging: 4})
		if l.ticket(desk.ConversationID(waits.Conversation)).Owner != "ana" {
			t.Error("another limit, and the chat still waits")
		}
	})
}

// A heavy ticket needs all of its room; a lighter one of another channel does not wait behind it.
func TestAHeavyTicketNeedsItsRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := start(t, memory.New(), actors.Tuning{})
		defer l.stop()
		ana := l.agent("ana", 4, true)
		l.sys.SocketOpened(ana)
		l.counting(&deskpb.CapacityRules{Weights: []*deskpb.KindWeight{{Kind: "call", Weight: 3}}})
		_, calls := l.channelOf("call", "+34910000000", to(ana))
		_, post := l.channelOf("email", "post@desk.example", to(ana))
		first := l.deliverTo(post, 2)
		call := l.deliverTo(calls, 1)
		if call.Owner != "" {
			t.Fatalf("a call that counts 3 was given beside 2 of 4: %v", call)
		}
		if light := l.deliverTo(post, 1); light.Owner != "ana" {
			t.Errorf("a mail waits behind the call: %v", light)
		}
		l.set(first, deskpb.TicketStatus_TICKET_STATUS_CLOSED)
		if got := l.ticket(desk.ConversationID(call.Conversation)).Owner; got != "" {
			t.Errorf("with 2 of 4: %s has the call", got)
		}
		for _, tk := range l.tickets(desk.ViewOpen) {
			if tk.Owner == "ana" {
				l.set(tk, deskpb.TicketStatus_TICKET_STATUS_CLOSED)
				break
			}
		}
		if got := l.ticket(desk.ConversationID(call.Conversation)).Owner; got != "ana" || l.load(ana) != 4 {
			t.Errorf("with 1 of 4: %q has the call, and she has %d", got, l.load(ana))
		}
	})
}

// A status that does not count frees the place; coming back is never refused, and over the limit nothing more comes by itself. Other rules
// count everybody's tickets anew, at once and after a restart.
func TestStatusesThatDoNotCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory.New()
		l := start(t, store, actors.Tuning{})
		ana := l.agent("ana", 1, true)
		l.counting(&deskpb.CapacityRules{ExcludedStatuses: []deskpb.TicketStatus{waitsOnContact}})
		_, w := l.channelOf("email", "post@desk.example", to(ana))
		first := l.deliverTo(w, 1)
		given := l.row(ana).LastAssignedAtMs
		second := l.deliverTo(w, 1)
		if first.Owner != "ana" || second.Owner != "" {
			t.Fatalf("%v %v", first, second)
		}
		owner := func(tk desk.Ticket) string { return l.ticket(desk.ConversationID(tk.Conversation)).Owner }
		l.set(first, waitsOnContact)
		if owner(second) != "ana" || l.load(ana) != 1 {
			t.Fatalf("the place was not freed: %q has the second, load %d", owner(second), l.load(ana))
		}
		given = max(given, l.row(ana).LastAssignedAtMs)
		time.Sleep(time.Minute)
		l.set(first, waitsOnUs)
		third := l.deliverTo(w, 1)
		if owner(first) != "ana" || l.load(ana) != 2 || third.Owner != "" {
			t.Fatalf("it came back: %q has the first, load %d, %q the third", owner(first), l.load(ana), third.Owner)
		}
		if got := l.row(ana).LastAssignedAtMs; got != given {
			t.Errorf("coming back counts as a new ticket: %d, was %d", got, given)
		}
		// One that is handed over while it does not count.
		l.set(first, waitsOnContact)
		l.do(desk.ConversationID(third.Conversation).Stream(), deskpb.NewCommand(&deskpb.AssignConversation{Agent: "ana", AgentName: "ana"}))
		synctest.Wait()
		l.set(third, waitsOnContact)
		if l.load(ana) != 1 {
			t.Errorf("load %d", l.load(ana))
		}
		// The desk dies with its news under way; the next life counts by the rules that were saved.
		l.counting(&deskpb.CapacityRules{Weights: []*deskpb.KindWeight{{Kind: "email", Weight: 5}}})
		if l.load(ana) != 15 {
			t.Errorf("after other rules: load %d", l.load(ana))
		}
		l.stop()
		l = start(t, store, actors.Tuning{})
		defer l.stop()
		synctest.Wait()
		if l.load(ana) != 15 {
			t.Errorf("after a restart: load %d", l.load(ana))
		}
	})
}

// What was missed while nobody listened is put right at the start.
func TestRulesSavedWhileNobodyListens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory.New()
		l := start(t, store, actors.Tuning{})
		ana := l.agent("ana", 9, true)
		l.sys.SocketOpened(ana)
		_, chat := l.channelOf("chat", "chat@desk.example", to(ana))
		l.deliverTo(chat, 2)
		l.stop()
		saved := make(chan error, 1)
		store.Append(persistence.Entry{Stream: desk.CapacityID.Stream(), Records: []desk.Record{{
			Stream: string(desk.CapacityID.Stream()), Version: 1, AtMs: time.Now().UnixMilli(), Event: deskpb.NewEvent(&deskpb.SettingSaved{Setting: &deskpb.Setting{Value: &deskpb.Setting_Capacity{
				Capacity: &deskpb.CapacityRules{Weights: []*deskpb.KindWeight{{Kind: "chat", Weight: 4}}},
			}}}),
		}}}, func(_ desk.Position, err error) { saved <- err })
		must(t, <-saved)
		l = start(t, store, actors.Tuning{})
		defer l.stop()
		l.sys.SocketOpened(ana)
		synctest.Wait()
		if got := desk.LoadOf(l.row(ana)); got != (desk.ByGroup{Messaging: 8}) {
			t.Errorf("%v", got)
		}
		if tk := l.deliverTo(l.wires["chat@desk.example"], 1); tk.Owner != "" {
			t.Errorf("12 of 9: %v", tk)
		}
	})
}
