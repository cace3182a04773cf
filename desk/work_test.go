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

// workCommand makes a random command of the work on a ticket.
func workCommand(t *rapid.T, id func(string, int) string) proto.Message {
	switch rapid.IntRange(0, 15).Draw(t, "work") {
	case 0:
		return &deskpb.ChangeTicketTags{Add: []string{id("tg", 3), id("tg", 3)}, Remove: []string{id("tg", 3)}}
	case 1:
		return &deskpb.TransferToTeam{Team: rapid.SampledFrom([]string{"", "tm1", "tm2"}).Draw(t, "team"), Unassign: rapid.Bool().Draw(t, "unassign")}
	case 2:
		return &deskpb.SetTicketStage{Pipeline: id("pl", 2), Stage: id("st", 3), Status: deskpb.TicketStatus(rapid.IntRange(1, 4).Draw(t, "status"))}
	case 3:
		return &deskpb.SetTicketProperty{Property: id("pr", 2), Value: rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "value")}
	case 4, 5:
		return &deskpb.SnoozeTicket{UntilMs: rapid.SampledFrom([]int64{0, 1, 2, desk.UntilContactWrites}).Draw(t, "until")}
	case 6:
		return &deskpb.WakeTicket{}
	case 7:
		return &deskpb.FollowTicket{Agent: id("ag", 3)}
	case 8:
		return &deskpb.UnfollowTicket{}
	case 9:
		return &deskpb.AddNote{Message: id("n", 4), Body: &deskpb.Body{Text: "t"}, Mentions: []string{id("ag", 3)}}
	case 10:
		return &deskpb.DismissMention{}
	case 11:
		return &deskpb.MarkSpam{}
	case 12:
		return &deskpb.UnmarkSpam{Cause: rapid.SampledFrom([]string{"", desk.CauseSenderUnblocked}).Draw(t, "cause")}
	case 13:
		return &deskpb.MergeConversation{Into: id("cv", 2)}
	case 14:
		return &deskpb.UndoMerge{}
	default:
		return &deskpb.SplitOffMessages{Into: id("cvsplit", 3), Opening: &deskpb.ConversationOpened{Channel: "ch", Contact: "c"},
			Messages: []*deskpb.SplitMessage{{Message: "m" + id("x", 6), Inbound: true, Keys: []string{"mid:" + id("x", 6)}}}}
	}
}

func words[T ~string](in []T) []string {
	out := make([]string, len(in))
	for i, s := range in {
		out[i] = string(s)
	}
	return out
}

// sameWork: the row says of the work what the state does.
func sameWork(t *rapid.T, row desk.Ticket, s *desk.Conversation) {
	if !slices.Equal(row.Tags, s.Tags) || row.Team != string(s.Team) || row.Pipeline != s.Pipeline || row.Stage != s.Stage ||
		row.SnoozedUntilMs != s.Snoozed || row.Spam != s.Spam || row.MergedInto != string(s.Merged) ||
		!slices.Equal(row.Followers, words(s.Followers)) || !slices.Equal(row.Mentioned, words(s.Mentioned)) || len(row.Properties) != len(s.Properties) {
		t.Fatalf("row %v, state %+v", row, s)
	}
	for k, v := range s.Properties {
		if row.Properties[k] != v {
			t.Fatalf("property %s: row %q, state %q", k, row.Properties[k], v)
		}
	}
	if s.Snoozed != 0 && s.Status == deskpb.TicketStatus_TICKET_STATUS_CLOSED {
		t.Fatalf("a closed ticket is snoozed: %+v", s)
	}
}

// undone: whatever happened, marking as spam and restoring, and merging and undoing it, leave the ticket as it was.
func undone(t *rapid.T, s *desk.Conversation, row desk.Ticket, version uint64) {
	if s.Spam || s.Merged != "" {
		return
	}
	state := func() string { return stateOf(s) }
	for _, pair := range [][2]proto.Message{
		{&deskpb.MarkSpam{}, &deskpb.UnmarkSpam{}},
		{&deskpb.MergeConversation{Into: "cvother"}, &deskpb.UndoMerge{}},
	} {
		s.Deferred = ""
		before, was := state(), proto.CloneOf(row)
		for i, m := range pair {
			cmd := deskpb.NewCommand(m)
			cmd.AtMs = 1
			evs, err := desk.Conversations.Decide(s, cmd)
			if err != nil || len(evs) != 1 {
				t.Fatalf("%s: %v, %v", deskpb.KindName(cmd), evs, err)
			}
			s = desk.Conversations.Evolve(s, evs[0])
			version++
			row = desk.ProjectTicket(row, &deskpb.Record{Stream: "conversation/c", Version: version, AtMs: 1, Event: evs[0]})
			if i == 0 && (desk.Active(row) || row.InLine) {
				t.Fatalf("still somebody's work: %v", row)
			}
		}
		if state() != before {
			t.Fatalf("after %T:\n%s\nbefore:\n%s", pair[1], state(), before)
		}
		if row.Owner != was.Owner || row.Status != was.Status || row.SnoozedUntilMs != was.SnoozedUntilMs {
			t.Fatalf("after %T: %v, before: %v", pair[1], row, was)
		}
	}
}

