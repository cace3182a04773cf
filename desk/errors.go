package desk

import (
	"errors"
	"fmt"
)

// Code is the class of a refusal; it is part of the public API.
type Code string

// The codes of a refusal.
const (
	Invalid     Code = "invalid"     // the input is wrong; Field says where
	Denied      Code = "denied"      // not allowed for this author
	NotFound    Code = "not_found"   // no such thing
	Conflict    Code = "conflict"    // the state is such that it cannot be done now
	Limit       Code = "limit"       // a limit is reached; later it may work
	Unavailable Code = "unavailable" // the desk cannot take work now (disk full, shutting down)
)

// Error is a refusal: nothing was changed. Message is for people and says what to do; it never holds a secret.
type Error struct {
	Code    Code
	Field   string // the input's field at fault, in API spelling; may be empty
	Reason  string // a word a program can act on (away, at_capacity, stranger, …); may be empty
	Message string
	// Elsewhere is the conversation it belongs to now (reasons merged and elsewhere); else empty.
	Elsewhere ConversationID
	// Stranger: the sender of what belongs elsewhere takes no part here.
	Stranger bool
}

func (e *Error) Error() string {
	if e.Field != "" {
		return fmt.Sprintf("%s: %s: %s", e.Code, e.Field, e.Message)
	}
	return fmt.Sprintf("%s: %s", e.Code, e.Message)
}

// Refuse makes a refusal.
func Refuse(code Code, field, format string, args ...any) error {
	return &Error{Code: code, Field: field, Message: fmt.Sprintf(format, args...)}
}

// ReasonOf is the Reason of a refusal, "" for any other error.
func ReasonOf(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Reason
	}
	return ""
}

// ElsewhereOf is the conversation that a refusal points to, "" for any other error.
func ElsewhereOf(err error) ConversationID {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Elsewhere
	}
	return ""
}

// FromStranger tells of a refusal that points elsewhere whether the sender takes no part here.
func FromStranger(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Stranger
}

// CodeOf is the Code of a refusal, "" for any other error.
func CodeOf(err error) Code {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return ""
}

func conflict(reason, format string, args ...any) *Error {
	return &Error{Code: Conflict, Reason: reason, Message: fmt.Sprintf(format, args...)}
}

// ChangedSince refuses to write over what somebody else wrote after it was read.
func ChangedSince() *Error {
	return &Error{Code: Conflict, Reason: "changed_since", Field: "version", Message: "somebody else changed it meanwhile: read it again, then make your change"}
}
