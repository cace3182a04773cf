package metrics_test

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/centralita/centralita/internal/metrics"
	"github.com/centralita/centralita/proto/deskpb"
)

func read(t *testing.T, m *metrics.Metrics) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	if m != nil && w.Code != 200 {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	return w.Body.String()
}

func observe(m *metrics.Metrics) {
	m.ObserveAppend(time.Millisecond)
	m.ObserveAssignmentWait(2 * time.Second)
	m.CountItem("ch_mail", "inbound")
	m.CountDeadLetter()
	m.CountPanic()
	m.SetJournalWaiting(7)
	m.SetInLine(2)
	m.SetChannelHealth("ch_mail", deskpb.HealthState_HEALTH_STATE_RUNNING)
	m.SetChannelHealth("ch_mail", deskpb.HealthState_HEALTH_STATE_RETRYING)
	m.SetChannelLag("ch_mail", -1)
	m.SetOutboxDepth("ch_mail", 4)
	m.SocketOpened()
	m.SocketOpened()
	m.SocketClosed(4008)
	m.CountFrames(3)
	m.ObserveFanout(time.Millisecond)
	m.ObserveHTTP("GET /api/v1/me", "GET", 200, time.Millisecond)
}

func TestEverythingNotedIsShown(t *testing.T) {
	t.Parallel()
	m := metrics.New()
	observe(m)
	text := read(t, m)
	for _, want := range []string{
		"centralita_journal_append_seconds_count 1",
		"centralita_assignment_wait_seconds_sum 2",
		`centralita_channel_items_total{channel="ch_mail",what="inbound"} 1`,
		"centralita_dead_letters_total 1",
		"centralita_actor_panics_total 1",
		"centralita_agent_sockets 1",
		`centralita_agent_sockets_closed_total{code="4008"} 1`,
		"centralita_agent_socket_frames_total 3",
		`centralita_http_request_seconds_count{method="GET",route="GET /api/v1/me",status="200"} 1`,
		"centralita_journal_waiting_entries 7",
		"centralita_assignment_line_tickets 2",
		`centralita_channel_health{channel="ch_mail",state="retrying"} 1`,
		`centralita_channel_health{channel="ch_mail",state="running"} 0`,
		`centralita_channel_lag_items{channel="ch_mail"} -1`,
		`centralita_channel_outbox_replies{channel="ch_mail"} 4`,
		"go_goroutines", "process_resident_memory_bytes",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("missing %q", want)
		}
	}
}

func TestTwoEnginesInOneProcess(t *testing.T) {
	t.Parallel()
	a, b := metrics.New(), metrics.New()
	a.CountFrames(1)
	if strings.Contains(read(t, b), "centralita_agent_socket_frames_total 1") {
		t.Error("two registries share a measure")
	}
}

func TestNilNeedsNothing(t *testing.T) {
	t.Parallel()
	var m *metrics.Metrics
	observe(m)
	if text := read(t, m); !strings.Contains(text, "404") {
		t.Errorf("a nil Metrics shows %q", text)
	}
}
