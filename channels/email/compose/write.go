// Package compose writes mails: what a reply, a first mail or an automatic one looks like when it leaves. It is pure: the same
// mail always gives the same bytes, so that a copy that is sent again is recognised as the same by whoever gets both. What
// names threads and how a mail is handed over is package email's.
package compose

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/mail"
	"regexp"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"github.com/centralita/centralita/proto/deskpb"
)

// Mail is what is to be written. Ids are without angle brackets.
type Mail struct {
	ID         string
	Date       time.Time
	From       mail.Address
	ReplyTo    string // "": none
	To, Cc     []*deskpb.Address
	Bcc        []*deskpb.Address // checked, and named nowhere
	Subject    string
	InReplyTo  string
	References []string // in this order; what is no id is left out
	Text, HTML string
	Files      []File
	Automatic  bool   // written by a machine: it says so
	Loop       string // of an automatic one: the mark by which it is known when it comes back
}

// File is an attachment with its content at hand.
type File struct {
	*deskpb.Attachment
	Data []byte
}

// Write gives the bytes of a mail. An error is about the mail, in words for people.
func Write(in *Mail) ([]byte, error) {
	if in.ID == "" {
		return nil, errors.New("the reply has no Message-ID of its own")
	}
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithCharset(gomail.CharsetUTF8))
	m.SetMessageIDWithValue(in.ID)
	m.SetDateWithValue(in.Date.UTC())
	m.FromMailAddress(&in.From)
	if in.ReplyTo != "" {
		m.ReplyToMailAddress(&mail.Address{Address: in.ReplyTo})
	}
	if in.Automatic {
		for _, h := range automaticHeaders {
			m.SetGenHeader(gomail.Header(h[0]), h[1])
		}
		if in.Loop != "" {
			m.SetGenHeader(LoopHeader, in.Loop)
		}
	}
	to, err := addresses(in.To)
	if err != nil {
		return nil, err
	}
	cc, err := addresses(in.Cc)
	if err != nil {
		return nil, err
	}
	if _, err := addresses(in.Bcc); err != nil { // they are in the envelope alone
		return nil, err
	}
	m.ToMailAddress(to...)
	if len(cc) > 0 {
		m.CcMailAddress(cc...)
	}
	m.Subject(HeaderText(in.Subject, 500))
	answered, refs := in.references()
	if answered != "" {
		m.SetGenHeader(gomail.HeaderInReplyTo, "<"+answered+">")
	}
	if len(refs) > 0 {
		m.SetGenHeader(gomail.HeaderReferences, "<"+strings.Join(refs, "> <")+">")
	}
	if err := setBody(m, in); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if _, err := m.WriteTo(&b); err != nil {
		return nil, fmt.Errorf("write the mail: %w", err)
	}
	return fixBoundaries(b.Bytes(), in.ID), nil
}

var boundaryForm = regexp.MustCompile(`boundary=([0-9a-f]{60})\r\n`)

// fixBoundaries replaces the builder's random boundaries by ones that follow from the Message-ID.
func fixBoundaries(raw []byte, id string) []byte {
	for i, match := range boundaryForm.FindAllSubmatch(raw, -1) {
		raw = bytes.ReplaceAll(raw, match[1], boundary(id, i))
	}
	return raw
}

func boundary(id string, i int) []byte {
	sum := sha256.Sum256([]byte("boundary\x00" + id + "\x00" + strconv.Itoa(i)))
	return []byte(hex.EncodeToString(sum[:20]))
}
