package desk

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/centralita/centralita/proto/deskpb"
)

// Forwarded is a message that goes along with what an agent writes to somebody else.
type Forwarded struct {
	From, To []*deskpb.Address
	Subject  string
	At       time.Time
	Body     *deskpb.Body
	Files    []string // blobs of its attachments that go along
}

// ForwardWords are what stands above a message that is passed on.
type ForwardWords struct{ Begins, From, Date, Subject, To string }

// ForwardLanguages has them by language.
var ForwardLanguages = map[string]ForwardWords{
	"en": {"Forwarded message", "From", "Date", "Subject", "To"},
	"es": {"Mensaje reenviado", "De", "Fecha", "Asunto", "Para"},
}

// ForwardBody is what an agent wrote with the messages that go along below it. Of each message goes what its writer wrote himself: what he quotes may be
// of messages that nobody chose.
func ForwardBody(own *deskpb.Body, all []Forwarded, language string) *deskpb.Body {
	words, known := ForwardLanguages[language]
	if !known {
		words = ForwardLanguages["en"]
	}
	out := &deskpb.Body{Text: strings.TrimRight(own.GetText(), " \n"), Attachments: slices.Clone(own.GetAttachments())}
	rich := own.GetHtml()
	asHTML := rich != ""
	if rich == "" {
		rich = plainHTML(out.Text)
	}
	for i, f := range all {
		text, page := fresh(f.Body)
		page, files := f.files(page, i, out.Attachments)
		out.Attachments = append(out.Attachments, files...)
		asHTML = asHTML || page != ""
		if page == "" {
			page = plainHTML(text)
		}
		if out.Text != "" {
			out.Text += "\n\n"
		}
		var headText, headHTML strings.Builder
		for _, h := range f.head(words) {
			headText.WriteString(h[0] + ": " + h[1] + "\n")
			headHTML.WriteString("<b>" + htmlText.Replace(h[0]) + ":</b> " + htmlText.Replace(h[1]) + "<br>")
		}
		out.Text += "---------- " + words.Begins + " ----------\n" + headText.String() + "\n" + text
		rich += `<br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">---------- ` + htmlText.Replace(words.Begins) + " ----------<br>" +
			headHTML.String() + "</div><br>" + page + "</div>"
	}
	if asHTML {
		out.Html = rich
	}
	return out
}

func (f *Forwarded) head(w ForwardWords) [][2]string {
	out := [][2]string{{w.From, addressLine(f.From)}, {w.Date, f.At.UTC().Format("2006-01-02 15:04 UTC")}}
	if f.Subject != "" {
		out = append(out, [2]string{w.Subject, oneLine(f.Subject)})
	}
	if len(f.To) > 0 {
		out = append(out, [2]string{w.To, addressLine(f.To)})
	}
	return out
}

func addressLine(all []*deskpb.Address) string {
	parts := make([]string, 0, len(all))
	for _, a := range all {
		switch name := oneLine(a.GetName()); {
		case name == "":
			parts = append(parts, a.GetAddress())
		case a.GetAddress() == "":
			parts = append(parts, name)
		default:
			parts = append(parts, name+" <"+a.Address+">")
		}
	}
	return strings.Join(parts, ", ")
}

// fresh is what the writer of a message wrote himself; as HTML only when nothing in it is quoted.
func fresh(b *deskpb.Body) (text, page string) {
	text = b.GetText()
	if n := int(b.GetFreshTextBytes()); n > 0 && n < len(text) {
		return strings.TrimRight(strings.ToValidUTF8(text[:n], ""), " \n"), ""
	}
	return strings.TrimRight(text, " \n"), b.GetHtml()
}

var pictureInside = regexp.MustCompile(`<img\b[^>]*\bsrc="cid:([^"]*)"[^>]*>`)

// files are the attachments that go along. A picture inside gets a name of its own, for two mails may call theirs the same; one that stays behind is taken
// out of the page.
func (f *Forwarded) files(page string, i int, before []*deskpb.Attachment) (string, []*deskpb.Attachment) {
	var out []*deskpb.Attachment
	inside := map[string]bool{}
	for _, a := range f.Body.GetAttachments() {
		if !slices.Contains(f.Files, a.Blob) || holds(before, a.Blob) || holds(out, a.Blob) {
			continue
		}
		a := &deskpb.Attachment{Blob: a.Blob, Name: a.Name, MediaType: a.MediaType, Size: a.Size, Inline: a.Inline, ContentId: a.ContentId}
		shown := a.Inline && a.ContentId != "" && strings.Contains(page, `"cid:`+a.ContentId+`"`)
		if shown {
			name := "m" + strconv.Itoa(i+1) + "-" + a.ContentId
			page = strings.ReplaceAll(page, `"cid:`+a.ContentId+`"`, `"cid:`+name+`"`)
			a.ContentId = name
			inside[name] = true
		} else {
			a.Inline, a.ContentId = false, ""
		}
		out = append(out, a)
	}
	page = pictureInside.ReplaceAllStringFunc(page, func(img string) string {
		if inside[pictureInside.FindStringSubmatch(img)[1]] {
			return img
		}
		return ""
	})
	return page, out
}

func holds(all []*deskpb.Attachment, blob string) bool {
	return slices.ContainsFunc(all, func(a *deskpb.Attachment) bool { return a.Blob == blob })
}

// htmlText writes a text so that it is one in HTML.
var htmlText = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;", "'", "&#39;")

func plainHTML(text string) string {
	if strings.TrimSpace(text) == "" {
		return ""
	}
	return "<div>" + strings.ReplaceAll(htmlText.Replace(text), "\n", "<br>\n") + "</div>"
}
