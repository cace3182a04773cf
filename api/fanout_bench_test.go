package api_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// rowPosition finds the position in a ticket frame, without decoding the rest: the load generator runs on the same cores.
func rowPosition(data []byte, isBinary bool) (uint64, bool) {
	if !isBinary {
		i := bytes.Index(data, []byte(`"position":"`))
		if i < 0 || !bytes.HasPrefix(data, []byte(`{"ticket"`)) {
			return 0, false
		}
		digits, _, _ := bytes.Cut(data[i+12:], []byte(`"`))
		n, err := strconv.ParseUint(string(digits), 10, 64)
		return n + 1, err == nil
	}
	field, kind, n := protowire.ConsumeTag(data)
	if n < 0 || field != 4 || kind != protowire.BytesType {
		return 0, false
	}
	inner, _ := protowire.ConsumeBytes(data[n:])
	_, _, n = protowire.ConsumeTag(inner)
	at, m := protowire.ConsumeVarint(inner[n:])
	return at + 1, m > 0
}

// crowd is many screens that watch the list, and notes when each message reached each of them.
type crowd struct {
	durable sync.Map // position → time.Time
	seen    atomic.Int64
	reading sync.WaitGroup

	mu   sync.Mutex // guards took
	took []time.Duration
}

// read counts what arrives until the socket ends.
func (c *crowd) read(s *screen) {
	buf := make([]byte, 8<<10)
	var took []time.Duration
	for {
		kind, r, err := s.ws.NextReader()
		if err != nil {
			break
		}
		n, err := io.ReadFull(r, buf)
		if err == nil {
			_, _ = io.Copy(io.Discard, r)
		}
		at, is := rowPosition(buf[:n], kind == 2)
		if !is {
			continue
		}
		if t, known := c.durable.Load(at); known {
			took = append(took, time.Since(t.(time.Time)))
			c.seen.Add(1)
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.took = append(c.took, took...)
}

// BenchmarkFanout: durable → every one of n sockets that watch the list, at a rate. It reports the latency over all sockets
// and messages; the sockets' other ends are in the same process, on the same cores.
func BenchmarkFanout(b *testing.B) {
	for _, c := range []struct {
		sockets, rate int
		binary        bool
	}{{100, 200, false}, {1000, 200, false}, {1000, 200, true}, {1000, 50, false}} {
		encoding := "json"
		if c.binary {
			encoding = "binary"
		}
		b.Run(fmt.Sprintf("sockets=%d/rate=%d/%s", c.sockets, c.rate, encoding), func(b *testing.B) {
			fanout(b, c.sockets, c.rate, c.binary)
		})
	}
}

func fanout(b *testing.B, sockets, rate int, isBinary bool) {
	h := open(b)
	ada := h.admin()
	people := []*browser{ada}
	for i := 1; i < (sockets+39)/40; i++ {
		people = append(people, ada.colleague(fmt.Sprint("agent", i)))
	}
	const conversations = 500
	streams := make([]desk.StreamID, conversations)
	for i := range streams {
		streams[i] = h.receive(fmt.Sprint("c", i), 0, "Hello, I have a question about my order, can you help me?").Stream()
	}
	c := &crowd{}
	var screens []*screen
	for i := range sockets {
		s := people[i%len(people)].screen()
		s.binary = isBinary
		s.hello().sync()
		screens = append(screens, s)
		_ = s.ws.SetReadDeadline(time.Time{})
		c.reading.Go(func() { c.read(s) })
	}
	b.ResetTimer()
	start, spent := time.Now(), cpu(b)
	for i := range b.N {
		if wait := time.Until(start.Add(time.Duration(i) * time.Second / time.Duration(rate))); wait > 0 {
			timer := time.NewTimer(wait)
			<-timer.C
		}
		d := h.command(streams[i%conversations], &deskpb.AddNote{Message: fmt.Sprint("n", i), Body: &deskpb.Body{Text: "A note of usual length, as people write them."}})
		c.durable.Store(uint64(d.Position), time.Now())
	}
	deadline := time.Now().Add(5 * time.Second)
	for c.seen.Load() < int64(b.N*sockets) && time.Now().Before(deadline) {
		timer := time.NewTimer(5 * time.Millisecond)
		<-timer.C
	}
	b.StopTimer()
	spent = cpu(b) - spent
	for _, s := range screens {
		_ = s.ws.Close()
	}
	c.reading.Wait()
	slices.Sort(c.took)
	if n := len(c.took); n > 0 {
		at := func(p float64) float64 { return float64(c.took[min(n-1, int(float64(n)*p))].Microseconds()) / 1000 }
		b.ReportMetric(at(0.50), "p50-ms")
		b.ReportMetric(at(0.99), "p99-ms")
		b.ReportMetric(at(1), "max-ms")
		b.ReportMetric(float64(n)/float64(b.N*sockets), "arrived")
		b.ReportMetric(float64(spent.Nanoseconds())/float64(b.N*sockets), "cpu-ns/delivery")
	}
}

// BenchmarkIdleSockets reports what a socket at rest costs, after hello and subscription: heap, stacks, and resident memory. The
// other ends are bare connections in the same process, which cost about 1 kB of each.
func BenchmarkIdleSockets(b *testing.B) {
	h := open(b)
	ada := h.admin()
	people := []*browser{ada}
	for i := range 24 {
		people = append(people, ada.colleague(fmt.Sprint("agent", i)))
	}
	const sockets = 1000
	beforeHeap, beforeStack, before := inUse(b)
	for i := range sockets {
		bareScreen(b, people[i%len(people)])
	}
	heap, stack, now := inUse(b)
	for b.Loop() {
		runtime.Gosched()
	}
	b.ReportMetric(float64(heap-beforeHeap)/sockets, "heap-B/socket")
	b.ReportMetric(float64(stack-beforeStack)/sockets, "stack-B/socket")
	b.ReportMetric(float64(now-before)/sockets, "resident-B/socket")
}

// bareScreen opens a socket by hand, says hello, subscribes, and reads until it is live.
func bareScreen(b *testing.B, who *browser) {
	b.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(who.http.URL, "http://"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = conn.Close() })
	fmt.Fprintf(conn, "GET /api/v1/socket HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"+
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: centralita.v1.json\r\nCookie: centralita_session=%s\r\n\r\n",
		conn.RemoteAddr(), who.cookie("centralita_session"))
	buf := make([]byte, 4096)
	if n, err := conn.Read(buf); err != nil || !bytes.HasPrefix(buf, []byte("HTTP/1.1 101")) {
		b.Fatalf("%v, %q", err, buf[:n])
	}
	for _, frame := range []string{`{"hello":{}}`, `{"subscribe":{"tickets":true,"agents":true,"channels":true}}`} {
		_, _ = conn.Write(append([]byte{0x81, 0x80 | byte(len(frame)), 0, 0, 0, 0}, frame...))
	}
	var got []byte
	for bytes.Count(got, []byte("caughtUp")) < 2 {
		n, err := conn.Read(buf)
		if err != nil {
			b.Fatalf("%v after %q", err, got)
		}
		got = append(got, buf[:n]...)
	}
}

// inUse is heap and stacks in use, and resident memory, after the garbage is gone.
func inUse(b *testing.B) (heap, stack, resident int64) {
	b.Helper()
	for range 4 { // a stack shrinks by half at each collection
		debug.FreeOSMemory()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	data, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		b.Fatal(err)
	}
	pages, err := strconv.ParseInt(strings.Fields(string(data))[1], 10, 64)
	if err != nil {
		b.Fatal(err)
	}
	return int64(m.HeapInuse), int64(m.StackInuse), pages * int64(os.Getpagesize())
}

// cpu is what the process has used of the processors; it does not depend on who else runs.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
