//go:build integration

package main

import (
	"context"
	"net"
	"net/smtp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/centralita/centralita"
	"github.com/centralita/centralita/internal/mailsim"
	"github.com/centralita/centralita/internal/mailsim/dovecot"
	"github.com/centralita/centralita/internal/oauthsim"
)

// server fills one server's fields of the mailbox form.
func (p *page) server(name, addr string) {
	p.t.Helper()
	host, port, _ := net.SplitHostPort(addr)
	p.fill("input[placeholder='"+name+".example.com']", host)
	fields := "$('input[placeholder=\"" + name + ".example.com\"]').closest('.fields')"
	p.holds("(" + fields + ".querySelector('select').setAttribute('data-at', '" + name + "'), " + fields + ".querySelector('input[type=number]').setAttribute('data-port', '" + name + "'), true)")
	p.choose("select[data-at="+name+"]", "plain")
	p.fill("input[data-port="+name+"]", port)
}

// An administrator connects a mailbox that is forwarded to the desk: the form says where to, the last step waits for the test
// mail and says when it came.
func TestBrowserForwardsMail(t *testing.T) {
	t.Parallel()
	mail := startMailServer(t, supportAddress, customerAddress)
	d := openDesk(t, "", func(o *centralita.Options) {
		o.Mail = centralita.MailConfig{Listen: "127.0.0.1:0", Domain: "in.desk.test"}
	})
	admin := d.setUp(t)
	p := openBrowser(t, "forward", d.url+"/")
	p.signInByHand(adminEmail, adminPass)
	p.do(chromedp.Navigate(d.url + "/settings/channels/new/email"))
	p.press("Set up by hand")
	p.until("the form", "$('form input[name=name]')")
	p.fill("input[name=name]", "Support")
	p.fill("input[name=address]", adminEmail)
	p.until("that mail can be forwarded", "$('input[value=forwarding]:not(:disabled)')")
	p.click("input[value=forwarding]")
	p.until("where to", "$('.copied code').innerText.endsWith('@in.desk.test')")
	p.server("smtp", mail.SMTPAddr())
	p.holds("($$('.login input')[0].setAttribute('data-user', ''), true)")
	p.fill("input[data-user]", supportAddress)
	p.fill("input[type=password]", mailPassword)
	p.press("Test the connection")
	p.until("that an agent's address is no team's", "$('input[name=address]').getAttribute('aria-invalid') === 'true' && $('.field .fault').innerText.includes('an agent signs in with')")
	p.shoot("refused")
	p.fill("input[name=address]", supportAddress)
	p.until("an address for the team", "$('.copied code').innerText.startsWith('"+strings.Split(supportAddress, "@")[0]+"-')")
	p.press("Test the connection")
	p.until("how its mails will look", "$('.preview .paper')?.innerText.includes('Ana Torres at Support')")
	p.axe("how mails look", nil)
	p.shoot("sending")
	p.press("Next")
	p.until("the routing", button("Connect"))
	p.press("Connect")
	p.until("that it waits", "$('.state') && $('.state').innerText.includes('Waiting for mail')")
	p.shoot("waiting")
	to := ask[string](p, "$('.copied code').innerText")
	raw := letter{from: "Carla <" + customerAddress + ">", to: supportAddress, subject: "Does it work?", id: "first@customer.test", text: "A test."}.raw()
	if err := smtp.SendMail(d.engine.MailAddrs()[0].String(), nil, customerAddress, []string{to}, raw); err != nil {
		t.Fatal(err)
	}
	p.until("that it came", "$('.state.good') && $('.state').innerText.includes('Forwarding works')")
	p.shoot("arrived")
	p.press("Open the channel")
	p.until("its health", "$('main').innerText.includes('Running') && $('.state.good')")
	p.shoot("health")
	if all := admin.tickets(t, "open"); len(all) != 1 || all[0].Subject != "Does it work?" {
		t.Errorf("tickets: %v", all)
	}
	var made struct{ Channels []channelRow }
	admin.must(t, "GET", "/channels", nil, &made)
	if len(made.Channels) != 1 {
		t.Fatalf("channels: %v", made)
	}
	if err := admin.call("POST", "/agents", obj{"email": supportAddress, "name": "Bea", "role": "agent", "password": adminPass}, nil); err == nil || !strings.Contains(err.Error(), "address of a channel") {
		t.Errorf("an agent by the channel's address: %v", err)
	}
}

