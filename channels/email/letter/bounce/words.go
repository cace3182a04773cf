package bounce

import (
	"regexp"
	"strings"
)

// Subject: the subject of a mail is one that servers give to bounces.
func Subject(s string) bool { return subject.MatchString(s) }

// Says: the text says that a mail was not delivered.
func Says(text string) bool { return failed.MatchString(text[:min(len(text), 8<<10)]) }

var subject = regexp.MustCompile(`(?i)undeliver|returned mail|returned to sender|return(ing)? message|delivery (status|failure|error|problem|report|has failed|notification|warning|delay|incomplete|failed|unsuccess)|failure notice|failure delivery|` +
	`mail (failure|failed|error|status)|mail delivery|mail could not|could not (be )?(deliver|send)|can(no|')t (be )?deliver|not (be )?delivered|non[- ]?(remis|delivery|recapit)|unzustellbar|nicht zugestellt|zustell(ung|fehler)|mail system error|` +
	`message (status|delivery|delayed|undeliver|not deliv)|no (se )?(ha podido )?entrega|não entregue|devolvid|devuelto|warning: (message|could not|mail)|failed (mail|delivery|recipient)|(automatically )?rejected|user unknown|unknown user|` +
	`unable to deliver|processing error|onbestelbaar|niet bezorgd|недоставл|не (может быть |было )?доставлен|не удалось|невозможно доставить|niedostarcz|nie można dostarczyć|nedoručiteln|olevererbar|kunde inte levereras|ikke leveres|` +
	`teslim edilemedi|配信不能|配信エラー|メール.{0,6}エラー|送信失敗|届きません|送信でき(ない|ません)|配信できま|送信エラー|未送達|退信|无法投递|投递失败|传输失败|退回|無法傳遞|반송|전송 실패|kézbesíthetetlen|échec|retour(né)? .{0,20}message|mancat[ao] consegna|impossibile (recapitare|consegnare)|error sending|bounce`)

var failed = regexp.MustCompile(`(?i)(could|can|did|does|was|were|has|have)( ?n[o']?t|not) (be |been |get )?(deliver|reach|sent|accepted|processed)|cannot (be )?(deliver|reach|send)|unable to (deliver|send|relay)|undeliver|not (be |been )?delivered|n't able to (deliver|send)|` +
	`(delivery|message|mail|e-?mail|transmission)s? .{0,40}(fail|bounced|returned|rejected|refused|delayed|postponed|error)|failed to (deliver|send|reach)|(permanent|fatal|transient|delivery) (fatal )?(error|fail)|user unknown|unknown user|no such (user|recipient|address|mailbox)|` +
	`(does not|doesn't) exist|did not( \w+)? match|not recogni[sz]ed|mailbox (is )?(full|unavailable|not found)|over quota|quota exceeded|exceed.{0,30}quota|address(es)? (failed|unknown|rejected)|recipients? .{0,30}(fail|unknown|reject|invalid|not |could)|invalid (mailbox|recipient|address|user)|` +
	`delivery attempts|not (a )?valid (user|recipient|address)|no user by that name|gave up|given up|returned to sender|smtp error|5\d\d[ -]5\.\d\.\d|` +
	`nicht (zugestellt|zustellbar|erreicht|ausgeliefert)|unzustellbar|zustellung|n'a (pas )?(pu|été)|impossible de|non remis|no (se )?(ha |han )?(pudo|podido|pudieron|entreg)|non (è|e') stato|non (recapit|consegnat)|impossibile|não (pôde|foi|pode)|nao (pode|foi)|` +
	`niet (worden )?(be|af)(zorgd|geleverd)|onbestelbaar|не (может|могло|было|удалось|доставлен)|недоставл|nie (można|mogła|udało|został)|nelze|nedoruč|kunde inte|kunne ikke|ei voitu|edilemedi|nem (lehet|sikerült)|` +
	`配信できま|配送できま|送信できま|届きませんでした|エラー|退信|无法|失败|退回|無法|失敗|실패|되지 않`)

