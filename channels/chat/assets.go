package chat

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"html/template"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/centralita/centralita/desk"
)

//go:embed widget
var widget embed.FS

var pageTemplate = template.Must(template.ParseFS(widget, "widget/page.html"))

// asset is a static file, as it is and compressed.
type asset struct {
	plain, small []byte
	version      string
}

// mediaTypes are not left to the tables of the machine: a module of another type is not run.
var mediaTypes = map[string]string{".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}

// assets are the files that a browser may ask for by name.
func assets() map[string]asset {
	all := make(map[string]asset)
	_ = fs.WalkDir(widget, "widget", func(name string, d fs.DirEntry, err error) error {
		if err != nil || mediaTypes[path.Ext(name)] == "" {
			return err
		}
		data, err := widget.ReadFile(name)
		sum := sha256.Sum256(data)
		var small bytes.Buffer
		z, _ := gzip.NewWriterLevel(&small, gzip.BestCompression) // fails only for a level that does not exist
		_, _ = z.Write(data)
		_ = z.Close()
		all[path.Base(name)] = asset{plain: data, small: small.Bytes(), version: hex.EncodeToString(sum[:8])}
		return err
	})
	return all
}

// getAsset serves a file. Browsers ask each time whether it is still the same, so that its modules always fit together.
func (c *connector) getAsset(w http.ResponseWriter, r *http.Request) error {
	name := path.Base(r.URL.Path)
	a := c.static[name]
	h := w.Header()
	h.Set("Content-Type", mediaTypes[path.Ext(name)])
	h.Set("Cache-Control", "no-cache")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("Vary", "Accept-Encoding")
	h.Set("ETag", `"`+a.version+`"`)
	data := a.plain
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") && r.Header.Get("Range") == "" {
		h.Set("Content-Encoding", "gzip")
		h.Set("ETag", `"`+a.version+`-gzip"`)
		data = a.small
	}
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(data))
	return nil
}

var plainHost = regexp.MustCompile(`^[A-Za-z0-9.\-\[\]:]+$`)

// getPage serves the page for who has no site of their own to put the widget on.
func (c *connector) getPage(w http.ResponseWriter, r *http.Request) error {
	var page bytes.Buffer
	lang := c.settings.Locale
	if lang == "" {
		lang = "en"
	}
	if err := pageTemplate.Execute(&page, map[string]string{"Title": c.settings.Title, "Lang": lang}); err != nil {
		return err
	}
	connect := "'self'"
	if plainHost.MatchString(r.Host) { // older browsers do not count ws: as 'self'
		connect += " ws://" + r.Host + " wss://" + r.Host
	}
	w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src "+
		connect+"; base-uri 'none'; form-action 'none'; frame-ancestors "+strings.Join(append([]string{"'self'"}, c.settings.AllowedOrigins...), " "))
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(page.Bytes())
	return nil
}

// getFile serves what an agent attached to a reply, to its visitor only, as a download.
func (c *connector) getFile(w http.ResponseWriter, r *http.Request) error {
	l, leave := c.enter()
	defer leave()
	if l == nil {
		return errDown
	}
	visitor, err := c.visitor(r)
	if err != nil {
		return err
	}
	if err := c.perHost.check(address(r)); err != nil {
		return err
	}
	blob, name, err := l.file(r, visitor)
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