// told decides on commands one after the other; the last one's events or refusal are given.
func told(t *testing.T, s *desk.Conversation, cmds ...*deskpb.Command) ([]*deskpb.Event, error) {
	t.Helper()
	for i, cmd := range cmds {
		evs, err := desk.Conversations.Decide(s, cmd)
		if i == len(cmds)-1 {
			for _, ev := range evs {
				desk.Conversations.Evolve(s, ev)
			}
			return evs, err
		}
		if err != nil {
			t.Fatalf("%s: %v", deskpb.KindName(cmd), err)
		}
		for _, ev := range evs {
			s = desk.Conversations.Evolve(s, ev)
		}
	}
	return nil, nil
}

func ask(at int64, m proto.Message) *deskpb.Command {
	cmd := deskpb.NewCommand(m)
	cmd.AtMs, cmd.By = at, &deskpb.Author{Kind: deskpb.Author_KIND_AGENT, Id: "ag1", Name: "Ana"}
	return cmd
}

func mail(n int, keys ...string) *deskpb.ReceiveMessage {
	ext := fmt.Sprintf("x%d", n)
	return &deskpb.ReceiveMessage{
		Message: &deskpb.MessageReceived{Message: "ms" + ext, Channel: "ch", ExternalId: ext, Contact: "ct", From: &deskpb.Address{Address: "eva@example.com"},
			Body: &deskpb.Body{Text: "Hello"}, ThreadKeys: append(keys, "mid:"+ext)},
		Opening: &deskpb.ConversationOpened{Channel: "ch", Contact: "ct", Subject: "Hello"},
	}
}

func kinds(evs []*deskpb.Event) []string {
	var out []string
	for _, ev := range evs {
		out = append(out, deskpb.KindName(ev))
	}
	return out
}

