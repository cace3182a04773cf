package channeltest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"unicode/utf8"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/desk"
)

// Intake is a channel's intake in memory: it remembers what was delivered and drops what it knew. A test can hold receipts
// back, refuse items and take credit away.
type Intake struct {
	mu      sync.Mutex
	change  chan struct{} // closed, and made anew, whenever something below changes
	calls   []desk.Inbound
	items   []desk.Inbound
	known   map[string]bool
	held    bool
	waiting []func()
	refuse  int
	refusal error
	credit  int // 0: no limit
	flying  int
	onTake  func(desk.Inbound)

	cursors []string
	aside   []desk.Quarantined
	status  channels.Status
	faults  []string
}

// NewIntake makes an intake that takes everything at once.
func NewIntake() *Intake {
	return &Intake{known: make(map[string]bool), change: make(chan struct{})}
}

// OnTake has f called with every item that is taken for the first time, in order, before its receipt is given. f must not call
// the intake.
func (in *Intake) OnTake(f func(desk.Inbound)) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.onTake = f
}

// Hold keeps receipts back until release is called; release may be called more than once.
func (in *Intake) Hold() (release func()) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.held = true
	return func() {
		in.mu.Lock()
		defer in.mu.Unlock()
		in.held = false
		for _, settle := range in.waiting {
			settle()
		}
		in.waiting = nil
		in.changed()
	}
}

// Refuse answers the next n deliveries with err; they are not taken.
func (in *Intake) Refuse(n int, err error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.refuse, in.refusal = n, err
}

// Credit limits how many items may be in flight; Deliver blocks while there is none left. 0 is no limit.
func (in *Intake) Credit(n int) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.credit = n
	in.changed()
}

// Deliver implements channels.Intake.
func (in *Intake) Deliver(ctx context.Context, item desk.Inbound) <-chan error {
	receipt := make(chan error, 1)
	in.mu.Lock()
	for in.credit > 0 && in.flying >= in.credit {
		change := in.change
		in.mu.Unlock()
		select {
		case <-change:
		case <-ctx.Done():
			receipt <- ctx.Err()
			return receipt
		}
		in.mu.Lock()
	}
	defer in.mu.Unlock()
	in.calls = append(in.calls, item)
	in.flying++
	settle := func() {
		in.flying--
		receipt <- in.settle(item)
	}
	if in.held {
		in.waiting = append(in.waiting, settle)
	} else {
		settle()
	}
	in.changed()
	return receipt
}

// settle is called with the lock held.
func (in *Intake) settle(item desk.Inbound) error {
	if fault := faultOf(item); fault != "" {
		in.faults = append(in.faults, fmt.Sprintf("%q: %s", item.ExternalID, fault))
		return desk.Refuse(desk.Invalid, "", "%s", fault)
	}
	if in.refuse > 0 {
		in.refuse--
		return in.refusal
	}
	if item.Visit != nil {
		return nil // nothing of it is a message
	}
	if in.known[item.ExternalID] {
		for _, was := range in.items {
			if m := item.Message; was.ExternalID == item.ExternalID && m != nil && m.ClientID != "" && m.Body.GetText() != was.Message.Body.GetText() {
				return desk.Reused()
			}
		}
		return nil
	}
	in.known[item.ExternalID] = true
	in.items = append(in.items, item)
	if in.onTake != nil {
		in.onTake(item)
	}
	return nil
}

// faultOf says what is wrong with an item whatever its kind; "" if nothing is.
func faultOf(item desk.Inbound) string {
	switch m := item.Message; {
	case item.Visit != nil && m == nil && item.Report == nil:
		if item.Visit.Conversation == "" {
			return "a visit of no conversation"
		}
		return ""
	case item.ExternalID == "" || len(item.ExternalID) > 512:
		return fmt.Sprintf("an external id of %d bytes", len(item.ExternalID))
	case !utf8.ValidString(item.ExternalID):
		return "an external id that is not UTF-8"
	case item.Identified != nil && m == nil && item.Report == nil:
		if i := item.Identified; i.From == "" || i.Thread == "" || i.Person == nil || i.Person.Identity.GetValue() == "" {
			return "somebody identified without a thread of before, a thread or an identity"
		}
		return ""
	case item.Identified != nil || (m == nil) == (item.Report == nil):
		return "not exactly one of message, report, visit and somebody identified"
	case m == nil:
		if item.Report.Message == "" && item.Report.ExternalID == "" {
			return "a report of no message"
		}
		return ""
	case m.Identity.GetValue() == "":
		return "a message of nobody: no identity"
	case m.Body == nil:
		return "a message without a body"
	case !utf8.ValidString(m.Name) || !utf8.ValidString(m.Subject) || !utf8.ValidString(m.Body.GetText()) || !utf8.ValidString(m.Body.GetHtml()):
		return "text that is not UTF-8"
	}
	return ""
}

// Quarantine implements channels.Intake.
func (in *Intake) Quarantine(_ context.Context, item desk.Quarantined) error {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.aside = append(in.aside, item)
	in.changed()
	return nil
}

// Cursor implements channels.Intake.
func (in *Intake) Cursor() string {
	in.mu.Lock()
	defer in.mu.Unlock()
	if len(in.cursors) == 0 {
		return ""
	}
	return in.cursors[len(in.cursors)-1]
}

// SaveCursor implements channels.Intake.
func (in *Intake) SaveCursor(_ context.Context, cursor string) error {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.cursors = append(in.cursors, cursor)
	in.changed()
	return nil
}

// Report implements channels.Intake.
func (in *Intake) Report(s channels.Status) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.status = s
	in.changed()
}

// changed wakes whoever waits; called with the lock held.
func (in *Intake) changed() {
	close(in.change)
	in.change = make(chan struct{})
}

// Await waits until cond holds, asking again after every change.
func (in *Intake) Await(ctx context.Context, cond func() bool) error {
	for {
		in.mu.Lock()
		change := in.change
		in.mu.Unlock()
		if cond() {
			return nil
		}
		select {
		case <-change:
		case <-ctx.Done():
			return fmt.Errorf("await the intake (%v delivered): %w", in.ids(), ctx.Err())
		}
	}
}

// Calls are all deliveries in order, repeated and refused ones included.
func (in *Intake) Calls() []desk.Inbound { return snapshot(in, &in.calls) }

// Items are the items taken, each once, in order.
func (in *Intake) Items() []desk.Inbound { return snapshot(in, &in.items) }

// Cursors are the cursors saved, in order.
func (in *Intake) Cursors() []string { return snapshot(in, &in.cursors) }

// Set are the items set aside.
func (in *Intake) Set() []desk.Quarantined { return snapshot(in, &in.aside) }

// Faults are the items that no channel may deliver, and why.
func (in *Intake) Faults() []string { return snapshot(in, &in.faults) }

// Status is what the connector reported last.
func (in *Intake) Status() channels.Status {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.status
}

func snapshot[T any](in *Intake, list *[]T) []T {
	in.mu.Lock()
	defer in.mu.Unlock()
	return slices.Clone(*list)
}

func (in *Intake) ids() []string {
	var ids []string
	for _, item := range in.Calls() {
		ids = append(ids, item.ExternalID)
	}
	return ids
}
