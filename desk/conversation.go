package desk

import (
	"slices"

	"github.com/centralita/centralita/proto/deskpb"
)

// Conversation is the state of a conversation and its ticket. Exported fields because a snapshot is its JSON; it is
// never a contract: ConversationFormat changes when its meaning does.
type Conversation struct {
	Opened  bool
	Channel ChannelID
	Kind    ChannelKind
	Contact ContactID
	// ContactName is as it was when the ticket became theirs.
	ContactName string
	Subject     string
	From        string `json:",omitempty"` // the address it is answered from, "" the channel's
	Thread      string
	Status      deskpb.TicketStatus
	Priority    deskpb.Priority
	Owner       AgentID
	Deferred    string // code of the last non-decision, so that it is not written again
	Messages    map[MessageID]*Message
	Queue       []MessageID     // replies not settled, in the order they were asked for
	Version     uint64          // of the stream: facts so far
	Looked      uint64          `json:",omitempty"` // when something was last set that rules look at
	Replies     uint32          // asked for so far
	Said        []Said          // the last thing each said, for who answers without having read it
	Parties     map[string]bool // mail addresses that take part
	LastFrom    *deskpb.Address // who wrote last
	LastTo      []*deskpb.Address
	LastCc      []*deskpb.Address
	Chain       []string        // thread keys of the messages so far, the first and the latest
	OwnKeys     map[string]bool // thread keys of our replies: whoever answers one of them may join
	// Mails are of each reply the key it bears itself, Returned external ids of what machines said of replies.
	Mails    map[string]MessageID
	Returned []string

	Tags       []string
	Team       TeamID
	Pipeline   string
	Stage      string            // of the pipeline; "" is the default one of the status
	Properties map[string]string // by id
	Snoozed    int64             // until when; 0: it is not
	Due        int64             `json:",omitempty"` // by when an answer is due; 0: by no time
	Followers  []AgentID
	Mentioned  []AgentID // who was called by a note and has not seen it
	Spam       bool
	SpamCause  string

	Purged bool // nothing is left but its files, perhaps

	Merged       ConversationID // into which this one was merged
	MergedNumber uint64
	TakenIn      []ConversationID // which were merged into this one
	Earlier      []ConversationID `json:",omitempty"` // of those, the same visitor's: shown to them before this one
	ReopenedFor  ConversationID   // the merged one it was opened again for, until its status changes
	SplitInto    []ConversationID
	SplitFrom    ConversationID
	MovedKeys    map[string]ConversationID // thread keys of messages that were split off

	PastMs int64 // the time of the latest message of the past
	Live   bool  // something was said since the channel was connected

	Unconfirmed map[string]bool           // addresses that wrote here without taking part
	Links       map[ConversationID]string // others that belong to this one, and why

	SideOf    ConversationID // of a side conversation: the ticket it belongs to
	Sides     map[ConversationID]*Side
	Machine   bool                  `json:",omitempty"` // what came last was written by one
	Widens    bool                  `json:",omitempty"` // a time is planned at which others may take it
	OwnerTold bool                  `json:",omitempty"` // the contact's owner was told that it came
	Letters   map[MessageID]*Letter `json:",omitempty"` // mails to agents about it
	Offer     Offer                 `json:",omitzero"`
	// HeldUntil is when what follows from its messages goes on, 0: it does; HeldMessages came meanwhile.
	HeldUntil    int64  `json:",omitempty"`
	HeldMessages uint32 `json:",omitempty"`
	Bot          *Talk  `json:",omitempty"` // a machine has it
	// After is what is known of a visitor who may have left, nil for nothing.
	After *deskpb.AfterLeaving `json:",omitempty"`
}

// ConversationFormat is the version of Conversation's snapshots.
const ConversationFormat = 12

// maxChain bounds the References of a reply (RFC 5322 3.6.4 lets us drop from the middle).
const maxChain = 20

// Message is what the state remembers of one.
type Message struct {
	Outbound bool
	Delivery deskpb.DeliveryState
	Attempt  uint32
	Digest   uint64    // of what was written under an id its writer made: the same id with other words is no repeat
	Gone     bool      // split off: it is shown in another conversation
	Foreign  bool      // split off another conversation, whose stream has it
	Seq      uint32    // of a reply: its rank among the replies
	Due      int64     // of a reply: the time its agent set, 0 for none
	Over     ChannelID `json:",omitempty"` // over which it goes; "": its conversation's
	Before   *Before
}

// Conversations is the decider of conversation streams.
var Conversations = Decider[*Conversation]{
	Initial: newConversation,
	Decide:  decideConversation,
	Evolve:  evolveConversation,
	RestsOn: restsOn,
}

func newConversation() *Conversation {
	return &Conversation{Messages: map[MessageID]*Message{}, Parties: map[string]bool{}, OwnKeys: map[string]bool{}, Mails: map[string]MessageID{}}
}

func decideConversation(c *Conversation, cmd Command) ([]Event, error) {
	out, err := decideOnIt(c, cmd)
	if err != nil {
		return out, err
	}
	out = c.withoutBot(cmd, out)
	if c.Offer.TakeByMs == 0 {
		return out, nil
	}
	return c.withSign(cmd, out), nil
}

