package actors

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/desk"
)

// connector is one run of a Connector: expendable. When the run ends it panics, and its supervisor, the channel, starts
// another after a delay. What must survive a restart lives in the channel.
type connector struct {
	sys     *System
	row     desk.Channel
	kind    channels.Kind
	channel *actor.PID
	credits chan struct{}

	cancel context.CancelFunc
	ended  chan struct{}
}

// runEnded: the connector's goroutine is over.
type runEnded struct{ err error }

// runFailure is what the actor panics with; it holds no customer data.
type runFailure struct{ err error }

func (f *runFailure) Error() string { return f.err.Error() }
func (f *runFailure) Unwrap() error { return f.err }

func (k *connector) Receive(c actor.Context) {
	switch m := c.Message().(type) {
	case *actor.Started:
		k.start(c)
	case *runEnded:
		panic(&runFailure{m.err})
	case *actor.Stopping, *actor.Restarting:
		k.stop()
	}
}

// connectedAt is when a channel was made.
func connectedAt(row desk.Channel) time.Time {
	if row.GetConnectedMs() == 0 {
		return time.Time{}
	}
	return time.UnixMilli(row.ConnectedMs)
}

func (k *connector) start(c actor.Context) {
	id := desk.ChannelID(k.row.Channel)
	sealed, err := k.sys.index.ChannelSecrets(id)
	if err != nil {
		panic(&runFailure{fmt.Errorf("read the channel's secrets: %w", err)})
	}
	secrets, err := k.sys.openSecrets(sealed)
	if err != nil {
		panic(&runFailure{&channels.Error{Class: channels.Auth, Reason: "the channel's secrets cannot be opened with this installation's key", Err: err}})
	}
	conn, err := k.kind.New(k.sys.envOf(k.row, secrets))
	if err != nil {
		panic(&runFailure{&channels.Error{Class: channels.Auth, Reason: err.Error(), Err: err}})
	}
	c.Send(k.channel, &connectorUp{connector: conn})
	ctx, cancel := context.WithCancel(k.sys.ctx)
	k.cancel, k.ended = cancel, make(chan struct{})
	in := &intake{sys: k.sys, id: id, channel: k.channel, credits: k.credits}
	root, self, ended := k.sys.root, c.Self(), k.ended
	go func() {
		defer close(ended)
		err := run(ctx, conn, in)
		in.over.Store(true)
		if ctx.Err() == nil {
			root.Send(self, &runEnded{err: err})
		}
	}()
}

// run calls Run and turns a panic, or an end without a reason, into an error.
func run(ctx context.Context, conn channels.Connector, in channels.Intake) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the connector panicked: %v\n%s", r, debug.Stack())
		}
		if err == nil && ctx.Err() == nil {
			err = errors.New("the connector ended without a reason")
		}
	}()
	return conn.Run(ctx, in)
}

func (k *connector) stop() {
	if k.cancel == nil {
		return
	}
	k.cancel()
	limit := time.NewTimer(k.sys.tune.ConnectorStopMax)
	defer limit.Stop()
	select {
	case <-k.ended:
	case <-limit.C:
		k.sys.log.Warn("a connector did not end in time and was abandoned", "channel", k.row.Channel)
	}
	k.cancel = nil
}
