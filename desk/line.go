package desk

import (
	"container/heap"
	"slices"

	"github.com/centralita/centralita/proto/deskpb"
)

// Line is the waiting line: a queue for each class of tickets that the same people may take, so that somebody who becomes free
// is looked for only where he may help. Tickets stand by priority, by what is due first, then by age, and so do the queues by their first tickets.
type Line struct {
	byID    map[ConversationID]*standing
	queues  map[Class]*Queue
	byRule  map[poolKey][]*Queue
	byOwner map[AgentID][]*Queue
	unknown []poolKey // rules that came since Pools were asked last
	gen     int       // of the Pools that were asked
	paces   map[Served]*pace
}

// Class is what decides who may take a ticket: its rule, whose rounds count, the contact's owner if the rule asks for him, whether it is
// talked in right now, and how much it is.
type Class struct {
	Rule  *deskpb.RoutingRule
	Turns string
	Owner AgentID
	Live  bool
	Size  Size // who has room for a chat may have none for a mail
}

// key names those in the running for its tickets.
func (c Class) key() poolKey { return poolKey{c.Rule, c.Turns, c.Live, c.Size.known()} }

func (k poolKey) question() Question {
	return Question{Rule: k.rule, Turns: k.turns, Live: k.live, Size: k.size}
}

// Queue is a class's part of the line.
type Queue struct {
	Class
	free waiting
	all  int // those included that are held
}

type standing struct {
	ticket Ticket
	queue  *Queue
	in     int // in the queue's heap; -1: held, while an owner is looked for

	waitsMs int64 // since nobody was found for it; 0: it only passes through
	rests   bool  // nobody may be given it now: it stands before nobody
}

// NewLine is an empty line.
func NewLine() *Line {
	return &Line{byID: map[ConversationID]*standing{}, queues: map[Class]*Queue{}, byRule: map[poolKey][]*Queue{}, byOwner: map[AgentID][]*Queue{}, paces: map[Served]*pace{}}
}

// InOrder compares by who is served first: the more urgent, then what is due first (before what is due by no time), then who waits
// longer; the number decides last.
func InOrder(a, b Ticket) int {
	switch {
	case a.Priority != b.Priority:
		return int(b.Priority) - int(a.Priority)
	case a.DueMs != b.DueMs:
		if a.DueMs != 0 && (a.DueMs < b.DueMs || b.DueMs == 0) {
			return -1
		}
		return 1
	case a.InLineSinceMs != b.InLineSinceMs:
		if a.InLineSinceMs < b.InLineSinceMs {
			return -1
		}
		return 1
	case a.Number < b.Number:
		return -1
	case a.Number > b.Number:
		return 1
	}
	return 0
}

// Len is how many stand in line, those included for whom an owner is being looked for.
func (l *Line) Len() int { return len(l.byID) }

// Has says whether a ticket stands in line.
func (l *Line) Has(id ConversationID) bool { return l.byID[id] != nil }

// Put adds a ticket, or moves it to where its row belongs now. One that is held stays held.
func (l *Line) Put(t Ticket, c Class) {
	id := ConversationID(t.Conversation)
	if s := l.byID[id]; s != nil {
		if s.queue.Class == c {
			s.ticket = t
			if s.in >= 0 {
				heap.Fix(&s.queue.free, s.in)
			}
			return
		}
		held, waits, rests := s.in < 0, s.waitsMs, s.rests
		if waits > 0 {
			l.end(s)
		}
		l.Remove(id)
		l.join(t, c, held)
		l.byID[id].rests = rests
		if waits > 0 {
			l.begin(l.byID[id], waits)
		}
		return
	}
	l.join(t, c, false)
}

func (l *Line) join(t Ticket, c Class, held bool) {
	q := l.queues[c]
	if q == nil {
		q = &Queue{Class: c}
		l.queues[c] = q
		key := c.key()
		if l.byRule[key] == nil {
			l.unknown = append(l.unknown, key)
		}
		l.byRule[key] = append(l.byRule[key], q)
		if c.Owner != "" {
			l.byOwner[c.Owner] = append(l.byOwner[c.Owner], q)
		}
	}
	s := &standing{ticket: t, queue: q, in: -1}
	l.byID[ConversationID(t.Conversation)] = s
	q.all++
	if !held {
		heap.Push(&q.free, s)
	}
}

