package api_test

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"github.com/centralita/centralita/api"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence/search"
	"github.com/centralita/centralita/proto/deskpb"
)

// openSearching opens a house that can search; found brings its index up to date.
func openSearching(t *testing.T) (h *house, found func(b *browser, query string) answer) {
	t.Helper()
	index := &later{}
	h = open(t, func(o *api.Options) { o.Search = index })
	var err error
	if index.Index, err = search.Open(h.engine.Store, search.Options{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := index.Close(); err != nil {
			t.Error(err)
		}
	})
	return h, func(b *browser, query string) answer {
		t.Helper()
		if err := index.CatchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		return b.must(200, "GET", "/search?q="+url.QueryEscape(query), nil)
	}
}

// later is an index that is opened when its store is there.
type later struct{ *search.Index }

func (l *later) Search(ctx context.Context, q desk.SearchQuery) (desk.SearchPage, error) {
	return l.Index.Search(ctx, q)
}

func (l *later) Suggest(ctx context.Context, text string, v *desk.Viewer, limit int) ([]desk.Suggestion, error) {
	return l.Index.Suggest(ctx, text, v, limit)
}

func TestSearchOverREST(t *testing.T) {
	t.Parallel()
	h, find := openSearching(t)
	ada := h.admin()
	id := h.receive("anna", 1, "Hola, la factura no llegó <b>nunca</b>")
	h.receive("bob", 1, "Something else")
	h.command(id.Stream(), &deskpb.AssignConversation{Agent: ada.agent, AgentName: "Ada"})

	got := find(ada, "facturas nunca is:mine")
	if got.len("hits") != 1 || got.num("total") != 1 || got.str("hits", 0, "ticket", "id") != string(id) || got.str("hits", 0, "kind") != "contact" ||
		got.str("hits", 0, "message") == "" {
		t.Fatal(got.raw)
	}
	if !strings.Contains(got.raw, `{"text":"factura","hit":true}`) {
		t.Error(got.raw)
	}
	for query, want := range map[string]int{"status=open": 2, "owner=me": 1, "from=bob": 1, "from=agent": 0, "has=attachment": 0, "after=2020": 2, "before=2020": 0, "q=": 0} {
		if got := ada.must(200, "GET", "/search?"+query, nil); got.len("hits") != want {
			t.Errorf("%s: %s", query, got.raw)
		}
	}
	for query, where := range map[string]string{
		"q=status:bogus": "query.q", "q=owner:nobody_here": "query.q", "q=x&cursor=y": "query.cursor", "q=x&limit=99": "query.limit", "q=after:soon": "query.q",
		"status=bogus": "query.status", "owner=nobody_here": "query.q",
	} {
		if got := ada.must(422, "GET", "/search?"+query, nil); got.str("errors", 0, "location") != where {
			t.Errorf("%s: %s", query, got.raw)
		}
	}
	if got := ada.must(200, "GET", "/search/suggest?q=anna", nil); got.len("suggestions") == 0 || got.str("suggestions", 0, "contact", "name") != "Customer anna" {
		t.Error(got.raw)
	}
	h.browser().must(401, "GET", "/search?q=x", nil)
}

func TestAnAgentLimitedToOwnTicketsFindsOnlyThose(t *testing.T) {
	t.Parallel()
	h, find := openSearching(t)
	ada := h.admin()
	ben := ada.limited("Ben", "own")
	mine := h.receive("anna", 1, "the parcel is lost")
	h.receive("bob", 1, "my parcel is secret")
	h.command(mine.Stream(), &deskpb.AssignConversation{Agent: ben.agent, AgentName: "Ben"})

	if got := find(ada, "parcel"); got.num("total") != 2 {
		t.Error(got.raw)
	}
	if got := find(ben, "parcel"); got.num("total") != 1 || got.len("hits") != 1 || strings.Contains(got.raw, "secret") {
		t.Error(got.raw)
	}
	if got := find(ben, "secret"); got.num("total") != 0 || got.len("hits") != 0 {
		t.Error(got.raw)
	}
	for _, q := range []string{"bob", "%232", "2"} {
		if got := ben.must(200, "GET", "/search/suggest?q="+q, nil); got.len("suggestions") != 0 {
			t.Errorf("%s: %s", q, got.raw)
		}
	}
}

func TestADeskWithoutSearchSaysSo(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	ada.must(503, "GET", "/search?q=x", nil)
	ada.must(503, "GET", "/search/suggest?q=x", nil)
}
