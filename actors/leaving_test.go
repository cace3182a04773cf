package actors_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/centralita/centralita/actors"
	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
	"github.com/centralita/centralita/persistence/memory"
	"github.com/centralita/centralita/proto/deskpb"
)

// leaves makes kinds whose chats mail what their visitors have not seen from a mailbox, whose id is known once it is made.
func leaves(box *boxID, change func(*channels.After)) func(*channels.Kind) {
	return func(k *channels.Kind) {
		k.After = func(desk.ChannelID, string, string, json.RawMessage, [][]byte) channels.After {
			a := channels.After{Mailbox: box.get(), MailAfter: 2 * time.Minute, TranscriptFrom: box.get(), Transcript: true, Title: "Shop"}
			if change != nil {
				change(&a)
			}
			return a
		}
		k.SendsFrom = func(json.RawMessage) string { return "" }
	}
}

// boxID is the mailbox that chats send from, "" for none; the engine asks while the test goes on.
type boxID struct{ atomic.Pointer[desk.ChannelID] }

func (b *boxID) get() desk.ChannelID {
	if id := b.Load(); id != nil {
		return *id
	}
	return ""
}

// chatting is a visitor in a chat who gave an address and left, an agent, and a mailbox.
type chatting struct {
	*life
	box       boxID
	chat      *wire
	mailbox   *wire
	conv      string
	agent     desk.AgentID
	delivered int
}

func newChat(t *testing.T, store persistence.Store, change func(*channels.After)) *chatting {
	t.Helper()
	c := &chatting{}
	c.life = startAs(t, store, actors.Tuning{}, leaves(&c.box, change))
	c.agent = c.life.agent("ana", 5, true)
	id, mailbox := c.channelOf("email", "support@desk.example", nil)
	c.mailbox = mailbox
	c.box.Store(&id)
	_, c.chat = c.channelOf("chat", "chat", to(c.agent))
	c.say("where is my parcel?")
	c.conv = c.latest().Conversation
	return c
}

// again is the next life on the same journal.
func (c *chatting) again(store persistence.Store, change func(*channels.After)) {
	c.t.Helper()
	c.life = startAs(c.t, store, actors.Tuning{}, leaves(&c.box, change))
	synctest.Wait()
	c.chat, c.mailbox = c.wires["chat"], c.wires["support@desk.example"]
}

func (c *chatting) say(text string) {
	c.t.Helper()
	c.delivered++
	must(c.t, c.chat.deliver(desk.Inbound{ExternalID: fmt.Sprintf("v1/c%d", c.delivered), Message: &desk.InboundMessage{
		Identity: &deskpb.Identity{Kind: deskpb.IdentityKind_IDENTITY_KIND_VISITOR, Value: "chat/v1"}, Recognised: true, Thread: "v1", Subject: "where is my parcel?",
		From: &deskpb.Address{Name: "Carla", Address: "Carla@shop.example"}, Name: "Carla", Body: &deskpb.Body{Text: text},
	}}))
	synctest.Wait()
}

// answers replies as the agent; the chat takes it at once.
func (c *chatting) answers(id, text string) {
	c.t.Helper()
	c.reply(c.conv, id, text, c.agent)
	synctest.Wait()
}

// sees reports a reply as the widget does.
func (c *chatting) sees(id string, state deskpb.DeliveryState) {
	c.t.Helper()
	must(c.t, c.chat.deliver(desk.Inbound{ExternalID: "v1/" + id + state.String(), Report: &desk.DeliveryReport{
		Conversation: desk.ConversationID(c.conv), Message: desk.MessageID(id), State: state,
	}}))
	synctest.Wait()
}

func (c *chatting) wait(d time.Duration) {
	time.Sleep(d) // fake time
	synctest.Wait()
}

const (
	stateRead      = deskpb.DeliveryState_DELIVERY_STATE_READ
	stateDelivered = deskpb.DeliveryState_DELIVERY_STATE_DELIVERED
)

