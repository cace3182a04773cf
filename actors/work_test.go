package actors_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/actors"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence/memory"
	"github.com/centralita/centralita/proto/deskpb"
)

// work gives a conversation a command of an agent.
func (l *life) work(conv string, m proto.Message) {
	l.t.Helper()
	cmd := deskpb.NewCommand(m)
	cmd.AtMs, cmd.By = time.Now().UnixMilli(), &deskpb.Author{Kind: deskpb.Author_KIND_AGENT, Id: "ana", Name: "Ana"}
	l.do(desk.ConversationID(conv).Stream(), cmd)
}

func (l *life) load(agent desk.AgentID) int32 {
	l.t.Helper()
	row, err := l.store.Index().Agent(agent)
	must(l.t, err)
	return row.Load
}

// A snoozed ticket frees its place, comes back at its time, also after a restart, or when the contact writes.
func TestASnoozedTicketComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory.New()
		l := start(t, store, actors.Tuning{})
		ana := l.agent("ana", 5, true)
		_, w := l.channel("support@desk.example", to(ana))
		for i := range 3 {
			must(t, w.deliver(mail(fmt.Sprintf("m%d", i), fmt.Sprintf("c%d@shop.example", i), "help")))
		}
		synctest.Wait()
		open := l.tickets(desk.ViewOpen)
		until := time.Now().Add(time.Hour).UnixMilli()
		l.work(open[0].Conversation, &deskpb.SnoozeTicket{UntilMs: until})
		l.work(open[1].Conversation, &deskpb.SnoozeTicket{UntilMs: desk.UntilContactWrites})
		l.work(open[2].Conversation, &deskpb.SnoozeTicket{UntilMs: until + 3_600_000})
		synctest.Wait()
		if n, left := l.load(ana), l.tickets(desk.ViewOpen); n != 0 || len(left) != 0 || len(l.tickets(desk.ViewSnoozed)) != 3 {
			t.Fatalf("load %d, open %v", n, left)
		}
		time.Sleep(time.Hour + time.Second)
		synctest.Wait()
		if got := l.tickets(desk.ViewOpen); len(got) != 1 || got[0].Conversation != open[0].Conversation || got[0].Owner != "ana" || l.load(ana) != 1 {
			t.Fatalf("after an hour: %v, load %d", got, l.load(ana))
		}
		ext := open[1].ContactName[len("Customer c"):][:1]
		must(t, w.deliver(mail("again", "c"+ext+"@shop.example", "and?", "mid:m"+ext)))
		synctest.Wait()
		if got := l.ticket(desk.ConversationID(open[1].Conversation)); got.SnoozedUntilMs != 0 || got.Messages != 2 {
			t.Fatalf("the contact wrote: %v", got)
		}
		l.stop()
		time.Sleep(2 * time.Hour)
		next := start(t, store, actors.Tuning{})
		defer next.stop()
		time.Sleep(time.Second)
		synctest.Wait()
		if got := next.tickets(desk.ViewSnoozed); len(got) != 0 || next.load(ana) != 3 {
			t.Fatalf("missed while stopped: %v, load %d", got, next.load(ana))
		}
	})
}

// A ticket handed to a team goes to one of its main members, whatever the channel's rule says, and waits for them.
func TestATeamSetByHandIsRoutedTo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := start(t, memory.New(), actors.Tuning{})
		defer l.stop()
		ana, ben := l.agent("ana", 5, true), l.agent("ben", 5, false)
		l.agent("cleo", 5, true)
		team := desk.TeamID("billing")
		l.do(team.Stream(), deskpb.NewCommand(&deskpb.AddTeam{Team: &deskpb.TeamAdded{Name: "Billing", Members: []*deskpb.TeamMember{
			{Agent: "ben", Main: true}, {Agent: "cleo"},
		}}}))
		_, w := l.channel("support@desk.example", to(ana))
		must(t, w.deliver(mail("m1", "carla@shop.example", "my bill")))
		synctest.Wait()
		conv := l.tickets(desk.ViewOpen)[0].Conversation
		l.work(conv, &deskpb.TransferToTeam{Team: "billing", TeamName: "Billing", Unassign: true})
		synctest.Wait()
		if got := l.ticket(desk.ConversationID(conv)); got.Owner != "" || !got.InLine || got.Team != "billing" || got.Reason.Code != "no_available_agent" || l.load(ana) != 0 {
			t.Fatalf("nobody of the team is there: %v", got)
		}
		l.available(ben, true)
		synctest.Wait()
		if got := l.ticket(desk.ConversationID(conv)); got.Owner != "ben" || got.InLine || l.load(ben) != 1 {
			t.Fatalf("ben came: %v", got)
		}
	})
}

