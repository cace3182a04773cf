package api

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/internal/reach"
)

// Pictures that a mail names and does not bring are fetched by the server when an agent asks to see them: their host learns
// neither who reads nor from where, and the workspace's policy (pagePolicy) needs no exception.

const (
	pictureLimit   = 10 << 20
	pictureTimeout = 10 * time.Second
	longestPicture = 2048 // of the address
	pictureHops    = 3
	picturesAtOnce = 8 // for all agents together; more wait
)

// pictureClient reaches public addresses only, whatever a name resolves to and wherever a redirect points: the check is made
// on the address that is connected to.
func pictureClient(allow reach.Rule) *http.Client {
	dialer := &net.Dialer{Timeout: 5 * time.Second, Control: allow.Control}
	return &http.Client{
		Timeout: pictureTimeout,
		Transport: &http.Transport{
			DialContext: dialer.DialContext, TLSHandshakeTimeout: 5 * time.Second, ResponseHeaderTimeout: 5 * time.Second,
			MaxResponseHeaderBytes: 64 << 10, MaxConnsPerHost: 4, IdleConnTimeout: 30 * time.Second, DisableCompression: true,
		},
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if len(via) > pictureHops || (r.URL.Scheme != "https" && r.URL.Scheme != "http") {
				return errors.New("too many redirects, or to something else than a page")
			}
			r.Header.Del("Referer")
			return nil
		},
	}
}

// picture shows a remote picture of a mail.
func (s *Server) picture(w http.ResponseWriter, r *http.Request) {
	at := r.URL.Query().Get("url")
	u, err := url.Parse(at)
	if err != nil || len(at) > longestPicture || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || u.User != nil {
		s.answer(w, r, fault("query.url", "the http or https address of a picture, at most 2,048 characters"))
		return
	}
	select {
	case s.fetching <- struct{}{}:
		defer func() { <-s.fetching }()
	case <-r.Context().Done():
		return
	}
	data, kind, err := fetchPicture(r.Context(), s.pictures, u)
	if err != nil {
		s.opt.Logger.Debug("a remote picture is not shown", "host", u.Hostname(), "err", err)
		s.answer(w, r, &desk.Error{Code: desk.NotFound, Field: "query.url", Message: "there is no picture to be had there"})
		return
	}
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox; frame-ancestors 'none'")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "private, max-age=86400")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
}

func fetchPicture(ctx context.Context, client *http.Client, u *url.URL) (data []byte, kind string, err error) {
	ask, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), http.NoBody) //nolint:gosec // the client dials public addresses only
	if err != nil {
		return nil, "", err
	}
	ask.Header.Set("Accept", "image/*")
	ask.Header.Set("User-Agent", "Mozilla/5.0 (compatible; picture proxy)")
	answer, err := client.Do(ask) //nolint:gosec // as above
	if err != nil {
		return nil, "", err
	}
	defer answer.Body.Close() //nolint:errcheck // it was only read
	if answer.StatusCode != http.StatusOK {
		return nil, "", fmt.Errorf("status %d", answer.StatusCode)
	}
	data, err = io.ReadAll(io.LimitReader(answer.Body, pictureLimit+1))
	if err != nil {
		return nil, "", err
	}
	if len(data) > pictureLimit {
		return nil, "", errors.New("too large")
	}
	if kind = http.DetectContentType(data); !pictures[kind] {
		return nil, "", fmt.Errorf("%s is no picture", kind)
	}
	return data, kind, nil
}
