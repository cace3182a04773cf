package compose

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"html"
	"regexp"
	"strings"
	"time"

	"github.com/centralita/centralita/channels/email/letter"
	"github.com/centralita/centralita/proto/deskpb"
)

// Quoted is a message as it is quoted under a reply.
type Quoted struct {
	Name, Address string // who wrote it
	At            time.Time
	Body          *deskpb.Body
}

// Link is a file that is too large to go with the mail, and where it is.
type Link struct {
	Name  string
	Size  int64
	URL   string
	Until time.Time
}

// Around is what goes with what an agent wrote.
type Around struct {
	Agent   string // "": nobody, a machine
	Links   []Link
	History []Quoted // oldest first
}

// Dress puts signature, links and quoted history below what is written in a mail, in its text and in its HTML alike: under a
// plain text that nothing else needs HTML for, plainly.
func (s *Settings) Dress(m *Mail, with Around) {
	sign, pictures := s.signature(with.Agent)
	history := s.history(with.History)
	text := m.Text
	if text == "" && m.HTML != "" {
		text = letter.HTMLText(m.HTML)
	}
	if m.HTML != "" || sign != "" {
		body := m.HTML
		if body == "" {
			body = textToHTML(m.Text)
		}
		m.HTML = body + s.linksHTML(with.Links)
		if sign != "" {
			m.HTML += `<div class="signature" style="margin-top:16px">` + sign + `</div>`
		}
		m.HTML += s.quoteHTML(history)
	}
	m.Text = strings.TrimRight(text, "\n") + s.linksText(with.Links)
	if sign != "" {
		m.Text += "\n\n-- \n" + strings.TrimRight(letter.HTMLText(sign), "\n") // RFC 3676 section 4.3
	}
	m.Text += s.quoteText(history)
	m.Files = append(m.Files, pictures...)
}

var dataPicture = regexp.MustCompile(`src="data:(image/(?:png|jpeg|gif|webp));base64,([A-Za-z0-9+/=\s]+)"`)

// signature is the channel's signature for an agent, harmless, with its pictures as parts of the mail: many programs do not
// show pictures that stand in the HTML itself.
func (s *Settings) signature(agent string) (sign string, pictures []File) {
	if strings.TrimSpace(s.Signature) == "" {
		return "", nil
	}
	sign, err := letter.Sanitize(fill(s.Signature, namesOf(agent), true))
	if err != nil || strings.TrimSpace(sign) == "" {
		return "", nil
	}
	sign = dataPicture.ReplaceAllStringFunc(sign, func(found string) string {
		m := dataPicture.FindStringSubmatch(found)
		data, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(m[2]), ""))
		if err != nil {
			return `src=""`
		}
		sum := sha256.Sum256(data)
		id := "signature-" + hex.EncodeToString(sum[:8]) + "@centralita"
		if !hasFile(pictures, id) {
			pictures = append(pictures, File{
				Attachment: &deskpb.Attachment{Name: "signature." + strings.TrimPrefix(m[1], "image/"), MediaType: m[1], Size: int64(len(data)), Inline: true, ContentId: id},
				Data:       data,
			})
		}
		return `src="cid:` + id + `"`
	})
	return sign, pictures
}

// WithPictures puts the pictures that go with a mail into its HTML, for who has nothing but that.
func WithPictures(html string, files []File) string {
	for _, f := range files {
		if f.GetInline() && f.GetContentId() != "" {
			data := "data:" + f.GetMediaType() + ";base64," + base64.StdEncoding.EncodeToString(f.Data)
			html = strings.ReplaceAll(html, `src="cid:`+f.GetContentId()+`"`, `src="`+data+`"`)
		}
	}
	return html
}

func hasFile(files []File, contentID string) bool {
	for _, f := range files {
		if f.GetContentId() == contentID {
			return true
		}
	}
	return false
}

// textToHTML shows a text as it stands.
func textToHTML(text string) string {
	if strings.TrimSpace(text) == "" {
		return ""
	}
	lines := strings.Split(html.EscapeString(strings.TrimRight(text, "\n")), "\n")
	for i, line := range lines {
		rest := strings.TrimLeft(line, " ") // indented, as it was written
		lines[i] = strings.Repeat("&nbsp;", len(line)-len(rest)) + rest
	}
	return "<div>" + strings.Join(lines, "<br>\n") + "</div>"
}
