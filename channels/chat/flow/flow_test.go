package flow_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/centralita/centralita/channels/chat/flow"
	"github.com/centralita/centralita/desk"
)

func read(t *testing.T, config string) []flow.Flow {
	t.Helper()
	var all []flow.Flow
	if err := json.Unmarshal([]byte(config), &all); err != nil {
		t.Fatal(err)
	}
	if faults := flow.Check(all, "config.flows"); len(faults) > 0 {
		t.Fatal(faults)
	}
	return all
}

// The first flow in order that is for the page and the visitor counts: of scenario 11, /pricing but not /pricing/old.
func TestOneFlowAPage(t *testing.T) {
	t.Parallel()
	all := read(t, `[
		{"id":"off","name":"Off","off":true},
		{"id":"gold","name":"Gold","visitors":{"who":"property","property":"set_tier","is":["gold","Silver"]},"pages":[{"match":"contains","value":"/pricing"}]},
		{"id":"prices","name":"Prices","pages":[{"match":"starts_with","value":"/pricing"}],"except":[{"match":"starts_with","value":"/pricing/old"}]},
		{"id":"campaign","name":"Campaign","pages":[{"match":"query","value":"utm_source=mail"},{"match":"query","value":"ref"}]},
		{"id":"known","name":"Known","visitors":{"who":"known"},"pages":[{"match":"equals","value":"https://Shop.example/account/"}]},
		{"id":"new","name":"New","visitors":{"who":"unknown"},"pages":[{"match":"starts_with","value":"https://shop.example"}]}
	]`)
	known := flow.Person{Known: true}
	for _, c := range []struct {
		page string
		who  flow.Person
		want string
	}{
		{"https://shop.example/pricing", known, "prices"},
		{"https://SHOP.example/pricing/old/2020", known, ""},
		{"https://shop.example/pricing/?x=1#top", flow.Person{}, "prices"},
		{"https://shop.example/pricing", flow.Person{Known: true, Properties: map[string]string{"set_tier": "bronze,silver"}}, "gold"},
		{"https://other.example/?utm_source=mail", known, "campaign"},
		{"https://other.example/?utm_source=web&ref=", known, "campaign"},
		{"https://other.example/?utm_source=web", known, ""},
		{"http://shop.example/account?tab=2", known, "known"},
		{"http://shop.example/account/orders", known, ""},
		{"http://shop.example/account", flow.Person{}, "new"},
		{"", flow.Person{}, ""},
		{"::not an address", flow.Person{}, ""},
	} {
		got := flow.Choose(all, c.page, c.who)
		id := ""
		if got != nil {
			id = got.ID
		}
		if id != c.want {
			t.Errorf("%s (known %v): %q, not %q", c.page, c.who.Known, id, c.want)
		}
		if flow.Hidden(all, got) != (c.want == "") {
			t.Errorf("%s: hidden is wrong", c.page)
		}
	}
	if flow.Hidden(nil, nil) {
		t.Error("a chat without flows is shown everywhere")
	}
}

func TestDraw(t *testing.T) {
	t.Parallel()
	people := []string{"a", "b", "c", "d", "e"}
	seen := map[string]bool{}
	for _, seed := range []string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"} {
		three := flow.Draw(people, seed)
		if len(three) != 3 || !slices.Equal(three, flow.Draw(people, seed)) {
			t.Fatalf("%v of %q", three, seed)
		}
		for _, p := range three {
			seen[p] = true
		}
		if slices.Sort(three); len(slices.Compact(three)) != 3 {
			t.Errorf("%v: the same twice", three)
		}
	}
	if len(seen) != 5 || strings.Join(people, "") != "abcde" || len(flow.Draw(people[:2], "x")) != 2 {
		t.Errorf("drawn: %v of %v", seen, people)
	}
}

func TestForm(t *testing.T) {
	t.Parallel()
	f := read(t, `[{"id":"a","name":"A","form":{"fields":[
		{"id":"name","label":"Name","kind":"name"},
		{"id":"mail","label":"Mail","kind":"email","required":true},
		{"id":"tel","label":"Phone","kind":"phone","of":"contact","property":"set_tel"},
		{"id":"where","label":"About","kind":"department","choices":[{"label":"Sales","team":"team_s"},{"label":"Returns","team":"team_r"}]},
		{"id":"size","label":"Size","kind":"choice","of":"ticket","property":"set_size","choices":[{"label":"Small","value":"c_1"},{"label":"Large","value":"c_2"}]},
		{"id":"n","label":"Number","kind":"number"}]}}]`)[0].Form
	got, err := f.Fill(map[string]string{"name": " Ana\u202e ", "mail": "Ana@Shop.example", "tel": "+34 600 000 000", "where": "returns", "size": "Large", "n": "1,5"})
	if err != nil {
		t.Fatal(err)
	}
	if got.Name != "Ana" || got.Email != "ana@shop.example" || got.Team != "team_r" ||
		!slices.Equal(got.Sets, []flow.Set{{"contact", "set_tel", "+34600000000"}, {"ticket", "set_size", "c_2"}}) || len(got.Answers) != 6 || got.Answers[4].Value != "Large" {
		t.Errorf("%+v", got)
	}
	for field, given := range map[string]map[string]string{
		"form.mail":  {},
		"form.where": {"mail": "a@b.example", "where": "Nobody"},
		"form.tel":   {"mail": "a@b.example", "tel": "600"},
		"form.n":     {"mail": "a@b.example", "n": "1e9"},
		"form.other": {"mail": "a@b.example", "other": "x"},
		"form.?":     {"mail": "a@b.example", "../": "x"},
	} {
		if _, err := f.Fill(given); desk.CodeOf(err) != desk.Invalid || !strings.Contains(err.Error(), field) {
			t.Errorf("%s: %v", field, err)
		}
	}
}

