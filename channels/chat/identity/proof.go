// Package identity proves who a visitor of a web chat is: by a token that the visitor's own site has signed with the channel's
// secret or key. It is pure: keys and the time come in. What is shown to it comes from a stranger's browser.
package identity

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/golang-jwt/jwt/v5"
)

// Limits of what a site may say of somebody.
const (
	MaxProof   = 4 << 10 // bytes of a token
	MaxLife    = 12 * time.Hour
	skew       = time.Minute // by which the site's clock may be wrong
	maxSubject = 200
	maxName    = 80
)

// Reasons why a proof is not one; the page's developer is told.
const (
	Unknown    = "no_key"     // the channel has no key to verify it with
	Malformed  = "malformed"  // it is no token
	Algorithm  = "algorithm"  // it is signed otherwise than by HS256 or ES256
	Altered    = "altered"    // the signature is not that of the channel's key
	Expired    = "expired"    // its time is over
	Early      = "early"      // its time has not come: the site's clock is wrong
	LongLived  = "long_lived" // it holds for longer than 12 hours, or says not how long
	Incomplete = "incomplete" // it names nobody
	Off        = "off"        // the channel takes no identities of this kind
)

// Rejection is why a visitor stays anonymous.
type Rejection struct{ Reason, Message string }

func (r *Rejection) Error() string { return r.Message }

func reject(reason, format string, args ...any) error {
	return &Rejection{Reason: reason, Message: fmt.Sprintf(format, args...)}
}

// Person is who somebody was proved to be. Email is "" unless it was proved.
type Person struct{ Subject, Email, Name string }

// Keys are what a channel verifies with. Each kind of key verifies its own algorithm alone.
type Keys struct {
	Secrets [][]byte           // HS256, and hashes
	Public  []*ecdsa.PublicKey // ES256
	Hashes  bool               // a bare HMAC of an id or address is taken, which never expires
}

// Proof is what a page shows: a JWT, or an id or address with its HMAC.
type Proof struct {
	JWT, ID, Email, Name, Hash string
}

// None: the page shows nothing.
func (p Proof) None() bool { return p == Proof{} }

// UnmarshalJSON reads a JWT, as a string or {"jwt"}, or {"id","email","name","hash"}.
func (p *Proof) UnmarshalJSON(data []byte) error {
	*p = Proof{}
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte(`"`)) {
		return json.Unmarshal(data, &p.JWT)
	}
	var in struct{ JWT, ID, Email, Name, Hash string }
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	p.JWT, p.ID, p.Email, p.Name, p.Hash = in.JWT, in.ID, in.Email, in.Name, in.Hash
	return nil
}

// Verify tells who a proof is of. An error is a *Rejection.
func (k Keys) Verify(p Proof, now time.Time) (Person, error) {
	if p.JWT != "" {
		return k.token(p.JWT, now)
	}
	return k.hash(p)
}

type claims struct {
	jwt.RegisteredClaims
	Email string `json:"email"`
	Name  string `json:"name"`
}

func (k Keys) token(token string, now time.Time) (Person, error) {
	if len(token) > MaxProof {
		return Person{}, reject(Malformed, "the token is longer than %d bytes", MaxProof)
	}
	if len(k.Secrets) == 0 && len(k.Public) == 0 {
		return Person{}, reject(Unknown, "this chat has no secret and no key to verify identities with: make one in its settings")
	}
	var c claims
	parser := jwt.NewParser(
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg(), jwt.SigningMethodES256.Alg()}),
		jwt.WithStrictDecoding(), jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithLeeway(skew),
		jwt.WithTimeFunc(func() time.Time { return now }))
	if _, err := parser.ParseWithClaims(token, &c, k.keysFor); err != nil {
		return Person{}, rejection(err)
	}
	switch {
	case c.IssuedAt == nil:
		return Person{}, reject(LongLived, "the token needs iat, when it was made")
	case c.ExpiresAt.Sub(c.IssuedAt.Time) > MaxLife || c.ExpiresAt.Sub(now) > MaxLife+skew:
		return Person{}, reject(LongLived, "the token may hold for at most %v", MaxLife)
	}
	return person(c.Subject, c.Email, c.Name)
}

