//go:build integration

package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/centralita/centralita"
	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/channels/email"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/internal/mailsim"
	"github.com/centralita/centralita/internal/mailsim/dovecot"
	"github.com/centralita/centralita/proto/deskpb"
)

// frailTimes are the times of the mailbox that keeps failing: in the relations of the real ones.
var frailTimes = struct{ first, most, refused, answer time.Duration }{20 * time.Millisecond, time.Second, 500 * time.Millisecond, 3 * time.Second}

const (
	frailPatience = 4 // failures until a person should look
	calmPause     = 150 * time.Millisecond
)

// frailKind is the mailboxes' own connector, with two faults: reading a mail that has this attachment panics, and so does, twice, handing
// over this one.
func frailKind() channels.Kind {
	k := email.Kind()
	whole := k.New
	k.Kind, k.Name = deskpb.ChannelKind_CHANNEL_KIND_CUSTOM, "frail"
	stumbles := &stumbles{left: 2}
	k.New = func(env channels.Env) (channels.Connector, error) {
		env.AnswerMax, env.Blobs = frailTimes.answer, poisoned{env.Blobs}
		c, err := whole(env)
		return frail{c, stumbles}, err
	}
	return k
}

type poisoned struct{ channels.Blobs }

func (p poisoned) Put(ctx context.Context, r io.Reader, limit int64) (string, int64, error) {
	raw, err := io.ReadAll(r)
	if err != nil {
		return "", 0, err
	}
	if bytes.HasPrefix(raw, []byte("POISON")) {
		panic("poison")
	}
	return p.Blobs.Put(ctx, bytes.NewReader(raw), limit)
}

type frail struct {
	channels.Connector
	stumbles *stumbles
}

type stumbles struct {
	mu   sync.Mutex
	left int
}

func (s *stumbles) one() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.left--
	return s.left >= 0
}

func (f frail) Run(ctx context.Context, in channels.Intake) error {
	return f.Connector.Run(ctx, stumbling{in, f.stumbles})
}

type stumbling struct {
	channels.Intake
	stumbles *stumbles
}

func (s stumbling) Deliver(ctx context.Context, item desk.Inbound) <-chan error {
	if strings.HasPrefix(item.Message.Subject, "Storm stumble") && s.stumbles.one() {
		panic("stumbled")
	}
	return s.Intake.Deliver(ctx, item)
}

// failures keeps what the log tells of connectors that failed.
type failures struct {
	slog.Handler
	mu  sync.Mutex
	all []failed
}

type failed struct {
	channel, class, err string
	wait                time.Duration
}

func (f *failures) Enabled(context.Context, slog.Level) bool { return true }
func (f *failures) WithAttrs([]slog.Attr) slog.Handler       { return f }

func (f *failures) Handle(_ context.Context, r slog.Record) error {
	if r.Message != "a connector failed" {
		return nil
	}
	var one failed
	r.Attrs(func(a slog.Attr) bool {
		switch v := a.Value.String(); a.Key {
		case "channel":
			one.channel = v
		case "class":
			one.class = v
		case "err":
			one.err = v
		case "retry_in":
			one.wait, _ = time.ParseDuration(v)
		}
		return true
	})
	f.mu.Lock()
	defer f.mu.Unlock()
	f.all = append(f.all, one)
	return nil
}

func (f *failures) so() []failed {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.all)
}

// searches keeps from which number on a mailbox was asked for mail, in the order of the questions.
type searches struct {
	mu   sync.Mutex
	from []int
}

var asksFrom = regexp.MustCompile(`UID SEARCH .*UID (\d+):\*`)

func (s *searches) tap(fromServer bool, b []byte) {
	if fromServer {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range asksFrom.FindAllSubmatch(b, -1) {
		n, _ := strconv.Atoi(string(m[1]))
		s.from = append(s.from, n)
	}
}

// first is the first question after so many.
func (s *searches) first(after int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if after >= len(s.from) {
		return 0
	}
	return s.from[after]
}

func (s *searches) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.from)
}

// failingWorld is six mailboxes under one desk; the first is behind a network that can be made to hang.
type failingWorld struct {
	t        *testing.T
	box      *dovecot.Server
	proxy    *mailsim.Proxy
	desk     *inProcess
	admin    *restClient
	id       string // of the channel that fails
	others   []string
	failures *failures
	searches *searches
	journal  *chronicle
	calm     []*calmWatch
	sent     map[string]string
	mails    int // in the mailbox
}

