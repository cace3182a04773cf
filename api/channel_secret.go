package api

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/centralita/centralita/api/live"
	"github.com/centralita/centralita/desk"
)

// MadeSecret is a secret of a channel as it is told later on: whoever has it knows it by its end.
type MadeSecret struct {
	Ends  string `json:"ends" doc:"Its last characters"`
	Made  string `json:"made"`
	Until string `json:"until,omitempty" doc:"It holds no more then; empty for the one in use"`
}

type madeSecrets struct {
	Body struct {
		Secrets []MadeSecret `json:"secrets" doc:"Those that hold, the one in use first"`
	}
}

type rotateInput struct {
	ByID
	Body struct {
		KeepHours int `json:"keep_hours" required:"false" minimum:"0" maximum:"168" doc:"For how long the secret before holds on; 0: no more from now on"`
	}
}

type rotateOutput struct {
	Body struct {
		Secret string `json:"secret" doc:"Shown this once: keep it on the site's server"`
	}
}

func (s *Server) madeSecrets(_ context.Context, in *ByID) (*madeSecrets, error) {
	id := desk.ChannelID(in.ID)
	if _, err := s.channelRow(id); err != nil {
		return nil, err
	}
	all, err := s.opt.ChannelSecrets.ChannelSecretsMade(id)
	if err != nil {
		return nil, fmt.Errorf("read the secrets of %s: %w", id, err)
	}
	out := &madeSecrets{}
	out.Body.Secrets = notNil(each(all, func(m desk.MadeSecret) MadeSecret {
		v := MadeSecret{Ends: m.Ends, Made: m.Made.UTC().Format(time.RFC3339)}
		if !m.Until.IsZero() {
			v.Until = m.Until.UTC().Format(time.RFC3339)
		}
		return v
	}))
	return out, nil
}

func (s *Server) rotateSecret(ctx context.Context, in *rotateInput) (*rotateOutput, error) {
	id := desk.ChannelID(in.ID)
	if _, err := s.channelRow(id); err != nil {
		return nil, err
	}
	out := &rotateOutput{}
	var err error
	out.Body.Secret, err = s.opt.ChannelSecrets.RotateChannelSecret(ctx, id, time.Duration(in.Body.KeepHours)*time.Hour, live.AuthorOf(me(ctx).row))
	return out, err
}

func (s *Server) secretRoutes() []route {
	return []route{
		{http.MethodGet, "/channels/{id}/secrets", administrators, "list-channel-secrets", "Which secrets a chat's sites may sign their visitors' identities with, without the secrets", typed(s.madeSecrets, 200)},
		{http.MethodPost, "/channels/{id}/secrets", administrators, "rotate-channel-secret", "Make another secret for a chat's sites, shown this once", typed(s.rotateSecret, 200)},
	}
}
