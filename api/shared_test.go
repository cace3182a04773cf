package api_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/centralita/centralita/api"
	"github.com/centralita/centralita/internal/filelink"
)

// A file behind a signed address: for whoever has it, saved and never shown, without a cookie, until its time.
func TestSharedFile(t *testing.T) {
	t.Parallel()
	links := filelink.New([]byte("key"))
	h := open(t, func(o *api.Options) { o.FileLinks = links })
	hash, _, err := h.blobs.Put(t.Context(), strings.NewReader("<script>alert(1)</script>"), 1000)
	if err != nil {
		t.Fatal(err)
	}
	get := func(link string) (*http.Response, string) {
		t.Helper()
		resp, err := http.Get(link)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close() //nolint:errcheck // a test
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		if len(resp.Cookies()) > 0 || resp.Header.Get("X-Content-Type-Options") != "nosniff" || strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") {
			t.Errorf("%s: %v", link, resp.Header)
		}
		return resp, string(body)
	}
	file := filelink.File{Blob: hash, Name: "../Plan\r\n\"x\".html", MediaType: "text/html", UntilUnix: time.Now().Add(time.Hour).Unix()}
	resp, body := get(links.Link(h.http.URL, file))
	if d := resp.Header.Get("Content-Disposition"); resp.StatusCode != 200 || body != "<script>alert(1)</script>" || !strings.HasPrefix(d, "attachment;") || strings.Contains(d, "..") {
		t.Errorf("%d %q %q", resp.StatusCode, d, body)
	}
	if resp.Header.Get("Content-Type") != "application/octet-stream" {
		t.Errorf("it is shown as %s", resp.Header.Get("Content-Type"))
	}
	for what, link := range map[string]string{
		"404": filelink.New([]byte("x")).Link(h.http.URL, file), "410": links.Link(h.http.URL, filelink.File{Blob: hash, UntilUnix: 1}),
		"410 ": links.Link(h.http.URL, filelink.File{Blob: strings.Repeat("ab", 32), UntilUnix: file.UntilUnix}),
	} {
		if resp, body := get(link); !strings.HasPrefix(resp.Status, strings.TrimSpace(what)) || strings.Contains(body, "script") {
			t.Errorf("%s: %s %q", what, resp.Status, body)
		}
	}
	limited := false
	for range 80 {
		resp, _ := get(h.http.URL + "/files/nothing")
		limited = limited || resp.StatusCode == http.StatusTooManyRequests
	}
	if !limited {
		t.Error("80 tries at once are not too many")
	}
}

// What a mailbox's configuration says of sending is for whoever writes.
func TestChannelMail(t *testing.T) {
	t.Parallel()
	h := open(t, func(o *api.Options) { o.FileLinks, o.PublicURL = filelink.New([]byte("key")), "http://127.0.0.1" })
	ada := h.admin()
	made := ada.must(201, "POST", "/channels", map[string]any{"kind": "email", "name": "Shop", "config": map[string]any{
		"address": "help@shop.test", "host": "mail.shop.test", "sending": map[string]any{"from_address": "sales@shop.test", "reply_to": "help@shop.test", "attach_mb": 5},
	}})
	if m := made.raw; !strings.Contains(m, `"mail":{"from":"sales@shop.test","ours":["help@shop.test","sales@shop.test"],"attach_mb":5,"link_days":30}`) {
		t.Errorf("%s", m)
	}
}

func TestPreviewSending(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	got := ada.must(200, "POST", "/channels/preview", map[string]any{"kind": "email", "name": "Shop", "config": map[string]any{"sending": map[string]any{"quote": "last"}}})
	if !strings.HasSuffix(got.str("from_name"), " at Shop") || !strings.Contains(got.str("html"), `"quote":"last"`) {
		t.Errorf("%s", got.raw)
	}
	if got := ada.must(422, "POST", "/channels/preview", map[string]any{"kind": "chat"}); !strings.Contains(got.raw, "not that one") {
		t.Errorf("%s", got.raw)
	}
}
