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

// Bounds of a batch: it is as large as what came in meanwhile, and never larger than this.
const (
	batchRecords = 2000
	batchDocs    = 500
	// gather is how long is waited for more of what came in: a conversation that is talked in is written once.
	gather = 200 * time.Millisecond
	// busy is how many entries wait for the journal while the index gives way, for at most giveWay at a time.
	busy    = 32
	giveWay = 3 * time.Second
	// knownDocs is how many conversations are remembered as written up to a position, so that a history in which many
	// conversations took turns is read once and not once a turn.
	knownDocs = 100_000
)

// follower indexes what the journal says, batch by batch.
type follower struct {
	*Index
	writer writer
	known  *persistence.Recent[string, uint64]
	until  desk.Position // where to stop; 0: never

	dirty map[string]bool // conversations that changed
	to    desk.Position   // of the last record that dirty knows
}

func newFollower(x *Index) *follower {
	return &follower{Index: x, writer: writer{stems: newStemmer()}, known: persistence.NewRecent[string, uint64](knownDocs), dirty: map[string]bool{}, to: x.At()}
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
		}
	}()
	defer func() { cancel(); <-done }()
	for {
		if err := f.gather(ctx, steps); err != nil {
			return err
		}
		if f.until == 0 {
			f.yieldToWork(ctx)
		}
		began := time.Now()
		if err := f.flush(ctx); err != nil {
			return err
		}
		if f.until > 0 && f.At() >= f.until {
			return nil
		}
		if f.until == 0 { // at most two thirds of one core, also when far behind
			rest(ctx, min(time.Since(began)/2, time.Second))
		}
	}
}

// gather waits for the first step and takes what follows it.
func (f *follower) gather(ctx context.Context, steps <-chan step) error {
	var timer <-chan time.Time
	records, docs := batchRecords, batchDocs
	if f.until > 0 { // nobody waits: larger batches make fewer pieces to merge
		records, docs = 2*batchRecords, 2*batchDocs
	}
	for n := 0; n < records && len(f.dirty) < docs; n++ {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case s, ok := <-steps:
			switch {
			case !ok:
				return errors.Join(errors.New("the journal ended"), ctx.Err())
			case s.err != nil:
				return fmt.Errorf("follow the journal: %w", s.err)
			}
			if err := f.note(s); err != nil {
				return err
			}
			if f.until > 0 && s.at >= f.until {
				return nil
			}
			if timer == nil && f.until == 0 {
				t := time.NewTimer(gather)
				defer t.Stop()
				timer = t.C
			}
		case <-timer:
			return nil
		}
	}
	return nil
}

// note remembers whose document a record changes.
func (f *follower) note(s step) error {
	f.to = s.at
	switch s.stream.Kind() {
	case desk.KindConversation:
		if up, _ := f.known.Get(s.stream.ID()); up < uint64(s.at) {
			f.dirty[s.stream.ID()] = true
		}
	case desk.KindContact:
		tickets, err := f.store.Index().TicketsOfContact(desk.ContactID(s.stream.ID()), batchDocs)
		if err != nil {
			return fmt.Errorf("read the tickets of %s: %w", s.stream, err)
		}
		for _, t := range tickets {
			if up, _ := f.known.Get(t.Conversation); up < uint64(s.at) {
				f.dirty[t.Conversation] = true
			}
		}
	}
	return nil
}

// yieldToWork waits while the journal has work.
func (f *follower) yieldToWork(ctx context.Context) {
	const look = 50 * time.Millisecond
	for waited := time.Duration(0); f.store.Waiting() > busy && waited < giveWay && ctx.Err() == nil; waited += look {
		rest(ctx, look)
	}
}

// flush writes the conversations that changed and how far the index came, together.
func (f *follower) flush(ctx context.Context) error {
	b := bleve.NewBatch()
	head := uint64(f.store.Head()) // what is read below knows at least this
	for id := range f.dirty {
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
	b.SetInternal(keyCheckpoint, f.checkpointAt(f.to))
	f.open.RLock()
	defer f.open.RUnlock()
	if err := f.index.Batch(b); err != nil {
		return fmt.Errorf("write the search index: %w", err)
	}
	clear(f.dirty)
	f.at.Store(uint64(f.to))
	return nil
}

// document makes the document of a conversation as it is now; nil when there is none.
func (f *follower) document(ctx context.Context, id desk.ConversationID) (*document, error) {
	t, err := f.store.Index().Ticket(id)
	if err != nil || t == nil {
		return nil, err
	}
	c, err := f.store.Index().Contact(desk.ContactID(t.Contact))
	if err != nil {
		return nil, fmt.Errorf("read contact %s: %w", t.Contact, err)
	}
	records, err := load(ctx, f.store, id)
	if err != nil {
		return nil, err
	}
	return f.writer.write(t, c, records), nil
}

// load reads a conversation; a damaged record is passed over.
func load(ctx context.Context, j persistence.Journal, id desk.ConversationID) (all []desk.Record, err error) {
	for r, err := range j.Load(ctx, id.Stream(), 0) {
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
