package actors

import (
	"time"
	_ "time/tzdata" // the zones are in the program: a small container has none, and an old system has old ones

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// What agents' schedules say. The rules know no time zones (they are tables that are read from somewhere), so the timers look
// them up, compute what the schedule says now and next, and tell the agent's stream, which decides what follows from it.

// replan looks at a record after which a schedule may say something else; it reports whether it was one.
func (t *timers) replan(r desk.Record) bool {
	stream := desk.StreamID(r.Stream)
	switch r.Event.GetKind().(type) {
	case *deskpb.Event_AgentChanged, *deskpb.Event_OutOfOfficeSet:
		t.plan(desk.AgentID(stream.ID()))
	case *deskpb.Event_SettingSaved, *deskpb.Event_SettingRemoved:
		id := stream.ID()
		t.planAll(func(a desk.Agent) bool { return a.WorkingHours == id || a.Holidays == id })
	default:
		return false
	}
	return true
}

func (t *timers) planAll(which func(desk.Agent) bool) {
	all, err := t.sys.index.Agents()
	if err != nil {
		t.sys.log.Error("read the agents", "err", err)
		return
	}
	for _, a := range all {
		if which(a) {
			t.planRow(a)
		}
	}
}

func (t *timers) plan(id desk.AgentID) {
	row, err := t.sys.index.Agent(id)
	if err != nil || row == nil {
		t.sys.log.Error("read an agent", "agent", string(id), "err", err)
		return
	}
	t.planRow(row)
}

// planRow tells an agent's stream what the schedule says. Without one, and without a former one, there is nothing to tell.
func (t *timers) planRow(row desk.Agent) {
	if row.WorkingHours == "" && row.OutToMs == 0 && row.Plan == nil {
		return
	}
	now := time.Now()
	cmd := deskpb.NewCommand(&deskpb.FollowSchedule{Plan: t.planOf(row, now)})
	cmd.AtMs = now.UnixMilli()
	t.sys.ask(desk.AgentID(row.Agent).Stream(), cmd, func(_ desk.Done, err error) {
		if err != nil && !t.sys.stopping.Load() {
			t.sys.log.Error("follow a schedule", "agent", row.Agent, "err", err)
		}
	})
}

// planOf never fails: a schedule that cannot be read holds nothing, and the log says so.
func (t *timers) planOf(row desk.Agent, now time.Time) *deskpb.AvailabilityPlanned {
	none := &deskpb.AvailabilityPlanned{}
	if row.Deactivated {
		return none
	}
	hours := t.setting(row.WorkingHours).GetWorkingHours()
	if hours == nil && row.OutToMs <= now.UnixMilli() {
		return none
	}
	var zone *time.Location
	if hours != nil {
		if zone = t.zone(hours.TimeZone); zone == nil {
			return none
		}
	}
	s := desk.ScheduleOf(zone, hours, t.setting(row.Holidays).GetHolidays(), row.OutFromMs, row.OutToMs)
	plan := &deskpb.AvailabilityPlanned{Scheduled: true}
	plan.Available, plan.Cause = desk.ScheduledAt(s, now)
	for at := now; len(plan.Edges) < 2; {
		e, ok := desk.NextEdge(s, at)
		if !ok {
			break
		}
		plan.Edges = append(plan.Edges, &deskpb.ScheduleEdge{AtMs: e.At.UnixMilli(), Available: e.Available, Cause: e.Cause})
		at = e.At
	}
	return plan
}

func (t *timers) setting(id string) *deskpb.Setting {
	if id == "" {
		return nil
	}
	row, err := t.sys.index.Setting(desk.SettingID(id))
	if err != nil {
		t.sys.log.Error("read a setting", "setting", id, "err", err)
	}
	if row.GetRemoved() {
		return nil
	}
	return row.GetValue()
}

// zone looks a time zone up once. One that is not known any more is said each time it is asked for.
func (t *timers) zone(name string) *time.Location {
	if z := t.zones[name]; z != nil {
		return z
	}
	z, err := time.LoadLocation(name)
	if err != nil {
		t.sys.log.Error("a schedule names an unknown time zone and holds nothing", "zone", name, "err", err)
		return nil
	}
	if t.zones == nil {
		t.zones = map[string]*time.Location{}
	}
	t.zones[name] = z
	return z
}
