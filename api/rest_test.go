package api_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

func TestATicketsLife(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	ben := ada.colleague("Ben")
	conv := string(h.receive("anna", 1, "My order has not come."))
	h.receive("bob", 1, "Hello?")

	list := ben.must(200, "GET", "/tickets?view=unassigned", nil)
	if list.len("tickets") != 2 || list.str("tickets", 0, "contact", "name") != "Customer bob" {
		t.Fatalf("unassigned: %s", list.raw)
	}
	if list.get("tickets", 0, "owner") != nil || list.str("tickets", 0, "channel", "kind") != "email" {
		t.Fatalf("unassigned: %s", list.raw)
	}
	page := ben.must(200, "GET", "/tickets?view=open&limit=1", nil)
	second := ben.must(200, "GET", "/tickets?view=open&limit=1&cursor="+page.str("next"), nil)
	if page.str("tickets", 0, "id") == second.str("tickets", 0, "id") || second.len("tickets") != 1 {
		t.Fatalf("paging: %s then %s", page.raw, second.raw)
	}

	reply := map[string]any{"message_id": "ms_1", "text": "It is on its way.", "cc": []any{map[string]any{"address": "boss@example.com"}}}
	first := ben.must(200, "POST", "/conversations/"+conv+"/replies", reply)
	again := ben.must(200, "POST", "/conversations/"+conv+"/replies", reply)
	if first.num("version") != again.num("version") {
		t.Errorf("a repeated reply was not the same: %s, %s", first.raw, again.raw)
	}
	ben.must(200, "POST", "/conversations/"+conv+"/notes", map[string]any{"message_id": "nt_1", "text": "She is upset."})
	ben.must(200, "PUT", "/conversations/"+conv+"/priority", map[string]any{"priority": "high"})
	ben.must(200, "PUT", "/conversations/"+conv+"/subject", map[string]any{"subject": "Late order"})
	ben.must(200, "PUT", "/conversations/"+conv+"/owner", map[string]any{"agent": ada.agent})
	ben.must(200, "PUT", "/conversations/"+conv+"/status", map[string]any{"status": "closed"})
	h.command(desk.ConversationID(conv).Stream(), &deskpb.StartDelivery{Message: "ms_1"})
	h.command(desk.ConversationID(conv).Stream(), &deskpb.SettleDelivery{Message: "ms_1", Attempt: 1, State: deskpb.DeliveryState_DELIVERY_STATE_SENT, ExternalId: "x"})

	got := ben.must(200, "GET", "/conversations/"+conv, nil)
	if got.str("ticket", "status") != "closed" || got.str("ticket", "priority") != "high" || got.str("ticket", "subject") != "Late order" ||
		got.str("ticket", "owner", "id") != ada.agent || got.str("contact", "identities", 0, "value") != "anna@customer.example" {
		t.Errorf("ticket: %s", got.raw)
	}
	if got.num("version") != got.num("ticket", "version") {
		t.Errorf("versions differ: %s", got.raw)
	}
	var kinds []string
	for i := range got.len("timeline") {
		k := got.str("timeline", i, "kind")
		if k == "activity" {
			k = got.str("timeline", i, "activity", "code")
		}
		kinds = append(kinds, k)
	}
	want := "opened inbound outbound assigned status note priority subject assigned status"
	if s := strings.Join(kinds, " "); s != want {
		t.Errorf("timeline %q, want %q", s, want)
	}
	if got.str("timeline", 2, "delivery", "state") != "sent" || got.num("timeline", 2, "delivery", "attempts") != 1 ||
		got.str("timeline", 2, "author", "name") != "Ben" || got.str("timeline", 2, "to", 0, "address") != "anna@customer.example" {
		t.Errorf("the reply: %s", got.raw)
	}
	atTheEnd(t, ada, ben, got)
}

