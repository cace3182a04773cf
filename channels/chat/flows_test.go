package chat

import (
	"net/http"
	"strings"
	"testing"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/channels/chat/flow"
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

// What was asked before the first message comes with it, and nothing is taken without it.
func TestFirstMessageOfAFlow(t *testing.T) {
	t.Parallel()
	s := open(t, flowsConfig)
	me := s.session("")
	post := func(id string, more map[string]any) (int, string) {
		body := map[string]any{"client_msg_id": id, "text": "Hello", "page": "https://u:p@shop.example/help#x", "flow": "help"}
		for k, v := range more {
			body[k] = v
		}
		var e struct{ Field, Reason string }
		resp := s.call("POST", "v1/messages", me.Token, body, &e)
		return resp.StatusCode, e.Field
	}
	agreed := (&flow.Consent{Text: "We keep it."}).Of()
	for field, more := range map[string]map[string]any{
		"consent":   {"form": map[string]string{"mail": "ana@shop.example"}},
		"form.mail": {"consent": agreed, "form": map[string]string{"mail": "nobody"}},
	} {
		if status, got := post("m1", more); status != http.StatusBadRequest && status != http.StatusUnprocessableEntity || got != field {
			t.Errorf("%s: %d %s", field, status, got)
		}
	}
	if n := len(s.desk.Intake.Items()); n != 0 {
		t.Fatalf("%d messages were taken without what is asked first", n)
	}
	ok := map[string]any{"consent": agreed, "form": map[string]string{"mail": "Ana@shop.example"}}
	for range 2 {
		if status, field := post("m1", ok); status != http.StatusOK {
			t.Fatalf("%d %s", status, field)
		}
	}
	m := s.desk.Intake.Items()[0].Message
	if e := m.Chat.Entered; e.Flow != "help" || e.Page != "https://shop.example/help" || e.Consent != "explicit" || e.ConsentText != "We keep it." || e.ConsentVersion != agreed ||
		e.ConsentAtMs == 0 || e.Answers[0].Value != "ana@shop.example" || m.From.GetAddress() != "ana@shop.example" || m.Chat.Bot != nil {
		t.Errorf("%+v", m.Chat)
	}
	if status, field := post("m2", nil); status != http.StatusOK {
		t.Errorf("what follows is not asked again: %d %s", status, field)
	}
	if n := len(s.desk.Intake.Items()); n != 2 || s.desk.Intake.Items()[1].Message.Chat != nil {
		t.Errorf("%d messages", n)
	}
}

// The first answer brings what the bot had said; what follows is decided from the configuration as it is then.
func TestBotOfAFlow(t *testing.T) {
	t.Parallel()
	s := open(t, flowsConfig)
	me := s.session("")
	if resp := s.call("POST", "v1/messages", me.Token, map[string]any{"client_msg_id": "m1", "text": "Té", "flow": "prices", "step": "q"}, nil); resp.StatusCode != http.StatusOK {
		t.Fatal(resp.Status)
	}
	b := s.desk.Intake.Items()[0].Message.Chat.Bot
	if b.Started.Bot != "Robo" || b.Started.Stands.Step != "q" || len(b.Says) != 1 || b.Says[0].Text != "¿Qué precio?" || len(b.Says[0].Choices) != 2 {
		t.Fatalf("%v", b)
	}
	decide := botOf([]byte(flowsConfig))
	sees := channels.BotSees{Flow: "prices", Stands: b.Started.Stands, Said: "Té"}
	if cmd := decide(sees); cmd.Over.GetCause() != "handed_over" || cmd.Over.Rule != nil || cmd.Stands.Answers["q"] != "Té" || !strings.HasPrefix(cmd.Says[0].Text, "Le paso") {
		t.Errorf("%v", cmd)
	}
	sees.Flow = "gone"
	if cmd := decide(sees); cmd.Over.GetCause() != "lost" || len(cmd.Says) != 1 {
		t.Errorf("a flow that is gone: %v", cmd)
	}
	if botOf([]byte(`{}`)) != nil {
		t.Error("a chat without flows has a bot")
	}
	st := &story{channel: "ch", visitor: "v"}
	e := st.fold(&deskpb.Record{Version: 1, Stream: "conversation/c", Event: deskpb.NewEvent(&deskpb.ReplyRequested{
		Message: "m", Channel: "ch", Thread: "v", AgentName: "Robo Uno", Automatic: "bot", Body: &deskpb.Body{Text: "Hi"}, Choices: []string{"Yes"}})})
	if !strings.Contains(string(e.data), `"agent":"Robo Uno","bot":true,"choices":["Yes"]`) {
		t.Errorf("%s", e.data)
	}
}
