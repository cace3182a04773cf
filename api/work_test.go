package api_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// lines gives the kinds of a timeline's items, of activities their codes.
func lines(got answer) []string {
	var out []string
	for i := range got.len("timeline") {
		k := got.str("timeline", i, "kind")
		if k == "activity" {
			k = got.str("timeline", i, "activity", "code")
		}
		out = append(out, k)
	}
	return out
}

// said gives the texts of a timeline's messages, those of another conversation with its number.
func said(got answer) []string {
	var out []string
	for i := range got.len("timeline") {
		if got.str("timeline", i, "kind") == "activity" {
			continue
		}
		text := got.str("timeline", i, "body", "text")
		if got.get("timeline", i, "origin") != nil {
			text = fmt.Sprintf("#%.0f %s", got.num("timeline", i, "origin", "number"), text)
		}
		out = append(out, text)
	}
	return out
}

func (b *browser) read(conv desk.ConversationID) answer {
	b.t.Helper()
	return b.must(200, "GET", "/conversations/"+string(conv), nil)
}

func TestTheWorkOnATicket(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	ben := ada.colleague("Ben")
	conv := h.receive("anna", 1, "My bill is wrong.")
	at := "/conversations/" + string(conv)
	team := ada.must(201, "POST", "/teams", map[string]any{"name": "Billing", "members": []any{map[string]any{"agent": ben.agent, "main": true}}}).str("team", "id")

	bill, late := ada.tag("Bill"), ada.tag("Late")
	ben.must(200, "POST", at+"/tags", map[string]any{"add": []any{bill, late}})
	ben.must(200, "POST", at+"/tags", map[string]any{"remove": []any{late}})
	ben.must(422, "POST", at+"/tags", map[string]any{"add": []any{"tg_none"}})
	ben.must(200, "PUT", at+"/team", map[string]any{"team": team})
	ben.must(200, "PUT", at+"/followers/"+ada.agent, nil)
	ben.must(200, "POST", at+"/notes", map[string]any{"message_id": "nt_1", "text": "Look, Ada.", "mentions": []any{ada.agent, ada.agent}})
	got := ben.read(conv)
	if got.str("ticket", "tags", 0) != bill || got.len("ticket", "tags") != 1 || got.str("ticket", "team") != team ||
		got.str("ticket", "followers", 0) != ada.agent || got.str("ticket", "mentioned", 0) != ada.agent || got.len("ticket", "mentioned") != 1 {
		t.Errorf("ticket: %s", got.raw)
	}
	ada.must(200, "DELETE", at+"/mention", nil)
	ben.must(200, "DELETE", at+"/followers/"+ada.agent, nil)
	until := time.Now().Add(time.Hour).UTC().Truncate(time.Second)
	ben.must(200, "PUT", at+"/snooze", map[string]any{"until": until.Format(time.RFC3339)})
	if list := ben.must(200, "GET", "/tickets?view=open", nil); list.len("tickets") != 0 {
		t.Errorf("a snoozed ticket is open: %s", list.raw)
	}
	ben.must(200, "DELETE", at+"/snooze", nil)
	ben.must(200, "PUT", at+"/spam", map[string]any{"spam": true})
	if list := ben.must(200, "GET", "/tickets?view=spam", nil); list.len("tickets") != 1 {
		t.Errorf("spam: %s", list.raw)
	}
	ben.must(200, "PUT", at+"/spam", map[string]any{"spam": false})
	got = ben.read(conv)
	want := "opened inbound tags tags team followed note unfollowed snoozed woken spam not_spam"
	if s := strings.Join(lines(got), " "); s != want {
		t.Errorf("timeline %q, want %q", s, want)
	}
	if got.len("ticket", "mentioned") != 0 || got.get("ticket", "snoozed_until") != nil || got.get("ticket", "spam") != false {
		t.Errorf("ticket: %s", got.raw)
	}

	for path, body := range map[string]map[string]any{
		"/team":             {"team": "tm_none"},
		"/followers/nobody": {},
		"/snooze":           {"until": "2001-01-01T00:00:00Z"},
	} {
		ben.must(422, "PUT", at+path, body)
	}
	ben.must(422, "POST", at+"/notes", map[string]any{"message_id": "nt_2", "text": "x", "mentions": []any{"nobody"}})
}

func (b *browser) tag(name string) string {
	b.t.Helper()
	return b.must(201, "POST", "/tags", map[string]any{"name": name, "colour": "red"}).str("item", "id")
}

