package badger

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	bdg "github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
)

// Sizes chosen for a small machine (docs/performance.md). What a memtable costs is several times its size: its arena, the
// file it is mapped to, and builders of tables that Badger keeps for reuse, each as large as the largest table so far.
const (
	memTable     = 16 << 20 // a transaction may have 15 % of it
	memTables    = 2
	baseTable    = 4 << 20
	valueLogFile = 64 << 20
	// inTree is the size from which a value lives in the value log: most records, few rows. A record is written
	// there once, and not again with every compaction, which costs a third of the time and half of the memory.
	inTree = 512
)

// settings are Badger's options. SyncWrites is never negotiable: off plus Sync loses acknowledged events when a
// memtable rotates.
func settings(dir string, log bdg.Logger) bdg.Options {
	return bdg.DefaultOptions(dir).
		WithSyncWrites(true).
		WithDetectConflicts(false). // there is one writer
		WithNumVersionsToKeep(1).
		WithMemTableSize(memTable).
		WithNumMemtables(memTables).
		WithBaseTableSize(baseTable).
		WithNumCompactors(2).
		WithNumLevelZeroTables(4).
		WithNumLevelZeroTablesStall(12).
		WithValueLogFileSize(valueLogFile).
		WithValueThreshold(inTree).
		WithCompression(options.None).
		WithBlockCacheSize(0).
		WithIndexCacheSize(0).
		WithMetricsEnabled(false).
		WithChecksumVerificationMode(options.OnBlockRead). // a damaged block is an error, not a key that is not there
		WithLogger(log)
}

// logger takes Badger's own words: its progress is of interest only when something is looked for.
type logger struct {
	*slog.Logger
	unsynced *atomic.Bool
}

// Errorf implements bdg.Logger. That the value log could not be synced is a thing Badger says in its log only; the
// transaction succeeds. It must not, for us: see Store.commitNow.
func (l logger) Errorf(f string, a ...any) {
	if strings.HasPrefix(f, "Error while curlf sync") {
		l.unsynced.Store(true)
	}
	l.Error(strings.TrimSpace(fmt.Sprintf(f, a...)))
}

func (l logger) Warningf(f string, a ...any) { l.Warn(strings.TrimSpace(fmt.Sprintf(f, a...))) }
func (l logger) Infof(f string, a ...any)    { l.Debug(strings.TrimSpace(fmt.Sprintf(f, a...))) }
func (l logger) Debugf(string, ...any)       {}

func (s *Store) open() (err error) {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return err
	}
	if err := s.guard.makeRoom(); err != nil {
		return err
	}
	if err := setAside(s.dir, s.log); err != nil {
		return err
	}
	if s.db, err = s.openDB(); err != nil {
		if lockedOut(err) {
			return fmt.Errorf("another process has it open: stop that one first, or choose another directory (%w)", err)
		}
		if strings.Contains(err.Error(), "checksum mismatch") {
			return damage(err)
		}
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.db.Close())
		}
	}()
	if err := s.verifySmall(); err != nil {
		return err
	}
	s.views.init(s.db)
	head, err := s.lastPosition()
	if err != nil {
		return err
	}
	s.ring = newRing(head)
	if err := s.readEpoch(head); err != nil {
		return err
	}
	return s.renewIndex()
}

// openDB opens the database. The lock may be held for a moment longer: by the kernel, for a process that was just killed, or
// by a child that another goroutine forked and that has not begun to run its program.
func (s *Store) openDB() (db *bdg.DB, err error) {
	const tries, pause = 10, 50 * time.Millisecond
	for range tries {
		db, err = bdg.OpenManaged(settings(s.dir, logger{s.log.With("part", "badger"), &s.unsynced}))
		if err == nil || !lockedOut(err) {
			return db, err
		}
		timer := time.NewTimer(pause)
		<-timer.C
	}
	return nil, err
}

func lockedOut(err error) bool { return strings.Contains(err.Error(), "Cannot acquire directory lock") }

// verifyAtOnce is how many bytes of tables are verified before a store is opened; more are verified beside the work, so
// that opening does not grow with history.
const verifyAtOnce = 64 << 20

// verifySmall finds out whether the tables are what was written. Badger takes a damaged block for one in which a key is not, and
// a stream whose head is not there for an empty one: that must never be written on.
func (s *Store) verifySmall() error {
	size := int64(0)
	for _, t := range s.db.Tables() {
		size += int64(t.OnDiskSize)
	}
	if s.large = size > verifyAtOnce; s.large {
		return nil
	}
	return damage(s.verifyTables())
}

