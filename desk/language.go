package desk

import (
	"iter"
	"strings"
	"unicode"

	"github.com/centralita/centralita/proto/deskpb"
)

// Languages are those that LanguageOf can tell.
var Languages = []string{"en", "es", "fr", "de", "pt", "it", "nl", "ca", "pl"}

// languageNames are what those who speak them call them, in the order of Languages.
var languageNames = []string{"English", "Español", "Français", "Deutsch", "Português", "Italiano", "Nederlands", "Català", "Polski"}

// LanguageSkills yields a skill for each of the languages, in their order.
func LanguageSkills() iter.Seq2[string, *deskpb.Skill] {
	return func(yield func(string, *deskpb.Skill) bool) {
		for i, code := range Languages {
			if !yield(code, &deskpb.Skill{Name: languageNames[i], Kind: deskpb.SkillKind_SKILL_KIND_LANGUAGE}) {
				return
			}
		}
	}
}

// commonWords are words that nearly every text of a language has and that few others have. A word of several languages counts for each.
var commonWords = map[string]string{
	"en": "the and is are was were you your my i have has not with for this that what when please can would to of in it do hello thanks order",
	"es": "el la los las un una y es son está estoy que qué no con para por mi su usted tengo hola gracias pero cuando cómo del al de en se lo pedido",
	"fr": "le la les un une et est sont je vous nous mon ma votre pas avec pour ce cette que qui bonjour merci mais quand du des au de en ne commande",
	"de": "der die das ein eine und ist sind ich sie wir mein meine ihr nicht mit für auf zu von den dem habe hallo danke aber wann bitte bestellung",
	"pt": "o os as um uma e é são está estou que não com para por meu minha seu você tenho olá obrigado obrigada mas quando do da no na de em pedido",
	"it": "il lo la gli le un una e è sono che non con per mio mia suo lei ho ciao grazie ma quando del della di in mi vorrei buongiorno ordine",
	"nl": "de het een en is zijn ik u wij mijn uw niet met voor op van dat deze heb hallo bedankt maar wanneer graag aan bestelling",
	"ca": "el la els les un una i és són que no amb per meu meva seu tinc hola gràcies però quan del al de en us això comanda voldria",
	"pl": "i jest są nie z na do w że mam mój moja pan pani dzień dobry dziękuję ale kiedy proszę się czy jak to za zamówienie",
}

// sampled is how many words of a text are looked at.
const sampled = 200

var wordsOf = func() map[string][]string {
	all := map[string][]string{}
	for _, language := range Languages {
		for _, w := range strings.Fields(commonWords[language]) {
			all[w] = append(all[w], language)
		}
	}
	return all
}()

// LanguageOf guesses what a text is written in by its commonest words; "" when it cannot tell: two words at least have to say so, and
// one language more than any other.
func LanguageOf(text string) string {
	if len(text) > maxRuleText {
		text = clip(text, maxRuleText)
	}
	votes, n := map[string]int{}, 0
	for word := range strings.FieldsFuncSeq(fold(text), func(r rune) bool { return !unicode.IsLetter(r) }) {
		if n++; n > sampled {
			break
		}
		for _, l := range wordsOf[word] {
			votes[l] += 60 / len(wordsOf[word]) // one that many have says little
		}
	}
	best, second := "", ""
	for _, l := range Languages {
		switch {
		case best == "" || votes[l] > votes[best]:
			best, second = l, best
		case second == "" || votes[l] > votes[second]:
			second = l
		}
	}
	if votes[best] < 80 || votes[best] == votes[second] {
		return ""
	}
	return best
}
