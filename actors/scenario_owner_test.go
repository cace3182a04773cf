package actors_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/centralita/centralita/actors"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence/memory"
	"github.com/centralita/centralita/proto/deskpb"
)

// Scenario 4, contact owner: a visitor of a chat is known by a cookie, and the rule gives to the contact's owner, else to a team. (a) The owner who
// is there gets it. (b) One who is away, or whose workspace is nowhere open, is mailed once for each ticket, and the team gets it. (c) So it does
// when nobody owns the contact, and (d) when the owner lost the seat, with the reason. (e) Whoever types the address of an owned contact into an unknown
// browser is a stranger: the team gets it, the owner hears nothing, and nothing of what was said before is shown.
func TestScenario4ContactOwner(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := start(t, memory.New(), actors.Tuning{})
		defer l.stop()
		rule := owned(l)
		l.agent("eva", 50, true) // in the team beside her own: she is nobody's fallback
		l.do(desk.TeamID("t1").Stream(), deskpb.NewCommand(&deskpb.ChangeTeam{Team: &deskpb.TeamChanged{Name: "Sales", Members: []*deskpb.TeamMember{{Agent: "ben", Main: true}, {Agent: "eva"}}}}))
		for _, a := range []desk.AgentID{"ana", "ben", "eva"} {
			l.sys.SocketOpened(a)
		}
		v := &visits{life: l}
		_, v.chat = l.channelOf("chat", "chat@desk.example", rule)
		v.mailbox = mailChannel(l, "support@desk.example")

		secret := visit("a", "cookie-of-carla", "")
		secret.Message.Body.Text = "my parcel is for 12 Elm Street"
		first := v.write(secret, "ana", "assigned_contact_owner", 0)
		v.ownerIsAway(first)
		v.ownerIsNotConnected()
		v.write(visit("c", "somebody-else", ""), "ben", "owner_none", 0)
		v.ownerLosesTheSeat()
		v.strangers(desk.ContactID(first.Contact))
		if got := v.said("cookie-of-carlaa"); !slices.Equal(got, []string{secret.Message.Body.Text}) {
			t.Errorf("(a) she herself is shown %q", got)
		}
	})
}

// visits are what visitors of a chat write, and the mails that its owner, ana, got about it.
type visits struct {
	*life
	chat, mailbox *wire
	mails         int
}

// write sees who gets what a visitor writes, why, and that no other mails went to the contact's owner than are wanted.
func (v *visits) write(m desk.Inbound, owner, why string, mailed int) desk.Ticket {
	v.t.Helper()
	must(v.t, v.chat.deliver(m))
	got := v.latest()
	if got.Owner != owner || got.Reason.Owner != why && got.Reason.Code != why {
		v.t.Fatalf("(%s) %q has it, want %q for %q: %v", m.ExternalID, got.Owner, owner, why, got.Reason)
	}
	v.mails += mailed
	if sent := letters(v.mailbox); len(sent) != v.mails || len(letters(v.chat)) != 0 {
		v.t.Fatalf("(%s) %d mails to the owner, want %d", m.ExternalID, len(sent), v.mails)
	}
	return got
}

func (v *visits) ownerIsAway(first desk.Ticket) {
	v.t.Helper()
	v.available("ana", false)
	away := v.write(visit("b", "cookie-of-carla", ""), "ben", "owner_offline", 1)
	if !strings.Contains(away.Reason.Text, "The contact's owner ana is away.") {
		v.t.Errorf("(b) %q", away.Reason.Text)
	}
	if m := letters(v.mailbox)[0]; m.To[0].Address != "ana@desk.example" || !m.Automatic || !strings.Contains(m.Subject, "Carla") ||
		!strings.Contains(m.Body.Text, "where is my parcel?") || len(m.ThreadKeys) != 1 {
		v.t.Errorf("(b) the mail: %+v", m)
	}
	if v.ticket(desk.ConversationID(first.Conversation)).Owner != "ana" {
		v.t.Error("(b) what she has left her")
	}
	more := visit("b more", "cookie-of-carla", "")
	more.Message.Thread = "cookie-of-carlab"
	v.write(more, "ben", "owner_offline", 0)                               // in the same ticket
	v.write(visit("b2", "cookie-of-carla", ""), "ben", "owner_offline", 1) // another ticket is another mail
}

