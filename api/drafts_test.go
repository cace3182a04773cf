package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

func draftPath(id desk.ConversationID, kind string) string {
	return "/conversations/" + string(id) + "/drafts/" + kind
}

func TestADraftFollowsItsWriterAndNobodyElse(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	ben := ada.colleague("Ben")
	id := h.receive("anna", 1, "Hello")
	desktop, hers := ada.screen(), ben.screen()
	desktop.hello().subscribe(string(id))
	hers.hello().subscribe(string(id))
	desktop.sync(string(id))
	hers.sync(string(id))

	first := ada.must(200, "PUT", draftPath(id, "reply"), map[string]any{"text": "Dear Anna", "cc": []string{"x@y.example"}, "device": "phone"})
	f := desktop.until("the draft", func(f *deskpb.ServerFrame) bool { return f.GetDraft() != nil }).GetDraft().GetDraft()
	if f.GetWriting().GetText() != "Dear Anna" || f.Device != "phone" || f.Conversation != string(id) || f.Version != uint64(first.num("version")) {
		t.Fatalf("the other screen was told %v", f)
	}
	list := ada.must(200, "GET", "/conversations/"+string(id)+"/drafts", nil)
	if list.len("drafts") != 1 || !strings.Contains(list.raw, `"cc":["x@y.example"]`) || !strings.Contains(list.raw, `"kind":"reply"`) {
		t.Fatalf("drafts: %s", list.raw)
	}
	if mine := ada.must(200, "GET", "/me/drafts", nil); mine.len("drafts") != 1 {
		t.Fatalf("all drafts: %s", mine.raw)
	}
	for _, path := range []string{"/conversations/" + string(id) + "/drafts", "/me/drafts"} {
		if other := ben.must(200, "GET", path, nil); other.len("drafts") != 0 {
			t.Fatalf("a colleague reads %s", other.raw)
		}
	}

	// Another device that had not seen it: the newer one holds, the other is beside it.
	ada.must(200, "PUT", draftPath(id, "reply"), map[string]any{"text": "Hi Anna", "device": "desktop", "leaving": true})
	both := ada.must(200, "GET", "/conversations/"+string(id)+"/drafts", nil)
	if !strings.Contains(both.raw, `"text":"Hi Anna"`) || !strings.Contains(both.raw, `"displaced":{"text":"Dear Anna"`) {
		t.Fatalf("two devices: %s", both.raw)
	}

	// Sent: it is over, on every screen.
	ada.must(200, "POST", "/conversations/"+string(id)+"/replies", map[string]any{"message_id": "ms_1", "text": "Hi Anna"})
	over := desktop.until("the end of the draft", func(f *deskpb.ServerFrame) bool { return f.GetDraft().GetDraft().GetCause() != "" })
	if over.GetDraft().GetDraft().GetCause() != "sent" {
		t.Fatalf("it ended as %v", over)
	}
	if left := ada.must(200, "GET", "/me/drafts", nil); left.len("drafts") != 0 {
		t.Fatalf("left: %s", left.raw)
	}
	hers.command("mark", id.Stream(), &deskpb.SetTicketPriority{Priority: deskpb.Priority_PRIORITY_HIGH})
	hers.until("the mark", func(f *deskpb.ServerFrame) bool {
		if f.GetDraft() != nil {
			t.Errorf("a colleague's screen was told %v", f)
		}
		return f.GetDone() != nil || f.GetRefused() != nil
	})
}

func TestWhatAnotherProgramSendsLeavesTheDraftAlone(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	id := h.receive("anna", 1, "Hello")
	ada.must(200, "PUT", draftPath(id, "note"), map[string]any{"text": "Half a thought", "device": "d"})
	ada.must(200, "PUT", draftPath(id, "reply"), map[string]any{"text": "Half a reply", "device": "d"})
	ada.must(200, "POST", "/conversations/"+string(id)+"/replies", map[string]any{"message_id": "ms_1", "text": "Sent by a script"})
	ada.must(200, "POST", "/conversations/"+string(id)+"/notes", map[string]any{"message_id": "ms_2", "text": "Half a thought"})
	if left := ada.must(200, "GET", "/me/drafts", nil); left.len("drafts") != 1 || !strings.Contains(left.raw, "Half a reply") {
		t.Fatalf("left: %s", left.raw)
	}
	ada.must(200, "DELETE", draftPath(id, "reply")+"?cause=discarded&device=d", nil)
	if left := ada.must(200, "GET", "/me/drafts", nil); left.len("drafts") != 0 {
		t.Fatalf("discarded: %s", left.raw)
	}
}

func TestDraftsAreRefused(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	ben := ada.limited("Ben", "own")
	id := h.receive("anna", 1, "Hello")
	ok := map[string]any{"text": "x", "device": "d"}
	ben.must(http.StatusNotFound, "PUT", draftPath(id, "reply"), ok)
	ben.must(http.StatusNotFound, "GET", "/conversations/"+string(id)+"/drafts", nil)
	ben.must(http.StatusNotFound, "DELETE", draftPath(id, "reply"), nil)
	ada.must(422, "PUT", draftPath(id, "letter"), ok)
	ada.must(422, "PUT", draftPath(id, "reply"), map[string]any{"text": "x"})
	ada.must(422, "PUT", draftPath(id, "reply"), map[string]any{"text": strings.Repeat("x", desk.MaxDraftBytes+1), "device": "d"})
	ada.must(422, "PUT", draftPath(id, "reply"), map[string]any{"text": "x", "device": "d", "attachments": []any{map[string]any{"blob": "../etc", "name": "x", "media_type": "a/b", "size": 1}}})
	ada.must(404, "PUT", draftPath("cv_none", "reply"), ok)
}
