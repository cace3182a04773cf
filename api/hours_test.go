package api_test

import (
	"strings"
	"testing"
	"time"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

func block(weekday, from, to int) map[string]any {
	return map[string]any{"weekday": weekday, "from": from, "to": to}
}

func TestWorkingHours(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	ben := ada.colleague("Ben")
	screen := ben.screen().hello()
	office := map[string]any{"name": "Office", "time_zone": "Europe/Madrid", "blocks": []any{block(1, 840, 1080), block(1, 540, 780), block(5, 1320, 360)}}
	made := ada.must(201, "POST", "/working-hours", office)
	id := made.str("working_hours", "id")
	if made.num("working_hours", "blocks", 0, "from") != 540 {
		t.Errorf("not in order: %s", made.raw)
	}
	screen.until("the new hours on every screen", func(f *deskpb.ServerFrame) bool { return f.GetSetting().GetSetting().GetSetting() == id })
	ben.must(403, "POST", "/working-hours", office)
	for field, bad := range map[string]any{
		"time_zone": map[string]any{"name": "x", "time_zone": "Europe/Atlantis", "blocks": []any{}},
		"name":      map[string]any{"name": " ", "time_zone": "UTC", "blocks": []any{}},
		"blocks":    map[string]any{"name": "x", "time_zone": "UTC", "blocks": []any{block(1, 540, 780), block(1, 700, 1080)}},
	} {
		if a := ada.must(422, "POST", "/working-hours", bad); !strings.Contains(a.raw, field) {
			t.Errorf("%s: %s", field, a.raw)
		}
	}
	if a := ada.must(200, "PATCH", "/agents/"+ben.agent, map[string]any{"working_hours": id}); a.str("agent", "working_hours") != id || a.str("agent", "name") != "Ben" {
		t.Errorf("%s", a.raw)
	}
	ada.must(422, "PATCH", "/agents/"+ben.agent, map[string]any{"holidays": id})
	if a := ada.must(409, "DELETE", "/working-hours/"+id, nil); !strings.Contains(a.raw, "Ben") {
		t.Errorf("%s", a.raw)
	}
	ada.must(200, "PATCH", "/me", map[string]any{"name": "Ada A."})
	ada.must(200, "PATCH", "/agents/"+ben.agent, map[string]any{"working_hours": ""})
	ada.must(204, "DELETE", "/working-hours/"+id, nil)
	if n := ben.must(200, "GET", "/working-hours", nil).len("working_hours"); n != 0 {
		t.Errorf("%d are left", n)
	}
	ada.must(404, "PUT", "/working-hours/"+id, office)
}

func TestHolidays(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	read := ada.must(200, "POST", "/holidays/read-calendar", map[string]any{"calendar": "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20261225\r\nSUMMARY:Christmas\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nDTSTART:20260101\r\nRRULE:FREQ=DAILY\r\nSUMMARY:Every day\r\nEND:VEVENT\r\nEND:VCALENDAR"})
	if read.len("days") != 1 || read.len("skipped") != 1 {
		t.Fatalf("%s", read.raw)
	}
	ada.must(422, "POST", "/holidays/read-calendar", map[string]any{"calendar": "<html>"})
	made := ada.must(201, "POST", "/holidays", map[string]any{"name": "Madrid", "days": read.get("days")})
	if made.str("holidays", "days", 0, "name") != "Christmas" || made.str("holidays", "days", 0, "from") != "2026-12-25" {
		t.Errorf("%s", made.raw)
	}
	ada.must(422, "POST", "/holidays", map[string]any{"name": "Madrid", "days": []any{map[string]any{"from": "2026-12-25", "to": "2026-12-24", "name": ""}}})
	ada.must(200, "PUT", "/holidays/"+made.str("holidays", "id"), map[string]any{"name": "Madrid", "days": []any{}})
	ada.must(404, "PUT", "/working-hours/"+made.str("holidays", "id"), map[string]any{"name": "x", "time_zone": "UTC", "blocks": []any{}})
}

func TestAvailabilityByHandAndItsHistory(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	ben := ada.colleague("Ben")
	cid := ada.colleague("Cid")
	path := "/agents/" + ben.agent
	ben.must(200, "PUT", path+"/availability", map[string]any{"available": true})
	ben.must(200, "PUT", path+"/availability", map[string]any{"available": false, "reason": "Lunch"})
	ada.must(200, "PUT", path+"/availability", map[string]any{"available": true})
	from := time.Now().Add(time.Hour)
	out := ben.must(200, "PUT", path+"/out-of-office", map[string]any{"from": from, "to": from.Add(48 * time.Hour), "message": "At the sea"})
	if out.str("agent", "out_of_office", "message") != "At the sea" {
		t.Errorf("%s", out.raw)
	}
	ben.must(422, "PUT", path+"/out-of-office", map[string]any{"from": from, "to": from.Add(-time.Minute)})
	cid.must(403, "PUT", path+"/out-of-office", map[string]any{"from": from, "to": from.Add(time.Hour)})
	cid.must(403, "GET", path+"/availability", nil)
	h.command(desk.AgentID(ben.agent).Stream(), &deskpb.FollowSchedule{Plan: &deskpb.AvailabilityPlanned{Scheduled: true, Cause: "out_of_office"}})
	back := ben.must(200, "PUT", path+"/availability", map[string]any{"available": true, "end_out_of_office": true})
	if back.status != 200 || ben.must(200, "GET", "/me", nil).get("agent", "out_of_office") != nil {
		t.Error("the absence was not ended")
	}
	list := ada.must(200, "GET", path+"/availability", nil)
	if list.len("changes") != 5 || list.str("changes", 1, "cause") != "out_of_office" || list.str("changes", 2, "by", "name") != "Ada Admin" || list.str("changes", 3, "reason") != "Lunch" {
		t.Errorf("%s", list.raw)
	}
}

// A desk may ask administrators for a second factor; nobody locks oneself out, and agents are not concerned.
func TestTwoFactorForAdministrators(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	on := map[string]any{"two_factor_for_administrators": true}
	ada.must(409, "PUT", "/security", on)
	ada.must(201, "POST", "/agents", map[string]any{"email": "eve@example.com", "name": "Eve", "role": "administrator", "password": password})
	eve := h.browser()
	eve.must(200, "POST", "/session", map[string]any{"email": "eve@example.com", "password": password})
	ada.enrol()
	ada.must(200, "PUT", "/security", on)
	add := map[string]any{"email": "fin@example.com", "name": "Fin", "role": "agent", "password": password}
	if a := eve.must(403, "POST", "/agents", add); a.str("reason") != "two_factor" {
		t.Errorf("%s", a.raw)
	}
	eve.must(200, "GET", "/tickets?view=open", nil)
	eve.enrol()
	eve.must(201, "POST", "/agents", add)
}
