package limit

import (
	"encoding/binary"
	"fmt"
	"iter"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
)

// Sample is what the journal wrote for so many messages: to be written again, as often as wanted, by somebody else.
type Sample struct {
	ops      []Op
	messages int
	Bytes    int // of the records of one message
}

// Part gives the writes of message n. Every lap through the sample has keys of its own.
func (s *Sample) Part(n int) []Op {
	lap, i := n/s.messages, n%s.messages
	from, to := i*len(s.ops)/s.messages, (i+1)*len(s.ops)/s.messages
	ops := make([]Op, to-from)
	for k, o := range s.ops[from:to] {
		key := make([]byte, 0, len(o.Key)+4)
		key = append(key, o.Key[:2]...)
		key = binary.BigEndian.AppendUint32(key, uint32(lap))
		ops[k] = Op{append(key, o.Key[2:]...), o.Value}
	}
	return ops
}

// Keys is how many keys are written for one message.
func (s *Sample) Keys() float64 { return float64(len(s.ops)) / float64(s.messages) }

// SampleOf finds what the journal wrote for its records from the first to a position, by projecting them again in groups. The journal's
// own keys (record, head of the stream) are added as they are, the latter with its usual size.
func SampleOf(journal iter.Seq2[desk.Record, error], to desk.Position, messages int) (*Sample, error) {
	const together = 64
	t := tracer{known: map[string][]byte{}, proj: persistence.NewProjector(4096), heads: map[string]bool{}}
	for r, err := range journal {
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
	return &Sample{ops: t.ops, messages: messages, Bytes: t.bytes / messages}, nil
}

// tracer is the index in memory, and remembers every write.
type tracer struct {
	known map[string][]byte
	heads map[string]bool
	proj  *persistence.Projector
	ops   []Op
	bytes int
}

func (t *tracer) add(r desk.Record) error {
	raw, err := persistence.EncodeRecord(r)
	if err != nil {
		return err
	}
	t.bytes += len(raw)
	t.heads[r.Stream] = true
	t.ops = append(t.ops, Op{binary.BigEndian.AppendUint64([]byte("p"), r.Position), raw})
	return t.proj.Project(t, r)
}

func (t *tracer) flush() error {
	for stream := range t.heads {
		t.ops = append(t.ops, Op{[]byte("h" + stream), make([]byte, 24)})
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
	t.ops = append(t.ops, Op{key, value})
	return nil
}

// Delete implements persistence.Tx.
func (t *tracer) Delete(key []byte) error {
	delete(t.known, string(key))
	t.ops = append(t.ops, Op{key, nil})
	return nil
}
