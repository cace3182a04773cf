package email

import (
	"crypto/sha256"
	"encoding/base32"
	"slices"
	"strings"

	"github.com/centralita/centralita/channels/email/letter"
	"github.com/centralita/centralita/desk"
)

// keyPrefix marks thread keys that are Message-IDs.
const keyPrefix = "mid:"

// Our own Message-IDs are "c<conversation>.m<message>.<check>@<domain>", and each conversation has an anchor
// "c<conversation>.<check>@<domain>", which is the first reference of every mail of it: it survives relays that replace
// the Message-ID. The parts are digests: short, lower case, and they tell nothing. The check tells our ids from others of
// the same look; it is no secret, knowing an id is what proves that somebody saw our mail.
const (
	digestLen = 16 // characters of 5 bits
	checkLen  = 8
)

var digestEncoding = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

func digest(n int, parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return digestEncoding.EncodeToString(sum[:])[:n]
}

// ReplyKeys gives the thread keys that an answer to a reply will carry, before it is sent: first the Message-ID the
// reply must bear, then the conversation's anchor.
func ReplyKeys(address string, conv desk.ConversationID, msg desk.MessageID) []string {
	address = strings.ToLower(address)
	c := "c" + digest(digestLen, "conversation", string(conv))
	m := "m" + digest(digestLen, "message", string(conv), string(msg))
	return []string{keyPrefix + ownID(address, c, m), keyPrefix + ownID(address, c, "")}
}

func ownID(address, c, m string) string {
	_, domain, _ := strings.Cut(address, "@")
	left := c
	if m != "" {
		left += "." + m
	}
	return left + "." + digest(checkLen, "check", address, left) + "@" + domain
}

// anchorOf recognises an id of ours and gives its conversation's anchor. Case is ignored: relays change it.
func anchorOf(address, id string) (own, anchor string, ok bool) {
	id = strings.ToLower(id)
	left, _, _ := strings.Cut(id, "@")
	parts := strings.Split(left, ".")
	if len(parts) < 2 || len(parts) > 3 || len(parts[0]) != digestLen+1 || parts[0][0] != 'c' {
		return "", "", false
	}
	m := ""
	if len(parts) == 3 {
		m = parts[1]
	}
	if ownID(strings.ToLower(address), parts[0], m) != id {
		return "", "", false
	}
	return id, ownID(strings.ToLower(address), parts[0], ""), true
}

// maxKeys bounds what one mail may claim.
const maxKeys = 120

// threadKeys names the conversation of a mail, most trusted first: ids of ours, In-Reply-To, References from the newest to
// the oldest, and last its own id. All of them, so that an answer that overtakes what it answers still meets it.
func threadKeys(address string, m *letter.Mail) []string {
	refs := slices.Clone(m.References)
	slices.Reverse(refs)
	named := append(slices.Clone(m.InReplyTo), refs...)
	if m.Automatic == letter.Bounce {
		named = append(named, ownOnly(address, m.Returned)...)
	}
	var own, anchors, foreign []string
	for _, id := range named {
		if id, anchor, ok := anchorOf(address, id); ok {
			own, anchors = append(own, id), append(anchors, anchor)
			continue
		}
		foreign = append(foreign, id)
	}
	keys := make([]string, 0, len(named)+1)
	add := func(ids []string, most int) {
		for _, id := range ids {
			if k := keyPrefix + id; len(keys) < most && !slices.Contains(keys, k) {
				keys = append(keys, k)
			}
		}
	}
	add(own, maxKeys-1)
	add(anchors, maxKeys-1)
	add(foreign, maxKeys-1)
	if m.MessageID != "" { // the last one is its own, even when a mail names itself
		self := keyPrefix + m.MessageID
		keys = append(slices.DeleteFunc(keys, func(k string) bool { return k == self }), self)
	}
	return keys
}

// ownOnly keeps the ids that are ours: what stands inside an enclosed mail is nobody's word but a bounce's.
func ownOnly(address string, ids []string) (own []string) {
	for _, id := range ids {
		if _, _, ok := anchorOf(address, id); ok {
			own = append(own, id)
		}
	}
	return own
}