// atTheEnd looks at the lists around the ticket that was closed.
func atTheEnd(t *testing.T, ada, ben *browser, got answer) {
	t.Helper()
	conv := got.str("ticket", "id")
	counts := ada.must(200, "GET", "/tickets/counts", nil)
	if counts.num("open") != 1 || counts.num("unassigned") != 1 || counts.num("closed") != 1 || counts.num("mine") != 0 {
		t.Errorf("counts: %s", counts.raw)
	}
	ben.must(200, "PUT", "/conversations/"+conv+"/status", map[string]any{"status": "waiting_on_us"})
	ben.must(200, "PUT", "/conversations/"+conv+"/owner", map[string]any{"agent": nil})
	if mine := ada.must(200, "GET", "/tickets?view=mine", nil); mine.len("tickets") != 0 {
		t.Errorf("mine: %s", mine.raw)
	}
	contact := got.str("contact", "id")
	ben.must(200, "PUT", "/contacts/"+contact+"/name", map[string]any{"name": "Anna Arm"})
	ben.must(200, "PUT", "/contacts/"+contact+"/owner", map[string]any{"agent": ben.agent})
	c := ben.must(200, "GET", "/contacts/"+contact, nil)
	if c.str("contact", "name") != "Anna Arm" || c.str("contact", "owner") != ben.agent || c.len("tickets") != 1 {
		t.Errorf("contact: %s", c.raw)
	}
}

func TestTheWaitingLineSaysWhy(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	conv := h.receive("anna", 1, "Hello")
	h.command(conv.Stream(), &deskpb.DeferAssignment{Waiting: true, Reason: &deskpb.AssignmentReason{
		Code: "no_available_agent", Text: "Nobody is available.", Considered: 1, Candidates: []*deskpb.Candidate{{Agent: ada.agent, Verdict: "away"}},
	}})
	line := ada.must(200, "GET", "/line", nil)
	if line.len("tickets") != 1 || line.get("tickets", 0, "in_line") != true || line.str("tickets", 0, "reason", "candidates", 0, "verdict") != "away" {
		t.Errorf("line: %s", line.raw)
	}
}

