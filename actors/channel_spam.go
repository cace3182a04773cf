package actors

import (
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

var spamStream = desk.SpamID.Stream()

// suspect says whether a message is spam, and why. Where a conversation is there already, only who is not wanted at all makes it one.
func (ch *channel) suspect(d *delivery) (spam bool, cause string) {
	m := d.item.Message
	s := desk.Suspect{
		Automatic: m.Automatic, Known: !d.sender.isNew, Blocked: d.sender.blocked,
		Marked: m.SpamMark && d.forwards == nil, // a colleague vouches for what they pass on
		Failed: m.Sender.GetVerdict() == deskpb.SenderVerdict_SENDER_VERDICT_FAILED,
	}
	if m.Identity.GetKind() == deskpb.IdentityKind_IDENTITY_KIND_EMAIL {
		s.Address = m.Identity.GetValue()
	}
	if s.Known && s.Marked {
		s.Known = !ch.onlySpam(d.sender.id)
	}
	cause, hard := desk.SpamCause(ch.spamRules(), s)
	return cause != "" && (d.opens || d.rerouted || hard), cause
}

// spamRules are the rules as they are durable now; nil when there are none. They are read again only when they were changed: every
// message asks.
func (ch *channel) spamRules() *deskpb.SpamRules {
	edition := ch.sys.spamEdition.Load() + 1 // 0: nothing was read yet
	if edition == ch.spam.edition {
		return ch.spam.rules
	}
	row, err := ch.sys.index.Setting(desk.SpamID)
	if err != nil {
		ch.sys.log.Warn("read the rules of spam", "channel", string(ch.id), "err", err)
		return nil
	}
	ch.spam.edition, ch.spam.rules = edition, nil
	if row != nil && !row.Removed {
		ch.spam.rules = row.GetValue().GetSpam()
	}
	return ch.spam.rules
}

// spamChanging is an asker's done that counts, before it says so, that the rules of spam are others now.
func (s *System) spamChanging(done func(desk.Done, error)) func(desk.Done, error) {
	return func(d desk.Done, err error) {
		s.spamEdition.Add(1)
		done(d, err)
	}
}

// onlySpam: all that the contact ever wrote is spam, or was and is purged, so that he is there makes him nobody we know.
func (ch *channel) onlySpam(id desk.ContactID) bool {
	const lately = 20
	tickets, err := ch.sys.index.TicketsOfContact(id, lately)
	if err != nil {
		return false
	}
	for _, t := range tickets {
		if !t.Spam {
			return false
		}
	}
	return true
}
