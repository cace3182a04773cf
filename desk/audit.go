package desk

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/centralita/centralita/proto/deskpb"
)

// Who changed what when: a line for each event that is neither the traffic of conversations nor the engine's own bookkeeping.
// Lines are made of rows, before and after, because rows hold no secret.

// Audited tells whether a record becomes a line. New kinds of event do, unless they are named here.
func Audited(r Record) bool {
	switch StreamID(r.Stream).Kind() {
	case KindAgent, KindChannel, KindTeam, KindSetting, KindContact:
	default:
		return false
	}
	switch e := r.Event.GetKind().(type) {
	case *deskpb.Event_AvailabilityChanged:
		return e.AvailabilityChanged.Cause == "" // the schedule's doings have a page of their own
	case *deskpb.Event_PlaceReserved, *deskpb.Event_PlaceTaken, *deskpb.Event_PlaceFreed, *deskpb.Event_PlaceWeighed, *deskpb.Event_SessionSeen,
		*deskpb.Event_SecondFactorUsed, *deskpb.Event_NotificationsSeen, *deskpb.Event_AvailabilityPlanned, *deskpb.Event_PresenceChanged,
		*deskpb.Event_ChannelCursorMoved, *deskpb.Event_ImportMoved, *deskpb.Event_ChannelHealthChanged, *deskpb.Event_ItemQuarantined,
		*deskpb.Event_ContactCreated, *deskpb.Event_ContactIdentityAdded, *deskpb.Event_ContactNamed, *deskpb.Event_ContactPropertySet,
		*deskpb.Event_ContactAddressFailed, *deskpb.Event_ContactAddressWorked, *deskpb.Event_AutomaticAnswerAsked:
		return false
	}
	return true
}

// AuditQuery chooses lines, the newest first. Empty fields choose all.
type AuditQuery struct {
	Who, Noun, Kind string // an agent's id; a kind of stream; a kind of event
	FromMs, ToMs    int64  // from, and before
	Cursor          string // AuditPage.Next of the page before
	Limit           int    // 1 to 500; 0 means 50
}

// AuditPage is a page of lines; Next is "" on the last one.
type AuditPage struct {
	Entries []*deskpb.AuditEntry
	Next    string
}

// Matches tells whether a line is chosen, but for the time.
func (q *AuditQuery) Matches(e *deskpb.AuditEntry) bool {
	return (q.Who == "" || e.By.GetId() == q.Who) && (q.Noun == "" || StreamID(e.Stream).Kind() == q.Noun) && (q.Kind == "" || e.Kind == q.Kind)
}

const (
	maxAuditChanges = 40
	maxAuditText    = 200
)

// AuditOf makes the line of an audited record; nil when it is somebody's own and nobody else's business. before is nil for the
// first record of a stream.
func AuditOf(before, after proto.Message, r Record) *deskpb.AuditEntry {
	if s, is := after.(*deskpb.SettingSummary); is && s.Owner != "" {
		return nil
	}
	e := &deskpb.AuditEntry{
		Position: r.Position, AtMs: r.AtMs, By: r.By, Stream: r.Stream, Kind: deskpb.KindName(r.Event), Name: clip(rowName(after), maxAuditText),
	}
	if s, is := after.(*deskpb.SettingSummary); is {
		e.Setting = s.Kind
	}
	old, now := flat(before), flat(after)
	for _, field := range slices.Sorted(maps.Keys(union(old, now))) {
		if old[field] != now[field] && len(e.Changes) < maxAuditChanges {
			e.Changes = append(e.Changes, &deskpb.AuditChange{Field: field, Before: old[field], After: now[field]})
		}
	}
	if a, is := after.(*deskpb.SettingSummary); is {
		b, _ := before.(*deskpb.SettingSummary)
		if !bytes.Equal(a.GetValue().GetSignInProgram().GetSealedSecret(), b.GetValue().GetSignInProgram().GetSealedSecret()) {
			e.Changes = append(e.Changes, &deskpb.AuditChange{Field: "client_secret", After: "•••"})
		}
	}
	return withSecrets(e, r)
}

// withSecrets says that secrets changed, never what they are, and with what somebody signed in.
func withSecrets(e *deskpb.AuditEntry, r Record) *deskpb.AuditEntry {
	add := func(field, after string) {
		e.Changes = append(e.Changes, &deskpb.AuditChange{Field: field, After: clip(after, maxAuditText)})
	}
	switch m := r.Event.GetKind().(type) {
	case *deskpb.Event_ChannelChanged:
		if len(m.ChannelChanged.SealedSecrets) > 0 {
			add("secrets", "•••")
		}
	case *deskpb.Event_SessionOpened:
		add("browser", m.SessionOpened.UserAgent)
	case *deskpb.Event_ItemReleased:
		add("outcome", m.ItemReleased.Outcome)
	case *deskpb.Event_SpamPurged:
		add("tickets", strconv.Itoa(int(m.SpamPurged.Tickets)))
		add("older_than_days", strconv.Itoa(int(m.SpamPurged.Days)))
	}
	return e
}

func rowName(m proto.Message) string {
	switch x := m.(type) {
	case *deskpb.SettingSummary:
		return SettingTitle(x.GetValue())
	case interface{ GetName() string }:
		return x.GetName()
	}
	return ""
}

