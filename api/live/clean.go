package live

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/centralita/centralita/proto/deskpb"
)

// ValidHash tells whether s is a lower-case hex SHA-256.
func ValidHash(s string) bool {
	if len(s) != 64 {
		return false
	}
	return strings.IndexFunc(s, func(r rune) bool { return (r < '0' || r > '9') && (r < 'a' || r > 'f') }) < 0
}

// CleanFileName takes out of a file's name what could mislead a person or a file system: folders, control and direction
// characters; at most 200 bytes.
func CleanFileName(name string) string {
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	name = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || strings.ContainsRune(`"<>|:*?`, r) {
			return -1
		}
		return r
	}, name)
	name = strings.Trim(name, " .")
	for len(name) > 200 {
		_, size := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-size]
	}
	if name == "" {
		return "file"
	}
	return name
}

// CleanMediaType gives "type/subtype" in lower case, or application/octet-stream.
func CleanMediaType(s string) string {
	s, _, _ = strings.Cut(s, ";")
	s = strings.ToLower(strings.TrimSpace(s))
	major, minor, ok := strings.Cut(s, "/")
	token := func(t string) bool {
		return t != "" && len(t) <= 100 && strings.IndexFunc(t, func(r rune) bool {
			return (r < 'a' || r > 'z') && (r < '0' || r > '9') && !strings.ContainsRune("!#$&-^_.+", r)
		}) < 0
	}
	if !ok || !token(major) || !token(minor) {
		return "application/octet-stream"
	}
	return s
}

// cleanAddress checks a recipient: an address on one line that no header can be broken out of, and a name like that.
func cleanAddress(a *deskpb.Address) (*deskpb.Address, bool) {
	address := strings.TrimSpace(a.GetAddress())
	if address == "" || len(address) > 254 || !utf8.ValidString(address) || strings.ContainsAny(address, " ,;<>\"") ||
		strings.IndexFunc(address, unicode.IsControl) >= 0 {
		return nil, false
	}
	name := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == utf8.RuneError {
			return ' '
		}
		return r
	}, a.GetName())
	name = strings.Join(strings.Fields(name), " ")
	for len(name) > 200 {
		_, size := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-size]
	}
	return &deskpb.Address{Name: name, Address: address}, true
}

// checkContentID gives what is wrong with the name that HTML shows a picture by; it becomes a header of the mail.
func checkContentID(a *deskpb.Attachment) string {
	id := a.GetContentId()
	odd := strings.IndexFunc(id, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("._+-=$@", r)
	}) >= 0
	switch {
	case a.GetInline() && id == "":
		return "a picture in the text needs one: the HTML shows it as cid:…"
	case odd || len(id) > 200:
		return "must be at most 200 characters of a-z, A-Z, 0-9 and ._+-=$@"
	}
	return ""
}
