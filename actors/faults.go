package actors

import (
	"errors"
	"strings"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/desk"
)

// configFault says where in a channel's settings a connector's fault lies: kinds name their own fields, callers see them
// below config or secrets.
func configFault(err error) error {
	return eachFault(err, func(err error) error {
		e, is := errors.AsType[*desk.Error](err)
		if !is || e.Field == "" || strings.HasPrefix(e.Field, "config") || strings.HasPrefix(e.Field, "secrets") {
			return err
		}
		place := *e
		place.Field = "config." + e.Field
		if strings.Contains(e.Field, "password") || strings.Contains(e.Field, "secret") || strings.Contains(e.Field, "token") {
			place.Field = "secrets." + e.Field
		}
		return &place
	})
}

// plainFaults leaves the provider's reasons for people and drops the chain of causes, which is for the log.
func plainFaults(err error) error {
	return eachFault(err, func(err error) error {
		e, is := errors.AsType[*channels.Error](err)
		if !is {
			return err
		}
		where, _ := strings.CutSuffix(err.Error(), e.Error())
		return &desk.Error{Code: desk.Unavailable, Field: e.Field, Reason: e.Class.String(), Message: where + e.Reason}
	})
}

// eachFault changes every part of a joined error.
func eachFault(err error, change func(error) error) error {
	if err == nil {
		return nil
	}
	joined, is := err.(interface{ Unwrap() []error })
	if !is {
		return change(err)
	}
	var all []error
	for _, part := range joined.Unwrap() {
		all = append(all, eachFault(part, change))
	}
	return errors.Join(all...)
}
