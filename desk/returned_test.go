package desk_test

import (
	"testing"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

func TestWhatMachinesSayOfAReply(t *testing.T) {
	t.Parallel()
	sent, failed := deskpb.DeliveryState_DELIVERY_STATE_SENT, deskpb.DeliveryState_DELIVERY_STATE_FAILED
	left := func(id string, state deskpb.DeliveryState) []*deskpb.Command {
		reply := answer(1, id, "ag1", func(m *deskpb.RequestReply) { m.ThreadKeys = []string{"mid:" + id, "mid:anchor"} })
		return []*deskpb.Command{reply, ask(2, &deskpb.StartDelivery{Message: id}), ask(3, &deskpb.SettleDelivery{Message: id, Attempt: 1, State: state})}
	}
	back := func(kind, ext string, keys ...string) *deskpb.Command {
		return ask(9, &deskpb.TakeReturn{Keys: keys, Returned: &deskpb.MessageReturned{
			Channel: "ch", ExternalId: ext, Kind: kind, Recipients: []*deskpb.ReturnedRecipient{{Address: "eva@example.com", Status: "5.1.1", Permanent: true, Cause: "no_address"}},
		}})
	}
	for _, c := range []struct {
		name   string
		given  []*deskpb.Command
		when   *deskpb.Command
		want   []string
		of     string
		reason string
		field  string
	}{
		{name: "a bounce fails what was sent", given: left("r1", sent), when: back("bounce", "b1", "mid:r1"), want: []string{"message_returned", "delivery_settled"}, of: "r1"},
		{name: "and the one it is about", given: append(left("r1", sent), left("r2", sent)...), when: back("bounce", "b1", "mid:r1"), want: []string{"message_returned", "delivery_settled"}, of: "r1"},
		{name: "which is the last when nothing names it", given: append(left("r1", sent), left("r2", sent)...), when: back("bounce", "b1", "mid:anchor"), want: []string{"message_returned", "delivery_settled"}, of: "r2"},
		{name: "the same bounce twice is one", given: append(left("r1", sent), back("bounce", "b1", "mid:r1")), when: back("bounce", "b1", "mid:r1")},
		{name: "another one adds its words and fails it once", given: append(left("r1", sent), back("bounce", "b1", "mid:r1")), when: back("bounce", "b2", "mid:r1"), want: []string{"message_returned"}, of: "r1"},
		{name: "a failed one does not fail again", given: left("r1", failed), when: back("bounce", "b1", "mid:r1"), want: []string{"message_returned"}, of: "r1"},
		{name: "a delay fails nothing", given: left("r1", sent), when: back("delay", "b1", "mid:r1"), want: []string{"message_returned"}, of: "r1"},
		{name: "nor does a complaint", given: left("r1", sent), when: back("complaint", "b1", "mid:r1"), want: []string{"message_returned"}, of: "r1"},
		{name: "nor a receipt", given: left("r1", sent), when: back("receipt", "b1", "mid:r1"), want: []string{"message_returned"}, of: "r1"},
		{name: "a closed ticket stays closed", given: append(left("r1", sent), ask(4, &deskpb.SetTicketStatus{Status: deskpb.TicketStatus_TICKET_STATUS_CLOSED})), when: back("bounce", "b1", "mid:r1"), want: []string{"message_returned", "delivery_settled"}, of: "r1"},
		{name: "what never left cannot come back", given: left("r1", sent)[:1], when: back("bounce", "b1", "mid:r1"), reason: "not_ours"},
		{name: "nor where nothing was answered", when: back("bounce", "b1", "mid:x1"), reason: "not_ours"},
		{name: "what it is must be said", given: left("r1", sent), when: back("", "b1", "mid:r1"), field: "returned"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			evs, err := told(t, desk.Conversations.Initial(), append(append([]*deskpb.Command{ask(0, mail(1))}, c.given...), c.when)...)
			checkDecision(t, evs, err, c.want, c.reason, c.field)
			if len(evs) != len(c.want) {
				t.Fatalf("events %v, want no more than %v", kinds(evs), c.want)
			}
			if len(evs) > 0 && evs[0].GetMessageReturned().Message != c.of {
				t.Errorf("of %s, want %s", evs[0].GetMessageReturned().Message, c.of)
			}
			if len(evs) > 1 {
				if s := evs[1].GetDeliverySettled(); s.State != failed || s.Reason != "eva@example.com: there is no such address (5.1.1)" {
					t.Errorf("settled %v", s)
				}
			}
		})
	}
}

