// Package flow is what a web chat does on which page: the chatflows of a channel, which of them a visitor gets, what is asked before the
// first message, and the bot. It is pure: the page, the visitor, the hours and who is there come in, what is said and done comes out.
//
// docs/chatflows.md tells the configuration.
package flow

import (
	"strings"

	"github.com/centralita/centralita/proto/deskpb"
)

// The kinds of a flow.
const (
	Live   = "live" // straight to people
	Robot  = "bot"  // a machine talks first
	maxAll = 20     // flows of a channel
)

// Flow is one chatflow. Flows are tried in their order; the first that is for the page and the visitor counts.
type Flow struct {
	ID       string     `json:"id"`
	Name     string     `json:"name"`
	Kind     string     `json:"kind,omitempty"`     // live (the default) or bot
	Language string     `json:"language,omitempty"` // en or es: of the widget's own words; as the channel says when empty
	Off      bool       `json:"off,omitempty"`
	Pages    []PageRule `json:"pages,omitempty"`  // one of them must hold; none: every page
	Except   []PageRule `json:"except,omitempty"` // none of them may
	Visitors *Visitors  `json:"visitors,omitempty"`
	Trigger  *Trigger   `json:"trigger,omitempty"`
	Small    *Trigger   `json:"small,omitempty"` // on screens of phones, instead
	Heading  *Heading   `json:"heading,omitempty"`
	Welcome  string     `json:"welcome,omitempty"` // the first words; the channel's greeting when empty
	Form     *Form      `json:"form,omitempty"`
	Consent  *Consent   `json:"consent,omitempty"`
	Bot      *Bot       `json:"bot,omitempty"` // of kind bot
}

// PageRule is about a page's address.
type PageRule struct {
	Match string `json:"match"` // equals, contains, starts_with, query
	Value string `json:"value"` // a path or a whole address; of query: name, or name=value
}

// Visitors says for whom a flow is.
type Visitors struct {
	Who      string   `json:"who"`                // unknown (nothing is known but the browser), known (a contact with an address), property
	Property string   `json:"property,omitempty"` // of a contact, by its id
	Is       []string `json:"is,omitempty"`       // one of these values; none: it has any
}

// Trigger says when a flow shows itself.
type Trigger struct {
	On    string `json:"on,omitempty"`    // load (the default), seconds, scroll, exit
	After int    `json:"after,omitempty"` // seconds on the page, or percent of it
	Open  bool   `json:"open,omitempty"`  // it opens the panel; else the launcher stays, with the welcome beside it
}

// Heading is who the visitor sees above the chat.
type Heading struct {
	Show   string   `json:"show"` // people, owner (of the contact; people when there is none), own
	Agents []string `json:"agents,omitempty"`
	Teams  []string `json:"teams,omitempty"`
	Name   string   `json:"name,omitempty"`   // of own
	Avatar string   `json:"avatar,omitempty"` // of own: an https address of a picture
}

// Consent is to the keeping of what the visitor writes.
type Consent struct {
	Kind    string `json:"kind"` // explicit: nothing is kept before they accept; implicit: they are told
	Text    string `json:"text"`
	Version string `json:"version,omitempty"` // changes with the text; made of it when empty
	Link    string `json:"link,omitempty"`    // an https address: the privacy policy
}

// Of is what a consent's text is known by, besides its version: whoever accepted another one did not accept this.
func (c *Consent) Of() string {
	if c.Version != "" {
		return c.Version
	}
	return fingerprint(c.Text)
}

// fingerprint is FNV-1a, 64 bits, in hex.
func fingerprint(s string) string {
	const digits = "0123456789abcdef"
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	var out [16]byte
	for i := range out {
		out[i] = digits[h>>(60-4*i)&15]
	}
	return string(out[:])
}

// Person is what is known of a visitor.
type Person struct {
	Known      bool              // a contact with an address
	Properties map[string]string // by id
}

// Choose gives the flow for a page and a visitor, nil for none: then the chat is as without flows, unless every flow excludes the page
// (see Hidden).
func Choose(flows []Flow, page string, who Person) *Flow {
	at := parsePage(page)
	for i := range flows {
		f := &flows[i]
		if !f.Off && f.on(at) && f.Visitors.holds(who) {
			return f
		}
	}
	return nil
}

// Hidden: there are flows, and none of them is for the page and the visitor: no chat is shown.
func Hidden(flows []Flow, chosen *Flow) bool {
	if chosen != nil {
		return false
	}
	for i := range flows {
		if !flows[i].Off {
			return true
		}
	}
	return false
}

// Find gives a flow by its id, nil for none or one that is off.
func Find(flows []Flow, id string) *Flow {
	for i := range flows {
		if flows[i].ID == id && !flows[i].Off {
			return &flows[i]
		}
	}
	return nil
}

func (v *Visitors) holds(who Person) bool {
	if v == nil {
		return true
	}
	switch v.Who {
	case "unknown":
		return !who.Known
	case "known":
		return who.Known
	}
	have := who.Properties[v.Property]
	if have == "" {
		return false
	}
	for _, is := range v.Is {
		for _, one := range strings.Split(have, ",") { // of several choices one is enough
			if strings.EqualFold(strings.TrimSpace(one), is) {
				return true
			}
		}
	}
	return len(v.Is) == 0
}

// ShownAs is how many of a heading's people are drawn.
const ShownAs = 3

// Draw chooses at most three, the same ones for the same visitor.
func Draw(people []string, seed string) []string {
	if len(people) <= ShownAs {
		return people
	}
	list := append([]string(nil), people...)
	h := uint64(14695981039346656037)
	for i := range len(seed) {
		h = (h ^ uint64(seed[i])) * 1099511628211
	}
	for i := range ShownAs {
		h = h*6364136223846793005 + 1442695040888963407
		j := i + int((h>>33)%uint64(len(list)-i))
		list[i], list[j] = list[j], list[i]
	}
	return list[:ShownAs]
}

// Talks: a bot is to talk first now.
func (f *Flow) Talks(w World) bool {
	return f.Bot != nil && (f.Bot.Hours == "" || w.Open == nil || w.Open(f.Bot.Hours, f.Bot.Holidays))
}

// Labels are choices as they are shown.
func Labels(list []Choice) []string {
	var out []string
	for _, c := range list {
		out = append(out, c.Label)
	}
	return out
}

// Rule is whom a conversation is given to, in the words of routing; nil: the channel's own rule.
func (t To) Rule() *deskpb.RoutingRule {
	switch t.Who {
	case "people":
		return &deskpb.RoutingRule{Mode: deskpb.RoutingMode_ROUTING_MODE_USERS_AND_TEAMS, Agents: t.Agents, Teams: t.Teams}
	case "owner":
		return &deskpb.RoutingRule{Mode: deskpb.RoutingMode_ROUTING_MODE_CONTACT_OWNER, Agents: t.Agents, Teams: t.Teams}
	case "nobody":
		return &deskpb.RoutingRule{Mode: deskpb.RoutingMode_ROUTING_MODE_NOBODY}
	}
	return nil
}
