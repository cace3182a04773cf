package letter

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/jhillyerd/enmime/v2"
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

// readTree reads the MIME tree. The library is used for the boundaries only: content comes undecoded, and
// media types are read by us, because the library drops parts whose header it does not understand. Its error texts are
// never passed on: they repeat the mail (CVE-2026-42507).
func readTree(raw []byte) (root *part, err error) {
	defer func() {
		if v := recover(); v != nil {
			root, err = nil, errors.New("read MIME structure: the library panicked")
		}
	}()
	p := enmime.NewParser(
		enmime.RawContent(true),
		enmime.SkipMalformedParts(true),
		enmime.MultipartWOBoundaryAsSinglePart(true),
		enmime.DisableCharacterDetection(true),
		enmime.DisableTextConversion(true),
		enmime.MaxStoredPartErrors(1),
		enmime.SetCustomParseMediaType(mediaType),
	)
	tree, err := p.ReadParts(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("read MIME structure: %T", err)
	}
	return convert(tree, "text/plain"), nil
}

// mediaType is our reading of a media type in the library's terms. It never fails.
func mediaType(value string) (kind string, params map[string]string, invalid []string, err error) {
	kind, raw := parseParams([]byte(value))
	params = make(map[string]string, len(raw))
	for k, v := range raw {
		params[k] = string(v)
	}
	params["boundary"] = strings.TrimSpace(paramText(raw, "boundary", ""))
	if !strings.HasPrefix(kind, "multipart/") || params["boundary"] == "" {
		delete(params, "boundary") // or the library would take the part for a multipart
	}
	return kind, params, nil, nil
}

func convert(p *enmime.Part, fallback string) *part {
	n := &part{raw: p.Content, encoding: transferEncoding(p.Header.Get("Content-Transfer-Encoding"))}
	n.kind, n.params = parseParams([]byte(p.Header.Get("Content-Type")))
	if !strings.Contains(n.kind, "/") {
		switch n.kind {
		case "":
			n.kind = fallback
		case "text", "html":
			n.kind = map[string]string{"text": "text/plain", "html": "text/html"}[n.kind]
		default:
			n.kind = "application/octet-stream"
		}
	}
	disposition, dparams := parseParams([]byte(p.Header.Get("Content-Disposition")))
	n.disposition = disposition
	hint := string(n.params["charset"])
	n.name = fileName(paramText(dparams, "filename", hint))
	if n.name == "" {
		n.name = fileName(paramText(n.params, "name", hint))
	}
	n.contentID = contentID(p.Header.Get("Content-Id"))
	childFallback := "text/plain"
	if n.kind == "multipart/digest" { // RFC 2046 section 5.1.5
		childFallback = "message/rfc822"
	}
	for c := p.FirstChild; c != nil; c = c.NextSibling {
		n.children = append(n.children, convert(c, childFallback))
	}
	return n
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

// text decodes transfer encoding and charset.
func (p *part) text() string {
	b := p.content()
	claimed := string(p.params["charset"])
	if p.kind == "text/html" && silent[label(claimed)] {
		claimed = metaCharset(b)
	}
	return clean(decodeText(b, claimed))
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
			if !isBase64(c) && c != '=' && c != ' ' {
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