func decideOnIt(c *Conversation, cmd Command) ([]Event, error) {
	if m, ok := cmd.Kind.(*deskpb.Command_ReceiveMessage); ok {
		return receiveMessage(c, cmd, m.ReceiveMessage)
	}
	if m, ok := cmd.Kind.(*deskpb.Command_OpenConversation); ok {
		return openConversation(c, cmd, m.OpenConversation)
	}
	if m, ok := cmd.Kind.(*deskpb.Command_Together); ok && opens(m.Together) {
		return together(c, cmd, m.Together)
	}
	if m, ok := cmd.Kind.(*deskpb.Command_PurgeConversation); ok {
		return purgeConversation(c, m.PurgeConversation)
	}
	if !c.Opened {
		return nil, Refuse(NotFound, "conversation", "there is no such conversation")
	}
	if c.Merged != "" && !whileMerged(cmd) {
		return nil, mergedAlready(c)
	}
	switch m := cmd.Kind.(type) {
	case *deskpb.Command_RequestReply:
		return requestReply(c, cmd, m.RequestReply)
	case *deskpb.Command_AddNote:
		return addNote(c, cmd, m.AddNote)
	case *deskpb.Command_StartDelivery:
		return startDelivery(c, cmd, m.StartDelivery)
	case *deskpb.Command_SettleDelivery:
		return settleDelivery(c, m.SettleDelivery)
	case *deskpb.Command_TakeReturn:
		return takeReturn(c, m.TakeReturn)
	case *deskpb.Command_AssignConversation:
		return assignConversation(c, cmd, m.AssignConversation)
	case *deskpb.Command_UnassignConversation:
		return unassignConversation(c, cmd)
	case *deskpb.Command_DeferAssignment:
		return deferAssignment(c, m.DeferAssignment)
	case *deskpb.Command_WidenAssignment:
		return widenAssignment(c)
	case *deskpb.Command_TakeBack:
		return takeBack(c, cmd, m.TakeBack)
	case *deskpb.Command_TakeOffer:
		return c.takeOffer(cmd.GetBy()), nil
	case *deskpb.Command_TellOwner:
		return tellOwner(c, m.TellOwner.GetTold())
	case *deskpb.Command_SetTicketStatus:
		return setTicketStatus(c, cmd, m.SetTicketStatus)
	case *deskpb.Command_SetTicketPriority:
		return setTicketPriority(c, cmd, m.SetTicketPriority)
	case *deskpb.Command_SetTicketSubject:
		return setTicketSubject(c, cmd, m.SetTicketSubject)
	}
	if out, err, known := decideWaiting(c, cmd); known {
		return out, err
	}
	if out, err, known := decideLeaving(c, cmd); known {
		return out, err
	}
	return decideWork(c, cmd)
}

// decideWork decides on the work on a ticket.
func decideWork(c *Conversation, cmd Command) ([]Event, error) {
	switch m := cmd.Kind.(type) {
	case *deskpb.Command_ChangeTicketTags:
		return changeTicketTags(c, cmd, m.ChangeTicketTags)
	case *deskpb.Command_TransferToTeam:
		return transferToTeam(c, cmd, m.TransferToTeam)
	case *deskpb.Command_SetTicketStage:
		return setTicketStage(c, cmd, m.SetTicketStage)
	case *deskpb.Command_SetTicketProperty:
		return setTicketProperty(c, cmd, m.SetTicketProperty)
	case *deskpb.Command_SnoozeTicket:
		return snoozeTicket(c, cmd, m.SnoozeTicket)
	case *deskpb.Command_WakeTicket:
		return wakeTicket(c, cmd)
	case *deskpb.Command_SetTicketDue:
		return setTicketDue(c, cmd, m.SetTicketDue)
	case *deskpb.Command_FollowTicket:
		return followTicket(c, cmd, m.FollowTicket)
	case *deskpb.Command_UnfollowTicket:
		return unfollowTicket(c, cmd, m.UnfollowTicket)
	case *deskpb.Command_DismissMention:
		return dismissMention(c, cmd)
	case *deskpb.Command_MarkSpam:
		return markSpam(c, cmd, m.MarkSpam)
	case *deskpb.Command_UnmarkSpam:
		return unmarkSpam(c, cmd, m.UnmarkSpam)
	case *deskpb.Command_MergeConversation:
		return mergeConversation(c, cmd, m.MergeConversation)
	case *deskpb.Command_UndoMerge:
		return undoMerge(c, cmd)
	case *deskpb.Command_TakeInConversation:
		return takeIn(c, cmd, m.TakeInConversation)
	case *deskpb.Command_LetGoConversation:
		return letGo(c, cmd, m.LetGoConversation)
	case *deskpb.Command_SplitOffMessages:
		return splitOffMessages(c, cmd, m.SplitOffMessages)
	case *deskpb.Command_ChangeRequester:
		return changeRequester(c, cmd, m.ChangeRequester)
	case *deskpb.Command_ConfirmParticipant:
		return confirmParticipant(c, cmd, m.ConfirmParticipant)
	case *deskpb.Command_LinkConversation:
		return linkConversation(c, m.LinkConversation)
	case *deskpb.Command_IdentifyVisitor:
		return identifyVisitor(c, cmd, m.IdentifyVisitor.GetWho())
	case *deskpb.Command_ReleaseTicket:
		return releaseTicket(c, cmd)
	case *deskpb.Command_TakeBotTurn:
		return takeBotTurn(c, m.TakeBotTurn)
	case *deskpb.Command_TellOfSide:
		return tellOfSide(c, m.TellOfSide)
	}
	return nil, unknownCommand(cmd, KindConversation)
}

