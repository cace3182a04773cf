package tableau

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
	"github.com/centralita/centralita/persistence/memory"
	"github.com/centralita/centralita/proto/deskpb"
)

// world is a store with conversations that change, and a table that follows it.
type world struct {
	t interface {
		Helper()
		Fatal(...any)
	}
	store    *memory.Store
	table    *Table
	versions map[string]uint64
	clock    int64
}

func newWorld(t *testing.T, maxClosed int) *world {
	t.Helper()
	w := &world{t: t, store: memory.New(), versions: map[string]uint64{}, clock: 1_700_000_000_000}
	w.table = New(w.store, nil)
	if maxClosed > 0 {
		w.table.closed = maxClosed
	}
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { w.table.Run(ctx) })
	t.Cleanup(func() { cancel(); running.Wait(); _ = w.store.Close() })
	return w
}

func (w *world) append(conversation string, events ...*deskpb.Event) {
	w.t.Helper()
	stream := desk.ConversationID(conversation).Stream()
	e := persistence.Entry{Stream: stream, Expect: w.versions[conversation]}
	for _, ev := range events {
		w.clock++
		w.versions[conversation]++
		e.Records = append(e.Records, &deskpb.Record{Stream: string(stream), Version: w.versions[conversation], AtMs: w.clock, Event: ev})
	}
	done := make(chan error, 1)
	w.store.Append(e, func(_ desk.Position, err error) { done <- err })
	if err := <-done; err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) open(conversation string) {
	w.append(conversation, deskpb.NewEvent(&deskpb.ConversationOpened{
		Channel: "ch_mail", ChannelKind: deskpb.ChannelKind_CHANNEL_KIND_EMAIL, Subject: "About " + conversation, Priority: deskpb.Priority_PRIORITY_NORMAL,
	}))
}

func (w *world) assign(conversation, agent string) {
	w.append(conversation, deskpb.NewEvent(&deskpb.ConversationAssigned{Agent: agent}))
}

func (w *world) status(conversation string, to deskpb.TicketStatus) {
	w.append(conversation, deskpb.NewEvent(&deskpb.TicketStatusChanged{To: to}))
}

// list reads a whole list page by page.
func (w *world) list(q desk.ListQuery) []string {
	w.t.Helper()
	var ids []string
	for {
		page, err := w.table.List(context.Background(), q)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, t := range page.Tickets {
			ids = append(ids, t.Conversation)
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return ids
		}
	}
}

// expected is the same list from all the rows of the index.
func (w *world) expected(q desk.ListQuery) []string {
	w.t.Helper()
	m := q.Filter.Matcher(q.Viewer, q.Teams, time.Now().UnixMilli())
	var rows []desk.Row
	err := w.store.Index().EachTicket(func(t desk.Ticket) bool {
		if r := desk.RowOf(t, nil); m.Matches(&r) {
			rows = append(rows, r)
		}
		return true
	})
	if err != nil {
		w.t.Fatal(err)
	}
	sort := q.Sort
	if sort == "" {
		sort = desk.SortUpdated
	}
	slices.SortFunc(rows, func(a, b desk.Row) int {
		return place{sort.Rank(&a, q.Ascending), a.Conversation}.compare(place{sort.Rank(&b, q.Ascending), b.Conversation})
	})
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.Conversation
	}
	return ids
}

