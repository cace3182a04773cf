package journaltest

import (
	"cmp"
	"fmt"
	"slices"

	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
	"github.com/centralita/centralita/proto/deskpb"
)

// model is the dumb recomputation of the index's answers from the whole journal.
type model struct {
	records  []desk.Record
	tickets  map[string]*deskpb.TicketSummary
	contacts map[string]*deskpb.ContactSummary
	agents   map[string]*deskpb.AgentSummary
	channels map[string]*deskpb.ChannelSummary
	teams    map[string]*deskpb.TeamSummary
	settings map[string]*deskpb.SettingSummary
	drafts   map[string]*deskpb.DraftSummary // by stream
	threads  map[[2]string]string            // channel, key
	external map[[2]string][2]string         // channel, external id → conversation, message
	identity map[string]string
	outbox   map[[2]string]*deskpb.OutboxItem  // conversation, message
	answered map[string][]persistence.Answered // by address, the oldest first
	sessions map[string]*deskpb.SessionSummary
	due      map[desk.Due]int64 // without its time → its time

	purged      map[string]persistence.Purged          // whose files may be there still
	comings     map[string][]*deskpb.AvailabilityEntry // by agent, the newest first
	preferences map[string]*deskpb.AgentPreferences
	twoFactor   map[string]*deskpb.TwoFactorSecret
	notices     map[string][]*deskpb.Notification // by agent, the newest first
	marks       map[string]*deskpb.NotificationMarks

	held     map[[2]string]*deskpb.QuarantinedItem
	heldAt   map[[2]string]uint64
	password map[string]string
	email    map[string]string
	secrets  map[string]string
	cursor   map[string]string
	address  map[string]string // → channel
}

func recompute(records []desk.Record) *model {
	m := &model{
		records: records,
		tickets: map[string]*deskpb.TicketSummary{}, contacts: map[string]*deskpb.ContactSummary{}, agents: map[string]*deskpb.AgentSummary{},
		channels: map[string]*deskpb.ChannelSummary{}, teams: map[string]*deskpb.TeamSummary{}, settings: map[string]*deskpb.SettingSummary{}, drafts: map[string]*deskpb.DraftSummary{},
		threads: map[[2]string]string{}, external: map[[2]string][2]string{}, identity: map[string]string{},
		outbox: map[[2]string]*deskpb.OutboxItem{}, answered: map[string][]persistence.Answered{}, sessions: map[string]*deskpb.SessionSummary{}, due: map[desk.Due]int64{},
		comings: map[string][]*deskpb.AvailabilityEntry{}, purged: map[string]persistence.Purged{},
		preferences: map[string]*deskpb.AgentPreferences{}, twoFactor: map[string]*deskpb.TwoFactorSecret{},
		notices: map[string][]*deskpb.Notification{}, marks: map[string]*deskpb.NotificationMarks{},
		held: map[[2]string]*deskpb.QuarantinedItem{}, heldAt: map[[2]string]uint64{},
		password: map[string]string{}, email: map[string]string{}, secrets: map[string]string{}, cursor: map[string]string{}, address: map[string]string{},
	}
	for _, r := range records {
		m.fold(r)
	}
	return m
}

func (m *model) fold(r desk.Record) {
	id := desk.StreamID(r.Stream).ID()
	switch desk.StreamID(r.Stream).Kind() {
	case desk.KindConversation:
		m.conversation(id, r)
	case desk.KindContact:
		m.contacts[id] = desk.ProjectContact(m.contacts[id], r)
		for _, i := range []*deskpb.Identity{r.Event.GetContactCreated().GetIdentity(), r.Event.GetContactIdentityAdded().GetIdentity()} {
			if i != nil {
				first(m.identity, identityName(i), id)
			}
		}
	case desk.KindAgent:
		m.agent(id, r)
	case desk.KindChannel:
		m.channel(id, r)
	case desk.KindTeam:
		m.teams[id] = desk.ProjectTeam(m.teams[id], r)
	case desk.KindDraft:
		if m.drafts[id] = desk.ProjectDraft(m.drafts[id], r); m.drafts[id] == nil {
			delete(m.drafts, id)
		}
	case desk.KindSetting:
		m.settings[id] = desk.ProjectSetting(m.settings[id], r)
	}
}

