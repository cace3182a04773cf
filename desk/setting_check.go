package desk

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/proto/deskpb"
)

// Limits of what a setting may hold.
const (
	maxSettingText = 64 << 10 // of a snippet or macro, per field
	maxStages      = 30
	maxChoices     = 200
	maxNamed       = 100 // tags, teams
)

// TagColours is the palette of tags; screens know how each looks in light and dark.
var TagColours = []string{"grey", "red", "orange", "yellow", "green", "teal", "blue", "violet", "pink"}

// CheckSetting gives a setting in the form in which it is kept, or says which field is at fault. What it is given stays
// as it is.
func CheckSetting(s *deskpb.Setting) (*deskpb.Setting, error) {
	s = proto.CloneOf(s)
	var err error
	switch v := s.GetValue().(type) {
	case *deskpb.Setting_Tag:
		err = checkTag(v.Tag)
	case *deskpb.Setting_Pipeline:
		err = checkPipeline(v.Pipeline)
	case *deskpb.Setting_Property:
		err = checkField(v.Property)
	case *deskpb.Setting_Snippet:
		err = checkSnippet(v.Snippet)
	case *deskpb.Setting_Macro:
		err = checkMacro(v.Macro)
	case *deskpb.Setting_Skill:
		err = checkSkill(v.Skill)
	case *deskpb.Setting_WorkingHours:
		err = cleanHours(v.WorkingHours)
	case *deskpb.Setting_Holidays:
		err = cleanHolidays(v.Holidays)
	case *deskpb.Setting_Security:
		if v.Security == nil {
			err = Refuse(Invalid, "security", "must be given")
		}
	case *deskpb.Setting_Spam:
		err = checkSpamRules(v.Spam)
	case *deskpb.Setting_Capacity:
		err = checkCapacityRules(v.Capacity)
	case *deskpb.Setting_View:
		err = checkView(v.View)
	case *deskpb.Setting_SignInProgram:
		err = checkSignInProgram(v.SignInProgram)
	default:
		err = Refuse(Invalid, "kind", "say what is to be saved: one of %s", strings.Join(SettingKinds(), ", "))
	}
	return s, err
}

// clean brings a name into form, in place.
func clean(name *string, field string) (err error) {
	*name, err = cleanName(*name, field)
	return err
}

func checkTag(t *deskpb.Tag) error {
	if err := clean(&t.Name, "name"); err != nil {
		return err
	}
	if len(t.Name) > 60 || strings.Contains(t.Name, ",") {
		return Refuse(Invalid, "name", "at most 60 bytes, without a comma")
	}
	if t.Colour == "" {
		t.Colour = TagColours[0]
	}
	if !slices.Contains(TagColours, t.Colour) {
		return Refuse(Invalid, "colour", "must be one of %s", strings.Join(TagColours, ", "))
	}
	return nil
}

func checkPipeline(p *deskpb.Pipeline) error {
	if err := clean(&p.Name, "name"); err != nil {
		return err
	}
	if len(p.Stages) == 0 || len(p.Stages) > maxStages {
		return Refuse(Invalid, "stages", "must be 1 to %d", maxStages)
	}
	ids, names := map[string]bool{}, map[string]bool{}
	open, closed := false, false
	for i, st := range p.Stages {
		at := fmt.Sprintf("stages[%d].", i)
		if !ValidID(st.GetId()) || ids[st.Id] {
			return Refuse(Invalid, at+"id", "must be an id of its own: 1 to 64 of a-z, 0-9, _ and -")
		}
		if err := clean(&st.Name, at+"name"); err != nil {
			return err
		}
		if lower := strings.ToLower(st.Name); names[lower] {
			return Refuse(Invalid, at+"name", "another stage of this pipeline is called so")
		} else {
			names[lower] = true
		}
		if _, known := deskpb.TicketStatus_name[int32(st.Status)]; !known || st.Status == 0 {
			return Refuse(Invalid, at+"status", "must be new, waiting_on_us, waiting_on_contact or closed")
		}
		ids[st.Id] = true
		closed = closed || st.Status == deskpb.TicketStatus_TICKET_STATUS_CLOSED
		open = open || st.Status != deskpb.TicketStatus_TICKET_STATUS_CLOSED
	}
	if !open || !closed {
		return Refuse(Invalid, "stages", "needs at least one stage that is open and one that is closed")
	}
	return nil
}

var (
	propertyName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,59}$`)
	shortcut     = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,39}$`)
)

func checkField(p *deskpb.Property) error {
	p.Name = strings.TrimSpace(p.Name)
	if !propertyName.MatchString(p.Name) {
		return Refuse(Invalid, "name", "must be 1 to 60 of a-z, 0-9 and _, a letter first")
	}
	if err := clean(&p.Label, "label"); err != nil {
		return err
	}
	if p.Of != deskpb.PropertyOf_PROPERTY_OF_TICKET && p.Of != deskpb.PropertyOf_PROPERTY_OF_CONTACT {
		return Refuse(Invalid, "of", "must be ticket or contact")
	}
	if _, known := deskpb.PropertyKind_name[int32(p.Kind)]; !known || p.Kind == 0 {
		return Refuse(Invalid, "kind", "must be text, long_text, number, date, choice, multi_choice, checkbox, url, email or phone")
	}
	if p.RequiredToClose && p.Of != deskpb.PropertyOf_PROPERTY_OF_TICKET {
		return Refuse(Invalid, "required_to_close", "only tickets are closed")
	}
	if p.Order < 0 || p.Order > 100_000 {
		return Refuse(Invalid, "order", "must be 0 to 100000")
	}
	if p.Help = strings.TrimSpace(p.Help); len(p.Help) > 500 {
		return Refuse(Invalid, "help", "at most 500 bytes")
	}
	return checkChoices(p)
}

