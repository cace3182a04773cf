package email

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/channels/email/compose"
	"github.com/centralita/centralita/channels/email/letter"
	"github.com/centralita/centralita/channels/email/thread"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// mail is a reply as it leaves: what was written, with the channel's signature, quoted history, and links for what is too
// large to go along.
func (c *Connector) mail(ctx context.Context, out desk.Outbound) (*compose.Mail, error) {
	m := c.envelope(out)
	with := compose.Around{Agent: out.AgentName}
	if out.Automatic {
		m.Automatic = true
		m.Text, m.Subject = compose.Numbered(m.Text, number(out)), compose.Numbered(m.Subject, number(out))
		with.Agent = c.company()
	}
	if out.Internal {
		m.Subject, m.Text = out.Subject, out.Body.GetText()
		return m, nil
	}
	var err error
	if m.Files, with.Links, err = c.files(ctx, out); err != nil {
		return nil, err
	}
	if !out.Automatic {
		if with.History, err = c.history(ctx, out); err != nil {
			return nil, err
		}
	}
	sending := c.config.Sending
	if out.Quotes {
		sending.Quote = compose.QuoteWhole // whoever reads it was elsewhere when it was said
	}
	sending.Dress(m, with)
	if m.HTML != "" {
		m.HTML += thread.Mark(thread.TokenOf(out.ThreadKeys))
	}
	return m, nil
}

func number(out desk.Outbound) string {
	if out.Number == 0 {
		return ""
	}
	return strconv.FormatUint(out.Number, 10)
}

// envelope is the head of a reply and what was written: the conversation's anchor is the first reference, then the chain so far.
func (c *Connector) envelope(out desk.Outbound) *compose.Mail {
	sending := &c.config.Sending
	agent := out.AgentName
	if out.Automatic {
		agent = ""
	}
	m := &compose.Mail{
		Date: out.RequestedAt, From: sending.From(agent, c.company(), c.config.Address), ReplyTo: sending.ReplyTo,
		To: out.To, Cc: out.Cc, Bcc: out.Bcc, Subject: out.Subject, Text: out.Body.GetText(), HTML: out.Body.GetHtml(),
		Loop: loopMark(c.config.Address),
	}
	if out.From != "" {
		m.From.Address = out.From // the thread's own
	}
	if m.ReplyTo == "" {
		m.ReplyTo = c.replyTo(thread.TokenOf(out.ThreadKeys))
	}
	if len(out.ThreadKeys) > 0 {
		m.ID = strings.Trim(messageID(out), "<>")
	}
	ids := func(keys []string) {
		for _, key := range keys {
			if ref, ok := strings.CutPrefix(key, thread.KeyPrefix); ok {
				m.References = append(m.References, ref)
			}
		}
	}
	if len(out.ThreadKeys) > 1 {
		ids(out.ThreadKeys[1:2])
	}
	ids(out.References)
	if ref, ok := strings.CutPrefix(out.InReplyTo, thread.KeyPrefix); ok {
		m.InReplyTo = ref
	}
	return m
}

// company is what the desk is called in the mails of this channel.
func (c *Connector) company() string {
	if c.config.FromName != "" {
		return c.config.FromName
	}
	return c.env.Name
}

// history is what goes quoted below a reply.
func (c *Connector) history(ctx context.Context, out desk.Outbound) ([]compose.Quoted, error) {
	if q := c.config.Sending.Quote; (q == "" || q == compose.QuoteNone) && !out.Quotes || c.env.Earlier == nil {
		return nil, nil
	}
	all, err := c.env.Earlier(ctx, out.Conversation, out.Message)
	if err != nil {
		return nil, &channels.Error{Class: channels.Temporary, Reason: "the conversation cannot be read", Err: err}
	}
	quoted := make([]compose.Quoted, 0, len(all))
	for _, s := range all {
		q := compose.Quoted{Name: s.Name, Address: s.Address, At: s.At, Body: s.Body}
		if q.Address == "" {
			from := c.config.Sending.From(s.Name, c.company(), c.config.Address)
			q.Name, q.Address = from.Name, from.Address
		}
		quoted = append(quoted, q)
	}
	return quoted, nil
}

// maxUnlinked bounds the attachments of a reply where nothing can be linked to; most servers take less.
const maxUnlinked = 50 << 20

