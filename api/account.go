package api

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/centralita/centralita/api/live"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// What belongs to an agent alone: preferences, name, and the browsers that are signed in.

// Preferences are an agent's own.
type Preferences struct {
	Language        string            `json:"language" enum:",en,es" doc:"Of the screen; empty: as the browser says"`
	Theme           string            `json:"theme" enum:",light,dark" doc:"Empty: as the system says"`
	ShownEmail      string            `json:"shown_email" doc:"The address colleagues are shown: not another agent's, not a channel's; empty: the one signed in with"`
	Signature       string            `json:"signature" doc:"Plain text under replies"`
	UndoSendSeconds int32             `json:"undo_send_seconds" doc:"How long a reply waits for second thoughts; 0: not at all"`
	Columns         []string          `json:"columns" doc:"Of tables of tickets; none: the usual ones"`
	OwnerMail       bool              `json:"owner_mail" doc:"By mail, when a contact of one's own writes while one is away"`
	Notifications   NotificationRules `json:"notifications"`
}

// NotificationRules say what an agent is told, and how loudly.
type NotificationRules struct {
	Desktop       bool     `json:"desktop" doc:"The browser's own notifications, where it was permitted"`
	Sound         bool     `json:"sound"`
	QuietWhenAway bool     `json:"quiet_when_away" doc:"Listed, but neither shown nor heard"`
	Muted         []string `json:"muted" maxItems:"20" doc:"Kinds, as they stand in the list of notifications: neither listed nor counted"`
	MutedTickets  []string `json:"muted_tickets" maxItems:"200" doc:"Conversations"`
	MutedChannels []string `json:"muted_channels" maxItems:"200"`
}

type preferencesOutput struct {
	Body struct {
		Preferences Preferences `json:"preferences"`
	}
}

func preferencesView(p *deskpb.AgentPreferences) Preferences {
	n := p.GetNotifications()
	return Preferences{
		Language: p.GetLanguage(), Theme: p.GetTheme(), ShownEmail: p.GetShownEmail(), Signature: p.GetSignature(), UndoSendSeconds: p.GetUndoSendSeconds(),
		Columns: orNone(p.GetColumns()), OwnerMail: !p.GetNoOwnerMail(),
		Notifications: NotificationRules{
			Desktop: n.GetDesktop(), Sound: n.GetSound(), QuietWhenAway: n.GetQuietWhenAway(),
			Muted: orNone(n.GetMuted()), MutedTickets: orNone(n.GetMutedTickets()), MutedChannels: orNone(n.GetMutedChannels()),
		},
	}
}

