package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
	"github.com/centralita/centralita/persistence/badger"
	"github.com/centralita/centralita/proto/deskpb"
)

// historian writes a past into a journal, past the engine: as fast as the store takes it.
type historian struct {
	store    persistence.Store
	versions map[desk.StreamID]uint64
	slots    chan struct{}
	under    sync.WaitGroup
	failed   atomic.Pointer[error]
	written  int
}

func newHistorian(s persistence.Store) *historian {
	return &historian{store: s, versions: map[desk.StreamID]uint64{}, slots: make(chan struct{}, 2000)}
}

// append adds events to a stream; wait says whether all went well.
func (h *historian) append(stream desk.StreamID, events []desk.Event) {
	e := persistence.Entry{Stream: stream, Expect: h.versions[stream]}
	now := time.Now().UnixMilli()
	for _, ev := range events {
		h.versions[stream]++
		h.written++
		e.Records = append(e.Records, &deskpb.Record{Stream: string(stream), Version: h.versions[stream], AtMs: now, By: operator, Event: ev})
	}
	h.slots <- struct{}{}
	h.under.Add(1)
	h.store.Append(e, func(_ desk.Position, err error) {
		if err != nil {
			h.failed.Store(&err)
		}
		<-h.slots
		h.under.Done()
	})
}

func (h *historian) wait() error {
	h.under.Wait()
	if err := h.failed.Load(); err != nil {
		return fmt.Errorf("write the history: %w", *err)
	}
	return nil
}

// received is the event of a letter.
func received(channel desk.ChannelID, contact string, item desk.Inbound) *deskpb.MessageReceived {
	m := item.Message
	return &deskpb.MessageReceived{
		Message: string(desk.MessageIDFor(channel, item.ExternalID)), Channel: string(channel), ExternalId: item.ExternalID, Contact: contact,
		From: m.From, To: m.To, Subject: m.Subject, Body: m.Body, ThreadKeys: m.ThreadKeys, SentAtMs: m.SentAt.UnixMilli(), InReplyTo: m.InReplyTo,
	}
}

// historyFormat changes when the history made here does.
const historyFormat = 1

// stillOpen is how many tickets of a history are open, however long it is.
const stillOpen = 2000

// history gives a data directory with so many events, from the cache or made now. It belongs to one benchmark at a time.
func (r *run) history(events int) (dir string, err error) {
	dir, err = r.cached(fmt.Sprintf("history-%d-%d-%d", historyFormat, persistence.ProjectionFormat, events))
	if err != nil {
		return "", err
	}
	return dir, r.once(dir, fmt.Sprintf("a history of %d events", events), func() error { return r.makeHistory(dir, events) })
}

// cached is the place of something that takes a while to make.
func (r *run) cached(name string) (dir string, err error) {
	cache := r.Cache
	if cache == "" {
		base, err := os.UserCacheDir()
		if err != nil {
			return "", fmt.Errorf("find the cache: %w", err)
		}
		cache = filepath.Join(base, "centralita-bench")
	}
	return filepath.Join(cache, name), nil
}

// once makes what belongs into a directory, unless it is there as a whole.
func (r *run) once(dir, what string, make func() error) error {
	complete := filepath.Join(dir, "complete")
	if _, err := os.Stat(complete); err == nil {
		return nil
	}
	r.out.say("making %s in %s, once", what, dir)
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("remove half of it: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make %s: %w", what, err)
	}
	if err := make(); err != nil {
		return errors.Join(err, os.RemoveAll(dir))
	}
	return os.WriteFile(complete, nil, 0o600)
}

func (r *run) makeHistory(dir string, events int) (err error) {
	o, err := r.openOffice(dir, nil, nil) // so that there is a channel
	if err != nil {
		return err
	}
	channel := o.channel
	if err := o.close(); err != nil {
		return err
	}
	store, err := badger.Open(journalDir(dir), badger.Options{ReserveFile: -1})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	return writePast(r.ctx, newHistorian(store), channel, events)
}

// writePast writes conversations of ten events: a question, the answer, thanks; all but the last ones are closed.
func writePast(ctx context.Context, h *historian, channel desk.ChannelID, events int) error {
	p := newPost("history")
	for i := 0; h.written < events && ctx.Err() == nil; i++ {
		first, m := p.open()
		contact := desk.ContactIDFor(int32(deskpb.IdentityKind_IDENTITY_KIND_EMAIL), first.Message.Identity.Value)
		h.append(contact.Stream(), []desk.Event{deskpb.NewEvent(&deskpb.ContactCreated{Identity: first.Message.Identity, Name: first.Message.Name})})
		stream := desk.ConversationIDFor(channel, "item/"+m.root).Stream()
		all := []desk.Event{
			deskpb.NewEvent(&deskpb.ConversationOpened{
				Channel: string(channel), ChannelKind: deskpb.ChannelKind_CHANNEL_KIND_CUSTOM, Contact: string(contact), Subject: first.Message.Subject,
				Priority: deskpb.Priority_PRIORITY_NORMAL, ContactName: first.Message.Name,
			}),
			deskpb.NewEvent(received(channel, string(contact), first)),
			deskpb.NewEvent(&deskpb.AssignmentDeferred{Reason: &deskpb.AssignmentReason{Code: "no_rule", Text: "This channel leaves tickets for people to take."}}),
		}
		all = append(all, answered(channel, i, p)...)
		thanks, _ := p.answer(m)
		all = append(all, deskpb.NewEvent(received(channel, string(contact), thanks)))
		if events-h.written > 10*stillOpen {
			all = append(all, deskpb.NewEvent(&deskpb.TicketStatusChanged{
				From: deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_US, To: deskpb.TicketStatus_TICKET_STATUS_CLOSED, Cause: "by_hand",
			}))
		}
		h.append(stream, all)
	}
	return errors.Join(h.wait(), ctx.Err())
}

// answered is an agent's reply on its way, and a note.
func answered(channel desk.ChannelID, i int, p *post) []desk.Event {
	message := fmt.Sprintf("ms_reply_%d", i)
	return []desk.Event{
		deskpb.NewEvent(&deskpb.NoteAdded{Message: message + "n", Agent: "ag_1", AgentName: "Bo", Body: &deskpb.Body{Text: "Called the carrier."}}),
		deskpb.NewEvent(&deskpb.ReplyRequested{
			Message: message, Channel: string(channel), Agent: "ag_1", AgentName: "Bo", Body: &deskpb.Body{Text: p.bodies[i%len(p.bodies)]},
			ThreadKeys: []string{fmt.Sprintf("<%s@bench.example.org>", message)},
		}),
		deskpb.NewEvent(&deskpb.DeliveryStarted{Message: message, Attempt: 1}),
		deskpb.NewEvent(&deskpb.DeliverySettled{Message: message, Attempt: 1, State: deskpb.DeliveryState_DELIVERY_STATE_SENT, ExternalId: message}),
	}
}
