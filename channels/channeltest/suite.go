// Package channeltest is the specification of a connector as tests: Run holds a kind of channel to what
// channels.Connector promises. It also has small real fakes of what the engine gives to a connector: an Intake, Threads,
// Blobs, and a Desk that joins them. Whoever writes a channel, in this project or outside, runs it over their own.
package channeltest

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/desk"
)

// Suite says what is tested.
type Suite struct {
	Kind channels.Kind
	// New makes the other side of the channel, fresh for each check, and registers its end with t.Cleanup.
	New func(t *testing.T) World
	// BadConfigs are configurations that must be refused; the key is the field that the refusal names.
	BadConfigs map[string]json.RawMessage
	// StopWithin is how long Run may take to return after its context ended; 0 means 5 s.
	StopWithin time.Duration
	// Patience is how long anything else may take; 0 means 20 s.
	Patience time.Duration
}

// World is the other side of a channel: a small real server, or a person with a browser, and what they do.
type World struct {
	Config  json.RawMessage
	Secrets json.RawMessage
	Address string
	// Threads and Blobs are what the connector is given; nil means empty ones.
	Threads channels.Threads
	Blobs   channels.Blobs
	// Started is told of every connector before its Run is called: a webhook's world mounts its Handler. May be nil.
	Started func(channels.Connector)

	// Offer makes item n (0, 1, …) available as the provider would, and does not wait. Like the provider it keeps
	// offering until the connector has acknowledged. Each item is distinct.
	Offer func(n int)
	// Taken reports whether the connector has acknowledged item n to the outside.
	Taken func(n int) bool
	// Again hands over item n, acknowledged before, once more (a repeated webhook, a cursor that was lost). It may need
	// a connector started after it; the check starts one.
	Again func(n int)

	// Outbound is a reply to try Send with; nil: the kind cannot send.
	Outbound *desk.Outbound
	// Hidden are the words that must never appear in a log line or an error: passwords, tokens.
	Hidden []string
}

// Run checks that connectors of this kind keep the promises of channels.Connector.
func Run(t *testing.T, s Suite) {
	t.Helper()
	if s.StopWithin == 0 {
		s.StopWithin = 5 * time.Second
	}
	if s.Patience == 0 {
		s.Patience = 20 * time.Second
	}
	for _, c := range checks {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t.Context(), s, s.New(t))
			defer b.shut()
			if err := c.check(b); err != nil {
				t.Errorf("%v\nlog:\n%s", err, b.log)
			}
			if err := b.afterwards(); err != nil {
				t.Error(err)
			}
		})
	}
	t.Run("bad configurations are refused with their field", func(t *testing.T) {
		for field, config := range s.BadConfigs {
			if err := checkBadConfig(s.Kind, field, config); err != nil {
				t.Error(err)
			}
		}
	})
}
