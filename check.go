package centralita

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/centralita/centralita/actors"
	"github.com/centralita/centralita/persistence/badger"
)

// Check opens the data directory of a stopped desk, compares the index with the journal and tests the connection of every
// channel that is on. report is told each check and its fault, nil when there is none. It gives the number of checks; an
// error means that they could not be made.
func Check(ctx context.Context, opt Options, perChannel time.Duration, report func(what string, fault error)) (n int, err error) {
	opt, err = opt.withDefaults()
	if err != nil {
		return 0, err
	}
	tell := func(what string, fault error) { n++; report(what, fault) }
	if _, err := os.Stat(journalDir(opt.DataDir)); err != nil {
		tell("data directory", fmt.Errorf("there is no desk in %s yet", opt.DataDir))
		return n, nil
	}
	store, err := badger.Open(journalDir(opt.DataDir), badger.Options{Logger: opt.Logger})
	if err != nil {
		tell("journal", err)
		return n, nil
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	tell("journal of "+fmt.Sprint(store.Head())+" records", store.Verify(ctx))
	diffs, err := store.CompareIndex(ctx)
	if err != nil {
		tell("index", err)
	} else {
		tell("index equals the journal", differ(diffs))
	}
	v, err := opt.existingVault()
	tell("secret key", err)
	if err != nil {
		return n, nil
	}
	blobs, err := openBlobs(blobDir(opt.DataDir))
	if err != nil {
		return n, wrap("open the attachments", err)
	}
	rows, err := store.Index().Channels()
	if err != nil {
		return n, wrap("read the channels", err)
	}
	signIns, err := opt.OAuth.signIns(store.Index(), v)
	if err != nil {
		return n, err
	}
	checker := actors.NewChecker(actors.Config{Store: store, Blobs: blobs, Vault: v, Keys: v.Derive("replies"), Kinds: kinds(opt.Connectors, signIns), Logger: opt.Logger, MailDomain: opt.mailDomain()})
	for _, row := range rows {
		if !row.On {
			continue
		}
		limited, cancel := context.WithTimeout(ctx, perChannel)
		tell(fmt.Sprintf("channel %q (%s)", row.Name, row.Address), checker.CheckRow(limited, row))
		cancel()
	}
	return n, nil
}

func differ(diffs []string) error {
	if len(diffs) == 0 {
		return nil
	}
	return fmt.Errorf("%d differences, the first: %s; run centralita reindex", len(diffs), diffs[0])
}
