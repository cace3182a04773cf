package email

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-sasl"

	"github.com/centralita/centralita/channels"
)

// boundConn turns "no deadline" into "at most silence": the IMAP library sets none between two responses, so that a
// link that died without a word would never be noticed.
type boundConn struct {
	net.Conn
	silence time.Duration
}

func (c boundConn) SetReadDeadline(t time.Time) error {
	if limit := time.Now().Add(c.silence); t.IsZero() || t.After(limit) {
		t = limit
	}
	return c.Conn.SetReadDeadline(t)
}

// session is one connection to the mailbox. Whatever waits on the server does so under a timer that cuts the raw
// connection: closing the client first would wait for a reader that may never come back.
type session struct {
	client  *imapclient.Client
	raw     net.Conn
	tune    tuning
	changed chan struct{} // one slot: "something happened in the mailbox"
	once    sync.Once

	validity uint32
	next     imap.UID // UIDNEXT at selection, 0 when not told
	messages uint32
	canIdle  bool
	began    bool // the last fetch of bodies brought some text
	strays   strays
}

func newSession(t tuning) *session {
	s := &session{tune: t, changed: make(chan struct{}, 1)}
	s.strays.broken = func() {
		s.cut()
		<-s.client.Closed()
	}
	return s
}

func (s *session) options() *imapclient.Options {
	notice := func() {
		select { // never block here: the library's reader would stop
		case s.changed <- struct{}{}:
		default:
		}
	}
	return &imapclient.Options{UnilateralDataHandler: &imapclient.UnilateralDataHandler{
		Expunge: func(uint32) { notice() },
		Fetch:   s.strays.take,
		Mailbox: func(*imapclient.UnilateralDataMailbox) { notice() },
	}}
}

// openSession connects and logs in; report is told each phase.
func (c *Connector) openSession(ctx context.Context, report func(phase string)) (s *session, err error) {
	report("connecting")
	s = newSession(c.tune)
	opts := s.options()
	opts.TLSConfig = c.config.IMAP.tls()
	dialCtx, cancel := context.WithTimeout(ctx, c.tune.dial)
	defer cancel()
	if err := s.connect(dialCtx, &c.config.IMAP, opts); err != nil {
		return nil, fmt.Errorf("connect to %s: %w", c.config.IMAP.address(), err)
	}
	report("authenticating")
	if c.tokens != nil {
		err = s.bearer(ctx, c)
	} else {
		err = s.login(ctx, &c.config.IMAP)
	}
	if err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *session) connect(ctx context.Context, config *serverConfig, opts *imapclient.Options) error {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", config.address())
	if err != nil {
		return err
	}
	s.raw = conn
	bound := boundConn{Conn: conn, silence: s.tune.silence}
	switch config.Security {
	case securityTLS:
		t := tls.Client(bound, opts.TLSConfig)
		if err := t.HandshakeContext(ctx); err != nil {
			s.cut()
			return err
		}
		s.client = imapclient.New(t, opts)
	case securityStartTLS:
		err := s.within(ctx, s.tune.dial, "STARTTLS", func() (err error) {
			s.client, err = imapclient.NewStartTLS(bound, opts)
			return err
		})
		if err != nil {
			s.cut()
			return err
		}
	default:
		s.client = imapclient.New(bound, opts)
	}
	if err := s.within(ctx, s.tune.command, "the greeting", s.client.WaitGreeting); err != nil {
		s.close()
		return err
	}
	return nil
}

// login uses AUTHENTICATE PLAIN when it is offered and LOGIN else. A server that offers neither says so here.
func (s *session) login(ctx context.Context, config *serverConfig) error {
	return s.within(ctx, s.tune.command, "the log-in", func() error {
		caps := s.client.Caps()
		switch {
		case s.client.State() == imap.ConnStateAuthenticated: // PREAUTH
		case caps.Has("AUTH=PLAIN"):
			if err := s.client.Authenticate(sasl.NewPlainClient("", config.Username, config.password)); err != nil {
				return loginError(err)
			}
		case caps.Has(imap.CapLoginDisabled):
			return &channels.Error{Class: channels.Auth, Reason: "the mail server does not allow a log-in by password on this connection"}
		default:
			if err := s.client.Login(config.Username, config.password).Wait(); err != nil {
				return loginError(err)
			}
		}
		s.canIdle = s.client.Caps().Has(imap.CapIdle)
		return nil
	})
}

