package journaltest

import (
	"fmt"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
	"github.com/centralita/centralita/proto/deskpb"
)

// Pick chooses one of n, 0 to n-1; what says for what.
type Pick func(what string, n int) int

// Seeded is a Pick of chance that can be repeated (SplitMix64, so that it stays the same for ever).
func Seeded(seed uint64) Pick {
	return func(_ string, n int) int {
		seed += 0x9e3779b97f4a7c15
		z := (seed ^ seed>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		return int((z ^ z>>31) % uint64(n))
	}
}

// History makes a random history of a desk: entries in an order in which they can be appended. They are facts that
// deciders could have made and some that they would not: a projection is total.
func History(steps int, pick Pick) []persistence.Entry {
	h := &history{pick: pick, versions: map[desk.StreamID]uint64{}, purged: map[desk.ConversationID]bool{}, nowMs: 1_700_000_000_000}
	for range steps {
		h.step()
	}
	return h.entries
}

type history struct {
	pick     Pick
	nowMs    int64
	versions map[desk.StreamID]uint64
	purged   map[desk.ConversationID]bool
	entries  []persistence.Entry
	replies  int
}

func (h *history) name(prefix string, n int) string {
	return fmt.Sprintf("%s%d", prefix, h.pick(prefix, n))
}

func (h *history) step() {
	h.nowMs += int64(h.pick("ms", 3)) // often equal: ties must be ordered, too
	switch h.pick("noun", 10) {
	case 0:
		h.contact()
	case 1, 2:
		h.agent()
	case 3:
		h.channel()
	case 4:
		switch h.pick("small", 3) {
		case 0:
			h.team()
		case 1:
			h.draft()
		default:
			h.setting()
		}
	default:
		h.conversation()
	}
}

// add makes an entry of what happened to one stream.
func (h *history) add(stream desk.StreamID, events ...*deskpb.Event) {
	e := persistence.Entry{Stream: stream, Expect: h.versions[stream]}
	for _, event := range events {
		h.versions[stream]++
		e.Records = append(e.Records, record(stream, h.versions[stream], h.nowMs, event))
	}
	if h.pick("keyed", 3) == 0 {
		e.Key = fmt.Sprintf("key-%d", len(h.entries))
	}
	h.entries = append(h.entries, e)
}

var owners = []string{"ag_0", "ag_1", "ag_2"}

func (h *history) conversation() {
	id := desk.ConversationID(h.name("cv_", 8))
	stream := id.Stream()
	if h.versions[stream] == 0 || h.purged[id] && h.pick("anew", 2) == 0 {
		delete(h.purged, id)
		rule := &deskpb.RoutingRule{Mode: deskpb.RoutingMode(h.pick("mode", 4)), Agents: owners}
		opened := &deskpb.ConversationOpened{
			Channel: h.name("ch_", 2), Contact: h.name("ct_", 3), Subject: "Hello",
			Priority: deskpb.Priority(1 + h.pick("priority", 4)), Routing: rule, ContactName: "Ana",
		}
		if h.pick("threaded", 2) == 0 {
			opened.Thread, opened.ChannelKind = h.name("visitor-", 3), deskpb.ChannelKind_CHANNEL_KIND_CHAT
		}
		h.add(stream, deskpb.NewEvent(opened), h.received())
		return
	}
	event := h.conversationEvent()
	if event.GetConversationPurged() != nil {
		h.purged[id] = true
	}
	h.add(stream, event)
}

func (h *history) conversationEvent() *deskpb.Event {
	reason := &deskpb.AssignmentReason{Code: "assigned_least_loaded", Text: "because"}
	switch h.pick("event", 16) {
	case 0, 1:
		return h.received()
	case 2:
		h.replies++
		if h.pick("letter", 6) == 0 {
			return deskpb.NewEvent(&deskpb.OwnerTold{
				Letter: fmt.Sprintf("lt_%d", h.replies), Agent: owners[0], Channel: h.name("ch_", 2), To: &deskpb.Address{Address: "ana@desk.test"}, ThreadKeys: []string{"<letter@desk>"},
			})
		}
		reply := &deskpb.ReplyRequested{
			Message: fmt.Sprintf("rp_%d", h.replies), Channel: h.name("ch_", 2), Agent: owners[0],
			Body: &deskpb.Body{Text: "An answer"}, ThreadKeys: []string{fmt.Sprintf("<reply%d@desk>", h.replies)},
		}
		if h.pick("automatic", 4) == 0 {
			reply.Automatic, reply.To = "acknowledgement", []*deskpb.Address{{Address: h.name("customer", 2) + "@c.test"}}
		}
		if h.pick("mailed", 3) == 0 {
			reply.MailAtMs = h.nowMs + int64(h.pick("mail at", 60))
		}
		if reply.Automatic != "" && h.pick("carries", 2) == 0 {
			reply.Automatic, reply.Carries = "unread", []string{fmt.Sprintf("rp_%d", h.replies-1)}
		}
		if h.pick("later", 2) == 0 {
			reply.SendAtMs = h.nowMs + int64(h.pick("send at", 60))
		}
		return deskpb.NewEvent(reply)
	case 3, 4:
		return h.delivery()
	case 5:
		return deskpb.NewEvent(&deskpb.NoteAdded{Message: "nt", Agent: owners[0], Body: &deskpb.Body{Text: "A note"}, Mentions: []string{h.name("ag_", 3)}})
	case 6:
		return deskpb.NewEvent(&deskpb.ConversationAssigned{Agent: h.name("ag_", 3), AgentName: "Bo", Reason: reason})
	case 7:
		if h.pick("defer", 2) == 0 {
			return deskpb.NewEvent(&deskpb.AssignmentDeferred{Reason: reason, Waiting: h.pick("waiting", 2) == 0})
		}
		return deskpb.NewEvent(&deskpb.ConversationUnassigned{Agent: owners[0], Reason: reason})
	case 8:
		return deskpb.NewEvent(&deskpb.TicketStatusChanged{
			From: deskpb.TicketStatus(1 + h.pick("from", 4)), To: deskpb.TicketStatus(1 + h.pick("to", 4)), Cause: "by_hand",
		})
	}
	if h.pick("work", 6) == 0 {
		return deskpb.NewEvent(&deskpb.TicketPriorityChanged{Priority: deskpb.Priority(1 + h.pick("priority", 4))})
	}
	return h.work()
}

// work is what was done on a ticket, beside what is said.
func (h *history) work() *deskpb.Event {
	other := h.name("cv_", 8)
	facts := []func() proto.Message{
		func() proto.Message {
			return &deskpb.TicketTagsChanged{Added: []string{h.name("tg_", 3)}, Removed: []string{h.name("tg_", 3)}}
		},
		func() proto.Message { return &deskpb.TicketTeamChanged{Team: h.name("tm_", 2)} },
		func() proto.Message { return &deskpb.TicketTeamChanged{} },
		func() proto.Message { return &deskpb.TicketStageChanged{Stage: h.name("st_", 3)} },
		func() proto.Message {
			return &deskpb.TicketPropertySet{Property: h.name("pr_", 3), Value: []string{"", "x"}[h.pick("value", 2)]}
		},
		func() proto.Message { return &deskpb.TicketSnoozed{UntilMs: h.nowMs + int64(h.pick("until", 60))} },
		func() proto.Message { return &deskpb.TicketSnoozed{UntilMs: desk.UntilContactWrites} },
		func() proto.Message { return &deskpb.TicketWoken{Cause: "time"} },
		func() proto.Message { return &deskpb.TicketDueChanged{DueMs: h.nowMs + int64(h.pick("due", 60))} },
		func() proto.Message { return &deskpb.TicketDueChanged{Cause: "answered"} },
		func() proto.Message { return &deskpb.TicketFollowed{Agent: h.name("ag_", 3)} },
		func() proto.Message { return &deskpb.TicketUnfollowed{Agent: h.name("ag_", 3)} },
		func() proto.Message { return &deskpb.MentionDismissed{Agent: h.name("ag_", 3)} },
		func() proto.Message { return &deskpb.TicketMarkedSpam{Cause: "by_hand"} },
		func() proto.Message { return &deskpb.TicketUnmarkedSpam{Cause: "by_hand"} },
		func() proto.Message { return &deskpb.ConversationPurged{Cause: "spam"} },
		func() proto.Message {
			return &deskpb.UnreadNotMailed{Messages: []string{fmt.Sprintf("rp_%d", h.replies)}, Cause: "no_address"}
		},
		func() proto.Message { return &deskpb.ChatEnded{} },
		func() proto.Message { return &deskpb.PurgedFilesRemoved{} },
		func() proto.Message { return &deskpb.ConversationMerged{Into: other} },
		func() proto.Message { return &deskpb.MergeUndone{From: other} },
		func() proto.Message { return &deskpb.ConversationTookIn{Conversation: other} },
		func() proto.Message { return &deskpb.ConversationLetGo{Conversation: other} },
		func() proto.Message { return &deskpb.MessagesSplitOff{Into: other} },
		func() proto.Message {
			return &deskpb.RequesterChanged{Contact: h.name("ct_", 3), ContactName: "somebody else"}
		},
		func() proto.Message {
			return &deskpb.VisitorIdentified{From: h.name("visitor-", 3), Thread: h.name("visitor-", 3), Earlier: other}
		},
		func() proto.Message { return &deskpb.ParticipantConfirmed{Address: "a@x.test"} },
		func() proto.Message { return &deskpb.ConversationLinked{Conversation: other, Cause: "same_mail"} },
		func() proto.Message {
			return &deskpb.ConversationSplitFrom{Conversation: other, Messages: []*deskpb.SplitMessage{{Message: "ms_1", Inbound: true, AtMs: h.nowMs}}}
		},
	}
	return deskpb.NewEvent(facts[h.pick("fact", len(facts))]())
}

func (h *history) received() *deskpb.Event {
	n := h.pick("external", 12) // few, so that claims collide
	m := &deskpb.MessageReceived{
		AfterCloseMs: int64(h.pick("after close", 2)) * 1000,
		Message:      fmt.Sprintf("ms_%d", n), Channel: h.name("ch_", 2), ExternalId: fmt.Sprintf("ext-%d", n),
		Contact: h.name("ct_", 3), Body: &deskpb.Body{Text: fmt.Sprintf("Message %d", n)},
	}
	for range h.pick("keys", 3) {
		m.ThreadKeys = append(m.ThreadKeys, fmt.Sprintf("<%d@mail>", h.pick("key", 12)))
	}
	return deskpb.NewEvent(m)
}

// delivery is news of any reply so far, right or not, in this conversation or another.
func (h *history) delivery() *deskpb.Event {
	message := fmt.Sprintf("rp_%d", 1+h.pick("reply", h.replies+1))
	attempt := uint32(h.pick("attempt", 3))
	if h.pick("letter", 6) == 0 {
		letter := "lt" + strings.TrimPrefix(message, "rp")
		if h.pick("started", 2) == 0 {
			return deskpb.NewEvent(&deskpb.LetterStarted{Letter: letter, Attempt: attempt})
		}
		return deskpb.NewEvent(&deskpb.LetterSettled{
			Letter: letter, Attempt: attempt, State: deskpb.DeliveryState(h.pick("state", 8)), RetryAtMs: h.nowMs + 60_000, ExternalId: "sent-" + letter,
		})
	}
	if h.pick("waiting", 3) == 0 {
		at := h.nowMs + int64(h.pick("send at", 60))
		return deskpb.NewEvent([]proto.Message{
			&deskpb.ReplyCanceled{Message: message}, &deskpb.ReplyRescheduled{Message: message, SendAtMs: at},
			&deskpb.ReplyRetried{Message: message, SendAtMs: at, Attempts: attempt},
		}[h.pick("decided", 3)])
	}
	if h.pick("started", 2) == 0 {
		return deskpb.NewEvent(&deskpb.DeliveryStarted{Message: message, Attempt: attempt})
	}
	settled := &deskpb.DeliverySettled{
		Message: message, Attempt: attempt, State: deskpb.DeliveryState(h.pick("state", 8)), RetryAtMs: h.nowMs + 60_000,
	}
	if h.pick("external", 2) == 0 {
		settled.ExternalId = fmt.Sprintf("sent-%s", message)
	}
	return deskpb.NewEvent(settled)
}

func (h *history) contact() {
	id := desk.ContactID(h.name("ct_", 3))
	identity := &deskpb.Identity{Kind: deskpb.IdentityKind(1 + h.pick("kind", 3)), Value: h.name("who-", 5)}
	if h.versions[id.Stream()] == 0 {
		h.add(id.Stream(), deskpb.NewEvent(&deskpb.ContactCreated{Identity: identity, Name: "Ana"}))
		return
	}
	switch h.pick("event", 6) {
	case 3:
		h.add(id.Stream(), deskpb.NewEvent(&deskpb.ContactBlocked{}))
	case 4:
		h.add(id.Stream(), deskpb.NewEvent(&deskpb.ContactUnblocked{}))
	case 5:
		h.add(id.Stream(), deskpb.NewEvent(&deskpb.ContactPropertySet{Property: h.name("pr_", 2), Value: "x"}))
	case 0:
		h.add(id.Stream(), deskpb.NewEvent(&deskpb.ContactIdentityAdded{Identity: identity}))
	case 1:
		h.add(id.Stream(), deskpb.NewEvent(&deskpb.ContactNamed{Name: h.name("Ana ", 3)}))
	case 2:
		h.add(id.Stream(), deskpb.NewEvent(&deskpb.ContactOwnerChanged{Agent: h.name("ag_", 3)}))
	}
}

func (h *history) agent() {
	id := desk.AgentID(h.name("ag_", 3))
	if h.versions[id.Stream()] == 0 {
		h.add(id.Stream(), deskpb.NewEvent(&deskpb.AgentAdded{Email: h.name("mail", 3) + "@example.com", Name: "Bo", Seat: true, Capacity: 3}))
		return
	}
	conversation := h.name("cv_", 4)
	session := h.name("session", 6) // distinct by agent, as hashes are
	session = string(id) + session
	switch h.pick("event", 19) {
	case 16:
		h.add(id.Stream(), deskpb.NewEvent(&deskpb.NotificationsSeen{Position: uint64(1 + h.pick("seen", len(h.entries)+1)), Conversation: []string{"", conversation}[h.pick("of", 2)]}))
	case 17:
		h.add(id.Stream(), deskpb.NewEvent(&deskpb.RecoveryCodesReplaced{RecoveryHashes: []string{"a", "b", "c"}}))
	case 14:
		h.add(id.Stream(), deskpb.NewEvent(&deskpb.AvailabilityChanged{Available: h.pick("available", 2) == 0, By: h.name("ag_", 3)}))
	case 15:
		plan := &deskpb.AvailabilityPlanned{}
		if h.pick("scheduled", 3) > 0 {
			plan = &deskpb.AvailabilityPlanned{Scheduled: true, Edges: []*deskpb.ScheduleEdge{{AtMs: h.nowMs + int64(h.pick("edge", 60)), Available: true}}}
		}
		h.add(id.Stream(), deskpb.NewEvent(plan))
	case 9:
		h.add(id.Stream(), deskpb.NewEvent(&deskpb.SessionSeen{Session: session, AtMs: h.nowMs}))
	case 10:
		h.add(id.Stream(), deskpb.NewEvent(&deskpb.AgentPreferencesSet{Preferences: &deskpb.AgentPreferences{Signature: h.name("sign", 3)}}))
	case 11:
		h.add(id.Stream(), deskpb.NewEvent(&deskpb.TwoFactorSet{SealedSecret: []byte{1}, RecoveryHashes: []string{"a", "b"}}))
	case 12:
		h.add(id.Stream(), deskpb.NewEvent(&deskpb.TwoFactorCleared{}))
	case 13:
		h.add(id.Stream(), deskpb.NewEvent(&deskpb.SecondFactorUsed{RecoveryHash: h.name("code", 3)}))
	case 0:
		h.add(id.Stream(), deskpb.NewEvent(&deskpb.AgentChanged{Name: "Bo", Seat: true, Deactivated: h.pick("deactivated", 2) == 0, Limits: &deskpb.GroupLimits{Messaging: int32(h.pick("limit", 3))}}))
	case 18:
		h.add(id.Stream(), deskpb.NewEvent(&deskpb.PlaceWeighed{Conversation: conversation, Size: h.size(), Was: h.size()}))
	case 1:
		h.add(id.Stream(), deskpb.NewEvent(&deskpb.AgentPasswordSet{Hash: h.name("$argon2id$", 3)}))
	case 2, 3:
		h.add(id.Stream(), deskpb.NewEvent(&deskpb.SessionOpened{Session: session, ExpiresAtMs: h.nowMs + int64(h.pick("expiry", 60))}))
	case 4:
		h.add(id.Stream(), deskpb.NewEvent(&deskpb.SessionClosed{Session: session}))
	case 5, 6:
		h.add(id.Stream(), deskpb.NewEvent(&deskpb.PlaceReserved{Reservation: "rs", Conversation: conversation, UntilMs: h.nowMs + int64(h.pick("until", 60))}))
	case 7:
		h.add(id.Stream(), deskpb.NewEvent(&deskpb.PlaceTaken{Conversation: conversation, Reservation: "rs", Size: h.size(), Was: h.size()}))
	case 8:
		h.add(id.Stream(), deskpb.NewEvent(&deskpb.PlaceFreed{Conversation: conversation, Cause: "lapsed", Size: h.size()}))
	}
}

func (h *history) size() *deskpb.PlaceSize {
	if n := h.pick("size", 4); n > 0 {
		return &deskpb.PlaceSize{Group: deskpb.CapacityGroup(n), Weight: int32(h.pick("weight", 3))}
	}
	return nil // one mail
}

func (h *history) channel() {
	id := desk.ChannelID(h.name("ch_", 2))
	kind := deskpb.ChannelKind_CHANNEL_KIND_EMAIL
	address := h.name("support", 3) + "@example.com"
	if h.versions[id.Stream()] == 0 {
		h.add(id.Stream(), deskpb.NewEvent(&deskpb.ChannelConnected{Kind: kind, Name: "Mail", Address: address, SealedSecrets: []byte{1}}))
		return
	}
	item := h.name("uid:", 4)
	switch h.pick("event", 6) {
	case 0:
		changed := &deskpb.ChannelChanged{Name: "Mail 2", Address: address}
		if h.pick("secrets", 2) == 0 {
			changed.SealedSecrets = []byte(h.name("sealed", 3))
		}
		h.add(id.Stream(), deskpb.NewEvent(changed))
	case 1:
		h.add(id.Stream(), deskpb.NewEvent(&deskpb.ChannelCursorMoved{Cursor: h.name("cursor", 9)}))
	case 2, 3:
		h.add(id.Stream(), deskpb.NewEvent(&deskpb.ItemQuarantined{Item: item, Cause: "cut off"}))
	case 4:
		h.add(id.Stream(), deskpb.NewEvent(&deskpb.ItemReleased{Item: item, Outcome: "discarded"}))
	case 5:
		h.add(id.Stream(), deskpb.NewEvent(&deskpb.ChannelHealthChanged{State: deskpb.HealthState(2 + h.pick("health", 4)), Reason: "down"}))
	}
}

func (h *history) team() {
	id := desk.TeamID(h.name("tm_", 2))
	members := []*deskpb.TeamMember{{Agent: h.name("ag_", 3), Main: true}}
	if h.versions[id.Stream()] == 0 {
		h.add(id.Stream(), deskpb.NewEvent(&deskpb.TeamAdded{Name: "Team", Members: members}))
		return
	}
	if h.pick("team", 4) == 0 {
		h.add(id.Stream(), deskpb.NewEvent(&deskpb.TeamRemoved{}))
		return
	}
	h.add(id.Stream(), deskpb.NewEvent(&deskpb.TeamChanged{Name: h.name("Team ", 3), Members: members}))
}

func (h *history) draft() {
	agent, conversation, note := h.name("ag_", 2), h.name("cv_", 2), h.pick("note", 2) == 0
	stream := desk.DraftStream(desk.AgentID(agent), desk.ConversationID(conversation), note)
	switch h.pick("draft", 4) {
	case 0:
		h.add(stream, deskpb.NewEvent(&deskpb.DraftCleared{Agent: agent, Conversation: conversation, Note: note})) // also of one that never was
	case 1:
		h.add(stream, deskpb.NewEvent(&deskpb.DraftSaved{
			Agent: agent, Conversation: conversation, Note: note, Writing: &deskpb.Writing{Text: "newer"}, Displaced: &deskpb.Writing{Text: "older"},
		}))
	default:
		h.add(stream, deskpb.NewEvent(&deskpb.DraftSaved{
			Agent: agent, Conversation: conversation, Note: note, Writing: &deskpb.Writing{Text: h.name("text ", 5)}, LetGo: h.pick("let go", 4) == 0,
		}))
	}
}

func (h *history) setting() {
	id := desk.SettingID(h.name("st_", 4))
	switch h.pick("setting", 5) {
	case 0:
		h.add(id.Stream(), deskpb.NewEvent(&deskpb.SettingRemoved{})) // also of one that never was
	case 1:
		skill := &deskpb.Skill{Name: h.name("Skill ", 3)}
		h.add(id.Stream(), deskpb.NewEvent(&deskpb.SettingSaved{Setting: &deskpb.Setting{Value: &deskpb.Setting_Skill{Skill: skill}}}))
	case 2:
		snippet := &deskpb.Snippet{Name: "Hello", Text: "Hello", Owner: h.name("ag_", 3)}
		h.add(id.Stream(), deskpb.NewEvent(&deskpb.SettingSaved{Setting: &deskpb.Setting{Value: &deskpb.Setting_Snippet{Snippet: snippet}}}))
	default:
		tag := &deskpb.Tag{Name: h.name("Tag ", 3), Colour: "teal"}
		h.add(id.Stream(), deskpb.NewEvent(&deskpb.SettingSaved{Setting: &deskpb.Setting{Value: &deskpb.Setting_Tag{Tag: tag}}}))
	}
}
