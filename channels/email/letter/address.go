package letter

import (
	"bytes"
	"strings"

	"github.com/centralita/centralita/channels/email/letter/charset"
)

// addresses reads an address list (RFC 5322 section 3.4) as it is found in the wild: one bad entry costs only itself.
// Groups are opened. An entry without "@" is kept when it stands alone and looks like a mailbox (MAILER-DAEMON).
func addresses(value []byte, hint string, most int) []Address {
	var list []Address
	for _, entry := range splitAddresses(value) {
		if len(list) == most {
			break
		}
		if a, ok := address(entry, hint); ok {
			list = append(list, a)
		}
	}
	return list
}

// splitAddresses cuts at commas and semicolons outside quotes, comments and angle brackets, and drops group names.
func splitAddresses(b []byte) [][]byte {
	var entries [][]byte
	start, depth, quoted, angle := 0, 0, false, false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case c == '\\' && (quoted || depth > 0):
			i++
		case c == '"' && depth == 0:
			quoted = !quoted
		case quoted:
		case c == '(':
			depth++
		case c == ')' && depth > 0:
			depth--
		case depth > 0:
		case c == '<':
			angle = true
		case c == '>':
			angle = false
		case c == ':' && !angle && bytes.IndexByte(b[start:i], '@') < 0:
			start = i + 1 // "group name:"
		case (c == ',' || c == ';') && !angle:
			entries = append(entries, b[start:i])
			start = i + 1
		}
	}
	entries = append(entries, b[start:])
	if quoted && len(entries) == 1 && bytes.Count(b, []byte("@")) > 1 { // a quote that is never closed
		return bytes.Split(b, []byte(","))
	}
	return entries
}

// address reads one entry: "Name <local@domain>", "local@domain (Name)", "local@domain".
func address(entry []byte, hint string) (Address, bool) {
	entry = bytes.TrimSpace(entry)
	if len(entry) == 0 {
		return Address{}, false
	}
	var name, spec []byte
	if open := bytes.LastIndexByte(entry, '<'); open >= 0 {
		name, spec = entry[:open], entry[open+1:]
		if end := bytes.IndexByte(spec, '>'); end >= 0 {
			spec = spec[:end]
		}
	} else {
		name, spec = splitBare(entry)
	}
	addr, ok := cleanSpec(charset.Decode(spec, hint))
	if !ok && bytes.Contains(spec, []byte("=?")) { // all of it in an encoded word, against RFC 2047 section 5
		decoded := decodeWords(spec, hint)
		if strings.ContainsAny(decoded, "<") && !strings.Contains(decoded, "=?") {
			return address([]byte(decoded), hint)
		}
		addr, ok = cleanSpec(decoded)
	}
	if !ok { // the address may stand in the name: "ana@example.test <>"
		if a, found := findSpec(string(name)); found {
			return Address{Address: a}, true
		}
		return Address{}, false
	}
	return Address{Name: displayName(name, hint, addr), Address: addr}, true
}

// splitBare reads an entry without angle brackets: the address is the word with the "@", the comment is the name.
func splitBare(entry []byte) (name, spec []byte) {
	comment := []byte(nil)
	if open := bytes.IndexByte(entry, '('); open >= 0 {
		comment = bytes.Trim(entry[open:], "() \t")
		entry = bytes.TrimSpace(entry[:open])
	}
	for _, w := range bytes.Fields(entry) {
		if bytes.IndexByte(w, '@') >= 0 {
			return comment, w
		}
	}
	return comment, entry
}

// findSpec looks for something that is an address among words.
func findSpec(s string) (string, bool) {
	for _, w := range strings.Fields(s) {
		if strings.Contains(w, "@") {
			if a, ok := cleanSpec(w); ok {
				return a, true
			}
		}
	}
	return "", false
}

// cleanSpec checks an address. The domain is lower-cased; the local part is kept as written.
func cleanSpec(s string) (string, bool) {
	s = strings.Trim(strings.TrimSpace(s), "<>,;'[]() \t")
	if !strings.HasPrefix(s, `"`) || !strings.Contains(s, `"@`) { // else it is a quoted local part
		s = strings.Trim(s, "\"'")
	}
	s = strings.TrimPrefix(s, "mailto:")
	if i := strings.LastIndexByte(s, ':'); i >= 0 && strings.HasPrefix(s, "@") { // a source route (RFC 5322 section 4.4)
		s = s[i+1:]
	}
	at := strings.LastIndexByte(s, '@')
	if at < 0 { // MAILER-DAEMON, root
		return s, len(s) > 0 && len(s) <= 64 && !strings.ContainsAny(s, " \t,;<>()\"\\/=?") && printable(s)
	}
	local, domain := strings.TrimSpace(s[:at]), strings.TrimSpace(s[at+1:])
	if !strings.HasPrefix(local, `"`) {
		local = strings.Trim(local, `"`)
	}
	if !strings.HasPrefix(local, `"`) && strings.ContainsAny(local, " \t<>\",;") {
		return "", false
	}
	if local == "" || domain == "" || len(s) > 320 || strings.ContainsAny(domain, " \t@<>\"") {
		return "", false
	}
	if !printable(s) {
		return "", false
	}
	return local + "@" + strings.ToLower(strings.TrimRight(domain, ".")), true
}

func printable(s string) bool {
	for _, r := range s {
		if r < ' ' || r == 0x7F || isBidi(r) || r == 0xFFFD {
			return false
		}
	}
	return true
}

// displayName decodes a name and drops it when it only repeats the address.
func displayName(name []byte, hint, addr string) string {
	s := oneLine(decodeWords(unquoteName(name), hint))
	s = strings.Trim(s, `"' `)
	if strings.EqualFold(s, addr) {
		return ""
	}
	return cut(s, 200)
}

// unquoteName removes quotes and backslashes of a quoted-string.
func unquoteName(name []byte) []byte {
	out := make([]byte, 0, len(name))
	for i := 0; i < len(name); i++ {
		switch c := name[i]; {
		case c == '\\' && i+1 < len(name):
			i++
			out = append(out, name[i])
		case c == '"':
		default:
			out = append(out, c)
		}
	}
	return out
}

// Recipients are the addresses that any field says the mail was sent or delivered to.
func (m *Mail) Recipients() (all []string) {
	for _, list := range [][]Address{m.To, m.Cc} {
		for _, a := range list {
			all = append(all, a.Address)
		}
	}
	const most = 20
	for _, name := range []string{"Bcc", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Forwarded-To", "X-Real-To", "Resent-To"} {
		for _, a := range addresses(m.Header.joined(name), "", most) {
			all = append(all, a.Address)
		}
	}
	return all
}

// BehindGroup is who wrote a mail that a group of ours passed on in its own name ("Ana via Support"), as lists have to whose
// senders' domains forbid it. nil: it did not.
func (m *Mail) BehindGroup(ours func(address string) bool) *Address {
	if m.From == nil || !m.Header.Has("List-Id") || !ours(m.From.Address) {
		return nil
	}
	for _, list := range [][]Address{addresses(m.Header.Get("X-Original-From"), m.Header.charset(), 1), m.ReplyTo} {
		if len(list) > 0 && strings.Contains(list[0].Address, "@") && !ours(list[0].Address) {
			return &list[0]
		}
	}
	return nil
}
