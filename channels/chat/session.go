package chat

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/channels/chat/hours"
	"github.com/centralita/centralita/channels/chat/leaving"
	"github.com/centralita/centralita/channels/chat/look"
	"github.com/centralita/centralita/channels/chat/widget"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/internal/socket"
	"github.com/centralita/centralita/proto/deskpb"
)

// wireConfig is what a widget needs to show itself.
type wireConfig struct {
	Title        string        `json:"title"`
	Greeting     string        `json:"greeting"`
	Color        string        `json:"color"`
	Locale       string        `json:"locale"`
	Online       bool          `json:"online"` // it is available now
	Availability hours.Notice  `json:"availability"`
	Departments  []department  `json:"departments,omitempty"` // of which a visitor chooses one
	Version      string        `json:"version"`               // of the files that the loader brings
	After        *leaving.Wire `json:"after,omitempty"`
	Look         look.Look     `json:"look"` // its avatar is an address, ours being relative
}

// department is a team that a visitor may choose.
type department struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

func (c *connector) config(ctx context.Context) wireConfig {
	s, now := c.settings, c.notice(ctx)
	shown := s.Look
	if p := shown.Picture(); p != nil {
		shown.Avatar = "avatar?v=" + fingerprint(p.Data)
	}
	return wireConfig{
		Look:  shown,
		After: s.After.Wire(),
		Title: s.Title, Greeting: s.Greeting, Color: s.Color, Locale: s.Locale,
		Online: now.State == hours.Available, Availability: now, Departments: c.departments(), Version: widget.Version(),
	}
}

// departments are those that are there still.
func (c *connector) departments() (all []department) {
	if c.settings.Availability == nil || c.env.Around.TeamName == nil {
		return nil
	}
	for _, id := range c.settings.Availability.Departments {
		if name := c.env.Around.TeamName(id); name != "" {
			all = append(all, department{id, name})
		}
	}
	return all
}

func (c *connector) getConfig(w http.ResponseWriter, r *http.Request) error {
	if origin := r.Header.Get("Origin"); origin != "" && !socket.SameOrigin(r) {
		c.seen(origin)
	}
	return writeJSON(w, c.config(r.Context()))
}

// seenEvery is how often it is told that the chat is shown on a site.
const seenEvery = time.Minute

// seen notes that an allowed site shows the chat.
func (c *connector) seen(origin string) {
	l, leave := c.enter()
	defer leave()
	now := time.Now()
	if l == nil || now.Sub(time.Unix(0, l.seen.Load())) < seenEvery {
		return
	}
	l.seen.Store(now.UnixNano())
	l.intake.Report(channels.Status{Phase: "listening", Seen: origin, SeenAt: now})
}

// wireSession is what a widget begins with: who it is, a ticket for a socket, and what a socket would say to a hello
// (welcome or reset). What that does not hold yet comes over the socket.
type wireSession struct {
	serverFrame
	chosen
	VisitorToken string        `json:"visitor_token"`
	VisitorID    string        `json:"visitor_id"`
	Ticket       string        `json:"ticket"`
	Config       wireConfig    `json:"config"`
	Identity     *wireIdentity `json:"identity,omitempty"` // what became of the proof of an identity, or of a link
}

// postSession opens a session: for a token that was given before its visitor, else for a new one.
func (c *connector) postSession(w http.ResponseWriter, r *http.Request) error {
	if err := c.perAddr.check(address(r)); err != nil {
		return err
	}
	var in opening
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	if in.Host != "" && !c.welcomes(in.Host, r) {
		return desk.Refuse(desk.Denied, "host", "this chat is not allowed on %.200q: add it to the channel's allowed origins", in.Host)
	}
	l, leave := c.enter() // not before the body is here, which may take its time: the channel waits for who is inside when it stops
	defer leave()
	if l == nil {
		return errDown
	}
	a, err := c.admit(r.Context(), l, in)
	if err != nil {
		return err
	}
	out := wireSession{VisitorToken: a.token, VisitorID: a.who.thread, Config: c.config(r.Context()), Identity: a.told}
	out.chosen = c.choose(r.Context(), a.who.thread, in.Page)
	if out.serverFrame = a.story; out.T == "" {
		out.serverFrame = (&story{}).resume("welcome", in.Epoch, in.LastSeq) // somebody new has no story
	}
	out.Ticket = c.tickets.issue(a.who.room(), time.Now())
	return writeJSON(w, out)
}

