package api

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// The shapes of output, and with views_agent.go and timeline.go the only place that makes them. Times are RFC 3339 in UTC with milliseconds, null
// for none; ids are opaque; lists are never null.

// Named is a person or thing with the name that lists show.
type Named struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// TicketChannel is the channel a ticket came by.
type TicketChannel struct {
	ID   string `json:"id"`
	Kind string `json:"kind" enum:"email,chat,messenger,form,whatsapp,call,custom"`
}

// Ticket is a row of the ticket list.
type Ticket struct {
	ID           string        `json:"id" doc:"Of the conversation"`
	Number       uint64        `json:"number"`
	Subject      string        `json:"subject"`
	Contact      Named         `json:"contact"`
	Channel      TicketChannel `json:"channel"`
	Status       string        `json:"status" enum:"new,waiting_on_us,waiting_on_contact,closed"`
	Priority     string        `json:"priority" enum:"low,normal,high,urgent"`
	Owner        *Named        `json:"owner"`
	OpenedAt     string        `json:"opened_at" format:"date-time"`
	UpdatedAt    string        `json:"updated_at" format:"date-time"`
	WaitingSince *string       `json:"waiting_since" format:"date-time" doc:"Since when the contact waits for an answer"`
	Preview      string        `json:"preview"`
	LastAuthor   string        `json:"last_author" doc:"contact, agent or note"`
	Messages     uint32        `json:"messages"`
	Version      uint64        `json:"version" doc:"The larger one is the newer row"`
	Position     uint64        `json:"position" doc:"Of the last record folded in"`
	InLine       bool          `json:"in_line"`
	InLineSince  *string       `json:"in_line_since" format:"date-time"`
	Reason       *Reason       `json:"reason" doc:"Of the last decision about its owner"`
	Undelivered  uint32        `json:"undelivered" doc:"Replies that failed or whose outcome is unknown"`
	Work
}

// Reason explains who was chosen, or why nobody was.
type Reason struct {
	Code       string      `json:"code"`
	Text       string      `json:"text"`
	Candidates []Candidate `json:"candidates" doc:"For supervisors and administrators; empty for others"`
	Considered int32       `json:"considered"`
	Owner      string      `json:"owner,omitempty" doc:"Why the contact's owner was passed over: owner_offline, owner_no_seat, owner_deactivated, owner_at_capacity, owner_none, owner_unrecognised"`
	Rule       string      `json:"rule,omitempty" doc:"The channel's rule that was for the ticket; left out: its default. For supervisors and administrators, as what follows"`
	RuleName   string      `json:"rule_name,omitempty"`
	From       string      `json:"from,omitempty" doc:"Who had a ticket that was taken back"`
	Away       int64       `json:"away,omitempty" doc:"Seconds for which they were away"`
	WidensAt   *string     `json:"widens_at,omitempty" format:"date-time" doc:"When the next team joins"`
	Until      *string     `json:"until,omitempty" format:"date-time" doc:"When the channel opens again, of outside_hours"`
}

// Candidate says why an agent was, or was not, chosen.
type Candidate struct {
	Agent    string `json:"agent"`
	Verdict  string `json:"verdict"`
	Load     int32  `json:"load"`
	Capacity int32  `json:"capacity"`
}

// Identity is an address by which a contact is known.
type Identity struct {
	Kind  string `json:"kind" enum:"email,phone,visitor,page_scoped,whatsapp,custom"`
	Value string `json:"value"`
}

// Contact is a person outside.
type Contact struct {
	ID         string     `json:"id"`
	Name       string     `json:"name"`
	Identities []Identity `json:"identities"`
	Owner      string     `json:"owner" doc:"An agent's id; empty for nobody"`
	Version    uint64     `json:"version"`

	Properties map[string]string `json:"properties" doc:"By the property's id"`
	Blocked    bool              `json:"blocked" doc:"What comes from here is kept as spam"`
	// AnswersStopped: no automatic answers until then.
	AnswersStoppedUntil *string           `json:"answers_stopped_until" format:"date-time" doc:"No automatic answers go to the contact until then; null: they do"`
	AnswersStoppedCause string            `json:"answers_stopped_cause" doc:"exchanges, flood"`
	Undeliverable       map[string]string `json:"undeliverable" doc:"Addresses at which nobody is, as a server said, with the cause"`
}

