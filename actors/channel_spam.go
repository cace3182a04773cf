package actors

import (
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// suspect says whether a message is spam, and why. Where a conversation is there already, only who is not wanted at all makes it one.
func (ch *channel) suspect(d *delivery) (spam bool, cause string) {
	m := d.item.Message
	row, err := ch.sys.index.Setting(desk.SpamID)
	if err != nil {
		ch.sys.log.Warn("read the rules of spam", "channel", string(ch.id), "err", err)
	}
	var rules *deskpb.SpamRules
	if row != nil && !row.Removed {
		rules = row.GetValue().GetSpam()
	}
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
	cause, hard := desk.SpamCause(rules, s)
	return cause != "" && (d.opens || d.rerouted || hard), cause
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
