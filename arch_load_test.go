package centralita_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"strings"
	"testing"
)

// source is one Go file of the house, whatever its build tags.
type source struct {
	path      string // from the root of the module, with slashes
	pkg       string // its folder; "." is the root package
	text      []byte
	fset      *token.FileSet
	file      *ast.File
	test      bool
	generated bool
}

// finding is one place where a rule does not hold.
type finding struct{ where, what string }

func (f finding) String() string { return f.where + ": " + f.what }

// at names a place in the file.
func (s source) at(pos token.Pos, format string, args ...any) finding {
	return finding{fmt.Sprintf("%s:%d", s.path, s.fset.Position(pos).Line), fmt.Sprintf(format, args...)}
}

// imports gives the paths this file imports.
func (s source) imports() map[string]token.Pos {
	m := make(map[string]token.Pos, len(s.file.Imports))
	for _, spec := range s.file.Imports {
		m[strings.Trim(spec.Path.Value, `"`)] = spec.Pos()
	}
	return m
}

// localName is the name under which the file knows an imported package; "" if it does not import it.
func (s source) localName(importPath string) string {
	for _, spec := range s.file.Imports {
		if strings.Trim(spec.Path.Value, `"`) != importPath {
			continue
		}
		if spec.Name != nil {
			return spec.Name.Name
		}
		name := path.Base(importPath)
		if strings.HasPrefix(name, "v") && strings.Trim(name[1:], "0123456789") == "" {
			name = path.Base(path.Dir(importPath))
		}
		return name
	}
	return ""
}

// parse reads one file; a file that is not Go is an error.
func parse(name string, text []byte) (source, error) {
	s := source{path: name, pkg: path.Dir(name), text: text, fset: token.NewFileSet(), test: strings.HasSuffix(name, "_test.go")}
	file, err := parser.ParseFile(s.fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return source{}, fmt.Errorf("parse %s: %w", name, err)
	}
	s.file, s.generated = file, ast.IsGenerated(file)
	return s, nil
}

// notOurs tells folders whose files nobody wrote by hand here.
func notOurs(dir string) bool {
	switch path.Base(dir) {
	case ".git", ".cache", "node_modules", "dist":
		return true
	}
	return dir == "data"
}

// walk calls f for every file below the root that belongs to the project.
func walk(t *testing.T, f func(name string)) {
	t.Helper()
	err := fs.WalkDir(os.DirFS("."), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && notOurs(name):
			return fs.SkipDir
		case d.Type().IsRegular():
			f(name)
		}
		return nil
	})
	if err != nil {
		t.Fatalf("walk the project: %v", err)
	}
}

// house parses every Go file of the project.
func house(t *testing.T) []source {
	t.Helper()
	var all []source
	walk(t, func(name string) {
		if !strings.HasSuffix(name, ".go") || strings.Contains(name, "/testdata/") {
			return
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatalf("read %s: %v", name, err)
		}
		s, err := parse(name, text)
		if err != nil {
			t.Error(err)
			return
		}
		all = append(all, s)
	})
	if len(all) == 0 {
		t.Fatal("no Go file found: the test must run in the root of the module")
	}
	return all
}

// lines counts the lines of a text.
func lines(text []byte) int {
	n := bytes.Count(text, []byte("\n"))
	if len(text) > 0 && text[len(text)-1] != '\n' {
		n++
	}
	return n
}
