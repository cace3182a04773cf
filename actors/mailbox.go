package actors

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// Mailbox finds the channel that takes mail from the engine's own listener under a key. What is known is asked of the
// index, which is durable: an address does not vanish while its channel starts, is switched off or fails.
func (s *System) Mailbox(key string) (id desk.ChannelID, receiver channels.MailReceiver, known bool, err error) {
	if id, err = s.channelByMailKey(key); err != nil || id == "" {
		return "", nil, false, err
	}
	s.status.mu.RLock()
	defer s.status.mu.RUnlock()
	if live := s.status.live[id]; live != nil {
		receiver, _ = live.connector.(channels.MailReceiver)
	}
	return id, receiver, true, nil
}

func (s *System) channelByMailKey(key string) (desk.ChannelID, error) {
	rows, err := s.index.Channels()
	if err != nil {
		return "", fmt.Errorf("read the channels: %w", err)
	}
	for _, row := range rows {
		if kind := s.kinds[kindName(row)]; kind.MailKey != nil && key != "" && kind.MailKey(row.Config) == key {
			return desk.ChannelID(row.Channel), nil
		}
	}
	return "", nil
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
