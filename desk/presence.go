package desk

import (
	"time"

	"github.com/centralita/centralita/proto/deskpb"
)

// Presence is whether an agent has a workspace open somewhere; the engine counts their sockets (actors/attendance.go). It is not
// availability, which is a decision and holds with the laptop shut: mail may wait for whoever comes back, but who talks right
// now, in a chat or a call, is given to nobody who cannot hear them.

// PresenceGrace is how long after their last socket closed an agent still counts as connected: a reload takes seconds, a change of
// network or a restart of the server less than a minute, and a screen comes back by itself at the latest half a minute after.
const PresenceGrace = time.Minute

// Live tells whether tickets of a kind of channel are talked in right now, so that whoever gets one has to be connected.
func Live(kind ChannelKind) bool {
	return kind == deskpb.ChannelKind_CHANNEL_KIND_CHAT || kind == deskpb.ChannelKind_CHANNEL_KIND_CALL
}

// notePresence takes what the engine counted. Who is gone loses the promises of what is live, in the same entry.
func notePresence(a *Member, m *deskpb.NotePresence) ([]Event, error) {
	if a.Connected == m.Connected {
		return nil, nil
	}
	out := events(deskpb.NewEvent(&deskpb.PresenceChanged{Connected: m.Connected}))
	if !m.Connected {
		out = append(out, a.withdraw("not_connected", func(_ ConversationID, p Place) bool { return p.Live && !p.EvenAway })...)
	}
	return out, nil
}
