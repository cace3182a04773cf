package actors_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/centralita/centralita/actors"
	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence/memory"
	"github.com/centralita/centralita/proto/deskpb"
)

// gated is a kind whose channels have the hours "wh_chat" with the holidays "hd_chat", if their address begins with "gated".
func gated(k *channels.Kind) {
	k.Hours = func(config json.RawMessage) channels.OpenHours {
		if strings.HasPrefix(string(config), `"gated`) {
			return channels.OpenHours{Hours: "wh_chat", Holidays: "hd_chat", Field: "config.availability"}
		}
		return channels.OpenHours{}
	}
}

// chatHours are the hours of a chat: from 09:00 to an hour, in Madrid, and days on which there are none.
func (l *life) chatHours(until int32, holidays ...string) {
	l.t.Helper()
	h := &deskpb.WorkingHours{Name: "Chat", TimeZone: "Europe/Madrid"}
	for d := range int32(7) {
		h.Blocks = append(h.Blocks, &deskpb.WorkingBlock{Weekday: d, From: 9 * 60, To: until * 60})
	}
	days := &deskpb.Holidays{Name: "Chat"}
	for _, d := range holidays {
		days.Days = append(days.Days, &deskpb.HolidayRange{From: d, To: d})
	}
	l.do(desk.SettingID("wh_chat").Stream(), deskpb.NewCommand(&deskpb.SaveSetting{Setting: &deskpb.Setting{Value: &deskpb.Setting_WorkingHours{WorkingHours: h}}}))
	l.do(desk.SettingID("hd_chat").Stream(), deskpb.NewCommand(&deskpb.SaveSetting{Setting: &deskpb.Setting{Value: &deskpb.Setting_Holidays{Holidays: days}}}))
}

// chats gives two helpers: one who writes, and is given to somebody or nobody; and one who sees that a ticket rests until a wall time.
func (l *life) chats(zone string) (comes func(*wire, string) desk.ConversationID, rests func(desk.ConversationID, string)) {
	t, n := l.t, 0
	return func(w *wire, owner string) desk.ConversationID {
			t.Helper()
			n++
			id := fmt.Sprint(time.Now().UnixMilli(), "-", n)
			must(t, w.deliver(mail(id, id+"@shop.example", "help")))
			conv := desk.ConversationID(l.latest().Conversation)
			l.owns(conv, owner)
			return conv
		}, func(conv desk.ConversationID, until string) {
			t.Helper()
			row := l.ticket(conv)
			if row.Owner != "" || !row.InLine || row.Reason.GetCode() != "outside_hours" || row.Reason.GetUntilMs() != local(t, zone, until) {
				t.Fatalf("it does not rest until %s: %v", until, row)
			}
		}
}

