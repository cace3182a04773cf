// Package chat is the web chat channel: a widget on a web page talks with an agent. What a visitor says goes in over HTTP
// and is acknowledged when it is durable; what they see is their conversation's own stream, over a WebSocket or a long
// poll, resumed by sequence number. protocol.md tells the wire.
//
// It owns the visitors' sockets, sessions and limits. It stores nothing: a visitor's id follows from the visitor's token,
// the messages are in the journal, and a room (room.go) is the journal's fold for a visitor who is there.
package chat

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/channels/chat/flow"
	"github.com/centralita/centralita/channels/chat/hours"
	"github.com/centralita/centralita/channels/chat/identity"
	"github.com/centralita/centralita/channels/chat/leaving"
	"github.com/centralita/centralita/channels/chat/look"
	"github.com/centralita/centralita/channels/chat/widget"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// Kind is web chat.
func Kind() channels.Kind {
	return channels.Kind{
		Kind: deskpb.ChannelKind_CHANNEL_KIND_CHAT,
		Name: "chat",
		New: func(env channels.Env) (channels.Connector, error) {
			s, err := readSettings(env.Config)
			if err != nil {
				return nil, err
			}
			if s.Title == "" {
				s.Title = env.Name
			}
			if env.Logger == nil {
				env.Logger = slog.New(slog.DiscardHandler)
			}
			secrets, err := identity.ReadSecrets(env.Secrets)
			if err != nil {
				return nil, desk.Refuse(desk.Invalid, "secrets.identity", "%v", err)
			}
			return newConnector(env, s, secrets), nil
		},
		Bot: botOf,
		Identify: func(config, secrets json.RawMessage) (string, error) {
			s, err := readSettings(config)
			if _, bad := identity.ReadSecrets(secrets); bad != nil {
				err = errors.Join(err, desk.Refuse(desk.Invalid, "secrets.identity", "%v", bad))
			}
			if err != nil {
				return "", err
			}
			return s.address(), nil
		},
		RotateSecret: identity.Rotate,
		SecretsMade:  identity.Made,
		After: func(channel desk.ChannelID, name, public string, config json.RawMessage, keys [][]byte) channels.After {
			s, err := readSettings(config)
			if err != nil {
				return channels.After{}
			}
			if s.Title != "" {
				name = s.Title
			}
			return s.After.Does(channel, name, s.Locale, public, keys)
		},
		Hours: func(config json.RawMessage) channels.OpenHours {
			s, err := readSettings(config)
			if err != nil {
				return channels.OpenHours{} // it cannot run with it, either
			}
			id, holidays := s.Availability.Gate()
			return channels.OpenHours{Hours: id, Holidays: holidays, Field: "config.availability"}
		},
	}
}

// settings are the channel's configuration, as the administrator writes it.
type settings struct {
	Key            string   `json:"key,omitempty"`      // names the chat among others; from the title when empty
	Title          string   `json:"title,omitempty"`    // of the panel; the channel's name when empty
	Greeting       string   `json:"greeting,omitempty"` // the first words a visitor sees
	Color          string   `json:"color,omitempty"`    // #rrggbb
	AllowedOrigins []string `json:"allowed_origins,omitempty"`
	Locale         string   `json:"locale,omitempty"`    // en, es or one of look.texts; the visitor's browser decides when empty
	HideLine       bool     `json:"hide_line,omitempty"` // visitors who wait are not told their place in line

	Identity     *identity.Settings `json:"identity,omitempty"`
	Look         look.Look          `json:"look,omitzero"`          // where it stands, its picture, its words
	Pace         pace               `json:"pace,omitzero"`          // how much a visitor may write
	Availability *hours.Config      `json:"availability,omitempty"` // when it is open
	Flows        []flow.Flow        `json:"flows,omitempty"`        // on which page what is shown, asked and said first (docs/chatflows.md)
	// After is what happens when the visitor may have left.
	After *leaving.Settings `json:"after,omitempty"`
}

const defaultColor = "#1f6feb"

var (
	hexColor = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)
	slugKey  = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)
	notSlug  = regexp.MustCompile(`[^a-z0-9]+`)
)

// readSettings checks the whole configuration and joins all faults.
func readSettings(config json.RawMessage) (settings, error) {
	var s settings
	if len(bytes.TrimSpace(config)) > 0 {
		d := json.NewDecoder(bytes.NewReader(config))
		d.DisallowUnknownFields()
		if err := d.Decode(&s); err != nil {
			return s, configFault(err)
		}
	}
	var faults []error
	invalid := func(field, format string, args ...any) {
		faults = append(faults, desk.Refuse(desk.Invalid, "config."+field, format, args...))
	}
	if s.Key != "" && !slugKey.MatchString(s.Key) {
		invalid("key", "use 1 to 63 of a-z, 0-9 and -, not starting with -")
	}
	if utf8.RuneCountInString(s.Title) > 60 {
		invalid("title", "at most 60 characters")
	}
	if utf8.RuneCountInString(s.Greeting) > 500 {
		invalid("greeting", "at most 500 characters")
	}
	if s.Color == "" {
		s.Color = defaultColor
	}
	if !hexColor.MatchString(s.Color) {
		invalid("color", "write it as #rrggbb, such as %s", defaultColor)
	}
	if s.Locale != "" && !s.Look.Speaks(s.Locale) {
		invalid("locale", "en, es or a language that look.texts has words of, or leave it out")
	}
	if len(s.AllowedOrigins) > 50 {
		invalid("allowed_origins", "at most 50")
	}
	for i, o := range s.AllowedOrigins {
		if clean := cleanOrigin(o); clean == "" {
			invalid("allowed_origins", "%q is not an origin: write scheme and host, such as https://shop.example", o)
		} else {
			s.AllowedOrigins[i] = clean
		}
	}
	s.Identity.Check(func(field, message string) { invalid("identity."+field, "%s", message) })
	faults = append(faults, s.Look.Check("config.look", widget.Words())...)
	s.Pace.check(invalid)
	s.Availability.Check(func(field, format string, args ...any) { invalid("availability."+field, format, args...) })
	faults = append(faults, flow.Check(s.Flows, "config.flows")...)
	faults = append(faults, s.After.Check("config.after")...)
	return s, errors.Join(faults...)
}

func configFault(err error) error {
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && e.Field != "" {
		return desk.Refuse(desk.Invalid, "config."+e.Field, "must be a %s, is a %s", e.Type.Kind(), e.Value)
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return desk.Refuse(desk.Invalid, "config."+strings.Trim(name, `"`), "there is no such setting")
	}
	return desk.Refuse(desk.Invalid, "config", "is not a JSON object: %v", err)
}

// cleanOrigin gives an origin as browsers write it (RFC 6454 section 6.2), "" if it is none.
func cleanOrigin(s string) string {
	if s == "*" {
		return s
	}
	u, err := url.Parse(strings.ToLower(s))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil ||
		strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" || strings.ContainsAny(u.Host, ` ;,'"`) {
		return ""
	}
	if port := u.Port(); port == "" || port == "80" && u.Scheme == "http" || port == "443" && u.Scheme == "https" {
		return fmt.Sprintf("%s://%s", u.Scheme, strings.TrimSuffix(u.Host, ":"+port))
	}
	return u.Scheme + "://" + u.Host
}

// address is by what the chat is known: its key, or what the title makes.
func (s settings) address() string {
	if s.Key != "" {
		return s.Key
	}
	if slug := strings.Trim(notSlug.ReplaceAllString(strings.ToLower(s.Title), "-"), "-"); slug != "" {
		return slug
	}
	return "chat"
}
