package actors

import (
	"time"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
	"github.com/centralita/centralita/proto/deskpb"
)

// returnedTo finds the conversation that a bounce or a report is about; "" when no key of it is known.
func (ch *channel) returnedTo(x *persistence.Index, d *delivery) (desk.ConversationID, error) {
	r := d.item.Message.Return
	if r == nil || d.item.Message.Past != nil {
		return "", nil
	}
	for _, k := range r.Keys {
		if conv, err := ch.thread(x, k); conv != "" || err != nil {
			return conv, err
		}
	}
	return "", nil
}

// giveBack attaches what a machine said to the reply it is about.
func (ch *channel) giveBack(d *delivery) {
	m, r := d.item.Message, d.item.Message.Return
	d.returned, d.left = true, 1
	ch.inFlight[d.item.ExternalID] = d
	ch.tell(d, d.conv.Stream(), deskpb.NewCommand(&deskpb.TakeReturn{Keys: r.Keys, Returned: &deskpb.MessageReturned{
		Channel: string(ch.id), ExternalId: d.item.ExternalID, Kind: r.Kind, Recipients: r.Recipients, From: m.From.GetAddress(), Text: r.Text, RawBlob: m.RawBlob,
	}}), true)
}

// givenBack goes on when the conversation has answered: one that nothing left from cannot have it, then it is kept as a quiet message;
// else the contact's addresses at which nobody is are noted.
func (ch *channel) givenBack(p *part) (over bool) {
	d := p.of
	d.returned = false
	if desk.ReasonOf(p.err) == "not_ours" || desk.CodeOf(p.err) == desk.NotFound { // or it was purged
		d.left = 0
		if d.err = ch.sys.index.Together(func(x *persistence.Index) error { return ch.resolve(x, d) }); d.err != nil {
			ch.finish(d)
			return true
		}
		ch.receive(d)
		return true
	}
	if p.err != nil || !p.done.Changed {
		return false
	}
	for _, r := range d.item.Message.Return.Recipients {
		if r.Permanent {
			ch.failAddress(d, r)
		}
	}
	return false
}

// failAddress notes an address of the conversation's contact; whoever else is named in a bounce, we cannot know that it is true.
func (ch *channel) failAddress(d *delivery, r *deskpb.ReturnedRecipient) {
	row, err := ch.sys.index.Ticket(d.conv)
	if err != nil || row == nil {
		return // what is said at the message says it, too
	}
	d.left++
	ch.tell(d, desk.ContactID(row.Contact).Stream(), deskpb.NewCommand(&deskpb.FailContactAddress{
		Address: r.Address, Cause: r.Cause, Status: r.Status, Conversation: string(d.conv),
	}), false)
}

// watchPace stops automatic answers to who writes too much. It is not waited for: the message is taken in any case.
func (ch *channel) watchPace(d *delivery) {
	if d.forwards != nil || ch.row.Kind == deskpb.ChannelKind_CHANNEL_KIND_CHAT || !ch.pace.flood(d.item.Message.Identity.GetValue(), time.Now()) {
		return
	}
	ch.sys.ask(d.sender.id.Stream(), deskpb.NewCommand(&deskpb.StopAutomaticAnswers{Cause: desk.StoppedByFlood}), func(_ desk.Done, err error) {
		if err != nil {
			ch.sys.log.Warn("stop automatic answers", "channel", string(ch.id), "err", err)
		}
	})
}
