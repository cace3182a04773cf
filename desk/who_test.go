package desk_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// ticketOf opens a mail conversation of ana@shop.example to which the desk has answered, so that somebody can hold its keys.
func ticketOf(t *testing.T) *desk.Conversation {
	t.Helper()
	c := desk.Conversations.Initial()
	step(t, c, mailFrom("ana@shop.example", "m1", "mid:m1"))
	step(t, c, &deskpb.RequestReply{Message: "r1", Body: &deskpb.Body{Text: "t"}, ThreadKeys: []string{"mid:r1", "mid:anchor", "tok:one"}})
	return c
}

func mailFrom(address, id string, keys ...string) *deskpb.ReceiveMessage {
	return &deskpb.ReceiveMessage{
		Message: &deskpb.MessageReceived{
			Message: id, Channel: "ch", ExternalId: id, Contact: contactOf(address), From: &deskpb.Address{Address: address},
			To: []*deskpb.Address{{Address: "support@desk.example"}}, Body: &deskpb.Body{Text: "t"}, ThreadKeys: keys,
		},
		Opening: &deskpb.ConversationOpened{Channel: "ch", ChannelKind: deskpb.ChannelKind_CHANNEL_KIND_EMAIL, Contact: contactOf(address), Subject: "s"}, ParticipantsOnly: true,
	}
}

func contactOf(address string) string {
	return "ct-" + strings.NewReplacer("@", "-", ".", "-").Replace(strings.ToLower(address))
}

// try decides without changing the state.
func try(c *desk.Conversation, m any) ([]desk.Event, error) {
	var cmd desk.Command
	switch m := m.(type) {
	case *deskpb.ReceiveMessage:
		cmd = deskpb.NewCommand(m)
	case *deskpb.RequestReply:
		cmd = deskpb.NewCommand(m)
	case *deskpb.SetTicketStatus:
		cmd = deskpb.NewCommand(m)
	case *deskpb.ConfirmParticipant:
		cmd = deskpb.NewCommand(m)
	case *deskpb.ChangeRequester:
		cmd = deskpb.NewCommand(m)
	case *deskpb.LinkConversation:
		cmd = deskpb.NewCommand(m)
	case *deskpb.MergeConversation:
		cmd = deskpb.NewCommand(m)
	case *deskpb.SplitOffMessages:
		cmd = deskpb.NewCommand(m)
	default:
		panic(fmt.Sprintf("%T", m))
	}
	cmd.By = &deskpb.Author{Kind: deskpb.Author_KIND_AGENT, Id: "ag1", Name: "Bea"}
	return desk.Conversations.Decide(c, cmd)
}

func step(t *testing.T, c *desk.Conversation, m any) []desk.Event {
	t.Helper()
	evs, err := try(c, m)
	if err != nil {
		t.Fatalf("%T: %v", m, err)
	}
	for _, ev := range evs {
		c = desk.Conversations.Evolve(c, ev)
	}
	return evs
}

func closeIt(t *testing.T, c *desk.Conversation) {
	t.Helper()
	step(t, c, &deskpb.SetTicketStatus{Status: deskpb.TicketStatus_TICKET_STATUS_CLOSED})
}

// TestWhoMayJoin: who takes part, or is of the same organisation, joins by any id; who only saw our mail is heard and doubted.
func TestWhoMayJoin(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		from, key string
		exactly   bool
		want      string // stranger, doubted, or "" for one who takes part
	}{
		"the customer, by their own id":           {from: "ana@shop.example", key: "mid:m1"},
		"a colleague":                             {from: "ben@shop.example", key: "mid:m1"},
		"a colleague of another department":       {from: "ben@mail.shop.example", key: "mid:m1"},
		"a colleague where only the address does": {from: "ben@shop.example", key: "mid:m1", exactly: true, want: "stranger"},
		"the address itself, exactly":             {from: "ANA@shop.example", key: "mid:m1", exactly: true},
		"a stranger, by a foreign id":             {from: "eve@evil.example", key: "mid:m1", want: "stranger"},
		"a stranger, by our id":                   {from: "eve@evil.example", key: "mid:r1", want: "doubted"},
		"a stranger, by the anchor":               {from: "eve@evil.example", key: "mid:anchor", want: "doubted"},
		"a stranger, by the token":                {from: "eve@evil.example", key: "tok:one", want: "doubted"},
		"whose domain ends like theirs":           {from: "eve@notshop.example", key: "mid:m1", want: "stranger"},
	} {
		m := mailFrom(tc.from, "m2", tc.key, "mid:m2")
		m.Exactly = tc.exactly
		if tc.from == "ANA@shop.example" {
			m.Message.Contact = contactOf("ana@shop.example")
		}
		evs, err := try(ticketOf(t), m)
		got := desk.ReasonOf(err)
		if err == nil && evs[0].GetMessageReceived().Unconfirmed {
			got = "doubted"
		}
		if got != tc.want {
			t.Errorf("%s: %q, want %q (%v)", name, got, tc.want, err)
		}
	}
}

