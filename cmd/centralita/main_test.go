package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/centralita/centralita/bench"
)

func outcome(t *testing.T, args ...string) (int, string, string) {
	t.Helper()
	var out, errs bytes.Buffer
	code := run(t.Context(), program{strings.NewReader(""), &out, &errs, func(string) string { return "" }}, args)
	return code, out.String(), errs.String()
}

func TestEveryCommandHasHelp(t *testing.T) {
	t.Parallel()
	for _, c := range commands() {
		if c.name == "version" {
			continue
		}
		args := []string{c.name, "--help"}
		code, out, errs := outcome(t, args...)
		if code != exitDone || !strings.Contains(out, "Usage: centralita "+c.name) || errs != "" {
			t.Errorf("%s: %d %q %q", c.name, code, out, errs)
		}
	}
}

// What the help says is so.
func TestHelpIsTrue(t *testing.T) {
	t.Parallel()
	_, all, _ := outcome(t, "help")
	names, _ := bench.Names()
	for _, n := range names {
		if !strings.Contains(all, n) {
			t.Errorf("the help does not name the benchmark %s: %s", n, all)
		}
	}
	_, demo, _ := outcome(t, "demo", "--help")
	if strings.Contains(demo, `default "data"`) || strings.Contains(demo, `default "info"`) {
		t.Errorf("demo keeps nothing in data, and logs warnings only: %s", demo)
	}
}

func TestCommandLineFaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{nil, exitUsage, ""},
		{[]string{"fly"}, exitUsage, `no command "fly"`},
		{[]string{"serve", "--colour", "red"}, exitUsage, "colour"},
		{[]string{"serve", "now"}, exitUsage, `"now"`},
		{[]string{"backup"}, exitUsage, "FILE"},
		{[]string{"serve", "--address", "nowhere"}, exitFault, "address"},
		{[]string{"restore", "--data", "/tmp", "/there/is/no/file"}, exitFault, "no such file"},
		{[]string{"serve", "--data="}, exitUsage, "--data is empty: give a directory, or leave it out"},
		{[]string{"backup", "--data", "", "x"}, exitUsage, "--data is empty"},
		{[]string{"serve", "--address="}, exitUsage, "--address is empty: give a host:port"},
		{[]string{"serve", "--log-level", "loud"}, exitFault, "log_level"},
	} {
		code, _, errs := outcome(t, c.args...)
		if code != c.code || !strings.Contains(errs, c.want) {
			t.Errorf("%v: %d %q, want %d %q", c.args, code, errs, c.code, c.want)
		}
	}
}
