package email

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"runtime"
	"runtime/metrics"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/channels/channeltest"
)

// countingBlobs keeps nothing.
type countingBlobs struct{ channels.Blobs }

func (countingBlobs) Put(_ context.Context, r io.Reader, _ int64) (string, int64, error) {
	sum := sha256.New()
	n, err := io.Copy(sum, r)
	return hex.EncodeToString(sum.Sum(nil)), n, err
}

// A mail of 157 MB is stored as it comes and costs a few MB of memory, not its size. This test runs alone: it looks at the heap.
func TestHugeMailCostsLittle(t *testing.T) {
	const size = 157 << 20
	head := "From: Ana <ana@customer.test>\r\nSubject: Huge\r\nMessage-ID: <huge@customer.test>\r\n\r\n"
	line := strings.Repeat("x", 1022) + "\r\n"
	sum := sha256.New()
	huge := func(w io.Writer) {
		_, _ = io.WriteString(w, head)
		for left := size - len(head); left > 0; left -= len(line) {
			_, _ = io.WriteString(w, line[max(0, len(line)-left):])
		}
	}
	huge(sum)
	s := startScripted(t, &scripted{fetch: func(_ *scripted, w io.Writer, uid int, _ string, _, _ bool) bool {
		fmt.Fprintf(w, "* %d FETCH (UID %d BODY[] {%d}\r\n", uid, uid, size)
		huge(w)
		fmt.Fprint(w, ")\r\n")
		return true
	}})
	c, in := s.connect(t), channeltest.NewIntake()
	c.tune.command, c.tune.silence = 30*time.Second, 30*time.Second
	c.env.Blobs = countingBlobs{}
	supervised(t, c, in)
	awaitPhase(t, in, "polling")
	heap := func() uint64 {
		m := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		metrics.Read(m)
		return m[0].Value.Uint64()
	}
	runtime.GC()
	before, highest := heap(), atomic.Uint64{}
	done := make(chan struct{})
	var watch sync.WaitGroup
	watch.Go(func() {
		tick := time.NewTicker(2 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				highest.Store(max(highest.Load(), heap()))
			case <-done:
				return
			}
		}
	})
	s.show(1)
	m := awaitItems(t, in, 1)[0].Message
	close(done)
	watch.Wait()
	if m.Subject != "Huge" || m.RawBlob != hex.EncodeToString(sum.Sum(nil)) || len(m.Warnings) != 1 || !strings.Contains(m.Warnings[0], "157 MB") {
		t.Errorf("%+v", m)
	}
	if more := int64(highest.Load()) - int64(before); more > 40<<20 {
		t.Errorf("it took %d MB of memory", more>>20)
	} else {
		t.Logf("it took %.1f MB of memory", float64(more)/1e6)
	}
}
