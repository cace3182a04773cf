package actors_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/centralita/centralita/actors"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence/memory"
	"github.com/centralita/centralita/proto/deskpb"
)

// where is who works from 09:00 to 17:00 there, every day. In 2000 the clocks change in Madrid on 26 March and 29 October, in Sydney
// on 26 March and 27 August, in Phoenix never.
var where = map[desk.AgentID]string{"madrid": "Europe/Madrid", "sydney": "Australia/Sydney", "phoenix": "America/Phoenix"}

func staffed(l *life) {
	l.t.Helper()
	for _, a := range []desk.AgentID{"madrid", "sydney", "phoenix"} {
		l.agent(string(a), 0, false)
		l.office(a, where[a])
	}
}

// Scenario 5, the clock. In one week both zones with summer time change their clocks: madrid is out of office until Sunday 23:00 of that day and
// comes on Monday at 09:00, sydney comes by hand at 20:00 of the evening before and is there until the edge at which hours end, phoenix ends an absence
// early. The desk is killed at Monday 08:59:59: in a life that begins at once the edge comes at its time, in one that begins
// at 09:30 it is made up for at the start. Then the rest of the year goes by, with the other changes: each edge once, at local wall time.
//
// Not here, because the desk has none yet: clocks of an SLA that stand still while the contact is waited for. When an answer is due is a moment,
// which a change of clocks and a restart leave as it is; that is looked at.
func TestScenario5TheClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory.New()
		l := start(t, store, actors.Tuning{SleepAfter: 12 * time.Hour})
		sleepUntil(t, "UTC", "2000-03-22 12:00:00")
		staffed(l)
		waits, due := l.weekOfTheClocks()

		sleepUntil(t, where["madrid"], "2000-03-27 08:59:59")
		atOnce, tooLate := copyOf(t, store), copyOf(t, store) // killed
		next := start(t, atOnce, actors.Tuning{SleepAfter: 12 * time.Hour})
		defer next.stop()
		synctest.Wait()
		next.owns(waits, "")
		l.stop()
		sleepUntil(t, where["madrid"], "2000-03-27 09:00:10")
		next.owns(waits, "madrid")

		sleepUntil(t, where["madrid"], "2000-03-27 09:30:00")
		missed := start(t, tooLate, actors.Tuning{})
		synctest.Wait()
		missed.owns(waits, "madrid")
		if got := missed.comings("madrid", where["madrid"]); got[len(got)-1] != "+ 27 09:30:00 +02 hours" || got[len(got)-2] != "- 24 12:00:00 +01 out_of_office" {
			t.Errorf("a missed edge: %q", got)
		}
		for _, one := range []*life{next, missed} {
			if got := one.ticket(waits).DueMs; got != due {
				t.Errorf("due at %d, want %d", got, due)
			}
		}
		missed.stop()

		sleepUntil(t, "UTC", "2000-12-31 12:00:00")
		for a, story := range stories {
			got, want := next.comings(a, where[a]), slices.Concat(story, everyDay(t, where[a], "2000-03-28", time.Now()))
			for i := range max(len(got), len(want)) {
				if i >= len(got) || i >= len(want) || got[i] != want[i] {
					t.Errorf("%s came and went %q, want %q", a, got[min(i, len(got)):min(i+3, len(got))], want[min(i, len(want)):min(i+3, len(want))])
					break
				}
			}
		}
	})
}

// stories are how the three come and go until 28 March; what follows is the same every day.
var stories = map[desk.AgentID][]string{
	"madrid": {
		"+ 22 13:00:00 +01 hours", // new, in the middle of the hours: nobody has said otherwise
		"- 22 17:00:00 +01 hours", "+ 23 09:00:00 +01 hours", "- 23 17:00:00 +01 hours", "+ 24 09:00:00 +01 hours", "- 24 12:00:00 +01 out_of_office",
		"+ 27 09:00:00 +02 hours", "- 27 17:00:00 +02 hours",
	},
	"sydney": {
		"+ 23 09:00:00 +11 hours", "- 23 17:00:00 +11 hours", "+ 24 09:00:00 +11 hours", "- 24 17:00:00 +11 hours", "+ 25 09:00:00 +11 hours", "- 25 17:00:00 +11 hours",
		"+ 25 20:00:00 +11 ", "- 26 17:00:00 +10 hours", // the morning's edge finds them there
		"+ 27 09:00:00 +10 hours", "- 27 17:00:00 +10 hours",
	},
	"phoenix": {
		"+ 22 09:00:00 -07 hours", "- 22 17:00:00 -07 hours", "+ 23 09:00:00 -07 hours", "- 23 10:00:00 -07 out_of_office", "+ 25 11:00:00 -07 ", "- 25 17:00:00 -07 hours",
		"+ 26 09:00:00 -07 hours", "- 26 17:00:00 -07 hours", "+ 27 09:00:00 -07 hours", "- 27 17:00:00 -07 hours",
	},
}

