package desk_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// A ticket of ag_ana's that ag_cy and ag_ana follow; who is told of what happens to it, as what.
func TestWhoIsTold(t *testing.T) {
	t.Parallel()
	const closed, waiting = deskpb.TicketStatus_TICKET_STATUS_CLOSED, deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_CONTACT
	body := &deskpb.Body{Text: "Hello"}
	for name, c := range map[string]struct {
		event proto.Message
		by    string // "" nobody
		row   *deskpb.TicketSummary
		want  string
	}{
		"an offer":                         {event: &deskpb.ConversationAssigned{Agent: "ag_ana", TakeByMs: 9}, row: &deskpb.TicketSummary{}, want: "ag_ana assigned offer"},
		"an offer that was not taken":      {event: &deskpb.ConversationUnassigned{Agent: "ag_ana", Reason: &deskpb.AssignmentReason{Code: desk.NotTaken}}, want: "ag_ana unassigned not_taken, ag_cy followed_change not_taken"},
		"a contact writes":                 {event: &deskpb.MessageReceived{Body: body}, want: "ag_ana reply, ag_cy followed_reply"},
		"a machine writes":                 {event: &deskpb.MessageReceived{Body: body, Automatic: "auto_reply"}},
		"a contact writes to nobody":       {event: &deskpb.MessageReceived{Body: body}, row: &deskpb.TicketSummary{}},
		"spam":                             {event: &deskpb.MessageReceived{Body: body}, row: &deskpb.TicketSummary{Owner: "ag_ana", Spam: true}},
		"in one that was merged":           {event: &deskpb.NoteAdded{Body: body}, by: "ag_ben", row: &deskpb.TicketSummary{Owner: "ag_ana", MergedInto: "cv_2"}},
		"one's own reply":                  {event: &deskpb.ReplyRequested{Body: body}, by: "ag_ana", want: "ag_cy followed_reply"},
		"a colleague's reply":              {event: &deskpb.ReplyRequested{Body: body}, by: "ag_ben", want: "ag_ana colleague, ag_cy followed_reply"},
		"a note":                           {event: &deskpb.NoteAdded{Body: body}, by: "ag_cy", want: "ag_ana colleague"},
		"a note that calls":                {event: &deskpb.NoteAdded{Body: body, Mentions: []string{"ag_dan", "ag_ana", "ag_ben"}}, by: "ag_ben", want: "ag_dan mention, ag_ana mention, ag_cy followed_reply"},
		"taken over":                       {event: &deskpb.ConversationAssigned{Agent: "ag_ben"}, by: "ag_ben", want: "ag_ana unassigned, ag_cy followed_change"},
		"handed on":                        {event: &deskpb.ConversationAssigned{Agent: "ag_ben"}, by: "ag_ana", want: "ag_ben assigned, ag_cy followed_change"},
		"assigned by itself":               {event: &deskpb.ConversationAssigned{Agent: "ag_ana"}, row: &deskpb.TicketSummary{}, want: "ag_ana assigned"},
		"taken away":                       {event: &deskpb.ConversationUnassigned{Agent: "ag_ana"}, by: "ag_ben", want: "ag_ana unassigned, ag_cy followed_change"},
		"closed by a colleague":            {event: &deskpb.TicketStatusChanged{From: waiting, To: closed}, by: "ag_ben", want: "ag_ana colleague, ag_cy followed_change"},
		"closed by oneself":                {event: &deskpb.TicketStatusChanged{From: waiting, To: closed}, by: "ag_ana", want: "ag_cy followed_change"},
		"opened again by a colleague":      {event: &deskpb.TicketStatusChanged{From: closed, To: waiting}, by: "ag_ben", want: "ag_ana colleague, ag_cy followed_change"},
		"opened again by a message":        {event: &deskpb.TicketStatusChanged{From: closed, To: waiting}},
		"waits for the contact":            {event: &deskpb.TicketStatusChanged{From: deskpb.TicketStatus_TICKET_STATUS_NEW, To: waiting}, by: "ag_ben"},
		"back from its snooze":             {event: &deskpb.TicketWoken{Cause: "time"}, want: "ag_ana woken"},
		"woken by hand":                    {event: &deskpb.TicketWoken{Cause: "by_hand"}, by: "ag_ben"},
		"a reply that failed":              {event: &deskpb.DeliverySettled{State: deskpb.DeliveryState_DELIVERY_STATE_FAILED, Reason: "no such mailbox"}, want: "ag_ana undelivered"},
		"a reply that was sent":            {event: &deskpb.DeliverySettled{State: deskpb.DeliveryState_DELIVERY_STATE_SENT}},
		"a late report of one that failed": {event: &deskpb.DeliverySettled{State: deskpb.DeliveryState_DELIVERY_STATE_FAILED, Resolves: true}},
		"a tag":                            {event: &deskpb.TicketTagsChanged{Added: []string{"tg_1"}}, by: "ag_ben"},
	} {
		row := c.row
		if row == nil {
			row = &deskpb.TicketSummary{Owner: "ag_ana", Followers: []string{"ag_cy", "ag_ana"}}
		}
		owner := row.Owner
		r := &deskpb.Record{Stream: "conversation/cv_1", Version: 2, Position: 7, AtMs: 5, Event: deskpb.NewEvent(c.event)}
		if c.by != "" {
			r.By = &deskpb.Author{Kind: deskpb.Author_KIND_AGENT, Id: c.by, Name: c.by}
		}
		n := desk.NoticeOfTicket(desk.ProjectTicket(row, r), owner, r)
		var got []string
		for _, to := range n.GetTold() {
			told := to.Agent + " " + to.Kind
			if n.Detail == "offer" || n.Detail == desk.NotTaken {
				told += " " + n.Detail
			}
			got = append(got, told)
			if !slices.Contains(desk.NotificationKinds, to.Kind) {
				t.Errorf("%s: %q is no kind", name, to.Kind)
			}
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("%s: told are %v, want %s", name, got, c.want)
		}
		if n != nil && (n.Position != 7 || n.AtMs != 5) {
			t.Errorf("%s: %v", name, n)
		}
	}
}

