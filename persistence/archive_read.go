package persistence

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/centralita/centralita/desk"
)

// Restore says where the parts of an archive go.
type Restore struct {
	// Journal takes all records in order, with their positions. It must read them to the end and give back their error.
	Journal func(records iter.Seq2[desk.Record, error]) error
	Blobs   Blobs                                   // nil: blobs are checked and dropped
	File    func(name string, content []byte) error // nil: files are dropped
}

// ReadArchive restores from an archive. Nothing in the archive decides about a path or is trusted: names have one
// form, sizes have limits, every record and blob is checked. An error may leave parts behind: restore into a new
// place, and put that to use only after nil.
func ReadArchive(ctx context.Context, r io.Reader, to Restore) (Contents, error) {
	a := &archiveReader{ctx: ctx, tar: tar.NewReader(r), to: to}
	if err := a.read(); err != nil {
		return a.found, fmt.Errorf("read archive: %w", err)
	}
	return a.found, nil
}

type archiveReader struct {
	ctx   context.Context
	tar   *tar.Reader
	to    Restore
	name  string // of the entry at hand, "" after the last one
	size  int64
	found Contents
}

func (a *archiveReader) read() error {
	if err := a.next(); err != nil {
		return err
	}
	begin, err := a.contents(archiveBegin)
	if err != nil {
		return err
	}
	a.found = Contents{Format: begin.Format, Epoch: begin.Epoch, MadeAt: begin.MadeAt}
	for _, part := range []func() error{a.files, a.journal, a.blobs} {
		if err := part(); err != nil {
			return err
		}
	}
	end, err := a.contents(archiveEnd)
	if err != nil {
		return err
	}
	if a.name != "" {
		return fmt.Errorf("%w: %q comes after its end", ErrBadArchive, a.name)
	}
	if a.found.Head != end.Head || begin.Head != end.Head || a.found.Blobs != end.Blobs || a.found.BlobSum != end.BlobSum {
		return fmt.Errorf("%w: it holds %d records and %d blobs, and says %d and %d", ErrBadArchive, a.found.Head, a.found.Blobs, end.Head, end.Blobs)
	}
	return nil
}

// next goes to the next entry.
func (a *archiveReader) next() error {
	if err := a.ctx.Err(); err != nil {
		return err
	}
	h, err := a.tar.Next()
	if errors.Is(err, io.EOF) {
		a.name, a.size = "", 0
		return nil
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrBadArchive, err)
	}
	if h.Typeflag != tar.TypeReg {
		return fmt.Errorf("%w: %q is not a plain file", ErrBadArchive, h.Name)
	}
	a.name, a.size = h.Name, h.Size
	return nil
}

// content reads the entry at hand and goes on.
func (a *archiveReader) content(limit int64) ([]byte, error) {
	if a.size > limit {
		return nil, fmt.Errorf("%w: %q has %d bytes, more than %d", ErrBadArchive, a.name, a.size, limit)
	}
	b, err := io.ReadAll(a.tar)
	if err != nil {
		return nil, fmt.Errorf("%w: %q: %w", ErrBadArchive, a.name, err)
	}
	return b, a.next()
}

func (a *archiveReader) contents(name string) (Contents, error) {
	if a.name != name {
		return Contents{}, fmt.Errorf("%w: %s expected, %q found", ErrBadArchive, name, a.name)
	}
	b, err := a.content(largestFile)
	if err != nil {
		return Contents{}, err
	}
	return decodeContents(b)
}

func (a *archiveReader) files() error {
	for strings.HasPrefix(a.name, archiveFiles) {
		name := strings.TrimPrefix(a.name, archiveFiles)
		if name == "" || strings.ContainsAny(name, "/\\\x00") || strings.HasPrefix(name, ".") {
			return fmt.Errorf("%w: %q is not a plain name", ErrBadArchive, name)
		}
		b, err := a.content(largestFile)
		if err != nil {
			return err
		}
		a.found.Files = append(a.found.Files, name)
		if a.to.File == nil {
			continue
		}
		if err := a.to.File(name, b); err != nil {
			return err
		}
	}
	return nil
}

var errStopped = errors.New("the records were not read to the end")

func (a *archiveReader) journal() error {
	var failed error
	ended := false
	err := a.to.Journal(func(yield func(desk.Record, error) bool) {
		failed, ended = a.records(yield)
	})
	switch {
	case err != nil:
		return err
	case failed != nil:
		return failed
	case !ended:
		return errStopped
	}
	return nil
}

// records yields the records of the archive. ended is false when the consumer stopped.
func (a *archiveReader) records(yield func(desk.Record, error) bool) (failed error, ended bool) {
	for strings.HasPrefix(a.name, archiveJournal) {
		segment, err := a.content(largestEntry)
		for err == nil && len(segment) > 0 {
			var b []byte
			var r desk.Record
			if b, segment, err = splitSegment(segment); err == nil {
				r, err = DecodeRecord(a.found.Head+1, b)
			}
			if err != nil {
				break
			}
			a.found.Head++
			if !yield(r, nil) {
				return nil, false
			}
		}
		if err != nil {
			yield(nil, err)
			return err, true
		}
	}
	return nil, true
}

func (a *archiveReader) blobs() error {
	for strings.HasPrefix(a.name, archiveBlobs) {
		hash := strings.TrimPrefix(a.name, archiveBlobs)
		if !ValidBlobHash(hash) || a.size > largestBlob {
			return fmt.Errorf("%w: %q of %d bytes is not a blob", ErrBadArchive, a.name, a.size)
		}
		var into Blobs = checkOnly{}
		if a.to.Blobs != nil {
			into = a.to.Blobs
		}
		got, size, err := into.Put(a.ctx, a.tar, a.size)
		if err != nil {
			return fmt.Errorf("restore blob %s: %w", hash, err)
		}
		if got != hash || size != a.size {
			return fmt.Errorf("%w: blob %s has another content", ErrBadArchive, hash)
		}
		a.found.Blobs++
		a.found.BlobSum += size
		if err := a.next(); err != nil {
			return err
		}
	}
	return nil
}
