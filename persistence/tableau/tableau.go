// Package tableau keeps the rows of the tickets in memory, in the form that filters look through: any list, in any order, and
// any count is one pass over it the first time, and is then moved by every row that changes. It is a fold of the journal like
// all others, and can be thrown away at any time.
//
// It costs nothing until somebody asks, or Ready says that somebody will: then a goroutine reads the rows from the index (up to a second
// for a hundred thousand), follows the journal and notes which conversations changed. Their rows are read again when the next
// question comes, so that taking in a flood of messages pays for one entry in a map each, and an answer still includes
// everything that was durable when it was asked for. When nobody has asked for long and much has changed, the rows are let go.
//
// All open tickets are kept, and the closed ones that changed last (maxClosed). What is older is answered from the index, a
// bounded piece at a time.
package tableau

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
)

const (
	maxClosed = 50_000  // closed tickets kept
	maxDirty  = 100_000 // changed conversations noted; beyond, the rows are let go and read anew when somebody asks
	reload    = 5 * time.Second
)

// Store is what it follows: persistence.Store has it all.
type Store interface {
	persistence.Journal
	Index() *persistence.Index
}

// Table is the rows. Make it with New, and Run it; questions wait until it does.
type Table struct {
	store  Store
	log    *slog.Logger
	closed int // closed tickets kept
	window int // rows of a list that are kept in their order
	wanted chan struct{}

	feed    sync.Mutex // guards the fields below: what the journal has told and nobody has read yet
	news    *sync.Cond
	state   state
	failed  error
	seen    desk.Position
	dirty   map[string]struct{}
	stopped bool

	mu       sync.RWMutex // guards the fields below: the rows
	rows     []desk.Row   // of a freed slot the conversation is ""
	slots    map[string]int
	free     []int
	kept     int   // closed rows
	horizon  int64 // closed tickets that changed before are not here; 0: all are
	interned map[string]string
	counters map[string]*counter
	standing map[string]*standing
}

type state uint8

const (
	cold state = iota // nothing is kept; the next question starts loading
	loading
	ready
)

// New makes an empty table over a store.
func New(store Store, log *slog.Logger) *Table {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	t := &Table{store: store, log: log, closed: maxClosed, window: standingRows, wanted: make(chan struct{}, 1), dirty: map[string]struct{}{}}
	t.news = sync.NewCond(&t.feed)
	t.clear()
	return t
}

// Run follows the journal whenever somebody asks, until ctx ends. Call it once.
func (t *Table) Run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			t.stop()
			return
		case <-t.wanted:
		}
		if err := t.follow(ctx); err != nil && ctx.Err() == nil {
			t.log.Error("the tickets' rows cannot be followed, they are read anew", "err", err)
			t.fail(err)
			select {
			case <-ctx.Done():
			case <-time.After(reload):
			}
		}
	}
}

// errLetGo: nobody asked for long.
var errLetGo = errors.New("let go")

// follow reads the rows, then what changes them, until they are let go.
func (t *Table) follow(ctx context.Context) error {
	at := t.store.Head()
	began := time.Now()
	if err := t.load(ctx); err != nil {
		return err
	}
	t.feed.Lock()
	t.state, t.seen, t.failed = ready, at, nil
	clear(t.dirty)
	t.news.Broadcast()
	t.feed.Unlock()
	t.log.Debug("the tickets' rows are in memory", "rows", len(t.slots), "took", time.Since(began))
	for r, err := range t.store.Tail(ctx, at) {
		if errors.Is(err, persistence.ErrCorrupt) {
			continue // the index has what could be read
		}
		if err != nil {
			return err
		}
		if err := t.note(r); err != nil {
			return nil
		}
	}
	return ctx.Err()
}

// note takes a record of the journal.
func (t *Table) note(r desk.Record) error {
	t.feed.Lock()
	defer t.feed.Unlock()
	t.seen = desk.Position(r.Position)
	if stream := desk.StreamID(r.Stream); stream.Kind() == desk.KindConversation {
		t.dirty[stream.ID()] = struct{}{}
	}
	if len(t.dirty) > maxDirty {
		t.state = cold
		clear(t.dirty)
		t.mu.Lock()
		t.clear()
		t.mu.Unlock()
		t.news.Broadcast()
		return errLetGo
	}
	t.news.Broadcast()
	return nil
}

