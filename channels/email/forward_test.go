package email

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/smtp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/channels/channeltest"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/internal/mailsim"
)

const forwardKey = "support-k3x9d2mq"

func forwardConfig(t *testing.T, smtpAddr string) json.RawMessage {
	t.Helper()
	host, port := split(t, smtpAddr)
	conf, err := json.Marshal(config{
		Address: support, FromName: "The Shop", Receive: receiveForwarding, Forwarding: &forwarding{Key: forwardKey},
		SMTP: serverConfig{Host: host, Port: port, Security: "plain"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return conf
}

// post is a listener in front of one connector.
type post struct {
	mu   sync.Mutex
	conn channels.MailReceiver
}

func (p *post) Mailbox(key string) (desk.ChannelID, channels.MailReceiver, bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return "ch_test", p.conn, key == forwardKey, nil
}

func (p *post) listen(t *testing.T, blobs channels.Blobs) net.Addr {
	t.Helper()
	l, err := Listen(ListenerOptions{SMTP: "127.0.0.1:0", Domain: "in.desk.test", Blobs: blobs, Boxes: p})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return l.Addrs()[0]
}

func bring(addr net.Addr, raw string) error {
	return smtp.SendMail(addr.String(), nil, customer, []string{forwardKey + "@in.desk.test"}, []byte(strings.ReplaceAll(raw, "\n", "\r\n")))
}

// A channel that mail is forwarded to keeps every promise of a connector; the other side is a mail server that comes again
// until it was answered with 250.
func TestForwardingSuite(t *testing.T) {
	t.Parallel()
	channeltest.Run(t, channeltest.Suite{
		Kind: inDesk(),
		New: func(t *testing.T) channeltest.World {
			blobs, p := channeltest.NewBlobs(), &post{}
			addr, server := p.listen(t, blobs), startMail(t, mailsim.Options{})
			var mu sync.Mutex
			taken := map[int]bool{}
			var queue sync.WaitGroup
			t.Cleanup(queue.Wait)
			offer := func(n int) {
				queue.Go(func() {
					tick := time.NewTicker(5 * time.Millisecond)
					defer tick.Stop()
					for bring(addr, plainMail(n, "")) != nil {
						select {
						case <-tick.C:
						case <-t.Context().Done():
							return
						}
					}
					mu.Lock()
					defer mu.Unlock()
					taken[n] = true
				})
			}
			out := answer("cv_1", "ms_1", "Good morning.")
			return channeltest.World{
				Config: forwardConfig(t, server.SMTPAddr()), Secrets: json.RawMessage(`{"smtp_password":"` + password + `"}`), Address: support,
				Blobs: blobs, Offer: offer, Again: offer, Outbound: &out, Hidden: []string{password},
				Started: func(c channels.Connector) {
					p.mu.Lock()
					defer p.mu.Unlock()
					p.conn = c.(channels.MailReceiver)
				},
				Taken: func(n int) bool {
					mu.Lock()
					defer mu.Unlock()
					return taken[n]
				},
			}
		},
		BadConfigs: map[string]json.RawMessage{
			"forwarding.key": json.RawMessage(`{"address":"a@b.test","receive":"forwarding","forwarding":{"key":"x"},"smtp":{"host":"localhost","security":"plain"}}`),
			"receive":        json.RawMessage(`{"address":"a@b.test","receive":"pigeons","smtp":{"host":"localhost","security":"plain"}}`),
			"forwarding":     json.RawMessage(`{"address":"a@b.test","forwarding":{"key":"support-1"},"imap":{"host":"localhost","security":"plain"},"smtp":{"host":"localhost","security":"plain"}}`),
			"imap":           json.RawMessage(`{"address":"a@b.test","receive":"forwarding","forwarding":{"key":"support-1"},"imap":{"host":"localhost","security":"plain"},"smtp":{"host":"localhost","security":"plain"}}`),
		},
	})
}

// inDesk is the kind in a desk that takes mail itself.
func inDesk() channels.Kind {
	kind := Kind()
	kind.New = func(env channels.Env) (channels.Connector, error) {
		env.MailDomain = "in.desk.test"
		return newConnector(env, quick(), nil)
	}
	return kind
}

func TestForwardingNeedsAListener(t *testing.T) {
	t.Parallel()
	_, err := Kind().New(channels.Env{Config: forwardConfig(t, "127.0.0.1:25"), Secrets: json.RawMessage(`{"smtp_password":"x"}`)})
	if e, ok := errors.AsType[*desk.Error](err); !ok || e.Field != "receive" || !strings.Contains(e.Message, "mail.listen") {
		t.Errorf("made in a desk without a listener: %v", err)
	}
}

// A mail that cannot be read is kept and answered with 250; one that the desk refuses for what it is too; one that it cannot
// take now is left with its sender; one that was taken is known when it comes again over another way.
func TestForwardedMail(t *testing.T) {
	t.Parallel()
	server, blobs, p := startMail(t, mailsim.Options{}), channeltest.NewBlobs(), &post{}
	addr := p.listen(t, blobs)
	made, err := inDesk().New(channels.Env{
		Channel: "ch_test", Address: support, Config: forwardConfig(t, server.SMTPAddr()), Secrets: json.RawMessage(`{"smtp_password":"` + password + `"}`),
		Blobs: blobs, Logger: slog.New(slog.NewTextHandler(t.Output(), nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	c := made.(*Connector)
	if err := c.Check(t.Context()); err != nil {
		t.Errorf("check: %v", err)
	}
	p.conn = c
	if err := bring(addr, plainMail(1, "")); err == nil || !strings.HasPrefix(err.Error(), "451") {
		t.Errorf("before it runs: %v", err)
	}
	in := channeltest.NewIntake()
	_, stop := supervised(t, c, in)
	awaitPhase(t, in, "listening")
	in.Refuse(1, desk.Refuse(desk.Unavailable, "", "later"))
	if err := bring(addr, plainMail(1, "")); err == nil || !strings.HasPrefix(err.Error(), "451") {
		t.Errorf("while the desk cannot take it: %v", err)
	}
	in.Refuse(1, desk.Refuse(desk.Invalid, "body", "too strange"))
	for n, want := range []error{nil, nil, nil} {
		if err := bring(addr, plainMail(n, "")); !errors.Is(err, want) {
			t.Errorf("mail %d: %v", n, err)
		}
	}
	if err := bring(addr, plainMail(1, "X-Trace: another way\n")); err != nil {
		t.Error(err)
	}
	bad, size, err := blobs.Put(t.Context(), strings.NewReader("\r\nno mail at all\r\n"), 100)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.ReceiveMail(t.Context(), channels.Mail{Digest: "0a", Blob: bad, Size: size}); err != nil {
		t.Error(err)
	}
	items, aside := in.Items(), in.Set()
	if len(items) != 3 || items[0].Message.Subject != "Question 1" || items[1].Message.Subject != "Question 2" || items[2].Message.Body.Text != "no mail at all" || items[2].Message.RawBlob != bad {
		t.Errorf("items: %v", items)
	}
	if len(aside) != 1 || !strings.Contains(aside[0].Cause, "too strange") || !strings.HasPrefix(aside[0].Item, "mail:") {
		t.Errorf("set aside: %+v", aside)
	}
	r, _, err := blobs.Open(t.Context(), items[0].Message.RawBlob)
	if err != nil {
		t.Fatal(err)
	}
	if raw, _ := io.ReadAll(r); !strings.HasPrefix(string(raw), "Return-Path: <"+customer+">\r\nReceived: from localhost") {
		t.Errorf("raw: %.100q", raw)
	}
	stop()
	if err := bring(addr, plainMail(5, "")); err == nil || !strings.HasPrefix(err.Error(), "451") {
		t.Errorf("after it ended: %v", err)
	}
}
