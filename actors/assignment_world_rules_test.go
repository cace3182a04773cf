package actors_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// What rules look at changes while they are asked: tags, the contact and its owner, properties, skills.
var ruleMoves = []move{
	{"a ticket's tag", 25, func(w *assignmentWorld) {
		if c, ok := w.someTicket(desk.ViewUnassigned); ok {
			m := &deskpb.ChangeTicketTags{Add: []string{"tg_a"}}
			if w.rng.IntN(2) == 0 {
				m.Add, m.Remove = nil, m.Add
			}
			w.tell(c.Stream(), m)
		}
	}},
	{"a contact's owner", 25, func(w *assignmentWorld) {
		m := &deskpb.SetContactOwner{}
		if w.rng.IntN(4) > 0 {
			m.Agent = string(w.agent())
		}
		w.tell(w.contact().Stream(), m)
	}},
	{"a contact's plan", 25, func(w *assignmentWorld) {
		w.tell(w.contact().Stream(), &deskpb.SetContactProperty{Property: "pr_plan", Value: []string{"", "gold"}[w.rng.IntN(2)]})
	}},
	{"what rules look at flickers while a ticket comes", 30, (*assignmentWorld).flicker},
	{"a ticket's requester", 5, func(w *assignmentWorld) {
		if c, ok := w.someTicket(desk.ViewUnassigned); ok {
			w.tell(c.Stream(), &deskpb.ChangeRequester{Contact: string(w.contact()), ContactName: "x"})
		}
	}},
}

// flicker changes again and again what rules look at of a ticket that just came, or was given back, each time after the time before is
// durable: so that one of the changes falls between a choice and what comes of it.
func (w *assignmentWorld) flicker() {
	c, ok := w.someTicket(desk.ViewOpen)
	if !ok {
		return
	}
	address, owner, other, which := w.address(), string(w.agent()), string(w.agent()), w.rng.IntN(3)
	contact := contactAt(address).Stream()
	if which == 0 {
		w.tell(c.Stream(), &deskpb.UnassignConversation{})
	} else {
		w.arrive(address)
	}
	sys := w.l.sys
	go func() {
		for i := range 8 {
			var stream desk.StreamID
			var m proto.Message
			switch odd := i%2 == 1; {
			case which == 0 && odd:
				stream, m = c.Stream(), &deskpb.ChangeTicketTags{Remove: []string{"tg_a"}}
			case which == 0:
				stream, m = c.Stream(), &deskpb.ChangeTicketTags{Add: []string{"tg_a"}}
			case which == 1 && odd:
				stream, m = contact, &deskpb.SetContactOwner{Agent: owner}
			case which == 1:
				stream, m = contact, &deskpb.SetContactOwner{Agent: other}
			default:
				stream, m = contact, &deskpb.SetContactProperty{Property: "pr_plan", Value: []string{"gold", ""}[i%2]}
			}
			_, _ = sys.Do(context.Background(), stream, deskpb.NewCommand(m))
		}
	}()
}

// contact is one of those who write.
func (w *assignmentWorld) contact() desk.ContactID { return contactAt(w.address()) }

func contactAt(address string) desk.ContactID {
	return desk.ContactIDFor(int32(deskpb.IdentityKind_IDENTITY_KIND_EMAIL), address)
}

func (w *assignmentWorld) address() string { return fmt.Sprintf("c%d@shop.example", w.rng.IntN(50)) }

func (w *assignmentWorld) skills() (some []string) {
	for _, s := range []string{"sk_a", "sk_b"} {
		if w.rng.IntN(3) > 0 {
			some = append(some, s)
		}
	}
	return some
}

// rules are a channel's: a default, and some before it.
func (w *assignmentWorld) rules() *deskpb.RoutingRule {
	all := w.rule()
	all.Owners = w.owners()
	for i := range w.rng.IntN(4) {
		when := &deskpb.RoutingConditions{}
		switch w.rng.IntN(4) {
		case 0:
			when.Ticket = `{"tags":{"any":["tg_a"]}}`
		case 1:
			when.Ticket = `{"priority":["high","urgent"]}`
		case 2:
			when.Contact = `[{"property":"pr_plan","equals":"gold"}]`
		case 3:
			when.Ticket, when.Contact = `{"tags":{"any":["tg_a"]}}`, `[{"property":"pr_plan","equals":"gold"}]`
		}
		then := w.rule()
		if w.rng.IntN(10) == 0 {
			then = &deskpb.RoutingRule{Mode: deskpb.RoutingMode_ROUTING_MODE_NOBODY}
		}
		all.Steps = append(all.Steps, &deskpb.RoutingStep{Id: fmt.Sprint("r", i), Name: fmt.Sprint("rule ", i), Off: w.rng.IntN(10) == 0, Stay: w.rng.IntN(6) == 0, When: when, Then: then})
	}
	return all
}

