// Package blobfs keeps blobs as files, named by their content: ab/cdef… below one directory.
package blobfs

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/centralita/centralita/persistence"
)

const (
	spoolDir = "tmp"
	// inMemory is up to what size a blob is hashed before anything is written, so that a duplicate writes nothing.
	inMemory = 256 << 10
	// abandoned is the age from which a spool file belongs to no one who still runs.
	abandoned = 24 * time.Hour
)

// Store is a persistence.Blobs in a directory.
type Store struct {
	dir string
	// locks has one lock for each directory, so that a blob that is there is also durable for the second who puts it.
	locks [256]sync.Mutex
}

var _ persistence.Blobs = (*Store)(nil)

// Open opens the blobs in dir, making it if it is not there, and removes what a crash left half written.
func Open(dir string) (*Store, error) {
	spool := filepath.Join(dir, spoolDir)
	if err := os.MkdirAll(spool, 0o700); err != nil {
		return nil, fmt.Errorf("open the blobs in %s: %w", dir, err)
	}
	left, err := os.ReadDir(spool)
	if err != nil {
		return nil, fmt.Errorf("open the blobs in %s: %w", dir, err)
	}
	for _, f := range left {
		if info, err := f.Info(); err == nil && time.Since(info.ModTime()) > abandoned {
			_ = os.Remove(filepath.Join(spool, f.Name())) // it costs room only
		}
	}
	return &Store{dir: dir}, nil
}

// Put implements persistence.Blobs.
func (s *Store) Put(ctx context.Context, r io.Reader, limit int64) (string, int64, error) {
	hash, size, err := s.put(ctx, r, limit)
	if err != nil {
		return "", 0, fmt.Errorf("put a blob: %w", err)
	}
	return hash, size, nil
}

func (s *Store) put(ctx context.Context, r io.Reader, limit int64) (string, int64, error) {
	r = reader{ctx, io.LimitReader(r, limit+1)}
	head, err := io.ReadAll(io.LimitReader(r, inMemory))
	if err != nil {
		return "", 0, err
	}
	if len(head) < inMemory {
		if int64(len(head)) > limit {
			return "", 0, persistence.ErrBlobTooLarge
		}
		sum := sha256.Sum256(head)
		hash := hex.EncodeToString(sum[:])
		return hash, int64(len(head)), s.keep(hash, int64(len(head)), func() (string, error) {
			name, _, _, err := s.spool(bytes.NewReader(head))
			return name, err
		})
	}
	name, hash, size, err := s.spool(io.MultiReader(bytes.NewReader(head), r))
	if err == nil && size > limit {
		err = persistence.ErrBlobTooLarge
	}
	if err == nil {
		err = s.keep(hash, size, func() (string, error) { return name, nil })
	}
	if name != "" {
		_ = os.Remove(name) // it is gone when it was kept
	}
	if err != nil {
		return "", 0, err
	}
	return hash, size, nil
}

// reader ends with its context.
type reader struct {
	ctx context.Context
	io.Reader
}

func (r reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}

// spool writes a synced file beside the blobs.
func (s *Store) spool(r io.Reader) (name, hash string, size int64, err error) {
	f, err := os.CreateTemp(filepath.Join(s.dir, spoolDir), "blob-*")
	if err != nil {
		return "", "", 0, err
	}
	sum := sha256.New()
	size, err = io.Copy(io.MultiWriter(f, sum), r)
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return "", "", 0, err
	}
	return f.Name(), hex.EncodeToString(sum.Sum(nil)), size, nil
}

// keep makes a blob durable under its name: the one that is there, or the file that spool gives.
func (s *Store) keep(hash string, size int64, spool func() (string, error)) error {
	lock := s.lock(hash)
	lock.Lock()
	defer lock.Unlock()
	path := s.path(hash)
	info, err := os.Stat(path)
	if err == nil && info.Size() == size {
		now := time.Now()
		if err := os.Chtimes(path, now, now); err != nil { // whoever deletes it sees that it is wanted
			return err
		}
		return syncDir(filepath.Dir(path)) // a crash may have come between its renaming and this
	}
	name, err := spool()
	if err != nil {
		return err
	}
	if err := os.Mkdir(filepath.Dir(path), 0o700); err == nil {
		err = syncDir(s.dir)
		if err != nil {
			return err
		}
	} else if !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := os.Rename(name, path); err != nil {
		_ = os.Remove(name)
		return err
	}
	return syncDir(filepath.Dir(path))
}

func (s *Store) path(hash string) string { return filepath.Join(s.dir, hash[:2], hash[2:]) }

func (s *Store) lock(hash string) *sync.Mutex {
	b, _ := hex.DecodeString(hash[:2])
	return &s.locks[b[0]]
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if closeErr := d.Close(); err == nil {
		err = closeErr
	}
	return err
}

// Open implements persistence.Blobs.
func (s *Store) Open(_ context.Context, hash string) (io.ReadSeekCloser, int64, error) {
	if !persistence.ValidBlobHash(hash) {
		return nil, 0, fmt.Errorf("open blob %.80q: %w", hash, fs.ErrNotExist)
	}
	f, err := os.Open(s.path(hash))
	if err != nil {
		return nil, 0, fmt.Errorf("open blob %s: %w", hash, err)
	}
	info, err := f.Stat()
	if err != nil {
		_ = f.Close()
		return nil, 0, fmt.Errorf("open blob %s: %w", hash, err)
	}
	return f, info.Size(), nil
}

// Delete implements persistence.Blobs.
func (s *Store) Delete(_ context.Context, hash string, unless time.Time) error {
	if !persistence.ValidBlobHash(hash) {
		return nil
	}
	lock := s.lock(hash)
	lock.Lock()
	defer lock.Unlock()
	info, err := os.Stat(s.path(hash))
	if err == nil && !info.ModTime().Before(unless) {
		return nil
	}
	if err == nil {
		err = os.Remove(s.path(hash))
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = syncDir(filepath.Dir(s.path(hash)))
	}
	if err != nil {
		return fmt.Errorf("delete blob %s: %w", hash, err)
	}
	return nil
}

// Each implements persistence.Blobs.
func (s *Store) Each(ctx context.Context, f func(hash string, size int64) error) error {
	dirs, err := os.ReadDir(s.dir)
	if err != nil {
		return fmt.Errorf("list the blobs: %w", err)
	}
	for _, d := range dirs {
		files, err := os.ReadDir(filepath.Join(s.dir, d.Name()))
		if err != nil || len(d.Name()) != 2 {
			continue // not one of ours
		}
		for _, file := range files {
			if err := ctx.Err(); err != nil {
				return err
			}
			hash := d.Name() + file.Name()
			info, err := file.Info()
			if err != nil || !persistence.ValidBlobHash(hash) {
				continue // deleted meanwhile, or not one of ours
			}
			if err := f(hash, info.Size()); err != nil {
				return err
			}
		}
	}
	return nil
}
