package channeltest

import (
	"context"
	"iter"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// Threads is a memory of conversations by thread that a test appends to.
type Threads struct {
	mu        sync.Mutex
	change    chan struct{}
	records   map[string][]desk.Record
	leads     map[string][]string // of a person's thread: whose records it has, the earliest first
	position  uint64
	broken    error
	available int
	back      time.Time
	places    map[string]desk.LinePlace
	typings   []Typing
	listeners map[int]listener
	next      int
}

// Typing is a sign that was passed on.
type Typing struct {
	Thread string
	On     bool
}

type listener struct {
	thread string
	f      func(name string, on bool)
}

// NewThreads makes an empty memory with one agent available.
func NewThreads() *Threads {
	return &Threads{
		change: make(chan struct{}), records: make(map[string][]desk.Record), leads: make(map[string][]string), available: 1, listeners: make(map[int]listener),
	}
}

// Append writes facts to the conversation of a thread, which begins with the first of them.
func (th *Threads) Append(thread string, by *deskpb.Author, facts ...proto.Message) []desk.Record {
	th.mu.Lock()
	defer th.mu.Unlock()
	thread, _ = th.behind(thread)
	var added []desk.Record
	for _, fact := range facts {
		th.position++
		added = append(added, &deskpb.Record{
			Stream:  string(StreamOf(thread)),
			Version: uint64(len(th.records[thread])) + 1, Position: th.position,
			AtMs: time.Now().UnixMilli(), By: by, Event: deskpb.NewEvent(fact),
		})
		th.records[thread] = append(th.records[thread], added[len(added)-1])
	}
	th.changed()
	return added
}

// StreamOf is the stream that Append writes the thread's conversation to.
func StreamOf(thread string) desk.StreamID {
	return desk.ConversationIDFor(Channel, thread).Stream()
}

// Records are the facts of a thread.
func (th *Threads) Records(thread string) []desk.Record {
	th.mu.Lock()
	defer th.mu.Unlock()
	thread, _ = th.behind(thread)
	return th.records[thread][:len(th.records[thread]):len(th.records[thread])]
}

// behind is where a thread leads now, and what is read before it; called with the lock held.
func (th *Threads) behind(thread string) (now string, earlier []string) {
	all := th.leads[thread]
	if len(all) == 0 {
		return thread, nil
	}
	return all[len(all)-1], all[:len(all)-1]
}

// lead lets a thread lead to the conversation of another, after what it led to until now.
func (th *Threads) lead(thread, to string) {
	th.mu.Lock()
	defer th.mu.Unlock()
	all := th.leads[thread]
	if len(all) == 0 && len(th.records[thread]) > 0 {
		all = []string{thread}
	}
	th.leads[thread] = append(all[:len(all):len(all)], to)
	th.changed()
}

// Forget throws a thread's conversation away, as restoring an older backup would.
func (th *Threads) Forget(thread string) {
	th.mu.Lock()
	defer th.mu.Unlock()
	delete(th.records, thread)
}

// Break makes every Watch fail with err until it is called with nil.
func (th *Threads) Break(err error) {
	th.mu.Lock()
	defer th.mu.Unlock()
	th.broken = err
	th.changed()
}

// Watch implements channels.Threads.
func (th *Threads) Watch(ctx context.Context, thread string, after uint64) iter.Seq2[desk.Record, error] {
	return func(yield func(desk.Record, error) bool) {
		th.mu.Lock()
		thread, parts := th.behind(thread)
		var earlier []desk.Record
		for _, p := range parts {
			earlier = append(earlier, th.records[p]...)
		}
		th.mu.Unlock()
		for _, r := range earlier {
			if after == 0 && !yield(r, nil) {
				return
			}
		}
		for history := true; ; {
			th.mu.Lock()
			change, broken := th.change, th.broken
			var fresh []desk.Record
			if records := th.records[thread]; after < uint64(len(records)) {
				fresh = records[after:len(records):len(records)]
			}
			th.mu.Unlock()
			if broken != nil {
				yield(nil, broken)
				return
			}
			for _, r := range fresh {
				if ctx.Err() != nil || !yield(r, nil) {
					return
				}
				after = r.GetVersion()
			}
			if len(fresh) > 0 {
				continue
			}
			if history {
				if history = false; !yield(nil, nil) {
					return
				}
			}
			select {
			case <-change:
			case <-ctx.Done():
				return
			}
		}
	}
}

// SetAvailable says how many agents are available.
func (th *Threads) SetAvailable(n int) {
	th.mu.Lock()
	defer th.mu.Unlock()
	th.available = n
}

// Agents implements channels.Threads.
func (th *Threads) Agents(context.Context) (int, time.Time, error) {
	th.mu.Lock()
	defer th.mu.Unlock()
	return th.available, th.back, th.broken
}

// SetBack says when somebody is due back.
func (th *Threads) SetBack(at time.Time) {
	th.mu.Lock()
	defer th.mu.Unlock()
	th.back = at
}

// SetPlace says where a thread's ticket stands in line.
func (th *Threads) SetPlace(thread string, p desk.LinePlace) {
	th.mu.Lock()
	defer th.mu.Unlock()
	if th.places == nil {
		th.places = map[string]desk.LinePlace{}
	}
	th.places[thread] = p
}

// Place implements channels.Threads.
func (th *Threads) Place(_ context.Context, thread string) (desk.LinePlace, error) {
	th.mu.Lock()
	defer th.mu.Unlock()
	return th.places[thread], th.broken
}

// Typing implements channels.Threads.
func (th *Threads) Typing(thread string, on bool) {
	th.mu.Lock()
	defer th.mu.Unlock()
	th.typings = append(th.typings, Typing{Thread: thread, On: on})
	th.changed()
}

// Typings are the signs passed on by the connector.
func (th *Threads) Typings() []Typing {
	th.mu.Lock()
	defer th.mu.Unlock()
	return append([]Typing(nil), th.typings...)
}

// OnTyping implements channels.Threads.
func (th *Threads) OnTyping(ctx context.Context, thread string, f func(agentName string, on bool)) {
	th.mu.Lock()
	id := th.next
	th.next++
	th.listeners[id] = listener{thread: thread, f: f}
	th.mu.Unlock()
	context.AfterFunc(ctx, func() {
		th.mu.Lock()
		defer th.mu.Unlock()
		delete(th.listeners, id)
	})
}

// AgentTypes tells the connector that an agent types.
func (th *Threads) AgentTypes(thread, name string, on bool) {
	th.mu.Lock()
	var hear []func(string, bool)
	for _, l := range th.listeners {
		if l.thread == thread {
			hear = append(hear, l.f)
		}
	}
	th.mu.Unlock()
	for _, f := range hear {
		f(name, on)
	}
}

// Listeners is how many OnTyping registrations are alive.
func (th *Threads) Listeners() int {
	th.mu.Lock()
	defer th.mu.Unlock()
	return len(th.listeners)
}

// Await waits until cond holds, asking again after every change.
func (th *Threads) Await(ctx context.Context, cond func() bool) error {
	for {
		th.mu.Lock()
		change := th.change
		th.mu.Unlock()
		if cond() {
			return nil
		}
		select {
		case <-change:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (th *Threads) changed() {
	close(th.change)
	th.change = make(chan struct{})
}
