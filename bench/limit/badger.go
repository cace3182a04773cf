package limit

import (
	"fmt"

	bdg "github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"
)

// Sizes and settings are the journal's own (persistence/badger), so that what is compared is what we do with them; a test
// holds the two together.
const (
	memTable     = 16 << 20
	memTables    = 2
	baseTable    = 4 << 20
	valueLogFile = 64 << 20
	inTree       = 512
)

func settings(dir string) bdg.Options {
	return bdg.DefaultOptions(dir).
		WithSyncWrites(true).
		WithDetectConflicts(false).
		WithNumVersionsToKeep(1).
		WithMemTableSize(memTable).
		WithNumMemtables(memTables).
		WithBaseTableSize(baseTable).
		WithNumCompactors(2).
		WithNumLevelZeroTables(4).
		WithNumLevelZeroTablesStall(12).
		WithValueLogFileSize(valueLogFile).
		WithValueThreshold(inTree).
		WithCompression(options.None).
		WithChecksumVerificationMode(options.OnBlockRead).
		WithBlockCacheSize(0).
		WithIndexCacheSize(0).
		WithMetricsEnabled(false).
		WithLogger(nil)
}

// Badger is one with one writer that puts whatever waits into one transaction and syncs once, and does nothing else.
type Badger struct {
	db    *bdg.DB
	calls chan commitCall
	over  chan struct{}
}

type commitCall struct {
	ops  []Op
	done chan<- error
}

// Op is one write: a nil value deletes.
type Op struct{ Key, Value []byte }

// OpenBadger opens it in a directory, which may be one that a journal left.
func OpenBadger(dir string) (*Badger, error) {
	db, err := bdg.OpenManaged(settings(dir))
	if err != nil {
		return nil, fmt.Errorf("open a bare Badger: %w", err)
	}
	b := &Badger{db: db, calls: make(chan commitCall, 4096), over: make(chan struct{})}
	go b.write(db.MaxVersion())
	return b, nil
}

// Commit returns when the writes are durable.
func (b *Badger) Commit(ops []Op) error {
	done := make(chan error, 1)
	b.calls <- commitCall{ops, done}
	return <-done
}

func (b *Badger) write(at uint64) {
	defer close(b.over)
	var group []commitCall
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

func (b *Badger) transaction(group []commitCall, at uint64) error {
	txn := b.db.NewTransactionAt(at-1, true)
	defer txn.Discard()
	for _, c := range group {
		for _, o := range c.ops {
			var err error
			if o.Value == nil {
				err = txn.Delete(o.Key)
			} else {
				err = txn.Set(o.Key, o.Value)
			}
			if err != nil {
				return err
			}
		}
	}
	return txn.CommitAt(at, nil)
}

// Close ends the writer.
func (b *Badger) Close() error {
	close(b.calls)
	<-b.over
	return b.db.Close()
}
