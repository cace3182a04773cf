package actors

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// What happens when a visitor of a chat has left (desk/leaving.go decides it). The timers ask at the time that the index names; what the
// answer rests on is read here from the conversation, and the conversation refuses it when that is not so any more.

// afterOf is what a channel does when whoever wrote has left.
func (s *System) afterOf(row desk.Channel) channels.After {
	k, known := s.kinds[kindName(row)]
	if !known || k.After == nil {
		return channels.After{}
	}
	public := ""
	if s.publicURL != "" {
		public = strings.TrimSuffix(s.publicURL, "/") + "/channels/" + row.Channel + "/"
	}
	return k.After(desk.ChannelID(row.Channel), row.Name, public, row.Config, s.signing)
}

// afterClose is how long after a chat is closed it is decided what comes then: 0 when nothing does.
func (ch *channel) afterClose() int64 {
	if !ch.after.OnClose && (ch.after.Rating == "" || ch.after.RateLink == nil) {
		return 0
	}
	return max(ch.after.MailAfter, time.Minute).Milliseconds() // whoever closed it by mistake has time to open it again
}

// prepareLeaving fills in what a reply needs to know of a visitor who may not be there.
func (s *System) prepareLeaving(conv desk.ConversationID, row desk.Channel, m *deskpb.RequestReply) {
	if row.Kind != deskpb.ChannelKind_CHANNEL_KIND_CHAT {
		return
	}
	if after := s.afterOf(row); after.Mailbox != "" {
		m.MailAfterMs = after.MailAfter.Milliseconds()
	}
	t, err := s.index.Ticket(conv)
	if err != nil || t.GetAfter().GetMailChannel() == "" {
		return
	}
	box, err := s.index.Channel(desk.ChannelID(t.After.MailChannel))
	if err != nil || box == nil || !box.On {
		return // it goes over the chat, and by mail of another box when it is not seen there
	}
	if keys := s.replyKeys(box, conv, desk.MessageID(m.Message)); len(keys) > 0 {
		m.ByMail = &deskpb.ByMail{Channel: box.Channel, From: s.sendsFrom(box), ThreadKeys: keys}
	}
}

func (s *System) replyKeys(box desk.Channel, conv desk.ConversationID, id desk.MessageID) []string {
	k, known := s.kinds[kindName(box)]
	if !known || k.ReplyKeys == nil {
		return nil
	}
	return k.ReplyKeys(channels.Reply{Channel: desk.ChannelID(box.Channel), Address: box.Address, Conversation: conv, Message: id, Keys: s.signing})
}

// there reports whether a visitor has the chat before them now.
func (s *System) there(channel desk.ChannelID, thread string) bool {
	s.status.mu.RLock()
	defer s.status.mu.RUnlock()
	w, is := channels.Connector(nil), false
	if l := s.status.live[channel]; l != nil {
		w = l.connector
	}
	watched, is := w.(channels.Watched)
	return is && watched.There(thread)
}

// leaver is a visitor to whom something may be mailed.
type leaver struct {
	sys   *System
	conv  desk.ConversationID
	row   desk.Ticket
	after channels.After
	box   desk.Channel // that sends it
	to    *deskpb.Address
}

// leaver reads whom it concerns. withheld says why nothing can be mailed.
func (s *System) leaver(conv desk.ConversationID, transcript bool, address string) (v *leaver, withheld string, err error) {
	v = &leaver{sys: s, conv: conv}
	if v.row, err = s.index.Ticket(conv); err != nil || v.row == nil {
		return nil, "", fmt.Errorf("read a chat that its visitor left: %v, %w", v.row != nil, err)
	}
	ch, err := s.index.Channel(desk.ChannelID(v.row.Channel))
	if err != nil {
		return nil, "", err
	}
	if ch != nil {
		v.after = s.afterOf(ch)
	}
	contact, err := s.index.Contact(desk.ContactID(v.row.Contact))
	if err != nil {
		return nil, "", err
	}
	if contact.GetBlocked() || v.row.Spam {
		return v, desk.WithheldBlocked, nil
	}
	box := v.after.Mailbox
	if transcript {
		box = v.after.TranscriptFrom
	}
	if box == "" {
		return v, desk.WithheldOff, nil
	}
	if v.box, err = s.index.Channel(box); err != nil {
		return nil, "", err
	}
	if v.box == nil || !v.box.On || v.box.Kind != deskpb.ChannelKind_CHANNEL_KIND_EMAIL {
		return v, desk.WithheldNoMailbox, nil
	}
	withheld, err = v.address(contact, address)
	return v, withheld, err
}