// weekOfTheClocks goes until the night to Monday. A ticket of madrid's waits then, for an answer that is due.
func (l *life) weekOfTheClocks() (waits desk.ConversationID, due int64) {
	t := l.t
	t.Helper()
	out := func(a desk.AgentID, from, until string) {
		t.Helper()
		l.do(a.Stream(), deskpb.NewCommand(&deskpb.SetOutOfOffice{FromMs: local(t, where[a], from), ToMs: local(t, where[a], until)}))
	}
	out("madrid", "2000-03-24 12:00:00", "2000-03-26 23:00:00")
	out("phoenix", "2000-03-23 10:00:00", "2000-03-28 12:00:00")
	mine := func(a desk.AgentID) *wire { // a mailbox whose tickets only they get, with an answer due within 12 hours
		rule := to(a)
		rule.Defaults = &deskpb.TicketDefaults{AnswerWithinMinutes: 12 * 60}
		_, w := l.channel(string(a)+"@desk.example", rule)
		return w
	}
	madrids, sydneys := mine("madrid"), mine("sydney")
	arrives := func(w *wire, id, owner string) desk.ConversationID {
		t.Helper()
		must(t, w.deliver(mail(id, id+"@shop.example", "help")))
		conv := desk.ConversationID(l.latest().Conversation)
		l.owns(conv, owner)
		return conv
	}

	sleepUntil(t, where["madrid"], "2000-03-24 10:00:00")
	before := arrives(madrids, "before", "madrid")
	sleepUntil(t, where["sydney"], "2000-03-25 19:00:00")
	evening := arrives(sydneys, "evening", "")
	sleepUntil(t, where["sydney"], "2000-03-25 20:00:00")
	l.available("sydney", true) // by hand
	l.owns(evening, "sydney")
	sleepUntil(t, where["sydney"], "2000-03-26 03:30:00") // the clocks went back from 03:00 to 02:00
	arrives(sydneys, "night", "sydney")
	sleepUntil(t, where["phoenix"], "2000-03-25 11:00:00")
	l.do(desk.AgentID("phoenix").Stream(), deskpb.NewCommand(&deskpb.SetAvailability{Available: true, EndOutOfOffice: true}))
	synctest.Wait()
	if row := l.row("phoenix"); row.OutToMs != 0 || !row.Available || row.ChangesAtMs != local(t, where["phoenix"], "2000-03-25 17:00:00") {
		t.Errorf("back early: %v", row)
	}
	sleepUntil(t, where["sydney"], "2000-03-26 16:59:59")
	arrives(sydneys, "last", "sydney")
	sleepUntil(t, where["sydney"], "2000-03-26 17:00:00")
	arrives(sydneys, "late", "")
	sleepUntil(t, where["madrid"], "2000-03-26 23:00:01")
	if row := l.row("madrid"); row.Available || row.ChangesAtMs != local(t, where["madrid"], "2000-03-27 09:00:00") {
		t.Errorf("the absence ended on Sunday night: %v", row)
	}
	l.owns(before, "madrid") // who is away keeps what they have
	return arrives(madrids, "waits", ""), time.Now().Add(12 * time.Hour).UnixMilli()
}

// owns sees whose a ticket is now.
func (l *life) owns(c desk.ConversationID, owner string) {
	l.t.Helper()
	synctest.Wait()
	if got := l.ticket(c); got.Owner != owner {
		l.t.Fatalf("%s: %q has it, want %q: %v", time.Now().UTC(), got.Owner, owner, got.Reason)
	}
}

