package channeltest

import (
	"strconv"
	"sync/atomic"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// Desk is an engine in miniature for one channel: what its intake takes is written to its threads, with the facts and in
// the order the engine writes them, and an agent can answer. It has no rules: it refuses nothing.
type Desk struct {
	Intake  *Intake
	Threads *Threads
	replies atomic.Int64
}

// Channel is the id of the channel under test.
const Channel desk.ChannelID = "ch_test"

// NewDesk makes a desk with nothing in it.
func NewDesk() *Desk {
	d := &Desk{Intake: NewIntake(), Threads: NewThreads()}
	d.Intake.OnTake(d.take)
	return d
}

func (d *Desk) take(item desk.Inbound) {
	if item.Report != nil {
		d.settle(item.Report)
		return
	}
	if item.Identified != nil {
		d.identify(item.Identified)
		return
	}
	m := item.Message
	by := &deskpb.Author{Kind: deskpb.Author_KIND_CONTACT, Name: m.Name}
	if len(d.Threads.Records(m.Thread)) == 0 {
		d.Threads.Append(m.Thread, by, &deskpb.ConversationOpened{
			Channel: string(Channel), Contact: string(desk.ContactIDFor(int32(m.Identity.GetKind()), m.Identity.GetValue())), ContactName: m.Name,
			Thread: m.Thread, ContactRecognised: m.Recognised,
		})
	}
	d.Threads.Append(m.Thread, by, &deskpb.MessageReceived{
		Message: string(desk.MessageIDFor(Channel, item.ExternalID)), Channel: string(Channel), ExternalId: item.ExternalID,
		From: m.From, Subject: m.Subject, Body: m.Body, ClientId: m.ClientID, Thread: m.Thread,
	})
}

// identify lets the conversation of a visitor be that of a person. One they had already is shown before it.
func (d *Desk) identify(i *desk.Identified) {
	if len(d.Threads.Records(i.From)) == 0 {
		return
	}
	who := &deskpb.VisitorIdentified{From: i.From, Thread: i.Thread, Email: i.Person.Email}
	if len(d.Threads.Records(i.Thread)) > 0 {
		who.Earlier = StreamOf(i.Thread).ID()
		d.Threads.Append(i.Thread, nil, &deskpb.ConversationMerged{Into: StreamOf(i.From).ID()})
	}
	d.Threads.Append(i.From, nil, who)
	d.Threads.lead(i.Thread, i.From)
}

// settle finds the thread by the conversation, as the engine would.
func (d *Desk) settle(r *desk.DeliveryReport) {
	d.Threads.mu.Lock()
	thread := ""
	for t := range d.Threads.records {
		if StreamOf(t) == r.Conversation.Stream() {
			thread = t
		}
	}
	d.Threads.mu.Unlock()
	if thread != "" {
		d.Threads.Append(thread, nil, &deskpb.DeliverySettled{Message: string(r.Message), State: r.State, Reason: r.Reason})
	}
}

// Reply answers in a thread as an agent would, and settles the reply as sent.
func (d *Desk) Reply(thread, agentName, text string) desk.MessageID {
	id := d.Ask(thread, agentName, &deskpb.Body{Text: text})
	d.Sent(thread, id)
	return id
}

// Ask requests a reply and leaves it unsent.
func (d *Desk) Ask(thread, agentName string, body *deskpb.Body) desk.MessageID {
	id := "ms_reply" + strconv.FormatInt(d.replies.Add(1), 10)
	by := &deskpb.Author{Kind: deskpb.Author_KIND_AGENT, Id: "ag_test", Name: agentName}
	d.Threads.Append(thread, by, &deskpb.ReplyRequested{
		Message: id, Channel: string(Channel), Agent: "ag_test", AgentName: agentName, Body: body, Thread: thread,
	})
	return desk.MessageID(id)
}

// Sent announces and settles a reply's first attempt.
func (d *Desk) Sent(thread string, id desk.MessageID) {
	d.Threads.Append(thread, nil,
		&deskpb.DeliveryStarted{Message: string(id), Attempt: 1},
		&deskpb.DeliverySettled{Message: string(id), Attempt: 1, State: deskpb.DeliveryState_DELIVERY_STATE_SENT})
}

// StateOf is the state of a reply's delivery as the thread tells it.
func (d *Desk) StateOf(thread string, id desk.MessageID) deskpb.DeliveryState {
	state := deskpb.DeliveryState_DELIVERY_STATE_UNSPECIFIED
	for _, r := range d.Threads.Records(thread) {
		if s := r.GetEvent().GetDeliverySettled(); s.GetMessage() == string(id) {
			state = max(state, s.GetState())
		}
	}
	return state
}
