package chat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"github.com/centralita/centralita/channels/channeltest"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

func newLife(ctx context.Context, d *channeltest.Desk) *life {
	l := &life{intake: d.Intake, threads: d.Threads, channel: channeltest.Channel, log: slog.New(slog.DiscardHandler), rooms: make(map[string]*room)}
	l.ctx, l.cancel = context.WithCancel(ctx)
	return l
}

func TestEmptyRoomClosesAfterAWhile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := channeltest.NewDesk()
		l := newLife(t.Context(), d)
		defer l.close()
		r, err := l.room("v_1")
		if err != nil {
			t.Fatal(err)
		}
		r.leave()
		time.Sleep(linger - time.Second)
		again, _ := l.room("v_1")
		if again != r {
			t.Error("a reload did not come back to the room")
		}
		time.Sleep(2 * linger)
		if r.ctx.Err() != nil {
			t.Error("the room was closed with somebody in it")
		}
		again.leave()
		time.Sleep(linger + time.Second)
		synctest.Wait()
		if len(l.rooms) != 0 || d.Threads.Listeners() != 0 || r.ctx.Err() == nil {
			t.Errorf("%d rooms, %d listeners", len(l.rooms), d.Threads.Listeners())
		}
	})
}

func TestSettleWaitsForWhatTheClientHasSeen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := channeltest.NewDesk()
		l := newLife(t.Context(), d)
		defer l.close()
		r, err := l.room("v_1")
		if err != nil {
			t.Fatal(err)
		}
		defer r.leave()
		time.AfterFunc(time.Second, func() { d.Reply("v_1", "Ana", "late") })
		start := time.Now()
		if err := r.settle(t.Context(), 3); err != nil || time.Since(start) < time.Second || r.story.version != 3 {
			t.Errorf("%v after %v, at version %d", err, time.Since(start), r.story.version)
		}
		start = time.Now()
		if err := r.settle(t.Context(), 99); err != nil || time.Since(start) > 5*time.Second {
			t.Errorf("%v after %v: a version that never comes is not waited for", err, time.Since(start))
		}
		start = time.Now()
		if err := r.settle(t.Context(), 3); err != nil || time.Since(start) != 0 {
			t.Errorf("%v after %v: nothing to wait for", err, time.Since(start))
		}
	})
}

// reader is a widget in Go: it applies events by the rules of the protocol, whatever the connection does.
type reader struct {
	s      *site
	token  string
	epoch  string
	last   uint64
	texts  []string
	broken error
}

func (c *reader) take(b *tab, w wire) {
	switch w.T {
	case "reset":
		c.last, c.texts = w.Prev, nil
		fallthrough
	case "welcome", "events":
		c.epoch = w.Epoch
		for _, e := range w.Events {
			c.take(b, e)
		}
	case "ev":
		switch {
		case w.Seq <= c.last:
		case w.Prev != c.last:
			b.send(`{"t":"need","from":%d}`, c.last)
		default:
			c.last = w.Seq
			c.epoch = w.Epoch
			if w.Kind != "status" {
				c.texts = append(c.texts, w.D.Text)
			}
		}
	default:
		c.broken = fmt.Errorf("frame %q", w.T)
	}
}

// follow reads until there are n texts, breaking the line now and then.
func (c *reader) follow(n int, rnd *rand.Rand) {
	for len(c.texts) < n && c.broken == nil {
		b := c.s.tab(c.token)
		b.send(`{"t":"hello","epoch":%q,"last_seq":%d}`, c.epoch, c.last)
		for frames := rnd.IntN(12); frames >= 0 && len(c.texts) < n; frames-- {
			var w wire
			if err := b.ws.ReadJSON(&w); err != nil {
				c.broken = fmt.Errorf("read after %d of %d: %w", len(c.texts), n, err)
				return
			}
			c.take(b, w)
		}
		_ = b.ws.Close()
	}
}

