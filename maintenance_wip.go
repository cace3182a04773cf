package centralita

import (
	"context"
	"errors"
	"io"
)

func Reindex(context.Context, Options) (int, error)            { return 0, errors.New("wip") }
func Backup(context.Context, Options, io.Writer) error         { return errors.New("wip") }
func Restore(context.Context, Options, io.Reader) (int, error) { return 0, errors.New("wip") }

func (e *Engine) Backup(context.Context, io.Writer) error { return errors.New("wip") }
