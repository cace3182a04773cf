package letter

import (
	"fmt"
	"html"
	"strings"

	"github.com/centralita/centralita/channels/email/letter/charset"
	"github.com/centralita/centralita/channels/email/letter/history"
	"github.com/centralita/centralita/channels/email/letter/tnef"
)

// chosen is the outcome of RFC 8621 section 4.1.4: what of the tree is text, what is HTML, what is attached.
type chosen struct {
	text, html, attached []*part
}

// choose walks siblings. The two flags are the algorithm's "textBody/htmlBody is null".
func (c *chosen) choose(parts []*part, multipart string, inAlternative, wantText, wantHTML bool) {
	texts, htmls := len(c.text), len(c.html)
	for i, p := range parts {
		if len(p.children) > 0 {
			sub := strings.TrimPrefix(p.kind, "multipart/")
			c.choose(p.children, sub, inAlternative || sub == "alternative", wantText, wantHTML)
			continue
		}
		if !p.isInline(i, multipart) {
			c.attached = append(c.attached, p)
			continue
		}
		if multipart == "alternative" {
			switch p.kind {
			case "text/plain":
				c.text = append(c.text, p)
			case "text/html":
				c.html = append(c.html, p)
			default:
				c.attached = append(c.attached, p)
			}
			continue
		}
		if inAlternative {
			wantHTML = wantHTML && p.kind != "text/plain"
			wantText = wantText && p.kind != "text/html"
		}
		if wantText {
			c.text = append(c.text, p)
		}
		if wantHTML {
			c.html = append(c.html, p)
		}
		if (!wantText || !wantHTML) && p.isMedia() {
			c.attached = append(c.attached, p)
		}
	}
	if multipart == "alternative" && wantText && wantHTML {
		switch { // only one kind was offered: it serves for both
		case len(c.text) == texts && len(c.html) != htmls:
			c.text = append(c.text, c.html[htmls:]...)
		case len(c.html) == htmls && len(c.text) != texts:
			c.html = append(c.html, c.text[texts:]...)
		}
	}
}

func (p *part) isMedia() bool {
	return strings.HasPrefix(p.kind, "image/") || strings.HasPrefix(p.kind, "audio/") || strings.HasPrefix(p.kind, "video/")
}

func (p *part) isInline(i int, multipart string) bool {
	if p.disposition == "attachment" || p.kind != "text/plain" && p.kind != "text/html" && !p.isMedia() {
		return false
	}
	return i == 0 || multipart != "related" && (p.isMedia() || p.name == "" || p.isShort())
}

// isShort: a text with a file name that is not called an attachment and not too long to be read where it stands. It is
// listed as a file, too.
func (p *part) isShort() bool {
	const most = 32 << 10
	return p.kind == "text/plain" && len(p.raw) <= most
}

// promote makes a named text the body of a mail that would else have none, unless it says that it is an attachment.
func (c *chosen) promote() {
	for _, p := range append(append([]*part(nil), c.text...), c.html...) {
		if !p.isMedia() {
			return
		}
	}
	for i, p := range c.attached {
		if (p.kind == "text/plain" || p.kind == "text/html") && p.disposition != "attachment" {
			c.text, c.html = append(c.text, p), append(c.html, p)
			c.attached = append(c.attached[:i:i], c.attached[i+1:]...)
			return
		}
	}
}

// readBody fills Text, HTML, FreshTextBytes and Attachments. body is what follows the header, for a multipart whose
// boundary does not occur.
func (m *Mail) readBody(root *part, body []byte, limits Limits) {
	if len(root.children) == 0 && strings.HasPrefix(root.kind, "multipart/") {
		m.warn("the mail says it has parts, but they cannot be found")
		root = &part{kind: "text/plain", raw: body}
	}
	var c chosen
	if len(root.children) > 0 {
		sub := strings.TrimPrefix(root.kind, "multipart/")
		c.choose(root.children, sub, sub == "alternative", true, true)
	} else {
		c.choose([]*part{root}, "mixed", false, true, true)
	}
	c.promote()
	source := m.readHTML(c.html, limits)
	fresh := m.readText(c.text, limits)
	if fresh < 0 {
		fresh = history.FreshBytes(m.Text)
	}
	if fresh < len(m.Text) {
		m.FreshTextBytes = fresh
	}
	m.attach(c, source, limits)
}

