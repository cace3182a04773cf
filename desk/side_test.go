package desk_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

const supplier = "sam@parts.example"

var (
	waitsForThem = deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_CONTACT
	waitsForUs   = deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_US
	isClosed     = deskpb.TicketStatus_TICKET_STATUS_CLOSED
)

// asides is a side conversation with its row.
type asides struct {
	t     *testing.T
	state *desk.Conversation
	row   *deskpb.SideSummary
	at    int64
}

func begun(t *testing.T) *asides {
	t.Helper()
	a := &asides{t: t, state: desk.Sides.Initial()}
	a.do(&deskpb.StartSide{
		Opening: &deskpb.ConversationOpened{SideOf: "cv_1", Channel: "ch", ChannelKind: deskpb.ChannelKind_CHANNEL_KIND_EMAIL, Subject: "Fwd: Broken"},
		Reply: &deskpb.RequestReply{Message: "s1", Body: &deskpb.Body{Text: "Can you replace it?"}, To: []*deskpb.Address{{Name: "Sam", Address: supplier}},
			ThreadKeys: []string{"mid:s1", "mid:sd_1"}},
	})
	return a
}

func (a *asides) ask(m proto.Message) ([]desk.Event, error) {
	a.at++
	cmd := deskpb.NewCommand(m)
	cmd.AtMs, cmd.By = a.at, &deskpb.Author{Kind: deskpb.Author_KIND_AGENT, Id: "ana", Name: "Ana"}
	evs, err := desk.Sides.Decide(a.state, cmd)
	for _, ev := range evs {
		a.state = desk.Sides.Evolve(a.state, ev)
		a.row = desk.ProjectSide(a.row, &deskpb.Record{Stream: "side/sd_1", Version: a.state.Version, AtMs: a.at, By: cmd.By, Event: ev})
	}
	return evs, err
}

func (a *asides) do(m proto.Message) []desk.Event {
	a.t.Helper()
	evs, err := a.ask(m)
	if err != nil {
		a.t.Fatal(err)
	}
	return evs
}

func answerAside(id, from, automatic string, keys ...string) *deskpb.ReceiveMessage {
	return &deskpb.ReceiveMessage{ParticipantsOnly: true, Message: &deskpb.MessageReceived{
		Message: "m" + id, Channel: "ch", ExternalId: id, Contact: "ct_sam", From: &deskpb.Address{Address: from}, Body: &deskpb.Body{Text: "tomorrow"},
		ThreadKeys: append(keys, "mid:"+id), Automatic: automatic, Handling: desk.HandlingOf(automatic, true),
	}}
}

func TestASideConversation(t *testing.T) {
	t.Parallel()
	a := begun(t)
	if s := a.row; s.Status != waitsForThem || s.With != "Sam" || s.Conversation != "cv_1" || s.Messages != 1 || a.state.Owner != "" {
		t.Fatalf("begun: %v", s)
	}
	a.do(answerAside("auto", supplier, desk.AutomaticReply, "mid:s1"))
	if a.row.Status != waitsForThem || a.row.Answers != 0 || a.row.News == a.row.Version {
		t.Errorf("an away note is no answer: %v", a.row)
	}
	a.do(answerAside("x1", "eve@elsewhere.example", "", "mid:sd_1"))
	if m := a.row; m.Status != waitsForThem || m.Received != 1 || m.Answers != 0 {
		t.Errorf("a stranger with the token answers only when confirmed: %v", m)
	}
	a.do(&deskpb.ConfirmParticipant{Address: "eve@elsewhere.example"})
	if a.row.Status != waitsForUs || a.row.Answers != 1 {
		t.Errorf("confirmed: %v", a.row)
	}
	if _, err := a.ask(&deskpb.RequestReply{Message: "s0", Body: &deskpb.Body{Text: "to nobody"}}); err == nil {
		t.Error("nobody who takes part has written, and nobody is named")
	}
	a.do(&deskpb.RequestReply{Message: "s2", Body: &deskpb.Body{Text: "and now?"}, To: []*deskpb.Address{{Address: supplier}}, ThreadKeys: []string{"mid:s2", "mid:sd_1"}})
	if a.row.Status != waitsForThem {
		t.Errorf("written again: %v", a.row)
	}
	a.do(answerAside("a1", supplier, "", "mid:s2"))
	a.do(answerAside("a1", supplier, "", "mid:s2"))
	if a.row.Status != waitsForUs || a.row.Answers != 2 || a.row.LastAuthor != "contact" {
		t.Errorf("answered: %v", a.row)
	}
	a.do(&deskpb.SetTicketStatus{Status: isClosed})
	a.do(answerAside("a2", supplier, "", "mid:s2"))
	if a.row.Status != isClosed || a.row.Answers != 2 || a.row.Received != 3 {
		t.Errorf("after it was done: %v", a.row)
	}
	if _, err := a.ask(answerAside("x2", "mallory@bad.example", "", "mid:a1")); desk.ReasonOf(err) != "stranger" {
		t.Errorf("who only learnt an id: %v", err)
	}
	blocked := answerAside("x3", "mallory@bad.example", "", "mid:sd_1")
	blocked.Blocked = true
	if _, err := a.ask(blocked); desk.ReasonOf(err) != "stranger" {
		t.Errorf("a blocked stranger with the token: %v", err)
	}
}