func identityName(i *deskpb.Identity) string { return fmt.Sprintf("%d %s", i.Kind, i.Value) }

func first[K comparable, V any](m map[K]V, k K, v V) {
	if _, ok := m[k]; !ok {
		m[k] = v
	}
}

func (m *model) conversation(id string, r desk.Record) {
	number, owner := m.tickets[id].GetNumber(), m.tickets[id].GetOwner()
	m.tickets[id] = desk.ProjectTicket(m.tickets[id], r)
	m.leaving(r.Stream, m.tickets[id].GetAfter())
	m.told(desk.NoticeOfTicket(m.tickets[id], owner, r))
	if m.tickets[id].Number = number; m.tickets[id].Purged {
		m.tickets[id].Number = 0
	}
	switch e := r.Event.GetKind().(type) {
	case *deskpb.Event_ConversationOpened:
		m.tickets[id].Number = m.opened(r)
		if e.ConversationOpened.Thread != "" {
			first(m.threads, [2]string{e.ConversationOpened.Channel, "thread:" + e.ConversationOpened.Thread}, id)
		}
	case *deskpb.Event_VisitorIdentified:
		m.threads[[2]string{m.tickets[id].GetChannel(), "thread:" + e.VisitorIdentified.Thread}] = id
	case *deskpb.Event_MessageReceived:
		x := e.MessageReceived
		m.external[[2]string{x.Channel, x.ExternalId}] = [2]string{id, x.Message}
		for _, k := range x.ThreadKeys {
			first(m.threads, [2]string{x.Channel, k}, id)
		}
	case *deskpb.Event_ReplyImported:
		x := e.ReplyImported.GetMail()
		m.external[[2]string{x.GetChannel(), x.GetExternalId()}] = [2]string{id, x.GetMessage()}
		for _, k := range x.GetThreadKeys() {
			first(m.threads, [2]string{x.Channel, k}, id)
		}
	case *deskpb.Event_ReplyRequested:
		x := e.ReplyRequested
		for _, k := range x.ThreadKeys {
			first(m.threads, [2]string{x.Channel, k}, id)
		}
		if x.Automatic != "" {
			for _, to := range x.To {
				m.answered[to.Address] = append(m.answered[to.Address], persistence.Answered{AtMs: r.AtMs, Conversation: desk.ConversationID(id)})
			}
		}
		m.outbox[[2]string{id, x.Message}] = &deskpb.OutboxItem{
			Conversation: id, Message: x.Message, Channel: x.Channel, State: deskpb.DeliveryState_DELIVERY_STATE_QUEUED,
			DueMs: max(r.AtMs, x.SendAtMs), Position: r.Position, RequestedAtMs: r.AtMs, SendAtMs: x.SendAtMs,
		}
	case *deskpb.Event_OwnerTold:
		if x := e.OwnerTold; x.Channel != "" {
			m.outbox[[2]string{id, x.Letter}] = &deskpb.OutboxItem{
				Conversation: id, Message: x.Letter, Channel: x.Channel, State: deskpb.DeliveryState_DELIVERY_STATE_QUEUED,
				DueMs: r.AtMs, Position: r.Position, RequestedAtMs: r.AtMs,
			}
		}
	case *deskpb.Event_LetterStarted:
		if o := m.outbox[[2]string{id, e.LetterStarted.Letter}]; o != nil {
			o.State, o.Attempts = deskpb.DeliveryState_DELIVERY_STATE_SENDING, e.LetterStarted.Attempt
		}
	case *deskpb.Event_LetterSettled:
		x := e.LetterSettled
		m.settled(id, &deskpb.DeliverySettled{Message: x.Letter, Attempt: x.Attempt, State: x.State, RetryAtMs: x.RetryAtMs})
	case *deskpb.Event_DeliveryStarted:
		if o := m.outbox[[2]string{id, e.DeliveryStarted.Message}]; o != nil {
			o.State, o.Attempts = deskpb.DeliveryState_DELIVERY_STATE_SENDING, e.DeliveryStarted.Attempt
		}
	case *deskpb.Event_DeliverySettled:
		m.settled(id, e.DeliverySettled)
	case *deskpb.Event_ReplyCanceled, *deskpb.Event_ReplyRescheduled, *deskpb.Event_ReplyRetried:
		m.waiting(id, r.Event)
	default:
		m.plan(id, r)
	}
}

