package trust

import (
	"strings"

	"github.com/centralita/centralita/channels/email/letter"
	"github.com/centralita/centralita/proto/deskpb"
)

// Why the sender counts as he does.
const (
	ReasonProved     = "proved"      // a method passed for the sender's own domain
	ReasonRefuted    = "refuted"     // a method failed
	ReasonUnproved   = "unproved"    // it was looked at, and nothing spoke for the sender
	ReasonNoServer   = "no_server"   // no server that is trusted said anything
	ReasonNotSigned  = "not_signed"  // mail that came to us directly bears no signature of its domain
	ReasonNoAnswer   = "no_answer"   // the keys could not be looked up at that moment
	ReasonSeveral    = "several"     // it names several senders
	ReasonNoSender   = "no_sender"   // it names none
	ReasonOtherReply = "other_reply" // what was proved is From; it asks to answer somebody else, who counts as the sender
)

const (
	verified = deskpb.SenderVerdict_SENDER_VERDICT_VERIFIED
	failed   = deskpb.SenderVerdict_SENDER_VERDICT_FAILED
	unknown  = deskpb.SenderVerdict_SENDER_VERDICT_UNKNOWN
)

// Stated judges by what a trusted server wrote. servers are the authserv-ids that count, in lower case.
func Stated(m *letter.Mail, servers []string) *deskpb.SenderCheck {
	seen := Server(m.Header)
	domain, why := senderDomain(m)
	said, ok := topmost(m.Header, servers)
	switch {
	case !ok:
		return &deskpb.SenderCheck{Verdict: unknown, Reason: ReasonNoServer, Server: seen}
	case why != "":
		return &deskpb.SenderCheck{Verdict: failed, Reason: why, Server: said.server}
	}
	c := judge(said.results, domain)
	c.Server = said.server
	return c
}

// judge weighs the results: DMARC says it all; without it a signature or an envelope of the sender's own domain does.
func judge(results []result, domain string) *deskpb.SenderCheck {
	best := &deskpb.SenderCheck{Verdict: failed, Reason: ReasonUnproved, Domain: domain}
	later := false
	for _, r := range results {
		who := ""
		switch r.method {
		case "dmarc":
			who = domain
			if from := r.props["header.from"]; from != "" && !strings.EqualFold(from, domain) && !aligned(from, domain) {
				continue // of another sender
			}
		case "dkim":
			if who = r.props["header.d"]; who == "" {
				who = afterAt(r.props["header.i"])
			}
		case "spf":
			if who = afterAt(r.props["smtp.mailfrom"]); who == "" {
				who = afterAt(r.props["smtp.helo"])
			}
		default:
			continue
		}
		mine := aligned(who, domain)
		switch r.value {
		case "pass", "bestguesspass":
			if mine && best.Method != "dmarc" {
				best = &deskpb.SenderCheck{Verdict: verified, Reason: ReasonProved, Method: r.method, Domain: strings.ToLower(who)}
			}
		case "fail", "hardfail", "softfail", "permerror", "policy":
			if r.method == "dmarc" && r.value != "permerror" || best.Verdict != verified && best.Method == "" && (mine || who == "") {
				best = &deskpb.SenderCheck{Verdict: failed, Reason: ReasonRefuted, Method: r.method, Domain: domain}
			}
		case "temperror":
			later = later || mine || who == "" || r.method == "dmarc"
		}
	}
	if best.Verdict == failed && best.Method == "" && later {
		return &deskpb.SenderCheck{Verdict: unknown, Reason: ReasonNoAnswer, Domain: domain}
	}
	return best
}

// senderDomain is the domain of the one sender a mail names.
func senderDomain(m *letter.Mail) (domain, why string) {
	if m.From == nil || !strings.Contains(m.From.Address, "@") {
		return "", ReasonNoSender
	}
	if m.Header.Count("From") > 1 || m.Senders > 1 {
		return "", ReasonSeveral
	}
	return strings.ToLower(afterAt(m.From.Address)), ""
}

func afterAt(address string) string {
	return strings.ToLower(strings.Trim(address[strings.LastIndexByte(address, '@')+1:], "<>\" "))
}

// aligned: the same domain, or one of them below the other (RFC 7489 section 3.1 calls it relaxed; without a list of public
// suffixes no wider than that is safe).
func aligned(a, b string) bool {
	a, b = strings.ToLower(strings.TrimSuffix(a, ".")), strings.ToLower(strings.TrimSuffix(b, "."))
	if a == "" || b == "" || !strings.Contains(a, ".") || !strings.Contains(b, ".") || houseless(a) || houseless(b) {
		return false
	}
	return a == b || strings.HasSuffix(a, "."+b) || strings.HasSuffix(b, "."+a)
}

// houseless: co.uk and the like, below which strangers live side by side.
func houseless(domain string) bool {
	first, last, two := strings.Cut(domain, ".")
	return two && !strings.Contains(last, ".") && len(last) == 2 && (len(first) <= 2 || first == "com" || first == "org" || first == "net" || first == "gov" || first == "edu")
}

// ForParty is the verdict on whom the desk takes for the sender: another than From, if the mail asks to answer somebody else.
func ForParty(c *deskpb.SenderCheck, m *letter.Mail, party string) *deskpb.SenderCheck {
	if c.GetVerdict() != verified || m.From == nil || strings.EqualFold(m.From.Address, party) || aligned(afterAt(party), afterAt(m.From.Address)) {
		return c
	}
	return &deskpb.SenderCheck{Verdict: unknown, Reason: ReasonOtherReply, Method: c.Method, Domain: c.Domain, Server: c.Server}
}

// Server is the server that made the topmost statement of a mail, trusted or not: what an administrator may want to trust. "" when
// there is none above the second trace field, below which it is a stranger's for certain.
func Server(h letter.Header) string {
	traces := 0
	for _, f := range h {
		switch {
		case strings.EqualFold(f.Name, "Received"):
			if host := receivedBy(string(f.Value)); host != "" && !strings.Contains(host, ":") && !numeric(host) {
				traces++
			}
			if traces > 1 {
				return ""
			}
		case strings.EqualFold(f.Name, "Authentication-Results"):
			server, _, ok := parseResults(string(f.Value))
			if !ok || len(server) > 255 {
				return ""
			}
			return server
		}
	}
	return ""
}

// Spam tells whether a trusted server has marked a mail as spam, and how.
func Spam(h letter.Header, servers []string) (field string, marked bool) {
	if len(servers) == 0 {
		return "", false
	}
	for _, f := range ours(h, servers) {
		v := strings.ToLower(strings.TrimSpace(string(f.Value)))
		switch strings.ToLower(f.Name) {
		case "x-spam-flag", "x-spam":
			marked = strings.HasPrefix(v, "yes") || v == "true"
		case "x-spam-status":
			marked = strings.HasPrefix(v, "yes")
		case "x-microsoft-antispam", "x-forefront-antispam-report":
			marked = strings.Contains(";"+strings.ReplaceAll(v, " ", ""), ";sfv:spm") // the filter's verdict: spam
		case "x-rspamd-action":
			marked = v == "reject" || v == "add header" || v == "rewrite subject"
		}
		if marked {
			return f.Name, true
		}
	}
	return "", false
}
