package api_test

import (
	"slices"
	"testing"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// TestWhoseTicketAndWhoTakesPart: a requester is changed and changed back, a stranger is confirmed, links are told; what is wrong names
// its field.
func TestWhoseTicketAndWhoTakesPart(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	id := h.receive("anna", 1, "first")
	h.command(id.Stream(), &deskpb.RequestReply{Message: "r1", Body: &deskpb.Body{Text: "t"}, ThreadKeys: []string{"mid:r1", "mid:anchor", "tok:one"}})
	h.command(id.Stream(), &deskpb.ReceiveMessage{ParticipantsOnly: true, Message: &deskpb.MessageReceived{
		Message: "ms_x", Channel: "ch_mail", ExternalId: "x", Contact: "ct_mallory", From: &deskpb.Address{Name: "Mallory", Address: "Mallory@elsewhere.example"},
		Body: &deskpb.Body{Text: "me too"}, ThreadKeys: []string{"tok:one", "mid:x"}, Threading: []string{"token"}, ForwardedFrom: &deskpb.Address{Name: "Zoe", Address: "zoe@home.example"},
	}})
	at := "/conversations/" + string(id)
	stranger := func() (answer, int) {
		got := ada.read(id)
		for i := range got.len("timeline") {
			if got.str("timeline", i, "id") == "ms_x" {
				return got, i
			}
		}
		t.Fatalf("no such message: %s", got.raw)
		return got, 0
	}
	got, i := stranger()
	if got.get("timeline", i, "unconfirmed") != true || got.str("timeline", i, "threading", 0) != "token" || got.str("timeline", i, "forwarded_from", "address") != "zoe@home.example" {
		t.Errorf("as it came: %s", got.raw)
	}
	ada.must(404, "POST", at+"/participants", map[string]any{"address": "nobody@elsewhere.example"})
	ada.must(200, "POST", at+"/participants", map[string]any{"address": "mallory@elsewhere.example"})
	if got, i := stranger(); got.get("timeline", i, "unconfirmed") != false || !slices.Contains(lines(got), "participant") {
		t.Errorf("confirmed: %s", got.raw)
	}

	was := ada.read(id).str("ticket", "contact", "id")
	ada.must(422, "PUT", at+"/requester", map[string]any{"contact": map[string]any{}})
	ada.must(422, "PUT", at+"/requester", map[string]any{"contact": map[string]any{"email": "no address"}})
	changed := ada.must(200, "PUT", at+"/requester", map[string]any{"contact": map[string]any{"email": "Zoe@home.example", "name": "Zoe"}})
	zoe := changed.str("ticket", "contact", "id")
	if changed.str("ticket", "contact", "name") != "Zoe" || zoe != string(desk.ContactIDFor(1, "zoe@home.example")) {
		t.Errorf("changed: %s", changed.raw)
	}
	if hers := ada.must(200, "GET", "/contacts/"+zoe, nil); hers.len("tickets") != 1 {
		t.Errorf("her tickets: %s", hers.raw)
	}
	if his := ada.must(200, "GET", "/contacts/"+was, nil); his.len("tickets") != 0 {
		t.Errorf("the tickets of the one before: %s", his.raw)
	}
	back := ada.must(200, "PUT", at+"/requester", map[string]any{"contact": map[string]any{"id": was}})
	if back.str("ticket", "contact", "id") != was {
		t.Errorf("undone: %s", back.raw)
	}
	h.command(id.Stream(), &deskpb.LinkConversation{Conversation: "cv_other", Number: 7, Cause: desk.LinkSameMail})
	if got := lines(ada.read(id)); slices.Index(got, "linked") < 0 || len(slices.DeleteFunc(got, func(s string) bool { return s != "requester" })) != 2 {
		t.Errorf("lines: %v", got)
	}
}
