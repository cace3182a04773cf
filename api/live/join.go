package live

import (
	"context"
	"fmt"
	"time"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/internal/socket"
	"github.com/centralita/centralita/proto/deskpb"
)

// enter takes a socket in.
func (h *Hub) enter(s *session) {
	h.sessions[s] = struct{}{}
	s.greeting = time.AfterFunc(h.opt.HelloWithin, func() { h.call(func() { h.expectHello(s) }) })
	if !h.opt.SignedIn(s.who) {
		s.closeSoon(socket.AuthExpired, "signed out")
		return
	}
	var err error
	if s.viewer, s.leads, err = h.viewerOf(s.who.Agent); err != nil {
		s.viewer = &desk.Viewer{Agent: s.who.Agent, Access: deskpb.Access_ACCESS_OWN} // in doubt it sees too little
		h.opt.Logger.Error("what an agent may see cannot be read, the screen comes back", "agent", s.who.Agent, "err", err)
		s.closeSoon(socket.GoingAway, comeBack)
	}
	_, s.entered = h.opt.Journal.Head()
}

// expectHello ends a socket that has not said hello.
func (h *Hub) expectHello(s *session) {
	if s.state == stateNew {
		s.closeSoon(socket.Protocol, "say hello first")
	}
}

func (h *Hub) leave(s *session) {
	s.greeting.Stop()
	if s.state != stateNew {
		h.opt.Signs.SocketClosed(s.who.Agent)
	}
	delete(h.sessions, s)
	h.look(s, "")
	h.watch(s.wants.conversations, -1)
	s.wants, s.held = wants{}, nil
}

// watch counts, by conversation and contact, how many sockets subscribed.
func (h *Hub) watch(subs []subscription, by int) {
	for _, sub := range subs {
		for _, id := range [...]string{sub.conversation, sub.contact} {
			if h.open[id] += by; id == "" || h.open[id] <= 0 {
				delete(h.open, id)
			}
		}
	}
}

// hello answers a new or a returning screen.
func (h *Hub) hello(s *session, id string, m *deskpb.Hello) {
	if s.state != stateNew {
		s.refuse(id, &desk.Error{Code: desk.Conflict, Message: "hello was said already"})
		return
	}
	s.greeting.Stop()
	h.opt.Signs.SocketOpened(s.who.Agent)
	s.send(welcomeFrame(h.epoch, h.position, s.who.Agent))
	from := desk.Position(m.Position)
	_, head := h.opt.Journal.Head()
	reset := ""
	switch {
	case m.Epoch == "": // a new screen: it reads the lists after this
	case m.Epoch != h.epoch:
		reset = "the history is another one"
	case from > head:
		reset = "the position is ahead of the history"
	case from+maxGap < h.position:
		reset = "too much has happened since"
	default:
		s.state, s.from = stateResuming, from
		return
	}
	if reset != "" {
		s.send(resetFrame(h.epoch, h.position, reset))
	}
	s.state, s.told = stateLive, h.position
	s.send(caughtUpFrame(h.position))
}

// subscribe replaces what the screen is told. What it newly looks at comes at once as the rows are now, so that it sees
// whether what it read before is still the latest.
func (h *Hub) subscribe(s *session, id string, m *deskpb.Subscribe) {
	if s.state == stateNew {
		s.refuse(id, &desk.Error{Code: desk.Conflict, Message: "say hello first"})
		return
	}
	next, hidden, refusal := h.resolve(s.viewer, m)
	if refusal != nil {
		s.refuse(id, refusal)
		return
	}
	before := s.wants
	h.watch(next.conversations, 1)
	h.watch(before.conversations, -1)
	s.wants = next
	resuming := s.state == stateResuming
	if resuming {
		h.catchUp(s)
	}
	if next.subscribed(m.Looking) {
		h.look(s, m.Looking)
	} else {
		h.look(s, "")
	}
	for _, id := range hidden {
		s.push(encode(goneFrame(h.position, id), s.binary))
	}
	for _, sub := range next.conversations {
		if before.subscribed(sub.conversation) {
			continue
		}
		if resuming {
			continue // the row comes with what was missed
		}
		if row, err := h.opt.Rows.Ticket(desk.ConversationID(sub.conversation)); err == nil && row != nil && !row.Purged {
			s.showTicket(h.position, row)
		}
	}
	if !resuming {
		s.told = h.position
		s.push(encode(caughtUpFrame(h.position), s.binary))
	}
}