func newFailingWorld(t *testing.T) *failingWorld {
	t.Helper()
	w := &failingWorld{t: t, failures: &failures{}, searches: &searches{}, sent: map[string]string{}}
	neighbour := "neighbour@desk.test"
	var err error
	w.box, err = dovecot.Start(map[string]string{supportAddress: mailPassword, neighbour: mailPassword})
	w.must(err)
	t.Cleanup(func() { w.must(w.box.Stop()) })
	simulated := []string{"one@desk.test", "two@desk.test", "three@desk.test", "four@desk.test"}
	sim := startMailServer(t, simulated...)
	w.proxy, err = mailsim.NewProxy(w.box.IMAPAddr())
	w.must(err)
	t.Cleanup(func() { _ = w.proxy.Close() })
	w.proxy.Tap(w.searches.tap)
	w.desk = openDesk(t, "", func(o *centralita.Options) {
		o.Logger, o.Connectors = slog.New(w.failures), []channels.Kind{frailKind()}
		o.Tuning.RestartMin, o.Tuning.RestartMax, o.Tuning.AuthRetryMin = frailTimes.first, frailTimes.most, frailTimes.refused
		o.Tuning.FailedAfter, o.Tuning.RestartWindow, o.Tuning.RestartCalm = frailPatience, time.Hour, time.Hour
	})
	w.admin = w.desk.setUp(t)
	connect := func(kind, address, at string) string {
		body := mailChannel(address, at, sim.SMTPAddr())
		body["kind"], body["config"].(obj)["poll_seconds"] = kind, 1
		return w.admin.connect(t, body).ID
	}
	w.id = connect("frail", supportAddress, w.proxy.Addr())
	w.others = append(w.others, connect("email", neighbour, w.box.IMAPAddr()))
	for _, address := range simulated {
		w.others = append(w.others, connect("email", address, sim.IMAPAddr()))
	}
	for _, id := range append(w.others, w.id) {
		awaitIdle(t, w.admin, id)
	}
	w.journal = follow(t, w.desk.engine)
	w.calm = append(w.calm, watchCalm(t, neighbour, func(to string, raw []byte) error { return w.box.Deliver(to, raw) }, w.journal, calmPause))
	for _, address := range simulated {
		w.calm = append(w.calm, watchCalm(t, address, sim.Deliver, w.journal, calmPause))
	}
	return w
}

func (w *failingWorld) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// storm brings mails to the mailbox that fails.
func (w *failingWorld) storm(names ...string) {
	w.t.Helper()
	var raws [][]byte
	for _, name := range names {
		name = "Storm " + name
		w.sent[name] = name
		id := strings.ReplaceAll(name, " ", ".") + "@storm.test"
		raws = append(raws, letter{from: name + " <" + id + ">", to: supportAddress, subject: name, id: id, text: "It rains."}.raw())
	}
	w.must(w.box.Deliver(supportAddress, raws...))
	w.mails += len(raws)
}

func many(what string, n int) (names []string) {
	for i := range n {
		names = append(names, fmt.Sprintf("%s %d", what, i))
	}
	return names
}

func (w *failingWorld) caughtUp() {
	w.t.Helper()
	eventually(w.t, patience, fmt.Sprintf("%d mails are in", len(w.sent)), func() bool { return w.journal.messages("Storm") >= len(w.sent) })
	awaitIdle(w.t, w.admin, w.id)
}

// until waits until a channel is in a state and so many failures are told since a number of them.
func (w *failingWorld) until(since, more int, state string) {
	w.t.Helper()
	eventually(w.t, patience, fmt.Sprintf("%d failures and %s", more, state), func() bool {
		return len(w.failures.so()) >= since+more && w.admin.channel(w.t, w.id).Health.State == state
	})
}

// told is how often the administrators were told that a channel failed, and what the last time.
func (w *failingWorld) told() (times int, last string) {
	w.t.Helper()
	var out struct {
		Notifications []struct{ Kind, Channel, Text string }
	}
	w.admin.must(w.t, "GET", "/me/notifications", nil, &out)
	for _, n := range slices.Backward(out.Notifications) {
		if n.Kind == desk.NoticeChannelFailed {
			times, last = times+1, n.Text
			if n.Channel != w.id {
				w.t.Errorf("administrators are told of a channel that works: %+v", n)
			}
		}
	}
	return times, last
}

func (w *failingWorld) toldOnly(times int, reason string) {
	w.t.Helper()
	if got, last := w.told(); got != times || !strings.Contains(last, reason) {
		w.t.Errorf("administrators were told %d times, the last time %q; want %d, %q", got, last, times, reason)
	}
}

// resumed: the first question after so many asked for what came after the last mail that was taken in, and for nothing before.
func (w *failingWorld) resumed(asked, taken int) {
	w.t.Helper()
	if got := w.searches.first(asked); got != taken+1 {
		w.t.Errorf("it resumed with mail %d, want %d", got, taken+1)
	}
}

