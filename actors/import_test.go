package actors_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/centralita/centralita/actors"
	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
	"github.com/centralita/centralita/persistence/memory"
	"github.com/centralita/centralita/persistence/reports"
	"github.com/centralita/centralita/proto/deskpb"
)

// archive is a wire whose outside keeps items of the past.
type archive struct {
	*wire
	items []desk.Inbound
	note  int // progress is noted after so many
	stuck func(n int) error
}

func (a *archive) CountPast(context.Context, desk.PastQuery) ([]desk.PastFolder, error) {
	return []desk.PastFolder{{Name: "All", Mails: len(a.items)}}, nil
}

func (a *archive) Import(ctx context.Context, _ desk.PastQuery, in channels.PastIntake) error {
	was := in.Progress()
	p := &deskpb.ImportMoved{Cursor: was.Cursor, Taken: was.Taken, Known: was.Known, Total: uint32(len(a.items))}
	from := 0
	if _, err := fmt.Sscan(was.Cursor, &from); err != nil && was.Cursor != "" {
		return err
	}
	for n := from; n < len(a.items); n++ {
		if a.stuck != nil {
			if err := a.stuck(n); err != nil {
				return err
			}
		}
		known, err := in.Take(ctx, a.items[n])
		if err != nil {
			return err
		}
		if p.Taken++; known {
			p.Taken--
			p.Known++
		}
		if (n+1)%a.note == 0 || n+1 == len(a.items) {
			p.Cursor = fmt.Sprint(n + 1)
			if err := in.Move(ctx, p); err != nil {
				return err
			}
			p = &deskpb.ImportMoved{Cursor: p.Cursor, Taken: p.Taken, Known: p.Known, Total: p.Total}
		}
	}
	return nil
}

// past makes an item one of the past.
func past(item desk.Inbound, at time.Time, sent bool) desk.Inbound {
	item.Message.Past = &desk.Past{At: at, Sent: sent}
	if sent { // to whom it was
		item.Message.From, item.Message.To = &deskpb.Address{Name: "The team", Address: "support@desk.example"}, []*deskpb.Address{item.Message.From}
		item.Message.JoinOnlyFrom = false
	}
	return item
}

// archived begins a life whose one channel has a past.
func archived(t *testing.T, store persistence.Store, a *archive) *life {
	t.Helper()
	return startAs(t, store, actors.Tuning{}, func(k *channels.Kind) {
		k.New = func(channels.Env) (channels.Connector, error) { return a, nil }
	})
}

func (l *life) imports(id desk.ChannelID, until time.Time) {
	l.t.Helper()
	l.do(id.Stream(), deskpb.NewCommand(&deskpb.StartImport{Import: &deskpb.ImportStarted{UntilMs: until.UnixMilli(), Inbox: true}}))
}

func (l *life) importOf(id desk.ChannelID) *deskpb.Import {
	l.t.Helper()
	row, err := l.store.Index().Channel(id)
	if err != nil || row == nil {
		l.t.Fatalf("channel %s: %v %v", id, row, err)
	}
	return row.GetImport()
}

