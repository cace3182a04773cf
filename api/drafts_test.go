package api_test

import (
	"testing"

	"github.com/centralita/centralita/proto/deskpb"
)

// A draft is its agent's alone, on every device of theirs, and is gone when it was sent.
func TestDraftsOverREST(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	ben := ada.colleague("Ben")
	at := "/conversations/" + string(h.receive("anna", 1, "Hello"))
	draft := map[string]any{"reply": map[string]any{"text": "Dear A", "cc": []any{map[string]any{"address": "c@example.com"}}}, "note": map[string]any{"text": "Look"}, "base_version": 3}
	ben.must(200, "PUT", at+"/draft", draft)
	got := ben.must(200, "GET", at+"/draft", nil)
	if got.str("draft", "reply", "text") != "Dear A" || got.str("draft", "reply", "cc", 0, "address") != "c@example.com" || got.str("draft", "note", "text") != "Look" || got.num("version") != 1 {
		t.Errorf("%s", got.raw)
	}
	if again := ben.must(200, "PUT", at+"/draft", draft); again.num("version") != 1 {
		t.Errorf("the same words were kept twice: %s", again.raw)
	}
	if other := ada.must(200, "GET", at+"/draft", nil); other.get("draft") != nil {
		t.Errorf("Ada reads Ben's draft: %s", other.raw)
	}
	ben.must(200, "POST", at+"/replies", map[string]any{"message_id": "r1", "text": "Dear Anna"})
	got = ben.must(200, "GET", at+"/draft", nil)
	if got.get("draft", "reply") != nil || got.str("draft", "note", "text") != "Look" {
		t.Errorf("after sending: %s", got.raw)
	}
	ben.must(200, "DELETE", at+"/draft", nil)
	if got = ben.must(200, "GET", at+"/draft", nil); got.get("draft") != nil {
		t.Errorf("after clearing: %s", got.raw)
	}
	if a := ben.do("PUT", "/conversations/cv_none/draft", draft); a.status != 404 {
		t.Errorf("a draft for nothing: %d %s", a.status, a.raw)
	}
	if a := ben.do("PUT", at+"/draft", map[string]any{"reply": map[string]any{"text": string(make([]byte, 5))}}); a.status != 422 || a.str("errors", 0, "location") != "body.reply.text" {
		t.Errorf("NUL: %d %s", a.status, a.raw)
	}
	if a := ben.do("PUT", at+"/draft", map[string]any{"note": map[string]any{"attachments": []any{map[string]any{"blob": "x", "name": "n", "media_type": "t/t", "size": 1}}}}); a.status != 422 {
		t.Errorf("a file that is not there: %d %s", a.status, a.raw)
	}
}

// What is written on one device is told to its agent's others, and to nobody else.
func TestADraftIsToldToItsAgentAlone(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	ben := ada.colleague("Ben")
	conv := string(h.receive("anna", 1, "Hello"))
	his, hers := ben.screen().hello(), ada.screen().hello()
	hers.subscribe(conv)
	ben.must(200, "PUT", "/conversations/"+conv+"/draft", map[string]any{"reply": map[string]any{"text": "Dear"}})
	his.until("the draft", func(f *deskpb.ServerFrame) bool {
		return f.GetDraft().GetDraft().GetDraft().GetReply().GetBody().GetText() == "Dear" && f.GetDraft().GetConversation() == conv
	})
	ben.must(200, "DELETE", "/conversations/"+conv+"/draft", nil)
	his.until("its end", func(f *deskpb.ServerFrame) bool { return f.GetDraft() != nil && f.GetDraft().GetDraft() == nil })
	ben.must(200, "PUT", "/conversations/"+conv+"/priority", map[string]any{"priority": "high"})
	hers.until("what is hers to see", func(f *deskpb.ServerFrame) bool {
		if f.GetDraft() != nil || f.GetRecord().GetRecord().GetEvent().GetDraftSaved() != nil {
			t.Errorf("Ada is told of Ben's draft: %v", f)
		}
		return f.GetRecord().GetRecord().GetEvent().GetTicketPriorityChanged() != nil
	})
}
