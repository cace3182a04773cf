// Package totp makes and checks time-based one-time codes (RFC 6238: HMAC-SHA-1, six digits, thirty seconds), the form that
// every authenticator app takes. It keeps nothing: which codes were used is the desk's to remember.
package totp

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // RFC 6238's default, and the only one that authenticator apps agree on; HMAC does not rest on collisions
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/url"
	"strings"
	"time"
)

const (
	period = 30 * time.Second
	digits = 6
	// drift is how many steps a clock may be early or late (RFC 6238, 5.2 recommends one).
	drift = 1
	// SecretBytes is the length of a new secret: as long as the hash (RFC 4226, 4 R6).
	SecretBytes = 20
)

// NewSecret makes a secret.
func NewSecret() []byte {
	b := make([]byte, SecretBytes)
	_, _ = rand.Read(b) // it never fails: crypto/rand
	return b
}

// StepAt is the number of the thirty seconds in which t lies.
func StepAt(t time.Time) int64 { return t.Unix() / int64(period/time.Second) }

// Code is the code of a step (RFC 4226, 5.3).
func Code(secret []byte, step int64) string {
	mac := hmac.New(sha1.New, secret)
	_, _ = mac.Write(binary.BigEndian.AppendUint64(nil, uint64(step)))
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 0xf
	n := binary.BigEndian.Uint32(sum[at:]) & 0x7fffffff
	return fmt.Sprintf("%0*d", digits, n%1_000_000)
}

// Check gives the step whose code this is, of those around now. Every candidate is compared, in constant time.
func Check(secret []byte, code string, now time.Time) (step int64, ok bool) {
	code = Clean(code)
	for s := StepAt(now) - drift; s <= StepAt(now)+drift; s++ {
		if subtle.ConstantTimeCompare([]byte(Code(secret, s)), []byte(code)) == 1 {
			step, ok = s, true
		}
	}
	return step, ok
}

// Clean takes out the spaces that people type and apps show.
func Clean(code string) string { return strings.Join(strings.Fields(code), "") }

var encoding = base32.StdEncoding.WithPadding(base32.NoPadding)

// Text is a secret as people type it in.
func Text(secret []byte) string { return encoding.EncodeToString(secret) }

// URI is what an authenticator app reads from a QR code.
func URI(issuer, account string, secret []byte) string {
	label := url.PathEscape(issuer + ":" + account)
	q := url.Values{"secret": {Text(secret)}, "issuer": {issuer}, "algorithm": {"SHA1"}, "digits": {"6"}, "period": {"30"}}
	return "otpauth://totp/" + label + "?" + strings.ReplaceAll(q.Encode(), "+", "%20")
}
