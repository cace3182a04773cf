package api

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/centralita/centralita/api/live"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// SignInProgram is the program that this desk is with a provider. Its secret is written and never read.
type SignInProgram struct {
	Provider  string `json:"provider" doc:"google or microsoft"`
	ClientID  string `json:"client_id" doc:"Empty: not set up"`
	Tenant    string `json:"tenant" doc:"Microsoft: the organisation; empty: anybody's"`
	HasSecret bool   `json:"has_secret"`
	Fixed     bool   `json:"fixed" doc:"Set where the desk is configured: it cannot be changed here"`
	Ready     bool   `json:"ready" doc:"Mailboxes can be signed in with it"`
}

type programList struct {
	Body struct {
		Programs []SignInProgram `json:"programs"`
		Redirect string          `json:"redirect_url" doc:"To be registered with the provider"`
	}
}

func (s *Server) listPrograms(_ context.Context, in *struct{ request }) (*programList, error) {
	out := &programList{}
	out.Body.Redirect = s.callbackURL(in.r)
	for _, provider := range desk.SignInProviders {
		p, err := s.program(provider)
		if err != nil {
			return nil, err
		}
		out.Body.Programs = append(out.Body.Programs, p)
	}
	return out, nil
}

func (s *Server) program(provider string) (SignInProgram, error) {
	p := SignInProgram{Provider: provider}
	if s.opt.SignIns != nil {
		p.ClientID, p.Fixed = s.opt.SignIns.Fixed(provider)
		p.Ready = s.opt.SignIns.Has(provider)
	}
	if p.Fixed {
		p.HasSecret = true
		return p, nil
	}
	stored, err := s.storedProgram(provider)
	p.ClientID, p.Tenant, p.HasSecret = stored.GetClientId(), stored.GetTenant(), len(stored.GetSealedSecret()) > 0
	return p, err
}

// storedProgram is the one that was set up here; nil when there is none.
func (s *Server) storedProgram(provider string) (*deskpb.SignInProgram, error) {
	row, err := s.opt.Settings.Setting(desk.SignInProgramID(provider))
	if err != nil {
		return nil, fmt.Errorf("read the program of %s: %w", provider, err)
	}
	if row.GetRemoved() {
		return nil, nil
	}
	return row.GetValue().GetSignInProgram(), nil
}

type programInput struct {
	Provider string `path:"provider" enum:"google,microsoft"`
	Body     struct {
		ClientID     string `json:"client_id" minLength:"1" maxLength:"300"`
		ClientSecret string `json:"client_secret" required:"false" maxLength:"2000" doc:"Kept sealed, never shown again. Empty: the old one stays, for the same client id"`
		Tenant       string `json:"tenant" required:"false" maxLength:"100" doc:"Microsoft: the organisation; empty: anybody's"`
	}
}

type oneProgram struct {
	Body struct {
		Program SignInProgram `json:"program"`
	}
}

func (s *Server) setProgram(ctx context.Context, in *programInput) (*oneProgram, error) {
	if err := s.changeable(in.Provider); err != nil {
		return nil, err
	}
	before, err := s.storedProgram(in.Provider)
	if err != nil {
		return nil, err
	}
	next := &deskpb.SignInProgram{Name: in.Provider, ClientId: strings.TrimSpace(in.Body.ClientID), Tenant: strings.TrimSpace(in.Body.Tenant)}
	switch secret := strings.TrimSpace(in.Body.ClientSecret); {
	case secret != "":
		if next.SealedSecret, err = s.opt.Vault.Seal([]byte(secret)); err != nil {
			return nil, fmt.Errorf("seal the client secret: %w", err)
		}
	case before.GetClientId() == next.ClientId && len(before.GetSealedSecret()) > 0:
		next.SealedSecret = before.SealedSecret
	default:
		return nil, fault("body.client_secret", "give the secret that the provider made for this client id")
	}
	v := &deskpb.Setting{Value: &deskpb.Setting_SignInProgram{SignInProgram: next}}
	if _, err := s.putSetting(ctx, desk.SignInProgramID(in.Provider), v); err != nil {
		return nil, err
	}
	out := &oneProgram{}
	out.Body.Program, err = s.program(in.Provider)
	return out, err
}

func (s *Server) removeProgram(ctx context.Context, in *struct {
	Provider string `path:"provider" enum:"google,microsoft"`
},
) (*nothing, error) {
	if err := s.changeable(in.Provider); err != nil {
		return nil, err
	}
	stored, err := s.storedProgram(in.Provider)
	if err != nil || stored == nil {
		return &nothing{}, err
	}
	_, err = s.do(ctx, desk.SignInProgramID(in.Provider).Stream(), deskpb.NewCommand(&deskpb.RemoveSetting{}), live.AuthorOf(me(ctx).row))
	return &nothing{}, err
}

// changeable refuses what is set where the desk is configured: that counts, and a change here would do nothing.
func (s *Server) changeable(provider string) error {
	if s.opt.SignIns == nil {
		return desk.Refuse(desk.Unavailable, "", "this desk does not sign in with providers")
	}
	if _, fixed := s.opt.SignIns.Fixed(provider); fixed {
		return desk.Refuse(desk.Conflict, "", "oauth.%s is set in the configuration file or the environment, which counts; change it there", provider)
	}
	return nil
}

// programRoutes are the lines of the programs that this desk is with providers.
func (s *Server) programRoutes() []route {
	return []route{
		{http.MethodGet, "/sign-in-programs", administrators, "list-sign-in-programs", "The programs that this desk is with providers, without their secrets, and the address to register", typed(s.listPrograms, 200)},
		{http.MethodPut, "/sign-in-programs/{provider}", administrators, "set-sign-in-program", "Say which program this desk is with a provider", typed(s.setProgram, 200)},
		{http.MethodDelete, "/sign-in-programs/{provider}", administrators, "remove-sign-in-program", "Forget it; mailboxes signed in with it stop at their next renewal", typed(s.removeProgram, 204)},
	}
}
