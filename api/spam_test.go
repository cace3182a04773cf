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

// Administrators keep the rules of spam; supervisors read them; whoever says that a ticket is no spam may allow its contact, which
// takes the address out of the other list and ends a block.
func TestSpamRules(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	ben := ada.colleague("Ben")
	if r := ada.must(200, "GET", "/spam-rules", nil); r.len("allow") != 0 || r.len("deny") != 0 || r.get("believe_servers") != false {
		t.Errorf("at first: %s", r.raw)
	}
	ben.must(403, "GET", "/spam-rules", nil)
	ben.must(403, "PUT", "/spam-rules", m{"allow": []any{}, "deny": []any{}, "believe_servers": true})
	if r := ada.must(422, "PUT", "/spam-rules", m{"allow": []any{"not an address"}, "deny": []any{}, "believe_servers": true}); r.str("errors", 0, "location") != "body.allow" {
		t.Errorf("a fault: %s", r.raw)
	}
	if r := ada.must(200, "PUT", "/spam-rules", m{"allow": []any{}, "deny": []any{"@Shop.test", "anna@customer.example"}, "believe_servers": true}); r.str("deny", 0) != "anna@customer.example" || r.str("deny", 1) != "shop.test" {
		t.Errorf("kept: %s", r.raw)
	}

	if r := ada.must(200, "GET", "/spam-rules", nil); r.num("keep_days") != 0 {
		t.Errorf("days of an engine that was told none: %s", r.raw)
	}
	if r := ada.must(422, "PUT", "/spam-rules", m{"allow": []any{}, "deny": []any{}, "believe_servers": true, "keep_days": 3651}); r.str("errors", 0, "location") != "body.keep_days" {
		t.Errorf("a fault: %s", r.raw)
	}
	ada.must(200, "PUT", "/spam-rules", m{"allow": []any{}, "deny": []any{"shop.test", "anna@customer.example"}, "believe_servers": true, "keep_days": 30})
	if r := ada.must(200, "PUT", "/spam-rules", m{"allow": []any{}, "deny": []any{"shop.test", "anna@customer.example"}, "believe_servers": true}); r.num("keep_days") != 30 {
		t.Errorf("days that were left out: %s", r.raw)
	}

	conv := h.receive("anna", 1, "Buy this!")
	contact := desk.ContactID(ben.read(conv).str("contact", "id"))
	ben.must(200, "PUT", "/contacts/"+string(contact)+"/blocked", m{"blocked": true})
	if a := ben.must(200, "POST", "/conversations/"+string(conv)+"/allow-sender", m{}); a.str("allowed") != "anna@customer.example" {
		t.Errorf("allowed: %s", a.raw)
	}
	if r := ada.must(200, "GET", "/spam-rules", nil); r.len("allow") != 1 || r.str("allow", 0) != "anna@customer.example" || r.len("deny") != 1 || r.get("believe_servers") != true {
		t.Errorf("after it: %s", r.raw)
	}
	if r := ada.must(200, "GET", "/spam-rules", nil); r.num("keep_days") != 30 {
		t.Errorf("days after it: %s", r.raw)
	}
	if got := ben.read(conv); got.get("ticket", "spam") != false || got.get("contact", "blocked") != false {
		t.Errorf("the ticket: %s", got.raw)
	}
	ben.must(404, "POST", "/conversations/cv_none/allow-sender", m{})
}

// What was purged is not there for anybody, over HTTP, in lists, by number and on screens that show it; screens that come back are told, too.
func TestAPurgedTicketIsGone(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	ben := ada.limited("Ben", "own")
	conv := h.receive("anna", 1, "Buy this quokka!")
	h.assign(conv, ben.agent)
	h.command(conv.Stream(), &deskpb.MarkSpam{})
	read := ada.read(conv)
	number, contact := read.num("ticket", "number"), read.str("contact", "id")
	var screens []*screen
	for _, b := range []*browser{ada, ben} {
		s := b.screen().hello()
		s.sync(string(conv))
		screens = append(screens, s)
	}
	away := ada.screen().hello()
	away.sync(string(conv))
	away.cut()

	h.command(conv.Stream(), &deskpb.PurgeConversation{Version: screens[0].tickets[string(conv)].GetVersion()})
	for _, s := range screens {
		s.untilIt("told that it is gone", func() bool { return slices.Contains(s.gone, string(conv)) })
	}
	back := ada.screen()
	back.epoch, back.position = away.epoch, away.position
	back.hello()
	back.subscribe(string(conv))
	back.untilIt("told that it is gone", func() bool { return slices.Contains(back.gone, string(conv)) })
	if said := strings.Join(back.heard, ""); strings.Contains(said, "quokka") {
		t.Errorf("a screen that comes back is told %s", said)
	}
	for _, b := range []*browser{ada, ben} {
		for _, path := range []string{"/conversations/" + string(conv), fmt.Sprintf("/tickets/number/%.0f", number)} {
			b.must(404, "GET", path, nil)
		}
		if list := b.must(200, "GET", `/tickets?filter={"spam":true}`, nil); list.len("tickets") != 0 {
			t.Errorf("the list of spam: %s", list.raw)
		}
	}
	if got := ada.must(200, "GET", "/contacts/"+contact, nil); strings.Contains(got.raw, "quokka") {
		t.Errorf("the contact: %s", got.raw)
	}
	ada.must(404, "POST", "/conversations/"+string(conv)+"/notes", m{"message_id": "n1", "text": "x"})
	h.receive("anna", 2, "A person after all")
	if got := ada.read(conv); strings.Contains(got.raw, "quokka") || got.num("ticket", "number") == number {
		t.Errorf("opened again: %s", got.raw)
	}
}

