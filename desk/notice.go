package desk

import (
	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/proto/deskpb"
)

// What agents are told of. It is a fold of the journal: a record is told to whom the ticket belongs, who follows it or who is named
// in it, as that stood when the record was written, and never to who did it. All of these may see the ticket at that moment; who
// may not any more when the list is read is not shown it (MaySee).

// Administrators are told what no single agent is: it stands where an agent's id does, and is none.
const Administrators = "*administrators"

// MostNotices is how many an agent's list holds; the oldest goes.
const MostNotices = 200

// What an agent can be told of, and mute.
const (
	NoticeAssigned       = "assigned"        // a ticket became mine
	NoticeUnassigned     = "unassigned"      // or is mine no more
	NoticeReply          = "reply"           // a contact wrote in a ticket of mine
	NoticeColleague      = "colleague"       // a colleague wrote in it, closed it or opened it again
	NoticeMention        = "mention"         // a note calls me
	NoticeFollowedReply  = "followed_reply"  // somebody wrote in a ticket I follow
	NoticeFollowedChange = "followed_change" // it has another owner, was closed or opened again
	NoticeWoken          = "woken"           // a ticket of mine is back from its snooze
	NoticeUndelivered    = "undelivered"     // a reply in a ticket of mine did not arrive
	NoticeSide           = "side"            // somebody asked aside answered, in a ticket of mine or one I follow
	NoticeOwnerAway      = "owner_away"      // a contact of mine wrote while I am away
	NoticeAvailability   = "availability"    // somebody else made me available or away, or that I took no offers did
	NoticeChannelFailed  = "channel_failed"  // a channel gave up: administrators
)

// NotificationKinds are all of them.
var NotificationKinds = []string{
	NoticeAssigned, NoticeUnassigned, NoticeReply, NoticeColleague, NoticeMention, NoticeFollowedReply, NoticeFollowedChange,
	NoticeWoken, NoticeUndelivered, NoticeSide, NoticeOwnerAway, NoticeAvailability, NoticeChannelFailed,
}

// notice is one that is being made.
type notice struct {
	*deskpb.Notification
	by string // the agent who did it, "" nobody
}

func newNotice(r Record) notice {
	n := notice{Notification: &deskpb.Notification{AtMs: r.AtMs, Position: r.Position}}
	if r.By.GetKind() == deskpb.Author_KIND_AGENT {
		n.by, n.Who = r.By.Id, r.By.Name
	}
	return n
}

// tell adds somebody, once, unless it is their own doing. Who is told as one thing is not told as another besides: the first counts.
func (n notice) tell(kind string, agents ...string) notice {
	for _, a := range agents {
		if a == "" || a == n.by || n.tells(a) {
			continue
		}
		n.Told = append(n.Told, &deskpb.Notification_Addressee{Agent: a, Kind: kind})
	}
	return n
}

func (n notice) tells(agent string) bool {
	for _, t := range n.Told {
		if t.Agent == agent {
			return true
		}
	}
	return false
}

func (n notice) done() *deskpb.Notification {
	if len(n.Told) == 0 {
		return nil
	}
	return n.Notification
}

// NoticeOfTicket says who is told of a record of a conversation; nil for nobody. after is the row with the record folded in, owner who
// had the ticket before it.
func NoticeOfTicket(after Ticket, owner string, r Record) *deskpb.Notification {
	if after.Spam || after.Purged || after.MergedInto != "" || !mayTell(r.Event) {
		return nil
	}
	n := newNotice(r)
	n.Conversation, n.Channel = after.Conversation, after.Channel
	switch e := r.Event.GetKind().(type) {
	case *deskpb.Event_MessageReceived:
		if !Speaks(e.MessageReceived.Automatic) || e.MessageReceived.PastMs != 0 || after.HeldUntilMs != 0 {
			return nil
		}
		n.Who, n.Detail, n.Text = after.ContactName, "contact", after.Preview
		return n.tell(NoticeReply, after.Owner).tell(NoticeFollowedReply, after.Followers...).done()
	case *deskpb.Event_ReplyRequested:
		if e.ReplyRequested.Automatic != "" {
			return nil
		}
		n.Detail, n.Text = "reply", after.Preview
		return n.tell(NoticeColleague, after.Owner).tell(NoticeFollowedReply, after.Followers...).done()
	case *deskpb.Event_NoteAdded:
		n.Detail, n.Text = "note", after.Preview
		return n.tell(NoticeMention, e.NoteAdded.Mentions...).tell(NoticeColleague, after.Owner).tell(NoticeFollowedReply, after.Followers...).done()
	case *deskpb.Event_ConversationAssigned:
		n.Detail, n.Text = "owner", e.ConversationAssigned.AgentName
		if e.ConversationAssigned.TakeByMs != 0 {
			n.Detail = "offer"
		}
		return n.tell(NoticeAssigned, after.Owner).tell(NoticeUnassigned, owner).tell(NoticeFollowedChange, after.Followers...).done()
	case *deskpb.Event_ConversationUnassigned:
		n.Detail = "owner"
		if e.ConversationUnassigned.Reason.GetCode() == NotTaken {
			n.Detail = NotTaken
		}
		return n.tell(NoticeUnassigned, owner).tell(NoticeFollowedChange, after.Followers...).done()
	case *deskpb.Event_TicketStatusChanged:
		return n.status(after, e.TicketStatusChanged).done()
	case *deskpb.Event_TicketWoken:
		if e.TicketWoken.Cause != "time" {
			return nil
		}
		return n.tell(NoticeWoken, after.Owner).done()
	case *deskpb.Event_DeliverySettled:
		return n.undelivered(after, e.DeliverySettled).done()
	case *deskpb.Event_TicketHeld:
		return n.held(after, e.TicketHeld).done()
	case *deskpb.Event_OwnerTold:
		n.Who, n.Text = after.ContactName, after.Preview
		return n.tell(NoticeOwnerAway, e.OwnerTold.Agent).done()
	}
	return nil
}