func TestWorkOnATicket(t *testing.T) {
	t.Parallel()
	closed := &deskpb.SetTicketStatus{Status: deskpb.TicketStatus_TICKET_STATUS_CLOSED}
	snoozed := &deskpb.SnoozeTicket{UntilMs: 100}
	for _, c := range []struct {
		name   string
		given  []*deskpb.Command
		when   *deskpb.Command
		want   []string
		reason string
	}{
		{name: "a snoozed ticket comes back when the contact writes", given: []*deskpb.Command{ask(1, snoozed)}, when: ask(2, mail(2, "mid:x1")),
			want: []string{"message_received", "ticket_woken"}},
		{name: "an automatic mail does not wake it", given: []*deskpb.Command{ask(1, snoozed)},
			when: func() *deskpb.Command {
				m := mail(2, "mid:x1")
				m.Message.Automatic, m.NeverReopen = "auto-reply", true
				return ask(2, m)
			}(), want: []string{"message_received"}},
		{name: "a snoozed ticket comes back when its time has come", given: []*deskpb.Command{ask(1, snoozed)}, when: ask(100, &deskpb.WakeTicket{}), want: []string{"ticket_woken"}},
		{name: "and not before", given: []*deskpb.Command{ask(1, snoozed)}, when: ask(99, &deskpb.WakeTicket{})},
		{name: "what is closed is not snoozed any more", given: []*deskpb.Command{ask(1, snoozed)}, when: ask(2, closed), want: []string{"ticket_status_changed", "ticket_woken"}},
		{name: "a snooze lies in the future", when: ask(200, snoozed), reason: ""},
		{name: "a closed ticket is not snoozed", given: []*deskpb.Command{ask(1, closed)}, when: ask(2, snoozed), reason: "closed"},
		{name: "a stage sets the status first", when: ask(1, &deskpb.SetTicketStage{Stage: "st1", Status: deskpb.TicketStatus_TICKET_STATUS_CLOSED}),
			want: []string{"ticket_status_changed", "ticket_stage_changed"}},
		{name: "another status sets the stage back", given: []*deskpb.Command{ask(1, &deskpb.SetTicketStage{Stage: "st1", Status: deskpb.TicketStatus_TICKET_STATUS_NEW}), ask(2, closed)},
			when: ask(3, &deskpb.SetTicketStage{Stage: "", Status: deskpb.TicketStatus_TICKET_STATUS_CLOSED})},
		{name: "handing to a team can take it from its owner", given: []*deskpb.Command{ask(1, &deskpb.AssignConversation{Agent: "ag2"})},
			when: ask(2, &deskpb.TransferToTeam{Team: "tm1", Unassign: true}), want: []string{"ticket_team_changed", "conversation_unassigned"}},
		{name: "a choice for the old team is too late", given: []*deskpb.Command{ask(1, &deskpb.TransferToTeam{Team: "tm1"})},
			when: ask(2, &deskpb.AssignConversation{Agent: "ag2", Reservation: "r", ReservationUntilMs: 9}), reason: "transferred"},
		{name: "a choice for a snoozed ticket is too late", given: []*deskpb.Command{ask(1, snoozed)},
			when: ask(2, &deskpb.AssignConversation{Agent: "ag2", Reservation: "r", ReservationUntilMs: 9}), reason: "resting"},
		{name: "mail to a spam ticket is kept and wakes nobody", given: []*deskpb.Command{ask(1, closed), ask(1, &deskpb.MarkSpam{})}, when: ask(2, mail(2, "mid:x1")), want: []string{"message_received"}},
		{name: "mail of a blocked sender makes it spam", when: func() *deskpb.Command { m := mail(2, "mid:x1"); m.Blocked = true; return ask(2, m) }(),
			want: []string{"message_received", "ticket_marked_spam"}},
		{name: "unblocking restores only what the block set aside", given: []*deskpb.Command{ask(1, &deskpb.MarkSpam{})},
			when: ask(2, &deskpb.UnmarkSpam{Cause: desk.CauseSenderUnblocked})},
		{name: "a merged ticket takes no work", given: []*deskpb.Command{ask(1, &deskpb.MergeConversation{Into: "cv2", IntoNumber: 2})}, when: ask(2, &deskpb.AddNote{Message: "n1", Body: &deskpb.Body{Text: "t"}}), reason: "merged"},
		{name: "mail for a merged ticket goes on", given: []*deskpb.Command{ask(1, &deskpb.MergeConversation{Into: "cv2"})}, when: ask(2, mail(2, "mid:x1")), reason: "elsewhere"},
		{name: "what it has is not taken twice", given: []*deskpb.Command{ask(1, &deskpb.MergeConversation{Into: "cv2"})}, when: ask(2, mail(1))},
		{name: "two cannot take each other in", given: []*deskpb.Command{ask(1, &deskpb.TakeInConversation{Conversation: "cv2"})}, when: ask(2, &deskpb.MergeConversation{Into: "cv2"}), reason: "circle"},
		{name: "the last message stays", when: ask(2, split("msx1")), reason: "empty"},
		{name: "an answer to what was split off goes on", given: []*deskpb.Command{ask(1, mail(2, "mid:x1")), ask(2, split("msx2"))}, when: ask(3, mail(3, "mid:x2", "mid:x1")), reason: "elsewhere"},
		{name: "an answer to what stayed stays", given: []*deskpb.Command{ask(1, mail(2, "mid:x1")), ask(2, split("msx2"))}, when: ask(3, mail(3, "mid:x1", "mid:x2")),
			want: []string{"message_received"}},
		{name: "a message is split off once", given: []*deskpb.Command{ask(1, mail(2, "mid:x1")), ask(2, split("msx2"))},
			when: ask(3, func() proto.Message { m := split("msx2"); m.Into = "cvnew2"; return m }()), reason: "split"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := desk.Conversations.Initial()
			all := append([]*deskpb.Command{ask(0, mail(1))}, c.given...)
			evs, err := told(t, s, append(all, c.when)...)
			if got := desk.ReasonOf(err); got != c.reason {
				t.Fatalf("reason %q, want %q (%v)", got, c.reason, err)
			}
			if !slices.Equal(kinds(evs), c.want) {
				// The status may change, too: what is meant is the beginning.
				if len(kinds(evs)) < len(c.want) || len(c.want) == 0 || !slices.Equal(kinds(evs)[:len(c.want)], c.want) {
					t.Fatalf("events %v, want %v", kinds(evs), c.want)
				}
			}
		})
	}
}

func split(messages ...string) *deskpb.SplitOffMessages {
	m := &deskpb.SplitOffMessages{Into: "cvnew", Opening: &deskpb.ConversationOpened{Channel: "ch", Contact: "ct"}, Number: 1}
	for _, id := range messages {
		m.Messages = append(m.Messages, &deskpb.SplitMessage{Message: id, Inbound: true, From: &deskpb.Address{Address: "eva@example.com"}, Keys: []string{"mid:" + id[2:]}})
	}
	return m
}

// A conversation that was split off knows whom to answer, and takes no message twice.
func TestSplitConversationAnswersWhoWrote(t *testing.T) {
	t.Parallel()
	from := desk.Conversations.Initial()
	evs, err := told(t, from, ask(0, mail(1)), ask(1, mail(2, "mid:x1")), ask(2, split("msx2")))
	if err != nil {
		t.Fatal(err)
	}
	s := desk.Conversations.Initial()
	reply := &deskpb.RequestReply{Message: "r1", Body: &deskpb.Body{Text: "t"}}
	evs, err = told(t, s, desk.FinishSplit("cv1", evs[0].GetMessagesSplitOff()), ask(3, reply))
	if err != nil {
		t.Fatal(err)
	}
	r := evs[0].GetReplyRequested()
	if len(r.To) != 1 || r.To[0].Address != "eva@example.com" || r.InReplyTo != "mid:x2" {
		t.Fatalf("the reply is %v", r)
	}
	if evs, err := told(t, s, ask(4, mail(2, "mid:x1"))); err != nil || len(evs) != 0 {
		t.Fatalf("a message that it shows came again: %v, %v", kinds(evs), err)
	}
}
