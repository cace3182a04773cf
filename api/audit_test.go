package api_test

import (
	"encoding/csv"
	"io"
	"strings"
	"testing"
	"time"
)

func TestAudit(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	ben := ada.colleague("Ben")
	ada.must(200, "PATCH", "/agents/"+ben.agent, map[string]any{"capacity": 7, "name": "=Ben"})
	ch := ada.must(201, "POST", "/channels", map[string]any{"kind": "email", "name": "Support", "config": map[string]any{"address": "help@example.com", "host": "old.example.com"}, "secrets": map[string]any{"password": "hush-hush"}}).str("channel", "id")
	ada.must(200, "PATCH", "/channels/"+ch, map[string]any{"name": "Help", "secrets": map[string]any{"password": "hush-hush-2"}})
	tag := ada.must(201, "POST", "/tags", map[string]any{"name": "Refund", "colour": "red"}).str("item", "id")
	ada.must(200, "PUT", "/tags/"+tag, map[string]any{"name": "Refund", "colour": "teal"})
	ben.must(201, "POST", "/snippets", map[string]any{"name": "Mine", "text": "for me alone", "owner": ben.agent})
	h.receive("lamp", 1, "a customer's words")

	all := ada.must(200, "GET", "/audit?limit=500", nil)
	if strings.Contains(all.raw, "hush") || strings.Contains(all.raw, "argon2") || strings.Contains(all.raw, "for me alone") || strings.Contains(all.raw, "customer's words") {
		t.Errorf("something that is nobody's business: %s", all.raw)
	}
	if all.str("entries", 0, "kind") != "setting_saved" || all.str("entries", 0, "name") != "Refund" || all.len("entries", 0, "changes") != 1 ||
		all.str("entries", 0, "changes", 0, "before") != "red" || all.str("entries", 0, "changes", 0, "after") != "teal" || all.str("entries", 0, "by", "name") != "Ada Admin" {
		t.Errorf("%s", all.raw)
	}
	for query, want := range map[string]string{
		"noun=agent&kind=agent_changed": `"field":"capacity","before":"","after":"7"`,
		"noun=channel&limit=1":          `"field":"secrets"`,
		"who=" + ben.agent:              `"kind":"session_opened"`,
	} {
		if a := ada.must(200, "GET", "/audit?"+query, nil); !strings.Contains(a.raw, want) {
			t.Errorf("%s: no %s in %s", query, want, a.raw)
		}
	}
	first := ada.must(200, "GET", "/audit?limit=3", nil)
	second := ada.must(200, "GET", "/audit?limit=3&cursor="+first.str("next"), nil)
	if second.num("entries", 0, "position") != all.num("entries", 3, "position") {
		t.Errorf("the second page begins with %s", second.raw)
	}
	future := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	if n := ada.must(200, "GET", "/audit?from="+future, nil).len("entries"); n != 0 {
		t.Errorf("%d lines of the future", n)
	}
	if n := ada.must(200, "GET", "/audit?limit=500&to="+future, nil).len("entries"); n != all.len("entries") {
		t.Errorf("%d lines of the past", n)
	}
	ada.must(422, "GET", "/audit?cursor=zz", nil)
	ben.must(403, "GET", "/audit", nil)
	ben.must(403, "GET", "/audit.csv", nil)
}

func TestAuditAsCSV(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	ben := ada.colleague("Ben")
	ada.must(200, "PATCH", "/agents/"+ben.agent, map[string]any{"name": "=cmd()"})
	resp := ada.request("GET", "/audit.csv?kind=agent_changed", nil)
	defer resp.Body.Close()
	rows, err := csv.NewReader(resp.Body).ReadAll()
	if err != nil || len(rows) != 2 || rows[1][6] != "'=cmd()" || !strings.Contains(rows[1][7], "name: Ben → =cmd()") {
		t.Errorf("%q, %v", rows, err)
	}
	bad := ada.request("GET", "/audit.csv?from=yesterday", nil)
	defer bad.Body.Close()
	if raw, _ := io.ReadAll(bad.Body); bad.StatusCode != 422 {
		t.Errorf("%d %s", bad.StatusCode, raw)
	}
}
