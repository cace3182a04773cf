package api

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // the zones of viewers, on machines that have none

	"github.com/centralita/centralita/desk"
)

func (s *Server) reportRoutes() []route {
	return []route{
		{http.MethodGet, "/reports/now", supervisors, "report-now", "How it stands: the line, who is there, what is open, the last hour", typed(s.reportNow, 200)},
		{http.MethodGet, "/reports/overview", supervisors, "report-overview", "What happened in a span of time, in steps and by channel, team and agent", typed(s.reportOverview, 200)},
		{http.MethodGet, "/reports/overview.csv", supervisors, "report-csv", "One table of the overview as CSV (RFC 4180): table=steps, channels, teams or agents, and the parameters of the overview", raw(s.reportCSV, 200)},
	}
}

// errNoReports: whoever embeds the engine gave none.
func errNoReports() error { return problem(http.StatusServiceUnavailable, "this desk counts nothing") }

// StandingAgent is an agent on the dashboard.
type StandingAgent struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	Available  bool   `json:"available"`
	AwayReason string `json:"away_reason"`
	Load       int32  `json:"load" doc:"Places taken or promised"`
	Capacity   int32  `json:"capacity" doc:"0: no limit"`
	Open       int    `json:"open" doc:"Open tickets owned"`
}

// StandingPlace is a channel or team on the dashboard; an empty id is what belongs to none.
type StandingPlace struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Open int    `json:"open"`
	In   int    `json:"in" doc:"Messages of contacts in the last hour; of channels"`
	Out  int    `json:"out" doc:"Replies in the last hour; of channels"`
}

type reportStanding struct {
	Body struct {
		Waiting       int             `json:"waiting" doc:"Tickets in the waiting line"`
		OldestWaiting *string         `json:"oldest_waiting" format:"date-time" doc:"Since when the one that waits longest waits"`
		Open          int             `json:"open"`
		Available     int             `json:"available" doc:"Agents who are there"`
		Agents        []StandingAgent `json:"agents" doc:"Those who are there first"`
		Channels      []StandingPlace `json:"channels"`
		Teams         []StandingPlace `json:"teams"`
		Behind        uint64          `json:"behind" doc:"Records that are not counted yet"`
	}
}

func (s *Server) reportNow(_ context.Context, _ *nothing) (*reportStanding, error) {
	if s.opt.Reports == nil {
		return nil, errNoReports()
	}
	now := s.opt.Reports.Now(time.Now())
	out := &reportStanding{}
	out.Body.Open, out.Body.Behind = now.Open, now.Behind
	oldest := int64(0)
	for t, err := range s.opt.Tickets.Line() {
		if err != nil {
			return nil, fmt.Errorf("read the waiting line: %w", err)
		}
		out.Body.Waiting++
		if since := t.InLineSinceMs; oldest == 0 || since < oldest {
			oldest = since
		}
	}
	out.Body.OldestWaiting = optionalTime(oldest)
	names, err := s.reportNames()
	if err != nil {
		return nil, err
	}
	for _, a := range names.agents {
		if a.Deactivated {
			continue
		}
		out.Body.Agents = append(out.Body.Agents, StandingAgent{a.Agent, a.Name, a.Available, a.AwayReason, a.Load, a.Capacity, now.ByWho[a.Agent]})
		if a.Available {
			out.Body.Available++
		}
	}
	out.Body.Agents = notNil(out.Body.Agents)
	slices.SortStableFunc(out.Body.Agents, func(a, b StandingAgent) int {
		if a.Available != b.Available {
			return strings.Compare(strconv.FormatBool(b.Available), strconv.FormatBool(a.Available))
		}
		return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	})
	for _, c := range names.channels {
		out.Body.Channels = append(out.Body.Channels, StandingPlace{c.Channel, c.Name, now.ByChannel[c.Channel], now.In[c.Channel], now.Out[c.Channel]})
	}
	out.Body.Channels = notNil(out.Body.Channels)
	for _, t := range names.teams {
		if t.Removed && now.ByTeam[t.Team] == 0 {
			continue
		}
		out.Body.Teams = append(out.Body.Teams, StandingPlace{ID: t.Team, Name: t.Name, Open: now.ByTeam[t.Team]})
	}
	out.Body.Teams = notNil(out.Body.Teams)
	return out, nil
}

func notNil[T any](all []T) []T {
	if all == nil {
		return []T{}
	}
	return all
}

// reportNames are what ids are called.
type reportNames struct {
	agents   []desk.Agent
	teams    []desk.Team
	channels []desk.Channel
}