// TestOrganisations: which two addresses are of one organisation.
func TestOrganisations(t *testing.T) {
	t.Parallel()
	for pair, same := range map[string]bool{
		"a@firm.co.uk b@sales.firm.co.uk": true, "a@firm.co.uk b@other.co.uk": false, "a@gmail.com b@gmail.com": false, "a@x.github.io b@y.github.io": false,
		"a@mail.firm.es b@firm.es": true, "a@yahoo.co.uk b@yahoo.co.uk": false, "a@localhost b@localhost": false,
	} {
		a, b, _ := strings.Cut(pair, " ")
		c := desk.Conversations.Initial()
		step(t, c, mailFrom(a, "m1", "mid:m1"))
		_, err := try(c, mailFrom(b, "m2", "mid:m1", "mid:m2"))
		if (err == nil) != same {
			t.Errorf("%s: %v", pair, err)
		}
	}
}

// TestWhoIsDoubtedDoesNothing: the message of who only saw our mail opens nothing, is answered by nobody by itself and makes nobody
// take part, until somebody says that it is right.
func TestWhoIsDoubtedDoesNothing(t *testing.T) {
	t.Parallel()
	c := ticketOf(t)
	closeIt(t, c)
	evs := step(t, c, mailFrom("eve@evil.example", "m2", "tok:one", "mid:m2"))
	if len(evs) != 1 || c.Status != deskpb.TicketStatus_TICKET_STATUS_CLOSED || c.LastFrom.Address != "ana@shop.example" || c.Parties["eve@evil.example"] {
		t.Fatalf("%v, %v, %v", evs, c.Status, c.LastFrom)
	}
	if evs := step(t, c, mailFrom("eve@evil.example", "m3", "mid:m2", "tok:one", "mid:m3")); !evs[0].GetMessageReceived().Unconfirmed {
		t.Fatal("having written once makes her take part")
	}
	if _, err := try(c, &deskpb.ConfirmParticipant{Address: "nobody@evil.example"}); desk.CodeOf(err) != desk.NotFound {
		t.Errorf("somebody who never wrote: %v", err)
	}
	step(t, c, &deskpb.ConfirmParticipant{Address: "Eve@evil.example"})
	if evs := step(t, c, &deskpb.ConfirmParticipant{Address: "eve@evil.example"}); len(evs) != 0 {
		t.Errorf("confirmed twice: %v", evs)
	}
	evs = step(t, c, mailFrom("eve@evil.example", "m4", "mid:m1", "mid:m4"))
	if evs[0].GetMessageReceived().Unconfirmed || c.Status != deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_US || c.LastFrom.Address != "eve@evil.example" {
		t.Errorf("confirmed, she is not heard: %v %v", c.Status, c.LastFrom)
	}
}

// TestDoubtGoesAlong: merged and split conversations send a message on with what they know of its sender.
func TestDoubtGoesAlong(t *testing.T) {
	t.Parallel()
	c := ticketOf(t)
	step(t, c, mailFrom("ana@shop.example", "m2", "mid:r1", "mid:m2"))
	step(t, c, &deskpb.SplitOffMessages{Into: "cv-new", Opening: &deskpb.ConversationOpened{Channel: "ch", Contact: "x"}, Messages: []*deskpb.SplitMessage{{Message: "m2", Keys: []string{"mid:m2"}}}})
	_, err := try(c, mailFrom("ana@shop.example", "m3", "tok:one", "mid:m2", "mid:m3"))
	if desk.ElsewhereOf(err) != "cv-new" || desk.FromStranger(err) {
		t.Errorf("an answer to what was split off, with the token of the whole: %v", err)
	}
	if _, err := try(c, mailFrom("ana@shop.example", "m4", "tok:one", "mid:r1", "mid:m2", "mid:m4")); err != nil {
		t.Errorf("an answer to what stayed: %v", err)
	}
	step(t, c, &deskpb.MergeConversation{Into: "cv-other"})
	_, err = try(c, mailFrom("eve@evil.example", "m5", "tok:one", "mid:m5"))
	if desk.ElsewhereOf(err) != "cv-other" || !desk.FromStranger(err) {
		t.Errorf("a stranger with the token of a merged one: %v", err)
	}
	onward := mailFrom("eve@evil.example", "m5", "tok:one", "mid:m5")
	onward.ParticipantsOnly, onward.Message.Unconfirmed = false, true
	if evs := step(t, ticketOf(t), onward); !evs[0].GetMessageReceived().Unconfirmed {
		t.Error("the doubt was lost on the way")
	}
}

