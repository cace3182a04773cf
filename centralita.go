// Package centralita is the help-desk engine as a value: Open it over a data directory, serve its Handler, Run it, Close
// it. It owns the wiring (which journal, which kinds of channel) and nothing else; the rules are in desk, their life in
// actors.
package centralita

import (
	"context"
	"crypto/rand"
	"errors"
	"iter"
	"log/slog"
	"net/http"
	"sync"

	"github.com/centralita/centralita/actors"
	"github.com/centralita/centralita/api"
	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/channels/email"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/internal/metrics"
	"github.com/centralita/centralita/persistence"
	"github.com/centralita/centralita/persistence/reports"
	"github.com/centralita/centralita/persistence/search"
	"github.com/centralita/centralita/proto/deskpb"
)

// Version is what the program calls itself.
const Version = "0.1.0"

// Engine is a running help desk.
type Engine struct {
	store   persistence.Store
	system  *actors.System
	server  *api.Server
	metrics *metrics.Metrics
	log     *slog.Logger
	setup   string
	dataDir string
	blobs   channels.Blobs
	search  *search.Index
	reports *reports.Reports
	mail    *email.Listener // nil: it takes no mail itself

	background sync.WaitGroup
	cancel     context.CancelFunc
	closeStore func() error
	closing    sync.Once
}

// Open starts the engine: it opens the journal, catches up with what was left undone, and starts the channels. ctx bounds the
// opening only. Close it.
func Open(ctx context.Context, opt Options) (*Engine, error) {
	opt, err := opt.withDefaults()
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	e := &Engine{log: opt.Logger, metrics: metrics.New(), setup: rand.Text(), dataDir: opt.DataDir}
	if err := e.openStores(opt); err != nil {
		return nil, err
	}
	if err := e.start(opt); err != nil {
		return nil, errors.Join(err, e.closeStore())
	}
	return e, nil
}

// Handler serves everything: the workspace, the API, the agents' socket, the channels' webhooks and widgets, and what
// operators ask.
func (e *Engine) Handler() http.Handler { return e.server.Handler() }

// Do asks a stream for a change and returns when the answer is durable. Refusals are *desk.Error.
func (e *Engine) Do(ctx context.Context, stream desk.StreamID, cmd desk.Command) (desk.Done, error) {
	return e.system.Do(ctx, stream, cmd)
}

// Watch yields every record after a position: history first, then live, without gap, until ctx ends. Records are shared and
// must not be changed.
func (e *Engine) Watch(ctx context.Context, after desk.Position) iter.Seq2[desk.Record, error] {
	return e.system.Watch(ctx, after)
}

// Head is the journal's epoch and the position of the last durable record.
func (e *Engine) Head() (epoch string, position desk.Position) { return e.system.Head() }

// Index answers questions about tickets, contacts, agents, teams and channels.
func (e *Engine) Index() *persistence.Index { return e.store.Index() }

// Search finds conversations by what was said in them, as desk.ParseSearch reads it.
func (e *Engine) Search(ctx context.Context, q desk.SearchQuery) (desk.SearchPage, error) {
	return e.search.Search(ctx, q)
}

// SearchBehind is how many records of the journal the search index does not know yet.
func (e *Engine) SearchBehind() uint64 { return e.search.Behind() }

// ConnectChannel makes a channel; its address can be connected once.
func (e *Engine) ConnectChannel(ctx context.Context, ch desk.NewChannel, by *deskpb.Author) (desk.ChannelID, error) {
	return e.system.ConnectChannel(ctx, ch, by)
}

// ChannelStatus is the live health of every channel.
func (e *Engine) ChannelStatus() []desk.ChannelStatus { return e.system.ChannelStatus() }

// CheckChannel tests a channel's connectivity; all faults are joined.
func (e *Engine) CheckChannel(ctx context.Context, id desk.ChannelID) error {
	return e.system.CheckChannel(ctx, id)
}

// Ready says why the engine cannot take work now; nil when it can.
func (e *Engine) Ready() error { return e.system.Ready() }

// SetupPath is where the first administrator makes an account, with a token that works once; "" when there is one already.
func (e *Engine) SetupPath() (string, error) {
	agents, err := e.Index().Agents()
	if err != nil {
		return "", wrap("read the agents", err)
	}
	for _, a := range agents {
		if a.Role == deskpb.Role_ROLE_ADMINISTRATOR && !a.Deactivated {
			return "", nil
		}
	}
	return "/setup?token=" + e.setup, nil
}

// Close stops in order: nothing new is taken, sockets are told to come back, connectors end, what is under way becomes
// durable, the journal closes. ctx bounds the wait; what was acknowledged is durable in any case.
func (e *Engine) Close(ctx context.Context) (err error) {
	e.closing.Do(func() {
		if e.mail != nil {
			err = e.mail.Close(ctx)
		}
		e.cancel()
		e.background.Wait()
		e.system.Stop(ctx)
		err = errors.Join(err, e.search.Close(), e.reports.Close(), e.closeStore())
	})
	return err
}
