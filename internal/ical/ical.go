// Package ical reads the days of an iCalendar file (RFC 5545): what a calendar of holidays holds, and no more. It takes all-day
// events and yearly repetition. An event with a time of day is no holiday: those are left out and counted; other repetition is left out and
// said. Input is not trusted: size,
// lines, events and days have limits, and nothing in it is followed.
package ical

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Limits of a file.
const (
	MaxBytes   = 1 << 20
	maxLine    = 8 << 10
	maxEvents  = 2000
	maxSkipped = 20  // said, of all that was left out
	maxDays    = 366 // of one event
	yearsAhead = 5   // of yearly repetition
)

// Event is some days with a name. To is the last day.
type Event struct {
	Name     string
	From, To time.Time // midnight UTC of the day
}

// ErrNoCalendar: the file is no iCalendar.
var ErrNoCalendar = errors.New("this is no iCalendar file: it does not begin with BEGIN:VCALENDAR")

// Parse reads the events of a calendar. skipped says what was left out, in words; from is the year from which yearly events are
// repeated.
func Parse(data []byte, from int) (events []Event, skipped []string, err error) {
	if len(data) > MaxBytes {
		return nil, nil, fmt.Errorf("a calendar has at most %d bytes", MaxBytes)
	}
	lines, err := unfold(data)
	if err != nil {
		return nil, nil, err
	}
	if len(lines) == 0 || !strings.EqualFold(lines[0], "BEGIN:VCALENDAR") {
		return nil, nil, ErrNoCalendar
	}
	var at *component
	timed := 0
	depth := 0 // of components inside the event, such as alarms
	for _, line := range lines {
		name, params, value, ok := split(line)
		switch {
		case !ok:
		case name == "BEGIN" && at == nil:
			if strings.EqualFold(value, "VEVENT") {
				at = &component{}
			}
		case name == "BEGIN":
			depth++
		case name == "END" && depth > 0:
			depth--
		case name == "END" && at != nil && strings.EqualFold(value, "VEVENT"):
			if at.timed {
				timed++
				at = nil
				continue
			}
			more, why := at.events(from)
			if why != "" && len(skipped) < maxSkipped-1 {
				skipped = append(skipped, why)
			}
			if events = append(events, more...); len(events) > maxEvents {
				return nil, nil, fmt.Errorf("a calendar has at most %d events", maxEvents)
			}
			at = nil
		case at != nil && depth == 0:
			at.property(name, params, value)
		}
	}
	if timed == 1 {
		skipped = append(skipped, "1 event with a time of day, which is no whole day")
	} else if timed > 1 {
		skipped = append(skipped, fmt.Sprintf("%d events with a time of day, which are no whole days", timed))
	}
	return events, skipped, nil
}

