package email

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/channels/email/past"
	"github.com/centralita/centralita/channels/email/tidy"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// history is what the mailbox holds of the past.
type history struct {
	names    [past.Boxes]string // of the folders, "" when one is not read
	validity [past.Boxes]uint32
	mails    []past.Mail
}

// CountPast implements channels.Importer.
func (c *Connector) CountPast(ctx context.Context, q desk.PastQuery) ([]desk.PastFolder, error) {
	if c.config.forwarded() {
		return nil, desk.Refuse(desk.Conflict, "channel", "mail is forwarded to this channel: it has no mailbox to read earlier mail from")
	}
	s, err := c.openSession(ctx, func(string) {})
	if err != nil {
		return nil, c.classify(err)
	}
	defer s.logout()
	if q.Folder != "" {
		all, err := c.folders(ctx, s)
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(all, func(f desk.MailFolder) bool { return tidy.Same(f.Name, q.Folder) }) {
			return nil, desk.Refuse(desk.Invalid, "folder", "this mailbox has no folder %q: choose one of those it has", q.Folder)
		}
	}
	h, err := c.survey(ctx, s, q)
	if err != nil {
		return nil, err
	}
	if q.Sent && h.names[past.Sent] == "" {
		return nil, desk.Refuse(desk.Invalid, "sent", "this mailbox has no folder that is known to hold sent mail: leave it out")
	}
	var all []desk.PastFolder
	for box, name := range h.names {
		if name == "" {
			continue
		}
		f := desk.PastFolder{Name: name, Sent: box == past.Sent}
		for _, m := range h.mails {
			if m.Box == box {
				f.Mails++
			}
		}
		all = append(all, f)
	}
	return all, nil
}

// survey lists what the folders hold.
func (c *Connector) survey(ctx context.Context, s *session, q desk.PastQuery) (h history, err error) {
	if q.Inbox {
		h.names[past.Inbox] = c.config.IMAP.Folder
	}
	if q.Sent {
		name, err := s.sentFolder(ctx)
		if err != nil && !errors.Is(err, errCannotTell) {
			return h, c.classify(err)
		}
		h.names[past.Sent] = name
	}
	if q.Folder != "" && !slices.ContainsFunc(h.names[:], func(n string) bool { return tidy.Same(n, q.Folder) }) { // once is enough
		h.names[past.Other] = q.Folder
	}
	for box, name := range h.names {
		if name == "" {
			continue
		}
		if err := s.selectFolder(ctx, name); err != nil {
			return h, c.classify(err)
		}
		h.validity[box] = s.validity
		of := q
		if at := c.env.Connected; box != past.Sent && !at.IsZero() && at.Before(q.Until) {
			of.Until = at // what came since is the daily business, even if it has not been done yet
		}
		if err := h.list(ctx, s, box, of); err != nil {
			return h, c.classify(err)
		}
	}
	return h, nil
}

// list adds the mails of the selected folder.
func (h *history) list(ctx context.Context, s *session, box int, q desk.PastQuery) error {
	uids, err := s.search(ctx, 0, q.Since)
	if err == nil && box == past.Other { // a folder of everything holds what was never sent, too
		uids, err = s.withoutDrafts(ctx, uids)
	}
	if err != nil {
		return err
	}
	const most = 1000
	for len(uids) > 0 {
		n := min(most, len(uids))
		found, err := s.sizes(ctx, uids[:n])
		if err != nil {
			return err
		}
		for _, l := range found {
			m := past.Mail{Box: box, UID: uint32(l.uid), Came: l.came.Unix(), Size: l.size}
			if l.came.IsZero() {
				m.Came = 0 // the server does not tell: it is read, before all others
			}
			if l.came.IsZero() || past.Within(m, q.Since, q.Until) {
				h.mails = append(h.mails, m)
			}
		}
		uids = uids[n:]
	}
	return nil
}

// importer is one call of Import: it survives connections that a single mail breaks, as follower does.
type importer struct {
	c  *Connector
	q  desk.PastQuery
	in channels.PastIntake

	session  *session
	history  history
	selected int // the folder, -1: none yet
	cursor   past.Cursor
	progress *deskpb.ImportMoved // since the last note
	noted    time.Time

	suspect map[past.Mail]int
	careful bool
	restart int
}

// Progress is noted after so many mails, which are fetched together, or when it was not for so long: people watch it.
const (
	importBatch = 50
	noteEvery   = time.Second
)

// Import implements channels.Importer.
func (c *Connector) Import(ctx context.Context, q desk.PastQuery, in channels.PastIntake) error {
	if c.config.forwarded() {
		return nil // there is no mailbox any more
	}
	i := &importer{c: c, q: q, in: in, suspect: map[past.Mail]int{}}
	for {
		err := i.connection(ctx)
		if err == nil || ctx.Err() != nil {
			return ctx.Err()
		}
		if !errors.Is(err, errInMail) || i.restart > maxRestarts {
			return c.classify(err)
		}
		timer := time.NewTimer(c.tune.retry << i.restart)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
		i.restart++
		i.careful = true
	}
}

