package api_test

import (
	"encoding/csv"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/centralita/centralita/api"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence/reports"
	"github.com/centralita/centralita/proto/deskpb"
)

// counted are reports that are opened when their store is there.
type counted struct {
	t *testing.T
	*reports.Reports
}

func (c *counted) catchUp() {
	c.t.Helper()
	if err := c.CatchUp(c.t.Context()); err != nil {
		c.t.Fatal(err)
	}
}

func openCounting(t *testing.T) (*house, *counted) {
	t.Helper()
	c := &counted{t: t}
	h := open(t, func(o *api.Options) { o.Reports = c })
	var err error
	if c.Reports, err = reports.Open(h.engine.Store, reports.Options{}); err != nil {
		t.Fatal(err)
	}
	return h, c
}

func TestReportsOverREST(t *testing.T) {
	t.Parallel()
	h, c := openCounting(t)
	ada := h.admin()
	h.command(desk.AgentID(ada.agent).Stream(), &deskpb.ChangeAgent{Agent: &deskpb.AgentChanged{Name: "=cmd|' /C calc'!A0", Role: deskpb.Role_ROLE_ADMINISTRATOR}})
	id := h.receive("anna", 1, "Hello")
	h.receive("bob", 1, "Hello")
	ada.must(200, "POST", "/conversations/"+string(id)+"/replies", map[string]any{"message_id": "m1", "text": "Good morning", "close": true})
	c.catchUp()

	now := ada.must(200, "GET", "/reports/now", nil)
	if now.num("open") != 1 || now.num("waiting") != 1 || now.str("oldest_waiting") == "" || now.len("agents") != 1 || now.num("behind") != 0 {
		t.Error(now.raw)
	}
	r := ada.must(200, "GET", "/reports/overview?by=hour&zone=Europe/Madrid", nil)
	if r.num("total", "opened") != 2 || r.num("total", "closed") != 1 || r.num("total", "in") != 2 || r.num("total", "out") != 1 || r.num("total", "backlog") != 1 ||
		r.num("total", "first_reply", "count") != 1 || r.num("total", "resolution", "count") != 1 || r.len("steps") < 168 {
		t.Error(r.raw)
	}
	if one := ada.must(200, "GET", "/reports/overview?agent=ag_nobody", nil); one.num("total", "opened") != 0 {
		t.Error(one.raw)
	}
	res := ada.request("GET", "/reports/overview.csv?table=agents", nil)
	defer res.Body.Close()
	rows, err := csv.NewReader(res.Body).ReadAll()
	if err != nil || res.StatusCode != 200 || len(rows) < 2 || len(rows[0]) != 12 || !strings.Contains(res.Header.Get("Content-Disposition"), "centralita-agents-") {
		t.Fatalf("%d %v %v", res.StatusCode, rows, err)
	}
	guarded := false
	for _, row := range rows {
		guarded = guarded || row[0] == "'=cmd|' /C calc'!A0"
		if strings.HasPrefix(row[0], "=") {
			t.Errorf("a formula: %q", row[0])
		}
	}
	if !guarded {
		t.Errorf("the agent is not in it: %v", rows)
	}
}

func TestBadReportQueries(t *testing.T) {
	t.Parallel()
	h, _ := openCounting(t)
	ada := h.admin()
	for query, where := range map[string]string{
		"by=year": "query.by", "zone=Mars": "query.zone", "zone=Local": "query.zone", "from=soon": "query.from", "to=0001-01-01": "query.to",
		"from=2026-11-02&to=2026-11-01": "query.to", "by=hour&from=2020-01-01": "query.by",
	} {
		if got := ada.must(422, "GET", "/reports/overview?"+query, nil); got.str("errors", 0, "location") != where {
			t.Errorf("%s: %s", query, got.raw)
		}
	}
	ada.must(422, "GET", "/reports/overview.csv?table=secrets", nil)
	ada.must(422, "GET", "/reports/overview.csv?zone="+url.QueryEscape("../../etc/passwd"), nil)
}

func TestReportsAreForSupervisors(t *testing.T) {
	t.Parallel()
	h, c := openCounting(t)
	ada := h.admin()
	ben := ada.colleague("Ben")
	c.catchUp()
	for _, path := range []string{"/reports/now", "/reports/overview", "/reports/overview.csv"} {
		ben.must(403, "GET", path, nil)
		h.browser().must(401, "GET", path, nil)
	}
	ada.must(200, "PATCH", "/agents/"+ben.agent, map[string]any{"role": "supervisor"})
	ben.must(200, "GET", "/reports/now", nil)
	today := time.Now().UTC().Format(time.DateOnly)
	if got := ben.must(200, "GET", "/reports/overview?from="+today+"&to="+today, nil); got.len("steps") != 1 {
		t.Error(got.raw)
	}
}
