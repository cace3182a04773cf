//go:build integration

package main

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/centralita/centralita"
)

// asProgram in the environment makes the test binary be the program, so that a test can start, stop and kill it.
const asProgram = "CENTRALITA_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main() // exits
	}
	os.Exit(m.Run())
}

// await polls until cond holds: for what gives no signal of its own.
func await(t testing.TB, limit time.Duration, what string, cond func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	late := time.NewTimer(limit)
	defer late.Stop()
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
func (d *inProcess) setUp(t testing.TB) *client {
	t.Helper()
	path, err := d.engine.SetupPath()
	if err != nil {
		t.Fatal(err)
	}
	return setUp(t, d.url, path)
}

// testLogger writes warnings to the test's output.
func testLogger(t testing.TB) *slog.Logger {
	return slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
}

// process is the program as a child process.
type process struct {
	url   string
	log   *transcript // of its standard error
	cmd   *exec.Cmd
	out   *transcript
	ended chan struct{} // closed when it was waited for
}

var (
	listensOn = regexp.MustCompile(`listens on (http://\S+)\n`)
	setupLink = regexp.MustCompile(`http://[^/\s]+(/setup\?token=\S+)\n`)
)

// startProgram runs "centralita serve" on a data directory and waits until it listens. The child is killed when the test
// ends; kill and terminate end it earlier. Flags in args win.
func startProgram(t testing.TB, dir string, args ...string) *process {
	t.Helper()
	p := &process{out: &transcript{}, log: &transcript{}, ended: make(chan struct{})}
	p.cmd = exec.Command(os.Args[0], append([]string{"serve", "--data", dir, "--address", "127.0.0.1:0", "--log-level", "warn"}, args...)...)
	p.cmd.Env = append(os.Environ(), asProgram+"=1")
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.log
	if err := p.cmd.Start(); err != nil {
		t.Fatalf("start the program: %v", err)
	}
	go func() {
		defer close(p.ended)
		_ = p.cmd.Wait() // mostly it was killed
	}()
	t.Cleanup(p.kill)
	p.url = p.says(t, listensOn)
	return p
}

// setUp makes the first administrator with the link that the program printed.
func (p *process) setUp(t testing.TB) *client {
	t.Helper()
	return setUp(t, p.url, p.says(t, setupLink))
}

// says waits until the program has printed a line, and gives the part in parentheses.
func (p *process) says(t testing.TB, line *regexp.Regexp) (found string) {
	t.Helper()
	await(t, time.Minute, "the program prints "+line.String(), func() bool {
		if m := line.FindStringSubmatch(p.out.String()); m != nil {
			found = m[1]
			return true
		}
		select {
		case <-p.ended:
			t.Fatalf("the program ended:\n%s", p.log)
		default:
		}
		return false
	})
	return found
}

// kill ends the child at once, as the system would that runs out of memory, and waits for it.
func (p *process) kill() { p.end(syscall.SIGKILL) }

// terminate asks the child to end in order, and waits for it.
func (p *process) terminate() { p.end(syscall.SIGTERM) }

func (p *process) end(sig syscall.Signal) {
	_ = p.cmd.Process.Signal(sig) // it may have ended
	<-p.ended
}

// transcript keeps the end of what was written to it.
type transcript struct {
	mu sync.Mutex // guards b
	b  []byte
}

func (l *transcript) Write(p []byte) (int, error) {
	const most = 64 << 10
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.b = append(l.b, p...); len(l.b) > most {
		l.b = append([]byte(nil), l.b[len(l.b)-most/2:]...)
	}
	return len(p), nil
}

func (l *transcript) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.b)
}
