package chat

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/internal/socket"
)

// errTooLarge, errMethod and errCutOff have a status of their own.
var (
	errTooLarge = desk.Refuse(desk.Limit, "", "the request is larger than %d bytes", maxBodyBytes)
	errMethod   = desk.Refuse(desk.Invalid, "", "this address does not know that method")
	errCutOff   = desk.Refuse(desk.Invalid, "", "the request was cut off, send it again")
)

// tooOften is a refusal with the time after which it may work.
type tooOften struct{ after time.Duration }

func (e *tooOften) Error() string { return fmt.Sprintf("too often, try again in %v", e.after) }

// answer writes the response, or gives the error that is to be written.
type answer func(w http.ResponseWriter, r *http.Request) error

// route is one address: which methods it knows, and whether other sites may read it.
type route struct {
	methods map[string]answer
	open    bool // static files, for any site; the rest is for allowed origins
}

// routes are all addresses of the channel, relative to where it is mounted.
func (c *connector) routes() http.Handler {
	get := func(a answer) route { return route{methods: map[string]answer{http.MethodGet: a, http.MethodHead: a}} }
	post := func(a answer) route { return route{methods: map[string]answer{http.MethodPost: a}} }
	table := map[string]route{
		"/":            get(c.getPage),
		"/frame":       get(c.getFrame),
		"/avatar":      {methods: get(c.getAvatar).methods, open: true},
		"/v1/config":   get(c.getConfig),
		"/v1/session":  post(c.postSession),
		"/v1/flow":     post(c.postFlow),
		"/v1/messages": post(c.postMessage),
		"/v1/events":   get(c.getEvents),
		"/v1/signs":    post(c.postSign),
		"/v1/file":     get(c.getFile),
		"/v1/ws":       get(c.getSocket),
		"/v1/visit":    post(c.postVisit),
		"/rate":        {methods: map[string]answer{http.MethodGet: c.ratePage, http.MethodHead: c.ratePage, http.MethodPost: c.ratePage}},
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rt, ok := table[r.URL.Path]
		if !ok {
			rt, ok = c.asset(r.URL.Path)
		}
		var err error
		switch {
		case r.URL.Path == "":
			w.Header().Set("Location", lastSegment(r)+"/") // the page's files are beside it, so it must end in a slash
			w.WriteHeader(http.StatusPermanentRedirect)
		case !ok:
			err = desk.Refuse(desk.NotFound, "", "there is nothing at this address")
		default:
			err = c.serve(w, r, rt)
		}
		if err != nil {
			c.writeError(w, r, err)
		}
	})
}

// lastSegment is the end of the address as the browser asked for it, before prefixes were stripped.
func lastSegment(r *http.Request) string {
	path, _, _ := strings.Cut(r.RequestURI, "?")
	return path[strings.LastIndexByte(path, '/')+1:]
}

