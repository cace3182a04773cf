package actors

import (
	"context"
	"maps"
	"strings"
	"time"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// How much may come at once. Mail beyond the limits of its sender, of the sender's domain or of its mailbox is taken in as all mail is; what
// follows from it, that somebody is chosen, told and that a machine answers, waits (desk/conversation_hold.go). What a channel's paces are is read
// back from the journal's end when the desk starts: a restart lets nothing through.

// paces are the buckets of one channel: when each would be full again.
type paces struct {
	limits desk.PaceLimits
	full   map[string]time.Time
}

// pacesKept bounds how many senders are counted at once.
const pacesKept = 8192

// came is something that came through a channel.
type came struct {
	from string
	at   time.Time
}

// next counts a mail and says until when what follows from it waits, and whose limit that is; the zero time when it does not.
func (p *paces) next(c came, now time.Time) (until time.Time, limit, of string) {
	if c.at.IsZero() || c.at.After(now) {
		c.at = now
	}
	if len(p.full) >= pacesKept {
		p.forget(now)
	}
	domain := desk.PaceDomain(c.from)
	for _, b := range []struct {
		name, of string
		pace     desk.Pace
	}{{desk.PaceOfSender, c.from, p.limits.Sender}, {desk.PaceOfDomain, domain, p.limits.Domain}, {desk.PaceOfMailbox, "", p.limits.Mailbox}} {
		if b.of == "" && b.name != desk.PaceOfMailbox {
			continue
		}
		key := b.name + " " + b.of
		then, at := b.pace.Next(p.full[key], c.at)
		p.full[key] = then
		if at.After(now) { // what one sender sends too much is not counted against the others
			return at, b.name, b.of
		}
	}
	return time.Time{}, "", ""
}

// set changes the limits. Of a limit that is another now nothing is counted yet: when its buckets would be full again was reckoned by the one
// of before.
func (p *paces) set(limits desk.PaceLimits) {
	was := p.limits
	p.limits = limits
	for name, changed := range map[string]bool{
		desk.PaceOfSender: was.Sender != limits.Sender, desk.PaceOfDomain: was.Domain != limits.Domain, desk.PaceOfMailbox: was.Mailbox != limits.Mailbox,
	} {
		maps.DeleteFunc(p.full, func(key string, _ time.Time) bool { return changed && strings.HasPrefix(key, name+" ") })
	}
}

// forget lets go of buckets that are full; of all, when there are too many even so: then a flood comes from too many senders for their own
// limits to matter, and its mailbox has one.
func (p *paces) forget(now time.Time) {
	mailbox := p.full[desk.PaceOfMailbox+" "]
	for key, full := range p.full {
		if full.Before(now) {
			delete(p.full, key)
		}
	}
	if len(p.full) >= pacesKept {
		p.full = map[string]time.Time{desk.PaceOfMailbox + " ": mailbox}
	}
}

// paced holds back what follows from a message, if too much came at once. What a colleague passes on is theirs to say.
func (ch *channel) paced(d *delivery) {
	m := d.item.Message
	if ch.row.Kind != deskpb.ChannelKind_CHANNEL_KIND_EMAIL || m.Past != nil || d.copied || d.forwards != nil || d.conv.IsSide() {
		return
	}
	now := time.Now()
	until, limit, of := ch.paces.next(came{strings.ToLower(m.From.GetAddress()), m.CameAt}, now)
	if until.IsZero() {
		return
	}
	d.heldUntil, d.heldLimit, d.heldOf = until.UnixMilli(), limit, of
	ch.sys.obs.CountItem(string(ch.id), "held")
}

// mostReadBack is how many records of the journal's end are read for the paces of before.
const mostReadBack = 10_000

// readBack gives what came lately, by channel. It is little: what is older has filled the buckets again, but for the longest hold.
func (s *System) readBack(now time.Time) (map[desk.ChannelID][]came, error) {
	head := s.store.Head()
	out := map[desk.ChannelID][]came{}
	if head == 0 {
		return out, nil
	}
	var after desk.Position
	if head > mostReadBack {
		after = head - mostReadBack
	}
	since := now.Add(-2 * desk.LongestHold).UnixMilli()
	for r, err := range s.store.Tail(context.Background(), after) {
		if err != nil {
			return nil, err
		}
		if m := r.Event.GetMessageReceived(); m != nil && r.AtMs >= since && m.PastMs == 0 && !m.ForForwarded {
			c := came{from: strings.ToLower(m.From.GetAddress()), at: time.UnixMilli(r.AtMs)}
			if m.CameAtMs != 0 {
				c.at = time.UnixMilli(m.CameAtMs)
			}
			out[desk.ChannelID(m.Channel)] = append(out[desk.ChannelID(m.Channel)], c)
		}
		if desk.Position(r.Position) >= head {
			break
		}
	}
	return out, nil
}

// before counts what came before the desk started.
func (p *paces) before(all []came, now time.Time) {
	for _, c := range all {
		p.next(c, now)
	}
}
