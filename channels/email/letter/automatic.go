package letter

import (
	"regexp"
	"strings"
)

// maxReceived is how many relays a mail may have passed before it must be going round in circles.
const maxReceived = 50

// automatic says whether a machine wrote the mail, from what machines say of themselves (RFC 3834, RFC 3464, RFC 5965,
// RFC 8098, RFC 2369 and habits of responders). root may be nil.
func automatic(m *Mail, root *part) string {
	h := m.Header
	kind, params := parseParams(h.Get("Content-Type"))
	report := strings.ToLower(string(params["report-type"]))
	switch {
	case kind == "multipart/report" && (report == "feedback-report" || report == "disposition-notification"):
		return Report
	case isBounce(m, kind, report, root):
		return Bounce
	case answersItself(h):
		return AutoReply
	case isList(h):
		return List
	case h.Has("Return-Path") && string(h.Get("Return-Path")) == "<>", h.Count("Received") > maxReceived, machineSender(m):
		return AutoReply
	}
	return ""
}

func isBounce(m *Mail, kind, report string, root *part) bool {
	h := m.Header
	if kind == "multipart/report" && (report == "delivery-status" || report == "") || h.Has("X-Failed-Recipients") {
		return true
	}
	status := false
	if root != nil {
		root.walk(func(p *part) { status = status || p.kind == "message/delivery-status" })
	}
	if status {
		return true
	}
	null := h.Has("Return-Path") && string(h.Get("Return-Path")) == "<>"
	return daemonSender(m) && (null || bounceSubject.MatchString(m.Subject))
}

var bounceSubject = regexp.MustCompile(`(?i)undeliver|returned mail|delivery (status|failure|error|problem|report|has failed|notification)|failure notice|mail delivery|` +
	`could not be delivered|not delivered|non[- ]?remis|unzustellbar|nicht zugestellt|mail system error|message status|delivery incomplete|` +
	`no entregad|non recapitat|warning: (message|could not send)|failed (mail|delivery)|rejected`)

func localPart(m *Mail) string {
	if m.From == nil {
		return ""
	}
	local, _, _ := strings.Cut(strings.ToLower(m.From.Address), "@")
	return local
}

func daemonSender(m *Mail) bool {
	switch localPart(m) {
	case "mailer-daemon", "postmaster", "mail-daemon", "mailerdaemon", "mailer_daemon", "mdaemon", "mmdf", "autosys", "bounce", "bounces", "uucp":
		return true
	}
	return strings.HasPrefix(localPart(m), "mailer-daemon")
}

func machineSender(m *Mail) bool {
	switch localPart(m) {
	case "no-reply", "noreply", "no_reply", "donotreply", "do-not-reply", "do_not_reply", "mailer-daemon", "postmaster":
		return true
	}
	return false
}

// answersItself: vacation notes, receipts and other answers by machine.
func answersItself(h Header) bool {
	if v := strings.ToLower(string(h.Get("Auto-Submitted"))); v != "" {
		v, _, _ = strings.Cut(v, ";")
		if v = strings.TrimSpace(v); v != "no" && v != "" {
			return true
		}
	}
	for _, name := range []string{"X-Autoreply", "X-Autorespond", "X-Autoreply-From", "X-Auto-Reply-From", "X-Mail-Autoreply", "X-MS-Exchange-Inbox-Rules-Loop"} {
		if h.Has(name) && !strings.EqualFold(string(h.Get(name)), "no") {
			return true
		}
	}
	for v := range strings.SplitSeq(string(h.Get("X-Auto-Response-Suppress")), ",") {
		switch strings.ToLower(strings.TrimSpace(v)) {
		case "dr", "oof", "autoreply", "all":
			return true
		}
	}
	switch strings.ToLower(string(h.Get("Precedence"))) {
	case "auto_reply", "auto-reply":
		return true
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
