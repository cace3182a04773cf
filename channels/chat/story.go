package chat

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// What a room keeps of a long conversation, and what of a very long reply.
const (
	maxEvents     = 300
	maxEventBytes = 160 << 10
	maxShownBytes = 32 << 10
)

// story is what a visitor may see of their conversation: the pure fold of its records. Records that are not theirs to see
// (notes, assignments, priorities, deliveries) leave nothing but a larger version.
type story struct {
	channel desk.ChannelID
	visitor string
	only    string // the one conversation that is shown; "": all of the visitor's

	conversation desk.ConversationID
	epoch        string // changes when the conversation is not the one it was (restored from a backup)
	version      uint64 // of the last record read: its place in all that was read
	parts        parts
	base         uint64 // seq of the last event dropped from the front
	last         uint64 // seq of the last event
	events       []event
	bytes        int
	closed       bool
	asks         bool                              // the visitor spoke last, and waits for an answer
	replies      []*reply                          // not known to be read
	owned        bool                              // it is some agent's
	held         map[string]*deskpb.ReplyRequested // not shown before they leave: they can be taken back
	mailbox      string                            // over which what the visitor did not see went to them by mail
	mailed       string                            // to that address
}

// event is one thing the visitor sees. Its seq is the place of its record among all that was read.
type event struct {
	seq   uint64
	data  json.RawMessage // as it is sent
	reply desk.MessageID  // set for replies
	files []*deskpb.Attachment
}

// reply is an agent's message on its way to being read.
type reply struct {
	id           desk.MessageID
	conversation desk.ConversationID
	seq          uint64
	state        deskpb.DeliveryState // as the journal says
	reported     deskpb.DeliveryState // as we told the journal
}

type wireEvent struct {
	T     string `json:"t"`
	Epoch string `json:"epoch"`
	Prev  uint64 `json:"prev"` // the client applies the event only on top of this one
	Seq   uint64 `json:"seq"`
	Kind  string `json:"kind"`
	At    string `json:"at"`
	D     any    `json:"d"`
}

type wireMessage struct {
	ID        string     `json:"id"`
	ClientID  string     `json:"client_id,omitempty"`
	Agent     string     `json:"agent,omitempty"` // first name; of a bot its name
	Bot       bool       `json:"bot,omitempty"`
	Choices   []string   `json:"choices,omitempty"` // quick replies, of a bot
	Text      string     `json:"text"`
	Truncated bool       `json:"truncated,omitempty"`
	Files     []wireFile `json:"files,omitempty"`
	Mail      bool       `json:"mail,omitempty"` // it went, or came, by mail
}

type wireFile struct {
	Name      string `json:"name"`
	MediaType string `json:"media_type"`
	Size      int64  `json:"size"`
}

type wireRated struct {
	Score uint32 `json:"score"`
}

type wireStatus struct {
	Open bool `json:"open"`
}

// fold takes the next record in and gives the event it is to the visitor, nil for none.
func (s *story) fold(rec desk.Record) *event {
	if !s.reads(rec) {
		return nil
	}
	switch e := rec.GetEvent().GetKind().(type) {
	case *deskpb.Event_ConversationOpened:
		return s.opened(rec, e.ConversationOpened)
	case *deskpb.Event_VisitorIdentified:
		s.identified(e.VisitorIdentified)
	case *deskpb.Event_ConversationMerged:
		s.parts.over = true
	case *deskpb.Event_MessageReceived:
		return s.message(rec, e.MessageReceived)
	case *deskpb.Event_ReplyRequested:
		return s.requested(rec, e.ReplyRequested)
	case *deskpb.Event_DeliveryStarted:
		return s.left(rec, e.DeliveryStarted.GetMessage())
	case *deskpb.Event_ReplyCanceled:
		delete(s.held, e.ReplyCanceled.GetMessage())
	case *deskpb.Event_TicketStatusChanged:
		return s.status(rec, e.TicketStatusChanged)
	case *deskpb.Event_ConversationRated:
		return s.add(rec, event{}, "rated", wireRated{e.ConversationRated.GetScore()})
	case *deskpb.Event_DeliverySettled:
		s.settle(e.DeliverySettled)
	case *deskpb.Event_ConversationAssigned:
		s.owned = true
	case *deskpb.Event_ConversationUnassigned:
		s.owned = false
	}
	return nil
}