// front brings the page before the window it opened: behind that it draws nothing.
func (p *page) front() {
	p.t.Helper()
	p.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, cdppage.BringToFront, cdp.Empty{})
		return err
	}))
}

// told presses a button without a mouse: while the other window closes, this one may lie behind it and takes no press.
func (p *page) told(words string) {
	p.t.Helper()
	p.until("the button "+words, button(words))
	p.holds("(" + button(words) + ".click(), true)")
}

// An administrator signs a mailbox in with a provider in another window: no password is asked. When the consent is taken back
// the channel says so and offers to sign in again, which heals it.
func TestBrowserSignsInWithAProvider(t *testing.T) {
	t.Parallel()
	provider := oauthsim.Start(supportAddress)
	t.Cleanup(provider.Close)
	box, err := dovecot.StartWithTokens(map[string]string{supportAddress: mailPassword}, provider.IntrospectURL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = box.Stop() })
	out, err := mailsim.Start(mailsim.Options{Tokens: provider.Takes})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = out.Close() })
	if err := out.AddAccount(supportAddress, mailPassword); err != nil {
		t.Fatal(err)
	}
	d := openDesk(t, "", func(o *centralita.Options) {
		o.OAuth.Microsoft = centralita.OAuthProvider{
			ClientID: oauthsim.ClientID, ClientSecret: oauthsim.ClientSecret, AuthURL: provider.AuthURL(), TokenURL: provider.TokenURL(),
		}
		o.Tuning.AuthRetryMin, o.Tuning.RestartMin = 20*time.Millisecond, 20*time.Millisecond
	})
	admin := d.setUp(t)
	p := openBrowser(t, "provider", d.url+"/")
	p.signInByHand(adminEmail, adminPass)
	p.do(chromedp.Navigate(d.url + "/settings/channels/new/email"))
	p.press("Set up by hand")
	p.until("that one can sign in with a provider", "$('input[value=microsoft]')")
	p.fill("input[name=name]", "Support")
	p.fill("input[name=address]", supportAddress)
	p.click("input[value=microsoft]")
	p.until("its servers", "$('input[placeholder=\"imap.example.com\"]').value === 'outlook.office365.com' && !$('input[type=password]')")
	p.server("imap", box.IMAPAddr())
	p.server("smtp", out.SMTPAddr())
	p.press("Test the connection")
	p.until("that one has to sign in", "$$('.fault').some((x) => x.innerText.includes('sign in first'))")
	p.press("Sign in with Microsoft")
	p.until("that one is signed in", "$('.good') && $('.good').innerText.includes('Signed in')")
	p.front()
	p.shoot("signed-in")
	p.press("Test the connection")
	p.until("how its mails will look", "$('.preview .paper')?.innerText.includes('From')") // it moves the button
	p.told("Next")
	p.until("the routing", button("Connect"))
	p.told("Connect")
	p.told("Open the channel")
	p.until("its page", "location.pathname.startsWith('/settings/channels/ch_')")
	id := strings.TrimPrefix(ask[string](p, "location.pathname"), "/settings/channels/")
	awaitIdle(t, admin, id)

	provider.Revoke()
	if err := box.Restart(); err != nil { // it is to be signed in anew; the token in hand is no good any more
		t.Fatal(err)
	}
	p.until("that a person is needed", "$('main').innerText.includes('sign in again')")
	p.shoot("sign-in-again")
	p.press("Sign in again")
	p.press("Sign in with Microsoft again")
	p.until("that one is signed in", "$('.good') && $('.good').innerText.includes('Signed in')")
	p.front()
	p.press("Save")
	awaitIdle(t, admin, id)
}
