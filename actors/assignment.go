package actors

import (
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
	"github.com/centralita/centralita/proto/deskpb"
)

// assignment owns the waiting line and the roster, and runs the reservation protocol:
//
//	choose → ReservePlace (the agent's actor grants or declines) → AssignConversation → the feed brings ConversationAssigned →
//	TakePlace; whatever fails on the way gives the promise back, or lets it lapse.
//
// It is level-triggered: each record about a ticket or an agent makes it read that row, which is never older than the
// record, and compare it with what it holds. So a record seen twice, or a restart, changes nothing.
type assignment struct {
	sys      *System
	roster   *desk.Roster // changed through pools
	pools    *desk.Pools
	rules    map[desk.ChannelID]*deskpb.RoutingRule
	ruled    map[desk.ChannelID]uint64       // the version of each rule
	kept     map[ruleKey]*deskpb.RoutingRule // rules made of others, so that each has one address
	line     *desk.Line
	holders  map[desk.ConversationID]held // who holds a place for an open ticket
	weighing *desk.Weighing
	trying   map[desk.ConversationID]*trial
	heldMs   map[desk.ConversationID]int64 // since when its holder has it, of those given since the start
	told     map[desk.ConversationID]int64 // for which the contact's owner was told, and of which coming
	// failures count owners looked for in vain, one after the other.
	failures map[desk.ConversationID]int
	due      []desk.AgentID // who may take work that they could not take when the line was last looked through
	dueAll   bool           // who, nobody knows
	compiled map[desk.ChannelID]compiled
	texts    *persistence.Recent[desk.ConversationID, string]
	// planned is for when each agent who is away is to be woken, and recalling which tickets are being taken back.
	planned    map[desk.AgentID]int64
	recalling  map[desk.ConversationID]bool
	reconsider bool // a channel's policy of owners is another
	gates      gates
	lost       bool // it panicked, and has not started over yet
}

// trial is one ticket for which an owner is being found.
type trial struct {
	ticket   desk.Ticket
	choice   desk.Choice
	declined map[desk.AgentID]string
	round    int32  // of offers
	id       string // of the reservation
	until    int64
	by       looked // what the choice was made by
}

type (
	startOver struct{}
	lookAgain struct{}
	reserved  struct {
		t   *trial
		err error
	}
	assigned struct {
		t   *trial
		err error
	}
)

// newAssignment reads the state of the line, the roster and the places from the index, before anything runs.
func newAssignment(s *System) (*assignment, error) {
	a := &assignment{
		sys: s, rules: map[desk.ChannelID]*deskpb.RoutingRule{}, ruled: map[desk.ChannelID]uint64{}, kept: map[ruleKey]*deskpb.RoutingRule{}, line: desk.NewLine(), holders: map[desk.ConversationID]held{},
		trying: map[desk.ConversationID]*trial{}, heldMs: map[desk.ConversationID]int64{}, told: map[desk.ConversationID]int64{}, failures: map[desk.ConversationID]int{},
		planned: map[desk.AgentID]int64{}, recalling: map[desk.ConversationID]bool{},
		compiled: map[desk.ChannelID]compiled{}, texts: persistence.NewRecent[desk.ConversationID, string](textsKept),
		roster: &desk.Roster{Agents: map[desk.AgentID]desk.Agent{}, Teams: map[desk.TeamID]desk.Team{}, Promised: map[desk.AgentID]desk.ByGroup{}},
	}
	a.pools, a.gates = desk.NewPools(a.roster), gates{of: map[desk.ChannelID]*gate{}, resting: map[desk.ConversationID]bool{}}
	agents, err := s.index.Agents()
	if err != nil {
		return nil, err
	}
	for _, r := range agents {
		a.roster.Agents[desk.AgentID(r.Agent)] = r
		if due := r.GetAbsence().GetDueMs(); due != 0 {
			a.planned[desk.AgentID(r.Agent)] = due
		}
	}
	teams, err := s.index.Teams()
	if err != nil {
		return nil, err
	}
	for _, t := range teams {
		a.roster.Teams[desk.TeamID(t.Team)] = t
	}
	chs, err := s.index.Channels()
	if err != nil {
		return nil, err
	}
	for _, c := range chs {
		a.rules[desk.ChannelID(c.Channel)], a.ruled[desk.ChannelID(c.Channel)] = c.Routing, c.RoutingVersion
		a.readGate(c)
	}
	if a.weighing, err = s.readWeighing(); err != nil {
		return nil, err
	}
	var waiting []desk.Ticket
	for t, err := range s.index.Line() {
		if err != nil {
			return nil, err
		}
		waiting = append(waiting, t)
	}
	for _, t := range waiting { // their class is read from the index, too
		a.line.Put(t, a.class(t))
		if t.Reason != nil { // somebody was looked for in vain
			a.line.Waits(desk.ConversationID(t.Conversation), nowMs())
		}
	}
	return a, nil
}

