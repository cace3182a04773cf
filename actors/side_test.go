package actors_test

import (
	"context"
	"slices"
	"strings"
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

const supplier = "sam@parts.example"

// aside begins a side conversation of a ticket.
func (l *life) aside(conv desk.ConversationID, message string) desk.ConversationID {
	l.t.Helper()
	id := desk.SideIDFor(conv, desk.MessageID(message))
	row := l.ticket(conv)
	cmd := deskpb.NewCommand(&deskpb.StartSide{
		Opening: &deskpb.ConversationOpened{SideOf: string(conv), Channel: row.Channel, ChannelKind: row.ChannelKind, Subject: "Fwd: Help"},
		Reply:   &deskpb.RequestReply{Message: message, Body: &deskpb.Body{Text: "Can you replace it?"}, To: []*deskpb.Address{{Name: "Sam", Address: supplier}}},
	})
	cmd.By = &deskpb.Author{Kind: deskpb.Author_KIND_AGENT, Id: "ana", Name: "ana"}
	l.do(id.Stream(), cmd)
	synctest.Wait()
	return id
}

func (l *life) side(id desk.ConversationID) desk.SideRow {
	l.t.Helper()
	row, err := l.store.Index().Side(id)
	if err != nil || row == nil {
		l.t.Fatalf("side %s: %v, %v", id, row, err)
	}
	return row
}

func (l *life) told(who string) (kinds []string) {
	l.t.Helper()
	all, err := l.store.Index().Notifications(who)
	must(l.t, err)
	for _, n := range all {
		kinds = append(kinds, n.Kind+" "+n.Detail)
	}
	return kinds
}

// What is said aside stays there, what the customer says stays with the customer, in mails of ours and in those that come.
func TestWhatIsSaidAsideStaysThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var earlier func(context.Context, desk.ConversationID, desk.MessageID) ([]channels.Said, error)
		l := startAs(t, memory.New(), actors.Tuning{}, func(k *channels.Kind) {
			made := k.New
			k.New = func(env channels.Env) (channels.Connector, error) {
				earlier = env.Earlier
				return made(env)
			}
		})
		defer l.stop()
		ana := l.agent("ana", 5, true)
		conv, w := l.conversation()
		l.reply(string(conv), "r1", "we ask the maker", ana)
		synctest.Wait()
		side := l.aside(conv, "s1")
		out := w.outbox()
		if first := out[len(out)-1]; len(first.References) != 0 || first.InReplyTo != "" || first.Conversation != side || len(first.To) != 1 || first.To[0].Address != supplier || !slices.Contains(first.ThreadKeys, "mid:"+string(side)) {
			t.Fatalf("%+v", first)
		}
		before := l.ticket(conv)
		if waiting, _ := desk.SidesOf(before); waiting != 1 || before.Status != deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_CONTACT {
			t.Fatalf("%v", before)
		}
		for range 2 { // it comes again
			must(t, w.deliver(mail("a1", supplier, "SECRET price", "mid:s1")))
		}
		synctest.Wait()
		after := l.ticket(conv)
		if _, answered := desk.SidesOf(after); answered != 1 || after.Status != deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_US || after.Messages != before.Messages || after.Contact != before.Contact || after.Preview != before.Preview || after.WaitingSinceMs != 0 {
			t.Errorf("%v", after)
		}
		if all := l.tickets(desk.ViewOpen); len(all) != 1 {
			t.Errorf("%d tickets", len(all))
		}
		if id, err := l.store.Index().ContactByIdentity(&deskpb.Identity{Kind: deskpb.IdentityKind_IDENTITY_KIND_EMAIL, Value: supplier}); err != nil || id != "" {
			t.Errorf("who was asked became contact %s, %v", id, err)
		}
		if got := l.told("ana"); len(got) == 0 || got[0] != "side side" {
			t.Errorf("ana was told %v", got)
		}

		l.reply(string(conv), "r2", "they can", ana)
		must(t, w.deliver(mail("m2", "carla@shop.example", "PRIVATE thanks", "mid:r1")))
		must(t, l.ask(side, &deskpb.RequestReply{Message: "s2", Body: &deskpb.Body{Text: "please do"}}))
		synctest.Wait()
		for _, o := range w.outbox() {
			apart(t, o, side, conv, earlier)
		}
		if s := l.side(side); s.Messages != 3 || s.Status != deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_CONTACT {
			t.Errorf("%v", s)
		}
		if row := l.ticket(conv); row.Messages != after.Messages+2 {
			t.Errorf("%v", row)
		}
	})
}

