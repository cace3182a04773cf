// Package tidy is what becomes of a mail in its mailbox once it was taken in, when a channel says so: it is marked as read, or moved to
// another folder. Without that nothing is ever changed in a mailbox. It keeps account of the mails that are still to be done
// (Owed) and speaks to the server (imap.go); who calls it sees to time and to what is durable.
package tidy

import (
	"slices"
	"strings"
	"sync"

	"github.com/emersion/go-imap/v2"

	"github.com/centralita/centralita/desk"
)

// What may be done.
const (
	Nothing = "" // it stays as it is
	Read    = "read"
	Move    = "move"
)

// Settings are a channel's.
type Settings struct {
	Do     string `json:"do,omitempty"`
	Folder string `json:"folder,omitempty"` // to move to
}

// Check says what is wrong with them; watched is the folder that the channel reads.
func (s Settings) Check(field, watched string) []error {
	fault := func(name, words string) []error {
		return []error{desk.Refuse(desk.Invalid, field+"."+name, "%s", words)}
	}
	switch s.Do {
	case Nothing, Read:
		if s.Folder != "" {
			return fault("folder", "is used with do move only; leave it out")
		}
	case Move:
		switch {
		case s.Folder == "":
			return fault("folder", "is missing: choose the folder to move mail to")
		case !GoodName(s.Folder):
			return fault("folder", "must be one line of at most 500 bytes")
		case Same(s.Folder, watched):
			return fault("folder", "is the folder that is watched: choose another one")
		}
	default:
		return fault("do", "must be read or move, or left out: mail stays as it is")
	}
	return nil
}

// GoodName tells of a folder's name whether it can be one.
func GoodName(name string) bool {
	return len(name) <= 500 && !strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7F })
}

// Same: two names of one folder. INBOX is the only one whose letters may be large or small (RFC 9051 section 5.1).
func Same(a, b string) bool {
	return a == b || strings.EqualFold(a, "INBOX") && strings.EqualFold(b, "INBOX")
}

// Most is how many mails may wait to be done: when the mailbox refuses for long, the oldest are left as they are.
const Most = 500

// Owed are mails that were taken in and are still to be marked or moved, ascending.
type Owed struct {
	mu   sync.Mutex
	uids []imap.UID
	left int // were let go because there were too many
}

// Add is called when a mail is durable.
func (o *Owed) Add(uid imap.UID) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.uids = append(o.uids, uid)
	if n := len(o.uids) - Most; n > 0 {
		o.uids, o.left = slices.Delete(o.uids, 0, n), o.left+n
	}
}

// All gives them.
func (o *Owed) All() []imap.UID {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.uids)
}

// First is the lowest one, 0: none.
func (o *Owed) First() imap.UID {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.uids) == 0 {
		return 0
	}
	return o.uids[0]
}

// Left is how many were let go.
func (o *Owed) Left() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.left
}

// Paid takes those off that were done.
func (o *Owed) Paid(done []imap.UID) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.uids = slices.DeleteFunc(o.uids, func(u imap.UID) bool { return slices.Contains(done, u) })
}
