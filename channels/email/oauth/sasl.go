package oauth

import "github.com/emersion/go-sasl"

// The mechanisms by which a mail server takes an access token.
const (
	Bearer  = "OAUTHBEARER" // RFC 7628
	XOAuth2 = "XOAUTH2"     // Google's and Microsoft's, older and everywhere
)

// login is either of them. A server that refuses says why in a challenge, which is answered so that it can end the exchange.
type login struct{ mech, user, token string }

// Login makes a client for one of the mechanisms.
func Login(mech, user, token string) sasl.Client { return &login{mech, user, token} }

func (l *login) Start() (string, []byte, error) {
	if l.mech == XOAuth2 {
		return XOAuth2, []byte("user=" + l.user + "\x01auth=Bearer " + l.token + "\x01\x01"), nil
	}
	return Bearer, []byte("n,a=" + l.user + ",\x01auth=Bearer " + l.token + "\x01\x01"), nil
}

func (l *login) Next([]byte) ([]byte, error) {
	if l.mech == XOAuth2 {
		return []byte{}, nil
	}
	return []byte{1}, nil
}
