package email

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/channels/email/tidy"
	"github.com/centralita/centralita/desk"
)

// follower is one Run: it survives connections that a single mail breaks.
type follower struct {
	c  *Connector
	in channels.Intake

	suspect map[imap.UID]int // how much speaks against a mail that, fetched alone, ended the connection
	careful bool             // fetch one at a time
	restart int              // connections in a row that brought nothing

	hand      tidy.Hand
	warning   string    // mails that were taken in could not be marked or moved
	tidyAfter time.Time // not to be tried again before
	untidy    int       // failures of that in a row
}

// follow reads the mailbox until ctx ends or something fails that only time or a person can heal.
func (c *Connector) follow(ctx context.Context, in channels.Intake) error {
	f := &follower{c: c, in: in, suspect: make(map[imap.UID]int)}
	for {
		err := f.connection(ctx)
		if ctx.Err() == nil && errors.Is(err, errInTidying) {
			continue // it is not tried again for a while, so this is no storm
		}
		if ctx.Err() != nil || !errors.Is(err, errInMail) || f.restart > maxRestarts {
			return err
		}
		c.env.Logger.Warn("the connection ended inside a mail: trying again, one at a time", "err", err)
		timer := time.NewTimer(c.tune.retry << f.restart)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return nil
		}
		f.restart++
		f.careful = true
	}
}

// errInTidying marks a connection that ended while mails were being marked or moved: that must not keep mail from coming in.
var errInTidying = errors.New("while marking or moving mail")

// errInMail marks failures while mails were being fetched: one of them may be the cause.
var errInMail = errors.New("while fetching mail")

const (
	maxRestarts = 6
	// A mail that, asked for alone, ends connection after connection is not asked for again: one mail must not block the
	// others. An answer that cannot be read weighs more than a connection that ended without one.
	poisonous      = 5
	weighsUnread   = 2
	weighsNoAnswer = 1
)

// connection is one connection to the mailbox, from connecting to its end.
func (f *follower) connection(ctx context.Context) error {
	report := func(phase string) { f.report(phase, -1) }
	s, err := f.c.openSession(ctx, report)
	if err != nil {
		return err
	}
	defer s.close()
	report("selecting")
	if err := s.selectAs(ctx, f.c.config.IMAP.Folder, f.c.config.AfterIntake.Do == tidy.Nothing); err != nil {
		return err
	}
	from, notBefore, err := f.begin(ctx, s)
	if err != nil {
		return err
	}
	var end imap.UID
	if !notBefore.IsZero() {
		if end, err = s.last(ctx); err != nil {
			return err
		}
	}
	p := newPipeline(ctx, f.c, f.in, from)
	defer p.stop()
	for above := from.uid; ; {
		if above, err = f.catchUp(ctx, s, p, above, notBefore); err != nil {
			return err
		}
		if above < end { // the rest of what was there came before: without this it would be taken in by the next search
			if err := f.pass(ctx, p, end); err != nil {
				return err
			}
			above = end
		}
		notBefore = time.Time{}
		f.restart, f.careful = 0, false
		if err := f.tidy(ctx, s, p); err != nil {
			return err
		}
		f.report(map[bool]string{true: "idling", false: "polling"}[s.canIdle], 0)
		if err := s.wait(ctx, f.c.config.poll()); err != nil {
			return err
		}
		if err := p.ctx.Err(); err != nil {
			return p.failure()
		}
	}
}

func (f *follower) report(phase string, lag int) {
	f.in.Report(channels.Status{Phase: phase, Lag: lag, Warning: f.warning})
}

const (
	tidyBatch = 100             // mails in one command
	tidyPause = 5 * time.Minute // at most, between two tries that fail
)

