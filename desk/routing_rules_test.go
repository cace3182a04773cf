package desk_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

func ruled(name string, when *deskpb.RoutingConditions, then *deskpb.RoutingRule) *deskpb.RoutingStep {
	return &deskpb.RoutingStep{Id: name, Name: name, When: when, Then: then}
}

func crew(r *desk.Roster, team string, members ...string) {
	t := &deskpb.TeamSummary{Team: team, Name: team}
	for _, m := range members {
		t.Members = append(t.Members, &deskpb.TeamMember{Agent: m, Main: true})
	}
	r.Teams[desk.TeamID(team)] = t
}

func missed(c desk.Choice) string {
	var all []string
	for _, m := range c.Reason.Missed {
		all = append(all, m.Name+":"+m.Failed)
	}
	return strings.Join(all, " ")
}

// Each condition of a rule, and that they all have to hold; the rule that is for the ticket says who gets it.
func TestTheRuleThatIsForTheTicket(t *testing.T) {
	t.Parallel()
	ticket := &deskpb.TicketSummary{
		Conversation: "c", Channel: "ch", ChannelKind: deskpb.ChannelKind_CHANNEL_KIND_EMAIL, Subject: "Refund of order 12", Status: deskpb.TicketStatus_TICKET_STATUS_NEW,
		Priority: deskpb.Priority_PRIORITY_HIGH, Tags: []string{"tg_vip"}, Properties: map[string]string{"prp_plan": "gold", "prp_size": "40"},
	}
	about := &desk.About{Ticket: ticket, Contact: &deskpb.ContactSummary{Contact: "ct", Properties: map[string]string{"prp_country": "ES"}}, Text: "Hola, ¿cuándo llega mi pedido? Gracias"}
	for name, c := range map[string]struct {
		when *deskpb.RoutingConditions
		miss string
	}{
		"none":                  {nil, ""},
		"tag":                   {&deskpb.RoutingConditions{Ticket: `{"tags":{"any":["tg_vip"]}}`}, ""},
		"another tag":           {&deskpb.RoutingConditions{Ticket: `{"tags":{"any":["tg_spam"]}}`}, "tags"},
		"priority":              {&deskpb.RoutingConditions{Ticket: `{"priority":["high","urgent"]}`}, ""},
		"lower priority":        {&deskpb.RoutingConditions{Ticket: `{"priority":["low"]}`}, "priority"},
		"property":              {&deskpb.RoutingConditions{Ticket: `{"properties":[{"property":"prp_size","at_least":"9"}]}`}, ""},
		"property too small":    {&deskpb.RoutingConditions{Ticket: `{"properties":[{"property":"prp_plan","equals":"gold"},{"property":"prp_size","at_least":"41"}]}`}, "property"},
		"subject":               {&deskpb.RoutingConditions{Ticket: `{"text":"REFUND"}`}, ""},
		"contact":               {&deskpb.RoutingConditions{Contact: `[{"property":"prp_country","any":["ES","PT"]}]`}, ""},
		"another contact":       {&deskpb.RoutingConditions{Contact: `[{"property":"prp_country","equals":"FR"}]`}, "contact"},
		"word in the text":      {&deskpb.RoutingConditions{Words: []string{"factura", "pedido"}}, ""},
		"word only in subject":  {&deskpb.RoutingConditions{Words: []string{"pedido"}, SubjectOnly: true}, "words"},
		"part of a word":        {&deskpb.RoutingConditions{Words: []string{"fund"}}, "words"},
		"language":              {&deskpb.RoutingConditions{Languages: []string{"ca", "es"}}, ""},
		"another language":      {&deskpb.RoutingConditions{Languages: []string{"de"}}, "language"},
		"all but one":           {&deskpb.RoutingConditions{Ticket: `{"priority":["high"],"tags":{"all":["tg_vip"]}}`, Words: []string{"refund"}, Languages: []string{"en"}}, "language"},
		"what cannot be read":   {&deskpb.RoutingConditions{Ticket: `{"nonsense":1}`}, "ticket"},
		"nor of the contact":    {&deskpb.RoutingConditions{Contact: `{`}, "contact"},
		"the channel's own":     {&deskpb.RoutingConditions{Ticket: `{"channel":["ch"],"kind":["email"],"status":["open"],"team":["none"]}`}, ""},
		"the kind of a channel": {&deskpb.RoutingConditions{Ticket: `{"kind":["chat"]}`}, "kind"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			whole := rule("ben")
			whole.Steps = []*deskpb.RoutingStep{ruled("first", c.when, rule("ana"))}
			got := desk.Route(desk.Question{}, desk.ReadRules(whole), about, roster(member("ana", true, 9, 0, 0), member("ben", true, 0, 0, 0)), 1000)
			wantAgent, wantMiss, wantRule := "ana", "", "first"
			if c.miss != "" {
				wantAgent, wantMiss, wantRule = "ben", "first:"+c.miss, ""
			}
			if string(got.Agent) != wantAgent || missed(got) != wantMiss || got.Reason.Rule != wantRule {
				t.Errorf("%s got it by %q, missed %q: %s", got.Agent, got.Reason.Rule, missed(got), got.Reason.Text)
			}
		})
	}
}

