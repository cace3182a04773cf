package email

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/channels/email/compose"
	"github.com/centralita/centralita/channels/email/thread"
	"github.com/centralita/centralita/desk"
)

// Send implements channels.Connector: one envelope, all recipients. When some recipients are refused the others get
// the mail: then both an id and a Permanent error that names the refused are returned.
func (c *Connector) Send(ctx context.Context, out desk.Outbound) (string, error) {
	m, err := c.mail(ctx, out)
	if err != nil {
		return "", err
	}
	raw, err := compose.Write(m)
	if err != nil {
		return "", &channels.Error{Class: channels.Permanent, Reason: err.Error(), Err: err}
	}
	rcpts := recipientsOf(out)
	if len(rcpts) == 0 {
		return "", &channels.Error{Class: channels.Permanent, Reason: "the reply has no recipient"}
	}
	client, err := c.submission(ctx)
	if err != nil {
		return "", c.hide(err)
	}
	defer func() { _ = client.Close() }() // what counts was answered before
	stop := context.AfterFunc(ctx, func() { _ = client.Close() })
	defer stop()
	if err := c.handOver(client, rcpts, raw); err != nil {
		var partly *partial
		if errors.As(err, &partly) {
			return messageID(out), c.hide(err)
		}
		return "", c.hide(err)
	}
	_ = client.Quit() // the mail is theirs
	return messageID(out), nil
}

// recipientsOf gives every address once.
func recipientsOf(out desk.Outbound) (rcpts []string) {
	for _, a := range slices.Concat(out.To, out.Cc, out.Bcc) {
		addr := strings.TrimSpace(a.GetAddress())
		if !slices.ContainsFunc(rcpts, func(r string) bool { return strings.EqualFold(r, addr) }) {
			rcpts = append(rcpts, addr)
		}
	}
	return rcpts
}

func messageID(out desk.Outbound) string {
	return strings.TrimPrefix(out.ThreadKeys[0], thread.KeyPrefix)
}

func (c *Connector) hide(err error) error {
	if e, ok := errors.AsType[*channels.Error](err); ok {
		e.Reason = c.withoutSecrets(e.Reason)
	}
	return err
}

// writeBound gives every write its own deadline: the SMTP library sets none while a mail is being written.
type writeBound struct {
	net.Conn
	limit time.Duration
}

func (c writeBound) Write(b []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(c.limit)); err != nil {
		return 0, err
	}
	return c.Conn.Write(b)
}

// submission connects to the submission server and logs in.
func (c *Connector) submission(ctx context.Context) (*smtp.Client, error) {
	s := &c.config.SMTP
	dialCtx, cancel := context.WithTimeout(ctx, c.tune.dial)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(dialCtx, "tcp", s.address())
	if err != nil {
		return nil, submitError("connect to the outgoing server", err)
	}
	stop := context.AfterFunc(dialCtx, func() { _ = conn.Close() })
	defer stop()
	client, err := c.greet(dialCtx, writeBound{conn, c.tune.command}, s)
	if err != nil {
		_ = conn.Close() // it was of no use
		return nil, submitError("connect to the outgoing server", err)
	}
	if c.tokens != nil {
		err = c.submitBearer(ctx, client)
	} else {
		err = login(client, s)
	}
	if err != nil {
		_ = client.Close() // it was of no use
		return nil, err
	}
	return client, nil
}

func (c *Connector) greet(ctx context.Context, conn net.Conn, s *serverConfig) (client *smtp.Client, err error) {
	switch s.Security {
	case securityTLS:
		t := tls.Client(conn, s.tls())
		if err := t.HandshakeContext(ctx); err != nil {
			return nil, err
		}
		client = smtp.NewClient(t)
	case securityStartTLS:
		client, err = smtp.NewClientStartTLS(conn, s.tls())
		if err != nil {
			return nil, err
		}
	default:
		client = smtp.NewClient(conn)
	}
	client.CommandTimeout, client.SubmissionTimeout = c.tune.command, c.tune.submit
	return client, client.Hello("localhost")
}

