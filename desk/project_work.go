package desk

import (
	"slices"

	"github.com/centralita/centralita/proto/deskpb"
)

// Active reports whether a ticket is somebody's work now: open, and neither snoozed, nor spam, nor shown in another one.
func Active(t Ticket) bool {
	return t.GetStatus() != deskpb.TicketStatus_TICKET_STATUS_CLOSED && t.GetSnoozedUntilMs() == 0 && !t.GetSpam() && t.GetMergedInto() == ""
}

// projectWork folds the work on a ticket. Messages do not come here: they stay as cheap as they are.
func projectWork(t *deskpb.TicketSummary, r Record) {
	switch e := r.Event.GetKind().(type) {
	case *deskpb.Event_TicketTagsChanged:
		t.Tags = changeTags(t.Tags, e.TicketTagsChanged)
	case *deskpb.Event_TicketTeamChanged:
		t.Team = e.TicketTeamChanged.Team
		rejoin(t, r.AtMs)
	case *deskpb.Event_TicketStageChanged:
		t.Pipeline, t.Stage = e.TicketStageChanged.Pipeline, e.TicketStageChanged.Stage
	case *deskpb.Event_TicketPropertySet:
		t.Properties = setProperty(t.Properties, e.TicketPropertySet.Property, e.TicketPropertySet.Value)
	case *deskpb.Event_TicketSnoozed:
		t.SnoozedUntilMs = e.TicketSnoozed.UntilMs
		leaveLine(t)
	case *deskpb.Event_TicketWoken:
		t.SnoozedUntilMs, t.UpdatedAtMs = 0, r.AtMs // it comes back at the top
		joinLine(t, r.AtMs)
	case *deskpb.Event_TicketDueChanged:
		t.DueMs = e.TicketDueChanged.DueMs
	case *deskpb.Event_TicketHeld:
		projectHeld(t, r, e.TicketHeld)
	case *deskpb.Event_TicketFollowed:
		t.Followers = with(t.Followers, e.TicketFollowed.Agent)
	case *deskpb.Event_TicketUnfollowed:
		t.Followers = without(t.Followers, e.TicketUnfollowed.Agent)
	case *deskpb.Event_MentionDismissed:
		t.Mentioned = without(t.Mentioned, e.MentionDismissed.Agent)
	case *deskpb.Event_TicketMarkedSpam:
		t.Spam, t.SpamSinceMs = true, r.AtMs
		leaveLine(t)
	case *deskpb.Event_TicketUnmarkedSpam:
		t.Spam, t.SpamSinceMs = false, 0
		joinLine(t, r.AtMs)
	default:
		projectMerge(t, r)
	}
}

// rejoin: whether it stands in line may have changed with its team.
func rejoin(t *deskpb.TicketSummary, atMs int64) {
	leaveLine(t)
	joinLine(t, atMs)
}

// projectMerge folds what is shown where. A row keeps its owner and status while it is merged, so that undoing restores it.
func projectMerge(t *deskpb.TicketSummary, r Record) {
	switch e := r.Event.GetKind().(type) {
	case *deskpb.Event_ConversationMerged:
		t.MergedInto = e.ConversationMerged.Into
		leaveLine(t)
	case *deskpb.Event_MergeUndone:
		t.MergedInto = ""
		joinLine(t, r.AtMs)
	case *deskpb.Event_ConversationTookIn:
		t.UpdatedAtMs = r.AtMs
		if t.WaitingSinceMs == 0 && t.Status != deskpb.TicketStatus_TICKET_STATUS_CLOSED {
			t.WaitingSinceMs = e.ConversationTookIn.WaitingSinceMs
		}
		for _, m := range e.ConversationTookIn.Sides {
			t.Sides = marked(t.Sides, m)
		}
	case *deskpb.Event_ConversationLetGo:
		t.Sides = slices.DeleteFunc(t.Sides, func(m *deskpb.SideMark) bool { return m.From == e.ConversationLetGo.Conversation })
		t.UpdatedAtMs = r.AtMs
		if t.WaitingSinceMs == e.ConversationLetGo.WaitingSinceMs {
			t.WaitingSinceMs = 0 // its contact waits there again
		}
	case *deskpb.Event_SideChanged:
		projectSideChanged(t, r, e.SideChanged)
	case *deskpb.Event_MessagesSplitOff:
		t.UpdatedAtMs = r.AtMs
		for _, m := range e.MessagesSplitOff.Messages {
			if m.Counted && t.Messages > 0 {
				t.Messages--
			}
		}
		if last := e.MessagesSplitOff.Last; last != nil {
			t.Preview, t.LastAuthor = last.Preview, "contact"
		}
	case *deskpb.Event_ConversationSplitFrom:
		projectSplitFrom(t, e.ConversationSplitFrom)
	case *deskpb.Event_ConversationPurged:
		projectPurged(t)
	case *deskpb.Event_VisitorIdentified:
		projectVisitor(t, e.VisitorIdentified)
	case *deskpb.Event_RequesterChanged:
		t.Contact, t.ContactName = e.RequesterChanged.Contact, e.RequesterChanged.ContactName
	}
}

func projectSplitFrom(t *deskpb.TicketSummary, e *deskpb.ConversationSplitFrom) {
	for _, m := range e.Messages {
		if m.Counted {
			t.Messages++
		}
		t.Preview, t.LastAuthor = m.Preview, "agent"
		if m.Inbound {
			t.LastAuthor, t.LastReceivedAtMs = "contact", m.AtMs
		}
	}
}
