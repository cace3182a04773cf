package bench

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

func TestQuantiles(t *testing.T) {
	var l latencies
	for i := 100; i >= 1; i-- {
		l = append(l, time.Duration(i))
	}
	for q, want := range map[float64]time.Duration{0: 1, 0.5: 51, 0.99: 100, 1: 100} {
		if got := l.quantile(q); got != want {
			t.Errorf("quantile %v: %v, want %v", q, got, want)
		}
	}
	if latencies(nil).quantile(0.5) != 0 {
		t.Error("of none")
	}
}

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		of   []float64
		want float64
	}{{nil, 0}, {[]float64{3}, 3}, {[]float64{9, 1, 2}, 2}, {[]float64{4, 1, 3, 2}, 2.5}} {
		if got := median(c.of); got != c.want {
			t.Errorf("median of %v is %v", c.of, got)
		}
	}
}

func TestRoundKeepsFourDigits(t *testing.T) {
	for x, want := range map[float64]float64{0: 0, 123456: 123500, 0.00123456: 0.001235, 12: 12} {
		if got := round(x); got != want {
			t.Errorf("round(%v) = %v", x, got)
		}
	}
}

func TestInFlightCallsWithAllWorkers(t *testing.T) {
	here := make(chan struct{}, 8)
	turn, err := inFlight(t.Context(), 8, time.Minute, 8, func(int) error {
		here <- struct{}{}
		for len(here) < cap(here) { // returns only when all eight are in
			pause(t.Context(), time.Millisecond)
		}
		return nil
	})
	if err != nil || turn.n != 8 || len(turn.lat) != 8 {
		t.Errorf("%+v %v", turn, err)
	}
	fault := errors.New("broken")
	if _, err := inFlight(t.Context(), 4, time.Minute, 0, func(int) error { return fault }); !errors.Is(err, fault) {
		t.Errorf("a fault ended in %v", err)
	}
}

func TestSteadilyDoesNotWaitForSlowCalls(t *testing.T) {
	release := make(chan struct{})
	const n = 20
	turn, err := steadily(t.Context(), 1000, n*time.Millisecond, func(i int) error {
		if i == n-1 {
			close(release) // the last one lets the others go
		}
		<-release
		return nil
	})
	if err != nil || turn.n != n || len(turn.lat) != n {
		t.Errorf("%+v %v", turn, err)
	}
}

func TestServerFrame(t *testing.T) {
	long := strings.Repeat("x", 300)
	stream := append([]byte{0x81, 2, 'h', 'i', 0x89, 0}, append([]byte{0x81, 126, 1, 44}, long...)...)
	op, payload, rest, ok := serverFrame(stream)
	if !ok || op != opText || string(payload) != "hi" {
		t.Fatal(op, payload, ok)
	}
	if op, _, rest, ok = serverFrame(rest); !ok || op != opPing {
		t.Fatal(op, ok)
	}
	for cut := range rest {
		if _, _, _, ok := serverFrame(rest[:cut]); ok {
			t.Errorf("a frame of %d bytes cut at %d was taken", len(rest), cut)
		}
	}
	if _, payload, rest, ok = serverFrame(rest); !ok || string(payload) != long || len(rest) != 0 {
		t.Error(len(payload), len(rest), ok)
	}
}

// A change is seen with the first frame of its ticket that is as new or newer, and what never came is missed.
func TestScreensTellWhenAChangeWasSeen(t *testing.T) {
	s := &screens{
		kinds: []shown{{"cv_a", 2, 10}, {"cv_a", 5, 12}, {"cv_b", 1, 11}, {}},
		seen:  []arrived{{0, 120}, {0, 130}, {1, 220}, {1, 230}, {2, 1000}, {3, 1}},
	}
	changes := []durable{{"cv_a", 2, 100}, {"cv_a", 3, 190}, {"cv_a", 5, 200}, {"cv_b", 1, 500}}
	got := s.report(changes, 2)
	if got.Missing != 1 || got.FrameBytes != 12 || len(got.PercentilesNs) != 101 {
		t.Errorf("%+v", got)
	}
	if got.PercentilesNs[0] != 20 || got.PercentilesNs[100] != 500 {
		t.Errorf("from %d to %d ns", got.PercentilesNs[0], got.PercentilesNs[100])
	}
}

func TestLettersMixNewMattersAndAnswers(t *testing.T) {
	p := newPost("test")
	bytesWritten, opened, people := 0, 0, map[string]bool{}
	ids := map[string]bool{}
	const n = 5000
	for range n {
		l, m := p.write()
		if ids[l.ExternalID] {
			t.Fatalf("%s twice", l.ExternalID)
		}
		ids[l.ExternalID] = true
		if m.root == l.ExternalID {
			opened++
			p.taken(m)
		} else if l.Message.ThreadKeys[0] != m.root || l.Message.InReplyTo != m.root {
			t.Fatalf("an answer that names nothing: %+v", l.Message)
		}
		people[l.Message.Identity.Value] = true
		bytesWritten += len(l.Message.Body.Text)
	}
	if mean := bytesWritten / n; mean < 800 || mean > 1000 {
		t.Errorf("%d bytes on average", mean)
	}
	if opened < n/6 || opened > n/4 || len(people) < opened/3 || len(people) > opened {
		t.Errorf("%d matters of %d people", opened, len(people))
	}
}

func TestMailsOfLetters(t *testing.T) {
	p := newPost("test")
	_, m := p.open()
	answer, _ := p.answer(m)
	raw := string(p.rfc5322(answer, 0))
	for _, want := range []string{"Message-ID: " + answer.ExternalID + "\r\n", "In-Reply-To: " + m.root + "\r\n", "\r\n\r\n"} {
		if !strings.Contains(raw, want) {
			t.Errorf("no %q in %s", want, raw)
		}
	}
	if raw := p.rfc5322(answer, 9); len(raw) < fileBytes*4/3 || strings.Count(string(raw), "--=_part") != 3 {
		t.Errorf("the tenth has %d bytes and no file", len(raw))
	}
}

func TestAssistRefusesWhatIsNotARole(t *testing.T) {
	err := Assist(context.Background(), "nobody", strings.NewReader("{}\n"), nil)
	if err == nil || !strings.Contains(err.Error(), "nobody") {
		t.Errorf("got %v", err)
	}
}

func TestMachineHasNoName(t *testing.T) {
	m := machineOf(t.TempDir())
	if m.CPU == "" || m.Cores < 1 || m.Disk == "unknown" || !strings.HasPrefix(m.Go, "go1.") {
		t.Errorf("%+v", m)
	}
}