func damage(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w, restore a backup: %w", persistence.ErrDamaged, err)
}

// verifyTables reads every table. Badger panics where it should say that a block cannot be read.
func (s *Store) verifyTables() (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = errors.New("a table cannot be read")
		}
	}()
	return s.db.VerifyChecksum()
}

// verifyLarge does the same for a large store while it works; one that is damaged takes nothing more.
func (s *Store) verifyLarge(ctx context.Context) {
	if !s.large || ctx.Err() != nil {
		return
	}
	if err := s.verifyTables(); err != nil && ctx.Err() == nil {
		s.guard.damaged.Store(true)
		s.log.Error("the store is damaged and takes nothing more: restore a backup", "dir", s.dir, "err", err)
	}
}

// setAside moves empty log files away: a power cut can leave one behind, and Badger refuses to open over it. There is
// nothing in it to lose.
func setAside(dir string, log *slog.Logger) error {
	memtables, err := filepath.Glob(filepath.Join(dir, "*.mem"))
	if err != nil {
		return err
	}
	values, err := filepath.Glob(filepath.Join(dir, "*.vlog"))
	if err != nil {
		return err
	}
	for _, file := range append(memtables, values...) {
		info, err := os.Stat(file)
		if err != nil {
			return err
		}
		if info.Size() > 0 {
			continue
		}
		aside := filepath.Join(dir, "aside")
		if err := os.MkdirAll(aside, 0o700); err != nil {
			return err
		}
		to := filepath.Join(aside, fmt.Sprintf("%s.%d", filepath.Base(file), time.Now().UnixNano()))
		if err := os.Rename(file, to); err != nil {
			return err
		}
		log.Warn("an empty file, left by a power cut, was moved aside", "file", file, "to", to)
	}
	return nil
}

// Notes of the store.
var (
	noteEpoch = []byte{kindNote, 'e'}
	noteIndex = []byte{kindNote, 'i'} // persistence.ProjectionFormat of the index, 0 while it is being rebuilt
)

// readEpoch reads the name of this history, or makes one. A journal that ends before its watermark lost what was
// acknowledged: positions that others keep may name other records from now on, so it is another history.
func (s *Store) readEpoch(head desk.Position) error {
	v, err := s.get(noteEpoch)
	if err != nil {
		return err
	}
	mark := s.readWatermark()
	if mark > head {
		s.log.Error("the end of the journal is lost: the disk gave back less than was acknowledged",
			"acknowledged", mark, "found", head)
		v = nil
	}
	if s.epoch = string(v); s.epoch != "" {
		return nil
	}
	s.epoch = newEpoch()
	return s.note(noteEpoch, []byte(s.epoch))
}

// renewIndex rebuilds an index that another version made, or whose rebuilding was interrupted.
func (s *Store) renewIndex() error {
	v, err := s.get(noteIndex)
	if err != nil {
		return err
	}
	if len(v) == 8 && binary.BigEndian.Uint64(v) == persistence.ProjectionFormat {
		return nil
	}
	if s.ring.Head() > 0 {
		s.log.Warn("the index is rebuilt from the journal", "records", s.ring.Head())
	}
	return s.rebuild(context.Background())
}

func (s *Store) note(key, value []byte) error {
	b := newBatch()
	b.Set(key, value)
	return s.commitNow(b)
}

const watermarkFile = "HEAD"

// keepWatermark notes the head beside the database, now and then, without syncing: see readEpoch.
func (s *Store) keepWatermark(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	var noted desk.Position
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if head := s.Head(); head != noted {
				if err := s.writeWatermark(); err != nil {
					s.log.Warn("the journal's watermark was not written", "error", err)
				}
				noted = head
			}
		}
	}
}

// writeWatermark writes over the old one, which has the same length: a file that is cut and written anew gives the file system work that
// the next commit's sync has to wait for.
func (s *Store) writeWatermark() error {
	f, err := os.OpenFile(filepath.Join(s.dir, watermarkFile), os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(f, "%020d\n", s.Head())
	return errors.Join(err, f.Close())
}

func (s *Store) readWatermark() (head desk.Position) {
	b, err := os.ReadFile(filepath.Join(s.dir, watermarkFile))
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			s.log.Warn("the journal's watermark cannot be read", "error", err)
		}
		return 0
	}
	if _, err := fmt.Sscanf(string(b), "%020d\n", &head); err != nil {
		return 0 // cut off by a power cut
	}
	return head
}
