package desk

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/centralita/centralita/proto/deskpb"
)

// Filter chooses tickets. It is the same JSON in the API, in an address of the workspace and in a view that somebody saved;
// the workspace evaluates it, too, so that rows enter and leave a list as they change (testdata/filters.json holds both to
// the same answers). What is left out does not matter; everything named must hold. The zero value is every ticket that is
// not spam and was not merged into another.
type Filter struct {
	Channel  []string `json:"channel,omitempty"`  // ids
	Kind     []string `json:"kind,omitempty"`     // email, chat, …
	Status   []string `json:"status,omitempty"`   // new, waiting_on_us, waiting_on_contact, closed; open is the first three
	Pipeline []string `json:"pipeline,omitempty"` // ids; "" is the default one
	Stage    []string `json:"stage,omitempty"`    // ids; pipeline:id; pipeline/status without a stage of its own
	Priority []string `json:"priority,omitempty"` // low, normal, high, urgent
	Owner    []string `json:"owner,omitempty"`    // agents; me, nobody
	Team     []string `json:"team,omitempty"`     // teams; mine, none

	Tags       *TagFilter       `json:"tags,omitempty"`
	Properties []PropertyFilter `json:"properties,omitempty"`

	Waiting *TimeFilter `json:"waiting,omitempty"` // since when the contact waits; {} is: waits at all
	Opened  *TimeFilter `json:"opened,omitempty"`
	Updated *TimeFilter `json:"updated,omitempty"`
	Closed  *TimeFilter `json:"closed,omitempty"`
	Due     *TimeFilter `json:"due,omitempty"` // by when an answer is due; {} is: at some time

	Following bool   `json:"following,omitempty"` // who looks follows it
	Mentioned bool   `json:"mentioned,omitempty"` // and is mentioned in it
	Snoozed   *bool  `json:"snoozed,omitempty"`
	Spam      bool   `json:"spam,omitempty"`      // only spam, which no other list shows
	SetAside  bool   `json:"set_aside,omitempty"` // a machine wrote it, and it was closed when it came
	Text      string `json:"text,omitempty"`      // in the subject
}

// TagFilter asks for tags by id.
type TagFilter struct {
	Any  []string `json:"any,omitempty"`
	All  []string `json:"all,omitempty"`
	None []string `json:"none,omitempty"`
}

// PropertyFilter asks for the value of a property; with its name alone: that it is set.
type PropertyFilter struct {
	Property string   `json:"property"`
	Equals   string   `json:"equals,omitempty"`
	Contains string   `json:"contains,omitempty"` // in whatever case
	Any      []string `json:"any,omitempty"`      // one of these choices, or of several chosen
	AtLeast  string   `json:"at_least,omitempty"` // numbers as such, dates in their order
	AtMost   string   `json:"at_most,omitempty"`
	Unset    bool     `json:"unset,omitempty"` // it has no value
}

// TimeFilter is a span of time: from and to are Unix milliseconds (to excluded), last and before count seconds back from now.
type TimeFilter struct {
	From   int64 `json:"from,omitempty"`
	To     int64 `json:"to,omitempty"`
	Last   int64 `json:"last,omitempty"`   // within the last so many seconds
	Before int64 `json:"before,omitempty"` // longer ago than so many seconds
	Within int64 `json:"within,omitempty"` // before so many seconds from now have passed: what was before, too
}

// Limits of a filter.
const (
	maxFilterBytes   = 8 << 10
	maxFilterValues  = 100
	maxFilterText    = 200
	maxFilterSeconds = 10 * 366 * 24 * 3600
)

// ParseFilter reads a filter; "" is the zero value. A refusal names the field under prefix.
func ParseFilter(text, prefix string) (f Filter, err error) {
	if text == "" {
		return f, nil
	}
	if len(text) > maxFilterBytes || !utf8.ValidString(text) {
		return f, Refuse(Invalid, prefix, "at most %d bytes of text", maxFilterBytes)
	}
	dec := json.NewDecoder(strings.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&f); err != nil {
		return f, Refuse(Invalid, prefix, "must be a filter such as {\"status\":[\"open\"]}: %s", strings.TrimPrefix(err.Error(), "json: "))
	}
	if dec.More() {
		return f, Refuse(Invalid, prefix, "must be one filter")
	}
	return f, f.Check(prefix)
}

// String is the filter in its one form.
func (f Filter) String() string {
	b, err := json.Marshal(f)
	if err != nil { // it holds texts, numbers and switches only
		return fmt.Sprint(err)
	}
	return string(b)
}

