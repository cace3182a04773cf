package journaltest

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
	"github.com/centralita/centralita/proto/deskpb"
)

// answers compares the index after random histories with the dumb recomputation. A store on a disk gets few long
// ones, one in memory many.
func answers(t *testing.T, open Open, features []Feature) {
	if !has(features, Durable) {
		for seed := range uint64(40) {
			CheckHistory(t, open(t, ""), History(20+10*int(seed), Seeded(seed)))
		}
		return
	}
	for seed := range uint64(3) {
		dir := t.TempDir()
		s := open(t, dir)
		CheckHistory(t, s, History(600, Seeded(seed)))
		if s = open(t, dir); s.Head() == 0 {
			t.Fatal("it is empty")
		}
		checkAnswers(t, s)
		if err := s.Close(); err != nil {
			t.Fatalf("close: %v", err)
		}
	}
}

// Tester is the part of testing.T that rapid.T has, too.
type Tester interface {
	Helper()
	Fatalf(format string, args ...any)
}

// CheckHistory plays a history into an empty store, compares all answers of its index with a recomputation from the
// journal, and closes it. Entries are not waited for one by one, so that the store groups them as it likes.
func CheckHistory(t Tester, s persistence.Store, entries []persistence.Entry) {
	t.Helper()
	failed := make(chan error, len(entries))
	for _, e := range entries {
		s.Append(e, func(_ desk.Position, err error) { failed <- err })
	}
	for range entries {
		if err := <-failed; err != nil {
			t.Fatalf("append: %v", err)
		}
	}
	checkAnswers(t, s)
	if err := s.Close(); err != nil {
		t.Fatalf("close: %v", err)
	}
}

func readAll(t Tester, s persistence.Store) []desk.Record {
	t.Helper()
	var all []desk.Record
	head := s.Head()
	if head == 0 {
		return nil
	}
	for r, err := range s.Tail(context.Background(), 0) {
		if err != nil {
			t.Fatalf("tail: %v", err)
		}
		if all = append(all, r); desk.Position(r.Position) == head {
			break
		}
	}
	return all
}

// checkAnswers asks the index everything and compares with the recomputation from the journal.
func checkAnswers(t Tester, s persistence.Store) {
	t.Helper()
	m := recompute(readAll(t, s))
	x := s.Index()
	checkTickets(t, x, m)
	checkLists(t, x, m)
	checkKeys(t, x, m)
	checkPeople(t, x, m)
	checkChannels(t, x, m)
	checkDue(t, x, m)
	if c, ok := s.(Comparer); ok {
		diffs, err := c.CompareIndex(context.Background())
		if err != nil || len(diffs) > 0 {
			t.Fatalf("the index differs from a rebuilt one: %q, %v", diffs, err)
		}
	}
}

func checkTickets(t Tester, x *persistence.Index, m *model) {
	t.Helper()
	for id, want := range m.tickets {
		got, err := x.Ticket(desk.ConversationID(id))
		checkRow(t, "ticket "+id, got, want, err)
		if got, err = x.TicketByNumber(want.Number); want.Purged {
			want = nil
		}
		checkRow(t, fmt.Sprintf("ticket number %d", want.GetNumber()), got, want, err)
	}
	checkPurged(t, x, m)
	for _, contact := range []string{"ct_0", "ct_1", "ct_2", "ct_none"} {
		var want []desk.Ticket
		for _, ticket := range m.tickets {
			if ticket.Contact == contact {
				want = append(want, ticket)
			}
		}
		slices.SortFunc(want, func(a, b desk.Ticket) int { return cmp.Compare(b.Number, a.Number) })
		got, err := x.TicketsOfContact(desk.ContactID(contact), 0)
		checkRows(t, "tickets of "+contact, got, want, err)
		got, err = x.TicketsOfContact(desk.ContactID(contact), 1)
		checkRows(t, "newest ticket of "+contact, got, want[:min(1, len(want))], err)
	}
	if got, err := x.Ticket("cv_none"); got != nil || err != nil {
		t.Fatalf("a ticket that is not there: %v, %v", got, err)
	}
	if got, err := x.TicketByNumber(9999); got != nil || err != nil {
		t.Fatalf("a number that is not there: %v, %v", got, err)
	}
}

// checkPurged asks for what is gone and for what will go: old spam, at any time.
func checkPurged(t Tester, x *persistence.Index, m *model) {
	t.Helper()
	purged, err := x.Purged()
	if err != nil || len(purged) != len(m.purged) {
		t.Fatalf("purged %v, %v; want %v", purged, err, m.purged)
	}
	for _, p := range purged {
		if m.purged[string(p.Conversation)] != p {
			t.Fatalf("purged %v, want %v", p, m.purged[string(p.Conversation)])
		}
	}
	for _, spam := range m.view(desk.ViewSpam, "") {
		before := max(spam.SpamSinceMs, spam.UpdatedAtMs)
		for _, at := range []int64{before - 1, before} {
			old, err := x.OldSpam(at, 1000, nil)
			found := slices.ContainsFunc(old, func(o desk.Ticket) bool { return o.Conversation == spam.Conversation })
			if err != nil || found != (at == before) {
				t.Fatalf("spam of %d at %d: %v, %v", before, at, found, err)
			}
		}
		if first, err := x.OldSpam(before, 1, nil); err != nil || len(first) != 1 {
			t.Fatalf("one of the old spam: %v, %v", first, err)
		}
	}
}