func (c *connector) serve(w http.ResponseWriter, r *http.Request, rt route) error {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	if rt.open {
		h.Set("Access-Control-Allow-Origin", "*")
	} else if err := c.checkOrigin(w, r); err != nil {
		return err
	}
	if r.Method == http.MethodOptions {
		h.Set("Access-Control-Allow-Methods", "GET, POST")
		h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type")
		h.Set("Access-Control-Max-Age", "600")
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	a, ok := rt.methods[r.Method]
	if !ok {
		h.Set("Allow", strings.Join(slices.Sorted(maps.Keys(rt.methods)), ", "))
		return errMethod
	}
	return a(w, r)
}

// checkOrigin lets our own pages and the allowed sites in, and what is not a browser. Allowed sites are echoed exactly.
func (c *connector) checkOrigin(w http.ResponseWriter, r *http.Request) error {
	w.Header().Add("Vary", "Origin")
	if socket.SameOrigin(r) {
		return nil
	}
	origin := r.Header.Get("Origin")
	if !c.allowed(origin) {
		return desk.Refuse(desk.Denied, "Origin", "this chat is not allowed on %.200q: add it to the channel's allowed origins", origin)
	}
	w.Header().Set("Access-Control-Allow-Origin", origin)
	return nil
}

func (c *connector) allowed(origin string) bool {
	return slices.Contains(c.settings.AllowedOrigins, "*") || slices.Contains(c.settings.AllowedOrigins, cleanOrigin(origin))
}

// welcomes tells whether a page of that origin may have the chat on it: one of our own, or of an allowed site.
func (c *connector) welcomes(host string, r *http.Request) bool {
	return host == "http://"+r.Host || host == "https://"+r.Host || c.allowed(host)
}

// How long a small request may take to come in, and an answer to go out: a network that swallows holds nobody up for longer.
const (
	bodyPatience   = 10 * time.Second
	answerPatience = 20 * time.Second
)

// readJSON reads a small JSON body. What is cut off on its way may be sent again: 408, not a fault of the message.
func readJSON(w http.ResponseWriter, r *http.Request, into any) error {
	conn := http.NewResponseController(w)
	if conn.SetReadDeadline(time.Now().Add(bodyPatience)) == nil {
		defer func() { _ = conn.SetReadDeadline(time.Time{}) }() // else it would end the request itself
	}
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBodyBytes))
	if err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return errTooLarge
		}
		return errCutOff
	}
	if err := json.Unmarshal(data, into); err != nil {
		if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && e.Field != "" {
			return desk.Refuse(desk.Invalid, e.Field, "must be a %s, is a %s", e.Type.Kind(), e.Value)
		}
		return desk.Refuse(desk.Invalid, "", "the body is not a JSON object")
	}
	return nil
}

func writeJSON(w http.ResponseWriter, v any) error {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	conn := http.NewResponseController(w)
	bounded := conn.SetWriteDeadline(time.Now().Add(answerPatience)) == nil
	_, _ = w.Write(mustJSON(v)) // a client that has gone needs no answer
	if bounded {
		_ = conn.Flush()
		_ = conn.SetWriteDeadline(time.Time{}) // the connection's next request may be for somebody else
	}
	return nil
}

type wireError struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Field   string `json:"field,omitempty"`
	Reason  string `json:"reason,omitempty"`
}

// writeError answers with {code, message, field}. What is not a refusal is logged here, once, and not told.
func (c *connector) writeError(w http.ResponseWriter, r *http.Request, err error) {
	status, out := http.StatusInternalServerError, wireError{Code: "internal", Message: "something went wrong on our side"}
	if e, ok := errors.AsType[*desk.Error](err); ok {
		status, out = statusOf(e), wireError{Code: string(e.Code), Message: e.Message, Field: e.Field, Reason: e.Reason}
	} else if e, ok := errors.AsType[*tooOften](err); ok {
		status, out = http.StatusTooManyRequests, wireError{Code: string(desk.Limit), Message: "too many requests, slow down"}
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(e.after.Seconds()))))
	} else {
		c.env.Logger.Error("a visitor's request failed", "path", r.URL.Path, "err", err)
	}
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "1")
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(mustJSON(out))
}

func statusOf(e *desk.Error) int {
	switch {
	case errors.Is(e, errTooLarge):
		return http.StatusRequestEntityTooLarge
	case errors.Is(e, errCutOff):
		return http.StatusRequestTimeout
	case errors.Is(e, errMethod):
		return http.StatusMethodNotAllowed
	case e.Code == desk.Denied && e.Field == "Authorization":
		return http.StatusUnauthorized
	}
	switch e.Code {
	case desk.Invalid:
		return http.StatusUnprocessableEntity
	case desk.Denied:
		return http.StatusForbidden
	case desk.NotFound:
		return http.StatusNotFound
	case desk.Conflict:
		return http.StatusConflict
	case desk.Limit:
		return http.StatusTooManyRequests
	default:
		return http.StatusServiceUnavailable
	}
}
