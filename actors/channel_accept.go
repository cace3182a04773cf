package actors

import (
	"time"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
	"github.com/centralita/centralita/proto/deskpb"
)

// claim holds a thread key for a conversation while items that carry it are in flight; once durable the index knows it.
type claim struct {
	conv  desk.ConversationID
	count int
}

// delivery is one item on its way in.
type delivery struct {
	item    desk.Inbound
	results []chan<- error // the one who brought it, and whoever brought it again meanwhile
	credits int

	sender   sender
	forwards *deskpb.Address // whose ticket it is, when a colleague passed their mail on
	follower sender          // the agent who passed it on
	writer   sender          // the agent who wrote it, of what the team had sent
	reasons  []string        // why it is in its conversation
	copied   bool            // a colleague wrote it to the sender: d.writer
	outside  []string        // of one that was copied: all to whom it was written who are nobody of the desk
	exactly  bool            // only its subject says so: its sender must take part
	conv     desk.ConversationID
	opens    bool // nobody knew the thread: the conversation will be opened
	keys     []string
	receive  *deskpb.ReceiveMessage
	left     int // parts not settled
	err      error
	rerouted bool
	hops     int  // conversations that sent it on to another
	asks     bool // a machine would answer it
	returned bool // it was given to the reply it is about

	heldUntil         int64 // what follows from it waits until then; 0: it does not
	heldLimit, heldOf string

	settledAs func(known bool) // told before the results; nil: nobody asks

	answers   string // address that a machine is about to answer; "" for none
	answersIn desk.ConversationID
	known     bool
}

// maxHops bounds how often a message is sent on: through merges of merges, and splits of splits.
const maxHops = 16

// part is the answer of the contact or the conversation to a delivery.
type part struct {
	of   *delivery
	done desk.Done
	err  error
	conv bool
	then func() // what is done when it is durable
}

// accept finds out who it is and which conversation it belongs to, and gives it to both. The result goes back only when both
// are durable.
func (ch *channel) accept(d *delivery) {
	switch {
	case d.item.Report != nil:
		ch.report(d)
		return
	case d.item.Identified != nil:
		ch.identify(d)
		return
	}
	if d.item.Visit != nil {
		ch.visit(d)
		return
	}
	if same := ch.inFlight[d.item.ExternalID]; same != nil {
		if d.item.Message.ClientID != "" && d.item.Message.Body.GetText() != same.item.Message.Body.GetText() {
			d.err = desk.Reused()
			ch.finish(d)
			return
		}
		same.results = append(same.results, d.results...)
		same.credits += d.cost()
		d.tellSettled(true)
		return
	}
	d.err = ch.sys.index.Together(func(x *persistence.Index) error {
		conv, _, err := x.MessageByExternal(ch.id, d.item.ExternalID)
		if d.known = conv != ""; d.known || err != nil {
			d.conv = conv
			return err
		}
		if d.conv, err = ch.returnedTo(x, d); d.conv != "" || err != nil {
			return err
		}
		return ch.resolve(x, d)
	})
	m := d.item.Message
	if d.known && m.ClientID != "" { // whose writer made its id: the conversation knows whether these are the same words
		d.receive, d.left = ch.receiveCommand(d), 1
		ch.tell(d, d.conv.Stream(), deskpb.NewCommand(d.receive), true)
		return
	}
	if d.err != nil {
		ch.finish(d)
		return
	}
	if d.known {
		if ch.linkTwins(d); d.left == 0 { // it may have broken off before
			ch.finish(d)
		}
		return
	}
	if m.Return != nil && m.Past == nil && d.sender.id == "" {
		ch.giveBack(d)
		return
	}
	ch.receive(d)
}

// receive gives a message to whom and where it belongs.
func (ch *channel) receive(d *delivery) {
	m := d.item.Message
	ch.inFlight[d.item.ExternalID] = d
	ch.paced(d)
	d.receive = ch.receiveCommand(d)
	if d.sender.bounced && d.forwards == nil && !d.copied && m.Automatic == "" && m.Past == nil { // what a colleague passes on proves no address
		d.left++
		ch.tell(d, d.sender.id.Stream(), deskpb.NewCommand(&deskpb.ProveContactAddress{Address: m.Identity.GetValue()}), false)
	}
	if d.conv.IsSide() { // whoever was asked aside is no contact of the desk because of it, and is not answered by machine
		d.left++
		ch.tell(d, d.conv.Stream(), deskpb.NewCommand(d.receive), true)
		return
	}
	if m.Past == nil && !d.copied {
		ch.watchPace(d)
		ch.acknowledge(d)
	}
	ch.begins(d)
	ch.ensure(d)
	ch.beginsOfContact(d)
	ch.tellGate(d)
	d.left++
	ch.tell(d, d.conv.Stream(), deskpb.NewCommand(d.receive), true)
}