// submitBearer logs in with an access token.
func (c *Connector) submitBearer(ctx context.Context, client *smtp.Client) error {
	mech, refused, err := c.bearer(ctx, &c.config.SMTP, client.SupportsAuth)
	if err != nil {
		return err
	}
	if err := client.Auth(mech); err != nil {
		refused()
		return submitError("log in to the outgoing server", err)
	}
	return nil
}

func login(client *smtp.Client, s *serverConfig) error {
	var mech sasl.Client
	switch {
	case client.SupportsAuth(sasl.Plain):
		mech = sasl.NewPlainClient("", s.Username, s.password)
	case client.SupportsAuth(sasl.Login):
		mech = &loginClient{user: s.Username, password: s.password}
	default:
		return &channels.Error{Class: channels.Auth, Reason: "the outgoing server does not offer a log-in by password on this connection"}
	}
	if err := client.Auth(mech); err != nil {
		return submitError("log in to the outgoing server", err)
	}
	return nil
}

// loginClient is AUTH LOGIN as servers really speak it: some ask for the user name, some take it at once, and the
// prompts differ.
type loginClient struct {
	user, password string
	asked          bool
}

func (l *loginClient) Start() (string, []byte, error) { return sasl.Login, nil, nil }

func (l *loginClient) Next(challenge []byte) ([]byte, error) {
	if !l.asked && !strings.Contains(strings.ToLower(string(challenge)), "pass") {
		l.asked = true
		return []byte(l.user), nil
	}
	return []byte(l.password), nil
}

// partial says that some recipients were refused and the others were served.
type partial struct{ refused []string }

func (p *partial) Error() string { return "refused for " + strings.Join(p.refused, "; ") }

// handOver makes the one transaction. Up to the final dot nothing has happened; after it, silence means that nobody
// knows (RFC 5321 section 4.2.5).
func (c *Connector) handOver(client *smtp.Client, rcpts []string, raw []byte) error {
	if limit, ok := client.MaxMessageSize(); ok && limit > 0 && len(raw) > limit {
		return &channels.Error{Class: channels.Permanent, Reason: fmt.Sprintf("the mail has %d MB, the outgoing server takes %d MB", len(raw)>>20, limit>>20)}
	}
	opts := &smtp.MailOptions{Size: int64(len(raw)), UTF8: !isASCII(c.config.Address) || !isASCII(strings.Join(rcpts, ""))}
	if ok, _ := client.Extension("SMTPUTF8"); opts.UTF8 && !ok {
		return &channels.Error{Class: channels.Permanent, Reason: "the outgoing server does not know addresses with letters beyond ASCII"}
	}
	if err := client.Mail(c.config.Address, opts); err != nil {
		return submitError("the outgoing server refused the sender", err)
	}
	refused, err := recipients(client, rcpts)
	if err != nil {
		return err
	}
	w, err := client.Data()
	if err != nil {
		return submitError("the outgoing server refused the mail", err)
	}
	if _, err := io.Copy(w, bytes.NewReader(raw)); err != nil {
		return submitError("hand over the mail", err)
	}
	if _, err := w.CloseWithResponse(); err != nil {
		if se, ok := errors.AsType[*smtp.SMTPError](err); ok {
			return submitError("the outgoing server refused the mail", se)
		}
		return &channels.Error{Class: channels.Unknown, Reason: "the outgoing server did not say whether it took the mail", Err: err}
	}
	if len(refused) > 0 {
		p := &partial{refused}
		return &channels.Error{Class: channels.Permanent, Reason: "sent to the other recipients, but " + p.Error(), Err: p}
	}
	return nil
}

// recipients names them all; at least one must be taken.
func recipients(client *smtp.Client, rcpts []string) (refused []string, err error) {
	var last error
	temporary := false
	for _, to := range rcpts {
		err := client.Rcpt(to, nil)
		if err == nil {
			continue
		}
		se, ok := errors.AsType[*smtp.SMTPError](err)
		if !ok {
			return nil, submitError("name the recipients", err)
		}
		temporary = temporary || se.Temporary()
		refused, last = append(refused, to+" ("+reply(se)+")"), err
	}
	if len(refused) < len(rcpts) {
		return refused, nil
	}
	class := channels.Permanent
	if temporary {
		class = channels.Temporary
	}
	return nil, &channels.Error{Class: class, Reason: "refused for " + strings.Join(refused, "; "), Err: last}
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
