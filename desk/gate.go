package desk

import (
	"time"

	"github.com/centralita/centralita/proto/deskpb"
)

// The gate that every automatic answer passes. It is the contact's, because who answers whom is what matters: a machine that answers us
// opens a new conversation each time if it gives no header.

// Limits of automatic answers to one contact.
const (
	AnswersPerDay  = 3 // over all conversations; in one of them once
	AnswersAtOnce  = 2 // within ExchangeWindow: two desks like ours are silent after five mails
	MaxExchanges   = 5 // asked for within ExchangeWindow without an agent; the next one stops them
	ExchangeWindow = 10 * time.Minute
	FloodOf        = 20 // mails within ExchangeWindow; the next one stops them
	StoppedFor     = 24 * time.Hour
)

// Causes for which automatic answers are off.
const (
	StoppedByExchanges = "exchanges"
	StoppedByFlood     = "flood"
)

// Asked is an automatic answer that was asked for.
type Asked struct {
	AtMs         int64
	Conversation string
	Answered     bool
}

const aDay = 24 * time.Hour

// askToAnswer decides on one automatic answer. What is withheld is remembered too: two machines are told by how often they want to
// talk, not by how often they are let.
func askToAnswer(p *Person, cmd Command, m *deskpb.AskToAnswer) ([]Event, error) {
	if m.Ask == "" || len(m.Ask) > 64 || m.Conversation == "" {
		return nil, Refuse(Invalid, "ask", "needs an id of 1 to 64 bytes and a conversation")
	}
	if p.StoppedUntil > cmd.AtMs {
		return nil, conflict("answers_stopped", "automatic answers to this contact are off")
	}
	exchanges, today, soon, here := 0, 0, 0, false
	for _, a := range p.Asked {
		if a.AtMs > cmd.AtMs-ExchangeWindow.Milliseconds() && a.AtMs > m.AgentAtMs {
			exchanges++
		}
		if a.Answered && a.AtMs > cmd.AtMs-aDay.Milliseconds() {
			today++
			if a.AtMs > cmd.AtMs-ExchangeWindow.Milliseconds() {
				soon++
			}
			here = here || a.Conversation == m.Conversation
		}
	}
	if exchanges >= MaxExchanges {
		return events(stopped(StoppedByExchanges, cmd.AtMs)), nil
	}
	ev := &deskpb.AutomaticAnswerAsked{Ask: m.Ask, Conversation: m.Conversation, AtMs: cmd.AtMs}
	switch {
	case here:
		ev.Withheld = "conversation"
	case soon >= AnswersAtOnce:
		ev.Withheld = "soon"
	case today >= AnswersPerDay:
		ev.Withheld = "day"
	}
	return events(deskpb.NewEvent(ev)), nil
}

func stopAutomaticAnswers(p *Person, cmd Command, m *deskpb.StopAutomaticAnswers) ([]Event, error) {
	switch {
	case m.Cause != StoppedByExchanges && m.Cause != StoppedByFlood:
		return nil, Refuse(Invalid, "cause", "must be %s or %s", StoppedByExchanges, StoppedByFlood)
	case p.StoppedUntil > cmd.AtMs:
		return nil, nil
	}
	return events(stopped(m.Cause, cmd.AtMs)), nil
}

func stopped(cause string, now int64) Event {
	return deskpb.NewEvent(&deskpb.AutomaticAnswersStopped{Cause: cause, UntilMs: now + StoppedFor.Milliseconds()})
}

// maxAsked is what is remembered: more than all limits look at.
const maxAsked = 20

func evolveGate(p *Person, ev Event) {
	switch e := ev.GetKind().(type) {
	case *deskpb.Event_AutomaticAnswerAsked:
		p.Asked = append(p.Asked, Asked{AtMs: e.AutomaticAnswerAsked.AtMs, Conversation: e.AutomaticAnswerAsked.Conversation, Answered: e.AutomaticAnswerAsked.Withheld == ""})
		if n := len(p.Asked); n > maxAsked {
			p.Asked = p.Asked[n-maxAsked:]
		}
	case *deskpb.Event_AutomaticAnswersStopped:
		p.StoppedUntil, p.Asked = e.AutomaticAnswersStopped.UntilMs, nil
	case *deskpb.Event_AutomaticAnswersAllowed:
		p.StoppedUntil, p.Asked = 0, nil
	}
}
