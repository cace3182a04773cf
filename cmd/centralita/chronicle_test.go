//go:build integration

package main

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/centralita/centralita"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// chronicle follows the journal and keeps what the tests ask about. Messages are known by their subject or first line.
type chronicle struct {
	mu       sync.Mutex // guards all below
	arrivals map[string][]arrival
	distinct map[string]int    // different messages by the first word of their names
	owner    map[string]string // stream → agent; "" while nobody
	assigned int               // conversations with an owner
}

// arrival is one MessageReceived.
type arrival struct {
	stream string
	at     time.Time
}

// follow reads the journal from its beginning until the test ends.
func follow(t testing.TB, engine *centralita.Engine) *chronicle {
	t.Helper()
	c := &chronicle{arrivals: map[string][]arrival{}, distinct: map[string]int{}, owner: map[string]string{}}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for r, err := range engine.Watch(ctx, 0) {
			if ctx.Err() != nil {
				return
			}
			if err != nil {
				t.Errorf("follow the journal: %v", err)
				return
			}
			c.note(r)
		}
	}()
	t.Cleanup(func() { cancel(); <-done })
	return c
}

func (c *chronicle) note(r desk.Record) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch k := r.Event.GetKind().(type) {
	case *deskpb.Event_ConversationOpened:
		c.own(r.Stream, "")
	case *deskpb.Event_MessageReceived:
		name := k.MessageReceived.Subject
		if name == "" {
			name = k.MessageReceived.Body.GetText()
		}
		if len(c.arrivals[name]) == 0 {
			word, _, _ := strings.Cut(name, " ")
			c.distinct[word]++
		}
		c.arrivals[name] = append(c.arrivals[name], arrival{r.Stream, time.Now()})
	case *deskpb.Event_ConversationAssigned:
		c.own(r.Stream, k.ConversationAssigned.Agent)
	case *deskpb.Event_ConversationUnassigned:
		c.own(r.Stream, "")
	}
}

func (c *chronicle) own(stream, agent string) {
	if c.owner[stream] != "" {
		c.assigned--
	}
	if c.owner[stream] = agent; agent != "" {
		c.assigned++
	}
}

// messages is how many different ones have arrived whose names begin with a word.
func (c *chronicle) messages(word string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.distinct[word]
}

// unowned is how many conversations there are, and how many of them nobody owns.
func (c *chronicle) unowned() (all, without int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.owner), len(c.owner) - c.assigned
}

// arrived says when a message arrived.
func (c *chronicle) arrived(name string) (time.Time, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if a := c.arrivals[name]; len(a) > 0 {
		return a[0].at, true
	}
	return time.Time{}, false
}

// compare holds what arrived against what was sent: name → thread. Every message must be there once, every thread be one
// conversation, every conversation be one thread.
func (c *chronicle) compare(sent map[string]string) (faults []string) {
	c.mu.Lock()
	arrivals := maps.Clone(c.arrivals)
	c.mu.Unlock()
	streamOf, threadOf := map[string]string{}, map[string]string{}
	for name, thread := range sent {
		a := arrivals[name]
		if len(a) != 1 {
			faults = append(faults, fmt.Sprintf("%q arrived %d times", name, len(a)))
			continue
		}
		if s, known := streamOf[thread]; known && s != a[0].stream {
			faults = append(faults, fmt.Sprintf("thread %s is split: %s and %s", thread, s, a[0].stream))
		}
		if th, known := threadOf[a[0].stream]; known && th != thread {
			faults = append(faults, fmt.Sprintf("%s holds two threads: %s and %s", a[0].stream, th, thread))
		}
		streamOf[thread], threadOf[a[0].stream] = a[0].stream, thread
	}
	for name := range arrivals {
		if _, known := sent[name]; !known {
			faults = append(faults, fmt.Sprintf("%q arrived and was never sent", name))
		}
	}
	return faults
}
