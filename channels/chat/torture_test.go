package chat

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/channels/channeltest"
	"github.com/centralita/centralita/proto/deskpb"
)

// TestTorture is a visitor with several tabs on a network that cuts, stalls and swallows, at a desk that now and then takes nothing,
// answers late or starts anew, for a thousand messages each way. In the end everybody has everything once and in order. Time is
// simulated: a run lasts most of an hour and takes seconds. CENTRALITA_TORTURE_SEED repeats one.
func TestTorture(t *testing.T) {
	t.Parallel()
	seeds := []uint64{1, 2, 3, 4, rand.Uint64N(1_000_000)}
	if testing.Short() {
		seeds = seeds[:1]
	}
	if s := os.Getenv("CENTRALITA_TORTURE_SEED"); s != "" {
		seed, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			t.Fatal("CENTRALITA_TORTURE_SEED must be a whole number: ", err)
		}
		seeds = []uint64{seed}
	}
	for _, seed := range seeds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { newTorture(t, seed).run(1000) })
		})
	}
}

type torture struct {
	t       *testing.T
	rng     *rand.Rand
	air     *air
	desk    *channeltest.Desk
	conn    channels.Connector
	stop    func()
	shelf   shelf
	visitor string
	tabs    []*stranger
	gone    []*stranger
	names   int
	closed  bool
	replies int
}

func newTorture(t *testing.T, seed uint64) *torture {
	t.Helper()
	x := &torture{t: t, rng: rand.New(rand.NewPCG(seed, 2)), air: newAir(seed), desk: channeltest.NewDesk()}
	c, err := Kind().New(channels.Env{Channel: channeltest.Channel, Name: "Lumbre", Threads: x.desk.Threads, Blobs: channeltest.NewBlobs()})
	if err != nil {
		t.Fatal(err)
	}
	x.conn = c
	srv := &http.Server{Handler: http.StripPrefix("/channels/ch_test", c.(channels.Routed).Handler()), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(x.air) }()
	x.start()
	t.Cleanup(func() {
		for _, v := range x.tabs {
			v.leave()
		}
		x.stop()
		_ = srv.Close()
		<-served
	})
	return x
}

// start runs the channel; stop must not wait long for whoever is inside.
func (x *torture) start() {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- x.conn.Run(ctx, x.desk.Intake) }()
	x.stop = func() {
		cancel()
		begun := time.Now()
		<-ended
		if took := time.Since(begun); took > 15*time.Second {
			x.t.Errorf("the channel took %v to stop", took)
		}
	}
}

func (x *torture) open() {
	x.names++
	x.tabs = append(x.tabs, newStranger(fmt.Sprint("tab", x.names), "http://desk.test/channels/ch_test/", x.air, &x.shelf))
}

func (x *torture) close(i int) {
	x.tabs[i].leave()
	x.gone = append(x.gone, x.tabs[i])
	x.tabs = slices.Delete(x.tabs, i, i+1)
}

func (x *torture) written() (n int) {
	for _, v := range append(slices.Clone(x.tabs), x.gone...) {
		n += v.written
	}
	return n
}

func (x *torture) run(each int) {
	x.open()
	x.tabs[0].say()
	x.within(time.Minute, "the first message", func() string {
		if len(x.desk.Intake.Items()) == 0 {
			return "it is not there"
		}
		return ""
	})
	x.visitor = visitorID(channeltest.Channel, x.shelf.token)
	x.air.mu.Lock()
	x.air.bad = true
	x.air.mu.Unlock()
	begun := time.Now()
	for x.written() < each || x.replies < each {
		x.move(each)
		pause(x.t.Context(), time.Duration(x.rng.IntN(1800))*time.Millisecond)
	}
	x.air.mu.Lock()
	x.air.bad = false
	x.air.mu.Unlock()
	last := time.Now()
	x.within(20*time.Minute, "everything everywhere", x.missing)
	polls, resets := 0, 0
	for _, v := range append(slices.Clone(x.tabs), x.gone...) {
		polls, resets = polls+v.polled, resets+v.resets
		if v.elsewhere {
			x.t.Errorf("%s was told that another tab took over; there were never more than three", v.name)
		}
	}
	x.t.Logf("%v, then complete after %v; %d tabs, %d polls, %d resets", last.Sub(begun).Round(time.Second), time.Since(last).Round(time.Second), x.names, polls, resets)
	x.compare()
}

