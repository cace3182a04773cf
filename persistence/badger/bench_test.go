package badger

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	bdg "github.com/dgraph-io/badger/v4"
	"golang.org/x/sys/unix"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
	"github.com/centralita/centralita/proto/deskpb"
)

// What is measured: a message with all its index changes, 256 in flight, against two limits taken in turns with it on the
// same disk: raw grouped appends of the same bytes with one fdatasync each, and Badger with one writer that batches as
// many keys and does nothing else.
//
//	go test ./persistence/badger -run ^$ -bench Append256 -benchtime 200000x
func BenchmarkAppend256InFlight(b *testing.B) {
	const round = 20_000
	store := openBench(b)
	raw := newRawLog(b)
	bare := newBareBadger(b)
	feed := newFeed(store)
	var ours, rawTime, bareTime time.Duration
	messages := 0
	size := feed.open()
	b.ResetTimer()
	for messages < b.N {
		n := min(round, b.N-messages)
		rawTime += timed(func() { inFlight(n, func(_ int, done func()) { raw.append(size, done) }) })
		bareTime += timed(func() { inFlight(n, func(_ int, done func()) { bare.append(done) }) })
		ours += timed(func() { feed.run(b, n) })
		messages += n
	}
	b.StopTimer()
	perSecond := func(d time.Duration) float64 { return float64(messages) / d.Seconds() }
	b.ReportMetric(perSecond(ours), "msg/s")
	b.ReportMetric(perSecond(rawTime), "raw/s")
	b.ReportMetric(perSecond(bareTime), "bare/s")
	b.ReportMetric(rawTime.Seconds()/ours.Seconds(), "of-raw")
	b.ReportMetric(bareTime.Seconds()/ours.Seconds(), "of-bare")
	b.ReportMetric(float64(size), "B/record")
	b.ReportMetric(0, "ns/op")
}

func timed(f func()) time.Duration {
	start := time.Now()
	f()
	return time.Since(start)
}

const window = 256

// inFlight makes n calls from as many goroutines as may be in flight: each waits for its call before it makes the next.
func inFlight(n int, call func(worker int, done func())) {
	var left atomic.Int64
	left.Store(int64(n))
	var wg sync.WaitGroup
	for worker := range window {
		wg.Go(func() {
			durable := make(chan struct{}, 1)
			for left.Add(-1) >= 0 {
				call(worker, func() { durable <- struct{}{} })
				<-durable
			}
		})
	}
	wg.Wait()
}

func openBench(b *testing.B) *Store {
	s, err := Open(b.TempDir(), Options{ReserveFile: -1})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := s.Close(); err != nil {
			b.Error(err)
		}
	})
	return s
}

// feed makes messages of customers in a thousand conversations. Each worker has its own.
const perWorker = 4

type feed struct {
	store    *Store
	versions [perWorker * window]uint64
	sent     [window]int
	text     string
}

func newFeed(s *Store) *feed {
	text := make([]byte, 560)
	for i := range text {
		text[i] = "abcdefghijklmnopqrstuvwxyz     "[rand.IntN(31)]
	}
	return &feed{store: s, text: string(text)}
}

func stream(i int) desk.StreamID {
	return desk.ConversationIDFor("ch_mail", fmt.Sprint("conversation", i)).Stream()
}

// open opens the conversations and gives the size of a message's record.
func (f *feed) open() int {
	var wg sync.WaitGroup
	for i := range f.versions {
		wg.Add(1)
		opened := &deskpb.ConversationOpened{
			Channel: "ch_mail", ChannelKind: deskpb.ChannelKind_CHANNEL_KIND_EMAIL, Contact: fmt.Sprintf("ct_%026d", i), Subject: "My order has not come",
			Priority: deskpb.Priority_PRIORITY_NORMAL, ContactName: "Ana García",
		}
		r := &deskpb.Record{Stream: string(stream(i)), Version: 1, AtMs: time.Now().UnixMilli(), Event: deskpb.NewEvent(opened)}
		f.store.Append(persistence.Entry{Stream: stream(i), Records: []desk.Record{r}}, func(desk.Position, error) { wg.Done() })
		f.versions[i] = 1
	}
	wg.Wait()
	r := f.next(0).Records[0]
	f.sent[0], f.versions[0] = 0, 1
	b, _ := persistence.EncodeRecord(r)
	return len(b)
}

