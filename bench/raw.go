package bench

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"
)

// rawLog is what the disk can do: one goroutine takes whatever waits, writes it behind each other into a file whose blocks
// are there already, and makes all of it durable with one fdatasync. It wraps around at the end of the file.
type rawLog struct {
	file  *os.File
	calls chan rawCall
	over  chan struct{}
	noise []byte
}

type rawCall struct {
	size int
	done chan<- error
}

const rawLogSize = 128 << 20

// newRawLog makes the file by writing it: blocks that were only promised would cost a change of metadata each.
func newRawLog(dir string) (*rawLog, error) {
	f, err := os.Create(filepath.Join(dir, "raw"))
	if err != nil {
		return nil, fmt.Errorf("make the raw log: %w", err)
	}
	l := &rawLog{file: f, calls: make(chan rawCall, 4096), over: make(chan struct{}), noise: make([]byte, 64<<10)}
	for i := range l.noise {
		l.noise[i] = byte(rand.Uint32())
	}
	for at := int64(0); at < rawLogSize && err == nil; at += int64(len(l.noise)) {
		_, err = f.WriteAt(l.noise, at)
	}
	if err == nil {
		err = f.Sync()
	}
	if err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("fill the raw log: %w", err)
	}
	go l.write()
	return l, nil
}

// append returns when so many bytes are durable.
func (l *rawLog) append(size int) error {
	done := make(chan error, 1)
	l.calls <- rawCall{size, done}
	return <-done
}

func (l *rawLog) write() {
	defer close(l.over)
	var group []rawCall
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
		if at+int64(len(buf)) > rawLogSize {
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

func (l *rawLog) close() error {
	close(l.calls)
	<-l.over
	return l.file.Close()
}
