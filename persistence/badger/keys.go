package badger

import (
	"encoding/binary"
	"fmt"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
)

// The keys beside the index (persistence.IndexPrefix). Numbers are big-endian.
//
//	byte  rest                      value
//	p     position(8)               the record (persistence.EncodeRecord)
//	h     stream                    head: epoch, version, positions of its last versions (encodeHead)
//	e     stream 0 chunk(4)         positions of chunkSize older versions
//	s     stream                    snapshot: format(4) version(8) state
//	m     note                      a note of the store
const (
	kindRecord   = 'p'
	kindHead     = 'h'
	kindChunk    = 'e'
	kindSnapshot = 's'
	kindNote     = 'm'
)

func recordKey(at desk.Position) []byte {
	return binary.BigEndian.AppendUint64([]byte{kindRecord}, uint64(at))
}

func positionOf(recordKey []byte) desk.Position {
	return desk.Position(binary.BigEndian.Uint64(recordKey[1:]))
}

func streamKey(kind byte, stream desk.StreamID) []byte {
	return append(append(make([]byte, 0, 1+len(stream)), kind), stream...)
}

func chunkKey(stream desk.StreamID, chunk uint64) []byte {
	return binary.BigEndian.AppendUint32(append(streamKey(kindChunk, stream), 0), uint32(chunk))
}

// chunkSize is how many positions of a stream are kept in its head before they are put aside together. A stream is read
// by its head and the chunks, never by an iterator: those are dear in Badger.
const chunkSize = 32

// head is the end of a stream.
type head struct {
	epoch   uint64
	version uint64
	last    []uint64 // positions of the versions after the last full chunk
}

// add notes the position of the next version. full: the positions that are to be put aside as chunk number n.
func (h *head) add(at desk.Position) (n uint64, full []uint64) {
	h.version++
	h.last = append(h.last, uint64(at))
	if len(h.last) < chunkSize {
		return 0, nil
	}
	full, h.last = h.last, make([]uint64, 0, chunkSize)
	return h.version/chunkSize - 1, full
}

func encodeHead(h *head) []byte {
	b := make([]byte, 0, 8+4*len(h.last))
	b = binary.AppendUvarint(b, h.epoch)
	b = binary.AppendUvarint(b, h.version)
	return appendPositions(b, h.last)
}

func decodeHead(stream desk.StreamID, b []byte) (*head, error) {
	h := &head{}
	var n int
	if h.epoch, n = binary.Uvarint(b); n > 0 {
		b = b[n:]
		if h.version, n = binary.Uvarint(b); n > 0 {
			var ok bool
			if h.last, ok = positions(b[n:]); ok && uint64(len(h.last)) == h.version%chunkSize {
				return h, nil
			}
		}
	}
	return nil, fmt.Errorf("%w: the head of %s", persistence.ErrCorrupt, stream)
}

func appendPositions(b []byte, all []uint64) []byte {
	before := uint64(0)
	for _, at := range all {
		b = binary.AppendUvarint(b, at-before)
		before = at
	}
	return b
}

func positions(b []byte) (all []uint64, ok bool) {
	before := uint64(0)
	for len(b) > 0 {
		d, n := binary.Uvarint(b)
		if n <= 0 || d == 0 {
			return nil, false
		}
		before += d
		all, b = append(all, before), b[n:]
	}
	return all, true
}
