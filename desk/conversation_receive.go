package desk

import (
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/proto/deskpb"
)

// receiveMessage takes a contact's message: drops what was seen, opens the conversation, lets the ticket wait on us.
func receiveMessage(c *Conversation, cmd Command, m *deskpb.ReceiveMessage) ([]Event, error) {
	in := m.GetMessage()
	if in.GetMessage() == "" || in.Channel == "" || in.ExternalId == "" {
		return nil, Refuse(Invalid, "message", "a message needs its id, its channel and its external id")
	}
	if was := c.Messages[MessageID(in.Message)]; was != nil {
		if in.ClientId == "" || was.Foreign {
			return nil, nil
		}
		return nil, repeated(was, digest("message", in.Body)) // its writer made the id, and may have made it twice
	}
	if !c.Opened {
		if m.Opening == nil {
			return nil, Refuse(NotFound, "conversation", "there is no such conversation and nothing to open it with")
		}
		out := events(deskpb.NewEvent(m.Opening), deskpb.NewEvent(in))
		if m.Blocked {
			return append(out, deskpb.NewEvent(&deskpb.TicketMarkedSpam{Cause: CauseBlockedSender})), nil
		}
		if !Routes(m.Opening.Routing) { // nobody will choose: the reason goes with the first entry
			out = append(out, deskpb.NewEvent(&deskpb.AssignmentDeferred{Reason: noRule()}))
		}
		return append(out, c.acknowledge(in, m.Acknowledgement)...), nil
	}
	if m.ParticipantsOnly && ContactID(in.Contact) != c.Contact && !c.takesPart(in.From.GetAddress()) && !c.answersUs(in.ThreadKeys) {
		return nil, conflict("stranger", "the sender does not take part in this conversation")
	}
	if c.Merged != "" {
		return nil, elsewhere(c.Merged, "this conversation was merged into #%d", c.MergedNumber)
	}
	if conv := c.answersElsewhere(in.ThreadKeys); conv != "" {
		return nil, elsewhere(conv, "what this message answers was split off")
	}
	out := events(deskpb.NewEvent(in))
	if m.Blocked && !c.Spam {
		out = append(out, deskpb.NewEvent(&deskpb.TicketMarkedSpam{Cause: CauseBlockedSender}))
	}
	if m.Blocked || c.Spam {
		return out, nil // kept; nobody is woken by it
	}
	if in.Automatic == "" {
		out = append(out, c.wake("customer_message", "")...)
	}
	if to := c.statusAfterMessage(m.NeverReopen); to != c.Status {
		cause := "customer_message"
		if c.closed() {
			cause = "reopened"
		}
		out = append(out, deskpb.NewEvent(&deskpb.TicketStatusChanged{From: c.Status, To: to, Cause: cause}))
	}
	if m.AcknowledgeLater {
		out = append(out, c.acknowledge(in, m.Acknowledgement)...)
	}
	return out, nil
}

// acknowledge lets the desk answer a person's message at once. It is asked for with the message, in one entry: neither is there
// without the other.
func (c *Conversation) acknowledge(in *deskpb.MessageReceived, ack *deskpb.ReplyRequested) []Event {
	if ack == nil || ack.Automatic == "" || in.Automatic != "" || c.Messages[MessageID(ack.Message)] != nil {
		return nil
	}
	ack = proto.Clone(ack).(*deskpb.ReplyRequested)
	if n := len(in.ThreadKeys); n > 0 {
		ack.InReplyTo = in.ThreadKeys[n-1]
	}
	ack.References = slices.Clone(c.Chain)
	return events(deskpb.NewEvent(ack))
}

func (c *Conversation) statusAfterMessage(neverReopen bool) deskpb.TicketStatus {
	switch {
	case c.Status == deskpb.TicketStatus_TICKET_STATUS_NEW, neverReopen:
		return c.Status
	default:
		return deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_US
	}
}

func evolveReceived(c *Conversation, m *deskpb.MessageReceived) {
	said := &Message{}
	if m.ClientId != "" {
		said.Digest = digest("message", m.Body)
	}
	c.Messages[MessageID(m.Message)] = said
	if m.Automatic == "" {
		c.LastFrom, c.LastTo, c.LastCc = m.From, m.To, m.Cc
		c.say(Said{Version: c.Version, Message: MessageID(m.Message), Name: nameOr(m.From.GetName(), m.From.GetAddress())})
	}
	c.join(m.From)
	for _, a := range m.To {
		c.join(a)
	}
	for _, a := range m.Cc {
		c.join(a)
	}
	if n := len(m.ThreadKeys); n > 0 {
		c.chain(m.ThreadKeys[n-1]) // its own key is the last one
	}
}

// maxParties bounds what a mail with thousands of recipients can make us remember.
const maxParties = 200

func (c *Conversation) join(a *deskpb.Address) {
	if addr := strings.ToLower(a.GetAddress()); addr != "" && len(c.Parties) < maxParties {
		c.Parties[addr] = true
	}
}

// takesPart: the address itself, or a colleague: somebody of the same mail domain, unless anybody can have an address there.
func (c *Conversation) takesPart(address string) bool {
	address = strings.ToLower(address)
	if c.Parties[address] {
		return true
	}
	_, domain, ok := strings.Cut(address, "@")
	if !ok || domain == "" || publicMailDomains[domain] {
		return false
	}
	for p := range c.Parties {
		if strings.HasSuffix(p, "@"+domain) {
			return true
		}
	}
	return false
}

// answersUs: whoever names the id of a mail of ours has seen it.
func (c *Conversation) answersUs(keys []string) bool {
	for _, k := range keys {
		if c.OwnKeys[k] {
			return true
		}
	}
	return false
}

// publicMailDomains: sharing one of these says nothing about two people.
var publicMailDomains = map[string]bool{
	"gmail.com": true, "googlemail.com": true, "outlook.com": true, "hotmail.com": true, "live.com": true, "msn.com": true,
	"yahoo.com": true, "icloud.com": true, "me.com": true, "mac.com": true, "aol.com": true, "gmx.de": true, "gmx.net": true,
	"web.de": true, "t-online.de": true, "proton.me": true, "protonmail.com": true, "mail.ru": true, "yandex.ru": true,
	"qq.com": true, "163.com": true, "126.com": true, "hotmail.es": true, "yahoo.es": true, "yahoo.co.uk": true,
	"hotmail.fr": true, "orange.fr": true, "free.fr": true, "libero.it": true, "zoho.com": true, "fastmail.com": true,
}
