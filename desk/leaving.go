package desk

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/proto/deskpb"
)

// A visitor of a chat may leave before the answer comes. Each reply bears the time at which it goes by mail unless it was seen; what is
// due is known to the index, and the decision is an entry of the conversation made on the replies that are not seen just then. So a mail
// goes once whatever happens in between, and a visitor who comes back first has it canceled.

// Why the desk wrote a mail to a visitor by itself: ReplyRequested.automatic.
const (
	AutomaticUnread     = "unread"     // what they have not seen
	AutomaticTranscript = "transcript" // what was said, and perhaps a question how it was
)

// Why a visitor who has left gets no mail.
const (
	WithheldNoAddress = "no_address" // nobody knows one
	WithheldNoMailbox = "no_mailbox" // the channel names no mailbox, or one that is off or gone
	WithheldUnproved  = "unproved"   // the address is only what the visitor typed, and the channel wants more
	WithheldBlocked   = "blocked"    // the contact is, or the ticket is spam
	WithheldOff       = "off"        // the channel sends none any more
)

// UnseenFor is how long a reply may lie in a window that nobody looks at before it goes by mail.
const UnseenFor = 10 * time.Minute

// Limits of what a visitor gives. An address is as long as SMTP lets it be (RFC 5321 section 4.5.3.1).
const (
	maxUnread      = 100
	MaxRatingText  = 2000
	maxVisitorName = 100
	maxMailAddress = 254
	ratingThumbs   = "thumbs"
	ratingStars    = "stars"
	highestRating  = 5
	ratedOverMail  = "mail"
	ratedInTheChat = "chat"
	maxUnreadMails = 20 // that wait to leave
)

// decideLeaving decides what concerns a visitor who has left; known is false for any other command.
func decideLeaving(c *Conversation, cmd Command) (out []Event, err error, known bool) {
	switch m := cmd.Kind.(type) {
	case *deskpb.Command_MailUnread:
		out, err = mailUnread(c, m.MailUnread)
	case *deskpb.Command_GiveVisitorAddress:
		out, err = giveVisitorAddress(c, m.GiveVisitorAddress)
	case *deskpb.Command_RateConversation:
		out, err = rateConversation(c, m.RateConversation)
	case *deskpb.Command_EndChat:
		out, err = endChat(c, m.EndChat)
	case *deskpb.Command_MailTranscript:
		out, err = mailTranscript(c, m.MailTranscript)
	default:
		return nil, nil, false
	}
	return out, err, true
}

// mailUnread: whoever asks saw the replies as they were a moment ago. If one was seen since, or another came, it asks again.
func mailUnread(c *Conversation, m *deskpb.MailUnread) ([]Event, error) {
	unread := c.After.GetUnread()
	same := len(unread) > 0 && slices.EqualFunc(unread, m.Messages, func(u *deskpb.UnreadReply, id string) bool { return u.Message == id })
	if !same {
		return nil, nil
	}
	if m.Mail == nil {
		if m.Withheld == "" {
			return nil, Refuse(Invalid, "withheld", "say why there is no mail")
		}
		return events(deskpb.NewEvent(&deskpb.UnreadNotMailed{Messages: m.Messages, Cause: m.Withheld})), nil
	}
	mail, err := c.toVisitor(m.Mail)
	if mail == nil || err != nil {
		return nil, err
	}
	mail.Carries = m.Messages
	return events(deskpb.NewEvent(mail)), nil
}

// toVisitor completes a mail to the visitor; nil when it was asked for before.
func (c *Conversation) toVisitor(m *deskpb.ReplyRequested) (*deskpb.ReplyRequested, error) {
	if err := checkMessage(m.Message, m.Body); err != nil {
		return nil, err
	}
	if len(m.To) == 0 || len(m.ThreadKeys) == 0 || m.Channel == "" || m.Automatic == "" {
		return nil, Refuse(Invalid, "mail", "a mail to a visitor needs its channel, its recipient, its own key and why it is written")
	}
	if c.Messages[MessageID(m.Message)] != nil {
		return nil, nil
	}
	m = proto.CloneOf(m) // the command is not ours to change
	m.References = slices.Clone(c.Chain)
	if n := len(c.Chain); n > 0 {
		m.InReplyTo = c.Chain[n-1]
	}
	return m, nil
}

func mailTranscript(c *Conversation, m *deskpb.MailTranscript) ([]Event, error) {
	mail, err := c.toVisitor(m.GetMail())
	if mail == nil || err != nil {
		return nil, err
	}
	return events(deskpb.NewEvent(mail)), nil
}

// endChat: only of a chat that is closed, and once for each time that it is.
func endChat(c *Conversation, m *deskpb.EndChat) ([]Event, error) {
	if c.After.GetEndAtMs() == 0 {
		return nil, nil
	}
	out := events(deskpb.NewEvent(&deskpb.ChatEnded{Transcript: m.Transcript, Rating: m.Rating}))
	if m.Mail == nil {
		return out, nil
	}
	mail, err := c.toVisitor(m.Mail)
	if err != nil {
		return nil, err
	}
	if mail != nil {
		out = append(out, deskpb.NewEvent(mail))
	}
	return out, nil
}