// bearer logs in with an access token. One that the server does not take is not shown to it again.
func (s *session) bearer(ctx context.Context, c *Connector) error {
	caps := s.client.Caps()
	mech, refused, err := c.bearer(ctx, &c.config.IMAP, func(mech string) bool { return caps.Has(imap.Cap("AUTH=" + mech)) })
	if err != nil {
		return err
	}
	return s.within(ctx, s.tune.command, "the log-in", func() error {
		if err := s.client.Authenticate(mech); err != nil {
			refused()
			return loginError(err)
		}
		s.canIdle = s.client.Caps().Has(imap.CapIdle)
		return nil
	})
}

// selectFolder selects a folder for reading. Nothing is ever changed in it.
func (s *session) selectFolder(ctx context.Context, folder string) error {
	return s.selectAs(ctx, folder, true)
}

func (s *session) selectAs(ctx context.Context, folder string, readOnly bool) error {
	return s.within(ctx, s.tune.command, "SELECT", func() error {
		data, err := s.client.Select(folder, &imap.SelectOptions{ReadOnly: readOnly}).Wait()
		if err != nil {
			return fmt.Errorf("select %q: %w", folder, err)
		}
		s.validity, s.next, s.messages = data.UIDValidity, data.UIDNext, data.NumMessages
		return nil
	})
}

// within runs one exchange with the server; when it takes too long or ctx ends the connection is cut, which frees it.
func (s *session) within(ctx context.Context, limit time.Duration, what string, f func() error) error {
	stop := context.AfterFunc(ctx, s.cut)
	late := time.AfterFunc(limit, s.cut)
	err := f()
	stop()
	if !late.Stop() && err != nil {
		return &channels.Error{Class: channels.Temporary, Reason: "the mail server did not answer in time: " + what, Err: err}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// cut closes the connection under the library. It never blocks and may be called from anywhere.
func (s *session) cut() {
	s.once.Do(func() { _ = s.raw.Close() }) // closing is all that is wanted of it
}

// close ends the session. Every fetch must have been closed before.
func (s *session) close() {
	s.cut()
	if s.client != nil {
		_ = s.client.Close() // the connection is closed already, and says so
	}
}

// logout ends the session politely, within a second.
func (s *session) logout() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = s.within(ctx, time.Second, "LOGOUT", func() error { return s.client.Logout().Wait() }) // it ends either way
	s.close()
}

var errSilent = errors.New("the connection was closed by the other side")

// wait returns when something happened in the mailbox, or after d. Some servers look for new mail only when they are
// asked with NOOP.
func (s *session) wait(ctx context.Context, d time.Duration) error {
	look := s.sleep
	if s.canIdle {
		look = s.idle
	}
	if err := look(ctx, d); err != nil {
		return err
	}
	return s.within(ctx, s.tune.command, "NOOP", func() error { return s.client.Noop().Wait() })
}

func (s *session) idle(ctx context.Context, d time.Duration) error {
	var idle *imapclient.IdleCommand
	err := s.within(ctx, s.tune.command, "IDLE", func() (err error) {
		idle, err = s.client.Idle()
		return err
	})
	if err != nil {
		return err
	}
	waited := s.sleep(ctx, min(d, s.tune.idle))
	err = s.within(ctx, s.tune.command, "the end of IDLE", func() error {
		if err := idle.Close(); err != nil {
			return err
		}
		return idle.Wait()
	})
	if waited != nil {
		return waited // that IDLE did not end well either says nothing more
	}
	return err
}

func (s *session) sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-s.changed:
	case <-timer.C:
	case <-s.client.Closed():
		return errSilent
	case <-ctx.Done():
		s.cut()
		return ctx.Err()
	}
	return nil
}
