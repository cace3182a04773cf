package centralita_test

import (
	"bytes"
	"fmt"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

// The project knows nothing of the machines it is written on, and leaves nothing for later. The expressions are
// written so that they do not match themselves.
var strayWords = []struct {
	word *regexp.Regexp
	why  string
}{
	{regexp.MustCompile(`/wor[k]/|/roo[t]/|/tmp/bash_job[s]|/home/[a-z]`), "a path of somebody's machine"},
	{regexp.MustCompile(`\b(desig[n]|styl[e])\.md\b|/contrac[t]\.md\b|\breferenc[e]/[a-z-]+\.md`), "a page that is not in the project"},
	{regexp.MustCompile(`\b(TOD[O]|FIXM[E]|XX[X])\b`), "do it, or write it into an issue"},
}

// written are the kinds of file that people write.
var written = map[string]bool{
	".go": true, ".proto": true, ".md": true, ".yml": true, ".yaml": true, ".ts": true, ".svelte": true, ".css": true,
	".html": true, ".sh": true, ".json": true, ".txt": true, ".toml": true, "": true,
}

func strays(name string, text []byte) []finding {
	var found []finding
	for i, line := range bytes.Split(text, []byte("\n")) {
		for _, s := range strayWords {
			if w := s.word.Find(line); w != nil {
				found = append(found, finding{fmt.Sprintf("%s:%d", name, i+1), fmt.Sprintf("%q: %s", w, s.why)})
			}
		}
	}
	return found
}

func TestNoStrayWords(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"see /wor" + "k/x", "as desig" + "n.md says", "reference" + "/email.md", "// TOD" + "O: later"} {
		if len(strays("x", []byte("fine\n"+bad+"\n"))) != 1 {
			t.Errorf("%q is not found", bad)
		}
	}
	walk(t, func(name string) {
		if !written[path.Ext(name)] || path.Base(name) == "package-lock.json" || strings.Contains(name, "/testdata/") {
			return
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatalf("read %s: %v", name, err)
		}
		if !utf8.Valid(text) {
			return
		}
		for _, f := range strays(name, text) {
			t.Error(f)
		}
	})
}

// TestScreenSizes holds the wall of file sizes for the browser's code too.
func TestScreenSizes(t *testing.T) {
	t.Parallel()
	walk(t, func(name string) {
		if ext := path.Ext(name); ext != ".ts" && ext != ".svelte" && ext != ".proto" || strings.HasSuffix(name, "_pb.ts") || strings.Contains(name, "/gen/") {
			return
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatalf("read %s: %v", name, err)
		}
		if n := lines(text); n > maxFileLines {
			t.Errorf("%s: %d lines, the wall is %d", name, n, maxFileLines)
		}
	})
}
