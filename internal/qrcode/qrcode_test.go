package qrcode_test

import (
	"encoding/xml"
	"strings"
	"testing"

	"github.com/centralita/centralita/internal/qrcode"
)

// The finder pattern's rows are where they must be, the drawing is XML, and the text is not in it in the clear.
func TestSVG(t *testing.T) {
	t.Parallel()
	s, err := qrcode.SVG("otpauth://totp/Centralita:ana@example.com?secret=GEZDGNBVGY3TQOJQ&issuer=Centralita")
	if err != nil {
		t.Fatal(err)
	}
	if err := xml.Unmarshal([]byte(s), new(struct{ XMLName xml.Name })); err != nil {
		t.Error(err)
	}
	for _, want := range []string{"M4 4h7v1", "M4 5h1v1", "M6 6h3v1", "M4 10h7v1"} {
		if !strings.Contains(s, want) {
			t.Errorf("no %s in %s", want, s)
		}
	}
	if strings.Contains(s, "GEZDG") {
		t.Error("the secret is in it")
	}
	if _, err := qrcode.SVG(strings.Repeat("x", 5000)); err == nil {
		t.Error("a text that is too long was drawn")
	}
}
