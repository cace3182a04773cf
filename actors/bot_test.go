package actors_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/centralita/centralita/actors"
	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence/memory"
	"github.com/centralita/centralita/proto/deskpb"
)

// talking makes a kind whose channels have a bot: it repeats what is said, and knows a few words.
func talking(to *deskpb.RoutingRule, broken *atomic.Bool) func(*channels.Kind) {
	return func(k *channels.Kind) {
		k.Bot = func(json.RawMessage) channels.Bot {
			return func(sees channels.BotSees) *deskpb.TakeBotTurn {
				cmd := &deskpb.TakeBotTurn{
					Says:   []*deskpb.BotSaid{{Text: "You said " + sees.Said, Choices: []string{"a person"}}},
					Stands: &deskpb.BotState{Step: "again", Asked: sees.Stands.GetAsked() + 1},
				}
				switch {
				case broken != nil && broken.Load():
					cmd.Says[0].Text = strings.Repeat("x", desk.MaxTextBytes+1) // refused: as if it had crashed before
				case sees.Said == "a person":
					cmd.Over = &deskpb.BotEnded{Cause: "person", Rule: to}
				case sees.Said == "my order":
					cmd.Ticket = []*deskpb.PropertyDefault{{Property: "set_order", Value: "7"}, {Property: "set_gone", Value: "x"}}
				case sees.Said == "bye":
					cmd.Over, cmd.Close = &deskpb.BotEnded{Cause: "ended"}, true
				}
				return cmd
			}
		}
	}
}

func toBot(id, text string) desk.Inbound {
	in := mail(id, "carla@shop.example", text)
	in.Message.Thread = "visitor"
	in.Message.Chat = &desk.ChatStart{
		Entered: &deskpb.ChatEntered{Flow: "f", Consent: "explicit", ConsentText: "We keep it.", ConsentVersion: "1", ConsentAtMs: 5},
		Bot: &deskpb.BotOpening{
			Started: &deskpb.BotStarted{Flow: "f", FlowName: "Front", Bot: "Robo", Stands: &deskpb.BotState{Step: "first", Asked: 1}},
			Says:    []*deskpb.BotSaid{{Text: "Hello!"}, {Text: "What is it?"}},
		},
	}
	return in
}

// said are a bot's words in a conversation, and what became of it.
func (l *life) said(conv desk.ConversationID) (texts, endings []string) {
	l.t.Helper()
	for r, err := range l.store.Load(context.Background(), conv.Stream(), 0) {
		must(l.t, err)
		switch m := r.Event.GetReplyRequested(); {
		case m.GetAutomatic() == desk.AutomaticBot:
			if m.AgentName != "Robo" || m.Agent != "" {
				l.t.Errorf("a bot's words: %v", m)
			}
			texts = append(texts, m.Body.Text)
		case r.Event.GetBotEnded() != nil:
			endings = append(endings, r.Event.GetBotEnded().Cause)
		}
	}
	return texts, endings
}

// Nobody is given a ticket while a bot has the conversation, which answers each message once; then it goes where the bot says.
func TestBotTalksAndHandsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := startAs(t, memory.New(), actors.Tuning{}, talking(to("ben"), nil))
		defer l.stop()
		ana, ben := l.agent("ana", 5, true), l.agent("ben", 5, true)
		l.do(desk.SettingID("set_order").Stream(), deskpb.NewCommand(&deskpb.SaveSetting{Setting: &deskpb.Setting{Value: &deskpb.Setting_Property{
			Property: &deskpb.Property{Name: "order", Label: "Order", Of: deskpb.PropertyOf_PROPERTY_OF_TICKET, Kind: deskpb.PropertyKind_PROPERTY_KIND_NUMBER}}}}))
		ch, w := l.channel("chat", to(ana))
		conv := desk.ConversationIDFor(ch, "thread/visitor")
		var all sync.WaitGroup
		for range 3 { // it comes again and again
			all.Go(func() { must(t, w.deliver(toBot("m1", "my order"))) })
		}
		all.Wait()
		synctest.Wait()
		row := l.ticket(conv)
		if row.Owner != "" || row.Bot != "Robo" || row.InLine || row.Properties["set_order"] != "7" || row.Properties["set_gone"] != "" || row.FirstReplyAtMs != 0 {
			t.Errorf("with the bot: %v", row)
		}
		must(t, w.deliver(toBot("m2", "what now")))
		must(t, w.deliver(toBot("m3", "a person")))
		synctest.Wait()
		texts, endings := l.said(conv)
		if got := strings.Join(texts, "|"); got != "Hello!|What is it?|You said my order|You said what now|You said a person" || !slices.Equal(endings, []string{"person"}) {
			t.Errorf("%s, then %v", got, endings)
		}
		if row = l.ticket(conv); row.Owner != string(ben) || row.Bot != "" || row.WaitingSinceMs == 0 {
			t.Errorf("handed over: %v", row)
		}
		must(t, w.deliver(toBot("m4", "are you there")))
		synctest.Wait()
		if after, _ := l.said(conv); len(after) != len(texts) {
			t.Errorf("it goes on talking: %v", after)
		}
		// Put back and closed: until it is closed it is for whom the bot gave it to.
		l.available(ben, false)
		l.do(conv.Stream(), deskpb.NewCommand(&deskpb.UnassignConversation{}))
		synctest.Wait()
		if row = l.ticket(conv); row.Owner != "" || !row.InLine {
			t.Errorf("put back while ben is away: %v", row)
		}
	})
}

