package desk

import (
	"fmt"
	"strings"

	"github.com/centralita/centralita/proto/deskpb"
)

// A contact's owner who is away is told of a ticket that came for them: by mail, or at least in the list of notifications. The
// decision is an entry of the conversation, so it is made once whatever happens in between; the mail then goes the way of a
// reply, announced before the one attempt. It is no reply: the contact never sees it, and no thread knows it.

// Why no mail goes with it.
const (
	WithheldSwitchedOff = "switched_off" // its agent wants none
	WithheldNoChannel   = "no_channel"   // no mailbox that could send it is on
	WithheldOwnAddress  = "own_address"  // the agent's address is one of the desk's own: it would come back as a ticket
)

// Letter is what the state remembers of a mail to an agent.
type Letter struct {
	Delivery deskpb.DeliveryState
	Attempt  uint32
}

func tellOwner(c *Conversation, m *deskpb.OwnerTold) ([]Event, error) {
	if !ValidID(m.GetAgent()) || !ValidID(m.GetLetter()) {
		return nil, Refuse(Invalid, "told", "name the agent and the letter")
	}
	if c.OwnerTold || c.Owner != "" || c.closed() || c.resting() || c.Machine || c.Letters[MessageID(m.Letter)] != nil {
		return nil, nil // a machine's mail is told to nobody: two of them would go on for ever
	}
	if m.Channel != "" && (m.To.GetAddress() == "" || len(m.ThreadKeys) == 0) {
		return nil, Refuse(Invalid, "told.to", "a mail needs its recipient and its own key")
	}
	return events(deskpb.NewEvent(m)), nil
}

func startLetter(l *Letter, id string) ([]Event, error) {
	if l.Delivery != deskpb.DeliveryState_DELIVERY_STATE_QUEUED {
		return nil, conflict("not_queued", "the mail is %s", deliveryWord(l.Delivery))
	}
	return events(deskpb.NewEvent(&deskpb.LetterStarted{Letter: id, Attempt: l.Attempt + 1})), nil
}

// settleLetter: a report (attempt 0) counts when nobody could tell before.
func settleLetter(l *Letter, m *deskpb.SettleDelivery) ([]Event, error) {
	sending := l.Delivery == deskpb.DeliveryState_DELIVERY_STATE_SENDING && l.Attempt == m.Attempt
	found := m.Attempt == 0 && l.Delivery == deskpb.DeliveryState_DELIVERY_STATE_UNKNOWN
	if !sending && !found {
		return nil, nil
	}
	return events(deskpb.NewEvent(&deskpb.LetterSettled{
		Letter: m.Message, Attempt: m.Attempt, State: m.State, Reason: m.Reason, ExternalId: m.ExternalId, RetryAtMs: m.RetryAtMs,
	})), nil
}

func evolveLetter(c *Conversation, ev Event) bool {
	letter := func(id string) *Letter {
		l := c.Letters[MessageID(id)]
		if l == nil {
			if c.Letters == nil {
				c.Letters = map[MessageID]*Letter{}
			}
			l = &Letter{}
			c.Letters[MessageID(id)] = l
		}
		return l
	}
	switch e := ev.GetKind().(type) {
	case *deskpb.Event_OwnerTold:
		c.OwnerTold = true
		if e.OwnerTold.Channel != "" {
			letter(e.OwnerTold.Letter).Delivery = deskpb.DeliveryState_DELIVERY_STATE_QUEUED
		}
	case *deskpb.Event_LetterStarted:
		l := letter(e.LetterStarted.Letter)
		l.Delivery, l.Attempt = deskpb.DeliveryState_DELIVERY_STATE_SENDING, e.LetterStarted.Attempt
	case *deskpb.Event_LetterSettled:
		letter(e.LetterSettled.Letter).Delivery = e.LetterSettled.State
	default:
		return false
	}
	return true
}

// Arrival is what a contact's owner is told of a ticket.
type Arrival struct {
	Who, Subject string
	Number       uint64
	Link         string // "" when the desk has no address
	Excerpt      string // "" for who may not see the ticket
}

// Words says it as a mail in a language of the desk.
func (a Arrival) Words(language string) (subject, text string) {
	say := []string{
		"%s wrote while you are away", "%s, whose owner you are, opened ticket #%d while you are away:", "Open it: %s",
		"The desk goes on without you as the channel's rules say. Do not answer this mail: the customer would not get it.\nYou can switch these mails off under “My settings → Notifications”.",
	}
	if language == "es" {
		say = []string{
			"%s ha escrito mientras no estás", "%s, de quien eres responsable, ha abierto el ticket #%d mientras no estás:", "Ábrelo: %s",
			"El equipo sigue sin ti según las reglas del canal. No respondas a este correo: no le llegaría al cliente.\nPuedes desactivar estos avisos en «Mis ajustes → Notificaciones».",
		}
	}
	who := clip(oneLine(a.Who), 200)
	subject = fmt.Sprintf("[#%d] "+say[0], a.Number, who)
	parts := []string{fmt.Sprintf(say[1], who, a.Number), "  " + clip(oneLine(a.Subject), 200)}
	if a.Excerpt != "" {
		parts = append(parts, "  "+clip(oneLine(a.Excerpt), previewBytes))
	}
	if a.Link != "" {
		parts = append(parts, fmt.Sprintf(say[2], a.Link))
	}
	return subject, strings.Join(append(parts, say[3]), "\n\n") + "\n"
}
