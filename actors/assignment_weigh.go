package actors

import (
	"slices"

	"fmt"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// What tickets count against their owners' limits. The rules of it are a setting; what each ticket counts by them is told to its owner's
// actor, which alone knows whether there is room.

// held is a place for an open ticket: whose, and what it counts, as far as it was told.
type held struct {
	by   desk.AgentID
	size desk.Size
}

// readWeighing reads the rules of what tickets count.
func (s *System) readWeighing() (*desk.Weighing, error) {
	row, err := s.index.Setting(desk.CapacityID)
	if err != nil {
		return nil, fmt.Errorf("read what tickets count: %w", err)
	}
	pipelines, err := s.index.Settings(desk.SettingPipeline)
	if err != nil {
		return nil, fmt.Errorf("read the pipelines: %w", err)
	}
	var rules *deskpb.CapacityRules
	if row != nil && !row.Removed {
		rules = row.GetValue().GetCapacity()
	}
	return desk.ReadCapacity(rules, pipelines), nil
}

// weighing says whether a setting may change what tickets count, or when they are given.
func weighing(r desk.Record) bool {
	switch e := r.Event.GetKind().(type) {
	case *deskpb.Event_SettingSaved:
		kind := desk.SettingKind(e.SettingSaved.GetSetting())
		return kind == desk.SettingCapacity || kind == desk.SettingPipeline || kind == desk.SettingWorkingHours || kind == desk.SettingHolidays
	case *deskpb.Event_SettingRemoved:
		return true
	}
	return false
}

// reweigh tells everybody what their tickets count by the rules of now. Who has room by that is looked for tickets when his row says so.
func (a *assignment) reweigh() {
	now, err := a.sys.readWeighing()
	if err != nil {
		a.sys.log.Error("the rules of capacity stay as they were", "err", err)
		return
	}
	if now.Same(a.weighing) {
		return
	}
	a.weighing = now
	a.reclass()
	for id := range a.roster.Agents {
		rows, err := a.ownedRows(id)
		if err != nil {
			a.sys.log.Error("read an agent's tickets", "agent", string(id), "err", err)
			continue
		}
		var changed []*deskpb.OwnedTicket
		for _, t := range rows {
			conv := desk.ConversationID(t.Conversation)
			h, has := a.holders[conv]
			if size := a.weighing.Counts(t); has && h.by == id && h.size != size {
				a.holders[conv] = held{id, size}
				changed = append(changed, a.ownedTicket(t))
			}
		}
		a.weigh(id, changed)
	}
	a.dueAll = true // a lighter ticket may fit where nothing changed
}

func (a *assignment) weigh(id desk.AgentID, tickets []*deskpb.OwnedTicket) {
	if len(tickets) > 0 {
		a.sys.ask(id.Stream(), deskpb.NewCommand(&deskpb.WeighPlaces{Tickets: tickets}), a.logged("weigh places"))
	}
}

func (a *assignment) ownedTicket(t desk.Ticket) *deskpb.OwnedTicket {
	return &deskpb.OwnedTicket{Conversation: t.Conversation, Version: t.Version, Size: a.weighing.Counts(t).Proto()}
}

// freer says whether somebody may take work that he could not take before: he has less of something, or other limits.
func freer(before, now desk.Agent) bool {
	return before == nil || desk.LoadOf(before).More(desk.LoadOf(now)) || now.Available && !before.Available || now.Connected && !before.Connected || now.Seat && !before.Seat ||
		before.Deactivated && !now.Deactivated || desk.LimitsOf(now) != desk.LimitsOf(before) ||
		!slices.Equal(now.Skills, before.Skills) || !slices.Equal(now.SecondSkills, before.SecondSkills)
}