// readText joins the text parts. When all of it came from HTML, the HTML's own marks say where the quote starts, and
// the result is that place; else -1.
func (m *Mail) readText(parts []*part, limits Limits) (fresh int) {
	var texts []string
	fresh = -1
	for _, p := range parts {
		switch {
		case p.kind == "text/html":
			t := htmlToText(cut(p.text(), limits.HTML))
			if len(texts) == 0 && t.quoteAt > 0 {
				fresh = len(trimRight(t.text[:t.quoteAt]))
			}
			texts = append(texts, t.text)
		case p.kind == "text/plain":
			texts = append(texts, p.plain())
		}
	}
	all := strings.Join(texts, "\n")
	trimmed := strings.TrimLeft(all, "\n")
	lead := len(all) - len(trimmed)
	m.Text = cut(trimRight(trimmed), limits.Text)
	if len(m.Text) < len(trimRight(trimmed)) {
		m.warn("the text was cut at %d bytes: the whole is in the raw mail", limits.Text)
	}
	if fresh = fresh - lead; fresh <= 0 {
		return -1
	}
	return min(fresh, freshOr(m.Text, fresh))
}

// freshOr: the text's own marks may say that even less is new (a signature above the quote).
func freshOr(text string, fresh int) int {
	if n := history.FreshBytes(text[:min(fresh, len(text))]); n > 0 {
		return n
	}
	return fresh
}

// plain gives a text part's text, soft line ends joined (RFC 3676).
func (p *part) plain() string {
	s := p.text()
	if strings.EqualFold(string(p.params["format"]), "flowed") {
		return unflow(s, strings.EqualFold(string(p.params["delsp"]), "yes"))
	}
	return s
}

// readHTML joins the HTML parts, with plain ones between them, and sanitises the whole. It gives the source too, to
// find which attachments it refers to.
func (m *Mail) readHTML(parts []*part, limits Limits) string {
	var b strings.Builder
	real := false
	for _, p := range parts {
		switch {
		case p.kind == "text/html":
			real = true
			b.WriteString(p.text())
		case p.kind == "text/plain":
			fmt.Fprintf(&b, `<div style="white-space:pre-wrap">%s</div>`, html.EscapeString(p.plain()))
		case p.contentID != "":
			fmt.Fprintf(&b, `<img src="cid:%s" alt="%s">`, html.EscapeString(p.contentID), html.EscapeString(p.name))
		}
	}
	if !real {
		return ""
	}
	source := b.String()
	if len(source) > limits.HTML {
		m.warn("the HTML was cut at %d bytes: the whole is in the raw mail", limits.HTML)
		source = cut(source, limits.HTML)
	}
	m.Marks = marks(source)
	safe, err := sanitise(source)
	if err != nil {
		m.warn("the HTML could not be made safe to show: the whole is in the raw mail")
		return ""
	}
	m.HTML = safe
	return safe
}

// attach lists what is attached, and the media that stand between texts.
func (m *Mail) attach(c chosen, html string, limits Limits) {
	seen := make(map[*part]bool)
	add := func(p *part) {
		if seen[p] {
			return
		}
		seen[p] = true
		if len(m.Attachments) == limits.Attachments {
			m.warn("there are more than %d attachments: the others are in the raw mail", limits.Attachments)
		}
		if len(m.Attachments) >= limits.Attachments {
			return
		}
		m.Attachments = append(m.Attachments, p.attachment(html, len(m.Attachments)+1))
		m.openEnvelope(p, limits)
	}
	for _, list := range [][]*part{c.text, c.html} {
		for i, p := range list {
			if p.kind != "text/plain" && p.kind != "text/html" || p.name != "" && i > 0 {
				add(p)
			}
		}
	}
	for _, p := range c.attached {
		add(p)
	}
}

