package api

import (
	"context"
	"fmt"
	"net/http"

	"github.com/centralita/centralita/api/live"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

type spamRules struct {
	Body struct {
		Allow          []string `json:"allow" maxItems:"5000" doc:"Addresses and domains that are never spam"`
		Deny           []string `json:"deny" maxItems:"5000" doc:"Addresses and domains that always are"`
		BelieveServers bool     `json:"believe_servers" doc:"What a trusted server of a mailbox marked is spam"`
		KeepDays       *uint32  `json:"keep_days,omitempty" maximum:"3650" doc:"Spam is purged after so many days, 0: never. Left out: as it is"`
	}
}

func (s *Server) spamRules() (*deskpb.SpamRules, error) {
	row, err := s.opt.Settings.Setting(desk.SpamID)
	if err != nil {
		return nil, fmt.Errorf("read the rules of spam: %w", err)
	}
	return row.GetValue().GetSpam(), nil
}

func (s *Server) readSpamRules(context.Context, *nothing) (*spamRules, error) {
	r, err := s.spamRules()
	out := &spamRules{}
	out.Body.Allow, out.Body.Deny, out.Body.BelieveServers = notNull(r.GetAllow()), notNull(r.GetDeny()), r.GetBelieveServers()
	days := s.opt.SpamDays
	if r != nil && r.KeepDays != nil {
		days = r.GetKeepDays()
	}
	out.Body.KeepDays = &days
	return out, err
}

func (s *Server) setSpamRules(ctx context.Context, in *spamRules) (*spamRules, error) {
	s.spamming.Lock()
	defer s.spamming.Unlock()
	r := &deskpb.SpamRules{Allow: in.Body.Allow, Deny: in.Body.Deny, BelieveServers: in.Body.BelieveServers, KeepDays: in.Body.KeepDays}
	if r.KeepDays == nil {
		before, err := s.spamRules()
		if err != nil {
			return nil, err
		}
		if before != nil {
			r.KeepDays = before.KeepDays
		}
	}
	if _, err := s.putSetting(ctx, desk.SpamID, &deskpb.Setting{Value: &deskpb.Setting_Spam{Spam: r}}); err != nil {
		return nil, err
	}
	return s.readSpamRules(ctx, nil)
}

type allowInput struct {
	ByID
}

type allowOutput struct {
	Body struct {
		Allowed string `json:"allowed" doc:"The address that is never spam from now on; empty when the contact has none"`
	}
}

// allowSender restores a ticket that was set aside, and what its contact writes from now on is no spam: not blocked, not denied, allowed.
func (s *Server) allowSender(ctx context.Context, in *allowInput) (*allowOutput, error) {
	if _, err := s.ask(ctx, in.ID, deskpb.NewCommand(&deskpb.UnmarkSpam{})); err != nil {
		return nil, err
	}
	t, err := s.opt.Tickets.Ticket(desk.ConversationID(in.ID))
	if err != nil || t == nil {
		return nil, fmt.Errorf("read the ticket: %w", err)
	}
	by := live.AuthorOf(me(ctx).row)
	contact, err := s.opt.People.Contact(desk.ContactID(t.Contact))
	if err != nil || contact == nil {
		return nil, fmt.Errorf("read the contact: %w", err)
	}
	if contact.Blocked {
		if _, err := s.do(ctx, desk.ContactID(t.Contact).Stream(), deskpb.NewCommand(&deskpb.UnblockContact{}), by); err != nil {
			return nil, err
		}
	}
	out := &allowOutput{}
	for _, i := range contact.Identities {
		if i.Kind == deskpb.IdentityKind_IDENTITY_KIND_EMAIL {
			out.Body.Allowed = i.Value
			break
		}
	}
	if out.Body.Allowed == "" {
		return out, nil
	}
	s.spamming.Lock()
	defer s.spamming.Unlock()
	rules, err := s.spamRules()
	if err != nil {
		return nil, err
	}
	_, err = s.putSetting(ctx, desk.SpamID, &deskpb.Setting{Value: &deskpb.Setting_Spam{Spam: desk.AllowSender(rules, out.Body.Allowed)}})
	return out, err
}

func (s *Server) spamRoutes() []route {
	return []route{
		{http.MethodGet, "/spam-rules", supervisors, "read-spam-rules", "Who is never spam, and who always is", typed(s.readSpamRules, 200)},
		{http.MethodPut, "/spam-rules", administrators, "set-spam-rules", "Set who is never spam, and who always is", sized(s.setSpamRules, 200, largeBodyLimit)},
		{http.MethodPost, "/conversations/{id}/allow-sender", agents, "allow-sender", "Restore a ticket from spam, and allow its contact from now on", typed(s.allowSender, 200)},
	}
}
