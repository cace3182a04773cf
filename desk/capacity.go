package desk

import "github.com/centralita/centralita/proto/deskpb"

// How much an agent has, and how much fits. A ticket counts as its channel's kind weighs, against a limit of all together and against one
// of its group of kinds. What it counts is a fact of the agent's stream (PlaceSize), so that stream alone decides whether there is room.

// Group is kinds of channel as people know them.
type Group = deskpb.CapacityGroup

const (
	groupCalls     = deskpb.CapacityGroup_CAPACITY_GROUP_CALLS
	groupMessaging = deskpb.CapacityGroup_CAPACITY_GROUP_MESSAGING
	groupEmail     = deskpb.CapacityGroup_CAPACITY_GROUP_EMAIL
)

// GroupOf is the group of a kind of channel. What is neither a call nor a message is answered as mail is.
func GroupOf(kind ChannelKind) Group {
	switch kind {
	case deskpb.ChannelKind_CHANNEL_KIND_CALL:
		return groupCalls
	case deskpb.ChannelKind_CHANNEL_KIND_CHAT, deskpb.ChannelKind_CHANNEL_KIND_MESSENGER, deskpb.ChannelKind_CHANNEL_KIND_WHATSAPP:
		return groupMessaging
	}
	return groupEmail
}

// Size is what a ticket counts against limits. The zero value is read as one mail.
type Size struct {
	Group  Group
	Weight int32 // 0, of a group: it does not count now
}

var oneMail = Size{Group: groupEmail, Weight: 1}

func (s Size) known() Size {
	if s == (Size{}) {
		return oneMail
	}
	return s
}

// SizeOf reads a size. Before there were sizes every ticket was one mail.
func SizeOf(m *deskpb.PlaceSize) Size {
	if m == nil {
		return oneMail
	}
	s := Size{m.Group, max(m.Weight, 0)}
	if s.Group != groupCalls && s.Group != groupMessaging {
		s.Group = groupEmail
	}
	return s
}

// Proto writes what SizeOf reads; most tickets are one mail, which takes no room.
func (s Size) Proto() *deskpb.PlaceSize {
	if s = s.known(); s == oneMail {
		return nil
	}
	return &deskpb.PlaceSize{Group: s.Group, Weight: s.Weight}
}

// ByGroup are numbers of each group: what somebody has, or may have.
type ByGroup struct{ Calls, Messaging, Email int32 }

// Total is that of all groups.
func (b ByGroup) Total() int32 { return b.Calls + b.Messaging + b.Email }

// Of is that of one group.
func (b ByGroup) Of(g Group) int32 {
	switch g {
	case groupCalls:
		return b.Calls
	case groupMessaging:
		return b.Messaging
	}
	return b.Email
}

// Plus adds a ticket; Minus takes it away.
func (b ByGroup) Plus(s Size) ByGroup {
	switch s = s.known(); s.Group {
	case groupCalls:
		b.Calls += s.Weight
	case groupMessaging:
		b.Messaging += s.Weight
	default:
		b.Email += s.Weight
	}
	return b
}

// Minus takes a ticket away.
func (b ByGroup) Minus(s Size) ByGroup {
	s = s.known()
	return b.Plus(Size{s.Group, -s.Weight})
}

// with adds those of another.
func (b ByGroup) with(o ByGroup) ByGroup {
	return ByGroup{b.Calls + o.Calls, b.Messaging + o.Messaging, b.Email + o.Email}
}

// More says whether any group has more than in another.
func (b ByGroup) More(than ByGroup) bool {
	return b.Calls > than.Calls || b.Messaging > than.Messaging || b.Email > than.Email
}

// LoadOf is what an agent's row says that he has.
func LoadOf(a Agent) ByGroup {
	calls, messaging := a.GetCallsLoad(), a.GetMessagingLoad()
	return ByGroup{calls, messaging, a.GetLoad() - calls - messaging}
}

// Limits are what somebody may be given by itself. 0 is no limit.
type Limits struct {
	Total int32
	By    ByGroup
}

// LimitsOf are an agent's, by his row.
func LimitsOf(a Agent) Limits { return Limits{a.GetCapacity(), groupLimits(a.GetLimits())} }

func groupLimits(m *deskpb.GroupLimits) ByGroup {
	return ByGroup{m.GetCalls(), m.GetMessaging(), m.GetEmail()}
}

// full names the limit that leaves no room for one more ticket: at_capacity, or that of its group. "": there is room.
func (l *Limits) full(has ByGroup, s Size) string {
	s = s.known()
	switch limit := l.By.Of(s.Group); {
	case l.Total > 0 && has.Total()+s.Weight > l.Total:
		return "at_capacity"
	case limit > 0 && has.Of(s.Group)+s.Weight > limit:
		return fullGroup(s.Group)
	}
	return ""
}

// over says whether taking a ticket of a group away brings somebody nearer to his limits.
func (l *Limits) over(has ByGroup, g Group) bool {
	limit := l.By.Of(g)
	return l.Total > 0 && has.Total() > l.Total || limit > 0 && has.Of(g) > limit
}

// nearer is the limit that leaves less room for tickets of a group, with what counts against it: that of all together, or the group's.
// 0: there is none.
func (l *Limits) nearer(has ByGroup, g Group) (load, limit int32) {
	load, limit = has.Total(), l.Total
	if of := l.By.Of(g); of > 0 && (limit == 0 || int64(has.Of(g))*int64(limit) > int64(load)*int64(of)) {
		return has.Of(g), of
	}
	return load, limit
}

func fullGroup(g Group) string {
	switch g {
	case groupCalls:
		return "at_capacity_calls"
	case groupMessaging:
		return "at_capacity_messaging"
	}
	return "at_capacity_email"
}

// fullVerdicts are all ways to be full.
var fullVerdicts = []string{"at_capacity", "at_capacity_calls", "at_capacity_messaging", "at_capacity_email"}

// against is what of somebody's load counts against the limit that a verdict names, and that limit.
func (l *Limits) against(verdict string, has ByGroup) (load, limit int32) {
	switch verdict {
	case "at_capacity_calls":
		return has.Calls, l.By.Calls
	case "at_capacity_messaging":
		return has.Messaging, l.By.Messaging
	case "at_capacity_email":
		return has.Email, l.By.Email
	}
	return has.Total(), l.Total
}

const mostCapacity = 10_000

func checkLimits(capacity int32, m *deskpb.GroupLimits) error {
	for _, l := range [...]struct {
		field string
		n     int32
	}{{"capacity", capacity}, {"limits.calls", m.GetCalls()}, {"limits.messaging", m.GetMessaging()}, {"limits.email", m.GetEmail()}} {
		if l.n < 0 || l.n > mostCapacity {
			return Refuse(Invalid, l.field, "must be 0 (no limit) to %d", mostCapacity)
		}
	}
	return nil
}
