package actors

import (
	"github.com/asynkron/protoactor-go/actor"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// bots lets the bots of channels answer. It remembers nothing: where a bot stands and what it has not answered is in the conversation's
// stream, what it says is decided by the channel's kind, and the conversation takes a turn once. What a crash left unanswered is
// due (persistence.DueBot), and comes here by the timers.
type bots struct {
	sys   *System
	self  *actor.PID
	under map[desk.ConversationID]bool // turns under way; true: and somebody asked again
}

// botAsked: a conversation may have something for its bot to answer.
type botAsked struct{ conv desk.ConversationID }

// botTook is the answer of the conversation.
type botTook struct {
	conv desk.ConversationID
	err  error
}

func wantsBots(r desk.Record) bool { return r.Event.GetBotHeard() != nil }

func (b *bots) Receive(c actor.Context) {
	switch m := c.Message().(type) {
	case *actor.Started:
		b.self = c.Self()
	case *happened:
		b.look(desk.ConversationID(desk.StreamID(m.record.Stream).ID()))
	case *botAsked:
		b.look(m.conv)
	case *botTook:
		again := b.under[m.conv]
		delete(b.under, m.conv)
		if m.err != nil && !b.sys.stopping.Load() {
			b.sys.log.Error("a bot's turn", "conversation", string(m.conv), "err", m.err) // it stays due
			return
		}
		if again || m.err == nil {
			b.look(m.conv)
		}
	}
}

// look takes a bot's turn, if there is one to take.
func (b *bots) look(conv desk.ConversationID) {
	if _, busy := b.under[conv]; busy {
		b.under[conv] = true
		return
	}
	sees, turn, err := b.sys.botSees(conv)
	if err != nil {
		b.sys.log.Error("read a bot's conversation", "conversation", string(conv), "err", err)
		return
	}
	if sees == nil {
		return
	}
	b.under[conv] = false
	cmd := b.sys.botDecides(sees, turn)
	root, self := b.sys.root, b.self
	b.tellContact(sees, cmd, func(err error) {
		if err != nil {
			root.Send(self, &botTook{conv, err})
			return
		}
		b.sys.ask(conv.Stream(), deskpb.NewCommand(cmd), func(_ desk.Done, err error) { root.Send(self, &botTook{conv, err}) })
	})
}

// tellContact puts what somebody said of themselves into their contact, before the turn counts: after a crash it is said again, and is no news.
func (b *bots) tellContact(sees *channels.BotSees, cmd *deskpb.TakeBotTurn, then func(error)) {
	stream := desk.ContactID(sees.Contact.GetContact()).Stream()
	var all []desk.Command
	if cmd.Name != "" && sees.Anonymous {
		all = append(all, deskpb.NewCommand(&deskpb.NameContact{Name: cmd.Name}))
	}
	for _, p := range cmd.Contact {
		all = append(all, deskpb.NewCommand(&deskpb.SetContactProperty{Property: p.Property, Value: p.Value}))
	}
	if sees.Contact == nil {
		all = nil
	}
	var next func(i int)
	next = func(i int) {
		if i == len(all) {
			then(nil)
			return
		}
		b.sys.ask(stream, all[i], func(_ desk.Done, err error) {
			if code := desk.CodeOf(err); err != nil && code != desk.Invalid && code != desk.Limit && code != desk.Conflict {
				then(err)
				return
			}
			next(i + 1)
		})
	}
	next(0)
}

// botSees reads what a bot has to answer; nil when it has nothing to answer any more.
func (s *System) botSees(conv desk.ConversationID) (*channels.BotSees, uint32, error) {
	state, said := desk.Conversations.Initial(), map[desk.MessageID]string{}
	for r, err := range s.store.Load(s.ctx, conv.Stream(), 0) {
		if err != nil {
			return nil, 0, err
		}
		if m := r.Event.GetMessageReceived(); m != nil {
			said[desk.MessageID(m.Message)] = m.Body.GetText()
		}
		state = desk.Conversations.Evolve(state, r.Event)
	}
	if state.Bot == nil || len(state.Bot.Unheard) == 0 {
		return nil, 0, nil
	}
	row, err := s.index.Contact(state.Contact)
	if err != nil {
		return nil, 0, err
	}
	message := state.Bot.Unheard[0]
	sees := &channels.BotSees{
		Channel: state.Channel, Message: message, Said: said[message], Flow: state.Bot.Flow, Stands: state.Bot.Stands, Contact: row, Around: s.around(state.Channel),
	}
	sees.Anonymous = row != nil && len(row.Identities) > 0 && (row.Name == "" || row.Name == desk.Anonymous(row.Identities[0]))
	return sees, state.Bot.Turn, nil
}

// botDecides asks the channel's kind. A bot that is not there any more gives the conversation to people.
func (s *System) botDecides(sees *channels.BotSees, turn uint32) *deskpb.TakeBotTurn {
	lost := &deskpb.TakeBotTurn{Over: &deskpb.BotEnded{Cause: "lost"}, Stands: sees.Stands}
	cmd := lost
	row, err := s.index.Channel(sees.Channel)
	if err != nil {
		s.log.Error("read a bot's channel", "channel", string(sees.Channel), "err", err)
	}
	if kind := s.kinds[kindName(row)]; row != nil && kind.Bot != nil {
		if decide := kind.Bot(row.Config); decide != nil {
			cmd = decide(*sees)
		}
	}
	cmd.Message, cmd.Turn = string(sees.Message), turn
	cmd.Ticket, cmd.Contact = s.properValues(cmd.Ticket, deskpb.PropertyOf_PROPERTY_OF_TICKET), s.properValues(cmd.Contact, deskpb.PropertyOf_PROPERTY_OF_CONTACT)
	return cmd
}

// properValues keeps what a property can be, as its kind writes it. Properties may be changed or removed while a channel names them, and
// what somebody answered is in the conversation all the same.
func (s *System) properValues(list []*deskpb.PropertyDefault, of deskpb.PropertyOf) (out []*deskpb.PropertyDefault) {
	for _, p := range list {
		property := s.settingOf(p.Property).GetProperty()
		if property == nil || property.Of != of {
			continue
		}
		if value, err := desk.PropertyValue(property, p.Value); err == nil && value != "" {
			out = append(out, &deskpb.PropertyDefault{Property: p.Property, Value: value})
		}
	}
	return out
}

// begins puts how a chat begins into the command that opens its conversation.
func (ch *channel) begins(d *delivery) {
	start := d.item.Message.Chat
	if start == nil || d.item.Message.Past != nil {
		return
	}
	d.receive.Entered, d.receive.Bot = start.Entered, start.Bot
	ticket := ch.sys.properValues(start.Ticket, deskpb.PropertyOf_PROPERTY_OF_TICKET)
	if start.Team == "" && len(ticket) == 0 {
		return
	}
	defaults := desk.WithDefaults(d.receive.Defaults, ticket)
	if team, err := ch.sys.index.Team(desk.TeamID(start.Team)); err == nil && start.Team != "" && team != nil && !team.Removed {
		defaults.Team, defaults.TeamName = start.Team, team.Name
	}
	d.receive.Defaults = defaults
}

// beginsOfContact puts what a visitor answered of themselves into their contact.
func (ch *channel) beginsOfContact(d *delivery) {
	start := d.item.Message.Chat
	if start == nil || !d.opens {
		return
	}
	for _, p := range ch.sys.properValues(start.Contact, deskpb.PropertyOf_PROPERTY_OF_CONTACT) {
		d.left++
		ch.tell(d, d.sender.id.Stream(), deskpb.NewCommand(&deskpb.SetContactProperty{Property: p.Property, Value: p.Value}), false)
	}
}
