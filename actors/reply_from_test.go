package actors_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"testing"
	"testing/synctest"

	"github.com/centralita/centralita/actors"
	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence/memory"
	"github.com/centralita/centralita/proto/deskpb"
)

// A thread is answered from the address it has, whatever its channel sends from meanwhile, after a restart too, until an agent says the
// channel's. What comes new is answered from that.
func TestAThreadKeepsItsAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory.New()
		sends := func(k *channels.Kind) {
			k.SendsFrom = func(config json.RawMessage) string { return string(bytes.Trim(config, `"`)) }
		}
		l := startAs(t, store, actors.Tuning{}, sends)
		id, w := l.channel("old@desk.example", nil)
		must(t, w.deliver(mail("m1", "carla@shop.example", "hello")))
		synctest.Wait()
		conv := desk.ConversationID(l.tickets(desk.ViewOpen)[0].Conversation)
		if row := l.ticket(conv); row.FromAddress != "old@desk.example" {
			t.Fatalf("%v", row)
		}
		must(t, l.sys.ReconfigureChannel(context.Background(), id, desk.NewChannel{Kind: "wire", Name: "w", Config: []byte(strconv.Quote("new@desk.example"))}, nil))
		l.stop()
		l = startAs(t, store, actors.Tuning{}, sends)
		defer l.stop()
		synctest.Wait()
		w = l.wires["new@desk.example"]
		say := func(message, from, want string) {
			t.Helper()
			must(t, l.ask(conv, &deskpb.RequestReply{Message: message, Body: &deskpb.Body{Text: message}, FromAddress: from}))
			synctest.Wait()
			sent := w.outbox()
			if last := sent[len(sent)-1]; last.From != want || string(last.Message) != message {
				t.Errorf("%s leaves from %q, want %s", last.Message, last.From, want)
			}
			if row := l.ticket(conv); row.FromAddress != want {
				t.Errorf("after %s it is answered from %q", message, row.FromAddress)
			}
		}
		say("r1", "", "old@desk.example")
		say("r2", "Old@desk.example", "old@desk.example")
		err := l.ask(conv, &deskpb.RequestReply{Message: "r3", Body: &deskpb.Body{Text: "x"}, FromAddress: "boss@desk.example", ChannelFrom: "boss@desk.example"})
		if e, ok := errors.AsType[*desk.Error](err); !ok || e.Field != "from_address" {
			t.Errorf("an address that is nobody's: %v", err)
		}
		say("r4", "new@desk.example", "new@desk.example")
		say("r5", "", "new@desk.example")

		must(t, w.deliver(mail("m9", "nils@shop.example", "hello, too")))
		synctest.Wait()
		for _, row := range l.tickets(desk.ViewOpen) {
			if row.FromAddress != "new@desk.example" {
				t.Errorf("%v", row)
			}
		}
	})
}

// A ticket in which nobody has written yet is answered to its contact.
func TestAReplyGoesToTheContactAtFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := start(t, memory.New(), actors.Tuning{})
		defer l.stop()
		ana := l.agent("ana", 10, true)
		id, w := l.byMail("support@desk.example", nil)
		zoe := desk.ContactIDFor(int32(deskpb.IdentityKind_IDENTITY_KIND_EMAIL), "zoe@shop.example")
		l.do(zoe.Stream(), deskpb.NewCommand(&deskpb.EnsureContact{Identity: &deskpb.Identity{Kind: deskpb.IdentityKind_IDENTITY_KIND_EMAIL, Value: "zoe@shop.example"}, Name: "Zoe"}))
		conv := desk.ConversationID("cv_byhand")
		l.do(conv.Stream(), deskpb.NewCommand(&deskpb.OpenConversation{Opening: &deskpb.ConversationOpened{
			Channel: string(id), ChannelKind: deskpb.ChannelKind_CHANNEL_KIND_EMAIL, Contact: string(zoe), ContactName: "Zoe", Subject: "A lamp",
			Priority: deskpb.Priority_PRIORITY_NORMAL, Source: "by_hand", Routing: &deskpb.RoutingRule{Mode: deskpb.RoutingMode_ROUTING_MODE_NOBODY},
		}}))
		synctest.Wait()
		say := func(message, want string) {
			t.Helper()
			l.reply(string(conv), message, message, ana)
			synctest.Wait()
			sent := w.outbox()
			if last := sent[len(sent)-1]; string(last.Message) != message || len(last.To) != 1 || last.To[0].Address != want {
				t.Errorf("%s went to %v, want %s", last.Message, last.To, want)
			}
		}
		say("r1", "zoe@shop.example")
		say("r2", "zoe@shop.example")
		must(t, w.deliver(mail("m1", "zoe@home.example", "from home", "mid:r1"))) // whom nobody has confirmed
		synctest.Wait()
		say("r3", "zoe@shop.example")
	})
}
