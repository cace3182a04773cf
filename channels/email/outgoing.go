package email

import "github.com/centralita/centralita/channels/email/letter"

// SanitizeHTML makes HTML that an agent wrote harmless before it is kept; what cannot be made harmless becomes empty, and
// the text beside it stands.
func SanitizeHTML(html string) string {
	clean, err := letter.Sanitize(html)
	if err != nil {
		return ""
	}
	return clean
}
