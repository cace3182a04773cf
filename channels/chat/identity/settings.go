package identity

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"time"

	"github.com/centralita/centralita/desk"
)

// Settings are the section "identity" of a chat's configuration.
type Settings struct {
	Required  bool   `json:"required,omitempty"`   // only who has proved who they are may write
	Hashes    bool   `json:"hashes,omitempty"`     // a bare HMAC is taken too, which never expires
	PublicKey string `json:"public_key,omitempty"` // PEM, for ES256
}

// Check gives the fault of each field.
func (s *Settings) Check(fault func(field, message string)) {
	if s == nil || s.PublicKey == "" {
		return
	}
	if _, err := publicKeys(s.PublicKey); err != nil {
		fault("public_key", err.Error())
	}
}

// publicKeys reads one or two keys: two while the site changes from one to the other.
func publicKeys(text string) ([]*ecdsa.PublicKey, error) {
	var all []*ecdsa.PublicKey
	for rest := []byte(text); ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			if len(bytes.TrimSpace(rest)) > 0 || len(all) == 0 {
				return nil, errors.New("paste the key as PEM: from -----BEGIN PUBLIC KEY----- to -----END PUBLIC KEY-----")
			}
			return all, nil
		}
		if block.Type != "PUBLIC KEY" {
			return nil, errors.New("this is a " + clean(block.Type) + ": paste the public key, and keep the private one on the site's server")
		}
		parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
		key, is := parsed.(*ecdsa.PublicKey)
		if err != nil || !is || key.Curve != elliptic.P256() {
			return nil, errors.New("must be a public key for ES256: of an elliptic curve, P-256")
		}
		if all = append(all, key); len(all) > 2 {
			return nil, errors.New("at most two keys")
		}
	}
}

// Secret is one that the desk made for a site to sign with. UntilMs 0: it holds until another is made.
type Secret struct {
	Value   string `json:"value"`
	MadeMs  int64  `json:"made_ms"`
	UntilMs int64  `json:"until_ms,omitempty"`
}

// Secrets are a chat's sealed part.
type Secrets struct {
	Identity []Secret `json:"identity,omitempty"` // the one in use first
}

// ReadSecrets reads the sealed part.
func ReadSecrets(raw json.RawMessage) (Secrets, error) {
	var s Secrets
	if len(bytes.TrimSpace(raw)) == 0 {
		return s, nil
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil || len(s.Identity) > 2 {
		return Secrets{}, errors.New("the secret of a chat is made by the desk: ask for a new one") // the cause could quote it
	}
	return s, nil
}

// Rotate makes another secret. The one before holds for as long as keep says, the one before that no more.
func (s Secrets) Rotate(keep time.Duration, now time.Time) (changed Secrets, made string) {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails
	made = "ids_" + base64.RawURLEncoding.EncodeToString(b[:])
	changed.Identity = []Secret{{Value: made, MadeMs: now.UnixMilli()}}
	if len(s.Identity) > 0 && keep > 0 {
		old := s.Identity[0]
		old.UntilMs = now.Add(keep).UnixMilli()
		changed.Identity = append(changed.Identity, old)
	}
	return changed, made
}

// Rotate is Secrets.Rotate of the sealed part itself.
func Rotate(raw json.RawMessage, keep time.Duration, now time.Time) (changed json.RawMessage, made string, err error) {
	s, err := ReadSecrets(raw)
	if err != nil {
		return nil, "", err
	}
	s, made = s.Rotate(keep, now)
	changed, err = json.Marshal(s)
	return changed, made, err
}

// Made tells of the secrets that hold by their last characters.
func Made(raw json.RawMessage, now time.Time) (all []desk.MadeSecret) {
	s, err := ReadSecrets(raw)
	if err != nil {
		return nil
	}
	for _, one := range s.Identity {
		m := desk.MadeSecret{Ends: one.Value[max(0, len(one.Value)-4):], Made: time.UnixMilli(one.MadeMs)}
		if one.UntilMs != 0 {
			if m.Until = time.UnixMilli(one.UntilMs); !now.Before(m.Until) {
				continue
			}
		}
		all = append(all, m)
	}
	return all
}

// KeysOf are the keys that hold now.
func KeysOf(s *Settings, secrets Secrets, now time.Time) Keys {
	var k Keys
	for _, one := range secrets.Identity {
		if one.Value != "" && (one.UntilMs == 0 || now.UnixMilli() < one.UntilMs) {
			k.Secrets = append(k.Secrets, []byte(one.Value))
		}
	}
	if s != nil {
		k.Hashes = s.Hashes
		k.Public, _ = publicKeys(s.PublicKey) // checked when it was saved
	}
	return k
}
