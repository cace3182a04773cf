package search

import (
	"bufio"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
	"github.com/centralita/centralita/persistence/badger"
	"github.com/centralita/centralita/proto/deskpb"
)

const childDir = "CENTRALITA_TEST_CHILD_DIR"

// TestMain makes this program the child of TestKilledWhileItFollows when it is called as such.
func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		talkForEver(dir)
		return
	}
	m.Run()
}

// talkForEver lets people write, in bursts and rests, while the index follows, and prints how far it came.
func talkForEver(dir string) {
	store, err := badger.Open(dir+"/journal", badger.Options{ReserveFile: -1})
	if err != nil {
		fmt.Println("failed:", err)
		return
	}
	index, err := Open(store, Options{Dir: dir + "/search"})
	if err != nil {
		fmt.Println("failed:", err)
		return
	}
	fmt.Println("opened", index.At())
	go index.Run(context.Background())
	go func() {
		for last := index.At(); ; rest(context.Background(), time.Millisecond) {
			if at := index.At(); at != last {
				fmt.Println("indexed", at)
				last = at
			}
		}
	}()
	versions := map[desk.StreamID]uint64{}
	for {
		for range 1 + rand.IntN(60) {
			id := desk.ConversationID(fmt.Sprintf("cv_%d", rand.IntN(200)))
			if err := say(store, id, versions); err != nil {
				fmt.Println("failed:", err)
				return
			}
		}
		rest(context.Background(), time.Duration(rand.IntN(500))*time.Millisecond)
	}
}

// say goes on with a conversation; now and then it ends.
func say(store *badger.Store, id desk.ConversationID, versions map[desk.StreamID]uint64) error {
	stream := id.Stream()
	if _, known := versions[stream]; !known {
		for r, err := range store.Load(context.Background(), stream, 0) {
			if err != nil {
				return err
			}
			versions[stream] = r.Version
		}
	}
	e := persistence.Entry{Stream: stream, Expect: versions[stream]}
	add := func(ev desk.Event) {
		versions[stream]++
		e.Records = append(e.Records, &deskpb.Record{Stream: string(stream), Version: versions[stream], AtMs: time.Now().UnixMilli(), Event: ev})
	}
	if versions[stream] == 0 {
		add(deskpb.NewEvent(&deskpb.ConversationOpened{
			Channel: "ch_mail", ChannelKind: deskpb.ChannelKind_CHANNEL_KIND_EMAIL, Subject: "About " + string(id), Priority: deskpb.Priority_PRIORITY_NORMAL,
		}))
	}
	text := ""
	for range 20 {
		text += fmt.Sprintf("word%d ", rand.IntN(2000))
	}
	add(deskpb.NewEvent(&deskpb.MessageReceived{
		Message: fmt.Sprintf("ms_%s_%d", id, versions[stream]), Channel: "ch_mail", ExternalId: fmt.Sprint(id, versions[stream]), Body: &deskpb.Body{Text: text},
	}))
	if rand.IntN(10) == 0 {
		add(deskpb.NewEvent(&deskpb.TicketStatusChanged{To: deskpb.TicketStatus_TICKET_STATUS_CLOSED}))
	}
	done := make(chan error, 1)
	store.Append(e, func(_ desk.Position, err error) { done <- err })
	return <-done
}

// The index of a desk that was killed at random moments, while people wrote and it followed, goes on where it was and becomes
// the very one that is built from the journal.
func TestKilledWhileItFollows(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	last := uint64(0)
	for range 4 {
		opened, indexed := killFollower(t, dir)
		if opened < last {
			t.Fatalf("it had come to %d, was killed, and goes on at %d", last, opened)
		}
		last = indexed
	}
	if last == 0 {
		t.Fatal("nothing was ever indexed")
	}
	store, err := badger.Open(dir+"/journal", badger.Options{ReserveFile: -1})
	if err != nil {
		t.Fatal(err)
	}
	followed, anew := openAt(t, store, dir+"/search"), openAt(t, store, dir+"/anew")
	if at := uint64(followed.At()); at < last || anew.At() != 0 {
		t.Errorf("it had come to %d, and goes on at %d; the new one at %d", last, at, anew.At())
	}
	got, want := wordsIn(t, followed), wordsIn(t, anew)
	if len(want) < 1000 {
		t.Fatalf("%d words", len(want))
	}
	for _, w := range slices.Sorted(maps.Keys(want)) {
		if got[w] != want[w] {
			t.Fatalf("%q is in %s, and in %s by the journal", w, got[w], want[w])
		}
		delete(got, w)
	}
	for w, in := range got {
		if in != "" {
			t.Fatalf("%q is in %s, and nowhere by the journal", w, in)
		}
	}
	for _, x := range []*Index{followed, anew} {
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	}
	if err := store.Close(); err != nil {
		t.Error(err)
	}
}

func openAt(t *testing.T, store persistence.Store, dir string) *Index {
	t.Helper()
	x, err := Open(store, Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// killFollower kills a child at a random moment after it indexed something, and gives where it began and how far it said it came.
func killFollower(t *testing.T, dir string) (began, indexed uint64) {
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
	told := false
	for lines := bufio.NewScanner(out); lines.Scan(); {
		var at uint64
		switch line := lines.Text(); {
		case strings.HasPrefix(line, "failed"):
			t.Fatal(line)
		case strings.HasPrefix(line, "opened"):
			_, _ = fmt.Sscanf(line, "opened %d", &began)
		default:
			if _, err := fmt.Sscanf(line, "indexed %d", &at); err != nil {
				continue // cut off
			}
			if indexed = max(indexed, at); !told {
				told = true
				time.AfterFunc(time.Duration(rand.IntN(900))*time.Millisecond, func() { _ = cmd.Process.Kill() }) // the random moment
			}
		}
	}
	_ = cmd.Wait() // killed
	if !told {
		t.Fatal("the child ended without having indexed anything")
	}
	return began, indexed
}

// wordsIn is all that an index says, after it caught up: the conversations of every word of every field.
func wordsIn(t *testing.T, x *Index) map[string]string {
	t.Helper()
	if err := x.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	r, err := x.index.Reader()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	pieces, err := x.pieces(r)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]string{}
	for _, p := range pieces {
		for _, field := range p.Fields() {
			d, err := p.dict(field)
			if err != nil {
				t.Fatal(err)
			}
			terms := d.AutomatonIterator(nil, nil, nil)
			for {
				e, err := terms.Next()
				if err != nil {
					t.Fatal(err)
				}
				if e == nil {
					break
				}
				key := field + " " + e.Term
				set, _, err := p.meets(clause{field: field, terms: []string{e.Term}})
				if err != nil {
					t.Fatal(err)
				}
				set.And(p.DocNumbersLive())
				for it := set.Iterator(); it.HasNext(); {
					id, err := p.DocID(uint64(it.Next()))
					if err != nil {
						t.Fatal(err)
					}
					all[key] = append(all[key], string(id))
				}
			}
		}
	}
	out := map[string]string{}
	for key, ids := range all {
		slices.Sort(ids)
		out[key] = strings.Join(ids, " ")
	}
	return out
}