// TestInputIsNamed goes through what can be wrong with input; every answer is a problem that names the place.
func TestInputIsNamed(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	conv := string(h.receive("anna", 1, "Hello"))
	channel := ada.must(201, "POST", "/channels", map[string]any{"kind": "email", "name": "Mail", "config": map[string]any{"address": "help@example.com", "host": "h"}}).str("channel", "id")
	contact := string(desk.ContactIDFor(1, "anna@customer.example"))
	deep := strings.Repeat(`{"a":`, 100) + "1" + strings.Repeat("}", 100)
	for _, c := range []struct {
		name, method, path string
		body               any
		status             int
		code, location     string
	}{
		{"unknown field", "PUT", "/conversations/" + conv + "/status", map[string]any{"status": "closed", "color": 1}, 422, "invalid", "body.color"},
		{"missing field", "PUT", "/conversations/" + conv + "/status", map[string]any{}, 422, "invalid", "body.status"},
		{"wrong word", "PUT", "/conversations/" + conv + "/status", map[string]any{"status": "open"}, 422, "invalid", "body.status"},
		{"wrong type", "PUT", "/conversations/" + conv + "/priority", map[string]any{"priority": 3}, 422, "invalid", "body.priority"},
		{"not JSON", "PUT", "/conversations/" + conv + "/status", strings.NewReader("{status"), 400, "invalid", "body"},
		{"cut off", "PUT", "/conversations/" + conv + "/status", strings.NewReader(`{"status":"clo`), 400, "invalid", "body"},
		{"too deep", "POST", "/conversations/" + conv + "/notes", strings.NewReader(deep), 400, "invalid", "body"},
		{"no body", "PUT", "/conversations/" + conv + "/status", nil, 400, "invalid", ""},
		{"too large", "PUT", "/conversations/" + conv + "/subject", map[string]any{"subject": strings.Repeat("x", 70_000)}, 413, "too_large", ""},
		{"too large, of unknown length", "PUT", "/conversations/" + conv + "/subject", struct{ io.Reader }{strings.NewReader(strings.Repeat(" ", 70_000))}, 413, "too_large", ""},
		{"a text too long", "POST", "/conversations/" + conv + "/notes", map[string]any{"message_id": "n", "text": strings.Repeat("x", desk.MaxTextBytes+1)}, 422, "invalid", "body.text"},
		{"HTML too long", "POST", "/conversations/" + conv + "/notes", map[string]any{"message_id": "n", "html": strings.Repeat("x", desk.MaxHTMLBytes+1)}, 422, "invalid", "body.html"},
		{"bad id", "GET", "/conversations/No!", nil, 422, "invalid", "path.id"},
		{"no such conversation", "GET", "/conversations/cv_none", nil, 404, "not_found", ""},
		{"command to none", "PUT", "/conversations/cv_none/status", map[string]any{"status": "closed"}, 404, "not_found", "path.id"},
		{"command to no contact", "PUT", "/contacts/ct_none/name", map[string]any{"name": "X"}, 404, "not_found", "path.id"},
		{"no such team", "PUT", "/teams/tm_none", map[string]any{"name": "X", "members": []any{}}, 404, "not_found", "path.id"},
		{"no such channel", "PUT", "/channels/ch_none/on", map[string]any{"on": true}, 404, "not_found", "path.id"},
		{"password of nobody", "PUT", "/agents/ag_none/password", map[string]any{"password": password}, 404, "not_found", "path.id"},
		{"no such item", "POST", "/channels/" + channel + "/quarantine/x/discard", nil, 404, "not_found", "path.item"},
		{"unknown query", "GET", "/tickets?colour=red", nil, 422, "invalid", "query.colour"},
		{"wrong limit", "GET", "/tickets?limit=1000", nil, 422, "invalid", "query.limit"},
		{"wrong cursor", "GET", "/tickets?cursor=zz", nil, 422, "invalid", "query.cursor"},
		{"owner missing", "GET", "/tickets?view=owned", nil, 422, "invalid", "query.owner"},
		{"empty note", "POST", "/conversations/" + conv + "/notes", map[string]any{"message_id": "n", "text": " "}, 422, "invalid", "body.text"},
		{"bad message id", "POST", "/conversations/" + conv + "/notes", map[string]any{"message_id": "N!", "text": "x"}, 422, "invalid", "body.message_id"},
		{"no such file", "POST", "/conversations/" + conv + "/notes", map[string]any{"message_id": "n", "text": "x", "attachments": []any{
			map[string]any{"blob": strings.Repeat("a", 64), "name": "x", "media_type": "a/b", "size": 1}}}, 422, "invalid", "body.attachments[0].blob"},
		{"bad recipient", "POST", "/conversations/" + conv + "/replies", map[string]any{"message_id": "n", "text": "x",
			"to": []any{map[string]any{"address": "a@b.example\r\nBcc: c@d.example"}}}, 422, "invalid", "body.to[0].address"},
		{"no such agent", "PUT", "/conversations/" + conv + "/owner", map[string]any{"agent": "ag_none"}, 422, "invalid", "body.agent"},
		{"short password", "POST", "/agents", map[string]any{"email": "x@example.com", "name": "X", "role": "agent", "password": "short"}, 422, "invalid", "body.password"},
		{"bad address", "POST", "/agents", map[string]any{"email": "nobody", "name": "X", "role": "agent", "password": password}, 422, "invalid", "body.email"},
		{"two faults", "POST", "/channels", map[string]any{"kind": "email", "name": "M", "config": map[string]any{}}, 422, "invalid", "body.config.address"},
		{"no such filter", "GET", "/tickets?filter=x", nil, 422, "invalid", "query.filter"},
		{"a field of a filter", "GET", "/tickets?filter=" + url.QueryEscape(`{"status":["asleep"]}`), nil, 422, "invalid", "query.filter.status"},
		{"a filter of a body", "POST", "/tickets/counts", map[string]any{"filters": []any{map[string]any{"status": []string{"asleep"}}}}, 422, "invalid", "body.filters[0].status"},
		{"no picture", "GET", "/pictures?url=http://127.0.0.1:1/a.png", nil, 404, "not_found", "query.url"},
		{"no address of a picture", "GET", "/pictures?url=x", nil, 422, "invalid", "query.url"},
		{"no such reply", "DELETE", "/conversations/" + conv + "/replies/ms_none", nil, 404, "not_found", "path.message"},
		{"no such reply to move", "PUT", "/conversations/" + conv + "/replies/ms_none/send-at", map[string]any{"send_at": nil}, 404, "not_found", "path.message"},
		{"no such reply to retry", "POST", "/conversations/" + conv + "/replies/ms_none/retry", nil, 404, "not_found", "path.message"},
		{"no such property", "PUT", "/conversations/" + conv + "/properties/pr_none", map[string]any{"value": "x"}, 422, "invalid", "path.property"},
		{"no such team to remove", "DELETE", "/teams/tm_none", nil, 404, "not_found", "path.id"},
		{"an owner in a body", "PUT", "/contacts/" + contact + "/owner", map[string]any{"agent": "ag_none"}, 422, "invalid", "body.agent"},
		{"no such route", "GET", "/nothing", nil, 404, "not_found", ""},
		{"wrong method", "PUT", "/tickets", map[string]any{}, 405, "invalid", ""},
		{"no such blob", "GET", "/blobs/" + strings.Repeat("b", 64), nil, 404, "not_found", ""},
		{"not a blob", "GET", "/blobs/..", nil, 404, "not_found", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := ada.do(c.method, c.path, c.body)
			if a.status != c.status || a.header.Get("Content-Type") != "application/problem+json" || a.str("code") != c.code || a.num("status") != float64(c.status) {
				t.Fatalf("status %d (%s), want %d: %s", a.status, a.header.Get("Content-Type"), c.status, a.raw)
			}
			if a.str("detail") == "" || a.str("title") == "" {
				t.Errorf("no words: %s", a.raw)
			}
			if c.location == "" {
				return
			}
			for i := range a.len("errors") {
				if a.str("errors", i, "location") == c.location {
					return
				}
			}
			t.Errorf("nothing at %s: %s", c.location, a.raw)
		})
	}
	if a := ada.do("POST", "/agents", map[string]any{"email": 7, "name": "X", "role": "agent", "password": "sesame"}); strings.Contains(a.raw, "sesame") {
		t.Errorf("a password came back: %s", a.raw)
	}
	if a := ada.do("POST", "/agents", strings.NewReader(`{"password":"sesame-open-up`)); strings.Contains(a.raw, "sesame") {
		t.Errorf("a password came back: %s", a.raw)
	}
	if log := h.log.String(); strings.Contains(log, "sesame") || strings.Contains(log, password) {
		t.Error("a password is in the log")
	}
}

