package actors_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/centralita/centralita/actors"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence/memory"
	"github.com/centralita/centralita/proto/deskpb"
)

// office gives an agent the hours 09:00 to 17:00 on every day, in a zone.
func (l *life) office(a desk.AgentID, zone string) {
	l.t.Helper()
	h := &deskpb.WorkingHours{Name: "Office", TimeZone: zone}
	for d := range int32(7) {
		h.Blocks = append(h.Blocks, &deskpb.WorkingBlock{Weekday: d, From: 9 * 60, To: 17 * 60})
	}
	id := desk.SettingID("wh_" + string(a))
	l.do(id.Stream(), deskpb.NewCommand(&deskpb.SaveSetting{Setting: &deskpb.Setting{Value: &deskpb.Setting_WorkingHours{WorkingHours: h}}}))
	row := l.row(a)
	l.do(a.Stream(), deskpb.NewCommand(&deskpb.ChangeAgent{Agent: &deskpb.AgentChanged{
		Name: row.Name, Role: row.Role, Seat: row.Seat, Capacity: row.Capacity, WorkingHours: string(id),
	}}))
	synctest.Wait()
}

func (l *life) row(a desk.AgentID) desk.Agent {
	l.t.Helper()
	row, err := l.store.Index().Agent(a)
	if err != nil || row == nil {
		l.t.Fatal(row, err)
	}
	return row
}

// comings is the history of an agent, oldest first: local times with + for available, - for away.
func (l *life) comings(a desk.AgentID, zone string) []string {
	l.t.Helper()
	z, err := time.LoadLocation(zone)
	must(l.t, err)
	var out []string
	for r, err := range l.store.Load(context.Background(), a.Stream(), 0) {
		must(l.t, err)
		if e := r.Event.GetAvailabilityChanged(); e != nil {
			out = append(out, map[bool]string{true: "+ ", false: "- "}[e.Available]+time.UnixMilli(r.AtMs).In(z).Format("02 15:04:05 -07")+" "+e.Cause)
		}
	}
	return out
}

// sleepUntil is fake time.
func sleepUntil(t *testing.T, zone, local string) {
	t.Helper()
	z, err := time.LoadLocation(zone)
	must(t, err)
	at, err := time.ParseInLocation("2006-01-02 15:04:05", local, z)
	must(t, err)
	time.Sleep(time.Until(at)) // fake time
	synctest.Wait()
}

// The beginning of somebody's hours drains the line, at that moment; their end stops it.
func TestAnEdgeDrainsTheLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := start(t, memory.New(), actors.Tuning{})
		defer l.stop()
		ana := l.agent("ana", 0, false)
		l.office(ana, "Europe/Madrid")
		_, w := l.channel("support@desk.example", to(ana))
		must(t, w.deliver(mail("m1", "carla@shop.example", "help")))
		synctest.Wait()
		if waiting := l.tickets(desk.ViewUnassigned); len(waiting) != 1 || l.row(ana).ChangesCause != "hours" {
			t.Fatalf("%v, %v", waiting, l.row(ana))
		}
		sleepUntil(t, "Europe/Madrid", "2000-01-01 08:59:59")
		if l.row(ana).Available {
			t.Error("a second too early")
		}
		sleepUntil(t, "Europe/Madrid", "2000-01-01 09:00:01")
		if row, left := l.row(ana), l.tickets(desk.ViewUnassigned); !row.Available || row.Load != 1 || len(left) != 0 || row.AvailabilityCause != "hours" {
			t.Errorf("%v, %d wait", row, len(left))
		}
		sleepUntil(t, "Europe/Madrid", "2000-01-01 17:00:01")
		must(t, w.deliver(mail("m2", "dirk@shop.example", "help")))
		synctest.Wait()
		if left := l.tickets(desk.ViewUnassigned); len(left) != 1 || l.row(ana).Load != 1 {
			t.Errorf("after hours: %d wait, load %d", len(left), l.row(ana).Load)
		}
		if got := l.comings(ana, "Europe/Madrid"); !slices.Equal(got, []string{"+ 01 09:00:00 +01 hours", "- 01 17:00:00 +01 hours"}) {
			t.Errorf("%q", got)
		}
	})
}

// A year with both changes of the clocks, also in a zone of half an hour: each edge once, at local wall time; zones do not mix.
func TestTheClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := start(t, memory.New(), actors.Tuning{SleepAfter: 12 * time.Hour})
		defer l.stop()
		zones := map[desk.AgentID]string{"madrid": "Europe/Madrid", "sydney": "Australia/Sydney", "kolkata": "Asia/Kolkata"}
		for a, z := range zones {
			l.agent(string(a), 0, false)
			l.office(a, z)
		}
		sleepUntil(t, "UTC", "2000-12-31 12:00:00")
		for a, z := range zones {
			all := l.comings(a, z)
			if len(all) < 2*364 || len(all) > 2*366 {
				t.Errorf("%s came and went %d times in a year", a, len(all))
			}
			for i, c := range all {
				if i == 0 && z == "Australia/Sydney" && c == "+ 01 11:00:00 +11 hours" {
					continue // it is in the middle of their hours, of which nobody has said otherwise
				}
				if c[5:13] != map[string]string{"+ ": "09:00:00", "- ": "17:00:00"}[c[:2]] || i > 0 && c[:2] == all[i-1][:2] {
					t.Fatalf("%s: %q after %q", a, c, all[max(0, i-1)])
				}
			}
		}
	})
}

