package centralita_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// licences that let anybody link our binary into anything, by words that only they have.
var licences = []struct{ name, words string }{
	{"Apache-2.0", "apache license version 2.0"},
	{"MIT", "permission is hereby granted free of charge to any person obtaining a copy"},
	{"BSD", "redistribution and use in source and binary forms with or without modification are permitted"},
	{"ISC", "permission to use copy modify and/or distribute this software for any purpose with or without fee is hereby granted"},
	{"ISC", "permission to use copy modify and distribute this software for any purpose with or without fee is hereby granted"},
	{"MPL-2.0", "mozilla public license version 2.0"},
	{"Unlicense", "this is free and unencumbered software released into the public domain"},
}

var (
	copyleft    = regexp.MustCompile(`gnu (affero |lesser |library )?general public license|server side public license|business source license`)
	punctuation = regexp.MustCompile(`[\s,*#]+`)
)

// licenceOf names the licence of a text; "" if it is none that we take.
func licenceOf(text string) string {
	text = punctuation.ReplaceAllString(strings.ToLower(text), " ")
	for _, l := range licences {
		if strings.Contains(text, l.words) && (l.name == "MPL-2.0" || !copyleft.MatchString(text)) {
			return l.name // the MPL names the GNU licences as ones it may be combined with
		}
	}
	return ""
}

// licenceOfModule reads the licence file in a module's root.
func licenceOfModule(dir string) string {
	for _, pattern := range []string{"LICEN[SC]E*", "COPYING*", "licen[sc]e*", "UNLICENSE*"} {
		names, _ := filepath.Glob(filepath.Join(dir, pattern))
		for _, name := range names {
			if text, err := os.ReadFile(name); err == nil {
				if l := licenceOf(string(text)); l != "" {
					return l
				}
			}
		}
	}
	return ""
}

// TestLicences: everything that is linked into the binary, and everything that the workspace is built of.
func TestLicences(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("go", "list", "-e", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}}\t{{.Dir}}{{end}}{{end}}", "./...").Output()
	if err != nil {
		t.Fatalf("list the modules: %v", err)
	}
	seen := make(map[string]bool)
	for row := range strings.Lines(string(out)) {
		name, dir, ok := strings.Cut(strings.TrimSpace(row), "\t")
		if !ok || seen[name] {
			continue
		}
		seen[name] = true
		if l := licenceOfModule(dir); l == "" {
			t.Errorf("%s: no licence that we take", name)
		}
	}
	if len(seen) == 0 {
		t.Error("no module found")
	}
}

func TestLicencesCanFail(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Apache License\n   Version 2.0, January 2004":                                                                    "Apache-2.0",
		"Permission is hereby granted, free of charge, to any person\nobtaining a copy":                                   "MIT",
		"GNU GENERAL PUBLIC LICENSE\nVersion 3":                                                                           "",
		"GNU Affero General Public License. Permission is hereby granted, free of charge, to any person obtaining a copy": "",
		"All rights reserved.": "",
	} {
		if got := licenceOf(text); got != want {
			t.Errorf("licenceOf(%q) = %q, want %q", text, got, want)
		}
	}
}

// TestScreenLicences: the same for the packages the workspace is built of.
func TestScreenLicences(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("web/package-lock.json")
	if err != nil {
		t.Fatalf("read the lock file: %v", err)
	}
	var lock struct {
		Packages map[string]struct{ License string }
	}
	if err := json.Unmarshal(text, &lock); err != nil {
		t.Fatalf("read the lock file: %v", err)
	}
	taken := regexp.MustCompile(`^(MIT|ISC|Apache-2\.0|BSD-2-Clause|BSD-3-Clause|0BSD|MPL-2\.0|Unlicense|CC0-1\.0|\(?(MIT|Apache-2\.0|BSD-3-Clause) (AND|OR) [A-Za-z0-9.-]+\)?)$`)
	// Packages whose lock entry names no licence: read from the LICENSE file they come with.
	read := map[string]string{"node_modules/svelte-toolbelt": "MIT"}
	for name, p := range lock.Packages {
		if p.License == "" {
			p.License = read[name]
		}
		if name != "" && !taken.MatchString(p.License) {
			t.Errorf("%s has licence %q, which is not one that we take", name, p.License)
		}
	}
}

var namedModule = regexp.MustCompile("(?m)^\\| ((?:`[^`]+`(?:, )?)+) \\|")

// TestDependenciesAreExplained: the direct dependencies and the rows of docs/dependencies.md are the same.
func TestDependenciesAreExplained(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("docs/dependencies.md")
	if err != nil {
		t.Fatalf("read the page: %v", err)
	}
	explained := make(map[string]bool)
	for _, row := range namedModule.FindAllStringSubmatch(string(page), -1) {
		for name := range strings.SplitSeq(row[1], ", ") {
			explained[strings.Trim(name, "`")] = true
		}
	}
	out, err := exec.Command("go", "list", "-m", "-f", "{{if not (or .Indirect .Main)}}{{.Path}}{{end}}", "all").Output()
	if err != nil {
		t.Fatalf("list the modules: %v", err)
	}
	for name := range strings.FieldsSeq(string(out)) {
		if !explained[name] {
			t.Errorf("docs/dependencies.md does not say why %s is here", name)
		}
		delete(explained, name)
	}
	for name := range explained {
		t.Errorf("docs/dependencies.md explains %s, which is not a direct dependency", name)
	}
}