// delays: it is still being tried.
var delays = regexp.MustCompile(`(?i)(will|shall) (be )?(continue|retr|keep|try)|will continue|attempts? will|delayed|postponed|has not yet been delivered|not yet (been )?deliver|temporary|transient (non-fatal )?error|still (being|trying)|warning( message)? only|` +
	`no action is (required|necessary)|do not need to resend|not resend|queued|wird (weiter|erneut)|verzögert|retard|seguir[áa] intentando|будет продолжать|advisory`)

// final: and yet it is over.
var final = regexp.MustCompile(`(?i)giving up|given up|gave up|not going to try|permanent|fatal error|has been in the queue too long|returned to sender|will not (be )?(retr|try)|no further|could not be delivered for|retry time(out)? (exceeded|not reached)`)

// Delayed: the text speaks of a delay, not of the end.
func Delayed(subject, text string) bool {
	text = text[:min(len(text), 8<<10)]
	return delays.MatchString(subject+"\n"+text) && !final.MatchString(text)
}

// original starts what a bounce gives back of the mail.
var original = regexp.MustCompile(`(?i)^[-=*#> ]{0,20}\s*((below this line is|this is|here is|the following is|a) (a |the )?(copy|header)|(original|returned|undelivered|unsent) (message|mail|nachricht|text|header)|(your|the) (original|undelivered|returned) (message|mail)|` +
	`(text|body|header|headers|start|contents?) of (the |your )?(original|returned|undelivered)|the (header|first \d+ lines)|message header|copy of|(mensaje|message|messaggio|mensagem) orig|ursprüngliche|unsent message|included is a copy|---- message)|^(received|return-path|x-received|delivered-to): `)

// ReadText finds the recipients in the words of a server. notRecipients are addresses that are the sender of the mail or the server
// itself. returnedTo is whom the mail that is given back was for, as far as known: it is asked when the words name nobody.
func ReadText(subject, text string, notRecipients, returnedTo []string) []Recipient {
	lines := strings.Split(text[:min(len(text), 64<<10)], "\n")
	const look = 600
	lines = lines[:min(len(lines), look)]
	for i, l := range lines {
		if i > 0 && original.MatchString(strings.TrimSpace(l)) {
			lines = lines[:i]
			break
		}
	}
	w := words{lines: lines, not: notRecipients, delayed: Delayed(subject, text)}
	for _, find := range []func(string) string{named, first, w.inSentence, aliased} {
		if w.collect(find); len(w.found.Recipients) > 0 {
			return w.found.Recipients
		}
	}
	if a := addressIn(subject); a != "" && !w.excluded(a) {
		w.add(a, 0, len(lines))
		return w.found.Recipients
	}
	for _, a := range returnedTo {
		if !w.excluded(a) {
			w.add(a, 0, len(lines))
		}
	}
	return w.found.Recipients
}

type words struct {
	lines   []string
	not     []string
	delayed bool
	found   Report
}

// collect takes the addresses of the lines in which find sees one; what stands between two of them is about the first.
func (w *words) collect(find func(string) string) {
	type hit struct {
		at      int
		address string
	}
	var hits []hit
	for i, l := range w.lines {
		if a := find(l); a != "" && !w.excluded(a) && len(hits) < most {
			hits = append(hits, hit{i, a})
		}
	}
	for n, h := range hits {
		to := len(w.lines)
		if n+1 < len(hits) {
			to = hits[n+1].at
		}
		if to == h.at+1 { // a list: what is said of them stands below it, or above
			to = len(w.lines)
		}
		w.add(h.address, h.at, to)
	}
}