// Remove takes a ticket out of the line; a queue in which nobody stands goes with it.
func (l *Line) Remove(id ConversationID) {
	s := l.byID[id]
	if s == nil {
		return
	}
	delete(l.byID, id)
	if s.in >= 0 {
		heap.Remove(&s.queue.free, s.in)
	}
	q := s.queue
	if q.all--; q.all > 0 {
		return
	}
	delete(l.queues, q.Class)
	leaves(l.byRule, q.key(), q)
	if q.Owner != "" {
		leaves(l.byOwner, q.Owner, q)
	}
}

func leaves[K comparable](m map[K][]*Queue, k K, q *Queue) {
	if m[k] = slices.DeleteFunc(m[k], func(o *Queue) bool { return o == q }); len(m[k]) == 0 {
		delete(m, k)
	}
}

// Hold keeps a ticket out of its queue while an owner is looked for.
func (l *Line) Hold(id ConversationID) {
	if s := l.byID[id]; s != nil && s.in >= 0 {
		heap.Remove(&s.queue.free, s.in)
	}
}

// Release puts a held ticket back to where it belongs.
func (l *Line) Release(id ConversationID) {
	s := l.byID[id]
	if s == nil {
		return
	}
	if s.rests = false; s.in < 0 {
		heap.Push(&s.queue.free, s)
	}
}

// Of is the queue a ticket stands in.
func (l *Line) Of(id ConversationID) []*Queue {
	if s := l.byID[id]; s != nil {
		return []*Queue{s.queue}
	}
	return nil
}

// Tickets are all that stand in line, in no order.
func (l *Line) Tickets() []Ticket {
	all := make([]Ticket, 0, len(l.byID))
	for _, s := range l.byID {
		all = append(all, s.ticket)
	}
	return all
}

// All are all queues.
func (l *Line) All() []*Queue {
	all := make([]*Queue, 0, len(l.queues))
	for _, q := range l.queues {
		all = append(all, q)
	}
	return all
}

// For are the queues that an agent may take tickets of, each once.
func (l *Line) For(p *Pools, id AgentID) []*Queue {
	if l.gen != p.gen { // they forgot their rules
		l.gen, l.unknown = p.gen, l.unknown[:0]
		for key := range l.byRule {
			p.pool(key.question())
		}
	}
	for _, key := range l.unknown {
		p.pool(key.question())
	}
	l.unknown = l.unknown[:0]
	queues := slices.Clone(l.byOwner[id])
	for _, pl := range p.of[id] {
		for _, q := range l.byRule[pl.key] {
			if q.Owner != id { // else it is there already
				queues = append(queues, q)
			}
		}
	}
	return queues
}

// Drain offers the first tickets of the queues, each given once, in the order of the line, until each queue is empty or nobody takes its first one:
// who stands behind it may be taken by the same people. take holds or removes the tickets it takes.
func Drain(queues []*Queue, take func(Ticket) bool) {
	first := make(byFirst, 0, len(queues))
	for _, q := range queues {
		if len(q.free) > 0 {
			first = append(first, q)
		}
	}
	heap.Init(&first)
	for len(first) > 0 {
		s := first[0].free[0]
		if take(s.ticket) && s.in < 0 && len(first[0].free) > 0 {
			heap.Fix(&first, 0)
		} else {
			heap.Pop(&first)
		}
	}
}

// waiting is a heap of those who stand in a queue.
type waiting []*standing

func (w waiting) Len() int           { return len(w) }
func (w waiting) Less(i, j int) bool { return InOrder(w[i].ticket, w[j].ticket) < 0 }
func (w waiting) Swap(i, j int)      { w[i], w[j] = w[j], w[i]; w[i].in, w[j].in = i, j }

func (w *waiting) Push(x any) {
	s := x.(*standing) //nolint:forcetypeassert // only this file pushes
	s.in = len(*w)
	*w = append(*w, s)
}

func (w *waiting) Pop() any {
	old := *w
	s := old[len(old)-1]
	old[len(old)-1] = nil
	*w, s.in = old[:len(old)-1], -1
	return s
}

// byFirst is a heap of queues by who stands first in each.
type byFirst []*Queue

func (f byFirst) Len() int           { return len(f) }
func (f byFirst) Less(i, j int) bool { return InOrder(f[i].free[0].ticket, f[j].free[0].ticket) < 0 }
func (f byFirst) Swap(i, j int)      { f[i], f[j] = f[j], f[i] }
func (f *byFirst) Push(x any)        { *f = append(*f, x.(*Queue)) } //nolint:forcetypeassert // only this file pushes

func (f *byFirst) Pop() any {
	old := *f
	q := old[len(old)-1]
	*f = old[:len(old)-1]
	return q
}
