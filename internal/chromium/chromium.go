// Package chromium drives a browser without a window over its pipe for debugging, for what measures and needs no library for it.
package chromium

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"
)

// Browser is a browser without a window, spoken to over its pipe for debugging: JSON messages that end with a zero byte
// (https://chromedevtools.github.io/devtools-protocol/, --remote-debugging-pipe). One caller at a time.
type Browser struct {
	cmd     *exec.Cmd
	in      *os.File
	out     *bufio.Reader
	closers []*os.File
	session string
	last    int
}

// Open starts the browser with a new profile and an empty tab.
func Open(ctx context.Context, profile string) (b *Browser, err error) {
	theirIn, ourIn, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("make a pipe for the browser: %w", err)
	}
	ourOut, theirOut, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("make a pipe for the browser: %w", err), theirIn.Close(), ourIn.Close())
	}
	cmd := exec.CommandContext(ctx, "chromium", //nolint:gosec // the profile is a directory made here
		"--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-extensions",
		"--disable-background-networking", "--window-size=1440,900", "--remote-debugging-pipe", "--user-data-dir="+profile, "about:blank")
	cmd.ExtraFiles = []*os.File{theirIn, theirOut} // 3 and 4
	err = cmd.Start()
	err = errors.Join(err, theirIn.Close(), theirOut.Close())
	b = &Browser{cmd: cmd, in: ourIn, out: bufio.NewReaderSize(ourOut, 1<<20), closers: []*os.File{ourIn, ourOut}}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start Chromium (Debian: chromium): %w", err), b.Close())
	}
	if err := b.attach(); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

func (b *Browser) attach() error {
	var made struct{ TargetID string }
	if err := b.into(&made, "Target.createTarget", map[string]any{"url": "about:blank"}); err != nil {
		return err
	}
	var attached struct{ SessionID string }
	if err := b.into(&attached, "Target.attachToTarget", map[string]any{"targetId": made.TargetID, "flatten": true}); err != nil {
		return err
	}
	b.session = attached.SessionID
	return nil
}

func (b *Browser) Close() error {
	if b.cmd.Process != nil {
		_ = b.cmd.Process.Kill() // it may have ended
		_ = b.cmd.Wait()         // killed: says nothing
	}
	var err error
	for _, f := range b.closers {
		err = errors.Join(err, f.Close())
	}
	return err
}

func (b *Browser) into(to any, method string, params any) error {
	raw, err := b.Call(method, params)
	if err != nil {
		return err
	}
	return json.Unmarshal(raw, to)
}

// Call asks the browser for something; events that come meanwhile are passed over.
func (b *Browser) Call(method string, params any) (json.RawMessage, error) {
	b.last++
	ask := map[string]any{"id": b.last, "method": method}
	if params != nil {
		ask["params"] = params
	}
	if b.session != "" {
		ask["sessionId"] = b.session
	}
	raw, err := json.Marshal(ask)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", method, err)
	}
	if _, err := b.in.Write(append(raw, 0)); err != nil {
		return nil, fmt.Errorf("ask the browser for %s: %w", method, err)
	}
	for {
		raw, err := b.out.ReadBytes(0)
		if err != nil {
			return nil, fmt.Errorf("the browser's answer to %s: %w", method, err)
		}
		var answer struct {
			ID     int
			Result json.RawMessage
			Error  *struct{ Message string }
		}
		if err := json.Unmarshal(raw[:len(raw)-1], &answer); err != nil {
			return nil, fmt.Errorf("read the browser's answer to %s: %w", method, err)
		}
		switch {
		case answer.ID != b.last:
		case answer.Error != nil:
			return nil, fmt.Errorf("%s: %s", method, answer.Error.Message)
		default:
			return answer.Result, nil
		}
	}
}

// Milliseconds evaluates a promise of a number of milliseconds in the page.
func (b *Browser) Milliseconds(js string) (time.Duration, error) {
	n, err := b.Number(js)
	return time.Duration(n * float64(time.Millisecond)), err
}

// Number evaluates a promise of a number in the page.
func (b *Browser) Number(js string) (float64, error) {
	var answer struct {
		Result           struct{ Value any } // of a failed promise: its Error, as an object
		ExceptionDetails *struct {
			Text      string
			Exception struct{ Description string }
		}
	}
	if err := b.into(&answer, "Runtime.evaluate", map[string]any{"expression": js, "awaitPromise": true, "returnByValue": true}); err != nil {
		return 0, err
	}
	if x := answer.ExceptionDetails; x != nil {
		return 0, fmt.Errorf("in the page: %s %s", x.Text, x.Exception.Description)
	}
	n, ok := answer.Result.Value.(float64)
	if !ok {
		return 0, fmt.Errorf("in the page: %v is no number", answer.Result.Value)
	}
	return n, nil
}
