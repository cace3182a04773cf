// Package past is the order in which mail of before a mailbox was connected is taken in: by the time it came, over all folders, so
// that an answer comes after what it answers. It does no I/O.
package past

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// The folders an import reads.
const (
	Inbox = iota
	Sent
	Other // one that was chosen, such as an archive
	Boxes
)

// Mail is a mail on the server of which only the outside is known.
type Mail struct {
	Box  int
	UID  uint32
	Came int64 // when the server got it, in seconds
	Size int64 // -1 when the server does not tell
}

func compare(a, b Mail) int {
	return cmp.Or(cmp.Compare(a.Came, b.Came), cmp.Compare(a.Box, b.Box), cmp.Compare(a.UID, b.UID))
}

// Cursor is the last mail that is settled, and the UIDVALIDITY of each folder by which its UID means something.
type Cursor struct {
	Mail     Mail
	Validity [Boxes]uint32
}

const (
	form   = "p2:%d:%d:%d:%d:%d:%d"
	before = "p1:%d:%d:%d:%d:%d" // when there were two folders
)

func (c Cursor) String() string {
	return fmt.Sprintf(form, c.Mail.Came, c.Mail.Box, c.Mail.UID, c.Validity[Inbox], c.Validity[Sent], c.Validity[Other])
}

var errCursor = errors.New("the cursor of the import is not understood")

// Parse reads a cursor; "" is before every mail.
func Parse(s string) (c Cursor, err error) {
	c.Mail.Came = -1 << 62
	if s == "" {
		return c, nil
	}
	n, err := fmt.Sscanf(s, form, &c.Mail.Came, &c.Mail.Box, &c.Mail.UID, &c.Validity[Inbox], &c.Validity[Sent], &c.Validity[Other])
	if strings.HasPrefix(s, "p1:") {
		n, err = fmt.Sscanf(s, before, &c.Mail.Came, &c.Mail.Box, &c.Mail.UID, &c.Validity[Inbox], &c.Validity[Sent])
		n++
	}
	if err != nil || n != 6 || c.Mail.Box < 0 || c.Mail.Box >= Boxes {
		return Cursor{}, fmt.Errorf("%w: %q", errCursor, s)
	}
	return c, nil
}

// Plan gives what is left to do, in order. Where a folder was numbered anew, what came in the second of the cursor is done again: it is
// known by its content.
func Plan(all []Mail, c Cursor, validity [Boxes]uint32) []Mail {
	for box, v := range c.Validity {
		if v != 0 && validity[box] != 0 && v != validity[box] {
			c.Mail.Box, c.Mail.UID = Inbox, 0
		}
	}
	left := make([]Mail, 0, len(all))
	for _, m := range all {
		if compare(m, c.Mail) > 0 {
			left = append(left, m)
		}
	}
	slices.SortFunc(left, compare)
	return left
}

// Batch is how many of the next mails are fetched together.
func Batch(left []Mail, most int, bytes int64) int {
	n, sum := 0, int64(0)
	for n < len(left) && n < most {
		if sum += max(left[n].Size, 0); n > 0 && (sum > bytes || left[n].Size < 0) {
			break
		}
		n++
	}
	return n
}

// Within tells whether a mail came in a span of time, which ends before the second of until; since may be zero.
func Within(m Mail, since, until time.Time) bool {
	return (since.IsZero() || m.Came >= since.Unix()) && m.Came < until.Unix()
}

// Of 1990 and before there is no mail that is worth to be believed its date.
var earliest = time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC)

// When is a mail's own time: what it says itself, unless that cannot be. It never is after until.
func When(says, came, until time.Time) time.Time {
	at := says
	if says.Before(earliest) || says.After(came.Add(24*time.Hour)) {
		at = came
	}
	if at.After(until) || at.Before(earliest) {
		at = until
	}
	return at
}