// Team is a group of agents.
type Team struct {
	ID      string       `json:"id"`
	Name    string       `json:"name"`
	Members []TeamMember `json:"members"`
	Removed bool         `json:"removed" doc:"Only what names it keeps its name; changing it brings it back"`
	Version uint64       `json:"version"`

	ReplyChannel string `json:"reply_channel" doc:"The mail channel by which its tickets are opened if nobody says another; empty: none"`
}

// TeamMember is an agent in a team; only main members are routed to.
type TeamMember struct {
	Agent string `json:"agent"`
	Main  bool   `json:"main" required:"false"`
}

// Channel is a way in, with how it is doing.
type Channel struct {
	ID      string       `json:"id"`
	Kind    string       `json:"kind" doc:"email, chat, …, or a custom connector's name"`
	Name    string       `json:"name"`
	Address string       `json:"address"`
	On      bool         `json:"on"`
	Health  Health       `json:"health" doc:"For who does not run the desk, state and since alone"`
	Mail    *ChannelMail `json:"mail,omitempty" doc:"Of a mailbox"`
	Version uint64       `json:"version"`
	Partial bool         `json:"partial" doc:"What only supervisors and administrators see is left out: config, routing, quarantined, and all of health but state and since"`
	*ChannelWork
}

// ChannelWork is what of a channel is only for who runs the desk.
type ChannelWork struct {
	Config      json.RawMessage `json:"config" required:"false" doc:"The kind's own configuration, without secrets"`
	Routing     Routing         `json:"routing" required:"false"`
	Quarantined uint32          `json:"quarantined" required:"false" doc:"Items set aside"`
}

// Health is how a channel is doing at this moment.
type Health struct {
	State       string  `json:"state" enum:"starting,running,retrying,failed,off"`
	Reason      string  `json:"reason"`
	Since       *string `json:"since" format:"date-time"`
	Phase       string  `json:"phase" doc:"What the connector is doing"`
	Lag         int     `json:"lag" doc:"Items that wait outside; -1: unknown"`
	Failures    int     `json:"failures" doc:"In a row; 0 once it runs"`
	Restarts    int     `json:"restarts" doc:"Since the server started"`
	LastError   string  `json:"last_error" doc:"Kept when the channel runs again: state says how it is now"`
	LastErrorAt *string `json:"last_error_at" format:"date-time" doc:"When that was"`
	Warning     string  `json:"warning" doc:"What does not work although items come in: mails that could not be marked or moved in the mailbox"`
	Seen        string  `json:"seen" doc:"The website on which a chat was shown last, since the desk runs; empty: on none"`
	SeenAt      *string `json:"seen_at" format:"date-time"`
	NextRetryAt *string `json:"next_retry_at" format:"date-time"`
	InFlight    int     `json:"in_flight" doc:"Items handed over and not yet durable"`
	OutboxDepth int     `json:"outbox_depth" doc:"Replies that wait to be sent"`
	LastItemAt  *string `json:"last_item_at" format:"date-time"`
}

// QuarantinedItem is what a channel received and could not take in.
type QuarantinedItem struct {
	Channel string `json:"channel"`
	Item    string `json:"item"`
	Cause   string `json:"cause"`
	RawBlob string `json:"raw_blob" doc:"The item as it came, at /blobs/…; empty if it was not kept"`
	Summary string `json:"summary"`
	Folder  string `json:"folder" doc:"The mailbox's folder in which it lay; empty: it has none, or was set aside before this was noted"`
	// CanReplay: it can be read again.
	CanReplay bool   `json:"can_replay" doc:"It was kept, or can be asked for again"`
	At        string `json:"at" format:"date-time"`
}

