package api_test

import (
	"strings"
	"testing"

	"github.com/centralita/centralita/proto/deskpb"
)

type m = map[string]any

func TestSettings(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	ben := ada.colleague("Ben")

	tag := ada.must(201, "POST", "/tags", m{"name": "Refund", "colour": "red"})
	id := tag.str("item", "id")
	if !strings.HasPrefix(id, "tg_") || tag.str("item", "colour") != "red" || tag.str("item", "changed_by") != ada.agent {
		t.Fatalf("tag: %s", tag.raw)
	}
	for name, c := range map[string]struct {
		b            *browser
		method, path string
		body         any
		status       int
		place        string
	}{
		"a name twice":          {ada, "POST", "/tags", m{"name": "refund"}, 409, "body.name"},
		"of an agent":           {ben, "POST", "/tags", m{"name": "Other"}, 403, ""},
		"no name":               {ada, "POST", "/tags", m{"name": " "}, 422, "body.name"},
		"no colour of ours":     {ada, "POST", "/tags", m{"name": "X", "colour": "#fff"}, 422, "body.colour"},
		"an odd id":             {ada, "POST", "/tags", m{"name": "X", "id": "A B"}, 422, "body.id"},
		"no such":               {ada, "PUT", "/tags/tg_none", m{"name": "X"}, 404, ""},
		"of another kind":       {ada, "DELETE", "/skills/" + id, nil, 404, ""},
		"changed by an agent":   {ben, "PUT", "/tags/" + id, m{"name": "X"}, 403, ""},
		"a foreign own":         {ada, "POST", "/snippets", m{"name": "X", "text": "x", "owner": ben.agent}, 422, "body.owner"},
		"everybody's":           {ben, "POST", "/snippets", m{"name": "X", "text": "x"}, 403, "body.owner"},
		"a team that is not":    {ada, "POST", "/snippets", m{"name": "X", "text": "x", "teams": []any{"tm_none"}}, 422, "body.teams[0]"},
		"a tag that is not":     {ada, "POST", "/macros", m{"name": "X", "add_tags": []any{"tg_none"}}, 422, "body.add_tags[0]"},
		"an agent that is not":  {ada, "POST", "/macros", m{"name": "X", "assign": "ag_none"}, 422, "body.assign"},
		"a stage without end":   {ada, "POST", "/pipelines", m{"name": "X", "stages": []any{m{"id": "a", "name": "A", "status": "new"}}}, 422, "body.stages"},
		"a property of no kind": {ada, "POST", "/properties", m{"name": "x", "label": "X", "of": "ticket", "kind": "colour"}, 422, "body.kind"},
	} {
		a := c.b.do(c.method, c.path, c.body)
		if a.status != c.status || c.place != "" && a.str("errors", 0, "location") != c.place {
			t.Errorf("%s: %d %s", name, a.status, a.raw)
		}
	}

	// The same id and content again is the same; another content is not.
	mine := m{"id": "sk_mine", "name": "Spanish", "kind": "language"}
	ada.must(201, "POST", "/skills", mine)
	ada.must(201, "POST", "/skills", mine)
	if a := ada.do("POST", "/skills", m{"id": "sk_mine", "name": "Basque", "kind": "language"}); a.status != 409 || a.str("errors", 0, "location") != "body.id" {
		t.Errorf("another of the same id: %d %s", a.status, a.raw)
	}

	skilled := ada.must(200, "PATCH", "/agents/"+ben.agent, m{"skills": []any{"sk_mine"}})
	if skilled.str("agent", "skills", 0) != "sk_mine" || ada.must(200, "PATCH", "/agents/"+ben.agent, m{"capacity": 3}).len("agent", "skills") != 1 {
		t.Errorf("skilled: %s", skilled.raw)
	}
	if a := ada.do("PATCH", "/agents/"+ben.agent, m{"skills": []any{"sk_none"}}); a.status != 422 || a.str("errors", 0, "location") != "body.skills[0]" {
		t.Errorf("a skill that is not: %s", a.raw)
	}
	if a := ada.must(200, "PATCH", "/agents/"+ben.agent, m{"skills": []any{}}); a.len("agent", "skills") != 0 {
		t.Errorf("skills taken away: %s", a.raw)
	}

	// Removed is gone from the list, and comes back by saving it.
	ada.must(204, "DELETE", "/tags/"+id, nil)
	if l := ben.must(200, "GET", "/tags", nil); l.len("items") != 0 {
		t.Errorf("after removing: %s", l.raw)
	}
	if l := ben.must(200, "GET", "/tags?removed=true", nil); l.get("items", 0, "removed") != true {
		t.Errorf("with the removed: %s", l.raw)
	}
	ada.must(200, "PUT", "/tags/"+id, m{"name": "Refund", "colour": "teal"})
	if l := ben.must(200, "GET", "/tags", nil); l.str("items", 0, "colour") != "teal" {
		t.Errorf("brought back: %s", l.raw)
	}
}

