package discover

import (
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/centralita/centralita/desk"
)

// identity is whose configuration is read: pages name the user with marks that stand for parts of the address.
type identity struct{ address, local, domain string }

func (id identity) fill(s string) string {
	return strings.NewReplacer("%EMAILADDRESS%", id.address, "%EMAILLOCALPART%", id.local, "%EMAILDOMAIN%", id.domain).Replace(s)
}

const (
	deepest     = 16
	mostTags    = 2000
	longestText = 1000
	mostServers = 20
)

var errNoServers = errors.New("no mail server is named")

// pageServer is a server as a page describes it.
type pageServer struct {
	kind                        string // imap, pop3, smtp
	host, port, socket, user    string
	password, oauth, outgoingly bool
}

// readConfig reads a configuration page (Mozilla's autoconfig, version 1.1): the first IMAP and the first SMTP server that this
// desk could use. It never looks outside the text: there are no entities but XML's own five, and no document types.
func readConfig(r io.Reader, id identity) (desk.FoundMailbox, error) {
	d := xml.NewDecoder(io.LimitReader(r, pageBytes))
	d.Entity = nil
	var (
		path    []string
		text    strings.Builder
		server  *pageServer
		found   []pageServer
		name    string
		tags    int
		proceed = true
	)
	for proceed {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return desk.FoundMailbox{}, err
		}
		switch t := token.(type) {
		case xml.Directive:
			return desk.FoundMailbox{}, errors.New("a configuration has no document type")
		case xml.StartElement:
			if tags++; tags > mostTags || len(path) >= deepest {
				return desk.FoundMailbox{}, errors.New("too many tags, or too deep")
			}
			path = append(path, t.Name.Local)
			text.Reset()
			if isServer(path) && len(found) < mostServers {
				server = &pageServer{kind: attribute(t, "type"), outgoingly: t.Name.Local == "outgoingServer"}
			}
		case xml.CharData:
			if text.Len()+len(t) <= longestText {
				text.Write(t)
			}
		case xml.EndElement:
			value := strings.TrimSpace(text.String())
			text.Reset()
			switch {
			case server != nil && isServer(path):
				found, server = append(found, *server), nil
			case server != nil && isServer(path[:len(path)-1]):
				server.take(t.Name.Local, id.fill(value))
			case name == "" && strings.Join(path, "/") == "clientConfig/emailProvider/displayName":
				name = oneLine(id.fill(value))
			}
			path = path[:len(path)-1]
			proceed = len(path) > 0 // what stands behind the configuration is not read
		}
	}
	c := desk.FoundMailbox{Name: name, IMAP: pick(found, "imap", false), SMTP: pick(found, "smtp", true)}
	if c.IMAP.Host == "" && c.SMTP.Host == "" {
		return c, errNoServers
	}
	return c, nil
}

func isServer(path []string) bool {
	return len(path) == 3 && path[0] == "clientConfig" && path[1] == "emailProvider" && (path[2] == "incomingServer" || path[2] == "outgoingServer")
}

func attribute(t xml.StartElement, name string) string {
	for _, a := range t.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func (s *pageServer) take(tag, value string) {
	switch tag {
	case "hostname":
		s.host = strings.ToLower(value)
	case "port":
		s.port = value
	case "socketType":
		s.socket = value
	case "username":
		s.user = value
	case "authentication": // may stand several times: what it takes
		switch value {
		case "OAuth2":
			s.oauth = true
		default:
			s.password = true
		}
	}
}

// pick is the first server of a kind that is protected; one that takes passwords before one that takes only tokens.
func pick(all []pageServer, kind string, outgoing bool) (best desk.FoundServer) {
	securities := map[string]string{"SSL": "tls", "STARTTLS": "starttls", "plain": "plain"}
	for _, s := range all {
		port, err := strconv.Atoi(s.port)
		security := securities[s.socket]
		if s.kind != kind || s.outgoingly != outgoing || err != nil || security == "" || s.host == "" {
			continue
		}
		at := desk.FoundServer{Host: s.host, Port: port, Security: security, Username: s.user}
		if s.password || !s.oauth {
			return at
		}
		if best.Host == "" {
			best = at
		}
	}
	return best
}

// oneLine makes a name of somebody's choice fit to be shown.
func oneLine(s string) string {
	s = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(s, ""), func(r rune) bool { return r <= ' ' || r == 0x7F }), " ")
	if runes := []rune(s); len(runes) > 60 {
		s = string(runes[:60]) + "…"
	}
	return s
}
