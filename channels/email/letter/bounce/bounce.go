// Package bounce reads what a mail server says of a mail that it could not deliver: in the fields of RFC 3464, and in the
// words of the many servers that do not write them. It decides whom the mail did not reach, with which status, and whether
// to write there again makes sense.
package bounce

import (
	"regexp"
	"strings"
)

// Recipient is one address that a mail did not reach.
type Recipient struct {
	Address   string
	Status    string // RFC 3463, "5.1.1"; "" when nothing says it
	Permanent bool   // the address is of no use; else the mail, the moment or the sender was refused
	Delayed   bool   // it is still being tried
	Cause     string // a code: see cause
}

// most bounds what one bounce can say.
const most = 100

// Report is what the fields of a delivery status say.
type Report struct {
	Recipients []Recipient
	Delivered  bool   // it speaks of success only: it is no bounce
	OriginalID string // Original-Message-ID, without brackets
}

// ReadStatus reads the content of a message/delivery-status part, or text in which its fields stand.
func ReadStatus(text string) Report {
	var r Report
	reached := 0
	for group := range strings.SplitSeq(strings.ReplaceAll(text, "\r", ""), "\n\n") {
		f := fields(group)
		if id := f["original-message-id"]; id != "" && r.OriginalID == "" {
			r.OriginalID = strings.Trim(id, "<> ")
		}
		address := typed(f["original-recipient"])
		if !strings.Contains(address, "@") {
			address = typed(f["final-recipient"])
		}
		if !strings.Contains(address, "@") {
			for _, other := range []string{"x-actual-recipient", "remote-recipient", "diagnostic-code"} {
				if a := addressIn(f[other]); a != "" {
					address = a
					break
				}
			}
		}
		if address == "" {
			continue
		}
		action, _, _ := strings.Cut(strings.ToLower(f["action"]), " ")
		switch strings.Trim(action, ".,;()") {
		case "delivered", "relayed", "expanded":
			reached++
			continue
		}
		diagnostic := f["diagnostic-code"]
		status := better(enhanced(f["status"]), diagnostic)
		delayed := strings.HasPrefix(action, "delay")
		r.add(Recipient{address, status, permanent(status, delayed, diagnostic), delayed, cause(status, diagnostic)})
	}
	r.Delivered = reached > 0 && len(r.Recipients) == 0
	return r
}

// add adds a recipient, once.
func (r *Report) add(n Recipient) {
	for _, have := range r.Recipients {
		if strings.EqualFold(have.Address, n.Address) {
			return
		}
	}
	if len(r.Recipients) < most {
		r.Recipients = append(r.Recipients, n)
	}
}

// fields reads the fields of one group, unfolded, names in small letters.
func fields(group string) map[string]string {
	m := make(map[string]string)
	name := ""
	for line := range strings.SplitSeq(group, "\n") {
		if line != "" && (line[0] == ' ' || line[0] == '\t') && name != "" {
			m[name] += " " + strings.TrimSpace(line)
			continue
		}
		key, value, ok := strings.Cut(line, ":")
		if !ok {
			continue
		}
		name = strings.ToLower(strings.TrimSpace(key))
		if _, there := m[name]; !there {
			m[name] = strings.TrimSpace(value)
		}
	}
	return m
}

// typed reads "rfc822; ana@customer.test" (RFC 3464 section 2.3.1), with or without what it should have.
func typed(v string) string {
	if a := addressIn(v); a != "" {
		return a
	}
	if _, after, ok := strings.Cut(v, ";"); ok {
		v = after
	}
	v = strings.Trim(v, " <>\"'\t")
	if v == "" || strings.ContainsAny(v, " \t<>") || len(v) > 200 {
		return ""
	}
	return v
}

var (
	spec       = regexp.MustCompile(`[A-Za-z0-9\x{80}-\x{10FFFF}!#$%&*+/=?^_~.'{|}` + "`" + `-]+@[A-Za-z0-9\x{80}-\x{10FFFF}_-]+(\.[A-Za-z0-9\x{80}-\x{10FFFF}_-]+)*`)
	quotedSpec = regexp.MustCompile(`"[^"\s<>]{1,64}"@[A-Za-z0-9.-]+`)
	code       = regexp.MustCompile(`(?:^|[^\d.])([245]\.\d{1,3}\.\d{1,3})(?:[^\d.]|\.?$|\.\s)`)
	reply      = regexp.MustCompile(`(?:^|[^\d.:])([45][0-5]\d)(?:[ \t\-#,:;)]|$)`)
)

