package live

import (
	"time"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// lookEvery is how often a screen that shows a conversation says so again; signs fade by themselves.
const lookEvery = time.Minute

// look notes which conversation is on a screen, and tells those who look at it, too.
func (h *Hub) look(s *session, conversation string) {
	before := s.looking
	if before == conversation {
		return
	}
	s.looking = conversation
	if before != "" && !h.looksElsewhere(s, before) {
		if sign, ok := h.sign(s, before, false); ok {
			sign.Left = true
			h.opt.Signs.Presence(sign)
		}
	}
	if conversation != "" {
		h.looks(s, conversation)
	}
}

// looksElsewhere: the agent has the conversation on another screen, too.
func (h *Hub) looksElsewhere(s *session, conversation string) bool {
	for o := range h.sessions {
		if o != s && o.who.Agent == s.who.Agent && o.looking == conversation {
			return true
		}
	}
	return false
}

// looks tells the others that this screen shows a conversation, and this one who else does.
func (h *Hub) looks(s *session, conversation string) {
	h.announce(s, conversation)
	for o := range h.sessions {
		if o.who.Agent == s.who.Agent || o.looking != conversation {
			continue
		}
		if sign, ok := h.sign(o, conversation, false); ok {
			s.push(encode(presenceFrame(sign), s.binary))
		}
	}
}

func (h *Hub) announce(s *session, conversation string) {
	if sign, ok := h.sign(s, conversation, false); ok {
		h.opt.Signs.Presence(sign)
	}
}

// announceAll says again who looks at what.
func (h *Hub) announceAll() {
	for s := range h.sessions {
		if s.looking != "" {
			h.announce(s, s.looking)
		}
	}
}

func (h *Hub) sign(s *session, conversation string, typing bool) (desk.PresenceSign, bool) {
	row, err := h.opt.Rows.Agent(s.who.Agent)
	if err != nil || row == nil {
		return desk.PresenceSign{}, false // ephemeral: it may be lost
	}
	return desk.PresenceSign{Conversation: desk.ConversationID(conversation), Who: row.Agent, Name: row.Name, Typing: typing}, true
}

// fanSign shows an ephemeral sign to whoever looks at the conversation, except to its author.
func (h *Hub) fanSign(sign desk.PresenceSign) {
	if h.open[string(sign.Conversation)] == 0 {
		return
	}
	f := frames{frame: presenceFrame(sign)}
	for s := range h.sessions {
		if string(s.who.Agent) != sign.Who && s.wants.subscribed(string(sign.Conversation)) {
			s.push(f.of(s.binary))
		}
	}
}

// typing passes on that the agent types, or stopped.
func (s *session) typing(t *deskpb.Typing) {
	if !desk.ValidID(t.Conversation) {
		s.refuse("", &desk.Error{Code: desk.Invalid, Field: "conversation", Message: "this is not the id of a conversation"})
		return
	}
	if row, err := s.hub.opt.Rows.Agent(s.who.Agent); err != nil || s.hub.opt.Commands.sees(row, desk.ConversationID(t.Conversation)) != nil {
		return // a sign from where one does not look is nobody's news
	}
	if sign, ok := s.hub.sign(s, t.Conversation, t.On); ok {
		s.hub.opt.Signs.Presence(sign)
	}
}
