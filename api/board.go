package api

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// The supervisors' live board: what the rows of agents, which the socket brings, do not say.

// BoardTicket is one ticket on the board.
type BoardTicket struct {
	ID      string `json:"id"`
	Number  uint64 `json:"number"`
	Subject string `json:"subject"`
	Contact string `json:"contact" doc:"Their name"`
	Since   string `json:"since" format:"date-time"`
}

// BoardAgent is what an agent has.
type BoardAgent struct {
	ID      string       `json:"id"`
	Open    int          `json:"open" doc:"Open tickets owned, put off or not"`
	Waits   int          `json:"waits" doc:"Of these, not put off, whose contact waits for an answer"`
	Longest *BoardTicket `json:"longest" doc:"The one of them whose contact waits longest, and since when; null: none does"`
}

// BoardLine is the waiting line of a channel, of a team, or the whole.
type BoardLine struct {
	ID          string       `json:"id" doc:"Of the channel or team; empty: of the whole"`
	Name        string       `json:"name"`
	Waiting     int          `json:"waiting"`
	Oldest      *string      `json:"oldest" format:"date-time" doc:"Since when the one stands there that stands longest"`
	First       *BoardTicket `json:"first" doc:"Who is served first, and since when it stands in line"`
	Candidates  []Candidate  `json:"candidates" doc:"Who could take the first, each with what is in the way: away, at_capacity, …"`
	Loose       int          `json:"loose" doc:"Open tickets without an owner that no rule gives to anybody"`
	LooseTicket *BoardTicket `json:"loose_ticket" doc:"The one of them that is open longest"`
	Round       int          `json:"round" doc:"Tickets that go round: offered by rule, and taken by nobody so far. They stand in line, or are offered to somebody right now"`
	RoundTicket *BoardTicket `json:"round_ticket" doc:"The one of them that was passed by most often"`
	RoundTimes  int32        `json:"round_times" doc:"How often in a row nobody took it"`
}

type boardOutput struct {
	Body struct {
		Open     int          `json:"open"`
		Agents   []BoardAgent `json:"agents" doc:"Who is not deactivated"`
		All      BoardLine    `json:"all"`
		Channels []BoardLine  `json:"channels" doc:"All channels that are on, and those where something waits"`
		Teams    []BoardLine  `json:"teams" doc:"A ticket counts for its team, or else for those that its rule names"`
		Place
	}
}

