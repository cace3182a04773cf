package api_test

import (
	"testing"

	"github.com/centralita/centralita/desk"
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

// A team may have a mail channel by which its tickets are opened: off at first. A ticket says from which address it is answered, and whether its
// channel or its team has another.
func TestReplyAddressOfATeam(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	ben := ada.colleague("Ben")
	channel := func(name, address, from string) string {
		config := m{"address": address, "host": "mail.example"}
		if from != "" {
			config["sending"] = m{"from_address": from}
		}
		return ada.must(201, "POST", "/channels", m{"kind": "email", "name": name, "config": config}).str("channel", "id")
	}
	support, sales := channel("Support", "support@desk.example", ""), channel("Sales", "box7@desk.example", "sales@desk.example")
	members := []any{m{"agent": ben.agent, "main": true}}
	made := ada.must(201, "POST", "/teams", m{"name": "Sellers", "members": members})
	team, at := made.str("team", "id"), "/teams/"+made.str("team", "id")
	if made.str("team", "reply_channel") != "" {
		t.Errorf("at first: %s", made.raw)
	}
	ticket := func(n string, more m) answer {
		body := m{"request_id": n, "subject": "A lamp", "contact": m{"email": "new@customer.example"}}
		for k, v := range more {
			body[k] = v
		}
		return ben.do("POST", "/tickets", body)
	}
	if a := ticket("a", nil); a.status != 422 || a.str("errors", 0, "location") != "body.channel" {
		t.Errorf("without any: %s", a.raw)
	}
	h.command(desk.ChannelID("ch_talk").Stream(), &deskpb.ConnectChannel{Channel: &deskpb.ChannelConnected{Kind: deskpb.ChannelKind_CHANNEL_KIND_CHAT, Name: "Talk", Address: "talk"}})
	for _, wrong := range []string{"ch_none", "ch_talk"} {
		if a := ada.do("PUT", at, m{"name": "Sellers", "members": members, "reply_channel": wrong}); a.status != 422 || a.str("errors", 0, "location") != "body.reply_channel" {
			t.Errorf("%s: %s", wrong, a.raw)
		}
	}
	ada.must(200, "PUT", at, m{"name": "Sellers", "members": members, "reply_channel": sales})
	if a := ada.must(200, "PUT", at, m{"name": "Sellers", "members": members}); a.str("team", "reply_channel") != sales {
		t.Errorf("left out, it is as it was: %s", a.raw)
	}
	own := ticket("b", nil)
	if own.status != 201 || own.str("ticket", "channel", "id") != sales {
		t.Fatalf("opened by the team's: %s", own.raw)
	}
	if a := ben.must(200, "GET", "/conversations/"+own.str("ticket", "id"), nil); a.str("reply_from", "address") != "sales@desk.example" || a.str("reply_from", "team") != "" || a.str("reply_from", "channel") != "" {
		t.Errorf("nothing differs: %s", a.raw)
	}
	other := ticket("c", m{"channel": support, "team": team})
	id := other.str("ticket", "id")
	if a := ben.must(200, "GET", "/conversations/"+id, nil); a.str("reply_from", "address") != "support@desk.example" || a.str("reply_from", "team") != "sales@desk.example" || a.str("reply_from", "team_channel") != sales {
		t.Errorf("its team has another: %s", a.raw)
	}
	// Its thread had an address before the channel got another.
	conv := desk.ConversationID("cv_old")
	h.command(conv.Stream(), &deskpb.OpenConversation{Opening: &deskpb.ConversationOpened{
		Channel: support, ChannelKind: deskpb.ChannelKind_CHANNEL_KIND_EMAIL, Contact: "ct_x", ContactName: "X", Subject: "s", FromAddress: "before@desk.example",
	}})
	a := ben.must(200, "GET", "/conversations/cv_old", nil)
	if a.str("reply_from", "address") != "before@desk.example" || a.str("reply_from", "channel") != "support@desk.example" || a.str("ticket", "from_address") != "before@desk.example" {
		t.Errorf("its channel has another: %s", a.raw)
	}
	if a := ben.do("POST", "/conversations/cv_old/replies", m{"message_id": "r1", "text": "x", "from_address": "boss@desk.example"}); a.status != 422 || a.str("errors", 0, "location") != "body.from_address" {
		t.Errorf("from an address that is nobody's: %s", a.raw)
	}
	ada.must(200, "PUT", at, m{"name": "Sellers", "members": members, "reply_channel": ""})
	if a := ticket("d", nil); a.status != 422 {
		t.Errorf("off again: %s", a.raw)
	}
}
