//go:build integration

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/centralita/centralita"
)

// eventually polls until cond holds: for what gives no signal of its own. What takes long is said in the output.
func eventually(t testing.TB, limit time.Duration, what string, cond func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	late := time.NewTimer(limit)
	defer late.Stop()
	start := time.Now()
	defer func() {
		if took := time.Since(start); took > limit/6 {
			t.Logf("only after %v: %s", took.Round(time.Millisecond), what)
		}
	}()
	for !cond() {
		select {
		case <-late.C:
			t.Fatalf("%v passed without: %s", limit, what)
		case <-t.Context().Done():
			t.Fatalf("the test ended without: %s", what)
		case <-tick.C:
		}
	}
}

// inProcess is an engine in this process behind a real listener.
type inProcess struct {
	engine *centralita.Engine
	url    string
	stop   func() // in order; may be called again
}

// openDesk opens an engine over dir (a new one when empty) and serves it. It is closed when the test ends, or by stop.
func openDesk(t testing.TB, dir string, change func(*centralita.Options)) *inProcess {
	t.Helper()
	if dir == "" {
		dir = t.TempDir()
	}
	opt := centralita.Options{DataDir: dir, Logger: testLogger(t)}
	if change != nil {
		change(&opt)
	}
	engine, err := centralita.Open(t.Context(), opt)
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: engine.Handler(), ReadHeaderTimeout: 10 * time.Second, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, 0)}
	served := make(chan error, 1)
	go func() { served <- server.Serve(ln) }()
	d := &inProcess{engine: engine, url: "http://" + ln.Addr().String()}
	d.stop = sync.OnceFunc(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := engine.Close(ctx); err != nil {
			t.Errorf("close the engine: %v", err)
		}
		_ = server.Close() // browsers may hold connections open
		<-served
	})
	t.Cleanup(d.stop)
	return d
}

// setUp makes the first administrator and gives a client that is signed in as such.
func (d *inProcess) setUp(t testing.TB) *restClient {
	t.Helper()
	path, err := d.engine.SetupPath()
	if err != nil {
		t.Fatal(err)
	}
	return setUp(t, d.url, path)
}

// testLogger writes warnings to the test's output, as long as there is one: a request whose browser was closed may end after the
// test, and a test that has ended takes no more words.
func testLogger(t testing.TB) *slog.Logger {
	w := &whileItRuns{out: t.Output()}
	t.Cleanup(w.end)
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelWarn}))
}

type whileItRuns struct {
	mu  sync.Mutex // guards out
	out io.Writer
}

func (w *whileItRuns) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.out.Write(b)
}

func (w *whileItRuns) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.out = io.Discard
}

// freeAddress is a loopback address where nobody listens, now and while the desk that has it is killed and started again: its
// port is none of those that the system gives to whoever asks for any (from 32768 on).
func freeAddress(t testing.TB) string {
	t.Helper()
	for {
		ln, err := net.Listen("tcp", fmt.Sprint("127.0.0.1:", 20_000+rand.IntN(12_000)))
		if errors.Is(err, syscall.EADDRINUSE) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		defer ln.Close()
		return ln.Addr().String()
	}
}

func hostPort(addr string) (host string, port int) {
	host, p, _ := net.SplitHostPort(addr)
	port, _ = strconv.Atoi(p)
	return host, port
}
