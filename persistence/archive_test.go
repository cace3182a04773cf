package persistence_test

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"iter"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
	"github.com/centralita/centralita/persistence/journaltest"
	"github.com/centralita/centralita/persistence/memory"
)

// sampleArchive is a small desk, and the archive of it.
func sampleArchive(t *testing.T) (*memory.Store, []byte) {
	t.Helper()
	s, blobs := memory.New(), memory.NewBlobs()
	for v := range uint64(30) {
		if _, err := journaltest.Append(t, s, journaltest.Note("conversation/a", v, 1)); err != nil {
			t.Fatal(err)
		}
	}
	for _, content := range []string{"one", "two", strings.Repeat("three", 1000)} {
		if _, _, err := blobs.Put(t.Context(), strings.NewReader(content), 1<<20); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	made := time.Unix(1_700_000_000, 0).UTC()
	c, err := persistence.WriteArchive(t.Context(), &b, persistence.Archive{
		Journal: s, Blobs: blobs, Files: map[string][]byte{"secret.key": []byte("sealed")}, MadeAt: made,
	})
	if err != nil || c.Head != 30 || c.Blobs != 3 || c.BlobSum != 5006 || !c.MadeAt.Equal(made) {
		t.Fatalf("write: %+v, %v", c, err)
	}
	return s, b.Bytes()
}

// restored is where a test restores to.
type restored struct {
	records []desk.Record
	blobs   *memory.Blobs
	files   map[string]string
}

func restore(archive []byte) (*restored, persistence.Contents, error) {
	to := &restored{blobs: memory.NewBlobs(), files: map[string]string{}}
	c, err := persistence.ReadArchive(context.Background(), bytes.NewReader(archive), persistence.Restore{
		Journal: func(records iter.Seq2[desk.Record, error]) error {
			for r, err := range records {
				if err != nil {
					return err
				}
				to.records = append(to.records, r)
			}
			return nil
		},
		Blobs: to.blobs,
		File:  func(name string, content []byte) error { to.files[name] = string(content); return nil },
	})
	return to, c, err
}

func TestArchiveRoundTrip(t *testing.T) {
	t.Parallel()
	s, archive := sampleArchive(t)
	to, c, err := restore(archive)
	if err != nil || c.Head != 30 || c.Blobs != 3 || c.Epoch != s.Epoch() || to.files["secret.key"] != "sealed" {
		t.Fatalf("restore: %+v, %v, %v", c, to.files, err)
	}
	for r, err := range s.Tail(t.Context(), 0) {
		if got := to.records[r.Position-1]; err != nil || !proto.Equal(got, r) {
			t.Fatalf("position %d: %v, %v", r.Position, got, err)
		}
		if r.Position == 30 {
			break
		}
	}
	n := 0
	if err := to.blobs.Each(t.Context(), func(string, int64) error { n++; return nil }); err != nil || n != 3 {
		t.Fatalf("%d blobs, %v", n, err)
	}
}

func TestEmptyArchive(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if _, err := persistence.WriteArchive(t.Context(), &b, persistence.Archive{Journal: memory.New()}); err != nil {
		t.Fatal(err)
	}
	if to, c, err := restore(b.Bytes()); err != nil || c.Head != 0 || len(to.records) > 0 {
		t.Fatalf("%+v, %v", c, err)
	}
}

// Wherever an archive is cut or one of its bytes changed, it is refused: nobody restores half a desk in good faith.
func TestDamagedArchive(t *testing.T) {
	t.Parallel()
	_, archive := sampleArchive(t)
	whole, _, err := restore(archive)
	if err != nil {
		t.Fatal(err)
	}
	for cut := 0; cut < len(archive)-1536; cut += 97 { // the rest is tar's padding
		if _, _, err := restore(archive[:cut]); err == nil {
			t.Fatalf("an archive cut at %d of %d was restored", cut, len(archive))
		}
	}
	for at := 0; at < len(archive); at += 61 {
		changed := bytes.Clone(archive)
		changed[at] ^= 0x15
		to, _, err := restore(changed)
		if err == nil && (len(to.records) != len(whole.records) || !proto.Equal(to.records[3], whole.records[3])) {
			t.Fatalf("an archive changed at %d was restored", at)
		}
	}
}

type entry struct {
	tar.Header
	content string
}

func tarOf(t *testing.T, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, e := range entries {
		if e.Typeflag == 0 {
			e.Typeflag = tar.TypeReg
		}
		if e.Typeflag == tar.TypeReg {
			e.Size = int64(len(e.content))
		}
		if err := w.WriteHeader(&e.Header); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, e.content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func named(name, content string) entry { return entry{tar.Header{Name: name}, content} }

func TestHostileArchive(t *testing.T) {
	t.Parallel()
	begin := named("archive.json", `{"format":1}`)
	end := named("end.json", `{"format":1}`)
	long := string(binary.BigEndian.AppendUint32(nil, 1<<31))
	for name, archive := range map[string][]byte{
		"nothing":                       nil,
		"not a tar":                     bytes.Repeat([]byte("x"), 2000),
		"no begin":                      tarOf(t, end),
		"no end":                        tarOf(t, begin),
		"another format":                tarOf(t, named("archive.json", `{"format":2}`), end),
		"not JSON":                      tarOf(t, named("archive.json", `{`), end),
		"a name from outside":           tarOf(t, begin, named("../../etc/cron.d/x", "x"), end),
		"a file from outside":           tarOf(t, begin, named("files/../../x", "x"), end),
		"a hidden file":                 tarOf(t, begin, named("files/.ssh", "x"), end),
		"a blob from outside":           tarOf(t, begin, named("blobs/../x", "x"), end),
		"a blob of another name":        tarOf(t, begin, named("blobs/"+strings.Repeat("a", 64), "x"), named("end.json", `{"format":1,"blobs":1,"blob_bytes":1}`)),
		"a link":                        tarOf(t, begin, entry{tar.Header{Typeflag: tar.TypeSymlink, Name: "journal/00000001", Linkname: "/etc/passwd"}, ""}, end),
		"a device":                      tarOf(t, begin, entry{tar.Header{Typeflag: tar.TypeChar, Name: "files/tty"}, ""}, end),
		"a segment of garbage":          tarOf(t, begin, named("journal/00000001", "garbage!"), end),
		"a length beyond the segment":   tarOf(t, begin, named("journal/00000001", long+"x"), end),
		"half a length":                 tarOf(t, begin, named("journal/00000001", "ab"), end),
		"more after the end":            tarOf(t, begin, end, end),
		"another number of records":     tarOf(t, named("archive.json", `{"format":1,"head":5}`), named("end.json", `{"format":1,"head":5}`)),
		"a large begin":                 tarOf(t, named("archive.json", `{"format":1}`+strings.Repeat(" ", 2<<20)), end),
		"the journal before the header": tarOf(t, named("journal/00000001", ""), begin, end),
	} {
		if _, _, err := restore(archive); err == nil {
			t.Errorf("%s: was restored", name)
		} else if !errors.Is(err, persistence.ErrBadArchive) && !errors.Is(err, persistence.ErrCorrupt) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, _, err := restore(tarOf(t, begin, end)); err != nil {
		t.Fatalf("the control was refused: %v", err)
	}
}

func TestArchiveStops(t *testing.T) {
	t.Parallel()
	s, archive := sampleArchive(t)
	_, err := persistence.ReadArchive(t.Context(), bytes.NewReader(archive), persistence.Restore{
		Journal: func(records iter.Seq2[desk.Record, error]) error {
			for range records {
				break
			}
			return nil
		},
	})
	if err == nil {
		t.Error("a restore that did not read all records is a success")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := persistence.ReadArchive(ctx, bytes.NewReader(archive), persistence.Restore{}); !errors.Is(err, context.Canceled) {
		t.Errorf("read with an ended context: %v", err)
	}
	if _, err := persistence.WriteArchive(ctx, io.Discard, persistence.Archive{Journal: s}); !errors.Is(err, context.Canceled) {
		t.Errorf("write with an ended context: %v", err)
	}
}
