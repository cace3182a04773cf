package centralita

import (
	"errors"
	"fmt"

	"github.com/centralita/centralita/channels/email"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/internal/vault"
	"github.com/centralita/centralita/persistence"
)

// OAuthConfig names the program that this desk is, with each provider by which mailboxes are signed in without a password. A
// provider without ClientID can be set up on the screen; one with it cannot be changed there.
type OAuthConfig struct {
	Google    OAuthProvider `toml:"google"`
	Microsoft OAuthProvider `toml:"microsoft"`
}

// OAuthProvider is one provider. Environment: CENTRALITA_OAUTH_GOOGLE_CLIENT_ID, CENTRALITA_OAUTH_GOOGLE_CLIENT_SECRET, and the
// same with MICROSOFT.
type OAuthProvider struct {
	ClientID     string `toml:"client_id"`
	ClientSecret string `toml:"client_secret"`
	Tenant       string `toml:"tenant"`    // Microsoft: the organisation; "": anybody's. Needed for a sign-in as a program
	AuthURL      string `toml:"auth_url"`  // "": the provider's own
	TokenURL     string `toml:"token_url"` // "": the provider's own
}

func (o *OAuthConfig) environment() map[string]*string {
	return map[string]*string{
		"CENTRALITA_OAUTH_GOOGLE_CLIENT_ID": &o.Google.ClientID, "CENTRALITA_OAUTH_GOOGLE_CLIENT_SECRET": &o.Google.ClientSecret,
		"CENTRALITA_OAUTH_MICROSOFT_CLIENT_ID": &o.Microsoft.ClientID, "CENTRALITA_OAUTH_MICROSOFT_CLIENT_SECRET": &o.Microsoft.ClientSecret,
	}
}

func (o OAuthConfig) faults() (faults []error) {
	for name, p := range map[string]OAuthProvider{"google": o.Google, "microsoft": o.Microsoft} {
		if p.ClientID == "" && p.ClientSecret != "" {
			faults = append(faults, fmt.Errorf("oauth.%s.client_id: is missing", name))
		}
	}
	if o.Google.Tenant != "" {
		faults = append(faults, errors.New("oauth.google.tenant: is Microsoft's; leave it out"))
	}
	_, err := o.signIns(nil, nil)
	return append(faults, err)
}

// signIns are the providers: those of the configuration, and those that an administrator set up on the screen, which are read from
// the index each time.
func (o OAuthConfig) signIns(index *persistence.Index, v *vault.Vault) (*email.SignIns, error) {
	fixed := map[string]email.SignInProvider{}
	for name, c := range map[string]OAuthProvider{"google": o.Google, "microsoft": o.Microsoft} {
		p := c.provider(name)
		if c.ClientID != "" {
			fixed[name] = p
		} else if c != (OAuthProvider{}) { // the endpoints alone
			p.ClientID = "-"
			if _, err := email.NewSignIns(map[string]email.SignInProvider{name: p}, nil); err != nil {
				return nil, err
			}
		}
	}
	lookup := func(name string) (p email.SignInProvider, ok bool) {
		if index == nil {
			return p, false
		}
		row, err := index.Setting(desk.SignInProgramID(name))
		program := row.GetValue().GetSignInProgram()
		if err != nil || row.GetRemoved() || program == nil {
			return p, false
		}
		c := o.of(name)
		c.ClientID = program.ClientId
		if program.Tenant != "" {
			c.Tenant = program.Tenant
		}
		if len(program.SealedSecret) > 0 {
			secret, err := v.Open(program.SealedSecret)
			if err != nil {
				return p, false // sealed with another key: it has to be given again
			}
			c.ClientSecret = string(secret)
		}
		return c.provider(name), true
	}
	signIns, err := email.NewSignIns(fixed, lookup)
	if err == nil {
		signIns.Program = func(name, id, secret, tenant string) (email.SignInProvider, bool) {
			c := o.of(name)
			c.ClientID, c.ClientSecret, c.Tenant = id, secret, tenant
			return c.provider(name), true
		}
	}
	return signIns, err
}

func (o OAuthConfig) of(name string) OAuthProvider {
	if name == "microsoft" {
		return o.Microsoft
	}
	return o.Google
}

func (c OAuthProvider) provider(name string) email.SignInProvider {
	p := email.GoogleSignIn(c.ClientID, c.ClientSecret)
	if name == "microsoft" {
		p = email.MicrosoftSignIn(c.ClientID, c.ClientSecret, c.Tenant)
	}
	if c.AuthURL != "" {
		p.AuthURL = c.AuthURL
	}
	if c.TokenURL != "" {
		p.TokenURL = c.TokenURL
	}
	return p
}
