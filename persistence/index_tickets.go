package persistence

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"iter"
	"slices"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// Ticket gives a conversation's row.
func (x *Index) Ticket(id desk.ConversationID) (t desk.Ticket, err error) {
	err = x.view(func(r Reader) error {
		t, err = readTicket(r, string(id))
		return err
	})
	return t, err
}

func readTicket(r Reader, id string) (desk.Ticket, error) {
	place, err := r.Get(rowKey(kindTicket, id))
	if err != nil || place == nil {
		return nil, err
	}
	t, err := readRow[deskpb.TicketSummary](r, ticketRowKey(place, id))
	if err == nil && t == nil {
		err = fmt.Errorf("read ticket %s: its row is missing", id)
	}
	return t, err
}

// readTickets reads the rows of conversations that some list names.
func readTickets(r Reader, ids []string) ([]desk.Ticket, error) {
	all := make([]desk.Ticket, 0, len(ids))
	for _, id := range ids {
		t, err := readTicket(r, id)
		if err != nil {
			return nil, err
		}
		if t == nil {
			return nil, fmt.Errorf("read ticket %s: it is missing", id)
		}
		all = append(all, t)
	}
	return all, nil
}

// TicketByNumber gives the row with this number.
func (x *Index) TicketByNumber(number uint64) (t desk.Ticket, err error) {
	err = x.view(func(r Reader) error {
		id, err := r.Get(numberKey(number))
		if err != nil || id == nil {
			return err
		}
		t, err = readTicket(r, string(id))
		return err
	})
	return t, err
}

// TicketsByID gives the rows of conversations, in their order; those that are not there are left out.
func (x *Index) TicketsByID(ids []string) (all []desk.Ticket, err error) {
	err = x.view(func(r Reader) error {
		all = make([]desk.Ticket, 0, len(ids))
		for _, id := range ids {
			t, err := readTicket(r, id)
			if err != nil {
				return err
			}
			if t != nil {
				all = append(all, t)
			}
		}
		return nil
	})
	return all, err
}

// EachTicket yields every ticket that was not merged into another until f returns false: first those that are not closed, then
// the closed ones, both with the newest activity first.
func (x *Index) EachTicket(f func(desk.Ticket) bool) error {
	return x.view(func(r Reader) error {
		for _, list := range everyList {
			more, err := eachOf(r, list, nil, f)
			if err != nil || !more {
				return err
			}
		}
		return nil
	})
}

// EachClosed yields the closed tickets from a time on backwards until f returns false; with a conversation, those after it.
func (x *Index) EachClosed(updatedMs int64, conversation string, f func(desk.Ticket) bool) error {
	return x.view(func(r Reader) error {
		_, err := eachOf(r, listClosed, listKey(listClosed, updatedMs, conversation), f)
		return err
	})
}

func eachOf(r Reader, list byte, from []byte, f func(desk.Ticket) bool) (more bool, err error) {
	more = true
	err = r.Scan(listPrefix(list), from, func(k, v []byte) (bool, error) {
		if from != nil && bytes.Equal(k, from) {
			return true, nil
		}
		t := &deskpb.TicketSummary{}
		if err := decodeRow(v, t); err != nil {
			return false, err
		}
		more = f(t)
		return more, nil
	})
	return more, err
}

// everyList, the closed tickets last.
var everyList = []byte{listUnassigned, listAssigned, listSnoozed, listSpam, listClosed}

const (
	defaultPage = 50
	longestPage = 200
)

// mark is a place in a list: after this row.
type mark struct {
	updatedMs    int64
	conversation string
}

func markOf(t desk.Ticket) mark { return mark{t.UpdatedAtMs, t.Conversation} }

// compare orders rows as lists show them: newest first.
func (m mark) compare(o mark) int {
	return cmp.Or(cmp.Compare(o.updatedMs, m.updatedMs), cmp.Compare(m.conversation, o.conversation))
}

func (m mark) cursor() string {
	return base64.RawURLEncoding.EncodeToString(key(nil).number(uint64(m.updatedMs)).last(m.conversation))
}

func parseCursor(s string) (mark, error) {
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(b) < 9 {
		return mark{}, desk.Refuse(desk.Invalid, "cursor", "this is not a cursor that a page gave")
	}
	return mark{int64(binary.BigEndian.Uint64(b)), string(b[8:])}, nil
}

// Tickets gives a page of a list. A query that cannot be is refused with a *desk.Error that names its field.
func (x *Index) Tickets(q desk.TicketQuery) (page desk.TicketPage, err error) {
	if q.Limit == 0 {
		q.Limit = defaultPage
	}
	if q.Limit < 0 || q.Limit > longestPage {
		return page, desk.Refuse(desk.Invalid, "limit", "a page has 1 to %d rows", longestPage)
	}
	var after *mark
	if q.Cursor != "" {
		m, err := parseCursor(q.Cursor)
		if err != nil {
			return page, err
		}
		after = &m
	}
	err = x.view(func(r Reader) error {
		page.Tickets, err = ticketsOf(r, q, after, q.Limit+1)
		return err
	})
	if err != nil {
		return desk.TicketPage{}, err
	}
	if len(page.Tickets) > q.Limit {
		page.Tickets = page.Tickets[:q.Limit]
		page.Next = markOf(page.Tickets[q.Limit-1]).cursor()
	}
	return page, nil
}

