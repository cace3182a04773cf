//go:build integration

package email

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/channels/channeltest"
	"github.com/centralita/centralita/internal/mailsim"
	"github.com/centralita/centralita/internal/mailsim/mox"
	"github.com/centralita/centralita/proto/deskpb"
)

// moxConfig is the mailbox of a mox, at an IMAP address of it, with TLS.
func moxConfig(t *testing.T, m *mox.Server, imapAddr string) (conf, secrets json.RawMessage) {
	t.Helper()
	ca, err := m.CAPEM()
	if err != nil {
		t.Fatal(err)
	}
	conf, secrets = configFor(t, imapAddr, m.SubmissionAddr(), "tls", ca)
	s := strings.ReplaceAll(string(conf), support, mox.Account)
	s = strings.ReplaceAll(s, `"host":"127.0.0.1"`, `"host":"localhost"`) // what its certificate says
	return json.RawMessage(strings.Replace(s, `"poll_seconds":1,`, `"poll_seconds":60,`, 1)), json.RawMessage(`{"imap_password":"` + mox.Password + `"}`)
}

func startMox(t *testing.T) *mox.Server {
	t.Helper()
	m, err := mox.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Stop(); err != nil {
			t.Error(err)
		}
	})
	return m
}

// A second IMAP server, which shares nothing with the first one: log-in, a backlog over connections that are cut, IDLE, and the
// submission of answers with every kind of refusal.
func TestMox(t *testing.T) {
	m := startMox(t)
	proxy, err := mailsim.NewProxy(m.IMAPSAddr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = proxy.Close() })
	conf, secrets := moxConfig(t, m, proxy.Addr())
	c, blobs := connect(t, conf, secrets, quick())
	if err := c.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	in := channeltest.NewIntake()
	supervised(t, c, in)
	awaitPhase(t, in, "idling")

	want := map[string]bool{}
	put := func(raws ...[]byte) {
		t.Helper()
		for _, raw := range raws {
			sum := sha256.Sum256(raw)
			want[hex.EncodeToString(sum[:])] = true
		}
		if err := m.Append(raws...); err != nil {
			t.Fatal(err)
		}
	}
	var slowest time.Duration
	for n := range 5 {
		start := time.Now()
		put(crlf(plainMail(1000+n, "")))
		awaitItems(t, in, n+1)
		slowest = max(slowest, time.Since(start))
		awaitPhase(t, in, "idling")
	}
	t.Logf("slowest of 5: %v from before APPEND to the intake", slowest)
	if slowest > 10*time.Second {
		t.Errorf("a push took %v: that was a poll", slowest)
	}

	for n := range 20 {
		proxy.CutAfter(int64(6000 + 9000*n))
	}
	proxy.CutAll()
	put(mixed(200)...)
	awaitItems(t, in, 205)
	if n := proxy.Accepted(); n < 10 {
		t.Errorf("only %d connections", n)
	}
	for _, item := range in.Items() {
		if !want[item.Message.RawBlob] {
			t.Errorf("%s is not as it was put there", item.Message.Subject)
		}
		delete(want, item.Message.RawBlob)
		_ = blob(t, blobs, item.Message.RawBlob)
	}
	if len(want) > 0 || len(in.Set()) > 0 {
		t.Errorf("%d mails did not come, set aside: %+v", len(want), in.Set())
	}
	moxSubmission(t, c)
}

// moxSubmission hands answers over: mox takes them, or refuses with the code that the recipient names.
func moxSubmission(t *testing.T, c *Connector) {
	t.Helper()
	for to, want := range map[string]struct {
		class channels.Class
		word  string
	}{
		"ana@localhost": {-1, ""}, "rcptto550@localhost": {channels.Permanent, "550"}, "rcptto451@localhost": {channels.Temporary, "451"},
		"permerror@localhost": {channels.Permanent, "5"}, "temperror@localhost": {channels.Temporary, "4"},
	} {
		out := answer("cv_1", "ms_1", "Good morning.")
		out.To = []*deskpb.Address{{Name: "Ana", Address: to}}
		id, err := c.Send(t.Context(), out)
		if want.class < 0 {
			if err != nil || id != messageID(out) {
				t.Errorf("%s: %q, %v", to, id, err)
			}
			continue
		}
		var e *channels.Error
		if !errors.As(err, &e) || e.Class != want.class || !strings.Contains(e.Reason, want.word) {
			t.Errorf("%s: %v, want %v", to, err, want.class)
		}
	}
}
