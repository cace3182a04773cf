//go:build integration

package chat

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/centralita/centralita/channels"
)

// A chat that is closed says when it opens, and takes a message with an address, for the department that was chosen.
func TestBrowserClosedChat(t *testing.T) {
	t.Parallel()
	tomorrow := time.Now().AddDate(0, 0, 1)
	opens := time.Date(tomorrow.Year(), tomorrow.Month(), tomorrow.Day(), 9, 0, 0, 0, time.Local)
	s := openIn(t, `{"locale":"en","availability":{"mode":"hours","hours":"wh_1","closed":{"show":"form","text":{"en":"We are closed."}},"departments":["tm_1"]}}`, channels.Around{
		HoursAt:  func(string, string, time.Time) (bool, time.Time) { return false, opens },
		TeamName: func(string) string { return "Returns" },
	})
	b := newBrowser(t)
	b.visit(s.url)
	b.open()
	b.until("when it opens", `$('.presence').textContent.startsWith('Back tomorrow at 9:00') && $('.notice').textContent === 'We are closed.'`)
	b.run(`$('textarea').focus()`)
	b.do(chromedp.KeyEvent("Where is my lamp?"))
	b.until("no address yet", `$('textarea').value === 'Where is my lamp?' && $('.send').disabled`)
	b.shot("closed")
	b.look(390, 700, true)
	b.shot("closed-phone")
	b.run(`($('.details select').value = 'tm_1', $('.details select').dispatchEvent(new Event('change')), $('input[type=email]').focus())`)
	b.do(chromedp.KeyEvent("carla@shop.example"))
	b.until("it can be sent", `!$('.send').disabled`)
	b.run(`$('.send').click()`)
	b.untilBubbles(1)
	if err := s.desk.Intake.Await(s.ctx(), func() bool { return len(s.desk.Intake.Items()) > 0 }); err != nil { // a bubble is there before it is sent
		t.Fatal(err)
	}
	m := s.desk.Intake.Items()[0].Message
	if m.Team != "tm_1" || m.From.GetAddress() != "carla@shop.example" || m.Body.GetText() != "Where is my lamp?" {
		t.Errorf("it came as %+v", m)
	}
}
