package demo

import (
	"encoding/base64"
	"fmt"
	"html"
	"mime"
	"strings"
	"time"

	"github.com/centralita/centralita/internal/mailsim"
)

// writers begins a matter at each pace: the first few at once, so that there is something to do.
func (d *Demo) writers() {
	const atOnce = 4
	for n := range d.opt.Most {
		pause := d.opt.Pace
		if n < atOnce {
			pause = min(time.Second, d.opt.Pace)
		}
		if !d.pause(pause) {
			return
		}
		s := stories[n%len(stories)]
		d.begin(s, n/len(stories))
	}
}

// begin lets a customer open a matter, unless he is still in the middle of one.
func (d *Demo) begin(s *story, round int) {
	d.mu.Lock()
	talk := d.talks[s.address]
	if talk != nil && talk.next < len(talk.turns) && round-talk.round < 2 {
		d.mu.Unlock()
		return
	}
	mine := *s
	mine.round, mine.next = round, 1
	if round > 0 {
		mine.subject = fmt.Sprintf("%s (%d)", s.subject, round+1)
	}
	d.talks[s.address] = &mine
	d.mu.Unlock()
	d.write(&mine, mine.subject, mine.turns[0], nil)
}

// received is called for every mail that arrives anywhere: a customer who has more to say answers after a while.
func (d *Demo) received(account string, m mailsim.Message) {
	d.mu.Lock()
	talk := d.talks[account]
	defer d.mu.Unlock()
	if talk == nil || talk.next >= len(talk.turns) || m.MessageID == "" || d.closed {
		return
	}
	text := talk.turns[talk.next]
	talk.next++
	d.wg.Go(func() {
		if d.pause(d.opt.Think) {
			d.write(talk, "Re: "+strings.TrimPrefix(m.Subject, "Re: "), text, &m)
		}
	})
}

// write hands a customer's mail to the support mailbox, as his own provider would.
func (d *Demo) write(s *story, subject, text string, answers *mailsim.Message) {
	if err := d.mail.Deliver(SupportAddress, compose(s, subject, text, answers, time.Now())); err != nil {
		d.log.Warn("a sample customer could not write", "err", err)
	}
}

// compose makes a plain RFC 5322 mail.
func compose(s *story, subject, text string, answers *mailsim.Message, now time.Time) []byte {
	var b strings.Builder
	head := func(name, value string) { fmt.Fprintf(&b, "%s: %s\r\n", name, value) }
	head("From", mime.QEncoding.Encode("utf-8", s.name)+" <"+s.address+">")
	head("To", SupportAddress)
	head("Subject", mime.QEncoding.Encode("utf-8", subject))
	head("Date", now.Format(time.RFC1123Z))
	head("Message-ID", fmt.Sprintf("<%d.%s>", now.UnixNano(), s.address))
	if answers != nil {
		head("In-Reply-To", "<"+answers.MessageID+">")
		head("References", strings.TrimSpace(answers.References+" <"+answers.MessageID+">"))
		text += "\n\nOn " + answers.At.Format("Mon, 2 Jan 2006 at 15:04") + ", Harbour Bikes wrote:\n> " + strings.ReplaceAll(strings.TrimSpace(answers.Text), "\n", "\n> ") + "\n"
	}
	head("MIME-Version", "1.0")
	switch {
	case s.file != "" && answers == nil:
		head("Content-Type", `multipart/mixed; boundary="=_part"`)
		b.WriteString("\r\n--=_part\r\n")
		part(&b, "text/plain; charset=utf-8", "", text)
		b.WriteString("--=_part\r\n")
		part(&b, "text/plain; charset=utf-8; name=\""+s.file+"\"", "attachment; filename=\""+s.file+"\"", "Diallo Logistics\nRue du Port 12\nVAT FR 12 345 678 901\n")
		b.WriteString("--=_part--\r\n")
	case s.html:
		head("Content-Type", `multipart/alternative; boundary="=_part"`)
		b.WriteString("\r\n--=_part\r\n")
		part(&b, "text/plain; charset=utf-8", "", text)
		b.WriteString("--=_part\r\n")
		part(&b, "text/html; charset=utf-8", "", "<div style=\"font-family:sans-serif\"><p>"+strings.ReplaceAll(html.EscapeString(text), "\n\n", "</p><p>")+"</p></div>")
		b.WriteString("--=_part--\r\n")
	default:
		part(&b, "text/plain; charset=utf-8", "", text)
	}
	return []byte(b.String())
}

func part(b *strings.Builder, mediaType, disposition, text string) {
	fmt.Fprintf(b, "Content-Type: %s\r\n", mediaType)
	if disposition != "" {
		fmt.Fprintf(b, "Content-Disposition: %s\r\n", disposition)
	}
	b.WriteString("Content-Transfer-Encoding: base64\r\n\r\n")
	raw := base64.StdEncoding.EncodeToString([]byte(strings.ReplaceAll(text, "\n", "\r\n")))
	for len(raw) > 76 {
		b.WriteString(raw[:76] + "\r\n")
		raw = raw[76:]
	}
	b.WriteString(raw + "\r\n")
}

// pause waits; false when the demo ends.
func (d *Demo) pause(t time.Duration) bool {
	timer := time.NewTimer(t)
	defer timer.Stop()
	select {
	case <-d.ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// addressOf takes the address out of a From line of ours.
func addressOf(from string) string {
	if i := strings.LastIndexByte(from, '<'); i >= 0 {
		return strings.ToLower(strings.TrimSuffix(from[i+1:], ">"))
	}
	return strings.ToLower(strings.TrimSpace(from))
}
