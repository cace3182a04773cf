package persistence

import (
	"crypto/sha256"
	"encoding/binary"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// IndexPrefix begins every key of the index. What a store keeps beside it (the journal itself, snapshots, its own
// notes) begins with another byte.
const IndexPrefix = 'i'

// The keys of the index, after IndexPrefix. Numbers are big-endian; ~ is the bitwise complement, so that the newest
// comes first; a 0 byte ends an id that is not last. A text of the outside (address, thread key) is always last and
// is cut by its hash when it is long (text).
//
//	byte  rest                           value
//	n                                    how many conversations were opened (8)
//	N     number(8)                      conversation
//	k     conversation                   list(1) ~updated(8): where its row stands
//	l     list(1) ~updated(8) conv.      TicketSummary; lists: u open without owner, a open with one, c closed, z snoozed,
//	                                     s spam, m merged into another, p purged
//	o     owner 0 conversation           – (open tickets of an owner)
//	c     u | c | z | s | m | o owner    how many tickets (8)
//	w     ~priority(1) due(8) since(8) conv.  – (the waiting line); due by no time: all ones
//	K     contact 0 ~number(8)           conversation
//	C     contact                        ContactSummary
//	I     identity kind(4) value         contact; the first claim holds
//	h     channel 0 thread key           conversation; the first claim holds
//	x     channel 0 external id          conversation 0 message; the last one holds
//	r     conversation 0 message         position(8) requested(8) channel, of a reply
//	b     channel 0 position(8)          OutboxItem
//	a     agent                          AgentSummary
//	e     email                          agent
//	p     agent                          password hash
//	B     conversation                   version(8) position(8): purged up to there, and its files may be there still
//	s     session                        SessionSummary
//	S     agent                          its sessions: expiry(8) length(1) session, each
//	j     ~at(8) ~position(8)            AuditEntry
//	v     agent 0 ~position(8)           AvailabilityEntry
//	P     agent                          AgentPreferences
//	f     agent                          TwoFactorSecret
//	y     position(8)                    Notification, while a list names it
//	Y     agent 0 place(2)               position(8): the agent's list, a ring of desk.MostNotices
//	W     agent                          how many were ever put into it (8)
//	R     agent                          NotificationMarks
//	D     agent 0 conversation 0 note(1) DraftSummary
//	t     due(8) stream 0 name 0 ref     –
//	u     stream 0 name 0 ref            due(8)
//	m     team                           TeamSummary
//	g     setting                        SettingSummary
//	G     kind 0 setting                 –
//	H     channel                        ChannelSummary
//	A     channel kind(4) address        channel
//	Z     channel                        sealed secrets
//	z     channel                        cursor
//	L     channel                        when its last message came, in ms (8)
//	q     channel 0 ~position(8)         QuarantinedItem
//	Q     channel 0 item                 position(8)
//	V     side conversation              SideSummary
//	U     conversation 0 side            – (its side conversations)
//	d     idempotency key                position(8) of the first record of its entry
const (
	kindOpened      = 'n'
	kindNumber      = 'N'
	kindTicket      = 'k'
	kindList        = 'l'
	kindOwned       = 'o'
	kindCount       = 'c'
	kindLine        = 'w'
	kindContactCase = 'K'
	kindContact     = 'C'
	kindIdentity    = 'I'
	kindThread      = 'h'
	kindExternal    = 'x'
	kindReply       = 'r'
	kindOutbox      = 'b'
	kindAgent       = 'a'
	kindEmail       = 'e'
	kindPassword    = 'p'
	kindSession     = 's'
	kindSessionsOf  = 'S'
	kindComings     = 'v'
	kindAudit       = 'j'
	kindPreferences = 'P'
	kindTwoFactor   = 'f'
	kindNotice      = 'y'
	kindNoticesOf   = 'Y'
	kindNoticed     = 'W'
	kindSeenMarks   = 'R'
	kindDraft       = 'D'
	kindDue         = 't'
	kindDueOf       = 'u'
	kindTeam        = 'm'
	kindSetting     = 'g'
	kindSettingOf   = 'G'
	kindChannel     = 'H'
	kindAddress     = 'A'
	kindSecrets     = 'Z'
	kindCursor      = 'z'
	kindLastItem    = 'L'
	kindQuarantine  = 'q'
	kindQuarantined = 'Q'
	kindSeen        = 'd'
	kindAnswered    = 'E'
	kindPurged      = 'B'
	kindSide        = 'V'
	kindSidesOf     = 'U'

	listUnassigned = 'u'
	listAssigned   = 'a'
	listClosed     = 'c'
	listSnoozed    = 'z'
	listSpam       = 's'
	listMerged     = 'm'
	listPurged     = 'p'
)

// key builds a key of the index.
type key []byte

func newKey(kind byte, room int) key { return append(make(key, 0, 2+room), IndexPrefix, kind) }

func (k key) byte(b byte) key     { return append(k, b) }
func (k key) id(s string) key     { return append(append(k, s...), 0) } // not last
func (k key) last(s string) key   { return append(k, s...) }
func (k key) number(n uint64) key { return binary.BigEndian.AppendUint64(k, n) }
func (k key) kind(n int32) key    { return binary.BigEndian.AppendUint32(k, uint32(n)) }

const longestText = 256

// text adds a text that comes from outside: one that is longer than longestText is cut and ends in its hash instead.
func (k key) text(s string) key {
	if len(s) <= longestText {
		return append(k, s...)
	}
	h := sha256.Sum256([]byte(s))
	return append(append(k, s[:longestText-len(h)]...), h[:]...)
}

func numberValue(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

func numberOf(v []byte) uint64 {
	if len(v) < 8 {
		return 0
	}
	return binary.BigEndian.Uint64(v)
}

// down orders the newest first.
func down(ms int64) uint64 { return ^uint64(ms) }

func numberKey(n uint64) key { return newKey(kindNumber, 8).number(n) }

func listPrefix(list byte) key { return newKey(kindList, 1+8+32).byte(list) }

func listKey(list byte, updatedMs int64, conversation string) key {
	return listPrefix(list).number(down(updatedMs)).last(conversation)
}

// ticketPlace is the value of a ticket's own key: its row is stored once, in the list that shows it.
func ticketPlace(list byte, updatedMs int64) []byte {
	return key(nil).byte(list).number(down(updatedMs))
}

// ticketRowKey is where the row of a ticket stands, by the value of its own key.
func ticketRowKey(place []byte, conversation string) key {
	return append(newKey(kindList, len(place)+len(conversation)), place...).last(conversation)
}

func ownedPrefix(owner string) key { return newKey(kindOwned, len(owner)+1+32).id(owner) }

func lineKey(p deskpb.Priority, dueMs, sinceMs int64, conversation string) key {
	return newKey(kindLine, 17+len(conversation)).byte(^byte(p)).number(uint64(dueMs) - 1).number(uint64(sinceMs)).last(conversation) // 0 - 1: the last of all
}

func contactCaseKey(contact string, number uint64) key {
	return newKey(kindContactCase, len(contact)+9).id(contact).number(^number)
}

func identityKey(i *deskpb.Identity) key {
	return newKey(kindIdentity, 4+len(i.GetValue())).kind(int32(i.GetKind())).text(i.GetValue())
}

func inChannel(kind byte, channel, text string) key {
	return newKey(kind, len(channel)+1+min(len(text), longestText)).id(channel).text(text)
}

func replyKey(conversation, message string) key {
	return newKey(kindReply, len(conversation)+1+len(message)).id(conversation).last(message)
}

func outboxKey(channel string, position uint64) key {
	return newKey(kindOutbox, len(channel)+9).id(channel).number(position)
}

func sidesOfPrefix(conversation string) key {
	return newKey(kindSidesOf, len(conversation)+1+32).id(conversation)
}

func settingOfKey(kind, id string) key {
	return newKey(kindSettingOf, len(kind)+1+len(id)).id(kind).last(id)
}

func noticeKey(position uint64) key { return newKey(kindNotice, 8).number(position) }

// noticesOfKey is where the nth notification of an agent, from 0, is named.
func noticesOfKey(agent string, n uint64) key {
	place := n % desk.MostNotices
	return newKey(kindNoticesOf, len(agent)+3).id(agent).byte(byte(place >> 8)).byte(byte(place))
}

func draftsOfKey(agent string) key { return newKey(kindDraft, len(agent)+1+32).id(agent) }

func draftKey(agent, conversation string, note bool) key {
	k := draftsOfKey(agent).id(conversation)
	if note {
		return k.byte(1)
	}
	return k.byte(0)
}

func rowKey(kind byte, id string) key { return newKey(kind, len(id)).last(id) }

func textKey(kind byte, s string) key { return newKey(kind, min(len(s), longestText)).text(s) }

func dueKey(atMs int64, stream, name, ref string) key {
	return newKey(kindDue, 8+len(stream)+len(name)+len(ref)+2).number(uint64(atMs)).id(stream).id(name).last(ref)
}

func dueOfKey(stream, name, ref string) key {
	return newKey(kindDueOf, len(stream)+len(name)+len(ref)+2).id(stream).id(name).last(ref)
}

func addressKey(kind desk.ChannelKind, address string) key {
	return newKey(kindAddress, 4+len(address)).kind(int32(kind)).text(address)
}

// SeenKey is the key of the index under which the idempotency key of an entry is remembered.
func SeenKey(entryKey string) []byte { return textKey(kindSeen, entryKey) }
