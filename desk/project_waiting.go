package desk

import (
	"slices"

	"github.com/centralita/centralita/proto/deskpb"
)

// maxScheduled bounds what a row remembers of replies that wait for their time.
const maxScheduled = 20

// NextScheduled is when the next reply leaves that waits for its time, 0 when none does.
func NextScheduled(t Ticket) (ms int64) {
	for _, w := range t.GetScheduled() {
		if ms == 0 || w.SendAtMs < ms {
			ms = w.SendAtMs
		}
	}
	return ms
}

// projectReply folds a reply. One that can still be taken back leaves what the row was before it.
func projectReply(t *deskpb.TicketSummary, r Record, e *deskpb.ReplyRequested) {
	if e.Automatic != "" { // nobody has answered yet
		t.Messages++
		return
	}
	others := spoken(t)
	if e.Channel == t.Channel {
		t.FromAddress = nameOr(e.FromAddress, t.FromAddress)
	}
	if e.SendAtMs == 0 {
		for _, w := range t.Scheduled { // this one is an answer all the same, whatever becomes of those
			w.WaitingSinceMs, w.First = 0, false
		}
	} else if others < maxScheduled {
		t.Scheduled = append(t.Scheduled, &deskpb.WaitingReply{
			Message: e.Message, SendAtMs: e.SendAtMs, AskedAtMs: r.AtMs, WaitingSinceMs: t.WaitingSinceMs, First: t.FirstReplyAtMs == 0,
			Preview: t.Preview, LastAuthor: t.LastAuthor,
		})
	}
	t.UpdatedAtMs, t.WaitingSinceMs, t.WaitedSinceMs = r.AtMs, 0, 0
	t.Preview, t.LastAuthor, t.Messages = Preview(e.Body), "agent", t.Messages+1
	t.HasAttachments = t.HasAttachments || len(e.Body.GetAttachments()) > 0
	if t.FirstReplyAtMs == 0 {
		t.FirstReplyAtMs = max(r.AtMs, e.SendAtMs)
	}
}

// spoken: somebody has said something, so the row's last words are not those before a reply that waits. It gives how many do.
func spoken(t *deskpb.TicketSummary) int {
	for _, w := range t.Scheduled {
		w.Preview, w.LastAuthor = "", ""
	}
	return len(t.Scheduled)
}

// projectLeft: the reply is on its way and waits no more.
func projectLeft(t *deskpb.TicketSummary, r Record, message string) {
	if w := takeScheduled(t, message); w != nil && w.First {
		t.FirstReplyAtMs = r.AtMs
	}
}

func takeScheduled(t *deskpb.TicketSummary, message string) *deskpb.WaitingReply {
	i := scheduled(t, message)
	if i < 0 {
		return nil
	}
	w := t.Scheduled[i]
	t.Scheduled = slices.Delete(t.Scheduled, i, i+1)
	if len(t.Scheduled) == 0 {
		t.Scheduled = nil
	}
	return w
}

func scheduled(t *deskpb.TicketSummary, message string) int {
	return slices.IndexFunc(t.Scheduled, func(w *deskpb.WaitingReply) bool { return w.Message == message })
}

// projectWaiting folds what became of a reply that waited; it reports whether it knows the fact.
func projectWaiting(t *deskpb.TicketSummary, r Record) bool {
	switch e := r.Event.GetKind().(type) {
	case *deskpb.Event_ReplyCanceled:
		projectCanceled(t, r, e.ReplyCanceled.Message)
	case *deskpb.Event_ReplyRescheduled:
		if i := scheduled(t, e.ReplyRescheduled.Message); i >= 0 {
			w := t.Scheduled[i]
			w.SendAtMs = e.ReplyRescheduled.SendAtMs
			if w.First {
				t.FirstReplyAtMs = w.SendAtMs
			}
		}
	case *deskpb.Event_ReplyRetried:
		if t.Undelivered > 0 {
			t.Undelivered--
		}
	default:
		return false
	}
	return true
}

// projectCanceled puts the row back to what it was before the reply, or hands that on to the next one that waits.
func projectCanceled(t *deskpb.TicketSummary, r Record, message string) {
	t.UpdatedAtMs = r.AtMs
	if t.Messages > 0 {
		t.Messages--
	}
	at := scheduled(t, message)
	w := takeScheduled(t, message)
	switch {
	case w == nil:
		return
	case at < len(t.Scheduled):
		next := t.Scheduled[at]
		next.First = next.First || w.First
		if next.WaitingSinceMs == 0 {
			next.WaitingSinceMs = w.WaitingSinceMs
		}
		if w.First {
			t.FirstReplyAtMs = next.SendAtMs
		}
		return
	}
	if w.First {
		t.FirstReplyAtMs = 0
	}
	switch {
	case w.WaitingSinceMs == 0:
	case t.Status == deskpb.TicketStatus_TICKET_STATUS_CLOSED:
		t.WaitedSinceMs = w.WaitingSinceMs
	default:
		t.WaitingSinceMs = w.WaitingSinceMs
	}
	if w.LastAuthor != "" {
		t.Preview, t.LastAuthor = w.Preview, w.LastAuthor
	}
}
