package flow_test

import (
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/centralita/centralita/channels/chat/flow"
)

const shop = `[{"id":"shop","name":"Shop","kind":"bot","language":"en","bot":{"name":"Robo","tries":2,"person":{"who":"people","teams":["team_help"]},"steps":[
	{"id":"hello","do":"say","text":"Hello!"},
	{"id":"what","do":"ask","text":"What is it about?","answer":"choice","choices":[{"label":"My order"},{"label":"A return","then":"mail"},{"label":"Nothing","then":"bye"}]},
	{"id":"order","do":"ask","text":"Which number?","answer":"number","wrong":"Only digits, please."},
	{"id":"keep","do":"set","of":"ticket","property":"set_order","from":"order"},
	{"id":"mail","do":"ask","text":"Your address?","answer":"email"},
	{"id":"open","do":"branch","cases":[{"if":"hours","hours":"set_day","then":"people"}]},
	{"id":"closed","do":"say","text":"We are closed.","then":"later"},
	{"id":"people","do":"send","to":{"who":"people","teams":["team_shop"]},"text":"Somebody comes, {{answers.mail}}.","away":"They are all away."},
	{"id":"later","do":"send","to":{"who":"nobody"},"text":"Tomorrow."},
	{"id":"bye","do":"end","text":"Bye.","close":true}
]}}]`

func day(open, there bool) flow.World {
	return flow.World{
		Open:      func(hours, _ string) bool { return open && hours == "set_day" },
		Available: func(to flow.To) bool { return there || to.Who == "nobody" },
	}
}

// talk lets a visitor say things, and gives what the bot said and how it let go.
func talk(t *testing.T, w flow.World, said ...string) (says []string, last flow.Turn) {
	t.Helper()
	b := read(t, shop)[0].Bot
	last = b.Begin(w, "en")
	says = append(says, last.Says...)
	for _, s := range said {
		if last.Over != nil {
			t.Fatalf("it let go before %q", s)
		}
		last = b.Hear(last.Next, s, w, "en")
		says = append(says, last.Says...)
	}
	return says, last
}

func TestBot(t *testing.T) {
	t.Parallel()
	says, turn := talk(t, day(true, true), "my order!", "12,5", "ana@shop.example")
	if got := strings.Join(says, "|"); got != "Hello!|What is it about?|Which number?|Your address?|Somebody comes, ana@shop.example." {
		t.Error(got)
	}
	if o := turn.Over; o == nil || o.Cause != "handed_over" || o.Away || o.To.Who != "people" || o.To.Teams[0] != "team_shop" || turn.Email != "ana@shop.example" {
		t.Errorf("%+v", turn)
	}
	_, turn = talk(t, day(true, true), "1", "7")
	if len(turn.Sets) != 1 || turn.Sets[0] != (flow.Set{Of: "ticket", Property: "set_order", Value: "7"}) || turn.Next.Step != "mail" {
		t.Errorf("%+v", turn)
	}
	if says, turn = talk(t, day(true, false), "a return", "ana@shop.example"); says[len(says)-1] != "They are all away." || !turn.Over.Away {
		t.Errorf("away: %q %+v", says, turn.Over)
	}
	if says, turn = talk(t, day(false, false), "a return", "ana@shop.example"); says[len(says)-1] != "Tomorrow." || turn.Over.To.Who != "nobody" {
		t.Errorf("closed: %q %+v", says, turn.Over)
	}
	if _, turn = talk(t, day(true, true), "Nothing"); turn.Over.Cause != "ended" || !turn.Over.Close {
		t.Errorf("ended: %+v", turn.Over)
	}
}

// What is no answer is asked again, so often and no more; who wants a person gets one at once.
func TestBotNotUnderstood(t *testing.T) {
	t.Parallel()
	says, turn := talk(t, day(true, true), "my order", "what number")
	if turn.Over != nil || says[len(says)-2] != "Only digits, please." || says[len(says)-1] != "Which number?" || turn.Next.Step != "order" {
		t.Errorf("%q %+v", says, turn)
	}
	_, turn = talk(t, day(true, true), "my order", "what number", "I do not know")
	if turn.Over == nil || turn.Over.Cause != "wrong_answers" || turn.Over.To.Teams[0] != "team_help" {
		t.Errorf("%+v", turn.Over)
	}
	for said, wants := range map[string]bool{
		"Person, please!": true, "I want to talk to a human": true, "quiero hablar con una persona": true, "agente": true,
		"for two persons": false, "my agent told me so": false, "please": false, "": false, "persona non grata": false,
	} {
		if flow.WantsPerson(said) != wants {
			t.Errorf("%q is a wish for a person: %v", said, !wants)
		}
	}
	if _, turn = talk(t, day(true, true), "a person please"); turn.Over == nil || turn.Over.Cause != "person" {
		t.Errorf("%+v", turn)
	}
	b := read(t, shop)[0].Bot
	if turn = b.Hear(flow.State{Step: "gone"}, "hi", day(true, true), "es"); turn.Over == nil || turn.Over.Cause != "lost" || len(turn.Says) != 1 {
		t.Errorf("%+v", turn)
	}
}

