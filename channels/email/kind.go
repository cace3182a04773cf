// Package email is the channel of one team mailbox: mail comes in by IMAP or is forwarded to us (package inlet), answers go
// out by SMTP submission. It owns
// the mailbox session with its guards against servers and networks that lie (session.go, fetch.go), the order in which
// mail is handed over and the cursor that follows it (pipeline.go), whose ticket a mail is (who.go), and how an answer is handed over
// (send.go). Reading a mail's bytes is package letter's, writing them is package compose's, which conversation one belongs to is
// package thread's.
package email

import (
	"context"
	"encoding/json"
	"runtime"
	"time"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/channels/email/letter"
	"github.com/centralita/centralita/channels/email/oauth"
	"github.com/centralita/centralita/channels/email/thread"
	"github.com/centralita/centralita/channels/email/trust"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// Kind is the kind of team mailboxes, signed in by password.
func Kind() channels.Kind { return KindWith(nil) }

// KindWith is Kind, with providers to sign in with.
func KindWith(signIns *SignIns) channels.Kind {
	return channels.Kind{
		Kind: deskpb.ChannelKind_CHANNEL_KIND_EMAIL,
		Name: "email",
		New: func(env channels.Env) (channels.Connector, error) {
			return newConnector(env, defaultTuning(), signIns)
		},
		ReplyKeys: thread.ReplyKeys,
		Identify: func(config, secrets json.RawMessage) (string, error) {
			c, err := parseConfig(config, secrets)
			if err != nil {
				return "", err
			}
			return c.Address, nil
		},
		MailKey: mailKey, Acknowledger: acknowledger, SendsFrom: sendsFrom, Preview: preview, Paces: paces,
	}
}

// tuning are the times and sizes that tests shorten.
type tuning struct {
	dial      time.Duration // connect and TLS handshake
	command   time.Duration // an answer to a command, or a sign of life inside a long one
	idle      time.Duration // at most this long in one IDLE
	silence   time.Duration // a connection from which nothing came for so long is dead
	submit    time.Duration // the answer after the final dot (RFC 5321 section 4.5.3.2.6)
	retry     time.Duration // first pause before the mailbox is tried again within one Run
	sentAfter time.Duration // a copy in the Sent folder may take so long to appear
	workers   int           // mails stored at once: what takes the time is the disk, which takes many as fast as one
	parses    int           // mails read at once
	batch     int           // mails in one FETCH
	batchSize int64         // bytes in one FETCH
	inMemory  int64         // bytes of mails being worked on
	saveEvery int           // mails between two cursors while catching up
	limits    letter.Limits
	maxRaw    int64       // larger mails are not kept, only their header is
	names     trust.Names // nil: the machine's resolver
}

func defaultTuning() tuning {
	return tuning{
		dial: 30 * time.Second, command: time.Minute, idle: 270 * time.Second, silence: 6 * time.Minute,
		submit: 10 * time.Minute, retry: 500 * time.Millisecond, sentAfter: 2 * time.Minute,
		workers: 24, parses: max(2, min(8, 2*runtime.GOMAXPROCS(0))), batch: 100, batchSize: 4 << 20, inMemory: 96 << 20, saveEvery: 256,
		limits: letter.DefaultLimits, maxRaw: 256 << 20,
	}
}

// Connector speaks for one mailbox.
type Connector struct {
	env    channels.Env
	config config
	tune   tuning
	tokens *oauth.Source // nil: signed in by password
	open   doorway       // for mail that is brought to us
	box    thread.Mailbox
	parses chan struct{} // a place for each mail that may be read at once
}

var (
	_ channels.Connector    = (*Connector)(nil)
	_ channels.Checker      = (*Connector)(nil)
	_ channels.Finder       = (*Connector)(nil)
	_ channels.Replayer     = (*Connector)(nil)
	_ channels.Refetcher    = (*Connector)(nil)
	_ channels.MailReceiver = (*Connector)(nil)
	_ channels.Importer     = (*Connector)(nil)
	_ channels.Foldered     = (*Connector)(nil)
)

func newConnector(env channels.Env, t tuning, signIns *SignIns) (*Connector, error) {
	c, err := parseConfig(env.Config, env.Secrets)
	if err != nil {
		return nil, err
	}
	if c.forwarded() && env.MailDomain == "" {
		return nil, desk.Refuse(desk.Invalid, "receive", "this desk takes no mail itself: set mail.listen and mail.domain where it is configured, or choose imap")
	}
	if env.AnswerMax > 0 {
		t.dial, t.command = env.AnswerMax, env.AnswerMax
	}
	made := &Connector{env: env, config: *c, tune: t, parses: make(chan struct{}, t.parses)}
	made.box = made.mailbox()
	return made, made.signIn(signIns)
}

// Run implements channels.Connector.
func (c *Connector) Run(ctx context.Context, in channels.Intake) error {
	if c.config.forwarded() {
		return c.await(ctx, in)
	}
	err := c.follow(ctx, in)
	if ctx.Err() != nil {
		return nil
	}
	return c.classify(err)
}