// resume answers who has a visitor's story up to seq; moved: they have become a person, and there is nothing to see any more.
func (l *life) resume(ctx context.Context, visitor, epoch string, seq uint64) (f serverFrame, moved, spoke bool, err error) {
	room, err := l.room(visitor)
	if err != nil {
		return serverFrame{}, false, false, err
	}
	defer room.leave()
	if err := room.settle(ctx, seq); err != nil {
		return serverFrame{}, false, false, err
	}
	room.mu.Lock()
	defer room.mu.Unlock()
	return room.resume("welcome", epoch, seq), room.story.gone(), room.story.version > 0, nil
}

// postMessage takes what a visitor says. 200 means that it is durable, or was already: the widget repeats with the same
// client id until it gets one.
func (c *connector) postMessage(w http.ResponseWriter, r *http.Request) error {
	who, err := c.visitor(r)
	if err != nil {
		return err
	}
	if err := c.perHost.check(address(r)); err != nil {
		return err
	}
	if err := c.perGuest.check(who.thread); err != nil {
		return err
	}
	if err := c.mayWrite(who); err != nil {
		return err
	}
	var p post
	if err := readJSON(w, r, &p); err != nil {
		return err
	}
	if p, err = p.clean(); err != nil {
		return err
	}
	l, leave := c.enter()
	defer leave()
	if l == nil {
		return errDown
	}
	start, err := c.starts(r.Context(), l, who, &p)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(c.departments(), func(d department) bool { return d.ID == p.Team }) {
		p.Team = "" // not offered any more: what is said counts more than to whom
	}
	item := c.inbound(who, p, l.begins(who.room()))
	item.Message.Chat = start
	ctx, cancel := context.WithTimeout(l.ctx, receiptPatience) // not the request's: a visitor who has gone has still spoken
	defer cancel()
	select {
	case err = <-l.intake.Deliver(ctx, item):
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err != nil {
		return c.notTaken(err)
	}
	l.spoke(who.room())
	return writeJSON(w, struct {
		ClientID string `json:"client_msg_id"`
		Message  string `json:"message_id"`
	}{p.ClientID, string(desk.MessageIDFor(c.env.Channel, item.ExternalID))})
}

// notTaken: whatever the reason, the widget may repeat it; a refusal that names a fault is told.
func (c *connector) notTaken(err error) error {
	if desk.ReasonOf(err) == "moved" { // another tab of the browser signed in
		return &desk.Error{Code: desk.Denied, Field: "Authorization", Reason: "moved", Message: "the visitor has signed in since: open a session"}
	}
	if e, ok := errors.AsType[*desk.Error](err); ok && e.Reason == "reused" {
		return &desk.Error{Code: e.Code, Field: "client_msg_id", Reason: e.Reason, Message: e.Message}
	}
	if code := desk.CodeOf(err); code == desk.Invalid || code == desk.Denied || code == desk.Limit {
		return err
	}
	c.env.Logger.Warn("a visitor's message was not taken", "err", err)
	return desk.Refuse(desk.Unavailable, "", "your message could not be kept, try again")
}

// inbound makes the item. The bearer token proves that it is this visitor, so the sender is recognised; name and email are
// what the visitor says of themselves and never make them somebody else, unless their site has signed them.
func (c *connector) inbound(who caller, p post, first bool) desk.Inbound {
	if who.person != nil {
		p.Name, p.Email = nameOr(who.person.Name, p.Name), who.person.Email
	}
	m := &desk.InboundMessage{
		Identity:   c.identity(who.thread),
		Verified:   who.person,
		Name:       p.Name,
		Recognised: true,
		Thread:     who.thread,
		Body:       &deskpb.Body{Text: p.Text},
		SentAt:     time.Now(),
		ClientID:   p.ClientID,
		Team:       p.Team,
	}
	if p.Name != "" || p.Email != "" {
		m.From = &deskpb.Address{Name: p.Name, Address: p.Email}
	}
	if first {
		m.Subject = subject(p.Text)
	}
	return desk.Inbound{ExternalID: who.origin + "/" + p.ClientID, Message: m}
}

// begins reports whether nothing is known of a conversation with this visitor: then the message names the ticket.
func (l *life) begins(visitor string) bool {
	l.mu.Lock()
	room := l.rooms[visitor]
	l.mu.Unlock()
	if room == nil {
		return true
	}
	room.mu.Lock()
	defer room.mu.Unlock()
	return room.story.version == 0
}

// postVisit takes what a visitor does besides writing: an address, a rating, the wish for a transcript.
func (c *connector) postVisit(w http.ResponseWriter, r *http.Request) error {
	who, err := c.visitor(r)
	if err == nil {
		err = c.mayWrite(who)
	}
	if err != nil {
		return err
	}
	visitor, conv := who.thread, desk.ConversationIDFor(c.env.Channel, "thread/"+who.thread)
	if who.only != "" {
		conv = desk.ConversationID(who.only)
	}
	if err := c.perHost.check(address(r)); err != nil {
		return err
	}
	var in leaving.Asked
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	v, external, err := c.settings.After.Visit(conv, visitor, in)
	if err != nil {
		return err
	}
	v.Thread, v.Only = visitor, who.only != ""
	if v.Transcript != "" { // a mail to wherever they say
		if err := c.perLetter.check(visitor); err != nil {
			return err
		}
		if err := c.perLetter.check(address(r)); err != nil {
			return err
		}
	} else if err := c.perGuest.check("visit/" + visitor); err != nil {
		return err
	}
	l, leave := c.enter()
	defer leave()
	if l == nil {
		return errDown
	}
	if err := c.visited(l, desk.Inbound{ExternalID: external, Visit: &v}); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// visited gives it to the conversation; nil when it is durable. What was wrong with it is told.
func (c *connector) visited(l *life, item desk.Inbound) (err error) {
	ctx, cancel := context.WithTimeout(l.ctx, receiptPatience)
	defer cancel()
	select {
	case err = <-l.intake.Deliver(ctx, item):
	case <-ctx.Done():
		err = ctx.Err()
	}
	if code := desk.CodeOf(err); err == nil || code == desk.NotFound || code == desk.Conflict && desk.ReasonOf(err) != "moved" {
		return err
	}
	return c.notTaken(err)
}

// ratePage is behind the link of a mail.
func (c *connector) ratePage(w http.ResponseWriter, r *http.Request) error {
	if err := c.perHost.check(address(r)); err != nil {
		return err
	}
	if conn := http.NewResponseController(w); conn.SetReadDeadline(time.Now().Add(bodyPatience)) == nil {
		defer func() { _ = conn.SetReadDeadline(time.Time{}) }()
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxBodyBytes)
	_ = r.ParseForm() // before it is counted in, or one that stands still keeps the channel from stopping; what is missing is told below
	l, leave := c.enter()
	defer leave()
	if l == nil {
		return errDown
	}
	s := c.settings
	does := s.After.Does(c.env.Channel, s.Title, s.Locale, "", nil)
	page := leaving.Page{
		Settings: s.After, Channel: c.env.Channel, Keys: c.env.Keys, Title: s.Title, Color: s.Color, Language: does.Language,
		Rate: func(v desk.Visit) error { return c.visited(l, desk.Inbound{Visit: &v}) },
	}
	return page.Serve(w, r)
}
