package badger

import (
	"fmt"
	"unsafe"

	bdg "github.com/dgraph-io/badger/v4"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
)

const (
	headsKept   = 8 << 10
	ticketsKept = 4 << 10
)

// draft is the state that what is prepared will leave: durable keys, under the writes of the group that is being
// committed, under those of the group being prepared. It is the persistence.Tx of the projection.
type draft struct {
	store     *Store
	next      desk.Position // the last position given out
	given     desk.Position // the last one of a group handed over
	heads     *persistence.Recent[desk.StreamID, *head]
	changed   map[desk.StreamID]*head
	projector *persistence.Projector
	writes    *batch
	before    *batch // of the group handed over last
	spare     *batch
	durable   *openView // what was durable when the first key of the group was read
}

func newDraft(s *Store) draft {
	at := s.Head()
	return draft{
		store: s, next: at, given: at,
		heads:     persistence.NewRecent[desk.StreamID, *head](headsKept),
		changed:   map[desk.StreamID]*head{},
		projector: persistence.NewProjector(ticketsKept),
		writes:    newBatch(), before: newBatch(), spare: newBatch(),
	}
}

// add puts a record at the next position and folds it into heads and index.
func (d *draft) add(r desk.Record, encoded []byte) error {
	stream := desk.StreamID(r.Stream)
	h, err := d.head(stream)
	if err != nil {
		return err
	}
	d.changed[stream] = h
	d.next++
	r.Position = uint64(d.next)
	if encoded != nil {
		d.writes.Set(recordKey(d.next), encoded)
	}
	d.fold(stream, h, r)
	return d.projector.Project(d, r)
}

// fold notes a record in the head of its stream.
func (d *draft) fold(stream desk.StreamID, h *head, r desk.Record) {
	h.epoch = r.Epoch
	if n, full := h.add(desk.Position(r.Position)); full != nil {
		d.writes.Set(chunkKey(stream, n), appendPositions(nil, full))
	}
}

// finish makes the writes that come once for a group.
func (d *draft) finish() error {
	for stream, h := range d.changed {
		d.writes.Set(streamKey(kindHead, stream), encodeHead(h))
	}
	clear(d.changed)
	return d.projector.Flush(d)
}

// full reports whether as much was added as goes together. Half of a transaction is left for the rows, which finish adds.
func (d *draft) full() bool {
	db := d.store.db
	return d.writes.cost > db.MaxBatchSize()/3 || int64(len(d.writes.ops)) > db.MaxBatchCount()/3
}

// pace commits when what was added is as much as goes together, where no writer runs.
func (d *draft) pace() error {
	n := d.next - d.given
	if n%foldPace != 0 {
		return nil
	}
	if err := d.finish(); err != nil {
		return err
	}
	if n < foldTogether && !d.full() {
		return nil
	}
	return d.commit()
}

// commit makes durable what was added, where no writer runs.
func (d *draft) commit() error {
	if err := d.finish(); err != nil {
		return err
	}
	if err := d.store.commitNow(d.writes); err != nil {
		return err
	}
	d.handedOver()
	return nil
}

// handedOver goes on to the next group. The one that was handed over is being committed, so the one before it is
// durable: nobody reads through its writes any more.
func (d *draft) handedOver() {
	d.spare, d.before, d.writes = d.before, d.writes, d.spare
	d.writes.reset()
	d.given = d.next
	d.release()
}

// release ends the view that the group was prepared on: the next one must see more.
func (d *draft) release() {
	if d.durable != nil {
		d.durable.end()
		d.durable = nil
	}
}

// startAnew forgets what was prepared since the last group was handed over.
func (d *draft) startAnew() {
	d.next = d.given
	d.heads.Clear()
	clear(d.changed)
	d.projector.Reset()
	d.writes.reset()
}

// head gives the end of a stream, to be changed in place.
func (d *draft) head(stream desk.StreamID) (*head, error) {
	if h, ok := d.heads.Get(stream); ok {
		return h, nil
	}
	h := d.changed[stream]
	if h == nil {
		v, err := d.Get(streamKey(kindHead, stream))
		if err != nil {
			return nil, err
		}
		h = &head{}
		if v != nil {
			if h, err = decodeHead(stream, v); err != nil {
				return nil, err
			}
		}
	}
	d.heads.Put(stream, h)
	return h, nil
}

// Get implements persistence.Tx.
func (d *draft) Get(key []byte) ([]byte, error) {
	if v, known := d.writes.get(key); known {
		return v, nil
	}
	if v, known := d.before.get(key); known {
		return v, nil
	}
	if d.durable == nil {
		v, err := d.store.views.open()
		if err != nil {
			return nil, err
		}
		d.durable = v
	}
	return d.durable.Get(key)
}

// Set implements persistence.Tx.
func (d *draft) Set(key, value []byte) error { d.writes.Set(key, value); return nil }

// Delete implements persistence.Tx.
func (d *draft) Delete(key []byte) error { d.writes.Delete(key); return nil }

var _ persistence.Tx = (*draft)(nil)

// batch is the writes of one group, in memory: it knows what they cost before Badger sees them, and the next group
// reads through it while it is being synced.
type batch struct {
	at      map[string]int // where in ops
	ops     []op
	cost    int64
	longest int         // key
	entries []bdg.Entry // of commit, used again
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
	b.at[unsafe.String(unsafe.SliceData(o.key), len(o.key))] = len(b.ops) //nolint:gosec // as said above
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
	if cap(b.entries) < len(b.ops) {
		b.entries = make([]bdg.Entry, len(b.ops)+len(b.ops)/2)
	}
	entries := b.entries[:cap(b.entries)]
	for i, o := range b.ops {
		var err error
		if o.deleted {
			err = txn.Delete(o.key)
		} else {
			entries[i] = bdg.Entry{Key: o.key, Value: o.value}
			err = txn.SetEntry(&entries[i])
		}
		if err != nil {
			return fmt.Errorf("write key %x: %w", o.key[:min(len(o.key), 64)], err)
		}
	}
	return txn.CommitAt(at, nil)
}
