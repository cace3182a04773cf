package api

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// ChannelMail is what whoever writes a mail has to know of the mailbox that sends it. It is for every agent, unlike the rest of
// a channel's configuration.
type ChannelMail struct {
	From     string   `json:"from" doc:"The address that replies come from"`
	Ours     []string `json:"ours" doc:"All addresses of the mailbox: an answer to all does not go to them"`
	AttachMB int      `json:"attach_mb" doc:"Files beyond it go as links; 0: nothing goes as a link, the desk has no public address"`
	LinkDays int      `json:"link_days" doc:"For so long a link works"`
}

// withMail reads the sending half of a mailbox's configuration (channels/email/compose has its defaults).
func (s *Server) withMail(c Channel) Channel {
	if c.Kind != "email" {
		return c
	}
	var conf struct {
		Sending struct {
			FromAddress string `json:"from_address"`
			ReplyTo     string `json:"reply_to"`
			AttachMB    int    `json:"attach_mb"`
			LinkDays    int    `json:"link_days"`
		} `json:"sending"`
	}
	_ = json.Unmarshal(c.Config, &conf) // of one that is not understood nothing is known
	set := conf.Sending
	m := &ChannelMail{From: cmp.Or(set.FromAddress, c.Address), Ours: []string{}, LinkDays: cmp.Or(set.LinkDays, 30)}
	for _, a := range []string{c.Address, set.FromAddress, set.ReplyTo} {
		if a != "" && !slices.Contains(m.Ours, a) {
			m.Ours = append(m.Ours, a)
		}
	}
	if s.opt.FileLinks != nil && s.opt.PublicURL != "" {
		m.AttachMB = cmp.Or(set.AttachMB, 20)
	}
	c.Mail = m
	return c
}

// ReplyFrom says which address answers a ticket, and who would expect another.
type ReplyFrom struct {
	Address string `json:"address" doc:"From which a reply leaves, unless its from_address says another"`
	Channel string `json:"channel" doc:"The address that its channel sends from meanwhile, when that is another; empty: the same"`
	Team    string `json:"team" doc:"The address of the ticket's team (its reply_channel), when that is another; empty: the same, or it has none"`
	TeamID  string `json:"team_channel" doc:"The channel of that"`
}

// replyFrom compares the address that a thread has with the one its channel has now, and with its team's.
func (s *Server) replyFrom(t desk.Ticket) (*ReplyFrom, error) {
	now, err := s.sendsFrom(t.Channel)
	if err != nil || now == "" {
		return nil, err
	}
	out := &ReplyFrom{Address: cmp.Or(t.FromAddress, now)}
	if !strings.EqualFold(out.Address, now) {
		out.Channel = now
	}
	if t.Team == "" {
		return out, nil
	}
	team, err := s.opt.People.Team(desk.TeamID(t.Team))
	if err != nil {
		return nil, fmt.Errorf("read team %s: %w", t.Team, err)
	}
	by := team.GetReplyChannel()
	if team.GetRemoved() || by == "" || by == t.Channel {
		return out, nil
	}
	if theirs, err := s.sendsFrom(by); err != nil {
		return nil, err
	} else if theirs != "" && !strings.EqualFold(theirs, out.Address) {
		out.Team, out.TeamID = theirs, by
	}
	return out, nil
}

// sendsFrom is the address that mails of a channel leave from now; "" when it sends none.
func (s *Server) sendsFrom(id string) (string, error) {
	row, err := s.opt.ChannelRows.Channel(desk.ChannelID(id))
	if err != nil {
		return "", fmt.Errorf("read channel %s: %w", id, err)
	}
	if row == nil {
		return "", nil
	}
	if mail := s.withMail(channelView(row, nil)).Mail; mail != nil {
		return mail.From, nil
	}
	return "", nil
}

// replyChannel checks the channel by which tickets of a team are opened.
func (s *Server) replyChannel(id string) error {
	if id == "" {
		return nil
	}
	row, err := s.opt.ChannelRows.Channel(desk.ChannelID(id))
	switch {
	case err != nil:
		return fmt.Errorf("read channel %s: %w", id, err)
	case row == nil:
		return fault("body.reply_channel", "there is no such channel")
	case row.Kind != deskpb.ChannelKind_CHANNEL_KIND_EMAIL:
		return fault("body.reply_channel", "%s sends no mail: choose a mail channel, or none", row.Name)
	}
	return nil
}

// openingChannel is the channel by which a ticket is opened if nobody says which: its team's, else the one that all teams with a
// channel of their own have in whose name who asks works.
func (s *Server) openingChannel(agent desk.AgentID, team string) (string, error) {
	if team != "" {
		row, err := s.opt.People.Team(desk.TeamID(team))
		if err != nil {
			return "", fmt.Errorf("read team %s: %w", team, err)
		}
		if !row.GetRemoved() && row.GetReplyChannel() != "" {
			return row.ReplyChannel, nil
		}
	}
	teams, err := s.opt.People.Teams()
	if err != nil {
		return "", fmt.Errorf("read the teams: %w", err)
	}
	found := ""
	for _, t := range desk.LiveTeams(teams) {
		if t.ReplyChannel == "" || !slices.ContainsFunc(t.Members, func(m *deskpb.TeamMember) bool { return m.Agent == string(agent) }) {
			continue
		}
		if found != "" && found != t.ReplyChannel {
			return "", fault("body.channel", "your teams have different reply addresses: name a channel")
		}
		found = t.ReplyChannel
	}
	if found == "" {
		return "", fault("body.channel", "name a channel: no team of yours has a reply address of its own")
	}
	return found, nil
}
