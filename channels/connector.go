// Package channels is the outside: what a connector is, what it may ask of the engine, and how it says that something
// went wrong. One package per kind of channel lives below it; kinds do not know each other, nor the actors.
//
// # Writing a channel
//
// Implement Connector (two methods), make a Kind of it, and hand it to the engine (centralita.Options.Connectors). The
// engine supervises Run: when it returns an error or panics it is started again after a growing, jittered, capped
// delay, from the last cursor that was saved. Run channeltest.Run over it.
package channels

import (
	"context"
	"encoding/json"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"time"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// Connector speaks a channel kind's protocol for one channel. Run and Send are called concurrently.
type Connector interface {
	// Run receives until ctx ends or it fails. It hands everything over with Intake.Deliver and acknowledges outside
	// (cursor, HTTP 200, LMTP 250) only what was answered with nil. It returns nil only when ctx ended. Everything it
	// started has ended when it returns.
	Run(ctx context.Context, in Intake) error
	// Send makes one attempt. The error says what is known of the outcome: see Error. It must not retry by itself. An
	// external id together with a Permanent error means: sent, but not to every recipient; the reason says to whom not.
	Send(ctx context.Context, out desk.Outbound) (externalID string, err error)
}

// Intake is what a connector may ask of its channel while it runs. Its methods may be called from any goroutine.
type Intake interface {
	// Deliver hands over one item. It blocks while the channel has no credit left (many may be in flight). The
	// channel returned receives exactly one value: nil when the item is durable or was known before; an error when
	// it was not taken, and then it must be delivered again later. Items are taken in the order of the calls.
	Deliver(ctx context.Context, item desk.Inbound) <-chan error
	// Quarantine sets an item aside that cannot become a message. nil: it is durable, the connector may go on.
	Quarantine(ctx context.Context, item desk.Quarantined) error
	// Cursor is the last cursor saved, "" at first.
	Cursor() string
	// SaveCursor makes a cursor durable. The connector promises that everything before it was answered with nil or
	// is in quarantine.
	SaveCursor(ctx context.Context, cursor string) error
	// Report tells what the connector is doing, for the health page. It never blocks.
	Report(Status)
}

// Status is what a connector is doing now. Phase is one word: connecting, authenticating, catching-up, idling, polling,
// listening. Lag is how many items wait outside, -1 if unknown. Warning is what does not work although items come in, in words for
// administrators. Seen is from where the channel was used last, such as a website with the chat on it, and when; "": nothing is new.
type Status struct {
	Phase   string
	Lag     int
	Warning string
	Seen    string
	SeenAt  time.Time
}

// Env is what a connector is made with.
type Env struct {
	Channel desk.ChannelID
	Name    string // the channel's name, shown to contacts
	Address string
	// Connected is when the channel was made: what came before is none of ours, what came since is, however late the
	// connector starts. Zero: the channel is not saved yet, or older than this was written down.
	Connected time.Time
	Config    json.RawMessage // the kind's configuration
	Secrets   json.RawMessage // the kind's secrets; never logged
	Blobs     Blobs
	Threads   Threads
	Logger    *slog.Logger
	// AnswerMax is how long a server may take to answer before it counts as gone; 0: as long as the kind gives it.
	AnswerMax time.Duration
	// MailDomain is the domain for which the engine takes mail itself (see MailReceiver); "" when it takes none.
	MailDomain string
	// Keys are the installation's for what a channel signs and knows again: the one in use first, then older ones, which only
	// verify. None when the program has none.
	Keys [][]byte
	// Count tells the operator's measures what became of an item that is not handed over: sighting (one's own came back), forged
	// (it bears a signature of ours that is wrong). nil: nobody is told.
	Count func(what string)
	// Link gives an address from which anybody who has it may fetch a file until a moment, the same one each time; nil: this
	// desk has no address on the web.
	Link func(file *deskpb.Attachment, until time.Time) string
	// Around tells about the desk at the moment: hours, who is there, who somebody is.
	Around Around
	// Earlier gives what was said in a conversation before a reply, oldest first. nil: nobody knows.
	Earlier func(ctx context.Context, conv desk.ConversationID, reply desk.MessageID) ([]Said, error)
	// SaveSecrets makes changed secrets durable (a token that was renewed); the connector goes on. nil: the channel is not
	// saved yet.
	SaveSecrets func(ctx context.Context, secrets json.RawMessage) error
}

// Kind is a kind of channel: how its connectors are made and its configuration is checked.
type Kind struct {
	Kind desk.ChannelKind
	Name string // "email", "chat", …; for custom kinds the registered name
	// New makes a connector. It does no I/O. A configuration that cannot work is a *desk.Error with its Field.
	New func(Env) (Connector, error)
	// ReplyKeys gives the thread keys an answer to this reply will carry, before it is sent; the first one is the
	// reply's own. nil when the protocol has none.
	ReplyKeys func(Reply) []string
	// Identify checks the configuration and gives the address by which the channel is known outside (unique in
	// its kind), joining all faults. It does no I/O.
	Identify func(config, secrets json.RawMessage) (address string, err error)
	// MailKey is the part before the @ under which the engine takes mail for a channel of this configuration, unique
	// among all channels; "" when it takes none. nil: the kind has no use for it. It does no I/O.
	MailKey func(config json.RawMessage) string
	// Acknowledger reads from a configuration what answers a message by machine, at once; nil, or giving nil: nothing does.
	Acknowledger func(config json.RawMessage) func(Received) *Acknowledgement
	// Bot talks with who writes before people do. nil, or giving nil: nobody does.
	Bot BotOf
	// Hours reads from a configuration the working hours outside which nobody is given the channel's tickets; nil, or giving the zero
	// ones: they are given at any hour. It does no I/O.
	Hours func(config json.RawMessage) OpenHours
	// After reads from a configuration what happens when whoever wrote has left; nil: nothing. public is how browsers reach the channel,
	// "" for not at all, and keys are the installation's (Env.Keys). It does no I/O.
	After func(channel desk.ChannelID, name, public string, config json.RawMessage, keys [][]byte) After
	// SendsFrom reads from a configuration the address that replies leave from; nil: they have none. It does no I/O.
	SendsFrom func(config json.RawMessage) string
	// Paces reads from a configuration how much may come at once before what follows from it waits; what it does not say is as usual.
	// nil: it never says anything. It does no I/O.
	Paces func(config json.RawMessage, usual desk.PaceLimits) desk.PaceLimits
	// RotateSecret makes another secret that an outside program signs with for this channel, and gives all of the kind's secrets as they
	// are then: the one before holds on for a while. nil: the kind has none that the desk makes.
	RotateSecret func(secrets json.RawMessage, keep time.Duration, now time.Time) (changed json.RawMessage, made string, err error)
	// SecretsMade tells of those that hold, the one in use first, without giving them away.
	SecretsMade func(secrets json.RawMessage, now time.Time) []desk.MadeSecret
	// Preview shows how a reply of an agent looks when it leaves, made by the code that sends it. nil: it cannot be shown.
	Preview func(name string, config json.RawMessage, agent string) (*desk.SendingPreview, error)
}

// OpenHours are working hours of the desk and the holidays in them, by their ids. Field is where the configuration names them.
type OpenHours struct{ Hours, Holidays, Field string }

// Said is a message of a conversation.
type Said struct {
	Name, Address string // of who wrote; ours have no address
	At            time.Time
	Body          *deskpb.Body
}

// Received is a message that a machine may answer.
type Received struct {
	From                 string // the address that an answer would go to
	Subject, ContactName string
	// Hours says whether it is now within the working hours of this id, and when that changes; nil: nobody knows.
	Hours func(hours, holidays string) (open bool, next time.Time)
}

// Acknowledgement is a machine's answer to a message.
type Acknowledgement struct {
	Subject, Text string
	Later         bool // not only to the message that opens a conversation
}

// Reply is a reply that is about to be asked for.
type Reply struct {
	Channel      desk.ChannelID
	Address      string // the channel's
	Conversation desk.ConversationID
	Message      desk.MessageID
	Keys         [][]byte // Env.Keys
}

// Blobs keeps attachments and raw items by the SHA-256 of their content.
type Blobs interface {
	// Put stores what r holds, up to limit bytes (more is ErrTooLarge), and returns its lower-case hex SHA-256 and size.
	// When it returns the blob is durable.
	Put(ctx context.Context, r io.Reader, limit int64) (hash string, size int64, err error)
	// Open reads a blob. fs.ErrNotExist when it is not there.
	Open(ctx context.Context, hash string) (io.ReadSeekCloser, int64, error)
}

// Threads lets a connector whose other side reads from us (web chat) read a conversation by its thread id.
type Threads interface {
	// Open gives the conversation that a thread leads to now. A thread without one yet has an empty one.
	Open(thread string) Thread
	// Agents says how many of those this channel's rules would route to are available now, and when the schedule of one of them says
	// so next (zero: none does).
	Agents(ctx context.Context) (available int, back time.Time, err error)
	// Place says where the thread's ticket stands in the waiting line now; the zero place when it does not.
	Place(ctx context.Context, thread string) (desk.LinePlace, error)
	// Typing passes an ephemeral typing sign to whoever looks at the conversation; it may be lost.
	Typing(thread string, on bool)
	// OnTyping registers for typing signs of agents in the thread until ctx ends; f must not block.
	OnTyping(ctx context.Context, thread string, f func(agentName string, on bool))
}

// Thread is a conversation as a connector reads it. Records hold everything; the connector shows only what its side may see.
type Thread interface {
	// Earlier yields what the same person had said before, in conversations that were merged into this one, as it was then.
	Earlier(ctx context.Context) iter.Seq2[desk.Record, error]
	// History yields the records after a version, as far as there are any.
	History(ctx context.Context, after uint64) iter.Seq2[desk.Record, error]
	// OnNews calls f when the conversation has grown, until ctx ends. f must not block: it lets somebody else read the History on. Who
	// registers first and reads then misses nothing, and no goroutine waits where nothing happens.
	OnNews(ctx context.Context, f func())
}

// Routed is implemented by connectors that take HTTP requests (webhooks, widgets). The engine mounts the handler at
// /channels/<channel id>/ and strips that prefix. It is asked once per start of the connector, and answers 503 while
// the connector is down.
type Routed interface {
	Handler() http.Handler
}

// MailReceiver is implemented by connectors that take mail from the engine's own listener (SMTP, LMTP), which belongs to
// all channels: Kind.MailKey says whose an address is. While the connector is down the sender is told to come again.
type MailReceiver interface {
	// ReceiveMail takes one mail and returns when it is settled: nil means that it is durable as an item or in quarantine,
	// or known already, and the sender is told so. With an error the sender keeps it and comes again.
	ReceiveMail(ctx context.Context, m Mail) error
}

// Mail is a mail as the listener took it: its bytes are durable.
type Mail struct {
	Digest string // lower-case hex SHA-256 of what came over the wire: the same when the mail comes again
	Blob   string // what came, below the trace fields of the listener
	Size   int64
	To     string // the recipient by which it came to this channel, as the sender named it
}

// Checker is implemented by connectors that can test their connectivity: log in, list, log out. All faults are joined. What
// takes time goes through Step, so that a screen can show how far it is.
type Checker interface {
	Check(ctx context.Context) error
}

// Replayer is implemented by connectors that can read an item again that was set aside: from the raw bytes that were kept, or,
// when there is no RawBlob, by asking for it again (ErrNotKept when that cannot be).
type Replayer interface {
	// Replay gives the item as Deliver takes it, with the external id it would have had at first; or, set aside again, with
	// its new cause; or neither, when there is nothing to take in. An error means that it cannot be told now. It changes
	// nothing outside.
	Replay(ctx context.Context, item desk.Quarantined) (in *desk.Inbound, aside *desk.Quarantined, err error)
}

// Refetcher is implemented by a Replayer that can ask for items again which were not kept.
type Refetcher interface {
	// CanReplay tells of an item without RawBlob whether Replay can ask for it. It does no I/O.
	CanReplay(item desk.Quarantined) bool
}

// Foldered is implemented by connectors whose outside keeps items in folders, of which one is watched.
type Foldered interface {
	Folders(ctx context.Context) ([]desk.MailFolder, error)
}

// Importer is implemented by connectors whose outside keeps what came before the channel was connected.
type Importer interface {
	// CountPast says how many items an import would read, folder by folder.
	CountPast(ctx context.Context, q desk.PastQuery) ([]desk.PastFolder, error)
	// Import hands over what came, in the order of time, from where the progress stands until all of it is settled (nil), ctx
	// ends or it fails; then it is called again later. It changes nothing outside. It runs beside Run, on the same connector.
	Import(ctx context.Context, q desk.PastQuery, in PastIntake) error
}

// PastIntake is what a connector may ask of its channel while it imports.
type PastIntake interface {
	// Take hands over one item, whose Message has its Past, and returns when it is durable; known: the desk had it already. It waits
	// while the channel is busy with what comes now. A refusal (*desk.Error, but Unavailable) is about the item.
	Take(ctx context.Context, item desk.Inbound) (known bool, err error)
	// Quarantine sets an item aside that cannot become a message.
	Quarantine(ctx context.Context, item desk.Quarantined) error
	// Progress is the one saved last; its cursor is "" at first.
	Progress() *deskpb.ImportMoved
	// Move makes progress durable: everything up to its cursor is settled.
	Move(ctx context.Context, p *deskpb.ImportMoved) error
}

// Finder is implemented by connectors that can find out whether an attempt of unknown outcome arrived.
type Finder interface {
	// Find reports whether the message was sent. An error means it still cannot be known.
	Find(ctx context.Context, out desk.Outbound) (sent bool, externalID string, err error)
}