func (s *Server) readBoard(ctx context.Context, _ *nothing) (*boardOutput, error) {
	out := &boardOutput{}
	out.Body.Place = s.here()
	now, err := s.opt.Lists.Board(ctx)
	if err != nil {
		return nil, fmt.Errorf("look at the work: %w", err)
	}
	names, err := s.reportNames()
	if err != nil {
		return nil, err
	}
	b := &boarding{s: s, ctx: ctx, asked: map[desk.ConversationID][]Candidate{}}
	out.Body.Open, out.Body.All = now.Open, b.line(Named{}, &now.All)
	out.Body.Agents, out.Body.Channels, out.Body.Teams = []BoardAgent{}, []BoardLine{}, []BoardLine{}
	for _, a := range names.agents {
		if d := cmp.Or(now.Agents[desk.AgentID(a.Agent)], &desk.Burden{}); !a.Deactivated || d.Open > 0 {
			out.Body.Agents = append(out.Body.Agents, BoardAgent{a.Agent, d.Open, d.Waits, b.ticket(d.Oldest)})
		}
	}
	for _, c := range names.channels {
		if q := now.Channels[desk.ChannelID(c.Channel)]; c.On || q != nil {
			out.Body.Channels = append(out.Body.Channels, b.line(Named{c.Channel, c.Name}, q))
		}
	}
	for _, t := range names.teams {
		if q := now.Teams[desk.TeamID(t.Team)]; !t.Removed || q != nil {
			out.Body.Teams = append(out.Body.Teams, b.line(Named{t.Team, t.Name}, q))
		}
	}
	for _, all := range [][]BoardLine{out.Body.Channels, out.Body.Teams} {
		slices.SortStableFunc(all, func(a, b BoardLine) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
	}
	return out, b.err
}

// boarding reads what the board shows of single tickets; the first error is kept.
type boarding struct {
	s     *Server
	ctx   context.Context
	asked map[desk.ConversationID][]Candidate // who could take it
	err   error
}

func (b *boarding) row(id desk.ConversationID) desk.Ticket {
	if id == "" || b.err != nil {
		return nil
	}
	row, err := b.s.opt.Tickets.Ticket(id)
	if err != nil {
		b.err = fmt.Errorf("read ticket %s: %w", id, err)
	}
	return row
}

func (b *boarding) ticket(m desk.Mark) *BoardTicket {
	row := b.row(m.Conversation)
	if row == nil {
		return nil
	}
	return &BoardTicket{row.Conversation, row.Number, row.Subject, row.ContactName, timeOf(m.SinceMs)}
}

func (b *boarding) line(of Named, q *desk.Queueing) BoardLine {
	q = cmp.Or(q, &desk.Queueing{})
	return BoardLine{
		ID: of.ID, Name: of.Name, Waiting: q.Waiting, Oldest: optionalTime(q.OldestMs), First: b.ticket(q.First), Candidates: b.couldTake(q.First.Conversation),
		Loose: q.Loose, LooseTicket: b.ticket(q.LooseOf), Round: q.Round, RoundTicket: b.ticket(q.RoundOf), RoundTimes: q.RoundOf.Passes,
	}
}

// couldTake asks the rules of the first in a line: one ticket that is first in several is asked of once.
func (b *boarding) couldTake(id desk.ConversationID) []Candidate {
	row := b.row(id)
	if row == nil || !row.InLine {
		return []Candidate{}
	}
	if known, asked := b.asked[id]; asked {
		return known
	}
	contact, err := b.s.opt.People.Contact(desk.ContactID(row.Contact))
	if err != nil {
		b.err = fmt.Errorf("read contact %s: %w", row.Contact, err)
		return []Candidate{}
	}
	c, err := b.s.opt.Router.TryRouting(b.ctx, desk.RoutingTrial{About: desk.About{Ticket: row, Contact: contact}})
	if err != nil {
		b.err = err
		return []Candidate{}
	}
	all := each(c.Reason.GetCandidates(), func(c *deskpb.Candidate) Candidate { return Candidate{c.Agent, c.Verdict, c.Load, c.Capacity} })
	b.asked[id] = all
	return all
}

// TeamRule is a rule that names a team.
type TeamRule struct {
	Channel     string `json:"channel"`
	ChannelName string `json:"channel_name"`
	Rule        string `json:"rule" doc:"Its id; empty: the channel's default"`
	RuleName    string `json:"rule_name"`
	Off         bool   `json:"off"`
	As          string `json:"as" enum:"target,overflow,default" doc:"target: it gives tickets to the team; overflow: the team joins; default: the channel's tickets begin as the team's work"`
	After       int64  `json:"after" doc:"Of overflow: after so many seconds in line"`
}

type teamRules struct {
	Body struct {
		Rules []TeamRule `json:"rules" doc:"By channel, in their order"`
	}
}

// teamRules lists the rules that give tickets to a team.
func (s *Server) teamRules(_ context.Context, in *ByID) (*teamRules, error) {
	team, err := s.opt.People.Team(desk.TeamID(in.ID))
	if err != nil {
		return nil, fmt.Errorf("read team %s: %w", in.ID, err)
	}
	if team == nil {
		return nil, notFound("team")
	}
	channels, err := s.opt.ChannelRows.Channels()
	if err != nil {
		return nil, fmt.Errorf("read the channels: %w", err)
	}
	out := &teamRules{}
	out.Body.Rules = []TeamRule{}
	for _, c := range channels {
		add := func(r *deskpb.RoutingRule, step *deskpb.RoutingStep) {
			one := TeamRule{Channel: c.Channel, ChannelName: c.Name, Rule: step.GetId(), RuleName: step.GetName(), Off: step.GetOff()}
			if slices.Contains(r.GetTeams(), in.ID) {
				one.As = "target"
				out.Body.Rules = append(out.Body.Rules, one)
			}
			for _, o := range r.GetOverflow() {
				if o.Team == in.ID {
					one.As, one.After = "overflow", o.AfterSeconds
					out.Body.Rules = append(out.Body.Rules, one)
				}
			}
		}
		for _, step := range c.GetRouting().GetSteps() {
			add(step.GetThen(), step)
		}
		add(c.GetRouting(), nil)
		if c.GetRouting().GetDefaults().GetTeam() == in.ID {
			out.Body.Rules = append(out.Body.Rules, TeamRule{Channel: c.Channel, ChannelName: c.Name, As: "default"})
		}
	}
	return out, nil
}

// boardRoutes are those of who watches over the work.
func (s *Server) boardRoutes() []route {
	return []route{
		{http.MethodGet, "/board", supervisors, "read-board", "How the work stands: what each agent has, how long the line of each channel and team is, and who could take its first", typed(s.readBoard, 200)},
		{http.MethodGet, "/teams/{id}/rules", supervisors, "read-team-rules", "The channels' rules that give tickets to a team", typed(s.teamRules, 200)},
	}
}
