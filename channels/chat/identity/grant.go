package identity

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"
)

// grantPrefix starts the tokens of visitors who proved who they are, so that no other token is taken for one.
const grantPrefix = "s1."

// Grant is what a visitor who proved who they are may go on with: their thread, without another proof, until its time.
type Grant struct {
	Thread string `json:"t"`           // the person's
	Origin string `json:"o"`           // the browser's own: ids of messages are unique within it
	Email  string `json:"e,omitempty"` // proved
	Name   string `json:"n,omitempty"`
	ID     string `json:"i,omitempty"` // the channel's id of the person; "" when nobody was proved
	Only   string `json:"c,omitempty"` // it came by a link that was mailed, and opens this conversation alone
	Until  int64  `json:"u"`           // Unix seconds
}

// Seal signs a grant of a channel with the first of the installation's keys.
func (g Grant) Seal(channel string, keys [][]byte) string {
	return grantPrefix + seal("grant", channel, keys, g)
}

// OpenGrant reads a grant that one of the keys has signed. ok is false for everything else, and when its time is over.
func OpenGrant(token, channel string, keys [][]byte, now time.Time) (g Grant, ok bool) {
	body, is := strings.CutPrefix(token, grantPrefix)
	if !is || !open("grant", channel, keys, body, &g) {
		return Grant{}, false
	}
	return g, now.Unix() < g.Until && g.Thread != "" && g.Origin != ""
}

// IsGrant tells the token of a visitor who had proved who they are, whether or not it still holds.
func IsGrant(token string) bool { return strings.HasPrefix(token, grantPrefix) }

// seal is base64url(HMAC, payload): what for and which channel are signed too, so that nothing is taken for something else.
func seal(what, channel string, keys [][]byte, v any) string {
	payload, err := json.Marshal(v)
	if err != nil {
		panic(err) // strings and numbers
	}
	return base64.RawURLEncoding.EncodeToString(append(sum(what, channel, keys[0], payload), payload...))
}

func open(what, channel string, keys [][]byte, token string, into any) bool {
	if len(token) > 2*MaxProof || strings.ContainsAny(token, "\r\n") {
		return false
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(raw) <= sha256.Size {
		return false
	}
	for _, k := range keys {
		if hmac.Equal(raw[:sha256.Size], sum(what, channel, k, raw[sha256.Size:])) {
			return json.Unmarshal(raw[sha256.Size:], into) == nil
		}
	}
	return false
}

func sum(what, channel string, key, payload []byte) []byte {
	m := hmac.New(sha256.New, key)
	for _, part := range [][]byte{[]byte("centralita chat "), []byte(what), {0}, []byte(channel), {0}, payload} {
		_, _ = m.Write(part)
	}
	return m.Sum(nil)
}
