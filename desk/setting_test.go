package desk_test

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

func tag(name, colour string) *deskpb.Setting {
	return &deskpb.Setting{Value: &deskpb.Setting_Tag{Tag: &deskpb.Tag{Name: name, Colour: colour}}}
}

func property(p *deskpb.Property) *deskpb.Setting {
	return &deskpb.Setting{Value: &deskpb.Setting_Property{Property: p}}
}

func pipeline(stages ...*deskpb.Stage) *deskpb.Setting {
	return &deskpb.Setting{Value: &deskpb.Setting_Pipeline{Pipeline: &deskpb.Pipeline{Name: "Support", Stages: stages}}}
}

func macro(m *deskpb.Macro) *deskpb.Setting {
	return &deskpb.Setting{Value: &deskpb.Setting_Macro{Macro: m}}
}

func snippet(s *deskpb.Snippet) *deskpb.Setting {
	return &deskpb.Setting{Value: &deskpb.Setting_Snippet{Snippet: s}}
}

const (
	fresh  = deskpb.TicketStatus_TICKET_STATUS_NEW
	closed = deskpb.TicketStatus_TICKET_STATUS_CLOSED
)

// TestWhatASettingMayHold: each refusal names the field at fault.
func TestWhatASettingMayHold(t *testing.T) {
	t.Parallel()
	text := deskpb.PropertyKind_PROPERTY_KIND_TEXT
	choice := deskpb.PropertyKind_PROPERTY_KIND_CHOICE
	ticket := deskpb.PropertyOf_PROPERTY_OF_TICKET
	for name, c := range map[string]struct {
		s     *deskpb.Setting
		field string // at fault; "" means: fine
	}{
		"a tag":                    {tag("Refund", "red"), ""},
		"a tag without colour":     {tag("Refund", ""), ""},
		"a tag without name":       {tag("  ", "red"), "name"},
		"a tag with a comma":       {tag("a,b", "red"), "name"},
		"a tag of no colour":       {tag("Refund", "#ff0000"), "colour"},
		"nothing":                  {&deskpb.Setting{}, "kind"},
		"a pipeline":               {pipeline(&deskpb.Stage{Id: "a", Name: "New", Status: fresh}, &deskpb.Stage{Id: "b", Name: "Done", Status: closed}), ""},
		"a pipeline without end":   {pipeline(&deskpb.Stage{Id: "a", Name: "New", Status: fresh}), "stages"},
		"a pipeline of nothing":    {pipeline(), "stages"},
		"a stage twice":            {pipeline(&deskpb.Stage{Id: "a", Name: "New", Status: fresh}, &deskpb.Stage{Id: "a", Name: "Done", Status: closed}), "stages[1].id"},
		"a stage's name twice":     {pipeline(&deskpb.Stage{Id: "a", Name: "New", Status: fresh}, &deskpb.Stage{Id: "b", Name: "new", Status: closed}), "stages[1].name"},
		"a stage of no status":     {pipeline(&deskpb.Stage{Id: "a", Name: "New"}), "stages[0].status"},
		"a property":               {property(&deskpb.Property{Name: "order_no", Label: "Order", Of: ticket, Kind: text}), ""},
		"a property's odd name":    {property(&deskpb.Property{Name: "Order No", Label: "Order", Of: ticket, Kind: text}), "name"},
		"a property of nothing":    {property(&deskpb.Property{Name: "order", Label: "Order", Kind: text}), "of"},
		"a property of no kind":    {property(&deskpb.Property{Name: "order", Label: "Order", Of: ticket, Kind: 99}), "kind"},
		"a text with choices":      {property(&deskpb.Property{Name: "order", Label: "Order", Of: ticket, Kind: text, Choices: []*deskpb.Choice{{Id: "a", Label: "A"}}}), "choices"},
		"a choice without choices": {property(&deskpb.Property{Name: "order", Label: "Order", Of: ticket, Kind: choice}), "choices"},
		"a choice's label twice":   {property(&deskpb.Property{Name: "order", Label: "Order", Of: ticket, Kind: choice, Choices: []*deskpb.Choice{{Id: "a", Label: "A"}, {Id: "b", Label: "a"}}}), "choices[1].label"},
		"a contact's, to close":    {property(&deskpb.Property{Name: "vip", Label: "VIP", Of: deskpb.PropertyOf_PROPERTY_OF_CONTACT, Kind: text, RequiredToClose: true}), "required_to_close"},
		"a snippet":                {snippet(&deskpb.Snippet{Name: "Hello", Shortcut: "/Hello", Text: "Hello {{contact.name}}"}), ""},
		"a snippet of nothing":     {snippet(&deskpb.Snippet{Name: "Hello"}), "text"},
		"a long snippet":           {snippet(&deskpb.Snippet{Name: "Hello", Text: strings.Repeat("x", 70_000)}), "text"},
		"an odd shortcut":          {snippet(&deskpb.Snippet{Name: "Hello", Shortcut: "a b", Text: "x"}), "shortcut"},
		"one's own for teams":      {snippet(&deskpb.Snippet{Name: "Hello", Text: "x", Owner: "ag_1", Teams: []string{"tm_1"}}), "teams"},
		"a macro":                  {macro(&deskpb.Macro{Name: "Done", Status: closed}), ""},
		"a macro of nothing":       {macro(&deskpb.Macro{Name: "Done"}), ""}, // below: no field, but refused
		"a macro's tag twice":      {macro(&deskpb.Macro{Name: "Done", AddTags: []string{"a", "a"}}), "add_tags[1]"},
		"a pipeline but no stage":  {macro(&deskpb.Macro{Name: "Done", Pipeline: "pl_1"}), "stage"},
	} {
		_, err := desk.Settings.Decide(desk.Settings.Initial(), deskpb.NewCommand(&deskpb.SaveSetting{Setting: c.s, Create: true}))
		refused := name == "a macro of nothing" || c.field != ""
		if (err != nil) != refused {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if refused && (desk.CodeOf(err) != desk.Invalid || err.(*desk.Error).Field != c.field) {
			t.Errorf("%s: %v, want field %q", name, err, c.field)
		}
	}
}

// save decides and folds.
func save(s *desk.Entry, v *deskpb.Setting, create bool) (*desk.Entry, int, error) {
	events, err := desk.Settings.Decide(s, deskpb.NewCommand(&deskpb.SaveSetting{Setting: v, Create: create}))
	for _, e := range events {
		s = desk.Settings.Evolve(s, e)
	}
	return s, len(events), err
}

func TestASettingIsCreatedOnceAndComesBack(t *testing.T) {
	t.Parallel()
	s, n, err := save(desk.Settings.Initial(), tag("Refund", "red"), true)
	if n != 1 || err != nil {
		t.Fatalf("created: %d events, %v", n, err)
	}
	if _, n, err = save(s, tag(" Refund ", "red"), true); n != 0 || err != nil {
		t.Errorf("the same again: %d events, %v", n, err)
	}
	if _, _, err = save(s, tag("Other", "red"), true); desk.ReasonOf(err) != "exists" {
		t.Errorf("another of the same id: %v", err)
	}
	if _, _, err = save(s, pipeline(&deskpb.Stage{Id: "a", Name: "New", Status: fresh}, &deskpb.Stage{Id: "b", Name: "Done", Status: closed}), false); desk.ReasonOf(err) != "exists" {
		t.Errorf("a tag became a pipeline: %v", err)
	}
	remove := deskpb.NewCommand(&deskpb.RemoveSetting{})
	if _, err := desk.Settings.Decide(desk.Settings.Initial(), remove); desk.CodeOf(err) != desk.NotFound {
		t.Errorf("removed what never was: %v", err)
	}
	events, err := desk.Settings.Decide(s, remove)
	if len(events) != 1 || err != nil {
		t.Fatalf("removed: %v, %v", events, err)
	}
	s = desk.Settings.Evolve(s, events[0])
	if events, err = desk.Settings.Decide(s, remove); len(events) != 0 || err != nil {
		t.Errorf("removed again: %v, %v", events, err)
	}
	if s, n, err = save(s, tag("Refund", "red"), false); n != 1 || err != nil || s.Removed {
		t.Errorf("brought back: %d events, %v", n, err)
	}
}

func TestAPropertyStaysWhatItIs(t *testing.T) {
	t.Parallel()
	p := &deskpb.Property{Name: "order", Label: "Order", Of: deskpb.PropertyOf_PROPERTY_OF_TICKET, Kind: deskpb.PropertyKind_PROPERTY_KIND_TEXT}
	s, _, err := save(desk.Settings.Initial(), property(p), true)
	if err != nil {
		t.Fatal(err)
	}
	other := proto.CloneOf(p)
	other.Kind = deskpb.PropertyKind_PROPERTY_KIND_DATE
	if _, _, err := save(s, property(other), false); err == nil || err.(*desk.Error).Field != "kind" {
		t.Errorf("another kind: %v", err)
	}
	other = proto.CloneOf(p)
	other.Of = deskpb.PropertyOf_PROPERTY_OF_CONTACT
	if _, _, err := save(s, property(other), false); err == nil || err.(*desk.Error).Field != "of" {
		t.Errorf("of another: %v", err)
	}
}

// TestSettingsInAnyOrder: whatever is asked, the row and the state agree, and a setting keeps its kind.
func TestSettingsInAnyOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := desk.Settings.Initial()
		var row *deskpb.SettingSummary
		kind := ""
		for i := range rapid.IntRange(1, 30).Draw(t, "commands") {
			cmd := deskpb.NewCommand(&deskpb.RemoveSetting{})
			switch rapid.IntRange(0, 3).Draw(t, "command") {
			case 0:
				cmd = deskpb.NewCommand(&deskpb.SaveSetting{Setting: snippet(&deskpb.Snippet{Name: "Hi", Text: rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "text"), Owner: rapid.SampledFrom([]string{"", "ag_1", "ag_2"}).Draw(t, "owner")})})
			case 1, 2:
				cmd = deskpb.NewCommand(&deskpb.SaveSetting{Setting: tag(rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "name"), "red"), Create: rapid.Bool().Draw(t, "create")})
			}
			events, err := desk.Settings.Decide(s, cmd)
			if err != nil && len(events) > 0 {
				t.Fatalf("refused and did it: %v", err)
			}
			for _, e := range events {
				s = desk.Settings.Evolve(s, e)
				row = desk.ProjectSetting(row, &deskpb.Record{Stream: "setting/x", Version: uint64(i + 1), Event: e})
			}
			if row == nil {
				continue
			}
			if kind == "" {
				kind = row.Kind
			}
			if row.Kind != kind || s.Kind != kind || row.Removed != s.Removed || row.Owner != desk.SettingOwner(row.Value) {
				t.Fatalf("row %v, state %+v", row, s)
			}
		}
	})
}
