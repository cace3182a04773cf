package api

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/centralita/centralita/desk"
)

// searchRoutes are those that look at the whole history: finding in it, and counting it.
func (s *Server) searchRoutes() []route {
	return append(s.reportRoutes(), []route{
		{http.MethodGet, "/search", agents, "search", "Find conversations by what was said in them", typed(s.search, 200)},
		{http.MethodGet, "/search/suggest", agents, "suggest", "Tickets and contacts that a few letters may mean", typed(s.suggest, 200)},
	}...)
}

type searchInput struct {
	Q      string `query:"q" maxLength:"500" doc:"Words, \"phrases\", -without, and from: tag: status: owner: team: channel: is: has: subject: file: after: before:"`
	Cursor string `query:"cursor" maxLength:"500" doc:"next of the page before"`
	Limit  int    `query:"limit" default:"20" minimum:"1" maximum:"50"`

	Status  string `query:"status" enum:"new,open,closed,waiting_on_us,waiting_on_contact,snoozed" doc:"As status: in q"`
	Channel string `query:"channel" maxLength:"100" doc:"Id, name, address or kind of a channel"`
	Owner   string `query:"owner" maxLength:"100" doc:"Id, name or address of an agent; me, none"`
	Team    string `query:"team" maxLength:"100" doc:"Id or name of a team; none"`
	Tag     string `query:"tag" maxLength:"100" doc:"Id or name of a tag"`
	Contact string `query:"contact" maxLength:"64" doc:"Id of a contact"`
	From    string `query:"from" maxLength:"100" doc:"contact, agent, me, or part of a name or address"`
	Has     string `query:"has" enum:"attachment,note,reply"`
	After   string `query:"after" maxLength:"10" doc:"Something was said on this day (UTC) or later: 2026-11-30, 2026-11, 2026, 7d, 4w"`
	Before  string `query:"before" maxLength:"10" doc:"Something was said before this day"`
}

func (in *searchInput) query() (desk.SearchQuery, error) {
	now := time.Now()
	q, err := desk.ParseSearch(in.Q, now)
	if err != nil {
		return q, err
	}
	for _, f := range [...]struct{ key, value string }{
		{"status", in.Status}, {"channel", in.Channel}, {"owner", in.Owner}, {"team", in.Team}, {"tag", in.Tag}, {"contact", in.Contact},
		{"from", in.From}, {"has", in.Has}, {"after", in.After}, {"before", in.Before},
	} {
		if f.value != "" {
			if err := q.AddFilter(f.key, f.value, now); err != nil {
				return q, err
			}
		}
	}
	q.Cursor, q.Limit = in.Cursor, in.Limit
	return q, nil
}

// SearchPart is a piece of a text: what was looked for is a hit. It is plain text, never HTML.
type SearchPart struct {
	Text string `json:"text"`
	Hit  bool   `json:"hit"`
}

// SearchHit is a conversation that was found, with its best place.
type SearchHit struct {
	Ticket  Ticket       `json:"ticket"`
	Subject []SearchPart `json:"subject"`
	Snippet []SearchPart `json:"snippet"`
	Message string       `json:"message" doc:"The message the snippet is from; empty: only the ticket itself matches"`
	Side    string       `json:"side" doc:"The side conversation of the ticket that the message is of; empty: it is the ticket's own"`
	Kind    string       `json:"kind" enum:",contact,agent,note,aside,file" doc:"Who says it; aside: it was said in a side conversation; file: it is the name of an attachment"`
	Author  string       `json:"author"`
	At      *string      `json:"at" format:"date-time"`
}

type searchPage struct {
	Body struct {
		Hits  []SearchHit `json:"hits" doc:"Those by subject, contact or number first; then the newest activity"`
		Total int         `json:"total"`
		Exact bool        `json:"exact" doc:"false: there are at least so many"`
		Next  string      `json:"next" doc:"Cursor of the next page; a page may be short and still have one"`
	}
}

func partView(p desk.SearchPart) SearchPart { return SearchPart(p) }

func hitView(h desk.SearchHit, ticket Ticket) SearchHit {
	return SearchHit{
		Ticket: ticket, Subject: each(h.Subject, partView), Snippet: each(h.Snippet, partView), Message: string(h.Message), Side: string(h.Side), Kind: h.Kind,
		Author: h.Author, At: optionalTime(h.AtMs),
	}
}

// errNoSearch: whoever embeds the engine gave none.
func errNoSearch() error {
	return problem(http.StatusServiceUnavailable, "this desk has no search index")
}

func (s *Server) search(ctx context.Context, in *searchInput) (*searchPage, error) {
	if s.opt.Search == nil {
		return nil, errNoSearch()
	}
	q, err := in.query()
	if err != nil {
		return nil, err
	}
	if q.Viewer, err = s.viewer(me(ctx).row); err != nil {
		return nil, err
	}
	page, err := s.opt.Search.Search(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	out, view := &searchPage{}, ticketFor(ctx)
	out.Body.Hits, out.Body.Total, out.Body.Exact, out.Body.Next = each(page.Hits, func(h desk.SearchHit) SearchHit { return hitView(h, view(h.Ticket)) }), page.Total, page.Exact, page.Next
	return out, nil
}

type suggestInput struct {
	Q     string `query:"q" maxLength:"100"`
	Limit int    `query:"limit" default:"8" minimum:"1" maximum:"20"`
}

// Suggestion is a ticket or a contact.
type Suggestion struct {
	Ticket  *Ticket      `json:"ticket"`
	Contact *Contact     `json:"contact"`
	Text    []SearchPart `json:"text" doc:"The subject or the name, with what was looked for"`
}

type suggestions struct {
	Body struct {
		Suggestions []Suggestion `json:"suggestions"`
	}
}

func (s *Server) suggest(ctx context.Context, in *suggestInput) (*suggestions, error) {
	if s.opt.Search == nil {
		return nil, errNoSearch()
	}
	v, err := s.viewer(me(ctx).row)
	if err != nil {
		return nil, err
	}
	all, err := s.opt.Search.Suggest(ctx, in.Q, v, in.Limit)
	if err != nil {
		return nil, fmt.Errorf("suggest: %w", err)
	}
	out := &suggestions{}
	out.Body.Suggestions = each(all, func(g desk.Suggestion) Suggestion {
		view := Suggestion{Text: each(g.Text, partView)}
		if g.Ticket != nil {
			t := ticketFor(ctx)(g.Ticket)
			view.Ticket = &t
		}
		if g.Contact != nil {
			c := contactView(g.Contact)
			view.Contact = &c
		}
		return view
	})
	return out, nil
}