// A stage sets the status with it, a property takes what its kind does, and what is needed to close is named.
func TestStagesAndProperties(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	conv := h.receive("anna", 1, "My bill is wrong.")
	at := "/conversations/" + string(conv)
	pipeline := ada.must(201, "POST", "/pipelines", map[string]any{"name": "Repairs", "default": true, "stages": []any{
		map[string]any{"id": "in", "name": "Arrived", "status": "new"}, map[string]any{"id": "shop", "name": "In the workshop", "status": "waiting_on_us"},
		map[string]any{"id": "asked", "name": "Asked", "status": "waiting_on_contact"}, map[string]any{"id": "sent", "name": "Sent back", "status": "closed"},
	}}).str("item", "id")
	serial := ada.must(201, "POST", "/properties", map[string]any{"name": "serial", "label": "Serial number", "of": "ticket", "kind": "number", "required_to_close": true}).str("item", "id")
	vat := ada.must(201, "POST", "/properties", map[string]any{"name": "vat", "label": "VAT", "of": "contact", "kind": "text"}).str("item", "id")

	ada.must(200, "PUT", at+"/stage", map[string]any{"stage": "shop"})
	got := ada.read(conv)
	if got.str("ticket", "stage") != "shop" || got.str("ticket", "status") != "waiting_on_us" {
		t.Errorf("stage: %s", got.raw)
	}
	ada.must(422, "PUT", at+"/stage", map[string]any{"pipeline": pipeline, "stage": "none"})
	ada.must(422, "PUT", at+"/properties/"+serial, map[string]any{"value": "abc"})
	ada.must(422, "PUT", at+"/properties/"+vat, map[string]any{"value": "x"})
	for _, closing := range []answer{
		ada.must(409, "PUT", at+"/status", map[string]any{"status": "closed"}),
		ada.must(409, "PUT", at+"/stage", map[string]any{"pipeline": pipeline, "stage": "sent"}),
		ada.must(409, "POST", at+"/replies", map[string]any{"message_id": "ms_1", "text": "x", "close": true}),
	} {
		if !strings.Contains(closing.str("detail"), "Serial number") {
			t.Errorf("what is missing: %s", closing.raw)
		}
	}
	ada.must(200, "PUT", at+"/properties/"+serial, map[string]any{"value": "42"})
	ada.must(200, "PUT", at+"/stage", map[string]any{"pipeline": pipeline, "stage": "sent"})
	if got := ada.read(conv); got.str("ticket", "status") != "closed" || got.str("ticket", "properties", serial) != "42" {
		t.Errorf("closed: %s", got.raw)
	}
	contact := got.str("contact", "id")
	ada.must(200, "PUT", "/contacts/"+contact+"/properties/"+vat, map[string]any{"value": "ES1"})
	ada.must(422, "PUT", "/contacts/"+contact+"/properties/"+serial, map[string]any{"value": "1"})
	if got := ada.read(conv); got.str("contact", "properties", vat) != "ES1" {
		t.Errorf("contact: %s", got.raw)
	}
}

func TestBlockingASender(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	first, second := h.receive("mallory", 1, "Buy."), h.receive("mallory2", 1, "Buy.")
	contact := ada.read(first).str("contact", "id")
	h.command(second.Stream(), &deskpb.SetTicketStatus{Status: deskpb.TicketStatus_TICKET_STATUS_CLOSED})
	if got := ada.must(200, "PUT", "/contacts/"+contact+"/blocked", map[string]any{"blocked": true}); got.num("tickets") != 1 {
		t.Errorf("set aside: %s", got.raw)
	}
	got := ada.read(first)
	if got.get("ticket", "spam") != true || got.get("contact", "blocked") != true {
		t.Errorf("blocked: %s", got.raw)
	}
	if got := ada.must(200, "PUT", "/contacts/"+contact+"/blocked", map[string]any{"blocked": false}); got.num("tickets") != 1 || ada.read(first).get("ticket", "spam") != false {
		t.Errorf("restored: %s", got.raw)
	}
}

