package actors

import (
	"context"
	"sync/atomic"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// intake is the channel as its connector sees it.
type intake struct {
	sys     *System
	id      desk.ChannelID
	channel *actor.PID
	credits chan struct{}
	over    atomic.Bool // the run has ended: its late news is no news, because failures overtake messages
}

var _ channels.Intake = (*intake)(nil)

// statusNews is what the connector says it is doing.
type statusNews struct {
	status channels.Status
	in     *intake
}

const maxExternalID = 512

func (in *intake) Deliver(ctx context.Context, item desk.Inbound) <-chan error {
	result := make(chan error, 1)
	if err := checkInbound(item); err != nil {
		result <- err
		return result
	}
	if in.sys.stopping.Load() {
		result <- desk.Refuse(desk.Unavailable, "", "the desk is shutting down")
		return result
	}
	select {
	case in.credits <- struct{}{}:
	case <-ctx.Done():
		result <- ctx.Err()
		return result
	}
	in.sys.root.Send(in.channel, &delivery{item: item, results: []chan<- error{result}})
	return result
}

func checkInbound(item desk.Inbound) error {
	switch {
	case one(item.Message != nil)+one(item.Report != nil)+one(item.Identified != nil)+one(item.Visit != nil) != 1:
		return desk.Refuse(desk.Invalid, "item", "an item is either a message, a report, somebody identified or something that a visitor does")
	case item.Identified != nil:
		return checkIdentified(item)
	case item.Message == nil:
		return nil
	case item.ExternalID == "" || len(item.ExternalID) > maxExternalID:
		return desk.Refuse(desk.Invalid, "external_id", "must be 1 to %d bytes", maxExternalID)
	case item.Message.Identity.GetValue() == "" || len(item.Message.Identity.GetValue()) > 512:
		return desk.Refuse(desk.Invalid, "identity", "a message needs its sender's identity, at most 512 bytes")
	case len(item.Message.Body.GetText()) > 4*desk.MaxTextBytes || len(item.Message.Body.GetHtml()) > desk.MaxHTMLBytes:
		return desk.Refuse(desk.Invalid, "body", "the text is too large; keep it as an attachment")
	case len(item.Message.ThreadKeys) > 200:
		return desk.Refuse(desk.Invalid, "thread_keys", "at most 200")
	}
	return nil
}

func one(is bool) int {
	if is {
		return 1
	}
	return 0
}

func (in *intake) Quarantine(ctx context.Context, q desk.Quarantined) error {
	return quarantineItem(ctx, in.sys, in.id, q)
}

func setAside(q desk.Quarantined) *deskpb.ItemQuarantined {
	return &deskpb.ItemQuarantined{Item: q.Item, Cause: q.Cause, RawBlob: q.RawBlob, Summary: q.Summary, Folder: q.Folder}
}

func quarantineItem(ctx context.Context, sys *System, id desk.ChannelID, q desk.Quarantined) error {
	_, err := sys.Do(ctx, id.Stream(), deskpb.NewCommand(&deskpb.QuarantineItem{Item: setAside(q)}))
	if err == nil {
		sys.obs.CountItem(string(id), "quarantined")
	}
	return err
}

func (in *intake) Cursor() string {
	c, err := in.sys.index.ChannelCursor(in.id)
	if err != nil {
		// Panicking is right here: a connector that took "" for an answer would begin at the end of its mailbox.
		panic(err)
	}
	return c
}

func (in *intake) SaveCursor(ctx context.Context, cursor string) error {
	_, err := in.sys.Do(ctx, in.id.Stream(), deskpb.NewCommand(&deskpb.MoveChannelCursor{Cursor: cursor}))
	return err
}

func (in *intake) Report(st channels.Status) {
	in.sys.root.Send(in.channel, &statusNews{status: st, in: in})
}
