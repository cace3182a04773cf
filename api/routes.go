package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// prefix of the API's paths.
const prefix = "/api/v1"

// route is one line of the table.
type route struct {
	method, path string
	access       access
	name         string // operationId
	summary      string
	mount        func(*Server, huma.API, *guardedMux, route)
}

func (r route) pattern() string {
	if strings.HasPrefix(r.path, "//") { // outside the API
		return strings.TrimSpace(r.method + " " + r.path[1:])
	}
	return r.method + " " + prefix + r.path
}

// routes is the whole door. Paths are below /api/v1; those that begin with // are not, and are not described.
func (s *Server) routes() []route {
	const (
		get, post, put, patch, del = http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete
	)
	return slices.Concat(s.replyRoutes(), s.workRoutes(), s.fileRoutes(), s.searchRoutes(), s.accountRoutes(), s.hoursRoutes(), s.auditRoutes(), s.draftRoutes(), s.outsiderRoutes(), s.spamRoutes(), s.importRoutes(), s.sideRoutes(), s.routingRoutes(), s.boardRoutes(), s.capacityRoutes(), s.secretRoutes(), []route{
		{get, "/setup", anyone, "needs-setup", "Is the first administrator still to be made?", typed(s.needsSetup, 200)},
		{post, "/setup", anyone, "set-up", "Make the first administrator, with the one-time token the server printed", typed(s.setUp, 204)},
		{post, "/session", anyone, "sign-in", "Sign in", typed(s.signIn, 200)},
		{del, "/session", agents, "sign-out", "Sign out", typed(s.signOut, 204)},
		{get, "/me", agents, "me", "Who am I, and where is the journal?", typed(s.whoAmI, 200)},
		{get, "/socket", agents, "socket", "The agents' socket (WebSocket; subprotocols centralita.v1.json and centralita.v1.proto)", raw(s.socket, 101)},

		{get, "/tickets", agents, "list-tickets", "A list of tickets, newest activity first", typed(s.listTickets, 200)},
		{get, "/tickets/counts", agents, "count-tickets", "The sizes of the lists", typed(s.countTickets, 200)},
		{post, "/tickets/counts", agents, "count-filters", "The sizes of lists by filter", typed(s.countFilters, 200)},
		{get, "/line", agents, "waiting-line", "The waiting line in its order, each ticket with why it waits", typed(s.waitingLine, 200)},
		{get, "/conversations/{id}", agents, "read-conversation", "A conversation with its whole timeline", typed(s.readConversation, 200)},
		{put, "/conversations/{id}/owner", agents, "set-owner", "Give the ticket to an agent, or to nobody", typed(s.setOwner, 200)},
		{put, "/conversations/{id}/status", agents, "set-status", "Set the ticket's status", typed(s.setStatus, 200)},
		{put, "/conversations/{id}/priority", agents, "set-priority", "Set the ticket's priority", typed(s.setPriority, 200)},
		{put, "/conversations/{id}/subject", agents, "set-subject", "Set the ticket's subject", typed(s.setSubject, 200)},

		{get, "/contacts/{id}", agents, "read-contact", "A contact and their tickets", typed(s.readContact, 200)},
		{get, "/blocked-contacts", supervisors, "list-blocked-contacts", "Contacts whose messages are kept as spam", typed(s.listBlocked, 200)},
		{put, "/contacts/{id}/name", agents, "name-contact", "Name a contact", typed(s.nameContact, 200)},
		{put, "/contacts/{id}/owner", agents, "own-contact", "Make an agent, or nobody, the contact's owner", typed(s.ownContact, 200)},

		{get, "/agents", agents, "list-agents", "All agents", typed(s.listAgents, 200)},
		{post, "/agents", administrators, "add-agent", "Add an agent", typed(s.addAgent, 201)},
		{patch, "/agents/{id}", administrators, "change-agent", "Change an agent; what is left out stays", typed(s.changeAgent, 200)},
		{put, "/agents/{id}/availability", agents, "set-availability", "Come or go: oneself, or anybody for who runs the desk: they are told, and can take it back", typed(s.setAvailability, 200)},
		{put, "/agents/{id}/password", agents, "set-password", "Set a password: one's own with the current one, or anybody else's as an administrator. It signs the agent out everywhere", typed(s.setPassword, 204)},

		{get, "/channels", agents, "list-channels", "All channels with their health", typed(s.listChannels, 200)},
		{post, "/channels", administrators, "connect-channel", "Connect a channel", typed(s.connectChannel, 201)},
		{patch, "/channels/{id}", administrators, "change-channel", "Change a channel; what is left out stays, secrets too", typed(s.changeChannel, 200)},
		{put, "/channels/{id}/on", administrators, "switch-channel", "Switch a channel on or off", typed(s.switchChannel, 200)},
		{post, "/channels/{id}/check", administrators, "check-channel", "Try a channel's connection: every fault at once", typed(s.checkChannel, 200)},
		{get, "/channels/{id}/mail-servers", administrators, "list-mail-servers", "The servers that vouched for senders in the mail a channel received lately", typed(s.mailServers, 200)},
		{get, "/channels/{id}/quarantine", administrators, "list-quarantine", "What the channel received and could not take in", typed(s.listQuarantine, 200)},
		{post, "/channels/{id}/quarantine/{item}/discard", administrators, "discard-item", "Give up on a quarantined item", typed(s.discardItem, 204)},

		{get, "/openapi.json", anyone, "", "", raw(s.openAPIJSON, 0)},
		{get, "/openapi.yaml", anyone, "", "", raw(s.openAPIYAML, 0)},
		{get, "/docs", anyone, "", "", raw(s.docs, 0)},

		{get, "//healthz", anyone, "", "", raw(s.healthz, 0)},
		{get, "//readyz", anyone, "", "", raw(s.readyz, 0)},
		{get, "//metrics", anyone, "", "", raw(s.opt.Metrics.Handler().ServeHTTP, 0)},
		{"", "//channels/{id}/", anyone, "", "", outside(s.channel)},
		{"", "//", anyone, "", "", raw(s.workspace, 0)},
	})
}