// What is wrong is told, each by its field.
func TestCheck(t *testing.T) {
	t.Parallel()
	bot := func(steps string) string {
		return `[{"id":"a","name":"A","kind":"bot","bot":{"name":"Robo","steps":[` + steps + `]}}]`
	}
	end := `,{"id":"z","do":"end"}`
	for config, field := range map[string]string{
		`[{"id":"A b","name":"A"}]`:                                                                                        "[0].id",
		`[{"id":"a"}]`:                                                                                                     "[0].name",
		`[{"id":"a","name":"A"},{"id":"a","name":"B"}]`:                                                                    "[1].id",
		`[{"id":"a","name":"A","kind":"robot"}]`:                                                                           "[0].kind",
		`[{"id":"a","name":"A","kind":"bot"}]`:                                                                             "[0].bot",
		`[{"id":"a","name":"A","bot":{"name":"R","steps":[{"id":"z","do":"end"}]}}]`:                                       "[0].kind",
		`[{"id":"a","name":"A","pages":[{"match":"like","value":"x"}]}]`:                                                   "[0].pages[0].match",
		`[{"id":"a","name":"A","except":[{"match":"equals","value":"/a?b"}]}]`:                                             "[0].except[0].value",
		`[{"id":"a","name":"A","visitors":{"who":"property"}}]`:                                                            "[0].visitors.property",
		`[{"id":"a","name":"A","trigger":{"on":"scroll","after":101}}]`:                                                    "[0].trigger.after",
		`[{"id":"a","name":"A","small":{"on":"exit","after":1}}]`:                                                          "[0].small.after",
		`[{"id":"a","name":"A","heading":{"show":"people"}}]`:                                                              "[0].heading.agents",
		`[{"id":"a","name":"A","heading":{"show":"own","name":"N","avatar":"http://x.example/a.png"}}]`:                    "[0].heading.avatar",
		`[{"id":"a","name":"A","consent":{"kind":"explicit","text":" "}}]`:                                                 "[0].consent.text",
		`[{"id":"a","name":"A","form":{"fields":[]}}]`:                                                                     "[0].form.fields",
		`[{"id":"a","name":"A","form":{"fields":[{"id":"d","label":"D","kind":"department","choices":[{"label":"X"}]}]}}]`: "[0].form.fields[0].choices[0].team",
		bot(`{"id":"s","do":"say","text":"x","then":"nowhere"}` + end):                                                     "[0].bot.steps[0].then",
		bot(`{"id":"s","do":"say","text":"x","then":"z"},{"id":"lost","do":"say","text":"y"}` + end):                       "[0].bot.steps[1].id",
		bot(`{"id":"s","do":"say","text":"x"},{"id":"t","do":"say","text":"y","then":"s"}`):                                "[0].bot.steps[1].then",
		bot(`{"id":"s","do":"say","text":"x"}`):                                                                            "[0].bot.steps[0].then",
		bot(`{"id":"s","do":"say","text":"x","choices":[{"label":"a"}]}` + end):                                            "[0].bot.steps[0].choices",
		bot(`{"id":"s","do":"ask","text":"x","answer":"choice"}` + end):                                                    "[0].bot.steps[0].choices",
		bot(`{"id":"s","do":"ask","text":"x","choices":[{"label":"Yes"},{"label":"yes!"}]}` + end):                         "[0].bot.steps[0].choices[1].label",
		bot(`{"id":"s","do":"branch","cases":[{"if":"answer","of":"z","then":"z"}]}` + end):                                "[0].bot.steps[0].cases[0].of",
		bot(`{"id":"s","do":"branch","cases":[{"if":"available","then":"z"}]}` + end):                                      "[0].bot.steps[0].cases[0].agents",
		bot(`{"id":"s","do":"send","to":{"who":"people"}}`):                                                                "[0].bot.steps[0].to.agents",
		bot(`{"id":"s","do":"send","to":{"who":"rule"},"then":"s"}`):                                                       "[0].bot.steps[0].then",
		bot(`{"id":"s","do":"set","of":"ticket","property":"p"}` + end):                                                    "[0].bot.steps[0].value",
	} {
		var all []flow.Flow
		if err := json.Unmarshal([]byte(config), &all); err != nil {
			t.Fatal(config, err)
		}
		faults := flow.Check(all, "config.flows")
		if !slices.ContainsFunc(faults, func(err error) bool {
			e, ok := err.(*desk.Error)
			return ok && e.Field == "config.flows"+field && e.Message != ""
		}) {
			t.Errorf("%s\n is told %v, not %s", config, faults, field)
		}
	}
}
