package demo

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"
)

// A colleague answers his own tickets and closes them after a while. Without him every agent would be at capacity after some
// minutes, and everything new would wait in line.

// sampleTicket is what he looks at.
type sampleTicket struct {
	ID           string     `json:"id"`
	Subject      string     `json:"subject"`
	Status       string     `json:"status"`
	Messages     int        `json:"messages"`
	UpdatedAt    time.Time  `json:"updated_at"`
	WaitingSince *time.Time `json:"waiting_since"`
}

// answers by turn; the last one closes the ticket.
var answers = [][]string{
	{"Hello,\n\nthank you for writing. I am looking into it and tell you as soon as I know more.\n\nBen", "Thanks, that helps. I have it settled now.\n\nHave a good day\nBen"},
	{"Hola:\n\nGracias por escribirnos. Lo miro y te digo algo enseguida.\n\nBen", "Gracias, así queda resuelto.\n\nUn saludo\nBen"},
}

// colleague works until the demo ends.
func (d *Demo) colleague() {
	ben := newClient(d.opt.BaseURL)
	in, there := false, make(chan error, 1)
	there <- nil
	for d.pause(max(d.opt.Pace, d.opt.Work/4)) {
		err := error(nil)
		if !in {
			err = ben.call(d.ctx, "POST", "/session", map[string]any{"email": Agents[1].Email, "password": Password}, nil)
			in = err == nil
		}
		if err == nil {
			select {
			case err = <-there: // his workspace is closed, or was never open
				d.wg.Go(func() { there <- ben.present(d.ctx) })
			default:
				err = d.work(d.ctx, ben, time.Now())
			}
		}
		if err != nil && d.ctx.Err() == nil {
			in = false // signed out, perhaps
			d.log.Warn("the sample colleague could not work", "err", err)
		}
	}
}

// work answers who has waited long enough, and closes what has rested twice as long.
func (d *Demo) work(ctx context.Context, ben *client, now time.Time) error {
	var mine struct{ Tickets []sampleTicket }
	if err := ben.call(ctx, "GET", "/tickets?view=mine&limit=50", nil, &mine); err != nil {
		return fmt.Errorf("list his tickets: %w", err)
	}
	for _, t := range mine.Tickets {
		path := "/conversations/" + t.ID
		var err error
		switch {
		case t.WaitingSince != nil && now.Sub(*t.WaitingSince) >= d.opt.Work:
			last := t.Messages > 1
			err = ben.call(ctx, "POST", path+"/replies", map[string]any{"message_id": "ben-" + strings.ToLower(rand.Text()), "text": answerTo(t, last), "close": last}, nil)
		case t.Status == "waiting_on_contact" && now.Sub(t.UpdatedAt) >= 2*d.opt.Work:
			err = ben.call(ctx, "PUT", path+"/status", map[string]any{"status": "closed"}, nil)
		}
		if err != nil && !isConflict(err) { // somebody else was faster
			return fmt.Errorf("work on %q: %w", t.Subject, err)
		}
	}
	return nil
}

func answerTo(t sampleTicket, last bool) string {
	of := answers[0]
	if strings.ContainsAny(t.Subject, "¿¡") {
		of = answers[1]
	}
	if last {
		return of[1]
	}
	return of[0]
}
