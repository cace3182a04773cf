package api_test

import (
	"strings"
	"testing"
	"time"

	"github.com/centralita/centralita/proto/deskpb"
)

func TestRepliesThatWait(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	conv := h.receive("anna", 1, "My bill is wrong.")
	at := "/conversations/" + string(conv)
	tomorrow := time.Now().Add(24 * time.Hour).UTC().Truncate(time.Second)
	ada.must(200, "POST", at+"/replies", map[string]any{
		"message_id": "r1", "text": "Tomorrow.", "bcc": []any{map[string]any{"address": "boss@example.com"}},
		"send_at": tomorrow.Format(time.RFC3339), "then": "closed",
	})
	got := ada.read(conv)
	item := func(k ...any) any { return got.get(append([]any{"timeline", 2}, k...)...) }
	if item("delivery", "state") != "queued" || item("delivery", "send_at") != tomorrow.Format("2006-01-02T15:04:05.000Z") ||
		item("bcc", 0, "address") != "boss@example.com" || got.str("ticket", "status") != "closed" || got.get("ticket", "scheduled_at") == nil {
		t.Errorf("scheduled: %s", got.raw)
	}
	ada.must(200, "PUT", at+"/replies/r1/send-at", map[string]any{"send_at": tomorrow.Add(time.Hour).Format(time.RFC3339)})
	ada.must(200, "DELETE", at+"/replies/r1", nil)
	got = ada.read(conv)
	if item("delivery", "state") != "canceled" || item("delivery", "send_at") != nil || got.str("ticket", "status") != "new" || got.get("ticket", "scheduled_at") != nil {
		t.Errorf("taken back: %s", got.raw)
	}
	for name, c := range map[string]struct {
		method, path string
		body         map[string]any
		status       int
		location     string
	}{
		"in the past":           {"POST", "/replies", map[string]any{"message_id": "r2", "text": "t", "send_at": "1960-01-01T00:00:00Z"}, 422, "body.send_at"},
		"too long to undo":      {"POST", "/replies", map[string]any{"message_id": "r2", "text": "t", "undo_seconds": 61}, 422, "body.undo_seconds"},
		"no such status":        {"POST", "/replies", map[string]any{"message_id": "r2", "text": "t", "then": "gone"}, 422, "body.then"},
		"bcc is an address":     {"POST", "/replies", map[string]any{"message_id": "r2", "text": "t", "bcc": []any{map[string]any{"address": "a b"}}}, 422, "body.bcc[0].address"},
		"no such reply":         {"DELETE", "/replies/none", nil, 404, "path.message"},
		"moved to the past":     {"PUT", "/replies/none/send-at", map[string]any{"send_at": nil}, 404, "path.message"},
		"nothing to retry":      {"POST", "/replies/r1/retry", nil, 409, ""},
		"an empty macro":        {"POST", "/together", map[string]any{}, 422, "body"},
		"a fault of its action": {"POST", "/together", map[string]any{"note": map[string]any{"message_id": "n9", "text": "t"}, "actions": []any{map[string]any{"kind": "team", "team": "tm_none"}}}, 422, "body.actions[0].team"},
		"a fault of its reply":  {"POST", "/together", map[string]any{"reply": map[string]any{"message_id": "r9", "text": " "}}, 422, "body.reply.text"},
	} {
		a := ada.do(c.method, at+c.path, c.body)
		location := ""
		if c.location != "" && a.status >= 400 {
			location = a.str("errors", 0, "location")
		}
		if a.status != c.status || location != c.location {
			t.Errorf("%s: %d %s", name, a.status, a.raw)
		}
	}
}

func TestWhoeverAnsweredSinceIsNamed(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	ben := ada.colleague("Ben")
	conv := h.receive("anna", 1, "Hello")
	at := "/conversations/" + string(conv)
	seen := ada.read(conv).num("version")
	ben.must(200, "POST", at+"/replies", map[string]any{"message_id": "rb", "text": "From Ben"})
	stale := map[string]any{"message_id": "ra", "text": "From Ada", "seen_version": seen}
	if a := ada.do("POST", at+"/replies", stale); a.status != 409 || a.str("reason") != "answered_since" || !strings.Contains(a.str("detail"), "Ben") {
		t.Errorf("%d %s", a.status, a.raw)
	}
	stale["anyway"] = true
	ada.must(200, "POST", at+"/replies", stale)
}

