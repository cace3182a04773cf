package dovecot

import (
	"fmt"
	"io"
	"os/exec"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// EachMail reads all mails of an account's inbox as plainly as can be, with one command on one connection, and hands each to f, in the
// order of their UIDs. It is what tests compare with, and benchmarks.
func (s *Server) EachMail(account, password string, f func(size int64, mail io.Reader) error) error {
	client, err := imapclient.DialInsecure(s.IMAPAddr(), nil)
	if err != nil {
		return fmt.Errorf("dial dovecot: %w", err)
	}
	defer func() { _ = client.Close() }() // what counts was read before
	if err := client.Login(account, password).Wait(); err != nil {
		return fmt.Errorf("log in as %s: %w", account, err)
	}
	box, err := client.Select("INBOX", &imap.SelectOptions{ReadOnly: true}).Wait()
	if err != nil {
		return fmt.Errorf("select the inbox of %s: %w", account, err)
	}
	if box.NumMessages == 0 {
		return nil
	}
	fetch := client.Fetch(imap.SeqSet{imap.SeqRange{Start: 1, Stop: box.NumMessages}}, &imap.FetchOptions{
		UID: true, BodySection: []*imap.FetchItemBodySection{{Peek: true}},
	})
	mails := uint32(0)
	for m := fetch.Next(); m != nil; m = fetch.Next() {
		for item := m.Next(); item != nil; item = m.Next() {
			body, is := item.(imapclient.FetchItemDataBodySection)
			if !is || body.Literal == nil {
				continue
			}
			mails++
			if err == nil {
				err = f(body.Literal.Size(), body.Literal)
			}
		}
	}
	if cerr := fetch.Close(); err == nil {
		err = cerr
	}
	if err == nil && mails != box.NumMessages {
		err = fmt.Errorf("%d of %d mails were given", mails, box.NumMessages)
	}
	if err != nil {
		return fmt.Errorf("read the inbox of %s: %w", account, err)
	}
	return nil
}

// Seen counts the mails of an account's inbox that bear any flag: nobody who only reads leaves one.
func (s *Server) Seen(account, password string) (flagged, all int, err error) {
	client, err := imapclient.DialInsecure(s.IMAPAddr(), nil)
	if err != nil {
		return 0, 0, fmt.Errorf("dial dovecot: %w", err)
	}
	defer func() { _ = client.Close() }() // what counts was read before
	if err := client.Login(account, password).Wait(); err != nil {
		return 0, 0, fmt.Errorf("log in as %s: %w", account, err)
	}
	if _, err := client.Select("INBOX", &imap.SelectOptions{ReadOnly: true}).Wait(); err != nil {
		return 0, 0, fmt.Errorf("select the inbox of %s: %w", account, err)
	}
	mails, err := client.Fetch(imap.SeqSet{imap.SeqRange{Start: 1}}, &imap.FetchOptions{Flags: true}).Collect()
	if err != nil {
		return 0, 0, fmt.Errorf("read flags of %s: %w", account, err)
	}
	for _, m := range mails {
		for _, f := range m.Flags {
			if f != "\\Recent" {
				flagged++
				break
			}
		}
	}
	return flagged, len(mails), nil
}

// Move moves all mails of an account from one folder to another, where they get new UIDs.
func (s *Server) Move(account, from, to string) error {
	out, err := exec.Command("doveadm", "-c", s.config(), "move", "-u", account, to, "mailbox", from, "all").CombinedOutput()
	if err != nil {
		return fmt.Errorf("move the mails of %s from %s to %s: %w: %s", account, from, to, err, out)
	}
	return nil
}

// Filed is a mail as it lies in a folder since a time.
type Filed struct {
	At  time.Time
	Raw []byte
}

// File puts mails into a folder of an account, which is made if it is not there: INTERNALDATE is when they came.
func (s *Server) File(account, password, folder string, mails ...Filed) error {
	client, err := imapclient.DialInsecure(s.IMAPAddr(), nil)
	if err != nil {
		return fmt.Errorf("dial dovecot: %w", err)
	}
	defer func() { _ = client.Close() }() // every mail was answered
	if err := client.Login(account, password).Wait(); err != nil {
		return fmt.Errorf("log in as %s: %w", account, err)
	}
	if folder != "INBOX" {
		if err := client.Create(folder, nil).Wait(); err != nil {
			return fmt.Errorf("make the folder %s: %w", folder, err)
		}
	}
	for i, m := range mails {
		c := client.Append(folder, int64(len(m.Raw)), &imap.AppendOptions{Time: m.At})
		_, err := c.Write(m.Raw)
		if err == nil {
			err = c.Close()
		}
		if err == nil {
			_, err = c.Wait()
		}
		if err != nil {
			return fmt.Errorf("file mail %d of %d in %s: %w", i+1, len(mails), folder, err)
		}
	}
	return nil
}
