package api_test

import (
	"fmt"
	"testing"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// Whoever runs the desk sees what each agent has, each line with who could take its first, and what no rule gives to anybody; agents are
// not let in.
func TestBoardOverREST(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	ben := ada.colleague("Ben")
	sue := ada.colleague("Sue")
	ada.must(200, "PATCH", "/agents/"+sue.agent, map[string]any{"role": "supervisor"})
	shop := ada.must(201, "POST", "/channels", map[string]any{"kind": "email", "name": "Shop", "config": map[string]any{"address": "shop@desk.example", "host": "mail.desk.example"}, "routing": map[string]any{
		"mode": "users_and_teams", "agents": []string{ben.agent},
	}}).str("channel", "id")
	sales := ada.must(201, "POST", "/teams", map[string]any{"name": "Sales", "members": []any{map[string]any{"agent": ben.agent, "main": true}}}).str("team", "id")
	anna, bob, carl := h.receive("anna", 1, "first"), h.receive("bob", 1, "second"), h.receive("carl", 1, "third")
	for _, id := range []desk.ConversationID{anna, bob} {
		h.command(id.Stream(), &deskpb.DeferAssignment{Waiting: true, Reason: &deskpb.AssignmentReason{Code: "no_available_agent"}})
	}
	h.command(bob.Stream(), &deskpb.SetTicketPriority{Priority: deskpb.Priority_PRIORITY_URGENT})
	h.command(bob.Stream(), &deskpb.TransferToTeam{Team: sales})
	ada.must(200, "PUT", "/conversations/"+string(carl)+"/owner", map[string]any{"agent": ben.agent})
	dora := h.receive("dora", 1, "fourth")
	h.command(dora.Stream(), &deskpb.DeferAssignment{Reason: &deskpb.AssignmentReason{Code: "mode_nobody"}})

	ben.must(403, "GET", "/board", nil)
	b := sue.must(200, "GET", "/board", nil)
	channel := -1
	for i := range b.len("channels") {
		if b.str("channels", i, "id") == shop {
			channel = i
		}
	}
	if b.num("open") != 4 || b.num("all", "loose") != 1 || b.str("all", "loose_ticket", "id") != string(dora) || channel < 0 {
		t.Errorf("the whole: %s", b.raw)
	}
	for i := range b.len("agents") {
		if b.str("agents", i, "id") == ben.agent && (b.num("agents", i, "open") != 1 || b.num("agents", i, "waits") != 1 || b.str("agents", i, "longest", "id") != string(carl)) {
			t.Errorf("Ben: %s", b.raw)
		}
	}
	if b.str("all", "first", "id") != string(bob) || b.num("all", "waiting") != 2 {
		t.Errorf("the line, the urgent one first: %s", b.raw)
	}
	if b.len("teams") != 1 || b.str("teams", 0, "name") != "Sales" || b.num("teams", 0, "waiting") != 1 || b.str("teams", 0, "first", "id") != string(bob) {
		t.Errorf("the teams: %s", b.raw)
	}

	rules := sue.must(200, "GET", "/teams/"+sales+"/rules", nil)
	if rules.len("rules") != 0 {
		t.Errorf("no rule names it yet: %s", rules.raw)
	}
	ada.must(200, "PATCH", "/channels/"+shop, map[string]any{"routing": map[string]any{"mode": "users_and_teams", "agents": []string{ben.agent}, "overflow": []any{map[string]any{"team": sales, "after": 600}}, "rules": []any{
		map[string]any{"id": "r1", "name": "Offers", "mode": "users_and_teams", "teams": []string{sales}, "when": map[string]any{"words": []string{"offer"}}},
	}}})
	rules = sue.must(200, "GET", "/teams/"+sales+"/rules", nil)
	if rules.len("rules") != 2 || rules.str("rules", 0, "rule_name") != "Offers" || rules.str("rules", 0, "as") != "target" || rules.str("rules", 1, "as") != "overflow" || rules.num("rules", 1, "after") != 600 {
		t.Errorf("the rules that name it: %s", rules.raw)
	}
	ben.must(403, "GET", "/teams/"+sales+"/rules", nil)
	sue.must(404, "GET", "/teams/tm_none/rules", nil)
}

// A supervisor makes somebody away, who is told by whom and takes it back; all of it stays in the history, which comes by pages and is
// shown to who runs the desk and to oneself.
func TestSupervisorsSetAvailability(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	ben, sue, zoe := ada.colleague("Ben"), ada.colleague("Sue"), ada.colleague("Zoe")
	ada.must(200, "PATCH", "/agents/"+sue.agent, map[string]any{"role": "supervisor"})
	path := "/agents/" + ben.agent + "/availability"
	ben.must(200, "PUT", path, map[string]any{"available": true})
	zoe.must(403, "PUT", path, map[string]any{"available": false})
	sue.must(200, "PUT", path, map[string]any{"available": false, "reason": "Training"})
	told := ben.must(200, "GET", "/me/notifications", nil)
	if told.str("notifications", 0, "kind") != "availability" || told.str("notifications", 0, "who") != "Sue" || told.str("notifications", 0, "text") != "Training" {
		t.Errorf("told: %s", told.raw)
	}
	row := sue.must(200, "GET", "/agents", nil)
	for i := range row.len("agents") {
		if row.str("agents", i, "id") == ben.agent && (row.str("agents", i, "availability_by") != sue.agent || row.str("agents", i, "availability_since") == "") {
			t.Errorf("the row: %s", row.raw)
		}
	}
	ben.must(200, "PUT", path, map[string]any{"available": true})

	zoe.must(403, "GET", path, nil)
	sue.must(404, "GET", "/agents/ag_none/availability", nil)
	sue.must(422, "GET", path+"?cursor=x", nil)
	seen := []string{}
	for cursor := ""; ; {
		at := path + "?limit=2"
		if cursor != "" {
			at += "&cursor=" + cursor
		}
		page := sue.must(200, "GET", at, nil)
		for i := range page.len("changes") {
			seen = append(seen, fmt.Sprint(page.get("changes", i, "available"), page.str("changes", i, "by", "name"), page.str("changes", i, "reason")))
		}
		if cursor = page.str("next"); cursor == "" {
			break
		}
	}
	if want := "[trueBen falseSueTraining trueBen]"; fmt.Sprint(seen) != want {
		t.Errorf("the history is %v, not %s", seen, want)
	}
	if own := ben.must(200, "GET", path, nil); own.len("changes") != 3 || own.str("next") != "" {
		t.Errorf("one's own: %s", own.raw)
	}
}

// Two administrators who have the rules of a channel open: the second is told that they are others by now, and loses nothing.
func TestRulesAreNotWrittenOver(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	ben := ada.colleague("Ben")
	made := ada.must(201, "POST", "/channels", map[string]any{"kind": "email", "name": "Shop", "config": map[string]any{"address": "shop@desk.example", "host": "mail.desk.example"}, "routing": map[string]any{"mode": "nobody"}})
	at, read := "/channels/"+made.str("channel", "id"), made.str("channel", "routing", "version")
	write := func(name, version string) map[string]any {
		return map[string]any{"routing": map[string]any{"mode": "nobody", "version": version, "rules": []any{map[string]any{"id": name, "name": name, "mode": "users_and_teams", "agents": []string{ben.agent}}}}}
	}
	first := ada.must(200, "PATCH", at, write("r1", read))
	refused := ada.must(409, "PATCH", at, write("r2", read))
	if refused.str("reason") != "changed_since" || refused.str("errors", 0, "location") != "body.routing.version" {
		t.Errorf("refused: %s", refused.raw)
	}
	now := first.str("channel", "routing", "version")
	if now == read || now == "" {
		t.Errorf("the version %q did not change from %q", now, read)
	}
	ada.must(200, "PATCH", at, map[string]any{"name": "The shop"})
	second := ada.must(200, "PATCH", at, write("r2", now)) // another name does not make other rules
	if second.str("channel", "routing", "rules", 0, "id") != "r2" {
		t.Errorf("written: %s", second.raw)
	}
	ada.must(200, "PATCH", at, write("r3", "")) // who does not ask writes over it
}
