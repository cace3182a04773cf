// Package web holds the agents' workspace: its sources (src/) and what they are built into (dist/, committed, proved
// fresh by CI), embedded so that the server is one file. It owns no behaviour; api serves what Dist gives.
package web

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var files embed.FS

// Dist is the built workspace: index.html, and below assets/ the files it names, whose names change with their content
// (they may be cached for ever; index.html and theme.js may not).
func Dist() fs.FS {
	dist, err := fs.Sub(files, "dist")
	if err != nil {
		panic("web: dist is not embedded: " + err.Error()) // cannot be: the embed pattern names it
	}
	return dist
}
