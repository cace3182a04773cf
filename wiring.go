package centralita

import (
	"context"
	"errors"
	"time"

	"github.com/centralita/centralita/actors"
	"github.com/centralita/centralita/api"
	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/channels/chat"
	"github.com/centralita/centralita/channels/email"
	"github.com/centralita/centralita/internal/filelink"
	"github.com/centralita/centralita/persistence/badger"
	"github.com/centralita/centralita/persistence/reports"
	"github.com/centralita/centralita/persistence/search"
	"github.com/centralita/centralita/persistence/tableau"
	"github.com/centralita/centralita/proto/deskpb"
	"github.com/centralita/centralita/web"
)

// kinds is the only list of channel kinds: explicit, no registration.
func kinds(own []channels.Kind, signIns *email.SignIns) []channels.Kind {
	return append([]channels.Kind{email.KindWith(signIns), chat.Kind()}, own...)
}

// openStores opens what the options do not hand in. On success closeStore is set.
func (e *Engine) openStores(opt Options) error {
	e.store, e.blobs, e.closeStore = opt.Store, opt.Blobs, func() error { return nil }
	if e.store == nil {
		store, err := badger.Open(journalDir(opt.DataDir), badger.Options{Logger: opt.Logger})
		if err != nil {
			return wrap("open the journal", err)
		}
		e.store, e.closeStore = store, store.Close
	}
	if e.blobs == nil {
		blobs, err := openBlobs(blobDir(opt.DataDir))
		if err != nil {
			return errors.Join(wrap("open the attachments", err), e.closeStore())
		}
		e.blobs = blobs
	}
	return nil
}

func (e *Engine) start(opt Options) error {
	v, err := opt.vault()
	if err != nil {
		return err
	}
	signIns, err := opt.OAuth.signIns(e.store.Index(), v)
	if err != nil {
		return err
	}
	blobs := carefulBlobs{e.blobs, e.store}
	files, _ := e.blobs.(actors.Files) // a program's own blobs may not be deletable
	links := filelink.New(v.Derive("files")...)
	e.system, err = actors.Start(actors.Config{
		Store: e.store, Blobs: blobs, Vault: v, Keys: v.Derive("replies"), Kinds: kinds(opt.Connectors, signIns), Logger: opt.Logger,
		Observer: e.metrics, Tuning: opt.Tuning, MailDomain: opt.mailDomain(), PublicURL: opt.PublicURL, Link: opt.linker(links), Files: files, SpamDays: opt.spamDays(),
	})
	if err != nil {
		return wrap("start the engine", err)
	}
	if e.reports, err = reports.Open(e.store, reports.Options{Dir: reportsDir(opt.DataDir), Logger: opt.Logger}); err != nil {
		e.system.Stop(context.Background())
		return err
	}
	if e.search, err = search.Open(e.store, search.Options{Dir: searchDir(opt.DataDir), Logger: opt.Logger}); err != nil {
		e.system.Stop(context.Background())
		return err
	}
	index := e.store.Index()
	lists := tableau.New(e.store, opt.Logger)
	e.server, err = api.New(api.Options{
		Search: e.search, Reports: e.reports,
		Engine: e.system, Channels: e.system, Trials: e.system, ChannelSecrets: e.system, Replays: e.system, Router: e.system, Signs: e.system, Tickets: index, Lists: lists, People: index, Finder: index, Secrets: index, Accounts: index,
		ChannelRows: index, Settings: index, Audits: index, Notices: index, Sides: index, Blobs: blobs, Vault: v, Workspace: web.Dist(), SanitizeHTML: email.SanitizeHTML, SetupToken: func() string { return e.setup },
		MailDomain: opt.mailDomain(), SignIns: signIns, FileLinks: links, MailServers: opt.Discovery.finder(), PublicURL: opt.PublicURL, SpamDays: opt.spamDays(), Version: Version, Logger: opt.Logger, Metrics: e.metrics,
	})
	if err != nil {
		e.system.Stop(context.Background())
		return errors.Join(wrap("start the API", err), e.search.Close())
	}
	if err := e.listenForMail(opt); err != nil {
		e.system.Stop(context.Background())
		return errors.Join(err, e.search.Close())
	}
	var ctx context.Context
	ctx, e.cancel = context.WithCancel(context.Background())
	e.background.Go(func() { _ = e.server.Run(ctx) })
	e.background.Go(func() { lists.Run(ctx) })
	e.background.Go(func() { e.gauge(ctx) })
	e.background.Go(func() { e.search.Run(ctx) })
	e.background.Go(func() { e.reports.Run(ctx) })
	return nil
}

// linker gives addresses of files below the desk's own; nil when it has none.
func (o Options) linker(links *filelink.Signer) func(*deskpb.Attachment, time.Time) string {
	if o.PublicURL == "" {
		return nil
	}
	return func(a *deskpb.Attachment, until time.Time) string {
		return links.Link(o.PublicURL, filelink.File{Blob: a.GetBlob(), Name: a.GetName(), MediaType: a.GetMediaType(), UntilUnix: until.Unix()})
	}
}

// gauge posts what is a state rather than an event, every two seconds.
func (e *Engine) gauge(ctx context.Context) {
	tick := time.NewTicker(2 * time.Second)
	defer tick.Stop()
	for {
		e.metrics.SetJournalWaiting(e.system.Waiting())
		e.metrics.SetInLine(e.system.InLine())
		e.metrics.SetSearchBehind(e.search.Behind())
		for _, st := range e.system.ChannelStatus() {
			e.metrics.SetChannelHealth(st.Channel, st.State)
			e.metrics.SetChannelLag(st.Channel, st.Lag)
			e.metrics.SetOutboxDepth(st.Channel, st.OutboxDepth)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
