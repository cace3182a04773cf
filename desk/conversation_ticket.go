package desk

import (
	"strings"

	"github.com/centralita/centralita/proto/deskpb"
)

func setTicketStatus(c *Conversation, cmd Command, m *deskpb.SetTicketStatus) ([]Event, error) {
	if _, known := deskpb.TicketStatus_name[int32(m.Status)]; !known || m.Status == deskpb.TicketStatus_TICKET_STATUS_UNSPECIFIED {
		return nil, Refuse(Invalid, "status", "must be new, waiting_on_us, waiting_on_contact or closed")
	}
	if m.Status == c.Status {
		return nil, nil
	}
	cause := "by_hand"
	if c.closed() {
		cause = "reopened"
	}
	return c.changeStatus(m.Status, cmd.GetBy().GetId(), cause), nil
}

// changeStatus: what is closed is not snoozed any more.
func (c *Conversation) changeStatus(to deskpb.TicketStatus, by, cause string) []Event {
	out := events(deskpb.NewEvent(&deskpb.TicketStatusChanged{From: c.Status, To: to, By: by, Cause: cause}))
	if to == deskpb.TicketStatus_TICKET_STATUS_CLOSED {
		out = append(out, c.wake("closed", by)...)
	}
	return out
}

func setTicketPriority(c *Conversation, cmd Command, m *deskpb.SetTicketPriority) ([]Event, error) {
	if _, known := deskpb.Priority_name[int32(m.Priority)]; !known || m.Priority == deskpb.Priority_PRIORITY_UNSPECIFIED {
		return nil, Refuse(Invalid, "priority", "must be low, normal, high or urgent")
	}
	if m.Priority == c.Priority {
		return nil, nil
	}
	return events(deskpb.NewEvent(&deskpb.TicketPriorityChanged{Priority: m.Priority, By: cmd.GetBy().GetId()})), nil
}

func setTicketSubject(c *Conversation, cmd Command, m *deskpb.SetTicketSubject) ([]Event, error) {
	s := strings.Join(strings.Fields(m.Subject), " ")
	switch {
	case s == "":
		return nil, Refuse(Invalid, "subject", "must not be empty")
	case len(s) > 998:
		return nil, Refuse(Invalid, "subject", "at most 998 bytes (RFC 5322 2.1.1)")
	case s == c.Subject:
		return nil, nil
	}
	return events(deskpb.NewEvent(&deskpb.TicketSubjectChanged{Subject: s, By: cmd.GetBy().GetId()})), nil
}
