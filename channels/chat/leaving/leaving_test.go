package leaving

import (
	"errors"
	"net/http"
	"net/http/httptest"
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

func TestWhatAVisitorAsks(t *testing.T) {
	t.Parallel()
	s, score, low, mail, none := &Settings{MailChannel: "ch_1", Transcript: Request, Rating: Thumbs}, uint32(5), uint32(0), "ana@shop.example", "ana"
	for name, x := range map[string]struct {
		settings *Settings
		asked    Asked
		field    string
	}{
		"nothing":            {s, Asked{}, "email"},
		"two":                {s, Asked{Email: &mail, Score: &score}, "email"},
		"no address":         {s, Asked{Email: &none}, "email"},
		"no rating here":     {nil, Asked{Score: &low}, "score"},
		"no transcript here": {nil, Asked{Transcript: &mail, ID: "a"}, "transcript"},
		"no id":              {s, Asked{Transcript: &mail}, "id"},
		"to nobody":          {s, Asked{Transcript: &none, ID: "a"}, "transcript"},
	} {
		var e *desk.Error
		if _, _, err := x.settings.Visit("cv_1", "v_1", x.asked); !errors.As(err, &e) || e.Field != x.field {
			t.Errorf("%s: %v", name, err)
		}
	}
	if v, _, err := s.Visit("cv_1", "v_1", Asked{Score: &score, Comment: "quick"}); err != nil || v.Rate.Score != 5 || v.Rate.Scale != Thumbs || v.Rate.By != "chat" || v.Conversation != "cv_1" {
		t.Errorf("%+v, %v", v, err)
	}
	if v, external, err := s.Visit("cv_1", "v_1", Asked{Transcript: &mail, ID: "a"}); err != nil || v.Transcript != mail || external != "v_1/transcript/a" {
		t.Errorf("%+v, %s, %v", v, external, err)
	}
}

// Looking at the page decides nothing; pressing its button does, once.
func TestRatePage(t *testing.T) {
	t.Parallel()
	var rated []desk.Visit
	key := []byte("key")
	p := &Page{Settings: &Settings{Rating: Stars}, Channel: "ch_c", Keys: [][]byte{key}, Title: "Lamps <& more>", Color: "#1f6feb", Language: "es", Rate: func(v desk.Visit) error {
		if len(rated) > 0 {
			return &desk.Error{Code: desk.Conflict, Reason: "rated", Message: "again"}
		}
		rated = append(rated, v)
		return nil
	}}
	ask := func(method, token, form string) (int, string) {
		t.Helper()
		r := httptest.NewRequest(method, "/rate?t="+token, strings.NewReader(form))
		if method == http.MethodPost {
			r = httptest.NewRequest(method, "/rate", strings.NewReader("t="+token+"&"+form))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		w := httptest.NewRecorder()
		if err := p.Serve(w, r); err != nil {
			t.Fatal(err)
		}
		return w.Code, w.Body.String()
	}
	token := RateToken(key, "ch_c", "cv_1", time.Now().Add(time.Hour))
	if code, page := ask("GET", token, ""); code != 200 || len(rated) != 0 || !strings.Contains(page, "¿Qué te ha parecido?") || !strings.Contains(page, "Lamps &lt;&amp; more&gt;") || strings.Contains(page, "<script") {
		t.Errorf("%d %s", code, page)
	}
	for _, wrong := range []struct {
		method, token, form string
		code                int
	}{
		{"GET", token + "x", "", 404}, {"GET", RateToken(key, "ch_c", "cv_1", time.Now().Add(-time.Hour)), "", 410}, {"POST", "", "score=4", 404}, {"POST", token, "", 422}, {"POST", token, "score=many", 422},
	} {
		if code, _ := ask(wrong.method, wrong.token, wrong.form); code != wrong.code || len(rated) != 0 {
			t.Errorf("%+v: %d, %v", wrong, code, rated)
		}
	}
	if code, page := ask("POST", token, "score=4&comment=r%C3%A1pido"); code != 200 || !strings.Contains(page, "¡Gracias!") || len(rated) != 1 || rated[0].Conversation != "cv_1" ||
		rated[0].Rate.Score != 4 || rated[0].Rate.Comment != "rápido" || rated[0].Rate.By != "mail" {
		t.Errorf("%d %s %+v", code, page, rated)
	}
	if code, _ := ask("POST", token, "score=1"); code != 409 {
		t.Errorf("again: %d", code)
	}
}
