package api

import (
	"slices"
	"strconv"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// Item is an entry of a conversation's timeline: something said, or something that happened to the ticket.
type Item struct {
	ID       string    `json:"id" doc:"Of the message; of an activity, v and its version"`
	Kind     string    `json:"kind" enum:"inbound,outbound,note,activity"`
	Version  uint64    `json:"version" doc:"Of the record that made it: the order"`
	At       string    `json:"at" format:"date-time"`
	Author   Author    `json:"author"`
	Body     *Body     `json:"body" doc:"Not of an activity"`
	Delivery *Delivery `json:"delivery" doc:"Of an outbound one"`
	Activity *Activity `json:"activity" doc:"Of an activity"`

	From      *Address  `json:"from" doc:"As the sender wrote it"`
	To        []Address `json:"to"`
	Cc        []Address `json:"cc"`
	Bcc       []Address `json:"bcc" doc:"Of an outbound one: they got it and no other recipient was told"`
	Subject   string    `json:"subject"`
	Warnings  []string  `json:"warnings" doc:"What to be careful with"`
	Handling  string    `json:"handling" doc:"Why less is done for it than for a person's message: list, auto_reply, unmatched_bounce, unmatched_report, stray_answer, self, loop; empty: nothing less"`
	Automatic string    `json:"automatic" doc:"Empty: a person wrote it; else auto-reply, bounce, list, report; of ours acknowledgement, bot"`
	Sender    *Sender   `json:"sender" doc:"Of an inbound one: whether the sender is who it says; null where the channel cannot tell"`
	RawBlob   string    `json:"raw_blob" doc:"The item as it came, at /blobs/…"`
	ClientID  string    `json:"client_id" doc:"The id the sender's client made"`
	SentAt    *string   `json:"sent_at" format:"date-time" doc:"As the sender claims"`
	// Threading, Unconfirmed, ForwardedFrom and ForForwarded are of an inbound one.
	Threading     []string `json:"threading" doc:"Why it is in this conversation, most trusted first: token, own_id, anchor, bounce, answers, references, marker, sibling, subject_number, subject"`
	Unconfirmed   bool     `json:"unconfirmed" doc:"Its sender does not take part and only knew what names the conversation"`
	ForwardedFrom *Address `json:"forwarded_from" doc:"Who wrote the mail that the sender passed on"`
	ForForwarded  bool     `json:"for_forwarded" doc:"And the ticket is theirs"`
	Imported      bool     `json:"imported" doc:"It was taken in from the past, and stands where it belongs by its time"`
	Origin        *Origin  `json:"origin" doc:"The conversation in whose stream it is, if that is another one"`
}

// Sender says whether a sender's address was proved.
type Sender struct {
	Verdict string `json:"verdict" enum:"unknown,verified,failed"`
	Reason  string `json:"reason" doc:"A code: proved, refuted, unproved, no_server, not_signed, no_answer, several, no_sender, other_reply"`
	Method  string `json:"method" doc:"dmarc, dkim or spf: which decided"`
	Domain  string `json:"domain" doc:"That was proved, or not"`
	Server  string `json:"server" doc:"Whose word it is; empty: the desk looked itself"`
}

func senderView(c *deskpb.SenderCheck) *Sender {
	if c == nil {
		return nil
	}
	verdict := "unknown"
	switch c.Verdict {
	case deskpb.SenderVerdict_SENDER_VERDICT_VERIFIED:
		verdict = "verified"
	case deskpb.SenderVerdict_SENDER_VERDICT_FAILED:
		verdict = "failed"
	default: // nobody could tell
	}
	return &Sender{Verdict: verdict, Reason: c.Reason, Method: c.Method, Domain: c.Domain, Server: c.Server}
}

// Author is who did it.
type Author struct {
	Kind string `json:"kind" enum:"contact,agent,desk"`
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Address is a party of a message.
type Address struct {
	Name    string `json:"name" required:"false" maxLength:"200"`
	Address string `json:"address" maxLength:"254"`
}

// Body is what a message says. HTML is sanitised; show it in a sandbox all the same.
type Body struct {
	Text           string       `json:"text"`
	HTML           string       `json:"html"`
	FreshTextBytes uint32       `json:"fresh_text_bytes" doc:"How much of text, from the front, is new; 0: all"`
	Attachments    []Attachment `json:"attachments"`
}

// Attachment refers to a file.
type Attachment struct {
	Blob      string `json:"blob" doc:"At /blobs/…"`
	Name      string `json:"name"`
	MediaType string `json:"media_type"`
	Size      int64  `json:"size" doc:"Bytes"`
	Inline    bool   `json:"inline" required:"false" doc:"Shown inside the HTML"`
	ContentID string `json:"content_id" required:"false"`
}

// Delivery is how far a reply has come.
type Delivery struct {
	State    string     `json:"state" enum:"queued,sending,sent,delayed,delivered,read,failed,unknown,canceled"`
	Reason   string     `json:"reason"`
	Attempts uint32     `json:"attempts"`
	RetryAt  *string    `json:"retry_at" format:"date-time"`
	SendAt   *string    `json:"send_at" format:"date-time" doc:"Of a queued one: it does not leave before, and can be taken back until then"`
	Returns  []Returned `json:"returns,omitempty" doc:"What machines said of it since, the oldest first"`
}

// Returned is what a machine said of a reply.
type Returned struct {
	Kind       string              `json:"kind" enum:"bounce,delay,complaint,receipt"`
	At         string              `json:"at" format:"date-time"`
	From       string              `json:"from"`
	Text       string              `json:"text" doc:"The start of its words"`
	RawBlob    string              `json:"raw_blob" doc:"The item as it came, at /blobs/…"`
	Recipients []ReturnedRecipient `json:"recipients"`
}

// ReturnedRecipient is one whom it is about.
type ReturnedRecipient struct {
	Address   string `json:"address"`
	Status    string `json:"status" doc:"RFC 3463"`
	Permanent bool   `json:"permanent" doc:"The address is of no use"`
	Delayed   bool   `json:"delayed" doc:"It is still being tried"`
	Cause     string `json:"cause" doc:"A code: no_address, no_domain, full, too_large, spam, policy, loop, expired, later, refused"`
}

// returned adds what a machine said. A delay is the state of what was sent until there is other news.
func (d *Delivery) returned(m *deskpb.MessageReturned, atMs int64) {
	if m.Kind == desk.ReturnDelay && d.State == "sent" {
		d.State = "delayed"
	}
	d.Returns = append(d.Returns, Returned{
		Kind: m.Kind, At: timeOf(atMs), From: m.From, Text: m.Text, RawBlob: m.RawBlob,
		Recipients: each(m.Recipients, func(r *deskpb.ReturnedRecipient) ReturnedRecipient {
			return ReturnedRecipient{r.Address, r.Status, r.Permanent, r.Delayed, r.Cause}
		}),
	})
}

// Activity is what happened to the ticket; which fields are set depends on code.
type Activity struct {
	Code      string  `json:"code" enum:"opened,assigned,unassigned,deferred,status,priority,subject,tags,team,stage,property,snoozed,woken,due,followed,unfollowed,spam,not_spam,merged,merge_undone,took_in,let_go,split_off,split_from,requester,participant,linked,owner_told,held,released,side,not_mailed,address,rated,chat_ended,chat_entered,bot_started,bot_ended"`
	Text      string  `json:"text" doc:"A sentence, where the desk made one; of chat_entered: what the visitor agreed to"`
	Agent     string  `json:"agent"`
	AgentName string  `json:"agent_name"`
	From      string  `json:"from"`
	To        string  `json:"to"`
	Cause     string  `json:"cause"`
	Waiting   bool    `json:"waiting" doc:"Of deferred: it stands in line"`
	Reason    *Reason `json:"reason"`

	Added        []string `json:"added" doc:"Of tags: ids; of chat_entered: what was asked, and answered, before the first message"`
	Removed      []string `json:"removed" doc:"Of tags: ids"`
	Field        string   `json:"field" doc:"Of property: its id; of stage: the pipeline"`
	Until        *string  `json:"until" format:"date-time" doc:"Of snoozed and of due: null when it is due by no time any more; of an answer, by when it was"`
	Conversation string   `json:"conversation" doc:"The other one, of merging and splitting"`
	Number       uint64   `json:"number" doc:"Of the other one; 0 if it is not known. Of rated: the score, 1 to 5"`
	Count        int      `json:"count" doc:"Messages, of splitting and of not_mailed"`
}

// timeline is the fold of a conversation's records into what a person reads. It is pure.
type timeline struct {
	items   []Item
	replies map[string]int // message → its place in items
	version uint64
	from    []elsewhere     // whose messages are shown here, too
	gone    map[string]bool // messages shown elsewhere now
	leads   bool            // it is read by who runs the desk
}

func newTimeline(leads bool) *timeline {
	return &timeline{items: []Item{}, replies: map[string]int{}, leads: leads}
}

// add folds the next record of the stream.
func (t *timeline) add(r desk.Record) {
	t.version = r.Version
	item := Item{
		ID: "v" + strconv.FormatUint(r.Version, 10), Version: r.Version, At: timeOf(r.AtMs), Author: authorView(r.By),
		To: []Address{}, Cc: []Address{}, Bcc: []Address{}, Warnings: []string{}, Threading: []string{},
	}
	switch e := r.Event.GetKind().(type) {
	case *deskpb.Event_MessageReceived:
		item.received(e.MessageReceived)
		item.Imported = e.MessageReceived.PastMs != 0
	case *deskpb.Event_ReplyImported:
		item.received(e.ReplyImported.GetMail())
		item.sentBefore(e.ReplyImported)
	case *deskpb.Event_ReplyRequested:
		item.replied(e.ReplyRequested)
		t.replies[item.ID] = len(t.items)
	case *deskpb.Event_NoteAdded:
		m := e.NoteAdded
		item.ID, item.Kind, item.Body = m.Message, "note", bodyView(m.Body)
		item.Author = Author{"agent", m.Agent, m.AgentName}
	case *deskpb.Event_DeliveryStarted:
		t.deliver(e.DeliveryStarted.Message, func(d *Delivery) {
			*d = Delivery{State: "sending", Attempts: e.DeliveryStarted.Attempt, Returns: d.Returns}
		})
		return
	case *deskpb.Event_DeliverySettled:
		m := e.DeliverySettled
		t.deliver(m.Message, func(d *Delivery) {
			attempts := max(d.Attempts, m.Attempt)
			*d = Delivery{State: deliveryWord(m.State), Reason: m.Reason, Attempts: attempts, RetryAt: optionalTime(m.RetryAtMs), Returns: d.Returns}
		})
		return
	case *deskpb.Event_MessageReturned:
		m := e.MessageReturned
		t.deliver(m.Message, func(d *Delivery) { d.returned(m, r.AtMs) })
		return
	case *deskpb.Event_ReplyCanceled:
		t.deliver(e.ReplyCanceled.Message, func(d *Delivery) { *d = Delivery{State: "canceled", Attempts: d.Attempts} })
		return
	case *deskpb.Event_ReplyRescheduled:
		t.deliver(e.ReplyRescheduled.Message, func(d *Delivery) { d.SendAt, d.RetryAt = optionalTime(e.ReplyRescheduled.SendAtMs), nil })
		return
	case *deskpb.Event_ReplyRetried:
		t.deliver(e.ReplyRetried.Message, func(d *Delivery) { *d = Delivery{State: "queued", Attempts: d.Attempts, Returns: d.Returns} })
		return
	default:
		activity := activityView(r.Event, t.leads)
		if activity == nil {
			return
		}
		activity.Added, activity.Removed = notNull(activity.Added), notNull(activity.Removed)
		item.Kind, item.Activity = "activity", activity
		t.around(r.Event)
		if e := r.Event.GetParticipantConfirmed(); e != nil {
			t.confirmed(e.Address)
		}
	}
	t.put(item)
}

// put adds an item at the end; one of the past before what came after it.
func (t *timeline) put(item Item) {
	at := len(t.items)
	for item.Imported && at > 0 && t.items[at-1].At > item.At {
		at--
	}
	t.items = slices.Insert(t.items, at, item)
	for message, i := range t.replies {
		if i >= at && message != item.ID {
			t.replies[message] = i + 1
		}
	}
}

func (t *timeline) deliver(message string, change func(*Delivery)) {
	if i, known := t.replies[message]; known {
		change(t.items[i].Delivery)
	}
}

func (i *Item) received(m *deskpb.MessageReceived) {
	i.ID, i.Kind, i.Body = m.Message, "inbound", bodyView(m.Body)
	i.Author = Author{"contact", m.Contact, m.From.GetName()}
	if i.Author.Name == "" {
		i.Author.Name = m.From.GetAddress()
	}
	if m.From != nil {
		from := addressView(m.From)
		i.From = &from
	}
	i.To, i.Cc, i.Subject = each(m.To, addressView), each(m.Cc, addressView), m.Subject
	i.Warnings, i.Threading = append(i.Warnings, m.Warnings...), append(i.Threading, m.Threading...)
	i.Unconfirmed, i.ForForwarded = m.Unconfirmed, m.ForForwarded
	if m.ForwardedFrom != nil {
		from := addressView(m.ForwardedFrom)
		i.ForwardedFrom = &from
	}
	i.Automatic, i.RawBlob, i.ClientID, i.SentAt = m.Automatic, m.RawBlob, m.ClientId, optionalTime(m.SentAtMs)
	i.Sender, i.Handling = senderView(m.Sender), m.GetHandling().GetReason()
}

// sentBefore makes an item of a mail that the team sent by other means than the desk: before it was there, or just now.
func (i *Item) sentBefore(e *deskpb.ReplyImported) {
	i.Kind, i.Imported, i.Delivery = "outbound", e.GetMail().GetPastMs() != 0, &Delivery{State: "delivered"}
	i.Author = Author{"agent", e.Agent, e.AgentName}
	if i.Author.Name == "" {
		i.Author.Name = e.GetMail().GetFrom().GetName()
	}
	if i.Author.Name == "" {
		i.Author.Name = e.GetMail().GetFrom().GetAddress()
	}
}

func (i *Item) replied(m *deskpb.ReplyRequested) {
	i.ID, i.Kind, i.Body = m.Message, "outbound", bodyView(m.Body)
	i.Author = Author{"agent", m.Agent, m.AgentName}
	if i.Automatic = m.Automatic; m.Automatic != "" {
		i.Author = Author{Kind: "desk", Name: m.AgentName} // of a bot
	}
	i.Delivery = &Delivery{State: "queued", SendAt: optionalTime(m.SendAtMs)}
	i.To, i.Cc, i.Bcc, i.Subject = each(m.To, addressView), each(m.Cc, addressView), each(m.Bcc, addressView), m.Subject
}

func activityView(ev desk.Event, leads bool) *Activity {
	reason := reasonFor(leads, desk.ReasonIn(ev))
	switch e := ev.GetKind().(type) {
	case *deskpb.Event_ConversationOpened:
		m := e.ConversationOpened
		opened := &Activity{Code: "opened", Conversation: m.Follows, Number: m.FollowsNumber}
		if m.Source == desk.SourceImport {
			opened.Cause = m.Source
		}
		return opened
	case *deskpb.Event_ConversationAssigned:
		m := e.ConversationAssigned
		return &Activity{Code: "assigned", Text: reason.text(), Agent: m.Agent, AgentName: m.AgentName, Reason: reason}
	case *deskpb.Event_ConversationUnassigned:
		m := e.ConversationUnassigned
		return &Activity{Code: "unassigned", Text: reason.text(), Agent: m.Agent, Reason: reason}
	case *deskpb.Event_AssignmentDeferred:
		return &Activity{Code: "deferred", Text: reason.text(), Waiting: e.AssignmentDeferred.Waiting, Reason: reason}
	case *deskpb.Event_TicketStatusChanged:
		m := e.TicketStatusChanged
		return &Activity{Code: "status", From: statusWord(m.From), To: statusWord(m.To), Cause: m.Cause}
	case *deskpb.Event_TicketPriorityChanged:
		return &Activity{Code: "priority", To: priorityWord(e.TicketPriorityChanged.Priority)}
	case *deskpb.Event_TicketSubjectChanged:
		return &Activity{Code: "subject", To: e.TicketSubjectChanged.Subject}
	}
	return workActivity(ev)
}

func authorView(a *deskpb.Author) Author {
	kind := "desk" // the desk itself, a channel, an operator
	if a.GetKind() == deskpb.Author_KIND_AGENT {
		kind = "agent"
	} else if a.GetKind() == deskpb.Author_KIND_CONTACT {
		kind = "contact"
	}
	return Author{kind, a.GetId(), a.GetName()}
}

func addressView(a *deskpb.Address) Address { return Address{a.GetName(), a.GetAddress()} }

func bodyView(b *deskpb.Body) *Body {
	return &Body{
		Text: b.GetText(), HTML: b.GetHtml(), FreshTextBytes: b.GetFreshTextBytes(),
		Attachments: each(b.GetAttachments(), func(a *deskpb.Attachment) Attachment {
			return Attachment{a.Blob, a.Name, a.MediaType, a.Size, a.Inline, a.ContentId}
		}),
	}
}