func TestOnesOwnSettings(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	ben := ada.colleague("Ben")
	shared := ada.must(201, "POST", "/snippets", m{"name": "Hello", "text": "Hello {{contact.name}}", "html": "<p>Hello<script>x</script></p>", "shortcut": "hi"})
	if html := shared.str("item", "html"); strings.Contains(html, "script") {
		t.Errorf("kept as sent: %q", html)
	}
	own := ben.must(201, "POST", "/snippets", m{"name": "Hello", "text": "Mine", "owner": ben.agent}).str("item", "id")
	if l := ben.must(200, "GET", "/snippets", nil); l.len("items") != 2 {
		t.Errorf("Ben sees %s", l.raw)
	}
	if l := ada.must(200, "GET", "/snippets", nil); l.len("items") != 1 {
		t.Errorf("Ada sees %s", l.raw)
	}
	if all := ada.must(200, "GET", "/settings", nil); all.len("kinds", "snippet") != 1 || all.len("kinds", "tag") != 0 {
		t.Errorf("all kinds: %s", all.raw)
	}
	if a := ada.do("DELETE", "/snippets/"+own, nil); a.status != 404 {
		t.Errorf("Ada removed Ben's: %d %s", a.status, a.raw)
	}
	if a := ben.do("DELETE", "/snippets/"+shared.str("item", "id"), nil); a.status != 403 {
		t.Errorf("Ben removed everybody's: %d %s", a.status, a.raw)
	}
	ben.must(200, "PUT", "/snippets/"+own, m{"name": "Hello", "text": "Mine, too", "owner": ben.agent})
	ben.must(204, "DELETE", "/snippets/"+own, nil)
}

func TestOneDefaultPipeline(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	stages := []any{m{"id": "a", "name": "New", "status": "new"}, m{"id": "b", "name": "Done", "status": "closed"}}
	first := ada.must(201, "POST", "/pipelines", m{"name": "Support", "default": true, "stages": stages}).str("item", "id")
	ada.must(201, "POST", "/pipelines", m{"name": "Sales", "default": true, "stages": stages})
	for i := range 2 {
		l := ada.must(200, "GET", "/pipelines", nil)
		if is := l.get("items", i, "default"); is != (l.str("items", i, "id") != first) {
			t.Errorf("default: %s", l.raw)
		}
	}
}

// TestSettingsReachEveryScreen: an agent's own is named only, everybody's comes whole; a screen that was away gets it, too.
func TestSettingsReachEveryScreen(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	ben := ada.colleague("Ben")
	s := ben.screen().hello()
	heard := func() *deskpb.SettingChangedFrame {
		t.Helper()
		return s.until("a setting", func(f *deskpb.ServerFrame) bool { return f.GetSetting() != nil }).GetSetting()
	}
	ada.must(201, "POST", "/tags", m{"id": "tg_x", "name": "Refund", "colour": "red"})
	if f := heard(); f.Setting.Value.GetTag().GetName() != "Refund" || f.Partial {
		t.Errorf("a tag: %v", f)
	}
	ada.must(201, "POST", "/snippets", m{"id": "sn_x", "name": "Secret", "text": "for me", "owner": ada.agent})
	if f := heard(); f.Setting.Value != nil || !f.Partial || f.Setting.Owner != ada.agent || f.Setting.Kind != "snippet" {
		t.Errorf("Ada's own: %v", f)
	}
	_ = s.ws.Close()
	ada.must(204, "DELETE", "/tags/tg_x", nil)
	s.hello()
	s.subscribe()
	for f := heard(); f.Setting.Setting != "tg_x"; f = heard() {
		if f.Setting.Value != nil {
			t.Errorf("a missed frame of Ada's own: %v", f)
		}
	}
}

// A new desk has the languages that are told apart as skills; they are settings as any other, and not made again.
func TestANewDeskHasLanguages(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	had := ada.must(200, "GET", "/skills", nil)
	names := map[string]bool{}
	for i := range had.len("items") {
		if had.str("items", i, "kind") != "language" {
			t.Errorf("%s", had.raw)
		}
		names[had.str("items", i, "name")] = true
	}
	if len(names) != 9 || !names["English"] || !names["Español"] || !names["Polski"] {
		t.Fatalf("languages: %s", had.raw)
	}
	ada.must(200, "PUT", "/skills/sk_pl", m{"name": "Polish", "kind": "language"})
	ada.must(204, "DELETE", "/skills/sk_nl", nil)
	ada.colleague("Ben")
	if left := ada.must(200, "GET", "/skills", nil); left.len("items") != 8 {
		t.Errorf("one was removed: %s", left.raw)
	}
}
