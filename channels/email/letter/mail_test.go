package letter

import (
	"testing"
	"unicode/utf8"
)

// checkMail holds what must be true of every result.
func checkMail(t *testing.T, name string, m *Mail) {
	t.Helper()
	for what, s := range map[string]string{"subject": m.Subject, "text": m.Text, "html": m.HTML, "key": m.Key, "id": m.MessageID} {
		if !utf8.ValidString(s) {
			t.Errorf("%s: %s is not UTF-8", name, what)
		}
	}
	if m.FreshTextBytes < 0 || m.FreshTextBytes > len(m.Text) || !utf8.ValidString(m.Text[:m.FreshTextBytes]) {
		t.Errorf("%s: %d of %d bytes fresh", name, m.FreshTextBytes, len(m.Text))
	}
	if m.Key == "" || len(m.Key) > 300 {
		t.Errorf("%s: key %q", name, m.Key)
	}
	for _, a := range m.Attachments {
		if a.Name == "" || len(a.Name) > 200 || !utf8.ValidString(a.Name) || !utf8.ValidString(a.ContentID) {
			t.Errorf("%s: attachment name %q", name, a.Name)
		}
	}
	parties := append(append([]Address{}, m.To...), m.Cc...)
	if m.From != nil {
		parties = append(parties, *m.From)
	}
	for _, a := range parties {
		if a.Address == "" || !utf8.ValidString(a.Address) || !utf8.ValidString(a.Name) {
			t.Errorf("%s: address %q %q", name, a.Name, a.Address)
		}
	}
}
