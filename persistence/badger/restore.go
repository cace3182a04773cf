package badger

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
)

// Restore makes a store in dir, which must be empty or not there, from the records of another one: an archive's
// (persistence.ReadArchive) or a store's own Tail. It has a new epoch: positions kept elsewhere are void. Nothing is in dir
// until all is.
func Restore(ctx context.Context, dir string, records iter.Seq2[desk.Record, error], o Options) (err error) {
	if err := wantEmpty(dir); err != nil {
		return fmt.Errorf("restore into %s: %w", dir, err)
	}
	draftDir := filepath.Clean(dir) + ".restoring"
	if err := os.RemoveAll(draftDir); err != nil {
		return fmt.Errorf("restore into %s: %w", dir, err)
	}
	if err := restoreInto(ctx, draftDir, records, o); err != nil {
		return fmt.Errorf("restore into %s: %w", dir, errors.Join(err, os.RemoveAll(draftDir)))
	}
	if err := os.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("restore into %s: %w", dir, err)
	}
	err = os.Rename(draftDir, dir)
	if err == nil {
		err = syncDir(filepath.Dir(dir))
	}
	if err != nil {
		return fmt.Errorf("restore into %s: %w", dir, err)
	}
	return nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func wantEmpty(dir string) error {
	files, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case len(files) > 0:
		return errors.New("it is not empty")
	}
	return nil
}

func restoreInto(ctx context.Context, dir string, records iter.Seq2[desk.Record, error], o Options) (err error) {
	o = o.withDefaults()
	s := &Store{dir: dir, o: o, log: o.Logger, guard: newGuard(dir, o)}
	if err := s.open(); err != nil {
		return err
	}
	defer func() {
		s.views.close()
		err = errors.Join(err, s.db.Close())
	}()
	d := newDraft(s)
	defer d.release()
	for r, err := range records {
		if err == nil {
			err = ctx.Err()
		}
		if err == nil {
			err = d.restore(r)
		}
		if err != nil {
			return err
		}
	}
	return d.commit()
}

// restore adds a record that has its place already.
func (d *draft) restore(r desk.Record) error {
	h, err := d.head(desk.StreamID(r.Stream))
	if err != nil {
		return err
	}
	if desk.Position(r.Position) != d.next+1 || r.Version != h.version+1 {
		return fmt.Errorf("version %d of %s at position %d is out of order", r.Version, r.Stream, r.Position)
	}
	b, err := persistence.EncodeRecord(r)
	if err != nil {
		return err
	}
	if err := d.add(r, b); err != nil {
		return err
	}
	return d.pace()
}