// leaving is what is due of a visitor who may have left.
func (m *model) leaving(stream string, a *deskpb.AfterLeaving) {
	for name, at := range map[string]int64{"unread": desk.UnreadDue(a), "ended": a.GetEndAtMs()} {
		d := desk.Due{Stream: desk.StreamID(stream), Name: name}
		if delete(m.due, d); at != 0 {
			m.due[d] = at
		}
	}
}

// waiting is what agents decide of replies.
func (m *model) waiting(id string, ev desk.Event) {
	if e := ev.GetReplyCanceled(); e != nil {
		if o := m.outbox[[2]string{id, e.Message}]; o != nil && unsettled(o) {
			o.State = deskpb.DeliveryState_DELIVERY_STATE_CANCELED
			over(o)
		}
	}
	if e := ev.GetReplyRescheduled(); e != nil {
		if o := m.outbox[[2]string{id, e.Message}]; o != nil && unsettled(o) {
			o.DueMs, o.SendAtMs = e.SendAtMs, e.SendAtMs
		}
	}
	if e := ev.GetReplyRetried(); e != nil {
		if o := m.outbox[[2]string{id, e.Message}]; o != nil {
			o.State, o.Attempts = deskpb.DeliveryState_DELIVERY_STATE_QUEUED, e.Attempts
			o.DueMs, o.SendAtMs = e.SendAtMs, e.SendAtMs
		}
	}
}

// over: a row made anew starts anew.
func over(o *deskpb.OutboxItem) { o.Attempts, o.DueMs, o.SendAtMs = 0, o.RequestedAtMs, 0 }

// plan is what conversations are woken for.
func (m *model) plan(id string, r desk.Record) {
	self := desk.StreamID(r.Stream)
	due := func(stream desk.StreamID, name, ref string) desk.Due {
		return desk.Due{Stream: stream, Name: name, Ref: ref}
	}
	other := func(conv string) desk.StreamID { return desk.ConversationID(conv).Stream() }
	switch e := r.Event.GetKind().(type) {
	case *deskpb.Event_TicketSnoozed:
		delete(m.due, due(self, "snooze", ""))
		if e.TicketSnoozed.UntilMs < desk.UntilContactWrites {
			m.due[due(self, "snooze", "")] = e.TicketSnoozed.UntilMs
		}
	case *deskpb.Event_AssignmentDeferred:
		delete(m.due, due(self, "widen", ""))
		if at := e.AssignmentDeferred.Reason.GetWidensAtMs(); at != 0 && e.AssignmentDeferred.Waiting {
			m.due[due(self, "widen", "")] = at
		}
	case *deskpb.Event_AssignmentWidened, *deskpb.Event_ConversationAssigned:
		delete(m.due, due(self, "widen", ""))
	case *deskpb.Event_TicketWoken:
		delete(m.due, due(self, "snooze", ""))
	case *deskpb.Event_ConversationPurged:
		delete(m.due, due(self, "snooze", ""))
		m.purged[id] = persistence.Purged{Conversation: desk.ConversationID(id), Version: r.Version, Position: desk.Position(r.Position)}
	case *deskpb.Event_PurgedFilesRemoved:
		delete(m.purged, id)
	case *deskpb.Event_ConversationMerged:
		delete(m.due, due(other(e.ConversationMerged.Into), "let_go", id))
		m.due[due(other(e.ConversationMerged.Into), "take_in", id)] = r.AtMs + 2000
	case *deskpb.Event_MergeUndone:
		delete(m.due, due(other(e.MergeUndone.From), "take_in", id))
		m.due[due(other(e.MergeUndone.From), "let_go", id)] = r.AtMs + 2000
	case *deskpb.Event_ConversationTookIn:
		delete(m.due, due(self, "take_in", e.ConversationTookIn.Conversation))
	case *deskpb.Event_ConversationLetGo:
		delete(m.due, due(self, "let_go", e.ConversationLetGo.Conversation))
	case *deskpb.Event_MessagesSplitOff:
		m.due[due(other(e.MessagesSplitOff.Into), "split", id)] = r.AtMs + 2000
	case *deskpb.Event_ConversationSplitFrom:
		delete(m.due, due(self, "split", e.ConversationSplitFrom.Conversation))
	}
}

