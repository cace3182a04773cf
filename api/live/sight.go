package live

import (
	"context"
	"fmt"

	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/internal/socket"
	"github.com/centralita/centralita/proto/deskpb"
)

// Who sees every ticket (most agents, on most desks) shares lists by class and pays one comparison for what is here. For the
// others the same frames are chosen one by one, by desk.MaySee of the row as it is. A ticket that leaves their sight is told
// as gone; one that was never in it is not told at all, not even that it is there.

// viewerOf is what a session sees, nil for everything, and whether its agent runs the desk. Screens of one agent share it.
func (h *Hub) viewerOf(agent desk.AgentID) (*desk.Viewer, bool, error) {
	row, err := h.opt.Rows.Agent(agent)
	if err != nil {
		return nil, false, fmt.Errorf("read agent %s: %w", agent, err)
	}
	leads := desk.Leads(row)
	v, err := h.opt.Viewer(row)
	if err != nil || v.SeesAll() {
		return nil, leads && err == nil, err
	}
	if known := h.viewers[agent]; v.Same(known) {
		return known, leads, nil
	}
	h.viewers[agent] = v
	return v, leads, nil
}

// sight is what a run of changes is to those who do not see everything.
type sight struct {
	hub  *Hub
	list []change
	rows map[string]desk.Ticket // conversation → its row now
	from map[string]uint64      // conversation → the version before the first record of the run
	past map[string][]desk.Ticket
	gone map[string]*frames
	seen map[*desk.Viewer]map[string]verdictOfSight
}

type verdictOfSight uint8

const (
	sightUnknown verdictOfSight = iota
	sightHidden
	sightGone
	sightOpen
)

func (h *Hub) sightOf(records []desk.Record, list []change) *sight {
	s := &sight{
		hub: h, list: list, rows: map[string]desk.Ticket{}, from: map[string]uint64{}, past: map[string][]desk.Ticket{},
		gone: map[string]*frames{}, seen: map[*desk.Viewer]map[string]verdictOfSight{},
	}
	for i := range list {
		if list[i].topic == topicTicket {
			s.rows[list[i].id] = list[i].row
		}
	}
	for _, r := range records {
		id := desk.StreamID(r.Stream).ID()
		if _, begun := s.from[id]; begun || s.rows[id] == nil || r.Event == nil || !desk.MovesSight(r.Event) {
			continue
		}
		s.from[id] = r.Version - 1
	}
	return s
}

// of tells what a conversation of the run is to a viewer.
func (s *sight) of(v *desk.Viewer, id string) (verdictOfSight, error) {
	known := s.seen[v]
	if known == nil {
		known = map[string]verdictOfSight{}
		s.seen[v] = known
	}
	if known[id] != sightUnknown {
		return known[id], nil
	}
	verdict := sightHidden
	if row := s.rows[id]; row != nil && desk.MaySee(v, row) {
		verdict = sightOpen
	} else if from, moved := s.from[id]; moved {
		past, err := s.pastOf(id, from)
		if err != nil {
			return 0, err
		}
		for _, t := range past {
			if desk.MaySee(v, t) {
				verdict = sightGone
				break
			}
		}
	}
	known[id] = verdict
	return verdict, nil
}

// pastOf gives the ticket as it stood before the run and after each of its records that may have changed who sees it: a screen
// may have read any of them.
func (s *sight) pastOf(id string, from uint64) ([]desk.Ticket, error) {
	if past, known := s.past[id]; known {
		return past, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), commandTimeout)
	defer cancel()
	past := []desk.Ticket{}
	var t *deskpb.TicketSummary
	for r, err := range s.hub.opt.Journal.Records(ctx, desk.ConversationID(id).Stream(), 0) {
		if err != nil {
			return nil, fmt.Errorf("read conversation %s: %w", id, err)
		}
		if r.Version > from && t != nil && desk.MovesSight(r.Event) {
			past = append(past, desk.CloneTicket(t))
		}
		t = desk.ProjectTicket(t, r)
	}
	s.past[id] = past
	return past, nil
}

// pick chooses what a socket that does not see everything is sent.
func (s *sight) pick(w *wants, v *desk.Viewer, e eyes) ([]*socket.Frame, error) {
	var out []*socket.Frame
	add := func(f *socket.Frame) {
		if f != nil {
			out = append(out, f)
		}
	}
	for i := range s.list {
		c := &s.list[i]
		if !w.want(c.topic, c.id) {
			continue
		}
		if c.topic == topicSide && !s.hub.sees(v, c.id) {
			continue
		}
		if c.topic != topicTicket && c.topic != topicRecord {
			add(c.of(e))
			continue
		}
		verdict, err := s.of(v, c.id)
		if err != nil {
			return nil, err
		}
		switch {
		case verdict == sightOpen:
			add(s.openTo(c, v, e))
		case verdict == sightGone && c.topic == topicTicket:
			add(s.goneOf(c).of(e.binary))
		}
	}
	return out, nil
}

