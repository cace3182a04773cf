package desk_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// answer is a reply of an agent: "now", or with what change makes of it.
func answer(at int64, id, agent string, change ...func(*deskpb.RequestReply)) *deskpb.Command {
	m := &deskpb.RequestReply{Message: id, Body: &deskpb.Body{Text: "Answer " + id}}
	for _, f := range change {
		f(m)
	}
	cmd := ask(at, m)
	cmd.By.Id, cmd.By.Name = agent, strings.ToUpper(agent)
	return cmd
}

func later(at int64) func(*deskpb.RequestReply) {
	return func(m *deskpb.RequestReply) { m.SendAtMs = at }
}

func undo(seconds uint32) func(*deskpb.RequestReply) {
	return func(m *deskpb.RequestReply) { m.UndoSeconds = seconds }
}

func seen(version uint64) func(*deskpb.RequestReply) {
	return func(m *deskpb.RequestReply) { m.SeenVersion = version }
}

func then(s deskpb.TicketStatus) func(*deskpb.RequestReply) {
	return func(m *deskpb.RequestReply) { m.Then = s }
}

func TestReplyThatWaits(t *testing.T) {
	t.Parallel()
	start := func(at int64, id string) *deskpb.Command { return ask(at, &deskpb.StartDelivery{Message: id}) }
	settle := func(state deskpb.DeliveryState) *deskpb.Command {
		return ask(5, &deskpb.SettleDelivery{Message: "r1", Attempt: 1, State: state})
	}
	cancel := func(at int64) *deskpb.Command { return ask(at, &deskpb.CancelReply{Message: "r1"}) }
	move := func(at, to int64) *deskpb.Command {
		return ask(at, &deskpb.RescheduleReply{Message: "r1", SendAtMs: to})
	}
	retry := func(attempts uint32) *deskpb.Command {
		return ask(9, &deskpb.RetryReply{Message: "r1", Attempts: attempts})
	}
	closed, failed := deskpb.TicketStatus_TICKET_STATUS_CLOSED, deskpb.DeliveryState_DELIVERY_STATE_FAILED
	for _, c := range []struct {
		name   string
		given  []*deskpb.Command
		when   *deskpb.Command
		want   []string
		reason string
		field  string
	}{
		{name: "it does not leave before its time", given: []*deskpb.Command{answer(1, "r1", "ag1", undo(10))}, when: start(10_000, "r1"), reason: "not_due"},
		{name: "it leaves at its time", given: []*deskpb.Command{answer(1, "r1", "ag1", undo(10))}, when: start(10_001, "r1"), want: []string{"delivery_started"}},
		{name: "taken back, it does not leave", given: []*deskpb.Command{answer(1, "r1", "ag1", undo(10)), cancel(2)}, when: start(20_000, "r1"), reason: "not_queued"},
		{name: "taking it back restores the status it set", given: []*deskpb.Command{answer(1, "r1", "ag1", undo(10), then(closed))}, when: cancel(2),
			want: []string{"ticket_status_changed", "reply_canceled"}},
		{name: "but not one that was changed since", given: []*deskpb.Command{answer(1, "r1", "ag1", undo(10), then(closed)), ask(2, mail(2, "mid:x1"))}, when: cancel(3),
			want: []string{"reply_canceled"}},
		{name: "nor when another reply came after it", given: []*deskpb.Command{answer(1, "r1", "ag1", undo(10)), answer(1, "r2", "ag1")}, when: cancel(3),
			want: []string{"reply_canceled"}},
		{name: "taken back twice is taken back once", given: []*deskpb.Command{answer(1, "r1", "ag1", undo(10)), cancel(2)}, when: cancel(3)},
		{name: "what was announced cannot be taken back", given: []*deskpb.Command{answer(1, "r1", "ag1"), start(2, "r1")}, when: cancel(3), reason: "too_late"},
		{name: "nor moved", given: []*deskpb.Command{answer(1, "r1", "ag1"), start(2, "r1")}, when: move(3, 9), reason: "too_late"},
		{name: "a temporary failure may be taken back", given: []*deskpb.Command{answer(1, "r1", "ag1"), start(2, "r1"), settle(deskpb.DeliveryState_DELIVERY_STATE_QUEUED)},
			when: cancel(6), want: []string{"reply_canceled"}},
		{name: "moved to later, it does not leave on the old plan", given: []*deskpb.Command{answer(1, "r1", "ag1", later(100)), move(2, 200)}, when: start(100, "r1"), reason: "not_due"},
		{name: "moved to now, it leaves", given: []*deskpb.Command{answer(1, "r1", "ag1", later(100)), move(2, 0)}, when: start(2, "r1"), want: []string{"delivery_started"}},
		{name: "moved to where it is, nothing happens", given: []*deskpb.Command{answer(1, "r1", "ag1", later(100))}, when: move(2, 100)},
		{name: "a time is in the future", when: answer(5, "r1", "ag1", later(5)), field: "send_at"},
		{name: "a time is within a year", when: answer(5, "r1", "ag1", later(400*24*3_600_000)), field: "send_at"},
		{name: "undoing has its limit", when: answer(5, "r1", "ag1", undo(61)), field: "undo_seconds"},
		{name: "one that waits for tomorrow holds nobody back", given: []*deskpb.Command{answer(1, "r1", "ag1", later(1_000_000)), answer(2, "r2", "ag1")}, when: start(2, "r2"),
			want: []string{"delivery_started"}},
		{name: "one that can be undone holds back what was asked after it", given: []*deskpb.Command{answer(1, "r1", "ag1", undo(10)), answer(2, "r2", "ag1")}, when: start(9_000, "r2"), reason: "not_due"},
		{name: "and leaves first", given: []*deskpb.Command{answer(1, "r1", "ag1", undo(10)), answer(2, "r2", "ag1")}, when: start(10_001, "r2"), reason: "out_of_order"},
		{name: "what failed is tried again by decision", given: []*deskpb.Command{answer(1, "r1", "ag1"), start(2, "r1"), settle(failed)}, when: retry(1), want: []string{"reply_retried"}},
		{name: "of unknown outcome too", given: []*deskpb.Command{answer(1, "r1", "ag1"), start(2, "r1"), settle(deskpb.DeliveryState_DELIVERY_STATE_UNKNOWN)}, when: retry(0), want: []string{"reply_retried"}},
		{name: "the same decision twice is one", given: []*deskpb.Command{answer(1, "r1", "ag1"), start(2, "r1"), settle(failed), retry(1)}, when: retry(1)},
		{name: "a decision on an older attempt is over", given: []*deskpb.Command{answer(1, "r1", "ag1"), start(2, "r1"), settle(failed), retry(1), start(9, "r1"),
			ask(10, &deskpb.SettleDelivery{Message: "r1", Attempt: 2, State: failed})}, when: retry(1)},
		{name: "what was sent is not tried again", given: []*deskpb.Command{answer(1, "r1", "ag1"), start(2, "r1"), settle(deskpb.DeliveryState_DELIVERY_STATE_SENT)}, when: retry(0), reason: "settled"},
		{name: "a colleague answered since", given: []*deskpb.Command{answer(1, "r1", "ag2")}, when: answer(2, "r2", "ag1", seen(3)), reason: "answered_since", field: "seen_version"},
		{name: "the contact wrote since", given: []*deskpb.Command{ask(1, mail(2, "mid:x1"))}, when: answer(2, "r2", "ag1", seen(2)), reason: "answered_since", field: "seen_version"},
		{name: "my own reply is no news to me", given: []*deskpb.Command{answer(1, "r1", "ag1")}, when: answer(2, "r2", "ag1", seen(3)), want: []string{"reply_requested"}},
		{name: "a reply that was taken back is none", given: []*deskpb.Command{answer(1, "r1", "ag2", undo(5)), cancel(2)}, when: answer(3, "r2", "ag1", seen(3)), want: []string{"reply_requested"}},
		{name: "who saw it may answer", given: []*deskpb.Command{ask(1, mail(2, "mid:x1"))}, when: answer(2, "r2", "ag1", seen(4)), want: []string{"reply_requested"}},
		{name: "anyway is anyway", given: []*deskpb.Command{answer(1, "r1", "ag2")},
			when: answer(2, "r2", "ag1", seen(2), func(m *deskpb.RequestReply) { m.Anyway = true }), want: []string{"reply_requested"}},
		{name: "a reply can wait on us", when: answer(1, "r1", "ag1", then(deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_US)),
			want: []string{"reply_requested", "conversation_assigned", "ticket_status_changed"}},
		{name: "close and another status disagree", when: answer(1, "r1", "ag1", then(2), func(m *deskpb.RequestReply) { m.Close = true }), field: "then"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			evs, err := told(t, desk.Conversations.Initial(), append(append([]*deskpb.Command{ask(0, mail(1))}, c.given...), c.when)...)
			checkDecision(t, evs, err, c.want, c.reason, c.field)
		})
	}
}

