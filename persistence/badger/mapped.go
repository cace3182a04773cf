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
	mappedResident = 64 << 20 // of files that may stay
	mappedGrowth   = 32 << 20 // beyond what the last look left, before the next one: a look costs 10 ms of a core
	mappedPause    = 500 * time.Millisecond
)

// mapping is a mapped file.
type mapping struct {
	start, size uintptr
	resident    uint64
	file        string
}

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

// letGo gives back pages of the oldest tables in dir until those of all that are mapped are within the limit.
func letGo(dir string, limit uint64, log *slog.Logger) (freed uint64) {
	if residentFiles() <= limit {
		return 0
	}
	all, err := mappings()
	if err != nil {
		log.Debug("the mapped files are not known", "error", err)
		return 0
	}
	total := uint64(0)
	tables := slices.DeleteFunc(all, func(m mapping) bool {
		total += m.resident
		return filepath.Dir(m.file) != filepath.Clean(dir) || !strings.HasSuffix(m.file, ".sst") && !strings.HasSuffix(m.file, ".vlog")
	})
	// Their names are numbers of one length: the oldest come first, and are the last that a compaction will want.
	slices.SortFunc(tables, func(a, b mapping) int { return strings.Compare(a.file, b.file) })
	for _, m := range tables {
		if total <= limit+freed {
			break
		}
		if m.resident > 0 && giveBack(m) == nil {
			freed += m.resident
		}
	}
	return freed
}
