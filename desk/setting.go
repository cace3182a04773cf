package desk

import (
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/proto/deskpb"
)

// Entry is the state of a setting's stream. Its value is kept as bytes, so that a snapshot is plain JSON.
type Entry struct {
	Kind    string // "" before it was first saved
	Value   []byte // a deskpb.Setting
	Removed bool
}

// SettingFormat is the version of Entry's snapshots.
const SettingFormat = 1

// Kinds of setting, as the fields of deskpb.Setting are named.
const (
	SettingTag      = "tag"
	SettingPipeline = "pipeline"
	SettingProperty = "property"
	SettingSnippet  = "snippet"
	SettingMacro    = "macro"
	SettingSkill    = "skill"
	SettingView     = "view"
)

// Settings is the decider of setting streams. That a name is unique in its kind is the API's to see: no stream knows
// another.
var Settings = Decider[*Entry]{
	Initial: func() *Entry { return &Entry{} },
	Decide:  decideSetting,
	Evolve:  evolveSetting,
}

func decideSetting(s *Entry, cmd Command) ([]Event, error) {
	switch m := cmd.Kind.(type) {
	case *deskpb.Command_SaveSetting:
		return saveSetting(s, m.SaveSetting)
	case *deskpb.Command_RemoveSetting:
		if s.Kind == "" {
			return nil, Refuse(NotFound, "setting", "there is no such setting")
		}
		if s.Removed {
			return nil, nil
		}
		return events(deskpb.NewEvent(&deskpb.SettingRemoved{})), nil
	}
	return nil, unknownCommand(cmd, KindSetting)
}

func saveSetting(s *Entry, m *deskpb.SaveSetting) ([]Event, error) {
	next, err := CheckSetting(m.GetSetting())
	if err != nil {
		return nil, err
	}
	if s.Kind != "" {
		if kind := SettingKind(next); kind != s.Kind {
			return nil, &Error{Code: Conflict, Field: "id", Reason: "exists", Message: "this id belongs to a " + s.Kind}
		}
		was := s.setting()
		if read := m.GetWas(); read != nil && (s.Removed || !proto.Equal(read, was)) {
			return nil, ChangedSince()
		}
		if same := proto.Equal(was, next); same && !s.Removed {
			return nil, nil
		} else if m.Create && !same {
			return nil, &Error{Code: Conflict, Field: "id", Reason: "exists", Message: "there is one with this id already, and it is another"}
		}
		if err := checkSettingChange(was, next); err != nil {
			return nil, err
		}
	}
	return events(deskpb.NewEvent(&deskpb.SettingSaved{Setting: next})), nil
}

// checkSettingChange refuses what would make stored values mean something else, or a colleague's own a foreign one.
func checkSettingChange(was, next *deskpb.Setting) error {
	if o, n := was.GetProperty(), next.GetProperty(); o != nil {
		switch {
		case o.Of != n.Of:
			return Refuse(Invalid, "of", "a property stays with what it is a property of; make another one")
		case o.Kind != n.Kind:
			return Refuse(Invalid, "kind", "the kind of a property stays, because values are kept by it; make another one")
		}
	}
	if SettingOwner(was) != SettingOwner(next) && SettingOwner(next) != "" {
		return Refuse(Invalid, "owner", "it belongs to somebody else; save it as one of your own")
	}
	return nil
}

func (s *Entry) setting() *deskpb.Setting {
	v := &deskpb.Setting{}
	_ = proto.Unmarshal(s.Value, v) // made by evolveSetting
	return v
}

func evolveSetting(s *Entry, ev Event) *Entry {
	switch e := ev.GetKind().(type) {
	case *deskpb.Event_SettingSaved:
		v := e.SettingSaved.GetSetting()
		raw, err := proto.MarshalOptions{Deterministic: true}.Marshal(v)
		if err != nil {
			raw = nil // text that is no UTF-8: the journal refuses it, so nobody has written it
		}
		s.Kind, s.Value, s.Removed = SettingKind(v), raw, false
	case *deskpb.Event_SettingRemoved:
		s.Removed = true
	}
	return s
}

