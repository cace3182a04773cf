package desk

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// place is a value of Filter.Stage that names the pipeline, too: pipeline:stage is that stage; pipeline/status is every ticket there
// without a stage of its own: it stands in the first stage of its status. The default pipeline may be "".
type place struct {
	pipeline, stage string
	status          bits // only where stage is ""
}

func placesOf(values []string) (all []place) {
	for _, v := range values {
		if pipeline, status, ok := strings.Cut(v, "/"); ok && slices.Contains(statusWords, status) {
			all = append(all, place{pipeline, "", bitsOf(statusWords, []string{status})})
		} else if pipeline, stage, ok := strings.Cut(v, ":"); ok && stage != "" {
			all = append(all, place{pipeline, stage, 0})
		}
	}
	return all
}

func (m *Matcher) inStage(r *Row) bool {
	return contains(m.f.Stage, r.Stage) || slices.ContainsFunc(m.places, func(p place) bool {
		return p.pipeline == r.Pipeline && p.stage == r.Stage && p.status.has(int32(r.Status))
	})
}

// holds: a property without a value is only unset. contains is in lower case already.
func (p *PropertyFilter) holds(v, contains string) bool {
	if v == "" || p.Unset {
		return v == "" && p.Unset
	}
	return (p.Equals == "" || v == p.Equals) && (contains == "" || strings.Contains(fold(v), contains)) &&
		(p.AtLeast == "" || compareValues(v, p.AtLeast) >= 0) && (p.AtMost == "" || compareValues(v, p.AtMost) <= 0) &&
		(len(p.Any) == 0 || slices.ContainsFunc(strings.Split(v, ","), func(one string) bool { return slices.Contains(p.Any, one) }))
}

var numberForm = regexp.MustCompile(`^-?[0-9]{1,15}(\.[0-9]{1,15})?$`)

// compareValues compares two numbers as such, and anything else as text: dates (2026-11-25) come in their order, too.
func compareValues(a, b string) int {
	if numberForm.MatchString(a) && numberForm.MatchString(b) {
		x, _ := strconv.ParseFloat(a, 64) // the form says that it is one
		y, _ := strconv.ParseFloat(b, 64)
		switch {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	}
	return strings.Compare(a, b)
}