func TestAttachments(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	conv := string(h.receive("anna", 1, "Hello"))
	content := []byte("\x89PNG\r\n\x1a\n pixels")
	file := func(r *http.Request) { r.Header.Set("Content-Type", "image/png; x=y") }
	up := ada.must(201, "POST", "/uploads?name=..%2F..%2Fetc%2Fpass%E2%80%AEgnp.exe", bytes.NewReader(content), file)
	if up.str("name") != "passgnp.exe" || up.str("media_type") != "image/png" || up.num("size") != float64(len(content)) {
		t.Errorf("upload: %s", up.raw)
	}
	// The client's word on size counts for nothing.
	attachment := map[string]any{"blob": up.str("blob"), "name": "photo.png", "media_type": "image/png", "size": 1}
	ada.must(200, "POST", "/conversations/"+conv+"/replies", map[string]any{"message_id": "m1", "html": "<b>Look</b><script>", "attachments": []any{attachment}})
	got := ada.must(200, "GET", "/conversations/"+conv, nil)
	body := func(k ...any) any { return got.get(append([]any{"timeline", 2, "body"}, k...)...) }
	if body("html") != "<b>Look</b>" || body("attachments", 0, "size") != float64(len(content)) {
		t.Errorf("reply: %s", got.raw)
	}
	picturesInTheText(t, ada, conv, up.str("blob"))

	for _, c := range []struct{ query, disposition, kind string }{
		{"?name=a%22b.png", `attachment; filename=ab.png`, "application/octet-stream"},
		{"?name=ph.png&inline=1", `inline; filename=ph.png`, "image/png"},
	} {
		resp := ada.request("GET", "/blobs/"+up.str("blob")+c.query, nil)
		var data bytes.Buffer
		_, err := data.ReadFrom(resp.Body)
		resp.Body.Close()
		if err != nil || !bytes.Equal(data.Bytes(), content) {
			t.Errorf("%q came back, %v", data.Bytes(), err)
		}
		hd := resp.Header
		if hd.Get("Content-Disposition") != c.disposition || hd.Get("Content-Type") != c.kind || hd.Get("X-Content-Type-Options") != "nosniff" ||
			!strings.Contains(hd.Get("Content-Security-Policy"), "sandbox") {
			t.Errorf("%s: %v", c.query, hd)
		}
	}
	html := ada.must(201, "POST", "/uploads?name=x.html", strings.NewReader("<script>alert(1)</script>"))
	resp := ada.request("GET", "/blobs/"+html.str("blob")+"?inline=1", nil)
	resp.Body.Close()
	if resp.Header.Get("Content-Type") != "application/octet-stream" || !strings.HasPrefix(resp.Header.Get("Content-Disposition"), "attachment") {
		t.Errorf("HTML would be shown: %v", resp.Header)
	}
	if r := ada.do("POST", "/uploads?name=big", bytes.NewReader(make([]byte, 25<<20+1))); r.status != 413 {
		t.Errorf("26 MB: %d %s", r.status, r.raw)
	}
	chunked := struct{ *bytes.Reader }{bytes.NewReader(make([]byte, 25<<20+1))} // of unknown length
	if r := ada.do("POST", "/uploads?name=big", chunked, func(r *http.Request) { r.ContentLength = -1 }); r.status != 413 {
		t.Errorf("26 MB chunked: %d %s", r.status, r.raw)
	}
	if r := ada.do("POST", "/uploads?name=none", strings.NewReader("")); r.status != 422 {
		t.Errorf("empty: %d", r.status)
	}
}