// wants says which records concern the line, the roster or the places.
func (a *assignment) wants(r desk.Record) bool {
	switch e := r.Event.GetKind().(type) {
	case *deskpb.Event_ConversationOpened:
		return desk.Routes(e.ConversationOpened.Routing) // else nobody is ever chosen, and its first entry says so
	case *deskpb.Event_ConversationAssigned, *deskpb.Event_ConversationUnassigned,
		*deskpb.Event_AssignmentDeferred, *deskpb.Event_AssignmentWidened, *deskpb.Event_TicketStatusChanged, *deskpb.Event_TicketPriorityChanged,
		*deskpb.Event_TicketTeamChanged, *deskpb.Event_TicketSnoozed, *deskpb.Event_TicketWoken, *deskpb.Event_TicketHeld, *deskpb.Event_TicketMarkedSpam,
		*deskpb.Event_TicketUnmarkedSpam, *deskpb.Event_ConversationMerged, *deskpb.Event_MergeUndone,
		*deskpb.Event_TicketTagsChanged, *deskpb.Event_TicketPropertySet, *deskpb.Event_TicketStageChanged, *deskpb.Event_TicketSubjectChanged, // rules look at them
		*deskpb.Event_TicketDueChanged, *deskpb.Event_RequesterChanged,
		*deskpb.Event_AgentAdded, *deskpb.Event_AgentChanged, *deskpb.Event_AvailabilityChanged, *deskpb.Event_PresenceChanged, *deskpb.Event_PlaceTaken, *deskpb.Event_PlaceFreed, *deskpb.Event_PlaceWeighed,
		*deskpb.Event_TeamAdded, *deskpb.Event_TeamChanged, *deskpb.Event_TeamRemoved, *deskpb.Event_ChannelConnected, *deskpb.Event_ChannelChanged,
		*deskpb.Event_ContactOwnerChanged, *deskpb.Event_ContactPropertySet, *deskpb.Event_OfferEnded, *deskpb.Event_OffersMissed, *deskpb.Event_BotEnded:
		return true
	}
	return weighing(r)
}

func (a *assignment) Receive(c actor.Context) {
	defer func() {
		if r := recover(); r != nil { // a defect, and what the message was to do may be half done: start over from the index
			a.lost = true
			c.Send(c.Self(), &startOver{})
			panic(r)
		}
	}()
	if _, is := c.Message().(*startOver); is {
		a.startOver(c.Self())
		return
	}
	if a.lost {
		return // the index, from which it will start over, knows of this
	}
	switch m := c.Message().(type) {
	case *actor.Started:
		a.begin(c.Self())
	case *happened:
		a.happened(c.Self(), m.record)
		a.sys.inLine.Store(int64(a.line.Len()))
	case *reserved:
		a.reserved(c.Self(), m)
	case *assigned:
		a.assigned(c.Self(), m)
	case *recalled:
		a.recalled(c.Self(), m)
	case *recallAgain:
		a.lookBack(c.Self(), m.conv, "")
	case *absenceDue:
		a.planned[m.agent] = 0 // whatever was planned is over, and is to be said so
		a.absent(c.Self(), m.agent)
	case *explain:
		a.explain(m)
	case *wherePlaces:
		m.reply <- a.line.Places(a.pools, nowMs())
	case *lookAgain:
		a.retry()
	case *openUp:
		a.openUp(c.Self())
	}
	a.drainDue(c.Self())
}

func (a *assignment) begin(self *actor.PID) {
	a.reconcile(self)
	a.sys.inLine.Store(int64(a.line.Len()))
	a.drain(self, a.line.All())
}