// settled keeps settled replies too: a state that is over is left out when the outbox is asked for.
func (m *model) settled(id string, e *deskpb.DeliverySettled) {
	o := m.outbox[[2]string{id, e.Message}]
	if o == nil {
		return
	}
	if e.ExternalId != "" {
		m.external[[2]string{o.Channel, e.ExternalId}] = [2]string{id, e.Message}
	}
	switch e.State {
	case deskpb.DeliveryState_DELIVERY_STATE_UNSPECIFIED, deskpb.DeliveryState_DELIVERY_STATE_SENDING:
		return
	case deskpb.DeliveryState_DELIVERY_STATE_QUEUED:
		o.DueMs = e.RetryAtMs
	}
	o.State, o.Attempts = e.State, max(o.Attempts, e.Attempt)
	if !unsettled(o) {
		over(o)
	}
}

func unsettled(o *deskpb.OutboxItem) bool {
	switch o.State {
	case deskpb.DeliveryState_DELIVERY_STATE_QUEUED, deskpb.DeliveryState_DELIVERY_STATE_SENDING, deskpb.DeliveryState_DELIVERY_STATE_UNKNOWN:
		return true
	}
	return false
}

// opened counts the conversations that were opened up to a record; what was purged may be opened again.
func (m *model) opened(until desk.Record) (n uint64) {
	for _, r := range m.records {
		if r.Event.GetConversationOpened() != nil && r.Position <= until.Position {
			n++
		}
	}
	return n
}

func (m *model) agent(id string, r desk.Record) {
	m.agents[id] = desk.ProjectAgent(m.agents[id], r)
	m.told(desk.NoticeOfAgent(id, r))
	endAll := func(which func(hash string, s *deskpb.SessionSummary) bool) {
		for hash, s := range m.sessions {
			if s.Agent == id && which(hash, s) {
				delete(m.sessions, hash)
			}
		}
	}
	all := func(string, *deskpb.SessionSummary) bool { return true }
	switch e := r.Event.GetKind().(type) {
	case *deskpb.Event_AgentAdded:
		first(m.email, e.AgentAdded.Email, id)
	case *deskpb.Event_AgentChanged:
		if e.AgentChanged.Deactivated {
			endAll(all)
		}
	case *deskpb.Event_AgentPasswordSet:
		m.password[id] = e.AgentPasswordSet.Hash
		endAll(all)
	case *deskpb.Event_SessionOpened:
		endAll(func(_ string, s *deskpb.SessionSummary) bool { return s.ExpiresAtMs <= r.AtMs })
		m.sessions[e.SessionOpened.Session] = &deskpb.SessionSummary{
			Session: e.SessionOpened.Session, Agent: id, OpenedAtMs: r.AtMs, SeenAtMs: r.AtMs, ExpiresAtMs: e.SessionOpened.ExpiresAtMs,
		}
	case *deskpb.Event_SessionClosed:
		delete(m.sessions, e.SessionClosed.Session)
	case *deskpb.Event_SessionSeen:
		if s := m.sessions[e.SessionSeen.Session]; s != nil {
			s.SeenAtMs = e.SessionSeen.AtMs
		}
	case *deskpb.Event_AvailabilityChanged:
		m.comings[id] = append([]*deskpb.AvailabilityEntry{{AtMs: r.AtMs, Available: e.AvailabilityChanged.Available, By: e.AvailabilityChanged.By}}, m.comings[id]...)
	case *deskpb.Event_AvailabilityPlanned:
		due := desk.Due{Stream: desk.StreamID(r.Stream), Name: "availability"}
		if delete(m.due, due); len(e.AvailabilityPlanned.Edges) > 0 {
			m.due[due] = e.AvailabilityPlanned.Edges[0].AtMs
		}
	case *deskpb.Event_AgentPreferencesSet:
		m.preferences[id] = e.AgentPreferencesSet.Preferences
	case *deskpb.Event_TwoFactorSet:
		m.twoFactor[id] = &deskpb.TwoFactorSecret{
			SealedSecret: e.TwoFactorSet.SealedSecret, RecoveryLeft: int32(len(e.TwoFactorSet.RecoveryHashes)), SinceMs: r.AtMs,
		}
	case *deskpb.Event_RecoveryCodesReplaced:
		if f := m.twoFactor[id]; f != nil {
			f.RecoveryLeft = int32(len(e.RecoveryCodesReplaced.RecoveryHashes))
		}
	case *deskpb.Event_NotificationsSeen:
		m.marks[id] = desk.ProjectSeen(m.marks[id], e.NotificationsSeen)
	case *deskpb.Event_TwoFactorCleared:
		delete(m.twoFactor, id)
	case *deskpb.Event_SecondFactorUsed:
		if f := m.twoFactor[id]; f != nil && e.SecondFactorUsed.RecoveryHash != "" {
			f.RecoveryLeft--
		}
	case *deskpb.Event_PlaceReserved:
		m.due[desk.Due{Stream: desk.StreamID(r.Stream), Name: "reservation", Ref: e.PlaceReserved.Conversation}] = e.PlaceReserved.UntilMs
	case *deskpb.Event_PlaceTaken:
		delete(m.due, desk.Due{Stream: desk.StreamID(r.Stream), Name: "reservation", Ref: e.PlaceTaken.Conversation})
	case *deskpb.Event_PlaceFreed:
		delete(m.due, desk.Due{Stream: desk.StreamID(r.Stream), Name: "reservation", Ref: e.PlaceFreed.Conversation})
	}
}

