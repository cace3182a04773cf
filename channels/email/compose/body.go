package compose

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"

	gomail "github.com/wneessen/go-mail"

	"github.com/centralita/centralita/channels/email/letter"
)

func setBody(m *gomail.Msg, in *Mail) error {
	text, html := in.Text, in.HTML
	if text == "" && html != "" {
		text = letter.HTMLText(html)
	}
	m.SetBodyString(gomail.TypeTextPlain, text)
	if html != "" {
		// Images on the network were held back for whoever reads in the workspace; the contact is to see them.
		html = strings.ReplaceAll(html, " "+letter.RemoteAttr+"=", " src=")
		m.AddAlternativeString(gomail.TypeTextHTML, html)
	}
	for _, f := range in.Files {
		name := f.GetName()
		if name == "" {
			name = "attachment"
		}
		opts := []gomail.FileOption{gomail.WithFileName(shortName(name)), gomail.WithFileContentType(mediaType(f.GetMediaType()))}
		if f.GetInline() && f.GetContentId() != "" && html != "" {
			opts = append(opts, gomail.WithFileContentID("<"+f.GetContentId()+">"))
			if err := m.EmbedReader(name, bytes.NewReader(f.Data), opts...); err != nil {
				return fmt.Errorf("embed %s: %w", name, err)
			}
			continue
		}
		if err := m.AttachReader(name, bytes.NewReader(f.Data), opts...); err != nil {
			return fmt.Errorf("attach %s: %w", name, err)
		}
	}
	return nil
}

// shortName keeps a file name on one header line: the builder does not fold it.
func shortName(name string) string {
	const most = 60
	runes := []rune(HeaderText(name, 400))
	if len(runes) <= most {
		return string(runes)
	}
	dot := slices.Index(runes[len(runes)-10:], '.')
	if dot < 0 {
		return string(runes[:most])
	}
	ext := runes[len(runes)-10+dot:]
	return string(runes[:most-len(ext)]) + string(ext)
}

var mediaTypeForm = regexp.MustCompile(`^[a-z0-9.+-]{1,60}/[a-z0-9.+-]{1,80}$`)

func mediaType(s string) gomail.ContentType {
	s = strings.ToLower(s)
	if !mediaTypeForm.MatchString(s) {
		return gomail.TypeAppOctetStream
	}
	return gomail.ContentType(s)
}
