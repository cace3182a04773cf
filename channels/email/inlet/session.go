package inlet

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/desk"
)

// session is one connection after its greeting.
type session struct {
	l    *Listener
	c    *smtp.Conn
	lmtp bool
	ip   string

	mu   sync.Mutex // guards what follows: a chunked mail (BDAT) is read beside the commands
	from string
	to   []recipient
}

type recipient struct {
	address string // as it was named
	channel desk.ChannelID
	box     channels.MailReceiver
}

func (l *Listener) session(c *smtp.Conn, lmtp bool) *session {
	return &session{l: l, c: c, lmtp: lmtp, ip: source(c.Conn().RemoteAddr())}
}

func answer(code int, a, b, c int, text string) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{a, b, c}, Message: text}
}

var (
	errRate    = answer(451, 4, 7, 0, "too many mails from your address, come again later")
	errGuess   = answer(450, 4, 7, 1, "too many unknown recipients from your address, come again later")
	errBusy    = answer(451, 4, 3, 2, "too many mails for this mailbox now, come again later")
	errDown    = answer(451, 4, 3, 0, "this mailbox is not running now, come again later")
	errUnknown = answer(550, 5, 1, 1, "there is no such mailbox here")
	errRelay   = answer(550, 5, 7, 1, "this server takes mail for its own domain only")
	errSize    = answer(552, 5, 3, 4, "the mail is too large")
	errCut     = answer(451, 4, 4, 2, "the mail did not come whole")
	errStorage = answer(452, 4, 3, 1, "the mail cannot be stored now, come again later")
	errLater   = answer(451, 4, 3, 0, "the mail could not be taken in now, come again later")
)

// Reset implements smtp.Session.
func (s *session) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.from, s.to = "", nil
}

// envelope is what was said before the mail.
func (s *session) envelope() (from string, to []recipient) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.from, s.to
}

// Logout implements smtp.Session.
func (s *session) Logout() error { return nil }

// Mail implements smtp.Session. The null sender of bounces is as welcome as any.
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if !s.lmtp && !s.l.meter.take("mail "+s.ip, s.l.opt.Limits.MailsPerIP, time.Minute) {
		return errRate
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.from = from
	return nil
}

const guessWindow = 10 * time.Minute

// Rcpt implements smtp.Session.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	limits, guesses := s.l.opt.Limits, "guess "+s.ip
	if !s.lmtp && s.l.meter.empty(guesses, limits.UnknownPerIP, guessWindow) {
		return errGuess
	}
	at := strings.LastIndexByte(to, '@')
	if at < 0 || !strings.EqualFold(to[at+1:], s.l.opt.Domain) {
		return errRelay
	}
	key, _, _ := strings.Cut(strings.ToLower(to[:at]), "+")
	channel, box, known, err := s.l.opt.Boxes.Mailbox(key)
	switch {
	case err != nil:
		s.l.log.Error("look for a mailbox", "err", err)
		return errLater
	case !known:
		s.l.meter.take(guesses, limits.UnknownPerIP, guessWindow)
		return errUnknown
	case box == nil:
		return errDown
	case !s.l.meter.take("box "+string(channel), limits.MailsPerBox, time.Minute):
		return errBusy
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.to = append(s.to, recipient{to, channel, box})
	return nil
}

// Data implements smtp.Session: one answer for all recipients. When one cannot take it now the sender comes again, and the
// others know it then.
func (s *session) Data(r io.Reader) error {
	from, rcpts := s.envelope()
	m, err := s.store(r, from)
	if err != nil {
		return err
	}
	taken := make(map[desk.ChannelID]error)
	for _, to := range rcpts {
		if _, done := taken[to.channel]; !done {
			taken[to.channel] = s.give(m, to)
		}
		if err := taken[to.channel]; err != nil {
			return err
		}
	}
	return nil
}

// LMTPData implements smtp.LMTPSession: one answer for each recipient.
func (s *session) LMTPData(r io.Reader, status smtp.StatusCollector) error {
	from, rcpts := s.envelope()
	m, err := s.store(r, from)
	if err != nil {
		return err
	}
	taken := make(map[desk.ChannelID]error)
	for _, to := range rcpts {
		if _, done := taken[to.channel]; !done {
			taken[to.channel] = s.give(m, to)
		}
		status.SetStatus(to.address, taken[to.channel])
	}
	return nil
}

