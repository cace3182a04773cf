// Package history tells what of a mail's text its sender wrote now from what was there before: quoted mails, signatures, and
// mails that were forwarded, in the languages and forms of the mail programs people use. Its work grows with the length of
// the text and no faster.
package history

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// FreshBytes gives how much of the text, from the front, its sender wrote now: what follows is quoted history or a
// signature. Nothing is ever cut by it: the rest is folded away and can be opened. When nothing would be left, or when the
// answer stands between quoted lines, all of it is new. The work grows with the text's length and no faster.
func FreshBytes(text string) int {
	lines := splitLines(text)
	all := len(lines) <= maxLines
	if !all {
		lines = lines[:maxLines]
	}
	end := len(lines)
	for i := range lines {
		if startsHistory(lines, i) {
			end = i
			break
		}
	}
	if !all && end == len(lines) {
		return len(text) // nobody writes that much by hand: it is not looked at to its end
	}
	end = dropTail(lines, end)
	for i := range end {
		if lines[i].separator {
			end = i
			break
		}
	}
	end = dropTail(lines, end)
	if end == 0 {
		return len(text)
	}
	return lines[end-1].end
}

// maxLines is how far history is looked for: patterns cost, and a mail may have a hundred thousand lines made to cost much.
const maxLines = 5_000

// line is one line of a text.
type line struct {
	end       int    // byte offset behind it, its line feed not counted
	text      string // without blanks around
	quoted    bool   // starts with ">"
	separator bool   // "-- ", which starts a signature (RFC 3676 section 4.3)
}

func splitLines(text string) []line {
	lines := make([]line, 0, strings.Count(text, "\n")+1)
	at := 0
	for s := range strings.SplitSeq(text, "\n") {
		at += len(s)
		t := strings.TrimSpace(withoutBidi(s))
		lines = append(lines, line{
			end: at - len(s) + len(strings.TrimRight(s, " \t\u00A0")), text: t,
			quoted: strings.HasPrefix(t, ">") && t != ">:", separator: s == "-- " || s == "--" || s == "—" || s == "__",
		})
		at++
	}
	return lines
}

// withoutBidi takes away the marks of direction that programs put around names and addresses.
func withoutBidi(s string) string {
	if !strings.Contains(s, "\u202A") && !strings.Contains(s, "\u202B") && !strings.ContainsAny(s, "\u200E\u200F\u202C\u2066\u2067\u2069") {
		return s
	}
	return strings.Map(func(r rune) rune {
		if r == 0x200E || r == 0x200F || r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 {
			return -1
		}
		return r
	}, s)
}

// dropTail leaves out what stands at the end and is not new: blank and quoted lines, the line that introduces them, notes
// of programs ("Sent from my phone").
func dropTail(lines []line, end int) int {
	quoted := false
	for end > 0 {
		l := lines[end-1]
		switch {
		case l.text == "":
			end--
		case l.quoted:
			quoted = true
			end--
		case programNote.MatchString(l.text), strings.Trim(l.text, "-=_*") == "":
			end--
		case quoted:
			n := introduction(lines, end)
			if n == 0 {
				return end
			}
			end, quoted = end-n, false
		default:
			return end
		}
	}
	return 0
}

// introduction gives how many lines before end are "On …, … wrote:".
func introduction(lines []line, end int) int {
	joined := ""
	for n := 1; n <= maxIntroduction && n <= end; n++ {
		l := lines[end-n]
		if l.text == "" || l.quoted {
			return 0
		}
		joined = strings.TrimSpace(l.text + " " + joined)
		if wrote.MatchString(joined) || dated.MatchString(joined) || named(joined) {
			if above := end - n - 1; n < maxIntroduction && above >= 0 && !when.MatchString(joined) && !lines[above].quoted && when.MatchString(lines[above].text) {
				n++ // its date stands in the line above
			}
			return n
		}
	}
	return 0
}

const maxIntroduction = 4

// startsHistory: from this line on all is history, whatever it looks like.
func startsHistory(lines []line, i int) bool {
	l := lines[i]
	switch {
	case l.text == "" || l.quoted:
		return false
	case isOriginal(l.text):
		return true
	case i > 0 && len(l.text) <= 80 && programNote.MatchString(l.text) && (i+1 == len(lines) || lines[i+1].text == ""):
		return true
	case len(l.text) < 160 && marksForward(l.text):
		return labelKind(lineAt(lines, next(lines, i+1))) != 0
	case isRule(l.text):
		return headerBlock(lines, next(lines, i+1))
	case headerBlock(lines, i):
		return true
	}
	return introduces(lines, i)
}

// named: whatever the language, a date, a time and an address that end in a colon introduce what follows.
func named(joined string) bool {
	end, _ := utf8.DecodeLastRuneInString(joined)
	return (end == ':' || end == '：') && len(joined) < 300 && day.MatchString(joined) && clock.MatchString(joined) && spec.MatchString(joined)
}

