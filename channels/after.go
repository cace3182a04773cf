package channels

import (
	"time"

	"github.com/centralita/centralita/desk"
)

// After is what a channel does when whoever wrote there has left. The zero value does nothing.
type After struct {
	// Mailbox is the mail channel that sends what is sent then; "" for none.
	Mailbox desk.ChannelID
	// MailAfter is how long a visitor has to see a reply before it goes by mail; 0: it never does.
	MailAfter time.Duration
	// OnlyProved: nothing goes to an address that the visitor only typed.
	OnlyProved bool
	// TranscriptFrom is the mail channel that sends transcripts, OnClose that one goes whenever the chat is closed.
	TranscriptFrom desk.ChannelID
	Transcript     bool // visitors may ask for one
	OnClose        bool
	// Rating is how visitors are asked what they thought: stars or thumbs; "": they are not.
	Rating   string
	Language string // of the mails: en or es
	Title    string // of the chat
	// Resume gives the address by which a visitor comes back to what was said, "" for none.
	Resume func(visitor string) string
	// RateLink gives the address at which a conversation is rated, "" for none.
	RateLink func(conv desk.ConversationID, until time.Time) string
}

// Watched is implemented by connectors that know whether somebody is there at this moment.
type Watched interface {
	// There reports whether whoever belongs to a thread has it before them.
	There(thread string) bool
}
