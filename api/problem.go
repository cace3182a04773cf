package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"reflect"
	"strings"
	"syscall"

	"github.com/danielgtaylor/huma/v2"

	"github.com/centralita/centralita/desk"
)

// Problem is every error answer (RFC 9457).
type Problem struct {
	Type   string  `json:"type" doc:"Always about:blank: code says more"`
	Title  string  `json:"title" doc:"The status in words"`
	Status int     `json:"status" doc:"The HTTP status"`
	Detail string  `json:"detail" doc:"What went wrong and what to do, for people"`
	Code   string  `json:"code" doc:"What went wrong, for programs" enum:"invalid,denied,not_found,conflict,limit,unavailable,unauthenticated,too_large,internal"`
	Reason string  `json:"reason,omitempty" doc:"A narrower word for programs"`
	Errors []Fault `json:"errors,omitempty" doc:"Every fault of the input, each with its place"`
	// Request is in the server's log beside the cause.
	Request string `json:"request_id,omitempty" doc:"To be told to whoever reads the server's log"`

	headers http.Header
}

// Fault is one fault of the input.
type Fault struct {
	Location string `json:"location" doc:"Where, such as body.email or query.limit" example:"body.email"`
	Message  string `json:"message" doc:"What is wrong with it"`
}

func (p *Problem) Error() string { return p.Detail }

// GetStatus makes a Problem an error that huma answers with.
func (p *Problem) GetStatus() int { return p.Status }

// GetHeaders gives the headers that go with it, such as Retry-After.
func (p *Problem) GetHeaders() http.Header { return p.headers }

// ContentType is RFC 9457's.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// Codes beside desk's.
const (
	codeUnauthenticated = "unauthenticated"
	codeTooLarge        = "too_large"
	codeInternal        = "internal"
)

var statusOfCode = map[desk.Code]int{
	desk.Invalid: http.StatusUnprocessableEntity, desk.Denied: http.StatusForbidden, desk.NotFound: http.StatusNotFound,
	desk.Conflict: http.StatusConflict, desk.Limit: http.StatusTooManyRequests, desk.Unavailable: http.StatusServiceUnavailable,
}

var codeOfStatus = map[int]string{
	http.StatusUnauthorized: codeUnauthenticated, http.StatusForbidden: string(desk.Denied), http.StatusNotFound: string(desk.NotFound),
	http.StatusConflict: string(desk.Conflict), http.StatusRequestEntityTooLarge: codeTooLarge, http.StatusTooManyRequests: string(desk.Limit),
	http.StatusServiceUnavailable: string(desk.Unavailable), http.StatusInternalServerError: codeInternal,
}

func problem(status int, detail string) *Problem {
	code, known := codeOfStatus[status]
	if !known {
		code = string(desk.Invalid)
	}
	return &Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: detail, Code: code}
}

// fault is a problem with one place in the input.
func fault(location, format string, args ...any) *Problem {
	message := fmt.Sprintf(format, args...)
	p := problem(http.StatusUnprocessableEntity, message)
	p.Errors = []Fault{{Location: location, Message: message}}
	return p
}

func unauthenticated(detail string) *Problem { return problem(http.StatusUnauthorized, detail) }

// notFound is a refusal for a thing that is not there.
func notFound(what string) error { return desk.Refuse(desk.NotFound, "", "there is no such %s", what) }

// problemOf is what an error looks like outside; from are the places of the input, nil when they are not known. What is not a refusal is logged here, once, and shown as internal.
func (s *Server) problemOf(ctx context.Context, err error, from *places) *Problem {
	if p, ok := errors.AsType[*Problem](err); ok {
		return p
	}
	if e, ok := errors.AsType[*desk.Error](err); ok {
		p := problem(statusOfCode[e.Code], e.Message)
		if p.Status == 0 {
			p = problem(http.StatusUnprocessableEntity, e.Message)
		}
		p.Reason = e.Reason
		if e.Field != "" {
			p.Errors = []Fault{{Location: from.of(e), Message: e.Message}}
		}
		return p
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return problem(http.StatusNotFound, "there is no such file")
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		s.log.Error("the disk is full", "request", requestID(ctx), "err", err)
		return problem(http.StatusServiceUnavailable, "the disk is full; nothing new is taken until there is room")
	case errors.Is(err, context.Canceled) && ctx.Err() != nil:
		return problem(http.StatusServiceUnavailable, "the request was given up") // nobody reads it
	case errors.Is(err, context.DeadlineExceeded):
		s.log.Warn("a request took too long", "request", requestID(ctx), "err", err)
		p := problem(http.StatusServiceUnavailable, "this took too long, try again")
		p.Request = requestID(ctx)
		return p
	}
	s.log.Error("a request failed", "request", requestID(ctx), "err", err)
	p := problem(http.StatusInternalServerError, "something failed in the server; its log has the cause under this request id")
	p.Request = requestID(ctx)
	return p
}

