package actors

import (
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// A channel may have working hours outside which nobody is given its tickets by rule, whoever is there: they stand in line and rest. Hours
// are asked before anybody's availability.

// gates are the hours of channels, and the tickets that rest because of them.
type gates struct {
	of      map[desk.ChannelID]*gate
	resting map[desk.ConversationID]bool
	wakes   time.Time // when the first of these may be given; zero: no timer runs
}

// gate is what the hours of one channel say, until they are to be asked again.
type gate struct {
	channels.OpenHours
	open  bool
	opens time.Time
	asked time.Time
}

// gateLasts bounds how long an answer counts, and how far off a timer is set: clocks are set, and computers sleep.
const gateLasts = time.Minute

// openUp wakes who rests.
type openUp struct{}

// readGate reads a channel's hours anew.
func (a *assignment) readGate(row desk.Channel) {
	id := desk.ChannelID(row.Channel)
	kind := a.sys.kinds[kindName(row)]
	g := &gate{}
	if kind.Hours != nil {
		g.OpenHours = kind.Hours(row.Config)
	}
	was := a.gates.of[id]
	switch {
	case g.Hours == "":
		delete(a.gates.of, id)
	case was == nil || was.OpenHours != g.OpenHours:
		a.gates.of[id] = g
	}
	if was != nil && a.gates.of[id] != was {
		a.wakeAll()
	}
}

// hoursChanged: a setting is another, and hours of channels may be.
func (a *assignment) hoursChanged(r desk.Record) {
	id := desk.StreamID(r.Stream).ID()
	for _, g := range a.gates.of {
		if g.Hours == id || g.Holidays == id {
			g.asked = time.Time{}
			a.wakeAll()
		}
	}
}

// shut says whether a ticket's channel is closed now, and when it opens.
func (a *assignment) shut(t desk.Ticket) (opens time.Time, shut bool) {
	g := a.gates.of[desk.ChannelID(t.Channel)]
	if g == nil {
		return time.Time{}, false
	}
	now := time.Now()
	if age := now.Sub(g.asked); age < 0 || age >= gateLasts || !g.open && !g.opens.IsZero() && !now.Before(g.opens) {
		g.open, g.opens = a.sys.hoursAt(now)(g.Hours, g.Holidays)
		g.asked = now
	}
	return g.opens, !g.open
}

// rest lays a ticket aside until its channel opens.
func (a *assignment) rest(self *actor.PID, conv desk.ConversationID, opens time.Time) {
	a.letGo(conv)
	a.line.Rest(conv)
	a.gates.resting[conv] = true
	a.sys.ask(conv.Stream(), deskpb.NewCommand(&deskpb.DeferAssignment{Reason: desk.OutsideHours(opens), Waiting: true}), a.logged("store a reason"))
	if !opens.IsZero() && (a.gates.wakes.IsZero() || opens.Before(a.gates.wakes)) {
		armed := !a.gates.wakes.IsZero()
		a.gates.wakes = opens
		if !armed {
			a.wakeIn(self)
		}
	}
}

func (a *assignment) wakeIn(self *actor.PID) {
	sys := a.sys
	time.AfterFunc(min(max(time.Until(a.gates.wakes), time.Millisecond), gateLasts), func() {
		if !sys.stopping.Load() {
			sys.root.Send(self, &openUp{})
		}
	})
}

// openUp looks whether it is time.
func (a *assignment) openUp(self *actor.PID) {
	switch {
	case a.gates.wakes.IsZero():
	case time.Now().Before(a.gates.wakes):
		a.wakeIn(self)
	default:
		a.gates.wakes = time.Time{}
		a.wakeAll()
	}
}

// wakeAll lets everybody who rests ask again.
func (a *assignment) wakeAll() {
	for conv := range a.gates.resting {
		if a.trying[conv] == nil {
			a.line.Release(conv)
		}
	}
	clear(a.gates.resting)
	a.dueAll = true
}

// hoursThere refuses a configuration that names hours or holidays which are not there. What it named before may stay.
func (s *System) hoursThere(kind channels.Kind, config, before []byte) error {
	if kind.Hours == nil {
		return nil
	}
	now, was := kind.Hours(config), channels.OpenHours{}
	if before != nil {
		was = kind.Hours(before)
	}
	if now.Hours != "" && now.Hours != was.Hours && s.settingOf(now.Hours).GetWorkingHours() == nil {
		return desk.Refuse(desk.Invalid, now.Field+".hours", "there are no such working hours; they may have been removed: choose others")
	}
	if now.Holidays != "" && now.Holidays != was.Holidays && s.settingOf(now.Holidays).GetHolidays() == nil {
		return desk.Refuse(desk.Invalid, now.Field+".holidays", "there is no such calendar of holidays; it may have been removed: choose another, or none")
	}
	return nil
}
