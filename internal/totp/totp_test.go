package totp_test

import (
	"strings"
	"testing"
	"time"

	"github.com/centralita/centralita/internal/totp"
)

var secret = []byte("12345678901234567890")

// The vectors of RFC 6238, appendix B (SHA-1), cut to six digits, and of RFC 4226, appendix D.
func TestVectors(t *testing.T) {
	t.Parallel()
	for unix, want := range map[int64]string{
		59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130",
	} {
		if got := totp.Code(secret, totp.StepAt(time.Unix(unix, 0))); got != want {
			t.Errorf("at %d: %s, want %s", unix, got, want)
		}
	}
	for step, want := range []string{"755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"} {
		if got := totp.Code(secret, int64(step)); got != want {
			t.Errorf("step %d: %s, want %s", step, got, want)
		}
	}
}

func TestCheckAllowsOneStepOfDrift(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_700_000_010, 0)
	at := totp.StepAt(now)
	for by, want := range map[int64]bool{-2: false, -1: true, 0: true, 1: true, 2: false} {
		code := totp.Code(secret, at+by)
		step, ok := totp.Check(secret, code[:3]+" "+code[3:], now)
		if ok != want || ok && step != at+by {
			t.Errorf("%d steps off: %d, %v", by, step, ok)
		}
	}
	for _, code := range []string{"", "12345", "1234567", "abcdef"} {
		if _, ok := totp.Check(secret, code, now); ok {
			t.Errorf("%q fits", code)
		}
	}
}

func TestURI(t *testing.T) {
	t.Parallel()
	u := totp.URI("Centralita", "ana+x@example.com", secret)
	if !strings.HasPrefix(u, "otpauth://totp/Centralita:ana+x@example.com?") || !strings.Contains(u, "secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ") || !strings.Contains(u, "issuer=Centralita") {
		t.Error(u)
	}
	if len(totp.NewSecret()) != totp.SecretBytes {
		t.Error("a secret of another length")
	}
}
