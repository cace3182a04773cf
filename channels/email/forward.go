package email

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"sync"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/channels/email/inlet"
	"github.com/centralita/centralita/channels/email/tidy"
	"github.com/centralita/centralita/desk"
)

// The engine's own mail listener, which belongs to all channels.
type (
	Listener        = inlet.Listener
	ListenerOptions = inlet.Options
	ListenerLimits  = inlet.Limits
)

// Listen starts the engine's mail listener.
func Listen(opt ListenerOptions) (*Listener, error) { return inlet.Start(opt) }

const (
	receiveIMAP       = "imap"
	receiveForwarding = "forwarding"
)

// forwarding says under which address the engine takes this channel's mail: Key is the part before the @. It cannot be
// guessed from the team's address, so that only who was given it writes there.
type forwarding struct {
	Key string `json:"key"`
}

var goodKey = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{4,62}[a-z0-9]$`)

func (c *config) forwarded() bool { return c.Receive == receiveForwarding }

// checkIncoming checks how mail comes in.
func (c *config) checkIncoming(s *secretConfig) (faults []error) {
	fault := func(field, format string, args ...any) {
		faults = append(faults, desk.Refuse(desk.Invalid, field, format, args...))
	}
	switch c.Receive {
	case "", receiveIMAP:
		faults = c.IMAP.check("imap", map[string]int{securityTLS: 993, securityStartTLS: 143, securityPlain: 143})
		if s.IMAPPassword == "" && c.OAuth == nil {
			fault("imap_password", "is missing")
		}
		if c.Forwarding != nil {
			fault("forwarding", "is not used with receive imap; leave it out")
		}
		if !tidy.GoodName(c.IMAP.Folder) {
			fault("imap.folder", "must be one line of at most 500 bytes")
		}
		faults = append(faults, c.AfterIntake.Check("after_intake", c.folder())...)
	case receiveForwarding:
		if c.Forwarding == nil || !goodKey.MatchString(c.Forwarding.Key) {
			fault("forwarding.key", "must be 6 to 64 of a–z, 0–9, '.', '_' and '-', such as support-k3x9d2mq: the part before the @ of the address to forward to")
		}
		if c.IMAP != (serverConfig{password: c.IMAP.password}) {
			fault("imap", "is not used with receive forwarding; leave it out")
		}
		if c.AfterIntake != (tidy.Settings{}) {
			fault("after_intake", "is not used with receive forwarding; leave it out")
		}
		if s.SMTPPassword == "" && c.OAuth == nil {
			fault("smtp_password", "is missing")
		}
	default:
		fault("receive", "must be imap or forwarding")
	}
	return faults
}

func mailKey(raw json.RawMessage) string {
	var c config
	if json.Unmarshal(raw, &c) != nil || !c.forwarded() || c.Forwarding == nil {
		return ""
	}
	return c.Forwarding.Key
}

// doorway is open while Run runs.
type doorway struct {
	mu     sync.Mutex // guards in and ctx
	in     channels.Intake
	ctx    context.Context
	visits sync.WaitGroup
}

func (d *doorway) enter() (channels.Intake, context.Context) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.in != nil {
		d.visits.Add(1)
	}
	return d.in, d.ctx
}

// await is Run of a channel whose mail is brought: it is there until ctx ends.
func (c *Connector) await(ctx context.Context, in channels.Intake) error {
	d := &c.open
	d.mu.Lock()
	d.in, d.ctx = in, ctx
	d.mu.Unlock()
	in.Report(channels.Status{Phase: "listening", Lag: -1})
	<-ctx.Done()
	d.mu.Lock()
	d.in = nil
	d.mu.Unlock()
	d.visits.Wait()
	return nil
}

var errNotRunning = errors.New("the channel is not running")

// ReceiveMail implements channels.MailReceiver. What cannot be read is set aside and counts as taken: it is kept, and the
// sender can do nothing better.
func (c *Connector) ReceiveMail(ctx context.Context, m channels.Mail) error {
	in, running := c.open.enter()
	if in == nil {
		return errNotRunning
	}
	defer c.open.visits.Done()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(running, cancel)()

	f, err := c.fetchBlob(ctx, m.Blob)
	if err != nil {
		return err
	}
	f.to = m.To
	item := "mail:" + m.Digest
	inbound, aside, err := c.read(ctx, item, f)
	if err != nil {
		return err
	}
	if inbound != nil {
		select {
		case err = <-in.Deliver(ctx, *inbound):
		case <-ctx.Done():
			return ctx.Err()
		}
		if err == nil {
			return nil
		}
		if aside = c.refused(err, item, inbound); aside == nil {
			return fmt.Errorf("hand over a mail: %w", err)
		}
	}
	if aside == nil {
		return nil // a mail of ours that came back
	}
	if err := in.Quarantine(ctx, *aside); err != nil {
		return fmt.Errorf("set %s aside: %w", item, err)
	}
	return nil
}

// refused sets a mail aside that the engine refuses for what it is: it would be refused for ever. nil: it can come again.
func (c *Connector) refused(err error, item string, inbound *desk.Inbound) *desk.Quarantined {
	refusal, ok := errors.AsType[*desk.Error](err)
	if !ok || refusal.Code == desk.Unavailable {
		return nil
	}
	c.env.Logger.Warn("a mail was refused and set aside", "item", item, "err", err)
	return &desk.Quarantined{
		Item: item, Cause: "the desk refused it: " + refusal.Message,
		RawBlob: inbound.Message.RawBlob, Summary: summary(inbound.Message),
	}
}

// fetchBlob reads a mail that is kept, as far as it is read at all.
func (c *Connector) fetchBlob(ctx context.Context, blob string) (*fetched, error) {
	raw, size, err := c.env.Blobs.Open(ctx, blob)
	if err != nil {
		return nil, fmt.Errorf("open the raw mail: %w", err)
	}
	defer func() { _ = raw.Close() }() // it was only read
	f := &fetched{blob: blob}
	f.size = size
	most := int64(c.tune.limits.Raw)
	if size > most {
		f.large, most = true, int64(c.tune.limits.Header)
	}
	if f.raw, err = io.ReadAll(io.LimitReader(raw, most)); err != nil {
		return nil, fmt.Errorf("read the raw mail: %w", err)
	}
	return f, nil
}
