package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/internal/socket"
	"github.com/centralita/centralita/proto/deskpb"
)

func TestPreferences(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	if p := ada.must(200, "GET", "/me/preferences", nil); p.num("preferences", "undo_send_seconds") != 5 || p.get("preferences", "notifications", "quiet_when_away") != true {
		t.Errorf("the first ones: %s", p.raw)
	}
	p := ada.must(200, "PATCH", "/me/preferences", map[string]any{"language": "es", "signature": "Ada\r\nLamps & more\n\n", "shown_email": " HELP@example.com "})
	if p.str("preferences", "signature") != "Ada\nLamps & more" || p.str("preferences", "shown_email") != "help@example.com" || p.num("preferences", "undo_send_seconds") != 5 {
		t.Errorf("%s", p.raw)
	}
	if ada.must(200, "GET", "/agents", nil).str("agents", 0, "shown_email") != "help@example.com" {
		t.Error("colleagues see another address")
	}
	p = ada.must(200, "PATCH", "/me/preferences", map[string]any{"notifications": map[string]any{
		"desktop": true, "sound": false, "quiet_when_away": false, "muted": []string{"reply", "reply"}, "muted_tickets": []string{"cv_1"}, "muted_channels": []string{},
	}})
	if p.len("preferences", "notifications", "muted") != 1 || p.str("preferences", "language") != "es" {
		t.Errorf("%s", p.raw)
	}
	for field, body := range map[string]map[string]any{
		"language":           {"language": "tlh"},
		"theme":              {"theme": "pink"},
		"shown_email":        {"shown_email": "nobody"},
		"undo_send_seconds":  {"undo_send_seconds": 61},
		"signature":          {"signature": strings.Repeat("x", 4001)},
		"notifications.mute": {"notifications": map[string]any{"desktop": true, "sound": false, "quiet_when_away": false, "muted": []string{"everything"}, "muted_tickets": []string{}, "muted_channels": []string{}}},
	} {
		if a := ada.must(422, "PATCH", "/me/preferences", body); !strings.Contains(a.str("errors", 0, "location"), field) {
			t.Errorf("%s is refused at %s", field, a.raw)
		}
	}
	if got := ada.must(200, "PATCH", "/me", map[string]any{"name": "Ada Lovelace"}); got.str("agent", "name") != "Ada Lovelace" || got.str("agent", "role") != "administrator" {
		t.Errorf("%s", got.raw)
	}
}

// Nobody is shown with an address that is a colleague's or a channel's.
func TestAnAddressOfSomebodyElseIsNotShown(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	ben := ada.colleague("Ben")
	ada.must(201, "POST", "/channels", map[string]any{"kind": "email", "name": "Mail", "config": map[string]any{"address": "Help@example.com", "host": "h"}})
	ada.must(200, "PATCH", "/me/preferences", map[string]any{"shown_email": "the.boss@example.com"})
	show := func(address string) map[string]any { return map[string]any{"shown_email": address} }
	for _, address := range []string{"Ada@example.com", "the.boss@example.com", "help@EXAMPLE.com"} {
		if got := ben.must(422, "PATCH", "/me/preferences", show(address)); got.str("errors", 0, "location") != "body.shown_email" {
			t.Errorf("%s: %s", address, got.raw)
		}
	}
	for _, address := range []string{"ben@example.com", "ben.b@elsewhere.example", ""} {
		ben.must(200, "PATCH", "/me/preferences", show(address))
	}
	ada.must(200, "PATCH", "/me/preferences", show("the.boss@example.com")) // one's own again
}

func withAgent(name string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("User-Agent", name) }
}

func TestSessions(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	phone, laptop := h.browser(), h.browser()
	phone.must(200, "POST", "/session", signInBody(""), withAgent("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1"))
	laptop.must(200, "POST", "/session", signInBody(""), withAgent("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36 Edg/140.0"))
	list := ada.must(200, "GET", "/me/sessions", nil)
	if list.len("sessions") != 3 || list.get("sessions", 2, "here") != true || list.get("sessions", 0, "here") != false {
		t.Fatalf("%s", list.raw)
	}
	if list.str("sessions", 0, "browser") != "Edge" || list.str("sessions", 0, "system") != "Linux" || list.str("sessions", 1, "kind") != "phone" || list.str("sessions", 1, "browser") != "Safari" {
		t.Errorf("%s", list.raw)
	}
	screen, own := phone.screen().hello(), ada.screen().hello()
	ada.must(204, "DELETE", "/me/sessions/"+list.str("sessions", 1, "id"), nil)
	if code, _ := screen.closed(); code != socket.AuthExpired {
		t.Errorf("closed with %d", code)
	}
	own.until("the news on one's own screens", func(f *deskpb.ServerFrame) bool { return f.GetAccount().GetWhat() == "sessions" })
	phone.must(401, "GET", "/me", nil)
	laptop.must(200, "GET", "/me", nil)
	ada.must(404, "DELETE", "/me/sessions/"+list.str("sessions", 1, "id"), nil)
	ben := ada.colleague("Ben")
	ben.must(404, "DELETE", "/me/sessions/"+list.str("sessions", 0, "id"), nil) // not his

	ada.must(204, "POST", "/me/sessions/close-others", map[string]any{})
	laptop.must(401, "GET", "/me", nil)
	if ada.must(200, "GET", "/me/sessions", nil).len("sessions") != 1 {
		t.Error("others are still there")
	}
	ben.must(200, "GET", "/me", nil)
}

// That a session is in use is written at most once an hour.
func TestSessionsAreNotedByTheHour(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	all, err := h.engine.Index().Sessions(desk.AgentID(ada.agent))
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	stream, session := desk.AgentID(ada.agent).Stream(), all[0].Session
	note := deskpb.NewCommand(&deskpb.NoteSession{Session: session})
	first, err := h.engine.Do(t.Context(), stream, note)
	if err != nil || !first.Changed {
		t.Fatalf("%+v, %v", first, err)
	}
	again, err := h.engine.Do(t.Context(), stream, deskpb.NewCommand(&deskpb.NoteSession{Session: session}))
	if err != nil || again.Changed {
		t.Errorf("%+v, %v", again, err)
	}
	if all, err = h.engine.Index().Sessions(desk.AgentID(ada.agent)); err != nil || time.Since(time.UnixMilli(all[0].SeenAtMs)) > time.Minute {
		t.Errorf("%v, %v", all, err)
	}
}
