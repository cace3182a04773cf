//go:build integration

package email

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-imap/v2"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/channels/channeltest"
	"github.com/centralita/centralita/channels/email/oauth"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/internal/mailsim"
	"github.com/centralita/centralita/internal/mailsim/dovecot"
	"github.com/centralita/centralita/internal/oauthsim"
)

// tokenWorld is a real Dovecot that takes access tokens of a local provider.
type tokenWorld struct {
	provider *oauthsim.Server
	box      *dovecot.Server
	signIns  *SignIns
	conf     json.RawMessage

	mu    sync.Mutex
	saved []secretConfig
}

func newTokenWorld(t *testing.T) *tokenWorld {
	t.Helper()
	w := &tokenWorld{provider: oauthsim.Start(support)}
	t.Cleanup(w.provider.Close)
	var err error
	if w.box, err = dovecot.StartWithTokens(map[string]string{support: password}, w.provider.IntrospectURL()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.box.Stop() })
	p := oauth.Microsoft(oauthsim.ClientID, oauthsim.ClientSecret, "")
	p.AuthURL, p.TokenURL = w.provider.AuthURL(), w.provider.TokenURL()
	if w.signIns, err = NewSignIns(map[string]SignInProvider{"microsoft": p}, nil); err != nil {
		t.Fatal(err)
	}
	host, port := split(t, w.box.IMAPAddr())
	smtpHost, smtpPort := split(t, startMail(t, mailsim.Options{}).SMTPAddr())
	w.conf, err = json.Marshal(config{
		Address: support, OAuth: &oauthConfig{Provider: "microsoft"}, PollSeconds: 1,
		IMAP: serverConfig{Host: host, Port: port, Security: "plain"}, SMTP: serverConfig{Host: smtpHost, Port: smtpPort, Security: "plain"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *tokenWorld) connector(t *testing.T, conf json.RawMessage, refresh string) *Connector {
	t.Helper()
	secrets, _ := json.Marshal(secretConfig{RefreshToken: refresh})
	c, err := newConnector(channels.Env{
		Channel: "ch_test", Address: support, Config: conf, Secrets: secrets, Blobs: channeltest.NewBlobs(),
		Logger: slog.New(slog.NewTextHandler(t.Output(), nil)),
		SaveSecrets: func(_ context.Context, raw json.RawMessage) error {
			var s secretConfig
			if err := json.Unmarshal(raw, &s); err != nil {
				return err
			}
			w.mu.Lock()
			defer w.mu.Unlock()
			w.saved = append(w.saved, s)
			return nil
		},
	}, quick(), w.signIns)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Both mechanisms against Dovecot's oauth2 passdb; and a wrong token is refused by both, in words, without a hang.
func TestTokenMechanisms(t *testing.T) {
	w := newTokenWorld(t)
	c := w.connector(t, w.conf, w.provider.Grant())
	good, err := c.tokens.Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, mech := range []string{oauth.Bearer, oauth.XOAuth2} {
		for token, want := range map[string]bool{good: true, "not-a-token": false} {
			s := &session{tune: quick(), changed: make(chan struct{}, 1)}
			if err := s.connect(t.Context(), &c.config.IMAP, nil); err != nil {
				t.Fatal(err)
			}
			if !s.client.Caps().Has(imap.Cap("AUTH=" + mech)) {
				t.Fatalf("%s is not offered: %v", mech, s.client.Caps())
			}
			err := s.within(t.Context(), s.tune.command, mech, func() error { return s.client.Authenticate(oauth.Login(mech, support, token)) })
			if _, refused := errors.AsType[*imap.Error](err); (err == nil) != want || !want && !refused {
				t.Errorf("%s with %.6s…: %v", mech, token, err)
			}
			s.close()
		}
	}
}

// A mailbox signed in with a provider takes mail in; its rotated refresh token is kept, so that a connector made anew goes
// on; when the consent is taken back it says so, as something for a person.
func TestMailboxSignedInWithAProvider(t *testing.T) {
	w := newTokenWorld(t)
	first := w.provider.Grant()
	c := w.connector(t, w.conf, first)
	in := channeltest.NewIntake()
	_, stop := supervised(t, c, in)
	awaitPhase(t, in, "idling")
	if err := w.box.Deliver(support, []byte(strings.ReplaceAll(plainMail(1, ""), "\n", "\r\n"))); err != nil {
		t.Fatal(err)
	}
	awaitItems(t, in, 1)
	stop()
	w.mu.Lock()
	saved := append([]secretConfig(nil), w.saved...)
	w.mu.Unlock()
	if len(saved) != 1 || saved[0].RefreshToken == first || saved[0].RefreshToken == "" || saved[0].IMAPPassword != "" {
		t.Fatalf("kept: %d of them", len(saved))
	}
	if err := w.connector(t, w.conf, first).checkIMAP(t.Context()); err != nil || w.provider.Asked() != 1 {
		t.Errorf("another connector of the mailbox asked for itself: %d times, %v", w.provider.Asked(), err)
	}
	w.signIns.sources = map[[32]byte]*oauth.Source{} // as after a restart of the program
	again := w.connector(t, w.conf, saved[0].RefreshToken)
	if err := again.checkIMAP(t.Context()); err != nil {
		t.Errorf("after a restart: %v", err)
	}
	w.provider.Revoke()
	w.signIns.sources = map[[32]byte]*oauth.Source{}
	err := w.connector(t, w.conf, saved[0].RefreshToken).Run(t.Context(), in)
	if e, ok := errors.AsType[*channels.Error](err); !ok || e.Class != channels.Auth || !strings.HasPrefix(e.Reason, "sign in again") || strings.Contains(e.Error(), saved[0].RefreshToken) {
		t.Errorf("after the consent was taken back: %v", err)
	}
	app, _ := json.Marshal(config{Address: support, OAuth: &oauthConfig{Provider: "microsoft", App: true}, IMAP: c.config.IMAP, SMTP: c.config.SMTP})
	if err := w.connector(t, app, "").checkIMAP(t.Context()); err != nil {
		t.Errorf("as the organisation's program: %v", err)
	}
}

// A program that the channel brings itself: its id and secret are the channel's, its endpoints the organisation's.
func TestProgramOfTheOrganisation(t *testing.T) {
	w := newTokenWorld(t)
	var tenants []string
	none, err := NewSignIns(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	none.Program = func(_, id, secret, tenant string) (SignInProvider, bool) {
		tenants = append(tenants, tenant)
		p := oauth.Microsoft(id, secret, tenant)
		p.TokenURL = w.provider.TokenURL()
		return p, true
	}
	w.signIns = none
	var conf config
	if err := json.Unmarshal(w.conf, &conf); err != nil {
		t.Fatal(err)
	}
	conf.OAuth = &oauthConfig{Provider: "microsoft", App: true, Tenant: "corp.example", ClientID: oauthsim.ClientID}
	raw, _ := json.Marshal(conf)
	for secret, want := range map[string]string{oauthsim.ClientSecret: "", "not-the-secret": "sign in again"} {
		secrets, _ := json.Marshal(secretConfig{ClientSecret: secret})
		c, err := newConnector(channels.Env{Channel: "ch_test", Address: support, Config: raw, Secrets: secrets, Blobs: channeltest.NewBlobs(), Logger: slog.New(slog.DiscardHandler)}, quick(), w.signIns)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.checkIMAP(t.Context()); (err == nil) != (want == "") || err != nil && (!strings.Contains(err.Error(), want) || strings.Contains(err.Error(), secret)) {
			t.Errorf("with %s: %v", secret, err)
		}
	}
	if len(tenants) == 0 || tenants[0] != "corp.example" {
		t.Errorf("tenants: %v", tenants)
	}
	for field, o := range map[string]oauthConfig{
		"oauth.tenant":    {Provider: "microsoft", App: true, ClientID: "x"},
		"oauth.client_id": {Provider: "microsoft", App: true, Tenant: "corp.example"},
		"client_secret":   {Provider: "microsoft", App: true, Tenant: "corp.example", ClientID: "x"},
	} {
		conf.OAuth = &o
		raw, _ := json.Marshal(conf)
		if _, err := Kind().Identify(raw, nil); err == nil || !strings.Contains(err.Error(), field) && !faultAt(err, field) {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func faultAt(err error, field string) bool {
	e, ok := errors.AsType[*desk.Error](err)
	if joined, is := err.(interface{ Unwrap() []error }); is {
		for _, one := range joined.Unwrap() {
			if faultAt(one, field) {
				return true
			}
		}
	}
	return ok && e.Field == field
}

func TestSignInIsAsked(t *testing.T) {
	for field, conf := range map[string]string{
		"refresh_token":  `{"address":"a@b.test","oauth":{"provider":"google"},"imap":{"host":"h.test","security":"tls"},"smtp":{"host":"h.test","security":"tls"}}`,
		"oauth.provider": `{"address":"a@b.test","oauth":{"provider":""},"imap":{"host":"h.test","security":"tls"},"smtp":{"host":"h.test","security":"tls"}}`,
	} {
		_, err := Kind().Identify(json.RawMessage(conf), nil)
		if e, ok := errors.AsType[*desk.Error](err); !ok || e.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	_, err := Kind().New(channels.Env{Config: json.RawMessage(`{"address":"a@b.test","oauth":{"provider":"google"},"imap":{"host":"h.test","security":"tls"},"smtp":{"host":"h.test","security":"tls"}}`), Secrets: json.RawMessage(`{"refresh_token":"x"}`)})
	if e, ok := errors.AsType[*desk.Error](err); !ok || e.Field != "oauth.provider" || !strings.Contains(e.Message, "client_id") {
		t.Errorf("a provider that is not set up: %v", err)
	}
}