// What becomes of a ticket whose rule finds nobody.
func TestARuleThatFindsNobody(t *testing.T) {
	t.Parallel()
	nobody := &deskpb.RoutingRule{Mode: deskpb.RoutingMode_ROUTING_MODE_NOBODY}
	stay := ruled("stay", nil, rule("ana"))
	stay.Stay = true
	off := ruled("off", nil, rule("ana"))
	off.Off = true
	for name, c := range map[string]struct {
		steps            []*deskpb.RoutingStep
		last             *deskpb.RoutingRule
		agent, code, why string
		rule             string
		waiting          bool
	}{
		"the next one is asked":            {steps: []*deskpb.RoutingStep{ruled("a", nil, rule("ana")), ruled("b", nil, rule("ben"))}, last: nobody, agent: "ben", code: "assigned_least_loaded", rule: "b", why: "a:nobody"},
		"then the default":                 {steps: []*deskpb.RoutingStep{ruled("a", nil, rule("ana"))}, last: rule("ben"), agent: "ben", code: "assigned_least_loaded", why: "a:nobody"},
		"unless it is to stay":             {steps: []*deskpb.RoutingStep{stay, ruled("b", nil, rule("ben"))}, last: rule("ben"), code: "no_available_agent", rule: "stay", waiting: true},
		"one that is off is not asked":     {steps: []*deskpb.RoutingStep{off, ruled("b", nil, rule("ben"))}, last: nobody, agent: "ben", code: "assigned_least_loaded", rule: "b", why: "off:off"},
		"it waits for the first":           {steps: []*deskpb.RoutingStep{ruled("a", nil, rule("ana")), ruled("b", nil, rule("ana"))}, last: nobody, code: "no_available_agent", rule: "a", waiting: true},
		"a rule may say nobody":            {steps: []*deskpb.RoutingStep{ruled("a", nil, nobody)}, last: rule("ben"), code: "no_rule", rule: "a"},
		"no rule is for it, no default":    {steps: []*deskpb.RoutingStep{ruled("a", &deskpb.RoutingConditions{Ticket: `{"priority":["urgent"]}`}, rule("ben"))}, last: nobody, code: "no_rule", why: "a:priority"},
		"no rules: what was stored before": {last: rule("ana", "ben"), agent: "ben", code: "assigned_least_loaded"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			whole := &deskpb.RoutingRule{Mode: c.last.Mode, Agents: c.last.Agents, Steps: c.steps}
			about := &desk.About{Ticket: &deskpb.TicketSummary{Conversation: "c", Priority: deskpb.Priority_PRIORITY_NORMAL}}
			got := desk.Route(desk.Question{Explain: true}, desk.ReadRules(whole), about, roster(member("ana", false, 0, 0, 0), member("ben", true, 0, 0, 0)), 1000)
			if string(got.Agent) != c.agent || got.Reason.Code != c.code || got.Reason.Rule != c.rule || got.Waiting != c.waiting || missed(got) != c.why {
				t.Errorf("%q %s by %q, waiting %v, missed %q: %s", got.Agent, got.Reason.Code, got.Reason.Rule, got.Waiting, missed(got), got.Reason.Text)
			}
		})
	}
}

