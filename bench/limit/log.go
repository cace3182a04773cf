// Package limit is what the machine gives without the engine: appends to a bare file, a bare Badger, a bare broadcast to
// sockets, reads of a file in memory. Benchmarks take turns with it.
package limit

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"syscall"
)

// Log is what the disk can do: one goroutine takes whatever waits, writes it behind each other into a preallocated file, and
// makes all of it durable with one fdatasync. At the end of the file it begins anew. Its blocks are reserved and not written
// before, as those of anything that only grows are; over blocks that were, the same disk is half as fast again.
type Log struct {
	file  *os.File
	size  int64
	at    int64
	calls chan appendCall
	over  chan struct{}
	noise []byte
}

type appendCall struct {
	size int
	done chan<- error
}

// OpenLog makes a log of so many bytes.
func OpenLog(file string, size int64) (*Log, error) {
	f, err := os.Create(file)
	if err != nil {
		return nil, fmt.Errorf("make a raw log: %w", err)
	}
	l := &Log{file: f, size: max(size, 4<<20), calls: make(chan appendCall, 4096), over: make(chan struct{}), noise: make([]byte, 64<<10)}
	for i := range l.noise {
		l.noise[i] = byte(rand.Uint32())
	}
	if err := l.reserve(); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	go l.write()
	return l, nil
}

// reserve gives the file fresh blocks.
func (l *Log) reserve() error {
	err := l.file.Truncate(0)
	if err == nil {
		err = syscall.Fallocate(int(l.file.Fd()), 0, 0, l.size)
	}
	if err == nil {
		err = l.file.Sync()
	}
	if err != nil {
		return fmt.Errorf("reserve room for a raw log: %w", err)
	}
	return nil
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
		err := l.sync(buf)
		for _, c := range group {
			c.done <- err
		}
	}
}

func (l *Log) sync(buf []byte) error {
	if l.at+int64(len(buf)) > l.size {
		if err := l.reserve(); err != nil {
			return err
		}
		l.at = 0
	}
	if _, err := l.file.WriteAt(buf, l.at); err != nil {
		return err
	}
	l.at += int64(len(buf))
	return syscall.Fdatasync(int(l.file.Fd()))
}

// Close ends the writer.
func (l *Log) Close() error {
	close(l.calls)
	<-l.over
	return l.file.Close()
}
