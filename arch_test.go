package centralita_test

import (
	"strings"
	"testing"
)

// This file is the law of the house: who may import whom, which library belongs to which package, how large things may
// grow, and what a library never does. The checkers are in the other arch_*_test.go files; arch_proof_test.go shows
// that each of them can fail. Changing a table here is a decision: say why in the commit, or in docs/adr.

const module = "github.com/centralita/centralita"

// layer says which of our packages a folder may import. "x/*" is every package right below x, "x/..." every package
// below x, "..." all. The first line that matches a folder holds; a folder without a line is a finding. A package may
// have rooms below it: they have its rights and are nobody else's (see family).
type layer struct {
	folder string
	may    []string
	tests  []string // in _test.go files, in addition
}

var layers = []layer{
	{folder: "cmd/*", may: []string{".", "bench", "desk", "proto/deskpb", "internal/..."}, tests: []string{"..."}},
	{folder: "bench", may: []string{".", "channels", "desk", "proto/deskpb", "persistence", "persistence/*", "internal/..."}, tests: []string{"..."}},
	{folder: ".", may: []string{"api", "actors", "channels", "channels/*", "persistence", "persistence/*", "desk", "proto/deskpb", "web", "internal/..."}, tests: []string{"..."}},
	{folder: "api", may: []string{"desk", "proto/deskpb", "internal/..."}, tests: []string{"persistence", "persistence/memory", "persistence/reports", "persistence/search", "persistence/tableau"}},
	{folder: "actors", may: []string{"channels", "persistence", "desk", "proto/deskpb", "internal/..."}, tests: []string{"persistence/*", "channels/channeltest"}},
	{folder: "channels", may: []string{"desk", "proto/deskpb"}},
	{folder: "channels/channeltest", may: []string{"channels", "desk", "proto/deskpb"}},
	{folder: "channels/*", may: []string{"channels", "desk", "proto/deskpb", "internal/..."}, tests: []string{"channels/channeltest"}},
	{folder: "persistence", may: []string{"desk", "proto/deskpb"}, tests: []string{"persistence/*"}},
	{folder: "persistence/search", may: []string{"persistence", "desk", "proto/deskpb"}, tests: []string{"persistence/journaltest", "persistence/memory", "persistence/badger"}}, // a kill needs a store on the disk
	{folder: "persistence/*", may: []string{"persistence", "desk", "proto/deskpb"}, tests: []string{"persistence/journaltest", "persistence/memory"}},
	{folder: "desk", may: []string{"proto/deskpb"}},
	{folder: "proto/deskpb"},
	{folder: "web"},
	{folder: "internal/*", may: []string{"desk", "proto/deskpb", "internal/..."}, tests: []string{"..."}},
}

// library says which of our packages may use a third-party module: one each, so that replacing it is work in one place.
type library struct {
	path   string
	owners []string
	tests  []string // folders whose _test.go files may use it too
}

var libraries = []library{
	{path: "google.golang.org/protobuf", owners: []string{"..."}}, // the words are protobuf messages; whoever handles them needs it
	{path: "github.com/asynkron/protoactor-go/actor", owners: []string{"actors"}},
	{path: "github.com/dgraph-io/badger/v4", owners: []string{"persistence/badger", "bench"}}, // bench: the bare store to compare with
	{path: "github.com/gorilla/websocket", owners: []string{"internal/socket", "internal/demo", "bench"}, tests: []string{"..."}},
	{path: "github.com/emersion", owners: []string{"channels/email", "internal/mailsim"}},
	{path: "github.com/golang-jwt/jwt/v5", owners: []string{"channels/chat"}},
	{path: "github.com/wneessen/go-mail", owners: []string{"channels/email"}},
	{path: "github.com/microcosm-cc/bluemonday", owners: []string{"channels/email"}},
	{path: "golang.org/x/net/html", owners: []string{"channels/email"}},
	{path: "golang.org/x/net/publicsuffix", owners: []string{"channels/email", "desk"}}, // a table, pure: which domains somebody owns, and are one organisation's
	{path: "golang.org/x/net/idna", owners: []string{"channels/email"}},
	{path: "golang.org/x/text", owners: []string{"channels/email"}},
	{path: "github.com/danielgtaylor/huma/v2", owners: []string{"api"}},
	{path: "golang.org/x/crypto/argon2", owners: []string{"api"}},
	{path: "rsc.io/qr", owners: []string{"internal/qrcode"}},
	{path: "github.com/prometheus/client_golang", owners: []string{"internal/metrics"}},
	{path: "github.com/BurntSushi/toml", owners: []string{"."}},
	{path: "github.com/RoaringBitmap/roaring/v2", owners: []string{"persistence/search"}}, // Bleve's sets
	{path: "github.com/blevesearch", owners: []string{"persistence/search"}},
	{path: "golang.org/x/sys", owners: []string{"persistence/badger"}},
	{path: "pgregory.net/rapid", owners: []string{"persistence/journaltest", "channels/channeltest"}, tests: []string{"..."}},
	{path: "github.com/chromedp", tests: []string{"..."}},
}

