package actors

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// envOf is what a connector for a channel's row is made with.
func (s *System) envOf(row desk.Channel, secrets json.RawMessage) channels.Env {
	id := desk.ChannelID(row.Channel)
	return channels.Env{
		Channel: id, Name: row.Name, Address: row.Address, Connected: connectedAt(row), Config: row.Config, Secrets: secrets, Blobs: s.blobs,
		Threads: &threads{sys: s, channel: id}, Logger: s.log.With("channel", string(id)), MailDomain: s.mailDomain,
		SaveSecrets: s.secretSaver(id), Link: s.link, Earlier: s.earlier, AnswerMax: s.tune.AnswerMax,
		Keys: s.signing, Count: func(what string) { s.obs.CountItem(string(id), what) }, Around: s.around(id),
	}
}

// mostEarlier bounds what is given of a long conversation: the last of it.
const mostEarlier = 60

// earlier gives what was said in a conversation before a reply: by whoever is outside, and what left from here. Notes are never
// among it, nor what was split off into another ticket, taken back, or written by a machine.
func (s *System) earlier(ctx context.Context, conv desk.ConversationID, reply desk.MessageID) ([]channels.Said, error) {
	type entry struct {
		id   string
		said channels.Said
	}
	var all []entry
	drop := func(id string) {
		for i, e := range all {
			if e.id == id {
				all = append(all[:i], all[i+1:]...)
				return
			}
		}
	}
	for r, err := range s.store.Load(ctx, conv.Stream(), 0) {
		if err != nil {
			return nil, fmt.Errorf("read what was said in %s: %w", conv, err)
		}
		at := time.UnixMilli(r.AtMs)
		switch e := r.Event.GetKind().(type) {
		case *deskpb.Event_MessageReceived:
			m := e.MessageReceived
			if m.Automatic != "" || m.Unconfirmed || m.ForForwarded {
				continue // a stranger's is not for the others, nor what a colleague wrote above what they passed on
			}
			if m.SentAtMs != 0 {
				at = time.UnixMilli(m.SentAtMs)
			}
			all = append(all, entry{m.Message, channels.Said{Name: m.From.GetName(), Address: m.From.GetAddress(), At: at, Body: m.Body}})
		case *deskpb.Event_ReplyImported:
			m := e.ReplyImported.GetMail()
			all = append(all, entry{m.GetMessage(), channels.Said{Name: m.GetFrom().GetName(), At: at, Body: m.GetBody()}})
		case *deskpb.Event_ReplyRequested:
			m := e.ReplyRequested
			if m.Message == string(reply) {
				for _, id := range m.Carries { // they are what it says
					drop(id)
				}
				return last(all, func(e entry) channels.Said { return e.said }), nil
			}
			if m.Automatic != "" {
				continue
			}
			if m.SendAtMs != 0 {
				at = time.UnixMilli(m.SendAtMs)
			}
			all = append(all, entry{m.Message, channels.Said{Name: m.AgentName, At: at, Body: m.Body}})
		case *deskpb.Event_ReplyCanceled:
			drop(e.ReplyCanceled.Message)
		case *deskpb.Event_MessagesSplitOff:
			for _, m := range e.MessagesSplitOff.Messages {
				drop(m.Message)
			}
		}
		if len(all) > 4*mostEarlier {
			all = append(all[:0], all[len(all)-mostEarlier:]...)
		}
	}
	return last(all, func(e entry) channels.Said { return e.said }), nil
}

// last gives the end of a list.
func last[A, B any](all []A, of func(A) B) []B {
	all = all[max(0, len(all)-mostEarlier):]
	out := make([]B, 0, len(all))
	for _, a := range all {
		out = append(out, of(a))
	}
	return out
}

// PreviewSending shows how an agent's reply looks when it leaves a channel with these settings. nil: its kind cannot show that.
func (s *System) PreviewSending(n desk.NewChannel, agent string) (*desk.SendingPreview, error) {
	kind, known := s.kinds[n.Kind]
	if !known {
		return nil, desk.Refuse(desk.Invalid, "kind", "this desk knows no channels of kind %q", n.Kind)
	}
	if kind.Preview == nil {
		return nil, desk.Refuse(desk.Invalid, "kind", "what channels of kind %q send looks as it is written", n.Kind)
	}
	p, err := kind.Preview(n.Name, orEmpty(n.Config), agent)
	if err != nil {
		return nil, configFault(err)
	}
	return p, nil
}