func TestEverythingIsShownOnceInOrderThroughBreaks(t *testing.T) {
	t.Parallel()
	const visitors, each = 12, 60
	s := open(t, `{}`)
	var all sync.WaitGroup
	for v := range visitors {
		all.Go(func() {
			me := s.session("")
			rnd := rand.New(rand.NewPCG(uint64(v), 7))
			var writing sync.WaitGroup
			writing.Go(func() {
				for i := range each {
					s.desk.Threads.Append(me.ID, nil, &deskpb.NoteAdded{Message: fmt.Sprint(i), Body: &deskpb.Body{Text: "internal"}})
					if i%6 == 0 {
						s.say(me.Token, fmt.Sprint("m", i), fmt.Sprint(i))
					} else {
						s.desk.Reply(me.ID, "Ana", fmt.Sprint(i))
					}
				}
			})
			c := &reader{s: s, token: me.Token}
			c.follow(each, rnd)
			writing.Wait()
			want := make([]string, each)
			for i := range want {
				want[i] = fmt.Sprint(i)
			}
			if c.broken != nil || !slices.Equal(c.texts, want) {
				t.Errorf("visitor %d: %v; saw %v", v, c.broken, c.texts)
			}
		})
	}
	all.Wait()
}

func TestSlowTabIsClosedAndTheOtherSeesAll(t *testing.T) {
	t.Parallel()
	s := open(t, `{}`)
	me := s.session("")
	s.say(me.Token, "m1", "one")
	slow, good := s.tab(me.Token), s.tab(me.Token)
	slow.hello("", 0)
	good.hello("", 0)
	const replies = 3000
	text := strings.Repeat("x", 4000)
	go func() {
		for range replies {
			s.desk.Ask(me.ID, "Ana", &deskpb.Body{Text: text})
		}
	}()
	c := &reader{s: s, token: me.Token, last: 2}
	for len(c.texts) < replies {
		var w wire
		err := good.ws.ReadJSON(&w)
		if e, ok := errors.AsType[*websocket.CloseError](err); ok && e.Code == 4008 { // it may be too slow as well, and resumes
			good = s.tab(me.Token)
			good.send(`{"t":"hello","epoch":%q,"last_seq":%d}`, c.epoch, c.last)
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if w.T == "reset" { // a gap larger than what is kept
			break
		}
		c.take(good, w)
	}
	if code := slow.end(); code != 4008 {
		t.Errorf("code %d", code)
	}
}

func TestReportIsRepeatedUntilTaken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := channeltest.NewDesk()
		l := newLife(t.Context(), d)
		defer l.close()
		r, err := l.room("v_1")
		if err != nil {
			t.Fatal(err)
		}
		defer r.leave()
		id := d.Reply("v_1", "Ana", "hello")
		if err := r.settle(t.Context(), 3); err != nil {
			t.Fatal(err)
		}
		d.Intake.Refuse(3, desk.Refuse(desk.Unavailable, "", "later"))
		r.acknowledge(1, 1)
		time.Sleep(4 * reportAgain)
		synctest.Wait()
		if got := d.StateOf("v_1", id); got != deskpb.DeliveryState_DELIVERY_STATE_READ {
			t.Errorf("state %v after %d calls", got, len(d.Intake.Calls()))
		}
		r.acknowledge(1, 1)
		synctest.Wait()
		if n := len(d.Intake.Calls()); n != 4 {
			t.Errorf("%d calls: what is read is not reported again", n)
		}
	})
}

func TestWireNamesAreWhatTheWidgetReads(t *testing.T) {
	t.Parallel()
	var got map[string]any
	if err := json.Unmarshal(serverFrame{T: "reset", Epoch: "e", Seq: 7, Prev: 3, Truncated: true, On: true, Name: "n"}.encode().Data, &got); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"t", "epoch", "seq", "prev", "truncated", "on", "name"} {
		if got[name] == nil {
			t.Errorf("%s is missing in %v", name, got)
		}
	}
}
