package identity

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

var (
	now    = time.Unix(1_800_000_000, 0)
	secret = []byte("ids_the-secret-of-a-test-that-is-long-enough")
)

// pair makes a key for ES256, and its public half as it is pasted into the settings.
func pair(t testing.TB) (*ecdsa.PrivateKey, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	return key, string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

func sign(t testing.TB, method jwt.SigningMethod, key any, header, body map[string]any) string {
	t.Helper()
	token := jwt.NewWithClaims(method, jwt.MapClaims(body))
	for k, v := range header {
		token.Header[k] = v
	}
	s, err := token.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func body(change map[string]any) map[string]any {
	all := map[string]any{"sub": "42", "email": "Eva@Shop.example", "name": "Eva  Ruiz", "iat": now.Unix(), "exp": now.Add(time.Hour).Unix(), "jti": "one"}
	for k, v := range change {
		if all[k] = v; v == nil {
			delete(all, k)
		}
	}
	return all
}

func reasonOf(err error) string {
	if r, ok := errors.AsType[*Rejection](err); ok {
		return r.Reason
	}
	if err != nil {
		return "no rejection: " + err.Error()
	}
	return ""
}

func TestTokens(t *testing.T) {
	t.Parallel()
	key, public := pair(t)
	other, _ := pair(t)
	keys := KeysOf(&Settings{PublicKey: public}, Secrets{Identity: []Secret{{Value: string(secret)}, {Value: "ids_before", UntilMs: now.Add(time.Minute).UnixMilli()}}}, now)
	hs, es := jwt.SigningMethodHS256, jwt.SigningMethodES256
	good := sign(t, hs, secret, nil, body(nil))
	parts := strings.Split(good, ".")
	part := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	for name, c := range map[string]struct{ token, want string }{
		"HS256":                            {good, ""},
		"ES256":                            {sign(t, es, key, nil, body(nil)), ""},
		"the secret before, for a while":   {sign(t, hs, []byte("ids_before"), nil, body(nil)), ""},
		"without sub":                      {sign(t, hs, secret, nil, body(map[string]any{"sub": nil})), ""},
		"a clock that is a little ahead":   {sign(t, hs, secret, nil, body(map[string]any{"iat": now.Add(50 * time.Second).Unix()})), ""},
		"a clock that is a little behind":  {sign(t, hs, secret, nil, body(map[string]any{"iat": now.Add(-time.Hour).Unix(), "exp": now.Add(-50 * time.Second).Unix()})), ""},
		"expired":                          {sign(t, hs, secret, nil, body(map[string]any{"iat": now.Add(-time.Hour).Unix(), "exp": now.Add(-2 * time.Minute).Unix()})), Expired},
		"from the future":                  {sign(t, hs, secret, nil, body(map[string]any{"iat": now.Add(5 * time.Minute).Unix()})), Early},
		"not before":                       {sign(t, hs, secret, nil, body(map[string]any{"nbf": now.Add(5 * time.Minute).Unix()})), Early},
		"for a day":                        {sign(t, hs, secret, nil, body(map[string]any{"exp": now.Add(24 * time.Hour).Unix()})), LongLived},
		"for a day, said to be made later": {sign(t, hs, secret, nil, body(map[string]any{"iat": now.Add(12 * time.Hour).Unix(), "exp": now.Add(24 * time.Hour).Unix()})), Early},
		"for ever":                         {sign(t, hs, secret, nil, body(map[string]any{"exp": nil})), LongLived},
		"made nobody knows when":           {sign(t, hs, secret, nil, body(map[string]any{"iat": nil})), LongLived},
		"nobody":                           {sign(t, hs, secret, nil, body(map[string]any{"sub": nil, "email": nil})), Incomplete},
		"no address":                       {sign(t, hs, secret, nil, body(map[string]any{"email": "Eva <eva@shop.example>"})), Incomplete},
		"two lines of id":                  {sign(t, hs, secret, nil, body(map[string]any{"sub": "a\nb"})), Incomplete},
		"a number for sub":                 {sign(t, hs, secret, nil, body(map[string]any{"sub": 42})), Malformed},
		"another secret":                   {sign(t, hs, []byte("guessed"), nil, body(nil)), Altered},
		"another key":                      {sign(t, es, other, nil, body(nil)), Altered},
		"altered":                          {parts[0] + "." + part(`{"sub":"1","iat":1800000000,"exp":1800000100}`) + "." + parts[2], Altered},
		"no signature":                     {parts[0] + "." + parts[1] + ".", Altered},
		"none":                             {sign(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, nil, body(nil)), Algorithm},
		"None, by hand":                    {part(`{"alg":"None","typ":"JWT"}`) + "." + parts[1] + ".", Algorithm},
		"HS512":                            {sign(t, jwt.SigningMethodHS512, secret, nil, body(nil)), Algorithm},
		"the public key for a secret":      {sign(t, hs, []byte(public), nil, body(nil)), Altered},
		"a key of its own":                 {sign(t, es, other, map[string]any{"jwk": map[string]any{"kty": "EC", "crv": "P-256"}, "kid": "../../dev/null"}, body(nil)), Altered},
		"a kid that is a path":             {sign(t, hs, []byte(""), map[string]any{"kid": "/dev/null"}, body(nil)), Altered},
		"a kid, and the right secret":      {sign(t, hs, secret, map[string]any{"kid": "' OR 1=1"}, body(nil)), ""},
		"extensions":                       {sign(t, hs, secret, map[string]any{"crit": []string{"b64"}, "b64": false}, body(nil)), Malformed},
		"no token":                         {"hello", Malformed},
		"too long":                         {strings.Repeat("a", MaxProof+1), Malformed},
		"padded":                           {good + "=", Malformed},
	} {
		p, err := keys.Verify(Proof{JWT: c.token}, now)
		if got := reasonOf(err); got != c.want {
			t.Errorf("%s: %q (%v), want %q", name, got, err, c.want)
		}
		if err == nil && (p.Email != "eva@shop.example" || p.Name != "Eva Ruiz") || err != nil && p != (Person{}) {
			t.Errorf("%s: %+v", name, p)
		}
		if err != nil && strings.Contains(err.Error(), string(secret)) {
			t.Errorf("%s tells the secret", name)
		}
	}
	if _, err := KeysOf(nil, Secrets{}, now).Verify(Proof{JWT: good}, now); reasonOf(err) != Unknown {
		t.Errorf("without a key: %v", err)
	}
	secretOnly := KeysOf(nil, Secrets{Identity: []Secret{{Value: string(secret)}}}, now)
	if _, err := secretOnly.Verify(Proof{JWT: sign(t, es, key, nil, body(nil))}, now); reasonOf(err) != Unknown {
		t.Errorf("ES256 without a public key: %v", err)
	}
}

func TestHashes(t *testing.T) {
	t.Parallel()
	mac := func(s string) string {
		m := hmac.New(sha256.New, secret)
		_, _ = m.Write([]byte(s))
		return hex.EncodeToString(m.Sum(nil))
	}
	keys := Keys{Secrets: [][]byte{secret}, Hashes: true}
	for name, c := range map[string]struct {
		p    Proof
		want string
		is   Person
	}{
		"an id":                         {Proof{ID: "42", Hash: mac("42")}, "", Person{Subject: "42"}},
		"an address":                    {Proof{Email: "eva@shop.example", Name: "Eva", Hash: mac("eva@shop.example")}, "", Person{Email: "eva@shop.example", Name: "Eva"}},
		"an address beside an id":       {Proof{ID: "42", Email: "boss@shop.example", Hash: mac("42")}, "", Person{Subject: "42"}},
		"an id beside a proved address": {Proof{ID: "1", Email: "eva@shop.example", Hash: mac("eva@shop.example")}, Altered, Person{}},
		"another id":                    {Proof{ID: "43", Hash: mac("42")}, Altered, Person{}},
		"no hash":                       {Proof{ID: "42"}, Malformed, Person{}},
		"nobody":                        {Proof{Name: "Eva", Hash: mac("")}, Incomplete, Person{}},
	} {
		p, err := keys.Verify(c.p, now)
		if reasonOf(err) != c.want || p != c.is {
			t.Errorf("%s: %+v, %v", name, p, err)
		}
	}
	keys.Hashes = false
	if _, err := keys.Verify(Proof{ID: "42", Hash: mac("42")}, now); reasonOf(err) != Off {
		t.Errorf("not allowed: %v", err)
	}
}

func TestPublicKeyIsChecked(t *testing.T) {
	t.Parallel()
	key, public := pair(t)
	private, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	large, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&large.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	for text, ok := range map[string]bool{
		"": true, public: true, public + public: true, public + public + public: false, "hello": false, public + "rest": false,
		string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: private})): false,
		string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})):         false,
	} {
		var field, why string
		(&Settings{PublicKey: text}).Check(func(f, m string) { field, why = f, m })
		if (field == "") != ok {
			t.Errorf("%.40q: %s %s", text, field, why)
		}
	}
}

