package api_test

import "testing"

// Two administrators who have the same form open: the second is told that there is another by now, and nothing is written over. Who says
// nothing of what was read writes over it, as programs did before.
func TestFormsAreNotWrittenOver(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	ben := ada.colleague("Ben")
	team := ada.must(201, "POST", "/teams", map[string]any{"name": "Support", "members": []any{}})
	hours := ada.must(201, "POST", "/working-hours", map[string]any{"name": "Office", "time_zone": "UTC", "blocks": []any{}})
	days := ada.must(201, "POST", "/holidays", map[string]any{"name": "Madrid", "days": []any{}})
	unsaved := ada.must(200, "GET", "/capacity", nil)
	for _, c := range []struct {
		path  string
		read  any
		at    []any // of the version in an answer
		first map[string]any
		then  map[string]any
	}{
		{"/teams/" + team.str("team", "id"), team.get("team", "version"), []any{"team", "version"},
			map[string]any{"name": "Support", "members": []any{map[string]any{"agent": ben.agent, "main": true}}}, map[string]any{"name": "Help", "members": []any{}}},
		{"/working-hours/" + hours.str("working_hours", "id"), hours.get("working_hours", "version"), []any{"working_hours", "version"},
			map[string]any{"name": "Office", "time_zone": "Europe/Madrid", "blocks": []any{}}, map[string]any{"name": "Shop", "time_zone": "UTC", "blocks": []any{}}},
		{"/holidays/" + days.str("holidays", "id"), days.get("holidays", "version"), []any{"holidays", "version"},
			map[string]any{"name": "Spain", "days": []any{}}, map[string]any{"name": "Lisbon", "days": []any{}}},
		{"/capacity", unsaved.get("version"), []any{"version"},
			map[string]any{"weights": map[string]any{"chat": 2}, "excluded_statuses": []any{}, "excluded_stages": []any{}},
			map[string]any{"weights": map[string]any{}, "excluded_statuses": []any{"waiting_on_contact"}, "excluded_stages": []any{}}},
	} {
		over := func(body map[string]any, version any) map[string]any {
			all := map[string]any{"version": version}
			for k, v := range body {
				all[k] = v
			}
			return all
		}
		first := ada.must(200, "PUT", c.path, over(c.first, c.read))
		refused := ada.must(409, "PUT", c.path, over(c.then, c.read))
		if refused.str("reason") != "changed_since" || refused.str("errors", 0, "location") != "body.version" {
			t.Errorf("%s refused: %s", c.path, refused.raw)
		}
		now := first.get(c.at...)
		if now == nil || now == c.read {
			t.Errorf("%s: the version %v did not change from %v", c.path, now, c.read)
		}
		ada.must(200, "PUT", c.path, over(c.then, now))
		ada.must(200, "PUT", c.path, c.first)
	}
}
