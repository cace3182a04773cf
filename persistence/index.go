package persistence

import (
	"bytes"
	"fmt"

	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// Reader reads one consistent state of the index's keys.
type Reader interface {
	// Get gives a key's value; nil when it is not there. The value is the caller's.
	Get(key []byte) ([]byte, error)
	// Scan yields keys with the prefix, ascending, from (inclusive) `from` when it is not nil, until f returns false.
	// Key and value are valid only during the call. f must not scan or write.
	Scan(prefix, from []byte, f func(key, value []byte) (bool, error)) error
}

// Tx is the index inside the writer's transaction: it sees its own writes.
type Tx interface {
	// Get gives a key's value, nil when it is not there. It is valid until the transaction ends and not changed.
	Get(key []byte) ([]byte, error)
	// Set keeps a value, which may be empty. Key and value are handed over.
	Set(key, value []byte) error
	// Delete removes a key, which need not be there. The key is handed over.
	Delete(key []byte) error
}

// Index answers the engine's questions from the projection. It can be thrown away and rebuilt from the journal.
// Rows that are not there are nil (or "") with a nil error. What it returns is the caller's. Its methods may be called
// from any goroutine, each sees one consistent state, and none holds a state while the caller works on the answer.
type Index struct {
	view func(func(Reader) error) error
}

// NewIndex makes the queries over a store's keys. view runs f over one consistent state.
func NewIndex(view func(f func(Reader) error) error) *Index { return &Index{view: view} }

// Together gives f an index whose answers are all of one consistent state, which is held until f returns; f must not keep
// it. Several questions in one state cost less than one by one.
func (x *Index) Together(f func(*Index) error) error {
	return x.view(func(r Reader) error {
		return f(NewIndex(func(g func(Reader) error) error { return g(r) }))
	})
}

// View runs f over the keys themselves, in one consistent state: for who wraps an index.
func (x *Index) View(f func(Reader) error) error { return x.view(f) }

// value reads one key.
func (x *Index) value(k []byte) (v []byte, err error) {
	err = x.view(func(r Reader) error {
		v, err = r.Get(k)
		return err
	})
	return v, err
}

func (x *Index) text(k []byte) (string, error) {
	v, err := x.value(k)
	return string(v), err
}

// row reads a row; nil when it is not there.
func row[T any, P interface {
	*T
	proto.Message
}](x *Index, k []byte) (m P, err error) {
	err = x.view(func(r Reader) error {
		m, err = readRow[T, P](r, k)
		return err
	})
	return m, err
}

func readRow[T any, P interface {
	*T
	proto.Message
}](r Reader, k []byte) (P, error) {
	v, err := r.Get(k)
	if err != nil || v == nil {
		return nil, err
	}
	m := P(new(T))
	return m, decodeRow(v, m)
}

// rows reads the rows under a prefix, at most limit of them (0: all).
func rows[T any, P interface {
	*T
	proto.Message
}](x *Index, prefix []byte, limit int) (all []P, err error) {
	err = x.view(func(r Reader) error {
		return r.Scan(prefix, nil, func(_, v []byte) (bool, error) {
			m := P(new(T))
			if err := decodeRow(v, m); err != nil {
				return false, err
			}
			all = append(all, m)
			return limit <= 0 || len(all) < limit, nil
		})
	})
	return all, err
}

// Contact gives a contact's row.
func (x *Index) Contact(id desk.ContactID) (desk.Contact, error) {
	return row[deskpb.ContactSummary](x, rowKey(kindContact, string(id)))
}

// ContactByIdentity finds who first claimed an identity.
func (x *Index) ContactByIdentity(i *deskpb.Identity) (desk.ContactID, error) {
	id, err := x.text(identityKey(i))
	return desk.ContactID(id), err
}

// Thread finds the conversation that first claimed a thread key on a channel; that of a person's thread may be another later. A connector's own thread id is found by
// ThreadIDKey.
func (x *Index) Thread(ch desk.ChannelID, key string) (desk.ConversationID, error) {
	id, err := x.text(inChannel(kindThread, string(ch), key))
	return desk.ConversationID(id), err
}

// MessageByExternal finds the last message (either direction) with this id of the provider on a channel.
func (x *Index) MessageByExternal(ch desk.ChannelID, externalID string) (desk.ConversationID, desk.MessageID, error) {
	v, err := x.value(inChannel(kindExternal, string(ch), externalID))
	conversation, message, _ := bytes.Cut(v, []byte{0})
	return desk.ConversationID(conversation), desk.MessageID(message), err
}

// Outbox gives the unsettled replies of a channel in the order of their requests: queued, sending and unknown. A limit
// of 0 means all.
func (x *Index) Outbox(ch desk.ChannelID, limit int) ([]*deskpb.OutboxItem, error) {
	return rows[deskpb.OutboxItem](x, newKey(kindOutbox, len(ch)+1).id(string(ch)), limit)
}

// OutboxItem gives the row of one reply that is not settled.
func (x *Index) OutboxItem(conversation desk.ConversationID, message desk.MessageID) (item *deskpb.OutboxItem, err error) {
	err = x.view(func(r Reader) error {
		v, err := r.Get(replyKey(string(conversation), string(message)))
		if err != nil || len(v) < 16 {
			return err
		}
		asked := outboxItem(string(conversation), string(message), v)
		item, err = readRow[deskpb.OutboxItem](r, outboxKey(asked.Channel, asked.Position))
		return err
	})
	return item, err
}

// Agent gives an agent's row.
func (x *Index) Agent(id desk.AgentID) (desk.Agent, error) {
	return row[deskpb.AgentSummary](x, rowKey(kindAgent, string(id)))
}

// Agents gives all agents, by id, deactivated ones included.
func (x *Index) Agents() ([]desk.Agent, error) {
	return rows[deskpb.AgentSummary](x, newKey(kindAgent, 0), 0)
}

// AgentByEmail finds an agent by the address they sign in with, in lower case.
func (x *Index) AgentByEmail(email string) (desk.AgentID, error) {
	id, err := x.text(textKey(kindEmail, email))
	return desk.AgentID(id), err
}

// PasswordHash gives the PHC string of an agent's password, "" when none was set.
func (x *Index) PasswordHash(id desk.AgentID) (string, error) {
	return x.text(rowKey(kindPassword, string(id)))
}

// Team gives a team's row.
func (x *Index) Team(id desk.TeamID) (desk.Team, error) {
	return row[deskpb.TeamSummary](x, rowKey(kindTeam, string(id)))
}

// Teams gives all teams, by id.
func (x *Index) Teams() ([]desk.Team, error) {
	return rows[deskpb.TeamSummary](x, newKey(kindTeam, 0), 0)
}

// Setting gives a setting's row, also when it was removed.
func (x *Index) Setting(id desk.SettingID) (desk.Setting, error) {
	return row[deskpb.SettingSummary](x, rowKey(kindSetting, string(id)))
}

// Settings gives all settings of a kind, by id, removed ones included.
func (x *Index) Settings(kind string) (all []desk.Setting, err error) {
	prefix := newKey(kindSettingOf, len(kind)+1).id(kind)
	err = x.view(func(r Reader) error {
		var ids []string
		if err := r.Scan(prefix, nil, func(k, _ []byte) (bool, error) {
			ids = append(ids, string(k[len(prefix):]))
			return true, nil
		}); err != nil {
			return err
		}
		for _, id := range ids {
			s, err := readRow[deskpb.SettingSummary](r, rowKey(kindSetting, id))
			if err != nil {
				return err
			}
			if s != nil {
				all = append(all, s)
			}
		}
		return nil
	})
	return all, err
}

// Channel gives a channel's row.
func (x *Index) Channel(id desk.ChannelID) (desk.Channel, error) {
	return row[deskpb.ChannelSummary](x, rowKey(kindChannel, string(id)))
}

// Channels gives all channels, by id.
func (x *Index) Channels() ([]desk.Channel, error) {
	return rows[deskpb.ChannelSummary](x, newKey(kindChannel, 0), 0)
}

// ChannelByAddress finds the channel that has an address of a kind.
func (x *Index) ChannelByAddress(kind desk.ChannelKind, address string) (desk.ChannelID, error) {
	id, err := x.text(addressKey(kind, address))
	return desk.ChannelID(id), err
}

// ChannelSecrets gives a channel's secrets, sealed.
func (x *Index) ChannelSecrets(id desk.ChannelID) ([]byte, error) {
	return x.value(rowKey(kindSecrets, string(id)))
}

// ChannelLastItem gives when the last message came through a channel, in ms; 0: none has.
func (x *Index) ChannelLastItem(id desk.ChannelID) (int64, error) {
	v, err := x.value(rowKey(kindLastItem, string(id)))
	return int64(numberOf(v)), err
}

// ChannelCursor gives the last cursor saved.
func (x *Index) ChannelCursor(id desk.ChannelID) (string, error) {
	return x.text(rowKey(kindCursor, string(id)))
}

// Quarantine gives the items a channel set aside, newest first. A limit of 0 means all.
func (x *Index) Quarantine(ch desk.ChannelID, limit int) ([]*deskpb.QuarantinedItem, error) {
	return rows[deskpb.QuarantinedItem](x, newKey(kindQuarantine, len(ch)+1).id(string(ch)), limit)
}

// QuarantinedItem gives one item that a channel set aside.
func (x *Index) QuarantinedItem(ch desk.ChannelID, item string) (q *deskpb.QuarantinedItem, err error) {
	err = x.view(func(r Reader) error {
		at, err := r.Get(inChannel(kindQuarantined, string(ch), item))
		if err != nil || at == nil {
			return err
		}
		q, err = readRow[deskpb.QuarantinedItem](r, newKey(kindQuarantine, len(ch)+9).id(string(ch)).number(^numberOf(at)))
		return err
	})
	return q, err
}

// Due gives the wake-ups whose time is not after untilMs, earliest first; a stream that wants several is named several
// times. A limit of 0 means all.
func (x *Index) Due(untilMs int64, limit int) (all []desk.Due, err error) {
	prefix := newKey(kindDue, 0)
	err = x.view(func(r Reader) error {
		return r.Scan(prefix, nil, func(k, _ []byte) (bool, error) {
			due, ok := dueOf(k[len(prefix):])
			if !ok {
				return false, fmt.Errorf("read due times: key %x is malformed", k)
			}
			if due.AtMs > untilMs {
				return false, nil
			}
			all = append(all, due)
			return limit <= 0 || len(all) < limit, nil
		})
	})
	return all, err
}

func dueOf(k []byte) (desk.Due, bool) {
	if len(k) < 8 {
		return desk.Due{}, false
	}
	parts := bytes.SplitN(k[8:], []byte{0}, 3)
	if len(parts) < 3 {
		return desk.Due{}, false
	}
	return desk.Due{AtMs: int64(numberOf(k)), Stream: desk.StreamID(parts[0]), Name: string(parts[1]), Ref: string(parts[2])}, true
}

// NextDue is the earliest wake-up; ok is false when there is none.
func (x *Index) NextDue() (due desk.Due, ok bool, err error) {
	const forEver = 1<<63 - 1
	all, err := x.Due(forEver, 1)
	if err != nil || len(all) == 0 {
		return desk.Due{}, false, err
	}
	return all[0], true, nil
}