// apart: a mail has nothing of the other side, neither in its head nor in what it would quote.
func apart(t *testing.T, o desk.Outbound, side, conv desk.ConversationID, earlier func(context.Context, desk.ConversationID, desk.MessageID) ([]channels.Said, error)) {
	t.Helper()
	history, err := earlier(context.Background(), o.Conversation, o.Message)
	must(t, err)
	all := strings.Join(o.References, " ") + o.InReplyTo
	for _, s := range history {
		all += s.Address + s.Body.GetText()
	}
	for _, a := range slices.Concat(o.To, o.Cc, o.Bcc) {
		all += a.Address
	}
	alien := []string{"SECRET", "replace it", supplier, string(side), "mid:s", "mid:a1"}
	if o.Conversation == side {
		alien = []string{"PRIVATE", "carla@", "we ask", "mid:r", "mid:m", string(conv)}
	}
	for _, word := range alien {
		if strings.Contains(all, word) {
			t.Errorf("%s has %q of the other side: %s", o.Message, word, all)
		}
	}
}

func TestAnswersAsideWhenTheTicketIsClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := start(t, memory.New(), actors.Tuning{})
		defer l.stop()
		conv, w := l.conversation()
		side := l.aside(conv, "s1")
		closed := &deskpb.SetTicketStatus{Status: deskpb.TicketStatus_TICKET_STATUS_CLOSED}
		must(t, l.ask(conv, closed))
		auto := mail("o1", supplier, "I am away", "mid:s1")
		auto.Message.Automatic = desk.AutomaticReply
		must(t, w.deliver(auto))
		must(t, w.deliver(mail("x1", "eve@elsewhere.example", "me too", "mid:"+string(side)))) // the anchor, passed on
		synctest.Wait()
		if row := l.ticket(conv); row.Status != closed.Status || l.side(side).Answers != 0 {
			t.Errorf("a machine or a stranger opened it: %v", row)
		}
		must(t, w.deliver(mail("a1", "pat@parts.example", "tomorrow", "mid:s1"))) // a colleague of theirs
		synctest.Wait()
		if row := l.ticket(conv); row.Status != deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_US {
			t.Errorf("an answer did not open it: %v", row)
		}
		must(t, l.ask(side, closed))
		must(t, l.ask(conv, closed))
		must(t, w.deliver(mail("a2", supplier, "sent", "mid:s1")))
		synctest.Wait()
		if row, s := l.ticket(conv), l.side(side); row.Status != closed.Status || s.Status != closed.Status || s.Received != 3 {
			t.Errorf("done, and yet %v, %v", row, s)
		}
		// A stranger who only knows an id of the supplier's has a ticket of his own, and so has the supplier without any.
		must(t, w.deliver(mail("x2", "mallory@bad.example", "hello", "mid:a1")))
		must(t, w.deliver(mail("n1", supplier, "something else")))
		synctest.Wait()
		var who []string
		for _, row := range l.tickets(desk.ViewOpen) {
			who = append(who, row.ContactName)
		}
		slices.Sort(who)
		if want := []string{"Customer mallory@bad.example", "Customer " + supplier}; !slices.Equal(who, want) {
			t.Errorf("open tickets of %v, want %v", who, want)
		}
	})
}

