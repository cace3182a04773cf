package persistence

import (
	"slices"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// What the index knows of one agent alone.

// Session finds a session by the hash of its token. It may have expired: the caller looks.
func (x *Index) Session(hash string) (*deskpb.SessionSummary, error) {
	return row[deskpb.SessionSummary](x, rowKey(kindSession, hash))
}

// Sessions gives an agent's sessions, the newest last. Some may have expired.
func (x *Index) Sessions(id desk.AgentID) (all []*deskpb.SessionSummary, err error) {
	err = x.view(func(r Reader) error {
		list, err := r.Get(rowKey(kindSessionsOf, string(id)))
		if err != nil {
			return err
		}
		for _, s := range sessions(list) {
			m, err := readRow[deskpb.SessionSummary](r, rowKey(kindSession, s.hash))
			if err != nil {
				return err
			}
			if m != nil {
				all = append(all, m)
			}
		}
		return nil
	})
	return all, err
}

// Preferences gives what an agent has set; nil when nothing was.
func (x *Index) Preferences(id desk.AgentID) (*deskpb.AgentPreferences, error) {
	return row[deskpb.AgentPreferences](x, rowKey(kindPreferences, string(id)))
}

// Availability gives when and why an agent came and went, the newest first: from a position on, 0 for the newest; a limit of 0 means
// all. next is the position of the first that was left out, 0 when none was.
func (x *Index) Availability(id desk.AgentID, from desk.Position, limit int) (all []*deskpb.AvailabilityEntry, next desk.Position, err error) {
	prefix := newKey(kindComings, len(id)+9).id(string(id))
	start := []byte(nil)
	if from > 0 {
		start = slices.Clone(prefix).number(^uint64(from))
	}
	err = x.view(func(r Reader) error {
		return r.Scan(prefix, start, func(k, v []byte) (bool, error) {
			if limit > 0 && len(all) == limit {
				next = desk.Position(^numberOf(k[len(k)-8:]))
				return false, nil
			}
			m := &deskpb.AvailabilityEntry{}
			if err := decodeRow(v, m); err != nil {
				return false, err
			}
			all = append(all, m)
			return true, nil
		})
	})
	return all, next, err
}

// TwoFactor gives what is needed to check an agent's code; nil when none is asked for.
func (x *Index) TwoFactor(id desk.AgentID) (*deskpb.TwoFactorSecret, error) {
	return row[deskpb.TwoFactorSecret](x, rowKey(kindTwoFactor, string(id)))
}

// Drafts gives what an agent is writing, by conversation. A limit of 0 means all.
func (x *Index) Drafts(agent desk.AgentID, limit int) ([]*deskpb.DraftSummary, error) {
	return rows[deskpb.DraftSummary](x, draftsOfKey(string(agent)), limit)
}

// DraftsIn gives what an agent is writing in one conversation: at most a reply and a note.
func (x *Index) DraftsIn(agent desk.AgentID, conversation desk.ConversationID) ([]*deskpb.DraftSummary, error) {
	return rows[deskpb.DraftSummary](x, draftsOfKey(string(agent)).id(string(conversation)), 0)
}
