package desk

import (
	"slices"

	"github.com/centralita/centralita/proto/deskpb"
)

// A mail that a colleague wrote from a program of their own, and of which a channel got a copy, is an answer of the team's. It stands in
// the ticket of whom it was written to and lets it wait on them; the desk never sends it, and answers nothing to it by machine.

// Copy is a message that was written to others than the channel.
type Copy struct {
	To []*deskpb.Address // whom it was for, as far as that is nobody of the channel's
	// Trusted: the channel vouches that the sender is who they say. Without that it is no answer of the team's.
	Trusted bool
	// Colleague: the sender is one by their address; else only agents are.
	Colleague bool
}

// reaches: one of those outside to whom it was written takes part in the conversation. The mailbox in copy, or a colleague, takes part in
// all of them and says nothing.
func (c *Conversation) reaches(m *deskpb.ReceiveMessage) bool {
	if !m.Exactly && ContactID(m.Message.Contact) == c.Contact {
		return true
	}
	return slices.ContainsFunc(m.Imported.Outside, func(a string) bool { return c.takesPart(a, m.Exactly) })
}

// takeWritten keeps it in a conversation that is there, as an answer.
func (c *Conversation) takeWritten(cmd Command, m *deskpb.ReceiveMessage, in *deskpb.MessageReceived) []Event {
	from := m.Imported
	out := events(deskpb.NewEvent(&deskpb.ReplyImported{Mail: in, Agent: from.Agent, AgentName: from.AgentName}))
	if c.Spam {
		return out
	}
	if c.Owner == "" && from.Agent != "" {
		out = append(out, tookIt(from))
	}
	as := &deskpb.Command{AtMs: cmd.AtMs, By: &deskpb.Author{Kind: deskpb.Author_KIND_AGENT, Id: from.Agent, Name: from.AgentName}}
	out = append(out, c.takeOffer(as.By)...)
	out = append(out, c.answerSettles(as, 0)...)
	out = append(out, c.release(HoldOverByHand, from.Agent)...)
	if to := deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_CONTACT; to != c.Status {
		out = append(out, c.changeStatus(to, from.Agent, "reply")...)
	}
	return out
}

// openWritten opens a conversation with it. Who wrote it has it; if that is nobody of the desk, the channel's rule chooses.
func openWritten(m *deskpb.ReceiveMessage, in *deskpb.MessageReceived) []Event {
	from := m.Imported
	out := events(deskpb.NewEvent(m.Opening), deskpb.NewEvent(&deskpb.ReplyImported{Mail: in, Agent: from.Agent, AgentName: from.AgentName}))
	out = append(out, deskpb.NewEvent(&deskpb.TicketStatusChanged{
		From: deskpb.TicketStatus_TICKET_STATUS_NEW, To: deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_CONTACT, By: from.Agent, Cause: "reply",
	}))
	out = append(out, atOpening(m.Defaults)...)
	switch {
	case from.Agent != "":
		out = append(out, tookIt(from))
	case !Routes(m.Opening.Routing) && m.Defaults.GetTeam() == "":
		out = append(out, deskpb.NewEvent(&deskpb.AssignmentDeferred{Reason: noRule()}))
	}
	return out
}

func tookIt(from *deskpb.Imported) Event {
	return deskpb.NewEvent(&deskpb.ConversationAssigned{
		Agent: from.Agent, AgentName: from.AgentName, By: from.Agent, Reason: reason("replied", "Took it by answering: nobody had it."),
	})
}

// projectWritten folds it into the row.
func projectWritten(t *deskpb.TicketSummary, r Record, m *deskpb.MessageReceived) {
	spoken(t)
	t.UpdatedAtMs, t.WaitingSinceMs, t.WaitedSinceMs = r.AtMs, 0, 0
	t.Preview, t.LastAuthor, t.Messages = Preview(m.GetBody()), "agent", t.Messages+1
	t.HasAttachments = t.HasAttachments || len(m.GetBody().GetAttachments()) > 0
	if t.FirstReplyAtMs == 0 {
		t.FirstReplyAtMs = r.AtMs
	}
}
