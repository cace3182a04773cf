package search

import (
	"context"
	"fmt"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
	"github.com/centralita/centralita/proto/deskpb"
)

// What was said aside because of a ticket is found with the ticket: its words are in the document of each ticket that shows the side
// conversation. Whoever may see the ticket may read it; its contact has no search.

// lastAside is how many records of one side conversation are looked at, the last ones.
const lastAside = 200

// aside is a side conversation with its records.
type aside struct {
	id      string
	subject string
	records []desk.Record
}

// asides reads the side conversations that a ticket shows: its own, and those of what was merged into it. Of what was
// purged nothing is left.
func asides(ctx context.Context, store persistence.Store, t desk.Ticket) (all []aside, err error) {
	for _, m := range t.Sides {
		id := desk.ConversationID(m.Side)
		row, err := store.Index().Side(id)
		if err != nil {
			return nil, fmt.Errorf("read side conversation %s: %w", id, err)
		}
		if row == nil {
			continue
		}
		records, err := load(ctx, store, id, row.PurgedVersion)
		if err != nil {
			return nil, err
		}
		all = append(all, aside{m.Side, row.Subject, records[max(0, len(records)-lastAside):]})
	}
	return all, nil
}

// aside adds what was said with somebody else. It is none of the contact's or the agents' words to them: the marks of those stay away.
func (w *writer) aside(a aside) {
	w.say(a.subject)
	for i := len(a.records) - 1; i >= 0; i-- {
		switch e := a.records[i].Event.GetKind().(type) {
		case *deskpb.Event_MessageReceived:
			m := e.MessageReceived
			w.say(m.Subject)
			w.body(m.Body)
			for _, name := range []string{m.From.GetName(), m.From.GetAddress()} {
				w.plain(w.from, name)
				w.plain(w.text, name)
			}
		case *deskpb.Event_ReplyRequested:
			m := e.ReplyRequested
			w.body(m.Body)
			for _, to := range m.To { // who was asked, and has not answered yet
				w.plain(w.text, to.Name)
				w.plain(w.text, to.Address)
			}
		default:
			continue
		}
		w.said(a.records[i].AtMs)
	}
}
