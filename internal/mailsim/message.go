package mailsim

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"strings"
	"time"
)

// Message is a mail in a mailbox, for people to look at.
type Message struct {
	At                     time.Time
	Raw                    []byte // shared, not to be changed
	From, To, Subject      string
	Text, HTML             string
	MessageID, InReplyTo   string
	References, AutoSubmit string
	Attachments            []string // names
}

// read fills in what people want to see of a mail. It understands well-formed UTF-8 mail, which is what a desk and its
// customers write here; of anything else the beginning is shown as it is.
func read(raw []byte, at time.Time) Message {
	m := Message{At: at, Raw: raw}
	msg, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		m.Text = string(raw[:min(len(raw), 4096)])
		return m
	}
	words := new(mime.WordDecoder)
	header := func(name string) string {
		v := msg.Header.Get(name)
		if decoded, err := words.DecodeHeader(v); err == nil {
			return decoded
		}
		return v
	}
	m.From, m.To, m.Subject = header("From"), header("To"), header("Subject")
	m.MessageID = strings.Trim(header("Message-Id"), "<> ")
	m.InReplyTo = strings.Trim(header("In-Reply-To"), "<> ")
	m.References, m.AutoSubmit = header("References"), header("Auto-Submitted")
	m.readPart(textproto.MIMEHeader(msg.Header), msg.Body, 0)
	return m
}

// readPart takes what it finds in one part and those below it.
func (m *Message) readPart(h textproto.MIMEHeader, body io.Reader, depth int) {
	const maxDepth = 5
	kind, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		kind = "text/plain"
	}
	if strings.HasPrefix(kind, "multipart/") && depth < maxDepth {
		parts := multipart.NewReader(body, params["boundary"])
		for {
			p, err := parts.NextRawPart()
			if err != nil { // the last one, or what follows cannot be read
				return
			}
			m.readPart(p.Header, p, depth+1)
		}
	}
	switch strings.ToLower(h.Get("Content-Transfer-Encoding")) {
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	}
	content, _ := io.ReadAll(body) // as much as can be read is shown
	if disposition, p, err := mime.ParseMediaType(h.Get("Content-Disposition")); err == nil && (disposition == "attachment" || p["filename"] != "") {
		name, err := new(mime.WordDecoder).DecodeHeader(p["filename"])
		if err != nil {
			name = p["filename"]
		}
		m.Attachments = append(m.Attachments, name)
		return
	}
	switch kind {
	case "text/plain":
		m.Text += strings.ReplaceAll(string(content), "\r\n", "\n")
	case "text/html":
		m.HTML += string(content)
	}
}
