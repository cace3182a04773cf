package email

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/channels/email/thread"
	"github.com/centralita/centralita/channels/email/tidy"
	"github.com/centralita/centralita/desk"
)

// Check implements channels.Checker: both servers, all faults.
func (c *Connector) Check(ctx context.Context) error {
	if c.config.forwarded() {
		return c.checkSMTP(ctx)
	}
	var in, out error
	var wg sync.WaitGroup
	wg.Go(func() { in = c.checkIMAP(ctx) })
	wg.Go(func() { out = c.checkSMTP(ctx) })
	wg.Wait()
	return errors.Join(in, out)
}

func (c *Connector) checkIMAP(ctx context.Context) error {
	fault := func(err error, field string) error {
		if err == nil {
			return nil
		}
		return fmt.Errorf("incoming mail (%s): %w", c.config.IMAP.address(), atField(c.classify(err), "imap", field))
	}
	var s *session
	err := channels.Step(ctx, "imap.login", func() (err error) {
		s, err = c.openSession(ctx, func(string) {})
		return fault(err, "")
	})
	if err != nil {
		return err
	}
	defer s.logout()
	err = channels.Step(ctx, "imap.folder", func() error {
		return fault(s.selectFolder(ctx, c.config.IMAP.Folder), "imap.folder")
	})
	if err != nil || c.config.AfterIntake.Do == tidy.Nothing {
		return err
	}
	return channels.Step(ctx, "imap.after", func() error { return c.checkAfter(ctx, s) })
}

// checkAfter: the mailbox can do with a mail what the channel wants.
func (c *Connector) checkAfter(ctx context.Context, s *session) error {
	after := c.config.AfterIntake
	all, err := c.folders(ctx, s)
	if err == nil {
		err = after.Means("after_intake", s.client.Caps())
	}
	if err == nil && after.Do == tidy.Move && !tidy.There(all, after.Folder) {
		err = desk.Refuse(desk.Invalid, "after_intake.folder", "this mailbox has no folder %q: make it there, or choose another one", after.Folder)
	}
	return err
}

func (c *Connector) folders(ctx context.Context, s *session) (all []desk.MailFolder, err error) {
	err = s.within(ctx, s.tune.command, "LIST", func() (err error) {
		all, err = tidy.Folders(s.client)
		return err
	})
	if err == nil && !slices.ContainsFunc(all, func(f desk.MailFolder) bool { return f.Use == "sent" }) { // the one that is taken for it
		if sent, err := s.sentFolder(ctx); err == nil {
			if i := slices.IndexFunc(all, func(f desk.MailFolder) bool { return f.Name == sent && f.Use == "" }); i >= 0 {
				all[i].Use = "sent"
			}
		}
	}
	return all, c.classify(err)
}

// Folders implements channels.Foldered.
func (c *Connector) Folders(ctx context.Context) ([]desk.MailFolder, error) {
	if c.config.forwarded() {
		return nil, desk.Refuse(desk.Conflict, "channel", "mail is forwarded to this channel: it has no mailbox with folders")
	}
	s, err := c.openSession(ctx, func(string) {})
	if err != nil {
		return nil, c.classify(err)
	}
	defer s.logout()
	return c.folders(ctx, s)
}

func (c *Connector) checkSMTP(ctx context.Context) error {
	return channels.Step(ctx, "smtp.login", func() error {
		client, err := c.submission(ctx)
		if err == nil {
			defer func() { _ = client.Quit() }() // the check is made
			if err = client.Noop(); err != nil {
				err = submitError("outgoing server", err)
			}
		}
		if err != nil {
			return fmt.Errorf("outgoing mail (%s): %w", c.config.SMTP.address(), atField(c.hide(err), "smtp", ""))
		}
		return nil
	})
}

// atField names the field that is likely at fault: the password when the server does not accept us, else the server.
func atField(err error, server, field string) error {
	e, ok := errors.AsType[*channels.Error](err)
	if !ok {
		return err
	}
	switch {
	case field != "":
		e.Field = field
	case e.Field != "":
	case e.Class == channels.Auth:
		e.Field = server + "_password"
	default:
		e.Field = server + ".host"
	}
	return err
}

// errCannotTell: the mailbox does not say whether a reply was sent.
var errCannotTell = errors.New("the mailbox does not tell whether the reply was sent")

