// Package metrics is what an operator watches: one registry of the engine's own and a plain method for each thing that is
// measured. All methods of a nil *Metrics do nothing, so that whoever embeds the engine needs none. It is the only user of
// the Prometheus client.
package metrics

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// Metrics holds the engine's measures. Its methods may be called from any goroutine.
// States (queues, channels) are set by whoever looks at them from time to time.
type Metrics struct {
	registry *prometheus.Registry

	appendSeconds prometheus.Histogram
	journalQueue  prometheus.Gauge
	assignSeconds prometheus.Histogram
	inLine        prometheus.Gauge
	channelHealth *prometheus.GaugeVec
	channelLag    *prometheus.GaugeVec
	outboxDepth   *prometheus.GaugeVec
	items         *prometheus.CounterVec
	searchBehind  prometheus.Gauge
	deadLetters   prometheus.Counter
	panics        prometheus.Counter

	sockets       prometheus.Gauge
	socketsClosed *prometheus.CounterVec
	frames        prometheus.Counter
	fanoutSeconds prometheus.Histogram
	httpSeconds   *prometheus.HistogramVec
}

const namespace = "centralita"

// New makes a registry with the engine's measures, and those of the Go runtime and the process.
func New() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		appendSeconds: histogram("journal_append_seconds", "From a decision until its events are durable.",
			prometheus.ExponentialBuckets(0.0001, 2, 16)),
		assignSeconds: histogram("assignment_wait_seconds", "From joining the waiting line until a ticket has an owner.",
			prometheus.ExponentialBuckets(0.001, 4, 14)),
		journalQueue:  gauge("journal_waiting_entries", "Entries handed to the journal and not yet durable or refused."),
		inLine:        gauge("assignment_line_tickets", "Tickets in the waiting line."),
		channelHealth: gauges("channel_health", "1 for the state the channel is in, 0 for the others.", "channel", "state"),
		channelLag:    gauges("channel_lag_items", "Items that wait outside to be taken in; -1 when the connector cannot tell.", "channel"),
		outboxDepth:   gauges("channel_outbox_replies", "Replies that wait to be sent.", "channel"),
		items: counters("channel_items_total",
			"What became of items: inbound, duplicate, refused, quarantined, sighting (our own came back), forged (it bore a wrong signature of ours); of replies: sent, failed, unknown, retried.", "channel", "what"),
		searchBehind:  gauge("search_behind_records", "Records of the journal that the search index does not know yet."),
		deadLetters:   counter("dead_letters_total", "Messages to actors that were not there. Any is a defect."),
		panics:        counter("actor_panics_total", "Panics in actors, each followed by a restart. Any is a defect."),
		sockets:       gauge("agent_sockets", "Open agents' sockets."),
		socketsClosed: counters("agent_sockets_closed_total", "Agents' sockets ended, by the code we closed with (0: the peer went).", "code"),
		frames:        counter("agent_socket_frames_total", "Frames queued to agents' sockets."),
		fanoutSeconds: histogram("agent_fanout_seconds", "From the feed seeing an event until its frames are queued to every socket that wants them.",
			prometheus.ExponentialBuckets(0.0001, 2, 16)),
		httpSeconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: namespace, Name: "http_request_seconds", Help: "Time to answer a request; of a socket, to its end.",
			Buckets: prometheus.ExponentialBuckets(0.0005, 2.5, 12),
		}, []string{"route", "method", "status"}),
	}
	for _, c := range []prometheus.Collector{
		m.appendSeconds, m.journalQueue, m.assignSeconds, m.inLine, m.channelHealth, m.channelLag, m.outboxDepth, m.items, m.searchBehind, m.deadLetters, m.panics, m.sockets, m.socketsClosed, m.frames, m.fanoutSeconds,
		m.httpSeconds, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	} {
		m.registry.MustRegister(c) // it fails only on a name given twice
	}
	return m
}

func counter(name, help string) prometheus.Counter {
	return prometheus.NewCounter(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help})
}

func counters(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help}, labels)
}

func gauge(name, help string) prometheus.Gauge {
	return prometheus.NewGauge(prometheus.GaugeOpts{Namespace: namespace, Name: name, Help: help})
}

func gauges(name, help string, labels ...string) *prometheus.GaugeVec {
	return prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: namespace, Name: name, Help: help}, labels)
}

