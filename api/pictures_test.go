package api

import (
	"bytes"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/centralita/centralita/internal/reach"
)

func TestRemotePictures(t *testing.T) {
	t.Parallel()
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewRGBA(image.Rect(0, 0, 2, 2))); err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/ok.png", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Cookie") != "" || r.Header.Get("Referer") != "" {
			t.Error("the host learns something of the reader")
		}
		_, _ = w.Write(picture.Bytes())
	})
	mux.HandleFunc("/page", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "image/png")
		_, _ = w.Write([]byte("<html><script>alert(1)</script>"))
	})
	mux.HandleFunc("/huge", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(picture.Bytes())
		for range 11 {
			_, _ = w.Write(make([]byte, 1<<20))
		}
	})
	mux.Handle("/round", http.RedirectHandler("/round", http.StatusFound))
	mux.Handle("/away", http.RedirectHandler("/ok.png", http.StatusFound))
	mux.Handle("/file", http.RedirectHandler("file:///etc/passwd", http.StatusFound))
	host := httptest.NewServer(mux)
	defer host.Close()

	anywhere := pictureClient(func(netip.Addr) bool { return true })
	for path, want := range map[string]string{"/ok.png": "", "/away": "", "/page": "no picture", "/huge": "too large", "/round": "redirects", "/file": "redirect", "/none": "404"} {
		u, _ := url.Parse(host.URL + path)
		data, kind, err := fetchPicture(t.Context(), anywhere, u)
		if want == "" && (err != nil || kind != "image/png" || !bytes.Equal(data, picture.Bytes())) {
			t.Errorf("%s: %s %v", path, kind, err)
		}
		if want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}

	u, _ := url.Parse(host.URL + "/ok.png") // on this machine
	if _, _, err := fetchPicture(t.Context(), pictureClient(reach.Public), u); err == nil || !strings.Contains(err.Error(), reach.ErrPrivate.Error()) {
		t.Errorf("a private address was asked: %v", err)
	}
	away := httptest.NewServer(http.RedirectHandler(host.URL+"/ok.png", http.StatusFound))
	defer away.Close()
	first := true
	once := pictureClient(func(netip.Addr) bool { was := first; first = false; return was }) // the redirect's target is not allowed
	u, _ = url.Parse(away.URL)
	if _, _, err := fetchPicture(t.Context(), once, u); err == nil || !strings.Contains(err.Error(), reach.ErrPrivate.Error()) {
		t.Errorf("a redirect led to a private address: %v", err)
	}
}