func orNone(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

func (s *Server) preferences(id desk.AgentID) (*deskpb.AgentPreferences, error) {
	p, err := s.opt.Accounts.Preferences(id)
	if err != nil {
		return nil, fmt.Errorf("read the preferences of %s: %w", id, err)
	}
	if p == nil {
		p = desk.DefaultPreferences()
	}
	return p, nil
}

func (s *Server) readPreferences(ctx context.Context, _ *nothing) (*preferencesOutput, error) {
	p, err := s.preferences(me(ctx).Agent)
	if err != nil {
		return nil, err
	}
	out := &preferencesOutput{}
	out.Body.Preferences = preferencesView(p)
	return out, nil
}

type preferencesInput struct {
	Body struct {
		Language        *string            `json:"language,omitempty" maxLength:"10"`
		Theme           *string            `json:"theme,omitempty" maxLength:"10"`
		ShownEmail      *string            `json:"shown_email,omitempty" maxLength:"254"`
		Signature       *string            `json:"signature,omitempty" maxLength:"4000"`
		UndoSendSeconds *int32             `json:"undo_send_seconds,omitempty" minimum:"0" maximum:"60"`
		Columns         *[]string          `json:"columns,omitempty" maxItems:"12" doc:"Those that a saved view may have"`
		OwnerMail       *bool              `json:"owner_mail,omitempty"`
		Notifications   *NotificationRules `json:"notifications,omitempty"`
	}
}

func (s *Server) setPreferences(ctx context.Context, in *preferencesInput) (*preferencesOutput, error) {
	who := me(ctx)
	to, err := s.preferences(who.Agent)
	if err != nil {
		return nil, err
	}
	b := &in.Body
	set(&to.Language, b.Language)
	set(&to.Theme, b.Theme)
	set(&to.ShownEmail, b.ShownEmail)
	if b.ShownEmail != nil {
		if err := s.mayShow(who, to.ShownEmail); err != nil {
			return nil, err
		}
	}
	set(&to.Signature, b.Signature)
	set(&to.UndoSendSeconds, b.UndoSendSeconds)
	set(&to.Columns, b.Columns)
	if b.OwnerMail != nil {
		to.NoOwnerMail = !*b.OwnerMail
	}
	if n := b.Notifications; n != nil {
		to.Notifications = &deskpb.NotificationRules{
			Desktop: n.Desktop, Sound: n.Sound, QuietWhenAway: n.QuietWhenAway, Muted: n.Muted, MutedTickets: n.MutedTickets, MutedChannels: n.MutedChannels,
		}
	}
	cmd := deskpb.NewCommand(&deskpb.SetAgentPreferences{Preferences: to})
	if _, err := s.do(ctx, who.Agent.Stream(), cmd, live.AuthorOf(who.row)); err != nil {
		return nil, err
	}
	return s.readPreferences(ctx, nil)
}

// mayShow: colleagues take the address they are shown for its owner's, so it is neither a colleague's nor a channel's. What is no
// address at all the rules refuse.
func (s *Server) mayShow(who *signedInAgent, shown string) error {
	email, err := desk.CleanEmail(shown)
	if err != nil || email == who.row.Email {
		return nil
	}
	all, err := s.opt.People.Agents()
	if err != nil {
		return fmt.Errorf("read the agents: %w", err)
	}
	for _, a := range all {
		if a.Agent != who.row.Agent && (a.Email == email || a.ShownEmail == email) {
			return fault("body.shown_email", "%s is the address of %s: give one of your own", email, a.Name)
		}
	}
	channels, err := s.opt.ChannelRows.Channels()
	if err != nil {
		return fmt.Errorf("read the channels: %w", err)
	}
	for _, c := range channels {
		if strings.EqualFold(c.Address, email) {
			return fault("body.shown_email", "%s is the address of the channel %s: give one of your own", email, c.Name)
		}
	}
	return nil
}

type profileInput struct {
	Body struct {
		Name string `json:"name" minLength:"1" maxLength:"200"`
	}
}

// setProfile changes what an agent may change of oneself.
func (s *Server) setProfile(ctx context.Context, in *profileInput) (*oneAgent, error) {
	s.roles.Lock() // the rest of the row must not change under us
	defer s.roles.Unlock()
	who := me(ctx)
	row, err := s.opt.People.Agent(who.Agent)
	if err != nil || row == nil {
		return nil, fmt.Errorf("read agent %s: %w", who.Agent, err)
	}
	to := changedOf(row)
	to.Name = in.Body.Name
	if _, err := s.do(ctx, who.Agent.Stream(), deskpb.NewCommand(&deskpb.ChangeAgent{Agent: to}), live.AuthorOf(who.row)); err != nil {
		return nil, err
	}
	return s.oneAgent(ctx, who.Agent)
}

// ---------------------------------------------------------------- sessions

// SignedIn is a browser that is signed in.
type SignedIn struct {
	ID        string `json:"id"`
	Here      bool   `json:"here" doc:"It is the one that asks"`
	Browser   string `json:"browser" doc:"As it calls itself; empty if it says nothing we know"`
	System    string `json:"system"`
	Kind      string `json:"kind" enum:"computer,phone,program"`
	OpenedAt  string `json:"opened_at" format:"date-time"`
	SeenAt    string `json:"seen_at" format:"date-time" doc:"To the hour"`
	ExpiresAt string `json:"expires_at" format:"date-time"`
}

type sessionList struct {
	Body struct {
		Sessions []SignedIn `json:"sessions"`
	}
}

// sessionID is how a session is named outside: enough of its hash to tell it apart, and of no use to anybody else.
func sessionID(hash string) string { return clipTo(hash, 16) }

func clipTo(s string, n int) string { return s[:min(n, len(s))] }

func (s *Server) openSessions(id desk.AgentID) ([]*deskpb.SessionSummary, error) {
	all, err := s.opt.Accounts.Sessions(id)
	if err != nil {
		return nil, fmt.Errorf("read the sessions of %s: %w", id, err)
	}
	now := time.Now().UnixMilli()
	open := all[:0]
	for _, x := range all {
		if x.ExpiresAtMs > now {
			open = append(open, x)
		}
	}
	return open, nil
}

func (s *Server) listSessions(ctx context.Context, _ *nothing) (*sessionList, error) {
	who := me(ctx)
	all, err := s.openSessions(who.Agent)
	if err != nil {
		return nil, err
	}
	out := &sessionList{}
	out.Body.Sessions = []SignedIn{}
	for i := len(all) - 1; i >= 0; i-- { // the newest first
		x := all[i]
		browser, system, kind := device(x.UserAgent)
		out.Body.Sessions = append(out.Body.Sessions, SignedIn{
			ID: sessionID(x.Session), Here: x.Session == who.Session, Browser: browser, System: system, Kind: kind,
			OpenedAt: timeOf(x.OpenedAtMs), SeenAt: timeOf(x.SeenAtMs), ExpiresAt: timeOf(x.ExpiresAtMs),
		})
	}
	return out, nil
}

type closeSessionInput struct {
	ID string `path:"id" minLength:"16" maxLength:"16"`
}

// closeSession signs another browser out; its open screens end at once.
func (s *Server) closeSession(ctx context.Context, in *closeSessionInput) (*nothing, error) {
	who := me(ctx)
	all, err := s.openSessions(who.Agent)
	if err != nil {
		return nil, err
	}
	for _, x := range all {
		if sessionID(x.Session) != in.ID {
			continue
		}
		_, err := s.do(ctx, who.Agent.Stream(), deskpb.NewCommand(&deskpb.CloseSession{Session: x.Session}), live.AuthorOf(who.row))
		return nil, err
	}
	return nil, notFound("session")
}

func (s *Server) closeOtherSessions(ctx context.Context, _ *nothing) (*nothing, error) {
	who := me(ctx)
	_, err := s.do(ctx, who.Agent.Stream(), deskpb.NewCommand(&deskpb.CloseOtherSessions{Session: who.Session}), live.AuthorOf(who.row))
	return nil, err
}

// device reads what a browser says of itself: enough for its owner to know it again, no more.
func device(agent string) (browser, system, kind string) {
	first := func(table [][2]string) string {
		for _, row := range table {
			if strings.Contains(agent, row[0]) {
				return row[1]
			}
		}
		return ""
	}
	browser = first([][2]string{ // the order matters: each later one's word is in the earlier ones' texts, too
		{"Edg/", "Edge"}, {"OPR/", "Opera"}, {"Vivaldi/", "Vivaldi"}, {"SamsungBrowser/", "Samsung Internet"}, {"Firefox/", "Firefox"},
		{"FxiOS/", "Firefox"}, {"CriOS/", "Chrome"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"}, {"curl/", "curl"}, {"Go-http-client/", "Go"},
	})
	system = first([][2]string{
		{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"Windows", "Windows"}, {"Mac OS X", "macOS"}, {"CrOS", "ChromeOS"}, {"Linux", "Linux"},
	})
	switch {
	case system == "iPhone" || system == "Android":
		kind = "phone"
	case system == "":
		kind = "program"
	default:
		kind = "computer"
	}
	return browser, system, kind
}

// seen is a session that was used longer than an hour after it was last noted.
type seen struct {
	agent   desk.AgentID
	session string
}

// maxSeen bounds the notes that wait; when it is full a note is dropped, and the session's next request makes it again.
const maxSeen = 64

// noteSeen keeps, to the hour, that a session is in use. It never waits: signing in must not hang on it.
func (s *Server) noteSeen(x *deskpb.SessionSummary) {
	if time.Now().UnixMilli()-x.SeenAtMs < desk.SeenEvery {
		return
	}
	select {
	case s.seen <- seen{desk.AgentID(x.Agent), x.Session}:
	default:
	}
}

func (s *Server) keepSeen(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case x := <-s.seen:
			by := &deskpb.Author{Kind: deskpb.Author_KIND_AGENT, Id: string(x.agent)}
			if _, err := s.do(ctx, x.agent.Stream(), deskpb.NewCommand(&deskpb.NoteSession{Session: x.session}), by); err != nil && ctx.Err() == nil {
				s.log.Warn("note that a session is in use", "agent", x.agent, "err", err)
			}
		}
	}
}

