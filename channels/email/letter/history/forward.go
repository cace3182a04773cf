package history

import (
	"regexp"
	"strings"
)

// Party is a person in the header of a forwarded mail. The address is empty where the program that forwarded wrote only the
// name.
type Party struct{ Name, Address string }

// Forward is a mail that somebody passed on inside the text of another.
type Forward struct {
	From          Party
	To, Cc        []Party
	Date, Subject string // as the program that forwarded wrote them
	Text          string
}

// ReadForward finds the mail that a text passes on, nil when it passes none on. A line that says so counts, or else the
// prefix of the subject together with the header that mail programs put above what they forward. What a reply quotes is
// not forwarded, whatever stands in it.
func ReadForward(subject, text string) *Forward {
	forward, reply, prefix := subjectKind(subject)
	raw := strings.Split(text, "\n")
	raw = raw[:min(len(raw), maxLines)]
	lines := splitLines(strings.Join(raw, "\n"))
	for i := range lines {
		bare, depth := unquote(lines[i].text)
		switch {
		case bare == "":
			continue
		case marksForward(bare):
			if reply && !forward && depth > 0 {
				return nil
			}
			if f := readForward(raw, i+1, depth); f != nil {
				return f
			}
			if p, ok := partyIn(bare); ok { // "Forwarded message from Ana <ana@…>"
				return &Forward{From: p, Text: body(raw, i+1, depth)}
			}
		case isOriginal(bare):
			if !forward {
				return nil
			}
			if f := readForward(raw, i+1, depth); f != nil {
				return f
			}
		case blockAt(raw, i, depth):
			if !forward || prefix == "vs" && strings.HasPrefix(strings.ToLower(bare), "läh") { // in Finnish, VS is an answer
				return nil
			}
			return readForward(raw, i, depth)
		case depth == 0 && introduces(lines, i):
			if !forward {
				return nil
			}
			return introduced(lines, raw, i)
		}
	}
	return nil
}

// unquote takes the marks of quoting away and counts them.
func unquote(s string) (bare string, depth int) {
	for {
		s = strings.TrimLeft(s, " \t\u00A0")
		after, ok := strings.CutPrefix(s, ">")
		if !ok || strings.HasPrefix(after, ":") {
			return strings.TrimRight(s, " \t\r\u00A0"), depth
		}
		s = after
		depth++
	}
}

// blockAt: a header starts in this line, as headerBlock knows it, within quotes too.
func blockAt(raw []string, i, depth int) bool {
	bare, _ := unquote(raw[i])
	if labelKind(bare) == 0 {
		return false
	}
	const look = 12
	seen, blank := 0, 0
	for n := i; n < len(raw) && n < i+look && blank < 2; n++ {
		line, d := unquote(raw[n])
		switch {
		case line == "":
			blank++
			continue
		case d < depth:
			blank = 2
			continue
		}
		blank = 0
		seen |= labelKind(line)
	}
	return kinds(seen) >= 3 && seen&labelFrom != 0
}

func kinds(seen int) int {
	n := 0
	for ; seen > 0; seen &= seen - 1 {
		n++
	}
	return n
}

// readForward reads the header that follows, and the text behind it.
func readForward(raw []string, i, depth int) *Forward {
	var f Forward
	seen, last, blanks := 0, 0, 0
	values := make(map[int]string)
	at := i
	const most = 60 // lines: long lists of recipients are folded over many
	for ; at < len(raw) && at < i+most; at++ {
		line, _ := unquote(raw[at])
		if line == "" || seen == 0 && isRule(line) {
			if blanks++; seen == 0 && blanks > 6 {
				return nil
			}
			continue
		}
		kind, value := field(line)
		switch {
		case kind == labelOther && seen != 0:
			last = 0
		case kind != 0 && kind != labelOther && seen&kind == 0:
			seen |= kind
			last = kind
			values[kind] = value
		case last != 0 && blanks == 0 && goesOn(raw[at], values[last], last):
			values[last] = strings.TrimSpace(values[last] + " " + line)
		case last != 0 && blanks == 0 && seen&labelFrom == 0 && otherField.MatchString(line):
			last = 0
		case last != 0 && values[last] == "" && kind == 0: // the value stands below its label
			values[last] = line
		default:
			if kind == 0 && seen == 0 && blanks == 0 && at < i+2 {
				continue // a second line of the mark
			}
			return f.fill(values, seen, raw, at, depth)
		}
		blanks = 0
	}
	return f.fill(values, seen, raw, at, depth)
}

var otherField = regexp.MustCompile(`^[\pL][\pL .'-]{1,30}\s?[:：]\s*\S`)

// goesOn: the line is the rest of the field above it.
func goesOn(raw, value string, kind int) bool {
	line, _ := unquote(raw)
	switch {
	case value == "":
		return true
	case kind == labelTo || kind == labelCc || kind == labelFrom:
		end := value[len(value)-1]
		return end == ',' || end == ';' || strings.HasPrefix(line, "<") || strings.HasPrefix(line, "[mailto:") || kind != labelFrom && spec.MatchString(line) && !strings.HasSuffix(line, ".")
	case kind == labelSubject:
		return strings.HasPrefix(raw, "\t") || strings.HasPrefix(raw, "        ")
	}
	return false
}