// Scenario 11, the hours of a chat: they are asked before anybody's status. What comes at 18:00 with an agent marked available is taken and given to
// nobody until the chat opens, which is at nine by the clocks on the wall, over their changes, over a holiday, and over a restart. Other
// channels of the same agent do not ask. By hand it is given at any hour.
func TestScenario11TheHoursOfAChat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory.New()
		l := startAs(t, store, actors.Tuning{SleepAfter: 12 * time.Hour}, gated)
		zone := "Europe/Madrid"
		sleepUntil(t, "UTC", "2000-03-23 01:00:00")
		_, err := l.sys.ConnectChannel(context.Background(), desk.NewChannel{Kind: "chat", Name: "Chat", Config: []byte(`"gated"`)}, nil)
		if e, is := errors.AsType[*desk.Error](err); !is || e.Field != "config.availability.hours" {
			t.Fatalf("hours that are not there: %v", err)
		}
		l.chatHours(17, "2000-03-24")
		ana, ben := l.agent("ana", 0, true), l.agent("ben", 0, true)
		_, chat := l.channelOf("chat", "gated@desk.example", to(ana))
		_, open := l.channelOf("chat", "open@desk.example", to(ana))
		l.sys.SocketOpened(ana)
		comes, rests := l.chats(zone)
		sleepUntil(t, zone, "2000-03-23 10:00:00")
		comes(chat, "ana")
		sleepUntil(t, zone, "2000-03-23 17:00:00") // the edge itself is closed
		late := comes(chat, "")
		rests(late, "2000-03-25 09:00:00") // Friday is a holiday
		comes(open, "ana")
		byHand := comes(chat, "")
		l.do(byHand.Stream(), deskpb.NewCommand(&deskpb.AssignConversation{Agent: string(ben), AgentName: "ben"}))
		l.owns(byHand, "ben")
		trial, err := l.sys.TryRouting(context.Background(), desk.RoutingTrial{About: desk.About{Ticket: l.ticket(late)}})
		if err != nil || trial.Agent != "" || trial.Reason.GetCode() != "outside_hours" {
			t.Errorf("who would get it now: %v, %v", trial, err)
		}
		l.available(ana, false) // and back: the line is looked through, and it still rests
		l.available(ana, true)
		sleepUntil(t, zone, "2000-03-24 12:00:00")
		rests(late, "2000-03-25 09:00:00")
		sleepUntil(t, zone, "2000-03-25 08:59:59")
		l.owns(late, "")
		sleepUntil(t, zone, "2000-03-25 09:00:01")
		l.owns(late, "ana")

		sleepUntil(t, zone, "2000-03-25 18:00:00")
		overNight := comes(chat, "")
		rests(overNight, "2000-03-26 09:00:00")
		killed := copyOf(t, store)
		l.stop()
		l = startAs(t, killed, actors.Tuning{SleepAfter: 12 * time.Hour}, gated)
		l.sys.SocketOpened(ana)
		synctest.Wait()
		comes, rests = l.chats(zone)
		rests(overNight, "2000-03-26 09:00:00")
		sleepUntil(t, zone, "2000-03-26 08:59:59") // summer time has begun
		l.owns(overNight, "")
		sleepUntil(t, zone, "2000-03-26 09:00:01")
		l.owns(overNight, "ana")
		chat = l.wires["gated@desk.example"]

		sleepUntil(t, zone, "2000-10-28 18:00:00")
		autumn := comes(chat, "")
		sleepUntil(t, zone, "2000-10-29 08:59:59") // and ended
		l.owns(autumn, "")
		sleepUntil(t, zone, "2000-10-29 09:00:01")
		l.owns(autumn, "ana")

		sleepUntil(t, zone, "2000-10-29 18:00:00")
		longer := comes(chat, "")
		l.chatHours(20) // the hours are changed: it is open
		l.owns(longer, "ana")
		l.stop()
	})
}

// Whoever writes may choose a team: the ticket is theirs from its beginning, with all else that the channel gives it. A team that was removed is
// none.
func TestWhoWritesChoosesATeam(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := start(t, memory.New(), actors.Tuning{})
		defer l.stop()
		ana, ben, eva := l.agent("ana", 0, true), l.agent("ben", 0, true), l.agent("eva", 0, true)
		l.team("billing", ben)
		l.team("sales", eva)
		l.team("gone", eva)
		l.do(desk.TeamID("gone").Stream(), deskpb.NewCommand(&deskpb.RemoveTeam{}))
		rule := to(ana)
		rule.Defaults = &deskpb.TicketDefaults{Tags: []string{"tg_web"}, Team: "sales", TeamName: "sales"}
		_, w := l.channel("support@desk.example", rule)
		for team, want := range map[string]string{"billing": "ben", "gone": "eva", "": "eva"} {
			item := mail("m"+team, "c"+team+"@shop.example", "help")
			item.Message.Team = team
			must(t, w.deliver(item))
			synctest.Wait()
			if got := l.latest(); got.Owner != want || len(got.Tags) != 1 {
				t.Errorf("for %q: %v", team, got)
			}
		}
	})
}
