package desk

import (
	"bytes"

	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/proto/deskpb"
)

// Account is the state of a channel's stream: one connected way in.
type Account struct {
	Connected    bool
	Name         string
	Address      string
	Config       []byte
	Routing      *deskpb.RoutingRule
	On           bool
	Health       deskpb.HealthState
	HealthReason string
	Cursor       string
	Quarantined  map[string]bool
	Causes       map[string]string // of what is in quarantine
	Import       *deskpb.Import    // the last one; nil: there was none
}

// ChannelFormat is the version of Account's snapshots.
const ChannelFormat = 3

// Limits of what a connector may keep with its channel.
const (
	MaxCursorBytes = 4 << 10
	MaxConfigBytes = 256 << 10
)

// Channels is the decider of channel streams.
var Channels = Decider[*Account]{
	Initial: func() *Account { return &Account{Quarantined: map[string]bool{}, Causes: map[string]string{}} },
	Decide:  decideChannel,
	Evolve:  evolveChannel,
}

func decideChannel(a *Account, cmd Command) ([]Event, error) {
	if m, ok := cmd.Kind.(*deskpb.Command_ConnectChannel); ok {
		return connectChannel(a, m.ConnectChannel.GetChannel())
	}
	if !a.Connected {
		return nil, Refuse(NotFound, "channel", "there is no such channel")
	}
	switch m := cmd.Kind.(type) {
	case *deskpb.Command_ChangeChannel:
		if was := m.ChangeChannel.GetRoutingWas(); was != nil && !proto.Equal(was, a.Routing) {
			return nil, RulesChanged()
		}
		if was := m.ChangeChannel.GetConfigWas(); len(was) > 0 && !bytes.Equal(was, a.Config) {
			return nil, ConfigChanged("")
		}
		return changeChannel(a, m.ChangeChannel.GetChannel())
	case *deskpb.Command_SwitchChannel:
		if a.On == m.SwitchChannel.On {
			return nil, nil
		}
		return events(deskpb.NewEvent(&deskpb.ChannelSwitched{On: m.SwitchChannel.On, By: cmd.GetBy().GetId()})), nil
	case *deskpb.Command_MoveChannelCursor:
		if len(m.MoveChannelCursor.Cursor) > MaxCursorBytes {
			return nil, Refuse(Invalid, "cursor", "at most %d bytes", MaxCursorBytes)
		}
		if a.Cursor == m.MoveChannelCursor.Cursor {
			return nil, nil
		}
		return events(deskpb.NewEvent(&deskpb.ChannelCursorMoved{Cursor: m.MoveChannelCursor.Cursor})), nil
	case *deskpb.Command_ReportChannelHealth:
		h := m.ReportChannelHealth
		if a.Health == h.State && a.HealthReason == h.Reason {
			return nil, nil
		}
		return events(deskpb.NewEvent(&deskpb.ChannelHealthChanged{State: h.State, Reason: clip(h.Reason, 500), Known: h.Known})), nil
	case *deskpb.Command_NoteSpamPurged:
		return events(deskpb.NewEvent(&deskpb.SpamPurged{Tickets: m.NoteSpamPurged.Tickets, Days: m.NoteSpamPurged.Days})), nil
	case *deskpb.Command_QuarantineItem:
		return quarantineItem(a, m.QuarantineItem.GetItem())
	case *deskpb.Command_ReleaseItem:
		if !a.Quarantined[m.ReleaseItem.Item] {
			return nil, Refuse(NotFound, "item", "there is no such item in quarantine")
		}
		return events(deskpb.NewEvent(&deskpb.ItemReleased{Item: m.ReleaseItem.Item, Outcome: m.ReleaseItem.Outcome, By: cmd.GetBy().GetId()})), nil
	}
	return decideImport(a, cmd)
}

func decideImport(a *Account, cmd Command) ([]Event, error) {
	switch m := cmd.Kind.(type) {
	case *deskpb.Command_StartImport:
		return startImport(a, cmd, m.StartImport.GetImport())
	case *deskpb.Command_MoveImport:
		return moveImport(a, m.MoveImport)
	case *deskpb.Command_SwitchImport:
		return switchImport(a, cmd, m.SwitchImport)
	}
	return nil, unknownCommand(cmd, KindChannel)
}

func connectChannel(a *Account, m *deskpb.ChannelConnected) ([]Event, error) {
	if a.Connected {
		return nil, conflict("exists", "the channel is connected already")
	}
	if m.GetKind() == deskpb.ChannelKind_CHANNEL_KIND_UNSPECIFIED {
		return nil, Refuse(Invalid, "kind", "name the kind of channel")
	}
	if err := checkChannel(m.Name, m.Config, m.Routing); err != nil {
		return nil, err
	}
	return events(deskpb.NewEvent(m)), nil
}

