package desk

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/centralita/centralita/proto/deskpb"
)

// CapacityID is the one setting of its kind: what tickets count.
const CapacityID SettingID = "capacity"

// SettingCapacity is its kind.
const SettingCapacity = "capacity"

const (
	maxWeight         = 100
	maxExcludedStages = 500
)

func checkCapacityRules(r *deskpb.CapacityRules) error {
	seen := map[string]bool{}
	for _, w := range r.Weights {
		switch {
		case !slices.Contains(kindWords, w.GetKind()):
			return Refuse(Invalid, "weights", "%q is no kind of channel: one of %s", clip(w.GetKind(), 40), strings.Join(kindWords, ", "))
		case seen[w.Kind]:
			return Refuse(Invalid, "weights."+w.Kind, "has a weight already: name each kind once")
		case w.Weight < 1 || w.Weight > maxWeight:
			return Refuse(Invalid, "weights."+w.Kind, "must be 1 to %d", maxWeight)
		}
		seen[w.Kind] = true
	}
	r.Weights = slices.DeleteFunc(r.Weights, func(w *deskpb.KindWeight) bool { return w.Weight == 1 })
	slices.SortFunc(r.Weights, func(a, b *deskpb.KindWeight) int { return cmp.Compare(a.Kind, b.Kind) })
	for _, s := range r.ExcludedStatuses {
		switch s {
		case deskpb.TicketStatus_TICKET_STATUS_NEW, deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_US, deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_CONTACT:
		default:
			return Refuse(Invalid, "excluded_statuses", "must be some of new, waiting_on_us and waiting_on_contact; a closed ticket never counts")
		}
	}
	slices.Sort(r.ExcludedStatuses)
	r.ExcludedStatuses = slices.Compact(r.ExcludedStatuses)
	if len(r.ExcludedStages) > maxExcludedStages {
		return Refuse(Invalid, "excluded_stages", "at most %d", maxExcludedStages)
	}
	for i, s := range r.ExcludedStages {
		if pipeline, stage, ok := strings.Cut(s, ":"); !ok || !ValidID(pipeline) || !ValidID(stage) {
			return Refuse(Invalid, fmt.Sprintf("excluded_stages[%d]", i), "must be a pipeline and its status, such as pl_support:st_parked")
		}
	}
	slices.Sort(r.ExcludedStages)
	r.ExcludedStages = slices.Compact(r.ExcludedStages)
	return nil
}

// Weighing says what tickets count: the rules, made ready for many tickets. nil is that of no rules.
type Weighing struct {
	weights  [8]int32 // by kind of channel
	statuses [8]bool
	stages   map[standsIn]bool
}

// standsIn is where a ticket stands in a pipeline. Without a stage of its own it stands in the first one of its status.
type standsIn struct {
	pipeline, stage string
	status          deskpb.TicketStatus
}

// ReadCapacity makes rules ready. Pipelines are settings: they say which stage a ticket stands in that has none of its own.
func ReadCapacity(r *deskpb.CapacityRules, pipelines []Setting) *Weighing {
	w := &Weighing{stages: map[standsIn]bool{}}
	for _, one := range r.GetWeights() {
		if i := slices.Index(kindWords, one.Kind) + 1; i > 0 && i < len(w.weights) {
			w.weights[i] = one.Weight
		}
	}
	for _, s := range r.GetExcludedStatuses() {
		w.statuses[min(max(int(s), 0), len(w.statuses)-1)] = true
	}
	for _, s := range r.GetExcludedStages() {
		pipeline, stage, _ := strings.Cut(s, ":")
		w.stages[standsIn{pipeline, stage, 0}] = true
		if at := slices.IndexFunc(pipelines, func(p Setting) bool { return p.Setting == pipeline }); at >= 0 {
			w.exclude(pipelines[at], stage)
		}
	}
	return w
}

// exclude adds the ways in which tickets stand in a stage without naming it.
func (w *Weighing) exclude(p Setting, stage string) {
	v := p.GetValue().GetPipeline()
	ids := []string{p.Setting}
	if v.GetDefault() {
		ids = append(ids, "")
	}
	first := map[deskpb.TicketStatus]bool{}
	for _, st := range v.GetStages() {
		if st.Id == stage {
			for _, id := range ids {
				w.stages[standsIn{id, stage, 0}] = true
				if !first[st.Status] {
					w.stages[standsIn{id, "", st.Status}] = true
				}
			}
		}
		first[st.Status] = true
	}
}

// Same says whether two weigh every ticket alike.
func (w *Weighing) Same(o *Weighing) bool {
	return w.weights == o.weights && w.statuses == o.statuses && maps.Equal(w.stages, o.stages)
}

// Asks is the room a ticket needs to be assigned by itself: also when it does not count now, for it will again.
func (w *Weighing) Asks(t Ticket) Size {
	s := Size{GroupOf(t.GetChannelKind()), 1}
	if w == nil {
		return s
	}
	if i := int(t.GetChannelKind()); i > 0 && i < len(w.weights) && w.weights[i] > 0 {
		s.Weight = w.weights[i]
	}
	return s
}

// Counts is what a ticket counts against its owner's limits now.
func (w *Weighing) Counts(t Ticket) Size {
	s := w.Asks(t)
	if w.excludes(t) {
		s.Weight = 0
	}
	return s
}

func (w *Weighing) excludes(t Ticket) bool {
	if w == nil {
		return false
	}
	if i := int(t.GetStatus()); i > 0 && i < len(w.statuses) && w.statuses[i] {
		return true
	}
	if len(w.stages) == 0 {
		return false
	}
	if t.GetStage() == "" {
		return w.stages[standsIn{t.GetPipeline(), "", t.GetStatus()}]
	}
	return w.stages[standsIn{t.GetPipeline(), t.GetStage(), 0}]
}
