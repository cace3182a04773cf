package centralita_test

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

// checkSkips: a test that needs a program behind a build tag needs it; `make test` installs what is missing.
func checkSkips(h []source) []finding {
	var found []finding
	for _, s := range h {
		if !s.test && !strings.HasSuffix(s.pkg, "test") && s.localName("testing") == "" {
			continue
		}
		handles := testHandles(s.file)
		ast.Inspect(s.file, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok || !slices.Contains([]string{"Skip", "Skipf", "SkipNow"}, sel.Sel.Name) {
				return true
			}
			if x, ok := sel.X.(*ast.Ident); ok && handles[x.Name] {
				found = append(found, s.at(sel.Pos(), "%s.%s: a test passes or fails", x.Name, sel.Sel.Name))
			}
			return true
		})
	}
	return found
}

// testHandles gives the names under which a file knows *testing.T and its kin.
func testHandles(file *ast.File) map[string]bool {
	names := make(map[string]bool)
	ast.Inspect(file, func(n ast.Node) bool {
		field, ok := n.(*ast.Field)
		if !ok {
			return true
		}
		kind := field.Type
		if star, ok := kind.(*ast.StarExpr); ok {
			kind = star.X
		}
		if sel, ok := kind.(*ast.SelectorExpr); ok {
			if pkg, ok := sel.X.(*ast.Ident); ok && (pkg.Name == "testing" || pkg.Name == "rapid") {
				for _, name := range field.Names {
					names[name.Name] = true
				}
			}
		}
		return true
	})
	return names
}

// checkSleeps: a test waits for the thing itself. In a testing/synctest bubble the time is fake and a sleep is exact:
// allowed are calls inside synctest.Test, and inside a function that itself calls synctest.Wait (it panics outside).
func checkSleeps(h []source) []finding {
	var found []finding
	for _, s := range h {
		if !s.test && s.localName("testing") == "" {
			continue
		}
		bubbles := s.bubbles()
		inBubble := func(pos token.Pos) bool {
			return slices.ContainsFunc(bubbles, func(b ast.Node) bool { return b.Pos() <= pos && pos < b.End() })
		}
		s.uses("time", func(sel *ast.SelectorExpr) {
			if sel.Sel.Name == "Sleep" && !inBubble(sel.Pos()) {
				found = append(found, s.at(sel.Pos(), "time.Sleep: wait for the thing itself, or use testing/synctest"))
			}
		})
		ast.Inspect(s.file, func(n ast.Node) bool {
			if stmt, ok := n.(*ast.ExprStmt); ok && s.waitsForTimer(stmt) && !inBubble(stmt.Pos()) {
				found = append(found, s.at(stmt.Pos(), "<-time.After is a sleep in disguise"))
			}
			return true
		})
	}
	return found
}

// waitsForTimer: the statement `<-time.After(…)`, outside a select.
func (s source) waitsForTimer(stmt *ast.ExprStmt) bool {
	receive, ok := stmt.X.(*ast.UnaryExpr)
	if !ok || receive.Op != token.ARROW {
		return false
	}
	call, ok := receive.X.(*ast.CallExpr)
	if !ok {
		return false
	}
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || sel.Sel.Name != "After" {
		return false
	}
	x, ok := sel.X.(*ast.Ident)
	return ok && x.Name == s.localName("time") && !s.inSelect(stmt)
}

func (s source) inSelect(stmt ast.Stmt) bool {
	found := false
	ast.Inspect(s.file, func(n ast.Node) bool {
		if c, ok := n.(*ast.CommClause); ok && c.Comm == stmt {
			found = true
		}
		return !found
	})
	return found
}

// bubbles are the pieces of code that run under fake time only.
func (s source) bubbles() []ast.Node {
	var nodes []ast.Node
	calls := func(n ast.Node, name string) (call *ast.CallExpr) {
		s.usesIn(n, "testing/synctest", func(c *ast.CallExpr, sel *ast.SelectorExpr) {
			if sel.Sel.Name == name {
				call = c
			}
		})
		return call
	}
	for _, d := range s.file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Body != nil && calls(f.Body, "Wait") != nil {
			nodes = append(nodes, f)
		}
	}
	s.usesIn(s.file, "testing/synctest", func(c *ast.CallExpr, sel *ast.SelectorExpr) {
		if sel.Sel.Name == "Test" {
			nodes = append(nodes, c)
		}
	})
	return nodes
}

// usesIn calls f for every call of a function of the package below n.
func (s source) usesIn(n ast.Node, importPath string, f func(*ast.CallExpr, *ast.SelectorExpr)) {
	name := s.localName(importPath)
	ast.Inspect(n, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		if sel, ok := call.Fun.(*ast.SelectorExpr); ok && name != "" {
			if x, ok := sel.X.(*ast.Ident); ok && x.Name == name {
				f(call, sel)
			}
		}
		return true
	})
}