// A team that is removed gets nothing any more: its tickets keep its name and go by their channel's rule, and say why.
func TestARemovedTeamIsPassedOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := start(t, memory.New(), actors.Tuning{})
		defer l.stop()
		ana, ben := l.agent("ana", 5, true), l.agent("ben", 5, false)
		team := desk.TeamID("billing")
		l.do(team.Stream(), deskpb.NewCommand(&deskpb.AddTeam{Team: &deskpb.TeamAdded{Name: "Billing", Members: []*deskpb.TeamMember{{Agent: "ben", Main: true}}}}))
		_, w := l.channel("support@desk.example", to(ana))
		must(t, w.deliver(mail("m1", "carla@shop.example", "my bill")))
		synctest.Wait()
		conv := l.tickets(desk.ViewOpen)[0].Conversation
		l.work(conv, &deskpb.TransferToTeam{Team: "billing", TeamName: "Billing", Unassign: true})
		synctest.Wait()
		if got := l.ticket(desk.ConversationID(conv)); got.Owner != "" || !got.InLine {
			t.Fatalf("it waits for ben: %v", got)
		}
		l.do(team.Stream(), deskpb.NewCommand(&deskpb.RemoveTeam{}))
		synctest.Wait()
		got := l.ticket(desk.ConversationID(conv))
		if got.Owner != "ana" || got.Team != "billing" || !strings.HasPrefix(got.Reason.GetText(), "Its team Billing was removed, so its channel's rule counts.") {
			t.Fatalf("the team is gone: %v", got)
		}
		// Back, it is routed to again.
		l.do(team.Stream(), deskpb.NewCommand(&deskpb.ChangeTeam{Team: &deskpb.TeamChanged{Name: "Billing", Members: []*deskpb.TeamMember{{Agent: "ben", Main: true}}}}))
		l.available(ben, true)
		l.work(conv, &deskpb.UnassignConversation{})
		synctest.Wait()
		if got := l.ticket(desk.ConversationID(conv)); got.Owner != "ben" {
			t.Fatalf("the team is back: %v", got)
		}
	})
}

// What a blocked contact writes is kept as spam, takes no place and nobody's time; unblocking lets the next one through.
func TestABlockedSenderIsSpam(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := start(t, memory.New(), actors.Tuning{})
		defer l.stop()
		ana := l.agent("ana", 5, true)
		_, w := l.channel("support@desk.example", to(ana))
		must(t, w.deliver(mail("m1", "mallory@bad.example", "buy")))
		must(t, w.deliver(mail("m2", "mallory@bad.example", "buy more"))) // remembered by the channel now
		synctest.Wait()
		open := l.tickets(desk.ViewOpen)
		contact := desk.ContactID(open[0].Contact)
		l.do(contact.Stream(), deskpb.NewCommand(&deskpb.BlockContact{}))
		l.work(open[0].Conversation, &deskpb.MarkSpam{})
		synctest.Wait()
		must(t, w.deliver(mail("m3", "mallory@bad.example", "buy now")))
		must(t, w.deliver(mail("m4", "mallory@bad.example", "please", "mid:m1")))
		must(t, w.deliver(mail("m5", "mallory@bad.example", "please", "mid:m2")))
		synctest.Wait()
		if spam := l.tickets(desk.ViewSpam); len(spam) != 3 || len(l.tickets(desk.ViewOpen)) != 0 || l.load(ana) != 0 {
			t.Fatalf("spam %v, load %d", spam, l.load(ana))
		}
		l.do(contact.Stream(), deskpb.NewCommand(&deskpb.UnblockContact{}))
		l.work(open[0].Conversation, &deskpb.UnmarkSpam{})
		synctest.Wait()
		must(t, w.deliver(mail("m6", "mallory@bad.example", "sorry")))
		synctest.Wait()
		if got := l.tickets(desk.ViewOpen); len(got) != 2 || l.load(ana) != 2 {
			t.Fatalf("after unblocking: %v, load %d", got, l.load(ana))
		}
	})
}

