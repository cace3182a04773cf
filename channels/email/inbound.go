package email

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"runtime/debug"
	"strings"
	"unicode/utf8"

	"github.com/centralita/centralita/channels/email/letter"
	"github.com/centralita/centralita/channels/email/thread"
	"github.com/centralita/centralita/channels/email/trust"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// read makes an item of a mail: it stores the raw bytes first, so that whatever happens next the mail is not lost, then
// reads it and stores its attachments. All nil: it is a mail of ours that came back.
func (c *Connector) read(ctx context.Context, item string, f *fetched) (in *desk.Inbound, aside *desk.Quarantined, err error) {
	raw := f.blob
	defer func() {
		if v := recover(); v != nil {
			c.env.Logger.Error("reading a mail panicked", "item", item, "panic", v, "stack", string(debug.Stack()))
			in, err = nil, nil
			aside = &desk.Quarantined{Item: item, Cause: "reading it failed: a fault of ours", RawBlob: raw, Summary: firstLines(f.raw)}
		}
	}()
	if raw == "" && !f.large {
		raw, _, err = c.env.Blobs.Put(ctx, bytes.NewReader(f.raw), int64(len(f.raw)))
		if err != nil {
			return nil, nil, fmt.Errorf("store %s: %w", item, err)
		}
	}
	m := c.parse(f)
	if c.isOurs(m) {
		c.count("sighting")
		return nil, nil, nil
	}
	fit(m, c.tune.limits)
	body := &deskpb.Body{Text: m.Text, Html: m.HTML, FreshTextBytes: uint32(m.FreshTextBytes)}
	for _, a := range m.Attachments {
		hash, size, err := c.env.Blobs.Put(ctx, bytes.NewReader(a.Data), int64(len(a.Data)))
		if err != nil {
			return nil, nil, fmt.Errorf("store an attachment of %s: %w", item, err)
		}
		body.Attachments = append(body.Attachments, &deskpb.Attachment{
			Blob: hash, Name: a.Name, MediaType: a.MediaType, Size: size, Inline: a.Inline, ContentId: a.ContentID,
		})
	}
	in = c.inbound(m, body, raw, f.to)
	in.Message.CameAt = f.came
	_, in.Message.SpamMark = trust.Spam(m.Header, c.config.Trusted)
	in.Message.Sender = c.checkSender(ctx, m, f, in.Message.From.Address)
	in.Message.Forward = c.forward(m, in.Message.Sender.GetVerdict())
	in.Message.Copy = c.copied(m, in.Message)
	return in, nil, nil
}

// parse reads a mail, and never too many at once: that takes memory, more than the mail has.
func (c *Connector) parse(f *fetched) *letter.Mail {
	c.parses <- struct{}{}
	defer func() { <-c.parses }()
	m, noMail := parse(f.raw, f.size, f.large, c.tune.limits)
	if noMail != nil {
		return letter.Headless(f.raw, c.tune.limits)
	}
	return m
}

// fit leaves out what is more than the desk takes of a mail, and says so; the raw mail has it all. Made safe, HTML may be longer
// than it came.
func fit(m *letter.Mail, limits letter.Limits) {
	if len(m.HTML) > desk.MaxHTMLBytes {
		if strings.TrimSpace(m.Text) == "" {
			m.Text = clip(letter.HTMLText(m.HTML), limits.Text)
			m.FreshTextBytes = 0
		}
		m.HTML = ""
		m.Warnings = append(m.Warnings, "the HTML is larger than 2 MB and is not shown, only the text: the whole is in the raw mail")
	}
	for _, h := range []struct {
		name string
		all  []letter.Address
	}{{"To", m.To}, {"Cc", m.Cc}} {
		if len(h.all) >= limits.Addresses {
			m.Warnings = append(m.Warnings, fmt.Sprintf("of the addresses in %s, no more than the first %d are shown: the raw mail has them all", h.name, limits.Addresses))
		}
	}
}

// clip cuts a text to at most n bytes, never through a letter.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// Replay implements channels.Replayer: the mail is read again from its raw bytes, as if it had just come; one that could not be
// had of the server is asked for again.
func (c *Connector) Replay(ctx context.Context, item desk.Quarantined) (*desk.Inbound, *desk.Quarantined, error) {
	if strings.HasPrefix(item.Item, pastPrefix) {
		return c.replayPast(ctx, item)
	}
	if item.RawBlob == "" {
		return c.fetchAgain(ctx, item)
	}
	f, err := c.fetchBlob(ctx, item.RawBlob)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", item.Item, err)
	}
	return c.read(ctx, item.Item, f)
}

func (c *Connector) count(what string) {
	if c.env.Count != nil {
		c.env.Count(what)
	}
}

