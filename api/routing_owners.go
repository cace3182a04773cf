package api

import (
	"fmt"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// Owners says what becomes of a channel's tickets whose owner is not there for them.
type Owners struct {
	Away       string `json:"away" required:"false" enum:"keep,requeue,hand_over" default:"keep" doc:"When the owner goes away: the ticket stays; goes back after a time away; goes back when their hours end or an absence begins, but not for a break"`
	After      int64  `json:"after" required:"false" minimum:"0" maximum:"604800" doc:"Of requeue: seconds away, 60 or more"`
	Reopened   string `json:"reopened" required:"false" enum:"keep,if_available,requeue" default:"keep" doc:"When its contact opens a closed ticket again: the owner keeps it; keeps it if available; never keeps it"`
	Offer      int64  `json:"offer" required:"false" minimum:"0" maximum:"86400" doc:"Seconds, 10 or more, in which whoever was chosen by rule opens the ticket or does something to it; else it goes to the next. 0: for ever"`
	MostMissed int32  `json:"most_missed" required:"false" minimum:"0" maximum:"100" doc:"Offers in a row that were not taken, after which an agent is made away. 0: never"`
}

var (
	awayWords     = map[deskpb.OwnerAway]string{deskpb.OwnerAway_OWNER_AWAY_REQUEUE: "requeue", deskpb.OwnerAway_OWNER_AWAY_HAND_OVER: "hand_over"}
	reopenedWords = map[deskpb.OwnerReopened]string{deskpb.OwnerReopened_OWNER_REOPENED_IF_AVAILABLE: "if_available", deskpb.OwnerReopened_OWNER_REOPENED_REQUEUE: "requeue"}
)

func ownersView(p *deskpb.OwnerPolicy) *Owners {
	return &Owners{
		Away: wordOr(awayWords[p.GetAway()], "keep"), After: p.GetAfterSeconds(), Reopened: wordOr(reopenedWords[p.GetReopened()], "keep"),
		Offer: p.GetOfferSeconds(), MostMissed: p.GetMostMissed(),
	}
}

func wordOr(word, other string) string {
	if word == "" {
		return other
	}
	return word
}

// ownersOf reads a policy; one that says nothing is none.
func ownersOf(o *Owners) *deskpb.OwnerPolicy {
	p := &deskpb.OwnerPolicy{AfterSeconds: o.After, OfferSeconds: o.Offer, MostMissed: o.MostMissed}
	for code, word := range awayWords {
		if word == o.Away {
			p.Away = code
		}
	}
	for code, word := range reopenedWords {
		if word == o.Reopened {
			p.Reopened = code
		}
	}
	if p.Away == 0 && p.Reopened == 0 && p.AfterSeconds == 0 && p.OfferSeconds == 0 && p.MostMissed == 0 {
		return nil
	}
	return p
}

type changedAgent struct {
	Body struct {
		Agent     Agent `json:"agent"`
		TakenBack int   `json:"taken_back" doc:"Open tickets that go back into the line, or stay for people to take, because their owner was deactivated or lost the seat"`
	}
}

// leavesBehind counts the open tickets that a change takes from their owner.
func (s *Server) leavesBehind(row desk.Agent, to *deskpb.AgentChanged) (int, error) {
	if row.Deactivated || !to.Deactivated && (!row.Seat || to.Seat) {
		return 0, nil
	}
	counts, err := s.opt.Tickets.Counts()
	if err != nil {
		return 0, fmt.Errorf("count the tickets of %s: %w", row.Agent, err)
	}
	return counts.Owned[desk.AgentID(row.Agent)], nil
}
