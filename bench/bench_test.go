package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestMain lets the test binary be the helper that a benchmark starts.
func TestMain(m *testing.M) {
	if role := os.Getenv(RoleVariable); role != "" {
		if err := Assist(context.Background(), role, os.Stdin, os.Stdout); err != nil {
			_, _ = io.WriteString(os.Stderr, err.Error()+"\n")
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// figures runs a benchmark as make bench does, small, and reads what it prints.
func figures(t *testing.T, name string, o Options) map[string]Figure {
	t.Helper()
	o.Dir, o.JSON, o.Save = t.TempDir(), true, filepath.Join(t.TempDir(), "results")
	var out bytes.Buffer
	if err := Run(t.Context(), name, o, &out); err != nil {
		t.Fatal(err)
	}
	all := map[string]Figure{}
	for line := range strings.Lines(out.String()) {
		var f Figure
		d := json.NewDecoder(strings.NewReader(line))
		d.DisallowUnknownFields()
		if err := d.Decode(&f); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		check(t, name, f)
		all[f.Name] = f
	}
	checkSaved(t, filepath.Join(o.Save, name+".json"), len(all))
	if left, err := os.ReadDir(o.Dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
	return all
}

func check(t *testing.T, name string, f Figure) {
	t.Helper()
	if f.Bench != name || f.Name == "" || math.IsNaN(f.Value) || math.IsInf(f.Value, 0) {
		t.Errorf("not a figure: %+v", f)
	}
	if (f.Limit == nil) != (f.Ratio == nil) || f.Limit != nil && (*f.Limit <= 0 || *f.Ratio <= 0) {
		t.Errorf("the limit of %s: %v, ratio %v", f.Name, f.Limit, f.Ratio)
	}
}

func checkSaved(t *testing.T, file string, want int) {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var r result
	if err := json.Unmarshal(raw, &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Figures) != want || r.Cores == 0 || r.Go == "" || r.Disk == "" || r.Taken == "" {
		t.Errorf("kept: %s", raw)
	}
}

// need checks that figures are there; a name that begins with = must have a limit.
func need(t *testing.T, got map[string]Figure, names ...string) {
	t.Helper()
	for _, n := range names {
		name, limited := strings.CutPrefix(n, "=")
		f, there := got[name]
		if !there {
			t.Errorf("no figure %s; there are %v", name, got)
		} else if limited && f.Limit == nil || f.Value == 0 {
			t.Errorf("%+v", f)
		}
	}
	if len(got) != len(names) {
		t.Errorf("%d figures, want %d: %v", len(got), len(names), got)
	}
}

const short = 400 * time.Millisecond

func TestIngest(t *testing.T) {
	got := figures(t, "ingest", Options{For: short})
	need(t, got, "resident_idle_empty", "resident_under_ingest", "cpu_later_to_make_searchable", "=messages_per_second_vs_raw_append",
		"=messages_per_second_vs_bare_badger", "=cpu_per_message_vs_bare_badger", "=durable_at_256_in_flight_p99",
		"=durable_at_1000_per_second_p50", "=durable_at_1000_per_second_p99",
		"=durable_at_1000_per_second_vs_bare_badger_p50", "=durable_at_1000_per_second_vs_bare_badger_p99")
	if f := got["messages_per_second_vs_raw_append"]; *f.Ratio >= 1 {
		t.Errorf("faster than the disk: %+v", f)
	}
}

func TestFanout(t *testing.T) {
	got := figures(t, "fanout", Options{For: short, Sockets: 20})
	delete(got, "resident_per_idle_socket") // of so few sockets it may be anything
	need(t, got, "=durable_to_frame_p50", "=durable_to_frame_p99", "=cpu_per_message")
}

func TestChat(t *testing.T) {
	got := figures(t, "chat", Options{For: short, Visitors: 30})
	delete(got, "resident_per_idle_visitor") // of so few visitors it may be anything
	need(t, got, "=visitor_to_agents_p50", "=visitor_to_agents_p99", "=cpu_per_message", "=messages_per_second", "=visitor_to_agents_at_64_in_flight_p99")
}

func TestWake(t *testing.T) {
	got := figures(t, "wake", Options{For: short, Conversations: 20})
	need(t, got, "=no_change_p50", "=no_change_p99", "=note_p50", "=note_p99")
}

func TestRoute(t *testing.T) {
	got := figures(t, "route", Options{For: short, Agents: 5, Crowd: 20})
	need(t, got, "=arrival_to_owner_5_agents_500_per_second_p50", "=arrival_to_owner_5_agents_500_per_second_p99",
		"=assigned_per_second_20_agents", "=decisions_per_second_20_agents_1_teams_100000_waiting", "time_per_decision_2_agents", "time_per_decision_6_agents",
		"time_per_decision_20_agents", "time_per_decision_60_agents", "time_per_decision_200_agents", "growth_of_time_to_growth_of_logarithm")
}

func TestRecover(t *testing.T) {
	got := figures(t, "recover", Options{For: short, Events: 2000, Cache: t.TempDir()})
	need(t, got, "=start_with_2000_events_median", "=start_with_2000_events_worst", "=start_with_200_events_median",
		"=start_with_200_events_worst", "=growth_with_ten_times_the_history")
}

func TestList(t *testing.T) {
	got := figures(t, "list", Options{For: short, Tickets: 300, Cache: t.TempDir()})
	need(t, got, "start_to_first_built_in_list", "start_to_first_filtered_list", "=built_in_p50", "=built_in_p99", "=filtered_p50", "=filtered_p99",
		"=counts_p50", "=counts_p99")
}

func TestUnknown(t *testing.T) {
	err := Run(t.Context(), "speed", Options{Dir: t.TempDir()}, io.Discard)
	if !errors.Is(err, ErrUnknown) || !strings.Contains(err.Error(), "ingest") {
		t.Errorf("got %v", err)
	}
}

func TestProfileLeavesTheLimitsOut(t *testing.T) {
	file := filepath.Join(t.TempDir(), "cpu")
	got := figures(t, "wake", Options{For: short, Conversations: 5, CPUProfile: file})
	need(t, got, "no_change_p50", "no_change_p99", "note_p50", "note_p99")
	if info, err := os.Stat(file); err != nil || info.Size() == 0 {
		t.Errorf("the profile: %v %v", info, err)
	}
}
