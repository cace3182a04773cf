package leaving

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/centralita/centralita/desk"
)

func TestSettingsNameWhatIsWrong(t *testing.T) {
	t.Parallel()
	for want, s := range map[string]Settings{
		"config.after.mail_channel":         {MailChannel: "not an id"},
		"config.after.mail_after_seconds":   {MailAfterSeconds: 5},
		"config.after.language":             {Language: "de"},
		"config.after.transcript":           {Transcript: "always", MailChannel: "ch_1"},
		"config.after.transcript_channel":   {Transcript: Close},
		"config.after.rating":               {Rating: "hearts"},
		"config.after.capture.when":         {Capture: &Capture{When: "soon"}},
		"config.after.capture.wait_seconds": {Capture: &Capture{When: Wait, WaitSeconds: 4000}},
		"config.after.capture.text":         {Capture: &Capture{Text: map[string]string{"de": "Adresse?"}}},
		"config.after.capture.away_text":    {Capture: &Capture{AwayText: map[string]string{"en": strings.Repeat("x", 301)}}},
	} {
		faults := s.Check("config.after")
		var e *desk.Error
		if len(faults) != 1 || !errors.As(faults[0], &e) || e.Field != want {
			t.Errorf("%s: %v", want, faults)
		}
	}
	var none *Settings
	good := Settings{MailChannel: "ch_1", Transcript: Close, Rating: Stars, Language: "es", Capture: &Capture{When: Wait, Text: map[string]string{"es": "¿Tu correo?"}}}
	if f := append(none.Check("x"), good.Check("x")...); len(f) != 0 {
		t.Error(f)
	}
	if w := good.Wire(); w.WaitSeconds != 30 || !w.Transcript || w.Rating != Stars || none.Wire() != nil {
		t.Errorf("%+v", w)
	}
	if d := good.Does("ch_c", "Shop", "en", "https://desk.example/channels/ch_c/", [][]byte{[]byte("key")}); d.MailAfter != 2*time.Minute || d.Language != "es" ||
		d.TranscriptFrom != "ch_1" || !d.OnClose || !strings.HasPrefix(d.RateLink("cv_1", time.Unix(1_800_000_000, 0)), "https://desk.example/channels/ch_c/rate?t=") {
		t.Errorf("%+v", d)
	}
}

func TestALinkToRateOpensOnlyItsConversationUntilItsTime(t *testing.T) {
	t.Parallel()
	now, key := time.Unix(1_800_000_000, 0), []byte("key")
	token := RateToken(key, "ch_c", "cv_1", now.Add(time.Hour))
	if conv, err := OpenRateToken([][]byte{[]byte("newer"), key}, "ch_c", token, now); err != nil || conv != "cv_1" {
		t.Errorf("%q, %v", conv, err)
	}
	for name, got := range map[string]error{
		"another channel":  second(OpenRateToken([][]byte{key}, "ch_d", token, now)),
		"another key":      second(OpenRateToken([][]byte{[]byte("x")}, "ch_c", token, now)),
		"cut off":          second(OpenRateToken([][]byte{key}, "ch_c", token[:len(token)-2], now)),
		"nothing":          second(OpenRateToken([][]byte{key}, "ch_c", "", now)),
		"nobody signed it": second(OpenRateToken(nil, "ch_c", token, now)),
	} {
		if !errors.Is(got, ErrForged) {
			t.Errorf("%s: %v", name, got)
		}
	}
	if _, err := OpenRateToken([][]byte{key}, "ch_c", token, now.Add(time.Hour)); !errors.Is(err, ErrExpired) {
		t.Errorf("later: %v", err)
	}
}

func second(_ desk.ConversationID, err error) error { return err }
