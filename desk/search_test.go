package desk_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/centralita/centralita/desk"
)

var searchNow = time.Date(2026, 11, 25, 16, 0, 0, 0, time.UTC)

func TestSearchQueriesAreReadAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	type word = desk.SearchWord
	type filter = desk.SearchFilter
	for q, want := range map[string]desk.SearchQuery{
		"":                {},
		"  \u00a0 ":       {},
		"factura":         {Words: []word{{Text: "factura", Prefix: true}}},
		"factura ":        {Words: []word{{Text: "factura"}}},
		"no llegó":        {Words: []word{{Text: "no"}, {Text: "llegó", Prefix: true}}},
		`"not here" x`:    {Words: []word{{Text: "not here", Phrase: true}, {Text: "x", Prefix: true}}},
		`"still typing`:   {Words: []word{{Text: "still typing", Phrase: true}}},
		`-spam -"a b"`:    {Words: []word{{Text: "spam", Not: true}, {Text: "a b", Phrase: true, Not: true}}},
		"a - b":           {Words: []word{{Text: "a"}, {Text: "-"}, {Text: "b", Prefix: true}}},
		"Re: hola":        {Words: []word{{Text: "Re:"}, {Text: "hola", Prefix: true}}},
		"http://x.es/a":   {Words: []word{{Text: "http://x.es/a", Prefix: true}}},
		"subject:envío":   {Words: []word{{Text: "envío", Prefix: true, In: "subject"}}},
		"file:plan.pdf":   {Words: []word{{Text: "plan.pdf", Prefix: true, In: "file"}}},
		"From:Ana":        {Filters: []filter{{Key: "from", Value: "Ana"}}},
		`tag:"two words"`: {Filters: []filter{{Key: "tag", Value: "two words"}}},
		"-is:Closed":      {Filters: []filter{{Key: "is", Value: "closed", Not: true}}},
		"status:":         {},
		"has:file":        {Filters: []filter{{Key: "has", Value: "attachment"}}},
		"after:2026-11":   {Filters: []filter{{Key: "after", Value: "2026-11-01"}}},
		"since:7d":        {Filters: []filter{{Key: "after", Value: "2026-11-18"}}},
		"before:2026":     {Filters: []filter{{Key: "before", Value: "2026-01-01"}}},
	} {
		got, err := desk.ParseSearch(q, searchNow)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %+v, %v; want %+v", q, got, err, want)
		}
	}
}

func TestABadSearchQueryNamesItsField(t *testing.T) {
	t.Parallel()
	for q, says := range map[string]string{
		"status:bogus":           "waiting_on_us",
		"is:x":                   "unassigned",
		"after:yesterday":        "2026-11-30",
		"after:0000-01-01":       "not a date",
		"from: ana":              "from:something",
		strings.Repeat("a ", 20): "at most 16",
		strings.Repeat("a", 501): "at most 500",
		"\xff":                   "UTF-8",
	} {
		_, err := desk.ParseSearch(q, searchNow)
		if desk.CodeOf(err) != desk.Invalid || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), "q:") {
			t.Errorf("%q: %v", q, err)
		}
	}
}

func FuzzParseSearch(f *testing.F) {
	for _, q := range []string{`a "b c" -d from:"e f" after:7d #12`, `"`, `-`, `:`, `from:`, `tag:"`, "is:open\u3000x", `-"`, `after:99999d`} {
		f.Add(q)
	}
	f.Fuzz(func(t *testing.T, q string) {
		out, err := desk.ParseSearch(q, searchNow)
		if err != nil {
			if desk.CodeOf(err) != desk.Invalid {
				t.Fatalf("%q: %v", q, err)
			}
			return
		}
		for _, w := range out.Words {
			if w.Text == "" && !w.Phrase {
				t.Fatalf("%q: an empty word", q)
			}
		}
		for _, x := range out.Filters {
			if x.Key == "" || x.Value == "" {
				t.Fatalf("%q: %+v", q, x)
			}
		}
	})
}