// addressIn finds the first address among words.
func addressIn(s string) string {
	s = s[:min(len(s), 4096)]
	a := spec.FindString(s)
	if q := quotedSpec.FindString(s); q != "" && (a == "" || !strings.Contains(q, a)) {
		return q
	}
	a = strings.TrimPrefix(strings.TrimPrefix(a, "mailto:"), "'")
	if eq := strings.IndexByte(a, '='); eq > 0 && (strings.EqualFold(a[:eq], "smtp") || strings.EqualFold(a[:eq], "rfc822")) { // X.400
		a = a[eq+1:]
	}
	return strings.Trim(a, ".'`=")
}

// enhanced finds a status code of RFC 3463.
func enhanced(s string) string {
	if m := code.FindStringSubmatch(s[:min(len(s), 4096)]); m != nil {
		return m[1]
	}
	return ""
}

// better prefers the code in the server's own words to one that says nothing (5.0.0), and makes one of its reply code when
// there is no other.
func better(status, diagnostic string) string {
	if status == "" || strings.HasSuffix(status, ".0.0") {
		if d := enhanced(diagnostic); d != "" && d[0] != '2' {
			return d
		}
	}
	if status == "" {
		if m := reply.FindStringSubmatch(diagnostic[:min(len(diagnostic), 4096)]); m != nil {
			return m[1][:1] + ".0.0"
		}
	}
	return status
}

// permanent tells whether writing to the address again is of no use. What the server says counts more than its code: many
// servers answer 5.0.0 or 550 to everything.
func permanent(status string, delayed bool, words string) bool {
	words = strings.ToLower(words[:min(len(words), 4096)])
	switch {
	case delayed:
		return false
	case strings.HasPrefix(status, "5.1.") && status != "5.1.8" && status != "5.1.7": // those two are about the sender
		return true
	case strings.HasPrefix(status, "4."):
		return false
	case passing.MatchString(words):
		return false
	case gone.MatchString(words):
		return true
	}
	switch {
	case status == "5.2.2", status == "5.2.3", status == "5.4.6", status == "5.4.7", status == "5.1.7", status == "5.1.8":
		return false
	case strings.HasPrefix(status, "5.3."), strings.HasPrefix(status, "5.5."), strings.HasPrefix(status, "5.6."), strings.HasPrefix(status, "5.7."):
		return false // the system, the protocol, the content, the policy: not the address
	}
	return true
}

var (
	// gone: nobody is there.
	gone = regexp.MustCompile(`user.{0,15}(unknown|not found|n't exist|does not exist|not exist|not known|invalid)|(unknown|invalid|no such|not a valid|nonexistent|non-existent).{0,20}(user|recipient|mailbox|account|address|person|alias)|` +
		`(recipient|mailbox|account|address|alias|adressee|addressee|name).{0,40}(unknown|not recogni[sz]ed|wrong|not found|n't exist|does not exist|not exist|invalid|no longer|is not valid|unavailable|disabled|inactive|not listed)|` +
		`no mailbox|no longer (valid|with|available|in use|accept)|has (moved|left)|host.{0,10}(unknown|not found)|domain.{0,20}(not found|not exist|n't exist|invalid)|name or service not known|unrouteable|unroutable|` +
		`no such (domain|host)|no mx|does not accept mail|null mx|nxdomain|no user|not listed in|not our (customer|user)|unbekannt|existiert nicht|n'existe pas|inconnu|desconocid|no existe|non esiste|inesistente|sconosciuto|onbekend|bestaat niet|не существует|user_unknown`)

	// passing: the moment, the mail or the sender was refused, not the address.
	passing = regexp.MustCompile(`quota|mailbox.{0,15}full|full mailbox|mailfolder is full|mailbox size|(storage|disk) (space|limit|is full|full)|insufficient|too (large|big)|too many (message|mail|recipient|connection)|exceed|spam|blacklist|block(ed|list)|black ?list|(is|are|been|ip) listed|listed (by|on|at)|reputation|policy|dmarc|\bspf\b|` +
		`dkim|virus|content (filter|reject|block)|(message|mail) content|greylist|gray?list|try (again )?later|temporar|time[d ]?out|rate limit|throttl|relay(ing)? (access )?denied|not permitted to relay|relaying|authentication required|unsolicited|voll\b|überschritten|pleine|llena|piena`)
)