// openEnvelope lists the files in a winmail.dat beside it, and takes its text when the mail has none of its own.
func (m *Mail) openEnvelope(p *part, limits Limits) {
	if p.kind != "application/ms-tnef" && p.kind != "application/vnd.ms-tnef" && !strings.EqualFold(p.name, "winmail.dat") {
		return
	}
	f, ok := tnef.Read(m.Attachments[len(m.Attachments)-1].Data)
	if !ok {
		return
	}
	if m.Text == "" {
		m.Text = cut(trimRight(clean(charset.Decode([]byte(f.Body), ""))), limits.Text)
		if source := clean(charset.Decode(f.HTML, charset.OfHTML(f.HTML))); source != "" && m.HTML == "" {
			m.readHTML([]*part{{kind: "text/html", raw: []byte(cut(source, limits.HTML)), params: map[string][]byte{"charset": []byte("utf-8")}}}, limits)
			if m.Text == "" {
				m.Text = cut(htmlToText(cut(source, limits.HTML)).text, limits.Text)
			}
		}
		m.FreshTextBytes = 0
		if n := history.FreshBytes(m.Text); n < len(m.Text) {
			m.FreshTextBytes = n
		}
	}
	for i, a := range f.Attachments {
		if len(m.Attachments) >= limits.Attachments {
			m.warn("there are more than %d attachments: the others are in the raw mail", limits.Attachments)
			return
		}
		name := fileName(charset.Decode([]byte(a.Name), ""))
		if name == "" {
			name = fmt.Sprintf("file-%d", i+1)
		}
		kind, _ := parseParams([]byte(a.MediaType))
		if !strings.Contains(kind, "/") || len(kind) > 100 {
			kind = "application/octet-stream"
		}
		m.Attachments = append(m.Attachments, Attachment{Name: name, MediaType: strings.ToValidUTF8(kind, ""), ContentID: contentID(a.ContentID), Data: a.Data})
	}
}

func (p *part) attachment(html string, number int) Attachment {
	a := Attachment{Name: p.name, MediaType: p.kind, ContentID: p.contentID, Data: p.content()}
	if a.Name == "" {
		a.Name = p.defaultName(a.Data, number)
	}
	a.Inline = p.contentID != "" && strings.Contains(html, "cid:"+p.contentID)
	return a
}

// defaultName names a part that has no name: an enclosed mail by its subject.
func (p *part) defaultName(data []byte, number int) string {
	if p.kind == "message/rfc822" {
		header, _ := splitHeader(trimLead(data), 64<<10)
		if name := fileName(decodeWords(header.Get("Subject"), header.charset())); name != "" {
			return cut(name, 100) + ".eml"
		}
	}
	ext := map[string]string{
		"message/rfc822": ".eml", "text/calendar": ".ics", "text/plain": ".txt", "text/html": ".html", "text/csv": ".csv", "text/vcard": ".vcf",
		"application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png", "image/gif": ".gif", "image/webp": ".webp", "application/ms-tnef": ".dat",
		"application/pgp-signature": ".asc", "application/pkcs7-signature": ".p7s", "application/zip": ".zip", "message/delivery-status": ".txt",
	}[p.kind]
	return fmt.Sprintf("part-%d%s", number, ext)
}

// unflow joins lines that end in a blank (RFC 3676 section 4.2); quote marks keep their depth, the signature separator
// "-- " stays a line of its own.
func unflow(s string, delSp bool) string {
	var out strings.Builder
	open := -1 // quote depth of the paragraph being continued
	for line := range strings.SplitSeq(s, "\n") {
		rest := strings.TrimLeft(line, ">")
		depth := len(line) - len(rest)
		rest = strings.TrimPrefix(rest, " ") // space-stuffing
		if open >= 0 && (depth != open || rest == "-- ") {
			out.WriteByte('\n')
			open = -1
		}
		if open < 0 && depth > 0 {
			out.WriteString(strings.Repeat(">", depth) + " ")
		}
		flowed := strings.HasSuffix(rest, " ") && rest != "-- "
		if flowed && delSp {
			rest = rest[:len(rest)-1]
		}
		out.WriteString(rest)
		if open = depth; !flowed {
			out.WriteByte('\n')
			open = -1
		}
	}
	return strings.TrimSuffix(out.String(), "\n")
}

func trimRight(s string) string { return strings.TrimRight(s, " \t\n") }
