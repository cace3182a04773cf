package mailsim

import (
	"errors"
	"fmt"
	"io"
	"net/mail"
	"strings"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// Faults makes the submission server misbehave. Codes are SMTP codes (451, 550, …); 0 means well-behaved.
type Faults struct {
	MailCode     int            // answer to MAIL FROM
	RcptCode     map[string]int // answer to RCPT TO, by address
	DataCode     int            // answer after the final dot
	DropMail     bool           // cut the connection at MAIL FROM
	DropAfterDot bool           // take the mail, then cut instead of answering
	LoseAfterDot bool           // cut after the final dot without taking the mail
}

// SetFaults replaces the faults; the zero value heals the server.
func (s *Server) SetFaults(f Faults) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = f
}

// SetMood has f asked for the faults of each submitted mail, at its MAIL FROM; nil: those of SetFaults hold.
func (s *Server) SetMood(f func() Faults) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mood = f
}

// Attempts counts the mails whose text was handed over, taken or not.
func (s *Server) Attempts() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.attempts
}

func (s *Server) currentFaults() Faults {
	s.mu.Lock()
	faults, mood := s.faults, s.mood
	s.mu.Unlock()
	if mood != nil {
		return mood()
	}
	return faults
}

// errCut makes the library end the session: after it the connection is closed by hand.
var errCut = errors.New("cut by the simulator")

// smtpSession is one submission connection.
type smtpSession struct {
	server  *Server
	account *account
	rcpts   []*account
	conn    *smtp.Conn
	faults  Faults // of the mail that is being handed over
}

func (s *smtpSession) AuthMechanisms() []string {
	if s.server.opts.Tokens != nil {
		return []string{sasl.Plain, sasl.Login, xoauth2}
	}
	return []string{sasl.Plain, sasl.Login}
}

const xoauth2 = "XOAUTH2"

// tokenServer is XOAUTH2 as Google describes it: who is refused hears why in a challenge, and answers with nothing.
type tokenServer struct {
	done    func(user, token string) error
	refusal error
}

func (l *tokenServer) Next(response []byte) (challenge []byte, done bool, err error) {
	if l.refusal != nil {
		return nil, true, l.refusal
	}
	user, rest, _ := strings.Cut(strings.TrimPrefix(string(response), "user="), "\x01auth=Bearer ")
	if l.refusal = l.done(user, strings.TrimRight(rest, "\x01")); l.refusal != nil {
		return []byte(`{"status":"401"}`), false, nil
	}
	return nil, true, nil
}

func (s *smtpSession) token(user, token string) error {
	a := s.server.account(user)
	if a == nil || !s.server.opts.Tokens(user, token) {
		return smtp.ErrAuthFailed
	}
	s.account = a
	return nil
}

func (s *smtpSession) Auth(mech string) (sasl.Server, error) {
	switch mech {
	case sasl.Plain:
		return sasl.NewPlainServer(func(_, user, password string) error { return s.login(user, password) }), nil
	case sasl.Login:
		return &loginServer{done: s.login}, nil
	}
	if mech == xoauth2 && s.server.opts.Tokens != nil {
		return &tokenServer{done: s.token}, nil
	}
	return nil, smtp.ErrAuthUnknownMechanism
}

func (s *smtpSession) login(user, password string) error {
	a := s.server.account(user)
	if a == nil || !a.login(password) {
		return smtp.ErrAuthFailed
	}
	s.account = a
	return nil
}

func (s *smtpSession) Mail(string, *smtp.MailOptions) error {
	if s.account == nil {
		return smtp.ErrAuthRequired
	}
	s.faults = s.server.currentFaults()
	if s.faults.DropMail {
		return s.cut()
	}
	return refusal(s.faults.MailCode)
}

func (s *smtpSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	if err := refusal(s.faults.RcptCode[strings.ToLower(to)]); err != nil {
		return err
	}
	a := s.server.account(to)
	if a == nil {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "No such mailbox here"}
	}
	s.rcpts = append(s.rcpts, a)
	return nil
}

func (s *smtpSession) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.server.mu.Lock()
	s.server.attempts++
	s.server.mu.Unlock()
	f := s.faults
	if f.LoseAfterDot {
		return s.cut()
	}
	if err := refusal(f.DataCode); err != nil {
		return err
	}
	for _, a := range s.rcpts {
		if err := s.server.Deliver(a.address, raw); err != nil {
			return fmt.Errorf("deliver: %w", err)
		}
	}
	if s.server.opts.KeepSent {
		if err := s.account.put("Sent", raw, time.Now(), s.server.opts.MaxMessages); err != nil {
			return err
		}
	}
	if f.DropAfterDot {
		return s.cut()
	}
	return nil
}

func (s *smtpSession) Reset() { s.rcpts = nil }

func (s *smtpSession) Logout() error { return nil }

func (s *smtpSession) cut() error {
	if s.conn != nil {
		_ = s.conn.Conn().Close() // the point is that it is closed
	}
	return errCut
}

func refusal(code int) error {
	if code == 0 {
		return nil
	}
	return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 0, 0}, Message: "refused by the simulator"}
}

// loginServer is the AUTH LOGIN exchange (draft-murchison-sasl-login): user name, then password.
type loginServer struct {
	user string
	step int
	done func(user, password string) error
}

func (l *loginServer) Next(response []byte) (challenge []byte, done bool, err error) {
	l.step++
	switch {
	case l.step == 1 && response == nil:
		l.step--
		return []byte("Username:"), false, nil
	case l.step == 1:
		l.user = string(response)
		return []byte("Password:"), false, nil
	default:
		return nil, true, l.done(l.user, string(response))
	}
}

// Address is the bare address of a header such as "Ana <ana@example.test>"; "" when there is none.
func Address(header string) string {
	a, err := mail.ParseAddress(header)
	if err != nil {
		return ""
	}
	return a.Address
}