// isOriginal looks before it matches: most lines are neither, and patterns cost.
func isOriginal(s string) bool {
	switch {
	case strings.HasSuffix(s, "wrote"):
		return wroteBare.MatchString(s)
	case strings.IndexByte("-_*=>#mM", s[0]) >= 0 || strings.HasSuffix(s, ":") && len(s) < 80:
		return marksOriginal(s) || original.MatchString(s)
	}
	return strings.HasPrefix(s, "Vidarebefordrat") && original.MatchString(s)
}

// introduces: "On …, … wrote:" starts here, and what follows is either not marked as quoted at all, or quoted and
// nothing else: text between quoted lines is an answer.
func introduces(lines []line, i int) bool {
	joined := ""
	for n := range maxIntroduction {
		if i+n >= len(lines) || lines[i+n].text == "" || lines[i+n].quoted {
			return false
		}
		t := lines[i+n].text
		joined = strings.TrimSpace(joined + " " + t)
		if len(joined) > 400 {
			return false
		}
		if strings.HasSuffix(t, "--") && original.MatchString(joined) {
			return true
		}
		if !strings.HasSuffix(t, ":") && !strings.HasSuffix(t, "：") {
			continue
		}
		if !wrote.MatchString(joined) && !named(joined) || n > 0 && !opens.MatchString(lines[i].text) && !when.MatchString(lines[i].text) {
			return false
		}
		after := next(lines, i+n+1)
		if (after == len(lines) || !lines[after].quoted) && !strings.ContainsAny(joined, "0123456789@") {
			return false // "As my colleague said:" introduces nothing
		}
		return !answersBetween(lines, after)
	}
	return false
}

// answersBetween: behind quoted lines there is text that is not quoted, and no signature.
func answersBetween(lines []line, i int) bool {
	quoted := false
	for ; i < len(lines); i++ {
		switch l := lines[i]; {
		case l.quoted:
			quoted = true
		case l.separator || isRule(l.text):
			return false
		case l.text != "" && quoted && !lines[i-1].quoted: // not the wrapped end of a quoted line
			return !programNote.MatchString(l.text)
		}
	}
	return false
}

func next(lines []line, i int) int {
	for i < len(lines) && lines[i].text == "" {
		i++
	}
	return i
}

func lineAt(lines []line, i int) string {
	if i < len(lines) {
		return lines[i].text
	}
	return ""
}

// isRule is a line of underscores or dashes.
func isRule(s string) bool {
	return len(s) >= 10 && (strings.Trim(s, "_") == "" || strings.Trim(s, "-") == "" || strings.Trim(s, "=") == "" || strings.Trim(s, "*") == "")
}

// isForm: around the labels there are others, which web forms have and mails have not. What was filled in is what was written.
func isForm(lines []line, i int) bool {
	const before, behind = 3, 10
	for n := max(i-before, 0); n < min(i+behind, len(lines)); n++ {
		if label, _, ok := strings.Cut(lines[n].text, ":"); ok && len(label) < 40 && formLabels[strings.ToLower(strings.Trim(label, "*_ \u00A0"))] {
			return true
		}
	}
	return false
}

// headerBlock: three of the four labels of a mail's header within eight lines, the first one here.
func headerBlock(lines []line, i int) bool {
	if i >= len(lines) || labelKind(lines[i].text) == 0 {
		return false
	}
	seen := 0
	for n := i; n < len(lines) && n < i+8; n++ {
		seen |= labelKind(lines[n].text)
	}
	return kinds(seen) >= 3 && !isForm(lines, i)
}