// What a visitor who left has not seen goes to them in one mail; their answer joins the conversation, and what is said next goes by
// mail, until they are back in the chat.
func TestWhatAVisitorHasNotSeenGoesByMail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newChat(t, memory.New(), nil)
		defer func() { c.stop() }()
		c.answers("r0", "Let me look.")
		c.sees("r0", stateRead)
		c.answers("r1", "It left on Monday.")
		c.wait(time.Minute)
		c.answers("r2", "It comes on Friday.")
		c.wait(59 * time.Second)
		if n := len(c.mailbox.outbox()); n != 0 {
			t.Fatalf("%d mails before the time", n)
		}
		c.wait(2 * time.Second)
		sent := c.mailbox.outbox()
		if len(sent) != 1 || sent[0].To[0].Address != "carla@shop.example" || sent[0].AgentName != "ana" || sent[0].Automatic || !sent[0].Quotes {
			t.Fatalf("the mail: %+v", sent)
		}
		for _, want := range []string{"It left on Monday.", "It comes on Friday."} {
			if strings.Count(sent[0].Body.Text, want) != 1 || strings.Contains(sent[0].Body.Text, "Let me look") {
				t.Errorf("it says %q", sent[0].Body.Text)
			}
		}
		c.wait(time.Hour)
		if n := len(c.mailbox.outbox()); n != 1 {
			t.Errorf("%d mails", n)
		}
		if n := c.ticket(desk.ConversationID(c.conv)); n.FirstReplyAtMs == 0 || n.Preview != "It comes on Friday." {
			t.Errorf("the mail changed the ticket: %v", n)
		}
		must(t, c.mailbox.deliver(mail("m1", "carla@shop.example", "Thanks, which Friday?", sent[0].ThreadKeys[0])))
		synctest.Wait()
		if all := c.tickets(desk.ViewOpen); len(all) != 1 || all[0].Status != deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_US || !all[0].After.GetByMail() {
			t.Fatalf("the answer: %v", all)
		}
		c.answers("r3", "This one.")
		sent = c.mailbox.outbox()
		if len(sent) != 2 || sent[1].Body.Text != "This one." || sent[1].InReplyTo != "mid:m1" || sent[1].Automatic {
			t.Fatalf("the next answer: %+v", sent[1:])
		}
		if n := len(c.chat.outbox()); n != 3 {
			t.Errorf("%d answers over the chat", n)
		}
		c.say("I am back.")
		c.answers("r4", "Hello again.")
		if n := len(c.chat.outbox()); n != 4 || len(c.mailbox.outbox()) != 2 {
			t.Errorf("back in the chat: %d answers over it", n)
		}
		c.sees("r4", stateRead)
		c.wait(24 * time.Hour)
		if n := len(c.mailbox.outbox()); n != 2 {
			t.Errorf("%d mails in the end", n)
		}
	})
}

// Whoever sees it first gets no mail; what lies in a window that nobody looks at waits longer; one that has not left is taken back.
func TestSeeingItCancelsTheMail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newChat(t, memory.New(), nil)
		defer func() { c.stop() }()
		c.answers("r1", "one")
		c.wait(time.Minute)
		c.sees("r1", stateRead)
		c.wait(time.Hour)
		c.answers("r2", "two")
		c.sees("r2", stateDelivered)
		c.wait(desk.UnseenFor - time.Second)
		if n := len(c.mailbox.outbox()); n != 0 {
			t.Fatalf("%d mails", n)
		}
		c.wait(2 * time.Second)
		if n := len(c.mailbox.outbox()); n != 1 {
			t.Fatalf("of what nobody looked at: %d mails", n)
		}
		c.mailbox.mu.Lock()
		c.mailbox.onSend = func(desk.Outbound) (string, error) {
			return "", &channels.Error{Class: channels.Temporary, Reason: "busy"}
		}
		c.mailbox.mu.Unlock()
		c.answers("r3", "three")
		c.answers("r4", "four")
		c.wait(2*time.Minute + 10*time.Second)
		tries := len(c.mailbox.outbox())
		if tries < 2 {
			t.Fatalf("%d attempts", tries)
		}
		c.sees("r3", stateRead)
		c.sees("r4", stateRead)
		tries = len(c.mailbox.outbox())
		c.wait(24 * time.Hour)
		if n := len(c.mailbox.outbox()); n != tries {
			t.Errorf("it was tried again after it was seen: %d, %d", tries, n)
		}
	})
}

