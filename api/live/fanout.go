package live

import (
	"time"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/internal/socket"
	"github.com/centralita/centralita/proto/deskpb"
)

// flush hands what is pending to every socket: each frame is made once, and sockets that want the same share one list.
func (h *Hub) flush() {
	if len(h.pending) == 0 {
		return
	}
	records := make([]desk.Record, len(h.pending))
	for i, a := range h.pending {
		records[i] = a.record
	}
	first := h.pending[0].at
	before := h.position
	h.position = desk.Position(records[len(records)-1].Position)
	clear(h.pending)
	h.pending = h.pending[:0]
	if len(h.sessions) == 0 {
		h.flushed = time.Now()
		return // nobody looks: no row is read for nobody
	}

	list, err := h.changes(records, func(t topic, id string) bool { return t < topicContact || h.open[id] > 0 })
	if err != nil {
		h.opt.Logger.Error("the feed cannot make its frames, all screens come back", "position", before, "err", err)
		for s := range h.sessions {
			s.closeSoon(socket.GoingAway, "the feed stumbled, come back with your position")
		}
		return
	}
	h.resight(records)
	sent := h.fan(records, list)
	h.accounts(records)
	h.notices(records)
	h.drafts(records)
	h.signOuts(records)
	h.flushed = time.Now()
	h.opt.Metrics.CountFrames(sent)
	h.opt.Metrics.ObserveFanout(h.flushed.Sub(first))
}

func (h *Hub) fan(records []desk.Record, list []change) (sent int) {
	touched := make(map[string]bool) // what a subscription of a single conversation matches
	itself := make(map[string]bool)  // agents whose rows changed: their own screens are shown more of them
	for _, c := range list {
		if c.topic == topicAgent {
			itself[c.id] = true
		}
		if (c.topic == topicTicket || c.topic >= topicContact) && h.open[c.id] > 0 {
			touched[c.id] = true
		}
	}
	var lists [classes][]*socket.Frame
	var made [classes]bool
	var limited *limitedFan
	for s := range h.sessions {
		if s.viewer != nil {
			if limited == nil {
				limited = &limitedFan{sight: h.sightOf(records, list), alone: map[aloneKey][]*socket.Frame{}}
			}
			sent += h.fanLimited(s, limited, touched)
			continue
		}
		if s.wants.touchedBy(touched) || itself[string(s.who.Agent)] && !s.leads {
			fs := pick(list, &s.wants, s.eyes())
			s.push(fs...)
			sent += len(fs)
			continue
		}
		class := s.wants.class(s.eyes())
		if !made[class] {
			made[class] = true
			alone := wants{tickets: s.wants.tickets, agents: s.wants.agents, channels: s.wants.channels}
			lists[class] = pick(list, &alone, s.eyes())
		}
		s.push(lists[class]...)
		sent += len(lists[class])
	}
	return sent
}

func (w *wants) touchedBy(ids map[string]bool) bool {
	if len(ids) == 0 {
		return false
	}
	for _, s := range w.conversations {
		if ids[s.conversation] || ids[s.contact] {
			return true
		}
	}
	return false
}

// pick encodes what is wanted of a list.
func pick(list []change, w *wants, e eyes) []*socket.Frame {
	var out []*socket.Frame
	for i := range list {
		c := &list[i]
		if !w.want(c.topic, c.id) {
			continue
		}
		if f := c.of(e); f != nil {
			out = append(out, f)
		}
	}
	return out
}

// accounts tells an agent's own screens that what only they see is another. Such records are rare.
func (h *Hub) accounts(records []desk.Record) {
	for _, r := range records {
		what := accountTopic(r)
		if what == "" {
			continue
		}
		agent := desk.AgentID(desk.StreamID(r.Stream).ID())
		f := accountFrames(what)
		for s := range h.sessions {
			if s.who.Agent == agent {
				s.push(f.of(s.binary))
			}
		}
	}
}

func accountFrames(what string) *frames {
	return &frames{frame: &deskpb.ServerFrame{Kind: &deskpb.ServerFrame_Account{Account: &deskpb.AccountChanged{What: what}}}}
}

// notices tells the screens of whoever was told something that their list is another. Who comes later, or resumes, reads the list.
func (h *Hub) notices(records []desk.Record) {
	told, err := h.opt.Notices.Told(desk.Position(records[0].Position)-1, desk.Position(records[len(records)-1].Position))
	if err != nil {
		h.opt.Logger.Error("what agents are told of cannot be read, all screens come back", "err", err)
		for s := range h.sessions {
			s.closeSoon(socket.GoingAway, "the feed stumbled, come back with your position")
		}
		return
	}
	if len(told) == 0 {
		return
	}
	f := accountFrames("notifications")
	for s := range h.sessions {
		if told[string(s.who.Agent)] || told[desk.Administrators] && h.administers(s) {
			s.push(f.of(s.binary))
		}
	}
}

// administers is asked when a channel gave up, which is rare.
func (h *Hub) administers(s *session) bool {
	row, err := h.opt.Rows.Agent(s.who.Agent)
	return err == nil && row.GetRole() == deskpb.Role_ROLE_ADMINISTRATOR
}

// accountTopic tells what of an agent's own a record changes; "" for nothing.
func accountTopic(r desk.Record) string {
	if desk.StreamID(r.Stream).Kind() != desk.KindAgent {
		return ""
	}
	switch r.Event.GetKind().(type) {
	case *deskpb.Event_AgentPreferencesSet:
		return "preferences"
	case *deskpb.Event_NotificationsSeen:
		return "notifications"
	case *deskpb.Event_SessionOpened, *deskpb.Event_SessionClosed:
		return "sessions"
	case *deskpb.Event_TwoFactorSet, *deskpb.Event_TwoFactorCleared, *deskpb.Event_RecoveryCodesReplaced, *deskpb.Event_SecondFactorUsed:
		return "two_factor"
	}
	return ""
}

// signOuts closes the sockets of sessions that ended: signed out, deactivated, or with a new password.
func (h *Hub) signOuts(records []desk.Record) {
	for _, r := range records {
		if desk.StreamID(r.Stream).Kind() != desk.KindAgent {
			continue
		}
		agent := desk.AgentID(desk.StreamID(r.Stream).ID())
		switch e := r.Event.GetKind().(type) {
		case *deskpb.Event_SessionClosed:
			h.signOut(func(w Who) bool { return w.Session == e.SessionClosed.Session })
		case *deskpb.Event_AgentPasswordSet:
			h.signOut(func(w Who) bool { return w.Agent == agent && !h.opt.SignedIn(w) })
		case *deskpb.Event_AgentChanged:
			if e.AgentChanged.Deactivated {
				h.signOut(func(w Who) bool { return w.Agent == agent })
			}
		}
	}
}

func (h *Hub) signOut(ended func(Who) bool) {
	for s := range h.sessions {
		if ended(s.who) {
			s.closeSoon(socket.AuthExpired, "signed out")
		}
	}
}
