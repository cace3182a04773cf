package email

import (
	"context"
	"net"
	"strings"

	"github.com/centralita/centralita/channels/email/compose"
	"github.com/centralita/centralita/channels/email/letter"
	"github.com/centralita/centralita/channels/email/thread"
	"github.com/centralita/centralita/channels/email/trust"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

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