func checkLists(t Tester, x *persistence.Index, m *model) {
	t.Helper()
	counts, err := x.Counts()
	if err != nil {
		t.Fatalf("counts: %v", err)
	}
	size := map[desk.View]int{desk.ViewOpen: counts.Open, desk.ViewUnassigned: counts.Unassigned, desk.ViewClosed: counts.Closed}
	for v, n := range size {
		want := m.view(v, "")
		if n != len(want) {
			t.Fatalf("%s counts %d, want %d", v, n, len(want))
		}
		checkPages(t, x, desk.TicketQuery{View: v}, want)
	}
	for _, v := range []desk.View{desk.ViewSnoozed, desk.ViewSpam} {
		checkPages(t, x, desk.TicketQuery{View: v}, m.view(v, ""))
	}
	owned := 0
	for _, owner := range append([]string{"ag_none"}, owners...) {
		want := m.view(desk.ViewOwned, owner)
		if n := counts.Owned[desk.AgentID(owner)]; n != len(want) {
			t.Fatalf("%s owns %d by the count, want %d", owner, n, len(want))
		}
		owned += len(want)
		checkPages(t, x, desk.TicketQuery{View: desk.ViewOwned, Owner: desk.AgentID(owner)}, want)
	}
	if counts.Open != counts.Unassigned+owned {
		t.Fatalf("the counts do not add up: %+v", counts)
	}
	var line []desk.Ticket
	for ticket, err := range x.Line() {
		if err != nil {
			t.Fatalf("line: %v", err)
		}
		line = append(line, ticket)
	}
	checkRows(t, "waiting line", line, m.line(), nil)
}

// checkPages reads a list by pages of several sizes.
func checkPages(t Tester, x *persistence.Index, q desk.TicketQuery, want []desk.Ticket) {
	t.Helper()
	for _, q.Limit = range []int{0, 1, 3} {
		var got []desk.Ticket
		for q.Cursor = ""; ; {
			page, err := x.Tickets(q)
			if err != nil {
				t.Fatalf("page of %s: %v", q.View, err)
			}
			got = append(got, page.Tickets...)
			if q.Cursor = page.Next; q.Cursor == "" || len(got) > len(want) {
				break
			}
		}
		checkRows(t, fmt.Sprintf("%s %s by %d", q.View, q.Owner, q.Limit), got, want, nil)
	}
}

func checkKeys(t Tester, x *persistence.Index, m *model) {
	t.Helper()
	for k, want := range m.threads {
		if got, err := x.Thread(desk.ChannelID(k[0]), k[1]); string(got) != want || err != nil {
			t.Fatalf("thread %q: got %q, %v; want %q", k, got, err, want)
		}
	}
	for address, want := range m.answered {
		now := m.records[len(m.records)-1].AtMs
		got, err := x.Answered(strings.ToUpper(address), time.UnixMilli(now))
		if !slices.Equal(got, want) || err != nil {
			t.Fatalf("answers of machines to %s: got %v, %v; want %v", address, got, err, want)
		}
		if late, err := x.Answered(address, time.UnixMilli(now).Add(persistence.AnsweredWithin)); err != nil || len(late) > len(want) || len(late) > 0 && late[0].AtMs <= now {
			t.Fatalf("a day later %v, %v", late, err)
		}
	}
	for k, want := range m.external {
		conversation, message, err := x.MessageByExternal(desk.ChannelID(k[0]), k[1])
		if string(conversation) != want[0] || string(message) != want[1] || err != nil {
			t.Fatalf("external %q: got %q, %q, %v; want %q", k, conversation, message, err, want)
		}
	}
	if got, err := x.Thread("ch_0", "<nobody@mail>"); got != "" || err != nil {
		t.Fatalf("a thread that is not there: %q, %v", got, err)
	}
	for _, channel := range []string{"ch_0", "ch_1"} {
		var want []*deskpb.OutboxItem
		for _, o := range m.outbox {
			if o.Channel == channel && unsettled(o) {
				want = append(want, o)
			}
		}
		slices.SortFunc(want, func(a, b *deskpb.OutboxItem) int { return cmp.Compare(a.Position, b.Position) })
		got, err := x.Outbox(desk.ChannelID(channel), 0)
		checkRows(t, "outbox of "+channel, got, want, err)
		got, err = x.Outbox(desk.ChannelID(channel), 1)
		checkRows(t, "first of the outbox of "+channel, got, want[:min(1, len(want))], err)
	}
}

func checkRow[M interface {
	comparable
	rowMessage
}](t Tester, what string, got, want M, err error) {
	t.Helper()
	checkRows(t, what, []M{got}, []M{want}, err)
}

func checkRows[M rowMessage](t Tester, what string, got, want []M, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	if diff := sameRows(got, want); diff != "" {
		t.Fatalf("%s: %s", what, diff)
	}
}
