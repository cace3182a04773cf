//go:build integration

package main

import (
	"fmt"
	"testing"
)

// Who reads further down in a list goes on reading: what comes above is only counted, and a press goes to it; a ticket that one
// looks at and that goes to the top takes the list nowhere.
func TestBrowserNewTicketsAbove(t *testing.T) {
	t.Parallel()
	var subjects []string
	for i := range 16 {
		subjects = append(subjects, fmt.Sprintf("Matter %02d", i))
	}
	w := openWriting(t, "above", subjects...)
	w.holds("($('#list .rows').scrollTop = 4 * 76, true)")
	w.until("rows from further down", "Math.abs($('#list .rows').scrollTop - 4 * 76) < 2")
	inSight := "$$('[data-row]').filter((r) => r.getBoundingClientRect().top > $('#list .rows').getBoundingClientRect().top - 38)"
	read := ask[string](w.page, inSight+"[4].innerText.match(/Matter \\d\\d/)[0]") // they came at once: in any order
	place := func(words string) string {
		return "Math.round(" + row(words) + "?.getBoundingClientRect().top)"
	}
	w.holds("(window.at = " + place(read) + ", true)")
	still := "window.at === " + place(read)
	deliver(t, w.mail, letter{from: "Dora <dora@customer.test>", subject: "Something new", id: "new@customer.test", text: "Hello"})
	w.until("that one came above", "$('#list .new')?.innerText.includes('1 new above') && "+still)
	w.shoot("counted")
	w.axe("a ticket above", nil)

	// The first one that is seen is written in: it goes to the top, and nothing else moves.
	first := ask[string](w.page, inSight+"[0].innerText.match(/Matter \\d\\d/)[0]")
	deliver(t, w.mail, letter{from: "Carla Gil <" + customerAddress + ">", subject: "Re: " + first, id: "again@customer.test", text: "Is anybody there?",
		answers: []string{"Matter-" + first[len("Matter "):] + "@customer.test"}})
	w.until("it is gone from where it was", "$('#list .rows').scrollTop > 76 && !"+inSight+".some((r) => r.innerText.includes("+quote(first)+"))")
	if !w.holds(still) {
		t.Errorf("what one reads moved by %v pixels", ask[float64](w.page, place(read)+" - window.at"))
	}
	w.click("#list .new")
	w.until("the newest", "$('#list .rows').scrollTop === 0 && $$('[data-row]')[0].innerText.includes("+quote(first)+") && $$('[data-row]')[1].innerText.includes('Something new') && !$('#list .new')")
}
