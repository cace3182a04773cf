//go:build integration

package chat

import (
	"fmt"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/centralita/centralita/proto/deskpb"
)

// A visitor accepts, says who they are, and talks with a bot by its quick replies; nothing leaves the page before they have accepted.
func TestBrowserFlow(t *testing.T) {
	s := open(t, `{"title":"Lumbre","flows":[{"id":"front","name":"Front","kind":"bot","language":"en","welcome":"Welcome to the workshop.",
		"consent":{"kind":"explicit","text":"We keep what you write to answer you.","link":"https://lumbre.example/privacy"},
		"form":{"fields":[{"id":"mail","label":"Your address","kind":"email","required":true},{"id":"about","label":"About","kind":"choice","choices":[{"label":"Lamps"},{"label":"Repairs"}]}]},
		"bot":{"name":"Robo","steps":[
			{"id":"what","do":"ask","text":"What shall we look for?","choices":[{"label":"A lamp"},{"label":"My order"}]},
			{"id":"send","do":"send","to":{"who":"rule"}}]}}]}`)
	b := newBrowser(t)
	b.look(1440, 900, false)
	b.visit(s.url)
	b.open()
	b.until("the consent", `$('.consent .accept') !== null && $('.composer').hidden && $('.ask').hidden && $('.quick').hidden && $('.list .bubble').textContent === 'Welcome to the workshop.'`)
	b.until("what the bot says, and that it is one", `$$('.list .bubble').at(-1).textContent === 'What shall we look for?' && $('.who .bot').textContent === 'Bot'`)
	b.shot("flow-consent-1440")
	b.run(`$('.consent .accept').click()`)
	b.until("the form and the quick replies", `$('.consent').hidden && !$('.composer').hidden && !$('.ask').hidden && $$('.quick button').length === 2`)
	b.run(`$$('.quick button')[1].click()`)
	b.until("what is missing is asked for", `$('.ask input:invalid') !== null && $$('.row.out').length === 0`)
	b.run(`$('.ask input').focus()`)
	b.do(chromedp.KeyEvent("eva@example.com"))
	b.run(`$('.ask select').value = 'Repairs'`)
	b.look(390, 844, true)
	b.shot("flow-form-390-dark")
	b.look(1440, 900, false)
	b.run(`$$('.quick button')[1].click()`)
	visitor := s.visitorOf(1)
	m := s.desk.Intake.Items()[0].Message
	if e := m.Chat.Entered; m.Body.Text != "My order" || e.Consent != "explicit" || len(e.Answers) != 2 || e.Answers[1].Value != "Repairs" || e.Page != s.url ||
		m.From.GetAddress() != "eva@example.com" || m.Chat.Bot.Started.Stands.Step != "what" {
		t.Errorf("%+v of %+v", m.Chat, m)
	}
	for i, text := range []string{"Which number?", "Or shall I look for it by your name?"} {
		reply := &deskpb.ReplyRequested{Message: fmt.Sprint("bot", i), Channel: "ch_test", Thread: visitor, AgentName: "Robo", Automatic: "bot", Body: &deskpb.Body{Text: text}}
		if i == 1 {
			reply.Choices = []string{"By name", "A person, please"}
		}
		s.desk.Threads.Append(visitor, nil, reply)
	}
	b.until("quick replies of the answer", `$$('.quick button').map((e) => e.textContent).join() === 'By name,A person, please' && $('.ask').hidden && $$('.who .bot').length > 0`)
	b.shot("flow-talk-1440")
	b.run(`$$('.quick button')[1].click()`)
	s.visitorOf(2)
	if second := s.desk.Intake.Items()[1].Message; second.Body.Text != "A person, please" || second.Chat != nil {
		t.Errorf("%+v", second)
	}
	b.until("they are gone", `$('.quick').hidden`)
	if got := b.bubbles(); !slices.Equal(got, []string{"My order", "Which number?", "Or shall I look for it by your name?", "A person, please"}) {
		t.Errorf("%q", got)
	}
}