// rule names some agents and teams, to be chosen from in some way.
func (w *assignmentWorld) rule() *deskpb.RoutingRule {
	r := &deskpb.RoutingRule{Mode: deskpb.RoutingMode_ROUTING_MODE_USERS_AND_TEAMS, IgnoreAvailability: w.rng.IntN(8) == 0, Sticky: w.rng.IntN(6) == 0}
	r.Policy = deskpb.RoutingPolicy(w.rng.IntN(len(deskpb.RoutingPolicy_name)))
	if w.rng.IntN(3) == 0 {
		r.Policy = deskpb.RoutingPolicy_ROUTING_POLICY_ROUND_ROBIN
	}
	if w.rng.IntN(4) == 0 {
		r.Mode = deskpb.RoutingMode_ROUTING_MODE_CONTACT_OWNER
	}
	if w.rng.IntN(4) == 0 {
		r.Skills = []string{[]string{"sk_a", "sk_b"}[w.rng.IntN(2)]}
	}
	for len(r.Agents)+len(r.Teams) == 0 {
		for _, a := range w.agents {
			if w.rng.IntN(4) == 0 {
				r.Agents = append(r.Agents, string(a))
			}
		}
		for _, t := range w.teams {
			if w.rng.IntN(4) == 0 {
				r.Teams = append(r.Teams, string(t))
			}
		}
	}
	if r.Policy == deskpb.RoutingPolicy_ROUTING_POLICY_WEIGHTED {
		for _, a := range r.Agents {
			r.Weights = append(r.Weights, &deskpb.RoutingWeight{Agent: a, Weight: int32(1 + w.rng.IntN(3))})
		}
	}
	return r
}

// person is what the judge knows of a contact.
type person struct{ owner, plan string }

// looksAt follows what rules look at of a contact.
func (j *judge) looksAt(id string, event desk.Event) {
	p := j.contacts[id]
	switch e := event.GetKind().(type) {
	case *deskpb.Event_ContactOwnerChanged:
		p.owner = e.ContactOwnerChanged.Agent
	case *deskpb.Event_ContactPropertySet:
		p.plan = e.ContactPropertySet.Value
	}
	j.contacts[id] = p
}

// holds: a rule is for a ticket, as far as this world's conditions go.
func (j *judge) holds(when *deskpb.RoutingConditions, t *judged) bool {
	var ticket struct {
		Tags     struct{ Any []string }
		Priority []string
	}
	var contact []struct{ Property, Equals string }
	for text, into := range map[string]any{when.GetTicket(): &ticket, when.GetContact(): &contact} {
		if text != "" {
			must(j.t, json.Unmarshal([]byte(text), into))
		}
	}
	if len(ticket.Tags.Any) > 0 && !t.tagged {
		return false
	}
	if len(ticket.Priority) > 0 && t.priority < deskpb.Priority_PRIORITY_HIGH {
		return false
	}
	return len(contact) == 0 || j.contacts[t.contact].plan == contact[0].Equals
}

// offered are the rules by which a ticket may be given to somebody now, in their order: those that are for it, until one is to keep it.
func (j *judge) offered(t *judged) []*deskpb.RoutingStep {
	if t.team != "" {
		return []*deskpb.RoutingStep{{Then: j.rule(t)}}
	}
	var all []*deskpb.RoutingStep
	for _, s := range j.rules[t.channel].GetSteps() {
		if s.Off || !j.holds(s.When, t) {
			continue
		}
		if all = append(all, s); s.Stay || !desk.Routes(s.Then) {
			return all
		}
	}
	return append(all, &deskpb.RoutingStep{Then: j.rule(t)})
}

// named: a rule names an agent for a ticket, who has the skills for it.
func (j *judge) named(rule *deskpb.RoutingRule, t *judged, agent string) bool {
	if slices.ContainsFunc(rule.GetSkills(), func(s string) bool { return !slices.Contains(j.agents[agent].Skills, s) }) {
		return false
	}
	return j.inRule(rule, agent) || j.owns(rule, t, agent)
}

// owns: the rule is for the contact's owner, and this is him.
func (j *judge) owns(rule *deskpb.RoutingRule, t *judged, agent string) bool {
	return rule.GetMode() == deskpb.RoutingMode_ROUTING_MODE_CONTACT_OWNER && t.recognised && j.contacts[t.contact].owner == agent
}

// byRule judges whether the rule that is said to have given a ticket to somebody did so rightly: it is for the ticket, no rule before it keeps it,
// and it names whoever got it. By what the journal says up to there, not a moment later.
func byRule(j *judge, r desk.Record) {
	e := r.Event.GetConversationAssigned()
	if e.GetReservation() == "" {
		return
	}
	id := desk.StreamID(r.Stream).ID()
	t := j.tickets[id]
	offered := j.offered(t)
	at := slices.IndexFunc(offered, func(s *deskpb.RoutingStep) bool { return s.Id == e.Reason.GetRule() })
	if at < 0 {
		j.fault(r, id, e, "by the rule %q, which is not for it: %v of %v (%+v, contact %+v)", e.Reason.GetRule(), offered, j.rules[t.channel], t, j.contacts[t.contact])
		j.story(id, t.contact, t.channel)
		return
	}
	rule := offered[at].Then
	switch {
	case e.Reason.Code == "assigned_contact_owner" && !j.owns(rule, t, e.Agent):
		j.fault(r, id, e, "as the owner of %s, who is %q", t.contact, j.contacts[t.contact].owner)
	case e.Reason.Code != "assigned_contact_owner" && !j.inRule(rule, e.Agent):
		j.fault(r, id, e, "outside the rule %v", rule)
	case !j.named(rule, t, e.Agent):
		j.fault(r, id, e, "without the skill: %v of %v", rule.Skills, j.agents[e.Agent].Skills)
	}
	j.ruled[e.Reason.Code+" "+map[bool]string{true: "by a rule", false: "by the default"}[offered[at].Id != ""]]++
}
