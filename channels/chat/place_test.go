package chat

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/centralita/centralita/channels/channeltest"
	"github.com/centralita/centralita/channels/chat/hours"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// Who waits is told where they stand, at most every two seconds and only what is new; who was answered, and who never asked, is not.
func TestPlacesAreToldToWhoWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := channeltest.NewDesk()
		l := newLife(t.Context(), d)
		defer l.close()
		var gone atomic.Bool
		l.inside.Go(func() {
			l.keepTold(true, func(context.Context) hours.Notice {
				if gone.Load() {
					return hours.Notice{State: hours.Away}
				}
				return hours.Notice{State: hours.Available}
			})
		})
		r, err := l.room("v_1")
		if err != nil {
			t.Fatal(err)
		}
		defer r.leave()
		var last serverFrame
		poll := func(patience time.Duration) serverFrame {
			t.Helper()
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			r.sit()
			defer r.rise()
			f, err := r.poll(ctx, last.Epoch, last.Seq)
			if err != nil {
				t.Fatal(err)
			}
			if f.Seq > 0 {
				last = f
			}
			return f
		}
		told := func(what string, patience time.Duration, position, minutes int) {
			t.Helper()
			if f := poll(patience); f.Position != position || f.Minutes != minutes {
				t.Fatalf("%s: place %d, %d minutes; want %d, %d", what, f.Position, f.Minutes, position, minutes)
			}
		}
		d.Threads.SetPlace("v_1", desk.LinePlace{Position: 7, WaitMs: 1})
		told("nothing was asked", 9*time.Second, 0, 0) // not at the moment of a tick
		d.Threads.Append("v_1", nil, &deskpb.MessageReceived{Message: "m1", ExternalId: "v_1/1", Channel: string(channeltest.Channel), Body: &deskpb.Body{Text: "hello?"}})
		told("the message itself", time.Minute, 0, 0)
		d.Threads.SetPlace("v_1", desk.LinePlace{Position: 3, WaitMs: 200_000})
		begun := time.Now()
		told("waiting", time.Minute, 3, 4)
		if took := time.Since(begun); took > placesEvery {
			t.Errorf("told after %v", took)
		}
		begun = time.Now()
		d.Threads.SetPlace("v_1", desk.LinePlace{Position: 3, WaitMs: 210_000})
		told("nothing new", 20*time.Second, 3, 4)
		if took := time.Since(begun); took < 20*time.Second {
			t.Errorf("told the same again after %v", took)
		}
		d.Threads.SetPlace("v_1", desk.LinePlace{Position: 1})
		told("one left, and nobody knows how long", time.Minute, 1, 0)
		gone.Store(true)
		told("nobody is there", time.Minute, 0, 0)
		told("and nobody comes", 10*time.Second, 0, 0)
		gone.Store(false)
		told("somebody is back", time.Minute, 1, 0)
		d.Reply("v_1", "Ana", "Hi!")
		told("answered", time.Minute, 0, 0)
		told("answered, and still in line", 10*time.Second, 0, 0)
	})
}

// The channel can say nothing of its line.
func TestALineCanBeHidden(t *testing.T) {
	t.Parallel()
	for config, hides := range map[string]bool{`{}`: false, `{"hide_line":true}`: true} {
		if s, err := readSettings([]byte(config)); err != nil || s.HideLine != hides {
			t.Errorf("%s: %v %v", config, s.HideLine, err)
		}
	}
	if _, err := readSettings([]byte(`{"hide_line":"yes"}`)); desk.CodeOf(err) != desk.Invalid {
		t.Errorf("a word for a switch: %v", err)
	}
}

// Whose conversation is somebody's goes on seeing that somebody is there when they go away, until it is nobody's or the chat is closed;
// who is new sees that nobody is.
func TestWhoIsServedDoesNotSeeTheAgentGo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := channeltest.NewDesk()
		l := newLife(t.Context(), d)
		defer l.close()
		var state atomic.Pointer[string]
		set := func(s string) { state.Store(&s) }
		set(hours.Available)
		l.inside.Go(func() {
			l.keepTold(false, func(context.Context) hours.Notice { return hours.Notice{State: *state.Load()} })
		})
		rooms := map[string]*room{}
		for _, v := range []string{"v_1", "v_2"} {
			r, err := l.room(v)
			if err != nil {
				t.Fatal(err)
			}
			defer r.leave()
			rooms[v] = r
		}
		see := func(when, first, second string) {
			t.Helper()
			time.Sleep(2 * placesEvery) // fake time
			synctest.Wait()
			for v, want := range map[string]string{"v_1": first, "v_2": second} {
				r := rooms[v]
				r.mu.Lock()
				if r.shown.State != want {
					t.Errorf("%s: %s sees %q, want %q", when, v, r.shown.State, want)
				}
				r.mu.Unlock()
			}
		}
		d.Threads.Append("v_1", nil, &deskpb.MessageReceived{Message: "m1", ExternalId: "v_1/1", Channel: string(channeltest.Channel), Body: &deskpb.Body{Text: "hello?"}})
		d.Threads.Append("v_1", nil, &deskpb.ConversationAssigned{Agent: "ag_ana", AgentName: "Ana"})
		see("Ana is there", hours.Available, hours.Available)
		set(hours.Away)
		see("Ana went away", hours.Available, hours.Away)
		set(hours.Closed)
		see("the chat is closed", hours.Closed, hours.Closed)
		set(hours.Away)
		d.Threads.Append("v_1", nil, &deskpb.ConversationUnassigned{Agent: "ag_ana"})
		see("it is nobody's", hours.Away, hours.Away)
		d.Threads.Append("v_1", nil, &deskpb.ConversationAssigned{Agent: "ag_ben", AgentName: "Ben"})
		see("it is Ben's, who is away", hours.Available, hours.Away)
		d.Threads.Append("v_1", nil, &deskpb.TicketStatusChanged{To: deskpb.TicketStatus_TICKET_STATUS_CLOSED})
		see("it is closed", hours.Away, hours.Away)
	})
}
