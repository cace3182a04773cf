package inlet

import (
	"context"
	"sync"
	"time"
)

// meter counts what happens by key, in buckets that refill evenly.
type meter struct {
	now func() time.Time

	mu      sync.Mutex
	buckets map[string]*bucket
}

type bucket struct {
	left float64
	at   time.Time
}

// maxBuckets bounds the memory that strangers can ask for; beyond it the oldest half is forgotten.
const maxBuckets = 20_000

func newMeter(now func() time.Time) *meter {
	return &meter{now: now, buckets: make(map[string]*bucket)}
}

// take takes one of n, which refill within the window. With none left it says false.
func (m *meter) take(key string, n int, window time.Duration) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	b := m.bucket(key, n, window)
	if b.left < 1 {
		return false
	}
	b.left--
	return true
}

// empty tells whether take would say false.
func (m *meter) empty(key string, n int, window time.Duration) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.bucket(key, n, window).left < 1
}

func (m *meter) bucket(key string, n int, window time.Duration) *bucket {
	now := m.now()
	b := m.buckets[key]
	if b == nil {
		if len(m.buckets) >= maxBuckets {
			m.forget(now)
		}
		b = &bucket{left: float64(n), at: now}
		m.buckets[key] = b
	}
	b.left = min(float64(n), b.left+float64(n)*now.Sub(b.at).Seconds()/window.Seconds())
	b.at = now
	return b
}

func (m *meter) forget(now time.Time) {
	for _, age := range []time.Duration{10 * time.Minute, time.Minute, 0} {
		for k, b := range m.buckets {
			if now.Sub(b.at) >= age {
				delete(m.buckets, k)
			}
		}
		if len(m.buckets) < maxBuckets/2 {
			return
		}
	}
}

// budget is how many bytes may be worked on at once, and how many mails of one channel.
type budget struct {
	most int64

	mu     sync.Mutex
	used   int64
	boxes  map[string]int
	change chan struct{}
}

func newBudget(most int64) *budget {
	return &budget{most: most, boxes: make(map[string]int), change: make(chan struct{})}
}

// take waits for room; a mail larger than all there is has it alone.
func (b *budget) take(ctx context.Context, size int64) error {
	for {
		b.mu.Lock()
		if b.used == 0 || b.used+size <= b.most {
			b.used += size
			b.mu.Unlock()
			return nil
		}
		change := b.change
		b.mu.Unlock()
		select {
		case <-change:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (b *budget) give(size int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.used -= size
	close(b.change)
	b.change = make(chan struct{})
}

// enter counts a mail of a channel; false: there are most of them under way.
func (b *budget) enter(box string, most int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.boxes[box] >= most {
		return false
	}
	b.boxes[box]++
	return true
}

func (b *budget) leave(box string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.boxes[box]--; b.boxes[box] <= 0 {
		delete(b.boxes, box)
	}
}