func (s *Server) reportNames() (n reportNames, err error) {
	if n.agents, err = s.opt.People.Agents(); err != nil {
		return n, fmt.Errorf("read the agents: %w", err)
	}
	if n.teams, err = s.opt.People.Teams(); err != nil {
		return n, fmt.Errorf("read the teams: %w", err)
	}
	if n.channels, err = s.opt.ChannelRows.Channels(); err != nil {
		return n, fmt.Errorf("read the channels: %w", err)
	}
	return n, nil
}

func (n reportNames) of(id string) string {
	for _, a := range n.agents {
		if a.Agent == id {
			return a.Name
		}
	}
	for _, t := range n.teams {
		if t.Team == id {
			return t.Name
		}
	}
	for _, c := range n.channels {
		if c.Channel == id {
			return c.Name
		}
	}
	return id
}

type reportInput struct {
	From    string `query:"from" maxLength:"40" doc:"RFC 3339, or a day of the zone: 2026-11-30. Left out: 7 days before to"`
	To      string `query:"to" maxLength:"40" doc:"RFC 3339, or the last day. Left out: now"`
	By      string `query:"by" default:"day" enum:"hour,day,week"`
	Zone    string `query:"zone" maxLength:"60" default:"UTC" doc:"Such as Europe/Madrid"`
	Channel string `query:"channel" maxLength:"64"`
	Team    string `query:"team" maxLength:"64"`
	Agent   string `query:"agent" maxLength:"64"`
}

func (in *reportInput) query(now time.Time) (q desk.ReportQuery, err error) {
	q = desk.ReportQuery{By: in.By, Channel: desk.ChannelID(in.Channel), Team: desk.TeamID(in.Team), Agent: desk.AgentID(in.Agent)}
	if q.Zone, err = time.LoadLocation(in.Zone); err != nil || in.Zone == "Local" {
		return q, fault("query.zone", "there is no time zone %q; write one like Europe/Madrid", in.Zone)
	}
	to, ok := reportTime(in.To, now, q.Zone, true)
	if !ok {
		return q, fault("query.to", "%q is neither a day like 2026-11-30 nor a time of RFC 3339", in.To)
	}
	from, ok := reportTime(in.From, to.AddDate(0, 0, -7), q.Zone, false)
	if !ok {
		return q, fault("query.from", "%q is neither a day like 2026-11-30 nor a time of RFC 3339", in.From)
	}
	q.FromMs, q.ToMs = from.UnixMilli(), to.UnixMilli()
	return q, nil
}

// reportTime reads a moment; a day as an end is meant with all its hours.
func reportTime(s string, missing time.Time, zone *time.Location, end bool) (time.Time, bool) {
	if s == "" {
		return missing, true
	}
	if day, err := time.ParseInLocation(time.DateOnly, s, zone); err == nil {
		if end {
			day = day.AddDate(0, 0, 1)
		}
		return day, day.Year() > 1970 && day.Year() < 3000
	}
	at, err := time.Parse(time.RFC3339, s)
	return at, err == nil && at.Year() > 1970 && at.Year() < 3000
}

// ReportSpread describes many lengths of time, in seconds.
type ReportSpread struct {
	Count  int     `json:"count"`
	Median float64 `json:"median" doc:"Seconds"`
	P90    float64 `json:"p90" doc:"Seconds: nine of ten do not exceed it"`
}

// ReportRow is what happened in one step, or of one channel, team or agent.
type ReportRow struct {
	ID         string       `json:"id"`
	Name       string       `json:"name"`
	Start      *string      `json:"start" format:"date-time" doc:"Of a step"`
	Opened     int          `json:"opened"`
	Closed     int          `json:"closed"`
	In         int          `json:"in" doc:"Messages of contacts, machines' not counted"`
	Out        int          `json:"out" doc:"Replies of agents"`
	Backlog    int          `json:"backlog" doc:"Open tickets at the end"`
	FirstReply ReportSpread `json:"first_reply" doc:"From opening to the first reply"`
	Resolution ReportSpread `json:"resolution" doc:"From opening, or opening again, to closing"`
}

func spreadView(s desk.Spread) ReportSpread {
	return ReportSpread{s.Count, s.Median.Seconds(), s.P90.Seconds()}
}

func reportRow(r desk.ReportRow, n reportNames) ReportRow {
	return ReportRow{
		r.ID, n.of(r.ID), optionalTime(r.StartMs), r.Opened, r.Closed, r.In, r.Out, r.Backlog, spreadView(r.FirstReply), spreadView(r.Resolution),
	}
}

