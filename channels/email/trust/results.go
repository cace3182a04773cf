// Package trust says whether a mail's sender is who the mail says: from what a trusted server of ours wrote above it
// (Authentication-Results, RFC 8601), or for mail that comes to us directly from its signature (DKIM, RFC 6376). The header
// of a mail is written by strangers up to the line where our own server's begins; what counts is above it.
package trust

import (
	"slices"
	"strings"

	"github.com/centralita/centralita/channels/email/letter"
)

// result is one statement of an Authentication-Results field.
type result struct {
	method, value string
	props         map[string]string // ptype.property
}

// maxResults bounds what one field can say.
const maxResults = 50

// parseResults reads an Authentication-Results field: who says it, and what. Comments and quoted strings hold words of
// strangers (the address in MAIL FROM), so they are told from the rest as the grammar says, not by splitting at semicolons. ok is
// false when it is not in the form of RFC 8601: then nothing of it counts.
func parseResults(v string) (server string, all []result, ok bool) {
	statements, ok := split(v)
	if !ok || len(statements) == 0 {
		return "", nil, false
	}
	head := statements[0]
	if len(head) == 0 || len(head) > 2 || len(head) == 2 && head[1] != "1" || strings.Contains(head[0], "=") {
		return "", nil, false
	}
	server = strings.ToLower(head[0])
	for _, words := range statements[1:] {
		if len(words) == 0 || len(all) == maxResults {
			continue
		}
		method, value, has := strings.Cut(words[0], "=")
		if !has {
			continue // "none", or nothing we know
		}
		method, _, _ = strings.Cut(method, "/") // a version
		if !isKeyword(method) {
			continue // quoted, or with control characters: no method there is (RFC 8601, section 2.2)
		}
		r := result{strings.ToLower(method), strings.ToLower(value), map[string]string{}}
		for _, w := range words[1:] {
			if k, v, has := strings.Cut(w, "="); has {
				if k = strings.ToLower(k); r.props[k] == "" {
					r.props[k] = v
				}
			}
		}
		all = append(all, r)
	}
	return server, all, true
}

// isKeyword tells whether s is a Keyword of RFC 5321, section 4.1.2: what a method is called.
func isKeyword(s string) bool {
	for _, c := range []byte(s) {
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_') {
			return false
		}
	}
	return s != ""
}

// split cuts a field at its semicolons into words, without comments, blanks around "=" taken away.
func split(v string) (statements [][]string, ok bool) {
	var words []string
	var word strings.Builder
	depth, quoted, glue := 0, false, false
	end := func() {
		if word.Len() > 0 {
			words = append(words, word.String())
			word.Reset()
		}
	}
	for i := 0; i < len(v); i++ {
		c := v[i]
		switch {
		case c == '\\' && (quoted || depth > 0):
			if i++; i < len(v) && depth == 0 {
				word.WriteByte(v[i])
			}
		case quoted:
			if c == '"' {
				quoted = false
			} else {
				word.WriteByte(c)
			}
		case c == '(':
			depth++
		case c == ')':
			if depth--; depth < 0 {
				return nil, false
			}
		case depth > 0:
		case c == '"':
			quoted, glue = true, false
		case c == ';':
			end()
			statements, words, glue = append(statements, words), nil, false
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
			if rest := strings.TrimLeft(v[i:], " \t\r\n"); !glue && !strings.HasPrefix(rest, "=") {
				end()
			}
		default:
			word.WriteByte(c)
			glue = c == '='
		}
	}
	end()
	return append(statements, words), depth == 0 && !quoted
}

// statement is what a server of ours says of a mail.
type statement struct {
	server  string
	results []result
}

// topmost finds the first statement of one of the servers, above the first trace field of a stranger: below that line everything
// can be forged, and servers write on top. A statement of another server above it is passed over, one that cannot be
// read is not: whatever it hides does not count.
func topmost(h letter.Header, servers []string) (statement, bool) {
	for _, f := range ours(h, servers) {
		if !strings.EqualFold(f.Name, "Authentication-Results") {
			continue
		}
		server, results, ok := parseResults(string(f.Value))
		if ok && slices.Contains(servers, server) {
			return statement{server, results}, true
		}
	}
	return statement{}, false
}

// ours is the part of a header that servers of ours wrote: down to the first trace field of another one.
func ours(h letter.Header, servers []string) letter.Header {
	for i, f := range h {
		if strings.EqualFold(f.Name, "Received") && !writtenBy(servers, receivedBy(string(f.Value))) {
			return h[:i]
		}
	}
	return h
}

// receivedBy is the host that wrote a Received field, "" when it does not say one.
func receivedBy(v string) string {
	statements, ok := split(v)
	if !ok || len(statements) == 0 {
		return ""
	}
	for i, w := range statements[0] {
		if strings.EqualFold(w, "by") && i+1 < len(statements[0]) {
			return strings.ToLower(strings.TrimSuffix(statements[0][i+1], "."))
		}
	}
	return ""
}

// writtenBy: a host of the same house as one of the servers. A host that says no name, only an address or nothing, stands for a
// step within a house.
func writtenBy(servers []string, host string) bool {
	if host == "" || host == "localhost" || !strings.Contains(host, ".") || strings.ContainsAny(host, ":[") || numeric(host) {
		return true
	}
	for _, s := range servers {
		if house := houseOf(s); host == s || host == house || strings.HasSuffix(host, "."+house) {
			return true
		}
	}
	return false
}

func numeric(host string) bool { return strings.Trim(host, "0123456789.") == "" }

// houseOf is the domain under which a server and its neighbours are: mx.google.com is of google.com. example.co.uk stays what it is.
func houseOf(server string) string {
	labels := strings.Split(server, ".")
	n := len(labels)
	if n < 3 || n == 3 && len(labels[2]) == 2 && len(labels[1]) <= 3 {
		return server
	}
	return strings.Join(labels[1:], ".")
}