// connection is one connection to the mailbox: it goes on from the last note until all is settled.
func (i *importer) connection(ctx context.Context) (err error) {
	if i.session, err = i.c.openSession(ctx, func(string) {}); err != nil {
		return err
	}
	defer i.session.close()
	i.progress, i.selected = proto.CloneOf(i.in.Progress()), -1
	if i.cursor, err = past.Parse(i.progress.Cursor); err != nil {
		return &channels.Error{Class: channels.Auth, Reason: err.Error(), Err: err}
	}
	if i.history, err = i.c.survey(ctx, i.session, i.q); err != nil {
		return err
	}
	left := past.Plan(i.history.mails, i.cursor, i.history.validity)
	i.cursor.Validity = i.history.validity
	p := i.progress
	p.Total = p.Taken + p.Known + p.Aside + p.Skipped + uint32(len(left))
	i.noted = time.Now()
	if err := i.in.Move(ctx, proto.CloneOf(p)); err != nil {
		return err
	}
	for len(left) > 0 {
		most := importBatch
		if i.careful {
			most = 1
		}
		n := past.Batch(left, most, i.c.tune.batchSize)
		if err := i.batch(ctx, left[:n]); err != nil {
			return err
		}
		left = left[n:]
	}
	return nil
}

// batch reads some mails and hands them over in their order, then notes how far it is.
func (i *importer) batch(ctx context.Context, mails []past.Mail) error {
	got, err := i.fetch(ctx, mails)
	if err != nil {
		return i.afterFault(mails, err)
	}
	for _, m := range mails {
		if err := i.settle(ctx, m, got); err != nil {
			return err
		}
		i.cursor.Mail = m
		if time.Since(i.noted) > noteEvery {
			if err := i.note(ctx); err != nil {
				return err
			}
		}
	}
	i.restart = 0
	return i.note(ctx)
}

// note makes durable how far it is.
func (i *importer) note(ctx context.Context) error {
	i.progress.Cursor, i.noted = i.cursor.String(), time.Now()
	return i.in.Move(ctx, proto.CloneOf(i.progress))
}

// afterFault remembers a mail that ends connections, so that one does not block the others.
func (i *importer) afterFault(mails []past.Mail, err error) error {
	unread := isProtocolFault(err)
	if !unread && i.session.began {
		return err // a network that breaks
	}
	switch {
	case len(mails) == 1 && unread:
		i.suspect[mails[0]] += weighsUnread
	case len(mails) == 1:
		i.suspect[mails[0]] += weighsNoAnswer
	}
	return fmt.Errorf("%w: %w", errInMail, err)
}

// fetch reads mails of both folders. One that cannot be had is missing.
func (i *importer) fetch(ctx context.Context, mails []past.Mail) (map[past.Mail]fetched, error) {
	got := map[past.Mail]fetched{}
	for box := range i.history.names {
		var set imap.UIDSet
		for _, m := range mails {
			if m.Box == box && i.suspect[m] < poisonous {
				set.AddNum(imap.UID(m.UID))
			}
		}
		if len(set) == 0 {
			continue
		}
		if err := i.choose(ctx, box); err != nil {
			return nil, err
		}
		bodies, err := i.session.bodies(ctx, set, i.c.keepLarge(ctx))
		if err != nil {
			return nil, err
		}
		for _, m := range mails {
			if f, ok := bodies[imap.UID(m.UID)]; ok && m.Box == box {
				f.came = time.Unix(m.Came, 0)
				got[m] = f
			}
		}
	}
	return got, nil
}

// choose selects a folder.
func (i *importer) choose(ctx context.Context, box int) error {
	if i.selected == box {
		return nil
	}
	if err := i.session.selectFolder(ctx, i.history.names[box]); err != nil {
		return err
	}
	if i.session.validity != i.history.validity[box] {
		return &channels.Error{Class: channels.Temporary, Reason: "the mailbox was numbered anew"}
	}
	i.selected = box
	return nil
}

// settle hands one mail over, or sets it aside.
func (i *importer) settle(ctx context.Context, m past.Mail, got map[past.Mail]fetched) error {
	name := pastName(m, i.history.validity[m.Box])
	f, ok := got[m]
	if i.suspect[m] >= poisonous {
		return i.aside(ctx, m, i.unreadable(m, name, "the server's answer for this mail cannot be read"))
	}
	if !ok {
		if err := i.choose(ctx, m.Box); err != nil {
			return err
		}
		alone, gone, err := i.session.alone(ctx, imap.UID(m.UID), i.c.keepLarge(ctx))
		switch {
		case errors.Is(err, errNotGiven):
			return i.aside(ctx, m, i.unreadable(m, name, err.Error()))
		case err != nil:
			return i.afterFault([]past.Mail{m}, err)
		case gone:
			i.progress.Skipped++
			return nil
		}
		f, f.came = alone, time.Unix(m.Came, 0)
	}
	in, aside, err := i.c.readPast(ctx, name, m, &f, i.q.Until)
	switch {
	case errors.Is(err, errNobody):
		i.progress.Skipped++
		return nil
	case err != nil:
		return err
	case aside != nil:
		return i.aside(ctx, m, aside)
	case in == nil:
		i.progress.Known++
		return nil
	}
	known, err := i.in.Take(ctx, *in)
	if refused := i.c.refused(err, name, in); err != nil && refused != nil {
		return i.aside(ctx, m, refused)
	}
	switch {
	case err != nil:
		return fmt.Errorf("hand over a mail of the past: %w", err)
	case known:
		i.progress.Known++
	default:
		i.progress.Taken++
	}
	return nil
}

