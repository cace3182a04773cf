package api_test

import (
	"context"
	"fmt"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// as does something in an agent's name, past what REST can do for a test in few words.
func (b *browser) as(stream desk.StreamID, m proto.Message) {
	b.t.Helper()
	cmd := deskpb.NewCommand(m)
	cmd.By = &deskpb.Author{Kind: deskpb.Author_KIND_AGENT, Id: b.agent, Name: "agent " + b.agent}
	if _, err := b.engine.Do(context.Background(), stream, cmd); err != nil {
		b.t.Fatalf("%T on %s: %v", m, stream, err)
	}
}

// told is the list as "kind text", a star before what is new.
func (b *browser) told() (list []string, unseen int) {
	b.t.Helper()
	a := b.must(200, "GET", "/me/notifications", nil)
	for i := range a.len("notifications") {
		star := ""
		if a.get("notifications", i, "unseen") == true {
			star = "*"
		}
		list = append(list, star+a.str("notifications", i, "kind")+" "+a.str("notifications", i, "text"))
	}
	return list, int(a.num("unseen"))
}

func (b *browser) expectTold(what string, unseen int, want ...string) {
	b.t.Helper()
	list, n := b.told()
	if fmt.Sprint(list) != fmt.Sprint(want) || n != unseen {
		b.t.Errorf("%s: %q, %d new; want %q, %d", what, list, n, want, unseen)
	}
}

// seen marks what is newest in a list, of one conversation or all.
func (b *browser) seen(conversation desk.ConversationID) answer {
	b.t.Helper()
	at := b.must(200, "GET", "/me/notifications?limit=1", nil).num("notifications", 0, "position")
	return b.must(200, "POST", "/me/notifications/seen", map[string]any{"position": at, "conversation": conversation})
}

// What happens while no screen is open is there when one is; what one device has seen no other shows as new.
func TestNotificationsOfWhoWasAway(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	ben := ada.colleague("Ben")
	first, second := h.receive("anna", 1, "Hello"), h.receive("bob", 1, "Good day")
	ada.as(first.Stream(), &deskpb.AssignConversation{Agent: ben.agent, AgentName: "Ben"})
	ben.as(second.Stream(), &deskpb.FollowTicket{Agent: ben.agent, AgentName: "Ben"})
	h.receive("anna", 2, "Anybody?")
	h.receive("bob", 2, "Well?")
	ada.as(second.Stream(), &deskpb.AddNote{Message: "n1", Body: &deskpb.Body{Text: "Ben, please"}, Mentions: []string{ben.agent}})
	ben.as(first.Stream(), &deskpb.AddNote{Message: "n2", Body: &deskpb.Body{Text: "Mine"}})
	ben.as(first.Stream(), &deskpb.AssignConversation{Agent: ada.agent, AgentName: "Ada"}) // his own doing

	all := []string{"mention Ben, please", "followed_reply Well?", "reply Anybody?", "assigned Ben"}
	ben.expectTold("who was away", 4, "*"+all[0], "*"+all[1], "*"+all[2], "*"+all[3])
	ada.expectTold("the other", 1, "*assigned Ada")
	row := ben.must(200, "GET", "/me/notifications", nil)
	if row.str("notifications", 0, "title") != "About bob" || row.num("notifications", 0, "number") != 2 || row.str("notifications", 1, "who") != "Customer bob" {
		t.Errorf("%s", row.raw)
	}

	phone := h.browser()
	phone.must(200, "POST", "/session", map[string]any{"email": "ben@example.com", "password": password})
	if left := phone.seen(second).num("unseen"); left != 2 {
		t.Errorf("%v are new", left)
	}
	ben.expectTold("after the phone saw one ticket", 2, all[0], all[1], "*"+all[2], "*"+all[3])
	ben.seen("")
	ben.expectTold("after all were seen", 0, all...)
	h.receive("bob", 3, "Hm")
	ben.expectTold("after another message", 1, append([]string{"*followed_reply Hm"}, all...)...)

	ben.must(422, "POST", "/me/notifications/seen", map[string]any{"position": 1 << 40})
	ben.must(422, "POST", "/me/notifications/seen", map[string]any{"position": 0})
	ben.must(422, "POST", "/me/notifications/seen", map[string]any{"position": 1, "conversation": "no id!"})
	if page := ben.must(200, "GET", "/me/notifications?limit=2", nil); page.len("notifications") != 2 || page.get("more") != true || page.num("unseen") != 1 {
		t.Errorf("%s", page.raw)
	}
}

// A list holds so many and no more, however long one is away; the newest stay.
func TestNotificationsAreBounded(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	conv := h.receive("anna", 1, "Hello")
	h.assign(conv, ada.agent)
	for i := range desk.MostNotices + 20 {
		h.receive("anna", i+2, fmt.Sprint("message ", i))
	}
	a := ada.must(200, "GET", "/me/notifications?limit=200", nil)
	if a.len("notifications") != desk.MostNotices || a.num("unseen") != desk.MostNotices || a.str("notifications", 0, "text") != fmt.Sprint("message ", desk.MostNotices+19) {
		t.Errorf("%d, %v", a.len("notifications"), a.num("unseen"))
	}
}

// Who may not see a ticket is told nothing of it, also not of what was told while one could.
func TestNotificationsOfALimitedAgent(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	ben := ada.limited("Ben", "own")
	mine, hers := h.receive("anna", 1, "Hello"), h.receive("bob", 1, "Secret")
	h.assign(hers, ada.agent)
	h.receive("bob", 2, "Secret too")
	h.assign(mine, ben.agent)
	h.receive("anna", 2, "Anybody?")
	ben.expectTold("of one's own", 2, "*reply Anybody?", "*assigned "+ben.agent)
	ada.as(mine.Stream(), &deskpb.AssignConversation{Agent: ada.agent, AgentName: "Ada"})
	ben.expectTold("when it is another's", 0)
	h.receive("anna", 3, "Secret now")
	ben.expectTold("what is said then", 0)
	ada.must(200, "PATCH", "/agents/"+ben.agent, map[string]any{"access": "all"})
	ben.expectTold("who may see everything", 3, "*unassigned Ada", "*reply Anybody?", "*assigned "+ben.agent)
}

func TestNotificationsThatAreMuted(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	conv, other := h.receive("anna", 1, "Hello"), h.receive("bob", 1, "Hello")
	h.assign(conv, ada.agent)
	h.assign(other, ada.agent)
	h.receive("anna", 2, "Anybody?")
	mute := func(kinds, tickets, channels []string) {
		ada.must(200, "PATCH", "/me/preferences", map[string]any{"notifications": map[string]any{
			"desktop": false, "sound": false, "quiet_when_away": true, "muted": kinds, "muted_tickets": tickets, "muted_channels": channels,
		}})
	}
	none := []string{}
	mute([]string{"assigned"}, none, none)
	ada.expectTold("a kind", 1, "*reply Anybody?")
	mute(none, []string{string(conv)}, none)
	ada.expectTold("a ticket", 1, "*assigned "+ada.agent)
	mute(none, none, []string{"ch_mail"})
	ada.expectTold("a channel", 0)
	mute(none, none, none)
	ada.expectTold("nothing muted", 3, "*reply Anybody?", "*assigned "+ada.agent, "*assigned "+ada.agent)
}

// An agent hears at once, on every screen, that an administrator made one away; a channel that gave up is the administrators' news.
func TestNotificationsArriveOnScreens(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	ben := ada.colleague("Ben")
	news := func(f *deskpb.ServerFrame) bool { return f.GetAccount().GetWhat() == "notifications" }
	adas, bens := ada.screen().hello(), ben.screen().hello()
	ada.must(200, "PUT", "/agents/"+ben.agent+"/availability", map[string]any{"available": true})
	ada.must(200, "PUT", "/agents/"+ben.agent+"/availability", map[string]any{"available": false, "reason": "Training"})
	bens.until("the news", news)
	ben.expectTold("away, and no more that he was available", 1, "*availability Training")
	if a := ben.must(200, "GET", "/me/notifications", nil); a.str("notifications", 0, "who") != "Ada Admin" || a.str("notifications", 0, "detail") != "away" {
		t.Errorf("%s", a.raw)
	}
	ben.must(200, "PUT", "/agents/"+ben.agent+"/availability", map[string]any{"available": true})
	ben.expectTold("one's own coming", 1, "*availability Training")

	id := desk.ChannelID("ch_mail")
	h.command(id.Stream(), &deskpb.ConnectChannel{Channel: &deskpb.ChannelConnected{Kind: deskpb.ChannelKind_CHANNEL_KIND_EMAIL, Name: "Help", Address: "help@example.com"}})
	h.command(id.Stream(), &deskpb.ReportChannelHealth{State: deskpb.HealthState_HEALTH_STATE_FAILED, Reason: "wrong password"})
	adas.until("the news", news)
	ada.expectTold("an administrator", 1, "*channel_failed wrong password")
	ben.expectTold("an agent", 1, "*availability Training")
	ada.seen("")
	adas.until("that another device saw it", news)
}
