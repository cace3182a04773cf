package desk_test

import (
	"testing"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// acknowledged is a message that the desk would answer at once.
func acknowledged(id string, change func(*deskpb.ReceiveMessage)) desk.Command {
	m := &deskpb.ReceiveMessage{
		Message: &deskpb.MessageReceived{Message: id, Channel: "ch", ExternalId: id, Contact: "ct", From: &deskpb.Address{Address: "ana@c.test"}, Body: &deskpb.Body{Text: "?"}, ThreadKeys: []string{"mid:" + id}},
		Opening: &deskpb.ConversationOpened{Channel: "ch", Contact: "ct", Subject: "Help"},
		Acknowledgement: &deskpb.ReplyRequested{Message: "ack" + id, Channel: "ch", Automatic: "acknowledgement", To: []*deskpb.Address{{Address: "ana@c.test"}},
			Body: &deskpb.Body{Text: "We have it."}, ThreadKeys: []string{"mid:ack" + id, "mid:anchor"}},
	}
	if change != nil {
		change(m)
	}
	return deskpb.NewCommand(m)
}

// acknowledgements are the answers of machines among events.
func acknowledgements(all []desk.Event) (acks []*deskpb.ReplyRequested) {
	for _, e := range all {
		if r := e.GetReplyRequested(); r != nil {
			acks = append(acks, r)
		}
	}
	return acks
}

func TestWhatIsAcknowledged(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		change func(*deskpb.ReceiveMessage)
		want   int
	}{
		"a person's":     {nil, 1},
		"a machine's":    {func(m *deskpb.ReceiveMessage) { m.Message.Automatic = "auto-reply" }, 0},
		"of a blocked":   {func(m *deskpb.ReceiveMessage) { m.Blocked = true }, 0},
		"not asked for":  {func(m *deskpb.ReceiveMessage) { m.Acknowledgement = nil }, 0},
		"of no machine?": {func(m *deskpb.ReceiveMessage) { m.Acknowledgement.Automatic = "" }, 0},
	} {
		c := desk.Conversations.Initial()
		out, err := desk.Conversations.Decide(c, acknowledged("m1", tc.change))
		if acks := acknowledgements(out); err != nil || len(acks) != tc.want {
			t.Errorf("%s: %d acknowledgements, %v", name, len(acks), err)
		}
	}
}

func TestAcknowledgementGoesWithItsMessageAndChangesNothing(t *testing.T) {
	t.Parallel()
	c := desk.Conversations.Initial()
	var row desk.Ticket
	version := uint64(0)
	run := func(cmd desk.Command) []*deskpb.ReplyRequested {
		t.Helper()
		out, err := desk.Conversations.Decide(c, cmd)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range out {
			c = desk.Conversations.Evolve(c, e)
			version++
			row = desk.ProjectTicket(row, &deskpb.Record{Stream: "conversation/cv1", Version: version, Position: version, AtMs: int64(version), Event: e})
		}
		return acknowledgements(out)
	}
	if acks := run(acknowledged("m1", nil)); len(acks) != 1 || acks[0].InReplyTo != "mid:m1" {
		t.Fatalf("%v", acks)
	}
	if c.Status != deskpb.TicketStatus_TICKET_STATUS_NEW || c.Owner != "" || !c.OwnKeys["mid:ackm1"] || len(c.Queue) != 1 {
		t.Errorf("the state: %+v", c)
	}
	if row.FirstReplyAtMs != 0 || row.WaitingSinceMs == 0 || row.LastAuthor == "agent" || row.Preview == "We have it." {
		t.Errorf("the row: %v", row)
	}
	if acks := run(acknowledged("m1", nil)); len(acks) != 0 {
		t.Error("the same message is answered twice")
	}
	if acks := run(acknowledged("m2", nil)); len(acks) != 0 {
		t.Error("a later message is answered unasked")
	}
	later := func(m *deskpb.ReceiveMessage) { m.AcknowledgeLater = true }
	if acks := run(acknowledged("m3", later)); len(acks) != 1 || acks[0].InReplyTo != "mid:m3" || len(acks[0].References) == 0 {
		t.Errorf("a later message: %v", acks)
	}
	// An agent who answers is not told that somebody answered since.
	reply := deskpb.NewCommand(&deskpb.RequestReply{Message: "r1", Body: &deskpb.Body{Text: "Hello"}, SeenVersion: version - 1})
	reply.By = &deskpb.Author{Kind: deskpb.Author_KIND_AGENT, Id: "ag", Name: "Ana"}
	if out := run(reply); len(out) != 1 || row.FirstReplyAtMs == 0 || c.Status != deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_CONTACT {
		t.Errorf("the answer: %v, %v", out, row)
	}
	// It can be taken back before it leaves, and nothing changes by that either.
	before := c.Status
	run(deskpb.NewCommand(&deskpb.CancelReply{Message: "ackm3"}))
	if c.Status != before {
		t.Errorf("taken back: %v", c.Status)
	}
}
