package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/centralita/centralita/desk"
)

// pagePolicy is for the workspace: scripts from our own files only. Styles may be inline, because mails are shown with theirs
// (in a sandboxed frame, which inherits this policy); pictures may not come from elsewhere, so that no sender learns who
// reads what.
const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; " +
	"font-src 'self' data:; media-src 'self' blob:; connect-src 'self'; frame-src 'self' blob:; worker-src 'self'; manifest-src 'self'; " +
	"base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"

// assets is the folder of the workspace's files; nothing in it is a page.
const assets = "assets/"

// workspace serves the built workspace. A path that is no file is a page of the single-page application.
func (s *Server) workspace(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		s.answer(w, r, problem(http.StatusMethodNotAllowed, "pages are only read"))
		return
	}
	h := w.Header()
	h.Set("Content-Security-Policy", pagePolicy)
	h.Set("X-Frame-Options", "DENY")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
	if s.opt.Workspace == nil {
		s.answer(w, r, problem(http.StatusNotFound, "this server has no workspace; the API is at /api/v1"))
		return
	}
	name := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/")
	asset := strings.HasPrefix(name, assets)
	if !asset && strings.HasPrefix(r.URL.Path, "/"+assets) { // /assets/ itself, or an encoded way out of it
		s.answer(w, r, problem(http.StatusNotFound, "there is no such file"))
		return
	}
	f, err := openFile(s.opt.Workspace, name)
	if err != nil && !asset && path.Ext(name) == "" {
		name = "index.html"
		f, err = openFile(s.opt.Workspace, name)
	}
	if err != nil {
		s.answer(w, r, problem(http.StatusNotFound, "there is no such page"))
		return
	}
	defer f.Close() //nolint:errcheck // it was only read
	h.Set("Cache-Control", "no-cache")
	if asset { // their names change with their content
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	info, err := f.Stat()
	content, seeks := f.(io.ReadSeeker)
	if err != nil || !seeks {
		s.answer(w, r, errors.Join(fmt.Errorf("read %s of the workspace", name), err))
		return
	}
	http.ServeContent(w, r, name, info.ModTime(), content)
}

func openFile(files fs.FS, name string) (fs.File, error) {
	if name == "" || !fs.ValidPath(name) {
		return nil, fs.ErrNotExist
	}
	f, err := files.Open(name)
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err != nil || info.IsDir() {
		_ = f.Close()
		return nil, fs.ErrNotExist
	}
	return f, nil
}

// healthz: the process answers.
func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) { plainText(w, http.StatusOK, "ok\n") }

// readyz: the engine takes work.
func (s *Server) readyz(w http.ResponseWriter, _ *http.Request) {
	if err := s.opt.Engine.Ready(); err != nil {
		s.log.Warn("not ready", "err", err)
		reason := "the journal takes nothing; the log has the cause"
		if e, ok := errors.AsType[*desk.Error](err); ok {
			reason = e.Message
		}
		plainText(w, http.StatusServiceUnavailable, "not ready: "+reason+"\n")
		return
	}
	plainText(w, http.StatusOK, "ready\n")
}

func plainText(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text)
}

// description is the API's own description, made once.
type description struct{ json, yaml, page []byte }

// nullable are the object fields that may be null; huma cannot say so of a reference.
var nullable = map[string][]string{
	"Ticket": {"owner", "reason"}, "Agent": {"out_of_office"}, "Coming": {"by"}, "Item": {"body", "delivery", "activity", "from"}, "Activity": {"reason"},
}

func (d *description) write(api *huma.OpenAPI) error {
	schemas := api.Components.Schemas.Map()
	delete(schemas, "ErrorModel")
	delete(schemas, "ErrorDetail")
	for name, fields := range nullable {
		for _, f := range fields {
			ref := schemas[name].Properties[f]
			schemas[name].Properties[f] = &huma.Schema{Description: ref.Description, AnyOf: []*huma.Schema{{Ref: ref.Ref}, {Type: "null"}}}
		}
	}
	var err error
	if d.json, err = json.Marshal(api); err != nil {
		return fmt.Errorf("describe the API: %w", err)
	}
	if d.yaml, err = api.YAML(); err != nil {
		return fmt.Errorf("describe the API: %w", err)
	}
	d.page, err = docsPage(api)
	return err
}

func (s *Server) openAPIJSON(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/openapi+json")
	_, _ = w.Write(s.description.json)
}

