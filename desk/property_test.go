package desk_test

import (
	"slices"
	"testing"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

func TestAPropertysValueIsOfItsKind(t *testing.T) {
	t.Parallel()
	choices := []*deskpb.Choice{{Id: "a", Label: "A"}, {Id: "b", Label: "B"}}
	for _, c := range []struct {
		kind        deskpb.PropertyKind
		value, want string
		bad         bool
	}{
		{kind: deskpb.PropertyKind_PROPERTY_KIND_TEXT, value: " hello ", want: "hello"},
		{kind: deskpb.PropertyKind_PROPERTY_KIND_TEXT, value: "two\nlines", bad: true},
		{kind: deskpb.PropertyKind_PROPERTY_KIND_LONG_TEXT, value: "two\nlines", want: "two\nlines"},
		{kind: deskpb.PropertyKind_PROPERTY_KIND_NUMBER, value: "-12.5", want: "-12.5"},
		{kind: deskpb.PropertyKind_PROPERTY_KIND_NUMBER, value: "NaN", bad: true},
		{kind: deskpb.PropertyKind_PROPERTY_KIND_NUMBER, value: "1e9", bad: true},
		{kind: deskpb.PropertyKind_PROPERTY_KIND_DATE, value: "2026-02-28", want: "2026-02-28"},
		{kind: deskpb.PropertyKind_PROPERTY_KIND_DATE, value: "2026-02-30", bad: true},
		{kind: deskpb.PropertyKind_PROPERTY_KIND_CHOICE, value: "b", want: "b"},
		{kind: deskpb.PropertyKind_PROPERTY_KIND_CHOICE, value: "a,b", bad: true},
		{kind: deskpb.PropertyKind_PROPERTY_KIND_MULTI_CHOICE, value: "b,a,b", want: "a,b"},
		{kind: deskpb.PropertyKind_PROPERTY_KIND_MULTI_CHOICE, value: "a,z", bad: true},
		{kind: deskpb.PropertyKind_PROPERTY_KIND_CHECKBOX, value: "true", want: "true"},
		{kind: deskpb.PropertyKind_PROPERTY_KIND_CHECKBOX, value: "yes", bad: true},
		{kind: deskpb.PropertyKind_PROPERTY_KIND_URL, value: "https://example.com/x", want: "https://example.com/x"},
		{kind: deskpb.PropertyKind_PROPERTY_KIND_URL, value: "javascript:alert(1)", bad: true},
		{kind: deskpb.PropertyKind_PROPERTY_KIND_EMAIL, value: "ana@example.com", want: "ana@example.com"},
		{kind: deskpb.PropertyKind_PROPERTY_KIND_EMAIL, value: "Ana <ana@example.com>", bad: true},
		{kind: deskpb.PropertyKind_PROPERTY_KIND_PHONE, value: "+34 600 00 00 01", want: "+34600000001"},
		{kind: deskpb.PropertyKind_PROPERTY_KIND_PHONE, value: "600", bad: true},
		{kind: deskpb.PropertyKind_PROPERTY_KIND_DATE, value: "  ", want: ""},
	} {
		got, err := desk.PropertyValue(&deskpb.Property{Label: "It", Kind: c.kind, Choices: choices}, c.value)
		if got != c.want || (err != nil) != c.bad {
			t.Errorf("%s %q: %q, %v", c.kind, c.value, got, err)
		}
	}
}

func TestWhatIsMissingToCloseIsNamed(t *testing.T) {
	t.Parallel()
	needed := func(id, label string, removed bool) desk.Setting {
		return &deskpb.SettingSummary{Setting: id, Removed: removed, Value: &deskpb.Setting{Value: &deskpb.Setting_Property{
			Property: &deskpb.Property{Label: label, RequiredToClose: true},
		}}}
	}
	all := []desk.Setting{needed("p1", "Order", false), needed("p2", "Cause", false), needed("p3", "Gone", true), needed("p4", "Known", false)}
	got := desk.Missing(&deskpb.TicketSummary{Properties: map[string]string{"p4": "x"}}, all)
	if !slices.Equal(got, []string{"Cause", "Order"}) {
		t.Errorf("missing: %v", got)
	}
}
