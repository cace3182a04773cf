package centralita

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"time"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
	"github.com/centralita/centralita/persistence/badger"
	"github.com/centralita/centralita/persistence/blobfs"
	"github.com/centralita/centralita/persistence/search"
)

// attachments are the blobs of a data directory as connectors see them.
type attachments struct{ persistence.Blobs }

func openBlobs(dir string) (attachments, error) {
	b, err := blobfs.Open(dir)
	return attachments{b}, err
}

// Put implements channels.Blobs.
func (a attachments) Put(ctx context.Context, r io.Reader, limit int64) (string, int64, error) {
	hash, size, err := a.Blobs.Put(ctx, r, limit)
	if errors.Is(err, persistence.ErrBlobTooLarge) {
		err = fmt.Errorf("%w: more than %d bytes", channels.ErrTooLarge, limit)
	}
	return hash, size, err
}

// Backup writes the journal and all attachments to w while the engine works: the archive holds everything that was durable when
// the call began. The secret key is not in it.
func (e *Engine) Backup(ctx context.Context, w io.Writer) error {
	a := persistence.Archive{Journal: e.store, MadeAt: time.Now().UTC()}
	blobs, can := e.blobs.(persistence.Blobs)
	if !can {
		return errors.New("back up: the Blobs handed in cannot be listed")
	}
	a.Blobs = blobs
	_, err := persistence.WriteArchive(ctx, w, a)
	return err
}

// Backup writes an archive of a data directory, whether a desk runs on it (then the desk does it, see Engine.ServeControl) or not.
func Backup(ctx context.Context, opt Options, w io.Writer) (err error) {
	if opt, err = opt.withDefaults(); err != nil {
		return err
	}
	if running, err := backupOfRunning(ctx, opt.DataDir, w); running {
		return err
	}
	if _, err := os.Stat(journalDir(opt.DataDir)); err != nil {
		return fmt.Errorf("back up %s: there is no journal in it", opt.DataDir)
	}
	store, err := badger.Open(journalDir(opt.DataDir), badger.Options{Logger: opt.Logger})
	if err != nil {
		return wrap("open the journal", err)
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	blobs, err := openBlobs(blobDir(opt.DataDir))
	if err != nil {
		return wrap("open the attachments", err)
	}
	_, err = persistence.WriteArchive(ctx, w, persistence.Archive{Journal: store, Blobs: blobs, MadeAt: time.Now().UTC()})
	return err
}

// Restore makes a data directory, which must be empty or not there, out of an archive. It gives the number of records. The history
// gets a new epoch, so that screens of the old one read everything again.
func Restore(ctx context.Context, opt Options, r io.Reader) (records int, err error) {
	if opt, err = opt.withDefaults(); err != nil {
		return 0, err
	}
	files, err := os.ReadDir(opt.DataDir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, wrap("restore", err)
	}
	if len(files) > 0 {
		return 0, fmt.Errorf("restore into %s: it is not empty; name a new directory with --data", opt.DataDir)
	}
	if err := os.MkdirAll(opt.DataDir, 0o700); err != nil {
		return 0, wrap("restore", err)
	}
	blobs, err := openBlobs(blobDir(opt.DataDir))
	if err != nil {
		return 0, wrap("restore the attachments", err)
	}
	found, err := persistence.ReadArchive(ctx, r, persistence.Restore{
		Blobs: blobs,
		Journal: func(records iter.Seq2[desk.Record, error]) error {
			return badger.Restore(ctx, journalDir(opt.DataDir), records, badger.Options{Logger: opt.Logger})
		},
	})
	if err != nil {
		// What was read before the fault is of no use, and the directory was empty or ours.
		return 0, errors.Join(err, os.RemoveAll(opt.DataDir))
	}
	return int(found.Head), nil
}

// ReindexSearch throws the search index of a stopped desk away and builds it from the journal. It gives the number of records.
func ReindexSearch(ctx context.Context, opt Options) (records int, err error) {
	if opt, err = opt.withDefaults(); err != nil {
		return 0, err
	}
	if _, err := os.Stat(journalDir(opt.DataDir)); err != nil {
		return 0, fmt.Errorf("reindex %s: there is no journal in it", opt.DataDir)
	}
	store, err := badger.Open(journalDir(opt.DataDir), badger.Options{Logger: opt.Logger})
	if err != nil {
		return 0, wrap("open the journal", err)
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	if err := os.RemoveAll(searchDir(opt.DataDir)); err != nil {
		return 0, wrap("throw the search index away", err)
	}
	index, err := search.Open(store, search.Options{Dir: searchDir(opt.DataDir), Logger: opt.Logger})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, index.Close()) }()
	return int(store.Head()), index.CatchUp(ctx)
}

// Reindex throws the index of a stopped desk away and folds the journal into a new one. It gives the number of records.
func Reindex(ctx context.Context, opt Options) (records int, err error) {
	if opt, err = opt.withDefaults(); err != nil {
		return 0, err
	}
	if _, err := os.Stat(journalDir(opt.DataDir)); err != nil {
		return 0, fmt.Errorf("reindex %s: there is no journal in it", opt.DataDir)
	}
	if err := badger.Reindex(ctx, journalDir(opt.DataDir), badger.Options{Logger: opt.Logger}); err != nil {
		return 0, err
	}
	store, err := badger.Open(journalDir(opt.DataDir), badger.Options{Logger: opt.Logger})
	if err != nil {
		return 0, wrap("open the journal", err)
	}
	return int(store.Head()), store.Close()
}
