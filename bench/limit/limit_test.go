package limit

import (
	"bytes"
	"io"
	"maps"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
	"github.com/centralita/centralita/proto/deskpb"
)

func TestLogAppendsManyAtOnceAndBeginsAnew(t *testing.T) {
	file := filepath.Join(t.TempDir(), "log")
	l, err := OpenLog(file, 4<<20)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 32 {
		wg.Go(func() {
			for range 8 {
				if err := l.Append(70_000); err != nil { // 18 MB in all
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(file); err != nil || info.Size() > 8<<20 {
		t.Errorf("%v %v", info, err)
	}
}

// The bare Badger has the settings of the journal's: read from both sources, because neither package shows them.
func TestBadgerHasTheJournalsSettings(t *testing.T) {
	ours, journals := settingsIn(t, "badger.go"), settingsIn(t, "../../persistence/badger/open.go")
	if len(journals) < 10 {
		t.Fatalf("only %d settings are found: %v", len(journals), journals)
	}
	if !maps.Equal(ours, journals) {
		t.Errorf("here %v,\nthe journal %v", ours, journals)
	}
}

func settingsIn(t *testing.T, file string) map[string]string {
	t.Helper()
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	sizes, all := map[string]string{}, map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^\t(\w+) += ([0-9< ]+)`).FindAllStringSubmatch(string(src), -1) {
		sizes[m[1]] = strings.TrimSpace(m[2])
	}
	for _, m := range regexp.MustCompile(`\.?With(\w+)\(([^()]*)\)`).FindAllStringSubmatch(string(src), -1) {
		value := m[2]
		if size, named := sizes[value]; named {
			value = size
		}
		if m[1] != "Logger" {
			all[m[1]] = value
		}
	}
	return all
}

func TestBadgerKeepsWhatWasCommitted(t *testing.T) {
	dir := t.TempDir()
	b, err := OpenBadger(dir)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 64 {
		wg.Go(func() {
			if err := b.Commit([]Op{{[]byte{'k', byte(i)}, []byte("v")}, {[]byte{'g', byte(i)}, nil}}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if b, err = OpenBadger(dir); err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if got := b.db.MaxVersion(); got < 1 || got > 64 {
		t.Errorf("%d transactions", got)
	}
	txn := b.db.NewTransactionAt(b.db.MaxVersion(), false)
	defer txn.Discard()
	for i := range 64 {
		if _, err := txn.Get([]byte{'k', byte(i)}); err != nil {
			t.Errorf("key %d: %v", i, err)
		}
	}
}

// What the bare Badger writes for a message is as much as the journal wrote, and different in each lap.
func TestSampleIsWrittenAgainUnderNewKeys(t *testing.T) {
	const n = 10
	records := func(yield func(desk.Record, error) bool) {
		for i := range uint64(n) {
			m := &deskpb.MessageReceived{Message: "ms_" + string(rune('a'+i)), Channel: "ch_1", ExternalId: string(rune('a' + i)), Contact: "ct_1"}
			r := &deskpb.Record{Stream: "conversation/cv_1", Version: i + 1, Position: i + 1, Event: deskpb.NewEvent(m)}
			if i == 0 {
				r.Event = deskpb.NewEvent(&deskpb.ConversationOpened{Channel: "ch_1", Contact: "ct_1", Subject: "Hello"})
			}
			if !yield(r, nil) {
				return
			}
		}
	}
	s, err := SampleOf(records, n, n)
	if err != nil {
		t.Fatal(err)
	}
	if s.Bytes < 50 || s.Keys() < 2 || s.Keys() > 8 {
		t.Errorf("%d bytes, %v keys a message", s.Bytes, s.Keys())
	}
	laps, bytesInAll := [2]map[string]bool{{}, {}}, 0
	for i := range 2 * n {
		for _, o := range s.Part(i) {
			laps[i/n][string(o.Key)] = true
			bytesInAll += len(o.Value)
		}
	}
	for k := range laps[0] {
		if laps[1][k] {
			t.Errorf("key %q in both laps", k)
		}
	}
	if bytesInAll < 2*n*s.Bytes || len(laps[0]) != len(laps[1]) {
		t.Errorf("%d bytes written, %d and %d keys", bytesInAll, len(laps[0]), len(laps[1]))
	}
	var _ persistence.Tx = &tracer{}
}

func TestPagesAreReadAndAppendedTo(t *testing.T) {
	dir := t.TempDir()
	l, err := OpenLog(filepath.Join(dir, "log"), 0)
	if err != nil {
		t.Fatal(err)
	}
	p, err := OpenPages(filepath.Join(dir, "pages"), 50*100, l)
	if err != nil {
		t.Fatal(err)
	}
	for _, andAppend := range []bool{false, true} {
		if took, err := p.Read(50, 100, andAppend); err != nil || took <= 0 {
			t.Errorf("%v %v", took, err)
		}
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}

func TestBroadcastReachesEverybody(t *testing.T) {
	b, err := NewBroadcast()
	if err != nil {
		t.Fatal(err)
	}
	conns := make([]net.Conn, 5)
	for i := range conns {
		if conns[i], err = net.Dial("tcp", b.Address()); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Take(len(conns)); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		b.Send(200)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	for _, c := range conns {
		all, err := io.ReadAll(c)
		if err != nil || len(all) != 3*204 || !bytes.Contains(all, []byte("#3 ")) {
			t.Errorf("%d bytes, %v", len(all), err)
		}
	}
}
