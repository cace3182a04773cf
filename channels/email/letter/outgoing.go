package letter

import (
	"regexp"
	"slices"
)

// Sanitize makes HTML that one of our agents wrote harmless, by the same policy as incoming mail. What cannot be made harmless
// is an error.
func Sanitize(html string) (string, error) { return sanitise(html) }

// markForm is how the hidden mark of our mails reads, wherever a mail program has put it.
var markForm = regexp.MustCompile(`(?i)ref:([0-9a-z]{31}):ref`)

// marks finds the marks in HTML as it came, the first few: a long thread quotes many mails of ours.
func marks(source string) (all []string) {
	const most = 5
	for _, m := range markForm.FindAllStringSubmatch(source, 100) {
		if !slices.Contains(all, m[1]) && len(all) < most {
			all = append(all, m[1])
		}
	}
	return all
}
