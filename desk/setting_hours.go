package desk

import (
	"cmp"
	"regexp"
	"slices"
	"time"

	"github.com/centralita/centralita/proto/deskpb"
)

// SecurityID is the one setting of its kind.
const SecurityID SettingID = "security"

// Kinds of setting that say when agents are there.
const (
	SettingWorkingHours = "working_hours"
	SettingHolidays     = "holidays"
)

const (
	maxBlocks   = 70 // of a week
	maxHolidays = 2000
	dayMinutes  = 24 * 60
)

// zoneName is the form of an IANA name. Whether there is such a zone is looked up by who has the tables.
var zoneName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_+/-]{0,63}$`)

func cleanHours(h *deskpb.WorkingHours) (err error) {
	if h == nil {
		return Refuse(Invalid, "working_hours", "must be given")
	}
	if h.Name, err = cleanName(h.Name, "name"); err != nil {
		return err
	}
	if !zoneName.MatchString(h.TimeZone) || h.TimeZone == "Local" {
		return Refuse(Invalid, "time_zone", "must be an IANA name such as Europe/Madrid")
	}
	if len(h.Blocks) > maxBlocks {
		return Refuse(Invalid, "blocks", "at most %d", maxBlocks)
	}
	for _, b := range h.Blocks {
		if b.GetWeekday() < 0 || b.GetWeekday() > 6 || b.GetFrom() < 0 || b.GetFrom() >= dayMinutes || b.GetTo() < 0 || b.GetTo() > dayMinutes || b.GetFrom() == b.GetTo() {
			return Refuse(Invalid, "blocks", "each needs a weekday from 0 (Sunday) to 6 and minutes from 0 to %d that differ", dayMinutes)
		}
	}
	slices.SortFunc(h.Blocks, func(a, b *deskpb.WorkingBlock) int {
		return cmp.Or(cmp.Compare(a.Weekday, b.Weekday), cmp.Compare(a.From, b.From))
	})
	for i := 1; i < len(h.Blocks); i++ {
		if a, b := h.Blocks[i-1], h.Blocks[i]; a.Weekday == b.Weekday && (a.To > b.From || a.To <= a.From) {
			return Refuse(Invalid, "blocks", "two of one day overlap")
		}
	}
	return nil
}

func cleanHolidays(h *deskpb.Holidays) (err error) {
	if h == nil {
		return Refuse(Invalid, "holidays", "must be given")
	}
	if h.Name, err = cleanName(h.Name, "name"); err != nil {
		return err
	}
	if len(h.Days) > maxHolidays {
		return Refuse(Invalid, "days", "at most %d", maxHolidays)
	}
	for _, d := range h.Days {
		from, ok := ParseDate(d.GetFrom())
		to, also := ParseDate(d.GetTo())
		if !ok || !also || to.compare(from) < 0 || from.plus(366).compare(to) < 0 {
			return Refuse(Invalid, "days", "each is a date such as 2026-12-24, or a first and a last one less than a year apart")
		}
		d.Name = clip(d.Name, 100)
	}
	slices.SortStableFunc(h.Days, func(a, b *deskpb.HolidayRange) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	return nil
}

// ParseDate reads a day such as 2026-12-24.
func ParseDate(s string) (Date, bool) {
	t, err := time.Parse(time.DateOnly, s)
	return DateOf(t), err == nil && t.Year() >= 1900
}

// ScheduleOf puts a schedule together: zone is that of the hours, which may be nil, as may the holidays.
func ScheduleOf(zone *time.Location, hours *deskpb.WorkingHours, holidays *deskpb.Holidays, outFromMs, outToMs int64) *Schedule {
	s := &Schedule{Zone: zone, Hours: hours != nil}
	if zone == nil {
		s.Zone = time.UTC
	}
	for _, b := range hours.GetBlocks() {
		s.Week[b.Weekday] = append(s.Week[b.Weekday], Block{int(b.From), int(b.To)})
	}
	for _, d := range holidays.GetDays() {
		from, _ := ParseDate(d.From)
		to, _ := ParseDate(d.To)
		s.Holidays = append(s.Holidays, DateRange{from, to})
	}
	if outToMs > outFromMs {
		s.OutFrom, s.OutTo = time.UnixMilli(outFromMs).UTC(), time.UnixMilli(outToMs).UTC()
	}
	return s
}
