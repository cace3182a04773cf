package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/centralita/centralita/api"
)

// With a public address only pages from there are ours, and those of this machine: a name that somebody lets point at the desk
// is not, though a browser sends it as Host and Origin alike.
func TestOnlyThePublicOriginIsOurs(t *testing.T) {
	t.Parallel()
	h := open(t, func(o *api.Options) { o.PublicURL = "http://Help.example.com:80" })
	ada := h.admin()
	local := strings.TrimPrefix(h.http.URL, "http://")
	body := map[string]any{"available": true}
	for name, c := range map[string]struct {
		host, origin string
		status       int
	}{
		"the public address":            {"help.example.com", "http://help.example.com", 200},
		"a proxy that changes the Host": {"10.0.0.1:8080", "http://help.example.com", 200},
		"this machine":                  {local, "http://" + local, 200},
		"this machine by name":          {"localhost:8080", "http://localhost:8080", 200},
		"a tunnel to it":                {"[::1]:9000", "http://[::1]:9000", 200},
		"no browser":                    {"help.example.com", "", 200},
		"a name that was rebound":       {"evil.example", "http://evil.example", 403},
		"the same over TLS":             {"evil.example", "https://evil.example", 403},
		"the address of the machine":    {"192.168.1.7:8080", "http://192.168.1.7:8080", 403},
		"the wrong scheme":              {"help.example.com", "https://help.example.com", 403},
		"another port here":             {local, "http://localhost:1", 403},
		"like this machine":             {"localhost.evil.example", "http://localhost.evil.example", 403},
	} {
		change := func(r *http.Request) {
			r.Host = c.host
			r.Header.Set("Cookie", ada.header().Get("Cookie"))
			if r.Header.Del("Origin"); c.origin != "" {
				r.Header.Set("Origin", c.origin)
			}
		}
		if a := ada.do("PUT", "/agents/"+ada.agent+"/availability", body, change); a.status != c.status {
			t.Errorf("%s: %d %s", name, a.status, a.raw)
		} else if a.status == 403 && strings.HasSuffix(c.origin, "//"+c.host) && !strings.Contains(a.str("detail"), "http://help.example.com") {
			t.Errorf("%s: it does not say where the desk is: %s", name, a.raw)
		}
		header := ada.header()
		header.Del("Origin")
		header.Set("Host", c.host)
		if c.origin != "" {
			header.Set("Origin", c.origin)
		}
		ws, resp, err := websocket.DefaultDialer.Dial(h.socketURL(), header)
		if err == nil {
			_ = ws.Close()
		}
		if opened := err == nil; opened != (c.status == 200) {
			t.Errorf("%s: the socket opened: %v (%v, %v)", name, opened, resp, err)
		}
	}
}
