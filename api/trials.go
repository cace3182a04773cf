package api

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/centralita/centralita/desk"
)

type checkConfigInput struct {
	request
	Body struct {
		Kind    string         `json:"kind" minLength:"1" maxLength:"64"`
		Name    string         `json:"name" required:"false" maxLength:"200"`
		Config  map[string]any `json:"config" required:"false"`
		Secrets map[string]any `json:"secrets" required:"false" doc:"Left out or empty: those of the channel named"`
		Channel string         `json:"channel" required:"false" maxLength:"64" doc:"For which the settings are meant; empty for a new one"`
	}
}

// checkAtMost bounds a try: browsers wait a little longer.
const checkAtMost = 15 * time.Second

func (s *Server) checkConfig(ctx context.Context, in *checkConfigInput) (*checkOutput, error) {
	ch, err := s.toCheck(in)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, checkAtMost)
	defer cancel()
	return checked(s.opt.Trials.CheckConfig(ctx, ch, desk.ChannelID(in.Body.Channel), nil)), nil
}

func (s *Server) toCheck(in *checkConfigInput) (ch desk.NewChannel, err error) {
	b := &in.Body
	if b.Channel != "" {
		if _, err := s.channelRow(desk.ChannelID(b.Channel)); err != nil {
			return ch, err
		}
	}
	ch = desk.NewChannel{Kind: b.Kind, Name: b.Name}
	if err = s.redeem(in.r, b.Secrets); err != nil {
		return ch, err
	}
	ch.Config, ch.Secrets, err = rawJSON(b.Config, b.Secrets)
	return ch, err
}

// checkLine is one line of a try that is told step by step.
type checkLine struct {
	Step   string         `json:"step,omitempty"`
	Ended  bool           `json:"ended,omitempty"`
	OK     bool           `json:"ok,omitempty"`
	Faults []ChannelFault `json:"faults,omitempty"`
	Done   bool           `json:"done,omitempty"` // the last line, with the outcome of the whole
}

type checkStepsOutput struct {
	ContentType string `header:"Content-Type"`
	Body        func(huma.Context)
}

// checkSteps is checkConfig, told while it goes on: a line of JSON for each step that begins or ends, and one for the whole.
func (s *Server) checkSteps(_ context.Context, in *checkConfigInput) (*checkStepsOutput, error) {
	ch, err := s.toCheck(in)
	if err != nil {
		return nil, err
	}
	return &checkStepsOutput{ContentType: "application/x-ndjson", Body: func(hc huma.Context) {
		ctx, cancel := context.WithTimeout(hc.Context(), checkAtMost)
		defer cancel()
		var mu sync.Mutex
		tell := func(line checkLine) {
			mu.Lock()
			defer mu.Unlock()
			if raw, err := json.Marshal(line); err == nil {
				_, _ = hc.BodyWriter().Write(append(raw, '\n')) // who is gone hears nothing
				if f, can := hc.BodyWriter().(http.Flusher); can {
					f.Flush()
				}
			}
		}
		out := checked(s.opt.Trials.CheckConfig(ctx, ch, desk.ChannelID(in.Body.Channel), func(step string, ended bool, fault error) {
			line := checkLine{Step: step, Ended: ended, OK: ended && fault == nil}
			if fault != nil {
				line.Faults = checked(fault).Body.Faults
			}
			tell(line)
		}))
		tell(checkLine{Done: true, OK: out.Body.OK, Faults: out.Body.Faults})
	}}, nil
}

func (s *Server) syncChannel(_ context.Context, in *ByID) (*nothing, error) {
	id := desk.ChannelID(in.ID)
	if _, err := s.channelRow(id); err != nil {
		return nil, err
	}
	return &nothing{}, s.opt.Trials.SyncChannel(id)
}

// FoundMailbox is one answer to which servers an address has.
type FoundMailbox struct {
	Name        string        `json:"name" doc:"What the provider calls itself; may be empty"`
	Provider    string        `json:"provider" doc:"google or microsoft, where one signs in without a password; else empty"`
	AppPassword bool          `json:"app_password" doc:"The provider takes a password made for programs, not the person's own"`
	IMAP        FoundServer   `json:"imap"`
	SMTP        FoundServer   `json:"smtp"`
	Sources     []FoundSource `json:"sources" doc:"Who names these servers"`
	Foreign     bool          `json:"foreign" doc:"The servers are of another domain, and nothing vouches for them: ask the person before a password is sent there"`
	Answers     bool          `json:"answers" doc:"Both servers answered, with TLS that is trusted"`
}

