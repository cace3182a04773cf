// Package charset turns bytes into text, whatever charset they claim or do not claim. It owns the labels found in mail, the
// old encodings that no library reads, and the guess for bytes that say nothing of themselves.
package charset

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
)

// aliases are labels seen in mail that neither the WHATWG table nor IANA's knows.
var aliases = map[string]encoding.Encoding{
	"cp932": japanese.ShiftJIS, "windows-31j": japanese.ShiftJIS, "ms_kanji": japanese.ShiftJIS, "x-sjis": japanese.ShiftJIS, "sjis": japanese.ShiftJIS,
	"cp949": korean.EUCKR, "uhc": korean.EUCKR, "ks_c_5601-1987": korean.EUCKR, "ks_c_5601": korean.EUCKR, "x-windows-949": korean.EUCKR,
	"cp950": traditionalchinese.Big5, "x-windows-950": traditionalchinese.Big5, "big5-hkscs": traditionalchinese.Big5,
	"gb2312": simplifiedchinese.GB18030, "gbk": simplifiedchinese.GB18030, "x-gbk": simplifiedchinese.GB18030, "cp936": simplifiedchinese.GB18030,
	"gb18030": simplifiedchinese.GB18030, "x-gb2312": simplifiedchinese.GB18030, "hz-gb-2312": simplifiedchinese.HZGB2312,
	"iso-2022-jp-1": japanese.ISO2022JP, "iso-2022-jp-2": japanese.ISO2022JP, "iso-2022-jp-3": japanese.ISO2022JP, "iso-2022-jp-ms": japanese.ISO2022JP,
	"cp50220": japanese.ISO2022JP, "cp50221": japanese.ISO2022JP, "cp50222": japanese.ISO2022JP, "_iso-2022-jp$esc": japanese.ISO2022JP,
	"win-1251": charmap.Windows1251, "cp-1251": charmap.Windows1251, "win1251": charmap.Windows1251,
	"win-1252": charmap.Windows1252, "cp-1252": charmap.Windows1252, "win-1250": charmap.Windows1250,
	"koi8-ru": charmap.KOI8U, "latin-9": charmap.ISO8859_15, "latin9": charmap.ISO8859_15, "latin-1": charmap.Windows1252,
	"cp437": charmap.CodePage437, "ibm437": charmap.CodePage437, "cp850": charmap.CodePage850, "ibm850": charmap.CodePage850,
	"cp852": charmap.CodePage852, "ibm852": charmap.CodePage852, "cp866": charmap.CodePage866, "ibm866": charmap.CodePage866,
	"tis-620": charmap.Windows874, "iso-8859-11": charmap.Windows874, "cp874": charmap.Windows874, "x-mac-roman": charmap.Macintosh,
	"utf-16": unicode.UTF16(unicode.BigEndian, unicode.UseBOM), "utf-16le": unicode.UTF16(unicode.LittleEndian, unicode.UseBOM),
	"utf-16be": unicode.UTF16(unicode.BigEndian, unicode.UseBOM), "ucs-2": unicode.UTF16(unicode.BigEndian, unicode.UseBOM),
}

// silent are labels that say nothing about the bytes.
var silent = map[string]bool{
	"": true, "ascii": true, "us-ascii": true, "ansi_x3.4-1968": true, "ansi_x3.4-1986": true, "unknown": true, "unknown-8bit": true,
	"x-unknown": true, "x-user-defined": true, "ansi_x3.110-1983": true, "ansi": true, "default": true, "none": true, "_autodetect": true, "_autodetect_all": true, "iso-10646": true, "8bit": true, "7bit": true, "binary": true,
}

// Silent: a charset of this name says nothing about the bytes.
func Silent(name string) bool { return silent[Label(name)] }

// Label brings a charset's name, as it stands in the wild, into the form of the tables.
func Label(name string) string {
	name = strings.ToLower(strings.Trim(name, " \t\r\n\"';,<>()"))
	name = strings.TrimPrefix(name, "charset=")
	name = strings.TrimPrefix(name, "3d") // quoted-printable applied to a header
	name, _, _ = strings.Cut(name, "*")   // RFC 2231 section 5: charset*language
	name = strings.Trim(name, "\"' ")
	if i := strings.IndexAny(name, " ;,"); i > 0 {
		name = name[:i]
	}
	return name
}