// Scenario 6: a connector that keeps failing. It panics over a mail, then its password is revoked, then its server hangs: only it is started
// again, ever later; a person is told once for each trouble; no mail is lost or doubled, and the other five channels go on.
func TestScenarioAConnectorThatKeepsFailing(t *testing.T) {
	w := newFailingWorld(t)

	// A mail over which reading panics is set aside, and costs nobody anything.
	w.storm(many("before", 5)...)
	w.must(w.box.Deliver(supportAddress, poison()))
	w.mails++
	w.storm(many("after", 5)...)
	w.caughtUp()
	w.aside()
	if n := len(w.failures.so()); n != 0 {
		t.Errorf("a mail that cannot be read ended %d runs: %+v", n, w.failures.so())
	}
	// A panic anywhere else ends the run, not the desk; the mail is taken in by the third.
	w.storm("stumble")
	w.storm(many("behind", 5)...)
	w.caughtUp()
	if n, _ := w.told(); n != 0 {
		t.Errorf("administrators were told %d times of what healed itself", n)
	}

	// The password is revoked: told once, tried slowly.
	asked, taken, before := w.searches.count(), w.mails, len(w.failures.so())
	w.must(w.box.SetPassword(supportAddress, "another"))
	w.must(w.box.Kick(supportAddress))
	w.storm(many("locked out", 20)...)
	w.until(before, 4, "failed") // one for the connection that ended, three for log-ins
	w.toldOnly(1, "refused the log-in")
	w.admin.must(t, "PATCH", "/channels/"+w.id, obj{"secrets": obj{"imap_password": "another", "smtp_password": mailPassword}}, nil)
	w.caughtUp()
	w.resumed(asked, taken)
	w.toldOnly(1, "refused the log-in")

	// The server hangs without closing anything.
	asked, taken, before = w.searches.count(), w.mails, len(w.failures.so())
	w.proxy.BlackHole(true)
	w.storm(many("silence", 20)...)
	w.until(before, frailPatience+1, "failed")
	w.toldOnly(2, "did not answer")
	w.alive()
	w.proxy.BlackHole(false)
	w.caughtUp()
	w.resumed(asked, taken)
	// What comes and goes again at once is the same trouble.
	before = len(w.failures.so())
	w.proxy.CutAll()
	w.until(before, 1, "running")
	awaitIdle(t, w.admin, w.id)
	w.toldOnly(2, "did not answer")

	w.delays()
	for _, c := range w.calm {
		for name, thread := range c.end() {
			w.sent[name] = thread
		}
	}
	tellAll(t, w.journal.compare(w.sent))
	for _, id := range w.others {
		if row := w.admin.channel(t, id); row.Health.Restarts != 0 || row.Health.State != "running" || row.Quarantined != 0 {
			t.Errorf("another channel suffered: %+v", row)
		}
	}
}

// poison is a mail whose attachment makes reading it panic.
func poison() []byte {
	return []byte(strings.ReplaceAll(strings.Join([]string{"From: Eve <eve@storm.test>", "To: " + supportAddress, "Subject: Poison", "Message-ID: <poison@storm.test>",
		"Date: " + time.Now().Format(time.RFC1123Z), "MIME-Version: 1.0", "Content-Type: multipart/mixed; boundary=b", "", "--b", "Content-Type: text/plain", "", "Open it.",
		"--b", "Content-Type: application/pdf; name=a.pdf", "Content-Disposition: attachment; filename=a.pdf", "Content-Transfer-Encoding: base64", "", "UE9JU09OIQ==", "--b--", ""}, "\n"), "\n", "\r\n"))
}

// aside: the poison is kept with its cause, and it alone.
func (w *failingWorld) aside() {
	w.t.Helper()
	var out struct {
		Items []struct{ Item, Cause, Summary string }
	}
	w.admin.must(w.t, "GET", "/channels/"+w.id+"/quarantine", nil, &out)
	if len(out.Items) != 1 || !strings.Contains(out.Items[0].Cause, "reading it failed") || !strings.Contains(out.Items[0].Summary, "Poison") {
		w.t.Errorf("set aside is %+v", out.Items)
	}
}

// alive: while the first mailbox hangs, mail of the others comes in as before: far quicker than hanging takes.
func (w *failingWorld) alive() {
	w.t.Helper()
	for i, c := range w.calm {
		took := c.took()
		took = took[max(0, len(took)-5):]
		slices.Sort(took)
		if len(took) == 0 || took[len(took)/2] > frailTimes.answer/2 {
			w.t.Errorf("mailbox %d waits while another hangs: %v", i, took)
		}
	}
}

// delays judges every failure: all are of one channel, and each waits as long as its kind and those before it ask, half of it by chance.
func (w *failingWorld) delays() {
	w.t.Helper()
	all := w.failures.so()
	growth, kinds := 0, map[string]int{}
	for i, f := range all {
		if f.channel != w.id {
			w.t.Errorf("another channel failed: %+v", f)
			continue
		}
		if i > 0 && f.class != "auth" && all[i-1].class == "auth" {
			growth = 0 // another password: from the beginning
		}
		first := frailTimes.first
		if f.class == "auth" {
			first = frailTimes.refused
		}
		if whole := min(first<<growth, frailTimes.most); f.wait < whole/2 || f.wait > whole {
			w.t.Errorf("failure %d (%s, %.60s) waited %v, want %v to %v", i, f.class, f.err, f.wait, whole/2, whole)
		}
		growth++
		kinds[f.class]++
		if strings.Contains(f.err, "panicked") {
			kinds["panic"]++
		}
	}
	if kinds["panic"] != 2 || kinds["auth"] < 3 || kinds["temporary"] < 2+1+frailPatience {
		w.t.Errorf("%v of %+v", kinds, all)
	}
	w.t.Logf("%d failures: %v", len(all), kinds)
}
