package chat

import (
	"html"
	"net/mail"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/centralita/centralita/desk"
)

// Limits of what a visitor writes.
const (
	maxBodyBytes = 16 << 10
	maxTextRunes = 4000
	maxNameRunes = 80
	maxSubject   = 60
)

var clientIDs = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// post is what a visitor sends.
type post struct {
	ClientID string `json:"client_msg_id"`
	Text     string `json:"text"`
	Name     string `json:"name"`
	Email    string `json:"email"`
	Team     string `json:"team"` // the department chosen, of config.departments: whose a new ticket is

	Flow    string            `json:"flow"`    // of the first message: the flow it was written in,
	Form    map[string]string `json:"form"`    // what was asked there,
	Consent string            `json:"consent"` // the version that was accepted,
	Step    string            `json:"step"`    // the bot's question that it answers,
	Page    string            `json:"page"`    // and where
}

// clean makes what was posted fit to be kept, or refuses it.
func (p post) clean() (post, error) {
	if !clientIDs.MatchString(p.ClientID) {
		return p, desk.Refuse(desk.Invalid, "client_msg_id", "1 to 64 of A-Z, a-z, 0-9, - and _")
	}
	p.Text = strings.TrimSpace(printable(strings.ReplaceAll(p.Text, "\r\n", "\n"), "\n\t"))
	switch n := utf8.RuneCountInString(p.Text); {
	case n == 0:
		return p, desk.Refuse(desk.Invalid, "text", "write something")
	case n > maxTextRunes:
		return p, desk.Refuse(desk.Invalid, "text", "at most %d characters, this has %d", maxTextRunes, n)
	}
	if p.Team != "" && !desk.ValidID(p.Team) {
		return p, desk.Refuse(desk.Invalid, "team", "is the id of one of config.departments, or left out")
	}
	p.Name = strings.Join(strings.Fields(printable(p.Name, "")), " ")
	if utf8.RuneCountInString(p.Name) > maxNameRunes {
		return p, desk.Refuse(desk.Invalid, "name", "at most %d characters", maxNameRunes)
	}
	if p.Email = strings.TrimSpace(p.Email); p.Email != "" {
		a, err := mail.ParseAddress(p.Email)
		if err != nil || len(p.Email) > 254 || a.Address != p.Email {
			return p, desk.Refuse(desk.Invalid, "email", "is not a mail address")
		}
	}
	return p, nil
}

// printable drops control characters and the marks that turn text around (an agent must read what is there), apart from keep.
func printable(s, keep string) string {
	return strings.Map(func(r rune) rune {
		bidi := r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
		if !strings.ContainsRune(keep, r) && (unicode.IsControl(r) || bidi || r == 0xfeff) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

// subject is the ticket's: the first line.
func subject(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	if runes := []rune(line); len(runes) > maxSubject {
		return strings.TrimSpace(string(runes[:maxSubject-1])) + "…"
	}
	return line
}

var (
	blockEnds = regexp.MustCompile(`(?i)<br\s*/?>|</(p|div|li|tr|h[1-6]|blockquote)\s*>`)
	anyTag    = regexp.MustCompile(`<[^>]*>`)
	manyLines = regexp.MustCompile(`\n{3,}`)
)

// plainText makes a text of sanitised HTML, for a reply that has nothing else. The widget shows it as text: nothing in it is markup.
func plainText(h string) string {
	t := html.UnescapeString(anyTag.ReplaceAllString(blockEnds.ReplaceAllString(h, "\n"), ""))
	return strings.TrimSpace(manyLines.ReplaceAllString(t, "\n\n"))
}
