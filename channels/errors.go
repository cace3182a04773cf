package channels

import (
	"errors"
	"fmt"
	"time"
)

// ErrTooLarge is returned when an item is larger than its limit.
var ErrTooLarge = errors.New("larger than the limit")

// ErrNotKept is returned by Replay for an item that was not kept as it came and cannot be had again.
var ErrNotKept = errors.New("the item was not kept as it came")

// Class says what a provider's failure means for what happens next.
type Class int

// The classes of failure.
const (
	// Temporary: it did not happen; try again later (network, 4xx of SMTP before the final dot, 5xx of HTTP).
	Temporary Class = iota
	// Permanent: it did not happen and will not by trying again (5xx of SMTP, unknown recipient).
	Permanent
	// Unknown: nobody can tell whether it happened (no answer after the message was handed over). Never repeated blindly.
	Unknown
	// Auth: the provider does not accept us; an administrator must look. Retried slowly.
	Auth
	// Throttled: the provider asks us to slow down; RetryAfter says until when, if it said.
	Throttled
)

func (c Class) String() string {
	return [...]string{"temporary", "permanent", "unknown", "auth", "throttled"}[c]
}

// Error is a provider's failure. Reason is shown to agents or administrators and never holds a secret.
type Error struct {
	Class      Class
	Reason     string
	RetryAfter time.Duration // 0: the engine decides
	Field      string        // of the configuration or the secrets, if it is known to be at fault
	Err        error         // the cause, for the log
}

func (e *Error) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("%s: %s: %v", e.Class, e.Reason, e.Err)
	}
	return fmt.Sprintf("%s: %s", e.Class, e.Reason)
}

func (e *Error) Unwrap() error { return e.Err }

// ClassOf gives the class of an error: Temporary for one of Run that is not an *Error. For Send ask ClassOfSend.
func ClassOf(err error) Class {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Class
	}
	return Temporary
}

// ClassOfSend gives the class of an error of Send: Unknown for one that is not an *Error, because nothing says that
// the attempt did not happen.
func ClassOfSend(err error) Class {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Class
	}
	return Unknown
}
