package api

import (
	"errors"
	"io/fs"
	"mime"
	"net/http"
	"time"

	"github.com/centralita/centralita/api/live"
	"github.com/centralita/centralita/internal/filelink"
)

// Files that were too large for a mail are fetched by whoever got it: without signing in, without a cookie, by a signed address
// that expires. They are saved, never shown: whatever they hold, it does not run in our origin.

const (
	sharedAtOnce  = 32 // downloads for all the world together; more are asked to come again
	sharedTimeout = 15 * time.Minute
)

func newSharedLimit() *buckets { return newBuckets(60, time.Second, 10_000) }

func (s *Server) shared(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Robots-Tag", "noindex, nofollow")
	h.Set("Cache-Control", "private, no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox; frame-ancestors 'none'")
	if err := s.limit(s.sharing, s.opt.ClientIP(r)); err != nil {
		sharedFault(w, http.StatusTooManyRequests, "too many downloads from your network: try again in a minute")
		return
	}
	f, err := s.opt.FileLinks.Open(r.PathValue("token"), time.Now())
	switch {
	case errors.Is(err, filelink.ErrExpired):
		sharedFault(w, http.StatusGone, err.Error())
		return
	case err != nil || !live.ValidHash(f.Blob):
		sharedFault(w, http.StatusNotFound, filelink.ErrForged.Error())
		return
	}
	select {
	case s.downloads <- struct{}{}:
		defer func() { <-s.downloads }()
	default:
		h.Set("Retry-After", "30")
		sharedFault(w, http.StatusServiceUnavailable, "many files are being fetched just now: try again in half a minute")
		return
	}
	content, _, err := s.opt.Blobs.Open(r.Context(), f.Blob)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			sharedFault(w, http.StatusGone, "the file is not kept any more: ask whoever sent it")
			return
		}
		s.opt.Logger.Error("open a shared file", "err", err)
		sharedFault(w, http.StatusInternalServerError, "the file cannot be read just now: try again later")
		return
	}
	defer content.Close() //nolint:errcheck // it was only read
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(sharedTimeout))
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": live.CleanFileName(f.Name)}))
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("ETag", `"`+f.Blob+`"`)
	http.ServeContent(w, r, "", time.Time{}, content)
}

// sharedFault answers a person with a browser and no page of ours.
func sharedFault(w http.ResponseWriter, status int, words string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(words + "\n")) // the peer may have gone
}