// address finds where the visitor is reached: where they ask for it, else what they gave in this chat, else what is known of the contact.
func (v *leaver) address(contact desk.Contact, asked string) (withheld string, err error) {
	proved := ""
	for _, i := range contact.GetIdentities() {
		if i.Kind == deskpb.IdentityKind_IDENTITY_KIND_EMAIL && proved == "" {
			proved = i.Value
		}
	}
	address := asked
	if address == "" {
		address = v.row.GetAfter().GetAddress()
	}
	switch {
	case address == "", v.after.OnlyProved && asked == "":
		address = proved
	}
	switch {
	case address == "" && v.row.GetAfter().GetAddress() != "":
		return desk.WithheldUnproved, nil
	case address == "":
		return desk.WithheldNoAddress, nil
	case v.after.OnlyProved && !strings.EqualFold(address, proved):
		return desk.WithheldUnproved, nil
	}
	ours, err := v.sys.index.ChannelByAddress(deskpb.ChannelKind_CHANNEL_KIND_EMAIL, strings.ToLower(address))
	if err != nil {
		return "", err
	}
	if ours != "" {
		return desk.WithheldOwnAddress, nil // it would come back as what the visitor says
	}
	name := v.row.ContactName
	if anonymous(contact, name) {
		name = ""
	}
	v.to = &deskpb.Address{Name: name, Address: address}
	return "", nil
}

// mail is one to the visitor.
func (v *leaver) mail(id desk.MessageID, why, subject string, body *deskpb.Body) *deskpb.ReplyRequested {
	return &deskpb.ReplyRequested{
		Message: string(id), Channel: v.box.Channel, Body: body, To: []*deskpb.Address{v.to}, Subject: subject,
		ThreadKeys: v.sys.replyKeys(v.box, v.conv, id), Automatic: why, FromAddress: v.sys.sendsFrom(v.box),
	}
}

// unread mails what a visitor has not seen.
func (t *timers) unread(d desk.Due) {
	conv := desk.ConversationID(d.Stream.ID())
	cmd, err := t.sys.unreadMail(conv)
	if err != nil {
		t.sys.log.Error("read what a visitor has not seen", "conversation", string(conv), "err", err)
		return
	}
	t.tell(d, deskpb.NewCommand(cmd))
}

func (s *System) unreadMail(conv desk.ConversationID) (*deskpb.MailUnread, error) {
	v, withheld, err := s.leaver(conv, false, "")
	if err != nil {
		return nil, err
	}
	cmd := &deskpb.MailUnread{Withheld: withheld}
	for _, u := range v.row.GetAfter().GetUnread() {
		cmd.Messages = append(cmd.Messages, u.Message)
	}
	if withheld != "" || len(cmd.Messages) == 0 { // none: it was seen a moment ago
		return cmd, nil
	}
	all, err := v.said(func(id string) bool { return slices.Contains(cmd.Messages, id) })
	if err != nil {
		return nil, err
	}
	if len(all) == 0 { // they were split off
		cmd.Withheld = desk.WithheldOff
		return cmd, nil
	}
	last := all[len(all)-1]
	resume := ""
	if v.after.Resume != nil {
		resume = v.after.Resume(v.row.Thread)
	}
	id := desk.MessageID(desk.DeriveID("um_", string(conv), cmd.Messages[0], strconv.Itoa(len(cmd.Messages)), cmd.Messages[len(cmd.Messages)-1]))
	cmd.Mail = v.mail(id, desk.AutomaticUnread, desk.ReplySubject(v.row.Subject), unreadMailBody(v.after.Language, all, resume))
	cmd.Mail.AgentName = last.Name
	return cmd, nil
}

