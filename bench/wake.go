package bench

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"time"

	"github.com/centralita/centralita"
	"github.com/centralita/centralita/bench/limit"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
	"github.com/centralita/centralita/persistence/badger"
	"github.com/centralita/centralita/proto/deskpb"
)

const (
	eventsToWake = 50
	sleepAfter   = 400 * time.Millisecond
)

// wake measures a command to a conversation that sleeps: its actor is made, reads the stream, decides, and answers. One command
// changes nothing, so that only the waking is measured; the other writes a note. The limit is a read of the same number of
// records, each with a call of its own, from a file that is in memory; for the note, one raw append on top.
func wake(r *run) error {
	dir := r.dir + "/engine"
	size, err := sleepers(r.ctx, journalDir(dir), r.Conversations)
	if err != nil {
		return err
	}
	o, err := r.openOffice(dir, nil, func(opt *centralita.Options) { opt.Tuning.SleepAfter = sleepAfter })
	if err != nil {
		return err
	}
	err = r.wakings(o, size)
	return errors.Join(err, o.close())
}

func sleeper(i int) desk.ConversationID {
	return desk.ConversationIDFor("ch_bench", fmt.Sprint("sleeper", i))
}

// sleepers writes the conversations past the engine, and gives the size of a record.
func sleepers(ctx context.Context, dir string, n int) (size int, err error) {
	store, err := badger.Open(dir, badger.Options{ReserveFile: -1})
	if err != nil {
		return 0, err
	}
	w := newHistorian(store)
	p := newPost("wake")
	for i := range n {
		stream := sleeper(i).Stream()
		events := []desk.Event{deskpb.NewEvent(&deskpb.ConversationOpened{
			Channel: "ch_bench", ChannelKind: deskpb.ChannelKind_CHANNEL_KIND_CUSTOM, Contact: "ct_1", Subject: "My order has not come",
			Priority: deskpb.Priority_PRIORITY_NORMAL, ContactName: "Ana",
		})}
		_, m := p.open()
		for k := 1; k < eventsToWake; k++ {
			if k%3 == 0 {
				events = append(events, deskpb.NewEvent(&deskpb.NoteAdded{
					Message: fmt.Sprintf("ms_note_%d_%d", i, k), Agent: "ag_1", AgentName: "Bo", Body: &deskpb.Body{Text: "Called the carrier, it is on its way."},
				}))
				continue
			}
			item, _ := p.answer(m)
			events = append(events, deskpb.NewEvent(received("ch_bench", "ct_1", item)))
		}
		w.append(stream, events)
		if ctx.Err() != nil {
			break
		}
	}
	err = w.wait()
	for rec, e := range store.Load(ctx, sleeper(0).Stream(), 0) {
		if e != nil {
			err = errors.Join(err, e)
			break
		}
		raw, _ := persistence.EncodeRecord(rec)
		size += len(raw)
	}
	return size / eventsToWake, errors.Join(err, store.Close(), ctx.Err())
}

// wakings takes laps over all conversations, in another order each time: one with the command that changes nothing, one
// with the note. Between two laps everything falls asleep.
func (r *run) wakings(o *office, size int) error {
	var silent, note, read, readAndAppend latencies
	var pages *limit.Pages
	if r.limits() {
		log, err := r.openLog()
		if err != nil {
			return err
		}
		defer log.Close()
		if pages, err = limit.OpenPages(filepath.Join(r.dir, "pages"), size*eventsToWake, log); err != nil {
			return err
		}
		defer pages.Close()
	}
	until := time.Now().Add(r.part(0.9))
	for lap := 0; lap < 2 || time.Now().Before(until); lap++ {
		for _, i := range rand.Perm(r.Conversations) {
			took, err := r.wakeOne(o, i, lap)
			if err != nil {
				return err
			}
			if lap%2 == 0 {
				silent = append(silent, took)
			} else {
				note = append(note, took)
			}
			if pages == nil {
				continue
			}
			took, err = pages.Read(eventsToWake, size, lap%2 == 1)
			if err != nil {
				return err
			}
			if lap%2 == 0 {
				read = append(read, took)
			} else {
				readAndAppend = append(readAndAppend, took)
			}
		}
		pause(r.ctx, 2*sleepAfter)
		if err := r.ctx.Err(); err != nil {
			return err
		}
	}
	r.out.quantiles("no_change", silent, read)
	r.out.quantiles("note", note, readAndAppend)
	return nil
}

func (r *run) wakeOne(o *office, i, lap int) (time.Duration, error) {
	cmd := deskpb.NewCommand(&deskpb.SetTicketPriority{Priority: deskpb.Priority_PRIORITY_NORMAL})
	if lap%2 == 1 {
		cmd = deskpb.NewCommand(&deskpb.AddNote{Message: fmt.Sprintf("ms_lap_%d_%d", lap, i), Body: &deskpb.Body{Text: "Looked into it again."}})
	}
	cmd.By = operator
	at := time.Now()
	done, err := o.engine.Do(r.ctx, sleeper(i).Stream(), cmd)
	took := time.Since(at)
	if err == nil && done.Changed != (lap%2 == 1) {
		err = fmt.Errorf("conversation %d changed: %v", i, done.Changed)
	}
	return took, err
}