func (ch *channel) tell(d *delivery, stream desk.StreamID, cmd desk.Command, conv bool) {
	cmd.By = &deskpb.Author{Kind: deskpb.Author_KIND_CHANNEL, Id: string(ch.id)}
	if conv {
		cmd.AtMs = d.pastMs()
	}
	root, self := ch.sys.root, ch.self
	ch.sys.ask(stream, cmd, func(done desk.Done, err error) {
		root.Send(self, &part{of: d, done: done, err: err, conv: conv})
	})
}

func (ch *channel) receiveCommand(d *delivery) *deskpb.ReceiveMessage {
	m, contact := d.item.Message, string(d.sender.id)
	msg := &deskpb.MessageReceived{
		AfterCloseMs: ch.afterClose(),
		Message:      string(desk.MessageIDFor(ch.id, d.item.ExternalID)), Channel: string(ch.id), ExternalId: d.item.ExternalID, Contact: contact,
		From: m.From, To: m.To, Cc: m.Cc, Subject: m.Subject, Body: m.Body, ThreadKeys: m.ThreadKeys, Automatic: m.Automatic,
		RawBlob: m.RawBlob, Warnings: m.Warnings, ClientId: m.ClientID, InReplyTo: m.InReplyTo, Sender: m.Sender, Thread: m.Thread, Threading: d.reasons,
		ForForwarded: d.forwards != nil,
	}
	if m.Forward != nil {
		msg.ForwardedFrom = m.Forward.From
	}
	if !m.SentAt.IsZero() {
		msg.SentAtMs = m.SentAt.UnixMilli()
	}
	msg.Handling = desk.HandlingOf(m.Automatic, m.Reopens)
	if m.Answers && (d.opens || d.rerouted) {
		msg.Handling = desk.StrayAnswer()
	}
	if !m.CameAt.IsZero() {
		msg.CameAtMs = m.CameAt.UnixMilli()
	}
	subject := m.Subject
	if subject == "" {
		subject = firstLine(m.Body.GetText(), 80)
	}
	spam, cause := ch.suspect(d)
	return d.asWritten(d.ofThePast(&deskpb.ReceiveMessage{
		Message: msg, NeverReopen: msg.Handling != nil && !msg.Handling.Reopens, Quiet: desk.Quiet(msg.Handling) || ch.ofColleague(d), ParticipantsOnly: m.JoinOnlyFrom,
		HeldUntilMs: d.heldUntil, HeldLimit: d.heldLimit, HeldOf: d.heldOf,
		Blocked: spam, SpamCause: cause, Defaults: ch.defaults(m),
		Requeue: ch.row.Routing.GetOwners().GetReopened() == deskpb.OwnerReopened_OWNER_REOPENED_REQUEUE,
		Exactly: d.exactly, FollowUp: ch.longClosed(d), Follower: string(d.follower.agent), FollowerName: d.follower.name, Note: ch.comment(d),
		Opening: &deskpb.ConversationOpened{
			Channel: string(ch.id), ChannelKind: ch.row.Kind, Contact: contact, Subject: subject,
			ContactName: nameOr(d.sender.name, nameOr(d.sender.written, desk.Anonymous(d.sender.identity))), // empty: the thread was known, and the stranger's is not
			Priority:    desk.PriorityAtOpening(ch.row.Routing.GetDefaults()), Routing: desk.RuleAtOpening(ch.row.Routing), Thread: m.Thread,
			ContactRecognised: recognised(d), FromAddress: ch.sendsFrom,
		},
	}))
}

// part collects the answers. A stranger who named somebody else's thread gets a conversation of his own.
func (ch *channel) part(p *part) {
	d := p.of
	if p.conv && d.returned && ch.givenBack(p) {
		return
	}
	if p.conv && desk.ReasonOf(p.err) == "elsewhere" && d.hops < maxHops {
		ch.sendOn(d, p.err)
		return
	}
	if p.conv && desk.ReasonOf(p.err) == "follow_up" && d.hops < maxHops {
		ch.followUp(d, p.err)
		return
	}
	if p.conv && (desk.ReasonOf(p.err) == "stranger" || desk.ReasonOf(p.err) == "elsewhere") && !d.rerouted {
		ch.apart(d)
		return
	}
	if p.err != nil && d.err == nil {
		d.err = p.err
	}
	if p.conv && p.err == nil && !p.done.Changed {
		d.known = true
	}
	if p.conv && p.err == nil && p.then == nil {
		ch.linkTwins(d)
	}
	d.left--
	if p.then != nil {
		if p.err == nil {
			p.then()
			return
		}
		d.left-- // what was to come then does not
	}
	if d.left == 0 {
		ch.finish(d)
	}
}

