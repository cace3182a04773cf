package email

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emersion/go-imap/v2"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/channels/email/tidy"
	"github.com/centralita/centralita/desk"
)

// entry is one UID on its way in. Exactly one of the three outcomes is set when ready is closed, or none: then there is
// nothing to hand over and the cursor just moves past it.
type entry struct {
	uid   imap.UID
	came  time.Time
	mail  *fetched // taken away once it was read
	size  int64
	ready chan struct{}

	inbound *desk.Inbound
	aside   *desk.Quarantined
	err     error // it could not be prepared; it will be fetched again

	receipt <-chan error
}

// pipeline takes mails in the order of their UIDs, reads and stores several at once, hands them over in order, and moves
// the cursor over the gap-free front of what is durable. One goroutine feeds it.
//
//	feed → work (several) ──┐
//	  └──→ queue → deliver ─┴→ pending → settle → cursor
type pipeline struct {
	c        *Connector
	in       channels.Intake
	validity uint32
	ctx      context.Context
	cancel   context.CancelCauseFunc
	wg       sync.WaitGroup

	work    chan *entry
	queue   chan *entry
	pending chan *entry
	held    atomic.Int64  // bytes of mails fed and not handed over
	freed   chan struct{} // one slot: held went down
	open    atomic.Int64  // entries fed and not settled
	done    atomic.Int64  // entries settled
	drained chan struct{} // one slot: open reached zero

	mark    cursor // owned by settle
	saved   cursor
	unsaved int

	owed tidy.Owed     // mails that are durable and still to be marked or moved
	paid chan struct{} // one slot: some of owed were done
}

func newPipeline(ctx context.Context, c *Connector, in channels.Intake, from cursor) *pipeline {
	p := &pipeline{
		c: c, in: in, validity: from.validity, mark: from, saved: from, paid: make(chan struct{}, 1),
		work: make(chan *entry, c.tune.workers), queue: make(chan *entry, 256), pending: make(chan *entry, 1024),
		freed: make(chan struct{}, 1), drained: make(chan struct{}, 1),
	}
	p.ctx, p.cancel = context.WithCancelCause(ctx)
	for range c.tune.workers {
		p.start(p.prepare)
	}
	p.start(p.deliver)
	p.start(p.settle)
	return p
}

// start runs a stage; a stage that fails, or panics, ends the pipeline and nothing beyond it: a fault over one mailbox must not take the
// desk down.
func (p *pipeline) start(stage func() error) {
	p.wg.Add(1)
	go func() {
		defer p.wg.Done()
		defer func() {
			if v := recover(); v != nil {
				p.c.env.Logger.Error("taking in mail panicked", "panic", v, "stack", string(debug.Stack()))
				p.cancel(&channels.Error{Class: channels.Temporary, Reason: fmt.Sprintf("a fault of ours: the connector panicked: %v", v)})
			}
		}()
		if err := stage(); err != nil {
			p.cancel(err)
		}
	}()
}

// stop ends the pipeline and waits for it. What was settled is in the cursor, except the last few when ctx has ended.
func (p *pipeline) stop() {
	p.cancel(context.Canceled)
	p.wg.Wait()
	if p.saved != p.now() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(p.ctx), time.Second)
		defer cancel()
		_ = p.save(ctx) // if it fails, they are known by their content when they come again
	}
}

// failure is why the pipeline ended.
func (p *pipeline) failure() error { return context.Cause(p.ctx) }

// feed takes the next entry. It blocks while too much is under way.
func (p *pipeline) feed(e *entry) error {
	for p.held.Load() > 0 && p.held.Load()+e.size > p.c.tune.inMemory {
		select {
		case <-p.freed:
		case <-p.ctx.Done():
			return p.failure()
		}
	}
	e.ready = make(chan struct{})
	p.held.Add(e.size)
	p.open.Add(1)
	for _, stage := range []chan *entry{p.work, p.queue} {
		select {
		case stage <- e:
		case <-p.ctx.Done():
			return p.failure()
		}
	}
	return nil
}

