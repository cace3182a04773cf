package letter

// Sanitize makes HTML that one of our agents wrote harmless, by the same policy as incoming mail. What cannot be made harmless
// is an error.
func Sanitize(html string) (string, error) { return sanitise(html) }
