package chat

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"
)

// maxMetered bounds a meter's memory: about 2 MB.
const maxMetered = 16_384

// meter lets each key through once every so often, with a burst: the generic cell rate algorithm. All it keeps of a key is
// when its burst will be whole again.
type meter struct {
	every, burst time.Duration

	mu    sync.Mutex
	whole map[string]time.Time
	swept time.Time
}

// pace is how much one visitor may write: so many messages at once, and then so many a second. A person never meets it; a program that
// writes for many, such as a kiosk's, may.
type pace struct {
	Burst     int `json:"burst,omitempty"`      // 20
	PerSecond int `json:"per_second,omitempty"` // 1
}

func (p pace) check(invalid func(field, format string, args ...any)) {
	if p.Burst < 0 || p.Burst > 1000 {
		invalid("pace.burst", "from 1 to 1000 messages, or leave it out for 20")
	}
	if p.PerSecond < 0 || p.PerSecond > 100 {
		invalid("pace.per_second", "from 1 to 100 messages a second, or leave it out for 1")
	}
}

func (p pace) meter() *meter {
	burst, perSecond := p.Burst, p.PerSecond
	if burst == 0 {
		burst = 20
	}
	if perSecond == 0 {
		perSecond = 1
	}
	return newMeter(time.Second/time.Duration(perSecond), burst)
}

func newMeter(every time.Duration, burst int) *meter {
	return &meter{every: every, burst: every * time.Duration(burst), whole: make(map[string]time.Time)}
}

// wait is 0 when the key may pass now, and then it is counted; else how long until it may.
func (m *meter) wait(key string, now time.Time) time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	whole, known := m.whole[key]
	if whole.Before(now) {
		whole = now
	}
	whole = whole.Add(m.every)
	if over := whole.Sub(now) - m.burst; over > 0 {
		return over
	}
	if !known && len(m.whole) >= maxMetered {
		m.makeRoom(now)
	}
	m.whole[key] = whole
	return 0
}

// check refuses a key that comes too often; "" is not counted.
func (m *meter) check(key string) error {
	if key == "" {
		return nil
	}
	if after := m.wait(key, time.Now()); after > 0 {
		return &tooOften{after: after}
	}
	return nil
}

// frameGate is a meter of one socket's frames: when its burst will be whole again.
type frameGate struct{ whole time.Time }

func (p *frameGate) lets(now time.Time) bool {
	if p.whole.Before(now) {
		p.whole = now
	}
	if p.whole.Sub(now) > frameEvery*(frameBurst-1) {
		return false
	}
	p.whole = p.whole.Add(frameEvery)
	return true
}

// makeRoom forgets keys whose burst is whole, which loses nothing; under a flood of new keys it forgets any one.
func (m *meter) makeRoom(now time.Time) {
	if now.Sub(m.swept) > time.Second {
		m.swept = now
		for k, whole := range m.whole {
			if !whole.After(now) {
				delete(m.whole, k)
			}
		}
	}
	for k := range m.whole {
		if len(m.whole) < maxMetered {
			return
		}
		delete(m.whole, k)
	}
}

// address is whom to count a request for: the network address, an IPv6 one by its /64. A proxy on this machine is believed
// about whom it speaks for; without a proxy, this machine itself is not counted ("").
func address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return host
	}
	if ip.IsLoopback() {
		forwarded := r.Header.Values("X-Forwarded-For")
		if len(forwarded) == 0 {
			return ""
		}
		last := forwarded[len(forwarded)-1] // the nearest proxy appends; what comes before may be invented
		last = strings.TrimSpace(last[strings.LastIndexByte(last, ',')+1:])
		if ip, err = netip.ParseAddr(last); err != nil {
			return last[:min(len(last), 64)]
		}
	}
	ip = ip.Unmap()
	if ip.Is6() {
		if p, err := ip.Prefix(64); err == nil {
			return p.String()
		}
	}
	return ip.String()
}
