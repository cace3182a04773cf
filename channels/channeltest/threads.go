package channeltest

import (
	"context"
	"iter"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/channels"
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
	news      map[int]news
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

type news struct {
	thread string
	f      func()
}

// NewThreads makes an empty memory with one agent available.
func NewThreads() *Threads {
	return &Threads{
		change: make(chan struct{}), records: make(map[string][]desk.Record), leads: make(map[string][]string), available: 1, listeners: make(map[int]listener), news: make(map[int]news),
	}
}

// Append writes facts to the conversation of a thread, which begins with the first of them.
func (th *Threads) Append(thread string, by *deskpb.Author, facts ...proto.Message) []desk.Record {
	added, tell := th.append(thread, by, facts)
	for _, f := range tell {
		f()
	}
	return added
}

func (th *Threads) append(thread string, by *deskpb.Author, facts []proto.Message) (added []desk.Record, tell []func()) {
	th.mu.Lock()
	defer th.mu.Unlock()
	thread, _ = th.behind(thread)
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
	for _, n := range th.news {
		if n.thread == thread {
			tell = append(tell, n.f)
		}
	}
	return added, tell
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

// Break makes reading fail with err until it is called with nil.
func (th *Threads) Break(err error) {
	th.mu.Lock()
	th.broken = err
	th.changed()
	var tell []func()
	for _, n := range th.news {
		tell = append(tell, n.f)
	}
	th.mu.Unlock()
	for _, f := range tell {
		f()
	}
}

// Open implements channels.Threads.
func (th *Threads) Open(thread string) channels.Thread {
	th.mu.Lock()
	defer th.mu.Unlock()
	now, earlier := th.behind(thread)
	return &opened{th, now, earlier}
}

// opened is where a thread led to when it was opened.
type opened struct {
	*Threads
	thread  string
	earlier []string
}

// Earlier implements channels.Thread.
func (o *opened) Earlier(ctx context.Context) iter.Seq2[desk.Record, error] {
	return func(yield func(desk.Record, error) bool) {
		for _, part := range o.earlier {
			for r, err := range (&opened{Threads: o.Threads, thread: part}).History(ctx, 0) {
				if !yield(r, err) {
					return
				}
			}
		}
	}
}

// History implements channels.Thread.
func (o *opened) History(_ context.Context, after uint64) iter.Seq2[desk.Record, error] {
	return func(yield func(desk.Record, error) bool) {
		o.mu.Lock()
		broken, records := o.broken, o.records[o.thread]
		o.mu.Unlock()
		if broken != nil {
			yield(nil, broken)
			return
		}
		for after < uint64(len(records)) {
			if !yield(records[after], nil) {
				return
			}
			after++
		}
	}
}

// OnNews implements channels.Thread.
func (o *opened) OnNews(ctx context.Context, f func()) {
	o.mu.Lock()
	id := o.next
	o.next++
	o.news[id] = news{thread: o.thread, f: f}
	o.mu.Unlock()
	context.AfterFunc(ctx, func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		delete(o.news, id)
	})
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
