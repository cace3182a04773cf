package persistence

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// DueReservation is the name of the wake-up of an agent whose promised place lapses.
const DueReservation = "reservation"

func (p *Projector) agent(tx Tx, id string, r desk.Record) error {
	if err := p.agents.fold(tx, id, r, desk.ProjectAgent); err != nil {
		return err
	}
	switch e := r.Event.GetKind().(type) {
	case *deskpb.Event_AgentAdded:
		if e.AgentAdded.Email == "" {
			return nil
		}
		return claim(tx, textKey(kindEmail, e.AgentAdded.Email), []byte(id))
	case *deskpb.Event_AgentChanged:
		if e.AgentChanged.Deactivated {
			return endSessions(tx, id)
		}
	case *deskpb.Event_AgentPasswordSet:
		if err := tx.Set(rowKey(kindPassword, id), []byte(e.AgentPasswordSet.Hash)); err != nil {
			return err
		}
		return endSessions(tx, id)
	case *deskpb.Event_SessionOpened:
		return openSession(tx, id, r.AtMs, e.SessionOpened)
	case *deskpb.Event_SessionClosed:
		return keepSessions(tx, id, func(s session) bool { return s.hash != e.SessionClosed.Session })
	case *deskpb.Event_PlaceReserved:
		return setDue(tx, r.Stream, DueReservation, e.PlaceReserved.Conversation, e.PlaceReserved.UntilMs)
	case *deskpb.Event_PlaceTaken:
		return clearDue(tx, r.Stream, DueReservation, e.PlaceTaken.Conversation)
	case *deskpb.Event_PlaceFreed:
		return clearDue(tx, r.Stream, DueReservation, e.PlaceFreed.Conversation)
	}
	return nil
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
	return tx.Set(rowKey(kindSession, s.hash), key(numberValue(uint64(s.expiresMs))).last(agent))
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

// setDue plans the wake-up of a stream; ref tells apart those of one name. An earlier plan of the same is replaced.
func setDue(tx Tx, stream, name, ref string, atMs int64) error {
	if err := clearDue(tx, stream, name, ref); err != nil {
		return err
	}
	if err := tx.Set(dueOfKey(stream, name, ref), numberValue(uint64(atMs))); err != nil {
		return err
	}
	return tx.Set(dueKey(atMs, stream, name, ref), nil)
}

func clearDue(tx Tx, stream, name, ref string) error {
	v, err := tx.Get(dueOfKey(stream, name, ref))
	if err != nil || v == nil {
		return err
	}
	if err := tx.Delete(dueKey(int64(numberOf(v)), stream, name, ref)); err != nil {
		return err
	}
	return tx.Delete(dueOfKey(stream, name, ref))
}

func (p *Projector) channel(tx Tx, id string, r desk.Record) error {
	var address string
	if r.Version > 1 {
		c, err := p.channels.get(tx, id)
		if err != nil {
			return err
		}
		address = c.GetAddress()
	}
	if err := p.channels.fold(tx, id, r, desk.ProjectChannel); err != nil {
		return err
	}
	c, err := p.channels.get(tx, id)
	if err != nil {
		return err
	}
	switch e := r.Event.GetKind().(type) {
	case *deskpb.Event_ChannelConnected:
		return configureChannel(tx, c, address, e.ChannelConnected.SealedSecrets)
	case *deskpb.Event_ChannelChanged:
		return configureChannel(tx, c, address, e.ChannelChanged.SealedSecrets)
	case *deskpb.Event_ChannelCursorMoved:
		return tx.Set(rowKey(kindCursor, id), []byte(e.ChannelCursorMoved.Cursor))
	case *deskpb.Event_ItemQuarantined:
		return quarantine(tx, id, r, e.ItemQuarantined)
	case *deskpb.Event_ItemReleased:
		return release(tx, id, e.ItemReleased.Item)
	}
	return nil
}

func configureChannel(tx Tx, c *deskpb.ChannelSummary, oldAddress string, secrets []byte) error {
	if len(secrets) > 0 {
		if err := tx.Set(rowKey(kindSecrets, c.Channel), secrets); err != nil {
			return err
		}
	}
	if oldAddress == c.Address {
		return nil
	}
	if oldAddress != "" {
		k := addressKey(c.Kind, oldAddress)
		v, err := tx.Get(k)
		if err != nil {
			return err
		}
		if string(v) == c.Channel {
			if err := tx.Delete(k); err != nil {
				return err
			}
		}
	}
	if c.Address == "" {
		return nil
	}
	return claim(tx, addressKey(c.Kind, c.Address), []byte(c.Channel))
}

func quarantine(tx Tx, channel string, r desk.Record, e *deskpb.ItemQuarantined) error {
	if err := release(tx, channel, e.Item); err != nil {
		return err
	}
	row, err := encodeRow(&deskpb.QuarantinedItem{
		Channel: channel, Item: e.Item, Cause: e.Cause, RawBlob: e.RawBlob, Summary: e.Summary, AtMs: r.AtMs,
	})
	if err != nil {
		return err
	}
	if err := tx.Set(inChannel(kindQuarantined, channel, e.Item), numberValue(r.Position)); err != nil {
		return err
	}
	return tx.Set(newKey(kindQuarantine, len(channel)+9).id(channel).number(^r.Position), row)
}

func release(tx Tx, channel, item string) error {
	k := inChannel(kindQuarantined, channel, item)
	v, err := tx.Get(k)
	if err != nil || v == nil {
		return err
	}
	if err := tx.Delete(newKey(kindQuarantine, len(channel)+9).id(channel).number(^numberOf(v))); err != nil {
		return err
	}
	return tx.Delete(k)
}

func decodeRow(v []byte, m proto.Message) error {
	if err := proto.Unmarshal(v, m); err != nil {
		return fmt.Errorf("decode row: %w", err)
	}
	return nil
}