// By hand holds until the next edge; the end of an absence outside hours leaves one away; a missed edge is applied at start.
func TestByHandAbsenceAndRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory.New()
		l := start(t, store, actors.Tuning{})
		ana := l.agent("ana", 0, false)
		l.office(ana, "UTC")
		sleepUntil(t, "UTC", "2000-01-03 20:00:00")
		l.available(ana, true)
		synctest.Wait()
		if row := l.row(ana); !row.Available || time.UnixMilli(row.ChangesAtMs).UTC().Format("02 15:04") != "04 17:00" {
			t.Errorf("by hand in the evening: %v", row)
		}
		sleepUntil(t, "UTC", "2000-01-04 12:00:00")
		l.do(ana.Stream(), deskpb.NewCommand(&deskpb.SetAvailability{Reason: "Lunch"}))
		synctest.Wait()
		if row := l.row(ana); row.Available || time.UnixMilli(row.ChangesAtMs).UTC().Format("02 15:04") != "05 09:00" {
			t.Errorf("lunch: %v", row)
		}
		from := time.Date(2000, 1, 5, 10, 0, 0, 0, time.UTC)
		l.do(ana.Stream(), deskpb.NewCommand(&deskpb.SetOutOfOffice{FromMs: from.UnixMilli(), ToMs: from.Add(37 * time.Hour).UnixMilli()})) // the 6th, 23:00
		sleepUntil(t, "UTC", "2000-01-06 23:30:00")
		if row := l.row(ana); row.Available {
			t.Errorf("back at night: %v", row)
		}
		sleepUntil(t, "UTC", "2000-01-07 08:59:59")
		l.stop()
		sleepUntil(t, "UTC", "2000-01-07 10:30:00")
		next := start(t, store, actors.Tuning{})
		defer next.stop()
		synctest.Wait()
		want := []string{
			"+ 03 09:00:00 +00 hours", "- 03 17:00:00 +00 hours", "+ 03 20:00:00 +00 ", // the morning's edge finds her there
			"- 04 12:00:00 +00 ", "- 04 17:00:00 +00 hours", "+ 05 09:00:00 +00 hours", "- 05 10:00:00 +00 out_of_office",
			"+ 07 10:30:00 +00 hours",
		}
		got := next.comings(ana, "UTC")
		if len(got) < 4 || !slices.Equal(got[len(got)-len(want):], want) {
			t.Errorf("%q", got)
		}
	})
}

// New hours hold at once for who never said anything by hand, also those that have no end; who did say keeps it until their first edge.
func TestNewHoursHoldAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := start(t, memory.New(), actors.Tuning{})
		defer l.stop()
		ana, ben, cai := l.agent("ana", 0, false), l.agent("ben", 0, false), l.agent("cai", 0, true)
		round := &deskpb.WorkingHours{Name: "Always", TimeZone: "UTC"}
		for d := range int32(7) {
			round.Blocks = append(round.Blocks, &deskpb.WorkingBlock{Weekday: d, From: 0, To: 24 * 60})
		}
		l.do(desk.SettingID("wh_always").Stream(), deskpb.NewCommand(&deskpb.SaveSetting{Setting: &deskpb.Setting{Value: &deskpb.Setting_WorkingHours{WorkingHours: round}}}))
		for _, a := range []desk.AgentID{ana, cai} {
			row := l.row(a)
			l.do(a.Stream(), deskpb.NewCommand(&deskpb.ChangeAgent{Agent: &deskpb.AgentChanged{Name: row.Name, Role: row.Role, Seat: row.Seat, WorkingHours: "wh_always"}}))
		}
		from := time.Now().Add(48 * time.Hour)
		l.do(ben.Stream(), deskpb.NewCommand(&deskpb.SetOutOfOffice{FromMs: from.UnixMilli(), ToMs: from.Add(time.Hour).UnixMilli()}))
		synctest.Wait()
		if row := l.row(ana); !row.Available || row.AvailabilityCause != desk.CauseHours {
			t.Errorf("a new agent in hours without an end: %v", row)
		}
		if row := l.row(ben); row.Available {
			t.Errorf("an absence is no hours: %v", row)
		}
		l.do(cai.Stream(), deskpb.NewCommand(&deskpb.SetAvailability{Reason: "Lunch"}))
		l.office(cai, "UTC") // it is midnight
		l.available(cai, true)
		l.office(cai, "Australia/Sydney") // in the middle of the hours
		l.do(cai.Stream(), deskpb.NewCommand(&deskpb.SetAvailability{Reason: "Lunch"}))
		synctest.Wait()
		if row := l.row(cai); row.Available || row.AvailabilityCause != "" {
			t.Errorf("what was said by hand: %v", row)
		}
	})
}