// store makes the mail durable as it comes.
func (s *session) store(r io.Reader, from string) (channels.Mail, error) {
	trace, sum := s.trace(from, time.Now()), sha256.New()
	limit := s.l.opt.Limits.MaxBytes + int64(len(trace))
	blob, size, err := s.l.opt.Blobs.Put(s.l.ctx, io.MultiReader(strings.NewReader(trace), io.TeeReader(whole{r}, sum)), limit)
	var cut *cutOff
	switch {
	case errors.Is(err, smtp.ErrDataTooLarge), errors.Is(err, channels.ErrTooLarge):
		return channels.Mail{}, errSize
	case errors.Is(err, smtp.ErrTooLongLine):
		return channels.Mail{}, answer(554, 5, 6, 0, "a line of the mail is too long")
	case errors.As(err, &cut):
		return channels.Mail{}, errCut
	case err != nil:
		s.l.log.Error("store a mail", "err", err)
		return channels.Mail{}, errStorage
	}
	if _, chunked := r.(*io.PipeReader); chunked && !s.stillThere() {
		return channels.Mail{}, errCut
	}
	return channels.Mail{Digest: hex.EncodeToString(sum.Sum(nil)), Blob: blob, Size: size}, nil
}

// whole marks failures of the sender, which are none of ours.
type whole struct{ r io.Reader }

type cutOff struct{ err error }

func (c *cutOff) Error() string { return "the mail did not come whole: " + c.err.Error() }
func (c *cutOff) Unwrap() error { return c.err }

func (w whole) Read(b []byte) (int, error) {
	n, err := w.r.Read(b)
	if err != nil && err != io.EOF {
		err = &cutOff{err}
	}
	return n, err
}

// stillThere tells whether the other side of a TLS connection is there still. Inside a chunk the library takes its polite
// farewell for the end of the mail; only asking again tells one from the other.
func (s *session) stillThere() bool {
	t, ok := s.c.Conn().(*tls.Conn)
	if !ok {
		return true // our own connection has told
	}
	guard, ok := t.NetConn().(*conn)
	if !ok {
		return true
	}
	var one [1]byte
	guard.peeking.Store(true)
	n, err := t.Read(one[:])
	guard.peeking.Store(false)
	if n > 0 { // a command sent ahead, which is lost now: the sender is told the outcome, and has to connect again
		guard.last.Store(true)
		return true
	}
	var late net.Error
	return errors.As(err, &late) && late.Timeout()
}

// give hands the mail to a channel and waits for its receipt.
func (s *session) give(m channels.Mail, to recipient) error {
	ctx, cancel := context.WithTimeout(s.l.ctx, s.l.opt.Limits.Settle)
	defer cancel()
	if !s.l.budget.enter(string(to.channel), s.l.opt.Limits.BoxAtOnce) {
		return errBusy
	}
	defer s.l.budget.leave(string(to.channel))
	if err := s.l.budget.take(ctx, m.Size); err != nil {
		return errBusy
	}
	defer s.l.budget.give(m.Size)
	m.To = to.address
	if err := to.box.ReceiveMail(ctx, m); err != nil {
		s.l.log.Warn("a mail was not taken in; its sender keeps it", "channel", string(to.channel), "err", err)
		return errLater
	}
	return nil
}

// trace is what a receiving server writes above a mail (RFC 5321 section 4.4).
func (s *session) trace(from string, now time.Time) string {
	protocol := "ESMTP"
	if s.lmtp {
		protocol = "LMTP"
	}
	if _, secure := s.c.TLSConnectionState(); secure {
		protocol += "S"
	}
	host, _, err := net.SplitHostPort(s.c.Conn().RemoteAddr().String())
	if err != nil {
		host = "local"
	}
	return fmt.Sprintf("Return-Path: <%s>\r\nReceived: from %s ([%s])\r\n\tby %s with %s; %s\r\n",
		visible(from, 320), visible(s.c.Hostname(), 255), host, s.l.opt.Domain, protocol, now.UTC().Format(time.RFC1123Z))
}

// visible makes a sender's words fit for a header.
func visible(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		if r <= ' ' || r == 0x7F || r == '<' || r == '>' || r == '(' || r == ')' || r == ';' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	return strings.ToValidUTF8(s[:min(len(s), most)], "")
}