// message: only what this visitor wrote here. A conversation may hold what others wrote on other channels.
func (s *story) message(rec desk.Record, m *deskpb.MessageReceived) *event {
	if byMail := s.mailbox != "" && m.GetChannel() == s.mailbox && strings.EqualFold(m.GetFrom().GetAddress(), s.mailed); byMail {
		return s.wroteByMail(rec, m)
	}
	writer, _, _ := strings.Cut(m.GetExternalId(), "/")
	if m.GetChannel() != string(s.channel) || !s.mine(m.GetThread()) && !s.mine(writer) {
		return nil
	}
	s.asks = true
	text, cut := shorten(m.GetBody().GetText())
	return s.add(rec, event{}, "message", wireMessage{ID: m.GetMessage(), ClientID: m.GetClientId(), Text: text, Truncated: cut})
}

// wroteByMail: the visitor had left, and answered the mail that brought them what they had not seen.
func (s *story) wroteByMail(rec desk.Record, m *deskpb.MessageReceived) *event {
	if m.GetUnconfirmed() || m.GetAutomatic() != "" {
		return nil
	}
	s.asks = true
	said := m.GetBody().GetText()
	if n := int(m.GetBody().GetFreshTextBytes()); n > 0 && n <= len(said) {
		said = strings.TrimSpace(said[:n]) // the rest quotes what is above it here
	}
	text, cut := shorten(said)
	return s.add(rec, event{}, "message", wireMessage{ID: m.GetMessage(), Text: text, Truncated: cut, Mail: true})
}

// requested: a reply is shown at once, unless it waits for its time: then when it leaves.
func (s *story) requested(rec desk.Record, m *deskpb.ReplyRequested) *event {
	if m.GetAutomatic() == desk.AutomaticUnread && len(m.GetTo()) > 0 {
		s.mailbox, s.mailed = m.GetChannel(), m.GetTo()[0].GetAddress()
		return nil
	}
	if m.GetSendAtMs() == 0 {
		return s.reply(rec, m)
	}
	if s.held == nil {
		s.held = map[string]*deskpb.ReplyRequested{}
	}
	s.held[m.GetMessage()] = m
	return nil
}

func (s *story) left(rec desk.Record, message string) *event {
	m := s.held[message]
	if m == nil {
		return nil
	}
	delete(s.held, message)
	e := s.reply(rec, m)
	if n := len(s.replies); e != nil && n > 0 && string(s.replies[n-1].id) == message {
		s.replies[n-1].state = deskpb.DeliveryState_DELIVERY_STATE_SENDING
	}
	return e
}

func (s *story) reply(rec desk.Record, m *deskpb.ReplyRequested) *event {
	mail := s.mailbox != "" && m.GetChannel() == s.mailbox && m.GetAutomatic() == "" && slices.ContainsFunc(m.GetTo(), func(to *deskpb.Address) bool {
		return strings.EqualFold(to.GetAddress(), s.mailed)
	})
	if !mail && (m.GetChannel() != string(s.channel) || !s.mine(m.GetThread())) {
		return nil
	}
	body := m.GetBody().GetText()
	if body == "" {
		body = plainText(m.GetBody().GetHtml())
	}
	w := wireMessage{ID: m.GetMessage(), Agent: firstName(m.GetAgentName()), Mail: mail}
	w.Text, w.Truncated = shorten(body)
	for _, a := range m.GetBody().GetAttachments() {
		w.Files = append(w.Files, wireFile{Name: a.GetName(), MediaType: a.GetMediaType(), Size: a.GetSize()})
	}
	if w.Bot = m.GetAutomatic() == desk.AutomaticBot; w.Bot {
		w.Agent, w.Choices = m.GetAgentName(), m.GetChoices()
	} else {
		s.asks = false
	}
	id := desk.MessageID(m.GetMessage())
	if mail { // the mailbox tells what becomes of it
		return s.add(rec, event{reply: id, files: m.GetBody().GetAttachments()}, "reply", w)
	}
	s.replies = append(s.replies, &reply{id: id, conversation: s.conversation, seq: s.version, state: deskpb.DeliveryState_DELIVERY_STATE_QUEUED})
	return s.add(rec, event{reply: id, files: m.GetBody().GetAttachments()}, "reply", w)
}