// Mails to who was asked name nothing of the customer's thread: their own anchor only.
func TestTheFirstMailAsideAnswersNothing(t *testing.T) {
	t.Parallel()
	a := begun(t)
	evs, err := desk.Sides.Decide(desk.Sides.Initial(), deskpb.NewCommand(&deskpb.StartSide{
		Opening: &deskpb.ConversationOpened{SideOf: "cv_1", Channel: "ch", Subject: "Fwd: Broken"},
		Reply:   &deskpb.RequestReply{Message: "s1", Body: &deskpb.Body{Text: "t"}, To: []*deskpb.Address{{Address: supplier}}},
	}))
	if err != nil || len(evs) != 3 {
		t.Fatalf("%v, %v", evs, err)
	}
	if r := evs[1].GetReplyRequested(); len(r.References) != 0 || r.InReplyTo != "" || r.Subject != "Fwd: Broken" {
		t.Errorf("%v", r)
	}
	for field, m := range map[string]*deskpb.StartSide{
		"to":      {Opening: &deskpb.ConversationOpened{SideOf: "cv_1", Channel: "ch", Subject: "s"}, Reply: &deskpb.RequestReply{Message: "s1", Body: &deskpb.Body{Text: "t"}}},
		"subject": {Opening: &deskpb.ConversationOpened{SideOf: "cv_1", Channel: "ch", Subject: " \n"}, Reply: &deskpb.RequestReply{Message: "s1", Body: &deskpb.Body{Text: "t"}, To: []*deskpb.Address{{Address: supplier}}}},
		"text":    {Opening: &deskpb.ConversationOpened{SideOf: "cv_1", Channel: "ch", Subject: "s"}, Reply: &deskpb.RequestReply{Message: "s1", To: []*deskpb.Address{{Address: supplier}}}},
	} {
		_, err := desk.Sides.Decide(desk.Sides.Initial(), deskpb.NewCommand(m))
		if e, ok := err.(*desk.Error); !ok || e.Field != field {
			t.Errorf("without %s: %v", field, err)
		}
	}
	if _, err := a.ask(&deskpb.AddNote{Message: "n", Body: &deskpb.Body{Text: "n"}}); desk.CodeOf(err) != desk.Invalid {
		t.Errorf("a note aside: %v", err)
	}
	a.do(&deskpb.CancelReply{Message: "s1"})
	if a.row.Status != deskpb.TicketStatus_TICKET_STATUS_NEW || a.row.Messages != 0 {
		t.Errorf("taken back: %v", a.row)
	}
}

func toldOf(version uint64, status deskpb.TicketStatus, received, answers uint32) *deskpb.TellOfSide {
	return &deskpb.TellOfSide{Side: "sd_1", Version: version, Status: status, Received: received, Answers: answers, With: "Sam", Who: "Sam"}
}

