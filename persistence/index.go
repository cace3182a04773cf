package persistence

import (
	"errors"
	"iter"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// Reader reads one consistent state of the index's keys.
type Reader interface {
	// Get gives a key's value; nil when it is not there. The value is the caller's.
	Get(key []byte) ([]byte, error)
	// Scan yields keys with the prefix, ascending, from (inclusive) `from` when it is not nil, until f returns false.
	// Key and value are valid only during the call.
	Scan(prefix, from []byte, f func(key, value []byte) (bool, error)) error
}

// Tx is the index inside the writer's transaction: it sees its own writes.
type Tx interface {
	Get(key []byte) ([]byte, error)
	Set(key, value []byte) error
	Delete(key []byte) error
}

// Index answers the engine's questions from the projection. It can be thrown away and rebuilt from the journal.
// Rows that are not there are nil with a nil error.
type Index struct {
	view func(func(Reader) error) error
}

// NewIndex makes the queries over a store's keys. view runs f over one consistent state.
func NewIndex(view func(f func(Reader) error) error) *Index { return &Index{view: view} }

var errStub = errors.New("stub")

func (x *Index) Ticket(id desk.ConversationID) (desk.Ticket, error) { return nil, errStub }
func (x *Index) TicketByNumber(number uint64) (desk.Ticket, error)  { return nil, errStub }
func (x *Index) Tickets(q desk.TicketQuery) (desk.TicketPage, error) {
	return desk.TicketPage{}, errStub
}
func (x *Index) Counts() (desk.TicketCounts, error)  { return desk.TicketCounts{}, errStub }
func (x *Index) Line() iter.Seq2[desk.Ticket, error] { return nil } // every ticket in line, priority before age
func (x *Index) TicketsOfContact(c desk.ContactID, limit int) ([]desk.Ticket, error) {
	return nil, errStub
}

func (x *Index) Contact(id desk.ContactID) (desk.Contact, error)              { return nil, errStub }
func (x *Index) ContactByIdentity(i *deskpb.Identity) (desk.ContactID, error) { return "", errStub }
func (x *Index) Thread(ch desk.ChannelID, key string) (desk.ConversationID, error) {
	return "", errStub
}

// MessageByExternal finds a message (either direction) by the provider's id.
func (x *Index) MessageByExternal(ch desk.ChannelID, externalID string) (desk.ConversationID, desk.MessageID, error) {
	return "", "", errStub
}

// Outbox gives the unsettled replies of a channel in the order of their requests: queued, sending and unknown.
func (x *Index) Outbox(ch desk.ChannelID, limit int) ([]*deskpb.OutboxItem, error) {
	return nil, errStub
}

func (x *Index) Agent(id desk.AgentID) (desk.Agent, error)       { return nil, errStub }
func (x *Index) Agents() ([]desk.Agent, error)                   { return nil, errStub }
func (x *Index) AgentByEmail(email string) (desk.AgentID, error) { return "", errStub }
func (x *Index) PasswordHash(id desk.AgentID) (string, error)    { return "", errStub }
func (x *Index) Session(hash string) (*desk.Session, error)      { return nil, errStub }
func (x *Index) Team(id desk.TeamID) (desk.Team, error)          { return nil, errStub }
func (x *Index) Teams() ([]desk.Team, error)                     { return nil, errStub }
func (x *Index) Channel(id desk.ChannelID) (desk.Channel, error) { return nil, errStub }
func (x *Index) Channels() ([]desk.Channel, error)               { return nil, errStub }
func (x *Index) ChannelByAddress(kind desk.ChannelKind, address string) (desk.ChannelID, error) {
	return "", errStub
}
func (x *Index) ChannelSecrets(id desk.ChannelID) ([]byte, error) { return nil, errStub } // sealed
func (x *Index) ChannelCursor(id desk.ChannelID) (string, error)  { return "", errStub }
func (x *Index) Quarantine(ch desk.ChannelID, limit int) ([]*deskpb.QuarantinedItem, error) {
	return nil, errStub
}

// Due gives the wake-ups whose time is not after untilMs, earliest first.
func (x *Index) Due(untilMs int64, limit int) ([]desk.Due, error) { return nil, errStub }

// NextDue is the earliest wake-up; ok is false when there is none.
func (x *Index) NextDue() (due desk.Due, ok bool, err error) { return desk.Due{}, false, errStub }
