package desk

import (
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/proto/deskpb"
)

// Whether an agent is there. By hand one may come and go at any time; that holds until the next edge of the schedule, which then
// has its way: it makes available at the beginning of hours and away at their end, on a holiday and out of office. What the
// schedule says is computed by the engine (FollowSchedule) and kept in the stream, so that after a restart the rules can tell
// a missed edge from none.

const maxOutOfOfficeMs = 400 * 24 * 3_600_000

func setAvailability(a *Member, cmd Command, m *deskpb.SetAvailability) ([]Event, error) {
	reason := strings.Join(strings.Fields(m.Reason), " ")
	if m.Available {
		reason = ""
	}
	if len(reason) > 80 {
		return nil, Refuse(Invalid, "reason", "at most 80 bytes")
	}
	var out []Event
	if m.Available && m.EndOutOfOffice && a.Out != (OutOfOffice{}) {
		out = append(out, deskpb.NewEvent(&deskpb.OutOfOfficeSet{}))
	}
	if a.Available == m.Available && a.AwayReason == reason && (a.AwayCause == "" || m.Available) {
		return out, nil
	}
	out = append(out, deskpb.NewEvent(&deskpb.AvailabilityChanged{Available: m.Available, Reason: reason, By: cmd.GetBy().GetId()}))
	if !m.Available {
		out = append(out, a.goneAway()...)
	}
	return out, nil
}

// OutOfOffice is an absence; the zero one is none.
type OutOfOffice struct {
	FromMs, ToMs int64
	Message      string
}

func setOutOfOffice(a *Member, m *deskpb.SetOutOfOffice, atMs int64) ([]Event, error) {
	to := OutOfOffice{m.FromMs, m.ToMs, strings.TrimSpace(m.Message)}
	switch {
	case to.FromMs == 0 && to.ToMs == 0:
		to = OutOfOffice{}
	case to.ToMs <= to.FromMs:
		return nil, Refuse(Invalid, "to", "must be after the beginning")
	case to.ToMs <= atMs:
		return nil, Refuse(Invalid, "to", "must not have passed")
	case to.ToMs-to.FromMs > maxOutOfOfficeMs || to.FromMs > atMs+2*maxOutOfOfficeMs:
		return nil, Refuse(Invalid, "to", "at most 400 days, within two years")
	case len(to.Message) > 2000:
		return nil, Refuse(Invalid, "message", "at most 2000 bytes")
	}
	if a.Out == to {
		return nil, nil
	}
	return events(deskpb.NewEvent(&deskpb.OutOfOfficeSet{FromMs: to.FromMs, ToMs: to.ToMs, Message: to.Message})), nil
}

// followSchedule applies an edge that has come, or was missed, and keeps what comes next. A schedule that was changed and now
// says otherwise is an edge, too. One that is new waits for its first after what was said by hand, except that an absence begins at once;
// where nobody has said anything, as of a new agent, it holds at once.
func followSchedule(a *Member, plan *deskpb.AvailabilityPlanned, atMs int64) ([]Event, error) {
	if plan == nil || a.Deactivated {
		plan = &deskpb.AvailabilityPlanned{}
	}
	before := a.Plan
	passed := len(before.GetEdges()) > 0 && before.Edges[0].AtMs <= atMs
	turned := before.GetScheduled() && before.Available != plan.Available
	begun := plan.Cause == CauseOutOfOffice && before.GetCause() != CauseOutOfOffice
	silent := plan.Scheduled && a.Hours != "" && !before.GetScheduled() && !a.ByHand && a.Available != plan.Available
	var out []Event
	if plan.Scheduled && (passed || turned || begun || silent) {
		cause := plan.Cause
		if plan.Available {
			cause = CauseHours
		}
		if a.Available != plan.Available || !plan.Available && a.AwayCause != cause {
			out = append(out, deskpb.NewEvent(&deskpb.AvailabilityChanged{Available: plan.Available, Cause: cause}))
			if !plan.Available {
				out = append(out, a.goneAway()...)
			}
		}
	}
	if before == nil && !plan.Scheduled || proto.Equal(before, plan) {
		return out, nil
	}
	return append(out, deskpb.NewEvent(&deskpb.AvailabilityPlanned{
		Scheduled: plan.Scheduled, Available: plan.Available, Cause: plan.Cause, Edges: plan.Edges,
	})), nil
}

// NextChange is the first edge that will make somebody available who is not, or the other way round.
func NextChange(plan *deskpb.AvailabilityPlanned, available bool) *deskpb.ScheduleEdge {
	for _, e := range plan.GetEdges() {
		if e.Available != available {
			return e
		}
	}
	return nil
}
