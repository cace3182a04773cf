package centralita

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/centralita/centralita/channels/email"
)

// MailConfig is how the desk takes mail itself, for channels that mail is forwarded to. Without Listen and LMTPListen it
// takes none.
type MailConfig struct {
	// Listen is where mail comes by SMTP, such as :25. Environment: CENTRALITA_MAIL_LISTEN.
	Listen string `toml:"listen"`
	// LMTPListen is where a mail server of one's own hands it over: host:port, or unix:/path. It is trusted. Environment:
	// CENTRALITA_MAIL_LMTP_LISTEN.
	LMTPListen string `toml:"lmtp_listen"`
	// Domain is the part after the @ of the addresses, such as in.desk.example.com. Environment: CENTRALITA_MAIL_DOMAIN.
	Domain string `toml:"domain"`
	// TLSCert and TLSKey are files in PEM form, for STARTTLS; they are read again when they change. Environment:
	// CENTRALITA_MAIL_TLS_CERT, CENTRALITA_MAIL_TLS_KEY.
	TLSCert string `toml:"tls_cert"`
	TLSKey  string `toml:"tls_key"`
	// MaxMegabytes bounds one mail; 0 is 64.
	MaxMegabytes int `toml:"max_megabytes"`
}

func (m MailConfig) on() bool { return m.Listen != "" || m.LMTPListen != "" }

func (m *MailConfig) environment() map[string]*string {
	return map[string]*string{
		"CENTRALITA_MAIL_LISTEN": &m.Listen, "CENTRALITA_MAIL_LMTP_LISTEN": &m.LMTPListen, "CENTRALITA_MAIL_DOMAIN": &m.Domain,
		"CENTRALITA_MAIL_TLS_CERT": &m.TLSCert, "CENTRALITA_MAIL_TLS_KEY": &m.TLSKey,
	}
}

func (m MailConfig) faults() (faults []error) {
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if _, _, err := net.SplitHostPort(m.Listen); m.Listen != "" && err != nil {
		fault("mail.listen: %q is not host:port, such as :25", m.Listen)
	}
	if _, _, err := net.SplitHostPort(m.LMTPListen); m.LMTPListen != "" && err != nil && !strings.HasPrefix(m.LMTPListen, "unix:/") {
		fault("mail.lmtp_listen: %q is neither host:port nor unix:/path", m.LMTPListen)
	}
	if m.on() && m.Domain == "" {
		fault("mail.domain: name the domain for which mail is taken, such as in.desk.example.com")
	}
	if a, err := mail.ParseAddress("a@" + m.Domain); m.Domain != "" && (err != nil || a.Address != "a@"+m.Domain) {
		fault("mail.domain: %q is not a domain", m.Domain)
	}
	if m.Domain != "" && !m.on() {
		fault("mail.listen: without it, or mail.lmtp_listen, no mail comes to mail.domain")
	}
	if (m.TLSCert == "") != (m.TLSKey == "") {
		fault("mail.tls_cert and mail.tls_key: name both or none")
	}
	if m.MaxMegabytes < 0 || m.MaxMegabytes > 1024 {
		fault("mail.max_megabytes: must be 1 to 1024")
	}
	return faults
}

// listenForMail starts the listener that the options ask for.
func (e *Engine) listenForMail(opt Options) (err error) {
	if !opt.Mail.on() {
		return nil
	}
	lo := email.ListenerOptions{
		SMTP: opt.Mail.Listen, LMTP: opt.Mail.LMTPListen, Domain: opt.Mail.Domain, Blobs: carefulBlobs{e.blobs, e.store}, Boxes: e.system, Logger: opt.Logger,
		Limits: email.ListenerLimits{MaxBytes: int64(opt.Mail.MaxMegabytes) << 20},
	}
	if opt.Mail.TLSCert != "" {
		pair := &certificate{cert: opt.Mail.TLSCert, key: opt.Mail.TLSKey}
		if _, err := pair.get(nil); err != nil {
			return fmt.Errorf("mail.tls_cert: %w", err)
		}
		lo.TLS = &tls.Config{GetCertificate: pair.get, MinVersion: tls.VersionTLS12}
	}
	e.mail, err = email.Listen(lo)
	return err
}

// MailAddrs are where the desk takes mail: SMTP, then LMTP; none when it takes no mail.
func (e *Engine) MailAddrs() []net.Addr {
	if e.mail == nil {
		return nil
	}
	return e.mail.Addrs()
}

// certificate is a pair of files that is read again when one of them has changed: certificates are renewed while we run.
type certificate struct {
	cert, key string

	mu     sync.Mutex // guards what follows
	pair   *tls.Certificate
	stamp  time.Time
	looked time.Time
}

func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.pair != nil && time.Since(c.looked) < time.Minute {
		return c.pair, nil
	}
	c.looked = time.Now()
	stamp, err := newest(c.cert, c.key)
	if err == nil && (c.pair == nil || !stamp.Equal(c.stamp)) {
		var pair tls.Certificate
		if pair, err = tls.LoadX509KeyPair(c.cert, c.key); err == nil {
			c.pair, c.stamp = &pair, stamp
		}
	}
	if c.pair == nil {
		return nil, err
	}
	return c.pair, nil // the old one is better than none while the new one is being written
}

func newest(paths ...string) (last time.Time, err error) {
	for _, p := range paths {
		info, serr := os.Stat(p)
		if serr != nil {
			err = errors.Join(err, serr)
			continue
		}
		if info.ModTime().After(last) {
			last = info.ModTime()
		}
	}
	return last, err
}
