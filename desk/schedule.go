package desk

import (
	"slices"
	"time"
)

// Schedule says when an agent means to be there: weekly hours in a time zone, less holidays, less one absence. It is pure: the
// zone's rules come in with it (a *time.Location is a table), because looking them up by name reads files.
type Schedule struct {
	Zone     *time.Location
	Hours    bool       // whether Week says anything; without hours one is always due, except when out of office
	Week     [7][]Block // by time.Weekday
	Holidays []DateRange
	OutFrom  time.Time // out of office from here
	OutTo    time.Time // until here; zero: no absence
}

// Block is a stretch of one weekday in minutes after midnight. One that does not end after it begins goes over midnight.
type Block struct{ From, To int }

// Date is a day of the calendar, wherever it is.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateRange is days from the first to the last.
type DateRange struct{ From, To Date }

// DateOf is the day on which t falls there.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

func (d Date) compare(o Date) int {
	return (d.Year-o.Year)*10_000 + int(d.Month-o.Month)*100 + d.Day - o.Day
}

func (d Date) plus(days int) Date {
	return DateOf(time.Date(d.Year, d.Month, d.Day+days, 0, 0, 0, 0, time.UTC))
}

func (d Date) weekday() time.Weekday {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Weekday()
}

// Causes of an edge.
const (
	CauseHours       = "hours"
	CauseHoliday     = "holiday"
	CauseOutOfOffice = "out_of_office"
)

// Edge is a moment at which a schedule changes its mind.
type Edge struct {
	At        time.Time
	Available bool // from then on
	Cause     string
}

// horizonDays is how far ahead an edge is looked for: a year of leave, and a little.
const horizonDays = 400

// ScheduledAt is what a schedule says at a moment, and why when it says no.
func ScheduledAt(s *Schedule, now time.Time) (available bool, cause string) {
	for p := range s.pieces(now) {
		if !p.from.After(now) {
			return true, ""
		}
		break
	}
	return false, s.causeAt(now)
}

// NextEdge is the first moment after now at which the schedule says something else; ok is false when there is none within
// reach. An hour that the clocks skip begins and ends where they jump; of one that comes twice, a block begins at the first and
// ends at the second, so that hours are never shorter than they say.
func NextEdge(s *Schedule, now time.Time) (e Edge, ok bool) {
	for p := range s.pieces(now) {
		switch {
		case p.from.After(now):
			cause := CauseHours
			if p.from.Equal(s.OutTo) {
				cause = CauseOutOfOffice
			}
			return Edge{p.from, true, cause}, true
		case p.to.IsZero():
			return Edge{}, false
		default:
			return Edge{p.to, false, s.causeAt(p.to)}, true
		}
	}
	return Edge{}, false
}

func (s *Schedule) causeAt(t time.Time) string {
	switch {
	case s.out(t):
		return CauseOutOfOffice
	case s.Hours && s.holiday(DateOf(t.In(s.Zone))):
		return CauseHoliday
	}
	return CauseHours
}

func (s *Schedule) out(t time.Time) bool { return !t.Before(s.OutFrom) && t.Before(s.OutTo) }

func (s *Schedule) holiday(d Date) bool {
	return slices.ContainsFunc(s.Holidays, func(r DateRange) bool { return r.From.compare(d) <= 0 && d.compare(r.To) <= 0 })
}

// piece is a stretch of availability; a zero end is none.
type piece struct{ from, to time.Time }

// pieces yields, in order and apart from each other, the stretches that end after now.
func (s *Schedule) pieces(now time.Time) func(yield func(piece) bool) {
	return func(yield func(piece) bool) {
		for p := range s.working(now) {
			for _, q := range s.without(p) {
				if (q.to.IsZero() || q.to.After(now)) && !yield(q) {
					return
				}
			}
		}
	}
}

// without takes the absence out of a stretch.
func (s *Schedule) without(p piece) []piece {
	if !s.OutFrom.Before(s.OutTo) || !p.to.IsZero() && !p.to.After(s.OutFrom) || !p.from.Before(s.OutTo) {
		return []piece{p}
	}
	var out []piece
	if p.from.Before(s.OutFrom) {
		out = append(out, piece{p.from, s.OutFrom})
	}
	if p.to.IsZero() || p.to.After(s.OutTo) {
		out = append(out, piece{s.OutTo, p.to})
	}
	return out
}

// working yields the merged hours around and after now. A holiday takes away the blocks that begin on it; a night that began
// the evening before goes on to its end.
func (s *Schedule) working(now time.Time) func(yield func(piece) bool) {
	return func(yield func(piece) bool) {
		if !s.Hours {
			yield(piece{time.Time{}, time.Time{}})
			return
		}
		var open piece
		today := DateOf(now.In(s.Zone))
		for i := -2; i <= horizonDays; i++ {
			d := today.plus(i)
			for _, p := range s.blocksOf(d) {
				switch {
				case open.to.IsZero():
					open = p
				case !p.from.After(open.to):
					open.to = latest(open.to, p.to)
				default:
					if !yield(open) {
						return
					}
					open = p
				}
			}
			// What ended two days ago cannot be reached by a later block.
			if !open.to.IsZero() && DateOf(open.to.In(s.Zone)).plus(2).compare(d) <= 0 {
				if !yield(open) {
					return
				}
				open = piece{}
			}
		}
		if !open.to.IsZero() {
			if DateOf(open.to.In(s.Zone)).compare(today.plus(horizonDays)) >= 0 {
				open.to = time.Time{} // round the clock: no end within reach
			}
			yield(open)
		}
	}
}

func (s *Schedule) blocksOf(d Date) []piece {
	if s.holiday(d) {
		return nil
	}
	var out []piece
	for _, b := range s.Week[d.weekday()] {
		end := d
		if b.To <= b.From {
			end = d.plus(1)
		}
		from, _ := wallTime(d, b.From, s.Zone)
		_, to := wallTime(end, b.To, s.Zone)
		if from.Before(to) {
			out = append(out, piece{from, to})
		}
	}
	slices.SortFunc(out, func(a, b piece) int { return a.from.Compare(b.from) })
	return out
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// wallTime gives the first and the last moment at which clocks there show this time. One that they skip is the moment of the
// jump. (time.Date leaves both cases open.)
func wallTime(d Date, minute int, zone *time.Location) (first, last time.Time) {
	naive := time.Date(d.Year, d.Month, d.Day, 0, minute, 0, 0, time.UTC)
	_, before := naive.Add(-26 * time.Hour).In(zone).Zone()
	_, after := naive.Add(26 * time.Hour).In(zone).Zone()
	early := naive.Add(-time.Duration(before) * time.Second).In(zone)
	late := naive.Add(-time.Duration(after) * time.Second).In(zone)
	_, e := early.Zone()
	_, l := late.Zone()
	switch {
	case e == before && l == after: // clear, or shown twice
		if late.Before(early) {
			early, late = late, early
		}
		return early, late
	case e == before:
		return early, early
	case l == after:
		return late, late
	}
	jump, _ := early.ZoneBounds()
	return jump, jump
}
