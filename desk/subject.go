package desk

import (
	"regexp"
	"strconv"
	"strings"
)

// replyPrefix is what mail programs put before the subject of an answer, with or without a count: "Re:", "AW:", "Re[2]:".
var replyPrefix = regexp.MustCompile(`(?i)^\s*(re|aw|antw|sv|vs|odp|ref|rif|res|rép|ynt|atb|vá|回复|回覆|答复|返信|회신)\s*([\[(]\d{1,3}[\])])?\s*[:：]\s*`)

var subjectNumber = regexp.MustCompile(`\[#(\d{1,12})\]`)

// ReadSubject takes a subject apart: a ticket's number in it ("[#123]"; 0: none), what is left in one form, and whether it says
// that it is an answer.
func ReadSubject(s string) (number uint64, plain string, answer bool) {
	if m := subjectNumber.FindStringSubmatch(s); m != nil {
		number, _ = strconv.ParseUint(m[1], 10, 64) // at most 12 digits
		s = strings.Replace(s, m[0], " ", 1)
	}
	for range 10 { // "Re: AW: Re:"
		at := replyPrefix.FindStringIndex(s)
		if at == nil {
			break
		}
		s, answer = s[at[1]:], true
	}
	return number, strings.ToLower(oneLine(s)), answer
}

// shortSubject is the shortest one that may say by itself which ticket is meant.
const shortSubject = 8

// Telling reports whether a subject, in its one form, can say which of somebody's tickets is meant: it is neither short nor
// what everybody writes.
func Telling(plain string) bool {
	return len([]rune(plain)) >= shortSubject && !commonSubjects[strings.Trim(plain, " .!?¡¿")]
}

var commonSubjects = func() map[string]bool {
	all := map[string]bool{}
	for s := range strings.SplitSeq("question|questions|a question|my question|your order|my order|new order|order confirmation|the order|invoice|invoices|your invoice|my invoice|"+
		"hello there|good morning|good afternoon|good evening|thank you|thanks a lot|thank you!|help needed|need help|please help|help please|important|urgent!!|"+
		"(no subject)|no subject|feedback|complaint|information|info request|request|new message|message|contact form|contact request|quotation|quote request|"+
		"meeting|appointment|reminder|your request|support request|support|payment|delivery|problem|an issue|question about my order|"+
		"pregunta|una pregunta|consulta|mi pedido|su pedido|tu pedido|pedido nuevo|factura|su factura|mi factura|buenos días|buenas tardes|muchas gracias|solicitud|información|sin asunto|(sin asunto)|incidencia|reclamación|presupuesto|"+
		"anfrage|eine frage|bestellung|ihre bestellung|meine bestellung|rechnung|ihre rechnung|guten tag|guten morgen|vielen dank|(kein betreff)|kein betreff|angebot|reklamation|"+
		"ma commande|votre commande|commande|facture|votre facture|demande|bonjour à tous|(sans objet)|sans objet|renseignement|réclamation|domanda|il mio ordine|fattura|richiesta|buongiorno|informazioni|encomenda|pedido de informação|fatura|bom dia", "|") {
		all[s] = true
	}
	return all
}()
