package email

import (
	"bytes"
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"net"
	"net/mail"
	"strconv"
	"strings"
	"time"

	"github.com/centralita/centralita/channels/email/compose"
	"github.com/centralita/centralita/channels/email/flood"
	"github.com/centralita/centralita/channels/email/tidy"
	"github.com/centralita/centralita/desk"
)

// config is the channel's configuration. Secrets are kept apart and come in with it only here.
type config struct {
	Address     string       `json:"address"`
	FromName    string       `json:"from_name,omitempty"`
	Receive     string       `json:"receive,omitempty"` // imap or forwarding; "": imap
	Forwarding  *forwarding  `json:"forwarding,omitempty"`
	IMAP        serverConfig `json:"imap,omitzero"`
	SMTP        serverConfig `json:"smtp"`
	OAuth       *oauthConfig `json:"oauth,omitempty"`        // signed in with a provider, without passwords
	PollSeconds int          `json:"poll_seconds,omitempty"` // 0: 90
	// AfterIntake is what becomes of a mail in the mailbox once it was taken in; by itself nothing does.
	AfterIntake tidy.Settings `json:"after_intake,omitzero"`
	// AutomaticReopens: answers of machines open closed tickets again.
	AutomaticReopens bool `json:"automatic_reopens,omitempty"`
	// Flood is how much may come at once before what follows from it waits.
	Flood *flood.Settings `json:"flood,omitempty"`
	joinConfig
	// Trusted are the servers whose word on a sender counts, as they call themselves in Authentication-Results.
	Trusted []string `json:"trusted_servers,omitempty"`
	// Sending is how mails look.
	Sending compose.Settings `json:"sending,omitzero"`

	secrets secretConfig
}

// serverConfig is one server. Security is tls, starttls or plain; plain is for loopback only.
type serverConfig struct {
	Host     string `json:"host"`
	Port     int    `json:"port,omitempty"` // 0: the usual one
	Security string `json:"security"`
	Username string `json:"username,omitempty"` // "": the address
	Folder   string `json:"folder,omitempty"`   // IMAP only; "": INBOX
	CAPEM    string `json:"ca_pem,omitempty"`   // a certificate authority of one's own

	password string
}

type secretConfig struct {
	IMAPPassword string `json:"imap_password,omitempty"`
	SMTPPassword string `json:"smtp_password,omitempty"` // "": the same
	RefreshToken string `json:"refresh_token,omitempty"` // of a sign-in with a provider
	ClientSecret string `json:"client_secret,omitempty"` // of a program of the organisation's own
}

const (
	securityTLS      = "tls"
	securityStartTLS = "starttls"
	securityPlain    = "plain"
)

// parseConfig reads and checks everything, so that all faults are told at once.
func parseConfig(raw, rawSecrets json.RawMessage) (*config, error) {
	var c config
	if err := strict(raw, &c); err != nil {
		return nil, desk.Refuse(desk.Invalid, "config", "not understood: %v", err)
	}
	var s secretConfig
	if len(bytes.TrimSpace(rawSecrets)) > 0 {
		if err := strict(rawSecrets, &s); err != nil {
			return nil, desk.Refuse(desk.Invalid, "secrets", "must be JSON with imap_password and smtp_password, or refresh_token, or client_secret") // the error would repeat them
		}
	}
	c.secrets = s
	if s.SMTPPassword == "" {
		s.SMTPPassword = s.IMAPPassword
	}
	c.IMAP.password, c.SMTP.password = s.IMAPPassword, s.SMTPPassword
	faults := []error{c.checkAddress()}
	faults = append(faults, c.checkIncoming(&s)...)
	faults = append(faults, c.checkSignIn(&s)...)
	faults = append(faults, c.SMTP.check("smtp", map[string]int{securityTLS: 465, securityStartTLS: 587, securityPlain: 587})...)
	if strings.ContainsAny(c.FromName, "\r\n") || len(c.FromName) > 100 {
		faults = append(faults, desk.Refuse(desk.Invalid, "from_name", "must be one line of at most 100 bytes"))
	}
	faults = append(faults, c.checkTrusted())
	faults = append(faults, c.Sending.Check("sending")...)
	if c.PollSeconds < 0 || c.PollSeconds > 3600 {
		faults = append(faults, desk.Refuse(desk.Invalid, "poll_seconds", "must be 1 to 3600"))
	}
	faults = append(faults, c.checkJoin()...)
	faults = append(faults, c.Flood.Check("flood")...)
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	if c.IMAP.Username == "" {
		c.IMAP.Username = c.Address
	}
	if c.SMTP.Username == "" {
		c.SMTP.Username = c.Address
	}
	c.IMAP.Folder = c.folder()
	return &c, nil
}

// folder is the one that is read.
func (c *config) folder() string { return cmp.Or(c.IMAP.Folder, "INBOX") }

func strict(raw json.RawMessage, into any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	return d.Decode(into)
}

func (c *config) checkAddress() error {
	a, err := mail.ParseAddress(c.Address)
	if err != nil || a.Name != "" || strings.ContainsAny(c.Address, "<>\r\n ") {
		return desk.Refuse(desk.Invalid, "address", "must be a mail address, such as support@example.com")
	}
	c.Address = strings.ToLower(c.Address)
	return nil
}

func (s *serverConfig) check(field string, ports map[string]int) (faults []error) {
	fault := func(name, format string, args ...any) {
		faults = append(faults, desk.Refuse(desk.Invalid, field+"."+name, format, args...))
	}
	switch {
	case s.Host == "":
		fault("host", "is missing")
	case strings.ContainsAny(s.Host, " /:@\r\n") && net.ParseIP(s.Host) == nil:
		fault("host", "must be a host name or an address, without a port")
	}
	switch s.Security {
	case securityTLS, securityStartTLS:
	case securityPlain:
		if !isLoopback(s.Host) {
			fault("security", "plain is allowed on this machine only (localhost); choose tls or starttls")
		}
	default:
		fault("security", "must be tls, starttls or plain")
	}
	if s.Port == 0 {
		s.Port = ports[s.Security]
	}
	if s.Port < 0 || s.Port > 65535 {
		fault("port", "must be 1 to 65535")
	}
	if strings.ContainsAny(s.Username, "\r\n\x00") {
		fault("username", "must be one line")
	}
	if s.CAPEM != "" && !x509.NewCertPool().AppendCertsFromPEM([]byte(s.CAPEM)) {
		fault("ca_pem", "must hold a certificate in PEM form")
	}
	return faults
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

func (s *serverConfig) address() string { return net.JoinHostPort(s.Host, strconv.Itoa(s.Port)) }

func (s *serverConfig) tls() *tls.Config {
	t := &tls.Config{ServerName: s.Host, MinVersion: tls.VersionTLS12}
	if s.CAPEM != "" {
		t.RootCAs = x509.NewCertPool()
		t.RootCAs.AppendCertsFromPEM([]byte(s.CAPEM))
	}
	return t
}

// poll is how long a lost push may go unnoticed.
func (c *config) poll() time.Duration {
	if c.PollSeconds == 0 {
		return 90 * time.Second
	}
	return time.Duration(c.PollSeconds) * time.Second
}