func (i *importer) aside(ctx context.Context, m past.Mail, q *desk.Quarantined) error {
	q.Folder = i.history.names[m.Box]
	if err := i.in.Quarantine(ctx, *q); err != nil {
		return fmt.Errorf("set %s aside: %w", q.Item, err)
	}
	i.progress.Aside++
	return nil
}

func (i *importer) unreadable(m past.Mail, name, cause string) *desk.Quarantined {
	return &desk.Quarantined{
		Item: name, Cause: "could not be fetched: " + cause,
		Summary: fmt.Sprintf("The mail is still on the server, in %s, with UID %d.", i.history.names[m.Box], m.UID),
	}
}

// An item of the past is named so that it stays one when it is read again.
const (
	pastPrefix = "past:"
	pastForm   = pastPrefix + "%d:%d:%d:%d"
)

func pastName(m past.Mail, validity uint32) string {
	return fmt.Sprintf(pastForm, m.Box, validity, m.UID, m.Came)
}

func parsePast(item string) (m past.Mail, validity uint32, ok bool) {
	n, err := fmt.Sscanf(item, pastForm, &m.Box, &validity, &m.UID, &m.Came)
	return m, validity, err == nil && n == 4 && m.Box >= 0 && m.Box < past.Boxes
}

// errNobody: a mail of ours that was for nobody outside.
var errNobody = errors.New("the mail was sent to nobody outside")

// readPast makes an item of a mail of the past. Both nil: a reply of the desk's own, which it has.
func (c *Connector) readPast(ctx context.Context, name string, m past.Mail, f *fetched, until time.Time) (*desk.Inbound, *desk.Quarantined, error) {
	in, aside, err := c.read(ctx, name, f)
	if err != nil || aside != nil || in == nil {
		return nil, aside, err
	}
	msg := in.Message
	msg.Past = &desk.Past{At: past.When(msg.SentAt, time.Unix(m.Came, 0), until)}
	msg.Return, msg.BySubject, msg.FollowUpAfter = nil, false, 0
	if m.Box != past.Sent && msg.Automatic != desk.AutomaticSelf {
		return in, nil, nil
	}
	to := c.outside(msg)
	if to == nil {
		return nil, nil, errNobody
	}
	msg.Past.Sent, msg.JoinOnlyFrom, msg.Automatic = true, false, ""
	msg.Identity = &deskpb.Identity{Kind: deskpb.IdentityKind_IDENTITY_KIND_EMAIL, Value: strings.ToLower(to.Address)}
	msg.Name, msg.Sender, msg.SpamMark, msg.Forward = to.Name, nil, false, nil
	return in, nil, nil
}

// outside is whom a mail of ours was for, as far as that is somebody else.
func (c *Connector) outside(m *desk.InboundMessage) *deskpb.Address {
	for _, list := range [][]*deskpb.Address{m.To, m.Cc} {
		for _, a := range list {
			if strings.Contains(a.GetAddress(), "@") && !c.box.Has(a.Address) {
				return a
			}
		}
	}
	return nil
}

// replayPast reads an item of the past again: from what was kept, or from the server.
func (c *Connector) replayPast(ctx context.Context, item desk.Quarantined) (*desk.Inbound, *desk.Quarantined, error) {
	m, validity, ok := parsePast(item.Item)
	if !ok {
		return nil, nil, channels.ErrNotKept
	}
	until := time.Now()
	if item.RawBlob != "" {
		f, err := c.fetchBlob(ctx, item.RawBlob)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", item.Item, err)
		}
		return nobodyIsNothing(c.readPast(ctx, item.Item, m, f, until))
	}
	if c.config.forwarded() {
		return nil, nil, channels.ErrNotKept
	}
	s, err := c.openSession(ctx, func(string) {})
	if err != nil {
		return nil, nil, c.classify(err)
	}
	defer s.logout()
	folder := c.config.IMAP.Folder
	switch m.Box {
	case past.Other: // which one it was is not told by its name
		return nil, nil, channels.ErrNotKept
	case past.Sent:
		if folder, err = s.sentFolder(ctx); err != nil {
			return nil, nil, c.classify(err)
		}
	}
	f, aside, err := c.hadAgain(ctx, s, folder, validity, imap.UID(m.UID), item)
	if err != nil || aside != nil {
		return nil, aside, err
	}
	return nobodyIsNothing(c.readPast(ctx, item.Item, m, f, until))
}

func nobodyIsNothing(in *desk.Inbound, aside *desk.Quarantined, err error) (*desk.Inbound, *desk.Quarantined, error) {
	if errors.Is(err, errNobody) {
		err = nil
	}
	return in, aside, err
}
