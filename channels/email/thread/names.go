package thread

import (
	"slices"
	"strings"

	"github.com/centralita/centralita/channels/email/letter"
)

// Why a key names a conversation.
const (
	ByToken      = "token"      // a reply token in an address it was sent to
	ByOwnID      = "own_id"     // it answers a mail of ours
	ByAnchor     = "anchor"     // its references hold a conversation's anchor
	ByBounce     = "bounce"     // it gives back a mail of ours
	ByAnswer     = "answers"    // it answers a mail that came to us
	ByReferences = "references" // an earlier mail of its chain came to us
	ByMark       = "marker"     // what it quotes holds the hidden mark of our mails
	BySibling    = "sibling"    // another mail names it, or has its id
)

// maxKeys bounds what one mail may claim.
const maxKeys = 120

// Mailbox is whose mail is looked at.
type Mailbox struct {
	*Signer
	Addresses []string // by which it gets mail, without tokens; the first one is the team's
}

// Names are the thread keys of a mail, the most trusted first, and why each is one. The last is the mail's own id.
type Names struct {
	Keys, Reasons []string
	Forged        int // tokens and ids of our form with a wrong signature
}

func (n *Names) add(key, reason string) {
	if len(n.Keys) < maxKeys-1 && !slices.Contains(n.Keys, key) {
		n.Keys, n.Reasons = append(n.Keys, key), append(n.Reasons, reason)
	}
}

// Names says what of a mail names its conversation, all of it, so that an answer that overtakes what it answers still meets it.
// to is the recipient by which it came, if it is known. What stands inside a mail that is passed on, or is enclosed, is nobody's word;
// but a bounce's is.
func (b Mailbox) Names(m *letter.Mail, to string) Names {
	var n Names
	b.tokens(&n, append(m.Recipients(), to))
	var anchors []string
	own := func(ids []string, reason string, others *[]string) {
		for _, id := range ids {
			o, ours, forged := b.Recognise(b.Addresses[0], id)
			switch {
			case ours:
				if o.ID != o.Anchor {
					n.add(KeyPrefix+o.ID, reason)
				}
				anchors = append(anchors, o.Anchor)
			case others != nil:
				*others = append(*others, id)
			}
			if forged {
				n.Forged++
			}
		}
	}
	var answered, chain []string
	refs := slices.Clone(m.References)
	slices.Reverse(refs)
	own(m.InReplyTo, ByOwnID, &answered)
	own(refs, ByOwnID, &chain)
	if m.Automatic == letter.Bounce || m.Automatic == letter.Report {
		own(m.Returned, ByBounce, nil)
	}
	for _, id := range anchors {
		n.add(KeyPrefix+id, ByAnchor)
	}
	for _, id := range answered {
		n.add(KeyPrefix+id, ByAnswer)
	}
	for _, id := range chain {
		n.add(KeyPrefix+id, ByReferences)
	}
	if m.Forwarded == nil {
		b.marks(&n, m.Marks)
	}
	n.self(m.MessageID)
	return n
}

// self puts the mail's own id last, even when the mail names itself.
func (n *Names) self(id string) {
	if id == "" {
		return
	}
	key := KeyPrefix + id
	if i := slices.Index(n.Keys, key); i >= 0 {
		n.Keys, n.Reasons = slices.Delete(n.Keys, i, i+1), slices.Delete(n.Reasons, i, i+1)
	}
	n.Keys, n.Reasons = append(n.Keys, key), append(n.Reasons, BySibling)
}

func (b Mailbox) tokens(n *Names, recipients []string) {
	for _, r := range recipients {
		plain, token := TokenIn(r)
		if token == "" || !b.Has(plain) {
			continue
		}
		if good, ok := b.valid(token); ok {
			n.add(tokenKey(good), ByToken)
		} else {
			n.Forged++
		}
	}
}

func (b Mailbox) marks(n *Names, marks []string) {
	for _, token := range marks {
		if good, ok := b.valid(token); ok {
			n.add(tokenKey(good), ByMark)
		} // another desk's mails may bear marks, too: they say nothing here
	}
}

// Has tells whether an address is the mailbox's.
func (b Mailbox) Has(address string) bool {
	return slices.ContainsFunc(b.Addresses, func(a string) bool { return a != "" && strings.EqualFold(a, address) })
}