func TestAMacro(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	ben := ada.colleague("Ben")
	conv := h.receive("anna", 1, "Hello")
	at := "/conversations/" + string(conv)
	bill := ada.tag("Bill")
	ada.must(200, "POST", at+"/together", map[string]any{
		"reply": map[string]any{"message_id": "r1", "text": "We look into it."},
		"note":  map[string]any{"message_id": "n1", "text": "For Ben", "mentions": []any{ben.agent}},
		"actions": []any{
			map[string]any{"kind": "tags", "add": []any{bill}}, map[string]any{"kind": "assign", "agent": ben.agent},
			map[string]any{"kind": "priority", "priority": "high"}, map[string]any{"kind": "status", "status": "waiting_on_us"},
		},
	})
	got := ada.read(conv)
	if got.str("ticket", "owner", "id") != ben.agent || got.str("ticket", "priority") != "high" || got.str("ticket", "status") != "waiting_on_us" ||
		got.str("ticket", "tags", 0) != bill || got.str("ticket", "mentioned", 0) != ben.agent {
		t.Errorf("ticket: %s", got.raw)
	}
	if a := ada.do("POST", at+"/together", map[string]any{"reply": map[string]any{"message_id": "r2", "text": "t"}, "actions": []any{map[string]any{"kind": "assign", "agent": "ag_none"}}}); a.status != 422 {
		t.Errorf("%d %s", a.status, a.raw)
	}
	if again := ada.read(conv); again.num("version") != got.num("version") {
		t.Errorf("a refused macro left %v", lines(again))
	}
}

// What a macro did goes back with its reply, but for what somebody changed since; what the reply itself did is no part of it.
func TestAMacroIsTakenBack(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status     string // that the macro sets
		between    func(ada *browser, at string)
		outcomes   []string // of status, priority, owner, tags: the last action first
		want       map[string]string
		tags, took int
	}{
		"all of it":                    {"closed", nil, []string{"done", "done", "done", "done"}, map[string]string{"status": "new", "priority": "normal"}, 0, 4},
		"the reply took its part back": {"waiting_on_contact", nil, []string{"unchanged", "done", "done", "done"}, map[string]string{"status": "new", "priority": "normal"}, 0, 4},
		"a colleague was there": {"closed", func(ada *browser, at string) {
			ada.must(200, "PUT", at+"/priority", map[string]any{"priority": "urgent"})
		}, []string{"done", "refused", "done", "done"}, map[string]string{"status": "new", "priority": "urgent"}, 0, 4},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := open(t)
			ada := h.admin()
			ben := ada.colleague("Ben")
			conv := h.receive("anna", 1, "Hello")
			at := "/conversations/" + string(conv)
			bill := ada.tag("Bill")
			did := ada.must(200, "POST", at+"/together", map[string]any{
				"reply": map[string]any{"message_id": "r1", "text": "We look into it.", "undo_seconds": 60},
				"actions": []any{
					map[string]any{"kind": "tags", "add": []any{bill}}, map[string]any{"kind": "assign", "agent": ben.agent},
					map[string]any{"kind": "priority", "priority": "high"}, map[string]any{"kind": "status", "status": test.status},
				},
			})
			if did.len("undo") != test.took {
				t.Fatalf("what takes it back: %s", did.raw)
			}
			ada.must(200, "DELETE", at+"/replies/r1", nil)
			if test.between != nil {
				test.between(ada, at)
			}
			back := ada.must(200, "POST", "/tickets/bulk/undo", map[string]any{"undo": did.get("undo")})
			for i, want := range test.outcomes {
				if got := back.str("results", i, "outcome"); got != want {
					t.Errorf("result %d: %s, want %s: %s", i, got, want, back.raw)
				}
			}
			got := ada.read(conv)
			for field, want := range test.want {
				if is := got.str("ticket", field); is != want {
					t.Errorf("%s is %q, want %q", field, is, want)
				}
			}
			if owner := got.get("ticket", "owner"); owner != nil {
				t.Errorf("the owner is %v, want nobody", owner)
			}
			if got.get("ticket", "waiting_since") == nil {
				t.Error("the customer, who has no answer, waits no more")
			}
			if got.len("ticket", "tags") != test.tags {
				t.Errorf("tags: %s", got.raw)
			}
		})
	}
}

