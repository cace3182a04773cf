package persistence

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"time"

	"github.com/centralita/centralita/desk"
)

// An archive is a tar stream that holds a whole desk: the journal and the blobs. Index, heads and snapshots are not in it:
// they are folds of the journal, and any kind of store can be made from it. Its entries, in this order:
//
//	archive.json         Contents, as far as it is known at the start
//	files/<name>         small files that go along
//	journal/<number>     records in order: length(4, big-endian) and EncodeRecord, each; about 4 MB an entry
//	blobs/<hash>         one blob each
//	end.json             Contents, complete: without it the archive was cut off
const (
	archiveFormat  = 1
	archiveBegin   = "archive.json"
	archiveEnd     = "end.json"
	archiveFiles   = "files/"
	archiveJournal = "journal/"
	archiveBlobs   = "blobs/"

	segmentBytes = 4 << 20
	largestEntry = 64 << 20 // of the journal
	largestFile  = 1 << 20
	largestBlob  = 1 << 30
)

// ErrBadArchive: the stream is not an archive of ours, was cut off, or was changed.
var ErrBadArchive = errors.New("not a whole archive")

// Contents is what an archive says of itself.
type Contents struct {
	Format  int           `json:"format"`
	Epoch   string        `json:"epoch"` // of the journal it was made from; a restored one has another
	Head    desk.Position `json:"head"`
	MadeAt  time.Time     `json:"made_at"`
	Blobs   int           `json:"blobs"`
	BlobSum int64         `json:"blob_bytes"`
	Files   []string      `json:"files"`
}

// Archive is what an archive is made of.
type Archive struct {
	Journal Journal
	Blobs   Blobs             // nil: none
	Files   map[string][]byte // by plain name, at most 1 MB each
	MadeAt  time.Time
}

// WriteArchive writes an archive while the journal is written to: it holds the journal as it was at the call, and every
// blob its records refer to, because blobs are durable before the records that name them. A damaged record ends it.
func WriteArchive(ctx context.Context, w io.Writer, a Archive) (Contents, error) {
	c := Contents{Format: archiveFormat, Epoch: a.Journal.Epoch(), Head: a.Journal.Head(), MadeAt: a.MadeAt}
	c.Files = slices.Sorted(maps.Keys(a.Files))
	t := tarWriter{tar.NewWriter(w), a.MadeAt}
	err := t.json(archiveBegin, c)
	for _, name := range c.Files {
		if err == nil {
			err = t.entry(archiveFiles+name, a.Files[name])
		}
	}
	if err == nil {
		err = t.journal(ctx, a.Journal, c.Head)
	}
	if err == nil && a.Blobs != nil {
		err = t.blobs(ctx, a.Blobs, &c)
	}
	if err == nil {
		err = t.json(archiveEnd, c)
	}
	if err == nil {
		err = t.Close()
	}
	if err != nil {
		return c, fmt.Errorf("write archive: %w", err)
	}
	return c, nil
}

type tarWriter struct {
	*tar.Writer
	madeAt time.Time
}

func (t tarWriter) entry(name string, content []byte) error {
	if err := t.header(name, int64(len(content))); err != nil {
		return err
	}
	_, err := t.Write(content)
	return err
}

func (t tarWriter) header(name string, size int64) error {
	return t.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o600, ModTime: t.madeAt})
}

func (t tarWriter) json(name string, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return t.entry(name, b)
}

func (t tarWriter) journal(ctx context.Context, j Journal, head desk.Position) error {
	if head == 0 {
		return nil
	}
	var segment []byte
	n := 0
	flush := func() error {
		n++
		err := t.entry(fmt.Sprintf("%s%08d", archiveJournal, n), segment)
		segment = segment[:0]
		return err
	}
	for r, err := range j.Tail(ctx, 0) {
		if err != nil {
			return err
		}
		b, err := EncodeRecord(r)
		if err != nil {
			return err
		}
		segment = append(binary.BigEndian.AppendUint32(segment, uint32(len(b))), b...)
		if desk.Position(r.Position) == head {
			return flush()
		}
		if len(segment) >= segmentBytes {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return fmt.Errorf("the journal ended before position %d", head)
}

func (t tarWriter) blobs(ctx context.Context, b Blobs, c *Contents) error {
	return b.Each(ctx, func(hash string, _ int64) error {
		r, size, err := b.Open(ctx, hash)
		if errors.Is(err, fs.ErrNotExist) {
			return nil // deleted meanwhile
		}
		if err != nil {
			return err
		}
		if err = t.header(archiveBlobs+hash, size); err == nil {
			_, err = io.Copy(t, r)
		}
		c.Blobs++
		c.BlobSum += size
		return errors.Join(err, r.Close())
	})
}

// splitSegment takes the first record of a segment.
func splitSegment(segment []byte) (record, rest []byte, err error) {
	if len(segment) < 4 {
		return nil, nil, fmt.Errorf("%w: a segment ends in the middle of a length", ErrBadArchive)
	}
	n := binary.BigEndian.Uint32(segment)
	if uint64(n) > uint64(len(segment)-4) {
		return nil, nil, fmt.Errorf("%w: a segment ends in the middle of a record", ErrBadArchive)
	}
	return segment[4 : 4+n], segment[4+n:], nil
}

func decodeContents(b []byte) (c Contents, err error) {
	d := json.NewDecoder(bytes.NewReader(b))
	if err := d.Decode(&c); err != nil {
		return c, fmt.Errorf("%w: %w", ErrBadArchive, err)
	}
	if c.Format != archiveFormat {
		return c, fmt.Errorf("%w: format %d is not known to this version", ErrBadArchive, c.Format)
	}
	return c, nil
}
