package demo

import (
	_ "embed"
	"html/template"
	"net/http"
	"slices"

	"github.com/centralita/centralita/internal/mailsim"
)

//go:embed mailbox.html
var mailboxHTML string

var mailboxPage = template.Must(template.New("mailbox").Parse(mailboxHTML))

// Path is where Handler expects to be mounted.
const Path = "/demo/"

// Handler shows the customers' mailboxes: what they wrote and what the desk answered.
func (d *Demo) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		type box struct {
			Name, Address   string
			Received, Count int
			Selected        bool
		}
		type mail struct {
			mailsim.Message
			Mine bool
		}
		var boxes []box
		var mails []mail
		chosen := r.URL.Query().Get("box")
		for _, s := range stories {
			b := box{Name: s.name, Address: s.address, Received: len(d.mail.Mailbox(s.address))}
			boxes = append(boxes, b)
			if chosen == "" && b.Received > 0 {
				chosen = s.address
			}
		}
		if chosen == "" {
			chosen = stories[0].address
		}
		for i := range boxes {
			boxes[i].Selected = boxes[i].Address == chosen
			if !boxes[i].Selected {
				continue
			}
			for _, m := range d.mail.Mailbox(chosen) {
				mails = append(mails, mail{m, false})
			}
			for _, m := range d.mail.Mailbox(SupportAddress) {
				if addressOf(m.From) == chosen {
					mails = append(mails, mail{m, true})
				}
			}
		}
		slices.SortStableFunc(mails, func(a, b mail) int { return b.At.Compare(a.At) })
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
		_ = mailboxPage.Execute(w, map[string]any{"Boxes": boxes, "Mails": mails, "Chosen": chosen, "Chat": d.chatPath})
	})
}
