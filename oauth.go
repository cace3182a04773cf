package centralita

import (
	"errors"
	"fmt"

	"github.com/centralita/centralita/channels/email"
)

// OAuthConfig names the program that this desk is, with each provider by which mailboxes are signed in without a password. A
// provider without ClientID is not offered.
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
		if p.ClientID == "" && p != (OAuthProvider{}) {
			faults = append(faults, fmt.Errorf("oauth.%s.client_id: is missing", name))
		}
	}
	if o.Google.Tenant != "" {
		faults = append(faults, errors.New("oauth.google.tenant: is Microsoft's; leave it out"))
	}
	_, err := o.signIns()
	return append(faults, err)
}

func (o OAuthConfig) signIns() (*email.SignIns, error) {
	providers := map[string]email.SignInProvider{}
	add := func(name string, c OAuthProvider, p email.SignInProvider) {
		if c.ClientID == "" {
			return
		}
		if c.AuthURL != "" {
			p.AuthURL = c.AuthURL
		}
		if c.TokenURL != "" {
			p.TokenURL = c.TokenURL
		}
		providers[name] = p
	}
	add("google", o.Google, email.GoogleSignIn(o.Google.ClientID, o.Google.ClientSecret))
	add("microsoft", o.Microsoft, email.MicrosoftSignIn(o.Microsoft.ClientID, o.Microsoft.ClientSecret, o.Microsoft.Tenant))
	return email.NewSignIns(providers)
}
