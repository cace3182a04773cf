package email

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/channels/channeltest"
	"github.com/centralita/centralita/channels/email/thread"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/internal/mailsim"
	"github.com/centralita/centralita/proto/deskpb"
)

const (
	support  = "support@desk.test"
	customer = "ana@customer.test"
	password = "pass-word-of-support"
)

// quick are the times of tests: what takes minutes in the world takes moments here.
func quick() tuning {
	t := defaultTuning()
	t.dial, t.command, t.silence, t.submit, t.retry = 5*time.Second, 5*time.Second, 10*time.Second, 5*time.Second, 10*time.Millisecond
	return t
}

// startMail starts a mail server with the support mailbox and a customer's.
func startMail(t *testing.T, opts mailsim.Options) *mailsim.Server {
	t.Helper()
	s, err := mailsim.Start(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	for address, pass := range map[string]string{support: password, customer: "secret"} {
		if err := s.AddAccount(address, pass); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func split(t *testing.T, addr string) (string, int) {
	t.Helper()
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	return host, n
}

func configFor(t *testing.T, imapAddr, smtpAddr, security, ca string) (conf, secrets json.RawMessage) {
	t.Helper()
	ih, ip := split(t, imapAddr)
	sh, sp := split(t, smtpAddr)
	c := config{
		Address: support, FromName: "The Shop", PollSeconds: 1,
		IMAP: serverConfig{Host: ih, Port: ip, Security: security, CAPEM: ca},
		SMTP: serverConfig{Host: sh, Port: sp, Security: security, CAPEM: ca},
	}
	conf, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	return conf, json.RawMessage(`{"imap_password":"` + password + `"}`)
}

func connect(t *testing.T, conf, secrets json.RawMessage, tune tuning) (*Connector, *channeltest.Blobs) {
	t.Helper()
	blobs := channeltest.NewBlobs()
	c, err := newConnector(channels.Env{
		Channel: "ch_test", Name: "Support", Address: support, Config: conf, Secrets: secrets, Blobs: blobs, Keys: keyring,
		Logger: slog.New(slog.NewTextHandler(t.Output(), nil)),
	}, tune, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c, blobs
}

// supervised runs a connector as the engine does: one that fails is started again. It returns the failures so far.
func supervised(t *testing.T, c *Connector, in channels.Intake) (failures func() []error, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	errs, done := make(chan error, 10_000), make(chan struct{})
	go func() {
		defer close(done)
		for {
			err := c.Run(ctx, in)
			if ctx.Err() != nil {
				if err != nil {
					t.Errorf("Run after its context ended: %v", err)
				}
				return
			}
			errs <- err
			select {
			case <-time.After(20 * time.Millisecond):
			case <-ctx.Done():
				return
			}
		}
	}()
	stopped := false
	stop = func() {
		if !stopped {
			stopped = true
			cancel()
			<-done
		}
	}
	t.Cleanup(stop)
	return func() (all []error) {
		for {
			select {
			case err := <-errs:
				all = append(all, err)
			default:
				return all
			}
		}
	}, stop
}

func await(t *testing.T, in *channeltest.Intake, what string, cond func() bool) {
	t.Helper()
	awaitFor(30*time.Second, t, in, what, cond)
}

func awaitFor(limit time.Duration, t *testing.T, in *channeltest.Intake, what string, cond func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	if err := in.Await(ctx, cond); err != nil {
		t.Fatalf("%s: %d items, status %+v: %v", what, len(in.Items()), in.Status(), context.Cause(ctx))
	}
}

func awaitItems(t *testing.T, in *channeltest.Intake, n int) []desk.Inbound {
	t.Helper()
	await(t, in, fmt.Sprintf("%d items", n), func() bool { return len(in.Items()) >= n })
	return in.Items()
}

func awaitPhase(t *testing.T, in *channeltest.Intake, phase string) {
	t.Helper()
	await(t, in, "phase "+phase, func() bool { return in.Status().Phase == phase })
}

func deliver(t *testing.T, s *mailsim.Server, to string, raw string) {
	t.Helper()
	if err := s.Deliver(to, []byte(strings.ReplaceAll(raw, "\n", "\r\n"))); err != nil {
		t.Fatal(err)
	}
}

// plainMail is a mail of the customer.
func plainMail(n int, extra string) string {
	return fmt.Sprintf("From: Ana <%s>\nTo: %s\nSubject: Question %d\nDate: Mon, 2 Nov 2026 10:00:00 +0000\nMessage-ID: <q%d@customer.test>\n%s\nText of question %d.\n",
		customer, support, n, n, extra, n)
}

// keyring are the installation's keys in tests.
var keyring = [][]byte{[]byte("the key of the tests, 32 bytes .")}

func replyKeys(conv desk.ConversationID, msg desk.MessageID) []string {
	return thread.ReplyKeys(channels.Reply{Channel: "ch_test", Address: support, Conversation: conv, Message: msg, Keys: keyring})
}

func answer(conv desk.ConversationID, msg desk.MessageID, text string) desk.Outbound {
	return desk.Outbound{
		Conversation: conv, Message: msg, RequestedAt: time.Date(2026, 11, 2, 11, 0, 0, 0, time.UTC),
		Subject: "Re: Question", To: []*deskpb.Address{{Name: "Ana", Address: customer}}, AgentName: "Bea",
		Body: &deskpb.Body{Text: text}, ThreadKeys: replyKeys(conv, msg), InReplyTo: "mid:q1@customer.test", References: []string{"mid:q1@customer.test"},
	}
}
