package actors

import (
	"time"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// mayAnswer is the gate of an automatic answer to a message on its way in: nothing that a machine wrote is answered, no spam, and nobody to whom
// answers are off. The contact is told in any case that a machine would have answered, and stops it when that happens too often.
func (ch *channel) mayAnswer(d *delivery, now time.Time) bool {
	if d.receive.Blocked || !desk.MayAnswer(d.receive.Message) {
		return false
	}
	row, err := ch.sys.index.Contact(d.sender.id)
	if err != nil {
		ch.sys.log.Error("read whom a machine would answer", "channel", string(ch.id), "err", err)
		return false
	}
	d.asks = true
	return row.GetAnswersStoppedUntilMs() <= now.UnixMilli()
}

// tellGate tells the contact that a machine was about to answer. It is not waited for: the message is taken in any case.
func (ch *channel) tellGate(d *delivery) {
	if !d.asks {
		return
	}
	d.asks = false
	cmd := &deskpb.AskToAnswer{Ask: d.receive.Message.Message, Conversation: string(d.conv)}
	if row, err := ch.sys.index.Ticket(d.conv); err == nil && row.GetStatus() == deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_CONTACT {
		cmd.AgentAtMs = row.UpdatedAtMs // an agent answered: it is a conversation
	}
	ch.sys.ask(d.sender.id.Stream(), deskpb.NewCommand(cmd), func(_ desk.Done, err error) {
		if err != nil && desk.ReasonOf(err) != "answers_stopped" {
			ch.sys.log.Warn("tell a contact of an automatic answer", "channel", string(ch.id), "err", err)
		}
	})
}

// pace counts how much each sender writes, and forgets who is silent.
type pace struct {
	times map[string][]time.Time
}

// mostPaced bounds how many senders are counted at once.
const mostPaced = 4096

// flood: this is one mail too many of the sender within the window. It is said once, then the count begins anew.
func (p *pace) flood(sender string, now time.Time) bool {
	if p.times == nil || len(p.times) >= mostPaced {
		p.times = map[string][]time.Time{}
	}
	since := now.Add(-desk.ExchangeWindow)
	all := p.times[sender]
	for len(all) > 0 && !all[0].After(since) {
		all = all[1:]
	}
	if all = append(all, now); len(all) > desk.FloodOf {
		delete(p.times, sender)
		return true
	}
	p.times[sender] = all
	return false
}
