package chat

import (
	"encoding/json"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/channels/channeltest"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// office is open from 09:00 to 17:00 on every day, but for 24 March 2000.
func office(t *testing.T, zone *time.Location) func(hours, holidays string, at time.Time) (bool, time.Time) {
	week := &deskpb.WorkingHours{}
	for d := range int32(7) {
		week.Blocks = append(week.Blocks, &deskpb.WorkingBlock{Weekday: d, From: 9 * 60, To: 17 * 60})
	}
	free := &deskpb.Holidays{Days: []*deskpb.HolidayRange{{From: "2000-03-24", To: "2000-03-24"}}}
	plan := desk.ScheduleOf(zone, week, free, 0, 0)
	return func(hours, holidays string, at time.Time) (bool, time.Time) {
		if hours != "wh_1" || holidays != "hd_1" {
			t.Errorf("asked for %s and %s", hours, holidays)
		}
		open, _ := desk.ScheduledAt(plan, at)
		for from := at; ; {
			e, ok := desk.NextEdge(plan, from)
			if !ok || e.Available {
				return open, e.At
			}
			from = e.At
		}
	}
}

// Scenario 11, what visitors are told through the day: at 10:00 with somebody there, at 10:30 with all away, at 18:00 with somebody marked
// available; the next morning comes by itself, also on the day on which the clocks go forward. What is new is pushed.
func TestScenario11WhatAVisitorIsToldThroughTheDay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		madrid, err := time.LoadLocation("Europe/Madrid")
		if err != nil {
			t.Fatal(err)
		}
		d := channeltest.NewDesk()
		conn, err := Kind().New(channels.Env{
			Channel: channeltest.Channel, Name: "Lumbre", Threads: d.Threads,
			Config: json.RawMessage(`{"availability":{"mode":"hours","hours":"wh_1","holidays":"hd_1","reply_time":"minutes",
				"away":{"text":{"en":"All of us are busy"}},"closed":{"show":"form"},"departments":["tm_1","tm_gone"]}}`),
			Around: channels.Around{HoursAt: office(t, madrid), TeamName: func(id string) string { return map[string]string{"tm_1": "Returns"}[id] }},
		})
		if err != nil {
			t.Fatal(err)
		}
		c := conn.(*connector)
		l := newLife(t.Context(), d)
		defer l.close()
		at := func(clock string) {
			t.Helper()
			when, err := time.ParseInLocation(time.DateTime, clock, madrid)
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Until(when))
		}
		tells := func(state, back, show, reply string) {
			t.Helper()
			got := c.config(t.Context())
			a := got.Availability
			if a.State != state || a.BackAt != back || a.Show != show || a.Reply != reply || got.Online != (state == "available") {
				t.Errorf("%s: %+v", time.Now().In(madrid), a)
			}
			if state == "away" && a.Text["en"] != "All of us are busy" {
				t.Errorf("its text: %v", a.Text)
			}
			if len(got.Departments) != 1 || got.Departments[0].Name != "Returns" {
				t.Errorf("departments %v", got.Departments)
			}
		}
		at("2000-03-23 10:00:00")
		tells("available", "", "", "minutes")
		d.Threads.SetAvailable(0)
		d.Threads.SetBack(time.Date(2000, 3, 23, 19, 0, 0, 0, madrid))
		at("2000-03-23 10:30:00")
		tells("away", "2000-03-25T08:00:00Z", "message", "") // the evening is closed, and Friday a holiday
		d.Threads.SetAvailable(1)
		at("2000-03-23 18:00:00")
		tells("closed", "2000-03-25T08:00:00Z", "form", "")
		at("2000-03-24 12:00:00")
		tells("closed", "2000-03-25T08:00:00Z", "form", "")
		at("2000-03-25 18:00:00")
		tells("closed", "2000-03-26T07:00:00Z", "form", "") // summer time begins in that night
		at("2000-03-26 09:00:00")
		tells("available", "", "", "minutes")
		at("2000-10-28 18:00:00")
		tells("closed", "2000-10-29T08:00:00Z", "form", "") // and ends
	})
}

// A visitor chooses one of the departments that are there; one that is not any more costs no message.
func TestAVisitorChoosesADepartment(t *testing.T) {
	t.Parallel()
	s := openIn(t, `{"availability":{"departments":["tm_returns","tm_gone"]}}`, channels.Around{
		TeamName: func(id string) string { return map[string]string{"tm_returns": "Returns", "tm_other": "Other"}[id] },
	})
	me := s.session("")
	for i, c := range []struct {
		team, want string
		status     int
	}{{"tm_returns", "tm_returns", 200}, {"tm_gone", "", 200}, {"tm_other", "", 200}, {"", "", 200}, {"no id!", "", 422}} {
		resp := s.call("POST", "v1/messages", me.Token, map[string]string{"client_msg_id": "m" + string(rune('0'+i)), "text": "hello", "team": c.team}, nil)
		if resp.StatusCode != c.status {
			t.Errorf("%q: status %d", c.team, resp.StatusCode)
		}
		if c.status != 200 {
			continue
		}
		if items := s.desk.Intake.Items(); items[len(items)-1].Message.Team != c.want {
			t.Errorf("%q: for team %q", c.team, items[len(items)-1].Message.Team)
		}
	}
}

// The desk is told on which site the chat was shown last; its own page is none.
func TestASiteThatShowsTheChatIsSeen(t *testing.T) {
	t.Parallel()
	s := open(t, `{"allowed_origins":["https://shop.example"]}`)
	get := func(origin string) {
		t.Helper()
		req, err := http.NewRequest(http.MethodGet, s.url+"v1/config", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		if origin != "" {
			req.Header.Set("Origin", origin)
		}
		s.do(req, nil)
	}
	get("")
	get("https://evil.example")
	get(s.server.URL)
	if got := s.desk.Intake.Status().Seen; got != "" {
		t.Errorf("seen on %q", got)
	}
	get("https://shop.example")
	if got := s.desk.Intake.Status(); got.Seen != "https://shop.example" || time.Since(got.SeenAt) > time.Minute || got.Phase != "listening" {
		t.Errorf("not seen: %+v", got)
	}
}
