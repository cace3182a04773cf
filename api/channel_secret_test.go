package api_test

import "testing"

// A secret for a chat's sites is made and shown once; later its end is all there is to see. Agents see nothing of it.
func TestChannelSecrets(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	at := "/channels/" + ada.must(201, "POST", "/channels", m{"kind": "email", "name": "Help", "config": m{"address": "help@example.com", "host": "mail"}}).str("channel", "id") + "/secrets"
	if got := ada.must(200, "POST", at, m{"keep_hours": 24}); got.str("secret") != "ids_made" {
		t.Errorf("made: %s", got.raw)
	}
	if len(h.engine.rotated) != 1 || h.engine.rotated[0] != at[len("/channels/"):len(at)-len("/secrets")]+" 24h0m0s" {
		t.Errorf("rotated %v", h.engine.rotated)
	}
	got := ada.must(200, "GET", at, nil)
	if got.str("secrets", 0, "ends") != "made" || got.str("secrets", 1, "until") != "1970-01-01T01:00:00Z" {
		t.Errorf("told: %s", got.raw)
	}
	ada.must(422, "POST", at, m{"keep_hours": 169})
	ada.must(404, "POST", "/channels/ch_nobody/secrets", m{})
	ben := ada.colleague("Ben")
	ben.must(403, "POST", at, m{})
	ben.must(403, "GET", at, nil)
}
