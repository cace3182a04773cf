package persistence

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"time"
)

// ErrBlobTooLarge: a blob is larger than its limit. Nothing of it is kept.
var ErrBlobTooLarge = errors.New("blob: larger than the limit")

// Blobs keeps attachments and raw items by the SHA-256 of their content, in lower-case hex. A blob never changes. Its
// methods may be called from any goroutine.
type Blobs interface {
	// Put stores what r holds, up to limit bytes, and returns its hash and size. When it returns the blob is durable.
	// What is there already costs little. More than limit is ErrBlobTooLarge.
	Put(ctx context.Context, r io.Reader, limit int64) (hash string, size int64, err error)
	// Open reads a blob; fs.ErrNotExist when it is not there. The caller closes it.
	Open(ctx context.Context, hash string) (io.ReadSeekCloser, int64, error)
	// Delete removes a blob, which need not be there, unless somebody has put it again since a time: they count on it.
	Delete(ctx context.Context, hash string, unless time.Time) error
	// Each calls f for every blob, ordered by hash, until it returns an error, which is returned. Blobs that come
	// or go meanwhile may be left out.
	Each(ctx context.Context, f func(hash string, size int64) error) error
}

// ValidBlobHash reports whether s can name a blob: 64 digits of lower-case hex.
func ValidBlobHash(s string) bool {
	if len(s) != 64 {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// checkOnly hashes blobs and keeps nothing.
type checkOnly struct{ Blobs }

// Put implements Blobs.
func (checkOnly) Put(_ context.Context, r io.Reader, _ int64) (string, int64, error) {
	sum := sha256.New()
	n, err := io.Copy(sum, r)
	return hex.EncodeToString(sum.Sum(nil)), n, err
}