// startOver reads everything anew, or tries again when that is not possible now.
func (a *assignment) startOver(self *actor.PID) {
	fresh, err := newAssignment(a.sys)
	if err != nil {
		a.sys.log.Error("the assignment could not start over", "err", err)
		a.inASecond(self, &startOver{})
		return
	}
	fresh.line.Remember(a.line)
	*a = *fresh
	a.begin(self)
}

// inASecond sends a message to itself, unless the desk stops meanwhile: then nobody is there to get it.
func (a *assignment) inASecond(self *actor.PID, m any) {
	sys := a.sys
	time.AfterFunc(time.Second, func() {
		if !sys.stopping.Load() {
			sys.root.Send(self, m)
		}
	})
}

// reconcile tells every agent's actor which open tickets it owns: places taken or freed while nobody listened are put right,
// and promises of the former life are withdrawn.
func (a *assignment) reconcile(self *actor.PID) {
	for id, row := range a.roster.Agents {
		rows, err := a.ownedRows(id)
		if err != nil {
			a.sys.log.Error("read an agent's tickets", "agent", string(id), "err", err)
			continue
		}
		var owned []*deskpb.OwnedTicket
		for _, t := range rows {
			one := a.ownedTicket(t)
			a.holders[desk.ConversationID(t.Conversation)] = held{id, desk.SizeOf(one.Size)}
			owned = append(owned, one)
		}
		if len(owned) > 0 || row.LastAssignedAtMs > 0 { // who has places may have a load of none
			a.sys.ask(id.Stream(), deskpb.NewCommand(&deskpb.ReconcilePlaces{Tickets: owned}), a.logged("reconcile places"))
		}
		a.absent(self, id)
	}
}

func (a *assignment) ownedRows(id desk.AgentID) (out []desk.Ticket, err error) {
	q := desk.TicketQuery{View: desk.ViewOwned, Owner: id, Limit: 200}
	for {
		page, err := a.sys.index.Tickets(q)
		if err != nil {
			return nil, err
		}
		out = append(out, page.Tickets...)
		if q.Cursor = page.Next; q.Cursor == "" {
			return out, nil
		}
	}
}

func (a *assignment) happened(self *actor.PID, r desk.Record) {
	switch stream := desk.StreamID(r.Stream); stream.Kind() {
	case desk.KindConversation:
		a.offered(r)
		if conv := desk.ConversationID(stream.ID()); !a.knewThat(conv, r) {
			a.ticket(self, conv)
		}
	case desk.KindAgent:
		if id := desk.AgentID(stream.ID()); a.refresh(id) {
			a.drain(self, a.line.For(a.pools, id))
		}
		a.goneOrBack(self, desk.AgentID(stream.ID()), r)
	case desk.KindTeam, desk.KindChannel:
		a.reread(stream)
		a.drain(self, a.line.All())
	case desk.KindSetting:
		a.reweigh()
		a.hoursChanged(r)
	case desk.KindContact:
		a.contactChanged(self, desk.ContactID(stream.ID()))
	}
}

// knewThat spares the row of a ticket that will not be assigned and that nothing is held for: most of a channel's without
// routing.
func (a *assignment) knewThat(conv desk.ConversationID, r desk.Record) bool {
	switch r.Event.GetKind().(type) {
	case *deskpb.Event_TicketStageChanged:
		if a.holders[conv].by != "" {
			return false // it may count something else there
		}
		return !a.line.Has(conv)
	case *deskpb.Event_TicketTagsChanged, *deskpb.Event_TicketPropertySet, *deskpb.Event_TicketSubjectChanged, *deskpb.Event_TicketDueChanged:
		return !a.line.Has(conv) // it may be for another rule now; one that is not in line is for none
	}
	e, deferred := r.Event.GetKind().(*deskpb.Event_AssignmentDeferred)
	return deferred && !e.AssignmentDeferred.Waiting && !a.line.Has(conv) && a.trying[conv] == nil && a.holders[conv].by == ""
}

// refresh reads an agent's row; it reports whether he may now take work that he could not take before.
func (a *assignment) refresh(id desk.AgentID) bool {
	row, err := a.sys.index.Agent(id)
	if err != nil || row == nil {
		a.sys.log.Error("read an agent", "agent", string(id), "err", err)
		return false
	}
	before := a.roster.Agents[id]
	a.pools.SetAgent(row)
	return freer(before, row)
}

