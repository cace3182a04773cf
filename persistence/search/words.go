package search

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	bleve "github.com/blevesearch/bleve_index_api"
	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/english"
	"github.com/blevesearch/snowballstem/spanish"

	"github.com/centralita/centralita/persistence"
)

// maxWord bounds a word in bytes: what is longer is no word but a key, a link or a picture in letters.
const maxWord = 64

// word is one word of a text: as it is looked up, and where it stands.
type word struct {
	text       string // lower case, with its accents
	start, end int    // bytes
}

// eachWord finds the words of a text: runs of letters, digits and marks.
func eachWord(text string, yield func(word)) {
	start := -1
	for i, r := range text {
		inWord := unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r)
		switch {
		case inWord && start < 0:
			start = i
		case !inWord && start >= 0:
			yieldWord(text, start, i, yield)
			start = -1
		}
	}
	if start >= 0 {
		yieldWord(text, start, len(text), yield)
	}
}

func yieldWord(text string, start, end int, yield func(word)) {
	if end-start <= maxWord {
		yield(word{strings.ToLower(text[start:end]), start, end})
	}
}

func wordsOf(text string) (all []word) {
	eachWord(text, func(w word) { all = append(all, w) })
	return all
}

// fold takes the accents off, so that whoever leaves them out finds what has them.
func fold(s string) string {
	plain := true
	for i := range len(s) {
		plain = plain && s[i] < utf8.RuneSelf
	}
	if plain {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch to, known := folded[r]; {
		case known:
			b.WriteString(to)
		case unicode.Is(unicode.Mn, r):
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

var folded = foldTable(map[string]string{
	"a": "àáâãäåāăą", "c": "çćĉċč", "d": "ďđð", "e": "èéêëēĕėęě", "g": "ĝğġģ", "h": "ĥħ", "i": "ìíîïĩīĭįı", "j": "ĵ", "k": "ķ", "l": "ĺļľŀł",
	"n": "ñńņň", "o": "òóôõöøōŏő", "r": "ŕŗř", "s": "śŝşšș", "t": "ţťŧț", "u": "ùúûüũūŭůűų", "w": "ŵ", "y": "ýÿŷ", "z": "źżž",
	"ss": "ß", "ae": "æ", "oe": "œ", "th": "þ",
})

func foldTable(by map[string]string) map[rune]string {
	all := map[rune]string{}
	for to, from := range by {
		for _, r := range from {
			all[r] = to
		}
	}
	return all
}

// stemmer knows the forms of a word under which it is found: itself without accents, and its English and its Spanish stem.
// Which language a text is in is not asked: mails mix them, and short ones do not tell. It is not safe for concurrent use.
type stemmer struct {
	known *persistence.Recent[string, []form]
}

// form is one form of a word, as text and as the index takes it.
type form struct {
	text string
	once *bleve.TokenFreq
}

func newStemmer() *stemmer { return &stemmer{persistence.NewRecent[string, []form](20_000)} }

// forms gives the forms of a word, the plain one first. They belong to the stemmer.
func (s *stemmer) forms(lower string) []form {
	if f, ok := s.known.Get(lower); ok {
		return f
	}
	lower = strings.Clone(lower)
	plain := fold(lower)
	f := []form{{plain, once(plain)}}
	for _, stem := range [...]string{englishStem(plain), spanishStem(lower)} {
		if stem != "" && !slices.ContainsFunc(f, func(have form) bool { return have.text == stem }) {
			f = append(f, form{stem, once(stem)})
		}
	}
	s.known.Put(lower, f)
	return f
}

// stemmable: numbers and codes have no forms.
func stemmable(w string) bool {
	for _, r := range w {
		if unicode.IsDigit(r) {
			return false
		}
	}
	return len(w) > 2
}

func englishStem(w string) string {
	if !stemmable(w) {
		return ""
	}
	env := snowballstem.NewEnv(w)
	english.Stem(env)
	return env.Current()
}

// spanishStem also finds the stem of words whose accent was left out, where the rule needs it.
func spanishStem(w string) string {
	if !stemmable(w) {
		return ""
	}
	if strings.HasSuffix(w, "cion") || strings.HasSuffix(w, "sion") {
		w = w[:len(w)-2] + "ón"
	}
	env := snowballstem.NewEnv(w)
	spanish.Stem(env)
	return fold(env.Current())
}

// idle are words so common in either language that a query is clearer without them, unless it consists of them.
var idle = setOf(`a al and are as at be by con de del do el en es for from how i if in is it la las le lo los me mi my no not of on or para por
	que se si su te the this to tu un una was we with y you your`)

func setOf(words string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(words) {
		set[w] = true
	}
	return set
}