// A ticket that was closed by mistake and is opened again waits since its customer wrote, not since nobody waits.
func TestClosedByMistake(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	conv := h.receive("anna", 1, "Hello")
	at := "/conversations/" + string(conv)
	since := ada.read(conv).str("ticket", "waiting_since")
	ada.must(200, "PUT", at+"/status", map[string]any{"status": "closed"})
	if got := ada.read(conv).get("ticket", "waiting_since"); got != nil {
		t.Errorf("closed, it waits since %v", got)
	}
	ada.must(200, "PUT", at+"/status", map[string]any{"status": "waiting_on_us"})
	if got := ada.read(conv).str("ticket", "waiting_since"); got != since {
		t.Errorf("it waits since %q, want %q", got, since)
	}
	ada.must(200, "POST", at+"/replies", map[string]any{"message_id": "r1", "text": "Here you are", "close": true})
	ada.must(200, "PUT", at+"/status", map[string]any{"status": "waiting_on_us"})
	if got := ada.read(conv).get("ticket", "waiting_since"); got != nil {
		t.Errorf("answered, it waits since %v", got)
	}
}

// Who waits in a ticket that is merged into a closed one is seen: that one is opened again, and closed again with the undo.
func TestAMergeLosesNobodyWhoWaits(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	first, second := h.receive("anna", 1, "Hello"), h.receive("bert", 1, "Hello again")
	at := "/conversations/" + string(second)
	ada.must(200, "POST", "/conversations/"+string(first)+"/replies", map[string]any{"message_id": "r1", "text": "Done", "close": true})
	since := ada.read(second).str("ticket", "waiting_since")
	ada.must(200, "POST", at+"/merge", map[string]any{"into": string(first)})
	if got := ada.read(first); got.str("ticket", "status") != "waiting_on_us" || got.get("ticket", "waiting_since") != since {
		t.Errorf("after the merge: %s, waiting since %v; want since %s", got.str("ticket", "status"), got.get("ticket", "waiting_since"), since)
	}
	ada.must(200, "DELETE", at+"/merge", nil)
	if got := ada.read(first); got.str("ticket", "status") != "closed" || got.get("ticket", "waiting_since") != nil {
		t.Errorf("after the undo: %s, waiting since %v", got.str("ticket", "status"), got.get("ticket", "waiting_since"))
	}
	if got := ada.read(second).get("ticket", "waiting_since"); got != since {
		t.Errorf("the other one waits since %v, want %s", got, since)
	}
	ada.must(200, "POST", at+"/merge", map[string]any{"into": string(first)})
	ada.must(200, "PUT", "/conversations/"+string(first)+"/status", map[string]any{"status": "waiting_on_contact"})
	ada.must(200, "DELETE", at+"/merge", nil)
	if got := ada.read(first).str("ticket", "status"); got != "waiting_on_contact" {
		t.Errorf("the undo took a colleague's decision back: %s", got)
	}
}

// A macro that changes nothing leaves nothing to take back.
func TestAMacroThatChangesNothing(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	at := "/conversations/" + string(h.receive("anna", 1, "Hello"))
	did := ada.must(200, "POST", at+"/together", map[string]any{"actions": []any{map[string]any{"kind": "priority", "priority": "normal"}}})
	if did.len("undo") != 0 {
		t.Errorf("%s", did.raw)
	}
}

// What failed is tried again, and nobody sees it as undelivered then.
func TestARetryOverREST(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	conv := h.receive("anna", 1, "Hello")
	at := "/conversations/" + string(conv)
	ada.must(200, "POST", at+"/replies", map[string]any{"message_id": "r1", "text": "t"})
	h.command(conv.Stream(), &deskpb.StartDelivery{Message: "r1"})
	h.command(conv.Stream(), &deskpb.SettleDelivery{Message: "r1", Attempt: 1, State: deskpb.DeliveryState_DELIVERY_STATE_FAILED, Reason: "no"})
	ada.must(200, "POST", at+"/replies/r1/retry?attempts=1", nil)
	got := ada.read(conv)
	for i := range got.len("timeline") {
		if got.str("timeline", i, "id") == "r1" && got.str("timeline", i, "delivery", "state") != "queued" {
			t.Errorf("%s", got.raw)
		}
	}
	if got.num("ticket", "undelivered") != 0 {
		t.Errorf("%s", got.raw)
	}
}
