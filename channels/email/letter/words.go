package letter

import (
	"bytes"
	"encoding/base64"
	"strings"

	"github.com/centralita/centralita/channels/email/letter/charset"
)

// word is one encoded word (RFC 2047 section 2).
type word struct {
	charset  string
	encoding byte // 'b' or 'q'
	text     []byte
}

// decodeWords decodes a header value. Neighbouring words of one charset are joined as bytes before they are decoded,
// because many writers cut a character in two. hint is the charset for bytes that are not encoded.
func decodeWords(value []byte, hint string) string {
	var out strings.Builder
	var run []word // words with nothing but blanks between them
	flush := func() {
		out.WriteString(joinWords(run))
		run = run[:0]
	}
	for len(value) > 0 {
		start := bytes.Index(value, []byte("=?"))
		if start < 0 {
			break
		}
		w, size, ok := cutWord(value[start:])
		if !ok {
			flush()
			out.WriteString(charset.Decode(value[:start+2], hint))
			value = value[start+2:]
			continue
		}
		between := value[:start]
		if len(run) == 0 || len(bytes.TrimSpace(between)) > 0 {
			flush()
			out.WriteString(charset.Decode(between, hint))
		}
		run = append(run, w)
		value = value[start+size:]
	}
	flush()
	out.WriteString(charset.Decode(value, hint))
	return strings.ToValidUTF8(out.String(), "\uFFFD")
}

// cutWord reads "=?charset?encoding?text?=" at the start of b. The text may hold blanks: forbidden, but it happens.
func cutWord(b []byte) (w word, size int, ok bool) {
	const maxCharset, maxWord = 64, 4096 // RFC 2047 allows 75 in all
	rest := b[2:]
	mark := bytes.IndexByte(rest, '?')
	if mark <= 0 || mark > maxCharset || len(rest) < mark+3 || rest[mark+2] != '?' {
		return word{}, 0, false
	}
	w.charset = string(rest[:mark])
	w.encoding = rest[mark+1] | 0x20
	if w.encoding != 'b' && w.encoding != 'q' || bytes.ContainsAny(rest[:mark], " \t<>@") {
		return word{}, 0, false
	}
	text := rest[mark+3:]
	end := bytes.Index(text[:min(len(text), maxWord)], []byte("?="))
	if end < 0 {
		return word{}, 0, false
	}
	w.text = text[:end]
	return w, 2 + mark + 3 + end + 2, true
}

func joinWords(run []word) string {
	var out strings.Builder
	for i := 0; i < len(run); {
		set := charset.Label(run[i].charset)
		var raw, open []byte // open: base64 text of a word that was cut inside a group of four
		for ; i < len(run) && charset.Label(run[i].charset) == set; i++ {
			w := run[i]
			if w.encoding == 'q' {
				raw = append(append(raw, decodeBase64(open)...), decodeQ(w.text)...)
				open = nil
				continue
			}
			open = append(open, w.text...)
			if len(open)%4 == 0 || bytes.IndexByte(w.text, '=') >= 0 {
				raw = append(raw, decodeBase64(open)...)
				open = nil
			}
		}
		raw = append(raw, decodeBase64(open)...)
		out.WriteString(charset.Decode(raw, set))
	}
	return out.String()
}

// decodeQ decodes the "Q" encoding: underscore is a blank, the rest is quoted-printable.
func decodeQ(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '_':
			out = append(out, ' ')
		case c == '=' && i+2 < len(text) && hexDigit(text[i+1]) >= 0 && hexDigit(text[i+2]) >= 0:
			out = append(out, byte(hexDigit(text[i+1])<<4|hexDigit(text[i+2])))
			i += 2
		default:
			out = append(out, c)
		}
	}
	return out
}

func hexDigit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// decodeBase64 decodes what can be decoded: foreign characters are passed over, padding may be missing or stand in the
// middle where encoded pieces were joined.
func decodeBase64(b []byte) []byte {
	out := make([]byte, 0, base64.StdEncoding.DecodedLen(len(b))+3)
	var group [4]byte
	n := 0
	end := func() { // of a group that is not full
		if n > 1 {
			var buf [3]byte
			m, _ := base64.RawStdEncoding.Decode(buf[:], group[:n]) // the characters were checked
			out = append(out, buf[:m]...)
		}
		n = 0
	}
	for _, c := range b {
		switch {
		case c == '-':
			c = '+'
		case c == '_':
			c = '/'
		}
		switch {
		case charset.IsBase64(c):
			group[n] = c
			if n++; n == 4 {
				var buf [3]byte
				m, _ := base64.RawStdEncoding.Decode(buf[:], group[:])
				out = append(out, buf[:m]...)
				n = 0
			}
		case c == '=':
			end()
		}
	}
	end()
	return out
}