// tidy marks or moves what is durable, if the channel says so. A mailbox that refuses is asked again later, and its words are shown
// meanwhile.
func (f *follower) tidy(ctx context.Context, s *session, p *pipeline) error {
	all := p.owed.All()
	if len(all) == 0 {
		f.warning = ""
		return nil
	}
	if time.Now().Before(f.tidyAfter) {
		return nil
	}
	after := f.c.config.AfterIntake
	for uids := range slices.Chunk(all, tidyBatch) {
		err := s.within(ctx, f.c.tune.command, "marking or moving mail", func() error { return f.hand.Do(s.client, after, uids) })
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			f.tidyAfter = time.Now().Add(min(f.c.config.poll()<<min(f.untidy, 8), tidyPause))
			f.untidy++
			f.warning = f.untidied(after, len(p.owed.All()), p.owed.Left(), err)
			f.c.env.Logger.Warn("mails were taken in and could not be marked or moved", "err", err)
			if _, refused := errors.AsType[*imap.Error](err); refused {
				return nil
			}
			return fmt.Errorf("%w: %w", errInTidying, err)
		}
		p.owed.Paid(uids)
		select {
		case p.paid <- struct{}{}:
		default:
		}
	}
	f.warning, f.untidy = "", 0
	return nil
}

// untidied says in words that and why mails stand in the mailbox as they came.
func (f *follower) untidied(after tidy.Settings, waiting, left int, err error) string {
	what := "marked as read"
	if after.Do == tidy.Move {
		what = fmt.Sprintf("moved to %q", after.Folder)
	}
	reason := err.Error()
	if e, ok := errors.AsType[*channels.Error](f.c.classify(err)); ok {
		reason = e.Reason
	}
	words := fmt.Sprintf("Mails that were taken in could not be %s: %s. They are tried again (%d).", what, reason, waiting)
	if left > 0 {
		words += fmt.Sprintf(" Left as they are, because there were too many: %d.", left)
	}
	return words
}

// pass moves the cursor over mails that are none of ours.
func (f *follower) pass(ctx context.Context, p *pipeline, to imap.UID) error {
	if err := p.feed(&entry{uid: to}); err != nil {
		return err
	}
	return p.drain(ctx)
}

// begin decides where to start: in a mailbox that is new to us with what came since the channel was connected, after the
// cursor, or from the first mail when the server has numbered anew. notBefore bounds what is read by when it came.
func (f *follower) begin(ctx context.Context, s *session) (from cursor, notBefore time.Time, err error) {
	saved, folder := f.in.Cursor(), folderSum(f.c.config.IMAP.Folder)
	if saved == "" {
		if since := f.c.env.Connected.Truncate(time.Second); !since.IsZero() { // a server tells arrival in seconds
			return cursor{validity: s.validity, last: since, since: since, folder: folder}, since, nil
		}
		now := time.Now()
		from = cursor{validity: s.validity, last: now, since: now, folder: folder}
		if from.uid, err = s.last(ctx); err != nil {
			return cursor{}, time.Time{}, err
		}
		return from, time.Time{}, f.save(ctx, from)
	}
	if from, err = parseCursor(saved); err != nil {
		return cursor{}, time.Time{}, err
	}
	if from.validity == s.validity && from.folder == folder {
		if from.owed > 0 && f.c.config.AfterIntake.Do != tidy.Nothing {
			// Durable and not marked or moved when this ended: read again, they are known by their content, and done then.
			from.uid = min(from.uid, from.owed-1)
		}
		return from, time.Time{}, nil
	}
	f.c.env.Logger.Warn("the mailbox was numbered anew, or is another folder: reading again what came lately", "was", from.validity, "is", s.validity)
	from, notBefore = from.renumbered(s.validity, folder)
	f.hand = tidy.Hand{}
	return from, notBefore, nil
}

func (f *follower) save(ctx context.Context, c cursor) error {
	if err := f.in.SaveCursor(ctx, c.String()); err != nil {
		return fmt.Errorf("save the first cursor: %w", err)
	}
	return nil
}

// last is the highest UID there is or was: UIDNEXT is not told by every server.
func (s *session) last(ctx context.Context) (imap.UID, error) {
	if s.next > 0 {
		return s.next - 1, nil
	}
	uids, err := s.search(ctx, 0, time.Time{})
	if err != nil || len(uids) == 0 {
		return 0, err
	}
	return uids[len(uids)-1], nil
}

