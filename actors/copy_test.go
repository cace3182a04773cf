package actors_test

import (
	"encoding/json"
	"testing"
	"testing/synctest"

	"github.com/centralita/centralita/actors"
	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence/memory"
	"github.com/centralita/centralita/proto/deskpb"
)

// writtenTo is a mail that somebody wrote to others, with the desk in copy.
func writtenTo(id, from, to string, trusted bool, keys ...string) desk.Inbound {
	m := mail(id, from, "written elsewhere", keys...)
	m.Message.To = []*deskpb.Address{{Name: "Carla", Address: to}}
	m.Message.Copy = &desk.Copy{To: m.Message.To, Trusted: trusted}
	return m
}

// What a colleague writes to a contact from a program of their own, with the desk in copy, is an answer of theirs: the ticket is the
// contact's and waits on them, the colleague has it, nothing is sent or acknowledged; and so is what they write later. What the contact answers
// joins it.
func TestWhatAColleagueWroteElsewhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := startAs(t, memory.New(), actors.Tuning{}, func(k *channels.Kind) {
			k.Acknowledger = func(json.RawMessage) func(channels.Received) *channels.Acknowledgement {
				return func(channels.Received) *channels.Acknowledgement {
					return &channels.Acknowledgement{Subject: "s", Text: "we have it", Later: true}
				}
			}
		})
		defer l.stop()
		ana := l.agent("ana", 5, true)
		ben := l.agent("ben", 5, true)
		_, w := l.byMail("support@desk.example", to(ben))
		must(t, w.deliver(writtenTo("m1", "ana@desk.example", "carla@shop.example", true)))
		must(t, w.deliver(writtenTo("m1", "ana@desk.example", "carla@shop.example", true)))
		synctest.Wait()
		row := l.tickets(desk.ViewOpen)[0]
		if row.Owner != string(ana) || row.Status != deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_CONTACT || row.LastAuthor != "agent" || row.Messages != 1 || row.WaitingSinceMs != 0 || row.FirstReplyAtMs == 0 {
			t.Errorf("the ticket: %v", row)
		}
		contact, err := l.store.Index().ContactByIdentity(&deskpb.Identity{Kind: deskpb.IdentityKind_IDENTITY_KIND_EMAIL, Value: "carla@shop.example"})
		if err != nil || contact == "" || string(contact) != row.Contact {
			t.Errorf("it is of %s, %v", row.Contact, err)
		}
		must(t, w.deliver(mail("m2", "carla@shop.example", "thank you", "mid:m1")))
		synctest.Wait()
		if row = l.ticket(desk.ConversationID(row.Conversation)); row.Status != deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_US || row.Messages < 2 {
			t.Errorf("after the answer: %v", row)
		}
		answered := len(w.outbox()) // a machine may answer the contact, never the colleague
		must(t, w.deliver(writtenTo("m3", "ana@desk.example", "carla@shop.example", true, "mid:m2")))
		synctest.Wait()
		if row = l.ticket(desk.ConversationID(row.Conversation)); row.Status != deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_CONTACT || len(l.tickets(desk.ViewOpen)) != 1 || len(w.outbox()) != answered {
			t.Errorf("after another one: %v; %d tickets, %d mails", row, len(l.tickets(desk.ViewOpen)), len(w.outbox()))
		}
		m := writtenTo("m4b", "ana@desk.example", "vendor@parts.example", true, "mid:m2") // the mailbox in copy is in all of them
		m.Message.Cc = []*deskpb.Address{{Address: "support@desk.example"}}
		must(t, w.deliver(m))
		synctest.Wait()
		if all := l.tickets(desk.ViewOpen); len(all) != 2 {
			t.Errorf("what went to a vendor, with the mailbox in copy: %d tickets", len(all))
		}
		must(t, w.deliver(writtenTo("m4", "ana@desk.example", "supplier@parts.example", true, "mid:m2")))
		synctest.Wait()
		if all := l.tickets(desk.ViewOpen); len(all) != 3 {
			t.Errorf("what went to somebody else: %d tickets", len(all))
		}
	})
}

// It is an answer only if it may be believed that a colleague wrote it, and if somebody outside gets it; else it is the sender's ticket.
func TestWhatIsNoColleaguesAnswer(t *testing.T) {
	for name, tc := range map[string]struct {
		from, to string
		trusted  bool
	}{
		"nobody vouches for it": {"ana@desk.example", "carla@shop.example", false},
		"a customer wrote it":   {"eve@evil.example", "carla@shop.example", true},
		"to another agent":      {"ana@desk.example", "ben@desk.example", true},
		"to another mailbox":    {"ana@desk.example", "sales@desk.example", true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := start(t, memory.New(), actors.Tuning{})
				defer l.stop()
				l.agent("ana", 5, true)
				l.agent("ben", 5, true)
				_, w := l.byMail("support@desk.example", nil)
				l.byMail("sales@desk.example", nil)
				must(t, w.deliver(writtenTo("m1", tc.from, tc.to, tc.trusted)))
				synctest.Wait()
				row := l.tickets(desk.ViewOpen)[0]
				contact, err := l.store.Index().ContactByIdentity(&deskpb.Identity{Kind: deskpb.IdentityKind_IDENTITY_KIND_EMAIL, Value: tc.from})
				if err != nil || string(contact) != row.Contact || contact == "" || row.Status != deskpb.TicketStatus_TICKET_STATUS_NEW || row.LastAuthor != "contact" {
					t.Errorf("%v, %v", row, err)
				}
			})
		})
	}
}
