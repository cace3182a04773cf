package actors

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// ConnectChannel checks a configuration and makes a channel of it. The address of a kind can be connected once.
func (s *System) ConnectChannel(ctx context.Context, n desk.NewChannel, by *deskpb.Author) (desk.ChannelID, error) {
	kind, known := s.kinds[n.Kind]
	if !known {
		return "", desk.Refuse(desk.Invalid, "kind", "this desk knows no channels of kind %q", n.Kind)
	}
	n.Config = orEmpty(n.Config)
	address, err := kind.Identify(n.Config, orEmpty(n.Secrets))
	if err != nil {
		return "", configFault(err)
	}
	if err := s.addressesFree(kind, address, n.Config, ""); err != nil {
		return "", err
	}
	if err := s.hoursThere(kind, n.Config, nil); err != nil {
		return "", err
	}
	sealed, err := s.sealSecrets(n.Secrets)
	if err != nil {
		return "", err
	}
	cmd := deskpb.NewCommand(&deskpb.ConnectChannel{Channel: &deskpb.ChannelConnected{
		Kind: kind.Kind, Name: n.Name, Config: n.Config, SealedSecrets: sealed, Routing: n.Routing, Address: address, CustomKind: customKind(kind),
	}})
	cmd.By = by
	// The id follows from the address, so that two administrators who connect it at once meet the same stream. A custom kind
	// may leave the address empty: then each is a channel of its own.
	id := desk.ChannelID(desk.DeriveID("ch_", n.Kind, address))
	if address == "" {
		var b [16]byte
		_, _ = rand.Read(b[:])
		id = desk.ChannelID("ch_" + hex.EncodeToString(b[:]))
	}
	if _, err := s.Do(ctx, id.Stream(), cmd); err != nil {
		return "", err
	}
	return id, nil
}

// ReconfigureChannel replaces a channel's settings; empty secrets keep the old ones.
func (s *System) ReconfigureChannel(ctx context.Context, id desk.ChannelID, n desk.NewChannel, by *deskpb.Author) error {
	row, err := s.index.Channel(id)
	if err != nil {
		return err
	}
	if row == nil {
		return desk.Refuse(desk.NotFound, "channel", "there is no such channel")
	}
	kind, known := s.kinds[kindName(row)]
	if !known {
		return desk.Refuse(desk.Invalid, "kind", "this desk knows no channels of kind %q", kindName(row))
	}
	secrets := n.Secrets
	if len(secrets) == 0 {
		if secrets, err = s.secretsOf(id); err != nil {
			return err
		}
	}
	n.Config = orEmpty(n.Config)
	address, err := kind.Identify(n.Config, orEmpty(secrets))
	if err != nil {
		return configFault(err)
	}
	if err := s.addressesFree(kind, address, n.Config, id); err != nil {
		return err
	}
	if err := s.hoursThere(kind, n.Config, row.Config); err != nil {
		return err
	}
	var sealed []byte
	if len(n.Secrets) > 0 {
		if sealed, err = s.sealSecrets(n.Secrets); err != nil {
			return err
		}
	}
	cmd := deskpb.NewCommand(&deskpb.ChangeChannel{Channel: &deskpb.ChannelChanged{
		Name: n.Name, Config: n.Config, SealedSecrets: sealed, Routing: n.Routing, Address: address,
	}, RoutingWas: n.Was, ConfigWas: n.ConfigWas})
	cmd.By = by
	_, err = s.Do(ctx, id.Stream(), cmd)
	return err
}

// CheckChannel tests a channel's connectivity; all faults are joined. Kinds that cannot test say nothing.
func (s *System) CheckChannel(ctx context.Context, id desk.ChannelID) error {
	row, err := s.index.Channel(id)
	if err != nil {
		return err
	}
	if row == nil {
		return desk.Refuse(desk.NotFound, "channel", "there is no such channel")
	}
	return s.CheckRow(ctx, row)
}

// syncNow asks a channel to look for what is new at once.
type syncNow struct{ channel desk.ChannelID }

// SyncChannel makes a channel connect anew and look for what is new, without waiting for its next attempt. It returns at once:
// the channel's status says how it goes.
func (s *System) SyncChannel(id desk.ChannelID) error {
	row, err := s.index.Channel(id)
	switch {
	case err != nil:
		return err
	case row == nil:
		return desk.Refuse(desk.NotFound, "channel", "there is no such channel")
	case !row.On:
		return desk.Refuse(desk.Conflict, "channel", "the channel is switched off: switch it on first")
	}
	s.root.Send(s.switchboard, &syncNow{channel: id})
	return nil
}

