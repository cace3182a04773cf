package main

import (
	"bytes"
	"strings"
	"testing"
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
		{[]string{"serve", "--log-level", "loud"}, exitFault, "log_level"},
	} {
		code, _, errs := outcome(t, c.args...)
		if code != c.code || !strings.Contains(errs, c.want) {
			t.Errorf("%v: %d %q, want %d %q", c.args, code, errs, c.code, c.want)
		}
	}
}
