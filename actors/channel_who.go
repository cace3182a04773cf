package actors

import (
	"slices"
	"strings"
	"time"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
	"github.com/centralita/centralita/proto/deskpb"
)

// byKeys finds the conversation that the most trusted key names which is known; "" if none is. What else names that one is
// noted with it, once for each reason: it is what people are shown who ask why a message is where it is.
func (ch *channel) byKeys(x *persistence.Index, d *delivery) (conv desk.ConversationID, err error) {
	reasons := d.item.Message.KeyReasons
	for i, k := range d.keys {
		reason := ""
		if i < len(reasons) {
			reason = reasons[i]
		}
		if conv != "" && (reason == "" || slices.Contains(d.reasons, reason)) {
			continue
		}
		named, err := ch.thread(x, k)
		if err == nil && named.IsSide() {
			named, err = ch.aside(x, named)
		}
		switch {
		case err != nil:
			return "", err
		case named == "", conv != "" && named != conv:
			continue
		}
		conv = named
		if reason == "" {
			return conv, nil
		}
		d.reasons = append(d.reasons, reason)
	}
	return conv, nil
}

// aside is a side conversation, "" when its ticket was purged: what still comes for it is nobody's, and has a ticket of its own.
func (ch *channel) aside(x *persistence.Index, id desk.ConversationID) (desk.ConversationID, error) {
	side, err := x.Side(id)
	if err != nil || side == nil {
		return id, err
	}
	ticket, err := x.Ticket(desk.ConversationID(side.Conversation))
	if err != nil || ticket == nil || !ticket.Purged {
		return id, err
	}
	return "", nil
}

// recently: an older ticket is not meant by a subject alone.
const recently = 7 * 24 * time.Hour

// bySubject asks the subject which ticket is meant, when nothing else says it: the number of one in which the sender takes part, or,
// of an answer, the only open one of theirs that is about the same, and was active lately.
func (ch *channel) bySubject(x *persistence.Index, d *delivery) (desk.ConversationID, error) {
	number, plain, answer := desk.ReadSubject(d.item.Message.Subject)
	if number > 0 {
		row, err := x.TicketByNumber(number)
		if err != nil || row != nil && row.Channel == string(ch.id) && !row.Spam && row.Thread == "" {
			d.reasons, d.exactly = []string{"subject_number"}, true
			return desk.ConversationID(row.GetConversation()), err
		}
	}
	if !answer || !desk.Telling(plain) {
		return "", nil
	}
	const most = 100
	rows, err := x.TicketsOfContact(d.sender.id, most)
	if err != nil || len(rows) == most {
		return "", err
	}
	since, found := time.Now().Add(-recently).UnixMilli(), ""
	for _, row := range rows {
		_, other, _ := desk.ReadSubject(row.Subject)
		if row.Channel != string(ch.id) || row.UpdatedAtMs < since || other != plain || row.Spam || row.MergedInto != "" || row.Status == deskpb.TicketStatus_TICKET_STATUS_CLOSED {
			continue
		}
		if found != "" {
			return "", nil
		}
		found = row.Conversation
	}
	if found != "" {
		d.reasons = []string{"subject"}
	}
	return desk.ConversationID(found), nil
}

// passedOn makes the ticket that a message opens theirs who had written what a colleague passed on, if that may be believed: not a
// desk's own address, not an agent.
func (ch *channel) passedOn(x *persistence.Index, d *delivery) error {
	f := d.item.Message.Forward
	if f == nil || !f.Trusted {
		return nil
	}
	agent, name, err := ch.agentOf(x, d.item.Message.From.GetAddress())
	if err != nil || agent == "" && !f.Colleague {
		return err
	}
	address := strings.ToLower(f.From.GetAddress())
	other, _, err := ch.agentOf(x, address)
	if err != nil || other != "" {
		return err
	}
	ours, err := x.ChannelByAddress(deskpb.ChannelKind_CHANNEL_KIND_EMAIL, address)
	if err != nil || ours != "" {
		return err
	}
	s, err := ch.sender(x, &deskpb.Identity{Kind: deskpb.IdentityKind_IDENTITY_KIND_EMAIL, Value: address}, f.From.GetName())
	if err != nil {
		return err
	}
	d.follower = sender{agent: agent, name: name}
	d.sender, d.forwards = s, f.From
	return nil
}

// agentOf is the active agent with an address; "" if there is none.
func (ch *channel) agentOf(x *persistence.Index, address string) (desk.AgentID, string, error) {
	id, err := x.AgentByEmail(strings.ToLower(address))
	if err != nil || id == "" {
		return "", "", err
	}
	row, err := x.Agent(id)
	if err != nil || row == nil || row.Deactivated {
		return "", "", err
	}
	return id, row.Name, nil
}

// comment is the internal note with what a colleague wrote above what they passed on: it is not meant for who had written that.
func (ch *channel) comment(d *delivery) *deskpb.NoteAdded {
	f := d.item.Message.Forward
	if d.forwards == nil || f.Comment == "" {
		return nil
	}
	name := d.follower.name
	if name == "" {
		name = nameOr(d.item.Message.From.GetName(), d.item.Message.From.GetAddress())
	}
	return &deskpb.NoteAdded{
		Message: string(desk.MessageIDFor(ch.id, d.item.ExternalID+"/comment")), Agent: string(d.follower.agent), AgentName: name,
		Body: &deskpb.Body{Text: f.Comment},
	}
}

