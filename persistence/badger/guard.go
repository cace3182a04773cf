package badger

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/centralita/centralita/persistence"
)

// guard watches the room on the disk: Badger writes into mapped files, and a process that does so on a full disk
// dies of SIGBUS. Whoever asks may look at the disk: with nothing to write the writer does not.
type guard struct {
	mu   sync.Mutex // guards look, full and the reserve file
	dir  string
	o    Options
	log  *slog.Logger
	now  func() time.Time
	look time.Time // when the room was looked at
	full bool

	damaged atomic.Bool // set by verifyTables
}

const (
	guardPause  = 5 * time.Millisecond // a look takes a microsecond, and what others write between two looks is not seen
	openingRoom = 1 << 20              // what Badger writes at once when it opens
	reserveFile = "RESERVE"
)

func newGuard(dir string, o Options) *guard {
	return &guard{dir: dir, o: o, log: o.Logger, now: time.Now}
}

// check is nil when there is room to write. It looks at the disk now and then.
func (g *guard) check() error {
	if g.damaged.Load() {
		return persistence.ErrDamaged
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.now()
	if now.Sub(g.look) >= guardPause {
		g.look = now
		g.observe()
	}
	if g.full {
		return persistence.ErrDiskFull
	}
	return nil
}

// observe takes and gives the all-clear. It comes a little later than the alarm, so that they do not alternate.
func (g *guard) observe() {
	free, err := g.o.FreeSpace(g.dir)
	switch {
	case err != nil:
		g.log.Warn("the free space of the disk is not known", "error", err)
	case !g.full && free < g.o.Reserve:
		g.full = true
		g.log.Error("the disk is nearly full: the journal takes nothing new", "dir", g.dir, "free", free, "reserve", g.o.Reserve)
	case g.full && free >= g.o.Reserve+g.o.Reserve/8:
		g.full = false
		g.log.Info("there is room on the disk again: the journal goes on", "dir", g.dir, "free", free)
		g.keepReserve(free)
	}
	if g.full && free < g.o.Reserve/2 {
		g.giveReserve(g.o.ReserveFile / 2) // tables that are being written need room; the next start will need some, too
	}
}

// makeRoom prepares the opening: Badger needs room for that, and a full disk must not keep it from it. When there is none left
// to give, that is an error here and not a fault inside a mapped file.
func (g *guard) makeRoom() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	free, err := g.o.FreeSpace(g.dir)
	switch {
	case err != nil:
		g.log.Warn("the free space of the disk is not known", "error", err)
	case free >= g.o.Reserve:
		g.keepReserve(free)
	case !g.giveReserve(0) && free < openingRoom:
		return fmt.Errorf("%w: make some room in %s, 1 MB at least, and start again; nothing is lost", persistence.ErrDiskFull, g.dir)
	}
	return nil
}

// keepReserve makes the reserve file if it is not there and there is room for it.
func (g *guard) keepReserve(free uint64) {
	path := filepath.Join(g.dir, reserveFile)
	if info, err := os.Stat(path); err == nil && info.Size() >= g.o.ReserveFile || g.o.ReserveFile < 0 || free < g.o.Reserve+uint64(g.o.ReserveFile) {
		return
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		err = allocate(f, g.o.ReserveFile)
		_ = f.Close() // nothing was written to it
	}
	if err != nil {
		g.log.Warn("no room is reserved for a full disk", "file", path, "error", err)
		_ = os.Remove(path)
	}
}

// giveReserve frees the reserve file's room, but for so many bytes, and reports whether there was any.
func (g *guard) giveReserve(keep int64) bool {
	path := filepath.Join(g.dir, reserveFile)
	info, err := os.Stat(path)
	if err != nil || info.Size() <= keep {
		return false
	}
	if keep > 0 {
		err = os.Truncate(path, keep)
	} else {
		err = os.Remove(path)
	}
	if err == nil {
		g.log.Warn("the disk is full: the reserve file was given up", "file", path, "kept", keep)
	}
	return err == nil
}