// VisitorAddress gives an address as it is kept, or says what is wrong with it.
func VisitorAddress(typed string) (string, error) {
	address := strings.TrimSpace(typed)
	at := strings.LastIndexByte(address, '@')
	switch {
	case address == "":
		return "", Refuse(Invalid, "email", "write an address, such as you@example.com")
	case len(address) > maxMailAddress, at > 64:
		return "", Refuse(Invalid, "email", "at most %d characters, 64 before the @", maxMailAddress)
	case at < 1, !isLocalPart(address[:at]), !isDomain(address[at+1:]):
		return "", Refuse(Invalid, "email", "is no mail address: write it like you@example.com")
	}
	return strings.ToLower(address), nil
}

// isLocalPart: a dot-atom (RFC 5322 section 3.2.3), of any letters (RFC 6531). Nobody types the quoted form.
func isLocalPart(s string) bool {
	for part := range strings.SplitSeq(s, ".") {
		if part == "" || strings.ContainsFunc(part, func(r rune) bool {
			return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("!#$%&'*+-/=?^_`{|}~", r)
		}) {
			return false
		}
	}
	return true
}

// isDomain: two labels at least, of letters, digits and hyphens within.
func isDomain(s string) bool {
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' || strings.ContainsFunc(label, func(r rune) bool {
			return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '-'
		}) {
			return false
		}
	}
	return strings.Contains(s, ".")
}

func giveVisitorAddress(c *Conversation, m *deskpb.GiveVisitorAddress) ([]Event, error) {
	address, err := VisitorAddress(m.Address)
	if err != nil {
		return nil, err
	}
	name := clip(oneLine(m.Name), maxVisitorName)
	if c.After.GetAddress() == address && (name == "" || name == c.ContactName) {
		return nil, nil
	}
	return events(deskpb.NewEvent(&deskpb.VisitorAddressGiven{Address: address, Name: name})), nil
}

// rateConversation: once for each time that the ticket is closed; the first word counts.
func rateConversation(c *Conversation, m *deskpb.RateConversation) ([]Event, error) {
	switch {
	case m.Scale != ratingStars && m.Scale != ratingThumbs:
		return nil, Refuse(Invalid, "scale", "must be %s or %s", ratingStars, ratingThumbs)
	case m.Score < 1 || m.Score > highestRating:
		return nil, Refuse(Invalid, "score", "must be a whole number from 1 to %d", highestRating)
	case m.Scale == ratingThumbs && m.Score != 1 && m.Score != highestRating:
		return nil, Refuse(Invalid, "score", "a thumb is 1 (down) or %d (up)", highestRating)
	case m.By != ratedInTheChat && m.By != ratedOverMail:
		return nil, Refuse(Invalid, "by", "must be %s or %s", ratedInTheChat, ratedOverMail)
	case utf8.RuneCountInString(m.Comment) > MaxRatingText:
		return nil, Refuse(Invalid, "comment", "at most %d characters", MaxRatingText)
	case c.SideOf != "" || c.Kind != deskpb.ChannelKind_CHANNEL_KIND_CHAT:
		return nil, conflict("no_chat", "only a chat is rated")
	}
	if was := c.After.GetRated(); was != nil {
		again := was.Score == m.Score && (m.Comment == "" || was.Comment == strings.TrimSpace(m.Comment))
		switch adds := was.Score == m.Score && was.Comment == ""; { // a comment may follow
		case again:
			return nil, nil
		case !adds:
			return nil, conflict("rated", "this conversation was rated already")
		}
	}
	return events(deskpb.NewEvent(&deskpb.ConversationRated{
		Score: m.Score, Comment: strings.TrimSpace(m.Comment), Scale: m.Scale, By: m.By, Agent: string(c.Owner), Team: string(c.Team),
	})), nil
}

// seen cancels a mail that has not left when all that it brings was seen meanwhile. ev is the news of one of them, or that the mail itself
// could not be sent now.
func (c *Conversation) seen(ev *deskpb.DeliverySettled) []Event {
	read, queued := deskpb.DeliveryState_DELIVERY_STATE_READ, deskpb.DeliveryState_DELIVERY_STATE_QUEUED
	for _, mail := range c.After.GetMails() {
		state := c.Messages[MessageID(mail.Message)]
		last := ev.State == read && len(mail.Carries) == 1 && mail.Carries[0] == ev.Message && state != nil && state.Delivery == queued
		back := ev.State == queued && len(mail.Carries) == 0 && mail.Message == ev.Message
		if last || back {
			return events(deskpb.NewEvent(&deskpb.ReplyCanceled{Message: mail.Message, Channel: mail.Channel}))
		}
	}
	return nil
}

// byMail makes a reply a mail when the visitor wrote by mail last: it goes where they look.
func (c *Conversation) byMail(reply *deskpb.ReplyRequested, m *deskpb.RequestReply) {
	if !c.After.GetByMail() || m.ByMail.GetChannel() == "" || m.ByMail.Channel != c.After.MailChannel || len(m.ByMail.ThreadKeys) == 0 {
		return
	}
	reply.Channel, reply.Thread, reply.ThreadKeys, reply.MailAtMs = m.ByMail.Channel, "", m.ByMail.ThreadKeys, 0
	reply.FromAddress = nameOr(c.After.MailFrom, m.ByMail.From)
}

// over is the channel that a reply goes over, "" for the conversation's own.
func over(c *Conversation, channel string) ChannelID {
	if channel == string(c.Channel) {
		return ""
	}
	return ChannelID(channel)
}

func (c *Conversation) channelOf(m *Message) ChannelID {
	if m.Over != "" {
		return m.Over
	}
	return c.Channel
}
