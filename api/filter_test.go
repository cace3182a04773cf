package api_test

import (
	"fmt"
	"net/url"
	"testing"

	"github.com/centralita/centralita/proto/deskpb"
)

func TestListsByFilter(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	ben := ada.limited("Ben", "own")
	for i := range 9 {
		id := h.receive(fmt.Sprint("c", i), 1, "Hello")
		if i%3 == 0 {
			h.assign(id, ben.agent)
		}
		if i >= 6 {
			ada.must(200, "PUT", "/conversations/"+string(id)+"/priority", map[string]any{"priority": "urgent"})
		}
		if i == 8 {
			h.command(id.Stream(), &deskpb.SetTicketStatus{Status: deskpb.TicketStatus_TICKET_STATUS_CLOSED})
		}
	}
	subjects := func(b *browser, query string) (all []string) {
		a := b.must(200, "GET", "/tickets?"+query, nil)
		for i := range a.len("tickets") {
			all = append(all, a.str("tickets", i, "subject"))
		}
		return all
	}
	filter := func(text string) string { return "filter=" + url.QueryEscape(text) }
	for _, c := range []struct {
		who   *browser
		query string
		want  []string
	}{
		{ada, filter(`{"priority":["urgent"]}`), []string{"About c8", "About c7", "About c6"}},
		{ada, filter(`{"priority":["urgent"],"status":["open"]}`) + "&sort=number&order=asc", []string{"About c6", "About c7"}},
		{ada, filter(`{"text":"ABOUT C5"}`), []string{"About c5"}},
		{ada, "view=mine&sort=opened", nil},
		{ben, filter(`{"priority":["urgent"]}`), []string{"About c6"}},
		{ben, "view=mine&sort=opened&order=asc", []string{"About c0", "About c3", "About c6"}},
		{ben, "view=waiting&limit=2", []string{"About c6", "About c3"}},
	} {
		if got := subjects(c.who, c.query); fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%s: %v, want %v", c.query, got, c.want)
		}
	}
	body := map[string]any{"filters": []any{map[string]any{"priority": []string{"urgent"}}, map[string]any{"owner": []string{"me"}}, map[string]any{}}}
	for who, want := range map[*browser][3]float64{ada: {3, 0, 9}, ben: {1, 3, 3}} {
		a := who.must(200, "POST", "/tickets/counts", body)
		if got := [3]float64{a.num("counts", 0, "count"), a.num("counts", 1, "count"), a.num("counts", 2, "count")}; got != want {
			t.Errorf("%v, want %v", got, want)
		}
	}
	ada.must(422, "GET", "/tickets?sort=colour", nil)
	for _, text := range []string{`{"status":["gone"]}`, `{`, `{"colour":1}`} {
		if a := ada.do("GET", "/tickets?"+filter(text), nil); a.status < 400 || a.status >= 500 {
			t.Errorf("%s: %d %s", text, a.status, a.raw)
		}
	}
	ada.must(422, "POST", "/tickets/counts", map[string]any{"filters": []any{map[string]any{"status": []string{"gone"}}}})
}

// An agent keeps views of their own, which nobody else sees; shared ones are kept by administrators and supervisors.
func TestWhoKeepsViews(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	ben, cy := ada.colleague("Ben"), ada.colleague("Cy")
	own := map[string]any{"name": "Mine alone", "filter": `{"priority":["urgent"]}`, "owner": ben.agent}
	id := ben.must(201, "POST", "/views", own).str("item", "id")
	if n := ben.must(200, "GET", "/views", nil).len("items"); n != 1 {
		t.Errorf("Ben has %d views", n)
	}
	if n := ada.must(200, "GET", "/views", nil).len("items"); n != 0 {
		t.Errorf("Ada sees %d views of Ben's", n)
	}
	cy.must(404, "PUT", "/views/"+id, own)
	cy.must(404, "DELETE", "/views/"+id, nil)
	shared := map[string]any{"name": "For all", "filter": "{}", "sort": "waiting", "layout": "board", "group": "owner"}
	ben.must(403, "POST", "/views", shared)
	ada.must(200, "PATCH", "/agents/"+cy.agent, map[string]any{"role": "supervisor"})
	for _, who := range []*browser{cy, ada} {
		shared["name"] = "For all, by " + who.agent
		ids := who.must(201, "POST", "/views", shared).str("item", "id")
		who.must(200, "PUT", "/views/"+ids, shared)
	}
	cy.must(403, "POST", "/tags", map[string]any{"name": "Not a supervisor's"})
	if n := ben.must(200, "GET", "/views", nil).len("items"); n != 3 {
		t.Errorf("Ben has %d views", n)
	}
	ben.must(422, "PUT", "/views/"+id, map[string]any{"name": "Mine alone", "filter": `{"status":["gone"]}`, "owner": ben.agent})
}
