package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/centralita/centralita"
)

const checkText = `Checks the configuration, opens the data directory, compares the index with the journal, and tests the connection of every
channel that is on. Every fault is shown, not only the first; the exit code is 1 if there is one. The desk must be stopped.`

func check(ctx context.Context, p program, args []string) error {
	fs := flags(p, "check", checkText)
	var s settings
	s.add(fs)
	limit := fs.Duration("timeout", 30*time.Second, "for each channel")
	if _, err := parse(fs, args); err != nil {
		return err
	}
	cfg, err := s.load(p)
	if err != nil {
		return err
	}
	fmt.Fprintln(p.out, "ok    configuration")
	faults := 0
	found, err := centralita.Check(ctx, centralita.Options{DataDir: cfg.DataDir, Mail: cfg.Mail, OAuth: cfg.OAuth, Discovery: cfg.Discovery, Logger: cfg.NewLogger(p.err)}, *limit, func(what string, fault error) {
		if fault == nil {
			fmt.Fprintln(p.out, "ok   ", what)
			return
		}
		faults++
		fmt.Fprintf(p.out, "FAULT %s: %v\n", what, fault)
	})
	if err != nil {
		return err
	}
	if faults > 0 {
		return errors.New("something is wrong, see above")
	}
	fmt.Fprintf(p.out, "%d checks passed\n", found+1)
	return nil
}