// catchUp takes in what came after a UID and returns the last one, when all of it is settled.
func (f *follower) catchUp(ctx context.Context, s *session, p *pipeline, above imap.UID, notBefore time.Time) (imap.UID, error) {
	uids, err := s.search(ctx, above, notBefore)
	if err != nil || len(uids) == 0 {
		return above, err
	}
	step := f.c.tune.batch
	if f.careful {
		step = 1
	}
	for i := 0; i < len(uids); i += step {
		f.report("catching-up", len(uids)-i+int(p.open.Load()))
		batch := uids[i:min(i+step, len(uids))]
		if err := f.take(ctx, s, p, batch, notBefore); err != nil {
			return above, f.afterFault(ctx, s, p, batch, err)
		}
		if err := f.tidy(ctx, s, p); err != nil {
			return above, err
		}
	}
	return uids[len(uids)-1], p.drain(ctx)
}

// afterFault lets what was fetched become durable before the failure is told, so that a connection that breaks again and
// again still gets on. A fault that may be a mail's own is marked with errInMail.
func (f *follower) afterFault(ctx context.Context, s *session, p *pipeline, batch []imap.UID, err error) error {
	if p.ctx.Err() != nil {
		return p.failure()
	}
	wait, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if derr := p.drain(wait); derr != nil && wait.Err() == nil {
		return derr
	}
	unread, progress := isProtocolFault(err), p.done.Load() > 0
	if !unread && (s.began || progress) {
		return err // a network that breaks: the supervisor's business
	}
	if progress {
		f.restart = 0
	}
	if len(batch) == 1 && unread {
		f.suspect[batch[0]] += weighsUnread
	} else if len(batch) == 1 {
		f.suspect[batch[0]] += weighsNoAnswer
	}
	return fmt.Errorf("%w: %w", errInMail, err)
}

// take fetches a batch and feeds it in order. What was read before an error is fed as far as there is no gap.
func (f *follower) take(ctx context.Context, s *session, p *pipeline, uids []imap.UID, notBefore time.Time) error {
	if len(uids) == 1 && f.suspect[uids[0]] >= poisonous {
		return p.feed(f.unreadable(s, uids[0], "the server's answer for this mail cannot be read"))
	}
	mails := []listed{{uid: uids[0], size: -1}}
	if !f.careful || !notBefore.IsZero() {
		var err error
		if mails, err = s.sizes(ctx, uids); err != nil {
			return err
		}
	}
	for len(mails) > 0 {
		n, bytes := 1, max(0, mails[0].size)
		for n < len(mails) && mails[n].size >= 0 && mails[n-1].size >= 0 && bytes+mails[n].size <= f.c.tune.batchSize {
			bytes += mails[n].size
			n++
		}
		if err := f.takePart(ctx, s, p, mails[:n], notBefore); err != nil {
			return err
		}
		mails = mails[n:]
	}
	return nil
}

func (f *follower) takePart(ctx context.Context, s *session, p *pipeline, mails []listed, notBefore time.Time) error {
	var set imap.UIDSet
	for _, m := range mails {
		if !tooOld(m, notBefore) {
			set.AddNum(m.uid)
		}
	}
	large := f.c.keepLarge(ctx)
	var got map[imap.UID]fetched
	var failed error
	if len(set) > 0 {
		got, failed = s.bodies(ctx, set, large)
	}
	for _, m := range mails {
		e := &entry{uid: m.uid, came: m.came}
		mail, ok := got[m.uid]
		switch {
		case ok:
		case tooOld(m, notBefore):
		case failed != nil:
			return failed
		default:
			alone, gone, err := s.alone(ctx, m.uid, large)
			switch {
			case errors.Is(err, errNotGiven):
				e = f.unreadable(s, m.uid, err.Error())
			case err != nil:
				return err
			case !gone:
				mail, ok = alone, true
			}
		}
		if ok {
			mail.came = m.came
			e.mail, e.size = &mail, int64(len(mail.raw))
		}
		if err := p.feed(e); err != nil {
			return err
		}
	}
	return failed
}

