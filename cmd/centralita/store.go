package main

import (
	"context"
	"fmt"
	"os"

	"github.com/centralita/centralita"
)

const reindexText = `Throws the index away and rebuilds it from the journal. Nothing is lost by it: the index is a fold of the journal. The desk must
be stopped. With --search it is the search index that is rebuilt, which a desk also does by itself, beside its work, when it has to.`

func reindex(ctx context.Context, p program, args []string) error {
	fs := flags(p, "reindex", reindexText)
	var s settings
	s.add(fs)
	words := fs.Bool("search", false, "rebuild the search index instead")
	if _, err := parse(fs, args); err != nil {
		return err
	}
	cfg, err := s.load(p)
	if err != nil {
		return err
	}
	rebuild, what := centralita.Reindex, "index"
	if *words {
		rebuild, what = centralita.ReindexSearch, "search index"
	}
	n, err := rebuild(ctx, centralita.Options{DataDir: cfg.DataDir, Logger: cfg.NewLogger(p.err)})
	if err != nil {
		return err
	}
	fmt.Fprintf(p.out, "rebuilt the %s from %d records\n", what, n)
	return nil
}

const backupText = `Writes the journal and all attachments to one file (use - for standard output). It works while the desk runs: then the running
desk takes the backup itself, asked through the socket in its data directory, and nothing stops meanwhile.
The secret key (secret.key in the data directory) is not in the backup: keep it apart, channel passwords cannot be opened without it.`

func backup(ctx context.Context, p program, args []string) (err error) {
	fs := flags(p, "backup", backupText)
	var s settings
	s.add(fs)
	rest, err := parse(fs, args, "FILE")
	if err != nil {
		return err
	}
	cfg, err := s.load(p)
	if err != nil {
		return err
	}
	if rest[0] == "-" {
		return centralita.Backup(ctx, centralita.Options{DataDir: cfg.DataDir, Logger: cfg.NewLogger(p.err)}, p.out)
	}
	if _, err := os.Stat(rest[0]); err == nil {
		return fmt.Errorf("%s exists: name another file, a backup overwrites nothing", rest[0])
	}
	tmp := rest[0] + ".partial"
	f, err := os.OpenFile(tmp, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("make the backup file: %w", err)
	}
	defer os.Remove(tmp)
	err = centralita.Backup(ctx, centralita.Options{DataDir: cfg.DataDir, Logger: cfg.NewLogger(p.err)}, f)
	if e := f.Sync(); err == nil {
		err = e
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	if err := os.Rename(tmp, rest[0]); err != nil {
		return fmt.Errorf("finish the backup file: %w", err)
	}
	fmt.Fprintf(p.out, "wrote %s; keep %s apart, it is not in it\n", rest[0], centralita.KeyFile(cfg.DataDir))
	return nil
}

const restoreText = `Makes a new data directory out of a backup (use - for standard input). The directory must not exist or be empty. Screens that
were open on the old desk notice that the history is another one and read everything again.`

func restore(ctx context.Context, p program, args []string) error {
	fs := flags(p, "restore", restoreText)
	var s settings
	s.add(fs)
	rest, err := parse(fs, args, "FILE")
	if err != nil {
		return err
	}
	cfg, err := s.load(p)
	if err != nil {
		return err
	}
	in := os.Stdin
	if rest[0] != "-" {
		if in, err = os.Open(rest[0]); err != nil {
			return fmt.Errorf("open the backup: %w", err)
		}
		defer in.Close()
	}
	n, err := centralita.Restore(ctx, centralita.Options{DataDir: cfg.DataDir, Logger: cfg.NewLogger(p.err)}, in)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.out, "restored %d records into %s\nNow put the old secret.key there as %s: without it channel passwords cannot be opened.\n", n, cfg.DataDir, centralita.KeyFile(cfg.DataDir))
	return nil
}
