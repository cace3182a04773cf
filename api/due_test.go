package api_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// By when a contact has an answer is for whoever answers and for who runs the desk; the answer settles it, and the list finds what is due.
func TestWhenATicketIsDue(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	ben := ada.colleague("Ben")
	late, soon := h.receive("anna", 1, "My bill is wrong."), h.receive("bela", 1, "Where is it?")
	h.receive("cleo", 1, "Thanks.")
	at := "/conversations/" + string(soon)
	in := func(d time.Duration) map[string]any {
		return map[string]any{"due": time.Now().Add(d).UTC().Truncate(time.Second).Format(time.RFC3339)}
	}
	if got := ben.must(403, "PUT", at+"/due", in(time.Hour)); !strings.Contains(got.raw, "whoever has the ticket") {
		t.Errorf("refused: %s", got.raw)
	}
	if got := ada.must(422, "PUT", at+"/due", in(-time.Hour)); !strings.Contains(got.raw, `body.due`) && !strings.Contains(got.raw, `"due"`) {
		t.Errorf("refused: %s", got.raw)
	}
	ada.must(200, "PUT", "/conversations/"+string(late)+"/due", in(3*time.Hour))
	ada.must(200, "PUT", at+"/owner", map[string]any{"agent": ben.agent})
	ben.must(200, "PUT", at+"/due", in(time.Hour))
	list := func(query string) string {
		got := ben.must(200, "GET", "/tickets?"+query, nil)
		var ids []string
		for i := range got.len("tickets") {
			ids = append(ids, got.str("tickets", i, "id"))
		}
		return strings.Join(ids, " ")
	}
	if got, want := list("view=open&sort=due&order=asc"), fmt.Sprint(soon, " ", late, " "); !strings.HasPrefix(got, want) || len(strings.Fields(got)) != 3 {
		t.Errorf("what is due first: %s, want %s…", got, want)
	}
	if got := list(`filter={"due":{"within":7200}}`); got != string(soon) {
		t.Errorf("due within two hours: %s, want %s", got, soon)
	}
	ben.must(200, "POST", at+"/replies", map[string]any{"message_id": "ms_1", "text": "Tomorrow."})
	ada.must(200, "DELETE", "/conversations/"+string(late)+"/due", nil)
	got := ben.read(soon)
	if got.get("ticket", "due_at") != nil {
		t.Errorf("answered, and due: %s", got.raw)
	}
	var causes []string
	for i := range got.len("timeline") {
		if got.str("timeline", i, "kind") == "activity" && got.str("timeline", i, "activity", "code") == "due" {
			causes = append(causes, got.str("timeline", i, "activity", "cause"))
		}
	}
	if strings.Join(causes, " ") != "by_hand answered" {
		t.Errorf("the timeline says %v: %s", causes, got.raw)
	}
	if got := list(`filter={"due":{}}`); got != "" {
		t.Errorf("still due: %s", got)
	}
}
