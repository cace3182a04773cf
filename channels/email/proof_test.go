//go:build integration

package email

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/centralita/centralita/channels/channeltest"
	"github.com/centralita/centralita/internal/mailsim"
	"github.com/centralita/centralita/internal/mailsim/dovecot"
)

// proofMails is how many mails go through the bad network; make mail-proof asks for more.
func proofMails(t *testing.T) int {
	t.Helper()
	n, err := strconv.Atoi(os.Getenv("CENTRALITA_PROOF_MAILS"))
	if err != nil {
		return 1200
	}
	return n
}

// A mailbox on a real Dovecot is read through a network that cuts connections inside mails, stands still and swallows them without
// a word, until all is in: none lost, none doubled, none cut short. What was stored is held against what a plain client is
// given by the same server, byte for byte.
func TestNothingIsLostOnTheWay(t *testing.T) {
	n, cuts := proofMails(t), 100
	d := startDovecot(t)
	proxy, err := mailsim.NewProxy(d.IMAPAddr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = proxy.Close() })
	conf, secrets := configFor(t, proxy.Addr(), d.LMTPAddr(), "plain", "")
	tune := quick()
	tune.command, tune.silence = time.Second, 2*time.Second
	c, blobs := connect(t, conf, secrets, tune)
	in := channeltest.NewIntake()
	failures, _ := supervised(t, c, in)
	awaitPhase(t, in, "idling")

	mails := mixed(n)
	total := 0
	for _, m := range mails {
		total += len(m)
	}
	storm := &storm{mean: float64(total) / float64(cuts) / 2, cuts: int64(cuts)}
	proxy.SetWeather(storm.next)
	proxy.CutAll() // also while it idles
	start := time.Now()
	var hands sync.WaitGroup
	for h := range 4 {
		hands.Go(func() {
			var mine [][]byte
			for i := h; i < n; i += 4 {
				mine = append(mine, mails[i])
			}
			if err := d.Deliver(support, mine...); err != nil {
				t.Error(err)
			}
		})
	}
	hands.Wait()
	delivered := time.Since(start)
	awaitFor(5*time.Minute, t, in, fmt.Sprintf("%d items", n), func() bool { return len(in.Items()) >= n })
	took := time.Since(start)
	for storm.cut.Load() < int64(cuts) { // what is left of them falls into IDLE
		was := proxy.Accepted()
		proxy.CutAll()
		await(t, in, "another connection", func() bool { return proxy.Accepted() > was })
	}
	storm.over.Store(true)
	proxy.CutAll()
	awaitPhase(t, in, "idling")
	t.Logf("%d mails, %.0f MB, delivered in %v, in after %v: %d connections, %d cut, %d stalled, %d swallowed, %d handed over again, %d failures told",
		n, float64(total)/1e6, delivered.Round(time.Millisecond), took.Round(time.Millisecond), proxy.Accepted(), storm.cut.Load(), storm.stalled.Load(),
		storm.swallowed.Load(), len(in.Calls())-len(in.Items()), len(failures()))
	if storm.cut.Load() < int64(cuts) || storm.stalled.Load() == 0 || storm.swallowed.Load() == 0 {
		t.Errorf("the weather was too fair: %d cut, %d stalled, %d swallowed", storm.cut.Load(), storm.stalled.Load(), storm.swallowed.Load())
	}
	sameMails(t, d, in, blobs)
	flagged, all, err := d.Seen(support, password)
	if err != nil || flagged > 0 || all != n {
		t.Errorf("of %d mails on the server %d bear flags: %v", all, flagged, err)
	}
}

// storm is bad weather until it has cut often enough: each connection but the last has ended when the next one is asked about. Of eight connections one stalls for a moment, and one of forty is swallowed.
type storm struct {
	mean                    float64 // bytes until a cut
	cuts                    int64
	cut, stalled, swallowed atomic.Int64
	over                    atomic.Bool
}

func (s *storm) next() mailsim.Weather {
	if s.over.Load() || s.cut.Load() >= s.cuts {
		return mailsim.Weather{}
	}
	after := 400 + int64(rand.ExpFloat64()*s.mean)
	switch n := s.cut.Add(1); {
	case n%40 == 7:
		s.swallowed.Add(1)
		return mailsim.Weather{HoleAfter: after}
	case n%8 == 3:
		s.stalled.Add(1)
		return mailsim.Weather{StallAfter: after / 2, Stall: 300 * time.Millisecond, CutAfter: after}
	}
	return mailsim.Weather{CutAfter: after}
}

// mixed makes mails as a mailbox has them: mostly text, every tenth with a picture, every two hundredth with a large one; some begin
// threads and some answer.
func mixed(n int) [][]byte {
	noise := make([]byte, 400_000)
	rng := rand.NewChaCha8([32]byte{1})
	_, _ = rng.Read(noise)
	mails := make([][]byte, n)
	for i, plain := range backlog(n) {
		size := map[bool]int{i%10 == 9: 30_000, i%200 == 199: 370_000}[true]
		if size == 0 {
			mails[i] = plain
			continue
		}
		from := rand.IntN(len(noise) - size)
		head, text, _ := strings.Cut(string(plain), "\r\n\r\n")
		var b bytes.Buffer
		fmt.Fprintf(&b, "%s\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=part\r\n\r\n--part\r\n\r\n%s\r\n--part\r\n"+
			"Content-Type: image/png; name=p%d.png\r\nContent-Transfer-Encoding: base64\r\n\r\n", head, text, i)
		for line := noise[from : from+size]; len(line) > 0; line = line[min(57, len(line)):] {
			b.WriteString(base64.StdEncoding.EncodeToString(line[:min(57, len(line))]) + "\r\n")
		}
		b.WriteString("--part--\r\n")
		mails[i] = b.Bytes()
	}
	return mails
}

// sameMails: what was taken in is what a plain client is given, each mail once.
func sameMails(t *testing.T, d *dovecot.Server, in *channeltest.Intake, blobs *channeltest.Blobs) {
	t.Helper()
	want := map[string]int{}
	err := d.EachMail(support, password, func(_ int64, mail io.Reader) error {
		sum := sha256.New()
		_, err := io.Copy(sum, mail)
		want[hex.EncodeToString(sum.Sum(nil))]++
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if aside := in.Set(); len(aside) > 0 {
		t.Errorf("%d set aside: %+v", len(aside), aside[0])
	}
	got, faults := map[string]int{}, 0
	for _, item := range in.Items() {
		sum := sha256.Sum256([]byte(blob(t, blobs, item.Message.RawBlob))) // what is there, not what it is called
		hash := hex.EncodeToString(sum[:])
		if got[hash]++; (got[hash] > want[hash]) && faults < 5 {
			faults++
			t.Errorf("%s was taken in %d times, the server has it %d times", item.Message.Subject, got[hash], want[hash])
		}
	}
	for hash, n := range want {
		if got[hash] != n && faults < 10 {
			faults++
			t.Errorf("%s…: %d of %d", hash[:12], got[hash], n)
		}
	}
}