// picturesInTheText: what the HTML shows by its content_id stays inside; what it does not show is a file like any other.
func picturesInTheText(t *testing.T, ada *browser, conv, blob string) {
	t.Helper()
	picture := func(inline bool, id string) map[string]any {
		return map[string]any{"blob": blob, "name": "photo.png", "media_type": "image/png", "size": 1, "inline": inline, "content_id": id}
	}
	shown := map[string]any{"message_id": "m2", "html": `<p>Look: <img src="cid:pic@desk" alt="Photo"></p>`,
		"attachments": []any{picture(true, "pic@desk"), picture(true, "nowhere@desk")}}
	ada.must(200, "POST", "/conversations/"+conv+"/replies", shown)
	got := ada.must(200, "GET", "/conversations/"+conv, nil)
	body := func(k ...any) any { return got.get(append([]any{"timeline", 5, "body"}, k...)...) }
	if body("html") != `<p>Look: <img src="cid:pic@desk" alt="Photo"></p>` || body("attachments", 0, "inline") != true || body("attachments", 1, "inline") == true {
		t.Errorf("a picture in the text: %s", got.raw)
	}
	for _, bad := range []map[string]any{picture(true, ""), picture(true, "a@b>\r\nBcc: x@y"), picture(false, "a b")} {
		shown["message_id"], shown["attachments"] = "m3", []any{bad}
		if a := ada.do("POST", "/conversations/"+conv+"/replies", shown); a.status != 422 || a.str("errors", 0, "location") != "body.attachments[0].content_id" {
			t.Errorf("content_id %q: %d %s", bad["content_id"], a.status, a.raw)
		}
	}
}

