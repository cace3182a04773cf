//go:build integration

package main

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// child is the desk as a process of its own.
type child struct {
	w   *killWorld
	cmd *exec.Cmd
	out *output
}

func (w *killWorld) start() *child {
	w.t.Helper()
	d := w.begin()
	eventually(w.t, 30*time.Second, "the desk answers", func() bool {
		res, err := http.Get("http://" + w.address + "/readyz")
		if err != nil {
			return false
		}
		_ = res.Body.Close()
		return res.StatusCode == http.StatusOK
	})
	return d
}

// begin is start without waiting.
func (w *killWorld) begin() *child {
	w.t.Helper()
	d := &child{w: w, out: &output{}}
	d.cmd = exec.Command(w.binary, "serve", "--data", w.data, "--address", w.address, "--log-level", "warn")
	d.cmd.Stdout, d.cmd.Stderr = d.out, d.out
	d.cmd.Env = append(os.Environ(), "GOTRACEBACK=single")
	if err := d.cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { d.kill() })
	return d
}

// strike kills it without waiting, from any goroutine.
func (d *child) strike() { _ = d.cmd.Process.Signal(syscall.SIGKILL) }

func (d *child) kill() {
	if d.cmd.ProcessState == nil {
		_ = d.cmd.Process.Signal(syscall.SIGKILL)
		_ = d.cmd.Wait()
	}
}

// end stops it as an operator would.
func (d *child) end() {
	_ = d.cmd.Process.Signal(syscall.SIGTERM)
	if err := d.cmd.Wait(); err != nil {
		d.w.t.Errorf("a graceful stop: %v\n%s", err, d.out)
	}
}

// output collects what a child prints.
type output struct {
	mu   sync.Mutex
	text strings.Builder
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

var programOnce = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "centralita-test-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "centralita")
	out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return path, nil
})

// buildProgram builds the program once for all tests.
func buildProgram(t *testing.T) string {
	t.Helper()
	path, err := programOnce()
	if err != nil {
		t.Fatal(err)
	}
	return path
}
