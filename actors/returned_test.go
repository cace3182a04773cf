package actors_test

import (
	"testing"
	"testing/synctest"

	"github.com/centralita/centralita/actors"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence/memory"
	"github.com/centralita/centralita/proto/deskpb"
)

func bounced(id, about string) desk.Inbound {
	item := mail(id, "mailer-daemon@relay.example", "It could not be delivered.")
	item.Message.Automatic = desk.AutomaticBounce
	item.Message.ThreadKeys = []string{about, "mid:" + id}
	item.Message.Return = &desk.Return{Kind: desk.ReturnBounce, Keys: []string{about}, Recipients: []*deskpb.ReturnedRecipient{
		{Address: "carla@shop.example", Status: "5.1.1", Permanent: true, Cause: "no_address"},
	}}
	return item
}

// A bounce fails the reply it is about and marks the address, until a mail comes from it; it is no message and opens nothing. One of
// nothing of ours is kept, and nobody is chosen for it.
func TestABounceBelongsToWhatBounced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := start(t, memory.New(), actors.Tuning{})
		defer l.stop()
		conv, w := l.conversation()
		must(t, l.ask(conv, reply("r1")))
		want(t, w, "r1")
		for range 2 { // it comes again
			must(t, w.deliver(bounced("b1", "mid:r1")))
		}
		synctest.Wait()
		row, err := l.store.Index().Ticket(conv)
		if err != nil || row.Messages != 2 || row.Undelivered != 1 || row.Status != deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_CONTACT {
			t.Fatalf("%v, %v", row, err)
		}
		if open := l.tickets(desk.ViewOpen); len(open) != 1 {
			t.Errorf("%d tickets", len(open))
		}
		contact, err := l.store.Index().Contact(desk.ContactID(row.Contact))
		if err != nil || contact.Undeliverable["carla@shop.example"] != "no_address" {
			t.Errorf("%v, %v", contact, err)
		}
		must(t, w.deliver(mail("m2", "carla@shop.example", "I am here", "mid:r1")))
		synctest.Wait()
		if contact, err = l.store.Index().Contact(desk.ContactID(row.Contact)); err != nil || len(contact.Undeliverable) != 0 {
			t.Errorf("after a mail: %v, %v", contact, err)
		}

		for range 2 {
			must(t, w.deliver(bounced("b2", "mid:of-nobody")))
		}
		synctest.Wait()
		if open := l.tickets(desk.ViewOpen); len(open) != 1 {
			t.Errorf("%d tickets after a bounce of nothing of ours", len(open))
		}
		closed := l.tickets(desk.ViewClosed)
		if len(closed) != 1 || closed[0].Owner != "" || closed[0].InLine {
			t.Errorf("%v", closed)
		}
	})
}

// An away note that answers nothing of ours is kept closed, with its reason and in the list of what was set aside; nobody is chosen for it. What
// its writer then says opens that ticket, and what answers us joins what it answers.
func TestAStrayAnswerIsSetAside(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := start(t, memory.New(), actors.Tuning{})
		defer l.stop()
		l.agent("ana", 5, true)
		conv, w := l.conversation()
		must(t, l.ask(conv, reply("r1")))
		want(t, w, "r1")
		away := func(id, from string, keys ...string) desk.Inbound {
			m := mail(id, from, "I am away", keys...)
			m.Message.Automatic, m.Message.Answers = desk.AutomaticReply, true
			return m
		}
		must(t, w.deliver(away("a1", "carla@shop.example", "mid:r1", "mid:a1")))
		for range 2 {
			must(t, w.deliver(away("a2", "nils@new.example", "mid:of-nobody", "mid:a2")))
		}
		alert := mail("a3", "alerts@new.example", "the disk is full", "mid:a3")
		alert.Message.Automatic = desk.AutomaticReply
		must(t, w.deliver(alert))
		synctest.Wait()
		if open := l.tickets(desk.ViewOpen); len(open) != 2 { // the first one, which was answered, and the alert
			t.Errorf("%d open tickets: %v", len(open), open)
		}
		closed := l.tickets(desk.ViewClosed)
		if len(closed) != 1 || closed[0].SetAside != "stray_answer" || closed[0].Owner != "" || closed[0].InLine || closed[0].Messages != 1 || closed[0].WaitingSinceMs != 0 {
			t.Fatalf("%v", closed)
		}
		if row := l.ticket(conv); row.Messages != 3 || row.SetAside != "" {
			t.Errorf("what it answers: %v", row)
		}
		must(t, w.deliver(mail("a4", "nils@new.example", "I am back", "mid:a2", "mid:a4")))
		synctest.Wait()
		if row := l.ticket(desk.ConversationID(closed[0].Conversation)); row.SetAside != "" || row.Status != deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_US || row.Messages != 2 {
			t.Errorf("after its writer wrote: %v", row)
		}
	})
}

// What a colleague passes on is vouched for by them: a mark of a mail server makes it no spam, and it proves no address of who wrote it.
func TestPassedOnMailIsVouchedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := start(t, memory.New(), actors.Tuning{})
		defer l.stop()
		l.agent("ana", 5, true)
		l.do(desk.SpamID.Stream(), deskpb.NewCommand(&deskpb.SaveSetting{Setting: &deskpb.Setting{Value: &deskpb.Setting_Spam{Spam: &deskpb.SpamRules{BelieveServers: true}}}}))
		conv, w := l.conversation()
		must(t, l.ask(conv, reply("r1")))
		want(t, w, "r1")
		must(t, w.deliver(bounced("b1", "mid:r1")))
		synctest.Wait()

		for i, original := range []string{"nils@new.example", "carla@shop.example"} {
			m := mail([]string{"p1", "p2"}[i], "ana@desk.example", "see below")
			m.Message.SpamMark = true
			m.Message.Forward = &desk.Forward{From: &deskpb.Address{Address: original}, Trusted: true}
			must(t, w.deliver(m))
		}
		stranger := mail("s1", "eve@evil.example", "buy")
		stranger.Message.SpamMark = true
		must(t, w.deliver(stranger))
		synctest.Wait()
		if open := l.tickets(desk.ViewOpen); len(open) != 3 {
			t.Errorf("%d open tickets, want the first and both that were passed on", len(open))
		}
		if spam := l.tickets(desk.ViewSpam); len(spam) != 1 {
			t.Errorf("%d tickets are spam, want the stranger's", len(spam))
		}
		contact, err := l.store.Index().Contact(desk.ContactID(l.ticket(conv).Contact))
		if err != nil || contact.Undeliverable["carla@shop.example"] != "no_address" {
			t.Errorf("%v, %v", contact, err)
		}
	})
}
