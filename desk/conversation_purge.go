package desk

import (
	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/proto/deskpb"
)

// Spam is not kept for ever. What is purged is gone from everything that is made of the journal: the ticket with its number, lists, search,
// timelines, files. Its stream begins anew: whatever still comes for it opens it as if nothing had been there. What is kept are ids, so that a mail
// that was taken in before is not taken in again.

// SpamKeptDays is for how long spam is kept when nobody says otherwise.
const SpamKeptDays = 90

// MaxSpamDays is the longest time to keep spam that can be asked for, other than for ever.
const MaxSpamDays = 3650

// purgeConversation lets go of a conversation that nobody touched since it was seen to be old spam.
func purgeConversation(c *Conversation, m *deskpb.PurgeConversation) ([]Event, error) {
	if m.FilesRemoved {
		if !c.Purged {
			return nil, nil
		}
		return events(deskpb.NewEvent(&deskpb.PurgedFilesRemoved{})), nil
	}
	switch {
	case !c.Opened:
		return nil, nil
	case c.Version != m.Version:
		return nil, conflict("moved", "something came to the ticket meanwhile")
	case !c.Spam && (m.Into == "" || c.Merged != ConversationID(m.Into)):
		return nil, conflict("no_spam", "the ticket is no spam")
	case len(c.Queue) > 0 || c.mailing():
		return nil, conflict("sending", "a reply is on its way")
	}
	return events(deskpb.NewEvent(&deskpb.ConversationPurged{Cause: "spam"})), nil
}

// purgeSide lets go of a side conversation whose ticket is gone.
func purgeSide(c *Conversation) ([]Event, error) {
	switch {
	case !c.Opened:
		return nil, nil
	case len(c.Queue) > 0:
		return nil, conflict("sending", "a mail is on its way")
	}
	return events(deskpb.NewEvent(&deskpb.ConversationPurged{Cause: "spam"})), nil
}

// mailing: a mail to an agent about it is on its way.
func (c *Conversation) mailing() bool {
	for _, l := range c.Letters {
		if l.Delivery == deskpb.DeliveryState_DELIVERY_STATE_QUEUED || l.Delivery == deskpb.DeliveryState_DELIVERY_STATE_SENDING {
			return true
		}
	}
	return false
}

func evolvePurge(c *Conversation, ev Event) bool {
	switch ev.GetKind().(type) {
	case *deskpb.Event_ConversationPurged:
		version := c.Version
		*c = *newConversation()
		c.Version, c.Purged = version, true
	case *deskpb.Event_PurgedFilesRemoved:
		c.Purged = false
	default:
		return false
	}
	return true
}

// projectPurged leaves of a row what names it.
func projectPurged(t *deskpb.TicketSummary) {
	conversation, version, position, channel, kind := t.Conversation, t.Version, t.Position, t.Channel, t.ChannelKind
	proto.Reset(t)
	t.Conversation, t.Version, t.Position, t.Channel, t.ChannelKind = conversation, version, position, channel, kind
	t.Purged, t.PurgedVersion = true, version
}
