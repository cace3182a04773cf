package thread

import (
	"slices"
	"strings"
	"testing"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/channels/email/letter"
	"github.com/centralita/centralita/desk"
)

const (
	support = "support@desk.test"
	channel = "ch_1"
)

var (
	today     = []byte("the key that signs today, 32 by.")
	yesterday = []byte("the key that signed before, 32b.")
	stolen    = []byte("a key of another installation...")
)

func keysOf(conv, msg string, keys ...[]byte) []string {
	return ReplyKeys(channels.Reply{Channel: channel, Address: support, Conversation: desk.ConversationID(conv), Message: desk.MessageID(msg), Keys: keys})
}

func box(keys ...[]byte) Mailbox { return Mailbox{New(channel, keys), []string{support}} }

func bare(key string) string {
	return strings.TrimPrefix(strings.TrimPrefix(key, KeyPrefix), desk.TokenKey)
}

func flip(c byte) string {
	if c == 'a' {
		return "b"
	}
	return "a"
}

func TestReplyKeys(t *testing.T) {
	t.Parallel()
	a, b, other := keysOf("cv_1", "ms_1", today), keysOf("cv_1", "ms_2", today), keysOf("cv_2", "ms_1", today)
	if a[0] == b[0] || a[1] != b[1] || a[2] != b[2] {
		t.Errorf("two replies of a conversation: %v, %v", a, b)
	}
	for i := range a {
		if a[i] == other[i] {
			t.Errorf("replies of two conversations share %q", a[i])
		}
	}
	for _, k := range a[:2] {
		id, ok := strings.CutPrefix(k, KeyPrefix)
		if !ok || len(id) > 70 || !strings.HasSuffix(id, "@desk.test") {
			t.Errorf("key %q", k)
		}
		for _, form := range []string{id, strings.ToUpper(id)} { // relays change case
			own, ours, forged := box(today).Recognise(support, form)
			if !ours || forged || KeyPrefix+own.Anchor != a[1] || KeyPrefix+own.ID != k {
				t.Errorf("%q: %+v %v %v", form, own, ours, forged)
			}
		}
	}
	if token := TokenOf(a); len(token) != 31 || len(PlusAddress(support, token)) != len(support)+32 {
		t.Errorf("token %q", token)
	}
}

// TestKeysChange: what an older key signed is known as long as the key is kept, and not one moment longer.
func TestKeysChange(t *testing.T) {
	t.Parallel()
	before := keysOf("cv_1", "ms_1", yesterday)
	for name, tc := range map[string]struct {
		keys  [][]byte
		known bool
	}{
		"the same key":       {[][]byte{yesterday}, true},
		"kept below a new":   {[][]byte{today, yesterday}, true},
		"thrown away":        {[][]byte{today}, false},
		"of another desk":    {[][]byte{stolen}, false},
		"a desk without any": {nil, false},
	} {
		own, ours, _ := box(tc.keys...).Recognise(support, bare(before[0]))
		_, token := box(tc.keys...).valid(TokenOf(before))
		if ours != tc.known || token != tc.known {
			t.Errorf("%s: id %v (%+v), token %v", name, ours, own, token)
		}
	}
	if now := keysOf("cv_1", "ms_1", today, yesterday); now[0] == before[0] || now[2] == before[2] {
		t.Error("the old key still signs")
	}
	elsewhere := Mailbox{New("ch_2", [][]byte{yesterday}), []string{support}}
	if _, ok := elsewhere.valid(TokenOf(before)); ok {
		t.Error("a token of one mailbox opens another one's conversations")
	}
}

