package api_test

import (
	"bytes"
	"encoding/base32"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/internal/totp"
	"github.com/centralita/centralita/internal/vault"
	"github.com/centralita/centralita/proto/deskpb"
)

func newVault(t testing.TB) *vault.Vault {
	t.Helper()
	v, err := vault.New(bytes.Repeat([]byte{7}, vault.KeyBytes))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// phone makes the codes of a secret. A step ends whenever it likes, also between the making of a code and its use: codes are of the
// step that enrolled, or of a later one, and those stay good for half a minute.
type phone struct {
	secret []byte
	step   int64 // that enrolled
}

func (p phone) used() string { return totp.Code(p.secret, p.step) }

// fresh is a code that is good and was not used; the same one as long as the step is the same.
func (p phone) fresh() string { return totp.Code(p.secret, max(p.step+1, totp.StepAt(time.Now()))) }

// enrol switches two-factor sign-in on.
func (b *browser) enrol() (p phone, recovery []string) {
	b.t.Helper()
	begun := b.must(200, "POST", "/me/two-factor", map[string]any{"password": password})
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(begun.str("secret"))
	if err != nil {
		b.t.Fatal(err)
	}
	if !strings.HasPrefix(begun.str("qr"), "<svg") || !strings.Contains(begun.str("uri"), begun.str("secret")) {
		b.t.Errorf("%s", begun.raw)
	}
	p = phone{secret, totp.StepAt(time.Now())}
	done := b.must(200, "POST", "/me/two-factor/confirm", map[string]any{"enrolment": begun.str("enrolment"), "code": p.used()})
	for i := range done.len("recovery_codes") {
		recovery = append(recovery, done.str("recovery_codes", i))
	}
	return p, recovery
}

func signInBody(code string) map[string]any {
	return map[string]any{"email": "ada@example.com", "password": password, "code": code}
}

func TestTwoFactorSignIn(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	if ada.must(200, "GET", "/me/two-factor", nil).get("on") != false {
		t.Error("on before it was switched on")
	}
	ada.must(403, "POST", "/me/two-factor", map[string]any{"password": "a guess of mine"})
	begun := ada.must(200, "POST", "/me/two-factor", map[string]any{"password": password})
	ada.must(422, "POST", "/me/two-factor/confirm", map[string]any{"enrolment": begun.str("enrolment"), "code": "000000"})
	ada.must(422, "POST", "/me/two-factor/confirm", map[string]any{"enrolment": "x", "code": "000000"})
	its, recovery := ada.enrol()
	if state := ada.must(200, "GET", "/me/two-factor", nil); state.get("on") != true || state.num("recovery_left") != 10 || len(recovery) != 10 {
		t.Errorf("%s, %d codes", state.raw, len(recovery))
	}
	if ada.must(200, "GET", "/agents", nil).get("agents", 0, "two_factor") != true {
		t.Error("colleagues do not see it")
	}

	other := h.browser()
	if a := other.must(401, "POST", "/session", signInBody("")); a.str("reason") != "two_factor" {
		t.Errorf("%s", a.raw)
	}
	if a := other.must(401, "POST", "/session", map[string]any{"email": "ada@example.com", "password": "wrong password", "code": its.fresh()}); a.get("reason") != nil {
		t.Errorf("a wrong password tells about the second factor: %s", a.raw)
	}
	other.must(401, "POST", "/session", signInBody(its.used())) // the code that switched it on
	code := its.fresh()                                         // of a clock that is ahead
	other.must(200, "POST", "/session", signInBody(code))
	other.must(401, "POST", "/session", signInBody(code))       // again
	other.must(401, "POST", "/session", signInBody(its.used())) // an older one after it

	other.must(200, "POST", "/session", signInBody(strings.ToUpper(recovery[3])))
	other.must(401, "POST", "/session", signInBody(recovery[3]))
	if left := ada.must(200, "GET", "/me/two-factor", nil).num("recovery_left"); left != 9 {
		t.Errorf("%v codes are left", left)
	}
	ada.must(403, "POST", "/me/two-factor/off", map[string]any{"password": "a guess of mine"})
	ada.must(204, "POST", "/me/two-factor/off", map[string]any{"password": password})
	h.browser().must(200, "POST", "/session", signInBody(""))
}

// Of many sign-ins with one code at the same moment, one is let in: the agent's stream decides.
func TestACodeIsUsedOnce(t *testing.T) {
	t.Parallel()
	h := open(t)
	its, _ := h.admin().enrol()
	code := its.fresh()
	var in, out atomic.Int32
	var all sync.WaitGroup
	for range 5 {
		all.Go(func() {
			switch a := h.browser().do("POST", "/session", signInBody(code)); a.status {
			case 200:
				in.Add(1)
			case 401:
				out.Add(1)
			default:
				t.Errorf("%d %s", a.status, a.raw)
			}
		})
	}
	all.Wait()
	if in.Load() != 1 || out.Load() != 4 {
		t.Errorf("%d let in, %d not", in.Load(), out.Load())
	}
}

// Guessing codes is slow even for who knows the password, and nothing in the journal or the log helps.
func TestGuessingCodes(t *testing.T) {
	t.Parallel()
	h := open(t)
	its, recovery := h.admin().enrol()
	guesser, wrong := h.browser(), 0
	for wait := 0; wait < 5; { // one more try comes every 15 s, also while a busy machine takes its time: until the next one is far
		a := guesser.do("POST", "/session", signInBody("123 456"))
		switch a.status {
		case 401:
			wrong++
		case 429:
			wait, _ = strconv.Atoi(a.header.Get("Retry-After"))
		}
		if a.status != 401 && wait == 0 {
			t.Fatalf("%d, no word on when: %s", a.status, a.raw)
		}
	}
	if wrong < 10 {
		t.Errorf("closed after %d guesses", wrong)
	}
	guesser.must(429, "POST", "/session", signInBody(its.fresh()))
	text := totp.Text(its.secret)
	for r, err := range h.engine.Tail(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		if s := r.String(); strings.Contains(s, text) || strings.Contains(s, string(its.secret)) || strings.Contains(s, recovery[0]) {
			t.Errorf("the journal holds a secret: %v", r)
		}
		if r.Event.GetTwoFactorSet() != nil {
			break
		}
	}
	if strings.Contains(h.log.String(), text) || strings.Contains(h.log.String(), recovery[0]) {
		t.Error("the log holds a secret")
	}
}

// An administrator helps who lost phone and codes; nobody else does, and a secret is of no use on another stream.
func TestResetOfASecondFactor(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	ben, cid := ada.colleague("Ben"), ada.colleague("Cid")
	ben.enrol()
	signIn := map[string]any{"email": "ben@example.com", "password": password}
	h.browser().must(401, "POST", "/session", signIn)
	cid.must(403, "DELETE", "/agents/"+ben.agent+"/two-factor", nil)
	ada.must(204, "DELETE", "/agents/"+ben.agent+"/two-factor", nil)
	h.browser().must(200, "POST", "/session", signIn)

	its, _ := ben.enrol()
	stolen, err := h.engine.Index().TwoFactor(desk.AgentID(ben.agent))
	if err != nil {
		t.Fatal(err)
	}
	hashes := make([]string, 10)
	for i := range hashes {
		hashes[i] = strings.Repeat("a", 64)
	}
	h.command(desk.AgentID(cid.agent).Stream(), &deskpb.SetTwoFactor{SealedSecret: stolen.SealedSecret, RecoveryHashes: hashes})
	h.browser().must(500, "POST", "/session", map[string]any{"email": "cid@example.com", "password": password, "code": its.fresh()})
}

func TestNewRecoveryCodes(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	ada.must(409, "POST", "/me/two-factor/recovery-codes", map[string]any{"password": password})
	its, old := ada.enrol()
	ada.must(403, "POST", "/me/two-factor/recovery-codes", map[string]any{"password": "a guess of mine"})
	h.browser().must(200, "POST", "/session", signInBody(old[0]))
	fresh := ada.must(200, "POST", "/me/two-factor/recovery-codes", map[string]any{"password": password})
	if state := ada.must(200, "GET", "/me/two-factor", nil); state.num("recovery_left") != 10 || fresh.len("recovery_codes") != 10 {
		t.Errorf("%s, %s", state.raw, fresh.raw)
	}
	h.browser().must(401, "POST", "/session", signInBody(old[1]))
	h.browser().must(200, "POST", "/session", signInBody(fresh.str("recovery_codes", 9)))
	h.browser().must(200, "POST", "/session", signInBody(its.fresh())) // the phone goes on as before
	audit := ada.must(200, "GET", "/audit?kind=recovery_codes_replaced", nil)
	if audit.len("entries") != 1 || strings.Contains(audit.raw, fresh.str("recovery_codes", 0)) {
		t.Errorf("%s", audit.raw)
	}
}

// Where administrators need a second factor, none of them can be without by mistake, and whoever is helped out of one is named.
func TestASecondFactorThatIsAskedFor(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	ben := ada.colleague("Ben")
	ada.must(409, "PUT", "/security", map[string]any{"two_factor_for_administrators": true})
	ada.enrol()
	ben.enrol()
	ada.must(200, "PUT", "/security", map[string]any{"two_factor_for_administrators": true})
	ada.must(409, "POST", "/me/two-factor/off", map[string]any{"password": password})
	ada.must(409, "DELETE", "/agents/"+ada.agent+"/two-factor", nil)
	ben.must(403, "DELETE", "/agents/"+ada.agent+"/two-factor", nil)
	ada.must(204, "DELETE", "/agents/"+ben.agent+"/two-factor", nil)
	if ben.must(200, "GET", "/me/two-factor", nil).get("on") != false {
		t.Error("it is still on")
	}
	audit := ada.must(200, "GET", "/audit?kind=two_factor_cleared", nil)
	if audit.len("entries") != 1 || audit.str("entries", 0, "by", "id") != ada.agent || audit.str("entries", 0, "id") != ben.agent {
		t.Errorf("%s", audit.raw)
	}
	ada.must(200, "PATCH", "/agents/"+ben.agent, map[string]any{"role": "administrator"})
	if a := ben.must(403, "GET", "/audit", nil); a.str("reason") != "two_factor" {
		t.Errorf("%s", a.raw)
	}
	ben.must(200, "GET", "/tickets?view=open", nil)
	ben.enrol()
	ben.must(200, "GET", "/audit", nil)
	ada.must(200, "PUT", "/security", map[string]any{"two_factor_for_administrators": false})
	ada.must(204, "POST", "/me/two-factor/off", map[string]any{"password": password})
}
