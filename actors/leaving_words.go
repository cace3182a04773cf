package actors

import (
	"fmt"
	"html"
	"strings"
	"time"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// What is written to a visitor who has left, in the languages of the desk. The HTML is made here of plain text, or of replies whose HTML
// was made harmless when they were written.

// spoken is something that was said in a chat, for a mail to its visitor.
type spoken struct {
	Name  string // "" the visitor
	At    time.Time
	Body  *deskpb.Body
	Links []fileLink // instead of its files
}

// fileLink is where a file may be fetched.
type fileLink struct{ Name, URL string }

// leavingWords are the words around it.
var leavingWords = map[string]map[string]string{
	"en": {
		"unread": "You had left the chat when this answer came. Just reply to this mail: it goes on in the same conversation.",
		"resume": "Or go on in the chat:",
		"intro":  "This is what was said in your chat with %s.",
		"you":    "You",
		"rate":   "How was it?",
		"here":   "Tell us",
		"files":  "The links to files work until %s.",
		"title":  "Your chat with %s",
		"utc":    "2 January 2006, 15:04 UTC",
	},
	"es": {
		"unread": "Ya no estabas en el chat cuando llegó esta respuesta. Responde a este correo: sigue en la misma conversación.",
		"resume": "O sigue en el chat:",
		"intro":  "Esto es lo que se habló en tu chat con %s.",
		"you":    "Tú",
		"rate":   "¿Qué te ha parecido?",
		"here":   "Cuéntanoslo",
		"files":  "Los enlaces a los archivos funcionan hasta el %s.",
		"title":  "Tu chat con %s",
		"utc":    "02/01/2006, 15:04 UTC",
	},
}

func leavingIn(language string) map[string]string {
	if w := leavingWords[language]; w != nil {
		return w
	}
	return leavingWords["en"]
}

const gray = ` style="color:#6b7280;font-size:13px"`

// unreadMailBody is the mail that brings what a visitor has not seen, in the order in which it was said.
func unreadMailBody(language string, all []spoken, resume string) *deskpb.Body {
	w, several := leavingIn(language), false
	for _, s := range all {
		several = several || s.Name != all[0].Name
	}
	var text, rich strings.Builder
	body := &deskpb.Body{}
	for i, s := range all {
		if i > 0 {
			text.WriteString("\n\n")
		}
		if several && s.Name != "" {
			text.WriteString(s.Name + ":\n")
			rich.WriteString("<p><strong>" + html.EscapeString(s.Name) + "</strong></p>")
		}
		text.WriteString(plainOf(s.Body))
		rich.WriteString("<div>" + richOf(s.Body) + "</div>")
		body.Attachments = append(body.Attachments, s.Body.GetAttachments()...)
	}
	if len(body.Attachments) > desk.MaxAttachments {
		body.Attachments = body.Attachments[:desk.MaxAttachments]
	}
	text.WriteString("\n\n" + w["unread"])
	rich.WriteString("<p" + gray + ">" + html.EscapeString(w["unread"]))
	if resume != "" {
		text.WriteString("\n" + w["resume"] + " " + resume)
		rich.WriteString(" " + html.EscapeString(w["resume"]) + ` <a href="` + html.EscapeString(resume) + `">` + html.EscapeString(resume) + "</a>")
	}
	rich.WriteString("</p>")
	body.Text, body.Html = cutText(text.String(), desk.MaxTextBytes), rich.String()
	if len(body.Html) > desk.MaxHTMLBytes {
		body.Html = ""
	}
	return body
}

// transcriptTitle is the subject of a transcript.
func transcriptTitle(language, title string) string {
	return fmt.Sprintf(leavingIn(language)["title"], title)
}

// transcriptBody is all that was said, and perhaps a question how it was: rate is the address where that is answered. all may be empty: then
// it only asks.
func transcriptBody(language, title string, all []spoken, until time.Time, rate string) *deskpb.Body {
	w := leavingIn(language)
	var text, rich strings.Builder
	intro := fmt.Sprintf(w["intro"], title)
	if len(all) > 0 {
		text.WriteString(intro + "\n")
		rich.WriteString("<p>" + html.EscapeString(intro) + "</p>")
	}
	links := false
	for _, s := range all {
		name, at := nameOr(s.Name, w["you"]), s.At.UTC().Format(w["utc"])
		text.WriteString("\n" + name + " · " + at + "\n" + plainOf(s.Body) + "\n")
		rich.WriteString(`<p style="margin:16px 0 2px"><strong>` + html.EscapeString(name) + "</strong> <span" + gray + ">" + at + "</span></p><div>" + richOf(s.Body) + "</div>")
		for _, f := range s.Links {
			links = true
			text.WriteString(f.Name + ": " + f.URL + "\n")
			rich.WriteString(`<div>📎 <a href="` + html.EscapeString(f.URL) + `">` + html.EscapeString(f.Name) + "</a></div>")
		}
	}
	if links {
		note := fmt.Sprintf(w["files"], until.UTC().Format(w["utc"]))
		text.WriteString("\n" + note + "\n")
		rich.WriteString("<p" + gray + ">" + html.EscapeString(note) + "</p>")
	}
	if rate != "" {
		text.WriteString("\n" + w["rate"] + " " + rate + "\n")
		rich.WriteString(`<p style="margin-top:20px"><strong>` + html.EscapeString(w["rate"]) + `</strong> <a href="` + html.EscapeString(rate) + `">` + html.EscapeString(w["here"]) + "</a></p>")
	}
	b := &deskpb.Body{Text: strings.TrimPrefix(cutText(text.String(), desk.MaxTextBytes), "\n"), Html: rich.String()}
	if len(b.Html) > desk.MaxHTMLBytes {
		b.Html = ""
	}
	return b
}

// plainOf is what somebody wrote themselves.
func plainOf(b *deskpb.Body) string {
	s := b.GetText()
	if n := int(b.GetFreshTextBytes()); n > 0 && n < len(s) {
		s = s[:n]
	}
	return strings.TrimRight(s, " \n")
}

func richOf(b *deskpb.Body) string {
	if b.GetHtml() != "" && b.GetFreshTextBytes() == 0 {
		return b.GetHtml()
	}
	return strings.ReplaceAll(html.EscapeString(plainOf(b)), "\n", "<br>")
}

// cutText shortens a text to at most n bytes.
func cutText(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}
