package discover

import (
	"context"
	"slices"
	"strings"

	"github.com/centralita/centralita/desk"
)

// provider is one that everybody knows, by its domains and by the mail exchangers of the domains it serves.
type provider struct {
	name, signIn string
	appPassword  bool
	imap, smtp   string
	smtpPort     int
	domains, mx  []string
}

var providers = []provider{
	{
		name: "Google", signIn: "google", imap: "imap.gmail.com", smtp: "smtp.gmail.com", smtpPort: 465,
		domains: []string{"gmail.com", "googlemail.com"}, mx: []string{"google.com", "googlemail.com"},
	},
	{
		name: "Microsoft", signIn: "microsoft", imap: "outlook.office365.com", smtp: "smtp.office365.com", smtpPort: 587,
		domains: []string{"outlook.com", "hotmail.com", "live.com", "msn.com", "outlook.es", "hotmail.es"}, mx: []string{"mail.protection.outlook.com", "mx.microsoft", "olc.protection.outlook.com"},
	},
	{
		name: "Fastmail", appPassword: true, imap: "imap.fastmail.com", smtp: "smtp.fastmail.com", smtpPort: 465,
		domains: []string{"fastmail.com", "fastmail.fm"}, mx: []string{"messagingengine.com"},
	},
	{
		name: "iCloud", appPassword: true, imap: "imap.mail.me.com", smtp: "smtp.mail.me.com", smtpPort: 587,
		domains: []string{"icloud.com", "me.com", "mac.com"}, mx: []string{"mail.icloud.com"},
	},
	{
		name: "Yahoo", appPassword: true, imap: "imap.mail.yahoo.com", smtp: "smtp.mail.yahoo.com", smtpPort: 465,
		domains: []string{"yahoo.com", "yahoo.es", "ymail.com"}, mx: []string{"yahoodns.net"},
	},
}

// known answers from the address alone.
func (s *search) known(context.Context) {
	for _, p := range providers {
		if slices.Contains(p.domains, s.domain) {
			s.addProvider(p, desk.FoundSource{Kind: "provider", Detail: s.domain})
		}
	}
}

func (s *search) addProvider(p provider, from desk.FoundSource) {
	rank := rankExchanger
	if p.signIn != "" {
		rank = rankSignIn
	}
	security := "tls"
	if p.smtpPort == 587 {
		security = "starttls"
	}
	s.add(rank, desk.FoundMailbox{
		Name: p.name, Provider: p.signIn, AppPassword: p.appPassword, Sources: []desk.FoundSource{from},
		IMAP: desk.FoundServer{Host: p.imap, Port: 993, Security: "tls"},
		SMTP: desk.FoundServer{Host: p.smtp, Port: p.smtpPort, Security: security},
	})
}

// providerOfMX is the provider whose mail exchanger a host is.
func providerOfMX(host string) (provider, bool) {
	for _, p := range providers {
		for _, suffix := range p.mx {
			if host == suffix || strings.HasSuffix(host, "."+suffix) {
				return p, true
			}
		}
	}
	return provider{}, false
}
