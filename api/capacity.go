package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// Limits are an agent's, for each group of kinds of channel.
type Limits struct {
	Calls     *int32 `json:"calls,omitempty" minimum:"0" maximum:"10000" doc:"0: no limit"`
	Messaging *int32 `json:"messaging,omitempty" minimum:"0" maximum:"10000" doc:"Chat, Messenger and WhatsApp; 0: no limit"`
	Email     *int32 `json:"email,omitempty" minimum:"0" maximum:"10000" doc:"And whatever is neither a call nor a message; 0: no limit"`
}

// over puts what is given over what there is; no limits at all are nil.
func (l *Limits) over(was *deskpb.GroupLimits) *deskpb.GroupLimits {
	to := &deskpb.GroupLimits{Calls: was.GetCalls(), Messaging: was.GetMessaging(), Email: was.GetEmail()}
	if l != nil {
		set(&to.Calls, l.Calls)
		set(&to.Messaging, l.Messaging)
		set(&to.Email, l.Email)
	}
	if proto.Size(to) == 0 {
		return nil
	}
	return to
}

type capacityRules struct {
	Body struct {
		Weights          KindWeights `json:"weights" doc:"What an open ticket counts against its owner's limits, by its channel's kind: 1 to 100"`
		ExcludedStatuses []string    `json:"excluded_statuses" enum:"new,waiting_on_us,waiting_on_contact" maxItems:"3" doc:"Open tickets in these count nothing"`
		ExcludedStages   []string    `json:"excluded_stages" maxItems:"500" doc:"Nor do those in these statuses of pipelines: pipeline:stage"`
		Version          *uint64     `json:"version,omitempty" doc:"Of what was read. Given back with a change, the change is refused (409, reason changed_since) when there is another by now; left out: it is written over whatever there is"`
	}
}

// KindWeights are what tickets of each kind of channel count.
type KindWeights struct {
	Email     int32 `json:"email" minimum:"1" maximum:"100" default:"1" required:"false"`
	Chat      int32 `json:"chat" minimum:"1" maximum:"100" default:"1" required:"false"`
	Messenger int32 `json:"messenger" minimum:"1" maximum:"100" default:"1" required:"false"`
	Form      int32 `json:"form" minimum:"1" maximum:"100" default:"1" required:"false"`
	Whatsapp  int32 `json:"whatsapp" minimum:"1" maximum:"100" default:"1" required:"false"`
	Call      int32 `json:"call" minimum:"1" maximum:"100" default:"1" required:"false"`
	Custom    int32 `json:"custom" minimum:"1" maximum:"100" default:"1" required:"false"`
}

func (w *KindWeights) byKind() map[string]*int32 {
	return map[string]*int32{"email": &w.Email, "chat": &w.Chat, "messenger": &w.Messenger, "form": &w.Form, "whatsapp": &w.Whatsapp, "call": &w.Call, "custom": &w.Custom}
}

func (s *Server) readCapacity(context.Context, *nothing) (*capacityRules, error) {
	row, err := s.opt.Settings.Setting(desk.CapacityID)
	if err != nil {
		return nil, fmt.Errorf("read what tickets count: %w", err)
	}
	r := row.GetValue().GetCapacity()
	out := &capacityRules{}
	weights := out.Body.Weights.byKind()
	for _, n := range weights {
		*n = 1
	}
	for _, w := range r.GetWeights() {
		if n := weights[w.Kind]; n != nil {
			*n = w.Weight
		}
	}
	version := row.GetVersion()
	out.Body.Version = &version
	out.Body.ExcludedStatuses = each(r.GetExcludedStatuses(), statusWord)
	there, err := s.stages()
	out.Body.ExcludedStages = slices.DeleteFunc(notNull(r.GetExcludedStages()), func(one string) bool { return !there[one] })
	return out, err
}

// setCapacity replaces the rules. What everybody has is counted anew by them; nothing is taken from anybody.
func (s *Server) setCapacity(ctx context.Context, in *capacityRules) (*capacityRules, error) {
	r := &deskpb.CapacityRules{ExcludedStages: in.Body.ExcludedStages, ExcludedStatuses: each(in.Body.ExcludedStatuses, statusOf)}
	for kind, n := range in.Body.Weights.byKind() {
		r.Weights = append(r.Weights, &deskpb.KindWeight{Kind: kind, Weight: *n})
	}
	there, err := s.stages()
	if err != nil {
		return nil, err
	}
	for i, one := range in.Body.ExcludedStages {
		if !there[one] {
			return nil, fault(fmt.Sprintf("body.excluded_stages[%d]", i), "there is no such status of a pipeline: name it as pipeline:stage")
		}
	}
	if _, err := s.putSettingOver(ctx, desk.CapacityID, &deskpb.Setting{Value: &deskpb.Setting_Capacity{Capacity: r}}, in.Body.Version); err != nil {
		return nil, err
	}
	return s.readCapacity(ctx, nil)
}

// stages are the statuses of all pipelines, as pipeline:stage.
func (s *Server) stages() (map[string]bool, error) {
	pipelines, err := s.opt.Settings.Settings(desk.SettingPipeline)
	if err != nil {
		return nil, fmt.Errorf("read the pipelines: %w", err)
	}
	there := map[string]bool{}
	for _, p := range desk.LiveSettings(pipelines) {
		for _, st := range p.GetValue().GetPipeline().GetStages() {
			there[p.Setting+":"+st.Id] = true
		}
	}
	return there, nil
}

// capacityRoutes are those of what tickets count.
func (s *Server) capacityRoutes() []route {
	return []route{
		{http.MethodGet, "/capacity", supervisors, "read-capacity", "What tickets count against the limits of agents", typed(s.readCapacity, 200)},
		{http.MethodPut, "/capacity", administrators, "set-capacity", "Set what tickets count against the limits of agents; what everybody has is counted anew", typed(s.setCapacity, 200)},
	}
}
