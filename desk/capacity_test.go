package desk_test

import (
	"fmt"
	"testing"

	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// counted is what places count, added up anew.
func counted(s *desk.Member) (has desk.ByGroup, promised bool) {
	for _, p := range s.Places {
		has, promised = has.Plus(p.Size), promised || p.Reservation != ""
	}
	return has, promised
}

func within(s *desk.Member, has desk.ByGroup) bool {
	fits := func(n, limit int32) bool { return limit == 0 || n <= limit }
	return fits(has.Total(), s.Capacity) && fits(has.Calls, s.Limits.Calls) && fits(has.Messaging, s.Limits.Messaging) && fits(has.Email, s.Limits.Email)
}

// Under any order of reservations, takes, frees, lapses, weighings and changes no automatic promise exceeds a limit, goes to somebody away or
// without a seat; no promise stands beside tickets that are over its limits; and state, row and places count alike.
func TestAgentPlacesInAnyOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := desk.Agents.Initial()
		var row *deskpb.AgentSummary
		version, now := uint64(0), int64(0)
		apply := func(m proto.Message) {
			cmd := deskpb.NewCommand(m)
			cmd.AtMs = now
			evs, err := desk.Agents.Decide(s, cmd)
			if err != nil {
				return
			}
			for _, ev := range evs {
				if e := ev.GetPlaceReserved(); e != nil {
					has, _ := counted(s)
					if !s.Available || e.Live && !s.Connected || !s.Seat || s.Deactivated || !within(&desk.Member{Capacity: s.Capacity, Limits: only(s.Limits, desk.SizeOf(e.Size).Group)}, has.Plus(desk.SizeOf(e.Size))) {
						t.Fatalf("promised %v by %+v", e, s)
					}
				}
				s = desk.Agents.Evolve(s, ev)
				version++
				row = desk.ProjectAgent(row, &deskpb.Record{Stream: "agent/a", Version: version, AtMs: now, Event: ev})
			}
			has, _ := counted(s)
			if s.Has != has || desk.LoadOf(row) != has || row.Load != has.Total() {
				t.Fatalf("after %v: state %v, row %v, places %v", cmd, s.Has, desk.LoadOf(row), has)
			}
			if row.Connected != s.Connected {
				t.Fatalf("the row says connected: %v", row.Connected)
			}
			// A promise that is over a limit which it counts against is withdrawn in the same entry.
			for id, p := range s.Places {
				if p.Reservation != "" && p.Live && !s.Connected {
					t.Fatalf("%s is promised for a chat by who is not connected", id)
				}
				if p.Reservation != "" && !within(&desk.Member{Capacity: s.Capacity, Limits: only(s.Limits, p.Size.Group)}, has) {
					t.Fatalf("after %v: %s is promised over the limits: %+v", cmd, id, s)
				}
			}
		}
		apply(&deskpb.AddAgent{Agent: &deskpb.AgentAdded{Email: "a@b.example", Name: "A", Role: deskpb.Role_ROLE_AGENT, Seat: true, Capacity: 2}})
		for range rapid.IntRange(1, 60).Draw(t, "n") {
			now++
			apply(placeCommand(t, now))
		}
	})
}

// only keeps the limit of one group.
func only(l desk.ByGroup, g desk.Group) desk.ByGroup {
	return desk.ByGroup{}.Plus(desk.Size{Group: g, Weight: l.Of(g)})
}

func placeCommand(t *rapid.T, now int64) proto.Message {
	conv := fmt.Sprintf("c%d", rapid.IntRange(1, 5).Draw(t, "conv"))
	res := rapid.SampledFrom([]string{"", "r1", "r2"}).Draw(t, "res")
	v := uint64(rapid.IntRange(0, 9).Draw(t, "version"))
	size := drawPlaceSize(t, 0)
	limit := rapid.Int32Range(0, 4)
	switch rapid.IntRange(0, 9).Draw(t, "kind") {
	case 0, 1:
		return &deskpb.ReservePlace{Reservation: "r" + res, Conversation: conv, UntilMs: now + int64(rapid.IntRange(1, 9).Draw(t, "ttl")), Live: rapid.Bool().Draw(t, "live"), Size: drawPlaceSize(t, 1)}
	case 2:
		return &deskpb.TakePlace{Conversation: conv, ConversationVersion: v, Size: size}
	case 3:
		return &deskpb.FreePlace{Conversation: conv, Reservation: res, ConversationVersion: v}
	case 4:
		return &deskpb.LapseReservations{}
	case 5:
		return &deskpb.SetAvailability{Available: rapid.IntRange(0, 3).Draw(t, "available") > 0}
	case 6:
		return &deskpb.ChangeAgent{Agent: &deskpb.AgentChanged{
			Name: "A", Role: deskpb.Role_ROLE_AGENT, Seat: rapid.IntRange(0, 3).Draw(t, "seat") > 0, Deactivated: rapid.IntRange(0, 5).Draw(t, "off") == 0,
			Capacity: limit.Draw(t, "capacity"), Limits: &deskpb.GroupLimits{Calls: limit.Draw(t, "calls"), Messaging: limit.Draw(t, "messaging"), Email: limit.Draw(t, "email")},
		}}
	case 8:
		return &deskpb.NotePresence{Connected: rapid.Bool().Draw(t, "connected")}
	case 7:
		return &deskpb.WeighPlaces{Tickets: []*deskpb.OwnedTicket{{Conversation: conv, Version: v, Size: size}}}
	default:
		return &deskpb.ReconcilePlaces{Tickets: []*deskpb.OwnedTicket{{Conversation: conv, Version: v, Size: size}}}
	}
}