func (f *feed) next(worker int) persistence.Entry {
	i := worker*perWorker + f.sent[worker]%perWorker
	f.sent[worker]++
	id := fmt.Sprintf("<%d.%x.%d@mail.example.com>", worker, f.sent[worker]*2654435761, f.sent[worker])
	m := &deskpb.MessageReceived{
		Message: string(desk.MessageIDFor("ch_mail", id)), Channel: "ch_mail", ExternalId: id, Contact: fmt.Sprintf("ct_%026d", i),
		From:    &deskpb.Address{Name: "Ana García", Address: "ana@example.com"},
		To:      []*deskpb.Address{{Name: "Support", Address: "support@example.org"}},
		Subject: "Re: My order has not come", Body: &deskpb.Body{Text: f.text},
		ThreadKeys: []string{id}, SentAtMs: 1_700_000_000_000,
	}
	r := &deskpb.Record{
		Stream: string(stream(i)), Version: f.versions[i] + 1, AtMs: time.Now().UnixMilli(),
		By: &deskpb.Author{Kind: deskpb.Author_KIND_CHANNEL, Id: "ch_mail"}, Event: deskpb.NewEvent(m),
	}
	e := persistence.Entry{Stream: stream(i), Expect: f.versions[i], Records: []desk.Record{r}}
	f.versions[i]++
	return e
}

func (f *feed) run(tb testing.TB, n int) {
	inFlight(n, func(worker int, done func()) {
		f.store.Append(f.next(worker), func(_ desk.Position, err error) {
			if err != nil {
				tb.Errorf("append: %v", err)
			}
			done()
		})
	})
}

// grouped collects calls for one writer that takes whatever waits.
type grouped[T any] struct {
	calls chan T
	done  chan struct{}
}

func newGrouped[T any](b *testing.B, write func([]T)) *grouped[T] {
	g := &grouped[T]{calls: make(chan T, window), done: make(chan struct{})}
	go func() {
		defer close(g.done)
		for first := range g.calls {
			group := []T{first}
			for len(g.calls) > 0 {
				group = append(group, <-g.calls)
			}
			write(group)
		}
	}()
	b.Cleanup(func() { close(g.calls); <-g.done })
	return g
}

type rawLog struct{ *grouped[rawCall] }

type rawCall struct {
	size int
	done func()
}

func newRawLog(b *testing.B) rawLog {
	f, err := os.Create(filepath.Join(b.TempDir(), "raw"))
	if err != nil {
		b.Fatal(err)
	}
	const preallocated = 512 << 20
	if err := allocate(f, preallocated); err != nil {
		b.Fatal(err)
	}
	buf, at := make([]byte, 0, 1<<20), int64(0)
	return rawLog{newGrouped(b, func(group []rawCall) {
		buf = buf[:0]
		for _, c := range group {
			buf = append(buf, make([]byte, c.size)...)
			binary.BigEndian.PutUint64(buf[len(buf)-c.size:], rand.Uint64())
		}
		if at+int64(len(buf)) > preallocated {
			at = 0
		}
		if _, err := f.WriteAt(buf, at); err != nil {
			b.Error(err)
		}
		at += int64(len(buf))
		if err := f.Sync(); err != nil {
			b.Error(err)
		}
		for _, c := range group {
			c.done()
		}
	})}
}

func (l rawLog) append(size int, done func()) { l.calls <- rawCall{size, done} }

// bareBadger writes per call the keys a message has: record, head, row, list row, old list row, external id, thread.
type bareBadger struct{ *grouped[func()] }

