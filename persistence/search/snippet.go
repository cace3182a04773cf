package search

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// snippetBytes is how much of a text is shown around what was found.
const snippetBytes = 200

// snippets finds in a text what a query looked for, by the same words and forms as the index.
type snippets struct {
	stems      *stemmer
	wanted     map[string]int // form → which clause wants it
	files      map[string]int
	heads      map[string]int  // of subject: words only
	starts     map[string]bool // how the forms begin: stems are looked for only in words that do, too
	beginnings []string        // of those wanted, which may go on
	phrases    [][]string      // the plain forms of words that follow each other
}

func newSnippets(p *planner) *snippets {
	s := &snippets{stems: p.stems, wanted: map[string]int{}, files: map[string]int{}, heads: map[string]int{}, starts: map[string]bool{}}
	for i, c := range p.plan.all {
		for _, t := range c.terms {
			s.want(i, c.field, t)
		}
		if c.beginning != "" {
			s.want(i, c.field, c.beginning)
			s.beginnings = append(s.beginnings, c.beginning)
		}
	}
	for _, words := range p.plan.phrases {
		var plain []string
		for _, w := range words {
			plain = append(plain, fold(w.text))
		}
		s.phrases = append(s.phrases, plain)
	}
	return s
}

func (s *snippets) want(clause int, field, term string) {
	s.starts[startOf(term)] = true
	switch field {
	case fieldText:
		s.wanted[term], s.heads[term], s.files[term] = clause, clause, clause
	case fieldHead:
		s.heads[term] = clause
	case fieldFile:
		s.files[term] = clause
	}
}

// seeksNothing: the query is conditions only, and the text of a ticket shows nothing of them.
func (s *snippets) seeksNothing() bool { return len(s.wanted)+len(s.files)+len(s.phrases) == 0 }

// startOf is as much of a word as every form of it has.
func startOf(w string) string { return w[:min(len(w), 2)] }

// span is a piece of a text that was looked for.
type span struct{ start, end, clause int }

// spans finds what was looked for in a text.
func (s *snippets) spans(text string, wanted map[string]int) (found []span) {
	if len(wanted) == 0 {
		return nil
	}
	eachWord(text, func(w word) {
		if !s.starts[startOf(fold(w.text))] {
			return
		}
		all := s.stems.forms(w.text)
		for _, f := range all {
			if clause, is := wanted[f.text]; is {
				found = append(found, span{w.start, w.end, clause})
				return
			}
		}
		for _, b := range s.beginnings {
			if clause, is := wanted[b]; is && strings.HasPrefix(all[0].text, b) {
				found = append(found, span{w.start, w.end, clause})
				return
			}
		}
	})
	return found
}

// candidate is a text of a conversation in which something was found.
type candidate struct {
	record       desk.Record
	text         string
	spans        []span
	score        int
	message      string
	side         string // the side conversation that it was said in
	kind, author string
}

// hit makes a result of a conversation; false when a phrase is nowhere in it. What was said aside is shown when the ticket itself says no more.
func (s *snippets) hit(t desk.Ticket, c desk.Contact, records []desk.Record, sides []aside) (desk.SearchHit, bool) {
	hit := desk.SearchHit{Ticket: t, Subject: partsOf(t.Subject, s.spans(t.Subject, s.heads), 0, len(t.Subject))}
	left := make([]bool, len(s.phrases)) // phrases found
	s.seek(left, t.Subject)
	s.seek(left, t.ContactName)
	s.seek(left, c.GetName())
	for _, i := range c.GetIdentities() {
		s.seek(left, i.Value)
	}
	best := s.best(nil, left, records, "")
	for _, a := range sides {
		s.seek(left, a.subject)
		best = s.best(best, left, a.records, a.id)
	}
	for _, found := range left {
		if !found {
			return hit, false
		}
	}
	if best == nil {
		hit.Snippet = []desk.SearchPart{{Text: t.Preview}}
		return hit, true
	}
	hit.Message, hit.Side, hit.Kind, hit.Author, hit.AtMs = desk.MessageID(best.message), desk.ConversationID(best.side), best.kind, best.author, best.record.AtMs
	from, to := window(best.text, best.spans)
	hit.Snippet = partsOf(best.text, best.spans, from, to)
	return hit, true
}

// best finds what says most of what was looked for, in records of the ticket or of one of its side conversations; before is the best one so far.
func (s *snippets) best(before *candidate, left []bool, records []desk.Record, side string) *candidate {
	for i := len(records) - 1; i >= 0; i-- {
		if m := records[i].Event.GetMessageReceived(); m != nil {
			s.seek(left, m.Subject)
			s.seek(left, m.From.GetName())
			s.seek(left, m.From.GetAddress())
		}
		for _, c := range s.candidates(records[i]) {
			in := s.seek(left, c.text)
			if c.score = 10*distinct(c.spans) + 20*in; len(c.spans) > 0 && (before == nil || c.score > before.score) {
				if c.side = side; side != "" && c.kind != "file" {
					c.kind = "aside"
				}
				before = c
			}
		}
	}
	return before
}