// said reads what was said that the visitor may see, oldest first; want may pick replies.
func (v *leaver) said(want func(id string) bool) ([]spoken, error) {
	type entry struct {
		id   string
		said spoken
	}
	var all []entry
	drop := func(id string) {
		all = slices.DeleteFunc(all, func(e entry) bool { return e.id == id })
	}
	for r, err := range v.sys.store.Load(context.Background(), v.conv.Stream(), v.row.PurgedVersion) {
		if err != nil {
			return nil, err
		}
		at := time.UnixMilli(r.AtMs)
		switch e := r.Event.GetKind().(type) {
		case *deskpb.Event_MessageReceived:
			m := e.MessageReceived
			if want == nil && m.Automatic == "" && !m.Unconfirmed {
				all = append(all, entry{m.Message, spoken{At: at, Body: m.Body}})
			}
		case *deskpb.Event_ReplyRequested:
			m := e.ReplyRequested
			if m.Automatic == "" && (want == nil || want(m.Message)) {
				all = append(all, entry{m.Message, spoken{Name: m.AgentName, At: at, Body: m.Body}})
			}
		case *deskpb.Event_ReplyCanceled:
			drop(e.ReplyCanceled.Message)
		case *deskpb.Event_MessagesSplitOff:
			for _, m := range e.MessagesSplitOff.Messages {
				drop(m.Message)
			}
		}
	}
	out := make([]spoken, 0, len(all))
	for _, e := range all[max(0, len(all)-mostInTranscript):] {
		out = append(out, e.said)
	}
	return out, nil
}

const (
	mostInTranscript = 500
	// rateFor is how long a link to rate a chat works, and fileFor one to a file of a transcript.
	rateFor = 30 * 24 * time.Hour
	fileFor = 30 * 24 * time.Hour
)

// ended decides what comes after a chat was closed.
func (t *timers) ended(d desk.Due) {
	conv := desk.ConversationID(d.Stream.ID())
	cmd, err := t.sys.endChat(conv, time.Now())
	if err != nil {
		t.sys.log.Error("read a chat that was closed", "conversation", string(conv), "err", err)
		return
	}
	t.tell(d, deskpb.NewCommand(cmd))
}

func (s *System) endChat(conv desk.ConversationID, now time.Time) (*deskpb.EndChat, error) {
	v, withheld, err := s.leaver(conv, true, "")
	if err != nil {
		return nil, err
	}
	cmd, rate := &deskpb.EndChat{}, ""
	here := s.there(desk.ChannelID(v.row.Channel), v.row.Thread)
	switch {
	case v.after.Rating == "" || v.row.GetAfter().GetRated() != nil:
	case here:
		cmd.Rating = "chat"
	case withheld != "":
		cmd.Rating = withheld
	case v.after.RateLink != nil:
		if rate = v.after.RateLink(conv, now.Add(rateFor)); rate != "" {
			cmd.Rating = "mail"
		}
	}
	if v.after.OnClose {
		cmd.Transcript = withheld
	}
	if withheld != "" || !v.after.OnClose && rate == "" {
		return cmd, nil
	}
	var all []spoken
	if v.after.OnClose {
		if all, err = v.transcript(now); err != nil {
			return nil, err
		}
		if cmd.Transcript = "sent"; len(all) == 0 {
			cmd.Transcript = ""
		}
	}
	if len(all) == 0 && rate == "" {
		return cmd, nil // all of it was split off
	}
	id := desk.MessageID(desk.DeriveID("tr_", string(conv), strconv.FormatInt(v.row.ClosedAtMs, 10)))
	cmd.Mail = v.transcriptMail(id, all, now, rate)
	return cmd, nil
}

func (v *leaver) transcript(now time.Time) ([]spoken, error) {
	all, err := v.said(nil)
	if err != nil || v.sys.link == nil {
		return all, err
	}
	until := now.Add(fileFor).UTC().Truncate(time.Second)
	for i, s := range all {
		for _, a := range s.Body.GetAttachments() {
			if link := v.sys.link(a, until); link != "" {
				all[i].Links = append(all[i].Links, fileLink{Name: a.Name, URL: link})
			}
		}
	}
	return all, nil
}

func (v *leaver) transcriptMail(id desk.MessageID, all []spoken, now time.Time, rate string) *deskpb.ReplyRequested {
	body := transcriptBody(v.after.Language, v.after.Title, all, now.Add(fileFor), rate)
	return v.mail(id, desk.AutomaticTranscript, transcriptTitle(v.after.Language, v.after.Title), body)
}

// anonymous: the name is one that we made up, or no name.
func anonymous(c desk.Contact, name string) bool {
	return c == nil || strings.Contains(name, "@") || slices.ContainsFunc(c.Identities, func(i *deskpb.Identity) bool { return desk.Anonymous(i) == name })
}
