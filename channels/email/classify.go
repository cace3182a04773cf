package email

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-smtp"

	"github.com/centralita/centralita/channels"
)

// errTruncated: the connection ended inside a mail. The library would hand out the short mail as a whole one.
var errTruncated = errors.New("the mail was cut off on its way")

// throttledFor is the shortest pause after a server has said that we ask too much.
const throttledFor = 5 * time.Minute

// classify makes of any failure of the mailbox one with a class and words for an administrator.
func (c *Connector) classify(err error) error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*channels.Error](err); ok {
		e.Reason = c.withoutSecrets(e.Reason)
		return err
	}
	e := &channels.Error{Class: channels.Temporary, Reason: c.withoutSecrets(networkReason(err)), Err: err}
	if ie, ok := errors.AsType[*imap.Error](err); ok {
		e.Reason = c.withoutSecrets("the mail server said: " + serverText(ie.Text))
		switch {
		case ie.Code == imap.ResponseCodeLimit || ie.Code == imap.ResponseCodeOverQuota || tooMany(ie.Text):
			e.Class, e.RetryAfter = channels.Throttled, throttledFor
		case ie.Code == imap.ResponseCodeNonExistent, ie.Code == imap.ResponseCodeNoPerm, ie.Code == imap.ResponseCodeAuthorizationFailed:
			e.Class = channels.Auth
		}
	}
	return e
}

// loginError classes a refused log-in (RFC 5530 section 3): most codes mean that a person must look, some that the
// server is not well.
func loginError(err error) error {
	ie, ok := errors.AsType[*imap.Error](err)
	if !ok {
		return err
	}
	e := &channels.Error{Class: channels.Auth, Reason: "the mail server refused the log-in: " + serverText(ie.Text), Err: err}
	switch {
	case ie.Code == imap.ResponseCodeUnavailable || ie.Code == imap.ResponseCodeInUse || ie.Code == imap.ResponseCodeServerBug || ie.Type == imap.StatusResponseTypeBye:
		e.Class = channels.Temporary
	case ie.Code == imap.ResponseCodeLimit || tooMany(ie.Text):
		e.Class, e.RetryAfter = channels.Throttled, throttledFor
	}
	return e
}

// tooMany: what servers say when they mean "slow down" and have no code for it.
func tooMany(text string) bool {
	text = strings.ToLower(text)
	return strings.Contains(text, "too many") || strings.Contains(text, "throttl") || strings.Contains(text, "rate limit") || strings.Contains(text, "bandwidth")
}

// submitError classes a failure of SMTP before the mail was handed over: it did not happen.
func submitError(step string, err error) error {
	e := &channels.Error{Class: channels.Temporary, Reason: step + ": " + networkReason(err), Err: err}
	se, ok := errors.AsType[*smtp.SMTPError](err)
	if !ok {
		return e
	}
	e.Reason = step + ": " + reply(se)
	switch {
	case se.Code == 535 || se.Code == 534 || se.Code == 538 || se.Code == 530: // RFC 4954 section 6
		e.Class = channels.Auth
	case se.Code == 421 && tooMany(se.Message), se.Code/100 == 4 && tooMany(se.Message):
		e.Class, e.RetryAfter = channels.Throttled, throttledFor
	case se.Code/100 == 5:
		e.Class = channels.Permanent
	}
	return e
}

// reply is a server's answer as people are shown it.
func reply(e *smtp.SMTPError) string {
	code := []byte{byte('0' + e.Code/100%10), byte('0' + e.Code/10%10), byte('0' + e.Code%10)}
	return string(code) + " " + serverText(e.Message)
}

// serverText makes a server's words fit to be shown: one line, no control characters, not too long.
func serverText(s string) string {
	s = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(s, "?"), func(r rune) bool { return r <= ' ' || r == 0x7F }), " ")
	if len(s) > 300 {
		s = strings.ToValidUTF8(s[:300], "") + "…"
	}
	if s == "" {
		return "(no reason given)"
	}
	return s
}

// networkReason names what goes wrong on networks in words.
func networkReason(err error) string {
	var dns *net.DNSError
	var host x509.HostnameError
	var authority x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	var record tls.RecordHeaderError
	var timeout net.Error
	switch {
	case errors.As(err, &dns):
		return "the server's name is not known: " + dns.Name
	case errors.As(err, &host), errors.As(err, &authority), errors.As(err, &invalid):
		return "the server's certificate is not trusted: " + serverText(err.Error())
	case errors.As(err, &record):
		return "the server does not speak TLS on this port"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "the server did not answer in time"
	case errors.Is(err, errTruncated):
		return "the connection was cut while a mail was being fetched"
	}
	return "the connection failed: " + serverText(err.Error())
}

// withoutSecrets takes passwords out of words that came from outside.
func (c *Connector) withoutSecrets(s string) string {
	for _, secret := range []string{c.config.IMAP.password, c.config.SMTP.password} {
		if len(secret) >= 4 {
			s = strings.ReplaceAll(s, secret, "***")
		}
	}
	if c.tokens != nil {
		s = c.tokens.Hide(s)
	}
	return s
}
