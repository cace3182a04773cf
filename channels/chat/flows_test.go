package chat

import (
	"net/http"
	"strings"
	"testing"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

const flowsConfig = `{"locale":"es","flows":[
	{"id":"prices","name":"Prices","kind":"bot","pages":[{"match":"starts_with","value":"/pricing"}],"except":[{"match":"starts_with","value":"/pricing/old"}],
	 "bot":{"name":"Robo","steps":[{"id":"q","do":"ask","text":"¿Qué precio?","choices":[{"label":"Té"},{"label":"Café"}]},{"id":"s","do":"send","to":{"who":"rule"}}]}},
	{"id":"help","name":"Help","pages":[{"match":"contains","value":"/help"}],"welcome":"Hi","heading":{"show":"people","teams":["team_a"]},
	 "trigger":{"on":"seconds","after":5,"open":true},"consent":{"kind":"explicit","text":"We keep it."},
	 "form":{"fields":[{"id":"mail","label":"Mail","kind":"email","required":true}]}}]}`

// The server says which flow is for a page, and nothing of why.
func TestFlowOfAPage(t *testing.T) {
	t.Parallel()
	s := open(t, flowsConfig)
	s.conn.env.Around = channels.Around{
		Faces: func(_, teams []string, _ string) ([]channels.Face, error) {
			if strings.Join(teams, "") != "team_a" {
				t.Errorf("asked for %v", teams)
			}
			return []channels.Face{{Agent: "ag_1", Name: "Ana Torres"}, {Agent: "ag_2", Name: "ben@desk.example"}}, nil
		},
		Person: func(i *deskpb.Identity) (desk.Contact, error) {
			return &deskpb.ContactSummary{Identities: []*deskpb.Identity{i}}, nil
		},
	}
	var in struct {
		chosen
		Token string `json:"visitor_token"`
	}
	s.call("POST", "v1/session", "", map[string]string{"page": "https://shop.example/pricing/tea"}, &in)
	if f := in.Flow; f == nil || f.ID != "prices" || f.Kind != "bot" || f.Language != "es" || f.Bot.Step != "q" || f.Bot.Says[0] != "¿Qué precio?" || len(f.Bot.Choices) != 2 || f.Trigger.On != "load" {
		t.Fatalf("%+v", in.Flow)
	}
	ask := func(page string) (out chosen) {
		if resp := s.call("POST", "v1/flow", in.Token, map[string]string{"page": page}, &out); resp.StatusCode != http.StatusOK {
			t.Fatalf("%s: %d", page, resp.StatusCode)
		}
		return out
	}
	got := ask("https://shop.example/help")
	if f := got.Flow; f == nil || f.ID != "help" || len(f.Heading.People) != 1 || f.Heading.People[0] != "Ana" || f.Consent.Version == "" || !f.Form.Fields[0].Required || !f.Trigger.Open {
		t.Errorf("%+v", got.Flow)
	}
	if got = ask("https://shop.example/pricing/old/1"); got.Flow != nil || !got.Hidden {
		t.Errorf("a page that no flow is for: %+v", got)
	}
	if resp := s.call("POST", "v1/flow", "", map[string]string{}, nil); resp.StatusCode != http.StatusForbidden && resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("without a token: %d", resp.StatusCode)
	}
	if _, err := readSettings([]byte(`{"flows":[{"id":"x","name":"X","kind":"bot","bot":{"name":"R","steps":[]}}]}`)); err == nil || !strings.Contains(err.Error(), "config.flows[0].bot.steps") {
		t.Errorf("a configuration that cannot be: %v", err)
	}
	if _, err := readSettings([]byte(`{"flows":[{"id":"x","nmae":"X"}]}`)); err == nil || !strings.Contains(err.Error(), "nmae") {
		t.Errorf("a field that is not there: %v", err)
	}
}