// SettingKind is the kind of a setting; "unknown" when it holds nothing we know.
func SettingKind(s *deskpb.Setting) string {
	r := s.ProtoReflect()
	fd := r.WhichOneof(r.Descriptor().Oneofs().ByName("value"))
	if fd == nil {
		return "unknown"
	}
	return string(fd.Name())
}

// SettingKinds are all kinds there are, in the order of their numbers.
func SettingKinds() []string {
	fields := (*deskpb.Setting)(nil).ProtoReflect().Descriptor().Oneofs().ByName("value").Fields()
	var all []string
	for i := range fields.Len() {
		all = append(all, string(fields.Get(i).Name()))
	}
	return all
}

// SettingOwner is whose own a setting is, "" for everybody's. Any kind that has a field owner may be somebody's.
func SettingOwner(s *deskpb.Setting) string {
	m := settingValue(s)
	if m == nil {
		return ""
	}
	r := m.ProtoReflect()
	fd := r.Descriptor().Fields().ByName("owner")
	if fd == nil {
		return ""
	}
	return r.Get(fd).String()
}

// SettingName is the name by which people tell settings of a kind apart, and the scope in which it has to be unique:
// an agent's own among the agent's own, a property's among those of tickets or of contacts.
func SettingName(s *deskpb.Setting) (scope, name string) {
	m := settingValue(s)
	if m == nil {
		return "", ""
	}
	r := m.ProtoReflect()
	if fd := r.Descriptor().Fields().ByName("name"); fd != nil {
		name = strings.ToLower(r.Get(fd).String())
	}
	scope = SettingOwner(s)
	if p := s.GetProperty(); p != nil {
		scope = p.Of.String()
	}
	return scope, name
}

// SettingTitle is what people call a setting, as they wrote it.
func SettingTitle(s *deskpb.Setting) string {
	_, name := SettingName(s)
	if v := settingValue(s); v != nil {
		name = named(v, name)
	}
	return name
}

// NamesTeam tells whether a macro, snippet or view is for a team, hands tickets to it or lists its tickets.
func NamesTeam(s *deskpb.Setting, team string) bool {
	switch v := s.GetValue().(type) {
	case *deskpb.Setting_Macro:
		return v.Macro.GetTeam() == team || slices.Contains(v.Macro.GetTeams(), team)
	case *deskpb.Setting_Snippet:
		return slices.Contains(v.Snippet.GetTeams(), team)
	case *deskpb.Setting_View:
		f, err := ParseFilter(v.View.GetFilter(), "filter")
		return slices.Contains(v.View.GetTeams(), team) || err == nil && slices.Contains(f.Team, team)
	}
	return false
}

func settingValue(s *deskpb.Setting) proto.Message {
	r := s.ProtoReflect()
	fd := r.WhichOneof(r.Descriptor().Oneofs().ByName("value"))
	if fd == nil {
		return nil
	}
	return r.Get(fd).Message().Interface()
}

// MaxSettings is how many of a kind there may be that are not removed.
func MaxSettings(kind string) int {
	switch kind {
	case SettingProperty:
		return 200
	case SettingPipeline:
		return 50
	case SettingSnippet, SettingMacro:
		return 2000
	case SettingView: // everybody's own together
		return 5000
	}
	return 1000
}

// ProjectSetting folds a record of a setting's stream.
func ProjectSetting(s *deskpb.SettingSummary, r Record) *deskpb.SettingSummary {
	if s == nil {
		s = &deskpb.SettingSummary{Setting: StreamID(r.Stream).ID()}
	}
	s.Version, s.Position, s.By, s.ChangedAtMs = r.Version, r.Position, r.GetBy().GetId(), r.AtMs
	switch e := r.Event.GetKind().(type) {
	case *deskpb.Event_SettingSaved:
		v := e.SettingSaved.GetSetting()
		s.Value, s.Kind, s.Owner, s.Removed = v, SettingKind(v), SettingOwner(v), false
	case *deskpb.Event_SettingRemoved:
		s.Removed = true
	}
	return s
}

// LiveSettings leaves out what was removed.
func LiveSettings(all []Setting) []Setting {
	return slices.DeleteFunc(slices.Clone(all), func(s Setting) bool { return s.Removed })
}