func checkDecision(t *testing.T, evs []*deskpb.Event, err error, want []string, reason, field string) {
	t.Helper()
	refused, _ := err.(*desk.Error)
	switch {
	case reason == "" && field == "" && err != nil:
		t.Fatal(err)
	case reason != desk.ReasonOf(err):
		t.Fatalf("reason %q, want %q (%v)", desk.ReasonOf(err), reason, err)
	case field != "" && (refused == nil || refused.Field != field):
		t.Fatalf("%v, want a fault of %s", err, field)
	case len(want) > len(evs) || len(want) == 0 && len(evs) > 0 || !slices.Equal(kinds(evs)[:len(want)], want):
		t.Fatalf("events %v, want %v", kinds(evs), want)
	}
}

func TestAVisitorOfAChatHasSeenIt(t *testing.T) {
	t.Parallel()
	first := mail(1)
	first.Opening.ChannelKind = deskpb.ChannelKind_CHANNEL_KIND_CHAT
	for _, c := range []struct {
		reply  *deskpb.Command
		reason string
	}{{answer(1, "r1", "ag1"), "too_late"}, {answer(1, "r1", "ag1", undo(5)), ""}} {
		_, err := told(t, desk.Conversations.Initial(), ask(0, first), c.reply, ask(2, &deskpb.CancelReply{Message: "r1"}))
		if desk.ReasonOf(err) != c.reason {
			t.Errorf("%v, want %q", err, c.reason)
		}
	}
}

