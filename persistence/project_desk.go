package persistence

import (
	"cmp"
	"fmt"

	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// DueReservation is the name of the wake-up of an agent whose promised place lapses.
const DueReservation = desk.DuePromise

// DueAvailability is the name of the wake-up of an agent whose schedule reaches its next edge.
const DueAvailability = "availability"

// DueAbsence is the name of the wake-up for an agent who is away, and whose tickets are to be taken back.
const DueAbsence = "absence"

func (p *Projector) agent(tx Tx, id string, r desk.Record) error {
	if err := p.agents.fold(tx, id, r, desk.ProjectAgent); err != nil {
		return err
	}
	if err := p.notice(tx, desk.NoticeOfAgent(id, r)); err != nil {
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
	case *deskpb.Event_AvailabilityPlanned:
		if edges := e.AvailabilityPlanned.Edges; len(edges) > 0 {
			return setDue(tx, r.Stream, DueAvailability, "", edges[0].AtMs)
		}
		return clearDue(tx, r.Stream, DueAvailability, "")
	case *deskpb.Event_AvailabilityChanged:
		if e.AvailabilityChanged.Available {
			if err := clearDue(tx, r.Stream, DueAbsence, ""); err != nil {
				return err
			}
		}
	case *deskpb.Event_AbsencePlanned:
		if at := e.AbsencePlanned.DueMs; at != 0 {
			return setDue(tx, r.Stream, DueAbsence, "", at)
		}
		return clearDue(tx, r.Stream, DueAbsence, "")
	case *deskpb.Event_PlaceReserved:
		return setDue(tx, r.Stream, DueReservation, e.PlaceReserved.Conversation, e.PlaceReserved.UntilMs)
	case *deskpb.Event_PlaceTaken:
		return clearDue(tx, r.Stream, DueReservation, e.PlaceTaken.Conversation)
	case *deskpb.Event_PlaceFreed:
		return clearDue(tx, r.Stream, DueReservation, e.PlaceFreed.Conversation)
	}
	return account(tx, id, r)
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

// CheckWhile says whether all stands that an entry rests on, else ErrGone; a store asks just before it writes the entry.
func (p *Projector) CheckWhile(tx Tx, e Entry) error {
	for _, s := range e.While {
		if stands, err := p.stands(tx, s); err != nil || !stands {
			return cmp.Or(err, ErrGone)
		}
	}
	return nil
}

func (p *Projector) stands(tx Tx, s desk.Standing) (bool, error) {
	if s.Promise != "" {
		v, err := tx.Get(dueOfKey(string(s.Stream), DueReservation, s.Promise))
		return v != nil, err
	}
	switch id := s.Stream.ID(); s.Stream.Kind() {
	case desk.KindChannel:
		c, err := p.channels.get(tx, id)
		return c.GetRoutingVersion() == s.Version, err
	case desk.KindAgent:
		a, err := p.agents.get(tx, id)
		return a.GetAbsence().GetVersion() == s.Version, err
	case desk.KindTeam:
		t, err := p.teams.get(tx, id)
		return t.GetVersion() == s.Version, err
	case desk.KindContact:
		c, err := p.contacts.get(tx, id)
		return c.GetRoutingVersion() == s.Version, err
	}
	return false, nil
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

// setting keeps, beside the row, under its kind that it is there. The kind of a setting does not change; should a history
// say otherwise, it is where it was last.
func (p *Projector) setting(tx Tx, id string, r desk.Record) error {
	var was string
	if r.Version > 1 {
		s, err := p.settings.get(tx, id)
		if err != nil {
			return err
		}
		was = s.GetKind()
	}
	if err := p.settings.fold(tx, id, r, desk.ProjectSetting); err != nil {
		return err
	}
	s, err := p.settings.get(tx, id)
	if err != nil || s.Kind == was {
		return err
	}
	if was != "" {
		if err := tx.Delete(settingOfKey(was, id)); err != nil {
			return err
		}
	}
	return tx.Set(settingOfKey(s.Kind, id), nil)
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
	if err := p.notice(tx, desk.NoticeOfChannel(c, r)); err != nil {
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
		Channel: channel, Item: e.Item, Cause: e.Cause, RawBlob: e.RawBlob, Summary: e.Summary, Folder: e.Folder, AtMs: r.AtMs,
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
