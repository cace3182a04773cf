package letter

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// Field is one header field, unfolded: its value is the raw bytes without line ends.
type Field struct {
	Name  string
	Value []byte
}

// Header is the block of fields in order.
type Header []Field

// Get gives the first field of the name, nil when there is none.
func (h Header) Get(name string) []byte {
	for _, f := range h {
		if strings.EqualFold(f.Name, name) {
			return f.Value
		}
	}
	return nil
}

// Has reports whether there is a field of the name.
func (h Header) Has(name string) bool {
	for _, f := range h {
		if strings.EqualFold(f.Name, name) {
			return true
		}
	}
	return false
}

// Count counts the fields of the name.
func (h Header) Count(name string) int {
	n := 0
	for _, f := range h {
		if strings.EqualFold(f.Name, name) {
			n++
		}
	}
	return n
}

// joined gives all fields of the name as one list.
func (h Header) joined(name string) []byte {
	var all [][]byte
	for _, f := range h {
		if strings.EqualFold(f.Name, name) {
			all = append(all, f.Value)
		}
	}
	return bytes.Join(all, []byte(", "))
}

// charset is the charset the mail as a whole claims: the best guess for header bytes that are not encoded.
func (h Header) charset() string {
	_, params := parseParams(h.Get("Content-Type"))
	return string(params["charset"])
}

// trimLead removes what stands before the first field in mail from archives and broken relays: a byte order mark,
// blank lines, the mbox line "From someone date".
func trimLead(raw []byte) []byte {
	raw = bytes.TrimPrefix(raw, []byte("\xEF\xBB\xBF"))
	if bytes.IndexByte(raw, '\n') < 0 {
		raw = bytes.ReplaceAll(raw, []byte("\r"), []byte("\n"))
	}
	for {
		raw = bytes.TrimLeft(raw, "\r\n \t")
		line, rest, _ := bytes.Cut(raw, []byte("\n"))
		if !bytes.HasPrefix(line, []byte("From ")) && !bytes.HasPrefix(line, []byte(">From ")) {
			return raw
		}
		raw = rest
	}
}

// splitHeader reads the fields up to the first empty line, or limit bytes, and gives what follows. A line that is
// neither a field nor a continuation is passed over when the header goes on behind it; two of them are the body of a mail
// whose empty line was lost.
func splitHeader(raw []byte, limit int) (h Header, body []byte) {
	rest := raw
	for len(rest) > 0 && len(raw)-len(rest) < limit {
		line, after, _ := bytes.Cut(rest, []byte("\n"))
		line = bytes.TrimSuffix(line, []byte("\r"))
		name, value, ok := cutField(line)
		if !ok && len(line) > 0 && (bytes.HasPrefix(after, []byte(" :")) || bytes.HasPrefix(after, []byte("\t:"))) {
			second, more, _ := bytes.Cut(after, []byte("\n")) // folded before the colon, to hide a sender from filters
			name, value, ok = cutField(append(bytes.Clone(line), bytes.TrimSpace(second)...))
			if ok {
				after = more
			}
		}
		switch {
		case len(line) == 0:
			return h, after
		case ok:
			h = append(h, Field{Name: name, Value: bytes.Clone(bytes.TrimSpace(value))})
		case len(h) > 0 && (line[0] == ' ' || line[0] == '\t'):
			last := &h[len(h)-1]
			last.Value = append(append(last.Value, ' '), bytes.TrimSpace(line)...)
		case len(h) > 0 && !goesOn(after):
			return h, rest
		}
		rest = after
	}
	return h, rest
}

// goesOn: the next line that is no continuation is a field, or ends the header.
func goesOn(rest []byte) bool {
	const most = 20
	for range most {
		line, after, _ := bytes.Cut(rest, []byte("\n"))
		line = bytes.TrimSuffix(line, []byte("\r"))
		if len(line) == 0 {
			return true
		}
		if _, _, ok := cutField(line); ok {
			return true
		}
		if line[0] != ' ' && line[0] != '\t' {
			return false
		}
		rest = after
	}
	return false
}

// cutField splits "Name: value"; the name is printable ASCII (RFC 5322 section 2.2), a blank before the colon is borne.
func cutField(line []byte) (name string, value []byte, ok bool) {
	colon := bytes.IndexByte(line, ':')
	if colon <= 0 || line[0] == ' ' || line[0] == '\t' {
		return "", nil, false
	}
	n := bytes.TrimRight(line[:colon], " \t")
	for _, c := range n {
		if c <= ' ' || c > '~' {
			return "", nil, false
		}
	}
	return string(n), line[colon+1:], len(n) > 0
}

// tooMuch says why the structure of the mail is not read. It is one pass over the bytes.
func tooMuch(raw []byte, header int, l Limits) string {
	switch {
	case len(raw) > l.Raw:
		return "is too large"
	case header > l.Header:
		return "has too large a header"
	}
	boundaries, dashes := 0, 0
	for rest := raw; len(rest) > 0; {
		line, after, _ := bytes.Cut(rest, []byte("\n"))
		rest = after
		if len(line) > 1 && line[0] == '-' && line[1] == '-' {
			dashes++
		}
		boundaries += countFold(line, "boundary=")
		if boundaries > l.Boundaries || dashes > l.DashLines {
			return "has too many parts"
		}
	}
	return ""
}

// countFold counts an ASCII word, its case ignored. The word starts with 'b' and ends with '='.
func countFold(line []byte, word string) int {
	n := 0
	for {
		i := bytes.IndexByte(line, '=')
		if i < 0 {
			return n
		}
		if i+1 >= len(word) && strings.EqualFold(string(line[i+1-len(word):i+1]), word) {
			n++
		}
		line = line[i+1:]
	}
}

// oneLine makes a header value fit for display: no control or direction-changing characters, no runs of blanks.
func oneLine(s string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n' || r == '\r':
			return ' '
		case r < ' ' || r == 0x7F || isBidi(r) || r == 0xFEFF:
			return -1
		}
		return r
	}, s)), " ")
}

// isBidi: characters that change the direction of text and can make a name look like another.
func isBidi(r rune) bool {
	return r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 || r == 0x200E || r == 0x200F || r == 0x061C
}

// clean makes text fit to be stored and shown: valid UTF-8, line feeds only, no control characters.
func clean(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\r':
			return '\n'
		case r == '\n' || r == '\t':
			return r
		case r == '\f' || r == '\v':
			return '\n'
		case r < ' ' || r >= 0x7F && r < 0xA0 || r == 0xFEFF:
			return -1
		}
		return r
	}, s)
}

// cut shortens text to at most n bytes, at a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