// A macro happens as a whole or not at all, and leaves the state it was decided on alone.
func TestTogether(t *testing.T) {
	t.Parallel()
	macro := func(cmds ...proto.Message) *deskpb.Command {
		m := &deskpb.Together{}
		for _, c := range cmds {
			m.Commands = append(m.Commands, deskpb.NewCommand(c))
		}
		return ask(5, m)
	}
	body := &deskpb.Body{Text: "t"}
	reply := &deskpb.RequestReply{Message: "r1", Body: body}
	tags := &deskpb.ChangeTicketTags{Add: []string{"tg1"}}
	owner := &deskpb.AssignConversation{Agent: "ag9"}
	for _, c := range []struct {
		name          string
		given         []*deskpb.Command
		when          *deskpb.Command
		want          []string
		reason, field string
	}{
		{name: "each on what those before it leave", when: macro(tags, &deskpb.ChangeTicketTags{Add: []string{"tg1"}}, owner, reply, &deskpb.SetTicketStage{Stage: "st", Status: 4}),
			want: []string{"ticket_tags_changed", "conversation_assigned", "reply_requested", "ticket_status_changed", "ticket_status_changed", "ticket_stage_changed"}},
		{name: "one refusal refuses all", when: macro(tags, reply, &deskpb.SetTicketStatus{Status: 9}), field: "commands[2].status"},
		{name: "not in one another", when: macro(tags, &deskpb.Together{}), field: "commands[1]"},
		{name: "what the desk asks for is no part of it", when: macro(&deskpb.StartDelivery{Message: "r1"}), field: "commands[0]"},
		{name: "nothing is no macro", when: macro(), field: "commands"},
		{name: "asked again, nothing is done twice", given: []*deskpb.Command{macro(tags, owner, reply), ask(6, &deskpb.ChangeTicketTags{Remove: []string{"tg1"}})}, when: macro(tags, owner, reply)},
		{name: "its reply was written without reading", given: []*deskpb.Command{answer(1, "r0", "ag2")},
			when: macro(tags, &deskpb.RequestReply{Message: "r1", Body: body, SeenVersion: 2}), reason: "answered_since", field: "commands[1].seen_version"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := desk.Conversations.Initial()
			_, err := told(t, s, append([]*deskpb.Command{ask(0, mail(1))}, c.given...)...)
			if err != nil {
				t.Fatal(err)
			}
			was := stateOf(s)
			evs, err := desk.Conversations.Decide(s, c.when)
			if is := stateOf(s); is != was {
				t.Fatalf("deciding changed the state from\n%s\nto\n%s", was, is)
			}
			checkDecision(t, evs, err, c.want, c.reason, c.field)
		})
	}
}

