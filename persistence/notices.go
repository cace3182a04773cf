package persistence

import (
	"slices"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// What agents are told of (desk/notice.go). A notification is kept once, under its position; each agent's list is a ring of
// positions. Whoever puts another position into a place takes the agent off the notification that stood there, and the last one
// takes it away: there is never more than the lists hold.

func (p *Projector) notice(tx Tx, n *deskpb.Notification) error {
	if n == nil {
		return nil
	}
	for _, t := range n.Told {
		count, err := p.counter(tx, rowKey(kindNoticed, t.Agent))
		if err != nil {
			return err
		}
		if t.Kind == desk.NoticeAvailability { // what was made of it before is over: the newest stands for all of them
			last, err := lastTold(tx, t.Agent, count.now)
			if err != nil {
				return err
			}
			if last == t.Kind {
				count.now--
			}
		}
		place := noticesOfKey(t.Agent, count.now)
		if err := replaced(tx, place, t.Agent); err != nil {
			return err
		}
		if err := tx.Set(place, numberValue(n.Position)); err != nil {
			return err
		}
		count.now++
	}
	return setRow(tx, noticeKey(n.Position), n)
}

// lastTold is the kind of what an agent was told last; "" when that is nothing.
func lastTold(tx Tx, agent string, count uint64) (kind string, err error) {
	if count == 0 {
		return "", nil
	}
	at, err := tx.Get(noticesOfKey(agent, count-1))
	if err != nil {
		return "", err
	}
	v, err := tx.Get(noticeKey(numberOf(at)))
	if err != nil || v == nil {
		return "", err
	}
	n := &deskpb.Notification{}
	if err := decodeRow(v, n); err != nil {
		return "", err
	}
	for _, t := range n.Told {
		if t.Agent == agent {
			return t.Kind, nil
		}
	}
	return "", nil
}

// replaced forgets what stood in a place that is needed again.
func replaced(tx Tx, place key, agent string) error {
	v, err := tx.Get(place)
	if err != nil || v == nil {
		return err
	}
	k := noticeKey(numberOf(v))
	old, err := tx.Get(k)
	if err != nil || old == nil {
		return err
	}
	n := &deskpb.Notification{}
	if err := decodeRow(old, n); err != nil {
		return err
	}
	n.Told = slices.DeleteFunc(n.Told, func(t *deskpb.Notification_Addressee) bool { return t.Agent == agent })
	if len(n.Told) == 0 {
		return tx.Delete(k)
	}
	return setRow(tx, k, n)
}

func seen(tx Tx, agent string, e *deskpb.NotificationsSeen) error {
	k := rowKey(kindSeenMarks, agent)
	v, err := tx.Get(k)
	if err != nil {
		return err
	}
	before := &deskpb.NotificationMarks{}
	if err := decodeRow(v, before); err != nil {
		return err
	}
	return setRow(tx, k, desk.ProjectSeen(before, e))
}

// Notifications gives the list of an agent, or of desk.Administrators, the newest first, with the kind it has there.
func (x *Index) Notifications(agent string) (all []*deskpb.Notification, err error) {
	err = x.view(func(r Reader) error {
		v, err := r.Get(rowKey(kindNoticed, agent))
		if err != nil {
			return err
		}
		for n, last := numberOf(v), min(numberOf(v), desk.MostNotices); last > 0; last-- {
			n--
			at, err := r.Get(noticesOfKey(agent, n))
			if err != nil {
				return err
			}
			row, err := readRow[deskpb.Notification](r, noticeKey(numberOf(at)))
			if err != nil {
				return err
			}
			for _, t := range row.GetTold() {
				if t.Agent == agent {
					row.Kind = t.Kind
					all = append(all, row)
				}
			}
		}
		return nil
	})
	return all, err
}

// SeenMarks gives what an agent has seen; nil when nothing was.
func (x *Index) SeenMarks(agent desk.AgentID) (*deskpb.NotificationMarks, error) {
	return row[deskpb.NotificationMarks](x, rowKey(kindSeenMarks, string(agent)))
}

// Told names whom records with a position in (after, until] were told to, desk.Administrators among them. One that everybody's list has
// forgotten meanwhile is told to nobody.
func (x *Index) Told(after, until desk.Position) (agents map[string]bool, err error) {
	err = x.view(func(r Reader) error {
		return r.Scan(newKey(kindNotice, 0), noticeKey(uint64(after)+1), func(k, v []byte) (bool, error) {
			if numberOf(k[2:]) > uint64(until) {
				return false, nil
			}
			n := &deskpb.Notification{}
			if err := decodeRow(v, n); err != nil {
				return false, err
			}
			for _, t := range n.Told {
				if agents == nil {
					agents = map[string]bool{}
				}
				agents[t.Agent] = true
			}
			return true, nil
		})
	})
	return agents, err
}
