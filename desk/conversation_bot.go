package desk

import (
	"slices"
	"strconv"

	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/proto/deskpb"
)

// A machine may talk with a contact before people do. What it says and asks is decided by the kind of channel (channels.Kind.Bot); here is
// what it means for the ticket: nobody is chosen while it has the conversation, each message is answered by it once, and whoever of
// the team does something to the ticket has it.

// AutomaticBot marks what a bot says.
const AutomaticBot = "bot"

// maxUnheard bounds what somebody writes faster than it is answered.
const maxUnheard = 20

// Causes for which a bot ends that are not its own.
const (
	BotTakenOver   = "taken_over" // an agent wrote, or was given the ticket
	BotTransferred = "transferred"
	BotClosed      = "closed"
	BotSpam        = "spam"
	BotMerged      = "merged"
)

// Talk is what the state remembers of a bot that has the conversation.
type Talk struct {
	Name    string
	Flow    string
	Stands  *deskpb.BotState
	Turn    uint32      // turns taken
	Unheard []MessageID // to be answered, in their order
}

// enters is what goes before the message that opens a chat.
func enters(m *deskpb.ReceiveMessage) (out []Event) {
	if m.Entered != nil {
		out = append(out, deskpb.NewEvent(m.Entered))
	}
	started := m.Bot.GetStarted()
	if started == nil || m.Blocked || m.Quiet {
		return out
	}
	out = append(out, deskpb.NewEvent(started))
	at := spot{ChannelID(m.Opening.Channel), m.Opening.Thread, started.Bot, "open/" + m.Message.Message}
	return append(out, at.say(m.Bot.Says)...)
}

// hears: the bot has to answer it.
func (c *Conversation) hears(m *deskpb.MessageReceived) []Event {
	if c.Bot == nil || !Speaks(m.Automatic) || m.Unconfirmed || len(c.Bot.Unheard) >= maxUnheard {
		return nil
	}
	return events(deskpb.NewEvent(&deskpb.BotHeard{Message: m.Message}))
}

// spot is where a bot says something.
type spot struct {
	channel      ChannelID
	thread, name string
	about        string
}

// say makes replies of what a bot says. Their ids follow from what they are about, so that a turn that is taken again says the same.
func (s spot) say(says []*deskpb.BotSaid) (out []Event) {
	for i, said := range says {
		out = append(out, deskpb.NewEvent(&deskpb.ReplyRequested{
			Message: string(MessageIDFor(s.channel, "bot/"+s.about+"/"+strconv.Itoa(i))), Channel: string(s.channel), AgentName: s.name,
			Body: &deskpb.Body{Text: said.Text}, Thread: s.thread, Automatic: AutomaticBot, Choices: said.Choices,
		}))
	}
	return out
}

// takeBotTurn lets the bot answer a message. Whatever is asked for twice, or comes after somebody took over, is nothing.
func takeBotTurn(c *Conversation, m *deskpb.TakeBotTurn) ([]Event, error) {
	b := c.Bot
	if b == nil || b.Turn != m.Turn || len(b.Unheard) == 0 || string(b.Unheard[0]) != m.Message {
		return nil, nil
	}
	for _, said := range m.Says {
		if err := checkMessage(m.Message, &deskpb.Body{Text: said.Text}); err != nil {
			return nil, err
		}
	}
	out := spot{c.Channel, c.Thread, b.Name, m.Message}.say(m.Says)
	for _, p := range m.Ticket {
		if checkProperty(c.Properties, p.Property, p.Value) == nil && c.Properties[p.Property] != p.Value {
			out = append(out, deskpb.NewEvent(&deskpb.TicketPropertySet{Property: p.Property, Value: p.Value}))
		}
	}
	out = append(out, deskpb.NewEvent(&deskpb.BotStepped{Message: m.Message, Stands: m.Stands, Email: m.Email}))
	if m.Over == nil {
		return out, nil
	}
	over := proto.CloneOf(m.Over)
	for _, left := range b.Unheard[1:] {
		over.Unheard = append(over.Unheard, string(left))
	}
	out = append(out, deskpb.NewEvent(over))
	if over.Rule != nil && !Routes(over.Rule) && c.Team == "" {
		out = append(out, deskpb.NewEvent(&deskpb.AssignmentDeferred{Reason: reason("no_rule", "The bot left the ticket for people to take.")}))
	}
	if m.Close && !c.closed() {
		out = append(out, c.changeStatus(deskpb.TicketStatus_TICKET_STATUS_CLOSED, "", "bot")...)
	}
	return out, nil
}

