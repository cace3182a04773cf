package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/centralita/centralita/api/live"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

type channelList struct {
	Body struct {
		Channels []Channel `json:"channels"`
		Place
	}
}

func (s *Server) listChannels(ctx context.Context, _ *nothing) (*channelList, error) {
	out := &channelList{}
	out.Body.Place = s.here()
	all, err := s.opt.ChannelRows.Channels()
	if err != nil {
		return nil, fmt.Errorf("read the channels: %w", err)
	}
	status := s.channelStatus()
	leads := desk.Leads(me(ctx).row)
	var roster *desk.Roster
	if leads {
		if roster, err = s.roster(); err != nil {
			return nil, err
		}
	}
	out.Body.Channels = each(all, func(c desk.Channel) Channel {
		v := s.withMail(channelView(c, status[desk.ChannelID(c.Channel)]))
		if !leads {
			return v.plain()
		}
		return flawed(v, c.Routing, roster)
	})
	return out, nil
}

func (s *Server) channelStatus() map[desk.ChannelID]*desk.ChannelStatus {
	out := make(map[desk.ChannelID]*desk.ChannelStatus)
	for _, st := range s.opt.Channels.ChannelStatus() {
		out[st.Channel] = &st
	}
	return out
}

type oneChannel struct {
	Body struct {
		Channel Channel `json:"channel"`
	}
}

func (s *Server) oneChannel(id desk.ChannelID) (*oneChannel, error) {
	row, err := s.channelRow(id)
	if err != nil {
		return nil, err
	}
	out := &oneChannel{}
	roster, err := s.roster()
	if err != nil {
		return nil, err
	}
	out.Body.Channel = flawed(s.withMail(channelView(row, s.channelStatus()[id])), row.Routing, roster)
	return out, nil
}

func (s *Server) channelRow(id desk.ChannelID) (desk.Channel, error) {
	row, err := s.opt.ChannelRows.Channel(id)
	if err != nil {
		return nil, fmt.Errorf("read channel %s: %w", id, err)
	}
	if row == nil {
		return nil, notFound("channel")
	}
	return row, nil
}

type connectChannelInput struct {
	request
	Body struct {
		Kind    string         `json:"kind" minLength:"1" maxLength:"64" doc:"email, chat, …, or a custom connector's name"`
		Name    string         `json:"name" minLength:"1" maxLength:"200"`
		Config  map[string]any `json:"config" required:"false" doc:"The kind's own configuration"`
		Secrets map[string]any `json:"secrets" required:"false" doc:"The kind's secrets; kept encrypted, never shown again"`
		Routing *Routing       `json:"routing,omitempty"`
	}
}

func (s *Server) connectChannel(ctx context.Context, in *connectChannelInput) (*oneChannel, error) {
	b := &in.Body
	routing, err := s.routing(b.Routing, nil)
	if err != nil {
		return nil, err
	}
	ch := desk.NewChannel{Kind: b.Kind, Name: b.Name, Routing: routing}
	if err = s.redeem(in.r, b.Secrets); err != nil {
		return nil, err
	}
	if ch.Config, ch.Secrets, err = rawJSON(b.Config, b.Secrets); err != nil {
		return nil, err
	}
	id, err := s.opt.Channels.ConnectChannel(ctx, ch, live.AuthorOf(me(ctx).row))
	if err != nil {
		return nil, joined(err)
	}
	return s.oneChannel(id)
}

type changeChannelInput struct {
	request
	ByID
	Body struct {
		Name    *string        `json:"name,omitempty" minLength:"1" maxLength:"200"`
		Config  map[string]any `json:"config" required:"false" doc:"All of it; for a part of it take sections"`
		Secrets map[string]any `json:"secrets" required:"false" doc:"Left out or empty: the old ones stay"`
		Sections
		Routing *Routing `json:"routing,omitempty"`
	}
}

func (s *Server) changeChannel(ctx context.Context, in *changeChannelInput) (*oneChannel, error) {
	if in.Body.Sections.Sections != nil {
		return s.changeSections(ctx, in)
	}
	id := desk.ChannelID(in.ID)
	row, err := s.channelRow(id)
	if err != nil {
		return nil, err
	}
	if err := s.rewriteChannel(ctx, row, in, nil); err != nil {
		return nil, err
	}
	return s.oneChannel(id)
}

