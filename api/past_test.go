package api_test

import (
	"testing"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// The folders of a mailbox are listed for who chooses one of them, and for nobody else.
func TestMailFolders(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	ch := ada.must(201, "POST", "/channels", m{"kind": "email", "name": "Help", "config": m{"address": "help@example.com", "host": "mail"}}).str("channel", "id")
	if got := ada.must(200, "GET", "/channels/"+ch+"/folders", nil); got.str("folders", 0, "name") != "INBOX" || got.str("folders", 1, "use") != "archive" {
		t.Errorf("the folders: %s", got.raw)
	}
	ada.must(404, "GET", "/channels/ch_nobody/folders", nil)
	ada.colleague("Ben").must(403, "GET", "/channels/"+ch+"/folders", nil)
	unsaved := m{"kind": "email", "name": "New one", "config": m{"address": "new@example.com", "host": "mail"}}
	if got := ada.must(200, "POST", "/channels/folders", unsaved); got.str("folders", 1, "name") != "New one" {
		t.Errorf("the folders of settings that are not saved: %s", got.raw)
	}
	ada.colleague("Bo").must(403, "POST", "/channels/folders", unsaved)
	h.engine.checked = desk.Refuse(desk.Conflict, "channel", "channels of this kind have no folders")
	ada.must(409, "POST", "/channels/folders", unsaved)
	ada.must(409, "GET", "/channels/"+ch+"/folders", nil)
}

// An administrator asks how much earlier mail there is, starts its import, sees how far it is, pauses, resumes and stops it. What is
// wrong is named with its field; nobody else may.
func TestEarlierMail(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	ch := ada.must(201, "POST", "/channels", m{"kind": "email", "name": "Help", "config": m{"address": "help@example.com", "host": "mail"}}).str("channel", "id")
	at := "/channels/" + ch + "/import"
	if got := ada.must(200, "GET", at, nil); got.str("import", "state") != "none" {
		t.Errorf("before any: %s", got.raw)
	}
	wish := m{"since": "2026-01-31T00:00:00Z", "inbox": true, "sent": true}
	if got := ada.must(200, "POST", at+"/preview", wish); got.num("total") != 42 || got.str("folders", 1, "name") != "Sent Items" {
		t.Errorf("the preview: %s", got.raw)
	}
	for field, bad := range map[string]m{
		"body.since":  {"since": "yesterday", "inbox": true, "sent": false},
		"body.since ": {"since": "2999-01-01T00:00:00Z", "inbox": true, "sent": false},
		"body.inbox":  {"inbox": false, "sent": false},
	} {
		for _, path := range []string{at, at + "/preview"} {
			if p := ada.must(422, "POST", path, bad); p.str("errors", 0, "location") != field[:len("body.since")] {
				t.Errorf("%s %v: %s", path, bad, p.raw)
			}
		}
	}
	ada.must(404, "PUT", at+"/state", m{"state": "paused"})
	if got := ada.must(200, "POST", at, wish); got.str("import", "state") != "running" || got.str("import", "since") != "2026-01-31T00:00:00.000Z" || got.str("import", "by") == "" {
		t.Errorf("started: %s", got.raw)
	}
	ada.must(409, "POST", at, wish)
	row, err := h.engine.Index().Channel(desk.ChannelID(ch))
	if err != nil {
		t.Fatal(err)
	}
	h.command(desk.ChannelID(ch).Stream(), &deskpb.MoveImport{UntilMs: row.Import.Started.UntilMs, Progress: &deskpb.ImportMoved{Cursor: "x", Total: 42, Taken: 20, Known: 1, Aside: 1, Skipped: 2}})
	if got := ada.must(200, "GET", at, nil); got.num("import", "taken") != 20 || got.num("import", "total") != 42 || got.num("import", "skipped") != 2 {
		t.Errorf("under way: %s", got.raw)
	}
	for _, state := range []string{"paused", "running", "stopped"} {
		if got := ada.must(200, "PUT", at+"/state", m{"state": state}); got.str("import", "state") != state || got.num("import", "taken") != 20 {
			t.Errorf("%s: %s", state, got.raw)
		}
	}
	ada.must(409, "PUT", at+"/state", m{"state": "running"})
	ada.must(422, "PUT", at+"/state", m{"state": "done"})
	h.engine.checked = desk.Refuse(desk.Invalid, "sent", "no such folder")
	if p := ada.must(422, "POST", at, wish); p.str("errors", 0, "location") != "body.sent" {
		t.Errorf("a mailbox without sent mail: %s", p.raw)
	}
	ben := ada.colleague("Ben")
	for _, call := range [][2]string{{"GET", at}, {"POST", at}, {"POST", at + "/preview"}, {"PUT", at + "/state"}} {
		ben.must(403, call[0], call[1], m{"state": "paused", "inbox": true, "sent": true})
	}
}
