package api_test

import (
	"testing"

	"github.com/centralita/centralita/desk"
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

	conv := h.receive("anna", 1, "Buy this!")
	contact := desk.ContactID(ben.read(conv).str("contact", "id"))
	ben.must(200, "PUT", "/contacts/"+string(contact)+"/blocked", m{"blocked": true})
	if a := ben.must(200, "POST", "/conversations/"+string(conv)+"/allow-sender", m{}); a.str("allowed") != "anna@customer.example" {
		t.Errorf("allowed: %s", a.raw)
	}
	if r := ada.must(200, "GET", "/spam-rules", nil); r.len("allow") != 1 || r.str("allow", 0) != "anna@customer.example" || r.len("deny") != 1 || r.get("believe_servers") != true {
		t.Errorf("after it: %s", r.raw)
	}
	if got := ben.read(conv); got.get("ticket", "spam") != false || got.get("contact", "blocked") != false {
		t.Errorf("the ticket: %s", got.raw)
	}
	ben.must(404, "POST", "/conversations/cv_none/allow-sender", m{})
}
