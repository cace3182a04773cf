package widget

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// What a visitor's browser loads, on the wire: the loader with every page view, the rest when the chat is opened.
const (
	mostLoader = 5 << 10
	mostFrame  = 45 << 10
)

func TestSizes(t *testing.T) {
	t.Parallel()
	frame := new(bytes.Buffer)
	if err := Page(frame, "frame.html", "Lamps and more", "en"); err != nil {
		t.Fatal(err)
	}
	total := frame.Len()
	for name, f := range Files() {
		switch name {
		case "w.js":
			t.Logf("the loader has %d of %d bytes", len(f.Small), mostLoader)
			if len(f.Small) > mostLoader {
				t.Errorf("the loader has %d bytes, at most %d", len(f.Small), mostLoader)
			}
		case "widget.js", "page.css": // the tag of before; the sample page
		default:
			total += len(f.Small)
		}
	}
	t.Logf("panel and frame have %d of %d bytes", total, mostFrame)
	if total > mostFrame {
		t.Errorf("panel and frame have %d bytes, at most %d", total, mostFrame)
	}
}

// Every module that a file asks for is there, and is named in the frame's document.
func TestModulesAreThere(t *testing.T) {
	t.Parallel()
	var frame strings.Builder
	if err := Page(&frame, "frame.html", `<b>"`, "es"); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(frame.String(), "<b>") || !strings.Contains(frame.String(), `lang="es"`) {
		t.Errorf("the document: %s", frame.String())
	}
	from := regexp.MustCompile(`(?m)^(?:import .*? from|export .*? from) '\./(.*?)';$`)
	for name, f := range Files() {
		for _, m := range from.FindAllStringSubmatch(string(f.Plain), -1) {
			if _, ok := Files()[m[1]]; !ok {
				t.Errorf("%s asks for %s, which is not there", name, m[1])
			}
			if !strings.Contains(frame.String(), "a/"+Version()+"/"+m[1]) {
				t.Errorf("%s is not named in the frame's document", m[1])
			}
		}
	}
}

// Both languages have every text, and a channel may have its own of each.
func TestWords(t *testing.T) {
	t.Parallel()
	names := Words()
	_, spanish, _ := strings.Cut(string(Files()["words.js"].Plain), "const es = {")
	for _, name := range names {
		if !strings.Contains(spanish, "\n"+name+": ") {
			t.Errorf("%s is not said in Spanish", name)
		}
	}
	english, _, _ := strings.Cut(string(Files()["words.js"].Plain), "};")
	if lines := strings.Count(english, ",\n"); len(names) != lines || !slices.Contains(names, "greeting") || !slices.Contains(names, "launch") {
		t.Errorf("%d names of %d texts: %q", len(names), lines, names)
	}
}

func TestLean(t *testing.T) {
	t.Parallel()
	in := "// why\n\n/**\n * what\n */\n  const a = 'http://x'; // b\n/** @type {x} */\n  /* c */\nd(`\n   e`);\n"
	if got, want := string(lean([]byte(in))), "const a = 'http://x'; // b\nd(`\ne`);\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// lean knows lines only: what could deceive it is not written here.
func TestSourcesAreFitForLean(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("*.*s*")
	if err != nil || len(names) < 10 {
		t.Fatalf("%v, %v", names, err)
	}
	codeAfter := regexp.MustCompile(`^\s*/\*.*\*/\s*\S|^\s*\*/\s*\S|\S.*/\*[^*]*$`)
	for _, name := range names {
		if ext := filepath.Ext(name); ext != ".js" && ext != ".css" {
			continue
		}
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for n, line := range strings.Split(string(data), "\n") {
			if codeAfter.MatchString(line) && !strings.HasSuffix(strings.TrimSpace(line), "*/") {
				t.Errorf("%s:%d: code and a comment of several lines share a line, or code follows a comment: %s", name, n+1, line)
			}
		}
	}
}