func TestATicketIsToldOfItsSides(t *testing.T) {
	t.Parallel()
	ticket := func() (*desk.Conversation, *deskpb.TicketSummary) {
		return apply(desk.Conversations.Initial(), nil, deskpb.NewEvent(&deskpb.ConversationOpened{Channel: "ch", Contact: "c"}),
			deskpb.NewEvent(&deskpb.MessageReceived{Message: "m1", From: &deskpb.Address{Address: "carla@shop.example"}}))
	}
	for name, tc := range map[string]struct {
		before   []desk.Event
		told     []*deskpb.TellOfSide
		want     string // what the events say
		status   deskpb.TicketStatus
		waiting  int
		answered int
	}{
		"begun":               {told: []*deskpb.TellOfSide{toldOf(3, waitsForThem, 0, 0)}, want: "opened", waiting: 1, status: deskpb.TicketStatus_TICKET_STATUS_NEW},
		"older news":          {told: []*deskpb.TellOfSide{toldOf(5, waitsForUs, 1, 1), toldOf(3, waitsForThem, 0, 0)}, want: "opened answered", answered: 1, status: deskpb.TicketStatus_TICKET_STATUS_NEW},
		"the same news":       {told: []*deskpb.TellOfSide{toldOf(3, waitsForThem, 0, 0), toldOf(3, waitsForThem, 0, 0)}, want: "opened", waiting: 1, status: deskpb.TicketStatus_TICKET_STATUS_NEW},
		"waits for them":      {before: status(waitsForThem), told: []*deskpb.TellOfSide{toldOf(3, waitsForThem, 0, 0), toldOf(5, waitsForUs, 1, 1)}, want: "opened answered status", answered: 1, status: waitsForUs},
		"closed":              {before: status(isClosed), told: []*deskpb.TellOfSide{toldOf(3, waitsForThem, 0, 0), toldOf(5, waitsForUs, 1, 1)}, want: "opened answered status", answered: 1, status: waitsForUs},
		"closed, and done":    {before: status(isClosed), told: []*deskpb.TellOfSide{toldOf(3, waitsForThem, 0, 0), toldOf(4, isClosed, 0, 0), toldOf(5, isClosed, 1, 0)}, want: "opened done answered", status: isClosed},
		"closed, unconfirmed": {before: status(isClosed), told: []*deskpb.TellOfSide{toldOf(3, waitsForThem, 0, 0), toldOf(4, waitsForThem, 1, 0)}, want: "opened answered", waiting: 1, status: isClosed},
		"opened again":        {told: []*deskpb.TellOfSide{toldOf(3, isClosed, 0, 0), toldOf(4, waitsForThem, 0, 0)}, want: "opened reopened", waiting: 1, status: deskpb.TicketStatus_TICKET_STATUS_NEW},
		"snoozed": {before: []desk.Event{deskpb.NewEvent(&deskpb.TicketSnoozed{UntilMs: desk.UntilContactWrites})}, told: []*deskpb.TellOfSide{toldOf(5, waitsForUs, 1, 1)},
			want: "opened answered woken", answered: 1, status: deskpb.TicketStatus_TICKET_STATUS_NEW},
		"spam":   {before: []desk.Event{deskpb.NewEvent(&deskpb.TicketMarkedSpam{})}, told: []*deskpb.TellOfSide{toldOf(5, waitsForUs, 1, 1)}, want: "opened answered", answered: 1, status: deskpb.TicketStatus_TICKET_STATUS_NEW},
		"merged": {before: append(status(isClosed), deskpb.NewEvent(&deskpb.ConversationMerged{Into: "cv_2"})), told: []*deskpb.TellOfSide{toldOf(5, waitsForUs, 1, 1)}, want: "opened answered", answered: 1, status: isClosed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, row := ticket()
			since := row.WaitingSinceMs
			s, row = apply(s, row, tc.before...)
			if row.Status == isClosed {
				since = 0
			}
			var said []string
			for _, m := range tc.told {
				evs, err := desk.Conversations.Decide(s, deskpb.NewCommand(m))
				if err != nil {
					t.Fatal(err)
				}
				s, row = apply(s, row, evs...)
				for _, ev := range evs {
					word := map[string]string{"ticket_status_changed": "status", "ticket_woken": "woken"}[deskpb.KindName(ev)]
					said = append(said, word+ev.GetSideChanged().GetWhat())
				}
			}
			waiting, answered := desk.SidesOf(row)
			if got := strings.Join(said, " "); got != tc.want || waiting != tc.waiting || answered != tc.answered || row.Status != tc.status || s.Status != tc.status {
				t.Errorf("%q, %d waiting, %d answered, %v; want %q, %d, %d, %v", got, waiting, answered, row.Status, tc.want, tc.waiting, tc.answered, tc.status)
			}
			if row.Messages != 1 || row.LastAuthor != "contact" || row.WaitingSinceMs != since || s.LastFrom.Address != "carla@shop.example" {
				t.Errorf("it is the customer's no more: %v", row)
			}
		})
	}
}

