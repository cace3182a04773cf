package flood_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/centralita/centralita/channels/email/flood"
	"github.com/centralita/centralita/desk"
)

func read(t *testing.T, raw string) *flood.Settings {
	t.Helper()
	var s *flood.Settings
	if err := json.Unmarshal([]byte(raw), &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// What is left out is as usual, 0 is no limit, and the rest is what it says.
func TestLimits(t *testing.T) {
	t.Parallel()
	usual := desk.DefaultPaces
	for raw, want := range map[string]desk.PaceLimits{
		`null`: usual, `{}`: usual,
		`{"sender":{"at_once":3,"per_minute":2}}`:                                  {Sender: desk.Pace{Burst: 3, Every: 30 * time.Second}, Domain: usual.Domain, Mailbox: usual.Mailbox},
		`{"domain":{"at_once":0},"mailbox":{"at_once":100000,"per_minute":60000}}`: {Sender: usual.Sender, Mailbox: desk.Pace{Burst: 100_000, Every: time.Millisecond}},
	} {
		s := read(t, raw)
		if err := errors.Join(s.Check("flood")...); err != nil {
			t.Errorf("%s: %v", raw, err)
		}
		if got := s.Limits(usual); got != want {
			t.Errorf("%s: %+v, want %+v", raw, got, want)
		}
	}
	same := read(t, `{"sender":{"at_once":20,"per_minute":2},"domain":{"at_once":200,"per_minute":20},"mailbox":{"at_once":10000,"per_minute":600}}`)
	if got := same.Limits(desk.PaceLimits{}); got != usual {
		t.Errorf("the usual ones, written out: %+v, want %+v", got, usual)
	}
}

// What cannot be is refused with its field and what would be right.
func TestRefusals(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		`{"sender":{"at_once":-1}}`:                         "flood.sender.at_once: must be 1 to 100000 mails, or 0: no limit",
		`{"domain":{"at_once":100001,"per_minute":1}}`:      "flood.domain.at_once: must be 1 to 100000 mails, or 0: no limit",
		`{"sender":{"at_once":5}}`:                          "flood.sender.per_minute: must be 1 to 60000 mails",
		`{"sender":{"at_once":0,"per_minute":5}}`:           "flood.sender.per_minute: is used with at_once only; leave it out",
		`{"mailbox":{"at_once":10000,"per_minute":100}}`:    "flood.mailbox.per_minute: must be 167 to 60000 mails: 10000 at once must be free again within an hour",
		`{"mailbox":{"at_once":10000,"per_minute":100000}}`: "flood.mailbox.per_minute: must be 167 to 60000",
	} {
		faults := read(t, raw).Check("flood")
		if len(faults) != 1 {
			t.Errorf("%s: %v", raw, faults)
			continue
		}
		e, _ := errors.AsType[*desk.Error](faults[0])
		if got := e.Field + ": " + e.Message; !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s, want %s", raw, got, want)
		}
	}
}
