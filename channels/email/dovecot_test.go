//go:build integration

package email

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/centralita/centralita/channels/channeltest"
	"github.com/centralita/centralita/internal/mailsim/dovecot"
)

func startDovecot(t *testing.T) *dovecot.Server {
	t.Helper()
	d, err := dovecot.Start(map[string]string{support: password})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(warnings(d.Log()))
		}
		if err := d.Stop(); err != nil {
			t.Error(err)
		}
	})
	return d
}

func crlf(s string) []byte { return []byte(strings.ReplaceAll(s, "\n", "\r\n")) }

func TestDovecotPush(t *testing.T) {
	d := startDovecot(t)
	conf, secrets := configFor(t, d.IMAPAddr(), d.LMTPAddr(), "plain", "")
	conf = []byte(strings.Replace(string(conf), `"poll_seconds":1`, `"poll_seconds":60`, 1))
	c, _ := connect(t, conf, secrets, quick())
	in := channeltest.NewIntake()
	supervised(t, c, in)
	awaitPhase(t, in, "idling")
	var slowest time.Duration
	for n := 1; n <= 10; n++ {
		start := time.Now()
		if err := d.Deliver(support, crlf(plainMail(n, ""))); err != nil {
			t.Fatal(err)
		}
		awaitItems(t, in, n)
		slowest = max(slowest, time.Since(start))
	}
	t.Logf("slowest of 10: %v from the start of LMTP to the intake", slowest)
	if slowest > 20*time.Second { // pushed and not polled; how quick that is, a busy machine does not tell
		t.Errorf("a delivered mail took %v", slowest)
	}
}

// backlog makes mails of which some begin threads and some answer, an answer often before what it answers.
func backlog(n int) [][]byte {
	mails := make([][]byte, n)
	for i := range mails {
		thread := i % (n / 4)
		extra := "X-Filler: " + strings.Repeat("x", 60) + "\n"
		if i >= n/4 {
			extra += fmt.Sprintf("In-Reply-To: <q%d@customer.test>\nReferences: <q%d@customer.test>\n", thread, thread)
		}
		body := strings.Repeat("A line of text as people write it, with some length.\n", 20+rand.IntN(60))
		mails[i] = crlf(plainMail(i, extra) + body)
	}
	return mails
}

