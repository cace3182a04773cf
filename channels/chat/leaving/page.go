package leaving

import (
	"errors"
	"html/template"
	"net/http"
	"strconv"
	"time"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// The page behind the link of a mail: it needs no script, and nothing is decided before the visitor presses its button.

// Page is what it is made with.
type Page struct {
	Settings *Settings
	Channel  desk.ChannelID
	Keys     [][]byte
	Title    string
	Color    string
	Language string
	Rate     func(desk.Visit) error // durable when it returns
}

const maxForm = 16 << 10

type pageWords struct {
	Lang, Ask, Comment, Send, Thanks, Already, Forged, Expired, Choose, Down, Up, Later string
}

var pageLanguages = map[string]pageWords{
	"en": {"en", "How was it?", "Anything to add? (optional)", "Send", "Thank you! We have noted it.", "You have told us already. Thank you!",
		"This link is not complete: copy all of it from the mail.", "This link has expired.", "Please choose one.", "Not good", "Good", "That did not work just now. Please try again."},
	"es": {"es", "¿Qué te ha parecido?", "¿Algo que añadir? (opcional)", "Enviar", "¡Gracias! Lo hemos anotado.", "Ya nos lo habías dicho. ¡Gracias!",
		"Este enlace está incompleto: cópialo entero del correo.", "Este enlace ha caducado.", "Elige una opción.", "Mal", "Bien", "Ahora no ha funcionado. Inténtalo de nuevo."},
}

var ratePage = template.Must(template.New("rate").Parse(`<!doctype html>
<html lang="{{.W.Lang}}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex"><title>{{.Title}}</title>
<style>
:root{color-scheme:light dark;--bg:#f3f5f9;--card:#fff;--text:#18212f;--muted:#5d6b80;--line:#d5dce6}
@media(prefers-color-scheme:dark){:root{--bg:#0f141b;--card:#171c24;--text:#e7ebf1;--muted:#9aa7ba;--line:#313b49}}
body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--bg);color:var(--text);font:16px/1.5 system-ui,sans-serif}
main{box-sizing:border-box;width:min(440px,100vw);padding:32px 28px;background:var(--card);border-radius:16px;border-top:6px solid {{.Color}};text-align:center}
h1{font-size:20px;margin:0 0 4px}p{margin:0;color:var(--muted)}fieldset{border:0;margin:20px 0;padding:0;display:flex;justify-content:center;gap:8px}
label.pick{position:relative;display:grid;place-items:center;min-width:52px;height:52px;padding:0 6px;border:1px solid var(--line);border-radius:12px;cursor:pointer;font-weight:600}
label.pick input{position:absolute;inset:0;opacity:0;cursor:pointer;margin:0}label.pick:has(:checked){background:{{.Color}};color:#fff;border-color:transparent}
label.pick:has(:focus-visible){outline:2px solid var(--text);outline-offset:2px}
textarea{box-sizing:border-box;width:100%;min-height:90px;padding:10px 12px;border:1px solid var(--line);border-radius:12px;background:none;color:inherit;font:inherit}
button{margin-top:16px;padding:10px 28px;border:0;border-radius:999px;background:{{.Color}};color:#fff;font:inherit;font-weight:600;cursor:pointer}.bad{color:#b3261e;margin-top:8px}
</style></head><body><main><h1>{{.Title}}</h1>
{{if .Said}}<p role="status">{{.Said}}</p>{{else}}<p id="ask">{{.W.Ask}}</p>
<form method="post"><input type="hidden" name="t" value="{{.Token}}"><fieldset aria-labelledby="ask">
{{range .Scores}}<label class="pick"><input type="radio" name="score" value="{{.Value}}" required{{if .On}} checked{{end}}><span>{{.Label}}</span></label>{{end}}</fieldset>
<textarea name="comment" maxlength="2000" aria-label="{{.W.Comment}}" placeholder="{{.W.Comment}}">{{.Comment}}</textarea>
{{if .Bad}}<p class="bad" role="alert">{{.Bad}}</p>{{end}}<button>{{.W.Send}}</button></form>{{end}}</main></body></html>
`))

type pick struct {
	Value int
	Label string
	On    bool
}

// Serve answers GET and POST.
func (p *Page) Serve(w http.ResponseWriter, r *http.Request) error {
	words, known := pageLanguages[p.Language]
	if !known {
		words = pageLanguages["en"]
	}
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Referrer-Policy", "same-origin") // with none at all the form would come from nowhere
	h.Set("Cache-Control", "no-store")
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	show := func(status int, said, bad string) error {
		score := r.FormValue("score")
		all := []pick{{1, words.Down + " 👎", score == "1"}, {5, words.Up + " 👍", score == "5"}}
		if p.Settings.Asks() != Thumbs {
			all = nil
			for i := 1; i <= 5; i++ {
				all = append(all, pick{i, strconv.Itoa(i) + " ★", score == strconv.Itoa(i)})
			}
		}
		w.WriteHeader(status)
		return ratePage.Execute(w, map[string]any{"W": words, "Title": p.Title, "Color": template.CSS(p.Color), "Token": r.FormValue("t"), "Scores": all, "Comment": r.FormValue("comment"), "Said": said, "Bad": bad})
	}
	conv, err := OpenRateToken(p.Keys, p.Channel, r.FormValue("t"), time.Now())
	switch {
	case errors.Is(err, ErrExpired):
		return show(http.StatusGone, words.Expired, "")
	case err != nil || p.Settings.Asks() == "":
		return show(http.StatusNotFound, words.Forged, "")
	case r.Method != http.MethodPost:
		return show(http.StatusOK, "", "")
	}
	score, err := strconv.ParseUint(r.PostFormValue("score"), 10, 8)
	if err != nil {
		return show(http.StatusUnprocessableEntity, "", words.Choose)
	}
	err = p.Rate(desk.Visit{Conversation: conv, Rate: &deskpb.RateConversation{
		Score: uint32(score), Comment: r.PostFormValue("comment"), Scale: p.Settings.Asks(), By: "mail",
	}})
	switch {
	case desk.ReasonOf(err) == "rated":
		return show(http.StatusConflict, words.Already, "")
	case desk.CodeOf(err) == desk.Invalid:
		return show(http.StatusUnprocessableEntity, "", words.Choose)
	case err != nil:
		return show(http.StatusServiceUnavailable, "", words.Later)
	}
	return show(http.StatusOK, words.Thanks, "")
}
