package api

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/centralita/centralita/api/live"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// request gives a handler the request itself, for cookies and addresses.
type request struct{ r *http.Request }

// Resolve is called by huma.
func (q *request) Resolve(ctx huma.Context) []error {
	q.r, _ = humago.Unwrap(ctx)
	return nil
}

var _ huma.Resolver = (*request)(nil)

type nothing struct{}

type setupNeed struct {
	Body struct {
		Needed bool `json:"needed"`
	}
}

func (s *Server) needsSetup(context.Context, *nothing) (*setupNeed, error) {
	needed, err := s.setupNeeded()
	out := &setupNeed{}
	out.Body.Needed = needed
	return out, err
}

// setupNeeded: there is no administrator who can sign in.
func (s *Server) setupNeeded() (bool, error) {
	all, err := s.opt.People.Agents()
	if err != nil {
		return false, fmt.Errorf("read the agents: %w", err)
	}
	for _, a := range all {
		if a.Role != deskpb.Role_ROLE_ADMINISTRATOR || a.Deactivated {
			continue
		}
		hash, err := s.opt.Secrets.PasswordHash(desk.AgentID(a.Agent))
		if err != nil {
			return false, fmt.Errorf("read the password of %s: %w", a.Agent, err)
		}
		if hash != "" {
			return false, nil
		}
	}
	return true, nil
}

type setUpInput struct {
	request
	Body struct {
		Token    string `json:"token" maxLength:"200" doc:"From the link the server printed"`
		Name     string `json:"name" minLength:"1" maxLength:"200"`
		Email    string `json:"email" maxLength:"254"`
		Password string `json:"password" minLength:"10" maxLength:"256" doc:"10 to 256 characters"`
	}
}

// Cookies is the head of an answer that sets cookies.
type Cookies struct {
	SetCookie []http.Cookie `header:"Set-Cookie"`
}

func (s *Server) setUp(ctx context.Context, in *setUpInput) (*Cookies, error) {
	if err := s.limit(s.limits.byIP, s.opt.ClientIP(in.r)); err != nil {
		return nil, err
	}
	s.setup.Lock()
	defer s.setup.Unlock()
	needed, err := s.setupNeeded()
	if err != nil {
		return nil, err
	}
	if !needed || !s.setupTokenFits(in.Body.Token) {
		return nil, problem(http.StatusForbidden, "this link has been used or is not the one the server printed; restart the server for a new one")
	}
	by := &deskpb.Author{Kind: deskpb.Author_KIND_OPERATOR, Name: "setup"}
	if err := s.beginSkills(ctx, by); err != nil {
		return nil, err
	}
	id, err := s.newAgent(ctx, deskpb.NewCommand(&deskpb.AddAgent{Agent: &deskpb.AgentAdded{
		Email: in.Body.Email, Name: in.Body.Name, Role: deskpb.Role_ROLE_ADMINISTRATOR, Seat: true,
	}}), in.Body.Password, by)
	if err != nil {
		return nil, err
	}
	s.setupUsed.Store(true)
	set, err := s.openSession(ctx, in.r, id)
	return &Cookies{set}, err
}

// beginSkills makes the languages that are told apart skills of a new desk, so that rules and agents can name them from the start. They
// are settings as any other: whoever removes one does not find it again.
func (s *Server) beginSkills(ctx context.Context, by *deskpb.Author) error {
	all, err := s.opt.People.Agents()
	if err != nil {
		return fmt.Errorf("read the agents: %w", err)
	}
	if len(all) > 0 {
		return nil
	}
	for code, skill := range desk.LanguageSkills() {
		id := desk.SettingID("sk_" + code)
		cmd := deskpb.NewCommand(&deskpb.SaveSetting{Create: true, Setting: &deskpb.Setting{Value: &deskpb.Setting_Skill{Skill: skill}}})
		if _, err := s.do(ctx, id.Stream(), cmd, by); err != nil {
			return fmt.Errorf("make %s a skill: %w", skill.Name, err)
		}
	}
	return nil
}

// setupTokenFits compares in constant time; a used token never fits again.
func (s *Server) setupTokenFits(token string) bool {
	if s.setupUsed.Load() || s.opt.SetupToken == nil {
		return false
	}
	want := s.opt.SetupToken()
	a, b := sha256.Sum256([]byte(token)), sha256.Sum256([]byte(want))
	return want != "" && subtle.ConstantTimeCompare(a[:], b[:]) == 1
}

type signInInput struct {
	request
	Body struct {
		Email    string `json:"email" maxLength:"254"`
		Password string `json:"password" maxLength:"256"`
		Code     string `json:"code,omitempty" maxLength:"40" doc:"Of the second factor: needed when the answer's reason is two_factor"`
	}
}

type signInOutput struct {
	Cookies
	Body struct {
		Agent Agent `json:"agent"`
	}
}