func TestWhoIsToldOfAvailability(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		by, cause string
		kind      deskpb.Author_Kind
		told      bool
	}{
		"offers not taken": {"", desk.AwayNotTaken, 0, true},
		"an administrator": {"ag_ada", "", deskpb.Author_KIND_AGENT, true},
		"oneself":          {"ag_ana", "", deskpb.Author_KIND_AGENT, false},
		"the schedule":     {"", "hours", 0, false},
		"the operator":     {"x", "", deskpb.Author_KIND_OPERATOR, false},
	} {
		n := desk.NoticeOfAgent("ag_ana", &deskpb.Record{
			By:    &deskpb.Author{Kind: c.kind, Id: c.by, Name: "Ada"},
			Event: deskpb.NewEvent(&deskpb.AvailabilityChanged{Reason: "Lunch", By: c.by, Cause: c.cause}),
		})
		who, text, detail := "Ada", "Lunch", "away"
		if c.cause != "" {
			who, text, detail = "", "", c.cause
		}
		if (n != nil) != c.told || c.told && (n.Who != who || n.Text != text || n.Detail != detail || n.Told[0].Agent != "ag_ana") {
			t.Errorf("%s: %v", name, n)
		}
	}
}

// Marks never go back, one of all makes those of single tickets superfluous, and there are never more than a list holds.
func TestSeenMarks(t *testing.T) {
	t.Parallel()
	see := func(m *deskpb.NotificationMarks, conversation string, at uint64) *deskpb.NotificationMarks {
		return desk.ProjectSeen(m, &deskpb.NotificationsSeen{Conversation: conversation, Position: at})
	}
	m := see(see(see(nil, "cv_1", 5), "", 4), "cv_1", 3)
	for position, want := range map[uint64]bool{4: false, 5: false, 6: true} {
		if got := desk.Unseen(m, &deskpb.Notification{Position: position, Conversation: "cv_1"}); got != want {
			t.Errorf("of cv_1 at %d: %v", position, got)
		}
	}
	if !desk.Unseen(m, &deskpb.Notification{Position: 5, Conversation: "cv_2"}) || !desk.Unseen(m, &deskpb.Notification{Position: 5}) {
		t.Error("the mark of one ticket is taken for another's")
	}
	if m = see(m, "", 5); m.Until != 5 || len(m.Conversations) != 0 {
		t.Errorf("%v", m)
	}
	for i := range uint64(desk.MostNotices + 50) {
		m = see(m, fmt.Sprint("cv_", i), 10+i)
	}
	if len(m.Conversations) != desk.MostNotices || m.Conversations["cv_49"] != 0 || m.Conversations["cv_50"] != 60 {
		t.Errorf("%d marks, %d", len(m.Conversations), m.Conversations["cv_50"])
	}
}