func TestAgentsAndTeams(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	ben := ada.colleague("Ben")
	if a := ada.do("POST", "/agents", map[string]any{"email": "BEN@example.com", "name": "Other", "role": "agent", "password": password}); a.status != 409 || a.str("reason") != "exists" {
		t.Errorf("a second Ben: %d %s", a.status, a.raw)
	}
	changed := ada.must(200, "PATCH", "/agents/"+ben.agent, map[string]any{"capacity": 3})
	if changed.num("agent", "capacity") != 3 || changed.str("agent", "name") != "Ben" || changed.get("agent", "seat") != true {
		t.Errorf("changed: %s", changed.raw)
	}
	for field, to := range map[string]any{"role": "agent", "deactivated": true} {
		if a := ada.do("PATCH", "/agents/"+ada.agent, map[string]any{field: to}); a.status != 409 || a.str("errors", 0, "location") != "body."+field {
			t.Errorf("the last administrator went: %d %s", a.status, a.raw)
		}
	}
	ben.must(200, "PUT", "/agents/"+ben.agent+"/availability", map[string]any{"available": true})
	ada.must(200, "PUT", "/agents/"+ben.agent+"/availability", map[string]any{"available": false, "reason": "lunch"})
	if a := ben.do("PUT", "/agents/"+ada.agent+"/availability", map[string]any{"available": false}); a.status != 403 {
		t.Errorf("Ben sent Ada away: %d %s", a.status, a.raw)
	}
	all := ben.must(200, "GET", "/agents", nil)
	if all.len("agents") != 2 {
		t.Errorf("agents: %s", all.raw)
	}
	team := ada.must(201, "POST", "/teams", map[string]any{"name": "Support", "members": []any{
		map[string]any{"agent": ben.agent, "main": true}, map[string]any{"agent": ben.agent}, map[string]any{"agent": ada.agent},
	}})
	if team.len("team", "members") != 2 || team.get("team", "members", 0, "main") != true {
		t.Errorf("team: %s", team.raw)
	}
	ada.must(200, "PUT", "/teams/"+team.str("team", "id"), map[string]any{"name": "Help", "members": []any{}})
	if l := ben.must(200, "GET", "/teams", nil); l.str("teams", 0, "name") != "Help" || l.len("teams", 0, "members") != 0 {
		t.Errorf("teams: %s", l.raw)
	}
	if a := ada.do("POST", "/teams", map[string]any{"name": "X", "members": []any{map[string]any{"agent": "ag_none"}}}); a.status != 422 {
		t.Errorf("a team of nobody: %s", a.raw)
	}
}