func evolveConversation(c *Conversation, ev Event) *Conversation {
	c.Version++
	if RulesLookAt(ev) {
		c.Looked = c.Version
	}
	evolveOffer(c, ev)
	c.After = FoldAfter(c.After, string(c.Channel), c.Kind, 0, ev)
	switch e := ev.GetKind().(type) {
	case *deskpb.Event_ConversationOpened:
		m := e.ConversationOpened
		c.Opened, c.Channel, c.Kind, c.Contact = true, ChannelID(m.Channel), m.ChannelKind, ContactID(m.Contact)
		c.ContactName, c.SideOf = m.ContactName, ConversationID(m.SideOf)
		c.Subject, c.Thread, c.Priority, c.From = m.Subject, m.Thread, m.Priority, m.FromAddress
		c.Status = deskpb.TicketStatus_TICKET_STATUS_NEW
	case *deskpb.Event_MessageReceived:
		evolveReceived(c, e.MessageReceived)
	case *deskpb.Event_ReplyRequested:
		evolveReply(c, e.ReplyRequested)
	case *deskpb.Event_ReplyImported:
		evolveReplyImported(c, e.ReplyImported)
	case *deskpb.Event_NoteAdded:
		c.Messages[MessageID(e.NoteAdded.Message)] = &Message{Digest: digest("note", e.NoteAdded.Body)}
		for _, a := range e.NoteAdded.Mentions {
			c.Mentioned = with(c.Mentioned, AgentID(a))
			c.Followers = with(c.Followers, AgentID(a)) // or who sees it for being called would lose it by looking
		}
	case *deskpb.Event_DeliveryStarted:
		m := c.message(e.DeliveryStarted.Message)
		m.Delivery, m.Attempt, m.Before = deskpb.DeliveryState_DELIVERY_STATE_SENDING, e.DeliveryStarted.Attempt, nil
	case *deskpb.Event_DeliverySettled:
		evolveSettled(c, e.DeliverySettled)
	case *deskpb.Event_ConversationAssigned:
		c.Owner, c.Deferred, c.Widens = AgentID(e.ConversationAssigned.Agent), "", false
	case *deskpb.Event_ConversationUnassigned:
		c.Owner, c.Deferred = "", ""
	case *deskpb.Event_AssignmentWidened:
		c.Deferred, c.Widens = "", false // what is decided next is news
	case *deskpb.Event_AssignmentDeferred:
		c.Deferred = deferral(e.AssignmentDeferred.Reason, e.AssignmentDeferred.Waiting)
		c.Widens = e.AssignmentDeferred.Waiting && e.AssignmentDeferred.Reason.GetWidensAtMs() != 0
	case *deskpb.Event_TicketStatusChanged:
		if c.closed() {
			c.OwnerTold = false // it comes again
		}
		c.Status, c.Stage, c.Deferred, c.ReopenedFor = e.TicketStatusChanged.To, "", "", ""
	case *deskpb.Event_TicketPriorityChanged:
		c.Priority = e.TicketPriorityChanged.Priority
	case *deskpb.Event_TicketSubjectChanged:
		c.Subject = e.TicketSubjectChanged.Subject
	default:
		_ = evolveWaiting(c, ev) || evolveHold(c, ev) || evolveBot(c, ev) || evolveReturned(c, ev) || evolveWork(c, ev) || evolveSpam(c, ev) || evolvePurge(c, ev) || evolveMerge(c, ev) || evolveWho(c, ev) || evolveLetter(c, ev) || evolveSide(c, ev)
	}
	return c
}

// message gives a message's state; a fact about one we never saw (it cannot happen, but Evolve is total) makes it.
func (c *Conversation) message(id string) *Message {
	m := c.Messages[MessageID(id)]
	if m == nil {
		m = &Message{Outbound: true}
		c.Messages[MessageID(id)] = m
	}
	return m
}

func (c *Conversation) closed() bool { return c.Status == deskpb.TicketStatus_TICKET_STATUS_CLOSED }

func (c *Conversation) chain(key string) {
	if key == "" || slices.Contains(c.Chain, key) {
		return
	}
	if len(c.Chain) == maxChain {
		c.Chain = slices.Delete(c.Chain, 1, 2)
	}
	c.Chain = append(c.Chain, key)
}

func events(ms ...Event) []Event { return ms }

func unknownCommand(cmd Command, kind string) error {
	return Refuse(Invalid, "command", "%q is not a command of a %s", deskpb.KindName(cmd), kind)
}
