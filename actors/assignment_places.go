package actors

import (
	"context"
	"fmt"
	"time"

	"github.com/centralita/centralita/desk"
)

// wherePlaces asks the assignment where everybody in line stands.
type wherePlaces struct {
	reply chan map[desk.ConversationID]desk.LinePlace
}

// linePlaces is what it said last. However many ask (each visitor who waits does), it counts at most once a second.
type linePlaces struct {
	turn chan struct{} // who holds it may read and change the rest
	at   time.Time
	all  map[desk.ConversationID]desk.LinePlace
}

const placesFresh = time.Second

func newLinePlaces() linePlaces { return linePlaces{turn: make(chan struct{}, 1)} }

// LinePlace is where a ticket stands in the waiting line, as it was at most a second ago; zero when it does not.
func (s *System) LinePlace(ctx context.Context, conv desk.ConversationID) (desk.LinePlace, error) {
	p := &s.places
	select {
	case p.turn <- struct{}{}:
		defer func() { <-p.turn }()
	case <-ctx.Done():
		return desk.LinePlace{}, fmt.Errorf("ask the line: %w", ctx.Err())
	}
	if s.stopping.Load() {
		return desk.LinePlace{}, desk.Refuse(desk.Unavailable, "", "the desk is shutting down; try again")
	}
	if p.all == nil || time.Since(p.at) >= placesFresh {
		m := &wherePlaces{reply: make(chan map[desk.ConversationID]desk.LinePlace, 1)}
		s.root.Send(s.assignment, m)
		select {
		case p.all = <-m.reply:
			p.at = time.Now()
		case <-ctx.Done():
			return desk.LinePlace{}, fmt.Errorf("ask the line: %w", ctx.Err())
		}
	}
	return p.all[conv], nil
}