func (s *Server) openAPIYAML(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/openapi+yaml")
	_, _ = w.Write(s.description.yaml)
}

// docs is the reference as one page that needs nothing from elsewhere.
func (s *Server) docs(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'")
	_, _ = w.Write(s.description.page)
}

// docsOperation is one route as the page shows it.
type docsOperation struct {
	ID, Method, Path, Summary, Note string
	Parameters                      []*huma.Param
	Body, Answer                    string // JSON schemas
	Signed                          bool
}

func docsPage(api *huma.OpenAPI) ([]byte, error) {
	var ops []docsOperation
	for p, item := range api.Paths {
		for method, op := range map[string]*huma.Operation{
			"GET": item.Get, "POST": item.Post, "PUT": item.Put, "PATCH": item.Patch, "DELETE": item.Delete,
		} {
			if op == nil {
				continue
			}
			d := docsOperation{ID: op.OperationID, Method: method, Path: p, Summary: op.Summary, Note: op.Description, Parameters: op.Parameters, Signed: len(op.Security) > 0}
			if op.RequestBody != nil {
				d.Body = schemaText(op.RequestBody.Content)
			}
			for status, resp := range op.Responses {
				if status != "default" {
					d.Answer = schemaText(resp.Content)
				}
			}
			ops = append(ops, d)
		}
	}
	slices.SortFunc(ops, func(a, b docsOperation) int { return strings.Compare(a.Path+a.Method, b.Path+b.Method) })
	schemas := make(map[string]string)
	for name, s := range api.Components.Schemas.Map() {
		text, err := json.MarshalIndent(s, "", "  ")
		if err != nil {
			return nil, fmt.Errorf("describe %s: %w", name, err)
		}
		schemas[name] = string(text)
	}
	var page strings.Builder
	err := docsTemplate.Execute(&page, map[string]any{"Info": api.Info, "Operations": ops, "Schemas": schemas, "Prefix": prefix})
	if err != nil {
		return nil, fmt.Errorf("write the reference: %w", err)
	}
	return []byte(page.String()), nil
}

func schemaText(content map[string]*huma.MediaType) string {
	for _, m := range content {
		if m.Schema == nil {
			continue
		}
		text, err := json.MarshalIndent(m.Schema, "", "  ")
		if err == nil {
			return string(text)
		}
	}
	return ""
}

var docsTemplate = template.Must(template.New("docs").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.Info.Title}} API</title><style>
:root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
code,pre{font:13px/1.45 ui-monospace,monospace}pre{overflow:auto;padding:.7rem;border:1px solid #8884;border-radius:6px}
h2{margin-top:2.5rem}summary{cursor:pointer;padding:.35rem 0}details{border-bottom:1px solid #8883}
.m{display:inline-block;min-width:4.5rem;font-weight:600}.s{opacity:.75}nav a{margin-right:1rem}
</style></head><body><h1>{{.Info.Title}} API <small class="s">{{.Info.Version}}</small></h1><p>{{.Info.Description}}</p>
<nav><a href="{{.Prefix}}/openapi.json">openapi.json</a><a href="{{.Prefix}}/openapi.yaml">openapi.yaml</a></nav>
<h2>Routes</h2><p>All below <code>{{.Prefix}}</code>. Errors are <code>application/problem+json</code>, see <a href="#Problem">Problem</a>.</p>
{{range .Operations}}<details id="{{.ID}}"><summary><code><span class="m">{{.Method}}</span> {{.Path}}</code> <span class="s">{{.Summary}}</span></summary>
{{if .Note}}<p>{{.Note}}</p>{{end}}{{if not .Signed}}<p>Open to anyone.</p>{{end}}
{{if .Parameters}}<ul>{{range .Parameters}}<li><code>{{.Name}}</code> in {{.In}}{{if .Required}}, required{{end}} <span class="s">{{.Description}}</span></li>{{end}}</ul>{{end}}
{{if .Body}}<p>Body</p><pre>{{.Body}}</pre>{{end}}{{if .Answer}}<p>Answer</p><pre>{{.Answer}}</pre>{{end}}</details>
{{end}}<h2>Shapes</h2>{{range $name, $text := .Schemas}}<details id="{{$name}}"><summary><code>{{$name}}</code></summary><pre>{{$text}}</pre></details>
{{end}}</body></html>
`))