type reportOverview struct {
	Body struct {
		From     string      `json:"from" format:"date-time"`
		To       string      `json:"to" format:"date-time"`
		Steps    []ReportRow `json:"steps"`
		Total    ReportRow   `json:"total"`
		Channels []ReportRow `json:"channels" doc:"The busiest first"`
		Teams    []ReportRow `json:"teams"`
		Agents   []ReportRow `json:"agents" doc:"Replies count for who wrote them, closing for who owned it"`
	}
}

func (s *Server) reportOverview(_ context.Context, in *reportInput) (*reportOverview, error) {
	if s.opt.Reports == nil {
		return nil, errNoReports()
	}
	q, err := in.query(time.Now())
	if err != nil {
		return nil, err
	}
	r, names, err := s.report(q)
	if err != nil {
		return nil, err
	}
	view := func(r desk.ReportRow) ReportRow { return reportRow(r, names) }
	out := &reportOverview{}
	out.Body.From, out.Body.To = timeOf(q.FromMs), timeOf(q.ToMs)
	out.Body.Steps, out.Body.Total = each(r.Steps, view), view(r.Total)
	out.Body.Channels, out.Body.Teams, out.Body.Agents = each(r.Channels, view), each(r.Teams, view), each(r.Agents, view)
	return out, nil
}

func (s *Server) report(q desk.ReportQuery) (desk.Report, reportNames, error) {
	names, err := s.reportNames()
	if err != nil {
		return desk.Report{}, names, err
	}
	r, err := s.opt.Reports.Report(q)
	if refused, is := errors.AsType[*desk.Error](err); is {
		return r, names, fault("query."+refused.Field, "%s", refused.Message)
	}
	if err != nil {
		return r, names, fmt.Errorf("report: %w", err)
	}
	return r, names, nil
}

// reportCSV gives one table: steps, channels, teams or agents.
func (s *Server) reportCSV(w http.ResponseWriter, r *http.Request) {
	if s.opt.Reports == nil {
		s.answer(w, r, errNoReports())
		return
	}
	p := r.URL.Query()
	in := reportInput{From: p.Get("from"), To: p.Get("to"), By: p.Get("by"), Zone: p.Get("zone"), Channel: p.Get("channel"), Team: p.Get("team"), Agent: p.Get("agent")}
	if in.By == "" {
		in.By = desk.ByDay
	}
	q, err := in.query(time.Now())
	if err != nil {
		s.answer(w, r, err)
		return
	}
	report, names, err := s.report(q)
	if err != nil {
		s.answer(w, r, err)
		return
	}
	table := p.Get("table")
	rows, known := map[string][]desk.ReportRow{"": report.Steps, "steps": report.Steps, "channels": report.Channels, "teams": report.Teams, "agents": report.Agents}[table]
	if !known {
		s.answer(w, r, fault("query.table", "must be steps, channels, teams or agents"))
		return
	}
	if table == "" {
		table = "steps"
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="centralita-%s-%s.csv"`, table, time.UnixMilli(q.FromMs).In(q.Zone).Format(time.DateOnly)))
	c := csv.NewWriter(w)
	c.UseCRLF = true
	_ = c.Write([]string{table, "opened", "closed", "messages_in", "replies_out", "backlog", "first_reply_count", "first_reply_median_s", "first_reply_p90_s",
		"resolution_count", "resolution_median_s", "resolution_p90_s"})
	for _, row := range rows {
		first := names.of(row.ID)
		if row.StartMs > 0 {
			first = time.UnixMilli(row.StartMs).In(q.Zone).Format(time.RFC3339)
		}
		_ = c.Write([]string{
			cell(first), strconv.Itoa(row.Opened), strconv.Itoa(row.Closed), strconv.Itoa(row.In), strconv.Itoa(row.Out), strconv.Itoa(row.Backlog),
			strconv.Itoa(row.FirstReply.Count), seconds(row.FirstReply.Median), seconds(row.FirstReply.P90),
			strconv.Itoa(row.Resolution.Count), seconds(row.Resolution.Median), seconds(row.Resolution.P90),
		})
	}
	c.Flush() // the peer may have gone
}

func seconds(d time.Duration) string { return strconv.FormatInt(int64(d.Seconds()), 10) }

// cell makes a text harmless for spreadsheets, which take what begins with these for a formula
// (https://owasp.org/www-community/attacks/CSV_Injection).
func cell(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
