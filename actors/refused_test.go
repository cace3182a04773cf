package actors_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/centralita/centralita/actors"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
	"github.com/centralita/centralita/persistence/memory"
	"github.com/centralita/centralita/proto/deskpb"
)

// flaky refuses what the test tells it to refuse; everything else goes to the store below.
type flaky struct {
	*memory.Store
	mu     sync.Mutex
	refuse func(persistence.Entry) error
	full   error
}

func (f *flaky) fill(full error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.full = full
}

func (f *flaky) Refusing() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.full
}

func (f *flaky) set(refuse func(persistence.Entry) error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.refuse = refuse
}

func (f *flaky) Append(e persistence.Entry, done func(desk.Position, error)) {
	f.mu.Lock()
	var err error
	if f.refuse != nil {
		err = f.refuse(e)
	}
	f.mu.Unlock()
	if err != nil {
		f.queue(func() { done(0, err) })
		return
	}
	f.Store.Append(e, done)
}

// queue calls back in order, as the contract says: after what was queued before.
func (f *flaky) queue(callback func()) {
	probe := persistence.Entry{Stream: "team/probe", Expect: 99, Records: []desk.Record{{Stream: "team/probe", Version: 100, Event: deskpb.NewEvent(&deskpb.TeamAdded{})}}}
	f.Store.Append(probe, func(desk.Position, error) { callback() })
}

// When the journal refuses an entry, the state that ran ahead is forgotten: whoever can be answered by deciding again is, nobody is told
// of what did not happen, and nothing is there twice.
func TestRefusedEntries(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want desk.Code // of the one that is hit
	}{
		"somebody else wrote": {persistence.ErrConflict, ""},
		"the key was seen":    {persistence.ErrDuplicate, ""},
		"the disk is full":    {persistence.ErrDiskFull, desk.Unavailable},
		"the journal closed":  {persistence.ErrClosed, desk.Unavailable},
		"too large":           {persistence.ErrTooLarge, desk.Limit},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := &flaky{Store: memory.New()}
				l := start(t, store, actors.Tuning{})
				defer l.stop()
				_, w := l.channel("support@desk.example", nil)
				must(t, w.deliver(mail("m1", "carla@shop.example", "help")))
				conv := desk.ConversationID(l.tickets(desk.ViewOpen)[0].Conversation)
				synctest.Wait() // the reason why nobody has it is stored
				n := 0
				store.set(func(e persistence.Entry) error {
					if e.Stream != conv.Stream() {
						return nil
					}
					if n++; n == 2 {
						return c.err
					}
					return nil
				})
				errs := make([]error, 6)
				var wg sync.WaitGroup
				for i := range errs {
					wg.Go(func() {
						_, errs[i] = l.sys.Do(context.Background(), conv.Stream(), deskpb.NewCommand(&deskpb.AddNote{Message: fmt.Sprintf("n%d", i), Body: &deskpb.Body{Text: "note"}}))
					})
				}
				wg.Wait()
				refused := 0
				for _, err := range errs {
					if err != nil {
						refused++
						if desk.CodeOf(err) != c.want {
							t.Errorf("%v, want code %q", err, c.want)
						}
					}
				}
				if want := map[bool]int{true: 0, false: 1}[c.want == ""]; refused != want {
					t.Errorf("%d were refused, want %d: %v", refused, want, errs)
				}
				store.set(nil)
				l.do(conv.Stream(), deskpb.NewCommand(&deskpb.AddNote{Message: "after", Body: &deskpb.Body{Text: "works again"}}))
				seen, version := map[string]bool{}, uint64(0)
				for r, err := range store.Load(context.Background(), conv.Stream(), 0) {
					must(t, err)
					if version++; r.Version != version {
						t.Errorf("version %d after %d", r.Version, version-1)
					}
					if e := r.Event.GetNoteAdded(); e != nil {
						if seen[e.Message] {
							t.Errorf("%s is there twice", e.Message)
						}
						seen[e.Message] = true
					}
				}
				for i, err := range errs {
					if id := fmt.Sprintf("n%d", i); err == nil && !seen[id] && !errors.Is(c.err, persistence.ErrDuplicate) {
						t.Errorf("%s was acknowledged and is not there", id)
					}
				}
			})
		})
	}
}

// A full disk refuses what comes in; the connector keeps it and brings it again; when there is room it is taken once.
func TestAFullDiskLosesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &flaky{Store: memory.New()}
		l := start(t, store, actors.Tuning{})
		defer l.stop()
		_, w := l.channel("support@desk.example", nil)
		store.set(func(persistence.Entry) error { return persistence.ErrDiskFull })
		if err := w.deliver(mail("m1", "carla@shop.example", "help")); desk.CodeOf(err) != desk.Unavailable {
			t.Fatalf("%v", err)
		}
		store.set(nil)
		must(t, w.deliver(mail("m1", "carla@shop.example", "help")))
		must(t, w.deliver(mail("m1", "carla@shop.example", "help")))
		synctest.Wait()
		if got := l.tickets(desk.ViewOpen); len(got) != 1 || got[0].Messages != 1 {
			t.Fatalf("%v", got)
		}
	})
}

// Whoever asks whether the desk is ready is told that its disk is full, before anybody tries to write.
func TestNotReadyOnAFullDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &flaky{Store: memory.New()}
		l := start(t, store, actors.Tuning{})
		defer l.stop()
		must(t, l.sys.Ready())
		store.fill(persistence.ErrDiskFull)
		if err := l.sys.Ready(); desk.CodeOf(err) != desk.Unavailable || !strings.Contains(err.Error(), "disk is nearly full") {
			t.Errorf("%v", err)
		}
		store.fill(errors.New("a write failed"))
		if l.sys.Ready() == nil {
			t.Error("ready, though the journal takes nothing")
		}
		store.fill(nil)
		must(t, l.sys.Ready())
	})
}

