package desk

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// SearchQuery is what somebody looks for: every word must be there and every filter hold.
type SearchQuery struct {
	Words   []SearchWord
	Filters []SearchFilter
	Viewer  *Viewer // whose sight limits what is found and counted
	Cursor  string  // SearchPage.Next of the page before; "" for the first
	Limit   int     // 1 to 50; 0 means 20
}

// SearchWord is a word, or several that must follow each other.
type SearchWord struct {
	Text   string
	Phrase bool
	Prefix bool   // the word goes on: somebody is typing it
	Not    bool   // it must not be there
	In     string // "" anywhere; "subject" (which is subject, contact and number) or "file" (names of attachments)
}

// SearchFilter is a condition on tickets. Ids or names are meant as the key says; who answers the query finds out which.
type SearchFilter struct {
	Key   string // from, contact, owner, team, tag, channel, status, priority, is, has, after, before
	Value string
	Not   bool
}

// SearchPart is a piece of a text; Hit says that it is what was looked for.
type SearchPart struct {
	Text string
	Hit  bool
}

// SearchHit is a conversation that was found, with its best place.
type SearchHit struct {
	Ticket  Ticket
	Subject []SearchPart
	Message MessageID      // the message the snippet is from; "" when only the ticket itself matches
	Side    ConversationID // the side conversation that the message is of; "": of the ticket
	Kind    string         // contact, agent, note, aside or file: who says it, or that it is the name of an attachment
	Author  string
	AtMs    int64
	Snippet []SearchPart
}

// SearchPage is a page of hits, those by subject or contact first, each kind with the newest activity first. It may be
// shorter than asked and still have a Next: then there was more to look through than one request may.
type SearchPage struct {
	Hits  []SearchHit
	Total int
	Exact bool // Total counts exactly; otherwise there are at least so many
	Next  string
}

// Suggestion is what a few letters may mean.
type Suggestion struct {
	Ticket  Ticket  // a ticket, by number or by its subject
	Contact Contact // or a person
	Text    []SearchPart
}

// Limits of a query as it is written.
const (
	maxSearchBytes = 500
	maxSearchWords = 16
)

var searchKeys = map[string]string{
	"from": "from", "contact": "contact", "owner": "owner", "assignee": "owner", "team": "team", "tag": "tag", "channel": "channel", "in": "channel",
	"status": "status", "priority": "priority", "is": "is", "has": "has", "after": "after", "since": "after", "before": "before", "until": "before",
	"subject": "subject", "file": "file", "filename": "file",
}

// searchValues are the words that some keys take.
var searchValues = map[string][]string{
	"status":   {"new", "open", "closed", "waiting_on_us", "waiting_on_contact", "snoozed"},
	"priority": {"low", "normal", "high", "urgent"},
	"is":       {"open", "closed", "new", "unassigned", "assigned", "mine", "snoozed", "spam", "merged"},
	"has":      {"attachment", "note", "reply"},
}

// ParseSearch reads a query as people write it:
//
//	factura "not delivered" -urgent from:ana tag:billing status:open is:unassigned has:attachment after:2026-11-01 #123
//
// A key that is not known is a word like any other (people paste "Re: …" and addresses); a known key with a value that cannot
// be is refused with a *Error that names field q. The last word goes on when nothing follows it. Dates may be 2026-11-30, 2026-11,
// 2026 or 7d (days), 4w (weeks) before now.
func ParseSearch(q string, now time.Time) (SearchQuery, error) {
	var out SearchQuery
	if len(q) > maxSearchBytes {
		return out, refuseQuery("at most %d bytes", maxSearchBytes)
	}
	if !utf8.ValidString(q) {
		return out, refuseQuery("not UTF-8")
	}
	for rest := strings.TrimLeft(q, blanks); rest != ""; rest = strings.TrimLeft(rest, blanks) {
		var t term
		t, rest = nextTerm(rest)
		if err := out.add(t, rest == "", now); err != nil {
			return SearchQuery{}, err
		}
		if len(out.Words)+len(out.Filters) > maxSearchWords {
			return SearchQuery{}, refuseQuery("at most %d words and filters", maxSearchWords)
		}
	}
	return out, nil
}

