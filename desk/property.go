package desk

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/centralita/centralita/proto/deskpb"
)

var (
	phoneNumber = regexp.MustCompile(`^\+[1-9][0-9]{5,14}$`) // E.164
	webAddress  = regexp.MustCompile(`^https?://[^\s/?#@]+([/?#]\S*)?$`)
)

// CleanPhone gives a phone number as we keep it; ok is false when it is none.
func CleanPhone(s string) (number string, ok bool) {
	s = strings.NewReplacer(" ", "", "-", "", "(", "", ")", "", ".", "").Replace(s)
	return s, phoneNumber.MatchString(s)
}

// PropertyValue gives a value as its property's kind writes it. "" clears it.
func PropertyValue(p *deskpb.Property, value string) (string, error) {
	value = strings.TrimSpace(value)
	if value == "" {
		return "", nil
	}
	wrong := func(must string) (string, error) { return "", Refuse(Invalid, "value", "%s must be %s", p.Label, must) }
	switch p.Kind {
	case deskpb.PropertyKind_PROPERTY_KIND_TEXT:
		if strings.ContainsAny(value, "\r\n") || len(value) > 1000 {
			return wrong("one line of at most 1000 bytes")
		}
	case deskpb.PropertyKind_PROPERTY_KIND_NUMBER:
		if _, err := strconv.ParseFloat(value, 64); err != nil || strings.Trim(value, "+-.0123456789") != "" || len(value) > 40 {
			return wrong("a number such as -12.5")
		}
	case deskpb.PropertyKind_PROPERTY_KIND_DATE:
		if _, err := time.Parse(time.DateOnly, value); err != nil {
			return wrong("a day such as 2026-01-31")
		}
	case deskpb.PropertyKind_PROPERTY_KIND_CHOICE, deskpb.PropertyKind_PROPERTY_KIND_MULTI_CHOICE:
		return chosen(p, value)
	case deskpb.PropertyKind_PROPERTY_KIND_CHECKBOX:
		if value != "true" {
			return wrong("true, or empty")
		}
	case deskpb.PropertyKind_PROPERTY_KIND_URL:
		if !webAddress.MatchString(value) {
			return wrong("an address such as https://example.com")
		}
	case deskpb.PropertyKind_PROPERTY_KIND_EMAIL:
		address, err := CleanEmail(value)
		if err != nil {
			return wrong("an address such as ana@example.com")
		}
		return address, nil
	case deskpb.PropertyKind_PROPERTY_KIND_PHONE:
		number, ok := CleanPhone(value)
		if !ok {
			return wrong("a number with its country, such as +34 600 000 000")
		}
		return number, nil
	default: // any text
	}
	return value, nil
}

// chosen keeps the ids of choices, each once, in the order of the property.
func chosen(p *deskpb.Property, value string) (string, error) {
	ids := []string{value}
	if p.Kind == deskpb.PropertyKind_PROPERTY_KIND_MULTI_CHOICE {
		ids = strings.Split(value, ",")
	}
	var out []string
	for _, c := range p.Choices {
		if slices.Contains(ids, c.Id) {
			out = append(out, c.Id)
		}
	}
	for _, id := range ids {
		if !slices.ContainsFunc(p.Choices, func(c *deskpb.Choice) bool { return c.Id == id }) {
			return "", Refuse(Invalid, "value", "%s has no choice %q", p.Label, id)
		}
	}
	return strings.Join(out, ","), nil
}

// Missing names the properties without which a ticket is not closed and that it does not have.
func Missing(t Ticket, properties []Setting) []string {
	var out []string
	for _, s := range properties {
		p := s.GetValue().GetProperty()
		if !s.Removed && p.GetRequiredToClose() && t.GetProperties()[s.Setting] == "" {
			out = append(out, p.Label)
		}
	}
	slices.Sort(out)
	return out
}
