package actors_test

import (
	"context"
	"fmt"
	"time"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// What customers do, and people to tickets.
var ticketMoves = []move{
	{"a mail", 260, func(w *assignmentWorld) { w.arrive(w.address()) }},
	{"a ticket is closed", 220, func(w *assignmentWorld) { w.status(desk.ViewOpen, deskpb.TicketStatus_TICKET_STATUS_CLOSED) }},
	{"a ticket is opened again", 20, func(w *assignmentWorld) { w.status(desk.ViewClosed, deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_US) }},
	{"work by hand", 100, (*assignmentWorld).work},
	{"due at another time", 10, (*assignmentWorld).due},
}

func (w *assignmentWorld) arrive(from string) {
	w.arriveAt(w.wires[w.rng.IntN(len(w.wires))], from)
}

func (w *assignmentWorld) arriveAt(wire *wire, from string) {
	w.mails++
	id := fmt.Sprint("m", w.mails)
	wire.mu.Lock()
	in := wire.in
	wire.mu.Unlock()
	in.Deliver(context.Background(), mail(id, from, "help"))
}

func (w *assignmentWorld) status(of desk.View, to deskpb.TicketStatus) {
	if c, ok := w.someTicket(of); ok {
		w.tell(c.Stream(), &deskpb.SetTicketStatus{Status: to})
	}
}

// work is what people do to tickets by hand.
func (w *assignmentWorld) work() {
	c, ok := w.someTicket([]desk.View{desk.ViewOpen, desk.ViewUnassigned}[w.rng.IntN(2)])
	if !ok {
		return
	}
	switch w.rng.IntN(6) {
	case 0, 1:
		a := w.agent()
		w.tell(c.Stream(), &deskpb.AssignConversation{Agent: string(a), AgentName: string(a)})
	case 2:
		w.tell(c.Stream(), &deskpb.UnassignConversation{})
	case 3:
		w.tell(c.Stream(), &deskpb.TransferToTeam{Team: string(w.teams[w.rng.IntN(len(w.teams))]), TeamName: "team", Unassign: w.rng.IntN(2) == 0})
	case 4:
		w.tell(c.Stream(), &deskpb.SetTicketPriority{Priority: deskpb.Priority(1 + w.rng.IntN(4))})
	case 5:
		w.tell(c.Stream(), &deskpb.SnoozeTicket{UntilMs: time.Now().Add(time.Duration(1+w.rng.IntN(60)) * time.Second).UnixMilli()})
	}
}

// due sets a time by which an answer is due, or takes it off.
func (w *assignmentWorld) due() {
	if c, ok := w.someTicket(desk.ViewUnassigned); ok {
		at := int64(0)
		if w.rng.IntN(3) > 0 {
			at = time.Now().Add(time.Duration(1+w.rng.IntN(60)) * time.Second).UnixMilli()
		}
		w.tell(c.Stream(), &deskpb.SetTicketDue{DueMs: at})
	}
}
