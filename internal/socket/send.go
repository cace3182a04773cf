package socket

import (
	"encoding/binary"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// Send queues frames, all or none, and never blocks. When the queue is full the peer is too slow: the connection is closed
// with Slow, and false returned. Nothing is dropped in silence.
func (c *Conn) Send(frames ...*Frame) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closing {
		return false
	}
	if !c.fits(frames) {
		c.closing, c.queue = true, nil
		go c.goodbye(Slow, "too slow, come back with your position", c.opt.WriteTimeout) // the caller may be the feed: it must not wait
		return false
	}
	c.enqueue(frames)
	return true
}

// SendWait queues a frame as soon as there is room for it; false when the connection has ended. For what may be longer
// than the queue, such as the history a peer missed.
func (c *Conn) SendWait(f *Frame) bool {
	for {
		c.mu.Lock()
		if c.closing {
			c.mu.Unlock()
			return false
		}
		if c.fits([]*Frame{f}) {
			c.enqueue([]*Frame{f})
			c.mu.Unlock()
			return true
		}
		if c.room == nil {
			c.room = make(chan struct{})
		}
		room := c.room
		c.mu.Unlock()
		select {
		case <-room:
		case <-c.done:
			return false
		}
	}
}

// fits: what finds the queue empty is taken whatever its size, or a snapshot larger than the queue could never be sent.
func (c *Conn) fits(frames []*Frame) bool {
	return c.frames == 0 || c.frames+len(frames) <= c.opt.QueueFrames && c.bytes+size(frames) <= c.opt.QueueBytes
}

func size(frames []*Frame) int {
	n := 0
	for _, f := range frames {
		n += len(f.Data)
	}
	return n
}

func (c *Conn) enqueue(frames []*Frame) {
	if len(frames) == 0 {
		return
	}
	c.queue = append(c.queue, frames...)
	c.frames += len(frames)
	c.bytes += size(frames)
	if !c.writing {
		c.writing = true
		go c.drain()
	}
}

// maxWrite bounds what is put together for one system call.
const maxWrite = 64 << 10

var wire = sync.Pool{New: func() any { return new([]byte) }}

// drain writes what waits, many frames in one system call: to a thousand sockets the calls are what costs. It writes beside
// gorilla, whose own writes on a server's connection are control frames only, each of them one Write, as each of ours is
// whole frames: a connection takes one Write at a time, so none is torn.
func (c *Conn) drain() {
	buf := wire.Get().(*[]byte)
	defer wire.Put(buf)
	conn := c.ws.NetConn()
	frames, bytes := 0, 0
	for {
		*buf = (*buf)[:0]
		if frames, bytes, *buf = c.next(frames, bytes, *buf); frames == 0 {
			break
		}
		_ = conn.SetWriteDeadline(time.Now().Add(c.opt.WriteTimeout))
		if _, err := conn.Write(*buf); err != nil {
			c.writeFailed()
			break
		}
	}
	if cap(*buf) > maxWrite*2 {
		*buf = nil
	}
}

// next accounts for the frames just written and puts the ones to write now into buf; none ends the writer. What is queued
// when the connection closes is not written: it would only delay the close frame.
func (c *Conn) next(writtenFrames, writtenBytes int, buf []byte) (frames, bytes int, _ []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.frames -= writtenFrames
	c.bytes -= writtenBytes
	if c.room != nil && writtenFrames > 0 {
		close(c.room)
		c.room = nil
	}
	if c.closing || len(c.queue) == 0 {
		c.writing, c.queue = false, nil
		return 0, 0, buf
	}
	for _, f := range c.queue {
		if frames > 0 && bytes+len(f.Data) > maxWrite {
			break
		}
		buf = appendMessage(buf, f)
		frames++
		bytes += len(f.Data)
	}
	clear(c.queue[:frames]) // the array lives on while frames keep coming
	c.queue = c.queue[frames:]
	return frames, bytes, buf
}

// appendMessage puts a message on the wire as a server does: one final frame, not masked (RFC 6455 5.2).
func appendMessage(b []byte, f *Frame) []byte {
	const final, text, binaryCode = 0x80, 1, 2
	op := byte(final | text)
	if f.Binary {
		op = final | binaryCode
	}
	b = append(b, op)
	switch n := len(f.Data); {
	case n <= 125:
		b = append(b, byte(n))
	case n <= 0xffff:
		b = binary.BigEndian.AppendUint16(append(b, 126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, 127), uint64(n))
	}
	return append(b, f.Data...)
}

// writeFailed ends the connection: a write error is final, the stream may be cut inside a frame. Except when the close frame has just been sent: then the
// peer has its second to answer, and goodbye ends the connection.
func (c *Conn) writeFailed() {
	c.mu.Lock()
	closing := c.closing
	c.mu.Unlock()
	if !closing {
		c.end()
	}
}

// Close says why and ends the connection: the close frame is written, the peer gets a second to answer. What was
// queued and not yet written is lost; the peer resumes by its position. It waits at most three seconds.
func (c *Conn) Close(code int, reason string) {
	c.mu.Lock()
	if c.closing {
		c.mu.Unlock()
		return
	}
	c.closing, c.queue = true, nil
	c.mu.Unlock()
	c.goodbye(code, reason, 3*time.Second)
}

// goodbye writes the close frame as soon as the writer has finished the frame it is at, for which it waits as long as patience.
func (c *Conn) goodbye(code int, reason string, patience time.Duration) {
	const answer = time.Second
	reason = strings.ToValidUTF8(reason[:min(len(reason), 120)], "") // RFC 6455 5.5: 125 bytes with the code; the cut may be in a rune
	message := websocket.FormatCloseMessage(code, reason)
	if err := c.ws.WriteControl(websocket.CloseMessage, message, time.Now().Add(patience)); err != nil {
		c.end() // the peer takes nothing any more
		return
	}
	_ = c.ws.SetReadDeadline(time.Now().Add(answer)) // the reader sees the peer's close frame, or this deadline
	time.AfterFunc(answer, c.end)
}

func (c *Conn) end() {
	c.mu.Lock()
	if c.ended {
		c.mu.Unlock()
		return
	}
	c.ended, c.closing, c.queue = true, true, nil
	c.ping.Stop()
	c.mu.Unlock()
	_ = c.ws.Close()
	close(c.done)
}
