package actors

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// replay asks a channel to take an item that was set aside before. It goes the way of every item, so one that is known
// already is not taken twice.
type replay struct {
	channel  desk.ChannelID
	delivery *delivery
}

// ReplayItem reads an item in quarantine again and takes it in. It says what became of it: ingested, discarded (there was
// nothing to take in), or quarantined, with its new cause. Asked twice, or broken off and asked again, it takes it in once.
func (s *System) ReplayItem(ctx context.Context, id desk.ChannelID, item string, by *deskpb.Author) (desk.Replayed, error) {
	held, err := s.index.QuarantinedItem(id, item)
	if err != nil {
		return desk.Replayed{}, fmt.Errorf("read the item: %w", err)
	}
	if held == nil {
		return desk.Replayed{}, desk.Refuse(desk.NotFound, "item", "there is no such item in quarantine")
	}
	conn, err := s.replayer(id)
	if err != nil {
		return desk.Replayed{}, err
	}
	in, aside, err := conn.Replay(ctx, heldItem(held))
	switch {
	case errors.Is(err, channels.ErrNotKept):
		return desk.Replayed{}, errNotKept()
	case errors.Is(err, fs.ErrNotExist):
		return desk.Replayed{}, desk.Refuse(desk.Conflict, "item", "the item as it came is not there any more; it can only be discarded")
	case err != nil:
		return desk.Replayed{}, err
	case aside != nil:
		aside.Folder = held.Folder
		return s.asideAgain(ctx, id, *aside, by)
	case in == nil:
		return s.released(ctx, id, item, "discarded", by)
	}
	err = s.takeIn(ctx, id, *in)
	if refusal, ok := errors.AsType[*desk.Error](err); ok && refusal.Code != desk.Unavailable {
		again := heldItem(held)
		again.Cause = "the desk refused it: " + refusal.Message
		return s.asideAgain(ctx, id, again, by)
	}
	if err != nil {
		return desk.Replayed{}, err
	}
	return s.released(ctx, id, item, "ingested", by)
}

func heldItem(q *deskpb.QuarantinedItem) desk.Quarantined {
	return desk.Quarantined{Item: q.Item, Cause: q.Cause, RawBlob: q.RawBlob, Summary: q.Summary, Folder: q.Folder}
}

// Replayable tells which items of a channel can be read again: those that were kept as they came, and those that its connector can ask for.
func (s *System) Replayable(id desk.ChannelID) func(*deskpb.QuarantinedItem) bool {
	conn, err := s.replayer(id)
	if err != nil {
		return func(*deskpb.QuarantinedItem) bool { return false }
	}
	return func(q *deskpb.QuarantinedItem) bool {
		again, can := conn.(channels.Refetcher)
		return q.RawBlob != "" || can && again.CanReplay(heldItem(q))
	}
}

// replayer makes a connector for reading only: the channel's own may be down, and that is often why one looks here.
func (s *System) replayer(id desk.ChannelID) (channels.Replayer, error) {
	conn, err := s.connectorOf(id, "item")
	if err != nil {
		return nil, err
	}
	r, can := conn.(channels.Replayer)
	if !can {
		return nil, errNotKept()
	}
	return r, nil
}

// connectorOf makes one of a channel's; field is what the refusal is about.
func (s *System) connectorOf(id desk.ChannelID, field string) (channels.Connector, error) {
	row, err := s.index.Channel(id)
	if err != nil || row == nil {
		return nil, errors.Join(err, desk.Refuse(desk.NotFound, "channel", "there is no such channel"))
	}
	kind, known := s.kinds[kindName(row)]
	if !known {
		return nil, desk.Refuse(desk.Conflict, field, "this desk knows no channels of kind %q", kindName(row))
	}
	secrets, err := s.secretsOf(id)
	if err != nil {
		return nil, err
	}
	conn, err := kind.New(s.envOf(row, secrets))
	if err != nil {
		return nil, configFault(err)
	}
	return conn, nil
}

func errNotKept() error {
	return desk.Refuse(desk.Conflict, "item", "the item was not kept as it came, so it cannot be read again; it can only be discarded")
}

// takeIn gives an item to its channel and waits until it is durable or refused.
func (s *System) takeIn(ctx context.Context, id desk.ChannelID, in desk.Inbound) error {
	if err := checkInbound(in); err != nil {
		return err
	}
	if s.stopping.Load() {
		return desk.Refuse(desk.Unavailable, "", "the desk is shutting down")
	}
	result := make(chan error, 1)
	s.root.Send(s.switchboard, &replay{channel: id, delivery: &delivery{item: in, results: []chan<- error{result}}})
	select {
	case err := <-result:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-s.ctx.Done():
		return desk.Refuse(desk.Unavailable, "", "the desk is shutting down")
	}
}

// replay takes a credit as Deliver does, but an actor must not wait for one.
func (ch *channel) replay(d *delivery) {
	if d.cost() == 0 {
		ch.accept(d)
		return
	}
	select {
	case ch.credits <- struct{}{}:
		ch.accept(d)
	default:
		d.results[0] <- desk.Refuse(desk.Unavailable, "", "the channel is busy, try again in a moment")
	}
}

func (s *System) asideAgain(ctx context.Context, id desk.ChannelID, q desk.Quarantined, by *deskpb.Author) (desk.Replayed, error) {
	cmd := deskpb.NewCommand(&deskpb.QuarantineItem{Item: setAside(q)})
	cmd.By = by
	_, err := s.Do(ctx, id.Stream(), cmd)
	return desk.Replayed{Outcome: "quarantined", Cause: q.Cause}, err
}

// released lets an item go. One that somebody else let go meanwhile is gone, too.
func (s *System) released(ctx context.Context, id desk.ChannelID, item, outcome string, by *deskpb.Author) (desk.Replayed, error) {
	cmd := deskpb.NewCommand(&deskpb.ReleaseItem{Item: item, Outcome: outcome})
	cmd.By = by
	_, err := s.Do(ctx, id.Stream(), cmd)
	if desk.CodeOf(err) == desk.NotFound {
		err = nil
	}
	return desk.Replayed{Outcome: outcome}, err
}
