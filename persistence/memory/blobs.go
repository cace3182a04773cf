package memory

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/centralita/centralita/persistence"
)

// Blobs is a persistence.Blobs in memory.
type Blobs struct {
	mu  sync.Mutex
	all map[string][]byte
	put map[string]time.Time
}

var _ persistence.Blobs = (*Blobs)(nil)

// NewBlobs makes an empty store of blobs.
func NewBlobs() *Blobs { return &Blobs{all: map[string][]byte{}, put: map[string]time.Time{}} }

// Put implements persistence.Blobs.
func (b *Blobs) Put(ctx context.Context, r io.Reader, limit int64) (string, int64, error) {
	content, err := io.ReadAll(io.LimitReader(r, limit+1))
	switch {
	case err != nil:
		return "", 0, fmt.Errorf("put a blob: %w", err)
	case ctx.Err() != nil:
		return "", 0, fmt.Errorf("put a blob: %w", ctx.Err())
	case int64(len(content)) > limit:
		return "", 0, fmt.Errorf("put a blob: %w", persistence.ErrBlobTooLarge)
	}
	sum := sha256.Sum256(content)
	hash := hex.EncodeToString(sum[:])
	b.mu.Lock()
	defer b.mu.Unlock()
	b.all[hash], b.put[hash] = content, time.Now()
	return hash, int64(len(content)), nil
}

// Open implements persistence.Blobs.
func (b *Blobs) Open(_ context.Context, hash string) (io.ReadSeekCloser, int64, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	content, ok := b.all[hash]
	if !ok {
		return nil, 0, fmt.Errorf("open blob %.80q: %w", hash, fs.ErrNotExist)
	}
	return blob{bytes.NewReader(content)}, int64(len(content)), nil
}

type blob struct{ *bytes.Reader }

// Close does nothing.
func (blob) Close() error { return nil }

// Delete implements persistence.Blobs.
func (b *Blobs) Delete(_ context.Context, hash string, unless time.Time) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.put[hash].Before(unless) {
		delete(b.all, hash)
	}
	return nil
}

// Each implements persistence.Blobs.
func (b *Blobs) Each(ctx context.Context, f func(hash string, size int64) error) error {
	b.mu.Lock()
	all := maps.Clone(b.all)
	b.mu.Unlock()
	for _, hash := range slices.Sorted(maps.Keys(all)) {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := f(hash, int64(len(all[hash]))); err != nil {
			return err
		}
	}
	return nil
}