// openTo is the frame of what a viewer sees. That a ticket was merged into another one does not say what that is about to who may
// not see it.
func (s *sight) openTo(c *change, v *desk.Viewer, e eyes) *socket.Frame {
	m := c.frame.GetRecord().GetRecord().GetEvent().GetConversationMerged()
	if m == nil || m.IntoSubject == "" || s.hub.sees(v, m.Into) {
		return c.of(e)
	}
	if c.blind == nil {
		r := proto.CloneOf(c.frame.GetRecord().GetRecord())
		r.Event.GetConversationMerged().IntoSubject = ""
		c.blind = &frames{frame: recordFrame(r)}
	}
	return c.blind.of(e.binary)
}

func (s *sight) goneOf(c *change) *frames {
	if c.row.GetPurged() {
		return &c.frames
	}
	f := s.gone[c.id]
	if f == nil {
		f = &frames{frame: goneFrame(desk.Position(c.frame.GetTicket().GetPosition()), c.id)}
		s.gone[c.id] = f
	}
	return f
}

// limitedFan is a fan-out to those who do not see everything: who sees the same and shows no conversation shares one list.
type limitedFan struct {
	*sight
	alone map[aloneKey][]*socket.Frame
}

type aloneKey struct {
	viewer *desk.Viewer
	class  int
}

func (h *Hub) fanLimited(s *session, l *limitedFan, touched map[string]bool) (sent int) {
	k := aloneKey{s.viewer, s.wants.class(s.eyes())}
	shares := !s.wants.touchedBy(touched)
	fs, made := l.alone[k]
	if !shares || !made {
		w := s.wants
		if shares {
			w.conversations = nil
		}
		var err error
		if fs, err = l.pick(&w, s.viewer, s.eyes()); err != nil {
			h.opt.Logger.Error("what an agent may see cannot be read, the screen comes back", "agent", s.who.Agent, "err", err)
			s.closeSoon(socket.GoingAway, "the feed stumbled, come back with your position")
			return 0
		}
		if shares {
			l.alone[k] = fs
		}
	}
	s.push(fs...)
	if !shares {
		h.leaves(s, func(id string) bool { return l.rows[id] != nil && l.seen[s.viewer][id] != sightOpen })
	}
	return len(fs)
}

// leaves takes conversations that went out of a session's sight from its subscription.
func (h *Hub) leaves(s *session, hidden func(conversation string) bool) {
	var kept, dropped []subscription
	for _, sub := range s.wants.conversations {
		if hidden(sub.conversation) {
			dropped = append(dropped, sub)
			s.push(encode(goneFrame(h.position, sub.conversation), s.binary))
		} else {
			kept = append(kept, sub)
		}
	}
	if len(dropped) > 0 {
		h.watch(dropped, -1)
		s.wants.conversations = kept
		if !s.wants.subscribed(s.looking) {
			h.look(s, "")
		}
	}
}

// resight looks again at what the agents see whose account or teams changed. A screen that sees other tickets than before
// reads its lists again; one that is not live yet comes back.
func (h *Hub) resight(records []desk.Record) {
	changed, teams := sightChanges(records)
	if len(changed) == 0 && !teams {
		return
	}
	for s := range h.sessions {
		if !changed[s.who.Agent] && (!teams || s.viewer == nil) {
			continue
		}
		v, leads, err := h.viewerOf(s.who.Agent)
		if err != nil {
			h.opt.Logger.Error("what an agent may see cannot be read, the screen comes back", "agent", s.who.Agent, "err", err)
			s.closeSoon(socket.GoingAway, "the feed stumbled, come back with your position")
			continue
		}
		// Who came while these records were on their way was taken in with what holds after them, and may have seen other
		// tickets where it was before.
		if v.Same(s.viewer) && leads == s.leads && desk.Position(records[0].Position) > s.entered {
			continue
		}
		s.viewer, s.leads = v, leads
		h.leaves(s, func(id string) bool { return !h.sees(v, id) })
		switch s.state {
		case stateLive:
			s.send(resetFrame(h.epoch, h.position, "you see other tickets than before"))
			s.send(caughtUpFrame(h.position))
		case stateCatchingUp:
			s.closeSoon(socket.GoingAway, comeBack)
		case stateNew, stateResuming:
		}
	}
}

// sightChanges names the agents whose account changed, and says whether a team did.
func sightChanges(records []desk.Record) (agents map[desk.AgentID]bool, teams bool) {
	for _, r := range records {
		switch stream := desk.StreamID(r.Stream); stream.Kind() {
		case desk.KindTeam:
			teams = true
		case desk.KindAgent:
			if r.Event.GetAgentChanged() == nil {
				continue
			}
			if agents == nil {
				agents = map[desk.AgentID]bool{}
			}
			agents[desk.AgentID(stream.ID())] = true
		}
	}
	return agents, teams
}

// sees tells whether a conversation is there and the viewer may see it.
func (h *Hub) sees(v *desk.Viewer, conversation string) bool {
	if v.SeesAll() {
		return true
	}
	row, err := h.opt.Rows.Ticket(desk.ConversationID(conversation))
	return err == nil && row != nil && desk.MaySee(v, row)
}
