//go:build integration

package main

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/centralita/centralita"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/internal/mailsim"
	"github.com/centralita/centralita/internal/mailsim/dovecot"
	"github.com/centralita/centralita/proto/deskpb"
)

// startDovecot runs a real Dovecot with the support mailbox.
func startDovecot(t *testing.T) *dovecot.Server {
	t.Helper()
	d, err := dovecot.Start(map[string]string{supportAddress: mailPassword})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Stop(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// awaitIdle waits until a mail channel has taken in everything and lies in wait.
func awaitIdle(t *testing.T, c *restClient, id string) {
	t.Helper()
	eventually(t, 60*time.Second, "the mailbox is idle", func() bool {
		h := c.channel(t, id).Health
		return h.State == "running" && h.Phase == "idling"
	})
}

// A delivered mail comes into the journal by itself: Dovecot pushes, nobody polls (the poll is every 90 s).
func TestDovecotPushes(t *testing.T) {
	box, out := startDovecot(t), startMailServer(t)
	d := openDesk(t, "", nil)
	admin := d.setUp(t)
	admin.setAvailable(t, true)
	ch := admin.connect(t, mailChannel(supportAddress, box.IMAPAddr(), out.SMTPAddr(), admin))
	awaitIdle(t, admin, ch.ID)
	c := follow(t, d.engine)
	var slowest time.Duration
	for n := range 8 {
		name := fmt.Sprintf("Pushed %d", n)
		l := letter{from: "Carl <carl@customer.test>", to: supportAddress, subject: name, id: fmt.Sprintf("push%d@customer.test", n), text: "Hello"}
		start := time.Now()
		if err := box.Deliver(supportAddress, l.raw()); err != nil {
			t.Fatal(err)
		}
		eventually(t, patience, name+" is in the journal", func() bool { _, ok := c.arrived(name); return ok })
		at, _ := c.arrived(name)
		slowest = max(slowest, at.Sub(start))
	}
	t.Logf("slowest of 8, from the start of LMTP to the journal: %v", slowest.Round(time.Millisecond))
	if slowest > 20*time.Second { // how quick it is, a busy machine does not tell
		t.Errorf("a mail took %v to the journal", slowest)
	}
}

// correspondence is threads of one to six mails, all of them mixed: answers lie beside what they answer and often before it.
// sent names the thread of each mail.
func correspondence(n int, prefix string) (mails [][]byte, sent map[string]string) {
	sent = make(map[string]string, n)
	var letters []letter
	for thread := 0; len(letters) < n; thread++ {
		from := fmt.Sprintf("Customer %d <c%d@customer%d.test>", thread, thread, thread)
		var chain []string
		for i := range min(1+rand.IntN(6), n-len(letters)) {
			name := fmt.Sprintf("%s thread %d mail %d", prefix, thread, i)
			l := letter{from: from, to: supportAddress, subject: name, id: fmt.Sprintf("%s.%d.%d@customer.test", prefix, thread, i),
				text: strings.Repeat("A line of text as people write it, with some length.\n", 10+rand.IntN(50))}
			l.answers = append(l.answers, chain...)
			chain = append(chain, l.id)
			letters = append(letters, l)
			sent[name] = fmt.Sprintf("%s %d", prefix, thread)
		}
	}
	for i := range letters { // an answer overtakes its parent, or another thread's mail
		if j := i + rand.IntN(4); j < len(letters) {
			letters[i], letters[j] = letters[j], letters[i]
		}
	}
	for _, l := range letters {
		mails = append(mails, l.raw())
	}
	return mails, sent
}

// deliverAll hands mails over side by side, so that it does not take long.
func deliverAll(t *testing.T, box *dovecot.Server, mails [][]byte) {
	t.Helper()
	const hands = 4
	errs := make(chan error, hands)
	for h := range hands {
		var mine [][]byte
		for i := h; i < len(mails); i += hands {
			mine = append(mine, mails[i])
		}
		go func() { errs <- box.Deliver(supportAddress, mine...) }()
	}
	for range hands {
		if err := <-errs; err != nil {
			t.Fatal(err)
		}
	}
}

func processCPU(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// Two thousand mails wait when the channel is switched on: all of them are taken in once, no thread becomes two tickets, and
// every ticket gets an owner. How long it takes is told, not judged: the race detector runs here too.
func TestDovecotBacklog(t *testing.T) {
	const n = 2000
	box, out := startDovecot(t), startMailServer(t)
	d := openDesk(t, "", nil)
	admin := d.setUp(t)
	admin.setAvailable(t, true)
	agents := []*restClient{admin}
	for i := range 4 {
		agents = append(agents, admin.addAgent(t, fmt.Sprintf("Agent %d", i), fmt.Sprintf("agent%d@desk.test", i), 0))
	}
	ch := admin.connect(t, mailChannel(supportAddress, box.IMAPAddr(), out.SMTPAddr(), agents...))
	awaitIdle(t, admin, ch.ID)
	admin.must(t, "PUT", "/channels/"+ch.ID+"/on", obj{"on": false}, nil)
	admin.awaitChannel(t, ch.ID, "off")
	mails, sent := correspondence(n, "Backlog")
	deliverAll(t, box, mails)
	c := follow(t, d.engine)

	start, cpu := time.Now(), processCPU(t)
	admin.must(t, "PUT", "/channels/"+ch.ID+"/on", obj{"on": true}, nil)
	eventually(t, 2*time.Minute, "all mails are in the journal", func() bool { return c.messages("Backlog") >= n })
	durable := time.Since(start)
	eventually(t, time.Minute, "every ticket has an owner", func() bool { _, without := c.unowned(); return without == 0 })
	took, used := time.Since(start), processCPU(t)-cpu
	t.Logf("%d mails: durable in %v, assigned in %v: %.0f mails/s, %.2f CPU-seconds per 1,000",
		n, durable.Round(time.Millisecond), took.Round(time.Millisecond), n/took.Seconds(), used.Seconds()*1000/n)

	awaitIdle(t, admin, ch.ID)
	tellAll(t, c.compare(sent))
	threads, _ := c.unowned()
	open := admin.tickets(t, "open")
	if len(open) != threads {
		t.Errorf("the list has %d tickets, the journal %d conversations", len(open), threads)
	}
	for _, tk := range open {
		if tk.Owner == nil || tk.InLine {
			t.Errorf("ticket %d has the owner %v, in line %v", tk.Number, tk.Owner, tk.InLine)
		}
	}
	if row := admin.channel(t, ch.ID); row.Quarantined != 0 || row.Health.Restarts != 0 {
		t.Errorf("%d set aside, %d restarts", row.Quarantined, row.Health.Restarts)
	}
}

// Connections are cut inside mails, the server is restarted, the password is changed and set back: nothing is lost, nothing
// doubled, the other mailbox does not notice, and a screen that was away is told everything.
func TestDovecotFaults(t *testing.T) {
	w := newFaultyWorld(t)
	epoch, position := w.epoch, w.position
	for range 40 {
		w.proxy.CutAfter(1500 + rand.Int64N(60_000))
	}
	w.proxy.CutAll()
	w.deliver(800)
	w.caughtUp()
	t.Logf("800 mails over %d connections", w.proxy.Accepted())

	w.proxy.CutAfter(4000, 9000)
	w.deliver(100)
	w.must(w.box.Restart())
	w.deliver(100)
	w.caughtUp()

	w.must(w.box.SetPassword(supportAddress, "another"))
	w.must(w.box.Kick(supportAddress))
	w.deliver(200)
	eventually(t, patience, "the channel tells that the log-in is refused", func() bool {
		row := w.admin.channel(t, w.id)
		if strings.Contains(fmt.Sprint(row), mailPassword) {
			t.Fatal("the channel tells the password")
		}
		return row.Health.State == "failed" && strings.Contains(row.Health.Reason, "refused the log-in")
	})
	w.must(w.box.SetPassword(supportAddress, mailPassword))
	w.caughtUp()
	awaitIdle(t, w.admin, w.id)

	for name, thread := range w.calm.end() {
		w.sent[name] = thread
	}
	eventually(t, patience, "every ticket has an owner", func() bool { _, without := w.journal.unowned(); return without == 0 })
	tellAll(t, w.journal.compare(w.sent))
	if row := w.admin.channel(t, w.id); row.Quarantined != 0 {
		t.Errorf("%d set aside", row.Quarantined)
	}
	row := w.admin.channel(t, w.calmID)
	t.Logf("the other mailbox: %d mails, slowest %v, %d restarts", len(w.calm.sent), w.calm.slowest.Round(time.Millisecond), row.Health.Restarts)
	if row.Health.Restarts != 0 || row.Health.State != "running" {
		t.Errorf("the other mailbox is %s after %d restarts", row.Health.State, row.Health.Restarts)
	}
	checkScreen(t, w.admin, epoch, uint64(position))
}

// faultyWorld is a mailbox behind a network that breaks, and another one behind one that does not.
type faultyWorld struct {
	t          *testing.T
	box        *dovecot.Server
	proxy      *mailsim.Proxy
	desk       *inProcess
	admin      *restClient
	id, calmID string // of the channels
	journal    *chronicle
	epoch      string
	position   desk.Position
	calm       *calmWatch
	mails      [][]byte          // not delivered yet
	sent       map[string]string // message → thread
	delivered  int
}

func newFaultyWorld(t *testing.T) *faultyWorld {
	t.Helper()
	w := &faultyWorld{t: t, box: startDovecot(t)}
	other := startMailServer(t, "other@desk.test")
	var err error
	w.proxy, err = mailsim.NewProxy(w.box.IMAPAddr())
	w.must(err)
	t.Cleanup(func() { _ = w.proxy.Close() })
	w.desk = openDesk(t, "", func(o *centralita.Options) {
		o.Logger = slog.New(slog.DiscardHandler) // it would tell of every cut
		o.Tuning.RestartMin, o.Tuning.RestartMax, o.Tuning.AuthRetryMin = 10*time.Millisecond, 100*time.Millisecond, 50*time.Millisecond
	})
	w.admin = w.desk.setUp(t)
	w.admin.setAvailable(t, true)
	quiet := mailChannel("other@desk.test", other.IMAPAddr(), other.SMTPAddr(), w.admin)
	quiet["config"].(obj)["poll_seconds"] = 1 // the simulator loses a push now and then
	w.calmID = w.admin.connect(t, quiet).ID
	w.id = w.admin.connect(t, mailChannel(supportAddress, w.proxy.Addr(), other.SMTPAddr(), w.admin)).ID
	awaitIdle(t, w.admin, w.id)
	awaitIdle(t, w.admin, w.calmID)
	w.journal = follow(t, w.desk.engine)
	w.epoch, w.position = w.desk.engine.Head() // before the first mail: a screen resumes from here
	w.calm = watchCalm(t, "other@desk.test", other.Deliver, w.journal, 30*time.Millisecond)
	w.mails, w.sent = correspondence(1200, "Fault")
	return w
}

func (w *faultyWorld) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *faultyWorld) deliver(n int) {
	w.t.Helper()
	deliverAll(w.t, w.box, w.mails[:n])
	w.mails, w.delivered = w.mails[n:], w.delivered+n
}

// caughtUp waits until everything delivered is in the journal.
func (w *faultyWorld) caughtUp() {
	w.t.Helper()
	eventually(w.t, 2*time.Minute, fmt.Sprintf("%d mails are in", w.delivered), func() bool { return w.journal.messages("Fault") >= w.delivered })
}

// checkScreen resumes a screen from a position: what it is told of every ticket is what the list says.
func checkScreen(t *testing.T, c *restClient, epoch string, position uint64) {
	t.Helper()
	s := c.dialSocket(t, epoch, position, &deskpb.Subscribe{Tickets: true})
	rows := map[string]*deskpb.TicketSummary{}
	s.until(t, "the end of what was missed", func(f *deskpb.ServerFrame) bool {
		if k := f.GetTicket(); k != nil {
			rows[k.Ticket.Conversation] = k.Ticket
		}
		if f.GetReset_() != nil {
			t.Fatalf("the screen is told to start anew: %s", f.GetReset_().Reason)
		}
		return f.GetCaughtUp() != nil
	})
	for _, tk := range c.tickets(t, "open") {
		if row := rows[tk.ID]; int(row.GetMessages()) != tk.Messages || tk.Owner == nil || row.GetOwner() != tk.Owner.ID {
			t.Errorf("the screen is told of ticket %d: %v; the list says %+v", tk.Number, row, tk)
			return
		}
	}
}

func tellAll(t *testing.T, faults []string) {
	t.Helper()
	for i, f := range faults {
		if i == 10 {
			t.Errorf("… and %d more", len(faults)-i)
			return
		}
		t.Error(f)
	}
}

// calmWatch writes to a mailbox one mail after the other and measures each one's way into the journal.
type calmWatch struct {
	c       *chronicle
	stop    chan struct{}
	ended   chan struct{}
	sent    map[string]string // read after end
	slowest time.Duration     // read after end

	mu    sync.Mutex
	times []time.Duration
}

// took is how long each mail took so far.
func (w *calmWatch) took() []time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.times)
}

