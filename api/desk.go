package api

import (
	"context"
	"io"
	"iter"
	"net/http"
	"time"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// What the door needs of the engine, in the engine's own words: actors.System and persistence.Index satisfy these
// interfaces. Rows that are not there are nil with a nil error.

// Engine takes commands and shows the journal.
type Engine interface {
	// Do is durable when it returns; a *desk.Error refuses.
	Do(ctx context.Context, stream desk.StreamID, cmd desk.Command) (desk.Done, error)
	// Watch yields the whole journal after a position: history, then live, no gap.
	Watch(ctx context.Context, after desk.Position) iter.Seq2[desk.Record, error]
	// Records yields one stream after a version, then ends.
	Records(ctx context.Context, stream desk.StreamID, after uint64) iter.Seq2[desk.Record, error]
	Head() (epoch string, position desk.Position)
	// Ready is nil when the engine takes work.
	Ready() error
}

// Channels connects, changes, checks and shows channels.
type Channels interface {
	ConnectChannel(ctx context.Context, ch desk.NewChannel, by *deskpb.Author) (desk.ChannelID, error)
	ReconfigureChannel(ctx context.Context, id desk.ChannelID, ch desk.NewChannel, by *deskpb.Author) error
	// CheckChannel tries the connection; all faults are joined.
	CheckChannel(ctx context.Context, id desk.ChannelID) error
	ChannelStatus() []desk.ChannelStatus
	// ChannelHandler serves /channels/<id>/, with that prefix stripped; nil when there is no such channel.
	ChannelHandler(id desk.ChannelID) http.Handler
}

// ChannelSecrets makes secrets that outside programs sign with for a channel.
type ChannelSecrets interface {
	// RotateChannelSecret makes another one and gives it, this once; the one before holds on for a while.
	RotateChannelSecret(ctx context.Context, id desk.ChannelID, keep time.Duration, by *deskpb.Author) (string, error)
	ChannelSecretsMade(id desk.ChannelID) ([]desk.MadeSecret, error)
}

// Trials are what administrators try on channels.
type Trials interface {
	// CheckConfig tries settings that are not saved, for the channel named or a new one; all faults are joined. tell
	// hears of each step as it begins and ends, from any goroutine, and of none after the return; may be nil.
	CheckConfig(ctx context.Context, ch desk.NewChannel, id desk.ChannelID, tell func(step string, ended bool, fault error)) error
	// PreviewSending shows how a reply of an agent looks when it leaves a channel with these settings.
	PreviewSending(ch desk.NewChannel, agent string) (*desk.SendingPreview, error)
	// SyncChannel makes a channel look for what is new at once; its status says how it goes.
	SyncChannel(id desk.ChannelID) error
	// PreviewImport says how much earlier mail a channel's mailbox has, folder by folder.
	PreviewImport(ctx context.Context, id desk.ChannelID, q desk.PastQuery) ([]desk.PastFolder, error)
	// MailFolders lists the folders of a channel's mailbox; given settings that are not saved, of the mailbox they lead to.
	MailFolders(ctx context.Context, unsaved *desk.NewChannel, id desk.ChannelID) ([]desk.MailFolder, error)
}

// Replays read again what was set aside.
type Replays interface {
	// ReplayItem reads an item in quarantine again and takes it in, once.
	ReplayItem(ctx context.Context, id desk.ChannelID, item string, by *deskpb.Author) (desk.Replayed, error)
	// Replayable tells of the items of a channel whether they can be read again.
	Replayable(id desk.ChannelID) func(*deskpb.QuarantinedItem) bool
}

// Router asks the rules of who gets a ticket.
type Router interface {
	// TryRouting says who would get a ticket now; nothing is done by it.
	TryRouting(ctx context.Context, trial desk.RoutingTrial) (desk.Choice, error)
	// LinePlace is where a ticket stands in the waiting line; zero when it does not.
	LinePlace(ctx context.Context, conv desk.ConversationID) (desk.LinePlace, error)
}

// MailServers finds the mail servers of an address.
type MailServers interface {
	Find(ctx context.Context, address string) ([]desk.FoundMailbox, error)
}

// Signs are what comes of sockets: who looks at, or types in, a conversation, which is ephemeral, and who has a workspace open at all.
type Signs interface {
	Presence(sign desk.PresenceSign)
	OnPresence(ctx context.Context, f func(desk.PresenceSign))
	SocketOpened(agent desk.AgentID)
	SocketClosed(agent desk.AgentID)
}

// Tickets answers for the ticket list.
type Tickets interface {
	Ticket(id desk.ConversationID) (desk.Ticket, error)
	Tickets(q desk.TicketQuery) (desk.TicketPage, error)
	Counts() (desk.TicketCounts, error)
	Line() iter.Seq2[desk.Ticket, error]
	TicketsOfContact(c desk.ContactID, limit int) ([]desk.Ticket, error)
}

// Lists answers for lists by filter, in any order, and their sizes.
type Lists interface {
	List(ctx context.Context, q desk.ListQuery) (desk.TicketPage, error)
	Count(ctx context.Context, queries []desk.ListQuery) ([]desk.ListCount, error)
	// Board is how the work stands now.
	Board(ctx context.Context) (*desk.Board, error)
	// Ready reports whether they are answered at once; if not, it gets ready.
	Ready() bool
}

// People answers for contacts, agents and teams.
type People interface {
	Contact(id desk.ContactID) (desk.Contact, error)
	Agent(id desk.AgentID) (desk.Agent, error)
	Agents() ([]desk.Agent, error)
	Team(id desk.TeamID) (desk.Team, error)
	Teams() ([]desk.Team, error)
}

// Notices answers what agents are told of.
type Notices interface {
	// Notifications is the list of an agent, or of desk.Administrators, the newest first.
	Notifications(agent string) ([]*deskpb.Notification, error)
	SeenMarks(agent desk.AgentID) (*deskpb.NotificationMarks, error)
	// Told names whom records with a position in (after, until] were told to.
	Told(after, until desk.Position) (map[string]bool, error)
}

// Audits answers who changed what.
type Audits interface {
	Audit(q desk.AuditQuery) (desk.AuditPage, error)
}

// SettingRows answers for what administrators keep in order.
type SettingRows interface {
	Setting(id desk.SettingID) (desk.Setting, error)
	Settings(kind string) ([]desk.Setting, error)
}

// Finder finds by what people know.
type Finder interface {
	TicketByNumber(number uint64) (desk.Ticket, error)
	ContactByIdentity(i *deskpb.Identity) (desk.ContactID, error)
	BlockedContacts(from desk.ContactID, limit int) (all []desk.Contact, next desk.ContactID, err error)
}

// Secrets answers for signing in.
type Secrets interface {
	AgentByEmail(email string) (desk.AgentID, error)
	PasswordHash(id desk.AgentID) (string, error)
	Session(hash string) (*deskpb.SessionSummary, error)
	TwoFactor(id desk.AgentID) (*deskpb.TwoFactorSecret, error)
}

// Accounts answers for what belongs to one agent alone.
type Accounts interface {
	Preferences(id desk.AgentID) (*deskpb.AgentPreferences, error)
	Sessions(id desk.AgentID) ([]*deskpb.SessionSummary, error)
	// Availability is when and why one came and went, the newest first: from a position on, 0 for the newest. next is where the next
	// page begins, 0 on the last one.
	Availability(id desk.AgentID, from desk.Position, limit int) (all []*deskpb.AvailabilityEntry, next desk.Position, err error)
	Drafts(id desk.AgentID, limit int) ([]*deskpb.DraftSummary, error)
	// DraftsIn gives what an agent is writing in one conversation.
	DraftsIn(id desk.AgentID, conversation desk.ConversationID) ([]*deskpb.DraftSummary, error)
}

// Vault seals secrets before they are journaled.
type Vault interface {
	Seal(plain []byte) ([]byte, error)
	Open(sealed []byte) ([]byte, error)
}

// ChannelRows answers for the list of channels.
type ChannelRows interface {
	Channel(id desk.ChannelID) (desk.Channel, error)
	Channels() ([]desk.Channel, error)
	Quarantine(ch desk.ChannelID, limit int) ([]*deskpb.QuarantinedItem, error)
	ChannelByAddress(kind desk.ChannelKind, address string) (desk.ChannelID, error)
}

// Search finds conversations by what was said in them. What it gives passed desk.MaySee of the query's viewer.
type Search interface {
	Search(ctx context.Context, q desk.SearchQuery) (desk.SearchPage, error)
	Suggest(ctx context.Context, text string, v *desk.Viewer, limit int) ([]desk.Suggestion, error)
}

// Reports count what happens.
type Reports interface {
	Now(now time.Time) desk.ReportNow
	Report(q desk.ReportQuery) (desk.Report, error)
}

// Blobs keeps attachments by the SHA-256 of their content.
type Blobs interface {
	// Put stores what r holds, up to limit bytes.
	Put(ctx context.Context, r io.Reader, limit int64) (hash string, size int64, err error)
	// Open reads a blob; fs.ErrNotExist when it is not there.
	Open(ctx context.Context, hash string) (io.ReadSeekCloser, int64, error)
}
