// Package widget is the browser's side of the web chat: the loader on the host's page (w.js, panel.js) and the chat in its
// frame. It keeps the files ready to be sent; what they do is in them.
package widget

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"html/template"
	"io"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
)

//go:embed *.js *.css *.html
var files embed.FS

var (
	pages   = template.Must(template.ParseFS(files, "*.html"))
	all     = read()
	version = fingerprint(all)
)

// File is a static file, as it is sent and compressed.
type File struct {
	MediaType, Version string
	Plain, Small       []byte
}

// mediaTypes are not left to the tables of the machine: a module of another type is not run.
var mediaTypes = map[string]string{".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}

// Loaders are the files that host pages name; the others are found by their version.
var Loaders = []string{"w.js", "widget.js", "page.css"}

// Files are what a browser may ask for, by name.
func Files() map[string]File { return all }

// Version is another when any file is.
func Version() string { return version }

var word = regexp.MustCompile(`(?m)^([a-zA-Z]+): ["'].*,$`)

// Words are the names of the texts that a channel may have its own of: those of words.js.
func Words() []string {
	english, _, _ := strings.Cut(string(all["words.js"].Plain), "const es = {")
	var out []string
	for _, m := range word.FindAllStringSubmatch(english, -1) {
		out = append(out, m[1])
	}
	return out
}

// Page writes one of the documents, frame.html or page.html.
func Page(w io.Writer, name, title, lang string) error {
	return pages.ExecuteTemplate(w, name, map[string]any{"Title": title, "Lang": lang, "Version": version, "Modules": modules()})
}

// modules are what the frame loads beside its first file: named in its document, so that they come at once.
func modules() []string {
	out := slices.DeleteFunc(slices.Sorted(maps.Keys(all)), func(name string) bool {
		return path.Ext(name) != ".js" || slices.Contains(Loaders, name) || name == "panel.js" || name == "frame.js"
	})
	return out
}

func read() map[string]File {
	out := make(map[string]File)
	entries, _ := files.ReadDir(".") // embedded: it is there
	for _, e := range entries {
		kind := mediaTypes[path.Ext(e.Name())]
		if kind == "" {
			continue
		}
		data, _ := files.ReadFile(e.Name())
		data = lean(data)
		sum := sha256.Sum256(data)
		var small bytes.Buffer
		z, _ := gzip.NewWriterLevel(&small, gzip.BestCompression) // fails only for a level that does not exist
		_, _ = z.Write(data)
		_ = z.Close()
		out[e.Name()] = File{MediaType: kind, Version: hex.EncodeToString(sum[:8]), Plain: data, Small: small.Bytes()}
	}
	return out
}

// lean leaves out indentation and the lines that are comments: they are for who reads the source. It knows lines only, so a line
// that begins with // or /* must be a comment in all of our files, and a comment that takes several lines must fill them.
func lean(data []byte) []byte {
	var out []string
	comment := false
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		begins := strings.HasPrefix(line, "/*")
		if comment || begins {
			comment = !strings.HasSuffix(line, "*/")
			continue
		}
		if line != "" && !strings.HasPrefix(line, "//") {
			out = append(out, line)
		}
	}
	return []byte(strings.Join(out, "\n") + "\n")
}

func fingerprint(files map[string]File) string {
	h := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		_, _ = io.WriteString(h, name+files[name].Version)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}
