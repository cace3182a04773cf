package desk

import (
	"slices"
	"strings"

	"github.com/centralita/centralita/proto/deskpb"
)

// Person is the state of a contact's stream.
type Person struct {
	Created    bool
	Name       string
	Identities []string
	Owner      AgentID
	Properties map[string]string
	Blocked    bool
	// Undeliverable are addresses at which nobody is.
	Undeliverable map[string]bool
	// Asked are the automatic answers that were asked for lately; until StoppedUntil there are none.
	Asked        []Asked
	StoppedUntil int64
}

// ContactFormat is the version of Person's snapshots.
const ContactFormat = 3

// Contacts is the decider of contact streams.
var Contacts = Decider[*Person]{
	Initial: func() *Person { return &Person{} },
	Decide:  decideContact,
	Evolve:  evolveContact,
}

func identityKey(i *deskpb.Identity) string { return i.GetKind().String() + " " + i.GetValue() }

func decideContact(p *Person, cmd Command) ([]Event, error) {
	if m, ok := cmd.Kind.(*deskpb.Command_EnsureContact); ok {
		return ensureContact(p, m.EnsureContact)
	}
	if !p.Created {
		return nil, Refuse(NotFound, "contact", "there is no such contact")
	}
	switch m := cmd.Kind.(type) {
	case *deskpb.Command_AddContactIdentity:
		i := m.AddContactIdentity.Identity
		if err := checkIdentity(i); err != nil {
			return nil, err
		}
		if slices.Contains(p.Identities, identityKey(i)) {
			return nil, nil
		}
		return events(deskpb.NewEvent(&deskpb.ContactIdentityAdded{Identity: i})), nil
	case *deskpb.Command_NameContact:
		name, err := cleanName(m.NameContact.Name, "name")
		if err != nil || name == p.Name {
			return nil, err
		}
		return events(deskpb.NewEvent(&deskpb.ContactNamed{Name: name, By: cmd.GetBy().GetId()})), nil
	case *deskpb.Command_SetContactOwner:
		if m.SetContactOwner.Agent == string(p.Owner) {
			return nil, nil
		}
		return events(deskpb.NewEvent(&deskpb.ContactOwnerChanged{Agent: m.SetContactOwner.Agent, By: cmd.GetBy().GetId()})), nil
	case *deskpb.Command_BlockContact:
		if p.Blocked {
			return nil, nil
		}
		return events(deskpb.NewEvent(&deskpb.ContactBlocked{By: cmd.GetBy().GetId()})), nil
	case *deskpb.Command_UnblockContact:
		if !p.Blocked {
			return nil, nil
		}
		return events(deskpb.NewEvent(&deskpb.ContactUnblocked{By: cmd.GetBy().GetId()})), nil
	case *deskpb.Command_AskToAnswer:
		return askToAnswer(p, cmd, m.AskToAnswer)
	case *deskpb.Command_StopAutomaticAnswers:
		return stopAutomaticAnswers(p, cmd, m.StopAutomaticAnswers)
	case *deskpb.Command_AllowAutomaticAnswers:
		if p.StoppedUntil <= cmd.AtMs {
			return nil, nil
		}
		return events(deskpb.NewEvent(&deskpb.AutomaticAnswersAllowed{By: cmd.GetBy().GetId()})), nil
	case *deskpb.Command_FailContactAddress:
		return failContactAddress(p, m.FailContactAddress)
	case *deskpb.Command_ProveContactAddress:
		return proveContactAddress(p, m.ProveContactAddress)
	case *deskpb.Command_SetContactProperty:
		s := m.SetContactProperty
		if err := checkProperty(p.Properties, s.Property, s.Value); err != nil || p.Properties[s.Property] == s.Value {
			return nil, err
		}
		return events(deskpb.NewEvent(&deskpb.ContactPropertySet{Property: s.Property, Value: s.Value, By: cmd.GetBy().GetId()})), nil
	}
	return nil, unknownCommand(cmd, KindContact)
}

func ensureContact(p *Person, m *deskpb.EnsureContact) ([]Event, error) {
	name := clip(strings.Join(strings.Fields(m.Name), " "), 200)
	if !p.Created {
		if err := checkIdentity(m.Identity); err != nil {
			return nil, err
		}
		return events(deskpb.NewEvent(&deskpb.ContactCreated{Identity: m.Identity, Name: name})), nil
	}
	if p.Name == "" && name != "" {
		return events(deskpb.NewEvent(&deskpb.ContactNamed{Name: name})), nil
	}
	return nil, nil
}

func checkIdentity(i *deskpb.Identity) error {
	switch {
	case i.GetKind() == deskpb.IdentityKind_IDENTITY_KIND_UNSPECIFIED:
		return Refuse(Invalid, "identity.kind", "say what kind of address it is")
	case i.Value == "" || len(i.Value) > 512:
		return Refuse(Invalid, "identity.value", "must be 1 to 512 bytes")
	}
	return nil
}

func cleanName(s, field string) (string, error) {
	s = strings.Join(strings.Fields(s), " ")
	if s == "" || len(s) > 200 {
		return "", Refuse(Invalid, field, "must be 1 to 200 bytes")
	}
	return s, nil
}

func evolveContact(p *Person, ev Event) *Person {
	switch e := ev.GetKind().(type) {
	case *deskpb.Event_ContactCreated:
		p.Created, p.Name = true, e.ContactCreated.Name
		p.Identities = append(p.Identities, identityKey(e.ContactCreated.Identity))
	case *deskpb.Event_ContactIdentityAdded:
		p.Identities = append(p.Identities, identityKey(e.ContactIdentityAdded.Identity))
	case *deskpb.Event_ContactNamed:
		p.Name = e.ContactNamed.Name
	case *deskpb.Event_ContactOwnerChanged:
		p.Owner = AgentID(e.ContactOwnerChanged.Agent)
	case *deskpb.Event_ContactBlocked:
		p.Blocked = true
	case *deskpb.Event_ContactUnblocked:
		p.Blocked = false
	case *deskpb.Event_ContactAddressFailed:
		if p.Undeliverable == nil {
			p.Undeliverable = map[string]bool{}
		}
		p.Undeliverable[e.ContactAddressFailed.Address] = true
	case *deskpb.Event_ContactAddressWorked:
		delete(p.Undeliverable, e.ContactAddressWorked.Address)
	case *deskpb.Event_AutomaticAnswerAsked, *deskpb.Event_AutomaticAnswersStopped, *deskpb.Event_AutomaticAnswersAllowed:
		evolveGate(p, ev)
	case *deskpb.Event_ContactPropertySet:
		p.Properties = setProperty(p.Properties, e.ContactPropertySet.Property, e.ContactPropertySet.Value)
	}
	return p
}

// Anonymous is what a contact without a name is called: the address, or for ids that mean nothing to people a word and their end.
func Anonymous(i *deskpb.Identity) string {
	v := i.GetValue()
	switch i.GetKind() {
	case deskpb.IdentityKind_IDENTITY_KIND_VISITOR, deskpb.IdentityKind_IDENTITY_KIND_PAGE_SCOPED:
		return "Visitor " + strings.ToUpper(v[max(0, len(v)-4):])
	default:
		return v
	}
}
