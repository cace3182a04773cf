package desk_test

import (
	"encoding/json"
	"regexp"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// fill sets every field of a message to something that is not its zero value.
func fill(m protoreflect.Message, depth int) {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		fd := fields.Get(i)
		if fd.ContainingOneof() != nil && !fd.HasOptionalKeyword() {
			continue
		}
		switch {
		case fd.IsMap():
			m.Mutable(fd).Map().Set(value(fd.MapKey(), i).MapKey(), value(fd.MapValue(), i))
		case fd.IsList():
			if fd.Message() == nil {
				m.Mutable(fd).List().Append(value(fd, i))
			} else if depth > 0 {
				el := m.Mutable(fd).List().NewElement()
				fill(el.Message(), depth-1)
				m.Mutable(fd).List().Append(el)
			}
		case fd.Message() != nil:
			if depth > 0 {
				fill(m.Mutable(fd).Message(), depth-1)
			}
		default:
			m.Set(fd, value(fd, i))
		}
	}
}

func value(fd protoreflect.FieldDescriptor, i int) protoreflect.Value {
	switch fd.Kind() {
	case protoreflect.StringKind:
		return protoreflect.ValueOfString("x" + string(rune('a'+i)))
	case protoreflect.BytesKind:
		return protoreflect.ValueOfBytes([]byte{1, byte(i)})
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(true)
	case protoreflect.EnumKind:
		return protoreflect.ValueOfEnum(fd.Enum().Values().Get(fd.Enum().Values().Len() - 1).Number())
	case protoreflect.Int32Kind:
		return protoreflect.ValueOfInt32(int32(i + 1))
	case protoreflect.Int64Kind:
		return protoreflect.ValueOfInt64(int64(i + 1))
	case protoreflect.Uint32Kind:
		return protoreflect.ValueOfUint32(uint32(i + 1))
	case protoreflect.Uint64Kind:
		return protoreflect.ValueOfUint64(uint64(i + 1))
	}
	panic(fd.FullName())
}

// evolves applies an event to a stream's state and says whether the state is another.
func evolves[S any](d desk.Decider[S], before []*deskpb.Event, ev *deskpb.Event) bool {
	s := d.Initial()
	for _, e := range before {
		s = d.Evolve(s, e)
	}
	was := stateOf(s)
	s = d.Evolve(s, ev)
	return was != stateOf(s)
}

// stateOf leaves out the count of events: it moves with any.
func stateOf(s any) string {
	raw, _ := json.Marshal(s)
	return versionField.ReplaceAllString(string(raw), "")
}

var versionField = regexp.MustCompile(`"Version":\d+,`)

// before is what must have happened for an event to change anything.
var before = map[protoreflect.Name][]proto.Message{
	"session_closed":            {&deskpb.SessionOpened{Session: "xa"}},
	"notifications_seen":        {},
	"setting_removed":           {&deskpb.SettingSaved{}},
	"session_seen":              {&deskpb.SessionOpened{Session: "xa"}},
	"two_factor_cleared":        {&deskpb.TwoFactorSet{Step: 1}},
	"recovery_codes_replaced":   {&deskpb.TwoFactorSet{Step: 1}},
	"second_factor_used":        {&deskpb.TwoFactorSet{Step: -1}},
	"agent_password_set":        {&deskpb.SessionOpened{Session: "xa"}},
	"place_freed":               {&deskpb.PlaceTaken{Conversation: "xa"}},
	"item_released":             {&deskpb.ItemQuarantined{Item: "xa"}},
	"assignment_widened":        {&deskpb.AssignmentDeferred{Waiting: true, Reason: &deskpb.AssignmentReason{Code: "x", WidensAtMs: 1}}},
	"conversation_unassigned":   {&deskpb.ConversationAssigned{Agent: "someone"}},
	"offer_ended":               {&deskpb.ConversationAssigned{Agent: "xa", TakeByMs: 7}},
	"channel_switched":          {},
	"ticket_woken":              {&deskpb.TicketSnoozed{UntilMs: 7}},
	"ticket_unfollowed":         {&deskpb.TicketFollowed{Agent: "xa"}},
	"mention_dismissed":         {&deskpb.NoteAdded{Mentions: []string{"xa"}}},
	"ticket_unmarked_spam":      {&deskpb.TicketMarkedSpam{}},
	"purged_files_removed":      {&deskpb.ConversationPurged{}},
	"merge_undone":              {&deskpb.ConversationMerged{Into: "someone"}},
	"conversation_let_go":       {&deskpb.ConversationTookIn{Conversation: "xa"}},
	"reply_canceled":            {&deskpb.ReplyRequested{Message: "xa"}},
	"reply_rescheduled":         {&deskpb.ReplyRequested{Message: "xa"}},
	"reply_retried":             {&deskpb.ReplyRequested{Message: "xa"}},
	"automatic_answers_allowed": {&deskpb.AutomaticAnswersStopped{UntilMs: 7}},
	"contact_unblocked":         {&deskpb.ContactBlocked{}},
	"contact_address_worked":    {&deskpb.ContactAddressFailed{Address: "xa"}},
	"bot_heard":                 {&deskpb.BotStarted{Bot: "x"}},
	"bot_stepped":               {&deskpb.BotStarted{Bot: "x"}},
	"bot_ended":                 {&deskpb.BotStarted{Bot: "x"}},
	"unread_not_mailed":         {aChat, &deskpb.ReplyRequested{Message: "xa", MailAtMs: 7}},
	"visitor_address_given":     {aChat},
	"conversation_rated":        {aChat},
	"chat_ended":                {aChat, &deskpb.MessageReceived{AfterCloseMs: 7}, &deskpb.TicketStatusChanged{To: deskpb.TicketStatus_TICKET_STATUS_CLOSED}},
	"draft_cleared":             {&deskpb.DraftSaved{Writing: &deskpb.Writing{Text: "x"}}},
}

