package api_test

import (
	"strings"
	"testing"

	"github.com/centralita/centralita/desk"
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

// A program may assign as a rule would: to whom is there and has room, a ticket that nobody has; else it is told why, and nothing is left promised.
func TestAssignWithoutForce(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	ben := ada.colleague("Ben")
	type m = map[string]any
	ada.must(200, "PATCH", "/agents/"+ben.agent, m{"capacity": 5, "limits": m{"email": 3}})
	ada.must(200, "PUT", "/capacity", m{"weights": m{"email": 2}, "excluded_statuses": []string{}, "excluded_stages": []string{}})
	load := func() float64 { return ada.must(200, "GET", "/agents", nil).of(ben.agent, "load") }
	first, second := h.receive("one", 1, "hello"), h.receive("two", 1, "hello")
	give := func(status int, id desk.ConversationID, body m) answer {
		return ada.must(status, "PUT", "/conversations/"+string(id)+"/owner", body)
	}
	if a := give(409, first, m{"agent": ben.agent, "force": false}); a.str("reason") != "away" {
		t.Errorf("to who is away: %s", a.raw)
	}
	ben.must(200, "PUT", "/agents/"+ben.agent+"/availability", m{"available": true})
	give(200, first, m{"agent": ben.agent, "force": false})
	if got := ada.must(200, "GET", "/conversations/"+string(first), nil); got.str("ticket", "owner", "id") != ben.agent || got.str("ticket", "reason", "code") != "assigned_by_hand" {
		t.Errorf("%s", got.raw)
	}
	if a := give(409, second, m{"agent": ben.agent, "force": false}); a.str("reason") != "at_capacity_email" || load() != 2 {
		t.Errorf("4 of 3 for email: %s, load %v", a.raw, load())
	}
	if a := give(409, first, m{"agent": ada.agent, "force": false}); a.str("reason") != "away" {
		t.Errorf("%s", a.raw)
	}
	ada.must(200, "PUT", "/agents/"+ada.agent+"/availability", m{"available": true})
	if a := give(409, first, m{"agent": ada.agent, "force": false}); a.str("reason") != "owned" || ada.must(200, "GET", "/agents", nil).of(ada.agent, "load") != 0 {
		t.Errorf("one that somebody has, and the promise: %s", a.raw)
	}
	if a := give(422, second, m{"agent": "ag_none", "force": false}); !strings.Contains(a.raw, "body.agent") {
		t.Errorf("%s", a.raw)
	}
	give(200, second, m{"agent": ben.agent}) // by force
	if got := ada.must(200, "GET", "/conversations/"+string(second), nil); got.str("ticket", "owner", "id") != ben.agent {
		t.Errorf("%s", got.raw)
	}
	// Who does not run the desk does not learn by asking whether a colleague is full.
	if a := ben.must(403, "PUT", "/conversations/"+string(second)+"/owner", m{"agent": ada.agent, "force": false}); !strings.Contains(a.raw, "body.force") {
		t.Errorf("%s", a.raw)
	}
}

// of is a number of one of the agents in a list.
func (a answer) of(id, field string) float64 {
	for i := range a.len("agents") {
		if a.str("agents", i, "id") == id {
			return a.num("agents", i, field)
		}
	}
	return -1
}
