package api

import (
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// workActivity is the line of a timeline for what was done on a ticket.
func workActivity(ev desk.Event) *Activity {
	switch e := ev.GetKind().(type) {
	case *deskpb.Event_TicketTagsChanged:
		return &Activity{Code: "tags", Added: e.TicketTagsChanged.Added, Removed: e.TicketTagsChanged.Removed}
	case *deskpb.Event_SideChanged:
		m := e.SideChanged
		if m.What == "written" {
			return nil // it is read in the side conversation
		}
		return &Activity{Code: "side", Conversation: m.Side, Cause: m.What, To: m.With, From: m.Subject, AgentName: m.Who}
	case *deskpb.Event_TicketTeamChanged:
		return &Activity{Code: "team", Field: e.TicketTeamChanged.Team, To: e.TicketTeamChanged.TeamName}
	case *deskpb.Event_TicketStageChanged:
		return &Activity{Code: "stage", Field: e.TicketStageChanged.Pipeline, To: e.TicketStageChanged.StageName}
	case *deskpb.Event_TicketPropertySet:
		return &Activity{Code: "property", Field: e.TicketPropertySet.Property, To: e.TicketPropertySet.Value}
	case *deskpb.Event_TicketSnoozed:
		return &Activity{Code: "snoozed", Until: optionalTime(e.TicketSnoozed.UntilMs)}
	case *deskpb.Event_TicketWoken:
		return &Activity{Code: "woken", Cause: e.TicketWoken.Cause}
	case *deskpb.Event_TicketDueChanged:
		m := e.TicketDueChanged
		due := &Activity{Code: "due", Until: optionalTime(m.DueMs), Cause: m.Cause}
		if m.Cause == "answered" {
			due.Until = optionalTime(m.WasMs) // by when it was asked for
			if m.Late {
				due.Cause = "answered_late"
			}
		}
		return due
	case *deskpb.Event_TicketHeld:
		m := e.TicketHeld
		if m.UntilMs == 0 {
			return &Activity{Code: "released", Cause: m.Cause, Count: int(m.Messages)}
		}
		return &Activity{Code: "held", Until: optionalTime(m.UntilMs), Cause: m.Limit, To: m.Of}
	case *deskpb.Event_ChatEntered:
		return chatEntered(e.ChatEntered)
	case *deskpb.Event_BotStarted:
		return &Activity{Code: "bot_started", To: e.BotStarted.Bot}
	case *deskpb.Event_BotEnded:
		return &Activity{Code: "bot_ended", Cause: e.BotEnded.Cause, Agent: e.BotEnded.By, AgentName: e.BotEnded.ByName}
	case *deskpb.Event_TicketFollowed:
		return &Activity{Code: "followed", Agent: e.TicketFollowed.Agent, AgentName: e.TicketFollowed.AgentName}
	case *deskpb.Event_TicketUnfollowed:
		return &Activity{Code: "unfollowed", Agent: e.TicketUnfollowed.Agent}
	case *deskpb.Event_TicketMarkedSpam:
		return &Activity{Code: "spam", Cause: e.TicketMarkedSpam.Cause}
	case *deskpb.Event_TicketUnmarkedSpam:
		return &Activity{Code: "not_spam", Cause: e.TicketUnmarkedSpam.Cause}
	case *deskpb.Event_OwnerTold:
		return &Activity{Code: "owner_told", Agent: e.OwnerTold.Agent, AgentName: e.OwnerTold.AgentName, Cause: e.OwnerTold.Withheld}
	}
	if a := leavingActivity(ev); a != nil {
		return a
	}
	return mergeActivity(ev)
}

func mergeActivity(ev desk.Event) *Activity {
	switch e := ev.GetKind().(type) {
	case *deskpb.Event_ConversationMerged:
		m := e.ConversationMerged
		return &Activity{Code: "merged", Conversation: m.Into, Number: m.IntoNumber, To: m.IntoSubject}
	case *deskpb.Event_MergeUndone:
		return &Activity{Code: "merge_undone", Conversation: e.MergeUndone.From, Number: e.MergeUndone.FromNumber}
	case *deskpb.Event_ConversationTookIn:
		m := e.ConversationTookIn
		return &Activity{Code: "took_in", Conversation: m.Conversation, Number: m.Number, To: m.Subject}
	case *deskpb.Event_ConversationLetGo:
		return &Activity{Code: "let_go", Conversation: e.ConversationLetGo.Conversation, Number: e.ConversationLetGo.Number}
	case *deskpb.Event_MessagesSplitOff:
		m := e.MessagesSplitOff
		return &Activity{Code: "split_off", Conversation: m.Into, To: m.Opening.GetSubject(), Count: len(m.Messages)}
	case *deskpb.Event_ConversationSplitFrom:
		m := e.ConversationSplitFrom
		return &Activity{Code: "split_from", Conversation: m.Conversation, Number: m.Number, Count: len(m.Messages)}
	}
	return whoActivity(ev)
}

// chatEntered is how a chat began; of one without a form and a consent there is nothing to read.
func chatEntered(m *deskpb.ChatEntered) *Activity {
	a := &Activity{Code: "chat_entered", To: m.FlowName, From: m.Page, Cause: m.Consent, Text: m.ConsentText, Field: m.ConsentVersion, Until: optionalTime(m.ConsentAtMs)}
	for _, answer := range m.Answers {
		a.Added = append(a.Added, answer.Label+": "+answer.Value)
	}
	return a
}

// leavingActivity: what became of a visitor who left a chat, and what they thought of it.
func leavingActivity(ev desk.Event) *Activity {
	switch e := ev.GetKind().(type) {
	case *deskpb.Event_UnreadNotMailed:
		return &Activity{Code: "not_mailed", Cause: e.UnreadNotMailed.Cause, Count: len(e.UnreadNotMailed.Messages)}
	case *deskpb.Event_VisitorAddressGiven:
		return &Activity{Code: "address", To: e.VisitorAddressGiven.Address}
	case *deskpb.Event_ConversationRated:
		m := e.ConversationRated
		return &Activity{Code: "rated", Number: uint64(m.Score), Text: m.Comment, Field: m.Scale, Cause: m.By, Agent: m.Agent}
	case *deskpb.Event_ChatEnded:
		if m := e.ChatEnded; m.Transcript != "" || m.Rating != "" {
			return &Activity{Code: "chat_ended", Cause: m.Rating, Field: m.Transcript}
		}
	}
	return nil
}
