// Package limit is what the machine gives without the engine: appends to a bare file, a bare Badger, a bare broadcast to
// sockets, reads of a file in memory. Benchmarks take turns with it.
package limit

import (
	"fmt"
	"math/rand/v2"
	"os"
	"syscall"
)

// Log is what the disk can do: one goroutine takes whatever waits, writes it behind each other into a file whose blocks
// are there already, and makes all of it durable with one fdatasync. It wraps around at the end of the file.
type Log struct {
	file  *os.File
	size  int64
	calls chan appendCall
	over  chan struct{}
	noise []byte
}

type appendCall struct {
	size int
	done chan<- error
}

// OpenLog makes a log of so many bytes. It writes them: blocks that were only promised would cost a change of metadata each.
func OpenLog(file string, size int64) (*Log, error) {
	f, err := os.Create(file)
	if err != nil {
		return nil, fmt.Errorf("make a raw log: %w", err)
	}
	l := &Log{file: f, size: max(size, 4<<20), calls: make(chan appendCall, 4096), over: make(chan struct{}), noise: make([]byte, 64<<10)}
	for i := range l.noise {
		l.noise[i] = byte(rand.Uint32())
	}
	for at := int64(0); at < l.size && err == nil; at += int64(len(l.noise)) {
		_, err = f.WriteAt(l.noise, at)
	}
	if err == nil {
		err = f.Sync()
	}
	if err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("fill a raw log: %w", err)
	}
	go l.write()
	return l, nil
}

// Append returns when so many bytes are durable.
func (l *Log) Append(size int) error {
	done := make(chan error, 1)
	l.calls <- appendCall{size, done}
	return <-done
}

func (l *Log) write() {
	defer close(l.over)
	var group []appendCall
	buf := make([]byte, 0, 1<<20)
	at := int64(0)
	for c := range l.calls {
		group, buf = append(group[:0], c), buf[:0]
		for len(l.calls) > 0 {
			group = append(group, <-l.calls)
		}
		for _, c := range group {
			for left := c.size; left > 0; left -= len(l.noise) {
				buf = append(buf, l.noise[:min(left, len(l.noise))]...)
			}
		}
		if at+int64(len(buf)) > l.size {
			at = 0
		}
		_, err := l.file.WriteAt(buf, at)
		if err == nil {
			err = syscall.Fdatasync(int(l.file.Fd()))
		}
		at += int64(len(buf))
		for _, c := range group {
			c.done <- err
		}
	}
}

// Close ends the writer.
func (l *Log) Close() error {
	close(l.calls)
	<-l.over
	return l.file.Close()
}