// resolve checks a subscription and finds the contacts it implies. hidden are conversations the viewer may not see, or that
// are not there: to the viewer that is the same.
func (h *Hub) resolve(v *desk.Viewer, m *deskpb.Subscribe) (w wants, hidden []string, refusal *desk.Error) {
	w = wants{tickets: m.Tickets, agents: m.Agents, channels: m.Channels}
	if len(m.Conversations) > maxSubscribed {
		return w, nil, &desk.Error{Code: desk.Invalid, Field: "conversations", Message: "at most 20 conversations"}
	}
	for _, c := range m.Conversations {
		if !desk.ValidID(c) {
			return w, nil, &desk.Error{Code: desk.Invalid, Field: "conversations", Message: "one of them is not the id of a conversation"}
		}
		if w.subscribed(c) {
			continue
		}
		sub := subscription{conversation: c}
		row, err := h.opt.Rows.Ticket(desk.ConversationID(c))
		if v != nil && (err != nil || row == nil || !desk.MaySee(v, row)) || row.GetPurged() {
			hidden = append(hidden, c)
			continue
		}
		if err == nil && row != nil {
			sub.contact = row.Contact
		}
		w.conversations = append(w.conversations, sub)
	}
	return w, hidden, nil
}

// catchUp sends a returning screen what it missed, beside the loop: everything up to where the loop is now. From now on the
// loop holds what is new for it.
func (h *Hub) catchUp(s *session) {
	s.state = stateCatchingUp
	to, w, v, e := h.position, s.wants, s.viewer, s.eyes()
	h.readers.Go(func() {
		select {
		case h.slots <- struct{}{}:
			defer func() { <-h.slots }()
		case <-s.conn.Done():
			return
		case <-h.done:
			return
		}
		defer s.recovered()
		if h.replay(s, to, &w, v, e) {
			h.call(func() { h.goLive(s, to) })
		}
	})
}

// replay sends what the records in (s.from, to] changed; false when the socket is of no use any more.
func (h *Hub) replay(s *session, to desk.Position, w *wants, v *desk.Viewer, e eyes) bool {
	missed, err := h.missed(s, to, w, v)
	var frames []*socket.Frame
	if err == nil {
		frames, err = h.replayed(s, missed, to, w, v, e)
	}
	if err != nil {
		h.opt.Logger.Error("a screen cannot catch up", "agent", s.who.Agent, "position", s.from, "err", err)
		s.close(socket.GoingAway, "what was missed cannot be read, come back")
		return false
	}
	for _, f := range append(frames, encode(caughtUpFrame(to), s.binary)) {
		if !s.conn.SendWait(f) {
			return false
		}
	}
	h.opt.Metrics.CountFrames(len(frames) + 1)
	return true
}

// replayed gives the frames of what was missed; a screen that saw other tickets than it sees now reads its lists again.
func (h *Hub) replayed(s *session, missed []desk.Record, to desk.Position, w *wants, v *desk.Viewer, e eyes) ([]*socket.Frame, error) {
	if changed, teams := sightChanges(missed); changed[s.who.Agent] || teams && v != nil {
		return []*socket.Frame{encode(resetFrame(h.epoch, to, "you may see other tickets than before"), s.binary)}, nil
	}
	list, err := h.changes(missed, w.want)
	if err != nil {
		return nil, err
	}
	if v == nil {
		return pick(list, w, e), nil
	}
	return h.sightOf(missed, list).pick(w, v, e)
}

// missed reads the records in (s.from, to]; of those whose body the screen does not want it keeps the place only.
func (h *Hub) missed(s *session, to desk.Position, w *wants, v *desk.Viewer) ([]desk.Record, error) {
	if s.from >= to {
		return nil, nil
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var out []desk.Record
	for r, err := range h.opt.Journal.Watch(ctx, s.from) {
		if err != nil {
			return nil, fmt.Errorf("read the journal after %d: %w", s.from, err)
		}
		stream := desk.StreamID(r.Stream)
		if stream.Kind() == desk.KindConversation && !w.subscribed(stream.ID()) {
			place := &deskpb.Record{Stream: r.Stream, Version: r.Version, Position: r.Position}
			if v != nil && desk.MovesSight(r.Event) {
				place.Event = r.Event
			}
			r = place
		}
		out = append(out, r)
		if desk.Position(r.Position) >= to {
			break
		}
		select {
		case <-s.conn.Done():
			return nil, socket.ErrClosed
		default:
		}
	}
	return out, nil
}

// goLive lets go of what was held.
func (h *Hub) goLive(s *session, told desk.Position) {
	held := s.held
	s.state, s.held, s.told = stateLive, nil, told
	s.push(held...)
}