// TestForged: whatever is changed in an id or a token makes it nobody's.
func TestForged(t *testing.T) {
	t.Parallel()
	keys := keysOf("cv_1", "ms_1", today)
	id, token := bare(keys[0]), TokenOf(keys)
	for i := range id {
		if at := strings.IndexByte(id, '@'); i >= at || id[i] == '.' {
			continue
		}
		if _, ours, _ := box(today).Recognise(support, id[:i]+flip(id[i])+id[i+1:]); ours {
			t.Errorf("changed at %d, %q is ours still", i, id)
		}
	}
	for i := range token {
		changed := token[:i] + flip(token[i]) + token[i+1:]
		if good, ok := box(today).valid(changed); ok && good != token {
			t.Errorf("changed at %d, the token is good still", i)
		}
	}
	for _, other := range []string{"", "@", "c.m@desk.test", "x" + id[1:], id + "x", strings.Replace(id, ".m", ".n", 1), "20261101.1234@desk.test"} {
		if _, ours, forged := box(today).Recognise(support, other); ours || forged && other != id+"x" {
			t.Errorf("%q is taken for ours", other)
		}
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	keys := keysOf("cv_1", "ms_1", today)
	other := keysOf("cv_2", "ms_9", today)
	old := keysOf("cv_1", "ms_1") // sent before ids were signed
	own, anchor, token := bare(keys[0]), bare(keys[1]), bare(keys[2])
	forged := strings.Replace(own, own[20:21], flip(own[20]), 1)
	plus := PlusAddress(support, token)
	to := func(all ...string) (list []letter.Address) {
		for _, a := range all {
			list = append(list, letter.Address{Address: a})
		}
		return list
	}
	header := func(name, value string) letter.Header { return letter.Header{{Name: name, Value: []byte(value)}} }
	for name, tc := range map[string]struct {
		mail   letter.Mail
		rcpt   string
		want   string
		forged int
	}{
		"a first mail":                      {mail: letter.Mail{MessageID: "a@x"}, want: "sibling a@x"},
		"no id at all":                      {},
		"an answer to a mail we never saw":  {mail: letter.Mail{MessageID: "c@x", InReplyTo: []string{"b@x"}, References: []string{"a@x", "b@x"}}, want: "answers b@x, references a@x, sibling c@x"},
		"an answer to us":                   {mail: letter.Mail{MessageID: "c@x", InReplyTo: []string{own}, References: []string{"a@x", own}}, want: "own_id " + own + ", anchor " + anchor + ", references a@x, sibling c@x"},
		"a relay changed our id":            {mail: letter.Mail{MessageID: "c@x", InReplyTo: []string{"ses@amazon"}, References: []string{anchor, "ses@amazon"}}, want: "anchor " + anchor + ", answers ses@amazon, sibling c@x"},
		"upper case":                        {mail: letter.Mail{MessageID: "c@x", InReplyTo: []string{strings.ToUpper(own)}}, want: "own_id " + own + ", anchor " + anchor + ", sibling c@x"},
		"it names itself":                   {mail: letter.Mail{MessageID: "c@x", InReplyTo: []string{"c@x"}, References: []string{"c@x", "a@x"}}, want: "references a@x, sibling c@x"},
		"a bounce of ours":                  {mail: letter.Mail{MessageID: "c@x", Automatic: letter.Bounce, Returned: []string{own, "z@x"}}, want: "bounce " + own + ", anchor " + anchor + ", sibling c@x"},
		"an enclosed mail is nobody's word": {mail: letter.Mail{MessageID: "c@x", Returned: []string{own}}, want: "sibling c@x"},
		"sent before ids were signed":       {mail: letter.Mail{MessageID: "c@x", InReplyTo: []string{bare(old[0])}}, want: "own_id " + bare(old[0]) + ", anchor " + bare(old[1]) + ", sibling c@x"},
		"our look, not our signature":       {mail: letter.Mail{MessageID: "c@x", InReplyTo: []string{forged}}, want: "answers " + forged + ", sibling c@x", forged: 1},
		"to the token":                      {mail: letter.Mail{MessageID: "c@x", To: to(plus)}, want: "token " + token + ", sibling c@x"},
		"the token in capitals":             {mail: letter.Mail{MessageID: "c@x", Cc: to(strings.ToUpper(plus))}, want: "token " + token + ", sibling c@x"},
		"the token where it was delivered":  {mail: letter.Mail{MessageID: "c@x", To: to(support), Header: header("Delivered-To", plus)}, want: "token " + token + ", sibling c@x"},
		"the token in the envelope alone":   {mail: letter.Mail{MessageID: "c@x", To: to("list@x")}, rcpt: plus, want: "token " + token + ", sibling c@x"},
		"the token says another one than the id": {mail: letter.Mail{MessageID: "c@x", To: to(plus), InReplyTo: []string{bare(other[0])}},
			want: "token " + token + ", own_id " + bare(other[0]) + ", anchor " + bare(other[1]) + ", sibling c@x"},
		"a token with a wrong signature":     {mail: letter.Mail{MessageID: "c@x", To: to(PlusAddress(support, "z"+token[1:]))}, want: "sibling c@x", forged: 1},
		"a token at somebody else's address": {mail: letter.Mail{MessageID: "c@x", To: to(PlusAddress("sales@x", token))}, want: "sibling c@x"},
		"an address with a plus of its own":  {mail: letter.Mail{MessageID: "c@x", To: to("support+news@desk.test")}, want: "sibling c@x"},
		"only the mark survived":             {mail: letter.Mail{MessageID: "c@x", Marks: []string{token}}, want: "marker " + token + ", sibling c@x"},
		"a mark of another desk":             {mail: letter.Mail{MessageID: "c@x", Marks: []string{TokenOf(keysOf("cv_1", "ms_1", stolen))}}, want: "sibling c@x"},
		"a mark inside what was passed on":   {mail: letter.Mail{MessageID: "c@x", Marks: []string{token}, Forwarded: &letter.Forwarded{}}, want: "sibling c@x"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := box(today).Names(&tc.mail, tc.rcpt)
			var got []string
			for i, k := range n.Keys {
				got = append(got, n.Reasons[i]+" "+bare(k))
			}
			if s := strings.Join(got, ", "); s != tc.want || n.Forged != tc.forged {
				t.Errorf("got  %s (%d forged)\nwant %s (%d)", s, n.Forged, tc.want, tc.forged)
			}
		})
	}
	many := letter.Mail{MessageID: "last@x"}
	for i := range 1000 {
		many.References = append(many.References, strings.Repeat("a", i%200+1)+"@x")
	}
	if n := box(today).Names(&many, ""); len(n.Keys) > maxKeys || n.Keys[len(n.Keys)-1] != "mid:last@x" || len(n.Reasons) != len(n.Keys) {
		t.Errorf("%d keys, the last is %q", len(n.Keys), n.Keys[len(n.Keys)-1])
	}
}

func TestPlusAddresses(t *testing.T) {
	t.Parallel()
	token := TokenOf(keysOf("cv_1", "ms_1", today))
	for address, want := range map[string]string{
		support: "support+" + token + "@desk.test", "no-at": "", strings.Repeat("a", 33) + "@x.test": "", strings.Repeat("a", 32) + "@x.test": strings.Repeat("a", 32) + "+" + token + "@x.test",
	} {
		got := PlusAddress(address, token)
		if got != want {
			t.Errorf("%s: %q", address, got)
		}
		if plain, found := TokenIn(got); got != "" && (plain != address || found != token) {
			t.Errorf("%s came back as %q and %q", address, plain, found)
		}
	}
	if got := PlusAddress(support, ""); got != "" {
		t.Errorf("without a token: %q", got)
	}
	if !slices.Equal(keysOf("cv_1", "ms_1"), keysOf("cv_1", "ms_1")) || len(keysOf("cv_1", "ms_1")) != 2 {
		t.Error("a desk without keys makes tokens")
	}
}