func (w *words) add(address string, from, to int) {
	const about = 12
	said := strings.Join(w.lines[from:min(to, from+about)], "\n")
	status := better(enhanced(said), said)
	if status == "" {
		if !gone.MatchString(strings.ToLower(said)) && !passing.MatchString(strings.ToLower(said)) {
			said = w.whole()
		}
		status = better(enhanced(w.whole()), w.whole())
	}
	delayed := w.delayed && !strings.HasPrefix(status, "5")
	w.found.add(Recipient{address, status, permanent(status, delayed, said), delayed, cause(status, said)})
}

// whole gives all words but the subject of the mail that came back.
func (w *words) whole() string {
	var b strings.Builder
	for _, l := range w.lines {
		if !strings.HasPrefix(strings.ToLower(strings.TrimSpace(l)), "subject:") {
			b.WriteString(l + "\n")
		}
	}
	return b.String()
}

// excluded: it is not an address that a mail was sent to.
func (w *words) excluded(a string) bool {
	local, _, _ := strings.Cut(strings.ToLower(a), "@")
	switch local {
	case "postmaster", "mailer-daemon", "abuse", "helpdesk", "hostmaster":
		return true
	}
	for _, n := range w.not {
		if strings.EqualFold(n, a) {
			return true
		}
	}
	return false
}

var (
	label      = regexp.MustCompile(`(?i)(?:dda:smtp|final-recipient|original-recipient|failed recipients?|recipients?(?: address)?|rcpt to|addressee|destinat[a-z]+|empfänger(?:adresse)?|получатель|intended recipient|undeliverable address|e-?mail address|user name|送信先(?:メール)?アドレス|宛先|受信者|收件人)\s*[:=;：]\s*(.*)`)
	opening    = regexp.MustCompile("^[\\s>*\\-•\"'<(\\[`]*(?:(?:smtp|rfc822|mailto|to|user|address|address(?:ee)?|mailbox|account|recipient)[:; ]\\s*)?[<\"'(\\[]*$")
	notThem    = regexp.MustCompile(`(?i)\b(from|sender|message-id|message id|in-reply-to|reply-to|references|contact|write to|e-?mail us|mail to|reply to|call|help|support|administrator|postmaster|return-path|mail from)\b[^@]{0,60}$`)
	addressing = regexp.MustCompile(`(?i)\b(to|for|recipient|user|address|mailbox|account|an|für|à|para|per|addressee|delivered to|utente|utilisateur|usuario)\W{1,6}$`)
)

// named: "Final-Recipient: …", "RCPT TO:<…>", "Failed Recipient: …".
func named(line string) string {
	line = line[:min(len(line), 1000)]
	if m := label.FindStringSubmatch(line); m != nil {
		return addressIn(m[1])
	}
	return ""
}

// first: the address opens the line.
func first(line string) string {
	line = line[:min(len(line), 1000)]
	a := addressIn(line)
	if a == "" {
		return ""
	}
	before, after, _ := strings.Cut(line, a)
	if !opening.MatchString(before) {
		return ""
	}
	if after = strings.Trim(after, " \t>\"')].,;`"); strings.HasPrefix(strings.ToLower(after), "wrote") {
		return ""
	}
	return a
}

// inSentence: the line says that something was not delivered to the address, or names it as one to whom.
func (w *words) inSentence(line string) string {
	line = line[:min(len(line), 1000)]
	const each = 5
	for _, at := range spec.FindAllStringIndex(line, each) {
		a, before := addressIn(line[at[0]:]), line[:at[0]]
		if a == "" || w.excluded(a) || notThem.MatchString(before) {
			continue
		}
		low := strings.ToLower(line)
		if failed.MatchString(line) || gone.MatchString(low) || passing.MatchString(low) || addressing.MatchString(before) {
			return a
		}
	}
	return ""
}

// aliased: "(generated from ana@customer.test)" below an address that is not told.
func aliased(line string) string {
	if _, after, ok := strings.Cut(line[:min(len(line), 1000)], " from "); ok && strings.Contains(line, "(") {
		return addressIn(after)
	}
	return ""
}
