package badger

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence/journaltest"
)

const childDir = "CENTRALITA_TEST_CHILD_DIR"

// TestMain makes this program the child of TestKill when it is called as such.
func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		appendForEver(dir)
		return
	}
	m.Run()
}

const childStreams = 8

// appendForEver appends to some streams, many entries in flight, and prints each one that was acknowledged.
func appendForEver(dir string) {
	s, err := Open(dir, Options{ReserveFile: -1})
	if err != nil {
		fmt.Println("open:", err)
		return
	}
	out := make(chan string, 1<<16)
	go func() {
		w := bufio.NewWriter(os.Stdout)
		for line := range out {
			_, _ = w.WriteString(line)
			if len(out) == 0 {
				_ = w.Flush()
			}
		}
	}()
	var wg sync.WaitGroup
	for i := range childStreams {
		wg.Go(func() {
			stream := desk.StreamID(fmt.Sprintf("conversation/c%d", i))
			version := uint64(0)
			for range s.Load(context.Background(), stream, 0) {
				version++
			}
			credit := make(chan struct{}, 16)
			for {
				credit <- struct{}{}
				n := 1 + rand.IntN(3)
				e := journaltest.Note(stream, version, n)
				e.Key = fmt.Sprintf("%s %d", stream, version)
				version += uint64(n)
				at := version
				s.Append(e, func(position desk.Position, err error) {
					if err != nil {
						out <- fmt.Sprintf("failed %s: %v\n", stream, err)
					} else {
						out <- fmt.Sprintf("durable %d %s %d\n", position, stream, at)
					}
					<-credit
				})
			}
		})
	}
	wg.Wait()
}

// A process that is killed in the middle of its work has every record that it said was durable, in its place, and an index
// that is the fold of what is there. The machine's own death is another matter: docs/performance.md.
func TestKill(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const rounds = 3
	for round := range rounds {
		acknowledged := killChild(t, dir, 500+rand.IntN(3000))
		s := open(t, dir, Options{})
		records := map[string]desk.Position{}
		n := desk.Position(0)
		for r, err := range s.Tail(t.Context(), 0) {
			if err != nil {
				t.Fatal(err)
			}
			if n++; r.Position != uint64(n) {
				t.Fatalf("round %d: position %d at %d", round, r.Position, n)
			}
			records[fmt.Sprintf("%s %d", r.Stream, r.Version)] = n
			if n == s.Head() {
				break
			}
		}
		for place, position := range acknowledged {
			if records[place] != position {
				t.Fatalf("round %d: %s was acknowledged at %d, and is at %d", round, place, position, records[place])
			}
		}
		wantSameIndex(t, s)
		closeStore(t, s)
	}
}

// killChild runs a child until it has acknowledged so many entries, kills it, and gives what it acknowledged.
func killChild(t *testing.T, dir string, entries int) map[string]desk.Position {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childDir+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	giveUp := time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() })
	defer giveUp.Stop()
	acknowledged := map[string]desk.Position{}
	lines := bufio.NewReader(out)
	killed := false
	for {
		line, err := lines.ReadString('\n')
		if err != nil { // io.EOF: a line that was cut off was not said
			if err != io.EOF {
				t.Fatal(err)
			}
			break
		}
		var position desk.Position
		var stream string
		var version uint64
		if _, err := fmt.Sscanf(line, "durable %d %s %d", &position, &stream, &version); err != nil {
			t.Fatalf("the child says %q", strings.TrimSpace(line))
		}
		acknowledged[fmt.Sprintf("%s %d", stream, version)] = position
		if len(acknowledged) >= entries && !killed {
			killed = true
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = cmd.Wait() // killed
	if !killed {
		t.Fatalf("the child ended by itself after %d entries", len(acknowledged))
	}
	return acknowledged
}
