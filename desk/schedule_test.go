package desk_test

import (
	"strings"
	"testing"
	"time"

	"github.com/centralita/centralita/desk"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// daily is the same blocks on every day.
func daily(blocks ...desk.Block) (week [7][]desk.Block) {
	for i := range week {
		week[i] = blocks
	}
	return week
}

const h = 60

// office is Monday to Friday with a break at noon, every the same blocks on every day.
func office(w *desk.Schedule) {
	w.Hours = true
	for d := time.Monday; d <= time.Friday; d++ {
		w.Week[d] = []desk.Block{{9 * h, 13 * h}, {14 * h, 17*h + 30}}
	}
}

func every(blocks ...desk.Block) func(*desk.Schedule) {
	return func(w *desk.Schedule) { w.Hours, w.Week = true, daily(blocks...) }
}

func utc(s string) time.Time {
	at, _ := time.ParseInLocation("2006-01-02T15:04", s, time.UTC)
	return at
}

// Edges after a moment, each as local time with its offset, +: available, -: not.
var edges = []struct {
	name, zone string
	make       func(*desk.Schedule)
	after      string
	want       []string
}{
	{"a week's end", "Europe/Madrid", office, "2026-05-08T12:00", []string{
		"- Fri 13:00 +0200", "+ Fri 14:00 +0200", "- Fri 17:30 +0200", "+ Mon 09:00 +0200",
	}},
	{"clocks go forward: local time stays", "Europe/Madrid", every(desk.Block{9 * h, 17 * h}), "2026-03-28T12:00", []string{
		"- Sat 17:00 +0100", "+ Sun 09:00 +0200", "- Sun 17:00 +0200",
	}},
	{"clocks go back: local time stays", "Europe/Madrid", every(desk.Block{9 * h, 17 * h}), "2026-10-24T12:00", []string{
		"- Sat 17:00 +0200", "+ Sun 09:00 +0100", "- Sun 17:00 +0100",
	}},
	{"a beginning in the skipped hour is the jump", "Europe/Madrid", every(desk.Block{2*h + 30, 4 * h}), "2026-03-29T00:00", []string{
		"+ Sun 03:00 +0200", "- Sun 04:00 +0200", "+ Mon 02:30 +0200",
	}},
	{"an end in the skipped hour is the jump", "Europe/Madrid", every(desk.Block{1 * h, 2*h + 30}), "2026-03-29T00:00", []string{
		"+ Sun 01:00 +0100", "- Sun 03:00 +0200", "+ Mon 01:00 +0200",
	}},
	{"a block inside the skipped hour is none", "Europe/Madrid", every(desk.Block{2*h + 10, 2*h + 50}), "2026-03-29T00:00", []string{
		"+ Mon 02:10 +0200", "- Mon 02:50 +0200",
	}},
	{"of an hour that comes twice, from the first to the second", "Europe/Madrid", every(desk.Block{2*h + 15, 2*h + 30}), "2026-10-25T00:00", []string{
		"+ Sun 02:15 +0200", "- Sun 02:30 +0100", "+ Mon 02:15 +0100",
	}},
	{"a night over the change", "Europe/Madrid", every(desk.Block{22 * h, 6 * h}), "2026-10-24T23:00", []string{
		"- Sun 06:00 +0100", "+ Sun 22:00 +0100", "- Mon 06:00 +0100",
	}},
	{"New York, forward", "America/New_York", every(desk.Block{1*h + 30, 2*h + 30}), "2026-03-08T00:00", []string{
		"+ Sun 01:30 -0500", "- Sun 03:00 -0400", "+ Mon 01:30 -0400",
	}},
	{"New York, back", "America/New_York", every(desk.Block{1 * h, 1*h + 30}), "2026-11-01T00:00", []string{
		"+ Sun 01:00 -0400", "- Sun 01:30 -0500", "+ Mon 01:00 -0500",
	}},
	{"Lord Howe goes forward by half an hour", "Australia/Lord_Howe", every(desk.Block{2*h + 10, 9 * h}), "2026-10-04T00:00", []string{
		"+ Sun 02:30 +1100", "- Sun 09:00 +1100", "+ Mon 02:10 +1100",
	}},
	{"Lord Howe goes back by half an hour", "Australia/Lord_Howe", every(desk.Block{1*h + 45, 9 * h}), "2026-04-05T00:00", []string{
		"+ Sun 01:45 +1100", "- Sun 09:00 +1030", "+ Mon 01:45 +1030",
	}},
	{"no change of clocks there", "Asia/Kolkata", every(desk.Block{9 * h, 17 * h}), "2026-03-29T18:00", []string{"+ Mon 09:00 +0530"}},
	{"blocks that touch are one", "UTC", every(desk.Block{9 * h, 13 * h}, desk.Block{13 * h, 17 * h}), "2026-05-08T10:00", []string{
		"- Fri 17:00 +0000", "+ Sat 09:00 +0000",
	}},
	{"nights that touch days are one", "UTC", every(desk.Block{20 * h, 9 * h}, desk.Block{9 * h, 17 * h}), "2026-05-08T10:00", []string{
		"- Fri 17:00 +0000", "+ Fri 20:00 +0000", "- Sat 17:00 +0000",
	}},
	{"a whole day ends with the next", "UTC", func(w *desk.Schedule) {
		w.Hours = true
		w.Week[time.Monday], w.Week[time.Tuesday] = []desk.Block{{0, 24 * h}}, []desk.Block{{0, 24 * h}}
	}, "2026-05-04T10:00", []string{"- Wed 00:00 +0000", "+ Mon 00:00 +0000"}},
	{"a holiday", "Europe/Madrid", func(w *desk.Schedule) {
		office(w)
		w.Holidays = []desk.DateRange{{desk.Date{2026, 5, 1}, desk.Date{2026, 5, 1}}}
	}, "2026-04-30T16:00", []string{"- Thu 17:30 +0200", "+ Mon 09:00 +0200"}},
	{"a night into a holiday goes on to its end, the one on it is none", "UTC", func(w *desk.Schedule) {
		w.Hours, w.Week = true, daily(desk.Block{22 * h, 6 * h})
		w.Holidays = []desk.DateRange{{desk.Date{2026, 12, 25}, desk.Date{2026, 12, 26}}}
	}, "2026-12-24T23:00", []string{"- Fri 06:00 +0000", "+ Sun 22:00 +0000"}},
	{"out of office within hours", "UTC", func(w *desk.Schedule) {
		office(w)
		w.OutFrom, w.OutTo = utc("2026-05-06T10:00"), utc("2026-05-06T15:00")
	}, "2026-05-06T09:30", []string{"- Wed 10:00 +0000", "+ Wed 15:00 +0000", "- Wed 17:30 +0000"}},
	{"the end of an absence outside hours makes nobody available", "UTC", func(w *desk.Schedule) {
		office(w)
		w.OutFrom, w.OutTo = utc("2026-05-06T10:00"), utc("2026-05-10T23:00") // a Sunday
	}, "2026-05-06T09:30", []string{"- Wed 10:00 +0000", "+ Mon 09:00 +0000"}},
	{"an absence without hours", "UTC", func(w *desk.Schedule) {
		w.OutFrom, w.OutTo = utc("2026-05-06T10:00"), utc("2026-05-07T10:00")
	}, "2026-05-06T09:30", []string{"- Wed 10:00 +0000", "+ Thu 10:00 +0000", "none"}},
	{"round the clock", "Europe/Madrid", every(desk.Block{0, 24 * h}), "2026-05-06T09:30", []string{"none"}},
	{"round the clock after a holiday", "UTC", func(w *desk.Schedule) {
		w.Hours, w.Week = true, daily(desk.Block{0, 24 * h})
		w.Holidays = []desk.DateRange{{desk.Date{2026, 5, 7}, desk.Date{2026, 5, 7}}}
	}, "2026-05-06T09:30", []string{"- Thu 00:00 +0000", "+ Fri 00:00 +0000", "none"}},
	{"no hours at all on any day", "UTC", func(w *desk.Schedule) { w.Hours = true }, "2026-05-06T09:30", []string{"none"}},
}

func TestEdges(t *testing.T) {
	t.Parallel()
	for _, c := range edges {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := &desk.Schedule{Zone: zone(t, c.zone)}
			c.make(s)
			now := at(t, c.after, s.Zone)
			for _, want := range c.want {
				e, ok := desk.NextEdge(s, now)
				got := "none"
				if ok {
					got = map[bool]string{true: "+ ", false: "- "}[e.Available] + e.At.In(s.Zone).Format("Mon 15:04 -0700")
				}
				if got != want {
					t.Fatalf("after %v: %s, want %s", now, got, want)
				}
				if ok {
					check(t, s, now, e)
				}
				now = e.At
			}
		})
	}
}