// What a reply that is taken back leaves of the row is what was there before.
func TestTheRowOfAReplyThatWasTakenBack(t *testing.T) {
	t.Parallel()
	var row desk.Ticket
	s := desk.Conversations.Initial()
	version := uint64(0)
	do := func(cmd *deskpb.Command) {
		t.Helper()
		evs, err := desk.Conversations.Decide(s, cmd)
		if err != nil {
			t.Fatal(err)
		}
		for _, ev := range evs {
			version++
			s = desk.Conversations.Evolve(s, ev)
			row = desk.ProjectTicket(row, &deskpb.Record{Stream: "conversation/c", Version: version, AtMs: cmd.AtMs, Event: ev})
		}
	}
	do(ask(1, mail(1)))
	was := proto.CloneOf(row)
	do(answer(2, "r1", "ag1", undo(10), then(deskpb.TicketStatus_TICKET_STATUS_CLOSED)))
	if row.WaitingSinceMs != 0 || row.FirstReplyAtMs != 10_002 || len(row.Scheduled) != 1 || row.Messages != 2 {
		t.Fatalf("%v", row)
	}
	do(ask(3, &deskpb.CancelReply{Message: "r1"}))
	if row.WaitingSinceMs != was.WaitingSinceMs || row.FirstReplyAtMs != 0 || row.Preview != was.Preview || row.LastAuthor != "contact" ||
		row.Messages != was.Messages || row.Status != was.Status || row.ClosedAtMs != 0 || len(row.Scheduled) != 0 {
		t.Fatalf("%v, was %v", row, was)
	}
	do(answer(4, "r2", "ag1", undo(10)))
	do(answer(5, "r3", "ag1", undo(10)))
	do(ask(6, &deskpb.CancelReply{Message: "r2"}))
	do(ask(10_005, &deskpb.StartDelivery{Message: "r3"}))
	if row.WaitingSinceMs != 0 || row.FirstReplyAtMs != 10_005 || row.Preview != "Answer r3" || row.Messages != 2 {
		t.Fatalf("%v", row)
	}
	do(ask(10_006, &deskpb.SettleDelivery{Message: "r3", Attempt: 1, State: deskpb.DeliveryState_DELIVERY_STATE_UNKNOWN}))
	if row.Undelivered != 1 {
		t.Fatalf("%v", row)
	}
	do(ask(10_007, &deskpb.RetryReply{Message: "r3"}))
	if row.Undelivered != 0 {
		t.Fatalf("%v", row)
	}
}

// waitingReply is what the outbox knows of a reply: its order must be the one the rules let it leave in.
type waitingReply struct {
	id     string
	sendAt int64
	rank   int
}

// waitingDesk is a conversation with the outbox's view of it.
type waitingDesk struct {
	t        *rapid.T
	s        *desk.Conversation
	now      int64
	ranks    int
	queue    map[string]*waitingReply
	sending  string
	canceled map[string]bool
	tries    map[string]uint32
}

func (d *waitingDesk) apply(cmd *deskpb.Command) error {
	evs, err := desk.Conversations.Decide(d.s, cmd)
	for _, ev := range evs {
		d.happened(ev)
		d.s = desk.Conversations.Evolve(d.s, ev)
	}
	return err
}