func (s *story) status(rec desk.Record, m *deskpb.TicketStatusChanged) *event {
	closed := m.GetTo() == deskpb.TicketStatus_TICKET_STATUS_CLOSED
	if closed == s.closed {
		return nil
	}
	s.closed, s.asks = closed, s.asks && !closed
	return s.add(rec, event{}, "status", wireStatus{Open: !closed})
}

func (s *story) settle(m *deskpb.DeliverySettled) {
	for i, r := range s.replies {
		if string(r.id) != m.GetMessage() {
			continue
		}
		r.state = m.GetState()
		if r.state == deskpb.DeliveryState_DELIVERY_STATE_READ {
			s.replies = append(s.replies[:i], s.replies[i+1:]...)
		}
		return
	}
}

// add appends an event and drops the oldest ones beyond the limits; the newest always stays.
func (s *story) add(rec desk.Record, e event, kind string, d any) *event {
	e.seq = s.version
	e.data = mustJSON(wireEvent{
		T: "ev", Epoch: s.epoch, Prev: s.last, Seq: e.seq, Kind: kind, D: d,
		At: time.UnixMilli(rec.GetAtMs()).UTC().Format("2006-01-02T15:04:05.000Z07:00"),
	})
	s.last = e.seq
	s.events = append(s.events, e)
	s.bytes += len(e.data)
	for len(s.events) > 1 && (len(s.events) > maxEvents || s.bytes > maxEventBytes) {
		s.base = s.events[0].seq
		s.bytes -= len(s.events[0].data)
		s.events = s.events[1:]
	}
	return &s.events[len(s.events)-1]
}

// since gives the events that follow seq. ok is false when they cannot be told: another epoch, too far back, or a seq that
// is none of ours; then the client must start anew.
func (s *story) since(epoch string, seq uint64) (events []json.RawMessage, ok bool) {
	if seq != 0 && epoch != s.epoch {
		return nil, false
	}
	if seq == s.base {
		return s.wire(0), true
	}
	for i := len(s.events) - 1; i >= 0; i-- { // near the end, mostly
		if s.events[i].seq == seq {
			return s.wire(i + 1), true
		}
	}
	return nil, false
}

func (s *story) wire(from int) []json.RawMessage {
	list := make([]json.RawMessage, 0, len(s.events)-from)
	for _, e := range s.events[from:] {
		list = append(list, e.data)
	}
	return list
}

// resume answers a client that has seq: what follows, or everything anew.
func (s *story) resume(kind, epoch string, seq uint64) serverFrame {
	if events, ok := s.since(epoch, seq); ok {
		return serverFrame{T: kind, Epoch: s.epoch, Seq: s.last, Events: events}
	}
	return serverFrame{T: "reset", Epoch: s.epoch, Seq: s.last, Prev: s.base, Truncated: s.base > 0, Events: s.wire(0)}
}

