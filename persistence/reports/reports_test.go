package reports_test

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
	"github.com/centralita/centralita/persistence/memory"
	"github.com/centralita/centralita/persistence/reports"
	"github.com/centralita/centralita/proto/deskpb"
)

// story writes events at times of its own.
type story struct {
	t interface {
		Helper()
		Fatal(...any)
	}
	store    persistence.Store
	versions map[desk.StreamID]uint64
	at       time.Time
}

var monday = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func (s *story) after(d time.Duration) *story { s.at = s.at.Add(d); return s }

func (s *story) append(id string, events ...desk.Event) {
	s.t.Helper()
	stream := desk.ConversationID(id).Stream()
	e := persistence.Entry{Stream: stream, Expect: s.versions[stream]}
	for _, ev := range events {
		s.versions[stream]++
		e.Records = append(e.Records, &deskpb.Record{Stream: string(stream), Version: s.versions[stream], AtMs: s.at.UnixMilli(), Event: ev})
	}
	done := make(chan error, 1)
	s.store.Append(e, func(_ desk.Position, err error) { done <- err })
	if err := <-done; err != nil {
		s.t.Fatal(err)
	}
}

func opened(channel string) desk.Event {
	return deskpb.NewEvent(&deskpb.ConversationOpened{Channel: channel, Contact: "ct_1"})
}
func received(channel, id string) desk.Event {
	return deskpb.NewEvent(&deskpb.MessageReceived{Channel: channel, Message: id, ExternalId: id})
}
func replied(channel, id, agent string) desk.Event {
	return deskpb.NewEvent(&deskpb.ReplyRequested{Channel: channel, Message: id, Agent: agent})
}
func assigned(agent string) desk.Event {
	return deskpb.NewEvent(&deskpb.ConversationAssigned{Agent: agent})
}
func status(from, to deskpb.TicketStatus) desk.Event {
	return deskpb.NewEvent(&deskpb.TicketStatusChanged{From: from, To: to})
}

const (
	isNew    = deskpb.TicketStatus_TICKET_STATUS_NEW
	isClosed = deskpb.TicketStatus_TICKET_STATUS_CLOSED
	isOurs   = deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_US
)

