package web

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// What a browser must fetch before the first list can be shown, as it comes over the wire.
const (
	scriptBudget = 200 << 10
	styleBudget  = 30 << 10
)

var (
	named    = regexp.MustCompile(`(?:src|href)="/(assets/[^"]+)"`)
	imported = regexp.MustCompile(`(?:from|import)\s*["']\./([^"']+\.js)["']`) // not import(…): that comes later
)

// initial are the files that index.html names, with what those import in their turn.
func initial(t *testing.T) map[string]int {
	t.Helper()
	sizes := map[string]int{}
	var fetch func(name string)
	fetch = func(name string) {
		if _, known := sizes[name]; known {
			return
		}
		raw, err := fs.ReadFile(Dist(), name)
		if err != nil {
			t.Fatal(err)
		}
		var zipped bytes.Buffer
		w, _ := gzip.NewWriterLevel(&zipped, gzip.BestCompression) // the level exists
		_, _ = w.Write(raw)                                        // a buffer takes everything
		_ = w.Close()
		sizes[name] = zipped.Len()
		if path.Ext(name) == ".js" {
			for _, m := range imported.FindAllSubmatch(raw, -1) {
				fetch("assets/" + string(m[1]))
			}
		}
	}
	page, err := fs.ReadFile(Dist(), "index.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range named.FindAllSubmatch(page, -1) {
		fetch(string(m[1]))
	}
	return sizes
}

func TestTheWorkspaceStartsSmall(t *testing.T) {
	t.Parallel()
	sizes := initial(t)
	for ext, budget := range map[string]int{".js": scriptBudget, ".css": styleBudget} {
		total := 0
		var lines []string
		for name, size := range sizes {
			if path.Ext(name) == ext {
				total += size
				lines = append(lines, fmt.Sprintf("%8d %s", size, name))
			}
		}
		slices.Sort(lines)
		if total == 0 {
			t.Errorf("index.html names no %s", ext)
		}
		t.Logf("initial %s: %d bytes of %d, compressed", ext, total, budget)
		if total > budget {
			t.Errorf("the first load has %d bytes of %s, compressed; at most %d. Load a screen when it is gone to (screens/screens.ts).\n%s",
				total, ext, budget, strings.Join(lines, "\n"))
		}
	}
}