// mayTell is a look at the kind alone: most records of a conversation are told to nobody and should cost no more.
func mayTell(ev Event) bool {
	switch ev.GetKind().(type) {
	case *deskpb.Event_MessageReceived, *deskpb.Event_ReplyRequested, *deskpb.Event_NoteAdded, *deskpb.Event_ConversationAssigned,
		*deskpb.Event_ConversationUnassigned, *deskpb.Event_TicketStatusChanged, *deskpb.Event_TicketWoken, *deskpb.Event_DeliverySettled,
		*deskpb.Event_OwnerTold, *deskpb.Event_TicketHeld:
		return true
	}
	return false
}

// status: that a ticket waits for one side or the other is no news to its owner; that it is over, or is not, is. What a contact's
// message opens again is told as the message.
func (n notice) status(after Ticket, e *deskpb.TicketStatusChanged) notice {
	switch closed := deskpb.TicketStatus_TICKET_STATUS_CLOSED; {
	case n.by == "":
		return n
	case e.To == closed:
		n.Detail = "closed"
	case e.From == closed:
		n.Detail = "reopened"
	default:
		return n
	}
	return n.tell(NoticeColleague, after.Owner).tell(NoticeFollowedChange, after.Followers...)
}

func (n notice) undelivered(after Ticket, e *deskpb.DeliverySettled) notice {
	if e.Resolves || e.State != deskpb.DeliveryState_DELIVERY_STATE_FAILED && e.State != deskpb.DeliveryState_DELIVERY_STATE_UNKNOWN {
		return n
	}
	n.Text = clip(e.Reason, previewBytes)
	return n.tell(NoticeUndelivered, after.Owner)
}

// NoticeOfAgent says whether an agent is told of a record of the own stream: that somebody else made one available or away, or that it
// was so because offers were not taken. What the schedule does one has arranged oneself.
func NoticeOfAgent(id string, r Record) *deskpb.Notification {
	e := r.Event.GetAvailabilityChanged()
	n := newNotice(r)
	switch {
	case e == nil:
		return nil
	case e.Cause == AwayNotTaken:
		n.Detail = AwayNotTaken
		return n.tell(NoticeAvailability, id).done()
	case e.Cause != "" || n.by == "":
		return nil
	}
	n.Text, n.Detail = e.Reason, "away"
	if e.Available {
		n.Detail = "available"
	}
	return n.tell(NoticeAvailability, id).done()
}

// NoticeOfChannel says whether the administrators are told of a record of a channel: once for each trouble, however often it comes and goes.
func NoticeOfChannel(after Channel, r Record) *deskpb.Notification {
	e := r.Event.GetChannelHealthChanged()
	if e.GetState() != deskpb.HealthState_HEALTH_STATE_FAILED || e.Known {
		return nil
	}
	n := newNotice(r)
	n.Channel, n.Title, n.Text = after.Channel, after.Name, clip(e.Reason, previewBytes)
	return n.tell(NoticeChannelFailed, Administrators).done()
}

// seeNotifications moves a mark forward, never back: an older device cannot show again what a newer one has.
func seeNotifications(a *Member, m *deskpb.SeeNotifications) ([]Event, error) {
	switch {
	case m.Position == 0:
		return nil, Refuse(Invalid, "position", "must be that of the last notification seen")
	case m.Conversation != "" && !ValidID(m.Conversation):
		return nil, Refuse(Invalid, "conversation", "must be the id of a conversation, or empty for all")
	case m.Position <= max(a.Seen.GetUntil(), a.Seen.GetConversations()[m.Conversation]):
		return nil, nil
	}
	return events(deskpb.NewEvent(&deskpb.NotificationsSeen{Position: m.Position, Conversation: m.Conversation})), nil
}

// ProjectSeen folds a mark into those there are, and gives others. A list holds MostNotices, so there are never more conversations with a mark of
// their own that matters: the earliest goes when another one comes.
func ProjectSeen(before *deskpb.NotificationMarks, e *deskpb.NotificationsSeen) *deskpb.NotificationMarks {
	m := &deskpb.NotificationMarks{}
	if before != nil {
		m = proto.CloneOf(before)
	}
	if e.Conversation == "" {
		m.Until = max(m.Until, e.Position)
		for c, at := range m.Conversations {
			if at <= m.Until {
				delete(m.Conversations, c)
			}
		}
		return m
	}
	if m.Conversations == nil {
		m.Conversations = map[string]uint64{}
	}
	m.Conversations[e.Conversation] = max(m.Conversations[e.Conversation], e.Position)
	if len(m.Conversations) > MostNotices {
		first := ""
		for c, at := range m.Conversations {
			if was := m.Conversations[first]; first == "" || at < was || at == was && c < first {
				first = c
			}
		}
		delete(m.Conversations, first)
	}
	return m
}

// Unseen tells whether a notification is new to who has these marks.
func Unseen(m *deskpb.NotificationMarks, n *deskpb.Notification) bool {
	return n.Position > m.GetUntil() && (n.Conversation == "" || n.Position > m.GetConversations()[n.Conversation])
}