// A skill is needed; of languages, those who have it as their main one come first, and the others when none of these can.
func TestSkills(t *testing.T) {
	t.Parallel()
	needs := rule("ana", "ben", "carl")
	needs.Skills = []string{"sk_german"}
	with := func(main, second bool) *desk.Roster {
		r := roster(member("ana", main, 5, 0, 0), member("ben", second, 1, 0, 0), member("carl", true, 0, 0, 0))
		r.Agents["ana"].Skills = []string{"sk_other", "sk_german"}
		r.Agents["ben"].Skills, r.Agents["ben"].SecondSkills = []string{"sk_german"}, []string{"sk_german"}
		return r
	}
	for name, c := range map[string]struct {
		r           *desk.Roster
		agent, code string
		verdicts    string
	}{
		"main before second":    {with(true, true), "ana", "assigned_least_loaded", "ana:chosen ben:second_language carl:no_skill"},
		"second if no main can": {with(false, true), "ben", "assigned_least_loaded", "ben:chosen ana:away carl:no_skill"},
		"nobody without it":     {with(false, false), "", "no_available_agent", "ana:away ben:second_language carl:no_skill"},
		"nobody has it":         {roster(member("carl", true, 0, 0, 0)), "", "no_eligible_agent", "carl:no_skill"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := desk.Choose(desk.Question{Rule: needs}, c.r)
			var verdicts []string
			for _, k := range got.Reason.Candidates {
				verdicts = append(verdicts, k.Agent+":"+k.Verdict)
			}
			if string(got.Agent) != c.agent || got.Reason.Code != c.code || strings.Join(verdicts, " ") != c.verdicts {
				t.Errorf("%q %s %v", got.Agent, got.Reason.Code, verdicts)
			}
		})
	}
}

// Teams join one after the other while the ticket stands in line.
func TestTeamsJoinWhileItWaits(t *testing.T) {
	t.Parallel()
	whole := &deskpb.RoutingRule{
		Mode: deskpb.RoutingMode_ROUTING_MODE_USERS_AND_TEAMS, Teams: []string{"t1"},
		Overflow: []*deskpb.RoutingOverflow{{Team: "t2", AfterSeconds: 300}, {Team: "t3", AfterSeconds: 900}},
	}
	r := roster(member("ana", false, 0, 0, 0), member("ben", false, 0, 0, 0), member("carl", true, 0, 0, 0))
	crew(r, "t1", "ana")
	crew(r, "t2", "ben")
	crew(r, "t3", "carl")
	const since = 1_000_000
	for _, c := range []struct {
		waited, widens int64
		teams, agent   string
	}{
		{0, since + 300_000, "t1", ""}, {299_999, since + 300_000, "t1", ""}, {300_000, since + 900_000, "t1 t2", ""}, {900_000, 0, "", "carl"},
	} {
		about := &desk.About{Ticket: &deskpb.TicketSummary{Conversation: "c", InLine: true, InLineSinceMs: since}}
		got := desk.Route(desk.Question{}, desk.ReadRules(whole), about, r, since+c.waited)
		if string(got.Agent) != c.agent || got.Reason.WidensAtMs != c.widens || strings.Join(got.Reason.Teams, " ") != c.teams {
			t.Errorf("after %d: %q, widens %d, teams %v", c.waited, got.Agent, got.Reason.WidensAtMs, got.Reason.Teams)
		}
	}
}