func TestMergeAndUndo(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	a, b := h.receive("anna", 1, "first"), h.receive("anna-again", 1, "second")
	h.receive("anna", 2, "third")
	c := h.receive("carl", 1, "else")
	into := map[string]any{"into": string(b)}
	if got := ada.must(200, "GET", "/conversations/"+string(a)+"/merge?q=2", nil); got.len("tickets") != 1 || got.str("tickets", 0, "id") != string(b) {
		t.Errorf("by number: %s", got.raw)
	}
	if got := ada.must(200, "GET", "/conversations/"+string(a)+"/merge?q=carl", nil); got.len("tickets") != 1 || got.str("tickets", 0, "id") != string(c) {
		t.Errorf("by words: %s", got.raw)
	}
	if got := ada.must(200, "POST", "/conversations/"+string(a)+"/merge", into); got.str("ticket", "id") != string(b) {
		t.Errorf("merged: %s", got.raw)
	}
	ada.must(200, "POST", "/conversations/"+string(a)+"/merge", into) // asked again
	got := ada.read(b)
	if s := strings.Join(said(got), ", "); s != "#1 first, second, #1 third" {
		t.Errorf("both: %s", s)
	}
	if s := strings.Join(lines(got), " "); strings.Count(s, "took_in") != 1 {
		t.Errorf("lines: %s", s)
	}
	if from := ada.read(a); from.str("ticket", "merged_into") != string(b) || !slices.Contains(lines(from), "merged") {
		t.Errorf("from: %s", from.raw)
	}
	if list := ada.must(200, "GET", "/tickets?view=open", nil); list.len("tickets") != 2 {
		t.Errorf("open: %s", list.raw)
	}
	ada.must(409, "POST", "/conversations/"+string(a)+"/notes", map[string]any{"message_id": "nt_1", "text": "x"})
	ada.must(422, "POST", "/conversations/"+string(b)+"/merge", map[string]any{"into": string(a)}) // which is shown in it
	ada.must(200, "POST", "/conversations/"+string(b)+"/merge", map[string]any{"into": string(c)})
	if s := strings.Join(said(ada.read(c)), ", "); s != "#1 first, #2 second, #1 third, else" {
		t.Errorf("all: %s", s)
	}
	ada.must(200, "DELETE", "/conversations/"+string(b)+"/merge", nil)
	ada.must(200, "DELETE", "/conversations/"+string(a)+"/merge", nil)
	ada.must(200, "DELETE", "/conversations/"+string(a)+"/merge", nil)
	for conv, want := range map[desk.ConversationID]string{a: "first, third", b: "second", c: "else"} {
		if s := strings.Join(said(ada.read(conv)), ", "); s != want {
			t.Errorf("after undoing: %s, want %s", s, want)
		}
	}
}

func TestSplit(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	conv := h.receive("anna", 1, "first")
	h.receive("anna", 2, "another matter")
	ada.must(200, "POST", "/conversations/"+string(conv)+"/notes", map[string]any{"message_id": "nt_1", "text": "a note"})
	second := ada.read(conv).str("timeline", 2, "id")
	if got := ada.must(422, "POST", "/conversations/"+string(conv)+"/split", map[string]any{"messages": []any{second, "ms_none"}}); got.str("errors", 0, "location") != "body.messages[1]" || !strings.Contains(got.str("detail"), "ms_none") {
		t.Errorf("a message that is not there: %s", got.raw)
	}
	body := map[string]any{"messages": []any{second, "nt_1"}, "subject": "Another matter"}
	got := ada.must(201, "POST", "/conversations/"+string(conv)+"/split", body)
	fresh := desk.ConversationID(got.str("ticket", "id"))
	if got.str("ticket", "subject") != "Another matter" || got.str("ticket", "source") != "split" || got.num("ticket", "number") != 2 {
		t.Errorf("new: %s", got.raw)
	}
	if again := ada.must(201, "POST", "/conversations/"+string(conv)+"/split", body); again.str("ticket", "id") != string(fresh) {
		t.Errorf("again: %s", again.raw)
	}
	if s := strings.Join(said(ada.read(conv)), ", "); s != "first" {
		t.Errorf("what stays: %s", s)
	}
	if s := strings.Join(said(ada.read(fresh)), ", "); s != "#1 another matter, #1 a note" {
		t.Errorf("what went: %s", s)
	}
	ada.must(409, "POST", "/conversations/"+string(conv)+"/split", map[string]any{"messages": []any{second}})
	ada.must(200, "POST", "/conversations/"+string(fresh)+"/merge", map[string]any{"into": string(conv)})
	if s := strings.Join(said(ada.read(conv)), ", "); s != "first, #2 another matter, #2 a note" {
		t.Errorf("merged back: %s", s)
	}
}

