package centralita_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/centralita/centralita"
	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// quiet is a channel on which nothing happens but what the test delivers.
type quiet struct{ in chan channels.Intake }

func (q quiet) Run(ctx context.Context, in channels.Intake) error {
	in.Report(channels.Status{Phase: "listening"})
	q.in <- in
	<-ctx.Done()
	return nil
}

func (quiet) Send(context.Context, desk.Outbound) (string, error) { return "", nil }

// deskWithTickets opens a desk with some tickets in it.
func deskWithTickets(t *testing.T, dir string) *centralita.Engine {
	t.Helper()
	q := quiet{make(chan channels.Intake, 1)}
	engine, err := centralita.Open(t.Context(), centralita.Options{DataDir: dir, Connectors: []channels.Kind{{
		Kind: deskpb.ChannelKind_CHANNEL_KIND_CUSTOM, Name: "quiet",
		New:      func(channels.Env) (channels.Connector, error) { return q, nil },
		Identify: func(_, _ json.RawMessage) (string, error) { return "quiet", nil },
	}}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := engine.ConnectChannel(t.Context(), desk.NewChannel{Kind: "quiet", Name: "Quiet"}, nil); err != nil {
		t.Fatal(err)
	}
	in := <-q.in
	for i := range 50 {
		err := <-in.Deliver(t.Context(), desk.Inbound{ExternalID: fmt.Sprint(i), Message: &desk.InboundMessage{
			Identity: &deskpb.Identity{Kind: deskpb.IdentityKind_IDENTITY_KIND_CUSTOM, Value: fmt.Sprint(i % 7)}, Thread: fmt.Sprint(i % 7),
			Body: &deskpb.Body{Text: fmt.Sprint("message ", i)},
		}})
		if err != nil {
			t.Fatal(err)
		}
	}
	return engine
}

func rows(t *testing.T, e *centralita.Engine) string {
	t.Helper()
	page, err := e.Index().Tickets(desk.TicketQuery{View: desk.ViewOpen, Limit: 200})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, tk := range page.Tickets {
		fmt.Fprintln(&b, tk.Number, tk.Conversation, tk.Preview, tk.Messages)
	}
	return b.String()
}

// A backup of a running desk, asked for through its socket, restores to a desk with the same tickets and another epoch.
func TestBackupOfARunningDeskRestores(t *testing.T) {
	t.Parallel()
	for name, dir := range map[string]string{"here": "d", "far down, longer than a socket's path may be": strings.Repeat("down/", 30) + "d"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			backUpRunning(t, filepath.Join(t.TempDir(), dir), filepath.Join(t.TempDir(), "new"))
		})
	}
}

func backUpRunning(t *testing.T, old, restored string) {
	engine := deskWithTickets(t, old)
	defer engine.Close(context.Background())
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- engine.ServeControl(ctx) }()
	var archive bytes.Buffer
	for archive.Len() == 0 && len(served) == 0 { // until the socket is there: before, the journal is locked and nothing is written
		_ = centralita.Backup(t.Context(), centralita.Options{DataDir: old}, &archive)
	}
	cancel()
	if err := <-served; err != nil {
		t.Error(err)
	}
	n, err := centralita.Restore(t.Context(), centralita.Options{DataDir: restored}, bytes.NewReader(archive.Bytes()))
	if err != nil || n == 0 {
		t.Fatalf("%d, %v", n, err)
	}
	if _, err := centralita.Restore(t.Context(), centralita.Options{DataDir: restored}, bytes.NewReader(archive.Bytes())); err == nil {
		t.Error("restored over a desk that is there")
	}
	cut := filepath.Join(t.TempDir(), "cut")
	if _, err := centralita.Restore(t.Context(), centralita.Options{DataDir: cut}, bytes.NewReader(archive.Bytes()[:archive.Len()-3000])); err == nil {
		t.Error("restored from an archive that was cut off")
	}
	again, err := centralita.Open(t.Context(), centralita.Options{DataDir: restored})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close(context.Background())
	if got, want := rows(t, again), rows(t, engine); got != want || !strings.Contains(got, "message 49") {
		t.Errorf("restored\n%s\nwant\n%s", got, want)
	}
	a, _ := engine.Head()
	if b, _ := again.Head(); a == b {
		t.Error("the restored history has the old epoch")
	}
}

func TestReindexAndCheckOfAStoppedDesk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	engine := deskWithTickets(t, dir)
	want := rows(t, engine)
	if _, err := centralita.Reindex(t.Context(), centralita.Options{DataDir: dir}); err == nil {
		t.Error("reindexed under a running desk")
	}
	if err := engine.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	if n, err := centralita.Reindex(t.Context(), centralita.Options{DataDir: dir}); err != nil || n == 0 {
		t.Fatalf("%d, %v", n, err)
	}
	faults := map[string]error{}
	n, err := centralita.Check(t.Context(), centralita.Options{DataDir: dir}, 0, func(what string, fault error) {
		if fault != nil {
			faults[what] = fault
		}
	})
	if err != nil || n < 4 || len(faults) != 1 {
		t.Errorf("%d checks, %v, faults %v", n, err, faults) // the one fault: this program has no connector of kind quiet
	}
	again, err := centralita.Open(t.Context(), centralita.Options{DataDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close(context.Background())
	if got := rows(t, again); got != want {
		t.Errorf("after reindex\n%s\nwant\n%s", got, want)
	}
}

func TestOpeningSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	if _, err := centralita.Open(t.Context(), centralita.Options{}); err == nil || !strings.Contains(err.Error(), "DataDir") {
		t.Error(err)
	}
	dir := t.TempDir()
	first, err := centralita.Open(t.Context(), centralita.Options{DataDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close(context.Background())
	if _, err := centralita.Open(t.Context(), centralita.Options{DataDir: dir}); err == nil || !strings.Contains(err.Error(), dir) {
		t.Errorf("a second desk on the same data: %v", err)
	}
}
