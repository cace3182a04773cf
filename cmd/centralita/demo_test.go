//go:build integration

package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/centralita/centralita/internal/demo"
)

// printed is what a command wrote so far.
type printed struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (p *printed) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.b.Write(b)
}

func (p *printed) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.b.String()
}

// The newcomer's first minute: the demo says where to sign in, customers write, an answer arrives in the customer's mailbox, he writes
// back into the same ticket, and a visitor chats.
func TestDemo(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var out, errs printed
	ended := make(chan error, 1)
	go func() {
		ended <- demonstrate(ctx, program{nil, &out, &errs, func(string) string { return "" }}, []string{"--address", "127.0.0.1:0", "--pace", "1s", "--think", "1s"})
	}()
	eventually(t, time.Minute, "the demo says where to look", func() bool { return strings.Contains(out.String(), "Ctrl-C") })
	base := regexp.MustCompile(`Workspace +(http://\S+)/\n`).FindStringSubmatch(out.String())[1]
	c := signIn(t, base, demo.Agents[0].Email, demo.Password)
	for _, path := range []string{"/tags", "/snippets", "/macros", "/properties", "/pipelines"} {
		var have struct{ Items []obj }
		if c.must(t, "GET", path, nil, &have); len(have.Items) == 0 {
			t.Errorf("the sample desk has nothing of %s", path)
		}
	}
	shop := pageText(t, base+demo.ShopPath+"repairs") // the page is there, and so is what it loads
	tag := regexp.MustCompile(`<script async src="(/channels/\S+/w\.js)">`).FindStringSubmatch(shop)
	if !strings.Contains(out.String(), base+demo.ShopPath) || tag == nil || !strings.Contains(pageText(t, base+tag[1]), "centralita") {
		t.Errorf("the shop: %v in %s", tag, shop)
	}
	var mail, chat ticket
	eventually(t, time.Minute, "a mail and a chat are there", func() bool {
		for _, tk := range c.tickets(t, "open") {
			switch {
			case strings.HasPrefix(tk.Subject, "Order 4711"):
				mail = tk
			case strings.HasPrefix(tk.Subject, "Hi, do you have"):
				chat = tk
			}
		}
		return mail.ID != "" && chat.ID != ""
	})
	c.must(t, "POST", "/conversations/"+mail.ID+"/replies", obj{"message_id": "demo-1", "text": "It is on its way, Marta."}, nil)
	c.must(t, "POST", "/conversations/"+chat.ID+"/replies", obj{"message_id": "demo-2", "text": "Yes, we do."}, nil)
	eventually(t, time.Minute, "the customer has the answer and has written back, the visitor went on", func() bool {
		return strings.Contains(timeline(t, c, mail.ID), "I will be at home on Thursday") && strings.Contains(timeline(t, c, chat.ID), "is it in stock") &&
			strings.Contains(pageText(t, base+demo.Path+"?box=marta.ruiz@customers.example"), "It is on its way, Marta.")
	})
	stop()
	if err := <-ended; err != nil {
		t.Errorf("%v\n%s", err, &errs)
	}
}

func timeline(t *testing.T, c *restClient, id string) string {
	t.Helper()
	var got struct {
		Timeline []struct{ Body *struct{ Text string } }
	}
	c.must(t, "GET", "/conversations/"+id, nil, &got)
	var b strings.Builder
	for _, it := range got.Timeline {
		if it.Body != nil {
			b.WriteString(it.Body.Text + "\n")
		}
	}
	return b.String()
}

func pageText(t *testing.T, url string) string {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// The demo stays lively: a colleague answers and closes, so that not everything ends up waiting for a place.
func TestDemoStaysLively(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var out, errs printed
	ended := make(chan error, 1)
	go func() {
		ended <- demonstrate(ctx, program{nil, &out, &errs, func(string) string { return "" }}, []string{"--address", "127.0.0.1:0", "--pace", "400ms", "--think", "200ms"})
	}()
	eventually(t, time.Minute, "the demo says where to look", func() bool { return strings.Contains(out.String(), "Ctrl-C") })
	base := regexp.MustCompile(`Workspace +(http://\S+)/\n`).FindStringSubmatch(out.String())[1]
	c := signIn(t, base, demo.Agents[0].Email, demo.Password)
	eventually(t, 2*time.Minute, "thirty matters came, and the colleague has answered and closed his", func() bool {
		closed, open := c.tickets(t, "closed"), c.tickets(t, "open")
		return len(closed)+len(open) >= 30 && len(closed) >= 10
	})
	eventually(t, time.Minute, "somebody has a place", func() bool { return len(c.tickets(t, "unassigned")) == 0 })
	stop()
	if err := <-ended; err != nil {
		t.Errorf("%v\n%s", err, &errs)
	}
}
