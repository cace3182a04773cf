package api

import (
	"bufio"
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"net/http"
	"runtime/debug"
	"time"
)

type requestKey struct{}

// requestID is the request's name in log and answer.
func requestID(ctx context.Context) string {
	id, _ := ctx.Value(requestKey{}).(string)
	return id
}

// around is what every request passes: it gets an id, a panic becomes an answer, and how it went is measured.
func (s *Server) around(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		id := r.Header.Get("X-Request-Id")
		if !validRequestID(id) {
			id = rand.Text()[:20]
		}
		r = r.WithContext(context.WithValue(r.Context(), requestKey{}, id))
		w.Header().Set("X-Request-Id", id)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Referrer-Policy", "same-origin")
		out := &response{ResponseWriter: w}
		defer func() {
			if p := recover(); p != nil {
				s.panicked(out, r, p)
			}
			s.note(out, r, began)
		}()
		next.ServeHTTP(out, r)
	})
}

func (s *Server) panicked(w *response, r *http.Request, p any) {
	if p == http.ErrAbortHandler { //nolint:errorlint // it is thrown as it is
		panic(p)
	}
	s.log.Error("a handler panicked", "request", requestID(r.Context()), "route", r.Pattern, "err", fmt.Sprint(p), "stack", string(debug.Stack()))
	if w.status == 0 {
		problem := problem(http.StatusInternalServerError, "something failed in the server; its log has the cause under this request id")
		problem.Request = requestID(r.Context())
		s.answer(w, r, problem)
	}
}

// note logs and measures. The path is not logged: a page's may hold a setup token, a blob's a name.
func (s *Server) note(w *response, r *http.Request, began time.Time) {
	took := time.Since(began)
	route := r.Pattern
	if route == "" {
		route = "none"
	}
	status := w.status
	switch {
	case w.hijacked:
		status = http.StatusSwitchingProtocols
	case status == 0:
		status = http.StatusOK
	}
	s.opt.Metrics.ObserveHTTP(route, knownMethod(r.Method), status, took)
	s.log.Debug("request", "request", requestID(r.Context()), "method", knownMethod(r.Method), "route", route, "status", status,
		"bytes", w.bytes, "took", took)
}

// knownMethod keeps invented methods out of labels.
func knownMethod(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return m
	}
	return "other"
}

func validRequestID(s string) bool {
	if len(s) == 0 || len(s) > 64 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

// response remembers what was answered.
type response struct {
	http.ResponseWriter
	status   int
	bytes    int64
	hijacked bool
}

func (w *response) WriteHeader(status int) {
	if w.status == 0 && status >= 200 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *response) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(b)
	w.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (w *response) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Flush is asked for by handlers of channels that stream.
func (w *response) Flush() { _ = http.NewResponseController(w.ResponseWriter).Flush() }

// Hijack is asked for by WebSocket upgrades.
func (w *response) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(w.ResponseWriter).Hijack()
	w.hijacked = err == nil
	return conn, rw, err
}

// connectionIP is the peer's address; an IPv6 peer counts by its /64, which is what one customer gets.
func connectionIP(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	ip := net.ParseIP(host)
	if ip == nil || ip.To4() != nil {
		return host
	}
	return ip.Mask(net.CIDRMask(64, 128)).String()
}