// rewriteChannel writes what was asked for over a row; config, if it is not nil, is the row's with some of its sections changed.
func (s *Server) rewriteChannel(ctx context.Context, row desk.Channel, in *changeChannelInput, config []byte) (err error) {
	ch := desk.NewChannel{Kind: channelView(row, nil).Kind, Name: row.Name, Routing: row.Routing, Was: row.Routing}
	set(&ch.Name, in.Body.Name)
	if in.Body.Routing != nil {
		if v := in.Body.Routing.Version; v != "" && v != rulesVersion(row.Routing) {
			return desk.RulesChanged()
		}
		if ch.Routing, err = s.routing(in.Body.Routing, row.Routing); err != nil {
			return err
		}
	}
	if err = s.redeem(in.r, in.Body.Secrets); err != nil {
		return err
	}
	if ch.Config, ch.Secrets, err = rawJSON(in.Body.Config, in.Body.Secrets); err != nil {
		return err
	}
	if in.Body.Config == nil { // guarded, or a part saved in this moment would be undone
		ch.Config, ch.ConfigWas = row.Config, row.Config
	}
	if config != nil {
		ch.Config, ch.ConfigWas = config, row.Config
	}
	return joined(s.opt.Channels.ReconfigureChannel(ctx, desk.ChannelID(row.Channel), ch, live.AuthorOf(me(ctx).row)))
}

// rawJSON gives the bytes the engine takes; nil for what is empty.
func rawJSON(config, secrets map[string]any) (c, sec []byte, err error) {
	if config != nil {
		if c, err = json.Marshal(config); err != nil {
			return nil, nil, fmt.Errorf("encode the configuration: %w", err)
		}
	}
	if len(secrets) > 0 {
		if sec, err = json.Marshal(secrets); err != nil {
			return nil, nil, errors.New("encode the secrets") // the cause could quote them
		}
	}
	return c, sec, nil
}

// joined makes one problem of several refusals, so that a form can show every fault at its field.
func joined(err error) error {
	faults := faultsOf(err)
	if len(faults) < 2 {
		return err
	}
	p := problem(http.StatusUnprocessableEntity, fmt.Sprintf("%d faults in the configuration, see errors", len(faults)))
	for _, f := range faults {
		if f.refusal == nil {
			return err // not about the input: somebody has to look
		}
		p.Errors = append(p.Errors, Fault{Location: (*places)(nil).of(f.refusal), Message: f.refusal.Message})
	}
	return p
}

// leaf is one error of a joined one.
type leaf struct {
	err     error
	refusal *desk.Error
}

// faultsOf gives the leaves of a tree of errors: its refusals, and what wraps none as it is.
func faultsOf(err error) []leaf {
	switch e := err.(type) { //nolint:errorlint // the tree is walked here
	case *desk.Error:
		return []leaf{{err, e}}
	case interface{ Unwrap() []error }:
		var out []leaf
		for _, one := range e.Unwrap() {
			out = append(out, faultsOf(one)...)
		}
		return out
	case interface{ Unwrap() error }:
		if _, ok := errors.AsType[*desk.Error](err); ok {
			return faultsOf(e.Unwrap())
		}
	}
	return []leaf{{err, nil}}
}

type switchInput struct {
	ByID
	Body struct {
		On bool `json:"on"`
	}
}

func (s *Server) switchChannel(ctx context.Context, in *switchInput) (*oneChannel, error) {
	id := desk.ChannelID(in.ID)
	cmd := deskpb.NewCommand(&deskpb.SwitchChannel{On: in.Body.On})
	if _, err := s.do(ctx, id.Stream(), cmd, live.AuthorOf(me(ctx).row)); err != nil {
		return nil, err
	}
	return s.oneChannel(id)
}

type waysOutput struct {
	Body struct {
		MailDomain string   `json:"mail_domain" doc:"For which the desk takes mail itself; empty: mail cannot be forwarded to it"`
		SignIns    []string `json:"sign_ins" doc:"Providers to sign a mailbox in with: google, microsoft"`
	}
}