func drawPlaceSize(t *rapid.T, least int32) *deskpb.PlaceSize {
	if rapid.IntRange(0, 2).Draw(t, "a mail") == 0 {
		return nil
	}
	return &deskpb.PlaceSize{Group: deskpb.CapacityGroup(rapid.IntRange(0, 3).Draw(t, "group")), Weight: rapid.Int32Range(least, 3).Draw(t, "weight")}
}

// Which limit was full, and what counted against it, is said.
func TestTheLimitThatIsFullIsNamed(t *testing.T) {
	t.Parallel()
	chat := desk.Size{Group: deskpb.CapacityGroup_CAPACITY_GROUP_MESSAGING, Weight: 2}
	rule := &deskpb.RoutingRule{Mode: deskpb.RoutingMode_ROUTING_MODE_USERS_AND_TEAMS, Agents: []string{"ana", "ben", "cleo"}}
	ana, ben, cleo := member("ana", true, 3, 9, 0), member("ben", true, 8, 9, 0), member("cleo", true, 7, 0, 0)
	ana.MessagingLoad, ana.Limits = 3, &deskpb.GroupLimits{Messaging: 4, Email: 1}
	cleo.Limits = &deskpb.GroupLimits{Calls: 1}
	r := roster(ana, ben, cleo)
	c := desk.Choose(desk.Question{Rule: rule, Size: chat}, r)
	if c.Agent != "cleo" || c.Size != chat {
		t.Fatalf("%v", c)
	}
	want := map[string]*deskpb.Candidate{
		"ana": {Agent: "ana", Verdict: "at_capacity_messaging", Load: 3, Capacity: 4}, "ben": {Agent: "ben", Verdict: "at_capacity", Load: 8, Capacity: 9},
		"cleo": {Agent: "cleo", Verdict: "chosen", Load: 7},
	}
	for _, got := range c.Reason.Candidates {
		if !proto.Equal(got, want[got.Agent]) {
			t.Errorf("%v, want %v", got, want[got.Agent])
		}
	}
	cleo.Limits.Messaging = 1 // less than one such chat counts
	c = desk.Choose(desk.Question{Rule: rule, Size: chat}, r)
	if c.Agent != "" || c.Reason.Code != "all_at_capacity" || c.Reason.Text != "Waiting: everybody is at capacity (1 at capacity, 2 at the limit for messages)." {
		t.Errorf("%v", c.Reason)
	}
	// A mail fits beside the chats, and a light chat where a heavy one does not.
	if c = desk.Choose(desk.Question{Rule: rule}, r); c.Agent != "ana" {
		t.Errorf("a mail: %v", c)
	}
	chat.Weight = 1
	if c = desk.Choose(desk.Question{Rule: rule, Size: chat}, r); c.Agent != "ana" {
		t.Errorf("a light chat: %v", c)
	}
	// What is promised counts in its group.
	r.Promise(desk.Choice{Agent: "ana", Size: chat}, 1)
	if c = desk.Choose(desk.Question{Rule: rule, Size: chat}, r); c.Agent == "ana" {
		t.Errorf("promised the last place for messages, and given another: %v", c)
	}
	// Shares are of the limit that is nearer.
	rule.Policy = deskpb.RoutingPolicy_ROUTING_POLICY_LEAST_SHARE
	if c = desk.Choose(desk.Question{Rule: rule}, roster(ben, cleo, ana)); c.Agent != "ana" {
		t.Errorf("shares: %v", c)
	}
}