func (m *model) channel(id string, r desk.Record) {
	old := m.channels[id].GetAddress()
	m.channels[id] = desk.ProjectChannel(m.channels[id], r)
	m.told(desk.NoticeOfChannel(m.channels[id], r))
	if now := m.channels[id].Address; now != old {
		if m.address[old] == id {
			delete(m.address, old)
		}
		first(m.address, now, id)
	}
	switch e := r.Event.GetKind().(type) {
	case *deskpb.Event_ChannelConnected:
		m.secrets[id] = string(e.ChannelConnected.SealedSecrets)
	case *deskpb.Event_ChannelChanged:
		if s := e.ChannelChanged.SealedSecrets; len(s) > 0 {
			m.secrets[id] = string(s)
		}
	case *deskpb.Event_ChannelCursorMoved:
		m.cursor[id] = e.ChannelCursorMoved.Cursor
	case *deskpb.Event_ItemQuarantined:
		k := [2]string{id, e.ItemQuarantined.Item}
		m.held[k] = &deskpb.QuarantinedItem{Channel: id, Item: k[1], Cause: e.ItemQuarantined.Cause, AtMs: r.AtMs}
		m.heldAt[k] = r.Position
	case *deskpb.Event_ItemReleased:
		delete(m.held, [2]string{id, e.ItemReleased.Item})
	}
}

// view gives a list of tickets, newest activity first.
func (m *model) view(v desk.View, owner string) []desk.Ticket {
	var all []desk.Ticket
	for _, t := range m.tickets {
		if slices.Contains(desk.ViewsOf(t), v) && (v != desk.ViewOwned || t.Owner == owner) {
			all = append(all, t)
		}
	}
	slices.SortFunc(all, func(a, b desk.Ticket) int {
		return cmp.Or(cmp.Compare(b.UpdatedAtMs, a.UpdatedAtMs), cmp.Compare(a.Conversation, b.Conversation))
	})
	return all
}

func (m *model) line() []desk.Ticket {
	var all []desk.Ticket
	for _, t := range m.tickets {
		if t.InLine {
			all = append(all, t)
		}
	}
	slices.SortFunc(all, func(a, b desk.Ticket) int {
		due := func(t desk.Ticket) uint64 { return uint64(t.DueMs) - 1 } // by no time: last
		return cmp.Or(cmp.Compare(b.Priority, a.Priority), cmp.Compare(due(a), due(b)), cmp.Compare(a.InLineSinceMs, b.InLineSinceMs), cmp.Compare(a.Number, b.Number))
	})
	return all
}

// sameRows reports where two lists of rows differ, "" when they do not.
func sameRows[M proto.Message](got, want []M) string {
	if len(got) != len(want) {
		return fmt.Sprintf("%d rows, want %d", len(got), len(want))
	}
	for i := range got {
		if !proto.Equal(got[i], want[i]) {
			return fmt.Sprintf("row %d is\n%v, want\n%v", i, got[i], want[i])
		}
	}
	return ""
}