func (l *life) merge(from, into string) {
	l.t.Helper()
	l.work(from, &deskpb.MergeConversation{Into: into, IntoNumber: l.ticket(desk.ConversationID(into)).Number})
}

// messages gives the external ids that a conversation's stream holds.
func (l *life) messages(conv string) []string {
	l.t.Helper()
	var out []string
	for r, err := range l.store.Load(l.t.Context(), desk.ConversationID(conv).Stream(), 0) {
		must(l.t, err)
		if m := r.Event.GetMessageReceived(); m != nil {
			out = append(out, m.ExternalId)
		}
	}
	return out
}

// Messages that come while conversations are merged, and the merge undone, are each there once, in one of the two; a merge
// that broke off half-way is finished by itself; and the index can be made anew.
func TestNothingIsLostOrDoubledWhileMerging(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory.New()
		l := start(t, store, actors.Tuning{})
		defer l.stop()
		_, w := l.channel("support@desk.example", nil)
		must(t, w.deliver(mail("a", "carla@shop.example", "first")))
		must(t, w.deliver(mail("b", "carla@shop.example", "second")))
		synctest.Wait()
		open := l.tickets(desk.ViewOpen)
		a, b := open[0].Conversation, open[1].Conversation
		if l.messages(a)[0] == "b" {
			a, b = b, a
		}
		var wg sync.WaitGroup
		const n = 60
		for i := range n {
			for range 2 { // and each comes twice
				wg.Go(func() { must(t, w.deliver(mail(fmt.Sprintf("x%d", i), "carla@shop.example", "more", "mid:a"))) })
			}
			if i%20 == 10 {
				wg.Go(func() {
					cmd := deskpb.NewCommand(&deskpb.MergeConversation{Into: b, IntoNumber: 2})
					_, err := l.sys.Do(t.Context(), desk.ConversationID(a).Stream(), cmd)
					must(t, err)
				})
			}
			if i%20 == 19 {
				wg.Go(func() {
					_, err := l.sys.Do(t.Context(), desk.ConversationID(a).Stream(), deskpb.NewCommand(&deskpb.UndoMerge{}))
					must(t, err)
				})
			}
		}
		wg.Wait()
		synctest.Wait()
		l.merge(a, b)
		must(t, w.deliver(mail("last", "carla@shop.example", "more", "mid:a")))
		time.Sleep(3 * time.Second) // nobody told b: what is due does
		synctest.Wait()
		all := append(l.messages(a), l.messages(b)...)
		slices.Sort(all)
		if len(all) != n+3 || len(slices.Compact(all)) != n+3 {
			t.Fatalf("%d messages, %d different ones, want %d", len(all), len(slices.Compact(all)), n+3)
		}
		if !slices.Contains(l.messages(b), "last") {
			t.Fatal("what came after the merge is not where it is shown")
		}
		took := 0
		for r, err := range store.Load(t.Context(), desk.ConversationID(b).Stream(), 0) {
			must(t, err)
			if r.Event.GetConversationTookIn() != nil {
				took++
			}
			if r.Event.GetConversationLetGo() != nil {
				took--
			}
		}
		if due, ok, err := store.Index().NextDue(); took < 1 || ok || err != nil {
			t.Fatalf("taken in %d times, due %v, %v", took, due, err)
		}
		if rows := l.tickets(desk.ViewOpen); len(rows) != 1 || rows[0].Conversation != b {
			t.Fatalf("open: %v", rows)
		}
	})
}

