package limit

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"time"
)

// Pages is a file in memory, and a raw log beside it.
type Pages struct {
	file *os.File
	log  *Log
	size int64
	buf  []byte
}

const streamsInPages = 500

// OpenPages makes a file that holds many streams of so many bytes.
func OpenPages(file string, stream int, log *Log) (*Pages, error) {
	f, err := os.Create(file)
	if err != nil {
		return nil, fmt.Errorf("make a file of records: %w", err)
	}
	p := &Pages{file: f, log: log, size: int64(stream * streamsInPages), buf: make([]byte, stream)}
	for range streamsInPages {
		if _, err := f.Write(p.buf); err != nil {
			return nil, errors.Join(err, f.Close())
		}
	}
	return p, nil
}

// Read reads so many records, each with a call of its own, and then perhaps appends one.
func (p *Pages) Read(records, size int, andAppend bool) (time.Duration, error) {
	at := time.Now()
	for range records {
		if _, err := p.file.ReadAt(p.buf[:size], rand.Int64N(p.size-int64(size))); err != nil {
			return 0, err
		}
	}
	if andAppend {
		if err := p.log.Append(size); err != nil {
			return 0, err
		}
	}
	return time.Since(at), nil
}

// Close closes the file; the log is the caller's.
func (p *Pages) Close() error { return p.file.Close() }
