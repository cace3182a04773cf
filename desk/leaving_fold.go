package desk

import (
	"slices"

	"github.com/centralita/centralita/proto/deskpb"
)

// FoldAfter folds a fact of a conversation into what is remembered of a visitor who may have left; nil when there is nothing. The state
// and the row keep the same. own is the conversation's channel; atMs is 0 where time is of no use.
func FoldAfter(a *deskpb.AfterLeaving, own string, kind ChannelKind, atMs int64, ev Event) *deskpb.AfterLeaving {
	if kind != deskpb.ChannelKind_CHANNEL_KIND_CHAT {
		return a
	}
	switch e := ev.GetKind().(type) {
	case *deskpb.Event_MessageReceived:
		return foldSpoken(a, own, e.MessageReceived)
	case *deskpb.Event_ReplyRequested:
		m := e.ReplyRequested
		switch {
		case m.MailAtMs != 0 && len(a.GetUnread()) < maxUnread:
			a = orNew(a)
			a.Unread = append(a.Unread, &deskpb.UnreadReply{Message: m.Message, MailAtMs: m.MailAtMs})
		case m.Automatic == AutomaticUnread || m.Automatic == AutomaticTranscript:
			a = orNew(a)
			foldMailed(a, m)
		}
	case *deskpb.Event_VisitorAddressGiven:
		a = orNew(a)
		a.Address = e.VisitorAddressGiven.Address
	case *deskpb.Event_BotStepped: // it was asked for one
		if address, err := VisitorAddress(e.BotStepped.Email); err == nil {
			a = orNew(a)
			a.Address = address
		}
	case *deskpb.Event_ConversationRated:
		a = orNew(a)
		a.Rated, a.RatedAtMs = e.ConversationRated, atMs
	}
	if a != nil {
		foldNews(a, atMs, ev)
	}
	return a
}

// foldNews folds what only changes something of a visitor of whom something is known.
func foldNews(a *deskpb.AfterLeaving, atMs int64, ev Event) {
	switch e := ev.GetKind().(type) {
	case *deskpb.Event_ReplyCanceled:
		forgetUnread(a, e.ReplyCanceled.Message)
	case *deskpb.Event_DeliverySettled:
		foldSeen(a, atMs, e.DeliverySettled)
	case *deskpb.Event_UnreadNotMailed:
		forgetUnread(a, e.UnreadNotMailed.Messages...)
	case *deskpb.Event_TicketStatusChanged:
		switch closed := deskpb.TicketStatus_TICKET_STATUS_CLOSED; {
		case e.TicketStatusChanged.To == closed && a.AfterCloseMs != 0:
			a.EndAtMs = atMs + a.AfterCloseMs
		case e.TicketStatusChanged.To != closed:
			a.EndAtMs, a.Rated, a.RatedAtMs = 0, nil, 0
		}
	case *deskpb.Event_ChatEnded:
		a.EndAtMs = 0
	}
}

func orNew(a *deskpb.AfterLeaving) *deskpb.AfterLeaving {
	if a == nil {
		return &deskpb.AfterLeaving{}
	}
	return a
}

// foldSpoken: a visitor is reached over the channel they used last.
func foldSpoken(a *deskpb.AfterLeaving, own string, m *deskpb.MessageReceived) *deskpb.AfterLeaving {
	if m.Unconfirmed || m.PastMs != 0 || !Speaks(m.Automatic) {
		return a
	}
	if m.Channel != own {
		if a != nil && m.Channel == a.MailChannel {
			a.ByMail = true
		}
		return a
	}
	address, err := VisitorAddress(m.From.GetAddress())
	if err != nil && m.AfterCloseMs == 0 && a == nil {
		return nil
	}
	a = orNew(a)
	a.Address, a.AfterCloseMs, a.ByMail = nameOr(address, a.Address), m.AfterCloseMs, false
	return a
}

func foldMailed(a *deskpb.AfterLeaving, m *deskpb.ReplyRequested) {
	forgetUnread(a, m.Carries...)
	a.MailChannel, a.MailFrom = m.Channel, m.FromAddress
	if len(m.Carries) > 0 && len(a.Mails) < maxUnreadMails {
		a.Mails = append(a.Mails, &deskpb.UnreadMail{Message: m.Message, Channel: m.Channel, Carries: slices.Clone(m.Carries)})
	}
}

// forgetUnread: these are seen, mailed, or were taken back.
func forgetUnread(a *deskpb.AfterLeaving, messages ...string) {
	a.Unread = slices.DeleteFunc(a.Unread, func(u *deskpb.UnreadReply) bool { return slices.Contains(messages, u.Message) })
	a.Mails = slices.DeleteFunc(a.Mails, func(m *deskpb.UnreadMail) bool { return slices.Contains(messages, m.Message) })
}

func foldSeen(a *deskpb.AfterLeaving, atMs int64, e *deskpb.DeliverySettled) {
	if e.State != deskpb.DeliveryState_DELIVERY_STATE_QUEUED {
		a.Mails = slices.DeleteFunc(a.Mails, func(m *deskpb.UnreadMail) bool { return m.Message == e.Message })
	}
	switch e.State {
	case deskpb.DeliveryState_DELIVERY_STATE_READ:
		for _, m := range a.Mails {
			m.Carries = slices.DeleteFunc(m.Carries, func(id string) bool { return id == e.Message })
		}
		forgetUnread(a, e.Message)
	case deskpb.DeliveryState_DELIVERY_STATE_DELIVERED:
		for _, u := range a.Unread {
			if u.Message == e.Message {
				u.Delivered, u.MailAtMs = true, max(u.MailAtMs, atMs+UnseenFor.Milliseconds())
			}
		}
	default: // what the chat could not take is not seen either
	}
}

// UnreadDue is when what a visitor has not seen goes by mail, 0 for never.
func UnreadDue(a *deskpb.AfterLeaving) (ms int64) {
	for _, u := range a.GetUnread() {
		if ms == 0 || u.MailAtMs < ms {
			ms = u.MailAtMs
		}
	}
	return ms
}