// files loads the attachments, and gives links for those that are too large to go along.
func (c *Connector) files(ctx context.Context, out desk.Outbound) (files []compose.File, links []compose.Link, err error) {
	all := out.Body.GetAttachments()
	var left int64 = maxUnlinked
	linked := make([]bool, len(all))
	if c.env.Link != nil {
		linked = compose.Split(all, c.config.Sending.AttachBytes())
		left = max(left, 2*c.config.Sending.AttachBytes())
	}
	until := out.RequestedAt.AddDate(0, 0, c.config.Sending.Days()).UTC().Truncate(time.Second)
	for i, a := range all {
		if linked[i] {
			links = append(links, compose.Link{Name: a.Name, Size: a.Size, URL: c.env.Link(a, until), Until: until})
			continue
		}
		f, err := c.file(ctx, a, &left)
		if err != nil {
			return nil, nil, err
		}
		files = append(files, f)
	}
	return files, links, nil
}

func (c *Connector) file(ctx context.Context, a *deskpb.Attachment, left *int64) (compose.File, error) {
	r, size, err := c.env.Blobs.Open(ctx, a.Blob)
	if err != nil {
		return compose.File{}, &channels.Error{Class: channels.Permanent, Reason: "the attachment " + a.Name + " cannot be opened", Err: err}
	}
	if *left -= size; *left < 0 {
		_ = r.Close() // nothing was read
		return compose.File{}, &channels.Error{Class: channels.Permanent, Reason: fmt.Sprintf("the attachments are larger than %d MB", maxUnlinked>>20)}
	}
	data, err := io.ReadAll(r)
	if err := errors.Join(err, r.Close()); err != nil {
		return compose.File{}, &channels.Error{Class: channels.Temporary, Reason: "the attachment " + a.Name + " cannot be read", Err: err}
	}
	return compose.File{Attachment: a, Data: data}, nil
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

// acknowledger implements channels.Kind. A configuration that is not understood answers nothing.
func acknowledger(raw json.RawMessage) func(channels.Received) *channels.Acknowledgement {
	var c config
	if json.Unmarshal(raw, &c) != nil || c.Sending.Acknowledge == nil {
		return nil
	}
	return func(r channels.Received) *channels.Acknowledgement {
		for _, ours := range []string{c.Address, c.Sending.FromAddress, c.Sending.ReplyTo} {
			if strings.EqualFold(ours, r.From) {
				return nil
			}
		}
		if !compose.Reachable(r.From) {
			return nil
		}
		return c.Sending.Acknowledgement(r)
	}
}

// sendsFrom implements channels.Kind.
func sendsFrom(raw json.RawMessage) string {
	var c config
	if json.Unmarshal(raw, &c) != nil {
		return ""
	}
	return c.Sending.From("", "", strings.ToLower(c.Address)).Address
}

// paces implements channels.Kind.
func paces(raw json.RawMessage, usual desk.PaceLimits) desk.PaceLimits {
	var c config
	if json.Unmarshal(raw, &c) != nil {
		return usual
	}
	return c.Flood.Limits(usual)
}

// preview implements channels.Kind: a reply is written as it would be sent, and read again as whoever gets it does.
func preview(name string, raw json.RawMessage, agent string) (*desk.SendingPreview, error) {
	var conf config
	if err := json.Unmarshal(raw, &conf); err != nil {
		return nil, desk.Refuse(desk.Invalid, "config", "not understood: %v", err)
	}
	if err := errors.Join(conf.Sending.Check("sending")...); err != nil {
		return nil, err
	}
	if conf.checkAddress() != nil {
		conf.Address = "support@example.com" // while it is being written in
	}
	c := &Connector{config: conf, env: channels.Env{Name: name}}
	m := c.envelope(desk.Outbound{
		ThreadKeys: []string{thread.KeyPrefix + "preview@example.com"}, To: []*deskpb.Address{{Address: "customer@example.com"}}, AgentName: agent, Body: &deskpb.Body{},
	})
	c.config.Sending.Dress(m, compose.Around{Agent: agent})
	out := &desk.SendingPreview{From: &deskpb.Address{Name: m.From.Name, Address: m.From.Address}, ReplyTo: m.ReplyTo}
	out.Subject, out.Answer = c.config.Sending.Sample()
	raw, err := compose.Write(m)
	if err != nil {
		return nil, fmt.Errorf("write the preview: %w", err)
	}
	read, err := letter.Parse(raw, letter.DefaultLimits)
	if err != nil {
		return nil, fmt.Errorf("read the preview: %w", err)
	}
	out.Text, out.HTML = read.Text, compose.WithPictures(read.HTML, m.Files)
	return out, nil
}
