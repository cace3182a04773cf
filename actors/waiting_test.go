package actors_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/actors"
	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence/memory"
	"github.com/centralita/centralita/proto/deskpb"
)

// conversation opens one and gives its stream and the wire.
func (l *life) conversation() (desk.ConversationID, *wire) {
	l.t.Helper()
	_, w := l.channel("support@desk.example", nil)
	w.address = "support@desk.example" // for the next life
	must(l.t, w.deliver(mail("m1", "carla@shop.example", "help")))
	synctest.Wait()
	return desk.ConversationID(l.tickets(desk.ViewOpen)[0].Conversation), w
}

func (l *life) ask(conv desk.ConversationID, m proto.Message) error {
	_, err := l.sys.Do(context.Background(), conv.Stream(), deskpb.NewCommand(m))
	return err
}

func reply(id string) *deskpb.RequestReply {
	return &deskpb.RequestReply{Message: id, Body: &deskpb.Body{Text: id}}
}

func undoable(id string, seconds uint32) *deskpb.RequestReply {
	m := reply(id)
	m.UndoSeconds = seconds
	return m
}

func sendAt(id string, at time.Time) *deskpb.RequestReply {
	m := reply(id)
	m.SendAtMs = at.UnixMilli()
	return m
}

func sent(w *wire) (ids []string) {
	for _, out := range w.outbox() {
		ids = append(ids, string(out.Message))
	}
	return ids
}

func want(t *testing.T, w *wire, ids ...string) {
	t.Helper()
	synctest.Wait()
	if got := sent(w); !slices.Equal(got, ids) {
		t.Fatalf("sent %v, want %v", got, ids)
	}
}

func TestUndoReallyDoesNotSend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := start(t, memory.New(), actors.Tuning{})
		defer l.stop()
		conv, w := l.conversation()
		must(t, l.ask(conv, undoable("r1", 10)))
		time.Sleep(9 * time.Second)
		want(t, w)
		must(t, l.ask(conv, &deskpb.CancelReply{Message: "r1"}))
		time.Sleep(time.Hour)
		want(t, w)
		if depth := l.sys.ChannelStatus()[0].OutboxDepth; depth != 0 {
			t.Errorf("%d are left in the outbox", depth)
		}
		must(t, l.ask(conv, undoable("r2", 10)))
		time.Sleep(11 * time.Second)
		want(t, w, "r2")
		if err := l.ask(conv, &deskpb.CancelReply{Message: "r2"}); desk.ReasonOf(err) != "too_late" {
			t.Errorf("what was sent was taken back: %v", err)
		}
	})
}

func TestSendLaterAlsoAfterARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory.New()
		l := start(t, store, actors.Tuning{})
		conv, w := l.conversation()
		tomorrow := time.Now().Add(24 * time.Hour)
		must(t, l.ask(conv, sendAt("r1", tomorrow)))
		must(t, l.ask(conv, sendAt("r2", tomorrow.Add(time.Hour))))
		must(t, l.ask(conv, sendAt("r3", tomorrow)))
		must(t, l.ask(conv, reply("now")))
		want(t, w, "now")
		must(t, l.ask(conv, &deskpb.CancelReply{Message: "r3"}))
		l.stop()
		next := start(t, store, actors.Tuning{}, w)
		defer next.stop()
		must(t, next.ask(conv, &deskpb.RescheduleReply{Message: "r2", SendAtMs: tomorrow.Add(-time.Hour).UnixMilli()}))
		time.Sleep(time.Until(tomorrow.Add(-time.Hour)) - time.Second)
		want(t, w, "now")
		time.Sleep(2 * time.Second)
		want(t, w, "now", "r2")
		time.Sleep(time.Until(tomorrow) - time.Second)
		want(t, w, "now", "r2")
		time.Sleep(2 * time.Second)
		want(t, w, "now", "r2", "r1")
		if at := w.outbox()[2].RequestedAt; !at.Equal(time.UnixMilli(tomorrow.UnixMilli())) {
			t.Errorf("dated %v", at)
		}
		time.Sleep(48 * time.Hour)
		want(t, w, "now", "r2", "r1")
	})
}

func TestAScheduledReplyIsSentNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := start(t, memory.New(), actors.Tuning{})
		defer l.stop()
		conv, w := l.conversation()
		must(t, l.ask(conv, sendAt("r1", time.Now().Add(24*time.Hour))))
		time.Sleep(time.Hour)
		must(t, l.ask(conv, &deskpb.RescheduleReply{Message: "r1"}))
		want(t, w, "r1")
		time.Sleep(48 * time.Hour)
		want(t, w, "r1")
	})
}