func TestFollowUp(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		closed bool
		auto   string
		want   string
	}{
		"closed": {true, "", "follow_up"}, "opened again meanwhile": {false, "", ""}, "a machine's answer": {true, "auto-reply", ""},
		"a list": {true, desk.AutomaticList, "follow_up"},
	} {
		c := ticketOf(t)
		if tc.closed {
			closeIt(t, c)
		}
		m := mailFrom("ana@shop.example", "m2", "tok:one", "mid:m2")
		h := desk.HandlingOf(tc.auto, false)
		m.FollowUp, m.Message.Automatic, m.NeverReopen = true, tc.auto, h != nil && !h.Reopens
		_, err := try(c, m)
		if desk.ReasonOf(err) != tc.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	c := ticketOf(t)
	if evs := step(t, c, &deskpb.LinkConversation{Conversation: "cv-2", Cause: desk.LinkFollowUp}); len(evs) != 1 {
		t.Errorf("linked: %v", evs)
	}
	if evs := step(t, c, &deskpb.LinkConversation{Conversation: "cv-2", Cause: desk.LinkFollowUp}); len(evs) != 0 {
		t.Errorf("linked twice: %v", evs)
	}
}

// TestPassedOn: the ticket is theirs whose mail was passed on; who passed it on follows, and their comment is no part of it.
func TestPassedOn(t *testing.T) {
	t.Parallel()
	c := desk.Conversations.Initial()
	m := mailFrom("bea@desk.example", "m1", "mid:m1")
	m.Opening.Contact, m.Opening.ContactName = "ct-ana", "Ana"
	m.Message.ForForwarded, m.Message.ForwardedFrom = true, &deskpb.Address{Name: "Ana", Address: "ana@shop.example"}
	m.Follower, m.FollowerName, m.Note = "ag1", "Bea", &deskpb.NoteAdded{Message: "n1", Agent: "ag1", Body: &deskpb.Body{Text: "A good customer."}}
	step(t, c, m)
	if c.Contact != "ct-ana" || c.LastFrom.Address != "ana@shop.example" || !c.Parties["bea@desk.example"] || !c.Parties["ana@shop.example"] || len(c.Followers) != 1 || c.Messages["n1"] == nil {
		t.Fatalf("%+v", c)
	}
	if evs, err := try(c, mailFrom("ana@shop.example", "m2", "mid:m1", "mid:m2")); err != nil || evs[0].GetMessageReceived().Unconfirmed {
		t.Errorf("whose ticket it is does not take part: %v", err)
	}
}

func TestChangeRequester(t *testing.T) {
	t.Parallel()
	c := ticketOf(t)
	evs := step(t, c, &deskpb.ChangeRequester{Contact: "ct-zoe", ContactName: "Zoe", Address: "zoe@home.example"})
	if e := evs[0].GetRequesterChanged(); e.From != contactOf("ana@shop.example") || e.By != "ag1" || c.Contact != "ct-zoe" || c.LastFrom.Address != "zoe@home.example" {
		t.Fatalf("%v, %v", evs, c.LastFrom)
	}
	if evs := step(t, c, &deskpb.ChangeRequester{Contact: "ct-zoe"}); len(evs) != 0 {
		t.Errorf("changed to the same: %v", evs)
	}
	if evs, err := try(c, mailFrom("zoe@home.example", "m2", "mid:m1", "mid:m2")); err != nil || evs[0].GetMessageReceived().Unconfirmed {
		t.Errorf("the new one does not take part: %v", err)
	}
	if evs := step(t, c, &deskpb.ChangeRequester{Contact: contactOf("ana@shop.example"), ContactName: "Ana", Address: "ana@shop.example"}); evs[0].GetRequesterChanged().FromName != "Zoe" {
		t.Errorf("undone: %v", evs)
	}
	c.Thread = "visitor"
	if _, err := try(c, &deskpb.ChangeRequester{Contact: "ct-zoe"}); desk.ReasonOf(err) != "threaded" {
		t.Errorf("of a chat: %v", err)
	}
}

func TestReadSubject(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Lamp broken": "0 lamp broken false true", "Re: Lamp  broken": "0 lamp broken true true", "AW: Re: RE[2]: Lamp broken": "0 lamp broken true true",
		"Re: [#123] Lamp broken": "123 lamp broken true true", "[#123]": "123  false false", "回复：灯泡坏了请帮我看看": "0 灯泡坏了请帮我看看 true true",
		"Re: Invoice": "0 invoice true false", "Re: hello": "0 hello true false", "Re: Your order!": "0 your order! true false", "Re: Su pedido": "0 su pedido true false",
		"Reply to you": "0 reply to you false true", "Regarding: x": "0 regarding: x false true", "[#99999999999999999999] x": "0 [#99999999999999999999] x false true",
	} {
		number, plain, answer := desk.ReadSubject(in)
		if got := fmt.Sprint(number, " ", plain, " ", answer, " ", desk.Telling(plain)); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
