package desk

import (
	"slices"

	"github.com/centralita/centralita/proto/deskpb"
)

// A visitor who proves who they are takes along what they say: the conversation stays, and is that person's from then on.

// identifyVisitor makes the conversation of an anonymous visitor that of the person whom they proved to be. The proof was the
// channel's to see. A conversation that is somebody's already stays theirs.
func identifyVisitor(c *Conversation, cmd Command, who *deskpb.VisitorIdentified) ([]Event, error) {
	earlier := ConversationID(who.GetEarlier())
	switch {
	case who.GetThread() == "" || !ValidID(who.GetContact()):
		return nil, Refuse(Invalid, "who", "name the person: their thread and contact")
	case c.Thread == "":
		return nil, conflict("not_threaded", "a %s conversation has no visitor", kindWord(c.Kind))
	case c.Thread != who.Thread && c.Thread != who.From:
		return nil, Moved()
	case c.Thread == who.Thread && (earlier == "" || slices.Contains(c.Earlier, earlier)):
		return nil, nil
	}
	out := events(deskpb.NewEvent(who))
	if ContactID(who.Contact) != c.Contact {
		out = append(out, deskpb.NewEvent(&deskpb.RequesterChanged{
			Contact: who.Contact, ContactName: who.ContactName, Address: who.Email, From: string(c.Contact), FromName: c.ContactName, By: cmd.GetBy().GetId(),
		}))
	}
	return out, nil
}

// Moved refuses what comes for a conversation by a thread that does not lead there any more.
func Moved() *Error {
	return conflict("moved", "the visitor has signed in since: go on as who you are now")
}

func evolveVisitor(c *Conversation, m *deskpb.VisitorIdentified) {
	c.Thread = m.Thread
	if m.Earlier != "" {
		c.Earlier = with(c.Earlier, ConversationID(m.Earlier))
	}
}

// projectVisitor: the person was recognised, by more than an address they typed.
func projectVisitor(t *deskpb.TicketSummary, m *deskpb.VisitorIdentified) {
	t.Thread, t.ContactRecognised = m.Thread, true
	if m.Earlier != "" && !slices.Contains(t.Earlier, m.Earlier) {
		t.Earlier = append(slices.Clone(t.Earlier), m.Earlier)
	}
}
