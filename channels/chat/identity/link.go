package identity

import "time"

// LinkLife is how long a link that opens a chat again holds.
const LinkLife = 7 * 24 * time.Hour

// Link opens one conversation of a chat again in whichever browser it is opened: whoever can read the mail it is in may go on.
type Link struct {
	Thread       string `json:"t"`
	Conversation string `json:"c"`
	Until        int64  `json:"u"` // Unix seconds
}

// Seal signs a link of a channel.
func (l Link) Seal(channel string, keys [][]byte) string { return seal("link", channel, keys, l) }

// OpenLink reads a link that one of the keys has signed. An error is a *Rejection.
func OpenLink(token, channel string, keys [][]byte, now time.Time) (Link, error) {
	var l Link
	switch {
	case !open("link", channel, keys, token, &l) || l.Thread == "" || l.Conversation == "":
		return Link{}, reject(Altered, "the link is not complete: copy all of it")
	case now.Unix() >= l.Until:
		return Link{}, reject(Expired, "the link has expired")
	}
	return l, nil
}
