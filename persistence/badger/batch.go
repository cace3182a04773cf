package badger

import (
	"fmt"
	"unsafe"

	bdg "github.com/dgraph-io/badger/v4"
)

// batch is the writes of one group, in memory: it knows what they cost before Badger sees them, and the next group
// reads through it while it is being synced.
type batch struct {
	at      map[string]int // where in ops
	ops     []op
	cost    int64
	longest int // key
}

type op struct {
	key, value []byte
	deleted    bool
}

func newBatch() *batch { return &batch{at: make(map[string]int, 1024)} }

// get gives what the batch knows of a key.
func (b *batch) get(key []byte) (value []byte, known bool) {
	i, ok := b.at[string(key)]
	if !ok {
		return nil, false
	}
	return b.ops[i].value, true
}

// Set keeps a value. Key and value are handed over.
func (b *batch) Set(key, value []byte) {
	if value == nil {
		value = []byte{}
	}
	b.put(op{key: key, value: value})
}

// Delete removes a key.
func (b *batch) Delete(key []byte) { b.put(op{key: key, deleted: true}) }

func (b *batch) put(o op) {
	b.longest = max(b.longest, len(o.key))
	if i, ok := b.at[string(o.key)]; ok {
		b.cost += o.cost() - b.ops[i].cost()
		b.ops[i] = o
		return
	}
	// The key is ours and nobody changes it: the map needs no copy.
	b.at[unsafe.String(unsafe.SliceData(o.key), len(o.key))] = len(b.ops)
	b.ops = append(b.ops, o)
	b.cost += o.cost()
}

// cost is what Badger counts for it against the limit of a transaction.
func (o op) cost() int64 {
	const ofEntry, ofPointer = 12, 12 // meta and version of a key; a value's place
	if len(o.value) >= inTree {
		return int64(len(o.key) + ofPointer + ofEntry)
	}
	return int64(len(o.key) + len(o.value) + ofEntry)
}

// fits reports whether Badger takes it as one transaction.
func (b *batch) fits(db *bdg.DB) bool {
	const forBadger = 1 << 10 // its own marks
	const longestKey = 60_000 // Badger's limit is 65,000
	return b.longest <= longestKey && b.cost+forBadger < db.MaxBatchSize() && int64(len(b.ops))+2 < db.MaxBatchCount()
}

func (b *batch) reset() {
	clear(b.at)
	clear(b.ops)
	b.ops, b.cost, b.longest = b.ops[:0], 0, 0
}

// commit writes the batch as one transaction at a time, and syncs.
func (b *batch) commit(db *bdg.DB, at uint64) error {
	if len(b.ops) == 0 {
		return nil
	}
	txn := db.NewTransactionAt(at-1, true)
	defer txn.Discard()
	for _, o := range b.ops {
		var err error
		if o.deleted {
			err = txn.Delete(o.key)
		} else {
			err = txn.Set(o.key, o.value)
		}
		if err != nil {
			return fmt.Errorf("write key %x: %w", o.key[:min(len(o.key), 64)], err)
		}
	}
	return txn.CommitAt(at, nil)
}
