//go:build integration

package main

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/centralita/centralita"
	"github.com/centralita/centralita/internal/mailsim"
	"github.com/centralita/centralita/internal/oauthsim"
)

// smallInternet knows two domains: example.com has a page that names its servers, and corp.example is a customer of Google's.
type smallInternet struct{ page string }

func (smallInternet) LookupSRV(_ context.Context, service, _, name string) (string, []*net.SRV, error) {
	if name == "strange.example" && (service == "imaps" || service == "submissions") {
		return name, []*net.SRV{{Target: "mail.elsewhere.test.", Port: map[string]uint16{"imaps": 993, "submissions": 465}[service]}}, nil
	}
	return "", nil, &net.DNSError{Err: "no such host", IsNotFound: true}
}

func (smallInternet) LookupMX(_ context.Context, name string) ([]*net.MX, error) {
	if name == "corp.example" {
		return []*net.MX{{Host: "aspmx.l.google.com.", Pref: 1}}, nil
	}
	return nil, &net.DNSError{Err: "no such host", IsNotFound: true}
}

func (smallInternet) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	if host == "autoconfig.example.com" {
		return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
	}
	return nil, &net.DNSError{Err: "no such host", IsNotFound: true}
}

// DialContext leads the port of web pages to the one page there is.
func (n smallInternet) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	if address == "127.0.0.1:443" {
		address = n.page
	}
	return (&net.Dialer{}).DialContext(ctx, network, address)
}

// startInternet serves the page of example.com, which names the servers of a mail server on this machine.
func startInternet(t *testing.T, mail *mailsim.Server) centralita.DiscoveryConfig {
	t.Helper()
	page := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		server := func(tag, kind, addr string) string {
			host, port := hostPort(addr)
			return fmt.Sprintf("<%[1]s type=%[2]q><hostname>%[3]s</hostname><port>%[4]d</port><socketType>plain</socketType><username>%%EMAILADDRESS%%</username><authentication>password-cleartext</authentication></%[1]s>", tag, kind, host, port)
		}
		_, _ = fmt.Fprint(w, "<clientConfig><emailProvider><displayName>Example Mail</displayName>"+server("incomingServer", "imap", mail.IMAPAddr())+server("outgoingServer", "smtp", mail.SMTPAddr())+"</emailProvider></clientConfig>")
	}))
	t.Cleanup(page.Close)
	roots := x509.NewCertPool()
	roots.AddCert(page.Certificate())
	world := smallInternet{page: page.Listener.Addr().String()}
	return centralita.DiscoveryConfig{Database: "-", Networks: "127.0.0.0/8", Resolver: world, Dialer: world, Roots: roots}
}

// An administrator types an address and a password: the servers are found and shown with who names them, and tried step by step
// when told to. A wrong password is seen at its step; a domain of Google's leads to its sign-in; servers of strangers need a yes.
func TestBrowserFindsAMailbox(t *testing.T) {
	t.Parallel()
	const address = "support@example.com"
	mail := startMailServer(t, address, customerAddress)
	d := openDesk(t, "", func(o *centralita.Options) {
		o.Discovery = startInternet(t, mail)
		o.OAuth.Google = centralita.OAuthProvider{ClientID: "desk-client", ClientSecret: "desk-client-secret"}
	})
	admin := d.setUp(t)
	p := openBrowser(t, "find", d.url+"/")
	p.signInByHand(adminEmail, adminPass)
	p.do(chromedp.Navigate(d.url + "/settings/channels/new/email"))
	find := func(address string) {
		t.Helper()
		p.until("the form", "$('form input[name=address]')")
		p.fill("input[name=address]", address)
		p.press("Continue")
	}
	p.until("the form", "$('form input[name=password]')")
	p.axe("finding a mailbox", nil)
	p.shoot("address")
	find("anna@nowhere.example")
	p.until("that nothing is known", "$('main').innerText.includes('No mail servers were found for anna@nowhere.example')")
	p.shoot("nothing")
	find("anna@corp.example")
	p.until("the sign-in with Google", button("Sign in with Google")+" && $('main').innerText.includes('imap.gmail.com') && $('main').innerText.includes('aspmx.l.google.com')")
	p.shoot("google")
	p.press("Test the connection")
	p.until("that one has to sign in first", "$('main [role=alert]')?.innerText === 'Sign in first.'")
	p.press("Another address")
	find("anna@strange.example")
	p.until("the question whether one knows them", "$('.agree input') && "+button("Sign in and test")+".disabled && $('main').innerText.includes('not under strange.example')")
	p.shoot("strange")
	p.click(".agree input")
	p.until("that one may go on", "!"+button("Sign in and test")+".disabled")
	p.press("Another address")

	find(address)
	p.until("the servers and who names them", "$('main').innerText.includes('Example Mail') && $('main').innerText.includes('autoconfig.example.com') && $$('.good').length === 2")
	p.until("a name for it", "$('input[name=name]').value === 'Support'")
	p.fill("input[name=password]", "not-the-password")
	p.press("Sign in and test")
	step := func(name, state string) string {
		return "$('[data-step=\"" + name + "\"]')?.classList.contains('" + state + "')"
	}
	p.until("the steps that failed", step("imap.login", "failed")+" && "+step("smtp.login", "failed")+" && !$('[data-step=\"imap.folder\"]')")
	p.until("the fault at the password", "$('input[name=password]').getAttribute('aria-invalid') === 'true'")
	p.axe("servers that were found", nil)
	p.shoot("wrong-password")
	var saved struct{ Channels []channelRow }
	if admin.must(t, "GET", "/channels", nil, &saved); len(saved.Channels) != 0 {
		t.Fatalf("saved without a good test: %v", saved.Channels)
	}
	p.press("Change by hand")
	p.until("all of it in the form", "$('form input[name=address]').value === '"+address+"' && $('input[placeholder=\"imap.example.com\"]').value === '127.0.0.1' && $('form select').value === 'plain'")
	p.fill("input[type=password]", mailPassword)
	p.press("Test the connection")
	p.until("how its mails will look", "$('.preview .paper')?.innerText.includes('From')") // it moves the button
	p.press("Next")
	p.until("the routing", button("Connect"))
	p.press("Connect")
	p.press("Open the channel")
	p.until("that it runs", "$('main .state')?.innerText === 'Running'")
}

