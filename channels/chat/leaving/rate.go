package leaving

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"time"

	"github.com/centralita/centralita/desk"
)

// A visitor who has left is asked by mail how it was. The link names the conversation and is signed; whoever has it may answer, once, until
// its time. To look at it changes nothing: mail programs and scanners follow links.

const (
	longestToken = 256
	macBytes     = 16
	rateContext  = "chat rating 1\n" // no other signature of the installation can be taken for one of these
)

// What is wrong with a link.
var (
	ErrForged  = errors.New("the link is not complete")
	ErrExpired = errors.New("the link has expired")
)

// RateToken names a conversation until a moment.
func RateToken(key []byte, channel desk.ChannelID, conv desk.ConversationID, until time.Time) string {
	payload := append(binary.BigEndian.AppendUint32(nil, uint32(until.Unix())), conv...)
	return base64.RawURLEncoding.EncodeToString(append(mac(key, channel, payload), payload...))
}

// OpenRateToken tells which conversation a token names now.
func OpenRateToken(keys [][]byte, channel desk.ChannelID, token string, now time.Time) (desk.ConversationID, error) {
	if len(token) > longestToken {
		return "", ErrForged
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(raw) < macBytes+5 {
		return "", ErrForged
	}
	payload := raw[macBytes:]
	for _, key := range keys {
		if !hmac.Equal(raw[:macBytes], mac(key, channel, payload)) {
			continue
		}
		conv := string(payload[4:])
		switch {
		case !desk.ValidID(conv):
			return "", ErrForged
		case now.Unix() >= int64(binary.BigEndian.Uint32(payload)):
			return "", ErrExpired
		}
		return desk.ConversationID(conv), nil
	}
	return "", ErrForged
}

func mac(key []byte, channel desk.ChannelID, payload []byte) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(rateContext + string(channel) + "\n"))
	m.Write(payload)
	return m.Sum(nil)[:macBytes]
}