func open(t *testing.T, store persistence.Store, dir string) *reports.Reports {
	t.Helper()
	x, err := reports.Open(store, reports.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func TestWhatADayWasLike(t *testing.T) {
	t.Parallel()
	s := &story{t: t, store: memory.New(), versions: map[desk.StreamID]uint64{}, at: monday}
	defer s.store.Close()
	s.append("cv_a", opened("ch_mail"), received("ch_mail", "a1"))
	s.after(10*time.Minute).append("cv_b", opened("ch_chat"), received("ch_chat", "b1"))
	s.after(10*time.Minute).append("cv_a", assigned("ag_1"), replied("ch_mail", "a2", "ag_1")) // 20 minutes after it was asked
	s.after(100*time.Minute).append("cv_a", status(isNew, isClosed))                           // two hours
	s.after(24*time.Hour).append("cv_a", received("ch_mail", "a3"), status(isClosed, isOurs))
	s.append("cv_b", deskpb.NewEvent(&deskpb.TicketTeamChanged{Team: "tm_1"}), assigned("ag_2"))
	s.append("cv_c", opened("ch_mail"), received("ch_mail", "c1"))
	s.append("cv_c", deskpb.NewEvent(&deskpb.TicketMarkedSpam{}))
	x := open(t, s.store, "")
	if err := x.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	q := desk.ReportQuery{FromMs: monday.Add(-9 * time.Hour).UnixMilli(), ToMs: monday.Add(48 * time.Hour).UnixMilli(), By: desk.ByDay, Zone: time.UTC}
	r, err := x.Report(q)
	if err != nil || len(r.Steps) != 3 {
		t.Fatalf("%+v, %v", r, err)
	}
	first, second := r.Steps[0], r.Steps[1]
	if first.Opened != 2 || first.Closed != 1 || first.In != 2 || first.Out != 1 || first.Backlog != 1 {
		t.Errorf("the first day %+v", first)
	}
	if second.Opened != 1 || second.Closed != 0 || second.In != 2 || second.Backlog != 2 {
		t.Errorf("the second day %+v", second)
	}
	near := func(s desk.Spread, want time.Duration) bool {
		return s.Count == 1 && s.Median > want*9/10 && s.Median < want*11/10 && s.P90 == s.Median
	}
	if !near(first.FirstReply, 20*time.Minute) || !near(first.Resolution, 2*time.Hour) {
		t.Errorf("first reply %+v, resolution %+v", first.FirstReply, first.Resolution)
	}
	if r.Total.Opened != 3 || r.Total.Backlog != 2 || len(r.Channels) != 2 || r.Channels[0].ID != "ch_mail" || r.Channels[0].Backlog != 1 {
		t.Errorf("total %+v, channels %+v", r.Total, r.Channels)
	}
	for _, row := range r.Agents {
		if row.ID == "ag_1" && (row.Out != 1 || row.Closed != 1 || row.Backlog != 1) || row.ID == "ag_2" && row.Backlog != 1 {
			t.Errorf("agent %+v", row)
		}
	}
	q.Agent = "ag_2"
	if r, err = x.Report(q); err != nil || r.Total.Out != 0 || r.Total.Backlog != 1 {
		t.Errorf("of ag_2: %+v, %v", r.Total, err)
	}
	q.Agent = "ag_nobody"
	if r, err = x.Report(q); err != nil || r.Total != (desk.ReportRow{}) {
		t.Errorf("of nobody: %+v, %v", r.Total, err)
	}
	now := x.Now(s.at.Add(30 * time.Minute))
	if now.Open != 2 || now.ByChannel["ch_mail"] != 1 || now.ByTeam["tm_1"] != 1 || now.ByWho["ag_2"] != 1 || now.In["ch_mail"] != 2 || now.Behind != 0 {
		t.Errorf("now %+v", now)
	}
	if later := x.Now(s.at.Add(2 * time.Hour)); len(later.In) != 0 {
		t.Errorf("two hours later %+v", later)
	}
}

func TestStepsFollowTheCalendarOfTheirZone(t *testing.T) {
	t.Parallel()
	madrid, err := time.LoadLocation("Europe/Madrid")
	if err != nil {
		t.Fatal(err)
	}
	day := func(y int, m time.Month, d int) int64 { return time.Date(y, m, d, 0, 0, 0, 0, madrid).UnixMilli() }
	q := desk.ReportQuery{FromMs: day(2026, 10, 24) + 1, ToMs: day(2026, 10, 27), By: desk.ByDay, Zone: madrid}
	if starts, err := q.Starts(); err != nil || !reflect.DeepEqual(starts, []int64{day(2026, 10, 24), day(2026, 10, 25), day(2026, 10, 26)}) {
		t.Errorf("%v, %v", starts, err) // the 25th has 25 hours
	}
	q.By = desk.ByWeek
	if starts, err := q.Starts(); err != nil || !reflect.DeepEqual(starts, []int64{day(2026, 10, 19), day(2026, 10, 26)}) {
		t.Errorf("%v, %v", starts, err)
	}
	for field, bad := range map[string]desk.ReportQuery{
		"to": {FromMs: 2, ToMs: 1, By: desk.ByDay}, "by": {FromMs: 1, ToMs: 2, By: "year"}, "by ": {FromMs: 1, ToMs: day(2026, 1, 1), By: desk.ByHour},
	} {
		if _, err := bad.Starts(); desk.CodeOf(err) != desk.Invalid {
			t.Errorf("%s: %v", field, err)
		}
	}
}

// Whatever happens, and wherever it is stopped and opened again: the counters are those of counting once from the beginning.
func TestCountedOnTheWayEqualsCountedAnew(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		s := &story{t: rt, store: memory.New(), versions: map[desk.StreamID]uint64{}, at: monday}
		defer s.store.Close()
		dir := t.TempDir()
		x := open(t, s.store, dir)
		id := rapid.Custom(func(rt *rapid.T) string { return fmt.Sprint("cv_", rapid.IntRange(0, 4).Draw(rt, "conversation")) })
		agent := rapid.SampledFrom([]string{"ag_1", "ag_2"})
		for n := range rapid.IntRange(1, 60).Draw(rt, "events") {
			c := id.Draw(rt, "id")
			s.after(time.Duration(rapid.IntRange(0, 7200).Draw(rt, "seconds")) * time.Second)
			if s.versions[desk.ConversationID(c).Stream()] == 0 {
				s.append(c, opened(rapid.SampledFrom([]string{"ch_1", "ch_2"}).Draw(rt, "channel")))
				continue
			}
			switch rapid.IntRange(0, 10).Draw(rt, "what") {
			case 0, 1:
				s.append(c, received("ch_1", fmt.Sprint("m", n)))
			case 2:
				s.append(c, replied("ch_1", fmt.Sprint("m", n), agent.Draw(rt, "agent")))
			case 3:
				s.append(c, assigned(agent.Draw(rt, "agent")))
			case 4:
				s.append(c, deskpb.NewEvent(&deskpb.ConversationUnassigned{}))
			case 5:
				s.append(c, status(isNew, isClosed))
			case 6:
				s.append(c, status(isClosed, isOurs))
			case 7:
				s.append(c, deskpb.NewEvent(&deskpb.TicketTeamChanged{Team: "tm_1"}))
			case 8:
				s.append(c, deskpb.NewEvent(&deskpb.TicketMarkedSpam{}))
			case 9:
				s.append(c, deskpb.NewEvent(&deskpb.TicketUnmarkedSpam{}))
			case 10:
				if err := x.CatchUp(t.Context()); err != nil {
					rt.Fatal(err)
				}
				if rapid.Bool().Draw(rt, "kept") {
					if err := x.Close(); err != nil {
						rt.Fatal(err)
					}
				}
				x = open(t, s.store, dir) // or killed: it goes on from what was kept before
			}
		}
		if err := x.CatchUp(t.Context()); err != nil {
			rt.Fatal(err)
		}
		anew := open(t, s.store, "")
		if err := anew.CatchUp(t.Context()); err != nil {
			rt.Fatal(err)
		}
		q := desk.ReportQuery{FromMs: monday.UnixMilli(), ToMs: s.at.Add(time.Hour).UnixMilli(), By: desk.ByHour, Zone: time.UTC}
		a, errA := x.Report(q)
		b, errB := anew.Report(q)
		if errA != nil || errB != nil || !reflect.DeepEqual(a, b) || !reflect.DeepEqual(x.Now(s.at), anew.Now(s.at)) {
			rt.Fatalf("on the way %+v %v\nanew %+v %v", a, errA, b, errB)
		}
		if a.Total.Backlog != x.Now(s.at).Open {
			rt.Fatalf("a backlog of %d, %d are open", a.Total.Backlog, x.Now(s.at).Open)
		}
	})
}
