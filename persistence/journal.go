// Package persistence is the memory: the journal of facts, the index that is a fold of it, snapshots and blobs. It holds
// the contracts, the record codec and the projection; persistence/badger keeps them on disk, persistence/memory in memory
// (the readable reference). persistence/journaltest is the specification both pass.
package persistence

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/centralita/centralita/desk"
)

// Why an entry was refused. Nothing of a refused entry is written.
var (
	// ErrConflict: the stream's version is not the expected one.
	ErrConflict = errors.New("journal: another version than expected")
	// ErrStaleEpoch: a newer owner has written to the stream.
	ErrStaleEpoch = errors.New("journal: a newer owner has written")
	// ErrDuplicate: the entry's key was seen before.
	ErrDuplicate = errors.New("journal: key seen before")
	// ErrGone: what the entry rests on does not stand any more.
	ErrGone = errors.New("journal: what it rests on is gone")
	// ErrDiskFull: free space is below the reserve; nothing new is taken until there is room.
	ErrDiskFull = errors.New("journal: the disk is nearly full")
	// ErrDamaged: what is on disk is not what was written. Nothing new is taken, because what is missing would be taken
	// for not there; restore a backup.
	ErrDamaged = errors.New("journal: the store is damaged")
	// ErrTooLarge: one entry does not fit into one transaction of the store.
	ErrTooLarge = errors.New("journal: entry too large")
	// ErrClosed: the journal is closed or closing.
	ErrClosed = errors.New("journal: closed")
)

// Entry is what one command made: all of it becomes durable, or none.
type Entry struct {
	Stream desk.StreamID
	// Epoch is the shard's; an entry with a smaller one than the stream has seen is refused.
	Epoch uint64
	// Expect is the stream's version before this entry (0: the stream is empty).
	Expect uint64
	// Records are the events with stream, version (Expect+1, …), at and by filled in; the journal fills in the position
	// and owns them from here on. At least one.
	Records []desk.Record
	// Key is an idempotency key, unique over the whole journal while it is remembered; "" for none.
	Key string
	// While is what must stand in other streams when the entry is written, else ErrGone. So a fact of one stream can rest on one of
	// another: an assignment on the agent's promise.
	While []desk.Standing
}

// CheckEntry says what is wrong with an entry that no store could take: that is a mistake of the caller.
func CheckEntry(e Entry) error {
	if _, _, ok := e.Stream.Split(); !ok {
		return fmt.Errorf("append: %q is not a stream", e.Stream)
	}
	if len(e.Records) == 0 {
		return fmt.Errorf("append to %s: an entry without records", e.Stream)
	}
	for i, r := range e.Records {
		if r.GetEvent() == nil || r.Stream != string(e.Stream) || r.Version != e.Expect+1+uint64(i) {
			return fmt.Errorf("append to %s: record %d has no event, or not its stream and version %d", e.Stream, i, e.Expect+1+uint64(i))
		}
	}
	return nil
}

// StampEntry notes key and epoch in the records of an entry, as a store does before it keeps them.
func StampEntry(e Entry) {
	for _, r := range e.Records {
		r.Epoch, r.Key = e.Epoch, ""
	}
	e.Records[0].Key = e.Key
}

// Journal is the one order of all facts.
type Journal interface {
	// Append queues all events of the entry, or none, and never blocks. done is called exactly once, from the
	// writer's goroutine, in order per stream, when they are durable (with the position of the last one) or refused. It
	// must not block and must not call Append. Index changes of an entry are visible before its done is called.
	Append(e Entry, done func(desk.Position, error))
	// Load yields the records of one stream with a version greater than after, in order, then ends.
	Load(ctx context.Context, stream desk.StreamID, after uint64) iter.Seq2[desk.Record, error]
	// Tail yields every record with a position greater than after, in order, without gap: history first, then live
	// as it becomes durable, until ctx ends or the consumer stops. A slow reader does not slow the writer.
	Tail(ctx context.Context, after desk.Position) iter.Seq2[desk.Record, error]
	// Head is the position of the last durable record.
	Head() desk.Position
	// Epoch names this history: another one means that positions kept elsewhere are void (a restored backup).
	Epoch() string
}

// Snapshots is a versioned cache of states; losing it costs time only.
type Snapshots interface {
	// LoadSnapshot gives the newest state kept for a stream, if its format is the one asked for.
	LoadSnapshot(ctx context.Context, stream desk.StreamID, format uint32) (state []byte, version uint64, ok bool, err error)
	// SaveSnapshot keeps a state in the background; it may be dropped. The bytes are handed over.
	SaveSnapshot(stream desk.StreamID, format uint32, version uint64, state []byte)
}

// Queue is what a journal can say of its writer, for limits at the edges and for metrics.
type Queue interface {
	// Waiting is the number of entries queued and not settled.
	Waiting() int
	// Refusing is why the writer takes nothing at this moment, such as ErrDiskFull; nil when it does.
	Refusing() error
}

// Store is what a kind of persistence provides.
type Store interface {
	Journal
	Snapshots
	Queue
	// Index gives the queries over the projection.
	Index() *Index
	// Close flushes what is queued, then closes. Appends after it get ErrClosed.
	Close() error
}
