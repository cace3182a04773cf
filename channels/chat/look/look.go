// Package look is how a web chat looks on its site, as an administrator writes it in the channel's configuration: where it
// stands, its picture, its words in each language. It is checked here and drawn by the widget.
package look

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/centralita/centralita/desk"
)

// Look is the section "look" of a chat's configuration. Everything may be left out.
type Look struct {
	Position string                       `json:"position,omitempty"` // right or left; at the end of the lines when empty
	OffsetX  int                          `json:"offset_x,omitempty"` // pixels from the side, and from below; 20 when 0
	OffsetY  int                          `json:"offset_y,omitempty"`
	Avatar   string                       `json:"avatar,omitempty"` // an https address, or the picture itself as a data: address
	Font     string                       `json:"font,omitempty"`
	Theme    string                       `json:"theme,omitempty"`    // auto, light or dark
	Icon     string                       `json:"icon,omitempty"`     // of the launcher
	Launcher string                       `json:"launcher,omitempty"` // words on the launcher, beside its icon
	Texts    map[string]map[string]string `json:"texts,omitempty"`    // by language, then by the name of a text
}

const (
	maxOffset      = 400
	maxLauncher    = 24
	maxText        = 500
	maxLanguages   = 20
	maxAvatarBytes = 64 << 10 // of a picture that is part of the configuration
)

// What may be chosen, the first when nothing is.
var (
	Positions = []string{"right", "left"}
	Fonts     = []string{"system", "serif", "rounded", "mono"}
	Themes    = []string{"auto", "light", "dark"}
	Icons     = []string{"chat", "help", "mail"}
)

// languages a chat speaks by itself.
var languages = []string{"en", "es"}

var (
	tag      = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?$`)
	pictures = []string{"image/png", "image/jpeg", "image/webp", "image/gif"} // no SVG: it can hold scripts
)

// Check gives all faults, each with the field it is of, below at. words are the names of the widget's texts.
func (l Look) Check(at string, words []string) []error {
	var faults []error
	invalid := func(field, format string, args ...any) {
		faults = append(faults, desk.Refuse(desk.Invalid, at+"."+field, format, args...))
	}
	choice := func(field, value string, of []string) {
		if value != "" && !slices.Contains(of, value) {
			invalid(field, "%s, or leave it out", strings.Join(of, ", "))
		}
	}
	choice("position", l.Position, Positions)
	choice("font", l.Font, Fonts)
	choice("theme", l.Theme, Themes)
	choice("icon", l.Icon, Icons)
	for field, n := range map[string]int{"offset_x": l.OffsetX, "offset_y": l.OffsetY} {
		if n < 0 || n > maxOffset {
			invalid(field, "0 to %d pixels", maxOffset)
		}
	}
	if utf8.RuneCountInString(l.Launcher) > maxLauncher {
		invalid("launcher", "at most %d characters", maxLauncher)
	}
	if l.Avatar != "" {
		if _, err := l.avatar(); err != nil {
			invalid("avatar", "%v", err)
		}
	}
	if len(l.Texts) > maxLanguages {
		invalid("texts", "at most %d languages", maxLanguages)
	}
	for lang, texts := range l.Texts {
		if !tag.MatchString(lang) {
			invalid("texts", "%.40q is not a language: write its tag, such as fr or pt-BR", lang)
		}
		for name, text := range texts {
			switch field := "texts." + lang + "." + name; {
			case !slices.Contains(words, name):
				invalid(field, "there is no such text, there are %s", strings.Join(words, ", "))
			case utf8.RuneCountInString(text) > maxText:
				invalid(field, "at most %d characters", maxText)
			case name == "launcher" && utf8.RuneCountInString(text) > maxLauncher:
				invalid(field, "at most %d characters", maxLauncher)
			}
		}
	}
	return faults
}

// Speaks tells whether the chat has words of a language: its own, or some that were written for it.
func (l Look) Speaks(lang string) bool {
	return slices.Contains(languages, lang) || len(l.Texts[lang]) > 0
}

// Picture is an avatar that is part of the configuration.
type Picture struct {
	MediaType string
	Data      []byte
}

// Picture gives it; nil when there is none, or it lies elsewhere.
func (l Look) Picture() *Picture {
	if !strings.HasPrefix(l.Avatar, "data:") {
		return nil
	}
	p, _ := l.avatar() // checked when it was configured
	return p
}

// Origin is from where the picture is loaded; "" when from us.
func (l Look) Origin() string {
	if u, err := url.Parse(l.Avatar); err == nil && u.Scheme == "https" {
		return u.Scheme + "://" + u.Host
	}
	return ""
}

var plainHost = regexp.MustCompile(`^[A-Za-z0-9.-]+(:[0-9]{1,5})?$`)

// avatar reads the picture, nil when it lies elsewhere.
func (l Look) avatar() (*Picture, error) {
	rest, inside := strings.CutPrefix(l.Avatar, "data:")
	if !inside {
		u, err := url.Parse(l.Avatar)
		if err != nil || u.Scheme != "https" || !plainHost.MatchString(u.Host) || u.User != nil || len(l.Avatar) > 500 {
			return nil, fmt.Errorf("write an https address of at most 500 characters, or a picture as a data: address")
		}
		return nil, nil
	}
	kind, encoded, ok := strings.Cut(rest, ";base64,")
	if !ok || !slices.Contains(pictures, kind) {
		return nil, fmt.Errorf("a data: address must hold one of %s, as base64", strings.Join(pictures, ", "))
	}
	if base64.StdEncoding.DecodedLen(len(encoded)) > maxAvatarBytes+2 {
		return nil, fmt.Errorf("the picture must not have more than %d kB: make it smaller, it is shown with 42 pixels", maxAvatarBytes>>10)
	}
	data, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || len(bytes.TrimSpace(data)) == 0 {
		return nil, fmt.Errorf("the picture is not base64")
	}
	if is := http.DetectContentType(data); is != kind {
		return nil, fmt.Errorf("says that it is %s, and is %s", kind, is)
	}
	return &Picture{MediaType: kind, Data: data}, nil
}