// due are the reports that follow from what the visitor's widget has shown: a reply is reported once it was sent, so that the
// report never overtakes the attempt.
func (s *story) due(delivered, read uint64) []desk.DeliveryReport {
	var out []desk.DeliveryReport
	for _, r := range s.replies {
		want := deskpb.DeliveryState_DELIVERY_STATE_UNSPECIFIED
		switch {
		case r.seq <= read:
			want = deskpb.DeliveryState_DELIVERY_STATE_READ
		case r.seq <= delivered:
			want = deskpb.DeliveryState_DELIVERY_STATE_DELIVERED
		}
		attempted := r.state != deskpb.DeliveryState_DELIVERY_STATE_QUEUED && r.state != deskpb.DeliveryState_DELIVERY_STATE_SENDING
		already := r.reported >= want || want == deskpb.DeliveryState_DELIVERY_STATE_DELIVERED && r.state == want
		if attempted && !already {
			r.reported = want
			out = append(out, desk.DeliveryReport{Conversation: r.conversation, Message: r.id, State: want})
		}
	}
	return out
}

// unreport takes back what could not be reported, so that it is tried again.
func (s *story) unreport(id desk.MessageID) {
	for _, r := range s.replies {
		if r.id == id {
			r.reported = deskpb.DeliveryState_DELIVERY_STATE_UNSPECIFIED
		}
	}
}

// shorten cuts a text that no widget should have to show.
func shorten(s string) (text string, cut bool) {
	if len(s) <= maxShownBytes {
		return s, false
	}
	n := maxShownBytes
	for !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n], true
}

// firstName is all a visitor learns of an agent; nothing when the name is a mail address.
func firstName(name string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(name), " ")
	if strings.Contains(first, "@") {
		return ""
	}
	return first
}

// parts tell how a story goes on over the conversations of one person: what they said earlier comes first, and counts on.
type parts struct {
	stream  string
	at      uint64          // version of the last record of this part
	before  uint64          // how many records the parts before it have
	over    bool            // it was merged into the next: what still comes of it is no part of the story
	threads map[string]bool // by which the visitor has written and is answered, beside their own
	moved   bool            // the visitor has become a person: there is nothing more to see by this thread
}

// reads notes a record's place, and says whether it is one of the story's.
func (s *story) reads(rec desk.Record) bool {
	p := &s.parts
	if s.only != "" && desk.StreamID(rec.GetStream()).ID() != s.only {
		return false
	}
	if rec.GetStream() != p.stream {
		if s.epoch == "" {
			s.epoch = desk.DeriveID("e_", rec.GetStream(), strconv.FormatInt(rec.GetAtMs(), 10), s.visitor)[:12]
		}
		s.conversation = desk.ConversationID(desk.StreamID(rec.GetStream()).ID())
		p.stream, p.at, p.before, p.over = rec.GetStream(), 0, s.version, false
		s.asks = false
	}
	if rec.GetVersion() <= p.at {
		return false
	}
	if p.moved || p.over {
		if e := rec.GetEvent().GetDeliverySettled(); e != nil {
			s.settle(e)
		}
		return false
	}
	p.at = rec.GetVersion()
	s.version = p.before + p.at
	return true
}

// opened: a part is the visitor's, so whoever opened it was they. One that follows a closed one is open.
func (s *story) opened(rec desk.Record, m *deskpb.ConversationOpened) *event {
	s.alias(m.GetThread())
	if !s.closed || s.parts.before == 0 {
		return nil
	}
	s.closed = false
	return s.add(rec, event{}, "status", wireStatus{Open: true})
}

// identified: by the anonymous thread nothing more can be read, nor what was; by the person's all of it.
func (s *story) identified(m *deskpb.VisitorIdentified) {
	if m.GetThread() == s.visitor {
		s.alias(m.GetFrom())
		return
	}
	s.parts.moved = true
	s.events, s.bytes, s.base, s.last, s.replies, s.held, s.asks = nil, 0, 0, 0, nil, nil, false
}

// gone: the visitor has become a person, by whose thread all of it is read.
func (s *story) gone() bool { return s.parts.moved || s.parts.over }

func (s *story) alias(thread string) {
	if s.parts.threads == nil {
		s.parts.threads = map[string]bool{}
	}
	s.parts.threads[thread] = true
}

// mine: it was written by, or to, this visitor.
func (s *story) mine(thread string) bool {
	return thread != "" && (thread == s.visitor || s.parts.threads[thread])
}
