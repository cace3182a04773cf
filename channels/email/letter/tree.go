package letter

import (
	"bytes"
	"encoding/base64"
	"sort"
	"strings"

	"github.com/centralita/centralita/channels/email/letter/charset"
)

// part is a node of the MIME tree, with our reading of its header.
type part struct {
	kind        string // media type, lower case
	params      map[string][]byte
	disposition string
	name        string // cleaned file name
	contentID   string
	encoding    string // transfer encoding, normalised
	raw         []byte // undecoded content
	children    []*part
}

// The MIME tree is read by hand, not by a library: enmime 2.3.0, the most tolerant one, needs time that doubles with each
// level of nesting when boundaries are not closed (measured: 18 levels, 877 bytes, 0.26 s; 40 levels do not end), takes a
// boundary in the middle of a line for one, and has no limits. What is left to do, after charsets, headers and media types
// are ours, is this page.
const maxDepth = 30

// tree reads the structure of one mail. The lines that could be boundaries are found once; each level looks only at those,
// so that the work is the size of the mail plus levels times such lines.
type tree struct {
	raw   []byte
	marks []mark
}

// mark is a line that starts with "--".
type mark struct {
	at, next int    // where it starts, and the line behind it
	text     string // without blanks at the end
}

// readTree reads the MIME structure (RFC 2046 section 5.1). It cannot fail: bytes are bytes.
func readTree(raw []byte) *part {
	t := &tree{raw: raw}
	for at := 0; at < len(raw); {
		next := len(raw)
		if i := bytes.IndexByte(raw[at:], '\n'); i >= 0 {
			next = at + i + 1
		}
		if bytes.HasPrefix(raw[at:next], []byte("--")) && next-at < 1000 {
			t.marks = append(t.marks, mark{at, next, string(bytes.TrimRight(raw[at:next], " \t\r\n"))})
		}
		at = next
	}
	return t.read(0, len(raw), "text/plain", 0)
}

// read reads the part in raw[from:to].
func (t *tree) read(from, to int, fallback string, depth int) *part {
	header, body := Header(nil), t.raw[from:to]
	if depth == 0 || goesOn(body) { // else it is a part without a header and without the empty line
		header, body = splitHeader(body, len(body)+1)
	}
	p := newPart(header, fallback)
	p.raw = body
	boundary := strings.TrimRight(paramText(p.params, "boundary", ""), " \t")
	if strings.HasPrefix(p.kind, "multipart/") && boundary != "" && depth < maxDepth {
		childFallback := "text/plain"
		if p.kind == "multipart/digest" { // RFC 2046 section 5.1.5
			childFallback = "message/rfc822"
		}
		for _, span := range t.split(to-len(body), to, "--"+boundary) {
			p.children = append(p.children, t.read(span[0], span[1], childFallback, depth+1))
		}
	}
	return p
}

// split gives the spans between boundary lines. A missing last boundary ends with the part around it.
func (t *tree) split(from, to int, delimiter string) (spans [][2]int) {
	first := sort.Search(len(t.marks), func(i int) bool { return t.marks[i].at >= from })
	start := -1
	for _, m := range t.marks[first:] {
		if m.at >= to {
			break
		}
		rest, ok := strings.CutPrefix(m.text, delimiter)
		if !ok {
			continue
		}
		// Words behind the boundary are not part of it (RFC 2046 section 5.1.1, note to implementors).
		if word, _, _ := strings.Cut(strings.ReplaceAll(rest, "\t", " "), " "); word == "" || word == "--" {
			rest = word
		} else {
			continue
		}
		if start >= 0 {
			spans = append(spans, [2]int{start, t.lineEnd(start, m.at)})
		}
		if start = min(m.next, to); rest == "--" {
			return spans
		}
	}
	if start >= 0 {
		spans = append(spans, [2]int{start, to})
	}
	return spans
}

// lineEnd takes away the line end before a boundary: it belongs to the boundary.
func (t *tree) lineEnd(start, end int) int {
	if end > start && t.raw[end-1] == '\n' {
		end--
		if end > start && t.raw[end-1] == '\r' {
			end--
		}
	}
	return end
}

// newPart reads what the header of a part says of it.
func newPart(header Header, fallback string) *part {
	p := &part{encoding: transferEncoding(string(header.Get("Content-Transfer-Encoding")))}
	p.kind, p.params = parseParams(header.Get("Content-Type"))
	if !strings.Contains(p.kind, "/") {
		switch p.kind {
		case "":
			p.kind = fallback
		case "text":
			p.kind = "text/plain"
		case "html":
			p.kind = "text/html"
		default:
			p.kind = "application/octet-stream"
		}
	}
	disposition, dparams := parseParams(header.Get("Content-Disposition"))
	p.disposition = disposition
	hint := string(p.params["charset"])
	p.name = fileName(paramText(dparams, "filename", hint))
	if p.name == "" {
		p.name = fileName(paramText(p.params, "name", hint))
	}
	p.contentID = contentID(string(header.Get("Content-ID")))
	return p
}

