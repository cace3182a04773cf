package api

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"html"
	"net/http"
	"strings"
)

// consentCame is where the browser comes back to. The page says how it went in the reader's language, tells the form that asked,
// which is of our own origin, and closes itself.
func (s *Server) consentCame(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	state := q.Get("state")
	one, ok := s.consents.begin(state, sessionOf(r))
	if !ok {
		s.say(w, r, http.StatusBadRequest, "unknown", "")
		return
	}
	refresh, failure, detail := "", "", ""
	switch code := q.Get("code"); {
	case code == "":
		failure, detail = "refused", strings.TrimSpace(fmt.Sprintf("%.200s", q.Get("error")+" "+q.Get("error_description")))
	default:
		var err error
		if refresh, err = s.opt.SignIns.Exchange(r.Context(), one.provider, one.verifier, one.redirect, code); err != nil {
			s.log.Warn("a sign-in with a provider failed", "provider", one.provider, "err", err)
			failure, detail = "unconfirmed", err.Error()
		}
	}
	s.consents.settle(state, refresh, failure, detail)
	if failure != "" {
		s.say(w, r, http.StatusBadGateway, failure, detail)
		return
	}
	s.say(w, r, http.StatusOK, "signed_in", "")
}

// consentWords are what the page says, in English and Spanish.
var consentWords = map[string][2]string{
	"unknown":     {"This sign-in is not known here, was used already, or has lapsed. Go back to the desk and begin again.", "Este inicio de sesión no se conoce aquí, ya se usó o ha caducado. Vuelve y empieza de nuevo."},
	"refused":     {"The provider did not agree:", "El proveedor no dio su permiso:"},
	"unconfirmed": {"The provider did not confirm it:", "El proveedor no lo confirmó:"},
	"signed_in":   {"Signed in. This window closes by itself.", "Sesión iniciada. Esta ventana se cierra sola."},
	"back":        {"Back to the desk", "Volver"},
}

// tellScript tells the form that waits in the window that opened this one, only on our own origin, and closes this one. The code is
// taken out of the address first. Where the provider has cut the tie between the windows the other way tells it.
const tellScript = `history.replaceState(null,"",location.pathname);try{window.opener&&window.opener.postMessage("centralita-sign-in",location.origin)}catch{}` +
	`try{new BroadcastChannel("centralita-sign-in").postMessage("")}catch{}if(document.documentElement.dataset.close)window.close()`

func (s *Server) say(w http.ResponseWriter, r *http.Request, status int, what, detail string) {
	lang := 0
	if s.spanish(r) {
		lang = 1
	}
	sum := sha256.Sum256([]byte(tellScript))
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; style-src 'unsafe-inline'; script-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'")
	h.Set("Referrer-Policy", "no-referrer") // the address holds the code
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	closes := ""
	if status == http.StatusOK {
		closes = ` data-close="1"`
	}
	_, _ = fmt.Fprintf(w, `<!doctype html><html lang=%q%s><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"><title>Centralita</title>`+
		`<body style="font:16px/1.5 system-ui;max-width:34em;margin:12vh auto;padding:0 20px"><p>%s <span>%s</span></p><p><a href="/settings/channels">%s</a></p><script>%s</script>`,
		[]string{"en", "es"}[lang], closes, consentWords[what][lang], html.EscapeString(detail), consentWords["back"][lang], tellScript) // who is gone hears nothing
}

// spanish: the agent has chosen it, or the browser likes it better than English.
func (s *Server) spanish(r *http.Request) bool {
	if p, err := s.preferences(me(r.Context()).Agent); err == nil && p.GetLanguage() != "" {
		return p.GetLanguage() == "es"
	}
	for one := range strings.SplitSeq(r.Header.Get("Accept-Language"), ",") {
		switch tag, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(one)), "-"); {
		case strings.HasPrefix(tag, "es"):
			return true
		case strings.HasPrefix(tag, "en"):
			return false
		}
	}
	return false
}