func TestRotate(t *testing.T) {
	t.Parallel()
	one, first := Secrets{}.Rotate(24*time.Hour, now)
	two, second := one.Rotate(24*time.Hour, now)
	three, third := two.Rotate(0, now)
	if first == second || len(first) < 40 || len(one.Identity) != 1 || len(two.Identity) != 2 || len(three.Identity) != 1 || three.Identity[0].Value != third {
		t.Fatalf("%+v\n%+v\n%+v", one, two, three)
	}
	for at, want := range map[time.Duration]int{23 * time.Hour: 2, 25 * time.Hour: 1} {
		if got := len(KeysOf(nil, two, now.Add(at)).Secrets); got != want {
			t.Errorf("after %v: %d secrets hold, want %d", at, got, want)
		}
	}
	raw, err := json.Marshal(two)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := ReadSecrets(raw); err != nil || len(again.Identity) != 2 || again.Identity[0] != two.Identity[0] {
		t.Errorf("%+v %v", again, err)
	}
	if _, err := ReadSecrets(json.RawMessage(`{"identity":[{"value":"guessable"}],"x":1}`)); err == nil {
		t.Error("what is no secret of ours is taken")
	}
}

func TestGrantsAndLinks(t *testing.T) {
	t.Parallel()
	keys := [][]byte{[]byte("new key"), []byte("old key")}
	g := Grant{Thread: "u_1", Origin: "v_1", ID: "u_1", Until: now.Add(time.Hour).Unix()}
	token := g.Seal("ch_1", keys[1:])
	if got, ok := OpenGrant(token, "ch_1", keys, now); !ok || got != g {
		t.Errorf("%+v %v", got, ok)
	}
	l := Link{Thread: "v_1", Conversation: "cv_1", Until: now.Add(time.Hour).Unix()}
	link := l.Seal("ch_1", keys)
	if got, err := OpenLink(link, "ch_1", keys, now); err != nil || got != l {
		t.Errorf("%+v %v", got, err)
	}
	if _, err := OpenLink(link, "ch_1", keys, now.Add(time.Hour)); reasonOf(err) != Expired {
		t.Errorf("a link of an hour ago: %v", err)
	}
	flipped := []byte(token)
	flipped[len(flipped)-5] ^= 1
	for name, c := range map[string]struct {
		token, channel string
		keys           [][]byte
		at             time.Time
	}{
		"another channel": {token, "ch_2", keys, now}, "another key": {token, "ch_1", keys[:1], now}, "later": {token, "ch_1", keys, now.Add(time.Hour)},
		"altered": {string(flipped), "ch_1", keys, now}, "a link": {"s1." + link, "ch_1", keys, now}, "nothing": {"s1.", "ch_1", keys, now},
	} {
		if got, ok := OpenGrant(c.token, c.channel, c.keys, c.at); ok {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if _, err := OpenLink(strings.TrimPrefix(token, "s1."), "ch_1", keys, now); reasonOf(err) != Altered {
		t.Errorf("a grant for a link: %v", err)
	}
}

// FuzzProof: whatever a page shows, nobody is proved without the secret, and nothing breaks.
func FuzzProof(f *testing.F) {
	for _, seed := range []string{
		`"a.b.c"`, `{"id":"42","hash":"00"}`, `{"email":"eva@shop.example","hash":""}`, `null`, `7`, `"` + strings.Repeat("a.", 50) + `"`,
		`"` + sign(f, jwt.SigningMethodHS256, []byte("other"), nil, body(nil)) + `"`,
		`"` + sign(f, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, nil, body(nil)) + `"`,
	} {
		f.Add([]byte(seed))
	}
	_, public := pair(f)
	keys := KeysOf(&Settings{PublicKey: public, Hashes: true}, Secrets{Identity: []Secret{{Value: string(secret)}}}, now)
	f.Fuzz(func(t *testing.T, data []byte) {
		var p Proof
		if err := json.Unmarshal(data, &p); err != nil {
			return
		}
		if who, err := keys.Verify(p, now); err == nil {
			t.Fatalf("%q proves to be %+v", data, who)
		} else if reasonOf(err) == "" || strings.Contains(reasonOf(err), "no rejection") {
			t.Fatalf("%q: %v", data, err)
		}
	})
}

// FuzzGrant: no token but ours opens.
func FuzzGrant(f *testing.F) {
	keys := [][]byte{[]byte("key")}
	good := Grant{Thread: "u_1", Origin: "v_1", Until: now.Add(time.Hour).Unix()}.Seal("ch", keys)
	f.Add(good)
	f.Add(Link{Thread: "v_1", Conversation: "cv", Until: now.Add(time.Hour).Unix()}.Seal("ch", keys))
	f.Add("s1." + strings.Repeat("A", 60))
	f.Fuzz(func(t *testing.T, token string) {
		if g, ok := OpenGrant(token, "ch", keys, now); ok && token != good {
			t.Fatalf("%q opens %+v", token, g)
		}
	})
}