// Why less is done for a message is said with it, and that automatic answers to a contact are off, until they are allowed again.
func TestHandlingAndStoppedAnswers(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	ben := ada.limited("Ben", "own")
	conv := h.receive("anna", 1, "I am a person")
	contact := desk.ContactIDFor(1, "anna@customer.example")
	h.command(conv.Stream(), &deskpb.ReceiveMessage{Message: &deskpb.MessageReceived{
		Message: "ms_away", Channel: "ch_mail", ExternalId: "away", Contact: string(contact), Body: &deskpb.Body{Text: "I am away"},
		Automatic: desk.AutomaticReply, Handling: desk.HandlingOf(desk.AutomaticReply, false),
	}})
	said := map[string]string{}
	for _, i := range ada.read(conv).get("timeline").([]any) {
		said[i.(map[string]any)["id"].(string)] = i.(map[string]any)["handling"].(string)
	}
	if said["ms_away"] != "auto_reply" || len(said) < 2 {
		t.Errorf("handled as %v", said)
	}
	if c := ada.read(conv); c.get("contact", "answers_stopped_until") != nil {
		t.Errorf("at first: %s", c.raw)
	}
	h.command(contact.Stream(), &deskpb.StopAutomaticAnswers{Cause: desk.StoppedByFlood})
	if c := ada.read(conv); c.str("contact", "answers_stopped_cause") != "flood" || c.get("contact", "answers_stopped_until") == nil {
		t.Errorf("stopped: %s", c.raw)
	}
	path := "/contacts/" + string(contact) + "/allow-answers"
	ben.must(404, "POST", path, m{})
	ada.must(404, "POST", "/contacts/ct_none/allow-answers", m{})
	for range 2 {
		ada.must(204, "POST", path, m{})
	}
	if c := ada.read(conv); c.get("contact", "answers_stopped_until") != nil || c.str("contact", "answers_stopped_cause") != "" {
		t.Errorf("allowed: %s", c.raw)
	}
	if a := ada.must(200, "GET", "/audit?noun=contact", nil); a.len("entries") != 2 || a.str("entries", 0, "kind") != "automatic_answers_allowed" {
		t.Errorf("the audit: %s", a.raw)
	}
}

// Of a ticket whose messages are held back one reads until when and why, and any agent lets it go on.
func TestWhatIsHeldBack(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	conv := h.receive("anna", 1, "Hello")
	until := time.Now().Add(time.Hour).UTC().Truncate(time.Second)
	h.command(conv.Stream(), &deskpb.ReceiveMessage{HeldUntilMs: until.UnixMilli(), HeldLimit: desk.PaceOfSender, HeldOf: "anna@customer.example", Message: &deskpb.MessageReceived{
		Message: "ms_2", Channel: "ch_mail", ExternalId: "2", Contact: string(desk.ContactIDFor(1, "anna@customer.example")), Body: &deskpb.Body{Text: "Hello?"},
	}})
	lines := func() (all []string) {
		got := ada.read(conv)
		for i := range got.len("timeline") {
			if got.str("timeline", i, "kind") == "activity" {
				all = append(all, got.str("timeline", i, "activity", "code")+" "+got.str("timeline", i, "activity", "cause"))
			}
		}
		return all
	}
	if got := ada.read(conv); got.get("ticket", "held_until") != until.Format("2006-01-02T15:04:05.000Z") || !slices.Contains(lines(), "held sender") || got.str("ticket", "held_by", "limit") != "sender" {
		t.Errorf("held back: %v, %s", lines(), got.raw)
	}
	ada.must(404, "DELETE", "/conversations/cv_none/hold", nil)
	for range 2 {
		ada.must(200, "DELETE", "/conversations/"+string(conv)+"/hold", nil)
	}
	if got := ada.read(conv); got.get("ticket", "held_until") != nil || !slices.Contains(lines(), "released by_hand") {
		t.Errorf("let go: %v, %s", lines(), got.raw)
	}
}
