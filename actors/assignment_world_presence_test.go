package actors_test

import (
	"slices"
	"time"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// Workspaces that are opened and closed, often for less than the grace time. Half of the channels are chats, which only who is
// connected is given.
var presenceMoves = []move{
	{"a workspace is opened or closed", 130, func(w *assignmentWorld) {
		a := w.agent()
		if w.open[a] > 0 && w.rng.IntN(2) == 0 {
			w.open[a]--
			w.l.sys.SocketClosed(a)
			return
		}
		w.open[a]++
		w.l.sys.SocketOpened(a)
	}},
	// A grace time ends when nothing else happens, because fake time goes by only then. So that a loss meets promises that are under
	// way, it is noted out of turn; what is not so is put right.
	{"presence is noted, true or not", 60, func(w *assignmentWorld) {
		w.tell(w.agent().Stream(), &deskpb.NotePresence{Connected: w.rng.IntN(2) == 0})
	}},
}

// comeBack: in another life half of those who had a workspace open come back to it, in an instant.
func (w *assignmentWorld) comeBack() {
	before := w.open
	w.open = map[desk.AgentID]int{}
	for _, a := range w.agents { // not in the order of a map: a seed says what happens
		if before[a] > 0 && w.rng.IntN(2) == 0 {
			w.open[a] = 1
			w.l.sys.SocketOpened(a)
		}
	}
}

// attended: at rest the journal says who has a workspace open.
func (w *assignmentWorld) attended() {
	for _, a := range w.agents {
		if m := w.judge.agents[string(a)]; m.Connected != (w.open[a] > 0) {
			w.t.Errorf("position %d: %s has %d workspaces open, and connected is %v", w.judge.at, a, w.open[a], m.Connected)
			w.judge.story(string(a))
		}
	}
}

// hears: an agent has what it needs for a ticket of this kind, as far as presence goes.
func (j *judge) hears(t *judged, a *desk.Member, rule *deskpb.RoutingRule) bool {
	return a.Connected || !desk.Live(j.kinds[t.channel]) || rule.GetIgnoreAvailability()
}

// heard: nobody is promised, or given, a chat who is not connected, in the order of the journal.
func heard(j *judge, r desk.Record) {
	id := desk.StreamID(r.Stream).ID()
	if e := r.Event.GetPlaceReserved(); e != nil && e.Live && !e.IgnoreAvailability && !j.agents[id].Connected {
		j.t.Errorf("position %d: %s, who is not connected, promised a place for a chat", r.Position, id)
	}
	if e := r.Event.GetConversationAssigned(); e.GetReservation() != "" && !j.hears(j.tickets[id], j.agents[e.Agent], j.gave(j.tickets[id], e)) {
		j.fault(r, id, e, "not connected")
	}
}

// placed: at rest everybody in line, and nobody else, has a place; of one channel those who are served later stand further back and are
// told no shorter time.
func (w *assignmentWorld) placed() {
	w.pass(2 * time.Second) // what was counted before is old
	var line []desk.Ticket
	for t, err := range w.store.Store.Index().Line() {
		must(w.t, err)
		line = append(line, t)
	}
	slices.SortFunc(line, desk.InOrder)
	last := map[string]desk.LinePlace{}
	for _, t := range line {
		p, err := w.l.sys.LinePlace(w.t.Context(), desk.ConversationID(t.Conversation))
		must(w.t, err)
		of := t.Channel + "/" + t.Team
		if before := last[of]; p.Position <= before.Position || p.Position > len(line) || p.WaitMs < 0 || p.WaitMs > 0 && p.WaitMs < before.WaitMs {
			w.t.Errorf("position %d: %s of %s is told %+v of %d after %+v", w.judge.at, t.Conversation, of, p, len(line), before)
		}
		last[of] = p
	}
	if c, ok := w.someTicket(desk.ViewClosed); ok {
		if p, err := w.l.sys.LinePlace(w.t.Context(), c); err != nil || p != (desk.LinePlace{}) {
			w.t.Errorf("%s is closed and has place %+v %v", c, p, err)
		}
	}
}