// Killed at every step of the way, the mail goes once, or is shown as one of which nobody knows.
func TestTheMailOfAVisitorIsNeverDoubled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory.New()
		c := newChat(t, store, nil)
		c.answers("r1", "It left on Monday.")
		answered := copyOf(t, store) // killed before the time has come
		hang := make(chan struct{})
		c.mailbox.mu.Lock()
		c.mailbox.onSend = func(desk.Outbound) (string, error) { <-hang; return "", nil }
		c.mailbox.mu.Unlock()
		c.wait(2*time.Minute + time.Second)
		announced := copyOf(t, store) // killed during the attempt
		close(hang)
		synctest.Wait()
		settled := copyOf(t, store)
		c.stop()
		decided := memory.New() // killed between the decision and the attempt
		for r, err := range announced.Tail(t.Context(), 0) {
			must(t, err)
			if r.Event.GetDeliveryStarted() != nil && strings.HasPrefix(r.Event.GetDeliveryStarted().Message, "um_") {
				break
			}
			done := make(chan error, 1)
			decided.Append(persistence.Entry{Stream: desk.StreamID(r.Stream), Expect: r.Version - 1, Records: []desk.Record{r}}, func(_ desk.Position, err error) { done <- err })
			must(t, <-done)
			if desk.Position(r.Position) == announced.Head() {
				break
			}
		}
		for name, x := range map[string]struct {
			store persistence.Store
			want  int
		}{"before the time": {answered, 1}, "after the decision": {decided, 1}, "during the attempt": {announced, 0}, "after it": {settled, 0}} {
			for life := range 2 {
				c.again(x.store, nil)
				c.wait(time.Hour)
				want := x.want
				if life > 0 {
					want = 0
				}
				if n := len(c.mailbox.outbox()); n != want {
					t.Errorf("killed %s, life %d: %d mails, not %d", name, life, n, want)
				}
				mails := 0
				for _, ev := range c.events(c.conv) {
					if ev.GetReplyRequested().GetAutomatic() == desk.AutomaticUnread {
						mails++
					}
				}
				if mails != 1 {
					t.Errorf("killed %s: decided %d times", name, mails)
				}
				c.stop()
			}
		}
	})
}

// Nothing is mailed where it must not, and it is said why, once.
func TestWhyAVisitorGetsNoMail(t *testing.T) {
	for name, x := range map[string]struct {
		change func(*channels.After)
		before func(*chatting)
		want   string
	}{
		"only typed": {change: func(a *channels.After) { a.OnlyProved = true }, want: desk.WithheldUnproved},
		"our own":    {before: func(c *chatting) { c.give("support@desk.example") }, want: desk.WithheldOwnAddress},
		"box is off": {before: func(c *chatting) { c.do(c.box.get().Stream(), deskpb.NewCommand(&deskpb.SwitchChannel{On: false})) }, want: desk.WithheldNoMailbox},
		"none sends": {before: func(c *chatting) { c.box.Store(nil) }, want: desk.WithheldOff},
		"spam": {before: func(c *chatting) {
			c.do(desk.ConversationID(c.conv).Stream(), deskpb.NewCommand(&deskpb.MarkSpam{}))
		}, want: desk.WithheldBlocked},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newChat(t, memory.New(), x.change)
				defer func() { c.stop() }()
				c.answers("r1", "one")
				if x.before != nil {
					x.before(c)
				}
				c.wait(time.Hour)
				var causes []string
				for _, ev := range c.events(c.conv) {
					if m := ev.GetUnreadNotMailed(); m != nil {
						causes = append(causes, m.Cause)
					}
				}
				if n := len(c.mailbox.outbox()); n != 0 || !slices.Equal(causes, []string{x.want}) {
					t.Errorf("%d mails, %v", n, causes)
				}
			})
		})
	}
}

