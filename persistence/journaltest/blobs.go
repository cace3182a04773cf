package journaltest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/centralita/centralita/persistence"
)

// RunBlobs holds a kind of blob store to the contract of persistence.Blobs.
func RunBlobs(t *testing.T, open func(t *testing.T, dir string) persistence.Blobs) {
	for name, test := range map[string]func(*testing.T, persistence.Blobs){
		"what is put can be read":    blobRoundTrip,
		"limits":                     blobLimits,
		"the same twice":             blobTwice,
		"names that are none":        blobNames,
		"delete and each":            blobEach,
		"many at once":               blobConcurrent,
		"a reader that fails":        blobBadReader,
		"a context that has ended":   blobContext,
		"parts are read by position": blobSeek,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t, t.TempDir()))
		})
	}
}

func hashOf(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

func mustPut(t *testing.T, b persistence.Blobs, content []byte) string {
	t.Helper()
	hash, size, err := b.Put(t.Context(), bytes.NewReader(content), int64(len(content)))
	if err != nil || hash != hashOf(content) || size != int64(len(content)) {
		t.Fatalf("put %d bytes: %s, %d, %v", len(content), hash, size, err)
	}
	return hash
}

func wantBlob(t *testing.T, b persistence.Blobs, hash string, want []byte) {
	t.Helper()
	r, size, err := b.Open(t.Context(), hash)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	got, err := io.ReadAll(r)
	if closeErr := r.Close(); err != nil || closeErr != nil {
		t.Fatalf("read: %v, %v", err, closeErr)
	}
	if size != int64(len(want)) || !bytes.Equal(got, want) {
		t.Fatalf("%d bytes came back as %d, said to be %d", len(want), len(got), size)
	}
}

func blobRoundTrip(t *testing.T, b persistence.Blobs) {
	for _, n := range []int{0, 1, 255<<10 + 1023, 256 << 10, 256<<10 + 1, 3 << 20} {
		content := bytes.Repeat([]byte{byte(n), 7, 9}, n/3+1)[:n]
		wantBlob(t, b, mustPut(t, b, content), content)
	}
}

func blobLimits(t *testing.T, b persistence.Blobs) {
	for _, n := range []int64{0, 9, 256 << 10, 1 << 20} {
		_, _, err := b.Put(t.Context(), io.LimitReader(zeros{}, n+1), n)
		if !errors.Is(err, persistence.ErrBlobTooLarge) {
			t.Fatalf("%d bytes over a limit of %d: %v", n+1, n, err)
		}
	}
	if err := b.Each(t.Context(), func(hash string, _ int64) error { return errors.New(hash) }); err != nil {
		t.Fatalf("what was too large was kept: %v", err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func blobTwice(t *testing.T, b persistence.Blobs) {
	for _, content := range [][]byte{[]byte("small"), bytes.Repeat([]byte("large"), 200_000)} {
		hash := mustPut(t, b, content)
		if again := mustPut(t, b, content); again != hash {
			t.Fatalf("the same content is %s and %s", hash, again)
		}
		wantBlob(t, b, hash, content)
	}
}

func blobNames(t *testing.T, b persistence.Blobs) {
	for _, name := range []string{"", "ab", "../../etc/passwd", strings.Repeat("g", 64), strings.Repeat("A", 64), hashOf([]byte("absent")), "../" + strings.Repeat("a", 61)} {
		if _, _, err := b.Open(t.Context(), name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("open %q: %v", name, err)
		}
		if err := b.Delete(t.Context(), name, time.Now().Add(time.Hour)); err != nil {
			t.Errorf("delete %q: %v", name, err)
		}
	}
}

func blobEach(t *testing.T, b persistence.Blobs) {
	want := map[string]int64{}
	for i := range 20 {
		content := []byte(strings.Repeat("x", i))
		want[mustPut(t, b, content)] = int64(i)
	}
	gone := hashOf([]byte("xxx"))
	for _, unless := range []time.Time{time.Now().Add(-time.Hour), time.Now().Add(time.Hour)} {
		r, _, err := b.Open(t.Context(), gone)
		if err != nil {
			t.Fatalf("it was put after the time, and is gone: %v", err)
		}
		_ = r.Close()
		if err := b.Delete(t.Context(), gone, unless); err != nil {
			t.Fatalf("delete: %v", err)
		}
	}
	delete(want, gone)
	last := ""
	err := b.Each(t.Context(), func(hash string, size int64) error {
		if n, ok := want[hash]; !ok || n != size || hash <= last {
			return fmt.Errorf("%s of %d bytes after %s", hash, size, last)
		}
		delete(want, hash)
		last = hash
		return nil
	})
	if err != nil || len(want) > 0 {
		t.Fatalf("each: %v; not seen: %v", err, want)
	}
	if err := b.Each(t.Context(), func(string, int64) error { return io.ErrShortWrite }); !errors.Is(err, io.ErrShortWrite) {
		t.Fatalf("each gives back %v", err)
	}
}

func blobConcurrent(t *testing.T, b persistence.Blobs) {
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			content := bytes.Repeat([]byte{byte(i % 4)}, 1000)
			if hash, _, err := b.Put(t.Context(), bytes.NewReader(content), 1000); err != nil || hash != hashOf(content) {
				t.Errorf("put: %s, %v", hash, err)
			}
		})
	}
	wg.Wait()
	n := 0
	if err := b.Each(t.Context(), func(string, int64) error { n++; return nil }); err != nil || n != 4 {
		t.Fatalf("%d blobs, %v; want 4", n, err)
	}
}

func blobBadReader(t *testing.T, b persistence.Blobs) {
	for _, n := range []int64{10, 1 << 20} {
		r := io.MultiReader(io.LimitReader(zeros{}, n), failing{})
		if _, _, err := b.Put(t.Context(), r, 4<<20); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Fatalf("put from a reader that fails: %v", err)
		}
	}
	if err := b.Each(t.Context(), func(hash string, _ int64) error { return errors.New(hash) }); err != nil {
		t.Fatalf("half a blob was kept: %v", err)
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func blobContext(t *testing.T, b persistence.Blobs) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := b.Put(ctx, strings.NewReader("x"), 10); !errors.Is(err, context.Canceled) {
		t.Fatalf("put with an ended context: %v", err)
	}
}

func blobSeek(t *testing.T, b persistence.Blobs) {
	hash := mustPut(t, b, []byte("0123456789"))
	r, _, err := b.Open(t.Context(), hash)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	defer func() { _ = r.Close() }()
	if _, err := r.Seek(7, io.SeekStart); err != nil {
		t.Fatalf("seek: %v", err)
	}
	if rest, err := io.ReadAll(r); err != nil || string(rest) != "789" {
		t.Fatalf("the rest is %q, %v", rest, err)
	}
}