func TestChannels(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	made := ada.must(201, "POST", "/channels", map[string]any{
		"kind": "email", "name": "Mail", "config": map[string]any{"address": "help@example.com", "host": "imap"},
		"secrets": map[string]any{"password": "imap-secret"},
		"routing": map[string]any{"mode": "users_and_teams", "agents": []any{ada.agent}},
	})
	id := made.str("channel", "id")
	if strings.Contains(made.raw, "imap-secret") || made.get("channel", "routing", "only_available") != true || made.str("channel", "config", "host") != "imap" {
		t.Errorf("made: %s", made.raw)
	}
	h.engine.status = []desk.ChannelStatus{{Channel: desk.ChannelID(id), State: deskpb.HealthState_HEALTH_STATE_RETRYING, Phase: "connecting", Lag: 7, NextRetryMs: 1}}
	list := ada.must(200, "GET", "/channels", nil)
	if list.str("channels", 0, "health", "state") != "retrying" || list.num("channels", 0, "health", "lag") != 7 || list.str("channels", 0, "health", "next_retry_at") != "1970-01-01T00:00:00.001Z" {
		t.Errorf("list: %s", list.raw)
	}
	changed := ada.must(200, "PATCH", "/channels/"+id, map[string]any{"name": "Support mail"})
	if changed.str("channel", "name") != "Support mail" || changed.str("channel", "config", "host") != "imap" || changed.str("channel", "routing", "mode") != "users_and_teams" ||
		string(h.engine.secrets[desk.ChannelID(id)]) != `{"password":"imap-secret"}` {
		t.Errorf("changed: %s", changed.raw)
	}
	if off := ada.must(200, "PUT", "/channels/"+id+"/on", map[string]any{"on": false}); off.get("channel", "on") != false {
		t.Errorf("off: %s", off.raw)
	}
	if ok := ada.must(200, "POST", "/channels/"+id+"/check", nil); ok.get("ok") != true {
		t.Errorf("check: %s", ok.raw)
	}
	h.engine.checked = errors.Join(fmt.Errorf("check: %w", errors.Join(desk.Refuse(desk.Invalid, "config.host", "no such host"))), errors.New("smtp: refused"))
	bad := ada.must(200, "POST", "/channels/"+id+"/check", nil)
	if bad.get("ok") != false || bad.len("faults") != 2 || bad.str("faults", 0, "field") != "config.host" || bad.str("faults", 0, "message") != "no such host" || bad.str("faults", 1, "message") != "smtp: refused" {
		t.Errorf("check: %s", bad.raw)
	}
	if bad := ada.must(200, "POST", "/channels/check", m{"kind": "email", "config": m{"host": "x"}, "channel": id}); bad.get("ok") != false || bad.str("faults", 0, "field") != "config.host" {
		t.Errorf("check of what is not saved: %s", bad.raw)
	}
	if a := ada.do("POST", "/channels/check", m{"kind": "email", "channel": "ch_none"}); a.status != 404 {
		t.Errorf("check for no channel: %s", a.raw)
	}
	h.command(desk.ChannelID(id).Stream(), &deskpb.QuarantineItem{Item: &deskpb.ItemQuarantined{Item: "uid:1:9", Cause: "a fault", RawBlob: "x"}})
	if r := ada.must(200, "POST", "/channels/"+id+"/quarantine/uid:1:9/replay", nil); r.str("outcome") != "ingested" {
		t.Errorf("replay: %s", r.raw)
	}
	if r := ada.do("POST", "/channels/"+id+"/quarantine/uid:1:9/replay", nil); r.status != 404 || r.str("errors", 0, "location") != "path.item" {
		t.Errorf("replay again: %s", r.raw)
	}
	h.command(desk.ChannelID(id).Stream(), &deskpb.QuarantineItem{Item: &deskpb.ItemQuarantined{Item: "uid:1:2/3", Cause: "no date", Summary: "from x"}})
	q := ada.must(200, "GET", "/channels/"+id+"/quarantine", nil)
	if q.len("items") != 1 || q.str("items", 0, "cause") != "no date" || q.get("items", 0, "can_replay") != false {
		t.Errorf("quarantine: %s", q.raw)
	}
	ada.must(204, "POST", "/channels/"+id+"/quarantine/uid:1:2%2F3/discard", nil)
	if q := ada.must(200, "GET", "/channels/"+id+"/quarantine", nil); q.len("items") != 0 {
		t.Errorf("quarantine: %s", q.raw)
	}
	ben := ada.colleague("Ben")
	for _, c := range [][2]string{{"POST", "/channels"}, {"PATCH", "/channels/" + id}, {"PUT", "/channels/" + id + "/on"}, {"POST", "/channels/" + id + "/check"}, {"POST", "/channels/check"}, {"POST", "/channels/" + id + "/quarantine/x/replay"}, {"POST", "/agents"}, {"PATCH", "/agents/" + ada.agent}, {"POST", "/teams"}} {
		if a := ben.do(c[0], c[1], map[string]any{}); a.status != 403 || a.str("code") != "denied" {
			t.Errorf("%v as an agent: %d %s", c, a.status, a.raw)
		}
	}

	h.engine.handlers[desk.ChannelID(id)] = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte(r.Method + " " + r.URL.Path)) })
	if a := h.browser().do("POST", "//channels/"+id+"/hook/x", nil, func(r *http.Request) { r.Header.Set("Origin", "https://else.example") }); a.raw != "POST /hook/x" {
		t.Errorf("webhook: %d %q", a.status, a.raw)
	}
	if a := h.browser().do("GET", "//channels/ch_none/", nil); a.status != 404 {
		t.Errorf("no channel: %d", a.status)
	}
}