// given is what an agent's places count that are given away, as far as is known here.
func (a *assignment) given(id desk.AgentID) int32 {
	return a.roster.Agents[id].GetLoad() + a.roster.Promised[id].Total()
}

// refreshed is refresh where the feed has not brought the news yet. When it does there is no difference any more, and nobody else
// would look through the line.
func (a *assignment) refreshed(id desk.AgentID) {
	if a.refresh(id) {
		a.due = append(a.due, id)
	}
}

// ticket brings places and line into line with a ticket's row.
func (a *assignment) ticket(self *actor.PID, conv desk.ConversationID) {
	t, err := a.sys.index.Ticket(conv)
	if err != nil || t == nil {
		a.sys.log.Error("read a ticket", "conversation", string(conv), "err", err)
		return
	}
	a.places(conv, t)
	if t.InLine {
		a.line.Put(t, a.class(t))
		if !a.drain(self, a.line.Of(conv))[conv] && a.trying[conv] == nil {
			a.try(self, t) // others stand before it and wait for the same people: at least it says why
		}
		return
	}
	a.line.Leave(conv, nowMs(), t.Owner != "")
	delete(a.told, conv)
	if !a.recalling[conv] {
		delete(a.failures, conv)
	}
	a.plan(self, desk.AgentID(t.Owner), a.mind(self, t))
	if t.Owner == "" && desk.Active(t) && t.Reason == nil {
		a.leave(t) // nobody's by rule: say so once
	}
}

func (a *assignment) leave(t desk.Ticket) {
	choice := desk.Choose(desk.Question{Rule: t.Routing}, a.roster)
	a.sys.ask(desk.ConversationID(t.Conversation).Stream(), deskpb.NewCommand(&deskpb.DeferAssignment{Reason: choice.Reason}), a.logged("store a reason"))
}

// places: the owner of a ticket that is somebody's work now holds a place, nobody else does.
func (a *assignment) places(conv desk.ConversationID, t desk.Ticket) {
	holder := desk.AgentID(t.Owner)
	if !desk.Active(t) {
		holder = ""
	}
	size := a.weighing.Counts(t)
	before := a.holders[conv].by
	if before == holder {
		if holder != "" && a.holders[conv].size != size {
			a.weigh(holder, []*deskpb.OwnedTicket{a.ownedTicket(t)})
			if was := a.holders[conv].size; (was.Weight > 0) != (size.Weight > 0) { // what waits for the contact may count nothing
				a.worked(conv, t, size.Weight > 0)
			}
			a.holders[conv] = held{holder, size}
		}
		return
	}
	if before != "" {
		cause := "reassigned"
		if t.Status == deskpb.TicketStatus_TICKET_STATUS_CLOSED {
			cause = "closed"
		} else if !desk.Active(t) {
			cause = "laid_aside"
		} else if holder == "" {
			cause = "unassigned"
		}
		a.sys.ask(before.Stream(), deskpb.NewCommand(&deskpb.FreePlace{Conversation: string(conv), Cause: cause, ConversationVersion: t.Version}), a.logged("free a place"))
		delete(a.holders, conv)
		a.worked(conv, t, false)
	}
	if holder != "" {
		a.sys.ask(holder.Stream(), deskpb.NewCommand(&deskpb.TakePlace{Conversation: string(conv), ConversationVersion: t.Version, Size: size.Proto()}), a.logged("take a place"))
		a.holders[conv], a.heldMs[conv] = held{holder, size}, nowMs()
	}
}

// worked: a ticket stopped being its holder's work, or is so again. What was done tells how long work takes; what was taken back, not taken or
// passed on does not.
func (a *assignment) worked(conv desk.ConversationID, t desk.Ticket, again bool) {
	if since := a.heldMs[conv]; since > 0 && !again && desk.WorkDone(t) {
		a.line.Held(a.class(t).Served(), nowMs()-since, nowMs())
	}
	if delete(a.heldMs, conv); again {
		a.heldMs[conv] = nowMs()
	}
}

func (a *assignment) logged(what string) func(desk.Done, error) {
	return func(_ desk.Done, err error) {
		if err != nil && !a.sys.stopping.Load() && desk.CodeOf(err) != desk.NotFound { // an author who is no agent has no places
			a.sys.log.Error("a command of the assignment failed", "to", what, "err", err)
		}
	}
}

func nowMs() int64 { return time.Now().UnixMilli() }
