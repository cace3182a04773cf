// Package mailsim is a small mail server over real sockets on loopback: IMAP with IDLE push and SMTP submission with
// AUTH, its mailboxes in memory. The demo runs on it, and the tests of the email channel run against it. It owns its
// accounts and listeners; everything it keeps is bounded (see Options). It is no mail server for the world: mail goes
// only from one of its accounts to another.
package mailsim

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
	"github.com/emersion/go-smtp"
)

// Security says how connections are protected.
type Security int

// The kinds of protection.
const (
	Plain    Security = iota // no TLS
	StartTLS                 // TLS after STARTTLS; log-in is refused before it
	TLS                      // TLS from the first byte
)

// Options of a server. The zero value is a plain server on free ports.
type Options struct {
	Security    Security
	IMAPAddr    string     // "127.0.0.1:0" when empty
	SMTPAddr    string     // "127.0.0.1:0" when empty
	MaxMessages int        // kept per folder, the oldest go; 0 means 2000
	MaxBytes    int64      // of one mail; 0 means 30 MiB
	Without     []imap.Cap // what IMAP does not offer, of what it could
	KeepSent    bool       // submitted mail is copied into the sender's Sent folder, as Gmail and Exchange do
	Logger      *slog.Logger
	// Tokens says whether an access token belongs to an address: then submission takes XOAUTH2 too. nil: it does not.
	Tokens func(address, token string) bool
}

// Server is a running mail server.
type Server struct {
	opts     Options
	ca       *authority
	imap     *imapserver.Server
	smtp     *smtp.Server
	imapLn   net.Listener
	smtpLn   net.Listener
	wg       sync.WaitGroup
	closing  sync.Once
	mu       sync.Mutex // guards all below
	accounts map[string]*account
	faults   Faults
	mood     func() Faults
	onMail   func(account string, m Message)
	attempts int // mails whose DATA was read, taken or not
}

// Start starts a server.
func Start(opts Options) (*Server, error) {
	if opts.MaxMessages == 0 {
		opts.MaxMessages = 2000
	}
	if opts.MaxBytes == 0 {
		opts.MaxBytes = 30 << 20
	}
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	s := &Server{opts: opts, accounts: make(map[string]*account)}
	var tlsConfig *tls.Config
	if opts.Security != Plain {
		ca, err := newAuthority()
		if err != nil {
			return nil, err
		}
		s.ca, tlsConfig = ca, ca.server
	}
	if err := s.listen(tlsConfig); err != nil {
		return nil, err
	}
	s.serve(tlsConfig)
	return s, nil
}

func (s *Server) listen(tlsConfig *tls.Config) (err error) {
	s.imapLn, err = net.Listen("tcp", orLoopback(s.opts.IMAPAddr))
	if err != nil {
		return fmt.Errorf("listen for IMAP: %w", err)
	}
	s.smtpLn, err = net.Listen("tcp", orLoopback(s.opts.SMTPAddr))
	if err != nil {
		return errors.Join(fmt.Errorf("listen for SMTP: %w", err), s.imapLn.Close())
	}
	if s.opts.Security == TLS {
		s.imapLn = tls.NewListener(s.imapLn, tlsConfig)
		s.smtpLn = tls.NewListener(s.smtpLn, tlsConfig)
	}
	return nil
}

func orLoopback(addr string) string {
	if addr == "" {
		return "127.0.0.1:0"
	}
	return addr
}

func (s *Server) serve(tlsConfig *tls.Config) {
	caps := imap.CapSet{imap.CapIMAP4rev1: {}, imap.CapUIDPlus: {}, imap.CapNamespace: {}, imap.CapESearch: {}, imap.CapMove: {}, imap.CapIdle: {}}
	for _, c := range s.opts.Without {
		delete(caps, c)
	}
	s.imap = imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return &imapSession{server: s}, nil, nil
		},
		Caps: caps, Logger: quiet{}, TLSConfig: tlsConfig, InsecureAuth: s.opts.Security == Plain,
	})
	s.smtp = smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &smtpSession{server: s, conn: c}, nil
	}))
	s.smtp.Domain = "localhost"
	s.smtp.MaxMessageBytes = s.opts.MaxBytes
	s.smtp.MaxRecipients = 100
	s.smtp.AllowInsecureAuth = s.opts.Security == Plain
	s.smtp.TLSConfig = tlsConfig
	s.smtp.ErrorLog = quiet{}
	s.wg.Go(func() { s.ended("IMAP", s.imap.Serve(s.imapLn)) })
	s.wg.Go(func() { s.ended("SMTP", s.smtp.Serve(s.smtpLn)) })
}

func (s *Server) ended(what string, err error) {
	if err != nil && !errors.Is(err, net.ErrClosed) {
		s.opts.Logger.Debug("mail simulator: a listener ended", "protocol", what, "err", err)
	}
}

// Close ends all connections and waits for the listeners. It may be called more than once.
func (s *Server) Close() error {
	s.closing.Do(func() {
		_ = s.imap.Close() // it complains when it had not begun to serve, or when a connection was closed before
		_ = s.smtp.Close()
		_ = s.imapLn.Close() // a server that had not begun to serve does not know its listener
		_ = s.smtpLn.Close()
		s.wg.Wait()
	})
	return nil
}

// IMAPAddr is "host:port" of the IMAP server.
func (s *Server) IMAPAddr() string { return s.imapLn.Addr().String() }

// SMTPAddr is "host:port" of the submission server.
func (s *Server) SMTPAddr() string { return s.smtpLn.Addr().String() }

// CAPEM is the certificate a client must trust; "" for a plain server.
func (s *Server) CAPEM() string {
	if s.ca == nil {
		return ""
	}
	return s.ca.pem
}

// AddAccount adds a mailbox; the address is also the user name.
func (s *Server) AddAccount(address, password string) error {
	address = strings.ToLower(address)
	if !strings.Contains(address, "@") {
		return fmt.Errorf("add account: %q is not an address", address)
	}
	user := imapmemserver.NewUser(address, "")
	for _, folder := range []string{"INBOX", "Sent"} {
		if err := user.Create(folder, nil); err != nil {
			return fmt.Errorf("add account %s: create %s: %w", address, folder, err)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.accounts[address] != nil {
		return fmt.Errorf("add account: %s is there", address)
	}
	s.accounts[address] = &account{address: address, password: password, user: user, folders: make(map[string]*folder)}
	return nil
}

// SetPassword changes an account's password; connections that are logged in stay.
func (s *Server) SetPassword(address, password string) error {
	a := s.account(address)
	if a == nil {
		return fmt.Errorf("set password: no account %s", address)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.password = password
	return nil
}

// OnMail calls f after each mail that was put into an inbox. f must not block, and must not call the server's Close.
func (s *Server) OnMail(f func(account string, m Message)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onMail = f
}

func (s *Server) account(address string) *account {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.accounts[strings.ToLower(address)]
}

// quiet swallows what the libraries would log: their complaints are about clients, and the clients are under test.
type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}
