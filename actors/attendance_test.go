package actors_test

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/centralita/centralita/actors"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence/memory"
	"github.com/centralita/centralita/proto/deskpb"
)

// presences is what the journal says of an agent's presence: seconds since the first record of them, + or -.
func (l *life) presences(a desk.AgentID, since time.Time) (all []string) {
	l.t.Helper()
	for r, err := range l.store.Load(l.t.Context(), a.Stream(), 0) {
		must(l.t, err)
		if e := r.Event.GetPresenceChanged(); e != nil {
			all = append(all, fmt.Sprintf("%s%d", map[bool]string{true: "+", false: "-"}[e.Connected], int(time.UnixMilli(r.AtMs).Sub(since).Seconds())))
		}
	}
	return all
}

// Opened is known at once; closed only when nothing was opened again within the grace time, whatever went on in between.
func TestPresenceHasAGraceTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := start(t, memory.New(), actors.Tuning{})
		defer l.stop()
		ana, begun := l.agent("ana", 0, true), time.Now()
		wait := func(d time.Duration) { time.Sleep(d); synctest.Wait() }
		want := func(all ...string) {
			t.Helper()
			if got := l.presences(ana, begun); !slices.Equal(got, all) {
				t.Fatalf("got %v, want %v", got, all)
			}
		}
		want()
		l.sys.SocketOpened(ana)
		l.sys.SocketOpened(ana) // a second tab
		wait(0)
		want("+0")
		wait(10 * time.Second)
		l.sys.SocketClosed(ana)
		wait(time.Hour)
		want("+0") // one is still open
		l.sys.SocketClosed(ana)
		wait(59 * time.Second)
		l.sys.SocketOpened(ana) // reloaded
		wait(2 * time.Second)
		l.sys.SocketClosed(ana)
		wait(59 * time.Second)
		want("+0")
		wait(2 * time.Second)
		want("+0", "-3731") // a minute after the last one closed, at 3671
		if row := l.row(ana); row.Connected || row.ConnectedSinceMs != begun.Add(3731*time.Second).UnixMilli() || !row.Available {
			t.Fatalf("the row says %v", row)
		}
		wait(time.Hour)
		l.sys.SocketOpened(ana)
		wait(0)
		want("+0", "-3731", "+7332")
		l.sys.SocketClosed("nobody") // never counted in
		l.sys.SocketOpened("nobody") // and no agent
		wait(time.Hour)
		want("+0", "-3731", "+7332")
	})
}

// After a restart nobody is gone before the grace time is over: who comes back within it was never away. A kill is repaired like this, too.
func TestPresenceAfterARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory.New()
		l := start(t, store, actors.Tuning{})
		ana, ben, begun := l.agent("ana", 0, true), l.agent("ben", 0, true), time.Now()
		l.sys.SocketOpened(ana)
		l.sys.SocketOpened(ben)
		synctest.Wait()
		l.stop() // with both sockets open, as when it is killed
		time.Sleep(time.Hour)

		l = start(t, store, actors.Tuning{})
		defer l.stop()
		synctest.Wait()
		again := time.Since(begun)
		if !l.row(ana).Connected || !l.row(ben).Connected {
			t.Fatal("gone in the moment of the start")
		}
		time.Sleep(30 * time.Second)
		l.sys.SocketOpened(ana)
		time.Sleep(time.Hour)
		synctest.Wait()
		if got := l.presences(ana, begun); !slices.Equal(got, []string{"+0"}) {
			t.Fatalf("ana came back in time: %v", got)
		}
		if got := l.presences(ben, begun); !slices.Equal(got, []string{"+0", fmt.Sprintf("-%d", int((again + time.Minute).Seconds()))}) {
			t.Fatalf("ben did not come back: %v", got)
		}
	})
}

