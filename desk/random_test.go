package desk_test

import (
	"fmt"
	"slices"
	"testing"

	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// command makes a random command for a conversation out of few ids, so that orders collide.
func command(t *rapid.T) *deskpb.Command {
	id := func(what string, n int) string { return fmt.Sprintf("%s%d", what, rapid.IntRange(1, n).Draw(t, what)) }
	agent := &deskpb.Author{Kind: deskpb.Author_KIND_AGENT, Id: id("ag", 3), Name: "A"}
	var m proto.Message
	switch rapid.IntRange(0, 23).Draw(t, "kind") {
	case 0, 1:
		ext := id("x", 6)
		m = &deskpb.ReceiveMessage{
			Message: &deskpb.MessageReceived{Message: "m" + ext, Channel: "ch", ExternalId: ext, From: &deskpb.Address{Address: id("p", 3) + "@a.example"},
				Body: &deskpb.Body{Text: "t"}, ThreadKeys: []string{"mid:" + ext}, Automatic: rapid.SampledFrom([]string{"", "auto-reply"}).Draw(t, "auto")},
			Opening:          &deskpb.ConversationOpened{Channel: "ch", Contact: "c", Routing: &deskpb.RoutingRule{Mode: deskpb.RoutingMode(rapid.IntRange(0, 2).Draw(t, "mode")), Agents: []string{"ag1"}}},
			NeverReopen:      rapid.Bool().Draw(t, "never"),
			ParticipantsOnly: rapid.Bool().Draw(t, "only"),
			Blocked:          rapid.IntRange(0, 9).Draw(t, "blocked") == 0,
		}
	case 2, 3:
		m = &deskpb.RequestReply{Message: id("r", 5), Body: &deskpb.Body{Text: "t"}, Close: rapid.Bool().Draw(t, "close"), ThreadKeys: []string{"mid:r"},
			SeenVersion: uint64(rapid.IntRange(0, 60).Draw(t, "seen"))}
	case 4:
		m = &deskpb.StartDelivery{Message: id("r", 5)}
	case 5:
		m = &deskpb.SettleDelivery{Message: id("r", 5), Attempt: uint32(rapid.IntRange(0, 3).Draw(t, "attempt")), State: deskpb.DeliveryState(rapid.IntRange(0, 7).Draw(t, "state"))}
	case 6:
		m = &deskpb.AssignConversation{Agent: id("ag", 3), Reservation: rapid.SampledFrom([]string{"", "res"}).Draw(t, "res"), ReservationUntilMs: int64(rapid.IntRange(0, 2).Draw(t, "until"))}
	case 7:
		m = &deskpb.UnassignConversation{}
	case 8:
		m = &deskpb.SetTicketStatus{Status: deskpb.TicketStatus(rapid.IntRange(0, 5).Draw(t, "status"))}
	case 9:
		m = &deskpb.DeferAssignment{Reason: &deskpb.AssignmentReason{Code: id("why", 2)}, Waiting: rapid.Bool().Draw(t, "waiting")}
	case 10:
		m = &deskpb.CancelReply{Message: id("r", 5)}
	case 11:
		m = &deskpb.RetryReply{Message: id("r", 5)}
	case 13:
		m = &deskpb.SetTicketDue{DueMs: int64(rapid.IntRange(0, 3).Draw(t, "due"))}
	case 12:
		m = &deskpb.Together{Commands: []*deskpb.Command{deskpb.NewCommand(workCommand(t, id)), deskpb.NewCommand(workCommand(t, id))}}
	default:
		m = workCommand(t, id)
	}
	cmd := deskpb.NewCommand(m)
	cmd.By, cmd.AtMs = agent, 1
	return cmd
}

// Invariants of a conversation under any order of commands: no message twice; each attempt is announced once and settled at most
// once; a reservation never takes a ticket that has an owner; replies leave in order; the row agrees with the state.
func TestConversationInAnyOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := desk.Conversations.Initial()
		var row *deskpb.TicketSummary
		seen, open := map[string]bool{}, map[string]uint32{}
		var asked, left []string
		version := uint64(0)
		for range rapid.IntRange(1, 60).Draw(t, "n") {
			owner := s.Owner
			cmd := command(t)
			evs, err := desk.Conversations.Decide(s, cmd)
			if err != nil && len(evs) > 0 {
				t.Fatalf("refused and decided: %v", err)
			}
			for _, ev := range evs {
				switch e := ev.Kind.(type) {
				case *deskpb.Event_MessageReceived:
					once(t, seen, e.MessageReceived.Message)
				case *deskpb.Event_ReplyRequested:
					once(t, seen, e.ReplyRequested.Message)
					asked = append(asked, e.ReplyRequested.Message)
				case *deskpb.Event_DeliveryStarted:
					if open[e.DeliveryStarted.Message] != 0 {
						t.Fatalf("%s was announced while an attempt is open", e.DeliveryStarted.Message)
					}
					open[e.DeliveryStarted.Message] = e.DeliveryStarted.Attempt
					if !slices.Contains(left, e.DeliveryStarted.Message) {
						left = append(left, e.DeliveryStarted.Message)
					}
				case *deskpb.Event_DeliverySettled:
					if a := e.DeliverySettled.Attempt; a != 0 && open[e.DeliverySettled.Message] != a {
						t.Fatalf("attempt %d of %s was settled, open is %d", a, e.DeliverySettled.Message, open[e.DeliverySettled.Message])
					}
					delete(open, e.DeliverySettled.Message)
				case *deskpb.Event_ConversationAssigned:
					if e.ConversationAssigned.Reservation != "" && owner != "" {
						t.Fatal("a reservation took a ticket that has an owner")
					}
				}
				s = desk.Conversations.Evolve(s, ev)
				version++
				row = desk.ProjectTicket(row, &deskpb.Record{Stream: "conversation/c", Version: version, AtMs: 1, Event: ev})
			}
			if again, err := desk.Conversations.Decide(s, cmd); err == nil && len(again) > 0 && idempotent(cmd) {
				t.Fatalf("%s took effect twice", deskpb.KindName(cmd))
			}
		}
		inOrder(t, asked, left)
		if row != nil {
			undone(t, s, row, version)
			if row.Owner != string(s.Owner) || row.Status != s.Status || row.DueMs != s.Due {
				t.Fatalf("row %v, state %v", row, s)
			}
			if row.InLine && (row.Owner != "" || !desk.Active(row)) {
				t.Fatalf("an owned, closed, snoozed, spam or merged ticket stands in line: %v", row)
			}
			sameWork(t, row, s)
		}
	})
}

func once(t *rapid.T, seen map[string]bool, id string) {
	if seen[id] {
		t.Fatalf("%s is there twice", id)
	}
	seen[id] = true
}

// idempotent: commands that carry the id of what they make.
func idempotent(cmd *deskpb.Command) bool {
	switch cmd.Kind.(type) {
	case *deskpb.Command_ReceiveMessage, *deskpb.Command_RequestReply, *deskpb.Command_SetTicketStatus, *deskpb.Command_DeferAssignment, *deskpb.Command_UnassignConversation:
		return true
	}
	return false
}

// inOrder: those that left did so in the order they were asked for (some may have been settled by a report and never left).
func inOrder(t *rapid.T, asked, left []string) {
	i := 0
	for _, id := range left {
		at := slices.Index(asked, id)
		if at < i {
			t.Fatalf("replies left out of order: asked %v, left %v", asked, left)
		}
		i = at
	}
}