func TestWhatIsWrongWithARule(t *testing.T) {
	t.Parallel()
	step := func(change func(*deskpb.RoutingStep)) *deskpb.RoutingRule {
		s := ruled("a", &deskpb.RoutingConditions{}, rule("ana"))
		change(s)
		return &deskpb.RoutingRule{Mode: deskpb.RoutingMode_ROUTING_MODE_NOBODY, Steps: []*deskpb.RoutingStep{ruled("z", nil, rule("ana")), s}}
	}
	for field, bad := range map[string]*deskpb.RoutingRule{
		"routing":                                rule(),
		"routing.overflow[0].after":              {Overflow: []*deskpb.RoutingOverflow{{Team: "t", AfterSeconds: 5}}},
		"routing.overflow[0].team":               {Overflow: []*deskpb.RoutingOverflow{{AfterSeconds: 500}}},
		"routing.rules[1].id":                    step(func(s *deskpb.RoutingStep) { s.Id = "z" }),
		"routing.rules[1].name":                  step(func(s *deskpb.RoutingStep) { s.Name = "Z" }),
		"routing.rules[1].mode":                  step(func(s *deskpb.RoutingStep) { s.Then = nil }),
		"routing.rules[1]":                       step(func(s *deskpb.RoutingStep) { s.Then.Agents = nil }),
		"routing.rules[1].when.ticket":           step(func(s *deskpb.RoutingStep) { s.When.Ticket = `{"owner":["me"]}` }),
		"routing.rules[1].when.ticket.kind":      step(func(s *deskpb.RoutingStep) { s.When.Ticket = `{"kind":["pigeon"]}` }),
		"routing.rules[1].when.contact":          step(func(s *deskpb.RoutingStep) { s.When.Contact = `[{}]` }),
		"routing.rules[1].when.words[0]":         step(func(s *deskpb.RoutingStep) { s.When.Words = []string{" "} }),
		"routing.rules[1].when.languages[0]":     step(func(s *deskpb.RoutingStep) { s.When.Languages = []string{"xx"} }),
		"routing.defaults.priority":              {Defaults: &deskpb.TicketDefaults{Priority: 99}},
		"routing.defaults.answer_within_minutes": {Defaults: &deskpb.TicketDefaults{AnswerWithinMinutes: desk.MaxAnswerMinutes + 1}},
		"routing.defaults.stage":                 {Defaults: &deskpb.TicketDefaults{Stage: "st", StageStatus: deskpb.TicketStatus_TICKET_STATUS_CLOSED}},
	} {
		_, err := desk.CheckRules(bad)
		e, is := err.(*desk.Error)
		if !is || e.Field != field {
			t.Errorf("%s: %v (%+v)", field, err, e)
		}
	}
	if _, err := desk.CheckRules(step(func(*deskpb.RoutingStep) {})); err != nil {
		t.Error(err)
	}
}

func TestFlawsOfRules(t *testing.T) {
	t.Parallel()
	r := roster(member("ana", true, 0, 0, 0), member("ben", true, 0, 0, 0), member("old", true, 0, 0, 0))
	r.Agents["ben"].Seat, r.Agents["old"].Deactivated = false, true
	crew(r, "good", "ben", "ana")
	crew(r, "unseated", "ben")
	r.Teams["removed"] = &deskpb.TeamSummary{Team: "removed", Removed: true}
	whole := rule("ana", "ben")
	whole.Teams = []string{"good", "removed"}
	then := rule("old", "zoe")
	then.Overflow = []*deskpb.RoutingOverflow{{Team: "unseated", AfterSeconds: 60}}
	whole.Steps = []*deskpb.RoutingStep{ruled("first", nil, then)}
	var got []string
	for _, f := range desk.Flaws(whole, r) {
		got = append(got, f.Step+"/"+f.ID+":"+f.Why)
	}
	if s := strings.Join(got, " "); s != "first/old:deactivated first/zoe:gone first/unseated:no_main_member /ben:no_seat /removed:removed" {
		t.Error(s)
	}
}