func TestBulk(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	ben := ada.colleague("Ben")
	var ids []any
	for i := range 40 {
		ids = append(ids, string(h.receive(fmt.Sprintf("c%d", i), 1, "hello")))
	}
	closing := map[string]any{"kind": "status", "status": "closed"}
	got := ada.must(200, "POST", "/tickets/bulk", map[string]any{"ids": append(ids, "cv_none", ids[0]), "action": closing})
	var undo []any
	outcomes := map[string]int{}
	for i := range got.len("results") {
		outcomes[got.str("results", i, "outcome")]++
		if u := got.get("results", i, "undo"); u != nil {
			undo = append(undo, u)
		}
	}
	if outcomes["done"] != 40 || outcomes["refused"] != 1 || outcomes["unchanged"] != 1 || len(undo) != 40 {
		t.Fatalf("%v", outcomes)
	}
	ben.must(200, "PUT", "/conversations/"+ids[3].(string)+"/status", map[string]any{"status": "waiting_on_us"})
	got = ada.must(200, "POST", "/tickets/bulk/undo", map[string]any{"undo": undo})
	outcomes = map[string]int{}
	for i := range got.len("results") {
		outcomes[got.str("results", i, "outcome")]++
	}
	if outcomes["done"] != 39 || outcomes["refused"] != 1 {
		t.Errorf("undone: %v", outcomes)
	}
	if list := ada.must(200, "GET", "/tickets/counts", nil); list.num("open") != 40 {
		t.Errorf("counts: %s", list.raw)
	}
	for _, action := range []map[string]any{
		{"kind": "assign", "agent": ben.agent}, {"kind": "priority", "priority": "high"}, {"kind": "tags", "add": []any{ada.tag("A")}},
		{"kind": "snooze"}, {"kind": "unsnooze"}, {"kind": "spam"}, {"kind": "not_spam"}, {"kind": "follow"}, {"kind": "unfollow"},
	} {
		before := ada.read(desk.ConversationID(ids[0].(string)))
		got := ada.must(200, "POST", "/tickets/bulk", map[string]any{"ids": ids[:1], "action": action})
		if got.str("results", 0, "outcome") != "done" {
			t.Errorf("%v: %s", action, got.raw)
			continue
		}
		if action["kind"] == "snooze" || action["kind"] == "spam" || action["kind"] == "follow" {
			continue // the next one takes it back
		}
		back := ada.must(200, "POST", "/tickets/bulk/undo", map[string]any{"undo": []any{got.get("results", 0, "undo")}})
		after := ada.read(desk.ConversationID(ids[0].(string)))
		for _, field := range []string{"status", "priority", "owner", "tags", "snoozed_until", "spam", "followers"} {
			if was, is := fmt.Sprint(before.get("ticket", field)), fmt.Sprint(after.get("ticket", field)); was != is {
				t.Errorf("%v undone (%s): %s was %s, is %s", action, back.raw, field, was, is)
			}
		}
		if action["kind"] == "unsnooze" || action["kind"] == "not_spam" || action["kind"] == "unfollow" {
			ada.must(200, "POST", "/tickets/bulk", map[string]any{"ids": ids[:1], "action": action})
		}
	}
	ada.must(422, "POST", "/tickets/bulk", map[string]any{"ids": []any{}, "action": closing})
	ada.must(422, "POST", "/tickets/bulk", map[string]any{"ids": make([]string, 501), "action": closing})
}