const (
	bodyLimit      = 64 << 10
	largeBodyLimit = 4 << 20 // a reply with long text and HTML
	bodyTimeout    = 15 * time.Second
	requestTimeout = 30 * time.Second
)

// typed mounts a handler that huma describes, decodes and checks the input for.
func typed[I, O any](h func(context.Context, *I) (*O, error), status int) func(*Server, huma.API, *guardedMux, route) {
	return sized(h, status, bodyLimit)
}

// large is typed, with room for a message.
func large[I, O any](h func(context.Context, *I) (*O, error), status int) func(*Server, huma.API, *guardedMux, route) {
	return sized(h, status, largeBodyLimit)
}

func sized[I, O any](h func(context.Context, *I) (*O, error), status int, limit int64) func(*Server, huma.API, *guardedMux, route) {
	return func(s *Server, reg huma.API, _ *guardedMux, r route) {
		from := placesOf(reflect.TypeFor[I]())
		op := operation(reg, r, status)
		op.MaxBodyBytes, op.BodyReadTimeout = limit, bodyTimeout
		huma.Register(reg, op, func(ctx context.Context, in *I) (*O, error) {
			ctx, cancel := context.WithTimeout(ctx, requestTimeout)
			defer cancel()
			out, err := h(ctx, in)
			if err != nil {
				return nil, s.problemOf(ctx, err, from)
			}
			return out, nil
		})
	}
}

// raw mounts a plain handler; one with a name is described by its line alone.
func raw(h http.HandlerFunc, status int) func(*Server, huma.API, *guardedMux, route) {
	return func(_ *Server, reg huma.API, mux *guardedMux, r route) {
		mux.HandleFunc(r.pattern(), h)
		if r.name != "" {
			op := operation(reg, r, status)
			op.Parameters = rawParameters[r.name]
			reg.OpenAPI().AddOperation(&op)
		}
	}
}

