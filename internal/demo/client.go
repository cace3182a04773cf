package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strconv"
	"time"
)

// client speaks to the desk's REST API with a session of its own.
type client struct {
	base string
	http *http.Client
}

func newClient(base string) *client {
	jar, _ := cookiejar.New(nil)
	return &client{base: base, http: &http.Client{Jar: jar, Timeout: 90 * time.Second}}
}

// apiError is an answer that is not a success.
type apiError struct {
	status int
	detail string
}

func (e *apiError) Error() string { return fmt.Sprintf("the desk answered %d: %s", e.status, e.detail) }

func isConflict(err error) bool {
	e, is := errors.AsType[*apiError](err)
	return is && e.status == http.StatusConflict
}

func (c *client) call(ctx context.Context, method, path string, in, out any) error {
	return c.do(ctx, method, c.base+"/api/v1"+path, "", in, out)
}

func (c *client) do(ctx context.Context, method, target, bearer string, in, out any) error {
	var body io.Reader
	if in != nil {
		raw, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(ctx, method, target, body)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "centralita demo") // so that one reads in the audit and among the sessions who that was
	if bearer != "" {
		req.Header.Set("Authorization", "Bearer "+bearer)
	}
	u, _ := url.Parse(c.base)
	for _, k := range c.http.Jar.Cookies(u) {
		if k.Name == "centralita_csrf" {
			req.Header.Set("X-Centralita-CSRF", k.Value)
		}
	}
	res, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(res.Body, 8<<20))
	if err != nil {
		return err
	}
	if res.StatusCode >= 300 {
		return &apiError{res.StatusCode, string(bytes.TrimSpace(raw))}
	}
	if out == nil || len(raw) == 0 {
		return nil
	}
	return json.Unmarshal(raw, out)
}

func splitHostPort(addr string) (string, int) {
	host, port, _ := net.SplitHostPort(addr)
	n, _ := strconv.Atoi(port)
	return host, n
}
