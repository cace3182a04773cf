package actors

import (
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
	"github.com/centralita/centralita/proto/deskpb"
)

// What a channel remembers of whom and what it met lately, so that it need not ask the index about each message of a
// thread: a thread key and an identity belong for ever to the first who claimed them.
const (
	threadsKept = 8192
	peopleKept  = 8192
)

type identity struct {
	kind  deskpb.IdentityKind
	value string
}

// sender is who wrote a message.
type sender struct {
	id    desk.ContactID
	name  string // "" until a conversation must be opened with it
	isNew bool   // must be made, or has no name yet and now gets one
	// blocked: what they write is kept as spam.
	blocked  bool
	bounced  bool // nobody was there, a server said
	identity *deskpb.Identity
	written  string           // the name, as the message has it
	agent    desk.AgentID     // of a follower
	also     *deskpb.Identity // by which they are known from now on, too
}

// person is what is remembered of somebody who has a name.
type person struct {
	id      desk.ContactID
	blocked bool
}

// resolve finds out who wrote a message and which conversation it belongs to.
func (ch *channel) resolve(x *persistence.Index, d *delivery) (err error) {
	m := d.item.Message
	if d.sender, err = ch.senderOf(x, m); err != nil {
		return err
	}
	if err = ch.copied(x, d); err != nil {
		return err
	}
	if m.Past != nil && m.Past.Sent {
		if d.writer.agent, d.writer.name, err = ch.agentOf(x, m.From.GetAddress()); err != nil {
			return err
		}
	}
	if d.conv, d.opens, err = ch.conversation(x, d); err != nil || !d.opens {
		return err
	}
	if err := ch.passedOn(x, d); err != nil {
		return err
	}
	return ch.name(x, d)
}

// sender finds or derives the contact of a message.
func (ch *channel) sender(x *persistence.Index, who *deskpb.Identity, written string) (sender, error) {
	s := sender{identity: who, written: written}
	key := identity{who.GetKind(), who.GetValue()}
	if p, known := ch.people.Get(key); known {
		s.id, s.blocked = p.id, p.blocked
		return s, nil
	}
	id, err := x.ContactByIdentity(who)
	if err != nil {
		return s, err
	}
	name := nameOr(written, desk.Anonymous(who))
	if id == "" {
		s.id, s.name, s.isNew = desk.ContactIDFor(int32(key.kind), key.value), name, true
		return s, nil
	}
	s.id = id
	row, err := x.Contact(id)
	if err != nil || row == nil {
		s.name, s.isNew = name, true
		return s, err
	}
	s.blocked = row.Blocked
	if row.Name == "" {
		s.name, s.isNew = name, written != ""
		return s, nil
	}
	if _, bounced := row.Undeliverable[key.value]; bounced {
		s.name, s.bounced = row.Name, true // until it is over, he is not remembered
		return s, nil
	}
	ch.people.Put(key, person{id: id, blocked: row.Blocked})
	s.name = row.Name
	return s, nil
}

// name makes sure that the sender's name is known as it is now.
func (ch *channel) name(x *persistence.Index, d *delivery) error {
	if d.sender.name != "" {
		return nil
	}
	row, err := x.Contact(d.sender.id)
	if err != nil {
		return err
	}
	d.sender.name = nameOr(row.GetName(), nameOr(d.sender.written, desk.Anonymous(d.sender.identity)))
	return nil
}

func nameOr(name, other string) string {
	if name == "" {
		return other
	}
	return name
}

// conversation resolves the thread: a key in flight, a key in the index, else a conversation of its own whose id follows
// from the item. Every key the item carries is claimed for it; the first claim of a key wins.
func (ch *channel) conversation(x *persistence.Index, d *delivery) (conv desk.ConversationID, opens bool, err error) {
	m := d.item.Message
	d.keys = m.ThreadKeys
	own := "item/" + d.item.ExternalID
	if m.Thread != "" {
		d.keys = []string{"thread:" + m.Thread}
		own = "thread/" + m.Thread
	}
	if conv, err = ch.byKeys(x, d); err != nil {
		return "", false, err
	}
	if conv == "" && m.BySubject {
		if conv, err = ch.bySubject(x, d); err != nil {
			return "", false, err
		}
	}
	if conv == "" {
		conv, opens = desk.ConversationIDFor(ch.id, own), true
	}
	for _, k := range d.keys {
		c := ch.claims[k]
		if c == nil {
			c = &claim{conv: conv}
			ch.claims[k] = c
		}
		c.count++
	}
	return conv, opens, nil
}

// thread finds the conversation of a thread key, "" if there is none.
func (ch *channel) thread(x *persistence.Index, key string) (desk.ConversationID, error) {
	if c := ch.claims[key]; c != nil {
		return c.conv, nil
	}
	if conv, known := ch.threads.Get(key); known {
		return conv, nil
	}
	conv, err := x.Thread(ch.id, key)
	if conv != "" {
		ch.threads.Put(key, conv)
	}
	return conv, err
}

// remember notes the keys of a conversation that was opened: nobody had claimed them before.
func (ch *channel) remember(d *delivery) {
	for _, k := range d.keys {
		ch.threads.Put(k, d.conv)
	}
}
