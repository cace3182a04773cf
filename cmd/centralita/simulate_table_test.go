package main

import (
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/centralita/centralita/internal/simulate"
)

// committed is what stands between the marks of docs/routing.md.
func committed(t *testing.T) string {
	t.Helper()
	page, err := os.ReadFile("../../docs/routing.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, begins := strings.Cut(string(page), "<!-- simulate routing --table: begin -->\n")
	text, _, ends := strings.Cut(rest, "<!-- simulate routing --table: end -->")
	if !begins || !ends {
		t.Fatal("docs/routing.md has no marks of the tables")
	}
	return text
}

// rows are the lines of all tables, by their cells; headers too.
func rows(text string) (all [][]string) {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "| ") {
			cells := strings.Split(strings.Trim(line, "|"), "|")
			for i, c := range cells {
				cells[i] = strings.TrimSpace(c)
			}
			all = append(all, cells)
		}
	}
	return all
}

// The tables of the page have the rows, columns and formulas that the command prints: a short run has the same. What a long run saw of waits is
// held against theory, and the agents who are not alike are played again, to the digit.
func TestTheTablesOfThePage(t *testing.T) {
	t.Parallel()
	var out, errs strings.Builder
	p := program{out: &out, err: &errs, getenv: func(string) string { return "" }}
	if code := run(t.Context(), p, []string{"simulate", "routing", "--table", "--tickets", "400"}); code != exitDone {
		t.Fatalf("code %d: %s", code, errs.String())
	}
	page := committed(t)
	got, want := rows(page), rows(out.String())
	if len(got) != len(want) || len(want) < 60 {
		t.Fatalf("the page has %d rows, the command prints %d", len(got), len(want))
	}
	held := map[string]int{}
	for i, w := range want {
		g := got[i]
		formula, header := strings.HasPrefix(w[1], "Erlang"), w[0] == "load"
		if len(g) != len(w) || g[0] != w[0] || g[1] != w[1] || (formula || header) && strings.Join(g, "|") != strings.Join(w, "|") {
			t.Errorf("the page says\n%s\nthe command\n%s", strings.Join(g, " | "), strings.Join(w, " | "))
			continue
		}
		if off, ok := strings.CutSuffix(g[3], " %"); ok && len(g) == 9 && (g[1] == "`least_loaded`" || g[1] == "`longest_idle`") {
			held[g[0]]++
			if n, err := strconv.ParseFloat(off, 64); err != nil || math.Abs(n) > 3 {
				t.Errorf("more than 3 %% from theory: %v", g)
			}
		}
	}
	for _, load := range []string{"70 %", "85 %", "95 %"} {
		if held[load] != 4 { // two ways, without and with patience
			t.Errorf("%s: %d rows are held against theory", load, held[load])
		}
	}
	out.Reset()
	if err := simulate.Uneven(&out, simulate.Options{Tickets: 10_000, Warmup: 1000, Seed: 1}); err != nil || !strings.Contains(page, out.String()) {
		t.Errorf("%v: run `go run ./cmd/centralita simulate routing --table` and put it into docs/routing.md; agents who are not alike:\n%s", err, out.String())
	}
}

func TestATableDecidesItsLoads(t *testing.T) {
	t.Parallel()
	for _, flag := range []string{"--load=0.5", "--policy=random", "--service=lognormal", "--sigma=2", "--capacity=2", "--curve=x.svg", "--json"} {
		var out, errs strings.Builder
		p := program{out: &out, err: &errs, getenv: func(string) string { return "" }}
		name, _, _ := strings.Cut(flag, "=")
		if code := run(t.Context(), p, []string{"simulate", "routing", "--table", flag}); code != exitUsage || !strings.Contains(errs.String(), name) {
			t.Errorf("%s: code %d, %s", flag, code, errs.String())
		}
	}
}