// ways says by what channels can be connected here, as far as that depends on how the desk was set up.
func (s *Server) ways(context.Context, *nothing) (*waysOutput, error) {
	out := &waysOutput{}
	out.Body.MailDomain, out.Body.SignIns = s.opt.MailDomain, []string{}
	for _, p := range []string{"google", "microsoft"} {
		if s.opt.SignIns != nil && s.opt.SignIns.Has(p) {
			out.Body.SignIns = append(out.Body.SignIns, p)
		}
	}
	return out, nil
}

// ChannelFault is something that keeps a channel from working.
type ChannelFault struct {
	Field   string `json:"field" doc:"Of the configuration; may be empty"`
	Message string `json:"message"`
}

type checkOutput struct {
	Body struct {
		OK     bool           `json:"ok"`
		Faults []ChannelFault `json:"faults"`
	}
}

func (s *Server) checkChannel(ctx context.Context, in *ByID) (*checkOutput, error) {
	id := desk.ChannelID(in.ID)
	if _, err := s.channelRow(id); err != nil {
		return nil, err
	}
	return checked(s.opt.Channels.CheckChannel(ctx, id)), nil
}

// checked tells every fault of a try.
func checked(err error) *checkOutput {
	out := &checkOutput{}
	out.Body.Faults = []ChannelFault{}
	if err == nil {
		out.Body.OK = true
		return out
	}
	for _, f := range faultsOf(err) {
		v := ChannelFault{Message: f.err.Error()}
		if f.refusal != nil {
			v = ChannelFault{Field: f.refusal.Field, Message: f.refusal.Message}
		}
		out.Body.Faults = append(out.Body.Faults, v)
	}
	return out
}

type quarantineList struct {
	Body struct {
		Items []QuarantinedItem `json:"items"`
	}
}

func (s *Server) listQuarantine(_ context.Context, in *ByID) (*quarantineList, error) {
	id := desk.ChannelID(in.ID)
	if _, err := s.channelRow(id); err != nil {
		return nil, err
	}
	items, err := s.opt.ChannelRows.Quarantine(id, 200)
	if err != nil {
		return nil, fmt.Errorf("read the quarantine of %s: %w", id, err)
	}
	out := &quarantineList{}
	out.Body.Items = each(items, quarantinedView)
	can := s.opt.Replays.Replayable(id)
	for i, q := range items {
		out.Body.Items[i].CanReplay = can(q)
	}
	return out, nil
}

type itemInput struct {
	ByID
	Item string `path:"item" maxLength:"512"`
}

type replayOutput struct {
	Body struct {
		Outcome string `json:"outcome" enum:"ingested,discarded,quarantined" doc:"discarded: there was nothing to take in"`
		Cause   string `json:"cause" doc:"Why it is in quarantine still"`
	}
}

func (s *Server) replayItem(ctx context.Context, in *itemInput) (*replayOutput, error) {
	r, err := s.opt.Replays.ReplayItem(ctx, desk.ChannelID(in.ID), in.Item, live.AuthorOf(me(ctx).row))
	if err != nil {
		return nil, err
	}
	out := &replayOutput{}
	out.Body.Outcome, out.Body.Cause = r.Outcome, r.Cause
	return out, nil
}

func (s *Server) discardItem(ctx context.Context, in *itemInput) (*nothing, error) {
	cmd := deskpb.NewCommand(&deskpb.ReleaseItem{Item: in.Item, Outcome: "discarded"})
	_, err := s.do(ctx, desk.ChannelID(in.ID).Stream(), cmd, live.AuthorOf(me(ctx).row))
	return &nothing{}, err
}

// channel passes a request on to the channel's own handler (webhooks, widgets), without the prefix.
func (s *Server) channel(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	var h http.Handler
	if desk.ValidID(id) {
		h = s.opt.Channels.ChannelHandler(desk.ChannelID(id))
	}
	if h == nil {
		s.answer(w, r, notFound("channel"))
		return
	}
	http.StripPrefix("/channels/"+id, h).ServeHTTP(w, r)
}