// named is a message's name as it was written, or the one given.
func named(m proto.Message, or string) string {
	r := m.ProtoReflect()
	for _, field := range [...]protoreflect.Name{"label", "name"} {
		if fd := r.Descriptor().Fields().ByName(field); fd != nil && fd.Kind() == protoreflect.StringKind && r.Get(fd).String() != "" {
			return r.Get(fd).String()
		}
	}
	return or
}

func union(a, b map[string]string) map[string]string {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

// bookkeeping are fields of rows that say nothing of what somebody wanted.
var bookkeeping = map[protoreflect.Name]bool{
	"version": true, "position": true, "load": true, "calls_load": true, "messaging_load": true, "last_assigned_at_ms": true, "availability_since_ms": true, "plan": true,
	"changes_at_ms": true, "changes_cause": true, "availability_cause": true, "availability_by": true, "health": true, "health_reason": true,
	"health_since_ms": true, "quarantined": true, "created_at_ms": true, "changed_at_ms": true, "by": true, "agent": true, "channel": true,
	"team": true, "contact": true, "setting": true, "kind": true, "turns": true, "removed": true, "identities": true, "properties": true,
}

// flat is a row as texts by field.
func flat(m proto.Message) map[string]string {
	out := map[string]string{}
	if m == nil || !m.ProtoReflect().IsValid() {
		return out
	}
	m.ProtoReflect().Range(func(fd protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		if !bookkeeping[fd.Name()] {
			flatField(out, string(fd.Name()), fd, v, 0)
		}
		return true
	})
	return out
}

func flatField(out map[string]string, name string, fd protoreflect.FieldDescriptor, v protoreflect.Value, depth int) {
	switch {
	case fd.IsMap() || depth > 4 || fd.Name() == "sealed_secret" || fd.Name() == "progress":
	case fd.IsList():
		var items []string
		for i := range v.List().Len() {
			items = append(items, flatText(fd, v.List().Get(i)))
		}
		out[name] = clip(strings.Join(items, ", "), maxAuditText)
	case fd.Kind() == protoreflect.MessageKind:
		v.Message().Range(func(inner protoreflect.FieldDescriptor, v protoreflect.Value) bool {
			field := string(inner.Name())
			if name != "value" && fd.ContainingOneof() == nil {
				field = name + "." + field
			}
			flatField(out, field, inner, v, depth+1)
			return true
		})
	case fd.Kind() == protoreflect.BytesKind:
		flatJSON(out, v.Bytes())
	case fd.Kind() == protoreflect.Int64Kind && strings.HasSuffix(name, "_ms"):
		out[strings.TrimSuffix(name, "_ms")] = time.UnixMilli(v.Int()).UTC().Format("2006-01-02T15:04:05.000Z")
	default:
		out[name] = clip(flatText(fd, v), maxAuditText)
	}
}

// flatText is one value: enums by their word, messages of lists by their name or compactly.
func flatText(fd protoreflect.FieldDescriptor, v protoreflect.Value) string {
	switch fd.Kind() {
	case protoreflect.EnumKind:
		if e := fd.Enum().Values().ByNumber(v.Enum()); e != nil {
			prefix := ""
			for i, c := range string(fd.Enum().Name()) {
				if i > 0 && c >= 'A' && c <= 'Z' {
					prefix += "_"
				}
				prefix += strings.ToUpper(string(c))
			}
			return strings.ToLower(strings.TrimPrefix(string(e.Name()), prefix+"_"))
		}
	case protoreflect.MessageKind:
		m := v.Message()
		switch x := m.Interface().(type) {
		case *deskpb.WorkingBlock:
			return fmt.Sprintf("%s %s-%s", strings.ToLower(time.Weekday(x.Weekday).String()[:3]), clockOf(x.From), clockOf(x.To))
		case *deskpb.HolidayRange:
			return strings.TrimSpace(strings.TrimSuffix(x.From+" to "+x.To, " to "+x.From) + " " + x.Name)
		}
		var parts []string
		for i := range m.Descriptor().Fields().Len() {
			if inner := m.Descriptor().Fields().Get(i); !inner.IsList() && !inner.IsMap() && m.Has(inner) {
				if inner.Kind() == protoreflect.BoolKind { // it is set, so it is true: its name says so
					parts = append(parts, string(inner.Name()))
					continue
				}
				parts = append(parts, flatText(inner, m.Get(inner)))
			}
		}
		return strings.Join(parts, " ")
	case protoreflect.BytesKind:
		return ""
	}
	return fmt.Sprint(v.Interface())
}

// clockOf is minutes after midnight on a clock; the end of a day is 24:00.
func clockOf(minutes int32) string { return fmt.Sprintf("%02d:%02d", minutes/60, minutes%60) }

// flatJSON is a channel's configuration, which holds no secrets, by its own fields.
func flatJSON(out map[string]string, raw []byte) {
	var fields map[string]any
	if json.Unmarshal(raw, &fields) != nil {
		return
	}
	for k, v := range fields {
		if inner, is := v.(map[string]any); is {
			for k2, v := range inner {
				out["config."+k+"."+k2] = clip(jsonText(v), maxAuditText)
			}
			continue
		}
		out["config."+k] = clip(jsonText(v), maxAuditText)
	}
}

func jsonText(v any) string {
	if s, is := v.(string); is {
		return s
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(raw)
}
