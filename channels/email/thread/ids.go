// Package thread says which conversation a mail belongs to: the ids and tokens that our mails carry and answers bring back,
// signed with the installation's keys, and what else of a mail names its conversation. It is pure.
package thread

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"strconv"
	"strings"

	"github.com/centralita/centralita/channels"
)

// KeyPrefix marks thread keys that are Message-IDs.
const KeyPrefix = "mid:"

// Our own Message-IDs are "c<conversation>.m<message>.<check>@<domain>", and each conversation has an anchor
// "c<conversation>.<check>@<domain>", which is the first reference of every mail of it: it survives relays that replace
// the Message-ID. The parts are digests: short, lower case, and they tell nothing. The check is signed with the installation's key: an
// answer to two of its teams names ids of both.
const (
	digestLen = 16 // characters of 5 bits
	checkLen  = 8
)

var encoding = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// Digest is a short name for what its parts say: n characters of 5 bits.
func Digest(n int, parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return encoding.EncodeToString(sum[:])[:n]
}

// Signer signs for one channel, and knows what it signed.
type Signer struct {
	channel string
	keys    []signingKey // the one in use first
}

type signingKey struct {
	id  byte // which of the keys signed a token
	raw []byte
}

// New makes the signer of a channel. Without keys it names as it did before there were any, and makes no tokens.
func New(channel string, keys [][]byte) *Signer {
	s := &Signer{channel: channel}
	for _, raw := range keys {
		s.keys = append(s.keys, signingKey{sum(raw, "id")[0], raw})
	}
	return s
}

// sum is the MAC of its parts; each is told with its length, so that no two lists of parts are the same bytes.
func sum(key []byte, parts ...string) []byte {
	h := hmac.New(sha256.New, key)
	for _, p := range parts {
		h.Write([]byte(strconv.Itoa(len(p)) + ":" + p)) // a hash takes everything
	}
	return h.Sum(nil)
}

func (k signingKey) check(left, domain string) string {
	return encoding.EncodeToString(sum(k.raw, "mail id", left, domain))[:checkLen]
}

// older is the check of ids that were made before they were signed.
func older(address, left string) string { return Digest(checkLen, "check", address, left) }

// ReplyKeys gives the thread keys that an answer to a reply will carry, before it is sent: first the Message-ID that it must
// bear, then the conversation's anchor, then its token.
func ReplyKeys(r channels.Reply) []string {
	s := New(string(r.Channel), r.Keys)
	address := strings.ToLower(r.Address)
	_, domain, _ := strings.Cut(address, "@")
	c := "c" + Digest(digestLen, "conversation", string(r.Conversation))
	m := "m" + Digest(digestLen, "message", string(r.Conversation), string(r.Message))
	id := func(left string) string {
		if len(s.keys) == 0 {
			return KeyPrefix + left + "." + older(address, left) + "@" + domain
		}
		return KeyPrefix + left + "." + s.keys[0].check(left, domain) + "@" + domain
	}
	keys := []string{id(c + "." + m), id(c)}
	if len(s.keys) > 0 {
		keys = append(keys, tokenKey(s.token(s.keys[0], string(r.Conversation))))
	}
	return keys
}

// Own is a Message-ID of ours.
type Own struct{ ID, Anchor string }

// Recognise tells whether a Message-ID is one of ours. forged: it has the looks of one, at our domain, and its check is wrong.
// Case is ignored: relays change it.
func (s *Signer) Recognise(address, id string) (own Own, ours, forged bool) {
	id = strings.ToLower(id)
	left, domain, _ := strings.Cut(id, "@")
	parts := strings.Split(left, ".")
	if len(parts) < 2 || len(parts) > 3 || !named(parts[0], 'c') || len(parts) == 3 && !named(parts[1], 'm') || len(parts[len(parts)-1]) != checkLen {
		return Own{}, false, false
	}
	signed, check := strings.Join(parts[:len(parts)-1], "."), []byte(parts[len(parts)-1])
	for _, k := range s.keys {
		if hmac.Equal(check, []byte(k.check(signed, domain))) {
			return Own{id, parts[0] + "." + k.check(parts[0], domain) + "@" + domain}, true, false
		}
	}
	address = strings.ToLower(address)
	_, home, _ := strings.Cut(address, "@")
	if domain != home {
		return Own{}, false, false
	}
	if hmac.Equal(check, []byte(older(address, signed))) {
		return Own{id, parts[0] + "." + older(address, parts[0]) + "@" + domain}, true, false
	}
	return Own{}, false, true
}

// named: a letter and a digest.
func named(s string, letter byte) bool {
	return len(s) == digestLen+1 && s[0] == letter && wellFormed(s[1:])
}

func wellFormed(s string) bool {
	for i := range len(s) {
		c := s[i]
		if (c < '0' || c > '9') && (c < 'a' || c > 'z' || c == 'i' || c == 'l' || c == 'o' || c == 'u') {
			return false
		}
	}
	return true
}