func status(to deskpb.TicketStatus) []desk.Event {
	return []desk.Event{deskpb.NewEvent(&deskpb.TicketStatusChanged{From: deskpb.TicketStatus_TICKET_STATUS_NEW, To: to})}
}

func apply(s *desk.Conversation, row *deskpb.TicketSummary, evs ...desk.Event) (*desk.Conversation, *deskpb.TicketSummary) {
	for _, ev := range evs {
		s = desk.Conversations.Evolve(s, ev)
		row = desk.ProjectTicket(row, &deskpb.Record{Stream: "conversation/cv_1", Version: s.Version, AtMs: 7, Event: ev})
	}
	return s, row
}

func TestSidesGoWithAMerge(t *testing.T) {
	t.Parallel()
	s, row := apply(desk.Conversations.Initial(), nil, deskpb.NewEvent(&deskpb.ConversationOpened{Channel: "ch", Contact: "c"}))
	step := func(m proto.Message) {
		t.Helper()
		evs, err := desk.Conversations.Decide(s, deskpb.NewCommand(m))
		if err != nil {
			t.Fatal(err)
		}
		s, row = apply(s, row, evs...)
	}
	step(&deskpb.TakeInConversation{Conversation: "cv_2", Sides: []*deskpb.SideMark{{Side: "sd_1", Status: waitsForThem, Version: 3}}})
	news := toldOf(5, waitsForUs, 1, 1)
	news.From = "cv_2"
	step(news)
	if _, answered := desk.SidesOf(row); answered != 1 || row.Status != deskpb.TicketStatus_TICKET_STATUS_NEW {
		t.Errorf("%v", row)
	}
	step(&deskpb.LetGoConversation{Conversation: "cv_2"})
	if len(row.Sides) != 0 || len(s.Sides) != 0 {
		t.Errorf("let go: %v, %v", row.Sides, s.Sides)
	}
}

// Whatever is said aside, and in whatever order, nothing of it is in what the ticket is told, nor in what is sent to the customer.
func TestNothingSaidAsideReachesTheTicket(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		const secret = "SECRET"
		side, ticket := desk.Sides.Initial(), desk.Conversations.Initial()
		var row *deskpb.SideSummary
		ticket, _ = apply(ticket, nil, deskpb.NewEvent(&deskpb.ConversationOpened{Channel: "ch", Contact: "c", Subject: "Help"}),
			deskpb.NewEvent(&deskpb.MessageReceived{Message: "m1", From: &deskpb.Address{Address: "carla@shop.example"}, ThreadKeys: []string{"mid:m1"}}))
		var version uint64
		for i := range rapid.IntRange(1, 30).Draw(r, "n") {
			var m proto.Message
			switch rapid.IntRange(0, 6).Draw(r, "what") {
			case 0, 1:
				m = &deskpb.StartSide{Opening: &deskpb.ConversationOpened{SideOf: "cv_1", Channel: "ch", Subject: "Fwd: Help"}, Reply: &deskpb.RequestReply{
					Message: "s0", Body: &deskpb.Body{Text: secret}, To: []*deskpb.Address{{Address: supplier}}, ThreadKeys: []string{"mid:" + secret + "s0", "mid:sd_1"}}}
			case 2, 3:
				in := answerAside(fmt.Sprintf("%s%d", secret, i), rapid.SampledFrom([]string{supplier, "eve@x.example"}).Draw(r, "from"), rapid.SampledFrom([]string{"", "auto-reply", "list"}).Draw(r, "auto"), "mid:sd_1")
				in.Message.Body.Text = secret
				m = in
			case 4:
				m = &deskpb.RequestReply{Message: fmt.Sprintf("s%d", i+1), Body: &deskpb.Body{Text: secret}, Cc: []*deskpb.Address{{Address: secret + "@parts.example"}}, ThreadKeys: []string{fmt.Sprintf("mid:%s%d", secret, i)}}
			case 5:
				m = &deskpb.SetTicketStatus{Status: deskpb.TicketStatus(rapid.IntRange(2, 4).Draw(r, "status"))}
			case 6:
				m = &deskpb.ConfirmParticipant{Address: "eve@x.example"}
			}
			cmd := deskpb.NewCommand(m)
			cmd.By = &deskpb.Author{Kind: deskpb.Author_KIND_AGENT, Id: "ana", Name: "Ana"}
			evs, _ := desk.Sides.Decide(side, cmd)
			for _, ev := range evs {
				version++
				side = desk.Sides.Evolve(side, ev)
				row = desk.ProjectSide(row, &deskpb.Record{Stream: "side/sd_1", Version: version, By: cmd.By, Event: ev})
			}
			if row == nil {
				continue
			}
			if row.Status != side.Status || row.Conversation != string(side.SideOf) {
				r.Fatalf("row %v, state %v", row, side)
			}
			evs, err := desk.Conversations.Decide(ticket, deskpb.NewCommand(desk.TellOf(row, "")))
			if err != nil {
				r.Fatal(err)
			}
			again, _ := apply(ticket, nil, evs...)
			for _, ev := range evs {
				if text := protojson.Format(ev); strings.Contains(text, secret) {
					r.Fatalf("the ticket is told %s", text)
				}
			}
			ticket = again
			ask := deskpb.NewCommand(&deskpb.RequestReply{Message: fmt.Sprintf("r%d", i), Body: &deskpb.Body{Text: "t"}, ThreadKeys: []string{fmt.Sprintf("mid:r%d", i)}})
			evs, err = desk.Conversations.Decide(ticket, ask)
			if err != nil {
				r.Fatal(err)
			}
			reply := evs[0].GetReplyRequested()
			if text := protojson.Format(reply); strings.Contains(text, secret) || len(reply.To) != 1 || reply.To[0].Address != "carla@shop.example" || slices.Contains(reply.References, "mid:sd_1") {
				r.Fatalf("the customer is sent %s", text)
			}
			ticket, _ = apply(ticket, nil, evs...)
			if ticket.Parties[supplier] {
				r.Fatal("who was asked aside takes part in the ticket")
			}
		}
	})
}