// signIn says the same of a wrong password and an account that is not there, and takes as long.
func (s *Server) signIn(ctx context.Context, in *signInInput) (*signInOutput, error) {
	wrong := unauthenticated("the address or the password is wrong")
	email, err := desk.CleanEmail(in.Body.Email)
	if err != nil {
		email = "" // it cannot be an account; go on, so that it takes as long
	}
	attempt, err := s.attempt(s.opt.ClientIP(in.r), email)
	if err != nil {
		return nil, err
	}
	id, hash, err := s.account(email)
	if err != nil {
		return nil, err
	}
	fits, err := s.passwords.matches(ctx, in.Body.Password, hash)
	if err != nil {
		return nil, err
	}
	if !fits {
		return nil, wrong
	}
	row, err := s.opt.People.Agent(id)
	if err != nil {
		return nil, fmt.Errorf("read agent %s: %w", id, err)
	}
	if row == nil || row.Deactivated {
		return nil, wrong
	}
	attempt.succeeded() // the password; codes have a limit of their own
	if err := s.checkSecondFactor(ctx, row, in.Body.Code); err != nil {
		return nil, err
	}
	set, err := s.openSession(ctx, in.r, id)
	if err != nil {
		return nil, err
	}
	out := &signInOutput{Cookies: Cookies{set}}
	out.Body.Agent = agentView(row)
	return out, nil
}

// account gives the id and hash of an address, "" when there is none.
func (s *Server) account(email string) (id desk.AgentID, hash string, err error) {
	if email == "" {
		return "", "", nil
	}
	if id, err = s.opt.Secrets.AgentByEmail(email); err != nil {
		return "", "", fmt.Errorf("look up an address: %w", err)
	}
	if id == "" {
		return "", "", nil
	}
	if hash, err = s.opt.Secrets.PasswordHash(id); err != nil {
		return "", "", fmt.Errorf("read the password of %s: %w", id, err)
	}
	return id, hash, nil
}

// attempt is one try of a password, which both limits count until it succeeds.
type attempt struct {
	limits    *signInLimits
	ip, email string
}

func (s *Server) attempt(ip, email string) (attempt, error) {
	if err := s.limit(s.limits.byIP, ip); err != nil {
		return attempt{}, err
	}
	return attempt{s.limits, ip, email}, s.limit(s.limits.byAccount, email)
}

func (a attempt) succeeded() {
	now := time.Now()
	a.limits.byIP.giveBack(a.ip, now)
	a.limits.byAccount.giveBack(a.email, now)
}

// limit takes from a bucket or refuses with how long to wait.
func (s *Server) limit(b *buckets, key string) error {
	wait, ok := b.take(key, time.Now())
	if ok {
		return nil
	}
	seconds := int(wait/time.Second) + 1
	p := problem(http.StatusTooManyRequests, fmt.Sprintf("too many attempts, try again in %d seconds", seconds))
	p.headers = http.Header{"Retry-After": {strconv.Itoa(seconds)}}
	return p
}

// openSession makes a session durable and gives its cookies.
func (s *Server) openSession(ctx context.Context, r *http.Request, id desk.AgentID) ([]http.Cookie, error) {
	token := newToken()
	expires := time.Now().Add(s.opt.SessionLife)
	row, err := s.opt.People.Agent(id)
	if err != nil || row == nil {
		return nil, fmt.Errorf("read agent %s: %w", id, err)
	}
	cmd := deskpb.NewCommand(&deskpb.OpenSession{Session: hashToken(token), ExpiresAtMs: expires.UnixMilli(), UserAgent: r.UserAgent()})
	if _, err := s.do(ctx, id.Stream(), cmd, live.AuthorOf(row)); err != nil {
		return nil, err
	}
	return s.sessionCookies(r, token, csrfOf(token), int(s.opt.SessionLife/time.Second)), nil
}

func (s *Server) sessionCookies(r *http.Request, token, csrf string, maxAge int) []http.Cookie {
	session := http.Cookie{Name: sessionCookie, Value: token, Path: "/", MaxAge: maxAge, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: s.https(r)}
	proof := session
	proof.Name, proof.Value, proof.HttpOnly = csrfCookie, csrf, false // our page reads it
	return []http.Cookie{session, proof}
}

type plainInput struct{ request }

func (s *Server) signOut(ctx context.Context, in *plainInput) (*Cookies, error) {
	who := me(ctx)
	cmd := deskpb.NewCommand(&deskpb.CloseSession{Session: who.Session})
	if _, err := s.do(ctx, who.Agent.Stream(), cmd, live.AuthorOf(who.row)); err != nil {
		return nil, err
	}
	return &Cookies{s.sessionCookies(in.r, "", "", -1)}, nil
}

type meOutput struct {
	Body struct {
		Agent Agent `json:"agent"`
		Place
	}
}

func (s *Server) whoAmI(ctx context.Context, _ *nothing) (*meOutput, error) {
	out := &meOutput{}
	out.Body.Place = s.here()
	out.Body.Agent = agentView(me(ctx).row)
	return out, nil
}

// Place is where the journal was when an answer was read, or before: whoever follows it from there misses nothing.
type Place struct {
	Epoch    string `json:"epoch" doc:"The history's name; positions of another one are void"`
	Position uint64 `json:"position" doc:"Say hello on the socket with it"`
}

// here is asked before rows are read.
func (s *Server) here() Place {
	epoch, position := s.opt.Engine.Head()
	return Place{epoch, uint64(position)}
}

// do sends a command of the desk's own routes, in the name of by.
func (s *Server) do(ctx context.Context, stream desk.StreamID, cmd desk.Command, by *deskpb.Author) (desk.Done, error) {
	cmd.AtMs, cmd.By = time.Now().UnixMilli(), by
	return s.opt.Engine.Do(ctx, stream, cmd)
}

// socket turns a request into an agents' socket.
func (s *Server) socket(w http.ResponseWriter, r *http.Request) {
	s.hub.Serve(w, r, me(r.Context()).Who, func(err error) { s.answer(w, r, err) })
}
