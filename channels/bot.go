package channels

import (
	"encoding/json"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// BotSees is what a kind's bot is asked with: a message that it has to answer, and where it stands.
type BotSees struct {
	Channel   desk.ChannelID
	Message   desk.MessageID
	Said      string
	Flow      string
	Stands    *deskpb.BotState
	Contact   desk.Contact // nil: nobody knows
	Anonymous bool         // the contact has no name
	Around    Around
}

// Bot decides what a machine does about a message. It does no I/O but what it asks around, and may be asked again about the same one.
type Bot func(BotSees) *deskpb.TakeBotTurn

// BotOf reads a bot from a configuration; nil: there is none.
type BotOf func(config json.RawMessage) Bot