func checkChoices(p *deskpb.Property) error {
	if p.Kind != deskpb.PropertyKind_PROPERTY_KIND_CHOICE && p.Kind != deskpb.PropertyKind_PROPERTY_KIND_MULTI_CHOICE {
		if len(p.Choices) > 0 {
			return Refuse(Invalid, "choices", "only a choice has choices")
		}
		return nil
	}
	if len(p.Choices) == 0 || len(p.Choices) > maxChoices {
		return Refuse(Invalid, "choices", "must be 1 to %d", maxChoices)
	}
	ids, labels := map[string]bool{}, map[string]bool{}
	for i, c := range p.Choices {
		at := fmt.Sprintf("choices[%d].", i)
		if !ValidID(c.GetId()) || ids[c.Id] {
			return Refuse(Invalid, at+"id", "must be an id of its own: 1 to 64 of a-z, 0-9, _ and -")
		}
		if err := clean(&c.Label, at+"label"); err != nil {
			return err
		}
		if lower := strings.ToLower(c.Label); labels[lower] {
			return Refuse(Invalid, at+"label", "another choice is called so")
		} else {
			ids[c.Id], labels[lower] = true, true
		}
	}
	return nil
}

func checkText(text, field string) error {
	if len(text) > maxSettingText {
		return Refuse(Invalid, field, "at most %d bytes", maxSettingText)
	}
	return nil
}

// checkAudience: whose it is, or for which teams.
func checkAudience(owner string, teams []string) error {
	if owner != "" && !ValidID(owner) {
		return Refuse(Invalid, "owner", "must be an agent, or nobody for everybody's")
	}
	if owner != "" && len(teams) > 0 {
		return Refuse(Invalid, "teams", "one's own is for oneself; share it, or name no teams")
	}
	return checkIDs(teams, "teams")
}

func checkIDs(ids []string, field string) error {
	if len(ids) > maxNamed {
		return Refuse(Invalid, field, "at most %d", maxNamed)
	}
	for i, id := range ids {
		if !ValidID(id) || slices.Contains(ids[:i], id) {
			return Refuse(Invalid, fmt.Sprintf("%s[%d]", field, i), "must be an id that is named once")
		}
	}
	return nil
}

func checkSnippet(s *deskpb.Snippet) error {
	if err := clean(&s.Name, "name"); err != nil {
		return err
	}
	s.Shortcut = strings.ToLower(strings.TrimLeft(strings.TrimSpace(s.Shortcut), "/#;"))
	if s.Shortcut != "" && !shortcut.MatchString(s.Shortcut) {
		return Refuse(Invalid, "shortcut", "must be up to 40 of a-z, 0-9, - and _")
	}
	if strings.TrimSpace(s.Text) == "" && strings.TrimSpace(s.Html) == "" {
		return Refuse(Invalid, "text", "write what is to be put into the answer")
	}
	if err := checkText(s.Text, "text"); err != nil {
		return err
	}
	if err := checkText(s.Html, "html"); err != nil {
		return err
	}
	return checkAudience(s.Owner, s.Teams)
}

func checkMacro(m *deskpb.Macro) error {
	if err := clean(&m.Name, "name"); err != nil {
		return err
	}
	for _, f := range [...]struct{ field, text string }{{"reply_text", m.ReplyText}, {"reply_html", m.ReplyHtml}, {"note", m.Note}} {
		if err := checkText(f.text, f.field); err != nil {
			return err
		}
	}
	if err := checkIDs(m.AddTags, "add_tags"); err != nil {
		return err
	}
	if err := checkIDs(m.RemoveTags, "remove_tags"); err != nil {
		return err
	}
	if _, known := deskpb.TicketStatus_name[int32(m.Status)]; !known {
		return Refuse(Invalid, "status", "must be new, waiting_on_us, waiting_on_contact or closed")
	}
	if _, known := deskpb.Priority_name[int32(m.Priority)]; !known {
		return Refuse(Invalid, "priority", "must be low, normal, high or urgent")
	}
	for _, f := range [...]struct{ field, id string }{{"pipeline", m.Pipeline}, {"stage", m.Stage}, {"assign", m.Assign}, {"team", m.Team}} {
		if f.id != "" && !ValidID(f.id) {
			return Refuse(Invalid, f.field, "this is not an id")
		}
	}
	if m.Pipeline != "" && m.Stage == "" {
		return Refuse(Invalid, "stage", "name the stage of that pipeline")
	}
	rest := proto.CloneOf(m)
	rest.Name, rest.Owner, rest.Teams = "", "", nil
	if proto.Size(rest) == 0 {
		return Refuse(Invalid, "", "a macro does at least one thing")
	}
	return checkAudience(m.Owner, m.Teams)
}

func checkSkill(s *deskpb.Skill) error {
	if err := clean(&s.Name, "name"); err != nil {
		return err
	}
	if s.Category = strings.Join(strings.Fields(s.Category), " "); len(s.Category) > 100 {
		return Refuse(Invalid, "category", "at most 100 bytes")
	}
	if s.Kind == deskpb.SkillKind_SKILL_KIND_UNSPECIFIED {
		s.Kind = deskpb.SkillKind_SKILL_KIND_TOPIC
	}
	if _, known := deskpb.SkillKind_name[int32(s.Kind)]; !known {
		return Refuse(Invalid, "kind", "must be topic or language")
	}
	return nil
}