// sendOn gives a message to where its conversation is shown now. Whether the sender takes part was seen where it came from.
func (ch *channel) sendOn(d *delivery, refusal error) {
	d.hops++
	ch.unacknowledge(d) // it was answered where it came from, or by nobody
	d.conv = desk.ElsewhereOf(refusal)
	d.receive = ch.receiveCommand(d)
	d.receive.Message.Unconfirmed = desk.FromStranger(refusal)
	d.receive.ParticipantsOnly, d.receive.Exactly = false, false
	ch.tell(d, d.conv.Stream(), deskpb.NewCommand(d.receive), true)
}

// apart gives a message a conversation of its own.
func (ch *channel) apart(d *delivery) {
	d.rerouted = true
	ch.release(d)
	if d.conv.IsSide() && d.sender.isNew {
		d.left++
		ch.tell(d, d.sender.id.Stream(), deskpb.NewCommand(&deskpb.EnsureContact{Identity: d.sender.identity, Name: d.sender.written}), false)
	}
	d.keys, d.opens, d.reasons = nil, false, nil
	d.conv, d.exactly = desk.ConversationIDFor(ch.id, "item/"+d.item.ExternalID), false
	if err := ch.passedOnApart(d); err != nil {
		d.err = err
		ch.finish(d)
		return
	}
	d.receive = ch.receiveCommand(d)
	d.receive.ParticipantsOnly, d.receive.Exactly, d.receive.FollowUp = false, false, false
	if d.item.Message.Past == nil && !d.copied {
		ch.acknowledge(d)
	}
	ch.tell(d, d.conv.Stream(), deskpb.NewCommand(d.receive), true)
}

func (ch *channel) release(d *delivery) {
	for _, k := range d.keys {
		if c := ch.claims[k]; c != nil {
			if c.count--; c.count <= 0 {
				delete(ch.claims, k)
			}
		}
	}
}

func (ch *channel) finish(d *delivery) {
	ch.unacknowledge(d)
	if ch.inFlight[d.item.ExternalID] == d {
		delete(ch.inFlight, d.item.ExternalID)
		ch.release(d)
		if d.opens && d.err == nil {
			ch.remember(d)
		}
	}
	d.tellSettled(d.known)
	for _, r := range d.results {
		r <- d.err
	}
	for range d.cost() + d.credits {
		<-ch.credits
	}
	what := "inbound"
	switch {
	case d.err != nil:
		what = "refused"
		ch.sys.log.Warn("an item was not taken", "channel", string(ch.id), "err", d.err)
	case d.known:
		what = "duplicate"
	}
	ch.sys.obs.CountItem(string(ch.id), what)
	if what == "inbound" {
		what = "duplicate" // whoever brought it again meanwhile
	}
	for range d.credits {
		ch.sys.obs.CountItem(string(ch.id), what)
	}
	now := time.Now().UnixMilli()
	ch.sys.status.set(ch.id, func(st *channelLive) {
		if d.cost() > 0 {
			st.LastItemMs = now
		}
		st.InFlight = len(ch.credits)
	})
}

// report records the provider's later news of a reply.
func (ch *channel) report(d *delivery) {
	r := d.item.Report
	conv, msg := r.Conversation, r.Message
	if conv == "" || msg == "" {
		var err error
		conv, msg, err = ch.sys.index.MessageByExternal(ch.id, r.ExternalID)
		if err != nil || conv == "" {
			d.err, d.known = err, true // news of a message that is not ours: nothing to record
			ch.finish(d)
			return
		}
	}
	d.left = 1
	ch.tell(d, conv.Stream(), deskpb.NewCommand(&deskpb.SettleDelivery{
		Message: string(msg), State: r.State, ExternalId: r.ExternalID, Reason: r.Reason,
	}), true)
}

// firstLine is a subject for what has none.
func firstLine(s string, n int) string {
	for i, r := range s {
		if r == '\n' || r == '\r' {
			s = s[:i]
			break
		}
		if i >= n {
			return s[:i] + "…"
		}
	}
	return s
}
