package mailsim

import (
	"bytes"
	"crypto/subtle"
	"fmt"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
)

// account is one mailbox. The IMAP library keeps the mails; the list here is what people are shown.
type account struct {
	address string
	user    *imapmemserver.User

	mu       sync.Mutex
	password string
	selects  int
	folders  map[string]*folder
}

// folder mirrors one IMAP folder, in UID order.
type folder struct {
	messages []Message
	parsed   []bool
	uids     []imap.UID
}

func (a *account) login(password string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return subtle.ConstantTimeCompare([]byte(password), []byte(a.password)) == 1
}

// put appends a mail and lets the oldest go when there are too many.
func (a *account) put(name string, raw []byte, now time.Time, keep int) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	data, err := a.user.Append(name, bytes.NewReader(raw), &imap.AppendOptions{Time: now})
	if err != nil {
		return fmt.Errorf("append to %s of %s: %w", name, a.address, err)
	}
	f := a.folders[name]
	if f == nil {
		f = &folder{}
		a.folders[name] = f
	}
	f.messages = append(f.messages, Message{At: now, Raw: raw})
	f.parsed = append(f.parsed, false)
	f.uids = append(f.uids, data.UID)
	if len(f.uids) <= keep {
		return nil
	}
	drop := len(f.uids) - keep*9/10 // some at once: expunging walks the whole folder
	if err := a.expunge(name, f.uids[:drop]); err != nil {
		return err
	}
	f.messages = append([]Message(nil), f.messages[drop:]...)
	f.parsed = append([]bool(nil), f.parsed[drop:]...)
	f.uids = append([]imap.UID(nil), f.uids[drop:]...)
	return nil
}

func (a *account) expunge(name string, uids []imap.UID) error {
	session := imapmemserver.NewUserSession(a.user)
	if _, err := session.Select(name, &imap.SelectOptions{}); err != nil {
		return fmt.Errorf("select %s of %s: %w", name, a.address, err)
	}
	set := imap.UIDSetNum(uids...)
	flags := &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagDeleted}}
	if err := session.Store(nil, set, flags, nil); err != nil {
		return fmt.Errorf("mark old mails of %s: %w", a.address, err)
	}
	if err := session.Expunge(nil, &set); err != nil {
		return fmt.Errorf("expunge old mails of %s: %w", a.address, err)
	}
	return session.Close()
}

// list gives the folder's mails, oldest first, read for people.
func (a *account) list(name string) []Message {
	a.mu.Lock()
	defer a.mu.Unlock()
	f := a.folders[name]
	if f == nil {
		return nil
	}
	for i, done := range f.parsed {
		if !done {
			f.messages[i], f.parsed[i] = read(f.messages[i].Raw, f.messages[i].At), true
		}
	}
	return append([]Message(nil), f.messages...)
}

// Deliver puts a mail into an account's inbox, as if it had come from outside.
func (s *Server) Deliver(to string, raw []byte) error { return s.DeliverAt(to, raw, time.Now()) }

// DeliverAt is Deliver of a mail that came at a time.
func (s *Server) DeliverAt(to string, raw []byte, at time.Time) error {
	a := s.account(to)
	if a == nil {
		return fmt.Errorf("deliver: no account %s", to)
	}
	if int64(len(raw)) > s.opts.MaxBytes {
		return fmt.Errorf("deliver to %s: %d bytes are too many", to, len(raw))
	}
	if err := a.put("INBOX", raw, at, s.opts.MaxMessages); err != nil {
		return err
	}
	s.mu.Lock()
	hook := s.onMail
	s.mu.Unlock()
	if hook != nil {
		hook(a.address, read(raw, at))
	}
	return nil
}

// File puts a mail into one of an account's folders, as it was at a time: nobody is told.
func (s *Server) File(address, folder string, raw []byte, at time.Time) error {
	a := s.account(address)
	if a == nil {
		return fmt.Errorf("file a mail: no account %s", address)
	}
	return a.put(folder, raw, at, s.opts.MaxMessages)
}

// Mailbox gives the mails in an account's inbox, oldest first.
func (s *Server) Mailbox(address string) []Message { return s.Folder(address, "INBOX") }

// Folder gives the mails in one of an account's folders: INBOX or Sent.
func (s *Server) Folder(address, name string) []Message {
	if a := s.account(address); a != nil {
		return a.list(name)
	}
	return nil
}

// ResetInbox replaces an account's inbox by an empty one with a new UIDVALIDITY.
func (s *Server) ResetInbox(address string) error {
	a := s.account(address)
	if a == nil {
		return fmt.Errorf("reset inbox: no account %s", address)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.user.Delete("INBOX"); err != nil {
		return fmt.Errorf("delete inbox of %s: %w", address, err)
	}
	if err := a.user.Create("INBOX", nil); err != nil {
		return fmt.Errorf("create inbox of %s: %w", address, err)
	}
	delete(a.folders, "INBOX")
	return nil
}

// imapSession logs in against our accounts and is the library's session from then on.
type imapSession struct {
	*imapmemserver.UserSession // nil before log-in
	server                     *Server
	account                    *account
}

var _ imapserver.SessionIMAP4rev2 = (*imapSession)(nil)

func (s *imapSession) Login(username, password string) error {
	a := s.server.account(username)
	if a == nil || !a.login(password) {
		return imapserver.ErrAuthFailed
	}
	s.UserSession, s.account = imapmemserver.NewUserSession(a.user), a
	return nil
}

// Select counts, so that a test can deliver when a client looks.
func (s *imapSession) Select(name string, options *imap.SelectOptions) (*imap.SelectData, error) {
	data, err := s.UserSession.Select(name, options)
	if err == nil {
		s.account.mu.Lock()
		defer s.account.mu.Unlock()
		s.account.selects++
	}
	return data, err
}

// idlePoll is how soon a waiting client is told. The library's own Idle does not tell what was queued before it registered, so
// a mail that came between the client's last command and IDLE would wait for the next one.
const idlePoll = 20 * time.Millisecond

// Idle tells what is new until the client ends it (RFC 2177).
func (s *imapSession) Idle(w *imapserver.UpdateWriter, stop <-chan struct{}) error {
	tick := time.NewTicker(idlePoll)
	defer tick.Stop()
	for {
		if err := s.Poll(w, true); err != nil {
			return err
		}
		select {
		case <-stop:
			return nil
		case <-tick.C:
		}
	}
}

// Selections counts how often a folder of the account was selected.
func (s *Server) Selections(address string) int {
	a := s.account(address)
	if a == nil {
		return 0
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.selects
}
