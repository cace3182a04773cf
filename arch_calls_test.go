package centralita_test

import (
	"go/ast"
	"slices"
	"strings"
)

// ban is something of another package that a library does not use: it reaches beyond what it was handed.
type ban struct {
	pkg    string
	names  []string // empty: the import itself
	except []string // folders that may
	why    string
}

var (
	nowhere  []string
	programs = []string{"cmd/*"}
	slogName = []string{"Default", "SetDefault", "Debug", "Info", "Warn", "Error", "Log", "LogAttrs", "DebugContext", "InfoContext", "WarnContext", "ErrorContext", "With"}
)

var bans = []ban{
	{"os", []string{"Exit"}, programs, "a library never ends its host"},
	{"os", []string{"Stdout", "Stderr", "Stdin"}, programs, "a library talks through what it was handed"},
	{"os", []string{"Getenv", "LookupEnv", "Environ"}, programs, "configuration is read in one place"},
	{"os/signal", nil, programs, "signals belong to the program"},
	{"log", nil, nowhere, "slog is handed in"},
	{"log/slog", slogName, programs, "slog is handed in, never global"},
	{"fmt", []string{"Print", "Printf", "Println"}, programs, "a library does not print"},
	{"flag", nil, programs, "flags belong to the program"},
	{"net/http", []string{"DefaultServeMux", "Handle", "HandleFunc", "ListenAndServe", "ListenAndServeTLS"}, nowhere, "the default mux belongs to the host, and these servers have no timeouts"},
	{"net/http", []string{"DefaultClient", "Get", "Head", "Post", "PostForm"}, nowhere, "the default client waits for ever"},
	{"net/http/pprof", nil, programs, "it adds itself to the default mux"},
	{"expvar", nil, nowhere, "it adds itself to the default mux"},
	{"runtime/debug", []string{"SetGCPercent", "SetMemoryLimit", "SetMaxThreads"}, programs, "the host's memory is the host's to tune"},
	{"math/rand", nil, nowhere, "math/rand/v2 needs no seed"},
	{"math/rand/v2", nil, []string{"actors", "channels/*", "internal/*", "bench", "cmd/*"}, "where ids, tokens and keys are made only crypto/rand will do; jitter is made elsewhere"},
	{"time", []string{"Sleep"}, nowhere, "a sleep cannot be cancelled: select on a timer and the context"},
	{"time", []string{"Tick"}, nowhere, "a ticker has an owner who stops it"},
	{"github.com/prometheus/client_golang/prometheus", []string{"MustRegister", "Register", "Unregister", "DefaultRegisterer", "DefaultGatherer"}, nowhere, "metrics have a registry of the engine's own"},
	{"github.com/prometheus/client_golang/prometheus/promauto", nil, nowhere, "it registers in the default registry"},
	{"github.com/prometheus/client_golang/prometheus/promhttp", []string{"Handler"}, nowhere, "it shows the default registry; HandlerFor shows ours"},
}

// uses calls f for every use of a package's name in the file.
func (s source) uses(importPath string, f func(sel *ast.SelectorExpr)) {
	name := s.localName(importPath)
	if name == "" {
		return
	}
	ast.Inspect(s.file, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := sel.X.(*ast.Ident); ok && x.Name == name {
				f(sel)
			}
		}
		return true
	})
}

// checkBans looks at what is not a test.
func checkBans(h []source, table []ban) []finding {
	var found []finding
	for _, s := range h {
		if s.test || s.generated {
			continue
		}
		for _, b := range table {
			if anyMatches(b.except, family(s.pkg)) {
				continue
			}
			if pos, ok := s.imports()[b.pkg]; ok && len(b.names) == 0 {
				found = append(found, s.at(pos, "import of %s: %s", b.pkg, b.why))
			}
			s.uses(b.pkg, func(sel *ast.SelectorExpr) {
				if slices.Contains(b.names, sel.Sel.Name) {
					found = append(found, s.at(sel.Pos(), "%s.%s: %s", b.pkg, sel.Sel.Name, b.why))
				}
			})
		}
	}
	return found
}