// give says an address as the widget does.
func (c *chatting) give(address string) {
	c.t.Helper()
	must(c.t, c.chat.deliver(desk.Inbound{Visit: &desk.Visit{Conversation: desk.ConversationID(c.conv), Address: &deskpb.GiveVisitorAddress{Address: address}}}))
	synctest.Wait()
}

// When a chat is closed the transcript goes once, with the question how it was; a visitor who asks for one gets it, and rates once.
func TestWhatComesAfterAChat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newChat(t, memory.New(), func(a *channels.After) {
			a.OnClose, a.Rating = true, "stars"
			a.RateLink = func(conv desk.ConversationID, _ time.Time) string {
				return "https://desk.example/rate?t=" + string(conv)
			}
		})
		defer func() { c.stop() }()
		c.answers("r1", "It left on <Monday>.")
		c.sees("r1", stateRead)
		stream := desk.ConversationID(c.conv).Stream()
		shut := func(s deskpb.TicketStatus) { c.do(stream, deskpb.NewCommand(&deskpb.SetTicketStatus{Status: s})) }
		shut(deskpb.TicketStatus_TICKET_STATUS_CLOSED)
		c.wait(time.Minute)
		shut(deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_US)
		c.wait(time.Hour)
		if n := len(c.mailbox.outbox()); n != 0 {
			t.Fatalf("closed by mistake: %d mails", n)
		}
		shut(deskpb.TicketStatus_TICKET_STATUS_CLOSED)
		c.wait(time.Hour)
		sent := c.mailbox.outbox()
		if len(sent) != 1 || !sent[0].Automatic || !strings.Contains(sent[0].Body.Text, "where is my parcel?") || !strings.Contains(sent[0].Body.Text, "rate?t="+c.conv) ||
			!strings.Contains(sent[0].Body.Html, "It left on &lt;Monday&gt;.") {
			t.Fatalf("the transcript: %+v", sent)
		}
		visit := func(id string, v desk.Visit) error {
			v.Conversation = desk.ConversationID(c.conv)
			err := c.chat.deliver(desk.Inbound{ExternalID: id, Visit: &v})
			synctest.Wait()
			return err
		}
		rate := func(score uint32, comment string) error {
			return visit("", desk.Visit{Rate: &deskpb.RateConversation{Score: score, Comment: comment, Scale: "stars", By: "chat"}})
		}
		must(t, rate(4, ""))
		must(t, rate(4, "quick"))
		must(t, rate(4, "quick"))
		if err := rate(1, ""); desk.ReasonOf(err) != "rated" {
			t.Errorf("rated again: %v", err)
		}
		if got := c.ticket(desk.ConversationID(c.conv)).After.GetRated(); got.GetScore() != 4 || got.Comment != "quick" || got.Agent != "ana" {
			t.Errorf("%v", got)
		}
		must(t, visit("t1", desk.Visit{Transcript: "carla@home.example"}))
		must(t, visit("t1", desk.Visit{Transcript: "carla@home.example"}))
		if sent = c.mailbox.outbox(); len(sent) != 2 || sent[1].To[0].Address != "carla@home.example" {
			t.Errorf("asked for: %d mails", len(sent))
		}
		if err := visit("t2", desk.Visit{Transcript: "nonsense"}); desk.CodeOf(err) != desk.Invalid {
			t.Errorf("no address: %v", err)
		}
	})
}
