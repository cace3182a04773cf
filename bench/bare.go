package bench

import (
	"context"
	"encoding/binary"
	"fmt"

	bdg "github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
)

// bareSettings are the journal's own (persistence/badger), so that what is compared is what we do with it.
func bareSettings(dir string) bdg.Options {
	return bdg.DefaultOptions(dir).
		WithSyncWrites(true).WithDetectConflicts(false).WithNumVersionsToKeep(1).
		WithMemTableSize(32 << 20).WithNumMemtables(2).WithBaseTableSize(8 << 20).
		WithNumCompactors(2).WithNumLevelZeroTables(4).WithNumLevelZeroTablesStall(12).
		WithValueLogFileSize(64 << 20).WithValueThreshold(32 << 10).
		WithCompression(options.None).WithBlockCacheSize(0).WithIndexCacheSize(0).
		WithMetricsEnabled(false).WithLogger(nil)
}

// bare is Badger with one writer that puts whatever waits into one transaction and syncs once, and does nothing else.
type bare struct {
	db    *bdg.DB
	calls chan bareCall
	over  chan struct{}
}

type bareCall struct {
	ops  []op
	done chan<- error
}

// op is one write: a nil value deletes.
type op struct{ key, value []byte }

func openBare(dir string) (*bare, error) {
	db, err := bdg.OpenManaged(bareSettings(dir))
	if err != nil {
		return nil, fmt.Errorf("open a bare Badger: %w", err)
	}
	b := &bare{db: db, calls: make(chan bareCall, 4096), over: make(chan struct{})}
	go b.write(db.MaxVersion())
	return b, nil
}

// commit returns when the writes are durable.
func (b *bare) commit(ops []op) error {
	done := make(chan error, 1)
	b.calls <- bareCall{ops, done}
	return <-done
}

func (b *bare) write(at uint64) {
	defer close(b.over)
	var group []bareCall
	for c := range b.calls {
		group = append(group[:0], c)
		for len(b.calls) > 0 && len(group) < 512 {
			group = append(group, <-b.calls)
		}
		at++
		err := b.transaction(group, at)
		b.db.SetDiscardTs(at)
		for _, c := range group {
			c.done <- err
		}
	}
}

func (b *bare) transaction(group []bareCall, at uint64) error {
	txn := b.db.NewTransactionAt(at-1, true)
	defer txn.Discard()
	for _, c := range group {
		for _, o := range c.ops {
			var err error
			if o.value == nil {
				err = txn.Delete(o.key)
			} else {
				err = txn.Set(o.key, o.value)
			}
			if err != nil {
				return err
			}
		}
	}
	return txn.CommitAt(at, nil)
}

func (b *bare) close() error {
	close(b.calls)
	<-b.over
	return b.db.Close()
}

// sample is what the journal wrote for so many messages: to be written again, as often as wanted, by somebody else.
type sample struct {
	ops      []op
	messages int
	bytes    int // of the records of one message
}

// part gives the writes of message n. Every lap through the sample has keys of its own.
func (s *sample) part(n int) []op {
	lap, i := n/s.messages, n%s.messages
	from, to := i*len(s.ops)/s.messages, (i+1)*len(s.ops)/s.messages
	ops := make([]op, to-from)
	for k, o := range s.ops[from:to] {
		key := make([]byte, 0, len(o.key)+4)
		key = append(key, o.key[:2]...)
		key = binary.BigEndian.AppendUint32(key, uint32(lap))
		ops[k] = op{append(key, o.key[2:]...), o.value}
	}
	return ops
}

// sampleOf finds what the journal wrote for its first records, up to a position, by projecting them again in groups. The journal's
// own keys (record, head of the stream) are added as they are, the latter with its usual size.
func sampleOf(ctx context.Context, o *office, to desk.Position, messages int) (*sample, error) {
	const together = 64
	t := tracer{known: map[string][]byte{}, proj: persistence.NewProjector(4096), heads: map[string]bool{}}
	for r, err := range o.engine.Watch(ctx, 0) {
		if err == nil {
			err = t.add(r)
		}
		if err == nil && (r.Position%together == 0 || desk.Position(r.Position) >= to) {
			err = t.flush()
		}
		if err != nil {
			return nil, fmt.Errorf("trace the journal's writes: %w", err)
		}
		if desk.Position(r.Position) >= to {
			break
		}
	}
	return &sample{ops: t.ops, messages: messages, bytes: t.bytes / messages}, nil
}

// tracer is the index in memory, and remembers every write.
type tracer struct {
	known map[string][]byte
	heads map[string]bool
	proj  *persistence.Projector
	ops   []op
	bytes int
}

func (t *tracer) add(r desk.Record) error {
	raw, err := persistence.EncodeRecord(r)
	if err != nil {
		return err
	}
	t.bytes += len(raw)
	t.heads[r.Stream] = true
	t.ops = append(t.ops, op{binary.BigEndian.AppendUint64([]byte("p"), r.Position), raw})
	return t.proj.Project(t, r)
}

func (t *tracer) flush() error {
	for stream := range t.heads {
		t.ops = append(t.ops, op{[]byte("h" + stream), make([]byte, 24)})
	}
	clear(t.heads)
	return t.proj.Flush(t)
}

// Get implements persistence.Tx.
func (t *tracer) Get(key []byte) ([]byte, error) { return t.known[string(key)], nil }

// Set implements persistence.Tx.
func (t *tracer) Set(key, value []byte) error {
	if value == nil {
		value = []byte{}
	}
	t.known[string(key)] = value
	t.ops = append(t.ops, op{key, value})
	return nil
}

// Delete implements persistence.Tx.
func (t *tracer) Delete(key []byte) error {
	delete(t.known, string(key))
	t.ops = append(t.ops, op{key, nil})
	return nil
}
