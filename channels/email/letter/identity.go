package letter

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
)

// messageIDs reads a list of ids; malformed ones are left out, they would join what does not belong together.
func messageIDs(value []byte, most int) []string {
	var ids []string
	add := func(id string) {
		if id = goodID(id); id != "" && len(ids) < most {
			ids = append(ids, id)
		}
	}
	rest := string(value)
	if !strings.Contains(rest, "<") {
		for _, w := range strings.Fields(rest) {
			if strings.Contains(w, "@") {
				add(w)
			}
		}
		return ids
	}
	for len(ids) < most {
		_, after, ok := strings.Cut(rest, "<")
		if !ok {
			break
		}
		id, more, ok := strings.Cut(after, ">")
		if !ok {
			break
		}
		add(id)
		rest = more
	}
	return ids
}

// goodID trims an id and checks that it can be one: RFC 5322 section 3.6.4 wants left and right of an "@"; a long one
// without it is borne. "" when it is not good.
func goodID(id string) string {
	id = strings.TrimSpace(id)
	id = strings.NewReplacer("\t", "", " ", "").Replace(id) // folded inside
	const short, long = 3, 250
	if len(id) < short || len(id) > long {
		return ""
	}
	for i := range len(id) {
		if c := id[i]; c <= ' ' || c >= 0x7F || c == '<' || c == '>' {
			return ""
		}
	}
	at := strings.LastIndexByte(id, '@')
	if at == 0 || at == len(id)-1 || at < 0 && len(id) < 16 {
		return ""
	}
	return id
}

func firstID(values ...[]byte) string {
	for _, v := range values {
		if ids := messageIDs(v, 1); len(ids) > 0 {
			return ids[0]
		}
	}
	if v := string(bytes.TrimSpace(values[0])); v != "" && !strings.ContainsAny(v, " \t<>") {
		return goodID(v)
	}
	return ""
}

// contentKey is the same for the same mail however it travelled: sender, date, subject, id and body, but not what
// servers add or change on the way (trace fields, line ends, blank lines at the end). Message-IDs alone are not enough:
// "send again" and templates use them twice.
func contentKey(m *Mail, body []byte) string {
	h := sha256.New()
	part := func(b []byte) {
		h.Write([]byte(strconv.Itoa(len(b)) + ":"))
		h.Write(b)
	}
	from := ""
	if m.From != nil {
		from = strings.ToLower(m.From.Address)
	}
	part([]byte(from))
	part(bytes.Join(bytes.Fields(m.Header.Get("Date")), []byte(" ")))
	part([]byte(m.Subject))
	part([]byte(m.MessageID))
	part(bytes.TrimRight(bytes.ReplaceAll(body, []byte("\r"), nil), "\n"))
	sum := hex.EncodeToString(h.Sum(nil))
	if m.MessageID == "" {
		return sum[:40] + "@generated"
	}
	return m.MessageID + "#" + sum[:16]
}

// returnedIDs finds the Message-ID of the mail that a bounce encloses, whole or as its header.
func returnedIDs(root *part) []string {
	var ids []string
	root.walk(func(p *part) {
		switch p.kind {
		case "message/rfc822", "text/rfc822-headers", "message/rfc822-headers":
			header, _ := splitHeader(trimLead(p.content()), 256<<10)
			if id := firstID(header.Get("Message-ID")); id != "" && len(ids) < 5 {
				ids = append(ids, id)
			}
		}
	})
	return ids
}

func (p *part) walk(f func(*part)) {
	f(p)
	for _, c := range p.children {
		c.walk(f)
	}
}