// checkInit: what a program is made of is written in wiring.go, not registered behind its back.
func checkInit(h []source) []finding {
	var found []finding
	for _, s := range h {
		if s.generated {
			continue
		}
		for _, d := range s.file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
				found = append(found, s.at(f.Pos(), "func init: wire it where it is used"))
			}
		}
	}
	return found
}

// pureImports is all of the standard library that rules need. None of these can ask the world anything.
var pureImports = []string{
	"bytes", "cmp", "crypto/sha256", "encoding/base32", "encoding/base64", "encoding/binary", "encoding/hex", "encoding/json",
	"container/heap", "errors", "fmt", "iter", "maps", "math", "math/bits", "regexp", "slices", "sort", "strconv", "strings", "time", "unicode", "unicode/utf8",
}

// clocks are what a rule may not ask of package time: time comes in with the command. The zone tables are files.
var clocks = []string{"Now", "Since", "Until", "After", "AfterFunc", "Sleep", "NewTimer", "NewTicker", "Tick", "LoadLocation", "Local"}

// checkPurity: in desk no I/O, context, clock, randomness, goroutine or lock can be written down.
func checkPurity(h []source) []finding {
	var found []finding
	for _, s := range h {
		if family(s.pkg) != "desk" || s.test {
			continue
		}
		for imported, pos := range s.imports() {
			if _, own := ours(imported); !own && !thirdParty(imported) && !slices.Contains(pureImports, imported) {
				found = append(found, s.at(pos, "desk may not import %s", imported))
			}
		}
		s.uses("time", func(sel *ast.SelectorExpr) {
			if slices.Contains(clocks, sel.Sel.Name) {
				found = append(found, s.at(sel.Pos(), "desk asks no clock: time.%s", sel.Sel.Name))
			}
		})
		s.uses("fmt", func(sel *ast.SelectorExpr) {
			if strings.HasPrefix(sel.Sel.Name, "Print") || strings.HasPrefix(sel.Sel.Name, "Scan") {
				found = append(found, s.at(sel.Pos(), "desk does no I/O: fmt.%s", sel.Sel.Name))
			}
		})
		ast.Inspect(s.file, func(n ast.Node) bool {
			switch n.(type) {
			case *ast.GoStmt, *ast.ChanType, *ast.SendStmt, *ast.SelectStmt:
				found = append(found, s.at(n.Pos(), "desk knows no goroutine and no channel"))
			}
			return true
		})
	}
	return found
}

// checkLocks: in actors, state has one owner and others send it messages. Where a lock is needed the owner is unclear.
func checkLocks(h []source) []finding {
	var found []finding
	for _, s := range h {
		if family(s.pkg) != "actors" || s.test {
			continue
		}
		s.uses("sync", func(sel *ast.SelectorExpr) {
			if slices.Contains([]string{"Mutex", "RWMutex", "Map", "Cond"}, sel.Sel.Name) {
				found = append(found, s.at(sel.Pos(), "sync.%s: state belongs to one actor", sel.Sel.Name))
			}
		})
	}
	return found
}

// brokenParts of Proto.Actor, each reproduced: docs/adr/0006. Methods by their name, functions of its package actor.
var brokenParts = map[string]string{
	"SetReceiveTimeout":             "its timer races with the actor; the parent sweeps idle children",
	"Stash":                         "it replays in reverse and without sender; keep a slice",
	"Bounded":                       "a full mailbox makes the sender spin",
	"BoundedDropping":               "it drops without a word and then spins",
	"NewExponentialBackoffStrategy": "it neither grows as it says nor sheds jitter; supervise.go does",
	"WithDefaultPrometheusProvider": "it takes over the default mux",
}

func checkProtoActor(h []source) []finding {
	var found []finding
	for _, s := range h {
		if s.localName("github.com/asynkron/protoactor-go/actor") == "" {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok {
				if why, broken := brokenParts[sel.Sel.Name]; broken {
					found = append(found, s.at(sel.Sel.Pos(), "%s is not used: %s", sel.Sel.Name, why))
				}
			}
			return true
		})
	}
	return found
}