// What is of the past opens closed tickets with its own times, in one ticket what belongs together; nobody is chosen, told or
// written to, and no report counts it. An answer to it opens the ticket again and goes the way of every message.
func TestThePastIsTakenInSilently(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory.New()
		now := time.Now()
		days := func(n int) time.Time { return now.Add(time.Duration(n) * 24 * time.Hour).Truncate(time.Second) }
		a := &archive{wire: newWire(), note: 2}
		a.items = []desk.Inbound{
			past(mail("q1", "ana@customer.test", "Where is my parcel?"), days(-20), false),
			past(mail("a1", "ana@customer.test", "It is on its way.", "mid:q1"), days(-19), true),
			past(mail("q2", "ana@customer.test", "Thank you!", "mid:a1"), days(-18), false),
			past(mail("x1", "bob@other.test", "Our offer", "mid:none"), days(-5), true), // the team began it
		}
		l := archived(t, store, a)
		defer l.stop()
		bea := l.agent("bea", 5, true)
		id, _ := l.channel("support@desk.example", to(bea))
		l.imports(id, now)
		synctest.Wait()
		time.Sleep(10 * time.Second)
		synctest.Wait()
		i := l.importOf(id)
		if i.GetState() != deskpb.ImportState_IMPORT_STATE_DONE || i.Progress.Taken != 4 || i.Progress.Known != 0 || i.Progress.Total != 4 {
			t.Fatalf("the import %v", i)
		}
		closed := l.tickets(desk.ViewClosed)
		if len(closed) != 2 || len(l.tickets(desk.ViewOpen)) != 0 {
			t.Fatalf("closed %v, open %v", closed, l.tickets(desk.ViewOpen))
		}
		parcel, offer := closed[1], closed[0]
		if parcel.Messages != 3 || parcel.OpenedAtMs != days(-20).UnixMilli() || parcel.UpdatedAtMs != days(-18).UnixMilli() || parcel.ClosedAtMs != parcel.UpdatedAtMs ||
			parcel.Owner != "" || parcel.InLine || parcel.Source != desk.SourceImport || parcel.FirstReplyAtMs != days(-19).UnixMilli() || parcel.WaitingSinceMs != 0 {
			t.Errorf("the parcel %v", parcel)
		}
		if offer.Messages != 1 || offer.LastAuthor != "agent" || offer.ContactName != "Customer bob@other.test" || offer.Number == 0 {
			t.Errorf("the offer %v", offer)
		}
		if told, err := store.Index().Notifications(string(bea)); err != nil || len(told) != 0 {
			t.Errorf("told %v %v", told, err)
		}
		if items, err := store.Index().Outbox(id, 0); err != nil || len(items) != 0 || len(a.outbox()) != 0 {
			t.Errorf("the outbox %v %v, sent %v", items, err, a.outbox())
		}
		x, err := reports.Open(store, reports.Options{})
		must(t, err)
		must(t, x.CatchUp(t.Context()))
		q := desk.ReportQuery{FromMs: days(-30).UnixMilli(), ToMs: time.Now().Add(time.Hour).UnixMilli(), By: desk.ByWeek}
		if r, err := x.Report(q); err != nil || r.Total.Opened+r.Total.Closed+r.Total.In+r.Total.Out+r.Total.Backlog+r.Total.FirstReply.Count != 0 {
			t.Errorf("the report %+v %v", r.Total, err)
		}

		must(t, a.deliver(mail("q3", "ana@customer.test", "It never came.", "mid:q2")))
		synctest.Wait()
		time.Sleep(time.Second)
		synctest.Wait()
		if again := l.ticket(desk.ConversationID(parcel.Conversation)); again.Status != deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_US || again.Owner != string(bea) || again.Messages != 4 {
			t.Errorf("after the answer %v", again)
		}
		l.reply(parcel.Conversation, "r1", "We send another one.", bea)
		synctest.Wait()
		sent := a.outbox()
		if len(sent) != 1 || sent[0].InReplyTo != "mid:q3" || fmt.Sprint(sent[0].References) != "[mid:q1 mid:a1 mid:q2 mid:q3]" {
			t.Errorf("the reply %+v", sent)
		}
		must(t, x.CatchUp(t.Context()))
		if r, err := x.Report(q); err != nil || r.Total.Opened != 0 || r.Total.In != 1 || r.Total.Out != 1 || r.Total.Backlog != 1 {
			t.Errorf("the report afterwards %+v %v", r.Total, err)
		}
	})
}

// What the desk has is not doubled; older mails of a ticket that is at work come into it and change nothing of how it stands.
func TestThePastOfWhatIsAtWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory.New()
		a := &archive{wire: newWire(), note: 10}
		l := archived(t, store, a)
		defer l.stop()
		bea := l.agent("bea", 5, true)
		id, _ := l.channel("support@desk.example", to(bea))
		must(t, a.deliver(mail("q2", "ana@customer.test", "And today?", "mid:q1")))
		synctest.Wait()
		before := l.tickets(desk.ViewOpen)[0]
		old := time.Now().Add(-48 * time.Hour).Truncate(time.Second)
		a.items = []desk.Inbound{
			past(mail("q1", "ana@customer.test", "Is it open?"), old, false),
			past(mail("a1", "ana@customer.test", "Yes.", "mid:q1"), old.Add(time.Hour), true),
			past(mail("q2", "ana@customer.test", "And today?", "mid:q1"), time.Now(), false),
		}
		time.Sleep(time.Minute)
		l.imports(id, time.Now())
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if i := l.importOf(id); i.GetState() != deskpb.ImportState_IMPORT_STATE_DONE || i.Progress.Taken != 2 || i.Progress.Known != 1 {
			t.Fatalf("the import %v", i)
		}
		after := l.tickets(desk.ViewOpen)
		if len(after) != 1 || len(l.tickets(desk.ViewClosed)) != 0 {
			t.Fatalf("open %v", after)
		}
		if row := after[0]; row.Messages != 3 || row.Preview != before.Preview || row.UpdatedAtMs != before.UpdatedAtMs || row.OpenedAtMs != before.OpenedAtMs ||
			row.Status != before.Status || row.Owner != before.Owner || row.FirstReplyAtMs != 0 || row.WaitingSinceMs != before.WaitingSinceMs {
			t.Errorf("before %v\nafter %v", before, row)
		}
		l.reply(before.Conversation, "r1", "Today, too.", bea)
		synctest.Wait()
		if sent := a.outbox(); len(sent) != 1 || sent[0].InReplyTo != "mid:q2" || sent[0].To[0].Address != "ana@customer.test" {
			t.Errorf("the reply %+v", sent)
		}
	})
}