func ticketsOf(r Reader, q desk.TicketQuery, after *mark, limit int) ([]desk.Ticket, error) {
	switch q.View {
	case desk.ViewUnassigned:
		return scanList(r, listUnassigned, after, limit)
	case desk.ViewClosed:
		return scanList(r, listClosed, after, limit)
	case desk.ViewSnoozed:
		return scanList(r, listSnoozed, after, limit)
	case desk.ViewSpam:
		return scanList(r, listSpam, after, limit)
	case desk.ViewOpen:
		return openTickets(r, after, limit)
	case desk.ViewOwned:
		if q.Owner == "" {
			return nil, desk.Refuse(desk.Invalid, "owner", "whose tickets?")
		}
		return ownedTickets(r, q.Owner, after, limit)
	default: // the rest is read through filters
		return nil, desk.Refuse(desk.Invalid, "view", "there is no view %q", q.View)
	}
}

func scanList(r Reader, list byte, after *mark, limit int) (all []desk.Ticket, err error) {
	var from, last []byte
	if after != nil {
		from = listKey(list, after.updatedMs, after.conversation)
		last = from
	}
	err = r.Scan(listPrefix(list), from, func(k, v []byte) (bool, error) {
		if last != nil && bytes.Equal(k, last) {
			return true, nil
		}
		t := &deskpb.TicketSummary{}
		if err := decodeRow(v, t); err != nil {
			return false, err
		}
		all = append(all, t)
		return len(all) < limit, nil
	})
	return all, err
}

// openTickets merges the two lists of open tickets, so that a ticket that moves is written once.
func openTickets(r Reader, after *mark, limit int) ([]desk.Ticket, error) {
	unassigned, err := scanList(r, listUnassigned, after, limit)
	if err != nil {
		return nil, err
	}
	assigned, err := scanList(r, listAssigned, after, limit)
	if err != nil {
		return nil, err
	}
	return firstOf(append(unassigned, assigned...), limit), nil
}

// ownedTickets reads all open tickets of one agent, which are as many as one person can have.
func ownedTickets(r Reader, owner desk.AgentID, after *mark, limit int) ([]desk.Ticket, error) {
	prefix := ownedPrefix(string(owner))
	all, err := readListed(r, prefix, 0, func(k, _ []byte) string { return string(k[len(prefix):]) })
	if err != nil {
		return nil, err
	}
	if after != nil {
		all = slices.DeleteFunc(all, func(t desk.Ticket) bool { return after.compare(markOf(t)) >= 0 })
	}
	return firstOf(all, limit), nil
}

func firstOf(all []desk.Ticket, limit int) []desk.Ticket {
	slices.SortFunc(all, func(a, b desk.Ticket) int { return markOf(a).compare(markOf(b)) })
	return all[:min(limit, len(all))]
}

// Counts gives the sizes of the lists, exactly.
func (x *Index) Counts() (desk.TicketCounts, error) {
	counts := desk.TicketCounts{Owned: map[desk.AgentID]int{}}
	prefix := newKey(kindCount, 0)
	err := x.view(func(r Reader) error {
		return r.Scan(prefix, nil, func(k, v []byte) (bool, error) {
			n := int(numberOf(v))
			switch k[len(prefix)] {
			case listUnassigned:
				counts.Unassigned = n
				counts.Open += n
			case listClosed:
				counts.Closed = n
			case kindOwned:
				counts.Owned[desk.AgentID(k[len(prefix)+1:])] = n
				counts.Open += n
			}
			return true, nil
		})
	})
	return counts, err
}

// Line yields every ticket in the waiting line in its order (desk.InOrder), as it stood at the call.
func (x *Index) Line() iter.Seq2[desk.Ticket, error] {
	return func(yield func(desk.Ticket, error) bool) {
		var all []desk.Ticket
		prefix := newKey(kindLine, 0)
		const ofOrder = 1 + 8 + 8 // priority, when it is due and age come before the conversation
		err := x.view(func(r Reader) (err error) {
			all, err = readListed(r, prefix, 0, func(k, _ []byte) string { return string(k[len(prefix)+ofOrder:]) })
			return err
		})
		if err != nil {
			yield(nil, err)
			return
		}
		slices.SortStableFunc(all, desk.InOrder) // the keys have no number, which decides last
		for _, t := range all {
			if !yield(t, nil) {
				return
			}
		}
	}
}

// TicketsOfContact gives a contact's tickets, the newest number first. A limit of 0 means all.
func (x *Index) TicketsOfContact(c desk.ContactID, limit int) (all []desk.Ticket, err error) {
	err = x.view(func(r Reader) error {
		prefix := newKey(kindContactCase, len(c)+1).id(string(c))
		all, err = readListed(r, prefix, limit, func(_, v []byte) string { return string(v) })
		return err
	})
	return all, err
}

// readListed reads the tickets that the keys under a prefix name, at most limit of them (0: all).
func readListed(r Reader, prefix []byte, limit int, id func(k, v []byte) string) ([]desk.Ticket, error) {
	var ids []string
	err := r.Scan(prefix, nil, func(k, v []byte) (bool, error) {
		ids = append(ids, id(k, v))
		return limit <= 0 || len(ids) < limit, nil
	})
	if err != nil {
		return nil, err
	}
	return readTickets(r, ids)
}
