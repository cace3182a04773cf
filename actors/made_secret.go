package actors

import (
	"context"
	"time"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// RotateChannelSecret makes another secret that an outside program signs with for a channel, and gives it, this once. The one before
// holds on for as long as keep says.
func (s *System) RotateChannelSecret(ctx context.Context, id desk.ChannelID, keep time.Duration, by *deskpb.Author) (string, error) {
	kind, secrets, err := s.makesSecrets(id)
	if err != nil {
		return "", err
	}
	changed, made, err := kind.RotateSecret(secrets, keep, time.Now())
	if err != nil {
		return "", err
	}
	sealed, err := s.sealSecrets(changed)
	if err != nil {
		return "", err
	}
	cmd := deskpb.NewCommand(&deskpb.ChangeChannel{Channel: &deskpb.ChannelChanged{SealedSecrets: sealed}})
	cmd.By = by
	if _, err := s.Do(ctx, id.Stream(), cmd); err != nil {
		return "", err
	}
	return made, nil
}

// ChannelSecretsMade tells of a channel's secrets that hold, without giving them away.
func (s *System) ChannelSecretsMade(id desk.ChannelID) ([]desk.MadeSecret, error) {
	kind, secrets, err := s.makesSecrets(id)
	if err != nil {
		return nil, err
	}
	return kind.SecretsMade(secrets, time.Now()), nil
}

func (s *System) makesSecrets(id desk.ChannelID) (kind channels.Kind, secrets []byte, err error) {
	row, err := s.index.Channel(id)
	if err != nil {
		return kind, nil, err
	}
	if row == nil {
		return kind, nil, desk.Refuse(desk.NotFound, "channel", "there is no such channel")
	}
	kind = s.kinds[kindName(row)]
	if kind.RotateSecret == nil || kind.SecretsMade == nil {
		return kind, nil, desk.Refuse(desk.Conflict, "channel", "a %s channel has no secret that the desk makes", kindName(row))
	}
	secrets, err = s.secretsOf(id)
	return kind, secrets, err
}