func TestForwardBody(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 4, 5, 6, 0, 0, time.UTC)
	carla := []*deskpb.Address{{Name: "Carla", Address: "carla@shop.example"}}
	plain := desk.Forwarded{From: carla, To: []*deskpb.Address{{Address: "support@desk.example"}}, Subject: "Broken\n<b>", At: at, Body: &deskpb.Body{Text: "it broke\n\n> old words", FreshTextBytes: 8, Html: "<p>it broke</p><blockquote>old words</blockquote>"}}
	b := desk.ForwardBody(&deskpb.Body{Text: "Can you help?"}, []desk.Forwarded{plain}, "en")
	if want := "Can you help?\n\n---------- Forwarded message ----------\nFrom: Carla <carla@shop.example>\nDate: 2026-03-04 05:06 UTC\nSubject: Broken <b>\nTo: support@desk.example\n\nit broke"; b.Text != want || b.Html != "" {
		t.Errorf("%q, %q", b.Text, b.Html)
	}
	picture := &deskpb.Attachment{Blob: "b1", Name: "a.png", Inline: true, ContentId: "pic"}
	other := &deskpb.Attachment{Blob: "b2", Name: "a.png", Inline: true, ContentId: "pic"}
	file := &deskpb.Attachment{Blob: "b3", Name: "bill.pdf"}
	page := func(a ...*deskpb.Attachment) *deskpb.Body {
		return &deskpb.Body{Text: "see", Html: `<p>see <img src="cid:pic"></p>`, Attachments: a}
	}
	b = desk.ForwardBody(&deskpb.Body{}, []desk.Forwarded{
		{From: carla, At: at, Body: page(picture, file), Files: []string{"b1", "b3"}}, {From: carla, At: at, Body: page(other)},
	}, "es")
	if strings.Count(b.Html, "<img") != 1 || !strings.Contains(b.Html, `"cid:m1-pic"`) || !strings.Contains(b.Html, "Mensaje reenviado") || len(b.Attachments) != 2 || b.Attachments[0].ContentId != "m1-pic" || b.Attachments[1].Name != "bill.pdf" {
		t.Errorf("%s, %v", b.Html, b.Attachments)
	}
	if strings.HasPrefix(b.Text, "\n") || strings.Contains(b.Html, "<b>\n") {
		t.Errorf("%q", b.Text)
	}
	b = desk.ForwardBody(&deskpb.Body{Html: "<p>x</p>", Text: "x"}, []desk.Forwarded{plain}, "xx")
	if !strings.Contains(b.Html, "Broken &lt;b&gt;") || strings.Contains(b.Html+b.Text, "old words") {
		t.Errorf("%s", b.Html)
	}
	if b = desk.ForwardBody(&deskpb.Body{Text: "only a question"}, nil, "en"); b.Text != "only a question" || b.Html != "" {
		t.Errorf("%v", b)
	}
}
