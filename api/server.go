// Package api is the door: REST under /api/v1 with its OpenAPI description, the agents' socket (api/live), signing in, the
// workspace's files, and what operators ask (/healthz, /readyz, /metrics). It owns no state of the desk: every change is a
// command to the engine, every answer a fold of the journal.
//
// Every route is a line of one table (routes.go), with who may use it. Output is shaped in views.go and timeline.go only.
package api

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/centralita/centralita/api/live"
	"github.com/centralita/centralita/internal/filelink"
	"github.com/centralita/centralita/internal/metrics"
	"github.com/centralita/centralita/internal/reach"
)

// Options of the door. Those of the first group are needed.
type Options struct {
	Engine   Engine
	Channels Channels
	Trials   Trials

	ChannelSecrets ChannelSecrets

	Router      Router
	Replays     Replays
	Signs       Signs
	Tickets     Tickets
	Lists       Lists
	People      People
	Finder      Finder
	Secrets     Secrets
	Accounts    Accounts
	ChannelRows ChannelRows
	Settings    SettingRows
	Audits      Audits
	Notices     Notices
	Sides       SideRows
	Blobs       Blobs
	Vault       Vault

	// Reports count what happens. nil: /reports answers 503.
	Reports Reports
	// Search finds conversations. nil: /search answers 503.
	Search Search
	// Workspace is the built workspace (web/dist). nil: only the API is served.
	Workspace fs.FS
	// SanitizeHTML makes HTML that agents write harmless before it is kept. nil: HTML is refused.
	SanitizeHTML func(string) string
	// SetupToken gives the one-time token by which the first administrator is made, "" for none. It works only while
	// there is no administrator, and once.
	SetupToken func() string
	// FileLinks opens the addresses of files that were too large for a mail. nil: there are none.
	FileLinks *filelink.Signer
	// SignIns are providers by which mailboxes are signed in without a password; nil: none.
	SignIns SignIns
	// MailServers finds the servers of a mail address. nil: /channels/discover answers 503.
	MailServers MailServers
	// MailDomain is the domain for which the desk takes mail itself, "" when it takes none.
	MailDomain string
	// PublicURL is how browsers reach us. Only pages from there are ours, and those of this machine; empty: those of
	// whatever Host a request names.
	PublicURL string
	// ClientIP gives the address a request comes from, for rate limits. nil: the connection's; behind a proxy hand in
	// one that reads the header your proxy sets.
	ClientIP func(*http.Request) string
	// SessionLife is how long a browser stays signed in; 0 means a week.
	SessionLife time.Duration
	// HelloWithin is how long an agents' socket may take to say hello; 0 means 15 seconds.
	HelloWithin time.Duration
	Version     string
	SpamDays    uint32           // for so long spam is kept where the rules do not say; 0: for ever
	Logger      *slog.Logger     // nil: silent
	Metrics     *metrics.Metrics // nil: none, and /metrics answers 404
}

// Server is the door. Make it with New, Run it, and serve its Handler.
type Server struct {
	opt       Options
	log       *slog.Logger
	hub       *live.Hub
	commands  *live.Commands
	passwords *passwords
	limits    *signInLimits
	consents  *consents
	uploads   uploaded
	pictures  *http.Client  // of pictures that mails name
	fetching  chan struct{} // holds a token for each that is being fetched
	finding   chan struct{} // the same of searches for mail servers
	sharing   *buckets      // fetches of files by link, by network
	downloads chan struct{} // holds a token for each that is under way
	public    *url.URL      // of Options.PublicURL; may be nil
	origin    string        // of public, as browsers write it
	seen      chan seen

	handler     http.Handler
	mux         *http.ServeMux
	description description

	setup     sync.Mutex  // held while the first administrator is made: only one request may win
	setupUsed atomic.Bool // the token is dead
	merges    sync.Mutex  // held while conversations are merged: no circle comes of two at once
	spamming  sync.Mutex  // held while an address is added to the rules of spam: no two of them lose one
	roles     sync.Mutex  // held while a role is taken away: the last administrator stays
}

