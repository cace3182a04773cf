package centralita_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the results of bench/results into docs/performance.md")

const performancePage = "docs/performance.md"

var resultsSection = regexp.MustCompile(`(?s)(<!-- results: [^>]*-->\n).*(<!-- end of results -->)`)

// TestPerformancePageShowsTheResults: the table in the page is made of the figures that are committed.
func TestPerformancePageShowsTheResults(t *testing.T) {
	page, err := os.ReadFile(performancePage)
	if err != nil {
		t.Fatalf("read the page: %v", err)
	}
	if !resultsSection.Match(page) {
		t.Fatalf("%s has no place for results", performancePage)
	}
	want := resultsSection.ReplaceAllString(string(page), "${1}"+strings.ReplaceAll(resultTables(t), "$", "$$")+"${2}")
	switch {
	case want == string(page):
	case *update:
		if err := os.WriteFile(performancePage, []byte(want), 0o644); err != nil {
			t.Fatalf("write the page: %v", err)
		}
	default:
		t.Errorf("%s does not show what bench/results holds: go test . -run TestPerformancePage -update", performancePage)
	}
}

// resultTables makes a table of each file of results, with the machine it was taken on.
func resultTables(t *testing.T) string {
	t.Helper()
	names, err := filepath.Glob("bench/results/*.json")
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	machines := ""
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatalf("read the results: %v", err)
		}
		var r struct {
			CPU, Memory, Disk, System, Go, Taken string
			Cores                                int
			Figures                              []struct {
				Bench, Figure, Unit string
				Value               float64
				Limit, Ratio        *float64
			}
		}
		if err := json.Unmarshal(text, &r); err != nil {
			t.Fatalf("read %s: %v", name, err)
		}
		machine := fmt.Sprintf("%s, %d cores, %s; disk: %s; %s, %s; %s", r.CPU, r.Cores, r.Memory, r.Disk, r.System, r.Go, r.Taken)
		if machine != machines {
			fmt.Fprintf(&b, "\n%s\n\n| bench | figure | value | limit | ratio |\n| --- | --- | ---: | ---: | ---: |\n", machine)
			machines = machine
		}
		for _, f := range r.Figures {
			fmt.Fprintf(&b, "| %s | %s | %v %s | %s | %s |\n", f.Bench, strings.ReplaceAll(f.Figure, "_", " "), f.Value, f.Unit, number(f.Limit), number(f.Ratio))
		}
	}
	if b.Len() > 0 {
		b.WriteByte('\n')
	}
	return b.String()
}

func number(x *float64) string {
	if x == nil {
		return ""
	}
	return fmt.Sprint(*x)
}
