package desk

import (
	"time"

	"github.com/centralita/centralita/proto/deskpb"
)

// Rows of lists, kept by the index as folds of the journal (project.go). Shared rows are never changed.
type (
	Ticket  = *deskpb.TicketSummary
	Contact = *deskpb.ContactSummary
	Agent   = *deskpb.AgentSummary
	Channel = *deskpb.ChannelSummary
	Team    = *deskpb.TeamSummary
	Setting = *deskpb.SettingSummary
)

// View is a list kept by the index.
type View string

// The lists.
const (
	ViewOpen       View = "open"       // all that are not closed, snoozed, spam or merged
	ViewUnassigned View = "unassigned" // open, without owner
	ViewOwned      View = "owned"      // open, of one owner
	ViewClosed     View = "closed"
	ViewSnoozed    View = "snoozed" // open, laid aside until a time
	ViewSpam       View = "spam"
)

// Views that are chosen from the rows by a filter (BuiltIn), beside those above.
const (
	ViewMine      View = "mine"
	ViewMentions  View = "mentions"
	ViewFollowing View = "following"
	ViewWaiting   View = "waiting" // on us
	ViewSetAside  View = "set_aside"
)

// ListQuery chooses and orders rows by a filter. The largest comes first, unless Ascending.
type ListQuery struct {
	Filter    Filter
	Sort      Sort // "" is SortUpdated
	Ascending bool
	Viewer    *Viewer         // who looks; nil sees everything
	Teams     map[string]bool // of the agent who looks, for "mine"
	Cursor    string
	Limit     int // 1 to 200; 0 means 50
}

// ListCount is the size of a list; More: closed tickets of long ago may belong to it, too, and were not counted.
type ListCount struct {
	N    int
	More bool
}

// TicketQuery chooses rows of the ticket list, newest activity first.
type TicketQuery struct {
	View   View
	Owner  AgentID // for ViewOwned
	Cursor string  // TicketPage.Next of the page before; "" for the first
	Limit  int     // 1 to 200; 0 means 50
}

// TicketPage is a page of rows; Next is "" on the last one.
type TicketPage struct {
	Tickets []Ticket
	Next    string
}

// TicketCounts are the sizes of the lists.
type TicketCounts struct {
	Open, Unassigned, Closed int
	Owned                    map[AgentID]int
}

// Due is a stream that wants to be woken at a time.
type Due struct {
	AtMs   int64
	Stream StreamID
	Name   string
	Ref    string // which of those with this name
}

// ViewsOf gives the lists a row belongs to; owner is set for ViewOwned.
func ViewsOf(t Ticket) []View {
	switch {
	case t == nil || t.Purged || t.MergedInto != "":
		return nil
	case t.Spam:
		return []View{ViewSpam}
	case t.Status == deskpb.TicketStatus_TICKET_STATUS_CLOSED:
		return []View{ViewClosed}
	case t.SnoozedUntilMs != 0:
		return []View{ViewSnoozed}
	case t.Owner == "":
		return []View{ViewOpen, ViewUnassigned}
	default:
		return []View{ViewOpen, ViewOwned}
	}
}

// Done is the answer to a command: it is durable. Changed is false when it was already so.
type Done struct {
	Version  uint64
	Position Position
	Changed  bool
}

// ChannelStatus is the live health of a channel, beside the journaled ChannelSummary.
type ChannelStatus struct {
	Channel       ChannelID
	State         deskpb.HealthState
	Phase         string // what the connector says it is doing
	Lag           int    // items waiting outside, -1 unknown
	Failures      int    // in a row: 0 once it runs
	Restarts      int    // since the engine started
	LastError     string // kept when it runs again; never a secret
	LastErrorMs   int64
	Warning       string // what does not work although items come in; "": nothing
	Seen          string // from where it was used last, since the desk runs: a website
	SeenMs        int64
	NextRetryMs   int64 // 0: none planned
	InFlight      int   // items handed over and not durable
	OutboxDepth   int
	LastItemMs    int64  // when the last item came
	ImportError   string // why an import waits; "": it does not
	ImportRetryMs int64  // until when
}

// Replayed is what became of an item that was set aside and read again.
type Replayed struct {
	Outcome string // ingested, discarded or quarantined
	Cause   string // of the last
}

// NewChannel is what connecting a channel takes.
type NewChannel struct {
	Kind    string // registered name: email, chat, or a custom connector's
	Name    string
	Config  []byte // JSON
	Secrets []byte // JSON; never logged, kept encrypted
	Routing *deskpb.RoutingRule
	Was     *deskpb.RoutingRule // the rules that these replace; nil: whatever they are
	// ConfigWas is the configuration that this one replaces; nil: whatever it is.
	ConfigWas []byte
}

// MadeSecret is a secret that the desk made for a channel, as it may be told: by its last characters. Until is zero for the one in use.
type MadeSecret struct {
	Ends        string
	Made, Until time.Time
}

// PresenceSign is ephemeral news: someone looks at or types in a conversation. May be lost.
type PresenceSign struct {
	Conversation ConversationID
	Who, Name    string
	Typing       bool
	Left         bool // looks at it no more
}

// FoundMailbox is one answer to "which mail servers has this address?". Nothing of it was tried with a password.
type FoundMailbox struct {
	Name        string // what the provider calls itself; may be empty
	Provider    string // with which one signs in without a password (google, microsoft); "": by password
	AppPassword bool   // the provider takes a password made for programs, not the person's own
	IMAP, SMTP  FoundServer
	Sources     []FoundSource // who says so, the best first
	Foreign     bool          // the servers are of another domain than the address, and nothing vouches for them: a person has to agree
	Answers     bool          // all of its servers answered, with TLS that is trusted
}

// FoundServer is one server; Host is "" when it was not found.
type FoundServer struct {
	Host     string
	Port     int
	Security string // tls, starttls or plain
	Username string // "": the address
	Answers  bool
}

// FoundSource is who named the servers: Kind is provider, mx, autoconfig, ispdb, ispdb-mx, srv or guess; Detail is the record,
// the page or the host.
type FoundSource struct{ Kind, Detail string }
