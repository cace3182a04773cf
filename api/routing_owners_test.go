package api_test

import (
	"testing"

	"github.com/centralita/centralita/proto/deskpb"
)

// A channel says what becomes of tickets whose owner is not there; who does not know of it leaves it as it is.
func TestOwnersOfAChannel(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	made := ada.must(201, "POST", "/channels", map[string]any{"kind": "email", "name": "Shop", "config": map[string]any{"address": "shop@desk.example", "host": "mail.desk.example"}})
	at := "/channels/" + made.str("channel", "id")
	if made.str("channel", "routing", "owners", "away") != "keep" || made.str("channel", "routing", "owners", "reopened") != "keep" || made.num("channel", "routing", "owners", "offer") != 0 {
		t.Errorf("at first: %s", made.raw)
	}
	set := func(owners map[string]any) answer {
		return ada.must(200, "PATCH", at, map[string]any{"routing": map[string]any{"mode": "nobody", "owners": owners}})
	}
	got := set(map[string]any{"away": "requeue", "after": 1800, "reopened": "if_available", "offer": 60, "most_missed": 3})
	for field, want := range map[string]float64{"after": 1800, "offer": 60, "most_missed": 3} {
		if got.num("channel", "routing", "owners", field) != want {
			t.Errorf("%s: %s", field, got.raw)
		}
	}
	kept := ada.must(200, "PATCH", at, map[string]any{"routing": map[string]any{"mode": "nobody"}})
	if kept.str("channel", "routing", "owners", "away") != "requeue" || kept.str("channel", "routing", "owners", "reopened") != "if_available" {
		t.Errorf("left out, it did not stay: %s", kept.raw)
	}
	if got := set(map[string]any{"away": "hand_over"}); got.str("channel", "routing", "owners", "away") != "hand_over" || got.num("channel", "routing", "owners", "after") != 0 {
		t.Errorf("%s", got.raw)
	}
	for field, owners := range map[string]map[string]any{
		"body.routing.owners.after":       {"away": "requeue", "after": 59},
		"body.routing.owners.offer":       {"offer": 9},
		"body.routing.owners.most_missed": {"most_missed": 3},
		"body.routing.owners.away":        {"away": "fire"},
	} {
		if got := ada.must(422, "PATCH", at, map[string]any{"routing": map[string]any{"mode": "nobody", "owners": owners}}); !faulted(got, field) {
			t.Errorf("%v: %s", owners, got.raw)
		}
	}
	if got := ada.must(422, "PATCH", at, map[string]any{"routing": map[string]any{"mode": "nobody", "owners": map[string]any{"away": "keep", "after": 600}}}); !faulted(got, "body.routing.owners.after") {
		t.Errorf("a time that belongs to nothing: %s", got.raw)
	}
}

func faulted(got answer, field string) bool { return got.str("errors", 0, "location") == field }

// Who deactivates somebody is told how many tickets go back.
func TestADeactivationTellsWhatGoesBack(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	ben := ada.must(201, "POST", "/agents", map[string]any{"email": "ben@desk.example", "name": "Ben", "role": "agent", "password": "correct horse battery", "seat": true}).str("agent", "id")
	for i, n := range []string{"anna", "carla", "dirk"} {
		id := h.receive(n, i+1, "first")
		h.command(id.Stream(), &deskpb.AssignConversation{Agent: ben, AgentName: "Ben"})
		if i == 2 {
			h.command(id.Stream(), &deskpb.SetTicketStatus{Status: deskpb.TicketStatus_TICKET_STATUS_CLOSED})
		}
	}
	if got := ada.must(200, "PATCH", "/agents/"+ben, map[string]any{"name": "Benjamin"}); got.num("taken_back") != 0 {
		t.Errorf("a new name: %s", got.raw)
	}
	if got := ada.must(200, "PATCH", "/agents/"+ben, map[string]any{"deactivated": true}); got.num("taken_back") != 2 {
		t.Errorf("deactivated: %s", got.raw)
	}
	if got := ada.must(200, "PATCH", "/agents/"+ben, map[string]any{"deactivated": true, "seat": false}); got.num("taken_back") != 0 {
		t.Errorf("a second time: %s", got.raw)
	}
}
