package search_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// asked begins a side conversation of a ticket, has it answered, and lets the ticket know.
func (h *house) asked(ticket desk.ConversationID, name, question, answer string) desk.ConversationID {
	id := desk.ConversationID("sd_" + name)
	address := name + "@parts.example"
	h.append(id.Stream(),
		deskpb.NewEvent(&deskpb.ConversationOpened{SideOf: string(ticket), Channel: "ch_mail", ChannelKind: deskpb.ChannelKind_CHANNEL_KIND_EMAIL, Subject: "Spare part", Source: "side"}),
		deskpb.NewEvent(&deskpb.ReplyRequested{Message: "ms_asked_" + name, Agent: "ag_1", AgentName: "Eva Ruiz", To: []*deskpb.Address{{Address: address}}, Body: &deskpb.Body{Text: question}}))
	h.append(id.Stream(), deskpb.NewEvent(&deskpb.MessageReceived{
		Message: "ms_answer_" + name, Channel: "ch_mail", ExternalId: name, From: &deskpb.Address{Name: "Sam Piezas", Address: address}, Subject: "Re: Spare part", Body: &deskpb.Body{Text: answer},
	}))
	h.append(ticket.Stream(), deskpb.NewEvent(&deskpb.SideChanged{Side: string(id), What: "answered", Status: deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_US, Version: 3, Received: 1, Answers: 1}))
	return id
}

// What was said with somebody else is found with the ticket, by whom may see that; the snippet says where it was said.
func TestWhatWasSaidAsideIsFound(t *testing.T) {
	t.Parallel()
	h := sample(t)
	side := h.asked("cv_login", "sam", "Do you sell flanges?", "The gasket costs three euros.")
	for q, want := range map[string]string{"gasket": "aside", "flanges": "aside", `"gasket costs three"`: "aside", "contraseña": "contact", "password": "note"} {
		page := h.page(q, nil)
		if len(page.Hits) != 1 || page.Hits[0].Ticket.Conversation != "cv_login" || page.Hits[0].Kind != want || (page.Hits[0].Side == side) != (want == "aside") {
			t.Errorf("%q: %+v", q, page.Hits)
		}
	}
	if hit := h.page("gasket", nil).Hits[0]; hit.Message != "ms_answer_sam" || hit.Author != "Sam Piezas" || text(hit.Snippet) != "The [gasket] costs three euros." {
		t.Errorf("%+v", hit)
	}
	for q, want := range map[string]string{"from:sam": "login", "sam@parts.example": "login", "gasket from:contact": "login", "gasket has:reply": "", "gasket -flanges": ""} {
		if got := strings.Join(h.find(q, nil), " "); got != want {
			t.Errorf("%q finds %q, want %q", q, got, want)
		}
	}
	zoe := &desk.Viewer{Agent: "ag_2", Access: deskpb.Access_ACCESS_OWN}
	if page := h.page("gasket", zoe); len(page.Hits) != 0 || page.Total != 0 {
		t.Errorf("who may not see the ticket finds %+v", page)
	}
}

// A ticket that another was merged into shows what was said because of that one, until it is let go.
func TestWhatWasSaidAsideGoesWithAMerge(t *testing.T) {
	t.Parallel()
	h := sample(t)
	side := h.asked("cv_login", "sam", "Do you sell flanges?", "The gasket costs three euros.")
	into := desk.ConversationID("cv_invoice").Stream()
	mark := &deskpb.SideMark{Side: string(side), Status: deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_US, Version: 3, Received: 1, Answers: 1, From: "cv_login"}
	h.append(into, deskpb.NewEvent(&deskpb.ConversationTookIn{Conversation: "cv_login", Number: 3, Sides: []*deskpb.SideMark{mark}}))
	if got := h.find("gasket", nil); !slices.Contains(got, "invoice") {
		t.Errorf("merged: %v", got)
	}
	h.append(into, deskpb.NewEvent(&deskpb.ConversationLetGo{Conversation: "cv_login", Number: 3}))
	if got := h.find("gasket", nil); slices.Contains(got, "invoice") || !slices.Contains(got, "login") {
		t.Errorf("let go: %v", got)
	}
}