const blanks = " \t\r\n\u00a0\u3000"

func refuseQuery(format string, args ...any) error { return Refuse(Invalid, "q", format, args...) }

// term is one thing between blanks.
type term struct {
	key, value  string
	not, quoted bool
}

// nextTerm takes the first term off a query that does not begin with a blank. A quote that is not closed goes to the end:
// somebody is typing it.
func nextTerm(q string) (t term, rest string) {
	if len(q) > 1 && q[0] == '-' && !strings.ContainsAny(q[1:2], blanks) {
		t.not, q = true, q[1:]
	}
	end := strings.IndexAny(q, blanks+`"`)
	if end < 0 {
		end = len(q)
	}
	if key, _, found := strings.Cut(q[:end], ":"); found && searchKeys[strings.ToLower(key)] != "" {
		t.key = searchKeys[strings.ToLower(key)]
		q = q[len(key)+1:]
	}
	if strings.HasPrefix(q, `"`) {
		t.quoted = true
		value, rest, _ := strings.Cut(q[1:], `"`)
		t.value = strings.TrimSpace(value)
		return t, rest
	}
	if end = strings.IndexAny(q, blanks+`"`); end < 0 {
		end = len(q)
	}
	t.value = q[:end]
	return t, q[end:]
}

func (q *SearchQuery) add(t term, last bool, now time.Time) error {
	switch t.key {
	case "", "subject", "file":
		if t.value != "" {
			q.Words = append(q.Words, SearchWord{Text: t.value, Phrase: t.quoted, Prefix: last && !t.quoted, Not: t.not, In: t.key})
		}
		return nil
	}
	if t.value == "" {
		if last {
			return nil // being typed
		}
		return refuseQuery("%s: what? Write %s:something, or %s:\"two words\"", t.key, t.key, t.key)
	}
	f, err := searchFilter(t.key, t.value, now)
	if err != nil {
		return err
	}
	f.Not = t.not
	q.Filters = append(q.Filters, f)
	return nil
}

// searchFilter checks a filter.
func searchFilter(key, value string, now time.Time) (SearchFilter, error) {
	f := SearchFilter{Key: key, Value: value}
	switch key {
	case "status", "priority", "is", "has":
		f.Value = strings.ToLower(value)
		if f.Value == "attachments" || f.Value == "file" {
			f.Value = "attachment"
		}
		if !contains(searchValues[key], f.Value) {
			return f, refuseQuery("%s:%s is not known; there are %s", key, clip(value, 40), strings.Join(searchValues[key], ", "))
		}
	case "after", "before":
		day, err := searchDay(value, now)
		if err != nil {
			return f, err
		}
		f.Value = day
	}
	return f, nil
}

// AddFilter adds a condition that did not come in the query's words, with the same checks.
func (q *SearchQuery) AddFilter(key, value string, now time.Time) error {
	f, err := searchFilter(key, value, now)
	if err == nil {
		q.Filters = append(q.Filters, f)
	}
	return err
}

// searchDay gives a day as 2006-01-02, in UTC.
func searchDay(value string, now time.Time) (string, error) {
	now = now.UTC()
	if n := len(value); n >= 2 && n <= 5 {
		if count, err := strconv.ParseUint(value[:n-1], 10, 16); err == nil {
			switch value[n-1] {
			case 'd':
				return now.AddDate(0, 0, -int(count)).Format(time.DateOnly), nil
			case 'w':
				return now.AddDate(0, 0, -7*int(count)).Format(time.DateOnly), nil
			}
		}
	}
	for _, layout := range [...]string{time.DateOnly, "2006-01", "2006"} {
		if day, err := time.Parse(layout, value); err == nil && day.Year() > 1 {
			return day.Format(time.DateOnly), nil
		}
	}
	return "", refuseQuery("%q is not a date; write 2026-11-30, 2026-11, 2026, 7d or 4w", clip(value, 40))
}
