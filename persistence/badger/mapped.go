package badger

import (
	"context"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Badger maps its tables into memory, and what was written or read through a mapping stays resident until the kernel
// is short of memory. The store lets go of the oldest tables' pages itself, so that what the process holds does not grow
// with what is on the disk.
const (
	mappedResident = 64 << 20 // of files that may stay, the program's own among them
	mappedGrowth   = 32 << 20 // beyond what the last look left, before the next one: what is given back and read again comes from the disk
	mappedPause    = 500 * time.Millisecond
)

// mapping is a piece of a mapped file.
type mapping struct {
	start, size uintptr
	file        string
}

const pieceSize = 4 << 20 // given back at once

// limitMapped gives back pages of mapped tables, when there are many more than the last time.
func (s *Store) limitMapped(ctx context.Context) {
	tick := time.NewTicker(mappedPause)
	defer tick.Stop()
	left := uint64(0) // by the last look; other files of the process count, too, and stay
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now := residentFiles()
		left = min(left, now)
		if now > max(mappedResident, left+mappedGrowth) {
			letGo(s.dir, mappedResident, s.log)
			left = residentFiles()
		}
	}
}

// letGo gives back pages of dir, the oldest first, until those of all files that are mapped are within the limit. How much of which file
// is resident is not asked: the kernel would walk through all memory of the process for the answer, and who maps or frees some waits.
func letGo(dir string, limit uint64, log *slog.Logger) (freed uint64) {
	before := residentFiles()
	if before <= limit {
		return 0
	}
	all, err := mappings()
	if err != nil {
		log.Debug("the mapped files are not known", "error", err)
		return 0
	}
	now := before
	for _, m := range pieces(all, dir) {
		if now <= limit {
			break
		}
		if giveBack(m) == nil {
			now = residentFiles()
		}
	}
	return before - min(now, before)
}

// pieces are what may be given back, in this order: value logs before tables, which are read more, and what is older, by its number,
// first. Not the end of the newest value log: it is being written, and its last page would have to be read again first.
func pieces(all []mapping, dir string) (some []mapping) {
	var logs, tables []mapping
	for _, m := range all {
		if filepath.Dir(m.file) != filepath.Clean(dir) {
			continue
		}
		switch filepath.Ext(m.file) {
		case ".vlog":
			logs = append(logs, m)
		case ".sst":
			tables = append(tables, m)
		}
	}
	byNumber := func(a, b mapping) int { return strings.Compare(a.file, b.file) } // of one length
	slices.SortFunc(logs, byNumber)
	slices.SortFunc(tables, byNumber)
	if n := len(logs); n > 0 {
		logs[n-1].size = min(logs[n-1].size, written(logs[n-1].file)/pieceSize*pieceSize)
	}
	for _, m := range append(logs, tables...) {
		for at := uintptr(0); at < m.size; at += pieceSize {
			some = append(some, mapping{m.start + at, min(pieceSize, m.size-at), m.file})
		}
	}
	return some
}
