package actors

import (
	"slices"
	"strconv"
	"strings"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// tellOwner has the conversation tell a contact's owner, who is away, that a ticket came. It is asked before whatever else
// becomes of the ticket, in the same order as that is written: a ticket that left the line has told its owner.
func (a *assignment) tellOwner(t desk.Ticket, agent desk.AgentID) {
	conv := desk.ConversationID(t.Conversation)
	row := a.roster.Agents[agent]
	if row == nil || a.told[conv] == t.InLineSinceMs {
		return
	}
	a.told[conv] = t.InLineSinceMs
	told := &deskpb.OwnerTold{
		Letter: desk.DeriveID("lt_", t.Conversation, string(agent), strconv.FormatInt(t.InLineSinceMs, 10)), Agent: string(agent), AgentName: row.Name,
	}
	if told.Withheld = a.address(t, row, told); told.Withheld == "" {
		a.words(t, row, told)
	}
	a.sys.ask(conv.Stream(), deskpb.NewCommand(&deskpb.TellOwner{Told: told}), a.logged("tell a contact's owner"))
}

// address finds the mailbox that sends it: the ticket's own, or the first that is on and works. It says why there is none.
func (a *assignment) address(t desk.Ticket, row desk.Agent, told *deskpb.OwnerTold) (withheld string) {
	prefs, err := a.sys.index.Preferences(desk.AgentID(row.Agent))
	if err != nil {
		a.sys.log.Error("read an agent's preferences", "agent", row.Agent, "err", err)
	}
	if prefs.GetNoOwnerMail() || slices.Contains(prefs.GetNotifications().GetMuted(), desk.NoticeOwnerAway) {
		return desk.WithheldSwitchedOff
	}
	all, err := a.sys.index.Channels()
	if err != nil {
		a.sys.log.Error("read the channels", "err", err)
	}
	var via desk.Channel
	for _, c := range all {
		if strings.EqualFold(c.Address, row.Email) {
			return desk.WithheldOwnAddress
		}
		if kind := a.sys.kinds[kindName(c)]; c.Kind != deskpb.ChannelKind_CHANNEL_KIND_EMAIL || !c.On || c.Health == deskpb.HealthState_HEALTH_STATE_FAILED || kind.ReplyKeys == nil {
			continue
		}
		if via == nil || c.Channel == t.Channel {
			via = c
		}
	}
	if ours, err := a.sys.index.ChannelByAddress(deskpb.ChannelKind_CHANNEL_KIND_EMAIL, strings.ToLower(row.Email)); err != nil || ours != "" {
		return desk.WithheldOwnAddress // another address of a mailbox
	}
	if via == nil {
		return desk.WithheldNoChannel
	}
	keys := a.sys.kinds[kindName(via)].ReplyKeys(channels.Reply{
		Channel: desk.ChannelID(via.Channel), Address: via.Address, Conversation: desk.ConversationID(t.Conversation), Message: desk.MessageID(told.Letter), Keys: a.sys.signing,
	})
	if len(keys) == 0 {
		return desk.WithheldNoChannel
	}
	told.Channel, told.To = via.Channel, &deskpb.Address{Name: row.Name, Address: row.Email}
	told.ThreadKeys = keys[:1] // its own: what is answered to it belongs to no ticket
	return ""
}

// words are what the mail says. Who may not see the ticket reads no more than who wrote, and about what.
func (a *assignment) words(t desk.Ticket, row desk.Agent, told *deskpb.OwnerTold) {
	teams := make([]desk.Team, 0, len(a.roster.Teams))
	for _, team := range a.roster.Teams {
		teams = append(teams, team)
	}
	said := desk.Arrival{Who: t.ContactName, Subject: t.Subject, Number: t.Number}
	if a.sys.publicURL != "" {
		said.Link = strings.TrimSuffix(a.sys.publicURL, "/") + "/tickets/open/" + t.Conversation
	}
	if desk.MaySee(desk.ViewerOf(row, teams), t) {
		said.Excerpt = t.Preview
	}
	prefs, _ := a.sys.index.Preferences(desk.AgentID(row.Agent)) // it was read a moment ago
	told.Subject, told.Text = said.Words(prefs.GetLanguage())
}