// Check refuses what is no filter, naming the field under prefix.
func (f *Filter) Check(prefix string) error {
	at := func(field string) string {
		if prefix == "" {
			return field
		}
		return prefix + "." + field
	}
	lists := []struct {
		field string
		all   []string
		words []string // nil: ids
	}{
		{"channel", f.Channel, nil}, {"kind", f.Kind, kindWords}, {"status", f.Status, statusWords}, {"pipeline", f.Pipeline, nil},
		{"stage", f.Stage, nil}, {"priority", f.Priority, priorityWords}, {"owner", f.Owner, nil}, {"team", f.Team, nil},
	}
	if t := f.Tags; t != nil {
		for field, all := range map[string][]string{"tags.any": t.Any, "tags.all": t.All, "tags.none": t.None} {
			lists = append(lists, struct {
				field string
				all   []string
				words []string
			}{field, all, nil})
		}
	}
	for _, l := range lists {
		if len(l.all) > maxFilterValues {
			return Refuse(Invalid, at(l.field), "at most %d values", maxFilterValues)
		}
		for _, v := range l.all {
			if l.words != nil && !slices.Contains(l.words, v) {
				return Refuse(Invalid, at(l.field), "%q is none of %s", clip(v, 40), strings.Join(l.words, ", "))
			}
			if len(v) > maxFilterText {
				return Refuse(Invalid, at(l.field), "at most %d bytes a value", maxFilterText)
			}
		}
	}
	for field, t := range map[string]*TimeFilter{"waiting": f.Waiting, "opened": f.Opened, "updated": f.Updated, "closed": f.Closed, "due": f.Due} {
		if t != nil && (t.From < 0 || t.To < 0 || t.Last < 0 || t.Before < 0 || t.Within < 0 || max(t.Last, t.Before, t.Within) > maxFilterSeconds) {
			return Refuse(Invalid, at(field), "must be times in milliseconds, or seconds from now (at most ten years)")
		}
	}
	if len(f.Properties) > 20 {
		return Refuse(Invalid, at("properties"), "at most 20")
	}
	for _, p := range f.Properties {
		if p.Property == "" || len(p.Property) > maxFilterText || len(p.Equals) > 1000 || len(p.Contains) > maxFilterText ||
			len(p.AtLeast) > maxFilterText || len(p.AtMost) > maxFilterText || len(p.Any) > maxFilterValues {
			return Refuse(Invalid, at("properties"), "name the property; at most %d bytes of text", maxFilterText)
		}
	}
	if len(f.Text) > maxFilterText {
		return Refuse(Invalid, at("text"), "at most %d bytes", maxFilterText)
	}
	return nil
}

var (
	kindWords     = []string{"email", "chat", "messenger", "form", "whatsapp", "call", "custom"}
	statusWords   = []string{"new", "waiting_on_us", "waiting_on_contact", "closed", "open"}
	priorityWords = []string{"low", "normal", "high", "urgent"}
)

// Personal reports whether the answer depends on who asks, leaving aside what they may see.
func (f *Filter) Personal() bool {
	return f.Following || f.Mentioned || slices.Contains(f.Owner, "me") || slices.Contains(f.Team, "mine")
}

// Relative reports whether the answer changes by the passing of time alone.
func (f *Filter) Relative() bool {
	for _, t := range []*TimeFilter{f.Waiting, f.Opened, f.Updated, f.Closed, f.Due} {
		if t != nil && (t.Last > 0 || t.Before > 0 || t.Within > 0) {
			return true
		}
	}
	return false
}

// bits is a set of enum values; the zero value is all of them.
type bits uint32

func bitsOf(words, named []string) (b bits) {
	for _, n := range named {
		b |= 1 << (slices.Index(words, n) + 1) // the words stand in the order of their numbers, from 1
	}
	return b
}

func (b bits) has(n int32) bool { return b == 0 || b&(1<<n) != 0 }

// Matcher is a filter made ready for many rows, for one who looks at one moment.
type Matcher struct {
	f        Filter
	v        *Viewer
	me       string
	teams    map[string]bool
	now      int64
	status   bits
	kind     bits
	priority bits
	text     string
	contains []string // of the properties, in lower case

	places []place
}

// Matcher makes the filter ready. teams are those of the viewer's agent, for "mine".
func (f Filter) Matcher(v *Viewer, teams map[string]bool, nowMs int64) *Matcher {
	m := &Matcher{f: f, v: v, teams: teams, now: nowMs, kind: bitsOf(kindWords, f.Kind), priority: bitsOf(priorityWords, f.Priority), text: fold(f.Text)}
	if v != nil {
		m.me = string(v.Agent)
	}
	if v.SeesAll() {
		m.v = nil
	}
	m.status = bitsOf(statusWords, f.Status)
	if const5 := bits(1 << 5); m.status&const5 != 0 {
		m.status = m.status&^const5 | 1<<deskpb.TicketStatus_TICKET_STATUS_NEW | 1<<deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_US | 1<<deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_CONTACT
	}
	m.places = placesOf(f.Stage)
	for _, p := range f.Properties {
		m.contains = append(m.contains, fold(p.Contains))
	}
	return m
}

// MayBeClosed reports whether a closed ticket can match.
func (m *Matcher) MayBeClosed() bool {
	return m.status.has(int32(deskpb.TicketStatus_TICKET_STATUS_CLOSED))
}