// The walls. What is larger has become two things.
const (
	maxFileLines        = 500
	maxFunctionLines    = 70 // a flat switch may be longer: see isFlat
	maxInterfaceMethods = 5
	maxPackageFiles     = 15 // without tests and generated code
)

// exception lifts one finding of one rule at one place, with the reason. One that is not needed any more is a finding
// itself, so the list can only shrink by itself and grow on purpose.
type exception struct{ rule, where, reason string }

var exceptions = []exception{
	{"actors hold no lock", "actors/acknowledge.go", "whom machines are about to answer: senders are shared by channels, and the index knows the rest a moment later"},
	{"actors hold no lock", "actors/feed.go", "who watches which stream: sockets come and go on their own goroutines; no state of the desk"},
	{"actors hold no lock", "actors/presence.go", "who listens to ephemeral signs; no state of the desk"},
	{"actors hold no lock", "actors/status.go", "what channels said of themselves last, for the health page; nothing decides by it"},
	{"tests never hope", "cmd/centralita/kill_test.go", "the random moment of a kill: nothing is waited for"},
	{"tests never hope", "persistence/badger/bench_test.go", "a load at a fixed pace: nothing is waited for"},
	{"package size", "actors", "one file per actor and per thing it does: they share the shell and the private messages"},
	{"package size", "api", "one file per family of routes: they share one server, its views and its gate"},
	{"package size", "persistence", "one file per noun of the projection and of the index: they share the keys and the tables of rows"},
	{"package size", "bench", "one file per benchmark, beside what they share"},
	{"package size", "desk", "one file per noun or family of commands: many small rooms, and purity needs them in one package"},
}

// rule is one checker over the whole house.
type rule struct {
	name  string
	check func([]source) []finding
}

var rules = []rule{
	{"import table", func(h []source) []finding { return checkImports(h, layers) }},
	{"third-party table", func(h []source) []finding { return checkLibraries(h, libraries) }},
	{"one doc comment", checkDocs},
	{"package names", checkNames},
	{"file size", checkFileSizes},
	{"function size", checkFunctionSizes},
	{"interface size", checkInterfaceSizes},
	{"package size", checkPackageSizes},
	{"forbidden calls", func(h []source) []finding { return checkBans(h, bans) }},
	{"no init", checkInit},
	{"desk is pure", checkPurity},
	{"actors hold no lock", checkLocks},
	{"Proto.Actor with care", checkProtoActor},
	{"tests never skip", checkSkips},
	{"tests never hope", checkSleeps},
}

func TestArchitecture(t *testing.T) {
	t.Parallel()
	h := house(t)
	used := make(map[exception]bool)
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			for _, f := range r.check(h) {
				if e, ok := lifted(r.name, f); ok {
					used[e] = true
					continue
				}
				t.Error(f)
			}
		})
	}
	for _, l := range libraries {
		if !imported(h, l.path) {
			t.Errorf("nobody uses %s any more: take it out of the table", l.path)
		}
	}
	for _, e := range exceptions {
		if !used[e] {
			t.Errorf("the exception of %q for %s is not needed any more: remove it", e.rule, e.where)
		}
	}
}

func lifted(rule string, f finding) (exception, bool) {
	for _, e := range exceptions {
		if e.rule == rule && (f.where == e.where || strings.HasPrefix(f.where, e.where+":")) {
			return e, true
		}
	}
	return exception{}, false
}
