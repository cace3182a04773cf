package limit

import (
	"encoding/binary"
	"fmt"
	"net"
	"runtime"
	"strings"
	"sync"
)

// Broadcast writes the same bytes to many plain sockets and knows nothing else: the least that telling many screens can
// cost. It frames messages as a WebSocket does (RFC 6455 5.2), so that the helper reads both alike.
type Broadcast struct {
	listener net.Listener
	writers  []*broadcaster
	over     sync.WaitGroup
	mu       sync.Mutex // guards sent
	sent     int
}

// broadcaster has its share of the sockets. What comes while it writes is written together.
type broadcaster struct {
	conns   []net.Conn
	waiting chan []byte
}

// NewBroadcast listens on a loopback port.
func NewBroadcast() (*Broadcast, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	b := &Broadcast{listener: l}
	for range runtime.NumCPU() {
		b.writers = append(b.writers, &broadcaster{waiting: make(chan []byte, 4096)})
	}
	return b, nil
}

// Address is where it listens.
func (b *Broadcast) Address() string { return b.listener.Addr().String() }

// Take accepts so many sockets, which have connected already, and starts the writers.
func (b *Broadcast) Take(n int) error {
	for i := range n {
		c, err := b.listener.Accept()
		if err != nil {
			return fmt.Errorf("accept a socket: %w", err)
		}
		w := b.writers[i%len(b.writers)]
		w.conns = append(w.conns, c)
	}
	for _, w := range b.writers {
		b.over.Go(w.write)
	}
	return nil
}

// Send queues a message of so many bytes for everybody, and gives its name: the text up to the first space.
func (b *Broadcast) Send(size int) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sent++
	name := fmt.Sprintf("#%d", b.sent)
	payload := name + " " + strings.Repeat("x", max(size-len(name)-1, 0))
	frame := []byte{0x81, 126} // one final text frame, its length in the next two bytes
	frame = append(binary.BigEndian.AppendUint16(frame, uint16(len(payload))), payload...)
	for _, w := range b.writers {
		w.waiting <- frame
	}
	return name
}

func (w *broadcaster) write() {
	var buf []byte
	for f := range w.waiting {
		buf = append(buf[:0], f...)
		for len(w.waiting) > 0 {
			buf = append(buf, <-w.waiting...)
		}
		for _, c := range w.conns {
			_, _ = c.Write(buf) // a socket that is gone is missed by the helper
		}
	}
	for _, c := range w.conns {
		_ = c.Close()
	}
}

// Close ends the writers and their sockets.
func (b *Broadcast) Close() error {
	for _, w := range b.writers {
		close(w.waiting)
	}
	b.over.Wait()
	return b.listener.Close()
}
