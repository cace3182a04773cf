package api_test

import (
	"strings"
	"testing"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// What is refused of a side conversation names the field and what to do; a note, a message of another ticket and a file of none never go along.
func TestRefusalsOfASide(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	ben := ada.limited("Ben", "own")
	conv := h.receive("anna", 1, "The lamp is broken")
	other := h.receive("bert", 1, "Another matter")
	at := "/conversations/" + string(conv) + "/sides"
	first := string(desk.MessageIDFor("ch_mail", "anna-1"))
	ask := func(change m) m {
		body := m{"message_id": "s1", "text": "Can you mend it?", "to": []any{m{"address": "sam@parts.example"}}, "subject": "Fwd: the lamp"}
		for k, v := range change {
			body[k] = v
		}
		return body
	}
	refused := func(name string, body m, status int, place, words string) {
		t.Helper()
		for _, path := range []string{at, at + "/preview"} {
			a := ada.do("POST", path, body)
			located := place == "" || a.status == 422 && a.str("errors", 0, "location") == place
			if a.status != status || !located || !strings.Contains(a.raw, words) {
				t.Errorf("%s, %s: %d %s", name, path, a.status, a.raw)
			}
		}
	}
	refused("no mailbox", ask(nil), 422, "body.channel", "connect one first")
	support := ada.must(201, "POST", "/channels", m{"kind": "email", "name": "Support", "config": m{"address": "support@desk.example", "host": "mail.example"}}).str("channel", "id")
	ada.must(201, "POST", "/channels", m{"kind": "email", "name": "Sales", "config": m{"address": "sales@desk.example", "host": "mail.example"}})
	h.command(desk.ChannelID("ch_talk").Stream(), &deskpb.ConnectChannel{Channel: &deskpb.ChannelConnected{Kind: deskpb.ChannelKind_CHANNEL_KIND_CHAT, Name: "Talk", Address: "talk"}})
	refused("which mailbox", ask(nil), 422, "body.channel", "choose the mailbox")
	refused("a chat is none", ask(m{"channel": "ch_talk"}), 422, "body.channel", "switched on")
	ask2 := func(change m) m {
		change["channel"] = support
		return ask(change)
	}
	note := m{"message_id": "n1", "text": "between us"}
	ada.must(200, "POST", "/conversations/"+string(conv)+"/notes", note)
	for _, c := range []struct {
		name         string
		body         m
		place, words string
	}{
		{"nobody", ask2(m{"to": []any{}}), "body.to", ""},
		{"no address", ask2(m{"to": []any{m{"address": "a b"}}}), "body.to[0].address", "must be an address"},
		{"our own mailbox", ask2(m{"cc": []any{m{"address": "Sales@desk.example"}}}), "body.cc[0].address", "a mailbox of this desk"},
		{"our own mailbox, blind", ask2(m{"bcc": []any{m{"address": "a@b.example"}, m{"address": "sales@desk.example"}}}), "body.bcc[1].address", "a mailbox of this desk"},
		{"a note", ask2(m{"messages": []any{first, "n1"}}), "body.messages[1]", "an internal note never leaves"},
		{"a message of another ticket", ask2(m{"messages": []any{string(desk.MessageIDFor("ch_mail", "bert-1"))}}), "body.messages[0]", "has no message"},
		{"a file without its message", ask2(m{"files": []any{strings.Repeat("0", 64)}}), "body.files", "choose the messages"},
		{"a file of none of them", ask2(m{"messages": []any{first}, "files": []any{strings.Repeat("0", 64)}}), "body.files[0]", "has this file"},
		{"no subject", ask2(m{"subject": ""}), "body.subject", ""},
	} {
		refused(c.name, c.body, 422, c.place, c.words)
	}
	if a := ada.do("POST", at, ask2(m{"text": " "})); a.status != 422 || a.str("errors", 0, "location") != "body.text" {
		t.Errorf("nothing said: %s", a.raw)
	}
	ben.must(404, "POST", at, ask2(m{}))
	ben.must(404, "GET", at, nil)
	ada.must(404, "GET", at+"/sd_none", nil)
	if l := ada.must(200, "GET", at, nil); l.len("sides") != 0 {
		t.Fatalf("what was refused began something: %s", l.raw)
	}
	side := ada.must(201, "POST", at, ask2(m{"messages": []any{first}})).str("side", "id")
	ada.must(404, "GET", "/conversations/"+string(other)+"/sides/"+side, nil) // it is none of that ticket's
	ben.must(404, "GET", at+"/"+side, nil)
	if again := ada.must(201, "POST", at, ask2(m{"messages": []any{first}})).str("side", "id"); again != side {
		t.Errorf("asked again it is %s", again)
	}
	h.command(conv.Stream(), &deskpb.MergeConversation{Into: string(other)})
	refused("merged", ask2(m{"message_id": "s9"}), 409, "", "merged into another")
}

// A chat is passed on by mail: what was said in it goes along, by the one mailbox there is, and nothing of the mail is seen in the chat.
func TestAChatIsForwarded(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	mailbox := ada.must(201, "POST", "/channels", m{"kind": "email", "name": "Support", "config": m{"address": "support@desk.example", "host": "mail.example"}}).str("channel", "id")
	conv := desk.ConversationID("cv_chat")
	h.command(conv.Stream(), &deskpb.ReceiveMessage{
		Opening: &deskpb.ConversationOpened{Channel: "ch_talk", ChannelKind: deskpb.ChannelKind_CHANNEL_KIND_CHAT, Contact: "ct_v", ContactName: "Visitor 7", Subject: "Hello", Thread: "v7"},
		Message: &deskpb.MessageReceived{Message: "ms_hello", Channel: "ch_talk", ExternalId: "1", Contact: "ct_v", From: &deskpb.Address{Name: "Visitor 7"}, Body: &deskpb.Body{Text: "My heater leaks"}},
	})
	made := ada.must(201, "POST", "/conversations/cv_chat/sides", m{
		"message_id": "s1", "text": "Who can go there?", "to": []any{m{"address": "sam@parts.example"}}, "subject": "Fwd: Hello", "messages": []any{"ms_hello"},
	})
	if made.str("side", "channel") != mailbox {
		t.Errorf("sent by %s", made.raw)
	}
	got := ada.must(200, "GET", "/conversations/cv_chat/sides/"+made.str("side", "id"), nil)
	if text := got.str("timeline", 1, "body", "text"); !strings.Contains(text, "Who can go there?") || !strings.Contains(text, "My heater leaks") || !strings.Contains(text, "Visitor 7") {
		t.Errorf("what goes along: %s", got.raw)
	}
	if chat := ada.read(conv); strings.Contains(chat.raw, "Who can go there") || chat.num("ticket", "sides") > 1 {
		t.Errorf("the chat: %s", chat.raw)
	}
}
