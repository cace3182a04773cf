package compose

import (
	"fmt"
	"html"
	"regexp"
	"slices"
	"strings"

	"github.com/centralita/centralita/channels/email/letter"
)

// Bounds of what is quoted: the last message as it came, of the whole what each one wrote himself.
const (
	maxQuoted     = 50
	maxQuotedHTML = 256 << 10 // of one message; longer ones are quoted as text
	maxQuotedText = 64 << 10
	maxQuotes     = 512 << 10 // of all
)

// quote is a message ready to stand below a reply.
type quote struct{ head, text, html string }

// history chooses what is quoted, the newest first.
func (s *Settings) history(all []Quoted) (out []quote) {
	if s.Quote != QuoteLast && s.Quote != QuoteWhole || len(all) == 0 {
		return nil
	}
	if s.Quote == QuoteLast {
		return []quote{s.quote(all[len(all)-1], true)}
	}
	size := 0
	for _, q := range slices.Backward(all) {
		one := s.quote(q, false)
		if size += len(one.text) + len(one.html); len(out) == maxQuoted || size > maxQuotes {
			break
		}
		out = append(out, one)
	}
	return out
}

// Pictures that stand in a quoted message stay behind: they are files of that mail.
var cidPicture = regexp.MustCompile(`<img\b[^>]*\bsrc="cid:[^>]*>`)

// quote makes one ready; whole: with what it quotes itself.
func (s *Settings) quote(q Quoted, whole bool) quote {
	who := q.Name
	if q.Address != "" {
		who = strings.TrimSpace(PersonName(q.Name) + " <" + q.Address + ">")
	}
	if who == "" {
		who = s.words().somebody
	}
	out := quote{head: fmt.Sprintf(s.words().wrote, s.words().moment(q.At), who)}
	text, rich := q.Body.GetText(), q.Body.GetHtml()
	if text == "" {
		text = letter.HTMLText(rich)
	}
	if fresh := int(q.Body.GetFreshTextBytes()); !whole && fresh > 0 && fresh < len(text) {
		text, rich = strings.TrimRight(text[:fresh], " \n"), ""
	}
	out.text = strings.TrimRight(cut(text, maxQuotedText), "\n")
	if out.html = cidPicture.ReplaceAllString(rich, ""); out.html == "" || len(rich) > maxQuotedHTML {
		out.html = textToHTML(out.text)
	}
	return out
}

// cut shortens a text to at most n bytes, at the end of a line where there is one.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	s = strings.ToValidUTF8(s[:n], "")
	if i := strings.LastIndexByte(s, '\n'); i > n/2 {
		s = s[:i]
	}
	return s + "\n…"
}

// quoteHTML marks what is quoted as most mail programs do, so that they, and we, fold it.
func (s *Settings) quoteHTML(quotes []quote) string {
	var b strings.Builder
	for _, q := range quotes {
		b.WriteString(`<br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">` + html.EscapeString(q.head) + `<br></div>` +
			`<blockquote class="gmail_quote" style="margin:0 0 0 .8ex;border-left:1px solid #ccc;padding-left:1ex">` + q.html + `</blockquote></div>`)
	}
	return b.String()
}

func (s *Settings) quoteText(quotes []quote) string {
	var b strings.Builder
	for _, q := range quotes {
		b.WriteString("\n\n" + q.head + "\n")
		for line := range strings.SplitSeq(q.text, "\n") {
			if strings.HasPrefix(line, ">") || line == "" {
				b.WriteString("\n>" + line)
			} else {
				b.WriteString("\n> " + line)
			}
		}
	}
	return b.String()
}