func (d *waitingDesk) happened(ev *deskpb.Event) {
	switch e := ev.Kind.(type) {
	case *deskpb.Event_ReplyRequested:
		d.ranks++
		d.queue[e.ReplyRequested.Message] = &waitingReply{e.ReplyRequested.Message, e.ReplyRequested.SendAtMs, d.ranks}
	case *deskpb.Event_ReplyRescheduled:
		d.queue[e.ReplyRescheduled.Message].sendAt = e.ReplyRescheduled.SendAtMs
	case *deskpb.Event_ReplyCanceled:
		delete(d.queue, e.ReplyCanceled.Message)
		d.canceled[e.ReplyCanceled.Message] = true
	case *deskpb.Event_ReplyRetried:
		var rank int
		if _, err := fmt.Sscanf(e.ReplyRetried.Message, "r%d", &rank); err != nil {
			d.t.Fatal(err)
		}
		d.queue[e.ReplyRetried.Message] = &waitingReply{e.ReplyRetried.Message, e.ReplyRetried.SendAtMs, rank}
	case *deskpb.Event_DeliveryStarted:
		m := e.DeliveryStarted.Message
		if d.canceled[m] || d.sending != "" || d.queue[m].sendAt > d.now || e.DeliveryStarted.Attempt != d.tries[m]+1 {
			d.t.Fatalf("announced %v at %d: canceled %v, under way %q, attempts %d", d.queue[m], d.now, d.canceled[m], d.sending, d.tries[m])
		}
		d.sending, d.tries[m] = m, e.DeliveryStarted.Attempt
	case *deskpb.Event_DeliverySettled:
		d.sending = ""
		if e.DeliverySettled.State != deskpb.DeliveryState_DELIVERY_STATE_QUEUED {
			delete(d.queue, e.DeliverySettled.Message)
		}
	}
}

// attempt does what the outbox does: the first in its order of those that are due.
func (d *waitingDesk) attempt() bool {
	var due []*waitingReply
	for _, w := range d.queue {
		if w.sendAt <= d.now {
			due = append(due, w)
		}
	}
	if d.sending != "" || len(due) == 0 {
		return false
	}
	first := slices.MinFunc(due, func(a, b *waitingReply) int {
		return cmp.Or(cmp.Compare(a.sendAt, b.sendAt), cmp.Compare(a.rank, b.rank))
	})
	if err := d.apply(ask(d.now, &deskpb.StartDelivery{Message: first.id})); err != nil || d.sending != first.id {
		d.t.Fatalf("at %d %v was not let go: %v; queue %v", d.now, first, err, d.queue)
	}
	return true
}

func (d *waitingDesk) settle(state int) {
	if d.sending != "" {
		_ = d.apply(ask(d.now, &deskpb.SettleDelivery{Message: d.sending, Attempt: d.tries[d.sending], State: deskpb.DeliveryState(state)}))
	}
}

// Under any order of requests, times, second thoughts, failures and clocks: nothing leaves before its time or after it was
// taken back, an attempt is announced once, and whoever sorts by time and request is never refused for the order.
func TestWaitingRepliesInAnyOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := &waitingDesk{t: t, s: desk.Conversations.Initial(), now: 1000, queue: map[string]*waitingReply{}, canceled: map[string]bool{}, tries: map[string]uint32{}}
		_ = d.apply(ask(d.now, mail(1)))
		for range rapid.IntRange(1, 60).Draw(t, "n") {
			d.now += rapid.Int64Range(0, 20_000).Draw(t, "passes")
			id, next := fmt.Sprintf("r%d", rapid.IntRange(1, d.ranks+1).Draw(t, "reply")), fmt.Sprintf("r%d", d.ranks+1)
			at := d.now + rapid.Int64Range(-5, 100_000).Draw(t, "at")
			switch rapid.IntRange(0, 7).Draw(t, "kind") {
			case 0:
				_ = d.apply(answer(d.now, next, "ag1", undo(uint32(rapid.SampledFrom([]int{0, 0, 5, 60}).Draw(t, "undo")))))
			case 1:
				_ = d.apply(answer(d.now, next, "ag1", later(at)))
			case 2:
				_ = d.apply(ask(d.now, &deskpb.CancelReply{Message: id}))
			case 3:
				_ = d.apply(ask(d.now, &deskpb.RescheduleReply{Message: id, SendAtMs: rapid.SampledFrom([]int64{0, at}).Draw(t, "to")}))
			case 4:
				_ = d.apply(ask(d.now, &deskpb.RetryReply{Message: id}))
			case 5:
				_ = d.apply(ask(d.now, &deskpb.StartDelivery{Message: id}))
			case 6:
				d.attempt()
			case 7:
				d.settle(rapid.SampledFrom([]int{1, 3, 6, 7}).Draw(t, "outcome"))
			}
		}
		for d.now += 1_000_000; ; {
			d.settle(3)
			if !d.attempt() {
				break
			}
		}
		if len(d.queue) > 0 {
			t.Fatalf("left behind: %v", d.queue)
		}
	})
}