func newBareBadger(b *testing.B) bareBadger {
	db, err := bdg.Open(settings(b.TempDir(), nil))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := db.Close(); err != nil {
			b.Error(err)
		}
	})
	n := uint64(0)
	return bareBadger{newGrouped(b, func(group []func()) {
		txn := db.NewTransaction(true)
		defer txn.Discard()
		for range group {
			n++
			number := binary.BigEndian.AppendUint64(nil, n)
			conversation := fmt.Sprintf("%026d", n%1000)
			set := func(key string, value int) {
				if err := txn.Set([]byte(key), make([]byte, value)); err != nil {
					b.Error(err)
				}
			}
			set("p"+string(number), 900)
			set("hconversation/cv_"+conversation, 50)
			set("ikcv_"+conversation, 9)
			set("ilu"+string(number)+"cv_"+conversation, 340)
			if err := txn.Delete([]byte("ilu" + string(binary.BigEndian.AppendUint64(nil, n-1000)) + "cv_" + conversation)); err != nil {
				b.Error(err)
			}
			set(fmt.Sprintf("ixch_mail\x00<%d.%x@mail.example.com>", n, n*2654435761), 60)
			set(fmt.Sprintf("ihch_mail\x00<%d.%x@mail.example.com>", n, n*2654435761), 30)
		}
		if err := txn.Commit(); err != nil {
			b.Error(err)
		}
		for _, done := range group {
			done()
		}
	})}
}

func (l bareBadger) append(done func()) { l.calls <- done }

// BenchmarkAppend is the same without the limits, for profiles, with what a message costs.
func BenchmarkAppend(b *testing.B) {
	feed := newFeed(openBench(b))
	feed.open()
	b.ResetTimer()
	before := cpuTime(b)
	feed.run(b, b.N)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msg/s")
	b.ReportMetric(float64((cpuTime(b)-before).Microseconds())/float64(b.N), "cpu-µs/msg")
	b.ReportMetric(peakMegabytes(b), "peak-MB")
	b.ReportMetric(0, "ns/op")
}

func cpuTime(b *testing.B) time.Duration {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// peakMegabytes is the most memory the process had resident.
func peakMegabytes(b *testing.B) float64 {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return float64(u.Maxrss) / 1024
}

// BenchmarkSteady appends 1,000 messages a second and says how long one takes to be durable, in turns with raw appends
// at the same pace. The time per operation is the pace.
func BenchmarkSteady(b *testing.B) {
	feed := newFeed(openBench(b))
	size := feed.open()
	raw := newRawLog(b)
	var ours, limit []time.Duration
	b.ResetTimer()
	for done := 0; done < b.N; {
		n := min(1000, b.N-done)
		done += n
		limit = append(limit, atPace(n, func(_ int, done func()) { raw.append(size, done) })...)
		ours = append(ours, atPace(n, func(i int, done func()) {
			feed.store.Append(feed.next(i%window), func(desk.Position, error) { done() })
		})...)
	}
	slices.Sort(ours)
	slices.Sort(limit)
	ms := func(all []time.Duration, part float64) float64 {
		return all[int(part*float64(len(all)-1))].Seconds() * 1000
	}
	b.ReportMetric(ms(ours, 0.5), "p50-ms")
	b.ReportMetric(ms(ours, 0.99), "p99-ms")
	b.ReportMetric(ms(limit, 0.5), "raw-p50-ms")
	b.ReportMetric(ms(limit, 0.99), "raw-p99-ms")
	b.ReportMetric(ms(ours, 0.99)/ms(limit, 0.99), "p99-of-raw")
}

// atPace makes n calls, one a millisecond, whether the ones before are done or not.
func atPace(n int, call func(i int, done func())) []time.Duration {
	took := make([]time.Duration, n)
	var wg sync.WaitGroup
	start := time.Now()
	for i := range n {
		due := start.Add(time.Duration(i) * time.Millisecond)
		<-time.After(time.Until(due))
		wg.Add(1)
		begun := time.Now()
		call(i, func() { took[i] = time.Since(begun); wg.Done() })
	}
	wg.Wait()
	return took
}