// FoundServer is one of its servers; host is empty when it was not found.
type FoundServer struct {
	Host     string `json:"host"`
	Port     int    `json:"port"`
	Security string `json:"security" doc:"tls, starttls or plain"`
	Username string `json:"username" doc:"Empty: the address"`
	Answers  bool   `json:"answers"`
}

// FoundSource says where servers were named.
type FoundSource struct {
	Kind   string `json:"kind" doc:"provider, mx, autoconfig, ispdb, ispdb-mx, srv or guess"`
	Detail string `json:"detail" doc:"The record, page, domain or host"`
}

type discoverInput struct {
	Body struct {
		Address string `json:"address" minLength:"3" maxLength:"254" doc:"Of the mailbox; its password has no place here"`
	}
}

type discoverOutput struct {
	Body struct {
		Found []FoundMailbox `json:"found" doc:"The best first; empty when nothing is known"`
	}
}

const findingAtOnce = 4 // for all administrators together; more wait

func (s *Server) discover(ctx context.Context, in *discoverInput) (*discoverOutput, error) {
	if s.opt.MailServers == nil {
		return nil, desk.Refuse(desk.Unavailable, "", "this desk does not look for mail servers; set them up by hand")
	}
	select {
	case s.finding <- struct{}{}:
		defer func() { <-s.finding }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	all, err := s.opt.MailServers.Find(ctx, in.Body.Address)
	if err != nil {
		return nil, err
	}
	out := &discoverOutput{}
	out.Body.Found = each(all, foundView)
	return out, nil
}

func foundView(m desk.FoundMailbox) FoundMailbox {
	return FoundMailbox{
		Name: m.Name, Provider: m.Provider, AppPassword: m.AppPassword, IMAP: FoundServer(m.IMAP), SMTP: FoundServer(m.SMTP),
		Sources: each(m.Sources, func(f desk.FoundSource) FoundSource { return FoundSource(f) }), Foreign: m.Foreign, Answers: m.Answers,
	}
}

// trialRoutes are the lines of what administrators try on channels.
func (s *Server) trialRoutes() []route {
	return []route{
		{http.MethodGet, "/channels/ways", administrators, "list-ways", "By what channels can be connected here, as far as that depends on how the desk was set up", typed(s.ways, 200)},
		{http.MethodPost, "/sign-ins", administrators, "begin-sign-in", "Begin to sign a mailbox in with a provider, in this browser", typed(s.askConsent, 201)},
		{http.MethodGet, "/sign-ins/{id}", administrators, "sign-in-state", "What came of it", typed(s.consentState, 200)},
		{http.MethodGet, "//oauth/callback", administrators, "", "", raw(s.consentCame, 0)},
		{http.MethodPost, "/channels/check", administrators, "check-config", "Try settings before they are saved: every fault at once, each with its field", typed(s.checkConfig, 200)},
		{http.MethodPost, "/channels/check/steps", administrators, "check-config-steps", "The same, told while it goes on: a line of JSON for each step that begins or ends, the last one with the outcome", typed(s.checkSteps, 200)},
		{http.MethodPost, "/channels/{id}/sync", administrators, "sync-channel", "Connect anew and look for what is new at once, without waiting for the next attempt; the channel's health says how it goes", typed(s.syncChannel, 204)},
		{http.MethodPost, "/channels/discover", administrators, "discover-mailbox", "Find the mail servers of an address, from what its domain says and what is known of it. Nothing is signed in to", typed(s.discover, 200)},
		{http.MethodPost, "/channels/preview", administrators, "preview-sending", "How replies look when they leave a channel with these settings: sender, signature, acknowledgement", typed(s.previewSending, 200)},
		{http.MethodPost, "/channels/{id}/quarantine/{item}/replay", administrators, "replay-item", "Read a quarantined item again and take it in, once; or set it aside again with its new cause", typed(s.replayItem, 200)},
	}
}
