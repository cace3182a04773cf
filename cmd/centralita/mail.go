package main

import (
	"context"
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/centralita/centralita"
)

const mailText = `Shows what the desk makes of mails: one JSON object a line, in the order of the files. The file - is standard input. A file that
is no mail, or cannot be read, gives its name and the reason; then the exit code is 1. What is shown is what a mailbox does with
the same mail: the same code reads both. docs/email.md says what each field means.`

func mail(ctx context.Context, p program, args []string) error {
	fs := flags(p, "mail", mailText)
	var own []string
	fs.Func("own", "an `address` of the desk, may be given more than once: mail from it is shown as \"self\"", func(s string) error {
		if !strings.Contains(s, "@") {
			return fmt.Errorf("not an address: %s", s)
		}
		own = append(own, s)
		return nil
	})
	if len(args) > 0 && args[0] == "inspect" {
		args = args[1:]
	} else if len(args) == 0 || !strings.HasPrefix(args[0], "-") {
		return &usageError{"say what to do: centralita mail inspect FILE…"}
	}
	if err := fs.Parse(args); err != nil {
		_, err = parse(fs, args)
		return err
	}
	if fs.NArg() == 0 {
		return &usageError{"name the files to inspect, or - for standard input"}
	}
	defer debug.SetGCPercent(debug.SetGCPercent(50)) // one mail after the other: little lives, and many may be large
	refused, err := centralita.InspectMails(ctx, p.out, p.in, own, fs.Args())
	switch {
	case err != nil:
		return err
	case refused > 0:
		return fmt.Errorf("%d of %d files were refused", refused, fs.NArg())
	}
	return nil
}