// keysFor gives the keys of the token's algorithm and no others: a public key is no secret. What the header says of keys (kid, jwk,
// jku, x5c) is a stranger's word, and not looked at.
func (k Keys) keysFor(t *jwt.Token) (any, error) {
	if _, critical := t.Header["crit"]; critical {
		return nil, reject(Malformed, "the token demands extensions (crit) that are not known here")
	}
	var set jwt.VerificationKeySet
	switch t.Method {
	case jwt.SigningMethodHS256:
		for _, s := range k.Secrets {
			set.Keys = append(set.Keys, s)
		}
	case jwt.SigningMethodES256:
		for _, p := range k.Public {
			set.Keys = append(set.Keys, p)
		}
	}
	if len(set.Keys) == 0 {
		return nil, reject(Unknown, "this chat has no key for %s", t.Method.Alg())
	}
	return set, nil
}

// rejection says in our words what the library found.
func rejection(err error) error {
	if r, ok := errors.AsType[*Rejection](err); ok {
		return r
	}
	switch {
	case errors.Is(err, jwt.ErrTokenExpired):
		return reject(Expired, "the token has expired: have the site make a new one")
	case errors.Is(err, jwt.ErrTokenNotValidYet), errors.Is(err, jwt.ErrTokenUsedBeforeIssued):
		return reject(Early, "the token holds from later on: set the site's clock right")
	case errors.Is(err, jwt.ErrTokenRequiredClaimMissing):
		return reject(LongLived, "the token needs exp, at most %v away", MaxLife)
	case errors.Is(err, jwt.ErrTokenMalformed):
		return reject(Malformed, "this is no token: make it with a JWT library")
	case strings.Contains(err.Error(), "signing method"):
		return reject(Algorithm, "sign the token with HS256 or ES256")
	default:
		return reject(Altered, "the token's signature is not that of this chat's secret or key")
	}
}

// hash verifies hex(HMAC-SHA256(secret, id)), or that of the address when there is no id. It proves that one alone: an address beside
// an id is only said.
func (k Keys) hash(p Proof) (Person, error) {
	switch {
	case !k.Hashes:
		return Person{}, reject(Off, "this chat takes no identity hashes: sign a token, or allow them in its settings")
	case len(k.Secrets) == 0:
		return Person{}, reject(Unknown, "this chat has no secret to verify identities with: make one in its settings")
	case p.ID == "" && p.Email == "":
		return Person{}, reject(Incomplete, "name an id or an address")
	}
	of, id, email := p.ID, p.ID, ""
	if id == "" {
		of, email = p.Email, p.Email
	}
	sum, err := hex.DecodeString(p.Hash)
	if err != nil || len(sum) != sha256.Size || len(of) > maxSubject {
		return Person{}, reject(Malformed, "the hash is the HMAC-SHA256 in 64 hexadecimal digits")
	}
	good := false
	for _, s := range k.Secrets {
		mac := hmac.New(sha256.New, s)
		_, _ = mac.Write([]byte(of))
		good = hmac.Equal(mac.Sum(nil), sum) || good
	}
	if !good {
		return Person{}, reject(Altered, "the hash is not that of this id and this chat's secret")
	}
	return person(id, email, p.Name)
}

// person makes what was proved fit to be kept.
func person(subject, email, name string) (Person, error) {
	p := Person{Subject: subject, Email: strings.ToLower(strings.TrimSpace(email)), Name: clean(name)}
	if p.Subject == "" && p.Email == "" {
		return Person{}, reject(Incomplete, "the token names nobody: it needs sub or email")
	}
	if len(p.Subject) > maxSubject || !utf8.ValidString(p.Subject) || p.Subject != printable(p.Subject) {
		return Person{}, reject(Incomplete, "sub is at most %d bytes of printable text", maxSubject)
	}
	if p.Email != "" {
		if a, err := mail.ParseAddress(p.Email); err != nil || a.Address != p.Email || len(p.Email) > 254 || p.Email != printable(p.Email) {
			return Person{}, reject(Incomplete, "email is not a mail address")
		}
	}
	return p, nil
}

func clean(name string) string {
	runes := []rune(strings.Join(strings.Fields(printable(strings.ToValidUTF8(name, ""))), " "))
	return string(runes[:min(len(runes), maxName)])
}

// printable drops control characters and the marks that turn text around.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\t' || unicode.In(r, unicode.Bidi_Control) || r == 0xfeff {
			return -1
		}
		return r
	}, s)
}
