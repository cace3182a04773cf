package centralita_test

import (
	"path"
	"slices"
	"strings"
)

// matches tells whether a folder is one that a pattern of the tables means.
func matches(pattern, folder string) bool {
	switch {
	case pattern == "...":
		return true
	case strings.HasSuffix(pattern, "/..."):
		return strings.HasPrefix(folder, strings.TrimSuffix(pattern, "..."))
	case strings.HasSuffix(pattern, "/*"):
		return path.Dir(folder) == strings.TrimSuffix(pattern, "/*")
	default:
		return pattern == folder
	}
}

func anyMatches(patterns []string, folder string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return matches(p, folder) })
}

// family gives the package whose rights a folder has: a package may have rooms below it (channels/email/letter), which
// nobody else enters.
func family(folder string) string {
	parts := strings.Split(folder, "/")
	depth := 1
	switch parts[0] {
	case "channels", "persistence", "internal", "cmd", "proto":
		depth = 2
	}
	return path.Join(parts[:min(depth, len(parts))]...)
}

// ours gives the folder of an import of this module.
func ours(importPath string) (folder string, ok bool) {
	if importPath == module {
		return ".", true
	}
	return strings.CutPrefix(importPath, module+"/")
}

// thirdParty: the standard library has no dot in its first element.
func thirdParty(importPath string) bool {
	first, _, _ := strings.Cut(importPath, "/")
	_, own := ours(importPath)
	return !own && strings.Contains(first, ".")
}

// checkImports holds every import of ours against the table.
func checkImports(h []source, table []layer) []finding {
	var found []finding
	unknown := make(map[string]bool)
	for _, s := range h {
		home := family(s.pkg)
		i := slices.IndexFunc(table, func(l layer) bool { return matches(l.folder, home) })
		if i < 0 {
			if !unknown[home] {
				found = append(found, finding{home, "this folder has no line in the import table"})
			}
			unknown[home] = true
			continue
		}
		for imported, pos := range s.imports() {
			folder, ok := ours(imported)
			if !ok || family(folder) == home && (folder != s.pkg || s.test) {
				continue
			}
			if anyMatches(table[i].may, folder) || s.test && anyMatches(table[i].tests, folder) {
				continue
			}
			found = append(found, s.at(pos, "%s may not import %s", s.pkg, folder))
		}
	}
	return found
}

// checkLibraries: one third-party library belongs to one package of ours.
func checkLibraries(h []source, table []library) []finding {
	var found []finding
	for _, s := range h {
		for imported, pos := range s.imports() {
			if !thirdParty(imported) {
				continue
			}
			i := slices.IndexFunc(table, func(l library) bool {
				return imported == l.path || strings.HasPrefix(imported, l.path+"/")
			})
			switch {
			case i < 0:
				found = append(found, s.at(pos, "%s has no owner in the table of libraries", imported))
			case anyMatches(table[i].owners, family(s.pkg)), s.test && anyMatches(table[i].tests, s.pkg):
			default:
				found = append(found, s.at(pos, "%s belongs to %s, not to %s", imported, strings.Join(table[i].owners, ", "), s.pkg))
			}
		}
	}
	return found
}

// imported tells whether anybody uses a library.
func imported(h []source, library string) bool {
	return slices.ContainsFunc(h, func(s source) bool {
		for path := range s.imports() {
			if path == library || strings.HasPrefix(path, library+"/") {
				return true
			}
		}
		return false
	})
}
