// Package filelink makes addresses for files that are too large for a mail: whoever has one may fetch that file until a moment.
// What the address says is signed, so that nobody can make one, change one or prolong one; it names no conversation and nobody.
package filelink

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/url"
	"time"
)

// File is what a link leads to.
type File struct {
	Blob      string `json:"b"` // its content's hash
	Name      string `json:"n"`
	MediaType string `json:"t,omitempty"`
	UntilUnix int64  `json:"u"`
}

// Signer makes links with one key, and opens those of that key and of the ones before it: a link holds until its time.
type Signer struct{ keys [][]byte }

// New makes a signer of keys that only this installation has: the one in use first.
func New(keys ...[]byte) *Signer { return &Signer{keys} }

// Path is where links lead on a desk; a token follows.
const Path = "/files/"

// longest bounds a token before anything is computed of it.
const longest = 2048

// Link gives the address of a file below the public address of a desk. It is the same each time.
func (s *Signer) Link(public string, f File) string {
	payload, err := json.Marshal(f)
	if err != nil {
		panic(err) // strings and a number
	}
	u, err := url.JoinPath(public, Path, base64.RawURLEncoding.EncodeToString(append(mac(s.keys[0], payload), payload...)))
	if err != nil {
		return ""
	}
	return u
}

// What is wrong with a link.
var (
	ErrForged  = errors.New("the link is not complete: copy all of it")
	ErrExpired = errors.New("the link has expired: ask whoever sent it for the file")
)

// Open tells which file a token leads to now.
func (s *Signer) Open(token string, now time.Time) (File, error) {
	if len(token) > longest {
		return File{}, ErrForged
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(raw) <= sha256.Size {
		return File{}, ErrForged
	}
	payload := raw[sha256.Size:]
	ours := false
	for _, key := range s.keys {
		ours = ours || hmac.Equal(raw[:sha256.Size], mac(key, payload))
	}
	if !ours {
		return File{}, ErrForged
	}
	var f File
	if json.Unmarshal(payload, &f) != nil {
		return File{}, ErrForged
	}
	if now.Unix() >= f.UntilUnix {
		return File{}, ErrExpired
	}
	return f, nil
}

func mac(key, payload []byte) []byte {
	m := hmac.New(sha256.New, key)
	m.Write(payload)
	return m.Sum(nil)
}
