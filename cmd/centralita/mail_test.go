//go:build integration

package main

import (
	"fmt"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/centralita/centralita/internal/mailsim"
)

const (
	supportAddress = "support@desk.test"
	mailPassword   = "the-password-of-the-mailbox"
)

// startMailServer starts the mail simulator with accounts, all with mailPassword.
func startMailServer(t testing.TB, accounts ...string) *mailsim.Server {
	t.Helper()
	s, err := mailsim.Start(mailsim.Options{MaxMessages: 20_000})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	for _, a := range accounts {
		if err := s.AddAccount(a, mailPassword); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// mailChannel is the body that connects a mailbox. Everybody of whom routing names nobody: to all given agents.
func mailChannel(address, imapAddr, smtpAddr string, agents ...*client) fields {
	server := func(addr string) fields {
		host, port, _ := net.SplitHostPort(addr)
		n, _ := strconv.Atoi(port)
		return fields{"host": host, "port": n, "security": "plain", "username": address}
	}
	return fields{
		"kind": "email", "name": "Mail of " + address, "routing": routingTo(agents...),
		"config":  fields{"address": address, "imap": server(imapAddr), "smtp": server(smtpAddr)},
		"secrets": fields{"imap_password": mailPassword, "smtp_password": mailPassword},
	}
}

// chatChannel is the body that connects a web chat.
func chatChannel(title string, agents ...*client) fields {
	return fields{"kind": "chat", "name": title, "routing": routingTo(agents...), "config": fields{"title": title}}
}

// routingTo is the rule that gives tickets to whoever of these is available; to nobody when none is named.
func routingTo(agents ...*client) fields {
	if len(agents) == 0 {
		return fields{"mode": "nobody"}
	}
	var ids []string
	for _, a := range agents {
		ids = append(ids, a.me.ID)
	}
	return fields{"mode": "users_and_teams", "agents": ids, "only_available": true}
}

// letter is a plain mail of a customer.
type letter struct {
	from, to, subject, text string
	id                      string   // without brackets
	answers                 []string // Message-IDs, the oldest first; the last is what it answers
}

func (l letter) raw() []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "From: %s\r\nTo: %s\r\nSubject: %s\r\nDate: %s\r\nMessage-ID: <%s>\r\n",
		l.from, l.to, l.subject, time.Now().Format(time.RFC1123Z), l.id)
	if n := len(l.answers); n > 0 {
		fmt.Fprintf(&b, "In-Reply-To: <%s>\r\nReferences: <%s>\r\n", l.answers[n-1], strings.Join(l.answers, ">\r\n <"))
	}
	fmt.Fprintf(&b, "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n%s\r\n", strings.ReplaceAll(l.text, "\n", "\r\n"))
	return []byte(b.String())
}