// Find implements channels.Finder: it looks for the reply's Message-ID in the Sent folder. That it is not there means
// something only where the server itself keeps copies of what it was given (Gmail and Exchange do): when other replies
// of ours are there, and the copy has had time to appear.
func (c *Connector) Find(ctx context.Context, out desk.Outbound) (sent bool, externalID string, err error) {
	if len(out.ThreadKeys) == 0 || c.config.forwarded() { // without IMAP there is no Sent folder to look into
		return false, "", errCannotTell
	}
	id := messageID(out)
	s, err := c.openSession(ctx, func(string) {})
	if err != nil {
		return false, "", c.classify(err)
	}
	defer s.logout()
	folder, err := s.sentFolder(ctx)
	if err != nil {
		return false, "", c.classify(err)
	}
	if err := s.selectFolder(ctx, folder); err != nil {
		return false, "", c.classify(err)
	}
	if there, err := s.hasMessage(ctx, id); there || err != nil {
		return there, id, c.classify(err)
	}
	if time.Since(out.RequestedAt) < c.tune.sentAfter {
		return false, "", fmt.Errorf("%w yet", errCannotTell)
	}
	copies, err := s.keepsCopies(ctx, c.box)
	if err != nil {
		return false, "", c.classify(err)
	}
	if !copies {
		return false, "", errCannotTell
	}
	return false, "", nil
}

// sentFolder finds the folder by its special use (RFC 6154), else by its usual names.
func (s *session) sentFolder(ctx context.Context) (name string, err error) {
	err = s.within(ctx, s.tune.command, "LIST", func() error {
		folders, err := s.client.List("", "*", nil).Collect()
		if err != nil {
			return fmt.Errorf("list folders: %w", err)
		}
		usual := []string{"sent", "sent items", "sent mail", "sent messages", "inbox.sent", "inbox/sent", "[gmail]/sent mail", "gesendet"}
		best := len(usual)
		for _, f := range folders {
			if slices.Contains(f.Attrs, imap.MailboxAttrSent) {
				name, best = f.Mailbox, -1
			}
			if i := slices.Index(usual, strings.ToLower(f.Mailbox)); i >= 0 && i < best {
				name, best = f.Mailbox, i
			}
		}
		return nil
	})
	if err == nil && name == "" {
		err = &channels.Error{Class: channels.Temporary, Reason: errCannotTell.Error(), Err: errCannotTell}
	}
	return name, err
}

func (s *session) hasMessage(ctx context.Context, id string) (there bool, err error) {
	err = s.within(ctx, s.tune.command, "SEARCH", func() error {
		data, err := s.client.UIDSearch(&imap.SearchCriteria{
			Header: []imap.SearchCriteriaHeaderField{{Key: "Message-Id", Value: id}},
		}, nil).Wait()
		if err != nil {
			return fmt.Errorf("search for a Message-ID: %w", err)
		}
		uids, err := numbersOf(data)
		there = len(uids) > 0
		return err
	})
	return there, err
}

// keepsCopies: one of the last mails in the folder is a reply of ours.
func (s *session) keepsCopies(ctx context.Context, box thread.Mailbox) (found bool, err error) {
	const looked = 50
	if s.messages == 0 {
		return false, nil
	}
	from := uint32(1)
	if s.messages > looked {
		from = s.messages - looked + 1
	}
	section := &imap.FetchItemBodySection{Specifier: imap.PartSpecifierHeader, HeaderFields: []string{"Message-Id"}, Peek: true}
	err = s.fetch(ctx, imap.SeqSet{imap.SeqRange{Start: from, Stop: s.messages}}, &imap.FetchOptions{BodySection: []*imap.FetchItemBodySection{section}},
		func(m *imapclient.FetchMessageData, _ func()) error {
			for item := m.Next(); item != nil; item = m.Next() {
				body, ok := item.(imapclient.FetchItemDataBodySection)
				if !ok || body.Literal == nil || body.Literal.Size() > 4096 {
					continue
				}
				b := make([]byte, body.Literal.Size())
				n, _ := io.ReadFull(body.Literal, b) // a short piece only fails to convince
				_, id, _ := strings.Cut(string(b[:n]), ":")
				if _, ours, _ := box.Recognise(box.Addresses[0], strings.Trim(id, " <>\r\n")); ours {
					found = true
				}
			}
			return nil
		})
	return found, err
}
