package desk_test

import (
	"testing"

	"github.com/centralita/centralita/desk"
)

func TestVisitorAddress(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		" Ana@Shop.Example ": "ana@shop.example", "o'neil+x@a-b.example": "o'neil+x@a-b.example", "jürgen@büro.example": "jürgen@büro.example",
		"": "", "ana": "", "@shop.example": "", "ana@": "", "ana@shop": "", "a b@shop.example": "", "ana@shop..example": "", "ana@-shop.example": "",
		"ana@shop.example\nBcc: x@y.example": "", "<ana@shop.example>": "", "a@b@shop.example": "", "ana.@shop.example": "", "\"a\"@shop.example": "", "ana@[127.0.0.1]": "", "ana\xff@shop.example": "",
	} {
		got, err := desk.VisitorAddress(typed)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", typed, got, err)
		}
	}
}