// longClosed: the conversation was closed so long ago that the message opens one that follows it.
func (ch *channel) longClosed(d *delivery) bool {
	after := d.item.Message.FollowUpAfter
	if after <= 0 || d.opens {
		return false
	}
	row, err := ch.sys.index.Ticket(d.conv)
	if err != nil || row == nil || row.ClosedAtMs == 0 {
		return false
	}
	return time.Since(time.UnixMilli(row.ClosedAtMs)) > after
}

// followUp gives a message to the conversation that follows one which was closed long ago. Its id follows from the other's, so that
// all that still comes for that one goes there. The old one is told first: a link to what is not there yet does no harm, and what
// broke off in between comes again.
func (ch *channel) followUp(d *delivery, refusal error) {
	old := d.conv
	d.hops++
	d.conv = desk.ConversationIDFor(ch.id, "follow-up/"+string(old))
	row, err := ch.sys.index.Ticket(old)
	if err == nil {
		err = ch.name(ch.sys.index, d)
	}
	if err != nil {
		d.err = err
		ch.finish(d)
		return
	}
	d.receive = ch.receiveCommand(d)
	d.receive.Opening.Follows, d.receive.Opening.FollowsNumber = string(old), row.GetNumber()
	d.receive.Message.Unconfirmed = desk.FromStranger(refusal)
	d.receive.ParticipantsOnly, d.receive.Exactly = false, false
	ch.acknowledge(d)
	ch.tellThen(d, old.Stream(), deskpb.NewCommand(&deskpb.LinkConversation{
		Conversation: string(d.conv), Subject: d.receive.Opening.Subject, Cause: desk.LinkFollowUp,
	}), func() {
		ch.tell(d, d.conv.Stream(), deskpb.NewCommand(d.receive), true)
	})
}

// twins are the conversations that the same mail made or joined by other channels of this kind.
func (ch *channel) twins(x *persistence.Index, d *delivery) (found []desk.ConversationID, err error) {
	if ch.row.Kind != deskpb.ChannelKind_CHANNEL_KIND_EMAIL || d.conv.IsSide() {
		return nil, nil
	}
	rows, err := x.Channels()
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		if row.Channel == string(ch.id) || row.Kind != ch.row.Kind {
			continue
		}
		conv, _, err := x.MessageByExternal(desk.ChannelID(row.Channel), d.item.ExternalID)
		if err != nil {
			return nil, err
		}
		if conv != "" && conv != d.conv && !conv.IsSide() {
			found = append(found, conv)
		}
	}
	return found, nil
}

// linkTwins links the conversation with those that got the same mail. It looks when the mail is durable here: of two channels that
// take it at the same time, the later one sees the other.
func (ch *channel) linkTwins(d *delivery) {
	twins, err := ch.twins(ch.sys.index, d)
	if err != nil {
		ch.sys.log.Warn("look for the same mail in other channels", "channel", string(ch.id), "err", err)
		return
	}
	for _, other := range twins {
		for _, pair := range [][2]desk.ConversationID{{d.conv, other}, {other, d.conv}} {
			row, err := ch.sys.index.Ticket(pair[1])
			if err != nil || row == nil || row.Purged {
				break // there is nothing to link, neither way
			}
			ch.tellThen(d, pair[0].Stream(), deskpb.NewCommand(&deskpb.LinkConversation{
				Conversation: string(pair[1]), Number: row.Number, Subject: row.Subject, Cause: desk.LinkSameMail,
			}), nil)
		}
	}
}

// recognised: who wrote is taken for the contact, so that the contact's owner may get the ticket. A known address is, unless its mail
// was found not to be theirs; what a colleague passed on only says of itself whose it was.
func recognised(d *delivery) bool {
	m := d.item.Message
	return d.forwards == nil && !d.copied && (m.Recognised || !d.sender.isNew && m.Sender.GetVerdict() != deskpb.SenderVerdict_SENDER_VERDICT_FAILED)
}

// ofColleague: a machine answers for an agent, to a mail that the desk sent to them. Nobody is woken by it.
func (ch *channel) ofColleague(d *delivery) bool {
	m := d.item.Message
	if m.Automatic != desk.AutomaticReply {
		return false
	}
	agent, _, err := ch.agentOf(ch.sys.index, m.From.GetAddress())
	return err == nil && agent != ""
}

// passedOnApart is passedOn of a message that was refused where it was thought to belong.
func (ch *channel) passedOnApart(d *delivery) error {
	before := d.sender.id
	err := ch.sys.index.Together(func(x *persistence.Index) error {
		if err := ch.passedOn(x, d); err != nil {
			return err
		}
		return ch.name(x, d)
	})
	if err == nil && d.sender.id != before && d.sender.isNew {
		d.left++
		ch.tell(d, d.sender.id.Stream(), deskpb.NewCommand(&deskpb.EnsureContact{Identity: d.sender.identity, Name: d.sender.written}), false)
	}
	return err
}

// tellThen is tell of something that belongs to a delivery besides its message.
func (ch *channel) tellThen(d *delivery, stream desk.StreamID, cmd desk.Command, then func()) {
	d.left++
	cmd.By = &deskpb.Author{Kind: deskpb.Author_KIND_CHANNEL, Id: string(ch.id)}
	root, self := ch.sys.root, ch.self
	ch.sys.ask(stream, cmd, func(done desk.Done, err error) {
		root.Send(self, &part{of: d, done: done, err: err, then: then})
	})
}
