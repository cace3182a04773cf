package ical_test

import (
	"strings"
	"testing"

	"github.com/centralita/centralita/internal/ical"
)

const head = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\n"

func event(lines ...string) string {
	return "BEGIN:VEVENT\r\nUID:1\r\n" + strings.Join(lines, "\r\n") + "\r\nEND:VEVENT\r\n"
}

func TestParse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, in, want, skipped string }{
		{"a day", event("DTSTART;VALUE=DATE:20261225", "DTEND;VALUE=DATE:20261226", `SUMMARY:Christmas\, the first day`), "2026-12-25..2026-12-25 Christmas, the first day", ""},
		{"without an end", event("DTSTART;VALUE=DATE:20260101", "SUMMARY:New Year"), "2026-01-01..2026-01-01 New Year", ""},
		{"several days", event("SUMMARY:Holy Week", "DTSTART;VALUE=DATE:20260402", "DTEND;VALUE=DATE:20260404"), "2026-04-02..2026-04-03 Holy Week", ""},
		{"with times", event("DTSTART;TZID=\"Europe:Madrid\":20261231T120000", "DTEND:20261231T200000", "SUMMARY:Afternoon"), "", "1 event with a time of day"},
		{"a meeting among holidays", event("DTSTART:20261231T100000Z", "SUMMARY:Meeting") + event("DTSTART;VALUE=DATE:20261225", "SUMMARY:Christmas") + event("DTSTART:20270104T100000Z", "RRULE:FREQ=WEEKLY", "SUMMARY:Stand-up"), "2026-12-25..2026-12-25 Christmas", "2 events with a time of day"},
		{"a folded line and an alarm", event("DTSTART;VALUE=DATE:20260501", "SUMMARY:Labour", "  Day", "BEGIN:VALARM", "SUMMARY:no", "END:VALARM"), "2026-05-01..2026-05-01 Labour Day", ""},
		{"every year", event("DTSTART;VALUE=DATE:20201012", "RRULE:FREQ=YEARLY;COUNT=7", "SUMMARY:Hispanity"), "2026-10-12..2026-10-12 Hispanity", ""},
		{"every year until", event("DTSTART;VALUE=DATE:20201012", "RRULE:FREQ=YEARLY;BYMONTH=10;UNTIL=20271231", "SUMMARY:H"), "2026-10-12..2026-10-12 H; 2027-10-12..2027-10-12 H", ""},
		{"a leap day", event("DTSTART;VALUE=DATE:20240229", "RRULE:FREQ=YEARLY", "SUMMARY:Leap"), "2028-02-29..2028-02-29 Leap", ""},
		{"another repetition", event("DTSTART;VALUE=DATE:20260101", "RRULE:FREQ=MONTHLY", "SUMMARY:M"), "", `"M" repeats`},
		{"no day", event("SUMMARY:M"), "", "no day"},
		{"too long", event("DTSTART;VALUE=DATE:20260101", "DTEND;VALUE=DATE:20290101", "SUMMARY:M"), "", "longer than a year"},
		{"cut off", "BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20261225", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			events, skipped, err := ical.Parse([]byte(head+c.in+"END:VCALENDAR\r\n"), 2026)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, e := range events {
				got = append(got, e.From.Format("2006-01-02")+".."+e.To.Format("2006-01-02")+" "+e.Name)
			}
			if s := strings.Join(got, "; "); s != c.want || !strings.Contains(strings.Join(skipped, ";"), c.skipped) {
				t.Errorf("%s, skipped %q; want %s, %q", s, skipped, c.want, c.skipped)
			}
		})
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	day := event("DTSTART;VALUE=DATE:20261225", "SUMMARY:x")
	for name, in := range map[string]string{
		"another file":     "<html>",
		"nothing":          "",
		"too large":        head + strings.Repeat("X-A:b\r\n", ical.MaxBytes/6),
		"too many events":  head + strings.Repeat(day, 2001),
		"an endless line":  head + strings.Repeat("x", 1<<16),
		"a line of no end": "BEGIN:VCALENDAR" + strings.Repeat(" ", 1<<15),
	} {
		if _, _, err := ical.Parse([]byte(in), 2026); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	long := head + event("DTSTART;VALUE=DATE:20261225", "DESCRIPTION:"+strings.Repeat("x\r\n ", 9000), "SUMMARY:"+strings.Repeat("é", 300))
	if events, _, err := ical.Parse([]byte(long), 2026); err != nil || len(events) != 1 || len([]rune(events[0].Name)) != 100 {
		t.Errorf("%v, %v", events, err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(head + event("DTSTART;VALUE=DATE:20201012", "RRULE:FREQ=YEARLY;INTERVAL=2", "SUMMARY:H") + "END:VCALENDAR"))
	f.Fuzz(func(t *testing.T, data []byte) {
		events, skipped, err := ical.Parse(data, 2026)
		if err == nil && (len(events) > 2000 || len(skipped) > 20) {
			t.Errorf("%d events, %d skipped", len(events), len(skipped))
		}
		for _, e := range events {
			if e.To.Before(e.From) {
				t.Errorf("%+v", e)
			}
		}
	})
}
