package compose

import (
	"fmt"
	"html"
	"strings"

	"github.com/centralita/centralita/proto/deskpb"
)

// Split says which files go as links: the largest one until the rest is within the limit. Pictures in the text stay with it.
func Split(files []*deskpb.Attachment, limit int64) (linked []bool) {
	linked = make([]bool, len(files))
	var total int64
	for _, f := range files {
		total += f.GetSize()
	}
	for total > limit {
		largest := -1
		for i, f := range files {
			if !linked[i] && !f.GetInline() && (largest < 0 || f.GetSize() > files[largest].GetSize()) {
				largest = i
			}
		}
		if largest < 0 {
			break
		}
		linked[largest], total = true, total-files[largest].GetSize()
	}
	return linked
}

func (s *Settings) linksHTML(links []Link) string {
	if len(links) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString(`<div style="margin-top:16px">` + html.EscapeString(s.words().files) + `<ul>`)
	for _, l := range links {
		b.WriteString(`<li><a href="` + html.EscapeString(l.URL) + `" rel="nofollow noreferrer">` + html.EscapeString(HeaderText(l.Name, 200)) + `</a> (` + html.EscapeString(s.about(l)) + `)</li>`)
	}
	b.WriteString(`</ul></div>`)
	return b.String()
}

func (s *Settings) linksText(links []Link) string {
	if len(links) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("\n\n" + s.words().files)
	for _, l := range links {
		b.WriteString("\n- " + HeaderText(l.Name, 200) + " (" + s.about(l) + ")\n  " + l.URL)
	}
	return b.String()
}

func (s *Settings) about(l Link) string {
	return Size(l.Size) + ", " + fmt.Sprintf(s.words().until, s.words().day(l.Until.UTC()))
}

// Size is a number of bytes for people.
func Size(n int64) string {
	if n < 1<<20 {
		return fmt.Sprintf("%d kB", max(n>>10, 1))
	}
	return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
}
