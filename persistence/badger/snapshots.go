package badger

import (
	"bytes"
	"context"
	"encoding/binary"

	"github.com/centralita/centralita/desk"
)

// SaveSnapshot implements persistence.Snapshots. Snapshots ride with the groups of the writer; when nothing is
// written they wait a moment for each other.
func (s *Store) SaveSnapshot(stream desk.StreamID, format uint32, version uint64, state []byte) {
	if s.snaps.put(stream, snapshot{format, version, state}) {
		s.queue.wakeUp()
	}
}

// LoadSnapshot implements persistence.Snapshots.
func (s *Store) LoadSnapshot(_ context.Context, stream desk.StreamID, format uint32) (state []byte, version uint64, ok bool, err error) {
	snap, ok := s.snaps.get(stream)
	var end uint64
	err = s.read(func(r reader) error {
		v, err := r.Get(streamKey(kindHead, stream))
		if err != nil || v == nil {
			return err // most streams that are looked for are new: they cost one question
		}
		h, err := decodeHead(stream, v)
		if err != nil {
			return err
		}
		end = h.version
		if ok {
			return nil
		}
		if v, err = r.Get(streamKey(kindSnapshot, stream)); err == nil && v != nil {
			snap, ok = decodeSnapshot(v)
		}
		return err
	})
	// A snapshot from beyond the end of its stream is of a history that was lost.
	if err != nil || !ok || snap.format != format || snap.version > end {
		return nil, 0, false, err
	}
	return bytes.Clone(snap.state), snap.version, true, nil
}

func encodeSnapshot(s snapshot) []byte {
	b := make([]byte, 0, 12+len(s.state))
	b = binary.BigEndian.AppendUint32(b, s.format)
	b = binary.BigEndian.AppendUint64(b, s.version)
	return append(b, s.state...)
}

func decodeSnapshot(b []byte) (snapshot, bool) {
	if len(b) < 12 {
		return snapshot{}, false
	}
	return snapshot{binary.BigEndian.Uint32(b), binary.BigEndian.Uint64(b[4:]), b[12:]}, true
}