func cpuTime(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func TestDovecotBacklog(t *testing.T) {
	const n = 2000
	d := startDovecot(t)
	conf, secrets := configFor(t, d.IMAPAddr(), d.LMTPAddr(), "plain", "")
	c, _ := connect(t, conf, secrets, quick())
	in := channeltest.NewIntake()
	_, stop := supervised(t, c, in)
	awaitPhase(t, in, "idling")
	stop()
	if err := d.Deliver(support, backlog(n)...); err != nil {
		t.Fatal(err)
	}
	start, cpu := time.Now(), cpuTime(t)
	supervised(t, c, in)
	items := awaitItems(t, in, n)
	took, used := time.Since(start), cpuTime(t)-cpu
	// How fast it is, centralita bench email tells: here the race detector runs, and whatever else the machine does.
	t.Logf("%d mails in %v: %.0f mails/s, %.2f CPU-seconds per 1,000", n, took.Round(time.Millisecond), n/took.Seconds(), used.Seconds()*1000/n)
	awaitPhase(t, in, "idling")
	if got := len(in.Calls()); got != n {
		t.Errorf("%d deliveries of %d mails", got, n)
	}
	for i, item := range items {
		if want := fmt.Sprintf("Question %d", i); item.Message.Subject != want {
			t.Fatalf("item %d is %q, want %q: not in the order of UIDs", i, item.Message.Subject, want)
		}
	}
}

// A server that is restarted, and one that does not take the password any more until it is set back, lose nothing.
func TestDovecotFaults(t *testing.T) {
	const n = 600
	d := startDovecot(t)
	conf, secrets := configFor(t, d.IMAPAddr(), d.LMTPAddr(), "plain", "")
	c, blobs := connect(t, conf, secrets, quick())
	in := channeltest.NewIntake()
	failures, _ := supervised(t, c, in)
	awaitPhase(t, in, "idling")
	mails := backlog(n)
	if err := d.Deliver(support, mails[:200]...); err != nil {
		t.Fatal(err)
	}
	if err := d.Restart(); err != nil {
		t.Fatal(err)
	}
	awaitItems(t, in, 200)
	if err := d.SetPassword(support, "another"); err != nil {
		t.Fatal(err)
	}
	if err := d.Kick(support); err != nil {
		t.Fatal(err)
	}
	failures()
	if err := d.Deliver(support, mails[200:]...); err != nil {
		t.Fatal(err)
	}
	await(t, in, "a refused log-in", func() bool {
		for _, err := range failures() {
			if strings.Contains(err.Error(), "refused the log-in") {
				return true
			}
		}
		return false
	})
	if err := d.SetPassword(support, password); err != nil {
		t.Fatal(err)
	}
	awaitItems(t, in, n)
	awaitPhase(t, in, "idling")
	sameMails(t, d, in, blobs)
}

func TestDovecotRenumbered(t *testing.T) {
	d := startDovecot(t)
	conf, secrets := configFor(t, d.IMAPAddr(), d.LMTPAddr(), "plain", "")
	c, blobs := connect(t, conf, secrets, quick())
	in := channeltest.NewIntake()
	supervised(t, c, in)
	awaitPhase(t, in, "idling")
	if err := d.Deliver(support, backlog(40)[:30]...); err != nil {
		t.Fatal(err)
	}
	awaitItems(t, in, 30)
	if err := d.Renumber(support, 777_777_777); err != nil {
		t.Fatal(err)
	}
	if err := d.Deliver(support, crlf(plainMail(100, ""))); err != nil {
		t.Fatal(err)
	}
	items := awaitItems(t, in, 31)
	if got := items[30].Message.Subject; got != "Question 100" {
		t.Errorf("after renumbering came %q", got)
	}
	sameMails(t, d, in, blobs)
	await(t, in, "a cursor of the new numbering", func() bool { return strings.HasPrefix(in.Cursor(), "v1:777777777:31:") })
}

// Mails that somebody moves away and back have other UIDs then: they are known by what they say. Moved away while they wait, they
// are not missed.
func TestDovecotMovedAwayAndBack(t *testing.T) {
	d := startDovecot(t)
	conf, secrets := configFor(t, d.IMAPAddr(), d.LMTPAddr(), "plain", "")
	c, blobs := connect(t, conf, secrets, quick())
	in := channeltest.NewIntake()
	_, stop := supervised(t, c, in)
	awaitPhase(t, in, "idling")
	mails := mixed(60)
	move := func(from, to string) {
		t.Helper()
		if err := d.Move(support, from, to); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Deliver(support, mails[:30]...); err != nil {
		t.Fatal(err)
	}
	awaitItems(t, in, 30)
	move("INBOX", "Sent")
	move("Sent", "INBOX")
	await(t, in, "the mails under their new UIDs", func() bool { return strings.Contains(in.Cursor(), ":60:") && in.Status().Phase == "idling" })
	stop()
	if err := d.Deliver(support, mails[30:]...); err != nil {
		t.Fatal(err)
	}
	move("INBOX", "Sent")
	if err := d.Deliver(support, crlf(plainMail(500, ""))); err != nil {
		t.Fatal(err)
	}
	supervised(t, c, in)
	awaitItems(t, in, 31)
	move("Sent", "INBOX")
	awaitItems(t, in, 61)
	awaitPhase(t, in, "idling")
	sameMails(t, d, in, blobs)
}

// warnings leaves out what Dovecot says of every mail.
func warnings(log string) string {
	var kept []string
	for line := range strings.Lines(log) {
		if !strings.Contains(line, "saved mail to") {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept[max(0, len(kept)-20):], "")
}