// Whatever a graph is that was checked, and whatever is said: a bot comes to a question or lets go, says no more than it has steps, and
// in the end lets go.
func TestBotNeverGoesForEver(t *testing.T) {
	t.Parallel()
	checked := 0
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 8).Draw(t, "steps")
		id := func(label string) string { return string(rune('a' + rapid.IntRange(0, n-1).Draw(t, label))) }
		b := &flow.Bot{Name: "Robo", Tries: rapid.IntRange(0, 3).Draw(t, "tries")}
		for i := range n {
			s := flow.Step{ID: string(rune('a' + i)), Do: rapid.SampledFrom([]string{flow.Say, flow.Ask, flow.Ask, flow.Branch, flow.End, flow.Send}).Draw(t, "do"), Text: "x"}
			if i == n-1 {
				s.Do = flow.End
			}
			switch s.Do {
			case flow.Ask:
				s.Answer = "choice"
				s.Choices = []flow.Choice{{Label: "Yes", Then: id("yes")}, {Label: "No"}}
			case flow.Branch:
				s.Text, s.Cases = "", []flow.Case{{If: rapid.SampledFrom([]string{"known", "owner_available"}).Draw(t, "if"), Then: id("case")}}
			case flow.Send:
				s.To = &flow.To{Who: "rule"}
			}
			if (s.Do == flow.Say || s.Do == flow.Branch) && rapid.Bool().Draw(t, "goes on") {
				s.Then = id("then")
			}
			b.Steps = append(b.Steps, s)
		}
		if len(flow.Check([]flow.Flow{{ID: "f", Name: "F", Kind: "bot", Bot: b}}, "f")) > 0 {
			return
		}
		checked++
		w := day(true, rapid.Bool().Draw(t, "there"))
		w.Person.Known = rapid.Bool().Draw(t, "known")
		turn := b.Begin(w, "en")
		for range 200 {
			if len(turn.Says) > b.MostSaid() {
				t.Fatalf("it said %d things at once", len(turn.Says))
			}
			if turn.Over != nil {
				return
			}
			if turn.Next.Step == "" {
				t.Fatal("it waits for nothing")
			}
			turn = b.Hear(turn.Next, rapid.SampledFrom([]string{"yes", "no", "what?"}).Draw(t, "said"), w, "en")
		}
		t.Fatal("it never lets go")
	})
	if checked == 0 {
		t.Error("no graph passed: nothing was tried")
	}
}

// FuzzBot: any configuration that passes the check can be talked with, whatever is said.
func FuzzBot(f *testing.F) {
	f.Add(shop, "my order", "12")
	f.Add(`[{"id":"a","name":"A","form":{"fields":[{"id":"x","label":"X","kind":"phone"}]},"pages":[{"match":"contains","value":"/x"}]}]`, "+34600000000", "https://x.example/x")
	f.Fuzz(func(t *testing.T, config, first, second string) {
		var all []flow.Flow
		if json.Unmarshal([]byte(config), &all) != nil || len(flow.Check(all, "f")) > 0 {
			return
		}
		flow.Choose(all, second, flow.Person{Properties: map[string]string{"p": first}})
		for i := range all {
			given := map[string]string{}
			if all[i].Form != nil {
				for _, q := range all[i].Form.Fields {
					given[q.ID] = first
				}
			}
			_, _ = all[i].Form.Fill(given) // an error is fine: it must not fail otherwise
			b := all[i].Bot
			if b == nil {
				continue
			}
			turn := b.Begin(day(true, false), all[i].Language)
			for n := 0; turn.Over == nil; n++ {
				if n > 1000 {
					t.Fatal("it never lets go")
				}
				if len(turn.Says) > b.MostSaid() || turn.Next.Step == "" {
					t.Fatalf("%+v", turn)
				}
				said := first
				if n%2 == 1 {
					said = second
				}
				turn = b.Hear(turn.Next, said, day(n%3 == 0, true), all[i].Language)
			}
		}
	})
}