// move is what happens next.
func (x *torture) move(each int) {
	tab := x.tabs[x.rng.IntN(len(x.tabs))]
	switch n := x.rng.IntN(100); {
	case n < 45:
		for range 1 + x.rng.IntN(3) {
			if x.written() < each {
				tab.say()
			}
		}
	case n < 85:
		for range 1 + x.rng.IntN(4) {
			if x.replies < each {
				x.replies++
				x.desk.Reply(x.visitor, "Ana", fmt.Sprint("reply ", x.replies))
			}
		}
	case n < 88:
		x.closed = !x.closed
		to := map[bool]deskpb.TicketStatus{true: deskpb.TicketStatus_TICKET_STATUS_CLOSED, false: deskpb.TicketStatus_TICKET_STATUS_NEW}[x.closed]
		x.desk.Threads.Append(x.visitor, nil, &deskpb.TicketStatusChanged{To: to})
	case n < 90:
		x.desk.Threads.Append(x.visitor, nil, &deskpb.NoteAdded{Message: "n", Body: &deskpb.Body{Text: "not for the visitor"}})
	case n < 92:
		x.desk.Intake.Refuse(1+x.rng.IntN(2), errors.New("the disk is full"))
	case n < 93:
		time.AfterFunc(time.Duration(x.rng.IntN(15_000))*time.Millisecond, x.desk.Intake.Hold())
	case n == 93:
		x.stop()
		x.start()
	case n == 94:
		x.desk.Threads.Break(errors.New("the stream cannot be read"))
		time.AfterFunc(3*time.Second, func() { x.desk.Threads.Break(nil) })
	case n == 95 && len(x.tabs) < 3:
		x.open()
	case n == 96 && len(x.tabs) > 1:
		x.close(x.rng.IntN(len(x.tabs)))
	case n == 97: // reloaded
		x.close(slices.Index(x.tabs, tab))
		x.open()
	case n > 97:
		x.air.gust()
	}
}

// within waits, in simulated time, until nothing is wrong.
func (x *torture) within(limit time.Duration, what string, wrong func() string) {
	x.t.Helper()
	for start := time.Now(); ; pause(x.t.Context(), 500*time.Millisecond) {
		why := wrong()
		if why == "" {
			return
		}
		for _, v := range x.tabs {
			v.mu.Lock()
			refused := v.refusals
			v.mu.Unlock()
			if len(refused) > 0 {
				x.t.Fatalf("%s would show a message as not sent: %s", v.name, refused)
			}
		}
		if time.Since(start) > limit {
			x.t.Fatalf("%v passed without %s: %s", limit, what, why)
		}
	}
}

// truth is what the journal says the visitor has to see.
func (x *torture) truth() (all []string, last uint64) {
	closed := false
	for _, rec := range x.desk.Threads.Records(x.visitor) {
		last = max(last, rec.GetVersion())
		switch e := rec.GetEvent().GetKind().(type) {
		case *deskpb.Event_MessageReceived:
			all = append(all, e.MessageReceived.GetBody().GetText())
		case *deskpb.Event_ReplyRequested:
			all = append(all, e.ReplyRequested.GetBody().GetText())
		case *deskpb.Event_TicketStatusChanged:
			if now := e.TicketStatusChanged.GetTo() == deskpb.TicketStatus_TICKET_STATUS_CLOSED; now != closed {
				closed = now
				all = append(all, fmt.Sprint("open ", !closed))
			}
		}
	}
	return all, last
}

func (v *stranger) shows() []string {
	var all []string
	for _, e := range v.said {
		if e.Kind == "status" {
			all = append(all, fmt.Sprint("open ", e.D.Open))
		} else {
			all = append(all, e.D.Text)
		}
	}
	return all
}

func (x *torture) missing() string {
	want, _ := x.truth()
	if n := len(x.shelf.unsent()); n > 0 {
		return fmt.Sprint(n, " messages wait in the browser's storage")
	}
	for _, v := range x.tabs {
		v.mu.Lock()
		shows, out := v.shows(), len(v.out)
		v.mu.Unlock()
		if out > 0 {
			return fmt.Sprintf("%s has %d in its outbox", v.name, out)
		}
		if len(shows) == 0 || shows[len(shows)-1] != want[len(want)-1] {
			return fmt.Sprintf("%s shows %d of %d", v.name, len(shows), len(want))
		}
	}
	return ""
}

// compare holds the journal against what was said, and every tab against the journal.
func (x *torture) compare() {
	want, _ := x.truth()
	next, replies := map[string]int{}, 0
	for _, text := range want {
		if text == fmt.Sprint("reply ", replies+1) {
			replies++
		} else if id, ok := strings.CutPrefix(text, "text of "); ok {
			tab, n, _ := strings.Cut(id, "-")
			if next[tab]++; n != fmt.Sprint(next[tab]) {
				x.t.Errorf("in the journal %s comes where message %d of its tab must: lost, twice or out of order", id, next[tab])
				return
			}
		}
	}
	if replies != x.replies {
		x.t.Errorf("%d replies in the journal, want %d", replies, x.replies)
	}
	for _, v := range append(slices.Clone(x.tabs), x.gone...) {
		if next[v.name] != v.written {
			x.t.Errorf("%d messages of %s in the journal, of %d", next[v.name], v.name, v.written)
		}
	}
	for _, v := range x.tabs {
		v.mu.Lock()
		got := v.shows()
		truncated := v.truncated
		v.mu.Unlock()
		whole := want
		if truncated && len(got) >= maxEvents && len(got) <= len(want) {
			whole = want[len(want)-len(got):]
		}
		if !slices.Equal(got, whole) {
			x.t.Errorf("%s shows\n%v\nof\n%v", v.name, got, whole)
		}
	}
}