// ownerIsNotConnected: available, but the laptop is shut; and with nobody there what waits is asked about again and again.
func (v *visits) ownerIsNotConnected() {
	v.t.Helper()
	v.available("ana", true)
	v.sys.SocketClosed("ana")
	time.Sleep(2 * time.Minute) // fake time
	shut := v.write(visit("b3", "cookie-of-carla", ""), "ben", "owner_offline", 1)
	if !strings.Contains(shut.Reason.Text, "The contact's owner ana is not connected.") {
		v.t.Errorf("(b3) %q", shut.Reason.Text)
	}
	v.available("ben", false)
	waits := desk.ConversationID(v.write(visit("b4", "cookie-of-carla", ""), "", "owner_offline", 1).Conversation)
	for i, p := range []deskpb.Priority{deskpb.Priority_PRIORITY_LOW, deskpb.Priority_PRIORITY_HIGH, deskpb.Priority_PRIORITY_LOW} {
		v.available("ana", i%2 == 1)
		v.do(waits.Stream(), deskpb.NewCommand(&deskpb.SetTicketPriority{Priority: p}))
		synctest.Wait()
	}
	v.available("ben", true)
	synctest.Wait()
	if got := v.ticket(waits); got.Owner != "ben" || len(letters(v.mailbox)) != v.mails {
		v.t.Errorf("(b4) %q has what waited, %d mails of %d", got.Owner, len(letters(v.mailbox)), v.mails)
	}
}

func (v *visits) ownerLosesTheSeat() {
	v.t.Helper()
	ana := func(m *deskpb.AgentChanged) {
		m.Name, m.Role = "ana", deskpb.Role_ROLE_AGENT
		v.do(desk.AgentID("ana").Stream(), deskpb.NewCommand(&deskpb.ChangeAgent{Agent: m}))
		synctest.Wait()
	}
	v.available("ana", true)
	v.sys.SocketOpened("ana")
	synctest.Wait()
	ana(&deskpb.AgentChanged{})
	v.write(visit("d", "cookie-of-carla", ""), "ben", "owner_no_seat", 0)
	ana(&deskpb.AgentChanged{Seat: true, Deactivated: true})
	v.write(visit("d2", "cookie-of-carla", ""), "ben", "owner_deactivated", 0)
	ana(&deskpb.AgentChanged{Seat: true})
	v.available("ana", true)
	v.sys.SocketOpened("ana")
	synctest.Wait()
	v.write(visit("d3", "cookie-of-carla", ""), "ana", "assigned_contact_owner", 0) // with the seat again
}

// strangers type the address of an owned contact: they are told nothing, and neither is its owner, there or not.
func (v *visits) strangers(known desk.ContactID) {
	v.t.Helper()
	carla := desk.ContactIDFor(int32(deskpb.IdentityKind_IDENTITY_KIND_EMAIL), "carla@shop.example")
	for _, there := range []bool{true, false} {
		v.available("ana", there)
		id := map[bool]string{true: "e", false: "e2"}[there]
		stranger := v.write(visit(id, "unknown-browser", "carla@shop.example"), "ben", "owner_none", 0)
		if stranger.Contact == string(carla) || stranger.Contact == string(known) {
			v.t.Errorf("(%s) the stranger is taken for her", id)
		}
		if got := v.said("unknown-browser" + id); !slices.Equal(got, []string{"where is my parcel?"}) {
			v.t.Errorf("(%s) the stranger is shown %q", id, got)
		}
		for _, of := range []desk.ContactID{carla, known} {
			rows, err := v.store.Index().TicketsOfContact(of, 20)
			must(v.t, err)
			if slices.ContainsFunc(rows, func(row desk.Ticket) bool { return row.Conversation == stranger.Conversation }) {
				v.t.Errorf("(%s) the stranger's ticket is among hers: %v", id, rows)
			}
		}
	}
}

// said is what was said in a thread up to now, as the connector is given it to show.
func (v *visits) said(thread string) (all []string) {
	v.t.Helper()
	for r, err := range v.chat.threads.Open(thread).History(v.t.Context(), 0) {
		must(v.t, err)
		if m := r.Event.GetMessageReceived(); m != nil {
			all = append(all, m.Body.GetText())
		}
	}
	return all
}