func (c *Connector) inbound(m *letter.Mail, body *deskpb.Body, raw, to string) *desk.Inbound {
	from := c.party(m)
	names := c.box.Names(m, to)
	for range names.Forged {
		c.count("forged")
	}
	warnings := m.Warnings
	if m.From != nil && from.Address != m.From.Address {
		warnings = append(warnings, fmt.Sprintf("sent by %s; answers go to %s, as the mail asks", m.From.Address, from.Address))
	}
	automatic := c.automatic(m, from.Address)
	msg := &desk.InboundMessage{
		Identity: &deskpb.Identity{Kind: deskpb.IdentityKind_IDENTITY_KIND_EMAIL, Value: strings.ToLower(from.Address)},
		Name:     from.Name,
		Subject:  m.Subject,
		From:     &deskpb.Address{Name: from.Name, Address: from.Address},
		To:       c.parties(m.To), Cc: c.parties(m.Cc),
		Body: body, ThreadKeys: names.Keys, KeyReasons: names.Reasons, JoinOnlyFrom: true,
		BySubject: isOn(c.config.BySubject) && automatic == "", FollowUpAfter: c.config.followUpAfter(),
		SentAt: m.Date, Automatic: automatic, Answers: automatic == desk.AutomaticReply && m.Answers(), RawBlob: raw, Warnings: warnings, Reopens: c.config.AutomaticReopens,
	}
	msg.Return = returned(m, msg.ThreadKeys)
	if len(m.InReplyTo) > 0 {
		msg.InReplyTo = thread.KeyPrefix + m.InReplyTo[0]
	}
	return &desk.Inbound{ExternalID: m.Key, Message: msg}
}

// party is who wrote and is answered: one Reply-To of a person's mail counts more than From (RFC 5322 section 3.6.2),
// which is how web forms name the one who filled them in. Nobody at all is an address that cannot be written to.
func (c *Connector) party(m *letter.Mail) letter.Address {
	if m.From == nil {
		return letter.Address{Name: "Unknown sender", Address: "unknown@invalid"} // RFC 2606 section 2
	}
	from := *m.From
	if who := m.BehindGroup(c.box.Has); who != nil {
		return *who
	}
	if len(m.ReplyTo) == 1 && m.Automatic == "" && strings.Contains(m.ReplyTo[0].Address, "@") &&
		!strings.EqualFold(m.ReplyTo[0].Address, c.config.Address) && !strings.EqualFold(m.ReplyTo[0].Address, from.Address) {
		to := m.ReplyTo[0]
		if to.Name == "" {
			to.Name = from.Name
		}
		return to
	}
	return from
}

// firstLines is what can be shown of bytes that are no mail.
func firstLines(raw []byte) string {
	s := strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' || r == 0x7F {
			return -1
		}
		return r
	}, strings.ToValidUTF8(string(raw[:min(len(raw), 400)]), "?"))
	return strings.TrimSpace(s)
}

// parse reads a mail, or of one that is too large its header. The only error is letter.ErrNotMail.
func parse(raw []byte, size int64, large bool, limits letter.Limits) (*letter.Mail, error) {
	if !large {
		return letter.Parse(raw, limits)
	}
	m, err := letter.HeaderOnly(raw[:min(len(raw), limits.Header)], limits)
	if err == nil {
		m.Warnings = append(m.Warnings, fmt.Sprintf("the mail is too large (%d MB): only its header was read", size>>20))
	}
	return m, err
}

// InspectMail reads one mail as a mailbox does and gives what it makes of it as a line of JSON. own are the addresses of the
// desk. An error is about the mail, in words for people.
func InspectMail(name string, mail io.Reader, size int64, own []string) (line []byte, err error) {
	limits := letter.DefaultLimits
	most := int64(limits.Raw) + 1
	if size > int64(limits.Raw) {
		most = int64(limits.Header) // nothing else of it will be looked at
	}
	var buf bytes.Buffer
	buf.Grow(int(min(max(size, 0), most)) + bytes.MinRead)
	if _, err := buf.ReadFrom(io.LimitReader(mail, most)); err != nil {
		return nil, fmt.Errorf("cannot be read: %w", err)
	}
	raw := buf.Bytes()
	large := size > int64(limits.Raw) || len(raw) > limits.Raw
	defer func() {
		if v := recover(); v != nil {
			line, err = nil, fmt.Errorf("reading it failed: a fault of ours (%v)", v)
		}
	}()
	m, err := parse(raw, max(size, int64(len(raw))), large, limits)
	if err != nil {
		return nil, err
	}
	return json.Marshal(m.Inspect(name, own))
}
