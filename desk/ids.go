package desk

import (
	"crypto/sha256"
	"encoding/base32"
	"strconv"
	"strings"
)

// Ids of the nouns. They are opaque, at most 64 bytes of [0-9a-z_-], and never reused.
type (
	ConversationID string
	ContactID      string
	AgentID        string
	ChannelID      string
	TeamID         string
	SettingID      string
	MessageID      string
)

// StreamID names a stream as "<kind>/<id>".
type StreamID string

// Position is an event's place in the whole journal: from 1, gapless. 0 is before the first.
type Position uint64

// Kinds of stream.
const (
	KindConversation = "conversation"
	KindContact      = "contact"
	KindAgent        = "agent"
	KindChannel      = "channel"
	KindTeam         = "team"
	KindSetting      = "setting"
	KindDraft        = "draft"
	KindSide         = "side" // a side conversation: decided like one, in no list, told to its ticket
)

func (id ConversationID) Stream() StreamID {
	if id.IsSide() {
		return StreamID(KindSide + "/" + string(id))
	}
	return StreamID(KindConversation + "/" + string(id))
}
func (id ContactID) Stream() StreamID { return StreamID(KindContact + "/" + string(id)) }
func (id AgentID) Stream() StreamID   { return StreamID(KindAgent + "/" + string(id)) }
func (id ChannelID) Stream() StreamID { return StreamID(KindChannel + "/" + string(id)) }
func (id TeamID) Stream() StreamID    { return StreamID(KindTeam + "/" + string(id)) }
func (id SettingID) Stream() StreamID { return StreamID(KindSetting + "/" + string(id)) }

// DraftStream is where what an agent is writing in a conversation is kept.
func DraftStream(agent AgentID, conversation ConversationID, note bool) StreamID {
	kind := "reply"
	if note {
		kind = "note"
	}
	return StreamID(KindDraft + "/" + DeriveID("dr_", string(agent), string(conversation), kind))
}

// Split gives the kind and the id of a stream; ok is false when it is not "<kind>/<id>".
func (s StreamID) Split() (kind, id string, ok bool) {
	kind, id, ok = strings.Cut(string(s), "/")
	return kind, id, ok && ValidID(id) && kind != ""
}

// Kind is the part before the slash.
func (s StreamID) Kind() string { k, _, _ := strings.Cut(string(s), "/"); return k }

// ID is the part after the slash.
func (s StreamID) ID() string { _, id, _ := strings.Cut(string(s), "/"); return id }

// ValidID reports whether s can be the id of a stream: 1 to 64 bytes of [0-9a-z_-].
func ValidID(s string) bool {
	if len(s) == 0 || len(s) > 64 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if (c < '0' || c > '9') && (c < 'a' || c > 'z') && c != '_' && c != '-' {
			return false
		}
	}
	return true
}

var idEncoding = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// DeriveID makes the id that belongs to these parts: the same parts always give the same id (130 bits of SHA-256),
// so that a redelivery after a crash meets the stream it made before.
func DeriveID(prefix string, parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(strconv.Itoa(len(p))))
		h.Write([]byte{':'})
		h.Write([]byte(p))
	}
	return prefix + idEncoding.EncodeToString(h.Sum(nil))[:26]
}

// ContactIDFor is the id of the contact first known by this identity.
func ContactIDFor(kind int32, value string) ContactID {
	return ContactID(DeriveID("ct_", strconv.Itoa(int(kind)), value))
}

// ConversationIDFor is the id of the conversation whose first message had this external id on this channel.
func ConversationIDFor(channel ChannelID, externalID string) ConversationID {
	return ConversationID(DeriveID("cv_", string(channel), externalID))
}

// sidePrefix begins the ids of side conversations: who has the id knows what it is of.
const sidePrefix = "sd_"

// IsSide tells whether it is a side conversation's id.
func (id ConversationID) IsSide() bool { return strings.HasPrefix(string(id), sidePrefix) }

// SideIDFor is the id of the side conversation that begins with this message: asked for again, it is the same one.
func SideIDFor(conversation ConversationID, message MessageID) ConversationID {
	return ConversationID(DeriveID(sidePrefix, string(conversation), string(message)))
}

// MessageIDFor is the id of the message with this external id on this channel.
func MessageIDFor(channel ChannelID, externalID string) MessageID {
	return MessageID(DeriveID("ms_", string(channel), externalID))
}