var (
	// original are the lines that programs put above history.
	original = regexp.MustCompile(`(?i)^[-_*=> ]{0,3}[-_*=]{2,}\s*(original message|original email|original appointment|reply message|forwarded message|forwarded by .+|` +
		`ursprüngliche nachricht|ursprüngliche mail|originalnachricht|weitergeleitete nachricht|message d'origine|message original|message transféré|mensaje original|mensaje reenviado|` +
		`mensagem original|mensagem encaminhada|messaggio originale|messaggio inoltrato|oorspronkelijk bericht|doorgestuurd bericht|ursprungligt meddelande|original meddelelse|oprindelig meddelelse|oprindelig besked|opprinnelig melding|` +
		`wiadomość oryginalna|wiadomość przekazana dalej|původní zpráva|исходное сообщение|пересылаемое сообщение|alkuperäinen viesti|原始邮件|转发邮件|原始郵件|元のメッセージ|원본 메시지|orijinal mesaj|eredeti üzenet)\s*[-_*=]*$` +
		`|(?i)^(begin forwarded message|anfang der weitergeleiteten nachricht|début du message (transféré|réexpédié)|inicio del mensaje reenviado|inizio messaggio inoltrato|vidarebefordrat brev|########## .*)\s*:?$` +
		`|(?i)^[> ]*message du ?:? \d{1,2}/\d{1,2}/\d{2,4}.{0,20}$` +
		`|(?i)^-{2,}\s*on .+ wrote\s*-{2,}$|^-{3,} ?(?i:please )?reply above this line|(?i)^#{2,}-? ?please (type your )?reply above this line|(?i)^-{2,} reply to this email above this line`)

	// day, clock and when recognise dates and times in any language.
	day   = regexp.MustCompile(`(^|\D)(19|20)\d\d(\D|$)|\d{1,2}[./-]\s?\d{1,2}[./-]\s?\d{2,4}`)
	clock = regexp.MustCompile(`(^|\D)\d{1,2}\s?[:.hH時点时]\s?\d{2}(\D|$)`)
	when  = regexp.MustCompile(`(^|\D)(19|20)\d\d\D|\d{1,2}[./-]\s?\d{1,2}[./-]\s?\d{2,4}`)

	// opens is how an introduction starts; one that goes over several lines must, or the line above it would be taken for it.
	opens = regexp.MustCompile(`(?i)^(on|at|in reply|am|vom|den|le|el|il|in data|alle|nel|em|no dia|op|w dniu|dnia|dne|pe|la|vào|[a-zåäö]{2,4}\. \d|\d{1,4}[-/. ]|quoting|[^<>]{2,60}<)`)

	// wroteBare is an introduction without its colon; a date and an address make up for it.
	wroteBare = regexp.MustCompile(`(?i)^[-* ]{0,4}on .+\d{4}.+<[^<>\s]+@[^<>\s]+> wrote$`)

	// wrote is a whole introduction of quoted text.
	wrote = regexp.MustCompile(`(?i)^[-*> ]{0,4}(` + strings.Join([]string{
		`(on|at|in reply to) .+\b(wrote|writes|said|sent)\b.*`,
		`(am|vom|den) .+\b(schrieb|geschrieben|schreibt)\b.*`,
		`le .+\b(a écrit|écrivait|écrit)\s*`,
		`el .+\b(escribió|escribio|ha escrit|va escriure).*`,
		`(il|in data|alle|nel) .+\b(ha scritto|scriveva|scrisse)\s*`,
		`(em|a|no dia) .+\b(escreveu|escreveste|escrito)\b.*`,
		`op .+\b(schreef|het volgende geschreven)\b.*`,
		`.+\b(skrev|skriver)\b.*`,
		`.+[^\pL](kirjoitti|napsala?|napísala?|írta|a scris|şunu yazdı|yazdı|đã viết)\s*(\(a\))?`,
		`.+[^\pL]kirjoitti .*\d.*`,
		`.+(napisał\(a\)|napisała?|pisze|написала?|написал\(а\)|писала?|пишет|написав|пише)\s*`,
		`.+(写道|寫道|书写|のメッセージ|書きました|님이 작성|작성|작성했습니다)\s*`,
		`.+<[^<>\s]+@[^<>\s]+>\s*(wrote|writes|schrieb|a écrit|escribió|ha scritto|escreveu|schreef|skrev)?\s*.*`,
		`.+\b(wrote|writes) (on|at|in) .+`,
		`.+\bwrote\s*`,
		`quoting .+`,
	}, "|") + `)[:：]$`)

	// dated introduces quoted text with a date and an address and no verb; it counts only right above quoted lines.
	dated = regexp.MustCompile(`^(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}|(?i:on|am|le|el|il|op) )\D*.*(<[^<>\s]+@[^<>\s]+>|[:：])\s*[:：]?$`)

	// programNote is what phones and web mailers add.
	programNote = regexp.MustCompile(`(?i)^(sent (from|with|via|using) (my |mail for|outlook|yahoo|samsung|aol|a |the |mobile|iphone|ipad|android|windows|blackberry|proton|sparrow|mailbox|airmail|superhuman|spark|front|myself)|` +
		`get outlook for|von meinem .+ gesendet|gesendet (von|mit|über) |diese nachricht wurde von meinem|envoyé (de|depuis|à partir de|avec) |` +
		`enviado (desde|do|de|via) |inviato da|(verzonden|verstuurd) (vanaf|met|vanuit) |skickat från|sendt fra|wysłane z|отправлено (с|из) |надіслано (з|із) |lähetetty |odesláno z|odoslané z|` +
		`trimis de pe |poslano (s|sa|z) |εστάλη από |küldve |saadetud minu |išsiųsta iš |nosūtīts no |iphone'?umdan|.{2,20}(から送信|より送信)|発信元|发自我的|从我的|發自我的|從我的.*傳送|나의 .+에서 보냄|` +
		`(télécharger|obtener|scarica|obter o|hämta|hent|pobierz|hanki|stáhnout) outlook (pour|para|per|för|til|dla|pro)|outlook (voor|für) .+ (downloaden|herunterladen|beziehen)$)`)
)