// A ticket that is handed over at the end of hours goes round the world, in winter as in summer, when all three have other hours than in winter; one
// that goes back after half an hour goes for a long break too, and for neither does a short one or, in the first, any that is taken by hand.
func TestScenario5TheClockHandsOver(t *testing.T) {
	for day, want := range map[string]struct{ handed, requeued []string }{
		"2000-01-03": {
			handed: []string{
				"09:00:00 +madrid", "16:01:00 -madrid taken_back_off", "16:01:00 +phoenix", "00:01:00 -phoenix taken_back_off", "00:01:00 +sydney",
				"06:01:00 -sydney taken_back_off", "08:00:00 +madrid",
			},
			requeued: []string{
				"09:00:00 +madrid", "12:30:00 -madrid taken_back_away", "12:45:00 +madrid", "16:30:00 -madrid taken_back_away", "16:30:00 +phoenix",
				"00:30:00 -phoenix taken_back_away", "00:30:00 +sydney", "06:30:00 -sydney taken_back_away", "08:00:00 +madrid",
			},
		},
		"2000-07-03": {
			handed: []string{
				"09:00:00 +madrid", "15:01:00 -madrid taken_back_off", "16:00:00 +phoenix", "00:01:00 -phoenix taken_back_off", "00:01:00 +sydney",
				"07:01:00 -sydney taken_back_off", "07:01:00 +madrid",
			},
			requeued: []string{
				"09:00:00 +madrid", "12:30:00 -madrid taken_back_away", "12:45:00 +madrid", "15:30:00 -madrid taken_back_away", "16:00:00 +phoenix",
				"00:30:00 -phoenix taken_back_away", "00:30:00 +sydney", "07:30:00 -sydney taken_back_away", "07:30:00 +madrid",
			},
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			l := start(t, memory.New(), actors.Tuning{SleepAfter: 12 * time.Hour})
			defer l.stop()
			staffed(l)
			_, handed := l.channel("handed@desk.example", owners(handOver(), "madrid", "sydney", "phoenix"))
			_, requeued := l.channel("requeued@desk.example", owners(requeueAfter(30*time.Minute), "madrid", "sydney", "phoenix"))
			at := func(clock string) { sleepUntil(t, "UTC", day+" "+clock+":00") }
			at("09:00")
			must(t, handed.deliver(mail("h", "carla@shop.example", "help")))
			first := l.latest()
			must(t, requeued.deliver(mail("r", "dirk@shop.example", "help")))
			second := l.latest()
			at("11:00")
			l.available("madrid", false)
			at("11:29")
			l.available("madrid", true)
			at("12:00")
			l.available("madrid", false)
			at("12:45")
			l.available("madrid", true)
			at("23:59")
			time.Sleep(9 * time.Hour) // fake time
			synctest.Wait()
			for _, one := range []struct {
				of   desk.Ticket
				want []string
			}{{first, want.handed}, {second, want.requeued}} {
				if got := hands(l, one.of); !slices.Equal(got, one.want) {
					t.Errorf("%s: ticket %d went %q, want %q", day, one.of.Number, got, one.want)
				}
			}
		})
	}
}

// hands are those a ticket went through, in UTC.
func hands(l *life, of desk.Ticket) (all []string) {
	l.t.Helper()
	for r, err := range l.store.Load(context.Background(), desk.ConversationID(of.Conversation).Stream(), 0) {
		must(l.t, err)
		at := time.UnixMilli(r.AtMs).UTC().Format("15:04:05")
		if e := r.Event.GetConversationAssigned(); e != nil {
			all = append(all, at+" +"+e.Agent)
		}
		if e := r.Event.GetConversationUnassigned(); e != nil {
			all = append(all, at+" -"+e.Agent+" "+e.Reason.GetCode())
		}
	}
	return all
}

// local is a wall time somewhere, in milliseconds.
func local(t *testing.T, zone, clock string) int64 {
	t.Helper()
	z, err := time.LoadLocation(zone)
	must(t, err)
	at, err := time.ParseInLocation("2006-01-02 15:04:05", clock, z)
	must(t, err)
	return at.UnixMilli()
}

// everyDay is how somebody comes at 09:00 and goes at 17:00 each day from one until now, as comings tells it.
func everyDay(t *testing.T, zone, from string, until time.Time) (all []string) {
	t.Helper()
	z, err := time.LoadLocation(zone)
	must(t, err)
	day, err := time.ParseInLocation("2006-01-02", from, z)
	must(t, err)
	for y, m, d := day.Date(); ; d++ {
		come, leave := time.Date(y, m, d, 9, 0, 0, 0, z), time.Date(y, m, d, 17, 0, 0, 0, z)
		if come.After(until) {
			return all
		}
		if all = append(all, "+ "+come.Format("02 15:04:05 -07")+" hours"); leave.After(until) {
			return all
		}
		all = append(all, "- "+leave.Format("02 15:04:05 -07")+" hours")
	}
}
