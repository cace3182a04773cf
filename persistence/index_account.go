package persistence

import (
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

// TwoFactor gives what is needed to check an agent's code; nil when none is asked for.
func (x *Index) TwoFactor(id desk.AgentID) (*deskpb.TwoFactorSecret, error) {
	return row[deskpb.TwoFactorSecret](x, rowKey(kindTwoFactor, string(id)))
}

// Draft gives what an agent has not sent yet in a conversation; nil when there is nothing.
func (x *Index) Draft(agent desk.AgentID, conversation desk.ConversationID) (*deskpb.DraftSummary, error) {
	return row[deskpb.DraftSummary](x, rowKey(kindDraft, desk.DraftStream(agent, conversation).ID()))
}
