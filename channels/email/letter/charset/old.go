package charset

import (
	"bytes"
	"encoding/base64"
	"strings"
	"unicode/utf16"

	"golang.org/x/text/encoding/korean"
)

// decodeUTF7 decodes RFC 2152: "+" starts modified base64 of UTF-16, "-" or anything else ends it, "+-" is a plus.
func decodeUTF7(b []byte) string {
	var out strings.Builder
	for len(b) > 0 {
		plus := bytes.IndexByte(b, '+')
		if plus < 0 {
			out.WriteString(guess(b))
			break
		}
		out.WriteString(guess(b[:plus]))
		b = b[plus+1:]
		end := 0
		for end < len(b) && IsBase64(b[end]) {
			end++
		}
		switch {
		case end == 0:
			out.WriteByte('+')
		default:
			out.WriteString(utf16Text(b[:end]))
		}
		b = b[end:]
		if len(b) > 0 && b[0] == '-' {
			b = b[1:]
		}
	}
	return out.String()
}

// IsBase64: a character of base64 other than its padding.
func IsBase64(c byte) bool {
	return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '+' || c == '/'
}

// utf16Text decodes base64 without padding of big-endian UTF-16.
func utf16Text(b []byte) string {
	raw := make([]byte, base64.RawStdEncoding.DecodedLen(len(b)))
	n, err := base64.RawStdEncoding.Decode(raw, b)
	if err != nil { // an impossible length: the last character was cut
		n, _ = base64.RawStdEncoding.Decode(raw, b[:len(b)-1])
	}
	units := make([]uint16, 0, n/2)
	for i := 0; i+1 < n; i += 2 {
		units = append(units, uint16(raw[i])<<8|uint16(raw[i+1]))
	}
	return string(utf16.Decode(units))
}

// decodeISO2022KR decodes RFC 1557: shift-out starts KS C 5601 in seven bits, shift-in ends it, a header names the set.
func decodeISO2022KR(b []byte) string {
	b = bytes.ReplaceAll(b, []byte("\x1b$)C"), nil)
	wide := false
	eight := make([]byte, 0, len(b))
	for _, c := range b {
		switch {
		case c == 0x0E:
			wide = true
		case c == 0x0F:
			wide = false
		case wide && c > ' ' && c < 0x7F:
			eight = append(eight, c|0x80)
		default:
			eight = append(eight, c)
		}
	}
	s, err := korean.EUCKR.NewDecoder().Bytes(eight)
	if err != nil {
		return guess(b)
	}
	return string(s)
}