func (t *Table) fail(err error) {
	t.feed.Lock()
	defer t.feed.Unlock()
	t.state, t.failed = cold, err
	t.news.Broadcast()
}

func (t *Table) stop() {
	t.feed.Lock()
	defer t.feed.Unlock()
	t.stopped = true
	t.news.Broadcast()
}

// Ready reports whether a question is answered at once. If not, the rows begin to be read.
func (t *Table) Ready() bool {
	t.feed.Lock()
	defer t.feed.Unlock()
	if t.state == cold {
		t.want()
	}
	return t.state == ready
}

// want starts the reading. Called with feed held.
func (t *Table) want() {
	t.state = loading
	select {
	case t.wanted <- struct{}{}:
	default:
	}
}

// current brings the rows to what is durable now.
func (t *Table) current(ctx context.Context) error {
	head := t.store.Head()
	defer context.AfterFunc(ctx, func() {
		t.feed.Lock()
		defer t.feed.Unlock()
		t.news.Broadcast()
	})()
	t.feed.Lock()
	for t.state != ready || t.seen < head {
		switch {
		case t.stopped || ctx.Err() != nil:
			t.feed.Unlock()
			return desk.Refuse(desk.Unavailable, "", "the lists are being read; try again in a moment")
		case t.failed != nil && t.state == cold:
			err := t.failed
			t.failed = nil
			t.feed.Unlock()
			return err
		case t.state == cold:
			t.want()
		}
		t.news.Wait()
	}
	changed := make([]string, 0, len(t.dirty))
	for id := range t.dirty {
		changed = append(changed, id)
	}
	t.mu.Lock() // before feed is let go: whoever finds nothing dirty finds it applied
	clear(t.dirty)
	t.feed.Unlock()
	if len(changed)*(len(t.counters)+len(t.standing)) > maxMoves {
		clear(t.counters)
		clear(t.standing)
	}
	tickets, err := t.store.Index().TicketsByID(changed)
	for _, row := range tickets {
		t.put(row)
	}
	t.mu.Unlock()
	if err == nil {
		return nil
	}
	t.feed.Lock() // they are still to be read
	defer t.feed.Unlock()
	for _, id := range changed {
		t.dirty[id] = struct{}{}
	}
	return fmt.Errorf("read the rows of %d tickets: %w", len(changed), err)
}

// load reads all open tickets and the newest closed ones.
func (t *Table) load(ctx context.Context) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.clear()
	n := 0
	take := func(row desk.Ticket) bool {
		n++
		if t.kept >= t.closed && closedList(row) {
			t.horizon = row.UpdatedAtMs + 1
			return false
		}
		t.put(row)
		return n%1000 != 0 || ctx.Err() == nil
	}
	if err := t.store.Index().EachTicket(take); err != nil {
		return fmt.Errorf("read the tickets: %w", err)
	}
	t.forgetBefore(t.horizon)
	return ctx.Err()
}

func closedList(row desk.Ticket) bool { r := desk.RowOf(row, nil); return isClosed(&r) }

func (t *Table) clear() {
	t.rows, t.slots, t.free, t.kept, t.horizon = nil, map[string]int{}, nil, 0, 0
	t.interned, t.counters, t.standing = map[string]string{}, map[string]*counter{}, map[string]*standing{}
}

func (t *Table) intern(s string) string {
	if s == "" {
		return ""
	}
	if one, known := t.interned[s]; known {
		return one
	}
	t.interned[s] = s
	return s
}

// put takes a row that is new or another. Called with mu held.
func (t *Table) put(ticket desk.Ticket) {
	slot, known := t.slots[ticket.Conversation]
	if known && t.rows[slot].Version >= ticket.Version {
		return
	}
	row := desk.RowOf(ticket, t.intern)
	closed := isClosed(&row)
	if !known {
		if closed && row.UpdatedMs < t.horizon {
			return // older than what is kept
		}
		if n := len(t.free); n > 0 {
			slot, t.free = t.free[n-1], t.free[:n-1]
		} else {
			slot = len(t.rows)
			t.rows = append(t.rows, desk.Row{})
		}
		t.slots[row.Conversation] = slot
	}
	old := t.rows[slot]
	t.recount(&old, &row)
	if isClosed(&old) {
		t.kept--
	}
	if t.rows[slot] = row; closed {
		t.kept++
		t.forgetOld()
	}
}
