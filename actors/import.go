package actors

import (
	"context"
	"fmt"
	"hash/maphash"
	"runtime/debug"
	"time"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// importRun is one run of an import: a goroutine of the channel's, beside its connector. What must survive it is in the channel's
// stream.
type importRun struct {
	of        int64 // which import
	connector channels.Connector
	cancel    context.CancelFunc
	ended     chan struct{}
}

// mindImport starts or ends the run, as the row and the connector want it.
func (ch *channel) mindImport() {
	i := ch.row.GetImport()
	wanted := ch.row.On && i.GetState() == deskpb.ImportState_IMPORT_STATE_RUNNING && ch.present != nil
	if r := ch.importing; r != nil {
		if wanted && r.of == i.GetStarted().GetUntilMs() && r.connector == ch.present {
			return
		}
		ch.endImport()
	}
	if imp, can := ch.present.(channels.Importer); wanted && can {
		ch.importing = ch.startImport(imp, i)
	}
}

// endImport ends the run and waits for it, as long as for a connector.
func (ch *channel) endImport() {
	r := ch.importing
	if r == nil {
		return
	}
	ch.importing = nil
	r.cancel()
	limit := time.NewTimer(ch.sys.tune.ConnectorStopMax)
	defer limit.Stop()
	select {
	case <-r.ended:
	case <-limit.C:
		ch.sys.log.Warn("an import did not end in time and was abandoned", "channel", string(ch.id))
	}
	ch.sys.status.set(ch.id, func(st *channelLive) { st.ImportError, st.ImportRetryMs = "", 0 })
}

func (ch *channel) startImport(imp channels.Importer, i *deskpb.Import) *importRun {
	ctx, cancel := context.WithCancel(ch.sys.ctx)
	r := &importRun{of: i.GetStarted().GetUntilMs(), connector: ch.present, cancel: cancel, ended: make(chan struct{})}
	in := &pastIntake{ch: ch, of: i.Started, progress: i.Progress, taken: map[uint64]bool{}, seed: maphash.MakeSeed()}
	go func() {
		defer close(r.ended)
		in.run(ctx, imp)
	}()
	return r
}

// pastQueryOf is what an import reads.
func pastQueryOf(m *deskpb.ImportStarted) desk.PastQuery {
	q := desk.PastQuery{Until: time.UnixMilli(m.GetUntilMs()), Inbox: m.GetInbox(), Sent: m.GetSent(), Folder: m.GetFolder()}
	if m.GetSinceMs() > 0 {
		q.Since = time.UnixMilli(m.SinceMs)
	}
	return q
}

// pastIntake is the channel as an import sees it. One goroutine uses it.
type pastIntake struct {
	ch       *channel // its fields that never change
	of       *deskpb.ImportStarted
	progress *deskpb.ImportMoved
	failures int

	// taken is what this run took in and noted, fresh what it has not noted yet: whatever else is of this import was taken in by a run
	// that ended before it could note so.
	taken map[uint64]bool
	fresh []uint64
	seed  maphash.Seed
}

var _ channels.PastIntake = (*pastIntake)(nil)

// run imports until it is through or ctx ends. What fails is tried again, each time later: what comes now needs the mailbox more.
func (in *pastIntake) run(ctx context.Context, imp channels.Importer) {
	sys, id := in.ch.sys, in.ch.id
	for ctx.Err() == nil {
		err := in.once(ctx, imp)
		if err == nil {
			_, err = sys.Do(ctx, id.Stream(), deskpb.NewCommand(&deskpb.SwitchImport{To: deskpb.ImportState_IMPORT_STATE_DONE, UntilMs: in.of.UntilMs}))
			if err == nil {
				return
			}
		}
		if ctx.Err() != nil || desk.ReasonOf(err) == "not_importing" {
			return
		}
		wait := min(sys.tune.RestartMin<<min(in.failures, 20), sys.tune.RestartMax)
		in.failures++
		sys.log.Warn("an import failed", "channel", string(id), "err", err, "retry_in", wait.String())
		sys.status.set(id, func(st *channelLive) {
			st.ImportError, st.ImportRetryMs = reasonOf(err), time.Now().Add(wait).UnixMilli()
		})
		pause(ctx, wait)
		sys.status.set(id, func(st *channelLive) { st.ImportRetryMs = 0 })
	}
}

// once calls Import and turns a panic into an error.
func (in *pastIntake) once(ctx context.Context, imp channels.Importer) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the import panicked: %v\n%s", r, debug.Stack())
		}
	}()
	return imp.Import(ctx, pastQueryOf(in.of), in)
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

const (
	yieldAtMost = time.Second
	yieldStep   = 10 * time.Millisecond
)

