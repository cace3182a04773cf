package desk

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/centralita/centralita/proto/deskpb"
)

// MaxTogether is how many commands one macro holds.
const MaxTogether = 20

// together decides on commands one after the other, each on what those before it leave; one refusal refuses them all. A message
// among them that is there already says that all of them happened: asked again, nothing is done twice.
func together(c *Conversation, cmd Command, m *deskpb.Together) ([]Event, error) {
	if n := len(m.Commands); n == 0 || n > MaxTogether {
		return nil, Refuse(Invalid, "commands", "1 to %d commands", MaxTogether)
	}
	s, err := c.clone()
	if err != nil {
		return nil, err
	}
	var out []Event
	for i, sub := range m.Commands {
		if !inMacro(sub) && (i > 0 || !opens(m)) {
			return nil, Refuse(Invalid, fmt.Sprintf("commands[%d]", i), "%q has no place in a macro", deskpb.KindName(sub))
		}
		evs, err := decideConversation(s, &deskpb.Command{AtMs: cmd.AtMs, By: cmd.By, Kind: sub.Kind})
		if err != nil {
			return nil, InCommand(err, i)
		}
		if len(evs) == 0 && writes(sub) {
			return nil, nil
		}
		for _, ev := range evs {
			s = evolveConversation(s, ev)
		}
		out = append(out, evs...)
	}
	return out, nil
}

// opens: the first of the commands opens the conversation that the others are of.
func opens(m *deskpb.Together) bool {
	return len(m.GetCommands()) > 0 && m.Commands[0].GetOpenConversation() != nil
}

// inMacro: what agents do to a ticket. What the desk itself asks for, and what has another side, does not belong.
func inMacro(cmd Command) bool {
	switch cmd.GetKind().(type) {
	case *deskpb.Command_RequestReply, *deskpb.Command_AddNote, *deskpb.Command_AssignConversation, *deskpb.Command_UnassignConversation,
		*deskpb.Command_SetTicketStatus, *deskpb.Command_SetTicketPriority, *deskpb.Command_SetTicketSubject, *deskpb.Command_ChangeTicketTags,
		*deskpb.Command_TransferToTeam, *deskpb.Command_SetTicketStage, *deskpb.Command_SetTicketProperty, *deskpb.Command_SnoozeTicket, *deskpb.Command_SetTicketDue,
		*deskpb.Command_FollowTicket, *deskpb.Command_UnfollowTicket, *deskpb.Command_DismissMention, *deskpb.Command_MarkSpam,
		*deskpb.Command_UnmarkSpam:
		return true
	}
	return false
}

func writes(cmd Command) bool {
	switch cmd.GetKind().(type) {
	case *deskpb.Command_RequestReply, *deskpb.Command_AddNote:
		return true
	}
	return false
}

// InCommand says in which command of a macro the fault is.
func InCommand(err error, i int) error {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return err
	}
	in := *e
	in.Field = fmt.Sprintf("commands[%d]", i)
	if e.Field != "" {
		in.Field += "." + e.Field
	}
	return &in
}

// clone copies a state by what a snapshot is: its JSON. Deciding must not change the state it is given.
func (c *Conversation) clone() (*Conversation, error) {
	raw, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("copy a conversation: %w", err)
	}
	s := newConversation()
	if err := json.Unmarshal(raw, s); err != nil {
		return nil, fmt.Errorf("copy a conversation: %w", err)
	}
	return s, nil
}
