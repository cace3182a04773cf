package persistence

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"

	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// A stored record is one format byte, the CRC-32C of what follows (little-endian), and the protobuf Record without its
// position. The position is the key it is stored under: it is known only after the bytes were made, and kept once.
const (
	recordFormat = 1
	recordHeader = 5
)

// ErrCorrupt: a stored record is not what was written. The records around it can still be read.
var ErrCorrupt = errors.New("journal: damaged record")

// CorruptError names the record that is damaged. It is ErrCorrupt.
type CorruptError struct {
	Stream   desk.StreamID // "" when it was met by position
	Version  uint64
	Position desk.Position
	Err      error
}

func (e *CorruptError) Error() string {
	where := fmt.Sprintf("position %d", e.Position)
	if e.Stream != "" {
		where = fmt.Sprintf("%s, version %d of %s", where, e.Version, e.Stream)
	}
	return fmt.Sprintf("%v at %s: %v", ErrCorrupt, where, e.Err)
}

// Unwrap gives the cause.
func (e *CorruptError) Unwrap() error { return e.Err }

// Is makes every CorruptError an ErrCorrupt.
func (e *CorruptError) Is(target error) bool { return target == ErrCorrupt }

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// EncodeRecord gives the stored form of a record. Its position is left out. The record is not changed.
func EncodeRecord(r desk.Record) ([]byte, error) {
	return EncodeRecordIn(r, func(size int) []byte { return make([]byte, size) })
}

// EncodeRecordIn is EncodeRecord into memory of that size or more, which room gives.
func EncodeRecordIn(r desk.Record, room func(size int) []byte) ([]byte, error) {
	if r.Position != 0 {
		r = withoutPosition(r)
	}
	b := room(recordHeader + proto.Size(r))[:recordHeader]
	b, err := proto.MarshalOptions{UseCachedSize: true}.MarshalAppend(b, r)
	if err != nil {
		return nil, fmt.Errorf("encode record %d of %s: %w", r.Version, r.Stream, err)
	}
	b[0] = recordFormat
	binary.LittleEndian.PutUint32(b[1:], crc32.Checksum(b[recordHeader:], castagnoli))
	return b, nil
}

func withoutPosition(r desk.Record) desk.Record {
	c := &deskpb.Record{Stream: r.Stream, Version: r.Version, AtMs: r.AtMs, By: r.By, Event: r.Event, Key: r.Key, Epoch: r.Epoch}
	c.ProtoReflect().SetUnknown(r.ProtoReflect().GetUnknown())
	return c
}

// DecodeRecord reads what EncodeRecord made, and puts it in its position. The bytes may be reused. An error is a
// *CorruptError.
func DecodeRecord(at desk.Position, b []byte) (desk.Record, error) {
	damaged := func(format string, args ...any) (desk.Record, error) {
		return nil, &CorruptError{Position: at, Err: fmt.Errorf(format, args...)}
	}
	switch {
	case len(b) < recordHeader:
		return damaged("%d bytes are too few", len(b))
	case b[0] != recordFormat:
		return damaged("format %d is not known", b[0])
	case crc32.Checksum(b[recordHeader:], castagnoli) != binary.LittleEndian.Uint32(b[1:]):
		return damaged("its checksum is wrong")
	}
	r := &deskpb.Record{}
	if err := proto.Unmarshal(b[recordHeader:], r); err != nil {
		return damaged("decode: %w", err)
	}
	if r.Stream == "" || r.Version == 0 || r.Event == nil {
		return damaged("it names no stream, version or event")
	}
	r.Position = uint64(at)
	return r, nil
}
