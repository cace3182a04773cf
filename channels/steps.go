package channels

import "context"

// CheckStep is one step of a Checker's: it began, or it ended, well or with a fault.
type CheckStep struct {
	Name  string // imap.login, …: what is tried, as the configuration calls it
	Ended bool
	Err   error
}

type stepsKey struct{}

// WithSteps asks whoever checks under ctx to tell each step, at once. tell may be called from several goroutines.
func WithSteps(ctx context.Context, tell func(CheckStep)) context.Context {
	return context.WithValue(ctx, stepsKey{}, tell)
}

// Step is one step of a check: it is told when it begins and when it ends, if somebody asked.
func Step(ctx context.Context, name string, try func() error) error {
	tell, _ := ctx.Value(stepsKey{}).(func(CheckStep))
	if tell == nil {
		return try()
	}
	tell(CheckStep{Name: name})
	err := try()
	tell(CheckStep{Name: name, Ended: true, Err: err})
	return err
}
