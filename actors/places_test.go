package actors_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/centralita/centralita/actors"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence/memory"
	"github.com/centralita/centralita/proto/deskpb"
)

// Five chats and one who takes one at a time, three minutes each: the places go down, and the time is what it takes.
func TestPlacesInLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := start(t, memory.New(), actors.Tuning{})
		defer l.stop()
		ana := l.agent("ana", 1, true)
		_, chat := l.channelOf("chat", "chat@desk.example", to(ana))
		for i := range 5 {
			must(t, chat.deliver(mail(fmt.Sprint("m", i), fmt.Sprintf("c%d@shop.example", i), "hello?")))
			synctest.Wait()
			time.Sleep(time.Second)
		}
		line := l.tickets(desk.ViewUnassigned) // the newest first
		if len(line) != 5 {
			t.Fatalf("%d wait", len(line))
		}
		last := desk.ConversationID(line[0].Conversation)
		want := func(what string, position, minutes int) {
			t.Helper()
			time.Sleep(time.Second)
			if p, err := l.sys.LinePlace(t.Context(), last); err != nil || p.Position != position || p.Minutes() != minutes {
				t.Errorf("%s: place %d, %d minutes (%+v, %v), want %d, %d", what, p.Position, p.Minutes(), p, err, position, minutes)
			}
			if seen, err := chat.threads.Place(t.Context(), "nobody"); err != nil || seen != (desk.LinePlace{}) {
				t.Errorf("%s: a thread without a conversation has place %+v, %v", what, seen, err)
			}
		}
		want("nobody is connected", 5, 0)
		l.sys.SocketOpened(ana)
		synctest.Wait()
		want("the first one has somebody", 4, 0) // one interval says nothing
		for left := 3; left > 0; left-- {
			time.Sleep(3 * time.Minute)
			for _, tk := range l.tickets(desk.ViewOpen) {
				if tk.Owner != "" {
					l.do(desk.ConversationID(tk.Conversation).Stream(), deskpb.NewCommand(&deskpb.SetTicketStatus{Status: deskpb.TicketStatus_TICKET_STATUS_CLOSED}))
				}
			}
			synctest.Wait()
			time.Sleep(time.Second)
			if p, err := l.sys.LinePlace(t.Context(), last); err != nil || p.Position != left || p.WaitMs < int64(left)*60_000 || p.WaitMs > int64(left)*4*60_000 {
				t.Fatalf("place %d of %d, about %d s, %v", p.Position, left, p.WaitMs/1000, err)
			}
		}
		l.available(ana, false)
		want("nobody is there", 1, 0)
	})
}

// What was somebody's for a moment and was taken back says nothing of how long work takes.
func TestWhatIsTakenBackIsNoWorkDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := start(t, memory.New(), actors.Tuning{})
		defer l.stop()
		ana := l.agent("ana", 1, true)
		_, wire := l.channel("mail@desk.example", to(ana))
		for i := range 3 {
			must(t, wire.deliver(mail(fmt.Sprint("m", i), fmt.Sprintf("c%d@shop.example", i), "help")))
			synctest.Wait()
			time.Sleep(time.Second)
		}
		line := l.tickets(desk.ViewUnassigned)
		second := desk.ConversationID(line[1].Conversation)
		wait := func() int64 {
			time.Sleep(time.Second)
			synctest.Wait()
			p, err := l.sys.LinePlace(t.Context(), second)
			if must(t, err); p.Position == 0 {
				t.Errorf("it stands in no line")
			}
			return p.WaitMs
		}
		l.do(second.Stream(), deskpb.NewCommand(&deskpb.AssignConversation{Agent: "zoe", AgentName: "zoe"}))
		synctest.Wait()
		time.Sleep(time.Second)
		l.do(second.Stream(), deskpb.NewCommand(&deskpb.UnassignConversation{}))
		if ms := wait(); ms != 0 {
			t.Errorf("taken back at once, and about %d ms are told", ms)
		}
		time.Sleep(5 * time.Minute)
		for _, tk := range l.tickets(desk.ViewOpen) {
			if tk.Owner != "" {
				l.do(desk.ConversationID(tk.Conversation).Stream(), deskpb.NewCommand(&deskpb.SetTicketStatus{Status: deskpb.TicketStatus_TICKET_STATUS_CLOSED}))
			}
		}
		if ms := wait(); ms < 2*60_000 {
			t.Errorf("five minutes of work were done, and about %d ms are told", ms)
		}
	})
}
