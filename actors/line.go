package actors

import (
	"iter"
	"slices"

	"github.com/centralita/centralita/desk"
)

// line is the waiting line in order: priority before age. It is a sorted slice: tickets mostly join at the end and leave
// near the front.
type line struct {
	order []desk.Ticket
	byID  map[desk.ConversationID]desk.Ticket
}

func newLine() *line { return &line{byID: map[desk.ConversationID]desk.Ticket{}} }

func inOrder(a, b desk.Ticket) int {
	switch {
	case a.Priority != b.Priority:
		return int(b.Priority) - int(a.Priority)
	case a.InLineSinceMs != b.InLineSinceMs:
		if a.InLineSinceMs < b.InLineSinceMs {
			return -1
		}
		return 1
	case a.Number != b.Number && a.Number < b.Number:
		return -1
	case a.Number != b.Number:
		return 1
	}
	return 0
}

// put adds a ticket or moves it to where its row belongs now.
func (l *line) put(t desk.Ticket) {
	id := desk.ConversationID(t.Conversation)
	if was := l.byID[id]; was != nil {
		if inOrder(was, t) == 0 {
			l.byID[id] = t
			if i, found := slices.BinarySearchFunc(l.order, was, inOrder); found {
				l.order[i] = t
			}
			return
		}
		l.remove(id)
	}
	i, _ := slices.BinarySearchFunc(l.order, t, inOrder)
	l.order = slices.Insert(l.order, i, t)
	l.byID[id] = t
}

func (l *line) remove(id desk.ConversationID) bool {
	was := l.byID[id]
	if was == nil {
		return false
	}
	delete(l.byID, id)
	if i, found := slices.BinarySearchFunc(l.order, was, inOrder); found {
		l.order = slices.Delete(l.order, i, i+1)
	}
	return true
}

// all yields the line as it is now; the line may change meanwhile.
func (l *line) all() iter.Seq[desk.Ticket] { return slices.Values(slices.Clone(l.order)) }