// check holds an edge against what the schedule says just before and at it, and at each end of the time between.
func check(t *testing.T, s *desk.Schedule, after time.Time, e desk.Edge) {
	t.Helper()
	before, _ := desk.ScheduledAt(s, e.At.Add(-time.Nanosecond))
	now, _ := desk.ScheduledAt(s, e.At)
	then, _ := desk.ScheduledAt(s, after)
	if before == e.Available || now != e.Available || then == e.Available || !e.At.After(after) {
		t.Errorf("edge %+v after %v: %v before, %v at it, %v when asked", e, after, before, now, then)
	}
}

func at(t *testing.T, local string, z *time.Location) time.Time {
	t.Helper()
	v, err := time.ParseInLocation("2006-01-02T15:04", local, z)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestCauses(t *testing.T) {
	t.Parallel()
	s := &desk.Schedule{Zone: time.UTC, Hours: true, Week: daily(desk.Block{9 * h, 17 * h}),
		Holidays: []desk.DateRange{{desk.Date{2026, 5, 1}, desk.Date{2026, 5, 2}}},
		OutFrom:  at(t, "2026-05-06T10:00", time.UTC), OutTo: at(t, "2026-05-07T12:00", time.UTC)}
	for moment, want := range map[string]string{
		"2026-04-30T10:00": "", "2026-04-30T18:00": "hours", "2026-05-01T10:00": "holiday", "2026-05-06T11:00": "out_of_office", "2026-05-07T12:00": "",
	} {
		if available, cause := desk.ScheduledAt(s, at(t, moment, time.UTC)); cause != want || available != (want == "") {
			t.Errorf("%s: %v, %q, want %q", moment, available, cause, want)
		}
	}
	var causes []string
	now := at(t, "2026-05-06T09:30", time.UTC)
	for range 4 {
		e, _ := desk.NextEdge(s, now)
		causes, now = append(causes, e.Cause), e.At
	}
	if got := strings.Join(causes, " "); got != "out_of_office out_of_office hours hours" {
		t.Error(got)
	}
}