// A split that broke off after its first half is finished in the next life.
func TestASplitThatBrokeOffIsFinished(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory.New()
		l := start(t, store, actors.Tuning{})
		_, w := l.channel("support@desk.example", nil)
		must(t, w.deliver(mail("m1", "carla@shop.example", "first")))
		must(t, w.deliver(mail("m2", "carla@shop.example", "another thing", "mid:m1")))
		synctest.Wait()
		from := l.tickets(desk.ViewOpen)[0]
		moved := string(desk.MessageIDFor(desk.ChannelID(from.Channel), "m2"))
		l.work(from.Conversation, &deskpb.SplitOffMessages{
			Into: "cv_new", Number: from.Number, Opening: &deskpb.ConversationOpened{Channel: from.Channel, Contact: from.Contact, Subject: "Another thing", Source: "split"},
			Messages: []*deskpb.SplitMessage{{Message: moved, Inbound: true, Counted: true, From: &deskpb.Address{Address: "carla@shop.example"}, Keys: []string{"mid:m2"}}},
		})
		l.stop()
		next := start(t, store, actors.Tuning{})
		defer next.stop()
		time.Sleep(3 * time.Second)
		synctest.Wait()
		if row := next.ticket("cv_new"); row.Source != "split" || row.Messages != 1 || row.Number != 2 {
			t.Fatalf("%v", row)
		}
		w = next.wires["support@desk.example"]
		must(t, w.deliver(mail("m3", "carla@shop.example", "more of it", "mid:m2", "mid:m1")))
		must(t, w.deliver(mail("m4", "carla@shop.example", "more of the first", "mid:m1")))
		synctest.Wait()
		if got := next.messages("cv_new"); !slices.Equal(got, []string{"m3"}) {
			t.Fatalf("the new conversation has %v", got)
		}
		if got := next.messages(from.Conversation); !slices.Equal(got, []string{"m1", "m2", "m4"}) {
			t.Fatalf("the old one has %v", got)
		}
		if _, ok, err := store.Index().NextDue(); ok || err != nil {
			t.Fatalf("still due: %v", err)
		}
	})
}

// A circle of merges, which no door lets in, still loses no message.
func TestACircleOfMergesLosesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := start(t, memory.New(), actors.Tuning{})
		defer l.stop()
		_, w := l.channel("support@desk.example", nil)
		for _, id := range []string{"a", "b", "c"} {
			must(t, w.deliver(mail(id, "carla@shop.example", id)))
		}
		synctest.Wait()
		open := l.tickets(desk.ViewOpen)
		for i := range open {
			l.merge(open[i].Conversation, open[(i+1)%3].Conversation)
		}
		must(t, w.deliver(mail("x", "carla@shop.example", "lost?", "mid:a")))
		synctest.Wait()
		if got := l.tickets(desk.ViewOpen); len(got) != 1 || got[0].Messages != 1 {
			t.Fatalf("open: %v", got)
		}
	})
}

// A ticket made by hand and its first mail are one entry: refused, neither is there; and the contact's answer finds the ticket.
func TestATicketIsOpenedWithItsFirstMailOrNotAtAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := start(t, memory.New(), actors.Tuning{})
		defer l.stop()
		ch, w := l.channel("support@desk.example", nil)
		conv := desk.ConversationID("cv_hand")
		opened := func(text string) *deskpb.Together {
			return &deskpb.Together{Commands: []*deskpb.Command{
				deskpb.NewCommand(&deskpb.OpenConversation{Opening: &deskpb.ConversationOpened{
					Channel: string(ch), ChannelKind: deskpb.ChannelKind_CHANNEL_KIND_EMAIL, Contact: "ct_1", ContactName: "Carla", Subject: "About your parcel",
				}, Owner: "ana", OwnerName: "Ana"}),
				deskpb.NewCommand(&deskpb.RequestReply{Message: "r1", Body: &deskpb.Body{Text: text}, To: []*deskpb.Address{{Address: "carla@shop.example"}}}),
			}}
		}
		if err := l.ask(conv, opened("")); desk.CodeOf(err) != desk.Invalid {
			t.Fatalf("a mail without words: %v", err)
		}
		if got := l.tickets(desk.ViewOpen); len(got) != 0 {
			t.Fatalf("a refused first message left %v", got)
		}
		must(t, l.ask(conv, opened("it is on its way")))
		must(t, l.ask(conv, opened("it is on its way"))) // asked again
		synctest.Wait()
		sent := w.outbox()
		if len(sent) != 1 || sent[0].Body.Text != "it is on its way" || len(sent[0].ThreadKeys) == 0 {
			t.Fatalf("sent: %+v", sent)
		}
		must(t, w.deliver(mail("m1", "carla@shop.example", "thanks", sent[0].ThreadKeys[0])))
		synctest.Wait()
		if got := l.tickets(desk.ViewOpen); len(got) != 1 || got[0].Messages != 2 || got[0].Owner != "ana" || got[0].Number != 1 {
			t.Fatalf("tickets: %v", got)
		}
	})
}
