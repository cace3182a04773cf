package desk

import (
	"time"

	"github.com/centralita/centralita/proto/deskpb"
)

// Inbound is one thing a connector received. Exactly one of Message, Report, Identified and Visit is set.
type Inbound struct {
	// ExternalID is the dedupe key within the channel: the same thing received again has the same one.
	// It must come from the content or the provider, not from the transport (a mail moved to another folder
	// keeps it). At most 512 bytes.
	ExternalID string
	Message    *InboundMessage
	Report     *DeliveryReport
	Identified *Identified
	Visit      *Visit
}

// Identified is a visitor who proved who they are: what they said before, by the thread From, is theirs from now on.
type Identified struct {
	From   string // the thread they had until now
	Thread string // the thread of the person, the same wherever they prove it again
	Person *Verified
}

// Verified is who a connector has proved somebody to be.
type Verified struct {
	Identity *deskpb.Identity // by the channel's own id of them
	Email    string           // that was proved with it; "" for none
	Name     string
}

// InboundMessage is a message from outside.
type InboundMessage struct {
	// Identity is the sender's address as we know contacts by it. Name is as the sender writes it.
	Identity   *deskpb.Identity
	Name       string
	Recognised bool // the connector vouches for the sender (signed identity, known cookie)
	// Verified: the sender proved who they are, and is the contact with that address or id. nil: they did not.
	Verified *Verified

	Subject string
	From    *deskpb.Address
	To, Cc  []*deskpb.Address
	Body    *deskpb.Body

	// Thread is the connector's own durable thread id (a chat visitor, a Page-scoped id). When set, all messages of
	// that thread belong to one conversation, and replies carry it back.
	Thread string
	// Team is whose the ticket is that the message opens, as whoever wrote chose; "": as the channel says.
	Team string
	// ThreadKeys name the conversation this message belongs to, most trusted first; any of them known: it joins.
	// All of them are remembered, so that whoever comes later by one of them joins too.
	ThreadKeys []string
	// KeyReasons says of each of ThreadKeys what it is: token, own_id, anchor, …; nil: nothing is said.
	KeyReasons []string
	InReplyTo  string
	// BySubject: when no key is known, the subject may say which ticket is meant, within narrow bounds.
	BySubject bool
	// FollowUpAfter: a ticket that was closed for so long is not opened again, the message opens one that follows it. 0: never.
	FollowUpAfter time.Duration
	// Forward is the mail that the sender passed on, nil when they passed none on.
	Forward *Forward
	// Copy: it was written to others, and the channel got a copy of it. nil: it was written to the channel.
	Copy *Copy
	// JoinOnlyFrom: when true, a thread key known to a conversation is honoured only if the sender already takes part in it or
	// shares a participant's mail domain (a stranger who learnt an id may not push text into a foreign ticket).
	// Keys we made ourselves are honoured always.
	JoinOnlyFrom bool

	SentAt    time.Time
	CameAt    time.Time // when its own provider had it, zero: just now
	Automatic string    // "": a person; else auto-reply, bounce, list, report, self, loop
	// Answers: of an auto-reply, that it says it answers a mail (an away note), and is not what a machine wrote of its own accord (an alert).
	Answers bool
	// Return is what a machine says of a message of ours: it is attached to that one. When that is found nowhere, the message is kept,
	// and nobody is woken by it.
	Return *Return
	// SpamMark: a mail server that the channel trusts took it for spam.
	SpamMark bool
	// Reopens: the channel lets automatic answers open closed tickets again.
	Reopens  bool
	RawBlob  string
	Warnings []string
	// Sender says whether the sender's address was proved; nil when the channel cannot tell.
	Sender *deskpb.SenderCheck

	// Past: it is taken in from the past, silently. nil: it came just now.
	Past *Past

	// Chat says how a chat begins, if this message opens the conversation; nil: there is nothing to say.
	Chat *ChatStart

	// ClientID is the id by which the writer's own program repeats a message until it is durable. With other words it is no
	// repeat: refused as reused.
	ClientID string
}

// ChatStart is what was asked and answered before the first message, and the bot that has begun to talk.
type ChatStart struct {
	Entered *deskpb.ChatEntered
	Bot     *deskpb.BotOpening
	Team    string // whose work the ticket is, "" as the channel says
	// Ticket and Contact are properties that were answered. What a property cannot be is left out of it.
	Ticket, Contact []*deskpb.PropertyDefault
}

// Forward is a message that somebody else had written and its sender passed on.
type Forward struct {
	From    *deskpb.Address // who had written it
	Comment string          // what the sender wrote above it
	// Trusted: the channel lets colleagues open tickets for others, and vouches that the sender is who they say.
	Trusted bool
	// Colleague: the sender is one by their address; else only agents are.
	Colleague bool
}

// TokenKey starts thread keys that name a conversation as a whole, and none of its messages.
const TokenKey = "tok:"

// Visit is what a visitor does besides writing. Exactly one of Rate, Address and Transcript is set.
type Visit struct {
	Conversation ConversationID
	Thread       string // by which the visitor came; "" for the link of a mail that asks how it was
	Only         bool   // they may see Conversation alone, wherever the thread leads
	Rate         *deskpb.RateConversation
	Address      *deskpb.GiveVisitorAddress
	Transcript   string // the address to which the conversation is to be mailed
}

// DeliveryReport is the provider's later news of a message we sent.
type DeliveryReport struct {
	Conversation ConversationID // either this with Message, or MessageExternalID
	Message      MessageID
	ExternalID   string // of the message sent, when the ids above are not known
	State        deskpb.DeliveryState
	Reason       string
}

// Outbound is one reply to be handed to the provider, once.
type Outbound struct {
	Conversation ConversationID
	Message      MessageID
	Channel      ChannelID
	Attempt      uint32
	RequestedAt  time.Time

	Thread     string
	Subject    string
	From       string // the address it leaves from, "" the channel's
	To, Cc     []*deskpb.Address
	Bcc        []*deskpb.Address // get it and are named to nobody
	Body       *deskpb.Body
	InReplyTo  string
	References []string
	ThreadKeys []string // keys an answer will carry: for mail the Message-ID this reply must bear is the first
	AgentName  string
	Number     uint64 // of the ticket
	Automatic  bool   // a machine wrote it, and it says so
	Quotes     bool   // what was said before goes below it, whatever the channel quotes otherwise
	Internal   bool   // it is for an agent: it goes as it is, without the channel's signature
}

// SendingPreview is how a reply of a channel looks when it leaves.
type SendingPreview struct {
	From    *deskpb.Address
	ReplyTo string
	Text    string
	HTML    string // its pictures are in it
	Subject string // of the acknowledgement, when there is one
	Answer  string // the acknowledgement
}

// Quarantined is a thing that was received and could not be made a message of.
type Quarantined struct {
	Item    string // the channel's id of it
	Cause   string
	RawBlob string
	Summary string
	Folder  string // in which it lies outside, as it is called there; "" when there are none
}

// ChannelKind is the kind of a channel.
type ChannelKind = deskpb.ChannelKind
