package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

// RoleVariable names the environment variable by which this program, started again by a benchmark, learns its role: it
// must then call Assist instead of doing what it usually does.
const RoleVariable = "CENTRALITA_BENCH_ROLE"

// Roles of the processes a benchmark starts.
const (
	roleMemory  = "memory"  // an engine whose memory is looked at
	roleScreens = "screens" // the agents' browsers
	roleVictim  = "victim"  // an engine that will be killed
)

// job is what a helper is told first.
type job struct {
	Dir      string
	For      time.Duration
	Messages int // after which a victim says that it may be killed
}

// Assist does a role until in ends.
func Assist(ctx context.Context, role string, in io.Reader, out io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	lines := bufio.NewReader(in)
	var j job
	if err := hear(lines, &j); err != nil {
		return fmt.Errorf("read the job: %w", err)
	}
	r := &run{Options: Options{}.withDefaults(), ctx: ctx}
	say := func(v any) error { return json.NewEncoder(out).Encode(v) }
	switch role {
	case roleMemory:
		return r.useMemory(j, say)
	case roleVictim:
		return r.writeOn(j, say)
	case roleScreens:
		return r.watchScreens(lines, say)
	}
	return fmt.Errorf("%q is not a role", role)
}

// helper is this program started again.
type helper struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

// help starts a helper; it ends when it is done, or when its input ends because we do.
func (r *run) help(role string, j job) (*helper, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	cmd := exec.CommandContext(r.ctx, self, "bench")
	cmd.Env = append(cmd.Environ(), RoleVariable+"="+role)
	h := &helper{cmd: cmd}
	if h.in, err = cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	h.out = bufio.NewReaderSize(out, 64<<10)
	cmd.Stderr = r.complaints()
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start a helper: %w", err)
	}
	return h, h.say(j)
}

// complaints takes what a helper writes to its standard error.
func (r *run) complaints() io.Writer {
	if r.out == nil || r.out.json {
		return io.Discard
	}
	return r.out.w
}

func (h *helper) say(v any) error { return json.NewEncoder(h.in).Encode(v) }

func (h *helper) hear(v any) error { return hear(h.out, v) }

func hear(from *bufio.Reader, v any) error {
	line, err := from.ReadBytes('\n')
	if err != nil {
		return err
	}
	return json.Unmarshal(line, v)
}

// end lets the helper finish and waits for it.
func (h *helper) end() error {
	err := h.in.Close()
	if err := h.cmd.Wait(); err != nil {
		return fmt.Errorf("a helper failed: %w", err)
	}
	return err
}

// kill ends the helper as a power switch would, and waits until it is gone.
func (h *helper) kill() error {
	if err := h.cmd.Process.Kill(); err != nil {
		return fmt.Errorf("kill the helper: %w", err)
	}
	var exit *exec.ExitError
	if err := h.cmd.Wait(); err != nil && !errors.As(err, &exit) {
		return err
	}
	return nil
}
