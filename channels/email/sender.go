package email

import (
	"context"
	"net"
	"strings"

	"github.com/centralita/centralita/channels/email/letter"
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
