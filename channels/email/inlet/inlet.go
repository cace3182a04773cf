// Package inlet is where mail comes in by itself: one SMTP and one LMTP listener for the whole engine. It answers 250 only
// when what it took is durable and the channel's receipt is there, refuses what it will not take before it was sent (unknown
// recipients, size), and tells senders to come again while a channel is not running or there is too much at once. It
// knows nothing of what a mail says.
package inlet

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/desk"
)

// Mailboxes says whose an address is.
type Mailboxes interface {
	// Mailbox finds the channel that takes mail under a key, the part before the @ in lower case. known is false when there
	// is none; receiver is nil while its connector is down.
	Mailbox(key string) (channel desk.ChannelID, receiver channels.MailReceiver, known bool, err error)
}

// Limits bound what one sender, one channel and all together may ask for. Zero values mean the defaults named.
type Limits struct {
	MaxBytes       int64         // of one mail; 64 MB
	Recipients     int           // of one mail; 50
	Connections    int           // at once; 400
	PerIP          int           // connections of one address at once; 20
	MailsPerIP     int           // in a minute; 300
	MailsPerBox    int           // for one channel in a minute; 1,200
	UnknownPerIP   int           // wrong recipients in ten minutes; 30
	BoxAtOnce      int           // mails of one channel under way; 16
	BytesAtOnce    int64         // of all mails being read; 128 MB
	Idle           time.Duration // between two bytes; 3 min
	ConnectionLife time.Duration // however busy; 1 h
	Settle         time.Duration // from the last byte to the receipt; 60 s
}

func (l Limits) withDefaults() Limits {
	for p, d := range map[*int]int{
		&l.Recipients: 50, &l.Connections: 400, &l.PerIP: 20, &l.MailsPerIP: 300, &l.MailsPerBox: 1200, &l.UnknownPerIP: 30, &l.BoxAtOnce: 16,
	} {
		if *p == 0 {
			*p = d
		}
	}
	for p, d := range map[*int64]int64{&l.MaxBytes: 64 << 20, &l.BytesAtOnce: 128 << 20} {
		if *p == 0 {
			*p = d
		}
	}
	for p, d := range map[*time.Duration]time.Duration{&l.Idle: 3 * time.Minute, &l.ConnectionLife: time.Hour, &l.Settle: time.Minute} {
		if *p == 0 {
			*p = d
		}
	}
	return l
}

// Options of a listener. SMTP or LMTP, and Domain, are needed.
type Options struct {
	SMTP   string      // host:port; "" for none
	LMTP   string      // host:port, or unix:/path; for a mail server on the same machine that is trusted. "" for none
	Domain string      // the part after the @, and what we call ourselves
	TLS    *tls.Config // for STARTTLS; nil: none is offered
	Blobs  channels.Blobs
	Boxes  Mailboxes
	Logger *slog.Logger
	Limits Limits
}

// Listener takes mail until it is closed.
type Listener struct {
	opt     Options
	log     *slog.Logger
	ctx     context.Context // ends when Close gives up waiting
	cancel  context.CancelFunc
	gate    *gate
	meter   *meter
	budget  *budget
	servers []*smtp.Server
	addrs   []net.Addr
	serving sync.WaitGroup
}

// Start listens. The addresses are taken when it returns.
func Start(opt Options) (*Listener, error) {
	opt.Limits = opt.Limits.withDefaults()
	opt.Domain = strings.ToLower(opt.Domain)
	if opt.Logger == nil {
		opt.Logger = slog.New(slog.DiscardHandler)
	}
	l := &Listener{
		opt: opt, log: opt.Logger, gate: newGate(opt.Limits), meter: newMeter(time.Now), budget: newBudget(opt.Limits.BytesAtOnce),
	}
	l.ctx, l.cancel = context.WithCancel(context.Background())
	for _, in := range []struct {
		addr string
		lmtp bool
	}{{opt.SMTP, false}, {opt.LMTP, true}} {
		if in.addr == "" {
			continue
		}
		ln, err := net.Listen(network(in.addr))
		if err != nil {
			return nil, errors.Join(fmt.Errorf("listen for mail on %s: %w", in.addr, err), l.Close(context.Background()))
		}
		s := l.server(in.lmtp)
		l.servers, l.addrs = append(l.servers, s), append(l.addrs, ln.Addr())
		trusted := in.lmtp
		l.serving.Go(func() {
			if err := s.Serve(l.gate.guard(ln, trusted)); err != nil {
				l.log.Error("the mail listener ended", "addr", ln.Addr().String(), "err", err)
			}
		})
	}
	return l, nil
}

func network(addr string) (string, string) {
	if path, unix := strings.CutPrefix(addr, "unix:"); unix {
		return "unix", path
	}
	return "tcp", addr
}

// maxLine is what the library takes for one line, text of mails included: many are far beyond the 998 bytes of RFC 5322.
const maxLine = 1 << 20

func (l *Listener) server(lmtp bool) *smtp.Server {
	s := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return l.session(c, lmtp), nil }))
	s.LMTP, s.Domain, s.TLSConfig, s.EnableSMTPUTF8 = lmtp, l.opt.Domain, l.opt.TLS, true
	s.MaxMessageBytes, s.MaxRecipients, s.MaxLineLength = l.opt.Limits.MaxBytes, l.opt.Limits.Recipients, maxLine
	s.WriteTimeout = l.opt.Limits.Idle
	s.ErrorLog = quiet{l.log}
	return s
}

// Addrs are where it listens: SMTP, then LMTP.
func (l *Listener) Addrs() []net.Addr { return l.addrs }

// Close takes no new connection and no new mail, lets those be settled that were read whole, and ends at the latest with
// ctx. What was not answered with 250 stays with its sender.
func (l *Listener) Close(ctx context.Context) error {
	defer l.cancel()
	l.gate.drain()
	var errs []error
	for _, s := range l.servers {
		if err := s.Shutdown(ctx); err != nil && !errors.Is(err, smtp.ErrServerClosed) && ctx.Err() == nil {
			errs = append(errs, err)
		}
	}
	l.cancel()
	l.gate.cut()
	l.serving.Wait()
	return errors.Join(errs...)
}

// quiet takes the library's complaints, which are about what strangers send.
type quiet struct{ log *slog.Logger }

func (q quiet) Printf(format string, v ...any) {
	q.log.Debug("mail listener", "said", fmt.Sprintf(format, v...))
}
func (q quiet) Println(v ...any) { q.log.Debug("mail listener", "said", fmt.Sprint(v...)) }
