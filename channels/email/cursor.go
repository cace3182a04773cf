package email

import (
	"fmt"
	"time"

	"github.com/emersion/go-imap/v2"

	"github.com/centralita/centralita/channels"
)

// cursor says up to where the mailbox was taken in. UIDs mean something only together with UIDVALIDITY (RFC 9051 section
// 2.3.1.1); the two times bound what is read again when that changes.
type cursor struct {
	validity uint32
	uid      imap.UID  // the last one handled
	last     time.Time // when the server got it
	since    time.Time // when the mailbox was connected: older mail is none of ours
}

const cursorForm = "v1:%d:%d:%d:%d"

func (c cursor) String() string {
	return fmt.Sprintf(cursorForm, c.validity, c.uid, c.last.Unix(), c.since.Unix())
}

// parseCursor also reads the short form "v1:<uidvalidity>:<uid>".
func parseCursor(s string) (cursor, error) {
	var c cursor
	var last, since int64
	n, err := fmt.Sscanf(s, cursorForm, &c.validity, &c.uid, &last, &since)
	if n < 2 {
		return cursor{}, &channels.Error{Class: channels.Auth, Reason: fmt.Sprintf("the saved cursor %q is not understood", s), Err: err}
	}
	if n == 4 {
		c.last, c.since = time.Unix(last, 0), time.Unix(since, 0)
	}
	return c, nil
}

// again is how far back mail is read when the server has numbered its mails anew; whatever was taken in before is
// recognised by its content.
const again = 7 * 24 * time.Hour

// renumbered is where to go on under a new UIDVALIDITY: at the first UID, bounded by when mails came.
func (c cursor) renumbered(validity uint32) (next cursor, notBefore time.Time) {
	notBefore = c.last.Add(-again)
	if c.since.After(notBefore) {
		notBefore = c.since
	}
	return cursor{validity: validity, last: c.last, since: c.since}, notBefore
}