// An agent who writes, is given the ticket, or closes it has the conversation: the bot is silent from then on.
func TestBotIsTakenOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := startAs(t, memory.New(), actors.Tuning{}, talking(nil, nil))
		defer l.stop()
		ana := l.agent("ana", 5, false)
		by := &deskpb.Author{Kind: deskpb.Author_KIND_AGENT, Id: string(ana), Name: "Ana"}
		for i, c := range []struct {
			cmd   desk.Command
			cause string
			owner string
		}{
			{deskpb.NewCommand(&deskpb.RequestReply{Message: "msg_a", Body: &deskpb.Body{Text: "I am here"}}), "taken_over", "ana"},
			{deskpb.NewCommand(&deskpb.AssignConversation{Agent: "ana", AgentName: "Ana"}), "taken_over", "ana"},
			{deskpb.NewCommand(&deskpb.TransferToTeam{Team: "team_x"}), "transferred", ""},
			{deskpb.NewCommand(&deskpb.SetTicketStatus{Status: deskpb.TicketStatus_TICKET_STATUS_CLOSED}), "closed", ""},
			{deskpb.NewCommand(&deskpb.MarkSpam{}), "spam", ""},
		} {
			ch, w := l.channel("chat"+string(rune('a'+i)), to(ana))
			conv := desk.ConversationIDFor(ch, "thread/visitor")
			must(t, w.deliver(toBot("m1", "hello")))
			synctest.Wait()
			note := deskpb.NewCommand(&deskpb.AddNote{Message: "msg_n", Body: &deskpb.Body{Text: "look at this"}})
			note.By = by
			l.do(conv.Stream(), note)
			if row := l.ticket(conv); row.Bot != "Robo" {
				t.Errorf("%d: a note ended it: %v", i, row)
			}
			c.cmd.By = by
			l.do(conv.Stream(), c.cmd)
			must(t, w.deliver(toBot("m2", "are you a person?")))
			synctest.Wait()
			texts, endings := l.said(conv)
			if row := l.ticket(conv); len(texts) != 3 || !slices.Equal(endings, []string{c.cause}) || row.Bot != "" || row.Owner != c.owner {
				t.Errorf("%s: said %v, ended %v, row %v", c.cause, texts, endings, row)
			}
		}
	})
}

// What a crash left unanswered is answered after it, once.
func TestBotAnswersAfterACrash(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, broken := memory.New(), &atomic.Bool{}
		broken.Store(true)
		l := startAs(t, store, actors.Tuning{}, talking(nil, broken))
		ch, w := l.channel("chat", to(l.agent("ana", 5, true)))
		conv := desk.ConversationIDFor(ch, "thread/visitor")
		must(t, w.deliver(toBot("m1", "hello")))
		must(t, w.deliver(toBot("m2", "bye")))
		synctest.Wait()
		if texts, _ := l.said(conv); len(texts) != 2 {
			t.Fatalf("it was broken, and said %v", texts)
		}
		l.stop()
		broken.Store(false)
		l = startAs(t, store, actors.Tuning{}, talking(nil, broken))
		defer l.stop()
		time.Sleep(time.Minute) // fake time
		synctest.Wait()
		texts, endings := l.said(conv)
		if got := strings.Join(texts, "|"); got != "Hello!|What is it?|You said hello|You said bye" || !slices.Equal(endings, []string{"ended"}) {
			t.Errorf("%s, then %v", got, endings)
		}
		if row := l.ticket(conv); row.Status != deskpb.TicketStatus_TICKET_STATUS_CLOSED || row.Owner != "" {
			t.Errorf("it ended with closing: %v", row)
		}
		if due, err := store.Index().Due(time.Now().Add(time.Hour).UnixMilli(), 10); err != nil || len(due) > 0 {
			t.Errorf("still due: %v %v", due, err)
		}
	})
}