// things are those that a path's id names. That the one named in a body is not there is invalid, not not_found.
var things = map[string]bool{"conversation": true, "contact": true, "agent": true, "team": true, "channel": true}

// places are the names that a request's input has, by where they are.
type places struct{ path, query, body map[string]bool }

// placesOf reads them off a handler's input, as huma does.
func placesOf(in reflect.Type) *places {
	p := &places{path: map[string]bool{}, query: map[string]bool{}}
	for _, f := range reflect.VisibleFields(in) {
		if name := f.Tag.Get("path"); name != "" {
			p.path[name] = true
		}
		if name, _, _ := strings.Cut(f.Tag.Get("query"), ","); name != "" {
			p.query[name] = true
		}
	}
	body, there := in.FieldByName("Body")
	if !there {
		return p
	}
	p.body = map[string]bool{}
	if body.Type.Kind() == reflect.Struct {
		for _, f := range reflect.VisibleFields(body.Type) {
			if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" && name != "-" {
				p.body[name] = true
			}
		}
	}
	return p
}

// of is where in the request the field of a refusal was.
func (p *places) of(e *desk.Error) string {
	head, _, _ := strings.Cut(e.Field, ".")
	if head == "body" || head == "query" || head == "path" {
		return e.Field
	}
	head, _, _ = strings.Cut(head, "[")
	switch {
	case p == nil:
		return "body." + e.Field
	case e.Code == desk.NotFound && p.path[e.Field], p.path[head] && !p.body[head]:
		return "path." + e.Field
	case p.path["id"] && (e.Field == "stream" || e.Code == desk.NotFound && things[e.Field]): // the stream is made of the id
		return "path.id"
	case p.body[head]:
		return "body." + e.Field
	case p.query[head]:
		return "query." + e.Field
	case p.body == nil && p.path["id"]:
		return "path.id" // there is nothing else that could be wrong
	}
	return "body." + e.Field
}

// answer writes an error.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, err error) {
	p := s.problemOf(r.Context(), err, nil)
	body, err := json.Marshal(p)
	if err != nil { // it is a struct of strings: this cannot be
		http.Error(w, p.Title, p.Status)
		return
	}
	for k, v := range p.headers {
		w.Header()[k] = v
	}
	w.Header().Set("Content-Type", p.ContentType(""))
	w.WriteHeader(p.Status)
	_, _ = w.Write(body) // the peer may have gone
}

// problemOfModel turns huma's own errors (input that does not fit the description) into ours. huma echoes the value it found;
// that may be a password, so it is left out.
func problemOfModel(_ huma.Context, _ string, v any) (any, error) {
	m, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	p := problem(m.Status, m.Detail)
	for _, e := range m.Errors {
		f := Fault{Location: e.Location, Message: e.Message}
		if missing, ok := strings.CutPrefix(e.Message, "expected required property "); ok {
			name, _, _ := strings.Cut(missing, " ") // huma names the object, we name the field
			f = Fault{Location: e.Location + "." + name, Message: "is required"}
		}
		p.Errors = append(p.Errors, f)
	}
	switch {
	case m.Status == http.StatusInternalServerError: // huma's word for a body that breaks off
		p = problem(http.StatusBadRequest, "the body could not be read to its end")
	case len(p.Errors) == 1:
		p.Detail = p.Errors[0].Location + ": " + p.Errors[0].Message
	case len(p.Errors) > 1:
		p.Detail = fmt.Sprintf("%d faults in the input, see errors", len(p.Errors))
	}
	return p, nil
}