// Whatever happens, every list and count is what the index says at that moment: nothing durable is missing.
func TestListsAreWhatTheIndexSays(t *testing.T) {
	t.Parallel()
	windows := 0
	for _, maxClosed := range []int{0, 5, 0, 5} {
		w := newWorld(t, maxClosed)
		if windows++; windows > 2 {
			w.table.window = 7 // rows enter and leave what is kept in order
		}
		for i := range 40 {
			w.open(fmt.Sprintf("cv_%02d", i))
		}
		ben := desk.ViewerOf(&deskpb.AgentSummary{Agent: "ag_ben", Access: deskpb.Access_ACCESS_OWN}, nil)
		filters := []desk.Filter{
			{}, {Status: []string{"open"}}, {Status: []string{"closed"}}, {Owner: []string{"me"}}, {Owner: []string{"nobody"}, Status: []string{"open"}},
			{Priority: []string{"urgent", "low"}}, {Text: "cv_1"},
		}
		rapid.Check(t, func(t *rapid.T) {
			w.t = t
			for range rapid.IntRange(0, 12).Draw(t, "changes") {
				id := fmt.Sprintf("cv_%02d", rapid.IntRange(0, 39).Draw(t, "conversation"))
				switch rapid.IntRange(0, 3).Draw(t, "what") {
				case 0:
					w.assign(id, rapid.SampledFrom([]string{"ag_ada", "ag_ben"}).Draw(t, "agent"))
				case 1:
					w.status(id, deskpb.TicketStatus(rapid.IntRange(1, 4).Draw(t, "status")))
				case 2:
					w.append(id, deskpb.NewEvent(&deskpb.TicketPriorityChanged{Priority: deskpb.Priority(rapid.IntRange(1, 4).Draw(t, "priority"))}))
				case 3:
					w.append(id, deskpb.NewEvent(&deskpb.NoteAdded{Message: "n", Body: &deskpb.Body{Text: "x"}}))
				}
			}
			q := desk.ListQuery{Filter: rapid.SampledFrom(filters).Draw(t, "filter"), Limit: rapid.IntRange(1, 60).Draw(t, "limit")}
			if maxClosed == 0 || !q.Filter.Matcher(nil, nil, 0).MayBeClosed() {
				q.Sort, q.Ascending = rapid.SampledFrom(desk.Sorts).Draw(t, "sort"), rapid.Bool().Draw(t, "ascending")
			}
			if q.Viewer = ben; rapid.Bool().Draw(t, "everything") {
				q.Viewer = &desk.Viewer{Agent: "ag_ada", Access: deskpb.Access_ACCESS_ALL}
			}
			got, want := w.list(q), w.expected(q)
			if !slices.Equal(got, want) {
				t.Fatalf("%s by %s: %v, want %v", q.Filter, q.Sort, got, want)
			}
			counts, err := w.table.Count(context.Background(), []desk.ListQuery{q})
			if err != nil {
				t.Fatal(err)
			}
			if counts[0].N != len(want) && !counts[0].More {
				t.Fatalf("%s: counted %d, want %d", q.Filter, counts[0].N, len(want))
			}
		})
	}
}

// Pages follow each other by their cursors although rows move: what does not move is seen once.
func TestPagesWhileRowsMove(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 0)
	for i := range 30 {
		w.open(fmt.Sprintf("cv_%02d", i))
	}
	seen := map[string]int{}
	q := desk.ListQuery{Limit: 7}
	for turn := 0; ; turn++ {
		page, err := w.table.List(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range page.Tickets {
			seen[row.Conversation]++
		}
		w.status(fmt.Sprintf("cv_%02d", turn), deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_US) // moves to the front
		w.open(fmt.Sprintf("cv_new%d", turn))
		if q.Cursor = page.Next; q.Cursor == "" {
			break
		}
	}
	for i := 5; i < 30; i++ {
		if id := fmt.Sprintf("cv_%02d", i); seen[id] != 1 {
			t.Errorf("%s was seen %d times", id, seen[id])
		}
	}
	if _, err := w.table.List(t.Context(), desk.ListQuery{Cursor: "x"}); desk.CodeOf(err) != desk.Invalid {
		t.Error(err)
	}
	if _, err := w.table.List(t.Context(), desk.ListQuery{Sort: "colour"}); desk.CodeOf(err) != desk.Invalid {
		t.Error(err)
	}
}

// What changed too much while nobody asked is let go, and read anew for the next question.
func TestRowsAreLetGoAndReadAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 0)
	w.open("cv_1")
	if got := w.list(desk.ListQuery{}); len(got) != 1 {
		t.Fatal(got)
	}
	w.table.feed.Lock()
	for i := range maxDirty {
		w.table.dirty[fmt.Sprint("cv_x", i)] = struct{}{}
	}
	w.table.feed.Unlock()
	w.open("cv_2")
	if got := w.list(desk.ListQuery{}); !slices.Equal(got, []string{"cv_2", "cv_1"}) {
		t.Fatal(got)
	}
}

func TestAQuestionEndsWithItsContext(t *testing.T) {
	t.Parallel()
	table := New(memory.New(), nil) // nobody runs it
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := table.List(ctx, desk.ListQuery{}); desk.CodeOf(err) != desk.Unavailable {
		t.Error(err)
	}
	if _, err := table.Count(ctx, nil); desk.CodeOf(err) != desk.Unavailable {
		t.Error(err)
	}
}