func TestWhatTicketsCount(t *testing.T) {
	t.Parallel()
	const chatKind, mailKind, callKind = deskpb.ChannelKind_CHANNEL_KIND_CHAT, deskpb.ChannelKind_CHANNEL_KIND_EMAIL, deskpb.ChannelKind_CHANNEL_KIND_CALL
	const waits, ours = deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_CONTACT, deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_US
	pipelines := []desk.Setting{{Setting: "pl", Value: &deskpb.Setting{Value: &deskpb.Setting_Pipeline{Pipeline: &deskpb.Pipeline{Name: "P", Default: true, Stages: []*deskpb.Stage{
		{Id: "parked", Name: "Parked", Status: ours}, {Id: "doing", Name: "Doing", Status: ours}, {Id: "done", Name: "Done", Status: deskpb.TicketStatus_TICKET_STATUS_CLOSED},
	}}}}}}
	w := desk.ReadCapacity(&deskpb.CapacityRules{
		Weights: []*deskpb.KindWeight{{Kind: "chat", Weight: 3}}, ExcludedStatuses: []deskpb.TicketStatus{waits}, ExcludedStages: []string{"pl:parked", "gone:x"},
	}, pipelines)
	var none *desk.Weighing
	for _, c := range []struct {
		what         string
		ticket       *deskpb.TicketSummary
		group        desk.Group
		asks, counts int32
		plain        int32
	}{
		{"a mail", &deskpb.TicketSummary{ChannelKind: mailKind, Status: ours, Stage: "doing", Pipeline: "pl"}, deskpb.CapacityGroup_CAPACITY_GROUP_EMAIL, 1, 1, 1},
		{"a chat", &deskpb.TicketSummary{ChannelKind: chatKind, Status: deskpb.TicketStatus_TICKET_STATUS_NEW}, deskpb.CapacityGroup_CAPACITY_GROUP_MESSAGING, 3, 3, 1},
		{"a chat that waits", &deskpb.TicketSummary{ChannelKind: chatKind, Status: waits}, deskpb.CapacityGroup_CAPACITY_GROUP_MESSAGING, 3, 0, 1},
		{"a call that is parked", &deskpb.TicketSummary{ChannelKind: callKind, Status: ours, Pipeline: "pl", Stage: "parked"}, deskpb.CapacityGroup_CAPACITY_GROUP_CALLS, 1, 0, 1},
		{"in the first stage by its status", &deskpb.TicketSummary{ChannelKind: mailKind, Status: ours}, deskpb.CapacityGroup_CAPACITY_GROUP_EMAIL, 1, 0, 1},
		{"a custom kind", &deskpb.TicketSummary{ChannelKind: deskpb.ChannelKind_CHANNEL_KIND_CUSTOM, Status: deskpb.TicketStatus_TICKET_STATUS_NEW}, deskpb.CapacityGroup_CAPACITY_GROUP_EMAIL, 1, 1, 1},
	} {
		if got := w.Asks(c.ticket); got != (desk.Size{Group: c.group, Weight: c.asks}) {
			t.Errorf("%s asks %v", c.what, got)
		}
		if got := w.Counts(c.ticket); got != (desk.Size{Group: c.group, Weight: c.counts}) || desk.SizeOf(got.Proto()) != got {
			t.Errorf("%s counts %v", c.what, got)
		}
		if got := none.Counts(c.ticket); got.Weight != c.plain || got.Group != c.group {
			t.Errorf("%s counts %v without rules", c.what, got)
		}
	}
	if again := desk.ReadCapacity(&deskpb.CapacityRules{}, pipelines); w.Same(again) || !w.Same(w) {
		t.Error("other rules are told apart")
	}
}

func TestWrongRulesOfCapacityNameTheField(t *testing.T) {
	t.Parallel()
	weigh := func(kind string, n int32) []*deskpb.KindWeight { return []*deskpb.KindWeight{{Kind: kind, Weight: n}} }
	for field, r := range map[string]*deskpb.CapacityRules{
		"weights":            {Weights: weigh("fax", 1)},
		"weights.chat":       {Weights: weigh("chat", 0)},
		"weights.email":      {Weights: append(weigh("email", 2), weigh("email", 3)...)},
		"weights.call":       {Weights: weigh("call", 101)},
		"excluded_statuses":  {ExcludedStatuses: []deskpb.TicketStatus{deskpb.TicketStatus_TICKET_STATUS_CLOSED}},
		"excluded_stages[1]": {ExcludedStages: []string{"pl:st", "st"}},
		"excluded_stages":    {ExcludedStages: make([]string, 501)},
	} {
		_, err := desk.CheckSetting(&deskpb.Setting{Value: &deskpb.Setting_Capacity{Capacity: r}})
		if e, is := err.(*desk.Error); !is || e.Field != field || e.Message == "" { //nolint:errorlint // deciders wrap nothing
			t.Errorf("%s: %v", field, err)
		}
	}
	kept, err := desk.CheckSetting(&deskpb.Setting{Value: &deskpb.Setting_Capacity{Capacity: &deskpb.CapacityRules{
		Weights: append(weigh("email", 1), weigh("chat", 2)...), ExcludedStages: []string{"pl:b", "pl:a", "pl:a"},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	if c := kept.GetCapacity(); len(c.Weights) != 1 || c.Weights[0].Kind != "chat" || fmt.Sprint(c.ExcludedStages) != "[pl:a pl:b]" {
		t.Errorf("%v", c)
	}
}