func TestWorkspaceAndOperators(t *testing.T) {
	t.Parallel()
	h := open(t)
	b := h.browser()
	for _, c := range []struct{ path, body, cache string }{
		{"//", "<!doctype html>workspace", "no-cache"},
		{"//tickets/cv_1", "<!doctype html>workspace", "no-cache"},
		{"//setup?token=x", "<!doctype html>workspace", "no-cache"},
		{"//assets/app-abc123.js", "go()", "public, max-age=31536000, immutable"},
	} {
		a := b.must(200, "GET", c.path, nil)
		if a.raw != c.body || a.header.Get("Cache-Control") != c.cache {
			t.Errorf("%s: %q, %v", c.path, a.raw, a.header)
		}
		if csp := a.header.Get("Content-Security-Policy"); !strings.Contains(csp, "script-src 'self'") || !strings.Contains(csp, "frame-ancestors 'none'") {
			t.Errorf("%s: policy %q", c.path, csp)
		}
	}
	for _, path := range []string{"//assets/gone.js", "//assets/gone", "//assets/", "//assets/%2e%2e%2f", "//assets/%2e%2e%2findex.html", "//x/%2e%2e%2fassets/gone", "//favicon.ico", "//assets/../../server.go"} {
		if a := b.do("GET", path, nil); a.status != 404 {
			t.Errorf("%s: %d", path, a.status)
		}
	}
	b.must(200, "GET", "//healthz", nil)
	b.must(200, "GET", "//readyz", nil)
	h.engine.notReady = errors.New("disk full")
	if a := b.must(503, "GET", "//readyz", nil); strings.Contains(a.raw, "disk") {
		t.Errorf("readyz tells strangers: %q", a.raw)
	}
	h.engine.notReady = desk.Refuse(desk.Unavailable, "", "catching up")
	if a := b.must(503, "GET", "//readyz", nil); a.raw != "not ready: catching up\n" {
		t.Errorf("readyz says %q", a.raw)
	}
	if a := b.must(200, "GET", "//metrics", nil); !strings.Contains(a.raw, `centralita_http_request_seconds_count{method="GET",route="GET /healthz",status="200"} 1`) {
		t.Errorf("metrics: %s", a.raw)
	}
	if strings.Contains(h.log.String(), "token=x") {
		t.Error("a query is in the log")
	}
}

// TestTheDescription: every route of the table is described, and the page needs nothing from elsewhere.
func TestTheDescription(t *testing.T) {
	t.Parallel()
	h := open(t)
	b := h.browser()
	doc := b.must(200, "GET", "/openapi.json", nil)
	if doc.str("openapi") != "3.1.0" || doc.str("servers", 0, "url") != "/api/v1" {
		t.Errorf("head: %v", doc.get("info"))
	}
	yaml := b.must(200, "GET", "/openapi.yaml", nil)
	page := b.must(200, "GET", "/docs", nil)
	for path, item := range doc.get("paths").(map[string]any) {
		for method, op := range item.(map[string]any) {
			o := op.(map[string]any)
			if o["summary"] == "" || o["operationId"] == "" || o["responses"].(map[string]any)["default"] == nil {
				t.Errorf("%s %s: %v", method, path, o)
			}
			if !strings.Contains(page.raw, "</span> "+path+"</code>") || !strings.Contains(yaml.raw, path) {
				t.Errorf("%s %s is not on the page", method, path)
			}
		}
	}
	for _, elsewhere := range []string{"<script", "src=", "https://", "http://", "@import", "<link"} {
		if strings.Contains(page.raw, elsewhere) {
			t.Errorf("the page has %q", elsewhere)
		}
	}
	for _, name := range []string{"Problem", "Ticket", "Item", "Agent", "Channel"} {
		doc.get("components", "schemas", name, "properties").(map[string]any)["x"] = nil
	}
	if _, is := doc.get("components", "schemas").(map[string]any)["ErrorModel"]; is || strings.Contains(doc.raw, "ErrorModel") {
		t.Error("huma's error is described beside ours")
	}
	if doc.str("components", "schemas", "Ticket", "properties", "owner", "anyOf", 1, "type") != "null" {
		t.Error("an owner that may be null is not described so")
	}
}
