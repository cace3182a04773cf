package letter

import (
	"regexp"
	"strings"

	"github.com/centralita/centralita/channels/email/letter/bounce"
)

// maxReceived is how many relays a mail may have passed before it must be going round in circles.
const maxReceived = 50

// Circles: the mail has passed so many relays that it must be going round.
func (m *Mail) Circles() bool { return m.Header.Count("Received") > maxReceived }

// automatic says whether a machine wrote the mail, from what machines say of themselves (RFC 3834, RFC 3464, RFC 5965,
// RFC 8098, RFC 2369 and habits of responders). root may be nil.
func automatic(m *Mail, root *part) string {
	h := m.Header
	kind, params := parseParams(h.Get("Content-Type"))
	report := strings.ToLower(string(params["report-type"]))
	switch {
	case kind == "multipart/report" && report == "feedback-report":
		return m.report(Complaint, root)
	case isBounce(m, kind, report, root):
		if m.Bounce = m.returned(root); m.Bounce == nil {
			return Report // of success
		}
		return Bounce
	case kind == "multipart/report" && report == "disposition-notification", m.hasPart(root, "message/disposition-notification"):
		return m.report(Receipt, root)
	case answersItself(h), awaySubject.MatchString(m.Subject):
		return AutoReply
	case isList(h):
		return List
	case nullPath(h), h.Count("Received") > maxReceived, machineSender(m):
		return AutoReply
	}
	return ""
}

func isBounce(m *Mail, kind, report string, root *part) bool {
	h := m.Header
	switch {
	case kind == "multipart/report" && (report == "delivery-status" || report == ""), h.Has("X-Failed-Recipients"), m.hasPart(root, "message/delivery-status"):
		return true
	case kind == "multipart/report" && report == "disposition-notification": // how some servers refuse (RFC 5429 section 2.1)
		return strings.Contains(strings.ToLower(string(h.Get("Auto-Submitted"))), "reject")
	}
	if daemonSender(m) {
		return nullPath(h) || bounce.Subject(m.Subject) || bounce.Says(m.Text)
	}
	if len(m.InReplyTo) > 0 || !nullPath(h) && !bounce.Subject(m.Subject) || !bounce.Says(m.Text) {
		return false
	}
	// A server that gives itself another name. People write about bounces too: it must name whom it did not reach, or give
	// the mail back.
	return len(bounce.ReadText("", m.Text, m.notRecipients(), nil)) > 0 || m.hasPart(root, "message/rfc822")
}

func nullPath(h Header) bool { return h.Has("Return-Path") && string(h.Get("Return-Path")) == "<>" }

// hasPart: there is a part of the media type.
func (m *Mail) hasPart(root *part, kind string) bool {
	has := false
	if root != nil {
		root.walk(func(p *part) { has = has || p.kind == kind })
	}
	return has
}

func localPart(m *Mail) string {
	if m.From == nil {
		return ""
	}
	local, _, _ := strings.Cut(strings.ToLower(m.From.Address), "@")
	return strings.Trim(local, `"\\'`)
}

func daemonSender(m *Mail) bool {
	if m.From == nil {
		return false
	}
	switch localPart(m) {
	case "mailer-daemon", "postmaster", "mail-daemon", "mailerdaemon", "mailer_daemon", "mdaemon", "mmdf", "autosys", "bounce", "bounces", "uucp", "ndr", "mail-delivery", "maildelivery", "system administrator", "mailadmin", "post_master", "mailsystem", "mail-system":
		return true
	}
	return strings.HasPrefix(localPart(m), "mailer-daemon") || strings.Contains(strings.ToLower(m.From.Name), "mail delivery s")
}

func machineSender(m *Mail) bool {
	switch localPart(m) {
	case "no-reply", "noreply", "no_reply", "donotreply", "do-not-reply", "do_not_reply", "mailer-daemon", "postmaster":
		return true
	}
	return false
}

// awaySubject is how mail programs name the answers they give by themselves, when a relay took their header fields away.
var awaySubject = regexp.MustCompile(`(?i)^\s*(automatic reply|auto ?-?reply|autoreply|out of (the )?office( auto ?reply| reply)?|automatische antwort|abwesenheitsnotiz|abwesend|réponse automatique|absent du bureau|respuesta automática|fuera de la oficina|` +
	`risposta automatica|fuori sede|resposta automática|fora do escritório|automatisch antwoord|afwezig|autosvar|automatiskt svar|automatisk svar|automaattinen vastaus|automatyczna odpowiedź|automatická odpověď|automatikus válasz|răspuns automat|` +
	`автоматический ответ|автоматична відповідь|otomatik yanıt|αυτόματη απάντηση|自動応答|自動返信|自动答复|自动回复|自動回覆|자동 회신)\s*[:：]`)

// Answers: the mail says that it answers another by machine, as away notes do. What a machine wrote of its own accord does not: alerts, forms
// and receipts are marked as automatic, too, and somebody has to read them.
func (m *Mail) Answers() bool {
	return m.Automatic == AutoReply && (awaySubject.MatchString(m.Subject) || saysItAnswers(m.Header))
}

func saysItAnswers(h Header) bool {
	if submitted(h) == "auto-replied" {
		return true
	}
	for _, name := range responders {
		if h.Has(name) && !strings.EqualFold(string(h.Get(name)), "no") {
			return true
		}
	}
	switch strings.ToLower(string(h.Get("Precedence"))) {
	case "auto_reply", "auto-reply":
		return true
	}
	return false
}

// responders are what programs call the field by which they say that they answer.
var responders = []string{"X-Autoreply", "X-Autorespond", "X-Autoreply-From", "X-Auto-Reply-From", "X-Mail-Autoreply"}

// submitted is the word of Auto-Submitted (RFC 3834 section 5), "" for a person's.
func submitted(h Header) string {
	v := strings.TrimSpace(strings.ToLower(string(h.Get("Auto-Submitted"))))
	if end := strings.IndexAny(v, "; \t(\r\n"); end >= 0 { // parameters, a comment
		v = v[:end]
	}
	if v == "no" {
		return ""
	}
	return v
}

// answersItself: vacation notes, receipts and other answers by machine.
func answersItself(h Header) bool {
	if submitted(h) != "" || saysItAnswers(h) {
		return true
	}
	if h.Has("X-MS-Exchange-Inbox-Rules-Loop") && !strings.EqualFold(string(h.Get("X-MS-Exchange-Inbox-Rules-Loop")), "no") {
		return true // a rule of a mailbox: it answers, or it passes on
	}
	for v := range strings.SplitSeq(string(h.Get("X-Auto-Response-Suppress")), ",") {
		switch strings.ToLower(strings.TrimSpace(v)) {
		case "dr", "oof", "autoreply", "all":
			return true
		}
	}
	return false
}

func isList(h Header) bool {
	switch strings.ToLower(string(h.Get("Precedence"))) {
	case "bulk", "junk", "list":
		return true
	}
	return h.Has("List-Id") || h.Has("List-Unsubscribe") || h.Has("Feedback-ID")
}
