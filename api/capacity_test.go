package api_test

import (
	"strings"
	"testing"
)

// Limits of agents and what tickets count: set by administrators, seen by who runs the desk, wrong ones named by the field.
func TestCapacity(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	type m = map[string]any
	got := ada.must(200, "GET", "/capacity", nil)
	if got.num("weights", "chat") != 1 || got.len("excluded_statuses") != 0 || got.len("excluded_stages") != 0 {
		t.Errorf("before anybody set it: %s", got.raw)
	}
	pipeline := ada.must(201, "POST", "/pipelines", m{"name": "Repairs", "stages": []any{
		m{"id": "parked", "name": "Parked", "status": "waiting_on_us"}, m{"id": "done", "name": "Done", "status": "closed"},
	}}).str("item", "id")
	rules := m{"weights": m{"chat": 2, "call": 5}, "excluded_statuses": []string{"waiting_on_contact"}, "excluded_stages": []string{pipeline + ":parked"}}
	for field, wrong := range map[string]m{
		"body.weights.chat":         {"weights": m{"chat": 0}, "excluded_statuses": []string{}, "excluded_stages": []string{}},
		"body.weights.fax":          {"weights": m{"fax": 1}, "excluded_statuses": []string{}, "excluded_stages": []string{}},
		"body.excluded_statuses[0]": {"weights": m{}, "excluded_statuses": []string{"closed"}, "excluded_stages": []string{}},
		"body.excluded_stages[1]":   {"weights": m{}, "excluded_statuses": []string{}, "excluded_stages": []string{pipeline + ":parked", pipeline + ":none"}},
	} {
		if a := ada.must(422, "PUT", "/capacity", wrong); !strings.Contains(a.raw, `"location":"`+field+`"`) {
			t.Errorf("%s: %s", field, a.raw)
		}
	}
	for _, got := range []answer{ada.must(200, "PUT", "/capacity", rules), ada.must(200, "GET", "/capacity", nil)} {
		if got.num("weights", "chat") != 2 || got.num("weights", "call") != 5 || got.num("weights", "email") != 1 ||
			got.str("excluded_statuses", 0) != "waiting_on_contact" || got.str("excluded_stages", 0) != pipeline+":parked" {
			t.Errorf("%s", got.raw)
		}
	}
	ada.must(204, "DELETE", "/pipelines/"+pipeline, nil)
	if got := ada.must(200, "GET", "/capacity", nil); got.len("excluded_stages") != 0 {
		t.Errorf("of a pipeline that was removed: %s", got.raw)
	}

	if a := ada.must(422, "POST", "/agents", m{"email": "x@desk.example", "name": "X", "password": "correct horse battery", "limits": m{"calls": -1}}); !strings.Contains(a.raw, "body.limits.calls") {
		t.Errorf("%s", a.raw)
	}
	ben := ada.must(201, "POST", "/agents", m{"email": "ben@desk.example", "name": "Ben", "role": "agent", "password": "correct horse battery", "capacity": 9, "limits": m{"messaging": 3, "email": 5}})
	id := ben.str("agent", "id")
	if ben.num("agent", "limits", "messaging") != 3 || ben.num("agent", "limits", "calls") != 0 || ben.num("agent", "loads", "messaging") != 0 {
		t.Errorf("%s", ben.raw)
	}
	ben = ada.must(200, "PATCH", "/agents/"+id, m{"limits": m{"calls": 1, "email": 0}})
	if ben.num("agent", "limits", "messaging") != 3 || ben.num("agent", "limits", "calls") != 1 || ben.num("agent", "limits", "email") != 0 || ben.num("agent", "capacity") != 9 {
		t.Errorf("%s", ben.raw)
	}
	// His own he sees, nobody else's; and what tickets count is for who runs the desk.
	his := h.browser()
	his.must(200, "POST", "/session", m{"email": "ben@desk.example", "password": password})
	if row := his.must(200, "GET", "/agents", nil); strings.Count(row.raw, `"limits"`) != 1 {
		t.Errorf("%s", row.raw)
	}
	his.must(403, "GET", "/capacity", nil)
	his.must(403, "PUT", "/capacity", rules)
	if log := ada.must(200, "GET", "/audit", nil); !strings.Contains(log.raw, `"limits.calls"`) || !strings.Contains(log.raw, "call 5, chat 2") {
		t.Errorf("the audit says nothing of it: %s", log.raw)
	}
}