// An item that comes again is counted as that, whether the first one is durable already or on its way.
func TestDuplicatesAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &heldBack{Store: memory.New(), wait: make(chan struct{})}
		l := start(t, store, actors.Tuning{})
		defer l.stop()
		_, w := l.channel("support@desk.example", nil)
		store.hold.Store(true)
		results := make(chan error, 3)
		for range 3 {
			go func() { results <- w.deliver(mail("m1", "carla@shop.example", "help")) }()
		}
		synctest.Wait() // all three wait for the first to be durable
		store.hold.Store(false)
		close(store.wait)
		for range 3 {
			must(t, <-results)
		}
		must(t, w.deliver(mail("m1", "carla@shop.example", "help")))
		synctest.Wait()
		l.obs.mu.Lock()
		defer l.obs.mu.Unlock()
		if l.obs.items["inbound"] != 1 || l.obs.items["duplicate"] != 3 {
			t.Errorf("counted %v", l.obs.items)
		}
	})
}

// A visitor's id for other words than before is refused, whether the first message is durable already or on its way; the same words
// are the same message.
func TestAVisitorsIDForOtherWords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &heldBack{Store: memory.New(), wait: make(chan struct{})}
		l := start(t, store, actors.Tuning{})
		defer l.stop()
		_, w := l.channel("support@desk.example", nil)
		say := func(text string) error {
			item := mail("v1/m1", "carla@shop.example", text)
			item.Message.ClientID, item.Message.Recognised = "m1", true
			return w.deliver(item)
		}
		reused := func(when string, err error) {
			t.Helper()
			if desk.CodeOf(err) != desk.Conflict || desk.ReasonOf(err) != "reused" {
				t.Errorf("%s: %v", when, err)
			}
		}
		store.hold.Store(true)
		first := make(chan error, 1)
		go func() { first <- say("one") }()
		synctest.Wait()
		reused("on its way", say("two"))
		store.hold.Store(false)
		close(store.wait)
		must(t, <-first)
		reused("durable", say("two"))
		must(t, say("one"))
		synctest.Wait()
		if got := l.tickets(desk.ViewOpen); len(got) != 1 || got[0].Messages != 1 {
			t.Errorf("%v", got)
		}
	})
}

// heldBack holds what is to be written until the test lets it go.
type heldBack struct {
	*memory.Store
	hold atomic.Bool
	wait chan struct{}
}

func (s *heldBack) Append(e persistence.Entry, done func(desk.Position, error)) {
	if !s.hold.Load() {
		s.Store.Append(e, done)
		return
	}
	go func() {
		<-s.wait
		s.Store.Append(e, done)
	}()
}

// A graceful stop lets an attempt under way end and records it; nothing new is taken meanwhile.
func TestAGracefulStopRecordsWhatIsUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory.New()
		l := start(t, store, actors.Tuning{})
		_, w := l.channel("support@desk.example", nil)
		must(t, w.deliver(mail("m1", "carla@shop.example", "help")))
		conv := l.tickets(desk.ViewOpen)[0].Conversation
		w.onSend = func(desk.Outbound) (string, error) {
			time.Sleep(3 * time.Second)
			return "x", nil
		}
		l.reply(conv, "r1", "hello", "ana")
		synctest.Wait()
		l.stop()
		if state, _ := delivery(l, conv, "r1"); state != deskpb.DeliveryState_DELIVERY_STATE_SENT {
			t.Errorf("the attempt under way is %v", state)
		}
		if _, err := l.sys.Do(context.Background(), desk.ConversationID(conv).Stream(), deskpb.NewCommand(&deskpb.SetTicketStatus{Status: deskpb.TicketStatus_TICKET_STATUS_CLOSED})); desk.CodeOf(err) != desk.Unavailable {
			t.Errorf("taken after the stop: %v", err)
		}
	})
}

// Whoever watches a thread sees history, then what is new, each record once.
func TestWatchingAThread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := start(t, memory.New(), actors.Tuning{})
		defer l.stop()
		_, w := l.channel("chat", nil)
		say := func(n int) {
			must(t, w.deliver(desk.Inbound{ExternalID: fmt.Sprint(n), Message: &desk.InboundMessage{
				Identity: &deskpb.Identity{Kind: deskpb.IdentityKind_IDENTITY_KIND_VISITOR, Value: "v"}, Thread: "v", Body: &deskpb.Body{Text: fmt.Sprint(n)},
			}}))
		}
		say(1)
		var mu sync.Mutex
		var got []uint64
		thread := w.threads.Open("v")
		ctx, cancel := context.WithCancel(context.Background())
		read := func() {
			mu.Lock()
			defer mu.Unlock()
			for r, err := range thread.History(ctx, uint64(len(got))) {
				if err != nil {
					return
				}
				got = append(got, r.Version)
			}
		}
		thread.OnNews(ctx, func() { go read() })
		read()
		history := len(got)
		for n := range 20 {
			say(n + 2)
		}
		synctest.Wait()
		cancel()
		mu.Lock()
		defer mu.Unlock()
		for i, v := range got {
			if v != uint64(i+1) {
				t.Fatalf("versions %v", got)
			}
		}
		if len(got) < 21 || history < 1 {
			t.Fatalf("only %d records", len(got))
		}
	})
}