// outside mounts a handler that is no page of ours: guards for browsers are its own business.
func outside(h http.HandlerFunc) func(*Server, huma.API, *guardedMux, route) {
	return func(_ *Server, _ huma.API, mux *guardedMux, r route) {
		mux.ServeMux.HandleFunc(r.pattern(), h)
	}
}

// rawParameters are those of handlers that huma does not see.
var rawParameters = map[string][]*huma.Param{
	"upload":       {{Name: "name", In: "query", Description: "The file's name", Schema: &huma.Schema{Type: "string"}}},
	"show-picture": {{Name: "url", In: "query", Required: true, Description: "Its http or https address", Schema: &huma.Schema{Type: "string"}}},
	"download":     {{Name: "hash", In: "path", Required: true, Schema: &huma.Schema{Type: "string"}}, {Name: "name", In: "query", Schema: &huma.Schema{Type: "string"}}, {Name: "conversation", In: "query", Description: "The conversation that holds it: asked of agents who do not see every ticket", Schema: &huma.Schema{Type: "string"}}, {Name: "inline", In: "query", Description: "1: show pictures instead of saving them", Schema: &huma.Schema{Type: "string"}}},
}

// operation describes a route.
func operation(reg huma.API, r route, status int) huma.Operation {
	schema := reg.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[Problem](), true, "Problem")
	op := huma.Operation{
		OperationID: r.name, Method: r.method, Path: r.path, Summary: r.summary, DefaultStatus: status,
		Tags: []string{strings.SplitN(r.path, "/", 3)[1]},
		Responses: map[string]*huma.Response{"default": {
			Description: "A problem", Content: map[string]*huma.MediaType{"application/problem+json": {Schema: schema}},
		}},
	}
	if r.access != anyone {
		op.Security = []map[string][]string{{"session": {}}}
	}
	switch r.access {
	case administrators:
		op.Description = "For administrators."
	case supervisors:
		op.Description = "For supervisors and administrators."
	case anyone, agents:
	}
	return op
}

// noRoute answers what the table does not know: another method of a known path, or nothing at all.
func (s *Server) noRoute(w http.ResponseWriter, r *http.Request) {
	var allowed []string
	for _, m := range [...]string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		other := &http.Request{Method: m, URL: r.URL, Host: r.Host}
		if _, pattern := s.mux.Handler(other); strings.HasPrefix(pattern, m+" "+prefix+"/") {
			allowed = append(allowed, m)
		}
	}
	if len(allowed) == 0 {
		s.answer(w, r, problem(http.StatusNotFound, "there is nothing here; /api/v1/docs lists what there is"))
		return
	}
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	s.answer(w, r, problem(http.StatusMethodNotAllowed, "this path takes "+strings.Join(allowed, ", ")))
}

// maxDepth bounds the nesting of a body; ours are 5 deep, a channel's configuration may be a little more.
const maxDepth = 32

// jsonFormat is how bodies are read and written.
var jsonFormat = huma.Format{
	Marshal: func(w io.Writer, v any) error {
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		return enc.Encode(v)
	},
	Unmarshal: func(data []byte, v any) error {
		if depth(data) > maxDepth {
			return fmt.Errorf("nested more than %d deep", maxDepth)
		}
		err := json.Unmarshal(data, v)
		if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
			return fmt.Errorf("not JSON: %w (at byte %d of %d)", err, syntax.Offset, len(data))
		}
		return err
	},
}

// depth is how deep a JSON text nests, without reading it as JSON.
func depth(data []byte) int {
	deepest, now, inString := 0, 0, false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			now++
			deepest = max(deepest, now)
		case c == '}' || c == ']':
			now--
		}
	}
	return deepest
}
