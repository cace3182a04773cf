//go:build integration

package chat

import (
	"fmt"
	"testing"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// Asked for an address when the first thing is said, for a transcript when the visitor wants one, and how it was when it is closed.
func TestBrowserAsksWhenItIsOver(t *testing.T) {
	s := open(t, `{"title":"Lumbre","after":{"mail_channel":"ch_mail","transcript":"request","rating":"stars","capture":{"when":"first_message","text":{"en":"Where do we reach you?"}}}}`)
	b := newBrowser(t)
	b.look(390, 700, false)
	b.visit(s.url)
	b.open()
	b.write("Is the lamp in stock?")
	visitor := s.visitorOf(1)
	conv := desk.ConversationIDFor(s.conn.env.Channel, "thread/"+visitor)
	visit := func(n int) *desk.Visit { // the nth that came
		t.Helper()
		var got *desk.Visit
		if err := s.desk.Intake.Await(s.ctx(), func() bool {
			seen := 0
			for _, item := range s.desk.Intake.Calls() {
				if item.Visit != nil {
					if seen++; seen == n {
						got = item.Visit
					}
				}
			}
			return got != nil
		}); err != nil {
			t.Fatal(err)
		}
		if got.Conversation != conv {
			t.Errorf("of %s, not %s", got.Conversation, conv)
		}
		return got
	}
	fill := func(text string) string {
		return fmt.Sprintf(`(() => { const i = $('.after input'); i.value = %q; i.form.requestSubmit(); })()`, text)
	}
	b.until("the question", `$('.after p')?.textContent === 'Where do we reach you?'`)
	b.shot("after-capture")
	b.run(fill("ana@shop.example"))
	if v := visit(1); v.Address.GetAddress() != "ana@shop.example" {
		t.Errorf("%+v", v)
	}
	b.until("thanks", `$('.after [role=status]') !== null`)
	b.run(`$('.letter').click()`)
	b.until("the transcript", `$('.after input')?.value === 'ana@shop.example'`)
	b.run(fill("ana@home.example"))
	if v := visit(2); v.Transcript != "ana@home.example" {
		t.Errorf("%+v", v)
	}
	s.desk.Threads.Append(visitor, nil, &deskpb.TicketStatusChanged{To: deskpb.TicketStatus_TICKET_STATUS_CLOSED})
	b.until("the stars", `$$('.after .mark').length === 5`)
	b.shot("after-rate")
	b.run(`$$('.after .mark')[3].click()`)
	if v := visit(3); v.Rate.GetScore() != 4 || v.Rate.Comment != "" {
		t.Errorf("%+v", v)
	}
	s.desk.Threads.Append(visitor, nil, &deskpb.ConversationRated{Score: 4})
	b.until("the comment", `$('.after form')?.hidden === false && $$('.after .mark[aria-pressed=true]').length === 4`)
	b.look(390, 700, true)
	b.shot("after-comment-dark")
	b.run(`(() => { const c = $('.after textarea'); c.value = 'quick'; c.form.requestSubmit(); })()`)
	if v := visit(4); v.Rate.GetScore() != 4 || v.Rate.Comment != "quick" {
		t.Errorf("%+v", v)
	}
	b.until("thanks", `$('.after [role=status]')?.textContent === 'Thank you!'`)
}