func TestATicketMadeByHand(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	ben := ada.colleague("Ben")
	mail := ada.must(201, "POST", "/channels", map[string]any{"kind": "email", "name": "Support", "config": map[string]any{"address": "help@example.com", "host": "mail.example.com"}}).str("channel", "id")
	body := map[string]any{
		"request_id": "rq_1", "channel": mail, "contact": map[string]any{"email": "New.Person@Example.com", "name": "New Person"}, "subject": " About  your order ",
		"priority": "high", "tags": []any{ada.tag("VIP")}, "message": map[string]any{
			"kind": "reply", "message_id": "ms_1", "text": "Dear New Person", "cc": []any{map[string]any{"address": "boss@example.com"}}, "bcc": []any{map[string]any{"address": "archive@example.com"}},
		},
	}
	got := ada.must(201, "POST", "/tickets", body)
	conv := desk.ConversationID(got.str("ticket", "id"))
	if again := ada.must(201, "POST", "/tickets", body); again.str("ticket", "id") != string(conv) || again.num("ticket", "version") != got.num("ticket", "version") {
		t.Errorf("again: %s", again.raw)
	}
	if got.str("ticket", "subject") != "About your order" || got.str("ticket", "owner", "id") != ada.agent || got.str("ticket", "priority") != "high" ||
		got.str("ticket", "source") != "by_hand" || got.str("ticket", "contact", "name") != "New Person" || got.str("ticket", "status") != "waiting_on_contact" {
		t.Errorf("ticket: %s", got.raw)
	}
	read := ada.read(conv)
	last := read.len("timeline") - 2
	if read.str("timeline", last, "subject") != "About your order" || read.str("timeline", last, "to", 0, "address") != "new.person@example.com" ||
		read.str("timeline", last, "cc", 0, "address") != "boss@example.com" || read.str("timeline", last, "bcc", 0, "address") != "archive@example.com" {
		t.Errorf("the mail: %s", read.raw)
	}
	call := map[string]any{
		"request_id": "rq_2", "channel": mail, "contact": map[string]any{"phone": "+34 600 00 00 01"}, "subject": "A call", "owner": ben.agent,
		"message": map[string]any{"kind": "note", "message_id": "nt_1", "text": "He called."},
	}
	if got := ada.must(201, "POST", "/tickets", call); got.str("ticket", "owner", "id") != ben.agent || got.str("ticket", "contact", "name") != "+34600000001" {
		t.Errorf("by phone: %s", got.raw)
	}
	call["request_id"], call["message"] = "rq_3", map[string]any{"kind": "reply", "message_id": "ms_2", "text": "x"}
	ada.must(422, "POST", "/tickets", call)
	call["contact"] = map[string]any{"phone": "600"}
	ada.must(422, "POST", "/tickets", call)
}

// What is refused leaves nothing: no ticket, and no contact either.
func TestATicketMadeByHandIsAllOrNothing(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	mail := ada.must(201, "POST", "/channels", map[string]any{"kind": "email", "name": "Support", "config": map[string]any{"address": "help@example.com", "host": "mail.example.com"}}).str("channel", "id")
	ask := func(message map[string]any) map[string]any {
		return map[string]any{"request_id": "rq_1", "channel": mail, "contact": map[string]any{"email": "new@example.com", "name": "New"}, "subject": "An order", "message": message}
	}
	file := []any{map[string]any{"blob": strings.Repeat("c", 64), "name": "a.txt", "media_type": "text/plain", "size": 1}}
	for name, c := range map[string]struct {
		message map[string]any
		where   string
	}{
		"a mail without words": {map[string]any{"kind": "reply", "message_id": "m1"}, "body.message.text"},
		"a note without words": {map[string]any{"kind": "note", "message_id": "m1", "text": "  "}, "body.message.text"},
		"no such file":         {map[string]any{"kind": "reply", "message_id": "m1", "text": "see", "attachments": file}, "body.message.attachments[0].blob"},
		"NUL":                  {map[string]any{"kind": "note", "message_id": "m1", "text": "a\x00b"}, "body.message.text"},
	} {
		got := ada.must(422, "POST", "/tickets", ask(c.message))
		if got.str("errors", 0, "location") != c.where {
			t.Errorf("%s: %s", name, got.raw)
		}
		if list := ada.must(200, "GET", "/tickets?view=open", nil); list.len("tickets") != 0 {
			t.Errorf("%s leaves a ticket: %s", name, list.raw)
		}
		ada.must(404, "GET", "/contacts/"+string(desk.ContactIDFor(1, "new@example.com")), nil)
	}
	long := ask(nil)
	long["subject"] = strings.Repeat("é", 600)
	delete(long, "message")
	if got := ada.must(422, "POST", "/tickets", long); got.str("errors", 0, "location") != "body.subject" {
		t.Errorf("a long subject: %s", got.raw)
	}
	ada.must(404, "GET", "/contacts/"+string(desk.ContactIDFor(1, "new@example.com")), nil)
	// Mended, the same request is the ticket.
	got := ada.must(201, "POST", "/tickets", ask(map[string]any{"kind": "reply", "message_id": "m1", "text": "Hello"}))
	if got.num("ticket", "messages") != 1 || got.str("ticket", "contact", "name") != "New" {
		t.Errorf("mended: %s", got.raw)
	}
}