// Take implements channels.PastIntake: one at a time, and what comes now goes first.
func (in *pastIntake) Take(ctx context.Context, item desk.Inbound) (known bool, err error) {
	sys := in.ch.sys
	if item.Message.GetPast() == nil {
		return false, desk.Refuse(desk.Invalid, "past", "an item of the past says when it was written")
	}
	if err := checkInbound(item); err != nil {
		return false, err
	}
	pause(ctx, sys.tune.ImportPause)
	for waited := time.Duration(0); len(in.ch.credits) > 0 && waited < yieldAtMost && ctx.Err() == nil; waited += yieldStep {
		pause(ctx, yieldStep)
	}
	if sys.stopping.Load() {
		return false, desk.Refuse(desk.Unavailable, "", "the desk is shutting down")
	}
	item.Message.Past.Import = in.of.UntilMs
	result, was := make(chan error, 1), false
	sys.root.Send(in.ch.self, &delivery{item: item, results: []chan<- error{result}, settledAs: func(known bool) { was = known }})
	select {
	case err = <-result:
	case <-ctx.Done():
		return false, ctx.Err()
	}
	id := maphash.String(in.seed, item.ExternalID)
	if err == nil && was && !in.taken[id] && in.mine(ctx, item.ExternalID) {
		was = false // it was taken in when the run before this one ended
	}
	if err == nil && !was {
		in.taken[id] = true
		in.fresh = append(in.fresh, id)
	}
	return was, err
}

// mine: the desk has the item from this import.
func (in *pastIntake) mine(ctx context.Context, externalID string) bool {
	sys := in.ch.sys
	conv, message, err := sys.index.MessageByExternal(in.ch.id, externalID)
	if err != nil || conv == "" {
		return false
	}
	for r, err := range sys.store.Load(ctx, conv.Stream(), 0) {
		if err != nil {
			return false
		}
		m := r.Event.GetMessageReceived()
		if sent := r.Event.GetReplyImported(); sent != nil {
			m = sent.GetMail()
		}
		if m != nil && m.Message == string(message) {
			return m.ImportMs == in.of.UntilMs
		}
	}
	return false
}

// Quarantine implements channels.PastIntake.
func (in *pastIntake) Quarantine(ctx context.Context, q desk.Quarantined) error {
	return quarantineItem(ctx, in.ch.sys, in.ch.id, q)
}

// Progress implements channels.PastIntake. Who asks begins there.
func (in *pastIntake) Progress() *deskpb.ImportMoved {
	for _, id := range in.fresh {
		delete(in.taken, id)
	}
	in.fresh = nil
	return in.progress
}

// Move implements channels.PastIntake.
func (in *pastIntake) Move(ctx context.Context, p *deskpb.ImportMoved) error {
	_, err := in.ch.sys.Do(ctx, in.ch.id.Stream(), deskpb.NewCommand(&deskpb.MoveImport{UntilMs: in.of.UntilMs, Progress: p}))
	if err == nil {
		in.progress, in.failures, in.fresh = p, 0, nil
		in.ch.sys.status.set(in.ch.id, func(st *channelLive) { st.ImportError, st.ImportRetryMs = "", 0 })
	}
	return err
}

// cost is how many credits a delivery holds: what is of the past takes none from what comes now.
func (d *delivery) cost() int {
	if d.item.Message.GetPast() != nil {
		return 0
	}
	return 1
}

func (d *delivery) tellSettled(known bool) {
	if d.settledAs != nil {
		d.settledAs(known)
	}
}

// pastMs is the time of the records of what is of the past: its own. 0: now.
func (d *delivery) pastMs() int64 {
	if p := d.item.Message.GetPast(); p != nil {
		return p.At.UnixMilli()
	}
	return 0
}

// ofThePast makes a command of what was taken in from the past say so.
func (d *delivery) ofThePast(m *deskpb.ReceiveMessage) *deskpb.ReceiveMessage {
	p := d.item.Message.Past
	if p == nil {
		return m
	}
	m.Message.ImportMs, m.Message.PastMs = p.Import, p.At.UnixMilli()
	m.Imported = &deskpb.Imported{Sent: p.Sent, Agent: string(d.writer.agent), AgentName: d.writer.name}
	m.FollowUp, m.Follower, m.Note, m.Message.Handling = false, "", nil, nil
	return m
}

// PreviewImport says how many items of the past a channel's outside has, folder by folder.
func (s *System) PreviewImport(ctx context.Context, id desk.ChannelID, q desk.PastQuery) ([]desk.PastFolder, error) {
	conn, err := s.connectorOf(id, "channel")
	if err != nil {
		return nil, err
	}
	imp, can := conn.(channels.Importer)
	if !can {
		return nil, desk.Refuse(desk.Conflict, "channel", "channels of this kind keep nothing of the past")
	}
	all, err := imp.CountPast(ctx, q)
	return all, configFault(plainFaults(err))
}

// MailFolders lists the folders of a channel's mailbox; given settings that are not saved, of the mailbox they lead to.
func (s *System) MailFolders(ctx context.Context, unsaved *desk.NewChannel, id desk.ChannelID) (_ []desk.MailFolder, err error) {
	var conn channels.Connector
	if unsaved != nil {
		conn, err = s.onTrial(*unsaved, id)
	} else {
		conn, err = s.connectorOf(id, "channel")
	}
	if err != nil {
		return nil, err
	}
	foldered, can := conn.(channels.Foldered)
	if !can {
		return nil, desk.Refuse(desk.Conflict, "channel", "channels of this kind have no folders")
	}
	all, err := foldered.Folders(ctx)
	return all, configFault(plainFaults(err))
}