// A chat goes only to who is connected and is given away the moment somebody is; mail goes to who is available, connected or not.
func TestChatsGoToWhoIsConnected(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := start(t, memory.New(), actors.Tuning{})
		defer l.stop()
		ana, ben := l.agent("ana", 0, true), l.agent("ben", 0, true)
		_, chat := l.channelOf("chat", "chat@desk.example", to(ana, ben))
		_, post := l.channel("mail@desk.example", to(ana))
		all := to(ana)
		all.IgnoreAvailability = true
		_, anyhow := l.channelOf("chat", "anyhow@desk.example", all)

		must(t, post.deliver(mail("m1", "c1@shop.example", "help")))
		must(t, anyhow.deliver(mail("m2", "c2@shop.example", "help")))
		synctest.Wait()
		if left := l.tickets(desk.ViewUnassigned); len(left) != 0 {
			t.Fatalf("presence counts where it should not: %v", left)
		}
		must(t, chat.deliver(mail("m3", "c3@shop.example", "help")))
		synctest.Wait()
		left := l.tickets(desk.ViewUnassigned)
		if len(left) != 1 || left[0].Reason.GetText() != "Waiting: nobody is available (2 not connected)." || left[0].Reason.Candidates[0].Verdict != "not_connected" {
			t.Fatalf("it waits as %v", left)
		}
		if n, _, err := chat.threads.Agents(t.Context()); n != 0 || err != nil {
			t.Fatalf("%d are there for visitors, %v", n, err)
		}
		l.sys.SocketOpened(ben)
		synctest.Wait()
		if got := l.ticket(desk.ConversationID(left[0].Conversation)); got.Owner != "ben" {
			t.Fatalf("ben connected, and it is %q's: %v", got.Owner, got.Reason)
		}
		if n, _, err := chat.threads.Agents(t.Context()); n != 1 || err != nil {
			t.Fatalf("%d are there for visitors, %v", n, err)
		}
	})
}

// Who loses the connection loses what was promised for a chat, in the same entry, and nothing else.
func TestLosingTheConnectionWithdrawsPromises(t *testing.T) {
	t.Parallel()
	s := desk.Agents.Initial()
	apply := func(cmd *deskpb.Command) (freed []string) {
		t.Helper()
		evs, err := desk.Agents.Decide(s, cmd)
		if err != nil {
			t.Fatalf("%s: %v", deskpb.KindName(cmd), err)
		}
		for _, ev := range evs {
			if e := ev.GetPlaceFreed(); e != nil {
				freed = append(freed, e.Conversation+" "+e.Cause)
			}
			s = desk.Agents.Evolve(s, ev)
		}
		return freed
	}
	apply(deskpb.NewCommand(&deskpb.AddAgent{Agent: &deskpb.AgentAdded{Email: "a@b.example", Name: "A", Role: deskpb.Role_ROLE_AGENT, Seat: true}}))
	apply(deskpb.NewCommand(&deskpb.SetAvailability{Available: true}))
	reserve := func(conv string, live, ignore bool) *deskpb.Command {
		return deskpb.NewCommand(&deskpb.ReservePlace{Reservation: "r", Conversation: conv, UntilMs: 9, Live: live, IgnoreAvailability: ignore})
	}
	if _, err := desk.Agents.Decide(s, reserve("chat", true, false)); desk.ReasonOf(err) != "not_connected" {
		t.Fatalf("a chat was promised without a workspace: %v", err)
	}
	apply(deskpb.NewCommand(&deskpb.NotePresence{Connected: true}))
	apply(reserve("chat", true, false))
	apply(reserve("mail", false, false))
	apply(reserve("anyhow", true, true))
	if freed := apply(deskpb.NewCommand(&deskpb.NotePresence{})); !slices.Equal(freed, []string{"chat not_connected"}) {
		t.Fatalf("freed %v", freed)
	}
	if freed := apply(deskpb.NewCommand(&deskpb.NotePresence{})); freed != nil {
		t.Fatalf("again: %v", freed)
	}
}