// An administrator sets up on the screen which program the desk is with Microsoft: the secret is never shown again, what the
// configuration says of Google cannot be changed, and from then on a mailbox can be signed in with it.
func TestBrowserSetsUpAProvider(t *testing.T) {
	t.Parallel()
	provider := oauthsim.Start(supportAddress)
	t.Cleanup(provider.Close)
	d := openDesk(t, "", func(o *centralita.Options) {
		o.OAuth.Google = centralita.OAuthProvider{ClientID: "configured-id", ClientSecret: "configured-secret"}
		o.OAuth.Microsoft = centralita.OAuthProvider{AuthURL: provider.AuthURL(), TokenURL: provider.TokenURL()}
	})
	admin := d.setUp(t)
	p := openBrowser(t, "providers", d.url+"/")
	p.signInByHand(adminEmail, adminPass)
	p.do(chromedp.Navigate(d.url + "/settings/providers"))
	form := "form[data-provider=microsoft] "
	p.until("both providers, and the address to register", "$('"+form+"') && $('.copied code').innerText === '"+d.url+"/oauth/callback'")
	p.until("what is configured, for reading only", "$('form[data-provider=google] input').readOnly && $('form[data-provider=google] input').value === 'configured-id' && !$('form[data-provider=google] button')")
	p.axe("the providers", nil)
	p.fill(form+"input[name=client_id]", oauthsim.ClientID)
	p.fill(form+"input[name=client_secret]", oauthsim.ClientSecret)
	p.fill(form+"input[name=tenant]", "not a tenant")
	p.press("Save")
	p.until("the fault at the tenant", "$('"+form+"input[name=tenant]').getAttribute('aria-invalid') === 'true'")
	p.shoot("fault")
	p.fill(form+"input[name=tenant]", "corp.example")
	p.press("Save")
	p.until("that it is set up", "$('"+form+".badge').innerText === 'Set up' && $('"+form+"input[name=client_secret]').value === ''")
	p.shoot("set-up")
	var all json.RawMessage
	admin.must(t, "GET", "/sign-in-programs", nil, &all)
	if raw := string(all); strings.Contains(raw, oauthsim.ClientSecret) || !strings.Contains(raw, oauthsim.ClientID) {
		t.Errorf("programs: %s", raw)
	}

	p.do(chromedp.Navigate(d.url + "/settings/channels/new/email"))
	p.press("Set up by hand")
	p.until("that one can sign in with it", "$('input[value=microsoft]')")
	p.fill("input[name=address]", supportAddress)
	p.click("input[value=microsoft]")
	p.press("Sign in with Microsoft")
	p.until("that one is signed in", "$('.good') && $('.good').innerText.includes('Signed in')")
	p.front()
	p.click("input[value=app]")
	p.until("what its administrator does", "$('input[name=tenant]') && $('main').innerText.includes('IMAP.AccessAsApp') && $('.copied code').innerText.includes('Add-MailboxPermission -Identity "+supportAddress+"')")
	p.axe("app-only", nil)
	p.shoot("app-only")
	p.fill("input[name=name]", "Support")
	p.fill("input[name=client_id]", "some-id")
	p.press("Test the connection")
	p.until("what is missing of it", "$('input[name=tenant]').getAttribute('aria-invalid') === 'true' && $('input[name=client_secret]').getAttribute('aria-invalid') === 'true'")

	p.do(chromedp.Navigate(d.url + "/settings/providers"))
	p.press("Remove")
	p.until("the question", "$('[role=alertdialog]')")
	p.holds("($('[role=alertdialog] .danger').click(), true)")
	p.until("that it is gone", "$('"+form+".badge').innerText === 'Not set up' && $('"+form+"input[name=client_id]').value === ''")
}
