package desk

import "time"

// ReportQuery asks what happened in a span of time, in steps of an hour, a day or a week of a time zone.
type ReportQuery struct {
	FromMs, ToMs int64 // FromMs is in it, ToMs is not
	By           string
	Zone         *time.Location
	Channel      ChannelID // "" means all; each of these narrows
	Team         TeamID
	Agent        AgentID
}

// ReportSteps: how a span may be cut.
const (
	ByHour = "hour"
	ByDay  = "day"
	ByWeek = "week" // from Monday
)

// maxReportSteps bounds what one report may show.
const maxReportSteps = 800

// Starts gives the beginnings of the steps of the span. A query that cannot be is refused with the name of its field.
func (q ReportQuery) Starts() (starts []int64, err error) {
	if q.Zone == nil {
		q.Zone = time.UTC
	}
	if q.ToMs <= q.FromMs {
		return nil, Refuse(Invalid, "to", "must be after from")
	}
	if q.By != ByHour && q.By != ByDay && q.By != ByWeek {
		return nil, Refuse(Invalid, "by", "must be hour, day or week")
	}
	for at := q.floor(time.UnixMilli(q.FromMs).In(q.Zone)); at.UnixMilli() < q.ToMs; at = q.next(at) {
		if len(starts) == maxReportSteps {
			return nil, Refuse(Invalid, "by", "more than %d steps: take a shorter time or longer steps", maxReportSteps)
		}
		starts = append(starts, at.UnixMilli())
	}
	return starts, nil
}

func (q ReportQuery) floor(t time.Time) time.Time {
	y, m, d := t.Date()
	switch q.By {
	case ByHour:
		return t.Truncate(time.Hour)
	case ByWeek:
		d -= (int(t.Weekday()) + 6) % 7
	}
	return time.Date(y, m, d, 0, 0, 0, 0, q.Zone)
}

// next follows the calendar: a day on which the clocks are changed has 23 or 25 hours.
func (q ReportQuery) next(t time.Time) time.Time {
	switch q.By {
	case ByHour:
		return t.Add(time.Hour)
	case ByWeek:
		return t.AddDate(0, 0, 7)
	}
	return t.AddDate(0, 0, 1)
}

// Spread describes many lengths of time: how many, the one in the middle, and the one that nine of ten do not exceed. They are exact
// to a tenth.
type Spread struct {
	Count       int
	Median, P90 time.Duration
}

// ReportRow is what happened in one step, or of one channel, team or agent.
type ReportRow struct {
	ID         string // of the channel, team or agent; "" for none
	StartMs    int64  // of the step
	Opened     int
	Closed     int
	In, Out    int // messages of contacts, replies of agents
	Backlog    int // open tickets at its end
	FirstReply Spread
	Resolution Spread
}

// Report is the answer.
type Report struct {
	Steps    []ReportRow
	Total    ReportRow
	Channels []ReportRow
	Teams    []ReportRow
	Agents   []ReportRow
}

// ReportNow is how it stands: open tickets by channel, team and owner, and the messages of the last hour by channel.
type ReportNow struct {
	Open                     int
	ByChannel, ByTeam, ByWho map[string]int
	In, Out                  map[string]int
	Behind                   uint64 // records that it does not know yet
}
