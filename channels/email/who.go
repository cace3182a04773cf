package email

import (
	"context"
	"fmt"
	"net"
	"net/mail"
	"slices"
	"strings"
	"time"

	"github.com/centralita/centralita/channels/email/compose"
	"github.com/centralita/centralita/channels/email/letter"
	"github.com/centralita/centralita/channels/email/thread"
	"github.com/centralita/centralita/channels/email/trust"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// joinConfig is how a mail finds its ticket.
type joinConfig struct {
	PlusAddresses *bool           `json:"plus_addresses,omitempty"` // answers may go to address+token; null: where it is known to work
	BySubject     *bool           `json:"by_subject,omitempty"`     // null: true
	FollowUpDays  *int            `json:"follow_up_days,omitempty"` // closed for longer: a ticket that follows it; 0: never; null: 30
	Forwards      *forwardsConfig `json:"forwards,omitempty"`       // null: as below
}

// forwardsConfig is whose ticket a mail is that a colleague passes on.
type forwardsConfig struct {
	OriginalSender *bool    `json:"original_sender,omitempty"` // of who wrote it; null: true
	Domains        []string `json:"domains,omitempty"`         // whose people are colleagues, besides the desk's agents
	Unproven       bool     `json:"unproven,omitempty"`        // also when no trusted server has checked who sent it
}

const followUpDays = 30

func isOn(b *bool) bool { return b == nil || *b }

func (c *config) checkJoin() (faults []error) {
	fault := func(field, format string, args ...any) {
		faults = append(faults, desk.Refuse(desk.Invalid, field, format, args...))
	}
	if d := c.FollowUpDays; d != nil && (*d < 0 || *d > 3650) {
		fault("follow_up_days", "must be 1 to 3650 days, or 0: a closed ticket is always opened again")
	}
	if c.Forwards == nil {
		return faults
	}
	if len(c.Forwards.Domains) > 100 {
		fault("forwards.domains", "at most 100 domains")
	}
	for i, d := range c.Forwards.Domains {
		d = strings.ToLower(strings.TrimPrefix(strings.TrimSpace(d), "@"))
		if a, err := mail.ParseAddress("a@" + d); err != nil || a.Address != "a@"+d || !strings.Contains(d, ".") {
			fault(fmt.Sprintf("forwards.domains[%d]", i), "must be a domain, such as example.com")
		}
		c.Forwards.Domains[i] = d
	}
	return faults
}

// followUpAfter: 0 is never.
func (c *config) followUpAfter() time.Duration {
	days := followUpDays
	if c.FollowUpDays != nil {
		days = *c.FollowUpDays
	}
	return time.Duration(days) * 24 * time.Hour
}

// plusAddresses: mail to address+token reaches this mailbox. Our own listener always takes it, and so does Gmail.
func (c *config) plusAddresses() bool {
	if c.PlusAddresses != nil {
		return *c.PlusAddresses
	}
	return c.forwarded() || strings.EqualFold(c.IMAP.Host, "imap.gmail.com")
}

// mailbox is how this channel's mail finds its conversation.
func (c *Connector) mailbox() thread.Mailbox {
	all := []string{c.config.Address}
	if c.config.forwarded() {
		all = append(all, c.config.Forwarding.Key+"@"+c.env.MailDomain)
	}
	return thread.Mailbox{Signer: thread.New(string(c.env.Channel), c.env.Keys), Addresses: all}
}

// replyTo is where an answer to a reply is to go, "" when From says it.
func (c *Connector) replyTo(token string) string {
	if token == "" || !c.config.plusAddresses() {
		return ""
	}
	all := c.box.Addresses
	return thread.PlusAddress(all[len(all)-1], token)
}

// isOurs: a mail of ours that came back: its id is one of ours, and so is its sender. Somebody else who uses an id of ours again
// has written another mail.
func (c *Connector) isOurs(m *letter.Mail) bool {
	if m.From == nil || !c.box.Has(m.From.Address) {
		return false
	}
	_, ours, _ := c.box.Recognise(c.config.Address, m.MessageID)
	return ours
}

// parties are the addresses of a field; the mailbox's own are shown without their tokens.
func (c *Connector) parties(list []letter.Address) []*deskpb.Address {
	out := make([]*deskpb.Address, 0, len(list))
	for _, a := range list {
		plain, token := thread.TokenIn(a.Address)
		if token == "" || !c.box.Has(plain) {
			plain = a.Address
		}
		if c.box.Has(plain) {
			plain = c.config.Address
		}
		if !slices.ContainsFunc(out, func(o *deskpb.Address) bool { return plain == c.config.Address && o.Address == plain }) {
			out = append(out, &deskpb.Address{Name: a.Name, Address: plain})
		}
	}
	return out
}

// forward is the mail that the sender passed on, if they did, and whether that makes it somebody else's ticket.
func (c *Connector) forward(m *letter.Mail, verdict deskpb.SenderVerdict) *desk.Forward {
	from := m.OriginalSender()
	if from == nil || m.From == nil || c.box.Has(from.Address) || m.Automatic != "" {
		return nil
	}
	rules := c.config.Forwards
	if rules == nil {
		rules = &forwardsConfig{}
	}
	_, domain, _ := strings.Cut(strings.ToLower(m.From.Address), "@")
	f := &desk.Forward{From: &deskpb.Address{Name: from.Name, Address: from.Address}, Colleague: slices.Contains(rules.Domains, domain)}
	switch {
	case !isOn(rules.OriginalSender) || verdict == deskpb.SenderVerdict_SENDER_VERDICT_FAILED:
	case verdict == deskpb.SenderVerdict_SENDER_VERDICT_VERIFIED, rules.Unproven:
		f.Trusted = true
	}
	if m.Forwarded.Enclosed || m.FreshTextBytes > 0 {
		f.Comment = strings.TrimSpace(m.ReplyText())
	}
	return f
}

// copied: the mail was written to others, and this mailbox has a copy of it (Cc, or Bcc and so not named at all). That is how a colleague who
// writes from a program of their own lets the team know.
func (c *Connector) copied(m *letter.Mail, msg *desk.InboundMessage) *desk.Copy {
	if m.From == nil || m.Automatic != "" || msg.Automatic == desk.AutomaticLoop || !strings.EqualFold(m.From.Address, msg.From.Address) {
		return nil
	}
	rules := c.config.Forwards
	if rules == nil {
		rules = &forwardsConfig{}
	}
	colleague := func(address string) bool {
		_, domain, _ := strings.Cut(strings.ToLower(address), "@")
		return slices.Contains(rules.Domains, domain)
	}
	cp := &desk.Copy{Colleague: c.box.Has(m.From.Address) || colleague(m.From.Address)}
	for _, a := range msg.To {
		if c.box.Has(a.Address) {
			return nil // it was written to the team
		}
	}
	for _, a := range slices.Concat(msg.To, msg.Cc) {
		if strings.Contains(a.Address, "@") && !c.box.Has(a.Address) && !colleague(a.Address) {
			cp.To = append(cp.To, a)
		}
	}
	if len(cp.To) == 0 {
		return nil
	}
	verdict := msg.Sender.GetVerdict()
	cp.Trusted = verdict == deskpb.SenderVerdict_SENDER_VERDICT_VERIFIED // an answer in somebody's name needs proof, whatever is enough for passing on
	return cp
}

// maxTrusted is how many servers one mailbox may trust.
const maxTrusted = 20

func (c *config) checkTrusted() error {
	if len(c.Trusted) > maxTrusted {
		return desk.Refuse(desk.Invalid, "trusted_servers", "at most %d", maxTrusted)
	}
	for i, s := range c.Trusted {
		s = strings.ToLower(strings.TrimSpace(s))
		if s == "" || len(s) > 255 || strings.ContainsAny(s, " ;\"()=\\\r\n") {
			return desk.Refuse(desk.Invalid, "trusted_servers", "%q is no server's name: write what stands first in Authentication-Results of a mail you received, such as mx.google.com", c.Trusted[i])
		}
		c.Trusted[i] = s
	}
	return nil
}

// checkSender says whether the sender is who the mail says. What a server wrote above a mail that was brought to our own
// listener is anybody's word, so there the signature is looked at.
func (c *Connector) checkSender(ctx context.Context, m *letter.Mail, f *fetched, party string) *deskpb.SenderCheck {
	if !c.config.forwarded() {
		return trust.ForParty(trust.Stated(m, c.config.Trusted), m, party)
	}
	if f.large { // its body is not at hand
		return &deskpb.SenderCheck{Verdict: deskpb.SenderVerdict_SENDER_VERDICT_UNKNOWN, Reason: trust.ReasonNotSigned}
	}
	return trust.ForParty(trust.Signed(ctx, f.raw, m, c.names()), m, party)
}

func (c *Connector) names() trust.Names {
	if c.tune.names != nil {
		return c.tune.names
	}
	return net.DefaultResolver
}

// loopMark is the value of X-Centralita-Loop in automatic mail of a mailbox.
func loopMark(address string) string { return thread.Digest(16, "loop", strings.ToLower(address)) }

// automatic is the kind of a mail that a machine wrote. party is who counts as its sender.
func (c *Connector) automatic(m *letter.Mail, party string) string {
	switch {
	case m.Circles(), strings.TrimSpace(string(m.Header.Get(compose.LoopHeader))) == loopMark(c.config.Address):
		return desk.AutomaticLoop
	case c.box.Has(party):
		return desk.AutomaticSelf
	}
	return m.Automatic
}

// returned is what a mail says of one of ours, nil when it is about none.
func returned(m *letter.Mail, keys []string) *desk.Return {
	r := &desk.Return{Text: m.ReplyText()}
	for _, k := range keys {
		if k != thread.KeyPrefix+m.MessageID {
			r.Keys = append(r.Keys, k)
		}
	}
	switch {
	case m.Automatic == letter.Report && m.ReportKind == letter.Complaint:
		r.Kind = desk.ReturnComplaint
	case m.Automatic == letter.Report && m.ReportKind == letter.Receipt:
		r.Kind = desk.ReturnReceipt
	case m.Automatic == letter.Bounce:
		r.Kind = desk.ReturnDelay
		for _, to := range m.Bounce.Recipients {
			if !to.Delayed {
				r.Kind = desk.ReturnBounce
			}
			r.Recipients = append(r.Recipients, &deskpb.ReturnedRecipient{Address: to.Address, Status: to.Status, Permanent: to.Permanent, Delayed: to.Delayed, Cause: to.Cause})
		}
		if len(m.Bounce.Recipients) == 0 {
			r.Kind = desk.ReturnBounce
		}
	default:
		return nil
	}
	return r
}