// accountRoutes are those of one's own account.
func (s *Server) accountRoutes() []route {
	const get, post, patch, del = http.MethodGet, http.MethodPost, http.MethodPatch, http.MethodDelete
	return []route{
		{patch, "/me", agents, "set-profile", "Change one's own name", typed(s.setProfile, 200)},
		{get, "/me/preferences", agents, "read-preferences", "One's own preferences", typed(s.readPreferences, 200)},
		{patch, "/me/preferences", agents, "set-preferences", "Change one's own preferences; what is left out stays", typed(s.setPreferences, 200)},
		{get, "/me/sessions", agents, "list-sessions", "The browsers one is signed in with", typed(s.listSessions, 200)},
		{del, "/me/sessions/{id}", agents, "close-session", "Sign another browser out: its screens end at once", typed(s.closeSession, 204)},
		{post, "/me/sessions/close-others", agents, "close-other-sessions", "Sign out everywhere but here", typed(s.closeOtherSessions, 204)},
		{get, "/me/notifications", agents, "list-notifications", "What one was told of, the newest first, without what one has muted or may not see any more", typed(s.listNotifications, 200)},
		{post, "/me/notifications/seen", agents, "see-notifications", "Mark as seen, on all devices", typed(s.seeNotifications, 200)},
		{get, "/me/two-factor", agents, "read-two-factor", "Is a second factor asked for?", typed(s.readTwoFactor, 200)},
		{post, "/me/two-factor", agents, "begin-two-factor", "Begin two-factor sign-in: a secret for an authenticator app", typed(s.beginTwoFactor, 200)},
		{post, "/me/two-factor/confirm", agents, "confirm-two-factor", "Switch two-factor sign-in on with the first code", typed(s.confirmTwoFactor, 200)},
		{post, "/me/two-factor/recovery-codes", agents, "new-recovery-codes", "Make new recovery codes; those before open nothing any more", typed(s.newRecoveryCodes, 200)},
		{post, "/me/two-factor/off", agents, "end-two-factor", "Switch two-factor sign-in off", typed(s.endTwoFactor, 204)},
		{del, "/agents/{id}/two-factor", administrators, "reset-two-factor", "Take away the second factor of somebody who lost it", typed(s.resetTwoFactor, 204)},
	}
}