// Only an agent's decision makes another attempt of what failed or of what nobody knows.
func TestARetryIsADecision(t *testing.T) {
	for name, class := range map[string]channels.Class{"failed": channels.Permanent, "unknown": channels.Unknown} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := memory.New()
				l := start(t, store, actors.Tuning{})
				conv, w := l.conversation()
				w.onSend = func(desk.Outbound) (string, error) {
					return "", &channels.Error{Class: class, Reason: "no", Err: errors.New("no")}
				}
				must(t, l.ask(conv, reply("r1")))
				time.Sleep(48 * time.Hour)
				want(t, w, "r1")
				must(t, l.ask(conv, &deskpb.RetryReply{Message: "r1", Attempts: 1}))
				want(t, w, "r1", "r1")
				must(t, l.ask(conv, &deskpb.RetryReply{Message: "r1", Attempts: 1})) // the same decision again
				want(t, w, "r1", "r1")
				l.stop()
				w.onSend = nil
				next := start(t, store, actors.Tuning{}, w)
				defer next.stop()
				synctest.Wait()
				want(t, w, "r1", "r1")
				must(t, next.ask(conv, &deskpb.RetryReply{Message: "r1", Attempts: 2}))
				want(t, w, "r1", "r1", "r1")
				if out := w.outbox(); out[1].Attempt != 2 || out[2].Attempt != 3 {
					t.Errorf("attempts %d, %d", out[1].Attempt, out[2].Attempt)
				}
				if row := next.ticket(conv); row.Undelivered != 0 {
					t.Errorf("undelivered: %v", row)
				}
			})
		})
	}
}

// Whoever takes back at the very moment of leaving hears the truth: either it was sent, once, or it was taken back and never is.
func TestCancelRacesWithLeaving(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory.New()
		l := start(t, store, actors.Tuning{})
		defer l.stop()
		conv, w := l.conversation()
		rng := rand.New(rand.NewPCG(5, 6))
		var mu sync.Mutex
		told := map[string]error{}
		for i := range 200 {
			id := fmt.Sprintf("r%d", i)
			must(t, l.ask(conv, undoable(id, uint32(i%3))))
			when := time.Duration(i%3)*time.Second + time.Duration(rng.IntN(3)-1)*time.Millisecond
			go func() {
				time.Sleep(when)
				var err error
				if i%2 == 0 {
					err = l.ask(conv, &deskpb.CancelReply{Message: id})
				} else {
					err = l.ask(conv, &deskpb.RescheduleReply{Message: id, SendAtMs: time.Now().Add(time.Minute).UnixMilli()})
				}
				mu.Lock()
				told[id] = err
				mu.Unlock()
			}()
			if i%5 == 0 {
				time.Sleep(700 * time.Millisecond)
			}
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		times := map[string]int{}
		for _, id := range sent(w) {
			times[id]++
		}
		for i := range 200 {
			id := fmt.Sprintf("r%d", i)
			expect := 1
			if i%2 == 0 && told[id] == nil {
				expect = 0
			}
			if times[id] != expect {
				t.Errorf("%s was sent %d times; its agent was told %v", id, times[id], told[id])
			}
		}
	})
}

// A macro is one entry: all of its records follow one another, and a refusal leaves nothing.
func TestAMacroIsOneEntry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory.New()
		l := start(t, store, actors.Tuning{})
		defer l.stop()
		conv, w := l.conversation()
		before := l.ticket(conv).Version
		macro := func(cmds ...proto.Message) *deskpb.Together {
			m := &deskpb.Together{}
			for _, c := range cmds {
				m.Commands = append(m.Commands, deskpb.NewCommand(c))
			}
			return m
		}
		tags := &deskpb.ChangeTicketTags{Add: []string{"tg_1"}}
		if err := l.ask(conv, macro(reply("r0"), tags, &deskpb.SetTicketSubject{})); desk.CodeOf(err) != desk.Invalid {
			t.Fatal(err)
		}
		if v := l.ticket(conv).Version; v != before {
			t.Fatalf("a refused macro moved the ticket from %d to %d", before, v)
		}
		done := macro(reply("r1"), tags, &deskpb.SetTicketPriority{Priority: deskpb.Priority_PRIORITY_HIGH})
		must(t, l.ask(conv, done))
		must(t, l.ask(conv, done))
		want(t, w, "r1")
		if keys := w.outbox()[0].ThreadKeys; len(keys) == 0 {
			t.Error("the reply of a macro has no key of its own: nobody could answer it")
		}
		row := l.ticket(conv)
		if !slices.Equal(row.Tags, []string{"tg_1"}) || row.Priority != deskpb.Priority_PRIORITY_HIGH {
			t.Errorf("%v", row)
		}
	})
}
