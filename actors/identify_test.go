package actors_test

import (
	"context"
	"iter"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/centralita/centralita/actors"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence/memory"
	"github.com/centralita/centralita/proto/deskpb"
)

func visitor(value string) *deskpb.Identity {
	return &deskpb.Identity{Kind: deskpb.IdentityKind_IDENTITY_KIND_VISITOR, Value: value}
}

// chatted is what is said by a thread of a chat, by somebody proved or not.
func chatted(thread, id, text string, who *desk.Verified) desk.Inbound {
	return desk.Inbound{ExternalID: thread + "/" + id, Message: &desk.InboundMessage{
		Identity: visitor("chat/" + thread), Verified: who, Recognised: true, Thread: thread, ClientID: id, Body: &deskpb.Body{Text: text},
	}}
}

func proved(from, thread string, who *desk.Verified) desk.Inbound {
	return desk.Inbound{ExternalID: "identified/" + from + "/" + thread, Identified: &desk.Identified{From: from, Thread: thread, Person: who}}
}

// said is what a thread shows of what was written, oldest first.
func said(l *life, w *wire, thread string) string {
	l.t.Helper()
	var all []string
	now := w.threads.Open(thread)
	for _, part := range []iter.Seq2[desk.Record, error]{now.Earlier(context.Background()), now.History(context.Background(), 0)} {
		for r, err := range part {
			if err != nil {
				l.t.Fatal(err)
			}
			if m := r.Event.GetMessageReceived(); m != nil {
				all = append(all, m.Body.GetText())
			}
		}
	}
	return strings.Join(all, "|")
}

// A visitor of the chat signs in: what they said stays one ticket, becomes that of the contact whom the desk knows by mail, and goes to
// the contact's owner. What they said in another browser joins it. Who holds the token of before is nobody there any more.
func TestVisitorBecomesTheContact(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory.New()
		l := start(t, store, actors.Tuning{})
		defer l.stop()
		rule := owned(l)
		l.available("ben", false)
		shop, w := l.channel("shop", rule)
		carla := &desk.Verified{Identity: visitor("chat/u_carla"), Email: "carla@shop.example", Name: "Carla"}
		contact := string(desk.ContactIDFor(int32(deskpb.IdentityKind_IDENTITY_KIND_EMAIL), carla.Email))

		must(t, w.deliver(chatted("v_1", "m1", "at work", nil)))
		synctest.Wait()
		first := l.latest()
		if first.Contact == contact || first.Owner != "" {
			t.Fatalf("a stranger is taken for the contact: %v", first)
		}
		for range 2 { // its answer was lost
			must(t, w.deliver(proved("v_1", "u_carla", carla)))
		}
		synctest.Wait()
		if got := l.latest(); got.Conversation != first.Conversation || got.Contact != contact || got.Owner != "ana" || got.Thread != "u_carla" {
			t.Fatalf("the ticket: %v", got)
		}
		if got := said(l, w, "u_carla"); got != "at work" {
			t.Errorf("she sees %q", got)
		}
		if err := w.deliver(chatted("v_1", "m2", "who am I?", nil)); desk.ReasonOf(err) != "moved" {
			t.Errorf("by the thread of before: %v", err)
		}
		must(t, w.deliver(chatted("v_1", "m1", "at work", nil))) // but what was durable is known
		address := func(thread string) error {                   // and nothing of hers is mailed to who has the token of before
			v := desk.Visit{Conversation: desk.ConversationIDFor(shop, "thread/"+thread), Thread: thread, Address: &deskpb.GiveVisitorAddress{Address: "x@evil.example"}}
			return w.deliver(desk.Inbound{ExternalID: "visit/" + thread, Visit: &v})
		}
		if err := address("v_1"); desk.ReasonOf(err) != "moved" {
			t.Errorf("an address by the thread of before: %v", err)
		}
		if err := address("u_carla"); err != nil {
			t.Errorf("by her own: %v", err)
		}

		must(t, w.deliver(chatted("v_2", "m1", "at home", nil)))
		must(t, w.deliver(proved("v_2", "u_carla", carla)))
		synctest.Wait()
		second := l.latest()
		if second.Conversation == first.Conversation || second.Contact != contact || l.ticket(desk.ConversationID(first.Conversation)).MergedInto != second.Conversation {
			t.Fatalf("the second ticket: %v", second)
		}
		if got := said(l, w, "u_carla"); got != "at work|at home" {
			t.Errorf("she sees %q", got)
		}
		must(t, w.deliver(chatted("u_carla", "m3", "hello again", carla)))
		if got := said(l, w, "u_carla"); got != "at work|at home|hello again" {
			t.Errorf("she sees %q", got)
		}
		if _, err := l.sys.Do(context.Background(), desk.ConversationID(first.Conversation).Stream(), deskpb.NewCommand(&deskpb.UndoMerge{})); desk.ReasonOf(err) != "threaded" {
			t.Errorf("undone: %v", err)
		}
		if got, err := l.store.Index().ContactByIdentity(carla.Identity); err != nil || string(got) != contact {
			t.Errorf("by the site's id she is %s, %v", got, err)
		}
		closedOneJoins(l, w, carla, second)
	})
}

// closedOneJoins: the open one stays, a closed one of another browser joins it; and nobody takes along what is hers already.
func closedOneJoins(l *life, w *wire, carla *desk.Verified, second desk.Ticket) {
	l.t.Helper()
	must(l.t, w.deliver(chatted("v_3", "m1", "long ago", nil)))
	synctest.Wait()
	old := l.latest()
	closed(l, old.Conversation)
	must(l.t, w.deliver(proved("v_3", "u_carla", carla)))
	synctest.Wait()
	if got := l.ticket(desk.ConversationID(old.Conversation)); got.MergedInto != second.Conversation {
		l.t.Errorf("the closed one: %v", got)
	}
	if got := said(l, w, "u_carla"); got != "at work|long ago|at home|hello again" {
		l.t.Errorf("she sees %q", got)
	}

	tom := &desk.Verified{Identity: visitor("chat/u_tom"), Name: "Tom"}
	for _, from := range []string{"v_1", "v_2", "v_3", "v_9"} {
		must(l.t, w.deliver(proved(from, "u_tom", tom)))
	}
	if got := said(l, w, "u_tom"); got != "" {
		l.t.Errorf("Tom sees %q", got)
	}
}