// Matches is the whole rule: the viewer may see the ticket, and everything the filter names holds.
func (m *Matcher) Matches(r *Row) bool {
	f := &m.f
	if !m.status.has(int32(r.Status)) || r.Spam != f.Spam || r.Merged || !m.kind.has(int32(r.Kind)) || !m.priority.has(int32(r.Priority)) {
		return false
	}
	if f.Snoozed != nil && *f.Snoozed != (r.SnoozedMs != 0) || f.Updated != nil && !f.Updated.holds(r.UpdatedMs, m.now) ||
		f.Waiting != nil && !f.Waiting.holds(r.WaitingMs, m.now) || f.Opened != nil && !f.Opened.holds(r.OpenedMs, m.now) ||
		f.Closed != nil && !f.Closed.holds(r.ClosedMs, m.now) || f.Due != nil && !f.Due.holds(r.DueMs, m.now) {
		return false
	}
	if len(f.Owner) > 0 && !m.owned(r.Owner) || len(f.Team) > 0 && !m.ofTeam(r.Team) || len(f.Channel) > 0 && !contains(f.Channel, r.Channel) ||
		len(f.Pipeline) > 0 && !contains(f.Pipeline, r.Pipeline) || len(f.Stage) > 0 && !m.inStage(r) {
		return false
	}
	if f.SetAside && !r.SetAside || f.Following && !contains(r.Followers, m.me) || f.Mentioned && !contains(r.Mentioned, m.me) {
		return false
	}
	return (f.Tags == nil || f.Tags.holds(r.Tags)) && m.properties(r) && (m.text == "" || strings.Contains(r.Subject, m.text)) &&
		(m.v == nil || m.v.sees(r.Owner, r.Team, r.Followers, r.Mentioned, r.RuleTeams))
}

func (m *Matcher) owned(owner string) bool {
	for _, o := range m.f.Owner {
		if o == owner && owner != "" || o == "nobody" && owner == "" || o == "me" && owner == m.me && owner != "" {
			return true
		}
	}
	return false
}

func (m *Matcher) ofTeam(team string) bool {
	for _, t := range m.f.Team {
		if t == team && team != "" || t == "none" && team == "" || t == "mine" && m.teams[team] {
			return true
		}
	}
	return false
}

func (m *Matcher) properties(r *Row) bool {
	for i := range m.f.Properties {
		p := &m.f.Properties[i]
		if !p.holds(r.Properties[p.Property], m.contains[i]) {
			return false
		}
	}
	return true
}

func (t *TagFilter) holds(tags []string) bool {
	for _, n := range t.None {
		if contains(tags, n) {
			return false
		}
	}
	for _, a := range t.All {
		if !contains(tags, a) {
			return false
		}
	}
	if len(t.Any) == 0 {
		return true
	}
	return slices.ContainsFunc(t.Any, func(a string) bool { return contains(tags, a) })
}

// holds: a time that is none is in no span.
func (t *TimeFilter) holds(ms, now int64) bool {
	return ms != 0 && (t.From == 0 || ms >= t.From) && (t.To == 0 || ms < t.To) &&
		(t.Last == 0 || ms >= now-t.Last*1000) && (t.Before == 0 || ms < now-t.Before*1000) &&
		(t.Within == 0 || ms < now+t.Within*1000)
}

// fold brings a text to the form it is compared in.
func fold(s string) string { return strings.ToLower(s) }

// BuiltIn are the views that are always there.
var BuiltIn = map[View]Filter{
	ViewUnassigned: {Status: []string{"open"}, Owner: []string{"nobody"}, Snoozed: is(false)},
	ViewMine:       {Status: []string{"open"}, Owner: []string{"me"}, Snoozed: is(false)},
	ViewOpen:       {Status: []string{"open"}, Snoozed: is(false)},
	ViewMentions:   {Mentioned: true},
	ViewFollowing:  {Status: []string{"open"}, Following: true},
	ViewWaiting:    {Status: []string{"new", "waiting_on_us"}, Snoozed: is(false)},
	ViewSnoozed:    {Status: []string{"open"}, Snoozed: is(true)},
	ViewClosed:     {Status: []string{"closed"}},
	ViewSetAside:   {Status: []string{"closed"}, SetAside: true},
	ViewSpam:       {Spam: true},
}

func is(b bool) *bool { return &b }

// Sort is the order of a list.
type Sort string

// The orders. Rows that have no such time come last in either direction.
const (
	SortUpdated  Sort = "updated"
	SortOpened   Sort = "opened"
	SortWaiting  Sort = "waiting"
	SortPriority Sort = "priority"
	SortNumber   Sort = "number"
	SortDue      Sort = "due"
)

// Sorts lists them.
var Sorts = []Sort{SortUpdated, SortOpened, SortWaiting, SortPriority, SortNumber, SortDue}

// Rank is where a row stands: rows come by rank, the smaller first, then by conversation.
func (s Sort) Rank(r *Row, ascending bool) int64 {
	var v int64
	switch s {
	case SortOpened:
		v = r.OpenedMs
	case SortWaiting:
		v = r.WaitingMs
	case SortPriority:
		v = int64(r.Priority)<<48 | r.UpdatedMs // the newest activity first among equals, or last
	case SortNumber:
		v = int64(r.Number)
	case SortDue:
		v = r.DueMs
	case SortUpdated:
		v = r.UpdatedMs
	}
	if v == 0 {
		return 1<<63 - 1
	}
	if ascending {
		return v
	}
	return -v
}
