//go:build integration

package main

import (
	"fmt"
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
	s, err := mailsim.Start(mailsim.Options{MaxMessages: 20_000, MaxBytes: 100 << 20})
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

// mailChannel is the body that connects a mailbox whose tickets go to these agents, or to nobody.
func mailChannel(address, imapAddr, smtpAddr string, agents ...*restClient) obj {
	server := func(addr string) obj {
		host, port := hostPort(addr)
		return obj{"host": host, "port": port, "security": "plain", "username": address}
	}
	return obj{
		"kind": "email", "name": "Mail of " + address, "routing": routingTo(agents...),
		"config":  obj{"address": address, "imap": server(imapAddr), "smtp": server(smtpAddr)},
		"secrets": obj{"imap_password": mailPassword, "smtp_password": mailPassword},
	}
}

// chatChannel is the body that connects a web chat.
func chatChannel(title string, agents ...*restClient) obj {
	return obj{"kind": "chat", "name": title, "routing": routingTo(agents...), "config": obj{"title": title}}
}

// routingTo is the rule that gives tickets to whoever of these is available; to nobody when none is named.
func routingTo(agents ...*restClient) obj {
	if len(agents) == 0 {
		return obj{"mode": "nobody"}
	}
	var ids []string
	for _, a := range agents {
		ids = append(ids, a.me.ID)
	}
	return obj{"mode": "users_and_teams", "agents": ids, "only_available": true}
}

// letter is a plain mail of a customer.
type letter struct {
	from, to, subject, text string
	html                    string   // instead of the text, if there is any
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
	kind, body := "plain", l.text
	if l.html != "" {
		kind, body = "html", l.html
	}
	fmt.Fprintf(&b, "MIME-Version: 1.0\r\nContent-Type: text/%s; charset=utf-8\r\n\r\n%s\r\n", kind, strings.ReplaceAll(body, "\n", "\r\n"))
	return []byte(b.String())
}
