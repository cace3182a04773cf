package desk

import (
	"slices"

	"github.com/centralita/centralita/proto/deskpb"
)

// SideRow is a side conversation's row.
type SideRow = *deskpb.SideSummary

// ProjectSide folds a record of a side conversation's stream into its row.
func ProjectSide(s *deskpb.SideSummary, r Record) *deskpb.SideSummary {
	if s == nil {
		s = &deskpb.SideSummary{Side: StreamID(r.Stream).ID()}
	}
	s.Version, s.Position = r.Version, r.Position
	if r.Event.GetConversationPurged() != nil {
		return &deskpb.SideSummary{Side: s.Side, Version: r.Version, Position: r.Position, PurgedVersion: r.Version}
	}
	if !NewsOfSide(r.Event) {
		projectSideSent(s, r.Event)
		return s
	}
	s.News = r.Version
	s.UpdatedAtMs = r.AtMs
	if r.By.GetKind() == deskpb.Author_KIND_AGENT {
		s.LastName = r.By.Name
	}
	switch e := r.Event.GetKind().(type) {
	case *deskpb.Event_ConversationOpened:
		m := e.ConversationOpened
		s.Conversation, s.Channel, s.Subject, s.OpenedAtMs, s.Agent = m.SideOf, m.Channel, m.Subject, r.AtMs, r.By.GetId()
		s.Status = deskpb.TicketStatus_TICKET_STATUS_NEW
	case *deskpb.Event_MessageReceived:
		m := e.MessageReceived
		s.Messages, s.Received = s.Messages+1, s.Received+1
		if countsAside(s.Status, m) {
			s.Answers++
		}
		s.Preview, s.LastAuthor, s.LastName = Preview(m.Body), "contact", nameOr(m.From.GetName(), m.From.GetAddress())
	case *deskpb.Event_ReplyRequested:
		m := e.ReplyRequested
		s.Messages++
		s.Preview, s.LastAuthor = Preview(m.Body), "agent"
		for _, a := range slices.Concat(m.To, m.Cc, m.Bcc) {
			if s.With == "" {
				s.With = nameOr(a.GetName(), a.GetAddress())
			}
			if len(s.Addresses) < MaxRecipients {
				s.Addresses = with(s.Addresses, a.GetAddress())
			}
		}
	case *deskpb.Event_ReplyCanceled:
		if s.Messages > 0 {
			s.Messages--
		}
	case *deskpb.Event_TicketStatusChanged:
		s.Status = e.TicketStatusChanged.To
	case *deskpb.Event_ParticipantConfirmed: // who waited to be confirmed has answered
		if s.Status != deskpb.TicketStatus_TICKET_STATUS_CLOSED {
			s.Answers++
		}
	}
	return s
}

// projectSideSent folds what became of its mails.
func projectSideSent(s *deskpb.SideSummary, ev Event) {
	t := &deskpb.TicketSummary{Undelivered: s.Undelivered}
	switch e := ev.GetKind().(type) {
	case *deskpb.Event_DeliverySettled:
		projectSettled(t, e.DeliverySettled)
	case *deskpb.Event_ReplyRetried:
		if t.Undelivered > 0 {
			t.Undelivered--
		}
	}
	s.Undelivered = t.Undelivered
}

// NewsOfSide tells whether the ticket is told of a record of a side conversation. What a machine wrote is none.
func NewsOfSide(ev Event) bool {
	switch e := ev.GetKind().(type) {
	case *deskpb.Event_MessageReceived:
		return Speaks(e.MessageReceived.Automatic)
	case *deskpb.Event_ConversationOpened, *deskpb.Event_ReplyRequested, *deskpb.Event_ReplyCanceled, *deskpb.Event_TicketStatusChanged,
		*deskpb.Event_ParticipantConfirmed:
		return true
	}
	return false
}

// TellOf is what a ticket is told of a side conversation; from is the conversation merged into it that has it, "" if it is its own.
func TellOf(s SideRow, from ConversationID) *deskpb.TellOfSide {
	return &deskpb.TellOfSide{
		Side: s.Side, Status: s.Status, Version: s.News, Received: s.Received, Answers: s.Answers, With: s.With, Subject: s.Subject, Who: s.LastName,
		From: string(from),
	}
}

// projectSideChanged folds what a ticket was told of one of its side conversations.
func projectSideChanged(t *deskpb.TicketSummary, r Record, e *deskpb.SideChanged) {
	if e.What != "written" {
		t.UpdatedAtMs = r.AtMs
	}
	t.Sides = marked(t.Sides, &deskpb.SideMark{Side: e.Side, Status: e.Status, Version: e.Version, Received: e.Received, Answers: e.Answers, From: e.From})
}

func marked(all []*deskpb.SideMark, m *deskpb.SideMark) []*deskpb.SideMark {
	if i := slices.IndexFunc(all, func(o *deskpb.SideMark) bool { return o.Side == m.Side }); i >= 0 {
		all[i] = m
		return all
	}
	return append(all, m)
}

// SidesOf counts a ticket's side conversations: those that wait for who was asked, and those that were answered and not gone on with.
func SidesOf(t Ticket) (waiting, answered int) {
	for _, m := range t.GetSides() {
		switch m.Status {
		case deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_CONTACT:
			waiting++
		case deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_US:
			answered++
		default: // done, or taken back
		}
	}
	return waiting, answered
}

// NoticeOfSide says who is told of a record of a side conversation; nil for nobody. t is the ticket that shows it.
func NoticeOfSide(t Ticket, after SideRow, r Record) *deskpb.Notification {
	if t == nil || t.Spam || t.MergedInto != "" {
		return nil
	}
	n := newNotice(r)
	n.Conversation, n.Channel, n.Detail = t.Conversation, t.Channel, "side"
	switch e := r.Event.GetKind().(type) {
	case *deskpb.Event_MessageReceived:
		if !Speaks(e.MessageReceived.Automatic) {
			return nil
		}
		n.Who, n.Text = after.LastName, after.Preview
		return n.tell(NoticeSide, t.Owner).tell(NoticeSide, t.Followers...).done()
	case *deskpb.Event_DeliverySettled:
		return n.undelivered(t, e.DeliverySettled).done()
	}
	return nil
}