func watchCalm(t *testing.T, address string, deliver func(to string, raw []byte) error, c *chronicle, pause time.Duration) *calmWatch {
	t.Helper()
	w := &calmWatch{c: c, stop: make(chan struct{}), ended: make(chan struct{}), sent: map[string]string{}}
	go func() {
		defer close(w.ended)
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for n := 0; ; n++ {
			name := fmt.Sprintf("Calm %d of %s", n, address)
			l := letter{from: fmt.Sprintf("Calma <calma@calm%d.test>", n), to: address, subject: name, id: fmt.Sprintf("calm%d.%s", n, address), text: "All is well."}
			start := time.Now()
			if err := deliver(l.to, l.raw()); err != nil {
				t.Error(err)
				return
			}
			w.sent[name] = name
			at, ok := c.arrived(name)
			for ; !ok; at, ok = c.arrived(name) {
				<-tick.C
				if time.Since(start) > 20*time.Second {
					t.Errorf("%s did not arrive", name)
					return
				}
			}
			w.slowest = max(w.slowest, at.Sub(start))
			w.mu.Lock()
			w.times = append(w.times, at.Sub(start))
			w.mu.Unlock()
			select {
			case <-w.stop:
				return
			case <-time.After(pause):
			}
		}
	}()
	t.Cleanup(func() { w.end() })
	return w
}

// end stops writing and gives what was sent: each mail a thread of its own.
func (w *calmWatch) end() map[string]string {
	select {
	case <-w.stop:
	default:
		close(w.stop)
	}
	<-w.ended
	return w.sent
}
