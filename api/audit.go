package api

import (
	"context"
	"encoding/csv"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// AuditEntry is a line of the audit: who changed what when. It holds no secret.
type AuditEntry struct {
	Position uint64        `json:"position"`
	At       string        `json:"at" format:"date-time"`
	By       AuditAuthor   `json:"by"`
	Noun     string        `json:"noun" enum:"agent,channel,team,setting,contact"`
	Setting  string        `json:"setting" doc:"Of a setting, its kind: tag, pipeline, view, …; else empty"`
	ID       string        `json:"id" doc:"Of the thing"`
	Name     string        `json:"name" doc:"What the thing is called"`
	Kind     string        `json:"kind" doc:"What happened: agent_changed, setting_saved, …"`
	Changes  []AuditChange `json:"changes"`
}

// AuditAuthor is who did it.
type AuditAuthor struct {
	Kind string `json:"kind" enum:"desk,agent,contact,channel,operator"`
	ID   string `json:"id"`
	Name string `json:"name"`
}

// AuditChange is a field before and after.
type AuditChange struct {
	Field  string `json:"field"`
	Before string `json:"before"`
	After  string `json:"after"`
}

type auditInput struct {
	Who    string    `query:"who" maxLength:"64" doc:"An agent's id"`
	Noun   string    `query:"noun" maxLength:"20" doc:"agent, channel, team, setting or contact"`
	Kind   string    `query:"kind" maxLength:"64" doc:"Of the event, such as agent_changed"`
	From   time.Time `query:"from"`
	To     time.Time `query:"to" doc:"Before"`
	Cursor string    `query:"cursor" maxLength:"64"`
	Limit  int       `query:"limit" minimum:"1" maximum:"500" default:"50"`
}

type auditOutput struct {
	Body struct {
		Entries []AuditEntry `json:"entries" doc:"The newest first"`
		Next    string       `json:"next" doc:"The cursor of the next page; empty on the last one"`
	}
}

func (in *auditInput) query() desk.AuditQuery {
	q := desk.AuditQuery{Who: in.Who, Noun: in.Noun, Kind: in.Kind, Cursor: in.Cursor, Limit: in.Limit}
	if !in.From.IsZero() {
		q.FromMs = in.From.UnixMilli()
	}
	if !in.To.IsZero() {
		q.ToMs = in.To.UnixMilli()
	}
	return q
}

func (s *Server) listAudit(_ context.Context, in *auditInput) (*auditOutput, error) {
	page, err := s.opt.Audits.Audit(in.query())
	if err != nil {
		return nil, fmt.Errorf("read the audit: %w", err)
	}
	out := &auditOutput{}
	out.Body.Entries, out.Body.Next = each(page.Entries, auditView), page.Next
	return out, nil
}

func auditView(e *deskpb.AuditEntry) AuditEntry {
	noun, id, _ := strings.Cut(e.Stream, "/")
	kind := strings.ToLower(strings.TrimPrefix(e.By.GetKind().String(), "KIND_"))
	if e.By.GetKind() == deskpb.Author_KIND_UNSPECIFIED {
		kind = "desk"
	}
	return AuditEntry{
		Position: e.Position, At: timeOf(e.AtMs), By: AuditAuthor{kind, e.By.GetId(), e.By.GetName()}, Noun: noun, Setting: e.Setting, ID: id, Name: e.Name, Kind: e.Kind,
		Changes: each(e.Changes, func(c *deskpb.AuditChange) AuditChange { return AuditChange{c.Field, c.Before, c.After} }),
	}
}

// mostExported bounds a CSV: more is asked for by time.
const mostExported = 50_000

// exportAudit writes the lines that a query chooses as CSV.
func (s *Server) exportAudit(w http.ResponseWriter, r *http.Request) {
	v := r.URL.Query()
	q := desk.AuditQuery{Who: v.Get("who"), Noun: v.Get("noun"), Kind: v.Get("kind"), Limit: 500}
	for name, ms := range map[string]*int64{"from": &q.FromMs, "to": &q.ToMs} {
		if v.Get(name) == "" {
			continue
		}
		at, err := time.Parse(time.RFC3339, v.Get(name))
		if err != nil {
			s.answer(w, r, fault("query."+name, "must be a time such as 2026-12-24T00:00:00Z"))
			return
		}
		*ms = at.UnixMilli()
	}
	page, err := s.opt.Audits.Audit(q)
	if err != nil {
		s.answer(w, r, fmt.Errorf("read the audit: %w", err))
		return
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="audit.csv"`)
	out := csv.NewWriter(w)
	_ = out.Write([]string{"time", "who", "who_id", "what", "noun", "id", "name", "changes"})
	for n := 0; ; {
		for _, e := range page.Entries {
			_ = out.Write(auditRow(auditView(e)))
			n++
		}
		if q.Cursor = page.Next; q.Cursor == "" || n >= mostExported || r.Context().Err() != nil {
			break
		}
		if page, err = s.opt.Audits.Audit(q); err != nil {
			s.log.Error("export the audit", "request", requestID(r.Context()), "err", err)
			break
		}
	}
	out.Flush()
}

func auditRow(e AuditEntry) []string {
	var changes []string
	for _, c := range e.Changes {
		changes = append(changes, c.Field+": "+c.Before+" → "+c.After)
	}
	row := []string{e.At, e.By.Name, e.By.ID, e.Kind, e.Noun, e.ID, e.Name, strings.Join(changes, "; ")}
	for i, cell := range row {
		if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
			row[i] = "'" + cell // a spreadsheet would take it as a formula
		}
	}
	return row
}

func (s *Server) auditRoutes() []route {
	const get = http.MethodGet
	return []route{
		{get, "/audit", administrators, "list-audit", "Who changed what when: agents, teams, channels, settings, contacts, sign-ins", typed(s.listAudit, 200)},
		{get, "/audit.csv", administrators, "export-audit", "The same as CSV (who, noun, kind, from, to)", raw(s.exportAudit, 200)},
	}
}
