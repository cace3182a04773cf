package api_test

import (
	"testing"

	"github.com/centralita/centralita/proto/deskpb"
)

// A team that is removed is empty, takes nothing more, and keeps its name where it is named; changing it brings it back.
func TestATeamIsRemovedAndComesBack(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	ben := ada.colleague("Ben")
	members := []any{m{"agent": ben.agent, "main": true}}
	team := ada.must(201, "POST", "/teams", m{"name": "Repairs", "members": members}).str("team", "id")
	at := "/teams/" + team
	if a := ada.must(200, "GET", at+"/uses", nil); a.num("tickets") != 0 || a.len("channels")+a.len("macros")+a.len("snippets")+a.len("views") != 0 {
		t.Errorf("nothing names it yet: %s", a.raw)
	}

	conv := h.receive("anna", 1, "My lamp is broken.")
	ben.must(200, "PUT", "/conversations/"+string(conv)+"/team", m{"team": team})
	channel := ada.must(201, "POST", "/channels", m{"kind": "email", "name": "Shop", "config": m{"address": "shop@desk.example", "host": "mail.example"}, "routing": m{"mode": "users_and_teams", "agents": []any{}, "teams": []any{team}}}).str("channel", "id")
	ada.must(201, "POST", "/macros", m{"name": "To repairs", "team": team})
	ada.must(201, "POST", "/snippets", m{"name": "Parts", "text": "x", "teams": []any{team}})
	ada.must(201, "POST", "/views", m{"name": "Their tickets", "filter": `{"team":["` + team + `"]}`})
	ben.must(201, "POST", "/views", m{"name": "My own", "filter": `{"team":["` + team + `"]}`, "owner": ben.agent})
	uses := ada.must(200, "GET", at+"/uses", nil)
	if uses.num("tickets") != 1 || uses.str("channels", 0, "name") != "Shop" || uses.str("macros", 0, "name") != "To repairs" ||
		uses.str("snippets", 0, "name") != "Parts" || uses.str("views", 0, "name") != "Their tickets" || uses.len("views") != 1 || uses.num("others") != 1 {
		t.Errorf("what names it: %s", uses.raw)
	}

	ben.must(403, "GET", at+"/uses", nil)
	ben.must(403, "DELETE", at, nil)
	ada.must(404, "DELETE", "/teams/tm_none", nil)
	ada.must(404, "GET", "/teams/tm_none/uses", nil)
	ada.must(204, "DELETE", at, nil)
	ada.must(204, "DELETE", at, nil) // again: it is done
	if l := ben.must(200, "GET", "/teams", nil); l.len("teams") != 0 {
		t.Errorf("the teams: %s", l.raw)
	}
	if l := ben.must(200, "GET", "/teams?removed=true", nil); l.str("teams", 0, "name") != "Repairs" || l.get("teams", 0, "removed") != true || l.len("teams", 0, "members") != 0 {
		t.Errorf("with the removed: %s", l.raw)
	}
	if got := ben.read(conv); got.str("ticket", "team") != team {
		t.Errorf("the ticket forgot its team: %s", got.raw)
	}
	for name, c := range map[string]struct {
		method, path string
		body         any
		place        string
	}{
		"a ticket":    {"PUT", "/conversations/" + string(h.receive("bert", 1, "And mine.")) + "/team", m{"team": team}, "body.team"},
		"a rule":      {"POST", "/channels", m{"kind": "email", "name": "Shop", "config": m{"address": "shop2@desk.example", "host": "mail.example"}, "routing": m{"mode": "users_and_teams", "teams": []any{team}}}, "body.routing.teams[0]"},
		"a macro":     {"POST", "/macros", m{"name": "Y", "team": team}, "body.team"},
		"for a macro": {"POST", "/macros", m{"name": "Y", "note": "n", "teams": []any{team}}, "body.teams[0]"},
	} {
		if a := ada.do(c.method, c.path, c.body); a.status != 422 || a.str("errors", 0, "location") != c.place {
			t.Errorf("%s for a removed team: %d %s", name, a.status, a.raw)
		}
	}

	// A rule that named it keeps it, and says that it is in vain.
	if kept := ada.must(200, "PATCH", "/channels/"+channel, m{"routing": m{"mode": "users_and_teams", "teams": []any{team}}}); kept.str("channel", "routing", "flaws", 0, "why") != "removed" {
		t.Errorf("in a rule: %s", kept.raw)
	}

	back := ada.must(200, "PUT", at, m{"name": "Repairs", "members": members})
	if back.get("team", "removed") != false || back.len("team", "members") != 1 || ben.must(200, "GET", "/teams", nil).len("teams") != 1 {
		t.Errorf("brought back: %s", back.raw)
	}
	var kinds []string
	l := ada.must(200, "GET", "/audit?noun=team", nil)
	for i := range l.len("entries") {
		kinds = append(kinds, l.str("entries", i, "kind"))
	}
	if len(kinds) != 3 || kinds[0] != "team_changed" || kinds[1] != "team_removed" || kinds[2] != "team_added" {
		t.Errorf("the audit of the team: %v", kinds)
	}
}

// Every screen hears of a team: added, changed and removed.
func TestScreensHearOfTeams(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	s := ada.screen().hello()
	id := ada.must(201, "POST", "/teams", m{"name": "Repairs", "members": []any{}}).str("team", "id")
	heard := func() *deskpb.TeamSummary {
		return s.until("a team", func(f *deskpb.ServerFrame) bool { return f.GetTeam() != nil }).GetTeam().Team
	}
	if got := heard(); got.Team != id || got.Name != "Repairs" || got.Removed {
		t.Errorf("added: %v", got)
	}
	ada.must(204, "DELETE", "/teams/"+id, nil)
	if got := heard(); got.Team != id || !got.Removed {
		t.Errorf("removed: %v", got)
	}
}

// Who is blocked is listed for supervisors, and no more once it is undone.
func TestBlockedContactsAreListed(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	ben := ada.colleague("Ben")
	h.receive("bert", 1, "Hello.")
	contact := ben.read(h.receive("anna", 1, "Buy this!")).str("contact", "id")
	blocked := func() answer { return ada.must(200, "GET", "/blocked-contacts", nil) }
	if l := blocked(); l.len("contacts") != 0 || l.str("next") != "" {
		t.Errorf("nobody is blocked: %s", l.raw)
	}
	ben.must(200, "PUT", "/contacts/"+contact+"/blocked", m{"blocked": true})
	if l := blocked(); l.len("contacts") != 1 || l.str("contacts", 0, "id") != contact || l.get("contacts", 0, "blocked") != true {
		t.Errorf("one is blocked: %s", l.raw)
	}
	if l := ada.must(200, "GET", "/blocked-contacts?cursor=zz", nil); l.len("contacts") != 0 {
		t.Errorf("after the last one: %s", l.raw)
	}
	ben.must(403, "GET", "/blocked-contacts", nil)
	ada.must(422, "GET", "/blocked-contacts?cursor=A%20B", nil)
	ben.must(200, "PUT", "/contacts/"+contact+"/blocked", m{"blocked": false})
	if l := blocked(); l.len("contacts") != 0 {
		t.Errorf("unblocked: %s", l.raw)
	}
}