// candidates are the texts of a record in which something is found: what was said, and the names of its attachments.
func (s *snippets) candidates(r desk.Record) (all []*candidate) {
	var body *deskpb.Body
	var message, kind, author string
	switch e := r.Event.GetKind().(type) {
	case *deskpb.Event_MessageReceived:
		m := e.MessageReceived
		body, message, kind, author = m.Body, m.Message, "contact", m.From.GetName()
		if author == "" {
			author = m.From.GetAddress()
		}
	case *deskpb.Event_ReplyRequested:
		m := e.ReplyRequested
		body, message, kind, author = m.Body, m.Message, "agent", m.AgentName
	case *deskpb.Event_ReplyImported:
		m := e.ReplyImported.GetMail()
		body, message, kind, author = m.GetBody(), m.GetMessage(), "agent", importedBy(e.ReplyImported)
		if author == "" {
			author = m.GetFrom().GetAddress()
		}
	case *deskpb.Event_NoteAdded:
		m := e.NoteAdded
		body, message, kind, author = m.Body, m.Message, "note", m.AgentName
	default:
		return nil
	}
	text := textOf(body)
	all = append(all, &candidate{record: r, text: text, spans: s.spans(text, s.wanted), message: message, kind: kind, author: author})
	for _, a := range body.GetAttachments() {
		if spans := s.spans(a.Name, s.files); len(spans) > 0 || len(s.phrases) > 0 {
			all = append(all, &candidate{record: r, text: a.Name, spans: spans, message: message, kind: "file", author: author})
		}
	}
	return all
}

// seek notes which phrases a text has, and how many.
func (s *snippets) seek(found []bool, text string) (n int) {
	if len(s.phrases) == 0 {
		return 0
	}
	var words []word
	for i, phrase := range s.phrases {
		if !mayHold(text, phrase) {
			continue
		}
		if words == nil {
			words = wordsOf(text)
			for i := range words {
				words[i].text = fold(words[i].text)
			}
		}
		if follows(words, phrase) {
			found[i] = true
			n++
		}
	}
	return n
}

// mayHold is a cheap no: a text without accents and without a plain word of the phrase, in any case, does not hold it.
func mayHold(text string, phrase []string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return true
		}
	}
	longest := ""
	for _, p := range phrase {
		if len(p) > len(longest) {
			longest = p
		}
	}
	for at := 0; at+len(longest) <= len(text); at++ {
		if text[at]|0x20 == longest[0]|0x20 && strings.EqualFold(text[at:at+len(longest)], longest) {
			return true
		}
	}
	return false
}

// follows reports whether the words of a phrase stand one after the other; the last one may go on.
func follows(words []word, phrase []string) bool {
	for at := 0; at+len(phrase) <= len(words); at++ {
		same := true
		for i, p := range phrase {
			w := words[at+i].text
			if same = w == p || i == len(phrase)-1 && strings.HasPrefix(w, p); !same {
				break
			}
		}
		if same {
			return true
		}
	}
	return false
}

// distinct is how many different things were found.
func distinct(spans []span) int {
	seen := map[int]bool{}
	for _, s := range spans {
		seen[s.clause] = true
	}
	return len(seen)
}

// window is the piece of a text that shows most of what was found.
func window(text string, spans []span) (from, to int) {
	best, score := 0, 0
	for i := range spans {
		n := 0
		seen := map[int]bool{}
		for _, s := range spans[i:] {
			if s.end-spans[i].start > snippetBytes*2/3 {
				break
			}
			seen[s.clause] = true
			n++
		}
		if value := 4*len(seen) + min(n, 3); value > score {
			best, score = i, value
		}
		if i > 200 {
			break
		}
	}
	from = max(0, spans[best].start-snippetBytes/4)
	to = min(len(text), from+snippetBytes)
	for from > 0 && (!utf8.RuneStart(text[from]) || text[from-1] != ' ' && text[from-1] != '\n') && from < spans[best].start {
		from++
	}
	for to < len(text) && !utf8.RuneStart(text[to]) {
		to--
	}
	return from, to
}

// partsOf cuts a text into what was found and the rest; blanks are one.
func partsOf(text string, spans []span, from, to int) (parts []desk.SearchPart) {
	add := func(s string, hit bool) {
		if s = squeeze(s); s != "" {
			parts = append(parts, desk.SearchPart{Text: s, Hit: hit})
		}
	}
	if from > 0 {
		add("… ", false)
	}
	at := from
	for _, s := range spans {
		if s.start < at || s.end > to {
			continue
		}
		add(text[at:s.start], false)
		add(text[s.start:s.end], true)
		at = s.end
	}
	add(text[at:to], false)
	if to < len(text) {
		add("…", false)
	}
	return parts
}

// squeeze makes one blank of many, also at the ends: what is next to it is shown next to it.
func squeeze(s string) string {
	var b strings.Builder
	blank := false
	for _, r := range s {
		if r == ' ' || r == '\n' || r == '\t' || r == '\r' || r == '\u00a0' {
			blank = true
			continue
		}
		if blank {
			b.WriteByte(' ')
		}
		blank = false
		b.WriteRune(r)
	}
	if blank {
		b.WriteByte(' ')
	}
	return b.String()
}

// numberOf reads a ticket's number, with or without #.
func numberOf(s string) (uint64, bool) {
	n, err := strconv.ParseUint(strings.TrimPrefix(s, "#"), 10, 64)
	return n, err == nil && n > 0
}