// New makes the door.
func New(opt Options) (*Server, error) {
	if opt.Engine == nil || opt.Channels == nil || opt.Trials == nil || opt.ChannelSecrets == nil || opt.Replays == nil || opt.Router == nil || opt.Signs == nil || opt.Tickets == nil || opt.Lists == nil || opt.People == nil ||
		opt.Secrets == nil || opt.Finder == nil || opt.Accounts == nil || opt.ChannelRows == nil || opt.Settings == nil || opt.Audits == nil || opt.Notices == nil || opt.Sides == nil || opt.Blobs == nil || opt.Vault == nil {
		return nil, errors.New("make the API: Engine, Channels, Trials, ChannelSecrets, Replays, Router, Signs, Tickets, Lists, People, Finder, Secrets, Accounts, ChannelRows, Settings, Audits, Notices, Sides, Blobs and Vault are needed")
	}
	if opt.Logger == nil {
		opt.Logger = slog.New(slog.DiscardHandler)
	}
	if opt.SessionLife == 0 {
		opt.SessionLife = 7 * 24 * time.Hour
	}
	if opt.Version == "" {
		opt.Version = "dev"
	}
	if opt.ClientIP == nil {
		opt.ClientIP = connectionIP
	}
	s := &Server{opt: opt, log: opt.Logger, passwords: newPasswords(), limits: newSignInLimits(), consents: newConsents(), mux: http.NewServeMux(), seen: make(chan seen, maxSeen),
		pictures: pictureClient(reach.Public), fetching: make(chan struct{}, picturesAtOnce), finding: make(chan struct{}, findingAtOnce),
		sharing: newSharedLimit(), downloads: make(chan struct{}, sharedAtOnce),
	}
	if opt.PublicURL != "" {
		u, err := url.Parse(opt.PublicURL)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return nil, errors.New("make the API: PublicURL must be like https://help.example.com")
		}
		s.public, s.origin = u, originOf(u)
	}
	rows := rows{opt.Tickets, opt.People, opt.ChannelRows, opt.Settings}
	s.commands = &live.Commands{Desk: opt.Engine, Rows: rows, Nouns: rows, Blobs: opt.Blobs, Drafts: opt.Accounts, SanitizeHTML: opt.SanitizeHTML, Viewer: s.viewer, MayUse: s.mayUse}
	s.hub = live.New(live.Options{
		Journal: opt.Engine, Rows: rows, Teams: opt.People, Drafts: opt.Accounts, Notices: opt.Notices, Sides: opt.Sides, Signs: opt.Signs, Commands: s.commands,
		Viewer: s.viewer, SignedIn: s.signedIn, CheckOrigin: s.sameOrigin, HelloWithin: s.opt.HelloWithin, Logger: opt.Logger, Metrics: opt.Metrics,
	})
	if err := s.mount(); err != nil {
		return nil, err
	}
	s.handler = s.around(s.mux)
	return s, nil
}

// rows puts the index's questions together as the hub needs them.
type rows struct {
	Tickets
	People
	ChannelRows
	SettingRows
}

// Run feeds the agents' sockets until ctx ends, then closes them with "come back" and returns. Before it runs, the socket
// answers 503. Call it once.
func (s *Server) Run(ctx context.Context) error {
	var noting sync.WaitGroup
	noting.Go(func() { s.keepSeen(ctx) })
	s.hub.Run(ctx)
	noting.Wait()
	return nil
}

// Handler serves everything.
func (s *Server) Handler() http.Handler { return s.handler }

// mount puts the table of routes on the mux and writes their description.
func (s *Server) mount() error {
	config := huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title: "Centralita", Version: s.opt.Version,
				Description: "The API of the help desk. Sign in with POST /session; every request that changes something carries the value of the cookie " + csrfCookie + " in the header " + csrfHeader + ".",
			},
			Servers: []*huma.Server{{URL: prefix}},
			Components: &huma.Components{
				Schemas: huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer),
				SecuritySchemes: map[string]*huma.SecurityScheme{
					"session": {Type: "apiKey", In: "cookie", Name: sessionCookie},
				},
			},
		},
		Formats:       map[string]huma.Format{"application/json": jsonFormat, "json": jsonFormat},
		DefaultFormat: "application/json",
		Transformers:  []huma.Transformer{problemOfModel},

		RejectUnknownQueryParameters: true,
	}
	table := slices.Concat(s.routes(), s.trialRoutes(), s.programRoutes(), s.teamRoutes(), s.settingRoutes())
	guarded := &guardedMux{ServeMux: s.mux, server: s, access: map[string]access{}}
	reg := huma.NewAPI(config, humago.NewAdapter(guarded, prefix))
	for _, r := range table {
		guarded.access[r.pattern()] = r.access
		r.mount(s, reg, guarded, r)
	}
	s.mux.HandleFunc(prefix+"/", s.noRoute)
	return s.description.write(reg.OpenAPI())
}
