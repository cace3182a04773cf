package chat

import (
	"time"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// reportAgain is the pause after a report was not taken.
const reportAgain = 2 * time.Second

// acknowledge notes how far a widget has received and shown what agents wrote.
func (r *room) acknowledge(delivered, read uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	last := r.story.last // nobody has seen what does not exist
	r.read = max(r.read, min(read, last))
	r.delivered = max(r.delivered, min(delivered, last), r.read)
	r.report()
}

// report starts telling the engine what became of replies, if there is something to tell; called with the lock held.
func (r *room) report() {
	if r.reporting || r.ctx.Err() != nil {
		return
	}
	due := r.story.due(r.delivered, r.read)
	if len(due) == 0 {
		return
	}
	r.reporting = true
	r.life.inside.Go(func() { r.deliverReports(due) }) // the room's own goroutine is inside, so it cannot be at zero
}

func (r *room) deliverReports(due []desk.DeliveryReport) {
	for len(due) > 0 {
		failed := false
		for _, d := range due {
			if r.deliverReport(d) != nil {
				failed = true
				r.mu.Lock()
				r.story.unreport(d.Message)
				r.mu.Unlock()
			}
		}
		if failed && !r.pause(reportAgain) {
			break
		}
		r.mu.Lock()
		due = r.story.due(r.delivered, r.read)
		r.reporting = len(due) > 0
		r.mu.Unlock()
	}
}

func (r *room) deliverReport(d desk.DeliveryReport) error {
	word := "delivered"
	if d.State == deskpb.DeliveryState_DELIVERY_STATE_READ {
		word = "read"
	}
	item := desk.Inbound{ExternalID: r.visitor + "/" + string(d.Message) + "/" + word, Report: &d}
	select {
	case err := <-r.life.intake.Deliver(r.ctx, item):
		return err
	case <-r.ctx.Done():
		return r.ctx.Err()
	}
}

// pause is false when the room was shut meanwhile.
func (r *room) pause(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.ctx.Done():
		return false
	}
}
