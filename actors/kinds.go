package actors

import (
	"encoding/json"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/centralita/centralita/desk"
)

// kindOf is what an entity needs to know of its kind of stream.
type kindOf[S any] struct {
	decider desk.Decider[S]
	format  uint32
}

// snapshot and restore: a snapshot is the JSON of the state, a cache with a format number.
func (k *kindOf[S]) snapshot(s S) ([]byte, error) { return json.Marshal(s) }

func (k *kindOf[S]) restore(raw []byte) (S, error) {
	s := k.decider.Initial()
	err := json.Unmarshal(raw, &s)
	return s, err
}

// entityProps makes the Props of every kind of stream, shared by all its entities.
func (s *System) entityProps() map[string]*actor.Props {
	return map[string]*actor.Props{
		desk.KindConversation: propsOf(s, desk.Conversations, desk.ConversationFormat),
		desk.KindContact:      propsOf(s, desk.Contacts, desk.ContactFormat),
		desk.KindAgent:        propsOf(s, desk.Agents, desk.AgentFormat),
		desk.KindChannel:      propsOf(s, desk.Channels, desk.ChannelFormat),
		desk.KindTeam:         propsOf(s, desk.Teams, desk.TeamFormat),
		desk.KindSetting:      propsOf(s, desk.Settings, desk.SettingFormat),
		desk.KindDraft:        propsOf(s, desk.Drafts, desk.DraftFormat),
		desk.KindSide:         propsOf(s, desk.Sides, desk.ConversationFormat),
	}
}

func propsOf[S any](s *System, d desk.Decider[S], format uint32) *actor.Props {
	kind := &kindOf[S]{decider: d, format: format}
	return s.props(func() actor.Actor { return &entity[S]{sys: s, kind: kind} })
}