// CheckRow is CheckChannel for a row at hand.
func (s *System) CheckRow(ctx context.Context, row desk.Channel) error {
	id := desk.ChannelID(row.Channel)
	kind, known := s.kinds[kindName(row)]
	if !known {
		return desk.Refuse(desk.Invalid, "kind", "this desk knows no channels of kind %q", kindName(row))
	}
	secrets, err := s.secretsOf(id)
	if err != nil {
		return err
	}
	conn, err := kind.New(s.envOf(row, secrets))
	if err != nil {
		return err
	}
	return checkConnector(ctx, conn)
}

func checkConnector(ctx context.Context, conn channels.Connector) error {
	if ck, can := conn.(channels.Checker); can {
		return configFault(plainFaults(ck.Check(ctx)))
	}
	return nil
}

// CheckConfig tries settings that are not saved: all faults are joined, each with its field. id names the channel they are
// meant for, whose secrets fill in for those left out; "" for a new one. tell hears of each step as it begins and ends; may be nil.
func (s *System) CheckConfig(ctx context.Context, n desk.NewChannel, id desk.ChannelID, tell func(step string, ended bool, fault error)) error {
	if tell != nil {
		ctx = channels.WithSteps(ctx, func(c channels.CheckStep) { tell(c.Name, c.Ended, configFault(plainFaults(c.Err))) })
	}
	conn, err := s.onTrial(n, id)
	if err != nil {
		return err
	}
	return checkConnector(ctx, conn)
}

// onTrial makes a connector of settings that are not saved.
func (s *System) onTrial(n desk.NewChannel, id desk.ChannelID) (channels.Connector, error) {
	kind, known := s.kinds[n.Kind]
	if !known {
		return nil, desk.Refuse(desk.Invalid, "kind", "this desk knows no channels of kind %q", n.Kind)
	}
	secrets := n.Secrets
	if len(secrets) == 0 && id != "" {
		var err error
		if secrets, err = s.secretsOf(id); err != nil {
			return nil, err
		}
	}
	config := orEmpty(n.Config)
	address, err := kind.Identify(config, orEmpty(secrets))
	if err != nil {
		return nil, configFault(err)
	}
	if err := s.addressesFree(kind, address, config, id); err != nil {
		return nil, err
	}
	conn, err := kind.New(s.envOf(&deskpb.ChannelSummary{Channel: string(id), Name: n.Name, Address: address, Config: config}, orEmpty(secrets)))
	return conn, configFault(err)
}

// NewChecker makes a System that is not alive and can only check channels: for a desk that is stopped.
func NewChecker(cfg Config) *System {
	s := &System{
		store: cfg.Store, index: cfg.Store.Index(), blobs: cfg.Blobs, vault: cfg.Vault, kinds: map[string]channels.Kind{}, log: cfg.Logger, obs: silent{},
		mailDomain: cfg.MailDomain, link: cfg.Link, signing: cfg.Keys,
	}
	for _, k := range cfg.Kinds {
		s.kinds[k.Name] = k
	}
	return s
}

func (s *System) secretsOf(id desk.ChannelID) (json.RawMessage, error) {
	sealed, err := s.index.ChannelSecrets(id)
	if err != nil {
		return nil, fmt.Errorf("read the channel's secrets: %w", err)
	}
	return s.openSecrets(sealed)
}

func (s *System) sealSecrets(plain []byte) ([]byte, error) {
	if len(plain) == 0 {
		return nil, nil
	}
	sealed, err := s.vault.Seal(plain)
	if err != nil {
		return nil, fmt.Errorf("seal the channel's secrets: %w", err)
	}
	return sealed, nil
}

func (s *System) openSecrets(sealed []byte) (json.RawMessage, error) {
	if len(sealed) == 0 {
		return json.RawMessage("{}"), nil
	}
	plain, err := s.vault.Open(sealed)
	if err != nil {
		return nil, fmt.Errorf("open the channel's secrets: %w", err)
	}
	return plain, nil
}

func orEmpty(raw []byte) []byte {
	if len(raw) == 0 {
		return []byte("{}")
	}
	return raw
}

func customKind(k channels.Kind) string {
	if KindNames[k.Kind] == k.Name {
		return ""
	}
	return k.Name
}
