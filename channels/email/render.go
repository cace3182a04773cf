package email

import (
	"bytes"
	"errors"
	"fmt"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	gomail "github.com/wneessen/go-mail"

	"github.com/centralita/centralita/channels/email/letter"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// file is an attachment with its content at hand.
type file struct {
	*deskpb.Attachment
	data []byte
}

// render writes a reply as a mail. It is pure: the same reply always gives the same bytes, so that a copy that is sent
// again is recognised as the same by whoever gets both.
func (c *Connector) render(out desk.Outbound, files []file) ([]byte, error) {
	if len(out.ThreadKeys) == 0 {
		return nil, errors.New("the reply has no Message-ID of its own")
	}
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithCharset(gomail.CharsetUTF8))
	id := strings.Trim(strings.TrimPrefix(out.ThreadKeys[0], keyPrefix), "<>")
	m.SetMessageIDWithValue(id)
	m.SetDateWithValue(out.RequestedAt.UTC())
	m.FromMailAddress(&mail.Address{Name: c.fromName(out.AgentName), Address: c.config.Address})
	to, err := mailAddresses(out.To)
	if err != nil {
		return nil, err
	}
	cc, err := mailAddresses(out.Cc)
	if err != nil {
		return nil, err
	}
	if _, err := mailAddresses(out.Bcc); err != nil { // they are in the envelope alone
		return nil, err
	}
	m.ToMailAddress(to...)
	if len(cc) > 0 {
		m.CcMailAddress(cc...)
	}
	m.Subject(headerText(out.Subject, 500))
	answered, refs := references(out, id)
	if answered != "" {
		m.SetGenHeader(gomail.HeaderInReplyTo, "<"+answered+">")
	}
	if len(refs) > 0 {
		m.SetGenHeader(gomail.HeaderReferences, "<"+strings.Join(refs, "> <")+">")
	}
	if err := setBody(m, out.Body, files); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if _, err := m.WriteTo(&b); err != nil {
		return nil, fmt.Errorf("write the mail: %w", err)
	}
	return fixBoundaries(b.Bytes(), id), nil
}

// fromName is "Anna at Firma", or only the one that is known.
func (c *Connector) fromName(agent string) string {
	desk := c.config.FromName
	if desk == "" {
		desk = c.env.Name
	}
	agent, desk = personName(agent), personName(desk)
	switch {
	case agent == "":
		return desk
	case desk == "":
		return agent
	}
	return agent + " at " + desk
}

// personName takes out of a name what trips filters or breaks headers.
func personName(s string) string {
	return headerText(strings.Map(func(r rune) rune {
		if strings.ContainsRune("<>@\"\\", r) {
			return -1
		}
		return r
	}, s), 100)
}

// headerText makes one line of at most n bytes: nothing in it can start another header.
func headerText(s string, n int) string {
	s = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(s, ""), func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r)
	}), " ")
	for len(s) > n {
		_, size := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-size]
	}
	return s
}

func mailAddresses(list []*deskpb.Address) ([]*mail.Address, error) {
	var all []*mail.Address
	for _, a := range list {
		addr := strings.TrimSpace(a.GetAddress())
		parsed, err := mail.ParseAddress("<" + addr + ">")
		if err != nil || strings.ContainsFunc(addr, unicode.IsControl) || strings.HasSuffix(addr, "@invalid") {
			return nil, fmt.Errorf("%q is not an address that mail can be sent to", headerText(addr, 200))
		}
		parsed.Name = personName(a.GetName())
		all = append(all, parsed)
	}
	return all, nil
}

// references gives what the reply answers and its chain: the conversation's anchor first, then the chain so far. A long
// chain loses its middle (RFC 5322 section 3.6.4 asks for all, RFC 5537 section 3.4.4 tells what to keep).
func references(out desk.Outbound, id string) (answered string, refs []string) {
	const first, last = 3, 20
	add := func(key string) {
		ref, ok := strings.CutPrefix(key, keyPrefix)
		if ok && ref != "" && ref != id && len(ref) <= 250 && !strings.ContainsAny(ref, "<> \t\r\n") && !slices.Contains(refs, ref) {
			refs = append(refs, ref)
		}
	}
	if len(out.ThreadKeys) > 1 {
		add(out.ThreadKeys[1])
	}
	for _, key := range out.References {
		add(key)
	}
	if ref, ok := strings.CutPrefix(out.InReplyTo, keyPrefix); ok && !strings.ContainsAny(ref, "<> \t\r\n") {
		answered = ref
		refs = slices.DeleteFunc(refs, func(r string) bool { return r == ref })
		add(out.InReplyTo)
	}
	if len(refs) > first+last {
		refs = slices.Concat(refs[:first], refs[len(refs)-last:])
	}
	return answered, refs
}

func setBody(m *gomail.Msg, body *deskpb.Body, files []file) error {
	text, html := body.GetText(), body.GetHtml()
	if text == "" && html != "" {
		text = letter.HTMLText(html)
	}
	m.SetBodyString(gomail.TypeTextPlain, text)
	if html != "" {
		// Images on the network were held back for whoever reads in the workspace; the contact is to see them.
		html = strings.ReplaceAll(html, " "+letter.RemoteAttr+"=", " src=")
		m.AddAlternativeString(gomail.TypeTextHTML, html)
	}
	for _, f := range files {
		name := f.GetName()
		if name == "" {
			name = "attachment"
		}
		opts := []gomail.FileOption{gomail.WithFileName(shortName(name)), gomail.WithFileContentType(mediaType(f.GetMediaType()))}
		if f.GetInline() && f.GetContentId() != "" && html != "" {
			opts = append(opts, gomail.WithFileContentID("<"+f.GetContentId()+">"))
			if err := m.EmbedReader(name, bytes.NewReader(f.data), opts...); err != nil {
				return fmt.Errorf("embed %s: %w", name, err)
			}
			continue
		}
		if err := m.AttachReader(name, bytes.NewReader(f.data), opts...); err != nil {
			return fmt.Errorf("attach %s: %w", name, err)
		}
	}
	return nil
}

// shortName keeps a file name on one header line: the builder does not fold it.
func shortName(name string) string {
	const most = 60
	runes := []rune(headerText(name, 400))
	if len(runes) <= most {
		return string(runes)
	}
	dot := slices.Index(runes[len(runes)-10:], '.')
	if dot < 0 {
		return string(runes[:most])
	}
	ext := runes[len(runes)-10+dot:]
	return string(runes[:most-len(ext)]) + string(ext)
}

var mediaTypeForm = regexp.MustCompile(`^[a-z0-9.+-]{1,60}/[a-z0-9.+-]{1,80}$`)

func mediaType(s string) gomail.ContentType {
	s = strings.ToLower(s)
	if !mediaTypeForm.MatchString(s) {
		return gomail.TypeAppOctetStream
	}
	return gomail.ContentType(s)
}

var boundaryForm = regexp.MustCompile(`boundary=([0-9a-f]{60})\r\n`)

// fixBoundaries replaces the builder's random boundaries by ones that follow from the Message-ID.
func fixBoundaries(raw []byte, id string) []byte {
	for i, match := range boundaryForm.FindAllSubmatch(raw, -1) {
		raw = bytes.ReplaceAll(raw, match[1], []byte(digest(40, "boundary", id, string(rune('0'+i)))))
	}
	return raw
}

// SanitizeHTML makes HTML that an agent wrote harmless before it is kept; what cannot be made harmless becomes empty, and
// the text beside it stands.
func SanitizeHTML(html string) string {
	clean, err := letter.Sanitize(html)
	if err != nil {
		return ""
	}
	return clean
}