func timeOf(ms int64) string { return time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.000Z") }

func optionalTime(ms int64) *string {
	if ms == 0 {
		return nil
	}
	t := timeOf(ms)
	return &t
}

func named(id, name string) *Named {
	if id == "" {
		return nil
	}
	return &Named{id, name}
}

// each shapes a list; it is never null.
func each[In, Out any](in []In, view func(In) Out) []Out {
	out := make([]Out, len(in))
	for i, v := range in {
		out[i] = view(v)
	}
	return out
}

// ticketFor shapes tickets for whoever asks.
func ticketFor(ctx context.Context) func(desk.Ticket) Ticket {
	leads := desk.Leads(me(ctx).row)
	return func(t desk.Ticket) Ticket { return ticketView(t, leads) }
}

func ticketView(t desk.Ticket, leads bool) Ticket {
	return Ticket{
		ID: t.Conversation, Number: t.Number, Subject: t.Subject, Contact: Named{t.Contact, t.ContactName},
		Channel: TicketChannel{t.Channel, kindWord(t.ChannelKind)}, Status: statusWord(t.Status), Priority: priorityWord(t.Priority),
		Owner: named(t.Owner, t.OwnerName), OpenedAt: timeOf(t.OpenedAtMs), UpdatedAt: timeOf(t.UpdatedAtMs),
		WaitingSince: optionalTime(t.WaitingSinceMs), Preview: t.Preview, LastAuthor: t.LastAuthor, Messages: t.Messages,
		Version: t.Version, Position: t.Position, InLine: t.InLine, InLineSince: optionalTime(t.InLineSinceMs), Reason: reasonFor(leads, t.Reason),
		Undelivered: t.Undelivered, Work: workView(t),
	}
}

// reasonFor leaves out what a reason says of how much colleagues have to do, unless it is for who runs the desk.
func reasonFor(leads bool, r *deskpb.AssignmentReason) *Reason {
	if !leads {
		r = desk.PlainReason(r)
	}
	if r == nil {
		return nil
	}
	return &Reason{Code: r.Code, Text: r.Text, Considered: r.Considered, Owner: r.Owner, Rule: r.Rule, RuleName: r.RuleName, From: r.From, Away: r.AwayMs / 1000, WidensAt: optionalTime(r.WidensAtMs), Until: optionalTime(r.UntilMs), Candidates: each(r.Candidates, func(c *deskpb.Candidate) Candidate {
		return Candidate{c.Agent, c.Verdict, c.Load, c.Capacity}
	})}
}

func (r *Reason) text() string {
	if r == nil {
		return ""
	}
	return r.Text
}

func contactView(c desk.Contact) Contact {
	return Contact{
		ID: c.Contact, Name: c.Name, Owner: c.Owner, Version: c.Version, Properties: propertiesView(c.Properties), Blocked: c.Blocked,
		Undeliverable: propertiesView(c.Undeliverable), AnswersStoppedUntil: optionalTime(c.AnswersStoppedUntilMs), AnswersStoppedCause: c.AnswersStoppedCause,
		Identities: each(c.Identities, func(i *deskpb.Identity) Identity { return Identity{identityWord(i.Kind), i.Value} }),
	}
}

func teamView(t desk.Team) Team {
	return Team{ID: t.Team, Name: t.Name, Version: t.Version, Removed: t.Removed, ReplyChannel: t.ReplyChannel, Members: each(t.Members, func(m *deskpb.TeamMember) TeamMember {
		return TeamMember{m.Agent, m.Main}
	})}
}

// channelView joins what is journaled of a channel with what it does now; status may be nil.
func channelView(c desk.Channel, status *desk.ChannelStatus) Channel {
	kind := c.CustomKind
	if kind == "" {
		kind = kindWord(c.Kind)
	}
	config := json.RawMessage(c.Config)
	if !json.Valid(config) {
		config = json.RawMessage("{}")
	}
	v := Channel{
		ID: c.Channel, Kind: kind, Name: c.Name, Address: c.Address, On: c.On, Version: c.Version,
		ChannelWork: &ChannelWork{Config: config, Routing: routingView(c.Routing), Quarantined: c.Quarantined},
		Health:      Health{State: healthWord(c.Health), Reason: c.HealthReason, Since: optionalTime(c.HealthSinceMs), Lag: -1},
	}
	if status == nil {
		return v
	}
	h := &v.Health
	if status.State != deskpb.HealthState_HEALTH_STATE_UNSPECIFIED {
		h.State = healthWord(status.State)
	}
	h.Phase, h.Lag, h.Failures, h.Restarts = status.Phase, status.Lag, status.Failures, status.Restarts
	h.LastError, h.LastErrorAt = status.LastError, optionalTime(status.LastErrorMs)
	h.NextRetryAt, h.InFlight, h.OutboxDepth = optionalTime(status.NextRetryMs), status.InFlight, status.OutboxDepth
	h.LastItemAt = optionalTime(status.LastItemMs)
	h.Seen, h.SeenAt = status.Seen, optionalTime(status.SeenMs)
	if h.State == "running" {
		h.Warning = status.Warning // else there is worse to tell
	}
	return v
}

// plain is what every agent may see of a channel (desk.PlainChannel).
func (c Channel) plain() Channel {
	c.ChannelWork, c.Partial = nil, true
	c.Health = Health{State: c.Health.State, Since: c.Health.Since, Lag: -1}
	return c
}

func quarantinedView(q *deskpb.QuarantinedItem) QuarantinedItem {
	return QuarantinedItem{Channel: q.Channel, Item: q.Item, Cause: q.Cause, RawBlob: q.RawBlob, Summary: q.Summary, Folder: q.Folder, At: timeOf(q.AtMs)}
}

// Enums are words outside: the name in the schema without its prefix, in lower case.

func word(e protoreflect.Enum, prefix string) string {
	v := e.Descriptor().Values().ByNumber(e.Number())
	if v == nil {
		return "unknown"
	}
	return strings.ToLower(strings.TrimPrefix(string(v.Name()), prefix))
}

// number finds the enum value of a word; 0 when there is none.
func number[E ~int32](names map[string]int32, prefix, word string) E {
	return E(names[prefix+strings.ToUpper(word)])
}

func kindWord(k deskpb.ChannelKind) string { return word(k, "CHANNEL_KIND_") }

func statusWord(s deskpb.TicketStatus) string { return word(s, "TICKET_STATUS_") }

func priorityWord(p deskpb.Priority) string {
	if p == deskpb.Priority_PRIORITY_UNSPECIFIED {
		p = deskpb.Priority_PRIORITY_NORMAL
	}
	return word(p, "PRIORITY_")
}

func roleWord(r deskpb.Role) string {
	if r == deskpb.Role_ROLE_UNSPECIFIED {
		r = deskpb.Role_ROLE_AGENT
	}
	return word(r, "ROLE_")
}

func accessWord(a deskpb.Access) string {
	if a == deskpb.Access_ACCESS_UNSPECIFIED {
		a = deskpb.Access_ACCESS_ALL
	}
	return word(a, "ACCESS_")
}

func accessOf(w string) deskpb.Access {
	return number[deskpb.Access](deskpb.Access_value, "ACCESS_", w)
}

func identityWord(k deskpb.IdentityKind) string { return word(k, "IDENTITY_KIND_") }

// modeWord: an unspecified mode is read as nobody.
func modeWord(m deskpb.RoutingMode) string {
	if m == deskpb.RoutingMode_ROUTING_MODE_UNSPECIFIED {
		m = deskpb.RoutingMode_ROUTING_MODE_NOBODY
	}
	return word(m, "ROUTING_MODE_")
}

func healthWord(h deskpb.HealthState) string {
	if h == deskpb.HealthState_HEALTH_STATE_UNSPECIFIED {
		h = deskpb.HealthState_HEALTH_STATE_OFF
	}
	return word(h, "HEALTH_STATE_")
}

func deliveryWord(d deskpb.DeliveryState) string { return word(d, "DELIVERY_STATE_") }

func statusOf(w string) deskpb.TicketStatus {
	return number[deskpb.TicketStatus](deskpb.TicketStatus_value, "TICKET_STATUS_", w)
}

func priorityOf(w string) deskpb.Priority {
	return number[deskpb.Priority](deskpb.Priority_value, "PRIORITY_", w)
}

func roleOf(w string) deskpb.Role { return number[deskpb.Role](deskpb.Role_value, "ROLE_", w) }

func modeOf(w string) deskpb.RoutingMode {
	return number[deskpb.RoutingMode](deskpb.RoutingMode_value, "ROUTING_MODE_", w)
}