// aChat is a conversation whose contact is a visitor.
var aChat = &deskpb.ConversationOpened{ChannelKind: deskpb.ChannelKind_CHANNEL_KIND_CHAT}

// toldOnly is what only people are to know of: no decision depends on it.
var toldOnly = map[protoreflect.Name]bool{"spam_purged": true, "chat_entered": true}

func TestEveryEventIsKnownToEvolve(t *testing.T) {
	t.Parallel()
	fields := (&deskpb.Event{}).ProtoReflect().Descriptor().Fields()
	for i := range fields.Len() {
		fd := fields.Get(i)
		env := &deskpb.Event{}
		fill(env.ProtoReflect().Mutable(fd).Message(), 3)
		var first []*deskpb.Event
		for _, m := range before[fd.Name()] {
			first = append(first, deskpb.NewEvent(m))
		}
		known := false
		switch n := fd.Number(); {
		case n == 46, n == 49: // of agents
			known = evolves(desk.Agents, first, env)
		case n < 50, n >= 200:
			known = evolves(desk.Conversations, first, env)
		case n < 80:
			known = evolves(desk.Contacts, first, env)
		case n < 120:
			known = evolves(desk.Agents, first, env)
		case n < 150:
			known = evolves(desk.Channels, first, env)
		case n < 170:
			known = evolves(desk.Teams, first, env)
		case n < 190:
			known = evolves(desk.Settings, first, env)
		default:
			known = evolves(desk.Drafts, first, env)
		}
		if !known && !toldOnly[fd.Name()] {
			t.Errorf("%s: Evolve does not know it", fd.Name())
		}
	}
}

func TestEveryCommandIsKnownToDecide(t *testing.T) {
	t.Parallel()
	fields := (&deskpb.Command{}).ProtoReflect().Descriptor().Oneofs().ByName("kind").Fields()
	for i := range fields.Len() {
		fd := fields.Get(i)
		cmd := &deskpb.Command{}
		fill(cmd.ProtoReflect().Mutable(fd).Message(), 3)
		var err error
		switch n := fd.Number(); {
		case n == 65, n == 66: // of agents
			_, err = desk.Agents.Decide(desk.Agents.Evolve(desk.Agents.Initial(), deskpb.NewEvent(&deskpb.AgentAdded{})), cmd)
		case n < 50, n >= 63 && n < 70, n > 200: // those below 50 are used up
			_, err = desk.Conversations.Decide(desk.Conversations.Evolve(desk.Conversations.Initial(), deskpb.NewEvent(&deskpb.ConversationOpened{})), cmd)
		case n < 80:
			_, err = desk.Contacts.Decide(desk.Contacts.Evolve(desk.Contacts.Initial(), deskpb.NewEvent(&deskpb.ContactCreated{})), cmd)
		case n < 120:
			_, err = desk.Agents.Decide(desk.Agents.Evolve(desk.Agents.Initial(), deskpb.NewEvent(&deskpb.AgentAdded{})), cmd)
		case n < 150:
			_, err = desk.Channels.Decide(desk.Channels.Evolve(desk.Channels.Initial(), deskpb.NewEvent(&deskpb.ChannelConnected{})), cmd)
		case n < 170:
			_, err = desk.Teams.Decide(desk.Teams.Evolve(desk.Teams.Initial(), deskpb.NewEvent(&deskpb.TeamAdded{})), cmd)
		case n < 190:
			_, err = desk.Settings.Decide(desk.Settings.Evolve(desk.Settings.Initial(), deskpb.NewEvent(&deskpb.SettingSaved{})), cmd)
		case n < 200:
			_, err = desk.Drafts.Decide(desk.Drafts.Initial(), cmd)
		default:
			_, err = desk.Sides.Decide(desk.Sides.Evolve(desk.Sides.Initial(), deskpb.NewEvent(&deskpb.ConversationOpened{SideOf: "cv"})), cmd)
		}
		if desk.CodeOf(err) == desk.Invalid && err.(*desk.Error).Field == "command" {
			t.Errorf("%s: Decide does not know it", fd.Name())
		}
	}
}
