package channeltest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"sync"

	"github.com/centralita/centralita/channels"
)

// Blobs keeps blobs in memory.
type Blobs struct {
	mu    sync.Mutex
	blobs map[string][]byte
}

// NewBlobs makes an empty one.
func NewBlobs() *Blobs { return &Blobs{blobs: make(map[string][]byte)} }

// Put implements channels.Blobs.
func (b *Blobs) Put(_ context.Context, r io.Reader, limit int64) (string, int64, error) {
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return "", 0, fmt.Errorf("read the blob: %w", err)
	}
	if int64(len(data)) > limit {
		return "", 0, channels.ErrTooLarge
	}
	sum := sha256.Sum256(data)
	hash := hex.EncodeToString(sum[:])
	b.mu.Lock()
	defer b.mu.Unlock()
	b.blobs[hash] = data
	return hash, int64(len(data)), nil
}

// Open implements channels.Blobs.
func (b *Blobs) Open(_ context.Context, hash string) (io.ReadSeekCloser, int64, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	data, ok := b.blobs[hash]
	if !ok {
		return nil, 0, fmt.Errorf("open blob %s: %w", hash, fs.ErrNotExist)
	}
	return nopCloser{bytes.NewReader(data)}, int64(len(data)), nil
}

type nopCloser struct{ io.ReadSeeker }

func (nopCloser) Close() error { return nil }
