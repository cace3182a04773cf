package chat

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/centralita/centralita/channels/chat/widget"
	"github.com/centralita/centralita/desk"
)

// getAsset serves a file. Host pages name the loader: it may be some minutes old. What has a version in its address stays as it is.
func (c *connector) getAsset(w http.ResponseWriter, r *http.Request) error {
	dir, name := path.Split(r.URL.Path)
	f := widget.Files()[name]
	h := w.Header()
	h.Set("Content-Type", f.MediaType)
	switch dir {
	case "/":
		h.Set("Cache-Control", "public, max-age=300")
	case "/a/" + widget.Version() + "/":
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	default: // a version that is no more, or not yet everywhere
		h.Set("Cache-Control", "no-cache")
	}
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("Vary", "Accept-Encoding")
	h.Set("ETag", `"`+f.Version+`"`)
	data := f.Plain
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") && r.Header.Get("Range") == "" {
		h.Set("Content-Encoding", "gzip")
		h.Set("ETag", `"`+f.Version+`-gzip"`)
		data = f.Small
	}
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(data))
	return nil
}

var versioned = regexp.MustCompile(`^/a/[0-9a-f]{16}/([a-z]+\.(?:js|css))$`)

// asset finds the route of a static file: the loaders by name, everything with its version.
func (c *connector) asset(address string) (route, bool) {
	name := strings.TrimPrefix(address, "/")
	if m := versioned.FindStringSubmatch(address); m != nil {
		name = m[1]
	} else if !slices.Contains(widget.Loaders, name) {
		return route{}, false
	}
	_, ok := widget.Files()[name]
	return route{methods: map[string]answer{http.MethodGet: c.getAsset, http.MethodHead: c.getAsset}, open: true}, ok
}

var plainHost = regexp.MustCompile(`^[A-Za-z0-9.\-\[\]:]+$`)

// getPage serves the page for who has no site of their own to put the widget on.
func (c *connector) getPage(w http.ResponseWriter, r *http.Request) error {
	return c.document(w, r, "page.html")
}

// getFrame serves the chat itself, to be embedded by the channel's sites and by nobody else.
func (c *connector) getFrame(w http.ResponseWriter, r *http.Request) error {
	return c.document(w, r, "frame.html")
}

func (c *connector) document(w http.ResponseWriter, r *http.Request, name string) error {
	lang := c.settings.Locale
	if lang == "" {
		lang = "en"
	}
	var page bytes.Buffer
	if err := widget.Page(&page, name, c.settings.Title, lang); err != nil {
		return err
	}
	connect := "'self'"
	if plainHost.MatchString(r.Host) { // older browsers do not count ws: as 'self'
		connect += " ws://" + r.Host + " wss://" + r.Host
	}
	w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: "+c.settings.Look.Origin()+"; frame-src 'self'; connect-src "+
		connect+"; base-uri 'none'; form-action 'none'; frame-ancestors "+strings.Join(append([]string{"'self'"}, c.settings.AllowedOrigins...), " "))
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(page.Bytes())
	return nil
}

// getAvatar serves the picture that is part of the configuration. Its address changes with it.
func (c *connector) getAvatar(w http.ResponseWriter, r *http.Request) error {
	p := c.settings.Look.Picture()
	if p == nil {
		return desk.Refuse(desk.NotFound, "", "this chat has no picture of its own")
	}
	h := w.Header()
	h.Set("Content-Type", p.MediaType)
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(p.Data))
	return nil
}

func fingerprint(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:8])
}

// getFile serves what an agent attached to a reply, to its visitor only, as a download.
func (c *connector) getFile(w http.ResponseWriter, r *http.Request) error {
	blob, name, err := c.fileFor(r)
	if err != nil {
		return err
	}
	content, _, err := c.env.Blobs.Open(r.Context(), blob)
	if errors.Is(err, fs.ErrNotExist) {
		return errNoFile
	}
	if err != nil {
		return err
	}
	defer func() { _ = content.Close() }()
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream") // never what its sender says: the page must not be able to show it
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	h.Set("Cache-Control", "private, no-store")
	http.ServeContent(w, r, "", time.Time{}, content)
	return nil
}

// fileFor finds the file. The download itself is not waited for when the channel stops.
func (c *connector) fileFor(r *http.Request) (blob, name string, err error) {
	l, leave := c.enter()
	defer leave()
	if l == nil {
		return "", "", errDown
	}
	who, err := c.visitor(r)
	if err != nil {
		return "", "", err
	}
	if err := c.perHost.check(address(r)); err != nil {
		return "", "", err
	}
	return l.file(r, who.room())
}

var errNoFile = desk.Refuse(desk.NotFound, "", "there is no such file in this conversation")

// file finds the n-th file of a reply that the visitor was shown.
func (l *life) file(r *http.Request, visitor string) (blob, name string, err error) {
	n, err := strconv.Atoi(r.URL.Query().Get("n"))
	if err != nil {
		return "", "", desk.Refuse(desk.Invalid, "n", "must be the file's place in the message, from 0")
	}
	room, err := l.room(visitor)
	if err != nil {
		return "", "", err
	}
	defer room.leave()
	if err := room.settle(r.Context(), 0); err != nil {
		return "", "", err
	}
	message := desk.MessageID(r.URL.Query().Get("message"))
	room.mu.Lock()
	defer room.mu.Unlock()
	for _, e := range room.story.events {
		if e.reply != "" && e.reply == message && n >= 0 && n < len(e.files) {
			return e.files[n].GetBlob(), e.files[n].GetName(), nil
		}
	}
	return "", "", errNoFile
}
