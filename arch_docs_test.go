package centralita_test

import (
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
)

var (
	relativeLink = regexp.MustCompile(`\]\(([^)#:\s]+)(#[^)]*)?\)`)
	shellBlock   = regexp.MustCompile("(?s)```sh\n(.*?)```")
	makeCommand  = regexp.MustCompile("`make ([a-z-]+)`")
	makeTarget   = regexp.MustCompile(`(?m)^([a-z-]+):`)
	folderRow    = regexp.MustCompile("(?m)^\\| `([a-z/]+)/` \\|")
)

// pages gives every page of documentation.
func pages(t *testing.T) map[string]string {
	t.Helper()
	all := make(map[string]string)
	walk(t, func(name string) {
		if path.Ext(name) != ".md" {
			return
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatalf("read %s: %v", name, err)
		}
		all[name] = string(text)
	})
	return all
}

func TestPagesPointAtWhatIsThere(t *testing.T) {
	t.Parallel()
	makefile, err := os.ReadFile("Makefile")
	if err != nil {
		t.Fatalf("read the Makefile: %v", err)
	}
	targets := make(map[string]bool)
	for _, m := range makeTarget.FindAllStringSubmatch(string(makefile), -1) {
		targets[m[1]] = true
	}
	for name, text := range pages(t) {
		for _, link := range relativeLink.FindAllStringSubmatch(text, -1) {
			if _, err := os.Stat(path.Join(path.Dir(name), link[1])); err != nil {
				t.Errorf("%s points at %s, which is not there", name, link[1])
			}
		}
		for _, m := range makeCommand.FindAllStringSubmatch(text, -1) {
			if !targets[m[1]] {
				t.Errorf("%s says make %s, which the Makefile does not know", name, m[1])
			}
		}
	}
}

// TestReadmeStartsWithTwoCommands: a newcomer copies the first two, in this order.
func TestReadmeStartsWithTwoCommands(t *testing.T) {
	t.Parallel()
	readme := pages(t)["README.md"]
	var commands []string
	for _, block := range shellBlock.FindAllStringSubmatch(readme, -1) {
		for line := range strings.Lines(block[1]) {
			commands = append(commands, strings.TrimSpace(line))
		}
	}
	if len(commands) < 2 || commands[0] != "go run ./cmd/centralita demo" || commands[1] != "make test" {
		t.Errorf("README's commands are %q", commands)
	}
	folders := folderRow.FindAllStringSubmatch(readme, -1)
	if len(folders) < 10 {
		t.Errorf("README's table names %d folders", len(folders))
	}
	for _, f := range folders {
		if info, err := os.Stat(f[1]); err != nil || !info.IsDir() {
			t.Errorf("README names the folder %s, which is not there", f[1])
		}
	}
}

// TestArchitectureFitsOnTwoPages: what is longer is read by nobody.
func TestArchitectureFitsOnTwoPages(t *testing.T) {
	t.Parallel()
	if words := len(strings.Fields(pages(t)["docs/architecture.md"])); words > 1400 {
		t.Errorf("docs/architecture.md has %d words; two pages hold 1,400", words)
	}
}
