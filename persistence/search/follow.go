package search

import (
	"context"
	"errors"
	"fmt"
	"time"

	bleve "github.com/blevesearch/bleve_index_api"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
)

// Bounds of a batch, and the pace.
const (
	batchDocs = 500
	// dirtyMost is how many streams may wait to be written; when there are more, the journal is read on later.
	dirtyMost = 200_000
	// look is how often is looked whether the journal is calm: it is when, between so many looks in a row, hardly anything came.
	look      = 50 * time.Millisecond
	calmLooks = 4
	calmGrows = 5 // records between two looks
	calmWaits = 8 // entries that wait for the journal
	// giveWay is how long the index waits for calm before it writes a batch all the same; less when so much came in meanwhile
	// that this is no peak but a state.
	giveWay     = 10 * time.Second
	giveWayLess = time.Second
	farBehind   = 250_000
	// knownDocs is how many conversations are remembered as written up to a position, so that a history in which many
	// conversations took turns is read once and not once a turn.
	knownDocs = 100_000
)

// follower indexes what the journal says, batch by batch. It notes at once whose words changed, which costs next to nothing,
// and writes them when the journal is calm: what is talked in meanwhile is written once.
type follower struct {
	*Index
	writer writer
	known  *persistence.Recent[string, uint64]
	until  desk.Position // where to stop; 0: never

	dirty map[desk.StreamID]desk.Position // what is in line, and when it changed last
	line  []changed                       // oldest first change first
	to    desk.Position                   // the last record that was noted

	calm  int           // looks in a row
	head  desk.Position // at the last look
	after time.Time     // no batch before this
	late  time.Time     // when a batch is written, calm or not
}

// changed is a stream with words that are not indexed as they are now, since a position.
type changed struct {
	stream desk.StreamID
	since  desk.Position
}

func newFollower(x *Index) *follower {
	return &follower{
		Index: x, writer: writer{stems: newStemmer()}, known: persistence.NewRecent[string, uint64](knownDocs),
		dirty: map[desk.StreamID]desk.Position{}, to: x.At(), head: x.store.Head(),
	}
}

// step is a record as far as it is of interest here.
type step struct {
	stream desk.StreamID
	at     desk.Position
	err    error
}

// run follows until ctx ends, or the position is reached.
func (f *follower) run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	steps := make(chan step, 1024) // full: the journal's reader waits, which slows nobody else
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer close(steps)
		f.read(ctx, steps)
	}()
	defer func() { cancel(); <-done }()
	if f.until > 0 {
		return f.catchUp(ctx, steps)
	}
	var looks <-chan time.Time // while something is in line
	tick := time.NewTicker(look)
	defer tick.Stop()
	for {
		from := steps
		if len(f.line) >= dirtyMost {
			from = nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case s, ok := <-from:
			if err := f.take(ctx, s, ok); err != nil {
				return err
			}
			if len(f.line) > 0 && looks == nil {
				looks, f.calm = tick.C, 0
				f.late = time.Now().Add(f.patience())
			}
		case <-looks:
			if !f.due(time.Now()) {
				continue
			}
			began := time.Now()
			if err := f.flush(ctx, batchDocs); err != nil {
				return err
			}
			now := time.Now()
			f.after = now.Add(min(now.Sub(began)/2, time.Second)) // at most two thirds of one core, also when far behind
			f.late = now.Add(f.patience())
			if len(f.line) == 0 {
				looks = nil
			}
		}
	}
}

// catchUp writes all there is up to a position: nobody waits.
func (f *follower) catchUp(ctx context.Context, steps <-chan step) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case s, ok := <-steps:
			if err := f.take(ctx, s, ok); err != nil {
				return err
			}
		}
		last := f.to >= f.until
		for len(f.line) >= batchDocs || last && f.At() < f.to {
			if err := f.flush(ctx, batchDocs); err != nil {
				return err
			}
		}
		if last {
			return nil
		}
	}
}

// read reads the journal.
func (f *follower) read(ctx context.Context, steps chan<- step) {
	for r, err := range f.store.Tail(ctx, f.At()) {
		s := step{err: err}
		if err == nil {
			s = step{desk.StreamID(r.Stream), desk.Position(r.Position), nil}
		} else if corrupt, is := errors.AsType[*persistence.CorruptError](err); is {
			f.log.Warn("a damaged record is not searchable", "err", corrupt)
			continue
		}
		select {
		case steps <- s:
		case <-ctx.Done():
			return
		}
		if f.until == 0 && s.at >= f.store.Head() {
			rest(ctx, look) // what comes is read together
		}
	}
}

