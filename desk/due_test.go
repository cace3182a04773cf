package desk_test

import (
	"slices"
	"testing"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

func promising(n int, minutes int32) *deskpb.ReceiveMessage {
	m := mail(n)
	m.Defaults = &deskpb.TicketDefaults{AnswerWithinMinutes: minutes}
	return m
}

func reply(id string) *deskpb.RequestReply {
	return &deskpb.RequestReply{Message: id, Body: &deskpb.Body{Text: "Here it is"}, UndoSeconds: 30}
}

// whoAsks gives a command another author.
func whoAsks(cmd *deskpb.Command, kind deskpb.Author_Kind) *deskpb.Command {
	cmd.By = &deskpb.Author{Kind: kind, Id: "x"}
	return cmd
}

func TestByWhenATicketIsDue(t *testing.T) {
	t.Parallel()
	late := &deskpb.SetTicketDue{DueMs: 9 * minute}
	machine := promising(1, 5)
	machine.Message.Automatic = "auto-reply"
	acknowledged := promising(1, 5)
	acknowledged.Acknowledgement = &deskpb.ReplyRequested{Message: "ack", Automatic: "acknowledgement", Body: &deskpb.Body{Text: "We have it"}}
	laterLate := reply("r1")
	laterLate.UndoSeconds, laterLate.SendAtMs = 0, 20*minute
	for _, c := range []struct {
		name  string
		given []*deskpb.Command
		due   int64
		cause string // of the last thing that was heard of it
		late  bool
	}{
		{"a channel gives it", []*deskpb.Command{ask(1000, promising(1, 5))}, 5*minute + 1000, "channel", false},
		{"a channel that says nothing gives none", []*deskpb.Command{ask(1000, promising(1, 0))}, 0, "", false},
		{"a machine waits for no answer", []*deskpb.Command{ask(1000, machine)}, 0, "", false},
		{"what the desk answers by itself is no answer", []*deskpb.Command{ask(1000, acknowledged)}, 5*minute + 1000, "channel", false},
		{"an agent's answer settles it", []*deskpb.Command{ask(0, promising(1, 5)), ask(5*minute, reply("r1"))}, 0, "answered", true},
		{"an answer in time", []*deskpb.Command{ask(0, promising(1, 5)), ask(4*minute, reply("r1"))}, 0, "answered", false},
		{"an answer that leaves too late is late", []*deskpb.Command{ask(0, promising(1, 5)), ask(minute, laterLate)}, 0, "answered", true},
		{"what a program says is none", []*deskpb.Command{ask(0, promising(1, 5)), whoAsks(ask(minute, reply("r1")), deskpb.Author_KIND_OPERATOR)}, 5 * minute, "channel", false},
		{"a note is none", []*deskpb.Command{ask(0, promising(1, 5)), ask(minute, &deskpb.AddNote{Message: "n1", Body: &deskpb.Body{Text: "Hm"}})}, 5 * minute, "channel", false},
		{"an answer that is taken back was none", []*deskpb.Command{ask(0, promising(1, 5)), ask(minute, reply("r1")), ask(minute+1, &deskpb.CancelReply{Message: "r1"})}, 5 * minute, "reply_canceled", false},
		{"while another one stands", []*deskpb.Command{ask(0, promising(1, 5)), ask(minute, reply("r1")), ask(minute+1, reply("r2")), ask(minute+2, &deskpb.CancelReply{Message: "r1"})}, 0, "answered", false},
		{"until that is taken back, too", []*deskpb.Command{ask(0, promising(1, 5)), ask(minute, reply("r1")), ask(minute+1, reply("r2")), ask(minute+2, &deskpb.CancelReply{Message: "r1"}), ask(minute+3, &deskpb.CancelReply{Message: "r2"})}, 5 * minute, "reply_canceled", false},
		{"a time set since stays", []*deskpb.Command{ask(0, promising(1, 5)), ask(minute, reply("r1")), ask(minute+1, late), ask(minute+2, &deskpb.CancelReply{Message: "r1"})}, 9 * minute, "by_hand", false},
		{"by hand", []*deskpb.Command{ask(0, promising(1, 5)), ask(minute, late)}, 9 * minute, "by_hand", false},
		{"and off again", []*deskpb.Command{ask(0, promising(1, 5)), ask(minute, late), ask(minute, &deskpb.SetTicketDue{})}, 0, "by_hand", false},
		{"the contact writing again moves nothing", []*deskpb.Command{ask(0, promising(1, 5)), ask(minute, promising(2, 5))}, 5 * minute, "channel", false},
	} {
		s := desk.Conversations.Initial()
		var row *deskpb.TicketSummary
		var last *deskpb.TicketDueChanged
		for i, cmd := range c.given {
			evs, err := desk.Conversations.Decide(s, cmd)
			if err != nil {
				t.Fatalf("%s: %d: %v", c.name, i, err)
			}
			for _, ev := range evs {
				s = desk.Conversations.Evolve(s, ev)
				row = desk.ProjectTicket(row, &deskpb.Record{Stream: "conversation/c", Version: s.Version, AtMs: cmd.AtMs, Event: ev})
				if m := ev.GetTicketDueChanged(); m != nil {
					last = m
				}
			}
		}
		if s.Due != c.due || row.DueMs != c.due || last.GetCause() != c.cause || last.GetLate() != c.late {
			t.Errorf("%s: state %d, row %d, want %d; last %v", c.name, s.Due, row.DueMs, c.due, last)
		}
	}
}

func TestWhatIsDueByNoTime(t *testing.T) {
	t.Parallel()
	opened := func(cmds ...*deskpb.Command) *desk.Conversation {
		s := desk.Conversations.Initial()
		_, err := told(t, s, append([]*deskpb.Command{ask(1, mail(1))}, cmds...)...)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	for name, c := range map[string]struct {
		s    *desk.Conversation
		due  int64
		code desk.Code
	}{
		"in the past":         {opened(), 4, desk.Invalid},
		"in the year 9999":    {opened(), 253_402_300_799_000, desk.Invalid},
		"before there is any": {opened(), -1, desk.Invalid},
		"closed":              {opened(ask(2, &deskpb.SetTicketStatus{Status: deskpb.TicketStatus_TICKET_STATUS_CLOSED})), 90, desk.Conflict},
		"spam":                {opened(ask(2, &deskpb.MarkSpam{})), 90, desk.Conflict},
	} {
		if evs, err := desk.Conversations.Decide(c.s, ask(5, &deskpb.SetTicketDue{DueMs: c.due})); desk.CodeOf(err) != c.code || len(evs) > 0 {
			t.Errorf("%s: %v, %v", name, evs, err)
		}
	}
	if evs, err := desk.Conversations.Decide(opened(ask(2, &deskpb.SetTicketDue{DueMs: 90})), ask(5, &deskpb.SetTicketDue{DueMs: 90})); err != nil || evs != nil {
		t.Errorf("said again: %v, %v", evs, err)
	}
	if got := desk.DueMs(&deskpb.TicketSummary{DueMs: 90, Status: deskpb.TicketStatus_TICKET_STATUS_CLOSED}); got != 0 {
		t.Errorf("a closed ticket is due by %d", got)
	}
}

func TestTheOrderOfTheLine(t *testing.T) {
	t.Parallel()
	row := func(id string, p deskpb.Priority, due, since int64, n uint64) desk.Ticket {
		return &deskpb.TicketSummary{Conversation: id, Priority: p, DueMs: due, InLineSinceMs: since, Number: n}
	}
	want := []desk.Ticket{
		row("urgent", 4, 0, 9, 9), row("due first", 2, 10, 8, 8), row("due next", 2, 20, 1, 1), row("due then, for longer", 2, 30, 2, 7), row("due then", 2, 30, 3, 2),
		row("old", 2, 0, 1, 5), row("new", 2, 0, 4, 3), row("newest", 2, 0, 4, 4), row("low, due at once", 1, 1, 0, 0),
	}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, desk.InOrder)
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%d: %s, want %s", i, got[i].Conversation, want[i].Conversation)
		}
	}
}