func contentID(v string) string {
	v = strings.Trim(strings.TrimSpace(v), "<>")
	if len(v) > 200 || strings.ContainsAny(v, " \t\"'<>") {
		return ""
	}
	return strings.ToValidUTF8(v, "")
}

// transferEncoding brings the spellings found in the wild to the five of RFC 2045 section 6.
func transferEncoding(v string) string {
	v = strings.ToLower(strings.Trim(v, " \t\"'"))
	if i := strings.IndexAny(v, " ;,("); i > 0 {
		v = v[:i]
	}
	switch strings.NewReplacer("-", "", "_", "").Replace(v) {
	case "quotedprintable", "qp", "quoteprintable":
		return "quoted-printable"
	case "base64", "b64":
		return "base64"
	case "xuuencode", "uuencode", "xuue", "uue":
		return "uuencode"
	}
	return "" // as it is
}

// content decodes the transfer encoding.
func (p *part) content() []byte {
	switch p.encoding {
	case "base64":
		return decodeBody64(p.raw)
	case "quoted-printable":
		return decodeQP(p.raw)
	case "uuencode":
		return decodeUU(p.raw)
	}
	return p.raw
}

// maxDecoded bounds what is decoded of a text: several times what is kept of it.
const maxDecoded = 8 << 20

// text decodes transfer encoding and charset.
func (p *part) text() string {
	b := p.content()
	b = b[:min(len(b), maxDecoded)]
	claimed := string(p.params["charset"])
	if p.kind == "text/html" && charset.Silent(claimed) {
		claimed = charset.OfHTML(b)
	}
	return clean(charset.Decode(b, claimed))
}

// decodeBody64 decodes a base64 body: quickly when it is sound, else line by line, passing over lines that are
// something else (the footer of a mailing list).
func decodeBody64(b []byte) []byte {
	out := make([]byte, base64.StdEncoding.DecodedLen(len(b)))
	if n, err := base64.StdEncoding.Decode(out, b); err == nil {
		return out[:n]
	}
	kept := make([]byte, 0, len(b))
	for rest := b; len(rest) > 0; {
		line, after, _ := bytes.Cut(rest, []byte("\n"))
		rest = after
		line = bytes.TrimSpace(line)
		foreign := 0
		for _, c := range line {
			if !charset.IsBase64(c) && c != '=' && c != ' ' {
				foreign++
			}
		}
		if foreign*10 <= len(line) && !bytes.Contains(line, []byte(" ")) || len(kept) == 0 {
			kept = append(kept, line...)
		}
	}
	return decodeBase64(kept)
}

// decodeQP decodes quoted-printable (RFC 2045 section 6.7); an equals sign that starts nothing stands for itself.
func decodeQP(b []byte) []byte {
	out := make([]byte, 0, len(b))
	for len(b) > 0 {
		line, rest, found := bytes.Cut(b, []byte("\n"))
		b = rest
		line = bytes.TrimRight(line, " \t\r") // blanks at the end were added on the way
		soft := bytes.HasSuffix(line, []byte("="))
		if soft {
			line = line[:len(line)-1]
		}
		for i := 0; i < len(line); i++ {
			if line[i] == '=' && i+2 < len(line) && hexDigit(line[i+1]) >= 0 && hexDigit(line[i+2]) >= 0 {
				out = append(out, byte(hexDigit(line[i+1])<<4|hexDigit(line[i+2])))
				i += 2
				continue
			}
			out = append(out, line[i])
		}
		if !soft && found {
			out = append(out, '\r', '\n')
		}
	}
	return out
}

// decodeUU decodes uuencode: lines between "begin" and "end".
func decodeUU(b []byte) []byte {
	var out []byte
	inside := false
	for len(b) > 0 {
		line, rest, _ := bytes.Cut(b, []byte("\n"))
		b = rest
		line = bytes.TrimRight(line, "\r")
		switch {
		case bytes.HasPrefix(line, []byte("begin ")):
			inside = true
		case bytes.Equal(line, []byte("end")):
			return out
		case inside && len(line) > 0:
			out = append(out, uuLine(line)...)
		}
	}
	return out
}

func uuLine(line []byte) []byte {
	n := int(line[0]-' ') & 0x3F
	var out []byte
	for line = line[1:]; len(line) > 0 && len(out) < n; line = line[min(4, len(line)):] {
		var g [4]byte
		for i := range g {
			if i < len(line) {
				g[i] = (line[i] - ' ') & 0x3F
			}
		}
		out = append(out, g[0]<<2|g[1]>>4, g[1]<<4|g[2]>>2, g[2]<<6|g[3])
	}
	return out[:min(n, len(out))]
}