// take notes whose words a record changes.
func (f *follower) take(ctx context.Context, s step, ok bool) error {
	switch {
	case !ok:
		return errors.Join(errors.New("the journal ended"), ctx.Err())
	case s.err != nil:
		return fmt.Errorf("follow the journal: %w", s.err)
	}
	f.to = s.at
	if kind := s.stream.Kind(); kind == desk.KindConversation || kind == desk.KindContact {
		if f.dirty[s.stream] == 0 {
			f.line = append(f.line, changed{s.stream, s.at})
		}
		f.dirty[s.stream] = s.at
	}
	if len(f.line) == 0 && f.until == 0 {
		f.at.Store(uint64(f.to)) // nothing to write: a restart reads some records once more
	}
	return nil
}

// due looks whether it is time for a batch.
func (f *follower) due(now time.Time) bool {
	head := f.store.Head()
	if f.calm++; head-f.head > calmGrows || f.store.Waiting() > calmWaits {
		f.calm = 0
	}
	f.head = head
	return now.After(f.after) && (f.calm >= calmLooks || now.After(f.late))
}

func (f *follower) patience() time.Duration {
	if f.Behind() > farBehind {
		return giveWayLess
	}
	return giveWay
}

// flush writes the conversations that changed longest ago and how far the index came, together.
func (f *follower) flush(ctx context.Context, docs int) error {
	b := bleve.NewBatch()
	head := uint64(f.store.Head()) // what is read below knows at least this
	written := map[string]bool{}
	n := 0
	for ; n < len(f.line) && len(written) < docs; n++ {
		of, err := f.conversations(f.line[n])
		if err != nil {
			return err
		}
		for _, id := range of {
			if up, _ := f.known.Get(id); written[id] || up >= uint64(f.dirty[f.line[n].stream]) {
				continue
			}
			written[id] = true
			doc, err := f.document(ctx, desk.ConversationID(id))
			if err != nil {
				return err
			}
			if doc == nil {
				b.Delete(id)
				continue
			}
			b.Update(doc)
			f.known.Put(id, head)
		}
	}
	to := f.to
	if n < len(f.line) {
		to = f.line[n].since - 1
	}
	b.SetInternal(keyCheckpoint, f.checkpointAt(to))
	f.open.RLock()
	defer f.open.RUnlock()
	if err := f.index.Batch(b); err != nil {
		return fmt.Errorf("write the search index: %w", err)
	}
	for _, c := range f.line[:n] {
		delete(f.dirty, c.stream)
	}
	if f.line = f.line[n:]; len(f.line) == 0 {
		f.line = nil
	}
	f.at.Store(uint64(to))
	return nil
}

// conversations are those whose documents a change touches.
func (f *follower) conversations(c changed) ([]string, error) {
	id := c.stream.ID()
	if c.stream.Kind() == desk.KindConversation {
		return []string{id}, nil
	}
	tickets, err := f.store.Index().TicketsOfContact(desk.ContactID(id), batchDocs)
	if err != nil {
		return nil, fmt.Errorf("read the tickets of %s: %w", c.stream, err)
	}
	all := make([]string, len(tickets))
	for i, t := range tickets {
		all[i] = t.Conversation
	}
	return all, nil
}

// document makes the document of a conversation as it is now; nil when there is none.
func (f *follower) document(ctx context.Context, id desk.ConversationID) (*document, error) {
	t, err := f.store.Index().Ticket(id)
	if err != nil || t == nil || t.Purged {
		return nil, err
	}
	c, err := f.store.Index().Contact(desk.ContactID(t.Contact))
	if err != nil {
		return nil, fmt.Errorf("read contact %s: %w", t.Contact, err)
	}
	records, err := load(ctx, f.store, id, t.PurgedVersion)
	if err != nil {
		return nil, err
	}
	sides, err := asides(ctx, f.store, t)
	if err != nil {
		return nil, err
	}
	return f.writer.write(t, c, records, sides), nil
}

// load reads a conversation after a version; a damaged record is passed over.
func load(ctx context.Context, j persistence.Journal, id desk.ConversationID, after uint64) (all []desk.Record, err error) {
	for r, err := range j.Load(ctx, id.Stream(), after) {
		if _, corrupt := errors.AsType[*persistence.CorruptError](err); corrupt {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read conversation %s: %w", id, err)
		}
		all = append(all, r)
	}
	return all, nil
}