func TestLanguageOf(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Hello, where is my order? It has not arrived yet.":                 "en",
		"Hola, ¿dónde está mi pedido? No ha llegado todavía.":               "es",
		"Bonjour, je n'ai pas reçu ma commande, merci de me répondre":       "fr",
		"Hallo, wo ist meine Bestellung? Ich habe sie noch nicht bekommen.": "de",
		"Olá, não recebi o meu pedido ainda. Obrigada!":                     "pt",
		"Buongiorno, non ho ancora ricevuto il mio ordine. Grazie":          "it",
		"Dzień dobry, nie mam jeszcze zamówienia. Proszę o kontakt":         "pl",
		"":           "",
		"12345 ???":  "",
		"OK":         "",
		"你好，我的订单在哪里": "",
	} {
		if got := desk.LanguageOf(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// Whatever the rules are: whoever gets a ticket could get it, the reason names the rule, and asking to be explained changes nothing.
func TestRulesChooseOnlyWhoCan(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		names := []string{"a1", "a2", "a3", "a4"}
		r := roster()
		for _, n := range names {
			m := member(n, rapid.Bool().Draw(t, "available"), int32(rapid.IntRange(0, 3).Draw(t, "load")), int32(rapid.IntRange(0, 3).Draw(t, "capacity")), 0)
			m.Seat, m.Deactivated = rapid.Bool().Draw(t, "seat"), rapid.Bool().Draw(t, "gone")
			m.Skills = rapid.SliceOfDistinct(rapid.SampledFrom([]string{"s1", "s2"}), rapid.ID).Draw(t, "skills")
			r.Agents[desk.AgentID(n)] = m
		}
		crew(r, "t1", "a1", "a2")
		crew(r, "t2", "a3")
		gen := rapid.Custom(func(t *rapid.T) *deskpb.RoutingRule {
			return &deskpb.RoutingRule{
				Mode:   deskpb.RoutingMode(rapid.IntRange(1, 3).Draw(t, "mode")),
				Agents: rapid.SliceOf(rapid.SampledFrom(append(names, "none"))).Draw(t, "agents"), Teams: rapid.SliceOf(rapid.SampledFrom([]string{"t1", "t2", "t9"})).Draw(t, "teams"),
				IgnoreAvailability: rapid.Bool().Draw(t, "any"), Skills: rapid.SliceOfDistinct(rapid.SampledFrom([]string{"s1", "s2"}), rapid.ID).Draw(t, "needs"),
			}
		})
		whole := gen.Draw(t, "default")
		by := map[string]*deskpb.RoutingRule{"": whole}
		for range rapid.IntRange(0, 4).Draw(t, "rules") {
			s := &deskpb.RoutingStep{Id: rapid.StringMatching(`[a-z]{8}`).Draw(t, "id"), Then: gen.Draw(t, "then"), Stay: rapid.Bool().Draw(t, "stay"), Off: rapid.Bool().Draw(t, "off")}
			by[s.Id] = s.Then
			whole.Steps = append(whole.Steps, s)
		}
		q := desk.Question{ContactOwner: desk.AgentID(rapid.SampledFrom(names).Draw(t, "owner")), Recognised: rapid.Bool().Draw(t, "recognised")}
		about := &desk.About{Ticket: &deskpb.TicketSummary{Conversation: "c"}}
		got := desk.Route(q, desk.ReadRules(whole), about, r, 1000)
		explained := q
		explained.Explain = true
		if again := desk.Route(explained, desk.ReadRules(whole), about, r, 1000); again.Agent != got.Agent || again.Reason.Code != got.Reason.Code || again.Reason.Text != got.Reason.Text {
			t.Fatalf("explained, it is another: %v %v", got.Reason, again.Reason)
		}
		then := by[got.Reason.Rule]
		if then == nil {
			t.Fatalf("by no rule: %q", got.Reason.Rule)
		}
		if got.Agent == "" {
			return
		}
		m := r.Agents[got.Agent]
		if !m.Seat || m.Deactivated || !m.Available && !then.IgnoreAvailability || m.Capacity > 0 && m.Load >= m.Capacity {
			t.Fatalf("%s got it by %q: %v", got.Agent, got.Reason.Rule, m)
		}
		if got.Reason.Code != "assigned_contact_owner" {
			for _, s := range then.Skills {
				if !strings.Contains(strings.Join(m.Skills, " "), s) {
					t.Fatalf("%s has not %s", got.Agent, s)
				}
			}
		}
	})
}
