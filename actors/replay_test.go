package actors_test

import (
	"context"
	"io/fs"
	"testing"
	"testing/synctest"

	"github.com/centralita/centralita/actors"
	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence/memory"
	"github.com/centralita/centralita/proto/deskpb"
)

// Replay implements channels.Replayer: the raw item is the text of its mail.
func (w *wire) Replay(_ context.Context, q desk.Quarantined) (*desk.Inbound, *desk.Quarantined, error) {
	switch q.RawBlob {
	case "":
		return nil, nil, channels.ErrNotKept
	case "gone":
		return nil, nil, fs.ErrNotExist
	case "ours":
		return nil, nil, nil
	case "poison":
		return nil, &desk.Quarantined{Item: q.Item, Cause: "still poison", RawBlob: q.RawBlob, Summary: q.Summary}, nil
	case "refused":
		in := mail(q.Item, "x@y.example", "hello")
		in.Message.Identity.Value = ""
		return &in, nil, nil
	}
	in := mail(q.Item, "anna@x.example", q.RawBlob)
	return &in, nil, nil
}

// TestReplay: what was set aside is taken in once, however often it is asked for, or stays aside with its new cause.
func TestReplay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := start(t, memory.New(), actors.Tuning{})
		defer l.stop()
		ch, _ := l.channel("help@x", nil)
		by := &deskpb.Author{Kind: deskpb.Author_KIND_AGENT, Id: "ag_1"}
		for _, item := range []string{"good", "gone", "ours", "poison", "refused", ""} {
			l.do(ch.Stream(), deskpb.NewCommand(&deskpb.QuarantineItem{Item: &deskpb.ItemQuarantined{Item: "item-" + item, Cause: "a fault of ours", RawBlob: item}}))
		}
		can := l.sys.Replayable(ch)
		for raw, want := range map[string]bool{"good": true, "": false} {
			if can(&deskpb.QuarantinedItem{Item: "item-" + raw, RawBlob: raw}) != want {
				t.Errorf("%q can be read again: %v", raw, !want)
			}
		}
		if l.sys.Replayable("ch_none")(&deskpb.QuarantinedItem{RawBlob: "good"}) {
			t.Error("a channel that is not there can read again")
		}
		replay := func(item string) (desk.Replayed, error) {
			return l.sys.ReplayItem(context.Background(), ch, "item-"+item, by)
		}
		if r, err := replay("good"); r.Outcome != "ingested" || err != nil {
			t.Errorf("good: %v, %v", r, err)
		}
		if _, err := replay("good"); desk.CodeOf(err) != desk.NotFound {
			t.Errorf("good again: %v", err)
		}
		// The answer was lost before the item was let go: it is set aside still, and taken in already.
		l.do(ch.Stream(), deskpb.NewCommand(&deskpb.QuarantineItem{Item: &deskpb.ItemQuarantined{Item: "item-good", Cause: "again", RawBlob: "good"}}))
		if r, err := replay("good"); r.Outcome != "ingested" || err != nil {
			t.Errorf("good, broken off: %v, %v", r, err)
		}
		if all := l.tickets(desk.ViewOpen); len(all) != 1 || all[0].Messages != 1 || all[0].Preview != "good" {
			t.Errorf("tickets: %v", all)
		}
		if r, err := replay("ours"); r.Outcome != "discarded" || err != nil {
			t.Errorf("ours: %v, %v", r, err)
		}
		for item, cause := range map[string]string{"poison": "still poison", "refused": "the desk refused it: a message needs its sender's identity, at most 512 bytes"} {
			if r, err := replay(item); r.Outcome != "quarantined" || r.Cause != cause || err != nil {
				t.Errorf("%s: %v, %v", item, r, err)
			}
			if q, err := l.store.Index().QuarantinedItem(ch, "item-"+item); q.GetCause() != cause || err != nil {
				t.Errorf("%s in quarantine: %v, %v", item, q, err)
			}
		}
		for _, item := range []string{"gone", ""} {
			if _, err := replay(item); desk.CodeOf(err) != desk.Conflict {
				t.Errorf("%q, of which nothing was kept: %v", item, err)
			}
		}
		row, err := l.store.Index().Channel(ch)
		if err != nil || row.Quarantined != 4 {
			t.Errorf("quarantined: %v, %v", row.GetQuarantined(), err)
		}
		// A channel that is off takes it in, too.
		l.do(ch.Stream(), deskpb.NewCommand(&deskpb.SwitchChannel{On: false}))
		synctest.Wait()
		l.do(ch.Stream(), deskpb.NewCommand(&deskpb.QuarantineItem{Item: &deskpb.ItemQuarantined{Item: "item-late", Cause: "x", RawBlob: "late"}}))
		if r, err := replay("late"); r.Outcome != "ingested" || err != nil {
			t.Errorf("late: %v, %v", r, err)
		}
	})
}
