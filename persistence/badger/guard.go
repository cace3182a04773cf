package badger

import (
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/centralita/centralita/persistence"
)

// guard watches the room on the disk: Badger writes into mapped files, and a process that does so on a full disk
// dies of SIGBUS. Its methods are called by one goroutine at a time.
type guard struct {
	dir  string
	o    Options
	log  *slog.Logger
	now  func() time.Time
	look time.Time // when the room was looked at
	full bool

	damaged atomic.Bool // set by verifyTables
}

const (
	guardPause  = 200 * time.Millisecond
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
		g.giveReserve()
	}
}

// makeRoom prepares the opening: Badger needs room for that, and a full disk must not keep it from it.
func (g *guard) makeRoom() {
	free, err := g.o.FreeSpace(g.dir)
	if err != nil {
		g.log.Warn("the free space of the disk is not known", "error", err)
		return
	}
	if free < g.o.Reserve {
		g.giveReserve()
		return
	}
	g.keepReserve(free)
}

// keepReserve makes the reserve file if it is not there and there is room for it.
func (g *guard) keepReserve(free uint64) {
	path := filepath.Join(g.dir, reserveFile)
	if _, err := os.Stat(path); err == nil || g.o.ReserveFile < 0 || free < g.o.Reserve+uint64(g.o.ReserveFile) {
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

// giveReserve frees the reserve file's room.
func (g *guard) giveReserve() {
	path := filepath.Join(g.dir, reserveFile)
	if err := os.Remove(path); err == nil {
		g.log.Warn("the disk is full: the reserve file was given up", "file", path)
	}
}
