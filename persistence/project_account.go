package persistence

import (
	"bytes"
	"encoding/binary"

	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// account keeps what belongs to one agent alone.
func account(tx Tx, id string, r desk.Record) error {
	switch e := r.Event.GetKind().(type) {
	case *deskpb.Event_AgentPasswordSet:
		if err := tx.Set(rowKey(kindPassword, id), []byte(e.AgentPasswordSet.Hash)); err != nil {
			return err
		}
		return endSessions(tx, id)
	case *deskpb.Event_SessionOpened:
		return openSession(tx, id, r.AtMs, e.SessionOpened)
	case *deskpb.Event_SessionClosed:
		return keepSessions(tx, id, func(s session) bool { return s.hash != e.SessionClosed.Session })
	case *deskpb.Event_SessionSeen:
		return changeRow(tx, rowKey(kindSession, e.SessionSeen.Session), func(s *deskpb.SessionSummary) { s.SeenAtMs = e.SessionSeen.AtMs })
	case *deskpb.Event_AvailabilityChanged:
		m := e.AvailabilityChanged
		return setRow(tx, newKey(kindComings, len(id)+9).id(id).number(^r.Position), &deskpb.AvailabilityEntry{
			AtMs: r.AtMs, Available: m.Available, Reason: m.Reason, Cause: m.Cause, By: m.By, ByName: r.By.GetName(),
		})
	case *deskpb.Event_AgentPreferencesSet:
		return setRow(tx, rowKey(kindPreferences, id), e.AgentPreferencesSet.GetPreferences())
	case *deskpb.Event_TwoFactorSet:
		return setRow(tx, rowKey(kindTwoFactor, id), &deskpb.TwoFactorSecret{
			SealedSecret: e.TwoFactorSet.SealedSecret, RecoveryLeft: int32(len(e.TwoFactorSet.RecoveryHashes)), SinceMs: r.AtMs,
		})
	case *deskpb.Event_RecoveryCodesReplaced:
		return changeRow(tx, rowKey(kindTwoFactor, id), func(f *deskpb.TwoFactorSecret) {
			f.RecoveryLeft = int32(len(e.RecoveryCodesReplaced.RecoveryHashes))
		})
	case *deskpb.Event_NotificationsSeen:
		return seen(tx, id, e.NotificationsSeen)
	case *deskpb.Event_TwoFactorCleared:
		return tx.Delete(rowKey(kindTwoFactor, id))
	case *deskpb.Event_SecondFactorUsed:
		if e.SecondFactorUsed.RecoveryHash != "" {
			return changeRow(tx, rowKey(kindTwoFactor, id), func(f *deskpb.TwoFactorSecret) { f.RecoveryLeft-- })
		}
	}
	return nil
}

// draft keeps what is being written; nothing stays of what is not any more.
func draft(tx Tx, r desk.Record) error {
	if e := r.Event.GetDraftCleared(); e != nil {
		return tx.Delete(draftKey(e.Agent, e.Conversation, e.Note))
	}
	e := r.Event.GetDraftSaved()
	if e == nil {
		return nil
	}
	k := draftKey(e.Agent, e.Conversation, e.Note)
	var before *deskpb.DraftSummary
	v, err := tx.Get(k)
	if err != nil {
		return err
	}
	if v != nil {
		before = &deskpb.DraftSummary{}
		if err := decodeRow(v, before); err != nil {
			return err
		}
	}
	return setRow(tx, k, desk.ProjectDraft(before, r))
}

func setRow(tx Tx, k key, m proto.Message) error {
	v, err := encodeRow(m)
	if err != nil {
		return err
	}
	return tx.Set(k, v)
}

// changeRow changes a row that is there.
func changeRow[T any, P interface {
	*T
	proto.Message
}](tx Tx, k key, change func(P)) error {
	v, err := tx.Get(k)
	if err != nil || v == nil {
		return err
	}
	m := P(new(T))
	if err := decodeRow(v, m); err != nil {
		return err
	}
	change(m)
	return setRow(tx, k, m)
}

// session is an entry of an agent's list of sessions, which finds them when all of them have to go.
type session struct {
	expiresMs int64
	hash      string
}

func (s session) append(list []byte) []byte {
	list = binary.BigEndian.AppendUint64(list, uint64(s.expiresMs))
	return append(append(list, byte(len(s.hash))), s.hash...)
}

func sessions(list []byte) []session {
	var all []session
	for len(list) >= 9 && len(list) >= 9+int(list[8]) {
		n := 9 + int(list[8])
		all = append(all, session{int64(binary.BigEndian.Uint64(list)), string(list[9:n])})
		list = list[n:]
	}
	return all
}

// openSession adds a session and forgets the agent's expired ones.
func openSession(tx Tx, agent string, nowMs int64, e *deskpb.SessionOpened) error {
	if e.Session == "" || len(e.Session) > 255 {
		return nil // not a hash: nobody could present it
	}
	s := session{e.ExpiresAtMs, e.Session}
	if err := keepSessions(tx, agent, func(o session) bool { return o.hash != s.hash && o.expiresMs > nowMs }); err != nil {
		return err
	}
	list, err := tx.Get(rowKey(kindSessionsOf, agent))
	if err != nil {
		return err
	}
	if err := tx.Set(rowKey(kindSessionsOf, agent), s.append(bytes.Clone(list))); err != nil {
		return err
	}
	return setRow(tx, rowKey(kindSession, s.hash), &deskpb.SessionSummary{
		Session: e.Session, Agent: agent, OpenedAtMs: nowMs, ExpiresAtMs: e.ExpiresAtMs, SeenAtMs: nowMs, UserAgent: e.UserAgent,
	})
}

func endSessions(tx Tx, agent string) error {
	return keepSessions(tx, agent, func(session) bool { return false })
}

// keepSessions removes an agent's sessions except those that keep wants.
func keepSessions(tx Tx, agent string, keep func(session) bool) error {
	list, err := tx.Get(rowKey(kindSessionsOf, agent))
	if err != nil || len(list) == 0 {
		return err
	}
	var kept []byte
	for _, s := range sessions(list) {
		if keep(s) {
			kept = s.append(kept)
		} else if err := tx.Delete(rowKey(kindSession, s.hash)); err != nil {
			return err
		}
	}
	switch {
	case len(kept) == len(list):
		return nil
	case len(kept) == 0:
		return tx.Delete(rowKey(kindSessionsOf, agent))
	}
	return tx.Set(rowKey(kindSessionsOf, agent), kept)
}