func changeChannel(a *Account, m *deskpb.ChannelChanged) ([]Event, error) {
	if m.GetName() == "" && len(m.GetConfig()) == 0 && len(m.GetSealedSecrets()) > 0 { // only the secrets: a connector renewed a token
		m = &deskpb.ChannelChanged{Name: a.Name, Address: a.Address, Config: a.Config, Routing: a.Routing, SealedSecrets: m.SealedSecrets}
	}
	if err := checkChannel(m.GetName(), m.GetConfig(), m.GetRouting()); err != nil {
		return nil, err
	}
	if a.Name == m.Name && a.Address == m.Address && bytes.Equal(a.Config, m.Config) && proto.Equal(a.Routing, m.Routing) && len(m.SealedSecrets) == 0 {
		return nil, nil
	}
	return events(deskpb.NewEvent(m)), nil
}

// RulesChanged refuses to write over what somebody else wrote meanwhile.
func RulesChanged() *Error {
	return &Error{Code: Conflict, Reason: "changed_since", Field: "routing.version", Message: "the channel's rules were changed meanwhile: read them again, then make your change"}
}

// ConfigChanged refuses to write over a part of the configuration that somebody else wrote meanwhile.
func ConfigChanged(section string) *Error {
	field := "config"
	if section != "" {
		field += "." + section
	}
	return &Error{Code: Conflict, Reason: "changed_since", Field: field, Message: "somebody else changed these settings meanwhile: read them again, then make your change"}
}

func checkChannel(name string, config []byte, rule *deskpb.RoutingRule) error {
	if _, err := cleanName(name, "name"); err != nil {
		return err
	}
	if len(config) > MaxConfigBytes {
		return Refuse(Invalid, "config", "at most %d bytes", MaxConfigBytes)
	}
	_, err := CheckRules(rule)
	return err
}

// maxQuarantine bounds the items set aside: a sender who only sends poison must not grow a channel without end.
const maxQuarantine = 10_000

func quarantineItem(a *Account, m *deskpb.ItemQuarantined) ([]Event, error) {
	if m.GetItem() == "" || len(m.Item) > 512 {
		return nil, Refuse(Invalid, "item", "must be 1 to 512 bytes")
	}
	set := deskpb.NewEvent(&deskpb.ItemQuarantined{Item: m.Item, Cause: clip(m.Cause, 500), RawBlob: m.RawBlob, Summary: clip(m.Summary, 500), Folder: clip(m.Folder, 500)})
	if a.Quarantined[m.Item] {
		if a.Causes[m.Item] == set.GetItemQuarantined().Cause {
			return nil, nil
		}
		return events(deskpb.NewEvent(&deskpb.ItemReleased{Item: m.Item, Outcome: "quarantined"}), set), nil
	}
	if len(a.Quarantined) >= maxQuarantine {
		return nil, Refuse(Limit, "item", "%d items are in quarantine; look at them first", maxQuarantine)
	}
	return events(set), nil
}

func evolveChannel(a *Account, ev Event) *Account {
	switch e := ev.GetKind().(type) {
	case *deskpb.Event_ChannelConnected:
		m := e.ChannelConnected
		a.Connected, a.On, a.Name, a.Address, a.Config, a.Routing = true, true, m.Name, m.Address, m.Config, m.Routing
		a.Health = deskpb.HealthState_HEALTH_STATE_STARTING
	case *deskpb.Event_ChannelChanged:
		m := e.ChannelChanged
		a.Name, a.Address, a.Config, a.Routing = m.Name, m.Address, m.Config, m.Routing
	case *deskpb.Event_ChannelSwitched:
		a.On = e.ChannelSwitched.On
	case *deskpb.Event_ChannelCursorMoved:
		a.Cursor = e.ChannelCursorMoved.Cursor
	case *deskpb.Event_ChannelHealthChanged:
		a.Health, a.HealthReason = e.ChannelHealthChanged.State, e.ChannelHealthChanged.Reason
	case *deskpb.Event_ItemQuarantined:
		a.Quarantined[e.ItemQuarantined.Item], a.Causes[e.ItemQuarantined.Item] = true, e.ItemQuarantined.Cause
	case *deskpb.Event_ItemReleased:
		delete(a.Quarantined, e.ItemReleased.Item)
		delete(a.Causes, e.ItemReleased.Item)
	default:
		a.Import = projectImport(a.Import, ev, 0)
	}
	return a
}
