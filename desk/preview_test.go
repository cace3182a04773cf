package desk

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/centralita/centralita/proto/deskpb"
)

// A preview reads no further than it shows, and shows the same as if it had.
func TestPreviewIsTheStartOfOneLine(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	pieces := []string{"a", "word", " ", "  ", "\n", "\t", "\u00a0", "\u0085", "\u3000", "ñandú", "Größe", "日本", "\xff", "\xc2", "x\u200by", strings.Repeat("long", 40)}
	for range 5000 {
		var b strings.Builder
		for range rng.IntN(60) {
			b.WriteString(pieces[rng.IntN(len(pieces))])
		}
		s := b.String()
		whole := strings.Join(strings.Fields(s), " ")
		if got := oneLine(s); got != whole {
			t.Fatalf("%q: %q, want %q", s, got, whole)
		}
		shown := s[:min(len(s), 2*previewBytes)]
		want := clip(strings.Join(strings.Fields(strings.ToValidUTF8(shown, "")), " "), previewBytes)
		if got := Preview(&deskpb.Body{Text: s}); got != want {
			t.Fatalf("%q: %q, want %q", s, got, want)
		}
	}
}