// unfold joins lines that were cut (RFC 5545, 3.1).
func unfold(data []byte) ([]string, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	var lines []string
	sc := bufio.NewScanner(bytes.NewReader(data))
	sc.Buffer(make([]byte, 0, 4096), maxLine)
	for sc.Scan() {
		line := strings.TrimRight(sc.Text(), "\r")
		if n := len(lines); n > 0 && line != "" && (line[0] == ' ' || line[0] == '\t') {
			if len(lines[n-1])+len(line) <= maxLine { // a description may be longer: its rest is not needed
				lines[n-1] += line[1:]
			}
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
	}
	if err := sc.Err(); err != nil {
		return nil, fmt.Errorf("read the calendar: %w", err)
	}
	return lines, nil
}

// split takes a content line apart (3.1): NAME;PARAM=x:value. A quoted parameter may hold a colon.
func split(line string) (name, params, value string, ok bool) {
	quoted := false
	for i := range len(line) {
		switch c := line[i]; {
		case c == '"':
			quoted = !quoted
		case c == ':' && !quoted:
			name, params, _ = strings.Cut(line[:i], ";")
			return strings.ToUpper(name), strings.ToUpper(params), line[i+1:], true
		}
	}
	return "", "", "", false
}

// component is an event while it is read.
type component struct {
	name, rule    string
	start, end    time.Time
	timed         bool // it begins at a time of day
	wholeDayEnd   bool
	hasEnd, badly bool
}

func (c *component) property(name, params, value string) {
	switch name {
	case "SUMMARY":
		c.name = text(value)
	case "DTSTART":
		day, whole, ok := day(value)
		c.start, c.timed, c.badly = day, ok && !whole, c.badly || !ok
	case "DTEND":
		day, whole, ok := day(value)
		c.end, c.wholeDayEnd, c.hasEnd, c.badly = day, whole, true, c.badly || !ok
	case "RRULE":
		c.rule = strings.ToUpper(value)
	}
}

// day reads the day of DATE or DATE-TIME (3.3.4, 3.3.5). A time zone does not matter for a day.
func day(value string) (d time.Time, whole, ok bool) {
	if len(value) < 8 {
		return d, false, false
	}
	d, err := time.Parse("20060102", value[:8])
	return d, len(value) == 8, err == nil
}

var escapes = strings.NewReplacer(`\n`, " ", `\N`, " ", `\,`, ",", `\;`, ";", `\\`, `\`)

// text undoes the escapes (3.3.11) and keeps one line of at most 100 characters.
func text(s string) string {
	s = strings.Join(strings.Fields(strings.ToValidUTF8(escapes.Replace(s), "?")), " ")
	if r := []rune(s); len(r) > 100 {
		s = string(r[:100])
	}
	return s
}

func (c *component) events(from int) ([]Event, string) {
	last := c.start
	if c.hasEnd && c.end.After(c.start) {
		last = c.end
		if c.wholeDayEnd { // the end of a whole day is the day after it (3.6.1)
			last = last.AddDate(0, 0, -1)
		}
	}
	switch {
	case c.badly || c.start.IsZero():
		return nil, fmt.Sprintf("%q has no day we understand", c.name)
	case last.Sub(c.start) > maxDays*24*time.Hour:
		return nil, fmt.Sprintf("%q is longer than a year", c.name)
	case c.rule == "":
		return []Event{{c.name, c.start, last}}, ""
	}
	return c.yearly(last, from)
}

// yearly repeats an event as far as it matters. Only the plain form is taken: the same date every year.
func (c *component) yearly(last time.Time, from int) ([]Event, string) {
	every, until, count := 1, time.Time{}, -1
	for _, part := range strings.Split(c.rule, ";") {
		key, value, _ := strings.Cut(part, "=")
		n, err := strconv.Atoi(value)
		switch {
		case key == "FREQ" && value == "YEARLY", key == "WKST":
		case key == "BYMONTH" && err == nil && n == int(c.start.Month()), key == "BYMONTHDAY" && err == nil && n == c.start.Day():
		case key == "INTERVAL" && err == nil && n > 0 && n <= 100:
			every = n
		case key == "COUNT" && err == nil && n > 0 && n <= 10_000:
			count = n
		case key == "UNTIL":
			d, _, ok := day(value)
			if !ok {
				return nil, fmt.Sprintf("%q repeats in a way we do not understand", c.name)
			}
			until = d
		default:
			return nil, fmt.Sprintf("%q repeats in a way we do not understand (%s)", c.name, clip(c.rule))
		}
	}
	var out []Event
	length := last.Sub(c.start)
	for n := 0; n != count; n++ {
		at := time.Date(c.start.Year()+n*every, c.start.Month(), c.start.Day(), 0, 0, 0, 0, time.UTC)
		if at.Year() > from+yearsAhead || !until.IsZero() && at.After(until) {
			break
		}
		if at.Year() >= from && at.Month() == c.start.Month() { // the 29th of February is not the 1st of March
			out = append(out, Event{c.name, at, at.Add(length)})
		}
	}
	return out, ""
}

func clip(s string) string { return s[:min(len(s), 60)] }
