package charset

import (
	"bytes"
	"unicode"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// unnamed guesses the charset of bytes that are not UTF-8 and claim nothing. In Western text the bytes beyond ASCII stand
// alone between letters: windows-1252. Where most letters are beyond ASCII, it is another script: then the charset in
// which the text reads most like words of its language.
func unnamed(b []byte) encoding.Encoding {
	const look = 4 << 10 // enough to know
	b = b[:min(len(b), look)]
	high, ascii, runs, even := 0, 0, 0, true
	for i := 0; i < len(b); {
		if b[i] < 0x80 {
			if c := b[i] | 0x20; c >= 'a' && c <= 'z' {
				ascii++
			}
			i++
			continue
		}
		start := i
		for i < len(b) && b[i] >= 0x80 {
			i++
		}
		runs++
		high += i - start
		even = even && (i-start)&1 == 0
	}
	if high < 2*runs || high < 4 || high*2 < ascii {
		return charmap.Windows1252
	}
	best, most := encoding.Encoding(charmap.Windows1252), 0
	for _, g := range guesses {
		if score := reads(b, g.set, g.common); score > most {
			best, most = g.set, score
		}
	}
	if most < high { // bytes of an alphabet score more
		if e := wide(b, even && high >= 8); e != nil {
			return e
		}
	}
	return best
}

var guesses = []struct {
	set    *charmap.Charmap
	common string // the most frequent letters of the language
}{
	{charmap.Windows1251, cyrillic}, {charmap.KOI8R, cyrillic}, {charmap.ISO8859_5, cyrillic}, {charmap.CodePage866, cyrillic},
	{charmap.Windows1253, "αοιετσνηυρπκμλς"}, {charmap.Windows1255, "יוהלארתבמשנ"}, {charmap.Windows1256, "اليمونرتبةعدسف"}, {charmap.Windows874, "านรอกเงมยลวดท่"},
}

const cyrillic = "оеаинтсрвлкмдпуія"

// reads scores how much a text looks like words: frequent letters count for, capitals behind small letters and signs
// that are no letters count against.
func reads(b []byte, set *charmap.Charmap, common string) int {
	frequent := make(map[rune]bool)
	for _, r := range common {
		frequent[r] = true
	}
	score := 0
	var before rune
	for _, c := range b {
		r := set.DecodeByte(c)
		if c >= 0x80 {
			switch {
			case !unicode.IsLetter(r) && !unicode.IsMark(r):
				score -= 2
			case frequent[r]:
				score += 2
			case unicode.IsUpper(r) && unicode.IsLower(before):
				score -= 3
			}
		}
		before = r
	}
	return score
}

// wide recognises the charsets of two bytes a character by their pairs: nil when it is none. even: all runs of bytes beyond
// ASCII have an even length, as in all such charsets but Shift_JIS.
func wide(b []byte, even bool) encoding.Encoding {
	kana, sjis, hanzi, hangul, pairs := 0, 0, 0, 0, 0
	for i := 0; i+1 < len(b); i++ {
		lead, trail := b[i], b[i+1]
		switch {
		case lead < 0x80:
			continue
		case (lead == 0x82 || lead == 0x83) && trail >= 0x40:
			sjis++
		case trail < 0xA1:
		case lead == 0xA4 || lead == 0xA5:
			kana++
		case lead >= 0xB0 && lead <= 0xC8:
			hangul++
			hanzi++
		case lead > 0xC8 && lead <= 0xD7:
			hanzi++
		}
		pairs++
		i++
	}
	switch {
	case sjis*3 > pairs:
		if s, err := japanese.ShiftJIS.NewDecoder().Bytes(b); err == nil && !bytes.Contains(s, []byte("\uFFFD")) {
			return japanese.ShiftJIS
		}
	case !even:
	case kana*3 > pairs:
		return japanese.EUCJP
	case hangul*10 > pairs*9:
		return korean.EUCKR
	case hanzi*10 > pairs*7:
		return simplifiedchinese.GB18030
	}
	return nil
}
