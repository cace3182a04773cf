package desk

import (
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/centralita/centralita/proto/deskpb"
)

// Who a ticket is for, who takes part in it, and which other conversations belong to it.

// Causes of a link between two conversations.
const (
	LinkFollowUp = "follow_up" // the other one goes on where this one was closed long ago
	LinkSameMail = "same_mail" // one mail came to both mailboxes
)

// maxLinks bounds how many other conversations one remembers.
const maxLinks = 100

// changeRequester makes the ticket somebody else's, such as the one whose mail a colleague passed on.
func changeRequester(c *Conversation, cmd Command, m *deskpb.ChangeRequester) ([]Event, error) {
	switch {
	case !ValidID(m.Contact):
		return nil, Refuse(Invalid, "contact", "name the contact")
	case ContactID(m.Contact) == c.Contact:
		return nil, nil
	case c.Thread != "":
		return nil, conflict("threaded", "a %s conversation stays its contact's own: they see all of it", kindWord(c.Kind))
	}
	return events(deskpb.NewEvent(&deskpb.RequesterChanged{
		Contact: m.Contact, ContactName: m.ContactName, Address: m.Address, From: string(c.Contact), FromName: c.ContactName, By: cmd.GetBy().GetId(),
	})), nil
}

// confirmParticipant lets somebody take part whose message only named the conversation.
func confirmParticipant(c *Conversation, cmd Command, m *deskpb.ConfirmParticipant) ([]Event, error) {
	address := strings.ToLower(m.Address)
	switch {
	case c.Parties[address]:
		return nil, nil
	case !c.Unconfirmed[address]:
		return nil, Refuse(NotFound, "address", "nobody with this address wrote here")
	}
	return events(deskpb.NewEvent(&deskpb.ParticipantConfirmed{Address: address, By: cmd.GetBy().GetId()})), nil
}

func linkConversation(c *Conversation, m *deskpb.LinkConversation) ([]Event, error) {
	if _, known := c.Links[ConversationID(m.Conversation)]; known || m.Conversation == "" || len(c.Links) >= maxLinks {
		return nil, nil
	}
	return events(deskpb.NewEvent(&deskpb.ConversationLinked{
		Conversation: m.Conversation, Number: m.Number, Subject: m.Subject, Cause: m.Cause,
	})), nil
}

func evolveWho(c *Conversation, ev Event) bool {
	switch e := ev.GetKind().(type) {
	case *deskpb.Event_RequesterChanged:
		m := e.RequesterChanged
		c.Contact, c.ContactName = ContactID(m.Contact), m.ContactName
		if m.Address != "" {
			c.LastFrom = &deskpb.Address{Name: m.ContactName, Address: m.Address}
			c.LastTo, c.LastCc = nil, nil
			c.join(c.LastFrom)
		}
	case *deskpb.Event_VisitorIdentified:
		evolveVisitor(c, e.VisitorIdentified)
	case *deskpb.Event_ParticipantConfirmed:
		delete(c.Unconfirmed, e.ParticipantConfirmed.Address)
		c.join(&deskpb.Address{Address: e.ParticipantConfirmed.Address})
	case *deskpb.Event_ConversationLinked:
		if c.Links == nil {
			c.Links = map[ConversationID]string{}
		}
		c.Links[ConversationID(e.ConversationLinked.Conversation)] = e.ConversationLinked.Cause
	default:
		return false
	}
	return true
}

// doubt notes somebody who wrote without taking part.
func (c *Conversation) doubt(a *deskpb.Address) {
	if c.Unconfirmed == nil {
		c.Unconfirmed = map[string]bool{}
	}
	if address := strings.ToLower(a.GetAddress()); address != "" && len(c.Unconfirmed) < maxParties {
		c.Unconfirmed[address] = true
	}
}

// takesPart: the address itself, or, unless it must be exactly that one, a colleague: somebody of the same organisation's mail
// domain, unless anybody can have an address there.
func (c *Conversation) takesPart(address string, exactly bool) bool {
	address = strings.ToLower(address)
	if c.Parties[address] {
		return true
	}
	home := organisation(address)
	if exactly || home == "" {
		return false
	}
	for p := range c.Parties {
		if strings.HasSuffix(p, home) && organisation(p) == home {
			return true
		}
	}
	return false
}

// organisation is the domain of an address that somebody registered (mail.firm.co.uk is firm.co.uk's); "" when sharing it says
// nothing about two people.
func organisation(address string) string {
	_, domain, ok := strings.Cut(address, "@")
	if !ok || publicMailDomains[domain] {
		return ""
	}
	home, err := publicsuffix.EffectiveTLDPlusOne(domain)
	if err != nil || publicMailDomains[home] {
		return "" // a suffix itself, under which anybody may register
	}
	return home
}

// answersUs: whoever names the id of a mail of ours has seen it.
func (c *Conversation) answersUs(keys []string) bool {
	for _, k := range keys {
		if c.OwnKeys[k] {
			return true
		}
	}
	return false
}

// publicMailDomains: sharing one of these says nothing about two people.
var publicMailDomains = map[string]bool{
	"gmail.com": true, "googlemail.com": true, "outlook.com": true, "hotmail.com": true, "live.com": true, "msn.com": true,
	"yahoo.com": true, "icloud.com": true, "me.com": true, "mac.com": true, "aol.com": true, "gmx.de": true, "gmx.net": true,
	"web.de": true, "t-online.de": true, "proton.me": true, "protonmail.com": true, "mail.ru": true, "yandex.ru": true,
	"qq.com": true, "163.com": true, "126.com": true, "hotmail.es": true, "yahoo.es": true, "yahoo.co.uk": true,
	"hotmail.fr": true, "orange.fr": true, "free.fr": true, "libero.it": true, "zoho.com": true, "fastmail.com": true,
	"outlook.es": true, "outlook.de": true, "outlook.fr": true, "live.co.uk": true, "hotmail.co.uk": true, "hotmail.de": true,
	"yahoo.de": true, "yahoo.fr": true, "yahoo.it": true, "yahoo.com.br": true, "gmx.at": true, "gmx.ch": true, "gmx.com": true,
	"gmx.es": true, "mail.com": true, "freenet.de": true, "wanadoo.fr": true, "sfr.fr": true, "laposte.net": true, "telefonica.net": true,
	"terra.es": true, "ya.ru": true, "pm.me": true, "hey.com": true, "tutanota.com": true, "posteo.de": true, "mailbox.org": true,
	"ymail.com": true, "comcast.net": true, "btinternet.com": true, "virgilio.it": true, "seznam.cz": true, "wp.pl": true, "o2.pl": true,
	"onet.pl": true, "126.net": true, "sina.com": true, "naver.com": true, "hanmail.net": true, "bol.com.br": true, "uol.com.br": true,
}
