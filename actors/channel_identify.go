package actors

import (
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
	"github.com/centralita/centralita/proto/deskpb"
)

func checkIdentified(item desk.Inbound) error {
	i := item.Identified
	switch {
	case item.ExternalID == "" || len(item.ExternalID) > maxExternalID:
		return desk.Refuse(desk.Invalid, "external_id", "must be 1 to %d bytes", maxExternalID)
	case i.From == "" || i.Thread == "" || i.From == i.Thread:
		return desk.Refuse(desk.Invalid, "identified", "name the thread there was and the person's")
	case i.Person == nil || i.Person.Identity.GetValue() == "" || len(i.Person.Identity.GetValue()) > 512:
		return desk.Refuse(desk.Invalid, "identified.person", "a person needs an identity, at most 512 bytes")
	}
	return nil
}

// identify gives the conversation of a visitor who proved who they are to that person. Had they one already, the two become one: the
// one that is open goes on, the other is shown before it. Asked again it finishes what broke off.
func (ch *channel) identify(d *delivery) {
	i := d.item.Identified
	if same := ch.inFlight[d.item.ExternalID]; same != nil {
		same.results = append(same.results, d.results...)
		same.credits += d.cost()
		return
	}
	var from, had desk.Ticket
	d.err = ch.sys.index.Together(func(x *persistence.Index) (err error) {
		if from, err = ch.ticketBehind(x, i.From); err != nil {
			return err
		}
		if had, err = ch.ticketBehind(x, i.Thread); err != nil {
			return err
		}
		d.sender, err = ch.verified(x, i.Person)
		return err
	})
	if d.err != nil || from == nil || from.Spam || from.Thread != i.From && from.Thread != i.Thread || from.MergedInto != had.GetConversation() && from.MergedInto != "" {
		ch.finish(d) // they said nothing yet, or it is not theirs to take along
		return
	}
	stays, goes := from, had
	switch {
	case had == nil || had.Conversation == from.Conversation || had.Spam:
		goes = nil
	case from.Status == deskpb.TicketStatus_TICKET_STATUS_CLOSED || from.MergedInto == had.Conversation:
		stays, goes = had, from
	}
	who := &deskpb.VisitorIdentified{
		From: i.From, Thread: i.Thread, Contact: string(d.sender.id), ContactName: nameOr(d.sender.name, desk.Anonymous(d.sender.identity)),
		Email: i.Person.Email, Earlier: goes.GetConversation(),
	}
	d.conv, d.opens = desk.ConversationID(stays.Conversation), true
	d.keys = []string{persistence.ThreadIDKey(i.Thread)}
	ch.claims[d.keys[0]] = &claim{conv: d.conv, count: 1} // what comes behind this goes there
	ch.inFlight[d.item.ExternalID] = d
	ch.ensure(d)
	identify := deskpb.NewCommand(&deskpb.IdentifyVisitor{Who: who})
	if goes == nil {
		ch.tellThen(d, d.conv.Stream(), identify, nil)
		return
	}
	d.left++ // the last of the three
	ch.tellThen(d, d.conv.Stream(), identify, func() { ch.unite(d, stays, goes) })
}

// unite merges what a person said before into the conversation that stays theirs.
func (ch *channel) unite(d *delivery, stays, goes desk.Ticket) {
	ch.tellThen(d, desk.ConversationID(goes.Conversation).Stream(), deskpb.NewCommand(&deskpb.MergeConversation{
		Into: stays.Conversation, IntoNumber: stays.Number, IntoSubject: stays.Subject, SameVisitor: true,
	}), func() {
		ch.tell(d, d.conv.Stream(), deskpb.NewCommand(&deskpb.TakeInConversation{
			Conversation: goes.Conversation, Number: goes.Number, Subject: goes.Subject, ContactName: goes.ContactName, WaitingSinceMs: goes.WaitingSinceMs, Sides: goes.Sides,
		}), false)
	})
}

// ticketBehind is the ticket of a thread; nil: nothing was said by it. What is on its way in is waited for by who asks again.
func (ch *channel) ticketBehind(x *persistence.Index, thread string) (desk.Ticket, error) {
	conv, err := ch.thread(x, persistence.ThreadIDKey(thread))
	if err != nil || conv == "" {
		return nil, err
	}
	row, err := x.Ticket(conv)
	switch {
	case err != nil:
		return nil, err
	case row == nil:
		return nil, desk.Refuse(desk.Unavailable, "", "what the visitor said is not durable yet: ask again")
	case row.Purged:
		return nil, nil
	}
	return row, nil
}

// senderOf finds or derives the contact who wrote a message.
func (ch *channel) senderOf(x *persistence.Index, m *desk.InboundMessage) (sender, error) {
	if m.Verified != nil {
		return ch.verified(x, m.Verified)
	}
	return ch.sender(x, m.Identity, m.Name)
}

// verified finds the contact somebody proved to be: by the address, as by mail, else by the channel's id of them. They are known by
// both from then on; an id that is another contact's stays that one's.
func (ch *channel) verified(x *persistence.Index, v *desk.Verified) (sender, error) {
	known, err := x.ContactByIdentity(v.Identity)
	if err != nil {
		return sender{}, err
	}
	if v.Email == "" {
		return ch.sender(x, v.Identity, v.Name)
	}
	address := &deskpb.Identity{Kind: deskpb.IdentityKind_IDENTITY_KIND_EMAIL, Value: v.Email}
	byMail, err := x.ContactByIdentity(address)
	if err != nil {
		return sender{}, err
	}
	if byMail == "" && known != "" { // who came without an address before
		s, err := ch.sender(x, v.Identity, v.Name)
		s.also = address
		return s, err
	}
	s, err := ch.sender(x, address, v.Name)
	if known == "" {
		s.also = v.Identity
	}
	return s, err
}

// ensure makes the contact of a delivery, and notes by what else they are known.
func (ch *channel) ensure(d *delivery) {
	ensure := deskpb.NewCommand(&deskpb.EnsureContact{Identity: d.sender.identity, Name: d.sender.written})
	add := deskpb.NewCommand(&deskpb.AddContactIdentity{Identity: d.sender.also})
	switch {
	case d.sender.isNew && d.sender.also != nil:
		ch.tellThen(d, d.sender.id.Stream(), ensure, func() { ch.tell(d, d.sender.id.Stream(), add, false) })
		d.left++ // the second of the two
	case d.sender.isNew:
		d.left++
		ch.tell(d, d.sender.id.Stream(), ensure, false)
	case d.sender.also != nil:
		ch.tellThen(d, d.sender.id.Stream(), add, nil)
	}
}
