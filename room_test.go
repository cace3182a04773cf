package centralita_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/centralita/centralita"
	"github.com/centralita/centralita/persistence"
	"github.com/centralita/centralita/persistence/memory"
)

// crowded is a store whose disk the test fills.
type crowded struct {
	*memory.Store
	full atomic.Bool
}

func (c *crowded) Refusing() error {
	if c.full.Load() {
		return persistence.ErrDiskFull
	}
	return nil
}

// A desk whose disk is full says so to whoever asks, and takes no file.
func TestNoRoom(t *testing.T) {
	t.Parallel()
	store := &crowded{Store: memory.New()}
	defer store.Close()
	engine, err := centralita.Open(t.Context(), centralita.Options{Store: store, Blobs: memory.NewBlobs(), SecretKey: make([]byte, 32)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = engine.Close(context.Background()) }()
	server := httptest.NewServer(engine.Handler())
	defer server.Close()
	jar, _ := cookiejar.New(nil)
	home, _ := url.Parse(server.URL)
	ask := func(method, path string, body io.Reader) (status int, text string) {
		t.Helper()
		r, err := http.NewRequest(method, server.URL+path, body)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		for _, c := range jar.Cookies(home) {
			if c.Name == "centralita_csrf" {
				r.Header.Set("X-Centralita-CSRF", c.Value)
			}
		}
		answer, err := (&http.Client{Jar: jar}).Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		all, _ := io.ReadAll(answer.Body)
		return answer.StatusCode, string(all)
	}
	path, err := engine.SetupPath()
	if err != nil {
		t.Fatal(err)
	}
	_, token, _ := strings.Cut(path, "token=")
	admin, _ := json.Marshal(map[string]any{"token": token, "name": "Ada", "email": "ada@example.com", "password": "correct horse battery"})
	if status, text := ask("POST", "/api/v1/setup", bytes.NewReader(admin)); status != 204 {
		t.Fatalf("set up: %d %s", status, text)
	}
	if status, text := ask("GET", "/readyz", nil); status != 200 {
		t.Fatalf("ready: %d %s", status, text)
	}
	if status, text := ask("POST", "/api/v1/uploads?name=a.txt", strings.NewReader("a")); status != 201 {
		t.Fatalf("upload: %d %s", status, text)
	}
	store.full.Store(true)
	if status, text := ask("GET", "/readyz", nil); status != 503 || !strings.Contains(text, "the disk is nearly full") {
		t.Errorf("not ready: %d %q", status, text)
	}
	if status, text := ask("POST", "/api/v1/uploads?name=b.txt", strings.NewReader("b")); status != 503 || !strings.Contains(text, "the disk is nearly full") {
		t.Errorf("upload: %d %s", status, text)
	}
	store.full.Store(false)
	if status, text := ask("POST", "/api/v1/uploads?name=b.txt", strings.NewReader("b")); status != 201 {
		t.Errorf("upload afterwards: %d %s", status, text)
	}
}