func TestABounceAsideStandsAtItsMail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := start(t, memory.New(), actors.Tuning{})
		defer l.stop()
		ana := l.agent("ana", 5, true)
		conv, w := l.conversation()
		must(t, l.ask(conv, &deskpb.AssignConversation{Agent: string(ana)}))
		side := l.aside(conv, "s1")
		b := bounced("b1", "mid:s1")
		b.Message.Return.Recipients[0].Address = supplier
		must(t, w.deliver(b))
		synctest.Wait()
		if s, row := l.side(side), l.ticket(conv); s.Undelivered != 1 || row.Undelivered != 0 || len(l.tickets(desk.ViewOpen)) != 1 || len(l.tickets(desk.ViewClosed)) != 0 {
			t.Errorf("%v, %v", s, row)
		}
		if got := l.told("ana"); len(got) == 0 || got[0] != "undelivered side" {
			t.Errorf("ana was told %v", got)
		}
		must(t, l.ask(side, &deskpb.RetryReply{Message: "s1"}))
		synctest.Wait()
		if s := l.side(side); s.Undelivered != 0 || len(w.outbox()) != 2 {
			t.Errorf("tried again: %v, %d sent", s, len(w.outbox()))
		}
		must(t, l.ask(side, &deskpb.RequestReply{Message: "s2", Body: &deskpb.Body{Text: "t"}, To: []*deskpb.Address{{Address: supplier}}, UndoSeconds: 10}))
		must(t, l.ask(side, &deskpb.CancelReply{Message: "s2"}))
		time.Sleep(time.Minute)
		if n := len(w.outbox()); n != 2 {
			t.Errorf("%d sent: what was taken back has left", n)
		}
	})
}

func TestSidesGoWithMergedTickets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := start(t, memory.New(), actors.Tuning{})
		defer l.stop()
		conv, w := l.conversation()
		side := l.aside(conv, "s1")
		must(t, w.deliver(mail("m2", "carla@shop.example", "another matter")))
		synctest.Wait()
		other := desk.ConversationID(l.tickets(desk.ViewOpen)[0].Conversation)
		if other == conv {
			other = desk.ConversationID(l.tickets(desk.ViewOpen)[1].Conversation)
		}
		must(t, l.ask(conv, &deskpb.MergeConversation{Into: string(other)})) // the desk stops here: the timers finish it
		time.Sleep(time.Minute)
		must(t, l.ask(other, &deskpb.SetTicketStatus{Status: deskpb.TicketStatus_TICKET_STATUS_CLOSED}))
		must(t, w.deliver(mail("a1", supplier, "tomorrow", "mid:s1")))
		synctest.Wait()
		count := func(id desk.ConversationID) (waiting, answered int) { return desk.SidesOf(l.ticket(id)) }
		if _, answered := count(other); answered != 1 || l.ticket(other).Status != deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_US {
			t.Errorf("%v", l.ticket(other))
		}
		must(t, l.ask(conv, &deskpb.UndoMerge{}))
		time.Sleep(time.Minute)
		if waiting, answered := count(other); waiting+answered != 0 {
			t.Errorf("undone: %v", l.ticket(other))
		}
		if _, answered := count(conv); answered != 1 || l.side(side).Status != deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_US {
			t.Errorf("undone: %v", l.ticket(conv))
		}
	})
}

// An answer that became durable just before the desk stopped is told when it is back.
func TestAnAnswerAsideSurvivesAStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory.New()
		l := start(t, store, actors.Tuning{})
		conv, w := l.conversation()
		side := l.aside(conv, "s1")
		must(t, l.ask(conv, &deskpb.SetTicketStatus{Status: deskpb.TicketStatus_TICKET_STATUS_CLOSED}))
		synctest.Wait()
		l.stop()
		version := l.side(side).Version
		var records []desk.Record
		for i, ev := range []desk.Event{
			deskpb.NewEvent(&deskpb.MessageReceived{Message: "ma1", Channel: l.ticket(conv).Channel, ExternalId: "a1", From: &deskpb.Address{Address: supplier}, Body: &deskpb.Body{Text: "t"}}),
			deskpb.NewEvent(&deskpb.TicketStatusChanged{From: deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_CONTACT, To: deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_US}),
		} {
			records = append(records, &deskpb.Record{Stream: string(side.Stream()), Version: version + uint64(i) + 1, AtMs: time.Now().UnixMilli(), Event: ev})
		}
		done := make(chan error, 1)
		store.Append(persistence.Entry{Stream: side.Stream(), Expect: version, Records: records}, func(_ desk.Position, err error) { done <- err })
		must(t, <-done)
		next := start(t, store, actors.Tuning{}, w)
		defer next.stop()
		time.Sleep(time.Second)
		if row := next.ticket(conv); row.Status != deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_US {
			t.Errorf("%v", row)
		}
		if due, err := store.Index().Due(time.Now().Add(time.Hour).UnixMilli(), 10); err != nil || len(due) != 0 {
			t.Errorf("still due: %v, %v", due, err)
		}
	})
}