func tooOld(m listed, notBefore time.Time) bool {
	return !notBefore.IsZero() && !m.came.IsZero() && m.came.Before(notBefore)
}

// unreadable is the visible record of a mail that cannot be had.
func (f *follower) unreadable(s *session, uid imap.UID, cause string) *entry {
	return &entry{uid: uid, aside: &desk.Quarantined{
		Item: itemName(s.validity, uid), Cause: "could not be fetched: " + cause,
		Summary: fmt.Sprintf("The mail is still on the server, in %s, with UID %d.", f.c.config.IMAP.Folder, uid),
	}}
}

// CanReplay implements channels.Refetcher: a mail that the server did not give is there still, by its number.
func (c *Connector) CanReplay(item desk.Quarantined) bool {
	_, _, named := c.placeOf(item)
	_, _, past := parsePast(item.Item)
	return named || past && !c.config.forwarded()
}

// placeOf is where a mail that was set aside stands on the server.
func (c *Connector) placeOf(item desk.Quarantined) (validity uint32, uid imap.UID, named bool) {
	_, err := fmt.Sscanf(item.Item, itemForm, &validity, &uid)
	return validity, uid, err == nil && !c.config.forwarded()
}

// fetchAgain asks the server for a mail that it listed and did not give.
func (c *Connector) fetchAgain(ctx context.Context, item desk.Quarantined) (*desk.Inbound, *desk.Quarantined, error) {
	validity, uid, named := c.placeOf(item)
	if !named {
		return nil, nil, channels.ErrNotKept
	}
	s, err := c.openSession(ctx, func(string) {})
	if err != nil {
		return nil, nil, c.classify(err)
	}
	defer s.logout()
	f, aside, err := c.hadAgain(ctx, s, c.config.IMAP.Folder, validity, uid, item)
	if err != nil || aside != nil {
		return nil, aside, err
	}
	return c.read(ctx, item.Item, f)
}

// hadAgain fetches a mail that could not be had before, or says why it cannot be had still.
func (c *Connector) hadAgain(ctx context.Context, s *session, folder string, validity uint32, uid imap.UID, item desk.Quarantined) (*fetched, *desk.Quarantined, error) {
	if err := s.selectFolder(ctx, folder); err != nil {
		return nil, nil, c.classify(err)
	}
	if s.validity != validity {
		return nil, c.still(item, "the server has numbered its mails anew: it is not known any more which one this was"), nil
	}
	f, gone, err := s.alone(ctx, uid, c.keepLarge(ctx))
	switch {
	case gone:
		return nil, c.still(item, "the mail is not on the server any more"), nil
	case err != nil:
		return nil, c.still(item, "could not be fetched: "+c.withoutSecrets(serverText(err.Error()))), nil
	}
	return &f, nil, nil
}

func (c *Connector) still(item desk.Quarantined, cause string) *desk.Quarantined {
	item.Cause = cause
	return &item
}

// keepLarge stores a mail that is too large to be held, and keeps its beginning.
func (c *Connector) keepLarge(ctx context.Context) func(io.Reader, int64) (fetched, error) {
	return func(r io.Reader, size int64) (fetched, error) {
		head := &beginning{limit: c.tune.limits.Header}
		r = io.TeeReader(r, head)
		blob := ""
		if size <= c.tune.maxRaw {
			hash, _, err := c.env.Blobs.Put(ctx, r, c.tune.maxRaw)
			if err != nil {
				return fetched{}, fmt.Errorf("store a large mail: %w", err)
			}
			blob = hash
		}
		_, err := io.Copy(io.Discard, r)
		return fetched{raw: head.b, blob: blob, large: true}, err
	}
}

// beginning keeps the first bytes written to it.
type beginning struct {
	b     []byte
	limit int
}

func (h *beginning) Write(b []byte) (int, error) {
	h.b = append(h.b, b[:min(len(b), h.limit-len(h.b))]...)
	return len(b), nil
}