func TestAddressAtWhichNobodyIs(t *testing.T) {
	t.Parallel()
	eva := &deskpb.Identity{Kind: deskpb.IdentityKind_IDENTITY_KIND_EMAIL, Value: "eva@example.com"}
	p := desk.Contacts.Initial()
	made, err := desk.Contacts.Decide(p, ask(1, &deskpb.EnsureContact{Identity: eva, Name: "Eva"}))
	if err != nil {
		t.Fatal(err)
	}
	for _, ev := range made {
		p = desk.Contacts.Evolve(p, ev)
	}
	steps := []struct {
		cmd  *deskpb.Command
		want bool
		mark bool
	}{
		{ask(2, &deskpb.ProveContactAddress{Address: "eva@example.com"}), false, false},
		{ask(3, &deskpb.FailContactAddress{Address: "other@example.com", Cause: "no_address"}), false, false},
		{ask(4, &deskpb.FailContactAddress{Address: "Eva@Example.com", Cause: "no_address"}), true, true},
		{ask(5, &deskpb.FailContactAddress{Address: "eva@example.com", Cause: "no_domain"}), false, true},
		{ask(6, &deskpb.ProveContactAddress{Address: "eva@example.com"}), true, false},
	}
	for i, s := range steps {
		evs, err := desk.Contacts.Decide(p, s.cmd)
		if err != nil || len(evs) > 0 != s.want {
			t.Fatalf("step %d: %v, %v", i, evs, err)
		}
		for _, ev := range evs {
			p = desk.Contacts.Evolve(p, ev)
		}
		if p.Undeliverable["eva@example.com"] != s.mark {
			t.Errorf("step %d: marked %v", i, p.Undeliverable)
		}
	}
}

// Whatever is kept closed is no call for anybody.
func TestWhatIsSetAsideDoesNothing(t *testing.T) {
	t.Parallel()
	h := desk.StrayAnswer()
	if h.Reopens || h.Counts || h.Acts || !desk.Quiet(h) || desk.MayAnswer(&deskpb.MessageReceived{Automatic: desk.AutomaticReply, Handling: h}) {
		t.Errorf("%v", h)
	}
}

// What each kind of automatic message does, and what it does not.
func TestHandling(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind                           string
		setting                        bool
		reopens, counts, acts, answers bool
	}{
		{"", false, true, true, true, true},
		{"list", false, true, true, true, false},
		{"auto-reply", false, false, false, true, false},
		{"auto-reply", true, true, false, true, false},
		{"bounce", true, false, false, false, false},
		{"report", true, false, false, false, false},
		{"self", true, false, false, false, false},
		{"loop", true, false, false, false, false},
		{"a kind of tomorrow", true, false, false, true, false},
	} {
		h := desk.HandlingOf(c.kind, c.setting)
		m := &deskpb.MessageReceived{Automatic: c.kind, Handling: h}
		if h == nil {
			h = &deskpb.Handling{Reopens: true, Counts: true, Acts: true}
		}
		if h.Reopens != c.reopens || h.Counts != c.counts || h.Acts != c.acts || desk.MayAnswer(m) != c.answers {
			t.Errorf("%q: %v, answered %v", c.kind, h, desk.MayAnswer(m))
		}
		if c.kind != "" && h.Reason == "" {
			t.Errorf("%q: no reason", c.kind)
		}
		if counts := desk.Speaks(c.kind); counts != c.counts {
			t.Errorf("%q speaks: %v", c.kind, counts)
		}
	}
}
