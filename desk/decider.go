package desk

import "github.com/centralita/centralita/proto/deskpb"

// Event and Command are the protobuf messages themselves: one form from disk to actor to browser.
type (
	Event   = *deskpb.Event
	Command = *deskpb.Command
)

// Decider is a pure state machine over one stream.
type Decider[S any] struct {
	// Initial is the state of a stream nobody has written to.
	Initial func() S
	// Decide answers a command with the events that follow from it. nil, nil means: already so. An error refuses
	// the command and is a *Error.
	Decide func(S, Command) ([]Event, error)
	// Evolve folds one fact into the state. It is total: it never refuses a fact. It may change and return the
	// state it is given; callers hand the old value over.
	Evolve func(S, Event) S
	// RestsOn names what must still stand in other streams when the event that follows from the command is written. The journal
	// refuses the entry when it no longer does. May be nil; so may its answer.
	RestsOn func(StreamID, Command, Event) []Standing
}

// Standing is something of another stream on which a fact rests.
type Standing struct {
	Stream  StreamID
	Promise string // an agent's promise of a place for this conversation, neither taken nor freed; "" for
	Version uint64 // a channel's rule, a team, an agent's being there, or what rules look at of a contact, as it was set at this version
}
