package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSimulateRouting(t *testing.T) {
	t.Parallel()
	var out, errs strings.Builder
	p := program{out: &out, err: &errs, getenv: func(string) string { return "" }}
	args := []string{"simulate", "routing", "--agents", "4", "--load", "0.7", "--policy", "least-loaded", "--tickets", "4000"}
	if code := run(t.Context(), p, append(args, "--json")); code != exitDone {
		t.Fatalf("code %d: %s", code, errs.String())
	}
	var r struct {
		MeanWait float64 `json:"mean_wait_service_times"`
		Fairness struct{ Gini *float64 }
		ErlangC  struct {
			Mean float64 `json:"mean_wait_service_times"`
		} `json:"erlang_c"`
		Baselines []struct{ Name string }
	}
	d := json.NewDecoder(strings.NewReader(out.String()))
	if err := d.Decode(&r); err != nil || d.More() {
		t.Fatalf("not one JSON object: %v\n%s", err, out.String())
	}
	if r.MeanWait <= 0 || r.ErlangC.Mean <= 0 || r.Fairness.Gini == nil || len(r.Baselines) != 2 || r.Baselines[0].Name != "timer" {
		t.Errorf("%+v", r)
	}
	file := filepath.Join(t.TempDir(), "curve.svg")
	if code := run(t.Context(), p, append(args, "--curve", file, "--tickets", "400")); code != exitDone {
		t.Fatalf("code %d: %s", code, errs.String())
	}
	if svg, err := os.ReadFile(file); err != nil || !strings.Contains(string(svg), "prefers-color-scheme: dark") || strings.Contains(string(svg), "NaN") {
		t.Errorf("%v\n%s", err, svg)
	}
	for flag, args := range map[string][]string{
		"--policy": {"routing", "--policy", "by-name"}, "--load": {"routing", "--load", "1"}, "--agents": {"routing", "--agents", "0"},
		"--timer": {"routing", "--timer", "0s"}, "simulate routing": {"chess"},
	} {
		errs.Reset()
		if code := run(t.Context(), p, append([]string{"simulate"}, args...)); code != exitUsage || !strings.Contains(errs.String(), flag) {
			t.Errorf("%v: code %d, %s", args, code, errs.String())
		}
	}
}
