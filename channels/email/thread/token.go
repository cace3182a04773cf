package thread

import (
	"crypto/hmac"
	"crypto/sha256"
	"strings"

	"github.com/centralita/centralita/desk"
)

// A token names a conversation in the address that an answer goes to, "support+<token>@desk.example", and in a mark that
// mail programs quote. It is 8 bytes of a digest of the conversation's id, one byte that says which key signed it, and 10 bytes
// of HMAC-SHA256 over conversation and channel: 31 characters. Who has one has seen our mail, and that is all it proves.
const (
	nameBytes = 8
	macBytes  = 10
	tokenLen  = 31
	longLocal = 64 // RFC 5321 section 4.5.3.1.1
)

func tokenKey(token string) string { return desk.TokenKey + token }

func (s *Signer) token(k signingKey, conversation string) string {
	name := sha256.Sum256([]byte("conversation\x00" + conversation))
	return s.seal(k, name[:nameBytes])
}

func (s *Signer) seal(k signingKey, name []byte) string {
	raw := append(append(make([]byte, 0, nameBytes+1+macBytes), name...), k.id)
	return encoding.EncodeToString(append(raw, sum(k.raw, "token", s.channel, string(name))[:macBytes]...))
}

// valid tells whether a token is one that this channel gave, and gives it as it was given: case is ignored.
func (s *Signer) valid(token string) (string, bool) {
	token = strings.ToLower(token)
	raw, err := encoding.DecodeString(token)
	if err != nil || len(raw) != nameBytes+1+macBytes {
		return "", false
	}
	name, id, mac := raw[:nameBytes], raw[nameBytes], raw[nameBytes+1:]
	for _, k := range s.keys {
		if k.id == id && hmac.Equal(mac, sum(k.raw, "token", s.channel, string(name))[:macBytes]) {
			return s.seal(k, name), true
		}
	}
	return "", false
}

// looksLike: it has the form of a token.
func looksLike(s string) bool { return len(s) == tokenLen && wellFormed(strings.ToLower(s)) }

// TokenOf finds the token among a reply's thread keys, "" if it has none.
func TokenOf(keys []string) string {
	for _, k := range keys {
		if t, ok := strings.CutPrefix(k, desk.TokenKey); ok {
			return t
		}
	}
	return ""
}

// PlusAddress puts a token into an address; "" when it would be too long.
func PlusAddress(address, token string) string {
	at := strings.LastIndexByte(address, '@')
	if at <= 0 || token == "" || at+1+len(token) > longLocal {
		return ""
	}
	return address[:at] + "+" + token + address[at:]
}

// TokenIn takes a token out of an address: the address without it, and what has the form of one.
func TokenIn(address string) (plain, token string) {
	at := strings.LastIndexByte(address, '@')
	if at <= 0 {
		return address, ""
	}
	plus := strings.LastIndexByte(address[:at], '+')
	if plus <= 0 || !looksLike(address[plus+1:at]) {
		return address, ""
	}
	return address[:plus] + address[at:], address[plus+1 : at]
}

// Mark is the hidden element with the token that the HTML of our mails ends with: mail programs that drop every header quote it.
func Mark(token string) string {
	if token == "" {
		return ""
	}
	return `<div style="display:none;max-height:0;overflow:hidden;font-size:0;line-height:0;color:transparent;mso-hide:all" aria-hidden="true">ref:` + token + `:ref</div>`
}
