package desk

import (
	"slices"
	"strings"

	"github.com/centralita/centralita/proto/deskpb"
)

// Kinds of what machines say of a reply.
const (
	ReturnBounce    = "bounce"    // it did not arrive
	ReturnDelay     = "delay"     // it is still being tried
	ReturnComplaint = "complaint" // its receiver called it spam (RFC 5965)
	ReturnReceipt   = "receipt"   // it was shown, or thrown away (RFC 8098)
)

// Return is what a machine says of a message that left here.
type Return struct {
	Kind       string
	Keys       []string // thread keys of the message, the surest first
	Recipients []*deskpb.ReturnedRecipient
	Text       string
}

const (
	maxReturned   = 100 // recipients of one
	maxReturnText = 500
	maxReturnIDs  = 200 // remembered, so that none is taken twice
)

// takeReturn attaches what a machine said to the reply it is about. What did not arrive has failed: its owner is told, and can try
// again. It changes nothing else: it is no message of the contact.
func takeReturn(c *Conversation, m *deskpb.TakeReturn) ([]Event, error) {
	r := m.GetReturned()
	switch {
	case r.GetExternalId() == "" || !slices.Contains([]string{ReturnBounce, ReturnDelay, ReturnComplaint, ReturnReceipt}, r.Kind):
		return nil, Refuse(Invalid, "returned", "needs its external id and its kind: bounce, delay, complaint or receipt")
	case len(r.Recipients) > maxReturned:
		return nil, Refuse(Invalid, "returned.recipients", "at most %d", maxReturned)
	case slices.Contains(c.Returned, r.ExternalId):
		return nil, nil
	}
	id := c.returned(r.Message, m.Keys)
	if id == "" {
		return nil, conflict("not_ours", "no reply left this conversation that this could be about")
	}
	out := events(deskpb.NewEvent(&deskpb.MessageReturned{
		Message: string(id), Channel: r.Channel, ExternalId: r.ExternalId, Kind: r.Kind, Recipients: r.Recipients, From: clip(r.From, 320),
		Text: clip(r.Text, maxReturnText), RawBlob: r.RawBlob,
	}))
	if msg := c.Messages[id]; r.Kind == ReturnBounce && bounceable(msg.Delivery) {
		out = append(out, deskpb.NewEvent(&deskpb.DeliverySettled{
			Message: string(id), State: deskpb.DeliveryState_DELIVERY_STATE_FAILED, Reason: ReturnedWords(r.Recipients), Resolves: troubled(msg.Delivery),
		}))
	}
	return out, nil
}

// bounceable: a server took it, or nobody could tell. That it was read is no lie because another recipient did not get it, so what
// counts as delivered may fail, too.
func bounceable(s deskpb.DeliveryState) bool {
	switch s {
	case deskpb.DeliveryState_DELIVERY_STATE_SENT, deskpb.DeliveryState_DELIVERY_STATE_DELIVERED, deskpb.DeliveryState_DELIVERY_STATE_UNKNOWN:
		return true
	}
	return false
}

// returned finds the reply: by its id, by one of its keys, else the last one that left.
func (c *Conversation) returned(id string, keys []string) MessageID {
	left := func(m *Message) bool {
		return m != nil && m.Outbound && !m.Foreign && m.Attempt > 0
	}
	if left(c.Messages[MessageID(id)]) {
		return MessageID(id)
	}
	for _, k := range keys {
		if id := c.Mails[k]; left(c.Messages[id]) {
			return id
		}
	}
	last, seq := MessageID(""), uint32(0)
	for id, m := range c.Messages {
		if left(m) && m.Seq > seq && m.Delivery != deskpb.DeliveryState_DELIVERY_STATE_CANCELED {
			last, seq = id, m.Seq
		}
	}
	return last
}

func evolveReturned(c *Conversation, ev Event) bool {
	e := ev.GetMessageReturned()
	if e == nil {
		return false
	}
	c.Returned = append(c.Returned, e.ExternalId)
	if n := len(c.Returned); n > maxReturnIDs {
		c.Returned = slices.Delete(c.Returned, 0, n-maxReturnIDs)
	}
	return true
}

// ReturnedWords says in English to whom a reply did not come, and why. Screens have the codes and say it in their own language.
func ReturnedWords(all []*deskpb.ReturnedRecipient) string {
	var parts []string
	for i, r := range all {
		if i == 5 {
			parts = append(parts, "and others")
			break
		}
		words := returnedWords[r.Cause]
		if words == "" {
			words = returnedWords["refused"]
		}
		if r.Status != "" {
			words += " (" + r.Status + ")"
		}
		parts = append(parts, r.Address+": "+words)
	}
	if len(parts) == 0 {
		return "It came back without a reason."
	}
	return strings.Join(parts, "; ")
}

var returnedWords = map[string]string{
	"no_address": "there is no such address", "no_domain": "there is no such domain, or it takes no mail", "full": "the mailbox is full",
	"too_large": "the mail is too large for it", "spam": "the mail was taken for spam", "policy": "the server's rules refused it",
	"loop": "the mail went round in circles", "expired": "the server gave up after trying for long", "later": "the server could not take it now",
	"refused": "the server refused it",
}

// failContactAddress notes that nobody is at an address of the contact.
func failContactAddress(p *Person, m *deskpb.FailContactAddress) ([]Event, error) {
	address := strings.ToLower(m.Address)
	if address == "" || len(address) > 512 {
		return nil, Refuse(Invalid, "address", "must be 1 to 512 bytes")
	}
	mine := slices.Contains(p.Identities, identityKey(&deskpb.Identity{Kind: deskpb.IdentityKind_IDENTITY_KIND_EMAIL, Value: address}))
	if !mine || p.Undeliverable[address] {
		return nil, nil
	}
	return events(deskpb.NewEvent(&deskpb.ContactAddressFailed{Address: address, Cause: m.Cause, Status: m.Status, Conversation: m.Conversation})), nil
}

// proveContactAddress: a mail came from it, so somebody is there.
func proveContactAddress(p *Person, m *deskpb.ProveContactAddress) ([]Event, error) {
	if address := strings.ToLower(m.Address); p.Undeliverable[address] {
		return events(deskpb.NewEvent(&deskpb.ContactAddressWorked{Address: address})), nil
	}
	return nil, nil
}
