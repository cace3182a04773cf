package blobfs_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/centralita/centralita/persistence"
	"github.com/centralita/centralita/persistence/blobfs"
	"github.com/centralita/centralita/persistence/journaltest"
)

func open(t *testing.T, dir string) persistence.Blobs {
	t.Helper()
	s, err := blobfs.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestBlobs(t *testing.T) { journaltest.RunBlobs(t, open) }

func TestReopen(t *testing.T) {
	dir := t.TempDir()
	hash, _, err := open(t, dir).Put(t.Context(), bytes.NewReader([]byte("kept")), 10)
	if err != nil {
		t.Fatal(err)
	}
	old, fresh := filepath.Join(dir, "tmp", "blob-old"), filepath.Join(dir, "tmp", "blob-fresh")
	for _, f := range []string{old, fresh} {
		if err := os.WriteFile(f, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	longAgo := time.Now().Add(-48 * time.Hour)
	if err := os.Chtimes(old, longAgo, longAgo); err != nil {
		t.Fatal(err)
	}
	r, size, err := open(t, dir).Open(t.Context(), hash)
	if err != nil || size != 4 {
		t.Fatalf("reopened: %d bytes, %v", size, err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(old); !os.IsNotExist(err) {
		t.Errorf("an abandoned spool file is still there: %v", err)
	}
	if _, err := os.Stat(fresh); err != nil {
		t.Errorf("a spool file that may be in use was removed: %v", err)
	}
}

// A blob whose file was cut is made whole by the next who puts it.
func TestCutBlob(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	hash, _, err := s.Put(t.Context(), bytes.NewReader([]byte("whole")), 10)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(filepath.Join(dir, hash[:2], hash[2:]), 2); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Put(t.Context(), bytes.NewReader([]byte("whole")), 10); err != nil {
		t.Fatal(err)
	}
	if _, size, err := s.Open(t.Context(), hash); err != nil || size != 5 {
		t.Fatalf("after putting it again: %d bytes, %v", size, err)
	}
}
