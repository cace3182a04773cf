package discover

import (
	"errors"
	"strings"
	"testing"

	"github.com/centralita/centralita/desk"
)

var anna = identity{address: "anna@example.com", local: "anna", domain: "example.com"}

const page = `<?xml version="1.0" encoding="UTF-8"?>
<clientConfig version="1.1">
  <emailProvider id="example.com">
    <domain>example.com</domain>
    <displayName>Example &amp; Sons</displayName>
    <incomingServer type="pop3"><hostname>pop.example.com</hostname><port>995</port><socketType>SSL</socketType></incomingServer>
    <incomingServer type="imap"><hostname>oauth.example.com</hostname><port>993</port><socketType>SSL</socketType><authentication>OAuth2</authentication></incomingServer>
    <incomingServer type="imap">
      <hostname>IMAP.example.com</hostname><port>993</port><socketType>SSL</socketType>
      <username>%EMAILLOCALPART%.%EMAILDOMAIN%</username><authentication>password-cleartext</authentication>
    </incomingServer>
    <outgoingServer type="smtp">
      <hostname>smtp.%EMAILDOMAIN%</hostname><port>587</port><socketType>STARTTLS</socketType>
      <username>%EMAILADDRESS%</username><authentication>password-cleartext</authentication>
    </outgoingServer>
    <documentation url="https://example.com/help"><descr lang="en">Help</descr></documentation>
  </emailProvider>
  <webMail><loginPage url="https://example.com/"/></webMail>
</clientConfig>`

func TestReadsAPage(t *testing.T) {
	t.Parallel()
	got, err := readConfig(strings.NewReader(strings.Replace(page, "smtp.%EMAILDOMAIN%", "smtp.example.com", 1)), anna)
	if err != nil {
		t.Fatal(err)
	}
	want := desk.FoundMailbox{
		Name: "Example & Sons",
		IMAP: desk.FoundServer{Host: "imap.example.com", Port: 993, Security: "tls", Username: "anna.example.com"},
		SMTP: desk.FoundServer{Host: "smtp.example.com", Port: 587, Security: "starttls", Username: "anna@example.com"},
	}
	if got.Name != want.Name || got.IMAP != want.IMAP || got.SMTP != want.SMTP {
		t.Errorf("got %+v", got)
	}
	if got, err = readConfig(strings.NewReader(page), anna); err != nil || got.SMTP.Host != "smtp.example.com" {
		t.Errorf("a mark in the host: %+v %v", got.SMTP, err)
	}
}

func TestRefusesHostilePages(t *testing.T) {
	t.Parallel()
	server := `<emailProvider><incomingServer type="imap"><hostname>h.example.com</hostname><port>993</port><socketType>SSL</socketType></incomingServer></emailProvider>`
	for name, text := range map[string]string{
		"empty":             "",
		"html":              "<!doctype html><html><body>404</body></html>",
		"external entity":   `<!DOCTYPE c [<!ENTITY x SYSTEM "file:///etc/passwd">]><clientConfig>` + server + `</clientConfig>`,
		"laughs":            `<!DOCTYPE c [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><clientConfig>` + server + `</clientConfig>`,
		"unknown entity":    `<clientConfig>` + strings.Replace(server, "h.example.com", "&x;", 1) + `</clientConfig>`,
		"deep":              `<clientConfig>` + strings.Repeat("<a>", 100) + strings.Repeat("</a>", 100) + server + `</clientConfig>`,
		"many":              `<clientConfig>` + strings.Repeat("<a/>", 3000) + server + `</clientConfig>`,
		"another charset":   `<?xml version="1.0" encoding="utf-7"?><clientConfig>` + server + `</clientConfig>`,
		"not closed":        `<clientConfig>` + strings.TrimSuffix(server, "</incomingServer></emailProvider>"),
		"cut by the limit":  `<clientConfig><!--` + strings.Repeat("x", pageBytes) + `-->` + server + `</clientConfig>`,
		"another root":      `<config>` + server + `</config>`,
		"port is no number": `<clientConfig>` + strings.Replace(server, "993", "99x", 1) + `</clientConfig>`,
		"unknown socket":    `<clientConfig>` + strings.Replace(server, "SSL", "none", 1) + `</clientConfig>`,
	} {
		if got, err := readConfig(strings.NewReader(text), anna); err == nil {
			t.Errorf("%s: taken as %+v", name, got)
		}
	}
	if got, err := readConfig(strings.NewReader(`<clientConfig>`+server+`</clientConfig>`), anna); err != nil || got.IMAP.Host != "h.example.com" {
		t.Errorf("the good one among them: %+v %v", got, err)
	}
}

func FuzzReadConfig(f *testing.F) {
	f.Add(page)
	f.Add("<clientConfig><emailProvider><incomingServer type='imap'><hostname>x</hostname></incomingServer></emailProvider></clientConfig>")
	f.Add("<!DOCTYPE a><clientConfig/>")
	f.Add("<clientConfig></clientConfig></clientConfig>")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := readConfig(strings.NewReader(text), anna)
		if err != nil {
			if c.IMAP.Host != "" && !errors.Is(err, errNoServers) {
				t.Errorf("servers beside an error: %+v", c)
			}
			return
		}
		if c.IMAP.Host == "" && c.SMTP.Host == "" {
			t.Error("neither servers nor an error")
		}
		s, err := New(Options{}).begin(anna.address)
		if err != nil {
			t.Fatal(err)
		}
		s.add(rankOwnPage, c)
		for _, kept := range s.found { // what is kept can be shown and connected to
			for _, at := range []desk.FoundServer{kept.IMAP, kept.SMTP} {
				if at.Host != "" && (strings.ContainsAny(at.Host, " /@\\\r\n\x00") || at.Port < 1 || at.Port > 65535 || strings.ContainsAny(at.Username, "\r\n")) {
					t.Errorf("kept: %+v", at)
				}
			}
			if strings.ContainsAny(kept.Name, "\r\n\x00") {
				t.Errorf("kept a name: %q", kept.Name)
			}
		}
	})
}
