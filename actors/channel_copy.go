package actors

import (
	"strings"

	"github.com/centralita/centralita/persistence"
	"github.com/centralita/centralita/proto/deskpb"
)

// copied makes a mail that a colleague wrote to somebody outside, and of which the channel got a copy, an answer of the team's: the ticket is
// theirs to whom it was written. Only if it may be believed that the colleague wrote it, and if there is somebody outside; else it is the
// sender's as every mail is.
func (ch *channel) copied(x *persistence.Index, d *delivery) error {
	m := d.item.Message
	if m.Copy == nil || !m.Copy.Trusted || m.Past != nil {
		return nil
	}
	agent, name, err := ch.agentOf(x, m.From.GetAddress())
	if err != nil || agent == "" && !m.Copy.Colleague {
		return err
	}
	var first *deskpb.Address
	var outside []string
	for _, to := range m.Copy.To {
		address := strings.ToLower(to.Address)
		other, _, err := ch.agentOf(x, address)
		if err != nil {
			return err
		}
		ours, err := x.ChannelByAddress(deskpb.ChannelKind_CHANNEL_KIND_EMAIL, address)
		if err != nil {
			return err
		}
		if other != "" || ours != "" {
			continue
		}
		if outside = append(outside, address); first == nil {
			first = to
		}
	}
	if first == nil {
		return nil
	}
	s, err := ch.sender(x, &deskpb.Identity{Kind: deskpb.IdentityKind_IDENTITY_KIND_EMAIL, Value: outside[0]}, first.Name)
	if err != nil {
		return err
	}
	own := *m
	own.Automatic, own.Forward = "", nil // it is from the mailbox's own address, or carries what was answered
	d.item.Message = &own
	d.sender, d.writer, d.copied, d.outside = s, sender{agent: agent, name: name}, true, outside
	return nil
}

// asWritten makes a command of a mail that a colleague wrote say so.
func (d *delivery) asWritten(m *deskpb.ReceiveMessage) *deskpb.ReceiveMessage {
	if !d.copied {
		return m
	}
	name := nameOr(d.writer.name, nameOr(m.Message.From.GetName(), m.Message.From.GetAddress()))
	m.Imported = &deskpb.Imported{Sent: true, Now: true, Agent: string(d.writer.agent), AgentName: name, Outside: d.outside}
	m.FollowUp, m.Blocked, m.SpamCause, m.Message.Handling = false, false, "", nil
	return m
}
