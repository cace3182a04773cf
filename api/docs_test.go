package api_test

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// The page names every route there is, with who may use it, and none that is not.
func TestThePageNamesEveryRoute(t *testing.T) {
	t.Parallel()
	h := open(t)
	var doc struct {
		Paths map[string]map[string]struct {
			Description string
			Security    []any
		}
	}
	if err := json.Unmarshal([]byte(h.browser().must(200, "GET", "/openapi.json", nil).raw), &doc); err != nil {
		t.Fatal(err)
	}
	order := []string{"get", "post", "put", "patch", "delete"}
	var want []string
	for _, path := range slices.Sorted(maps.Keys(doc.Paths)) {
		var methods []string
		for _, m := range order {
			o, there := doc.Paths[path][m]
			if !there {
				continue
			}
			word := strings.ToUpper(m)
			switch {
			case strings.Contains(o.Description, "supervisors and administrators"):
				word += " (supervisors)"
			case strings.Contains(o.Description, "administrators"):
				word += " (administrators)"
			case len(o.Security) == 0:
				word += " (anyone)"
			}
			methods = append(methods, word)
		}
		want = append(want, "| `"+path+"` | "+strings.Join(methods, ", ")+" |")
	}
	page, err := os.ReadFile("../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(page), "## All routes\n")
	table, _, _ = strings.Cut(table, "\n## ")
	var got []string
	for line := range strings.Lines(table) {
		if strings.HasPrefix(line, "| `") {
			got = append(got, strings.TrimSpace(line))
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("the table of docs/api.md is to be:\n%s", strings.Join(want, "\n"))
	}
}
