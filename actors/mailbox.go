package actors

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// postmaster is the one mailbox that every server which takes mail must have (RFC 5321 section 4.5.1).
const postmaster = "postmaster"

// Mailbox finds the channel that takes mail from the engine's own listener under a key. What is known is asked of the
// index, which is durable: an address does not vanish while its channel starts, is switched off or fails. Mail to the
// postmaster is the oldest channel's that takes mail so.
func (s *System) Mailbox(key string) (id desk.ChannelID, receiver channels.MailReceiver, known bool, err error) {
	id, err = s.channelByMailKey(key)
	if err == nil && id == "" && key == postmaster {
		known = true // while there is nobody to read it, its sender is told to come again
		id, err = s.channelWhere(func(key string) bool { return key != "" })
	}
	if err != nil || id == "" {
		return "", nil, known && err == nil, err
	}
	s.status.mu.RLock()
	defer s.status.mu.RUnlock()
	if live := s.status.live[id]; live != nil {
		receiver, _ = live.connector.(channels.MailReceiver)
	}
	return id, receiver, true, nil
}

// channelByMailKey remembers what it found: every recipient of every mail asks. What it remembers it holds against the
// channel's row, so that it is never older than the index.
func (s *System) channelByMailKey(key string) (desk.ChannelID, error) {
	if key == "" {
		return "", nil
	}
	if was := s.status.mailKey(key); was != "" {
		row, err := s.index.Channel(was)
		if err != nil {
			return "", fmt.Errorf("read a channel: %w", err)
		}
		if row != nil && s.mailKey(row) == key {
			return was, nil
		}
	}
	id, err := s.channelWhere(func(k string) bool { return k == key })
	if err == nil {
		s.status.rememberMailKey(key, id)
	}
	return id, err
}

// channelWhere finds the oldest channel whose key is wanted; "" is the key of one that takes no mail so.
func (s *System) channelWhere(wanted func(key string) bool) (id desk.ChannelID, err error) {
	rows, err := s.index.Channels()
	if err != nil {
		return "", fmt.Errorf("read the channels: %w", err)
	}
	for oldest, i := int64(0), 0; i < len(rows); i++ {
		if row := rows[i]; wanted(s.mailKey(row)) && (id == "" || row.ConnectedMs < oldest) {
			id, oldest = desk.ChannelID(row.Channel), row.ConnectedMs
		}
	}
	return id, nil
}

func (s *System) mailKey(row desk.Channel) string {
	if kind := s.kinds[kindName(row)]; kind.MailKey != nil {
		return kind.MailKey(row.Config)
	}
	return ""
}

// addressesFree says what of a channel's addresses is somebody else's: the one it is known by outside, which may also be
// an agent's own, and the one under which the listener takes its mail.
func (s *System) addressesFree(kind channels.Kind, address string, config []byte, self desk.ChannelID) error {
	if address != "" {
		other, err := s.index.ChannelByAddress(kind.Kind, address)
		if err != nil {
			return fmt.Errorf("look for a channel: %w", err)
		}
		if other != "" && other != self {
			return taken("config.address", "%s is connected already: change that channel, or name another address", address)
		}
	}
	if kind.Kind == deskpb.ChannelKind_CHANNEL_KIND_EMAIL && address != "" {
		agent, err := s.index.AgentByEmail(address)
		if err != nil {
			return fmt.Errorf("look for an agent: %w", err)
		}
		if agent != "" {
			return taken("config.address", "%s is the address an agent signs in with: mail to a person is not a team's, name the team's address", address)
		}
	}
	if kind.MailKey == nil {
		return nil
	}
	other, err := s.channelByMailKey(kind.MailKey(config))
	if err != nil {
		return err
	}
	if other != "" && other != self {
		return taken("config.forwarding.key", "another channel takes mail under this address: choose another")
	}
	return nil
}

// secretSaver is Env.SaveSecrets of a channel: nil for one that is not saved, or in a program that only checks.
func (s *System) secretSaver(id desk.ChannelID) func(context.Context, json.RawMessage) error {
	if id == "" || s.root == nil {
		return nil
	}
	return func(ctx context.Context, secrets json.RawMessage) error {
		sealed, err := s.sealSecrets(secrets)
		if err != nil {
			return err
		}
		cmd := deskpb.NewCommand(&deskpb.ChangeChannel{Channel: &deskpb.ChannelChanged{SealedSecrets: sealed}})
		cmd.By = &deskpb.Author{Kind: deskpb.Author_KIND_CHANNEL, Id: string(id)}
		_, err = s.Do(ctx, id.Stream(), cmd)
		return err
	}
}

func taken(field, format string, args ...any) error {
	return &desk.Error{Code: desk.Conflict, Field: field, Reason: "exists", Message: fmt.Sprintf(format, args...)}
}