// An import goes on after its end was not its own: paused and resumed, failed, or in the next life. Each item is taken in once and
// counted once.
func TestAnImportGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory.New()
		a := &archive{wire: newWire(), note: 4}
		const n = 30
		for i := range n {
			a.items = append(a.items, past(mail(fmt.Sprint("m", i), fmt.Sprintf("c%d@customer.test", i), "Hello"), time.Now().Add(time.Duration(i-100)*time.Hour), false))
		}
		reached := make(chan int, n)
		hold := true
		a.stuck = func(i int) error {
			if i == 6 && hold { // two were taken in since progress was noted
				hold = false
				return errors.New("the line is cut")
			}
			if i == 14 || i == 21 {
				reached <- i
				if i == 21 {
					return errors.New("the line is cut")
				}
			}
			return nil
		}
		l := archived(t, store, a)
		id, _ := l.channel("support@desk.example", nil)
		l.imports(id, time.Now())
		switchTo := func(s deskpb.ImportState) {
			l.do(id.Stream(), deskpb.NewCommand(&deskpb.SwitchImport{To: s}))
			synctest.Wait()
		}
		<-reached
		switchTo(deskpb.ImportState_IMPORT_STATE_PAUSED)
		at := l.importOf(id).GetProgress().GetTaken()
		time.Sleep(time.Hour)
		if i := l.importOf(id); i.GetState() != deskpb.ImportState_IMPORT_STATE_PAUSED || i.Progress.Taken != at || at == 0 {
			t.Errorf("paused %v", i)
		}
		if _, err := l.sys.Do(t.Context(), id.Stream(), deskpb.NewCommand(&deskpb.StartImport{Import: &deskpb.ImportStarted{UntilMs: time.Now().UnixMilli(), Inbox: true}})); desk.ReasonOf(err) != "importing" {
			t.Errorf("a second import: %v", err)
		}
		switchTo(deskpb.ImportState_IMPORT_STATE_RUNNING)
		<-reached
		<-reached
		synctest.Wait()
		l.stop() // in the midst
		a.stuck = nil
		a.wire = newWire()
		l = archived(t, store, a)
		defer l.stop()
		time.Sleep(time.Minute)
		synctest.Wait()
		if i := l.importOf(id); i.GetState() != deskpb.ImportState_IMPORT_STATE_DONE || i.Progress.Taken != n || i.Progress.Known != 0 {
			t.Errorf("in the end %v", i)
		}
		if all := l.tickets(desk.ViewClosed); len(all) != n {
			t.Errorf("%d tickets", len(all))
		}
	})
}

// One that fails says why and when it is tried again; one that was stopped is over, and another one knows what the desk has.
func TestAnImportThatFailsAndAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &archive{wire: newWire(), note: 4, items: []desk.Inbound{past(mail("m1", "ana@customer.test", "Hello"), time.Now().Add(-time.Hour), false)}}
		l := archived(t, memory.New(), a)
		defer l.stop()
		id, _ := l.channel("support@desk.example", nil)
		l.imports(id, time.Now())
		time.Sleep(time.Minute)
		synctest.Wait()
		l.imports(id, time.Now())
		time.Sleep(time.Minute)
		synctest.Wait()
		if i := l.importOf(id); i.GetState() != deskpb.ImportState_IMPORT_STATE_DONE || i.Progress.Taken != 0 || i.Progress.Known != 1 {
			t.Errorf("another one %v", i)
		}
		a.stuck = func(int) error { return errors.New("down") }
		l.imports(id, time.Now())
		time.Sleep(time.Minute)
		if st := status(l, id); st.ImportError != "down" || st.ImportRetryMs == 0 || st.State != deskpb.HealthState_HEALTH_STATE_RUNNING {
			t.Errorf("its state %+v", st)
		}
		l.do(id.Stream(), deskpb.NewCommand(&deskpb.SwitchImport{To: deskpb.ImportState_IMPORT_STATE_STOPPED}))
		synctest.Wait()
		if st := status(l, id); st.ImportError != "" {
			t.Errorf("it was stopped and waits still: %+v", st)
		}
		if _, err := l.sys.Do(t.Context(), id.Stream(), deskpb.NewCommand(&deskpb.SwitchImport{To: deskpb.ImportState_IMPORT_STATE_RUNNING})); desk.ReasonOf(err) != "not_importing" {
			t.Errorf("one that was stopped goes on: %v", err)
		}
	})
}
