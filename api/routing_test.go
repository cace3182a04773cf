package api_test

import (
	"strings"
	"testing"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// A channel's rules are written and read as they are; who cannot get tickets is refused by the field, stays if it was there, and is flagged.
func TestRulesOfAChannel(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	ben := ada.must(201, "POST", "/agents", map[string]any{"email": "ben@desk.example", "name": "Ben", "role": "agent", "password": "correct horse battery", "seat": true}).str("agent", "id")
	eva := ada.must(201, "POST", "/agents", map[string]any{"email": "eva@desk.example", "name": "Eva", "role": "agent", "password": "correct horse battery", "seat": false}).str("agent", "id")
	skill := ada.must(201, "POST", "/skills", map[string]any{"name": "German", "kind": "language"}).str("item", "id")
	tag := ada.must(201, "POST", "/tags", map[string]any{"name": "VIP"}).str("item", "id")
	size := ada.must(201, "POST", "/properties", map[string]any{"name": "size", "label": "Size", "of": "ticket", "kind": "number"}).str("item", "id")
	plan := ada.must(201, "POST", "/properties", map[string]any{"name": "plan", "label": "Plan", "of": "contact", "kind": "text"}).str("item", "id")
	crew := ada.must(201, "POST", "/teams", map[string]any{"name": "Sales", "members": []any{map[string]any{"agent": ben, "main": true}}}).str("team", "id")
	empty := ada.must(201, "POST", "/teams", map[string]any{"name": "Nobody", "members": []any{map[string]any{"agent": eva, "main": true}}}).str("team", "id")
	routing := func(change func(m map[string]any)) map[string]any {
		m := map[string]any{
			"mode": "nobody", "defaults": map[string]any{"priority": "high", "tags": []string{tag}, "team": ""},
			"rules": []any{map[string]any{
				"id": "r1", "name": "Important", "mode": "users_and_teams", "agents": []string{ben}, "teams": []string{crew}, "skills": []string{skill}, "stay": true,
				"overflow": []any{map[string]any{"team": crew, "after": 300}},
				"when":     map[string]any{"ticket": map[string]any{"tags": map[string]any{"any": []string{tag}}}, "contact": []any{map[string]any{"property": plan, "equals": "gold"}}, "words": []string{"refund"}, "languages": []string{"de"}},
			}},
		}
		change(m)
		return m
	}
	rule := func(m map[string]any) map[string]any { return m["rules"].([]any)[0].(map[string]any) }
	for field, change := range map[string]func(map[string]any){
		"body.routing.rules[0].agents[1]":         func(m map[string]any) { rule(m)["agents"] = []string{ben, eva} },
		"body.routing.rules[0].teams[0]":          func(m map[string]any) { rule(m)["teams"] = []string{empty} },
		"body.routing.rules[0].overflow[0].team":  func(m map[string]any) { rule(m)["overflow"] = []any{map[string]any{"team": "te_none", "after": 300}} },
		"body.routing.rules[0].skills[0]":         func(m map[string]any) { rule(m)["skills"] = []string{"sk_none"} },
		"body.routing.rules[0].name":              func(m map[string]any) { rule(m)["name"] = " " },
		"body.routing.rules[0].when.languages[0]": func(m map[string]any) { rule(m)["when"] = map[string]any{"languages": []string{"xx"}} },
		"body.routing.rules[0].when.contact[0].property": func(m map[string]any) { // one of tickets is none of contacts
			rule(m)["when"] = map[string]any{"contact": []any{map[string]any{"property": size, "equals": "1"}}}
		},
		"body.routing.rules[0].when.ticket.properties[0].property": func(m map[string]any) {
			rule(m)["when"] = map[string]any{"ticket": map[string]any{"properties": []any{map[string]any{"property": "pr_none", "equals": "1"}}}}
		},
		"body.routing.rules[0].when.ticket": func(m map[string]any) {
			rule(m)["when"] = map[string]any{"ticket": map[string]any{"owner": []string{"me"}}}
		},
		"body.routing.defaults.properties." + size: func(m map[string]any) { m["defaults"] = map[string]any{"properties": map[string]string{size: "many"}} },
		"body.routing.defaults.tags[0]":            func(m map[string]any) { m["defaults"] = map[string]any{"tags": []string{"tg_none"}} },
		"body.routing.agents[0]":                   func(m map[string]any) { m["mode"], m["agents"] = "users_and_teams", []string{eva} },
		"body.routing.defaults.stage":              func(m map[string]any) { m["defaults"] = map[string]any{"pipeline": "pl_none"} },
	} {
		got := ada.must(422, "POST", "/channels", map[string]any{"kind": "email", "name": "Shop", "config": map[string]any{"address": "shop@desk.example", "host": "mail.desk.example"}, "routing": routing(change)})
		if !strings.Contains(got.raw, `"location":"`+field+`"`) {
			t.Errorf("%s: %s", field, got.raw)
		}
	}
	made := ada.must(201, "POST", "/channels", map[string]any{"kind": "email", "name": "Shop", "config": map[string]any{"address": "shop@desk.example", "host": "mail.desk.example"}, "routing": routing(func(map[string]any) {})})
	at := "/channels/" + made.str("channel", "id")
	r := func(a answer, path ...any) string { return a.str(append([]any{"channel", "routing"}, path...)...) }
	if r(made, "rules", 0, "name") != "Important" || r(made, "rules", 0, "when", "contact", 0, "equals") != "gold" || r(made, "rules", 0, "when", "ticket", "tags", "any", 0) != tag ||
		r(made, "rules", 0, "skills", 0) != skill || r(made, "rules", 0, "overflow", 0, "team") != crew || r(made, "defaults", "priority") != "high" || made.len("channel", "routing", "flaws") != 0 {
		t.Errorf("made: %s", made.raw)
	}
	// An old client knows nothing of rules: what it leaves out stays.
	if kept := ada.must(200, "PATCH", at, map[string]any{"routing": map[string]any{"mode": "users_and_teams", "agents": []string{ben}}}); kept.len("channel", "routing", "rules") != 1 || r(kept, "defaults", "priority") != "high" {
		t.Errorf("left out: %s", kept.raw)
	}
	ada.must(200, "PATCH", "/agents/"+ben, map[string]any{"seat": false})
	flawed := ada.must(200, "PATCH", at, map[string]any{"routing": map[string]any{"mode": "users_and_teams", "agents": []string{ben}}})
	if flawed.len("channel", "routing", "flaws") != 4 || r(flawed, "flaws", 0, "why") != "no_seat" {
		t.Errorf("without his seat: %s", flawed.raw)
	}
	ada.skillInUse(at, skill, ben, eva)
}

// What a rule or an agent asks for is not removed.
func (b *browser) skillInUse(at, skill, ben, eva string) {
	ada, t := b, b.t
	used := ada.must(409, "DELETE", "/skills/"+skill, nil)
	if !strings.Contains(used.raw, "in use") {
		t.Errorf("a skill in use: %s", used.raw)
	}
	ada.must(200, "PUT", "/skills/"+skill, map[string]any{"name": "Deutsch (Schweiz)", "kind": "language"})
	uses := ada.must(200, "GET", "/skills/"+skill+"/uses", nil)
	if uses.len("agents") != 0 || uses.str("channels", 0, "rules", 0) != "Important" {
		t.Errorf("uses: %s", uses.raw)
	}
	ada.must(200, "PATCH", "/agents/"+ben, map[string]any{"skills": []string{skill}, "second_skills": []string{skill}})
	ada.must(422, "PATCH", "/agents/"+eva, map[string]any{"second_skills": []string{skill}})
	ada.must(200, "PATCH", at, map[string]any{"routing": map[string]any{"mode": "nobody", "rules": []any{}}})
	ada.must(409, "DELETE", "/skills/"+skill, nil)
	ada.must(200, "PATCH", "/agents/"+ben, map[string]any{"skills": []string{}})
	ada.must(204, "DELETE", "/skills/"+skill, nil)
}

// Why a ticket waits, and who would get it, is told to who runs the desk; others are told no names. Asking does nothing.
func TestExplainRouting(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	me := ada.me()
	ben := ada.must(201, "POST", "/agents", map[string]any{"email": "ben@desk.example", "name": "Ben", "role": "agent", "password": "correct horse battery", "seat": true}).str("agent", "id")
	made := ada.must(201, "POST", "/channels", map[string]any{"kind": "email", "name": "Shop", "config": map[string]any{"address": "shop@desk.example", "host": "mail.desk.example"}, "routing": map[string]any{
		"mode": "users_and_teams", "agents": []string{ben}, "rules": []any{map[string]any{
			"id": "r1", "name": "Refunds", "mode": "users_and_teams", "agents": []string{ben}, "only_available": false, "when": map[string]any{"words": []string{"refund"}},
		}},
	}})
	channel := made.str("channel", "id")
	id := h.receive("anna", 1, "first")
	h.command(id.Stream(), &deskpb.DeferAssignment{Waiting: true, Reason: &deskpb.AssignmentReason{
		Code: "no_available_agent", Text: "Waiting: nobody is available (1 away).", Candidates: []*deskpb.Candidate{{Agent: ben, Verdict: "away"}},
		Missed: []*deskpb.RuleMiss{{Rule: "r1", Name: "Refunds", Failed: "words"}},
	}})
	hers := ada.limited("Lea", "own")
	h.command(id.Stream(), &deskpb.FollowTicket{Agent: hers.agent, AgentName: "Lea"})
	before := ada.read(id).get("ticket", "version")
	got := ada.must(200, "GET", "/conversations/"+string(id)+"/routing", nil)
	if got.str("then", "code") != "no_available_agent" || got.str("missed", 0, "failed") != "words" || got.str("then", "candidates", 0, "verdict") != "away" || got.get("line", "position") != 1.0 || got.get("line", "minutes") != 2.0 || got.get("now") == nil {
		t.Errorf("to an administrator: %s", got.raw)
	}
	theirs := ada.colleague("Zoe").must(200, "GET", "/conversations/"+string(id)+"/routing", nil)
	if strings.Contains(theirs.raw, ben) || strings.Contains(theirs.raw, "Refunds") || strings.Contains(theirs.raw, "1 away") || theirs.get("now") != nil || theirs.str("then", "code") != "no_available_agent" {
		t.Errorf("to an agent: %s", theirs.raw)
	}
	if limited := hers.must(200, "GET", "/conversations/"+string(id)+"/routing", nil); limited.get("line") != nil {
		t.Errorf("who sees only some tickets is told how many stand before one: %s", limited.raw)
	}
	try := func(body map[string]any) answer {
		return ada.must(200, "POST", "/channels/"+channel+"/routing/try", body)
	}
	if got := try(map[string]any{"subject": "A refund, please"}); got.str("now", "agent") != ben || got.str("now", "reason", "rule_name") != "Refunds" {
		t.Errorf("made up: %s", got.raw)
	}
	if got := try(map[string]any{"text": "Where is it?"}); got.str("now", "agent") != "" || got.str("now", "rules", 0, "failed") != "words" || got.str("now", "rules", 1, "reason", "candidates", 0, "verdict") != "away" {
		t.Errorf("for the default: %s", got.raw)
	}
	if got := try(map[string]any{"text": "?", "owner": me, "routing": map[string]any{"mode": "contact_owner", "rules": []any{}}}); got.str("now", "reason", "code") != "owner_no_seat" && got.str("now", "reason", "code") != "owner_offline" {
		t.Errorf("rules being written: %s", got.raw)
	}
	for field, body := range map[string]map[string]any{
		"body.owner": {"owner": "ag_none"}, "body.tags[0]": {"tags": []string{"tg_none"}}, "body.properties.pr_none": {"properties": map[string]string{"pr_none": "1"}},
	} {
		if got := ada.must(422, "POST", "/channels/"+channel+"/routing/try", body); !strings.Contains(got.raw, `"location":"`+field+`"`) {
			t.Errorf("%s: %s", field, got.raw)
		}
	}
	ada.must(422, "POST", "/channels/"+channel+"/routing/try", map[string]any{"routing": map[string]any{"mode": "users_and_teams", "rules": []any{}}})
	ada.colleague("Max").must(403, "POST", "/channels/"+channel+"/routing/try", map[string]any{})
	if after := ada.read(id).get("ticket", "version"); after != before {
		t.Errorf("asking changed the ticket")
	}
	if row, err := h.engine.Index().Ticket(desk.ConversationID(id)); err != nil || row.Owner != "" {
		t.Errorf("%v %v", row, err)
	}
}