// withoutBot: whoever of the team does something that is theirs to do has the conversation, and the bot is silent from then on.
func (c *Conversation) withoutBot(cmd Command, out []Event) []Event {
	if c.Bot == nil || cmd.GetTakeBotTurn() != nil {
		return out
	}
	for _, ev := range out {
		cause := endsBot(ev)
		if cause == "" {
			continue
		}
		over := &deskpb.BotEnded{Cause: cause, By: cmd.GetBy().GetId(), ByName: cmd.GetBy().GetName()}
		for _, left := range c.Bot.Unheard {
			over.Unheard = append(over.Unheard, string(left))
		}
		return append(events(deskpb.NewEvent(over)), out...)
	}
	return out
}

func endsBot(ev Event) string {
	switch e := ev.GetKind().(type) {
	case *deskpb.Event_ConversationAssigned:
		return BotTakenOver
	case *deskpb.Event_ReplyRequested:
		if e.ReplyRequested.Automatic == "" {
			return BotTakenOver
		}
	case *deskpb.Event_TicketTeamChanged:
		return BotTransferred
	case *deskpb.Event_TicketStatusChanged:
		if e.TicketStatusChanged.To == deskpb.TicketStatus_TICKET_STATUS_CLOSED {
			return BotClosed
		}
	case *deskpb.Event_TicketMarkedSpam:
		return BotSpam
	case *deskpb.Event_ConversationMerged:
		return BotMerged
	}
	return ""
}

func evolveBot(c *Conversation, ev Event) bool {
	switch e := ev.GetKind().(type) {
	case *deskpb.Event_ChatEntered:
	case *deskpb.Event_BotStarted:
		c.Bot = &Talk{Name: e.BotStarted.Bot, Flow: e.BotStarted.Flow, Stands: e.BotStarted.Stands}
	case *deskpb.Event_BotHeard:
		if c.Bot != nil {
			c.Bot.Unheard = append(c.Bot.Unheard, MessageID(e.BotHeard.Message))
		}
	case *deskpb.Event_BotStepped:
		m := e.BotStepped
		if m.Email != "" {
			c.LastFrom = &deskpb.Address{Name: c.LastFrom.GetName(), Address: m.Email}
			c.join(c.LastFrom)
		}
		if c.Bot != nil {
			c.Bot.Turn++
			c.Bot.Stands = m.Stands
			c.Bot.Unheard = slices.DeleteFunc(c.Bot.Unheard, func(id MessageID) bool { return string(id) == m.Message })
		}
	case *deskpb.Event_BotEnded:
		c.Bot, c.Deferred = nil, "" // what is decided next is news
	default:
		return false
	}
	return true
}

// projectBot folds a bot into the row.
func projectBot(t *deskpb.TicketSummary, r Record) bool {
	switch e := r.Event.GetKind().(type) {
	case *deskpb.Event_ChatEntered, *deskpb.Event_BotHeard, *deskpb.Event_BotStepped:
	case *deskpb.Event_BotStarted:
		t.Bot = e.BotStarted.Bot
		t.Reason = reason("with_bot", "A bot talks with them: nobody is chosen yet.")
		leaveLine(t)
	case *deskpb.Event_BotEnded:
		t.Bot, t.Handed = "", e.BotEnded.Rule
		if t.Reason.GetCode() == "with_bot" {
			t.Reason = nil
		}
		rejoin(t, r.AtMs)
	default:
		return false
	}
	return true
}

// RuleFor is the rule by which a ticket's owner is chosen where no team has it: whom a bot gave it to, chosen as its channel chooses, or the channel's.
func RuleFor(t Ticket, channel *deskpb.RoutingRule) *deskpb.RoutingRule {
	if t.GetHanded() == nil {
		return channel
	}
	return &deskpb.RoutingRule{
		Mode: t.Handed.Mode, Agents: t.Handed.Agents, Teams: t.Handed.Teams, IgnoreAvailability: channel.GetIgnoreAvailability(),
		Policy: channel.GetPolicy(), Sticky: channel.GetSticky(), Weights: channel.GetWeights(),
	}
}

// WithDefaults adds properties to what a ticket has from the beginning; those given count before the channel's.
func WithDefaults(d *deskpb.TicketDefaults, properties []*deskpb.PropertyDefault) *deskpb.TicketDefaults {
	out := &deskpb.TicketDefaults{}
	if d != nil {
		out = proto.CloneOf(d)
	}
	for _, p := range properties {
		out.Properties = slices.DeleteFunc(out.Properties, func(have *deskpb.PropertyDefault) bool { return have.Property == p.Property })
		out.Properties = append(out.Properties, p)
	}
	return out
}
