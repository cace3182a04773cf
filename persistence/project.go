package persistence

import (
	"fmt"

	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// ProjectionFormat is the number of today's projection. An index that was made by another one is rebuilt.
const ProjectionFormat = 11

// Project folds one record into the index. Records come in the order of their positions, each once.
func Project(tx Tx, r desk.Record) error {
	p := NewProjector(1)
	if err := p.Project(tx, r); err != nil {
		return err
	}
	return p.Flush(tx)
}

// Projector folds records into the index, a group at a time: a row that many records of the group touch is written once,
// and rows that are touched often are remembered decoded. What it writes depends on the records and their order only, never
// on how they were grouped. It is not safe for concurrent use.
type Projector struct {
	tickets  table[deskpb.TicketSummary, *deskpb.TicketSummary]
	contacts table[deskpb.ContactSummary, *deskpb.ContactSummary]
	agents   table[deskpb.AgentSummary, *deskpb.AgentSummary]
	channels table[deskpb.ChannelSummary, *deskpb.ChannelSummary]
	teams    table[deskpb.TeamSummary, *deskpb.TeamSummary]
	settings table[deskpb.SettingSummary, *deskpb.SettingSummary]
	sides    table[deskpb.SideSummary, *deskpb.SideSummary]

	stood    map[string]standing       // of the dirty tickets, where their stored rows stand
	counters map[string]*counter       // by key
	claimed  *Recent[string, struct{}] // thread keys that somebody has: most messages name one again
}

// NewProjector makes a projector that remembers at least this many tickets.
func NewProjector(remember int) *Projector {
	p := &Projector{stood: map[string]standing{}, counters: map[string]*counter{}, claimed: NewRecent[string, struct{}](2 * remember)}
	p.tickets.init(kindTicket, remember)
	p.contacts.init(kindContact, remember/4)
	p.agents.init(kindAgent, remember/4)
	p.channels.init(kindChannel, remember/16)
	p.teams.init(kindTeam, remember/16)
	p.settings.init(kindSetting, remember/16)
	p.sides.init(kindSide, remember/16)
	return p
}

// Project folds one record. Rows of nouns and counters are written by Flush, everything else now.
func (p *Projector) Project(tx Tx, r desk.Record) error {
	if r.Key != "" {
		if err := tx.Set(SeenKey(r.Key), numberValue(r.Position)); err != nil {
			return err
		}
	}
	var err error
	id := desk.StreamID(r.Stream).ID()
	switch desk.StreamID(r.Stream).Kind() {
	case desk.KindConversation:
		err = p.conversation(tx, id, r)
	case desk.KindSide:
		err = p.side(tx, id, r)
	case desk.KindContact:
		err = audit(tx, &p.contacts, id, r, func() error { return p.contact(tx, id, r) })
	case desk.KindAgent:
		err = audit(tx, &p.agents, id, r, func() error { return p.agent(tx, id, r) })
	case desk.KindChannel:
		err = audit(tx, &p.channels, id, r, func() error { return p.channel(tx, id, r) })
	case desk.KindTeam:
		err = audit(tx, &p.teams, id, r, func() error { return p.teams.fold(tx, id, r, desk.ProjectTeam) })
	case desk.KindDraft:
		err = draft(tx, r)
	case desk.KindSetting:
		err = audit(tx, &p.settings, id, r, func() error { return p.setting(tx, id, r) })
	}
	if err != nil {
		return fmt.Errorf("project position %d: %w", r.Position, err)
	}
	return nil
}

// Flush writes what the records since the last Flush changed. It must come before the transaction ends.
func (p *Projector) Flush(tx Tx) error {
	if err := p.flushTickets(tx); err != nil {
		return fmt.Errorf("project tickets: %w", err)
	}
	for _, flush := range []func(Tx) error{p.contacts.flush, p.agents.flush, p.channels.flush, p.teams.flush, p.settings.flush, p.sides.flush, p.flushCounters} {
		if err := flush(tx); err != nil {
			return fmt.Errorf("project rows: %w", err)
		}
	}
	return nil
}

// Reset forgets everything remembered: the transaction was lost.
func (p *Projector) Reset() {
	p.tickets.reset()
	p.contacts.reset()
	p.agents.reset()
	p.channels.reset()
	p.teams.reset()
	p.settings.reset()
	p.sides.reset()
	clear(p.stood)
	clear(p.counters)
	p.claimed.Clear()
}

func (p *Projector) contact(tx Tx, id string, r desk.Record) error {
	if err := p.contacts.fold(tx, id, r, desk.ProjectContact); err != nil {
		return err
	}
	switch e := r.Event.GetKind().(type) {
	case *deskpb.Event_ContactCreated:
		return claimIdentity(tx, e.ContactCreated.GetIdentity(), id)
	case *deskpb.Event_ContactIdentityAdded:
		return claimIdentity(tx, e.ContactIdentityAdded.GetIdentity(), id)
	}
	return nil
}

func claimIdentity(tx Tx, i *deskpb.Identity, contact string) error {
	if i.GetValue() == "" {
		return nil
	}
	return claim(tx, identityKey(i), []byte(contact))
}

// claim sets a key that nobody has: the first claim holds.
func claim(tx Tx, key, value []byte) error {
	v, err := tx.Get(key)
	if err != nil || v != nil {
		return err
	}
	return tx.Set(key, value)
}

// counter is a number of the index, written by Flush when it changed.
type counter struct{ now, stored uint64 }

func (p *Projector) counter(tx Tx, key []byte) (*counter, error) {
	if c := p.counters[string(key)]; c != nil {
		return c, nil
	}
	v, err := tx.Get(key)
	if err != nil {
		return nil, err
	}
	c := &counter{now: numberOf(v), stored: numberOf(v)}
	p.counters[string(key)] = c
	return c, nil
}

func (p *Projector) flushCounters(tx Tx) error {
	for k, c := range p.counters {
		if c.now == c.stored {
			continue
		}
		if err := setOrDelete(tx, []byte(k), c.now); err != nil {
			return err
		}
		c.stored = c.now
	}
	return nil
}

// setOrDelete keeps no row for 0, so that a number that went up and down again leaves nothing behind.
func setOrDelete(tx Tx, key []byte, n uint64) error {
	if n == 0 {
		return tx.Delete(key)
	}
	return tx.Set(key, numberValue(n))
}

// table is the rows of one noun: the ones changed since the last flush, and the ones used lately.
type table[T any, P interface {
	*T
	proto.Message
}] struct {
	kind   byte
	recent *Recent[string, P]
	dirty  map[string]P
}

func (t *table[T, P]) init(kind byte, remember int) {
	t.kind, t.recent, t.dirty = kind, NewRecent[string, P](remember), map[string]P{}
}

func (t *table[T, P]) reset() {
	t.recent.Clear()
	clear(t.dirty)
}

// get gives a row to be changed in place, nil when there is none.
func (t *table[T, P]) get(tx Tx, id string) (P, error) {
	if m, ok := t.dirty[id]; ok {
		return m, nil
	}
	if m, ok := t.recent.Get(id); ok {
		return m, nil
	}
	v, err := tx.Get(rowKey(t.kind, id))
	if err == nil && v != nil && t.kind == kindTicket {
		v, err = tx.Get(ticketRowKey(v, id))
	}
	if err != nil || v == nil {
		return nil, err
	}
	m := P(new(T))
	if err := proto.Unmarshal(v, m); err != nil {
		return nil, fmt.Errorf("decode row %q: %w", id, err)
	}
	return m, nil
}

// put takes a row that was changed.
func (t *table[T, P]) put(id string, m P) {
	t.dirty[id] = m
	t.recent.Put(id, m)
}

// fold changes a row by a record. The first record of a stream needs no look-up.
func (t *table[T, P]) fold(tx Tx, id string, r desk.Record, f func(P, desk.Record) P) error {
	var m P
	if r.Version > 1 {
		var err error
		if m, err = t.get(tx, id); err != nil {
			return err
		}
	}
	t.put(id, f(m, r))
	return nil
}

func (t *table[T, P]) flush(tx Tx) error {
	for id, m := range t.dirty {
		v, err := encodeRow(m)
		if err != nil {
			return err
		}
		if err := tx.Set(rowKey(t.kind, id), v); err != nil {
			return err
		}
	}
	clear(t.dirty)
	return nil
}

func encodeRow(m proto.Message) ([]byte, error) {
	v, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("encode row: %w", err)
	}
	return v, nil
}
