package centralita_test

import (
	"fmt"
	"go/ast"
	"path"
	"regexp"
	"slices"
	"strings"
)

// checkDocs: each package says once, in one place, what it owns.
func checkDocs(h []source) []finding {
	docs := make(map[string][]string)
	for _, s := range h {
		if s.test {
			continue
		}
		files := docs[s.pkg]
		if strings.TrimSpace(s.file.Doc.Text()) != "" {
			files = append(files, s.path)
		}
		docs[s.pkg] = files // also a package without any
	}
	var found []finding
	for pkg, files := range docs {
		if len(files) != 1 {
			found = append(found, finding{pkg, fmt.Sprintf("%d package doc comments, want exactly one %v", len(files), files)})
		}
	}
	return found
}

var (
	emptyName = regexp.MustCompile(`^(utils?|common|helpers?|managers?|services?|impl|misc|shared|base|types|models?)$`)
	emptyFile = regexp.MustCompile(`^(utils?|common|helpers?|misc|stuff|types)(_test)?\.go$`)
)

// checkNames: a name that fits everything says nothing.
func checkNames(h []source) []finding {
	var found []finding
	seen := make(map[string]bool)
	for _, s := range h {
		if name := s.file.Name.Name; emptyName.MatchString(name) && !seen[s.pkg] {
			seen[s.pkg] = true
			found = append(found, finding{s.pkg, "package " + name + " does not say what it owns"})
		}
		if emptyFile.MatchString(path.Base(s.path)) {
			found = append(found, finding{s.path, "a file is named after the noun it defines"})
		}
		for imported, pos := range s.imports() {
			if s.localName(imported) == "." {
				found = append(found, s.at(pos, "dot import of %s", imported))
			}
		}
	}
	return found
}

func checkFileSizes(h []source) []finding {
	var found []finding
	for _, s := range h {
		if n := lines(s.text); n > maxFileLines && !s.generated {
			found = append(found, finding{s.path, fmt.Sprintf("%d lines, the wall is %d", n, maxFileLines)})
		}
	}
	return found
}

func checkPackageSizes(h []source) []finding {
	files := make(map[string]int)
	for _, s := range h {
		if !s.test && !s.generated {
			files[s.pkg]++
		}
	}
	var found []finding
	for pkg, n := range files {
		if n > maxPackageFiles {
			found = append(found, finding{pkg, fmt.Sprintf("%d files, the wall is %d", n, maxPackageFiles)})
		}
	}
	return found
}

func checkInterfaceSizes(h []source) []finding {
	var found []finding
	for _, s := range h {
		if s.generated {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			// An embedded interface counts as one: it has its own wall.
			if i, ok := n.(*ast.InterfaceType); ok && i.Methods.NumFields() > maxInterfaceMethods {
				found = append(found, s.at(i.Pos(), "an interface of %d methods, the wall is %d", i.Methods.NumFields(), maxInterfaceMethods))
			}
			return true
		})
	}
	return found
}

func checkFunctionSizes(h []source) []finding {
	var found []finding
	for _, s := range h {
		if s.generated {
			continue
		}
		for _, d := range s.file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Body == nil {
				continue
			}
			if n := s.height(f) - s.tableLines(f.Body); n > maxFunctionLines && !s.isFlat(f.Body) {
				found = append(found, s.at(f.Pos(), "function %s has %d lines, the wall is %d", f.Name.Name, n, maxFunctionLines))
			}
		}
	}
	return found
}

// height is how many lines a piece of code takes.
func (s source) height(n ast.Node) int {
	return s.fset.Position(n.End()).Line - s.fset.Position(n.Pos()).Line + 1
}

// tableLines counts, in a test, the lines inside tables of cases: they are data, whoever reads the function skips them.
// A literal of functions is code and counts.
func (s source) tableLines(body *ast.BlockStmt) int {
	if !s.test {
		return 0
	}
	n := 0
	ast.Inspect(body, func(node ast.Node) bool {
		lit, ok := node.(*ast.CompositeLit)
		if !ok || s.height(lit) < 5 {
			return true
		}
		if !holdsFunction(lit) {
			n += s.height(lit) - 1
		}
		return false
	})
	return n
}

func holdsFunction(n ast.Node) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		_, ok := n.(*ast.FuncLit)
		found = found || ok
		return !found
	})
	return found
}

// isFlat: one switch (or select) and at most ten lines beside it, each case at most three statements on at most ten
// lines. Such a function is read by finding one's case.
func (s source) isFlat(body *ast.BlockStmt) bool {
	for _, stmt := range body.List {
		var cases *ast.BlockStmt
		switch x := stmt.(type) {
		case *ast.SwitchStmt:
			cases = x.Body
		case *ast.TypeSwitchStmt:
			cases = x.Body
		case *ast.SelectStmt:
			cases = x.Body
		default:
			continue
		}
		if s.height(body)-s.height(stmt) > 10 {
			continue
		}
		return !slices.ContainsFunc(cases.List, func(c ast.Stmt) bool {
			return s.height(c) > 10 || len(statements(c)) > 3
		})
	}
	return false
}

func statements(clause ast.Stmt) []ast.Stmt {
	switch c := clause.(type) {
	case *ast.CaseClause:
		return c.Body
	case *ast.CommClause:
		return c.Body
	}
	return nil
}