func histogram(name, help string, buckets []float64) prometheus.Histogram {
	return prometheus.NewHistogram(prometheus.HistogramOpts{Namespace: namespace, Name: name, Help: help, Buckets: buckets})
}

// Handler shows the registry in the text form that Prometheus reads. Of a nil Metrics it answers 404.
func (m *Metrics) Handler() http.Handler {
	if m == nil {
		return http.NotFoundHandler()
	}
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4, Timeout: 10 * time.Second})
}

// ObserveAppend notes how long an entry took to become durable.
func (m *Metrics) ObserveAppend(d time.Duration) {
	if m != nil {
		m.appendSeconds.Observe(d.Seconds())
	}
}

// ObserveAssignmentWait notes how long a ticket waited for its owner.
func (m *Metrics) ObserveAssignmentWait(d time.Duration) {
	if m != nil {
		m.assignSeconds.Observe(d.Seconds())
	}
}

// SetJournalWaiting notes how many entries wait for the writer.
func (m *Metrics) SetJournalWaiting(n int) {
	if m != nil {
		m.journalQueue.Set(float64(n))
	}
}

// SetInLine notes how many tickets stand in the waiting line.
func (m *Metrics) SetInLine(n int) {
	if m != nil {
		m.inLine.Set(float64(n))
	}
}

// SetSearchBehind notes how far the search index is behind the journal.
func (m *Metrics) SetSearchBehind(records uint64) {
	if m != nil {
		m.searchBehind.Set(float64(records))
	}
}

// SetChannelHealth notes the state a channel is in.
func (m *Metrics) SetChannelHealth(ch desk.ChannelID, state deskpb.HealthState) {
	if m == nil {
		return
	}
	for n, name := range deskpb.HealthState_name {
		if n == 0 {
			continue
		}
		v := 0.0
		if deskpb.HealthState(n) == state {
			v = 1
		}
		word := strings.ToLower(strings.TrimPrefix(name, "HEALTH_STATE_"))
		m.channelHealth.WithLabelValues(string(ch), word).Set(v)
	}
}

// SetChannelLag notes how many items wait outside; -1 when the connector cannot tell.
func (m *Metrics) SetChannelLag(ch desk.ChannelID, items int) {
	if m != nil {
		m.channelLag.WithLabelValues(string(ch)).Set(float64(items))
	}
}

// SetOutboxDepth notes how many replies of a channel wait to be sent.
func (m *Metrics) SetOutboxDepth(ch desk.ChannelID, replies int) {
	if m != nil {
		m.outboxDepth.WithLabelValues(string(ch)).Set(float64(replies))
	}
}

// CountDeadLetter notes a message to an actor that was not there.
func (m *Metrics) CountDeadLetter() {
	if m != nil {
		m.deadLetters.Inc()
	}
}

// CountPanic notes a panic in an actor.
func (m *Metrics) CountPanic() {
	if m != nil {
		m.panics.Inc()
	}
}

// CountItem notes what became of an item of a channel: inbound, duplicate, refused, quarantined, sent, failed, unknown, retried.
func (m *Metrics) CountItem(channel, what string) {
	if m != nil {
		m.items.WithLabelValues(channel, what).Inc()
	}
}

// SocketOpened notes a new agents' socket.
func (m *Metrics) SocketOpened() {
	if m != nil {
		m.sockets.Inc()
	}
}

// SocketClosed notes the end of one, and the code we closed it with (0: the peer went).
func (m *Metrics) SocketClosed(code int) {
	if m != nil {
		m.sockets.Dec()
		m.socketsClosed.WithLabelValues(strconv.Itoa(code)).Inc()
	}
}

// CountFrames notes frames queued to sockets.
func (m *Metrics) CountFrames(n int) {
	if m != nil {
		m.frames.Add(float64(n))
	}
}

// ObserveFanout notes how long the feed took to queue an event's frames to every socket that wants them.
func (m *Metrics) ObserveFanout(d time.Duration) {
	if m != nil {
		m.fanoutSeconds.Observe(d.Seconds())
	}
}

// ObserveHTTP notes an answered request. route is the pattern, never the path: a path holds ids.
func (m *Metrics) ObserveHTTP(route, method string, status int, d time.Duration) {
	if m != nil {
		m.httpSeconds.WithLabelValues(route, method, strconv.Itoa(status)).Observe(d.Seconds())
	}
}
