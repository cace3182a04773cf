package hours

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestWhatVisitorsAreTold(t *testing.T) {
	t.Parallel()
	noon := time.Date(2000, 3, 22, 12, 0, 0, 0, time.UTC)
	tomorrow, evening := noon.Add(21*time.Hour), noon.Add(8*time.Hour)
	office := func(at time.Time) (bool, time.Time) { // 09:00 to 17:00
		day := time.Date(at.Year(), at.Month(), at.Day(), 9, 0, 0, 0, time.UTC)
		if at.Before(day) {
			return false, day
		}
		return at.Before(day.Add(8 * time.Hour)), day.Add(24 * time.Hour)
	}
	form := &Absence{Show: ShowForm, Text: map[string]string{"en": "Gone fishing"}}
	for name, c := range map[string]struct {
		config *Config
		facts  Facts
		want   string
	}{
		"no section, somebody there":      {nil, Facts{Now: noon, Agents: 1}, "available  "},
		"no section, nobody there":        {nil, Facts{Now: noon}, "away  message"},
		"by agents, back in the evening":  {&Config{Away: form}, Facts{Now: noon, Back: evening}, "away 2000-03-22T20:00:00Z form"},
		"always":                          {&Config{Mode: Always}, Facts{Now: noon}, "available  "},
		"within hours, somebody there":    {&Config{Mode: ByHours, Hours: "h"}, Facts{Now: noon, Agents: 2, Open: office}, "available  "},
		"within hours, nobody there":      {&Config{Mode: ByHours, Hours: "h", Closed: form}, Facts{Now: noon, Open: office}, "away  message"},
		"back after the hours: tomorrow":  {&Config{Mode: ByHours, Hours: "h"}, Facts{Now: noon, Back: evening, Open: office}, "away 2000-03-23T09:00:00Z message"},
		"within hours, even with nobody":  {&Config{Mode: ByHours, Hours: "h", EvenAway: true}, Facts{Now: noon, Open: office}, "available  "},
		"outside hours, somebody there":   {&Config{Mode: ByHours, Hours: "h", EvenAway: true, Closed: form}, Facts{Now: evening, Agents: 1, Open: office}, "closed 2000-03-23T09:00:00Z form"},
		"the edge itself is open":         {&Config{Mode: ByHours, Hours: "h"}, Facts{Now: tomorrow, Agents: 1, Open: office}, "available  "},
		"hours that never open":           {&Config{Mode: ByHours, Hours: "h"}, Facts{Now: noon, Agents: 1, Open: func(time.Time) (bool, time.Time) { return false, time.Time{} }}, "closed  message"},
		"how soon is told while there":    {&Config{ReplyTime: "minutes"}, Facts{Now: noon, Agents: 1}, "available  minutes"},
		"and not while nobody is":         {&Config{ReplyTime: "minutes"}, Facts{Now: noon}, "away  message"},
		"hours count in no other mode":    {&Config{Mode: ByAgents}, Facts{Now: evening, Agents: 1, Open: office}, "available  "},
		"no hours are known: always open": {&Config{Mode: ByHours, Hours: "h"}, Facts{Now: evening, Agents: 1}, "available  "},
	} {
		n := c.config.Now(c.facts)
		if got := fmt.Sprintf("%s %s %s", n.State, n.BackAt, n.Show+n.Reply); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		if n.State == Available && n.Text != nil || n.Show == ShowForm && n.Text["en"] != "Gone fishing" {
			t.Errorf("%s: text %v", name, n.Text)
		}
	}
}

func TestFaultsNameTheirField(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", 501)
	for want, c := range map[string]*Config{
		"":                            {Mode: ByHours, Hours: "h", Holidays: "x", EvenAway: true, Closed: &Absence{Show: ShowForm, Text: map[string]string{"es": long[:1000]}}, ReplyTime: "day", Departments: []string{"a", "b"}},
		"mode":                        {Mode: "sometimes"},
		"mode hours without any":      {Hours: "h"},
		"hours":                       {Mode: ByHours},
		"even_away":                   {Mode: Always, EvenAway: true},
		"away.show":                   {Away: &Absence{Show: "dance"}},
		"closed.text.en":              {Closed: &Absence{Text: map[string]string{"en": long}}},
		"closed.text":                 {Closed: &Absence{Text: map[string]string{"fr": "x"}}},
		"reply_time":                  {ReplyTime: "soon"},
		"departments":                 {Departments: []string{"a", "a"}},
		"departments more than 20":    {Departments: strings.Split(strings.Repeat("x,", 20)+"y", ",")},
		"departments that are no ids": {Departments: []string{""}},
	} {
		want, _, _ = strings.Cut(want, " ")
		var fields []string
		c.Check(func(field, format string, _ ...any) {
			if format == "" {
				t.Errorf("%s: no word on what to do", field)
			}
			fields = append(fields, field)
		})
		if want == "" && fields != nil || want != "" && !slices.Contains(fields, want) {
			t.Errorf("%+v: %v, want %q", c, fields, want)
		}
	}
	(*Config)(nil).Check(func(field, _ string, _ ...any) { t.Errorf("nothing said, and %s is wrong", field) })
}