// fill makes the result; nil when the header names nobody.
func (f *Forward) fill(values map[int]string, seen int, raw []string, at, depth int) *Forward {
	if seen&labelFrom == 0 {
		return nil
	}
	from := parties(values[labelFrom])
	if len(from) == 0 {
		return nil
	}
	f.From = from[0]
	f.To, f.Cc = parties(values[labelTo]), parties(values[labelCc])
	f.Date, f.Subject = values[labelDate], values[labelSubject]
	f.Text = body(raw, at, depth)
	return f
}

// body gives the lines from at on, without the marks of quoting that the forward as a whole has.
func body(raw []string, at, depth int) string {
	var b strings.Builder
	for _, line := range raw[min(at, len(raw)):] {
		for range depth {
			line = strings.TrimPrefix(strings.TrimPrefix(strings.TrimLeft(line, " "), ">"), " ")
		}
		b.WriteString(strings.TrimRight(line, " \t\r"))
		b.WriteByte('\n')
	}
	return strings.Trim(b.String(), "\n ")
}

// introduced reads a forward that has no header but "On …, Ana <ana@…> wrote:".
func introduced(lines []line, raw []string, i int) *Forward {
	joined := ""
	for n := i; n < len(lines) && n < i+maxIntroduction; n++ {
		joined = strings.TrimSpace(joined + " " + lines[n].text)
		if !strings.HasSuffix(joined, ":") && !strings.HasSuffix(joined, "：") {
			continue
		}
		p, ok := partyIn(joined)
		if !ok {
			return nil
		}
		depth := 0
		if after := next(lines, n+1); after < len(lines) && lines[after].quoted {
			depth = 1
		}
		return &Forward{From: p, Text: body(raw, n+1, depth)}
	}
	return nil
}

// spec is an address among other words.
var spec = regexp.MustCompile(`[^\s<>()\[\]{}"'“”«»:;,|*]+@[^\s<>()\[\]{}"'“”«»:;,|*@]+[^\s<>()\[\]{}"'“”«»:;,|*@.]`)

const maxField = 8 << 10

// parties reads the value of From, To or Cc as mail programs write it for people: "Ana <ana@x>", "Ana [mailto:ana@x]",
// "ana@x", "Ana" alone, more of them parted by commas or semicolons.
func parties(s string) (list []Party) {
	const most = 100
	s = s[:min(len(s), maxField)]
	at := 0
	for _, m := range spec.FindAllStringIndex(s, most) {
		address := strings.TrimPrefix(s[m[0]:m[1]], "mailto:")
		name := cleanName(s[at:m[0]])
		at = m[1]
		if len(list) > 0 && strings.EqualFold(list[len(list)-1].Address, address) { // "<ana@x<mailto:ana@x>>"
			continue
		}
		if strings.EqualFold(name, address) {
			name = ""
		}
		list = append(list, Party{name, address})
	}
	if list != nil {
		return list
	}
	for name := range strings.SplitSeq(s, ";") {
		if name = cleanName(name); name != "" && len(list) < most {
			list = append(list, Party{Name: name})
		}
	}
	return list
}

// cleanName takes away what parts and brackets addresses.
func cleanName(s string) string {
	s = strings.TrimSpace(s)
	for {
		t := strings.TrimSuffix(strings.TrimSpace(s), "mailto:")
		t = strings.Trim(t, " \t<>()[]{},;|*'\"“”«»\u00A0:")
		if t == s {
			const most = 200
			if len(s) > most {
				return ""
			}
			return s
		}
		s = t
	}
}

// nameBefore are the words of an introduction that stand before a name: all that ends in a date or a time.
var nameBefore = regexp.MustCompile(`(?i)^.*(\d{1,2}[:.h]\d{2}([:.]\d{2})?(\s?[ap]\.?m\.?)?|\b\d{4}\b|\d{4}年.*\d)[,.]?(\s?(utc|gmt)?[+-]?\d{0,4}\)?)?[,;:]?\s*(schrieb|skrev|schreef|napsal\(a\)|napsal|kirjoitti|uhr|from|von|de)?[ ,:]*`)

// partyIn finds who is named with an address in a line of words.
func partyIn(s string) (Party, bool) {
	s = s[:min(len(s), 1000)]
	m := spec.FindStringIndex(s)
	if m == nil {
		return Party{}, false
	}
	name := strings.TrimRight(s[:m[0]], " <[(\"'")
	name = strings.TrimSuffix(name, "mailto:")
	if i := strings.LastIndex(strings.ToLower(name), " from "); i >= 0 {
		name = name[i+6:]
	}
	name = nameBefore.ReplaceAllString(name, "")
	name = cleanName(name)
	if len(strings.Fields(name)) > 5 {
		name = ""
	}
	return Party{Name: name, Address: s[m[0]:m[1]]}, true
}