// encodingOf gives the decoder of a label, nil when nobody knows it.
func encodingOf(name string) encoding.Encoding {
	if e, ok := aliases[name]; ok {
		return e
	}
	if e, err := htmlindex.Get(name); err == nil {
		return e
	}
	if e, err := ianaindex.MIME.Encoding(name); err == nil {
		return e
	}
	if strings.HasPrefix(name, "iso8859") { // iso8859-1, iso88591
		return encodingOf("iso-8859-" + strings.TrimPrefix(strings.TrimPrefix(name, "iso8859"), "-"))
	}
	return nil
}

// Decode gives text for bytes that claim a charset. Claims are often wrong: valid UTF-8 with something beyond ASCII
// in it wins over every single-byte claim, because by chance it hardly happens.
func Decode(b []byte, claimed string) string {
	name := Label(claimed)
	switch {
	case strings.HasPrefix(name, "utf-8") || strings.HasPrefix(name, "utf8") || name == "unicode-1-1-utf-8" || name == "cp65001" || silent[name]:
		return guess(b)
	case name == "utf-7" || name == "unicode-1-1-utf-7" || name == "x-unicode-2-0-utf-7":
		return decodeUTF7(b)
	case name == "iso-2022-kr" || name == "csiso2022kr":
		return decodeISO2022KR(b)
	}
	e := encodingOf(name)
	if e == nil {
		return guess(b)
	}
	if _, single := e.(*charmap.Charmap); single && beyondASCII(b) && utf8.Valid(b) {
		return string(b)
	}
	s, err := e.NewDecoder().Bytes(b)
	if err != nil {
		return guess(b)
	}
	if bytes.Contains(s, []byte("\uFFFD")) && beyondASCII(b) && utf8.Valid(b) {
		return string(b)
	}
	return string(s)
}

// guess decodes bytes of which nothing is known.
func guess(b []byte) string {
	b = bytes.TrimPrefix(b, []byte("\xEF\xBB\xBF"))
	switch {
	case hasEscape(b):
		if s, err := japanese.ISO2022JP.NewDecoder().Bytes(b); err == nil {
			return string(s)
		}
	case utf8.Valid(b):
		return string(b)
	case len(b) > 1 && (b[0] == 0xFF && b[1] == 0xFE || b[0] == 0xFE && b[1] == 0xFF):
		if s, err := aliases["utf-16"].NewDecoder().Bytes(b); err == nil {
			return string(s)
		}
	case mostlyUTF8(b):
		return strings.ToValidUTF8(string(b), "\uFFFD")
	}
	s, err := unnamed(b).NewDecoder().Bytes(b)
	if err != nil {
		return strings.ToValidUTF8(string(b), "\uFFFD")
	}
	return string(s)
}

// hasEscape: the sequences that switch to a Japanese set in ISO-2022-JP (RFC 1468).
func hasEscape(b []byte) bool {
	return bytes.Contains(b, []byte("\x1b$B")) || bytes.Contains(b, []byte("\x1b$@")) || bytes.Contains(b, []byte("\x1b$(D"))
}

func beyondASCII(b []byte) bool {
	for _, c := range b {
		if c >= 0x80 {
			return true
		}
	}
	return false
}

// mostlyUTF8: UTF-8 that was cut or damaged in a few places, not another charset.
func mostlyUTF8(b []byte) bool {
	good, bad := 0, 0
	for len(b) > 0 {
		if b[0] < utf8.RuneSelf {
			b = b[1:]
			continue
		}
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 {
			bad++
		} else {
			good++
		}
		b = b[n:]
	}
	return good > 4*bad
}

// OfHTML finds the charset an HTML page declares in its first kilobytes.
func OfHTML(b []byte) string {
	head := strings.ToLower(string(b[:min(len(b), 4096)]))
	for {
		i := strings.Index(head, "<meta")
		if i < 0 {
			return ""
		}
		head = head[i+5:]
		tag, _, _ := strings.Cut(head, ">")
		if _, after, ok := strings.Cut(tag, "charset="); ok {
			after = strings.TrimLeft(after, "\"' ")
			if end := strings.IndexAny(after, "\"' ;/"); end >= 0 {
				after = after[:end]
			}
			return after
		}
	}
}