// drain waits until everything fed is settled.
func (p *pipeline) drain(ctx context.Context) error {
	for p.open.Load() > 0 {
		select {
		case <-p.drained:
		case <-p.ctx.Done():
			return p.failure()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return p.failure()
}

// prepare reads mails and stores their raw bytes and attachments.
func (p *pipeline) prepare() error {
	for {
		select {
		case e := <-p.work:
			if e.mail != nil {
				e.inbound, e.aside, e.err = p.c.read(p.ctx, p.mailbox(e.uid), e.mail)
				e.mail = nil
			}
			close(e.ready)
		case <-p.ctx.Done():
			return nil
		}
	}
}

// mailbox names an item of this mailbox for people.
func (p *pipeline) mailbox(uid imap.UID) string { return itemName(p.validity, uid) }

const itemForm = "uid:%d:%d"

func itemName(validity uint32, uid imap.UID) string { return fmt.Sprintf(itemForm, validity, uid) }

// deliver hands over in order.
func (p *pipeline) deliver() error {
	for {
		var e *entry
		select {
		case e = <-p.queue:
		case <-p.ctx.Done():
			return nil
		}
		select {
		case <-e.ready:
		case <-p.ctx.Done():
			return nil
		}
		if e.err != nil {
			return e.err
		}
		if e.inbound != nil {
			e.receipt = p.in.Deliver(p.ctx, *e.inbound)
		}
		p.held.Add(-e.size)
		select {
		case p.freed <- struct{}{}:
		default:
		}
		select {
		case p.pending <- e:
		case <-p.ctx.Done():
			return nil
		}
	}
}

// settle waits for receipts in order and moves the cursor.
func (p *pipeline) settle() error {
	for {
		select {
		case e := <-p.pending:
			if err := p.settled(e); err != nil {
				return err
			}
		case <-p.paid:
			if err := p.save(p.ctx); err != nil {
				return err
			}
		case <-p.ctx.Done():
			return nil
		}
	}
}

func (p *pipeline) settled(e *entry) error {
	if e.receipt != nil {
		if err := p.receipt(e); err != nil {
			return err
		}
	}
	if e.aside != nil {
		e.aside.Folder = p.c.config.IMAP.Folder
		if err := p.in.Quarantine(p.ctx, *e.aside); err != nil {
			return fmt.Errorf("set %s aside: %w", e.aside.Item, err)
		}
	}
	if e.inbound != nil && e.aside == nil && p.c.config.AfterIntake.Do != tidy.Nothing {
		p.owed.Add(e.uid)
	}
	p.mark.uid = e.uid
	p.done.Add(1)
	if e.came.After(p.mark.last) {
		p.mark.last = e.came
	}
	p.unsaved++
	open := p.open.Add(-1)
	if open == 0 || p.unsaved >= p.c.tune.saveEvery {
		if err := p.save(p.ctx); err != nil {
			return err
		}
	}
	if open == 0 {
		select {
		case p.drained <- struct{}{}:
		default:
		}
	}
	return nil
}

func (p *pipeline) save(ctx context.Context) error {
	now := p.now()
	if now == p.saved {
		return nil
	}
	if err := p.in.SaveCursor(ctx, now.String()); err != nil {
		return fmt.Errorf("save the cursor: %w", err)
	}
	p.saved, p.unsaved = now, 0
	return nil
}

// now is where the mailbox stands.
func (p *pipeline) now() cursor {
	c := p.mark
	c.owed = p.owed.First()
	return c
}

// receipt waits for an item's receipt. An item that the engine refuses for what it is would be refused for ever: it is
// set aside. Anything else is tried twice more; then the connector starts again from the cursor.
func (p *pipeline) receipt(e *entry) error {
	const tries = 3
	for try := 1; ; try++ {
		var err error
		select {
		case err = <-e.receipt:
		case <-p.ctx.Done():
			return p.failure()
		}
		if err == nil {
			return nil
		}
		if e.aside = p.c.refused(err, p.mailbox(e.uid), e.inbound); e.aside != nil {
			return nil
		}
		if _, refusal := errors.AsType[*desk.Error](err); try == tries || refusal {
			return fmt.Errorf("hand over a mail: %w", err)
		}
		timer := time.NewTimer(p.c.tune.retry)
		select {
		case <-timer.C:
		case <-p.ctx.Done():
			timer.Stop()
			return p.failure()
		}
		e.receipt = p.in.Deliver(p.ctx, *e.inbound)
	}
}

func summary(m *desk.InboundMessage) string {
	return fmt.Sprintf("From: %s <%s>\nSubject: %s", m.Name, m.Identity.GetValue(), m.Subject)
}

// cursor says up to where the mailbox was taken in. UIDs mean something only together with UIDVALIDITY (RFC 9051 section
// 2.3.1.1); the two times bound what is read again when that changes.
type cursor struct {
	validity uint32
	uid      imap.UID  // the last one handled
	last     time.Time // when the server got it
	since    time.Time // when the mailbox was connected: older mail is none of ours
	owed     imap.UID  // the lowest one that is still to be marked or moved, 0: none
	folder   uint32    // which folder that is (folderSum): numberings of two folders may look the same
}

const (
	cursorForm     = "v1:%d:%d:%d:%d"
	cursorLongForm = cursorForm + ":%d:%d"
)

func (c cursor) String() string {
	if c.owed == 0 && c.folder == 0 {
		return fmt.Sprintf(cursorForm, c.validity, c.uid, c.last.Unix(), c.since.Unix())
	}
	return fmt.Sprintf(cursorLongForm, c.validity, c.uid, c.last.Unix(), c.since.Unix(), c.owed, c.folder)
}

// folderSum tells folders apart; the inbox is 0.
func folderSum(name string) uint32 {
	if tidy.Same(name, "INBOX") {
		return 0
	}
	return crc32.ChecksumIEEE([]byte(name))
}

// parseCursor also reads the short form "v1:<uidvalidity>:<uid>".
func parseCursor(s string) (cursor, error) {
	var c cursor
	var last, since int64
	n, err := fmt.Sscanf(s, cursorLongForm, &c.validity, &c.uid, &last, &since, &c.owed, &c.folder)
	if n < 2 {
		return cursor{}, &channels.Error{Class: channels.Auth, Reason: fmt.Sprintf("the saved cursor %q is not understood", s), Err: err}
	}
	if n >= 4 {
		c.last, c.since = time.Unix(last, 0), time.Unix(since, 0)
	}
	return c, nil
}

// again is how far back mail is read when the server has numbered its mails anew; whatever was taken in before is
// recognised by its content.
const again = 7 * 24 * time.Hour

// renumbered is where to go on under a new UIDVALIDITY, or in another folder: at the first UID, bounded by when mails came.
func (c cursor) renumbered(validity, folder uint32) (next cursor, notBefore time.Time) {
	notBefore = c.last.Add(-again)
	if c.since.After(notBefore) {
		notBefore = c.since
	}
	return cursor{validity: validity, last: c.last, since: c.since, folder: folder}, notBefore
}
