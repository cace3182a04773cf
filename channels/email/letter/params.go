package letter

import (
	"bytes"
	"path"
	"sort"
	"strconv"
	"strings"
	"unicode"

	"github.com/centralita/centralita/channels/email/letter/charset"
)

// What is looked at of one field: more has no honest use, and the work grows with the product.
const (
	maxParamBytes = 2 << 10
	maxParams     = 40
)

// parseParams reads a Content-Type or Content-Disposition value as it is found in the wild. It never fails: what
// cannot be read is left out. Values are raw bytes; paramText decodes one.
func parseParams(value []byte) (kind string, params map[string][]byte) {
	params = make(map[string][]byte)
	value = value[:min(len(value), maxParamBytes)]
	head, rest := cutParam(value)
	head = bytes.TrimSpace(dropComment(head))
	if i := bytes.IndexAny(head, " \t"); i > 0 { // a semicolon was forgotten
		rest = append(append(bytes.Clone(head[i:]), ';'), rest...)
		head = head[:i]
	}
	kind = strings.ToLower(string(head)) // only now: what is not UTF-8 grows by it
	if strings.Contains(kind, "=") {     // the type itself was forgotten
		rest, kind = value, ""
	}
	for range maxParams {
		if len(rest) == 0 {
			break
		}
		var p []byte
		p, rest = cutParam(rest)
		name, v, ok := bytes.Cut(p, []byte("="))
		if !ok {
			continue
		}
		key := strings.ToLower(strings.TrimSpace(string(name)))
		if i := strings.LastIndexAny(key, " \t"); i >= 0 {
			key = key[i+1:]
		}
		v, tail := unquote(bytes.TrimSpace(v))
		if _, there := params[key]; !there && key != "" {
			params[key] = v
		}
		if len(tail) > 0 { // a semicolon was forgotten after a quoted value
			rest = append(append(bytes.Clone(tail), ';'), rest...)
		}
	}
	return strings.Trim(kind, "\"'"), params
}

// cutParam cuts at the next semicolon that is not inside quotes.
func cutParam(b []byte) (p, rest []byte) {
	quoted := false
	for i, c := range b {
		switch {
		case c == '"' && (i == 0 || b[i-1] != '\\'):
			quoted = !quoted
		case c == ';' && !quoted:
			return b[:i], b[i+1:]
		}
	}
	if quoted { // a quote that is never closed does not swallow the rest
		if i := bytes.IndexByte(b, ';'); i >= 0 {
			return b[:i], b[i+1:]
		}
	}
	return b, nil
}

// unquote removes quotes; tail is what stands behind the closing quote.
func unquote(v []byte) (value, tail []byte) {
	if len(v) == 0 || v[0] != '"' {
		return bytes.TrimSpace(dropComment(v)), nil
	}
	out := make([]byte, 0, len(v))
	for i := 1; i < len(v); i++ {
		switch c := v[i]; {
		case c == '\\' && i+1 < len(v) && (v[i+1] == '"' || v[i+1] == '\\'):
			i++
			out = append(out, v[i])
		case c == '"':
			return out, bytes.TrimSpace(v[i+1:])
		default:
			out = append(out, c)
		}
	}
	return out, nil
}

// dropComment removes a trailing comment (RFC 5322 section 3.2.2).
func dropComment(b []byte) []byte {
	if i := bytes.Index(b, []byte(" (")); i > 0 && bytes.HasSuffix(bytes.TrimSpace(b), []byte(")")) {
		return b[:i]
	}
	return b
}

// paramText gives a parameter as text: plain, in encoded words (forbidden but common) or by RFC 2231, in pieces or not.
func paramText(params map[string][]byte, name, hint string) string {
	if v, ok := params[name+"*"]; ok {
		set, text := extended(v)
		return charset.Decode(text, set)
	}
	if v, ok := params[name]; ok {
		return decodeWords(v, hint)
	}
	type piece struct {
		number int
		value  []byte
		coded  bool
	}
	var pieces []piece
	for key, v := range params {
		rest, ok := strings.CutPrefix(key, name+"*")
		if !ok {
			continue
		}
		number, coded := strings.CutSuffix(rest, "*")
		if n, err := strconv.Atoi(number); err == nil {
			pieces = append(pieces, piece{n, v, coded})
		}
	}
	sort.Slice(pieces, func(i, j int) bool { return pieces[i].number < pieces[j].number })
	set, text := hint, []byte(nil)
	for i, p := range pieces {
		switch {
		case p.coded && i == 0:
			set, p.value = extended(p.value)
		case p.coded:
			p.value = percent(p.value)
		}
		text = append(text, p.value...)
	}
	return decodeWords(text, set)
}

// extended splits charset'language'text (RFC 2231 section 4).
func extended(v []byte) (set string, text []byte) {
	parts := bytes.SplitN(v, []byte("'"), 3)
	if len(parts) < 3 {
		return "", percent(v)
	}
	return string(parts[0]), percent(parts[2])
}

func percent(v []byte) []byte {
	out := make([]byte, 0, len(v))
	for i := 0; i < len(v); i++ {
		if v[i] == '%' && i+2 < len(v) && hexDigit(v[i+1]) >= 0 && hexDigit(v[i+2]) >= 0 {
			out = append(out, byte(hexDigit(v[i+1])<<4|hexDigit(v[i+2])))
			i += 2
			continue
		}
		out = append(out, v[i])
	}
	return out
}

// fileName cleans the name of an attachment: no path, no control or direction-changing characters, no leading dots, at
// most 200 bytes with the extension kept. "" stays "".
func fileName(s string) string {
	s = strings.ReplaceAll(oneLine(s), "\\", "/")
	s = path.Base("/" + s)
	s = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/<>:"|?*`, r) || !unicode.IsPrint(r) {
			return '_'
		}
		return r
	}, s)
	s = strings.Trim(strings.TrimLeft(s, "."), " _")
	if s == "" {
		return ""
	}
	const most, extension = 200, 20
	if len(s) <= most {
		return s
	}
	ext := path.Ext(s)
	if len(ext) > extension {
		ext = ""
	}
	return cut(strings.TrimSuffix(s, ext), most-len(ext)) + ext
}
