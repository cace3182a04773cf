package email

import (
	"slices"
	"strings"
	"testing"

	"github.com/centralita/centralita/channels/email/letter"
)

func TestReplyKeys(t *testing.T) {
	t.Parallel()
	a := ReplyKeys(support, "cv_1", "ms_1")
	if !slices.Equal(a, ReplyKeys(strings.ToUpper(support), "cv_1", "ms_1")) {
		t.Error("they depend on the case of the address")
	}
	b := ReplyKeys(support, "cv_1", "ms_2")
	if a[0] == b[0] || a[1] != b[1] {
		t.Errorf("two replies of a conversation: %v, %v", a, b)
	}
	if c := ReplyKeys(support, "cv_2", "ms_1"); c[0] == a[0] || c[1] == a[1] {
		t.Errorf("replies of two conversations: %v, %v", a, c)
	}
	for _, k := range a {
		id, ok := strings.CutPrefix(k, "mid:")
		if !ok || len(id) > 70 || !strings.HasSuffix(id, "@desk.test") {
			t.Errorf("key %q", k)
		}
		if _, anchor, ok := anchorOf(support, strings.ToUpper(id)); !ok || "mid:"+anchor != a[1] {
			t.Errorf("%q is not recognised: %q", id, anchor)
		}
	}
	id := strings.TrimPrefix(a[0], "mid:")
	for _, other := range []string{
		"", "@", "c.m@desk.test", strings.Replace(id, "@desk.test", "@other.test", 1), "x" + id[1:], id + "x",
		strings.Replace(id, id[20:21], flip(id[20]), 1),
	} {
		if _, _, ok := anchorOf(support, other); ok {
			t.Errorf("%q is taken for ours", other)
		}
	}
}

func flip(c byte) string {
	if c == 'a' {
		return "b"
	}
	return "a"
}

func TestThreadKeys(t *testing.T) {
	t.Parallel()
	keys := ReplyKeys(support, "cv_1", "ms_1")
	own, anchor := strings.TrimPrefix(keys[0], "mid:"), strings.TrimPrefix(keys[1], "mid:")
	cases := map[string]struct {
		mail letter.Mail
		want string
	}{
		"a first mail":                      {letter.Mail{MessageID: "a@x"}, "a@x"},
		"no id at all":                      {letter.Mail{}, ""},
		"an answer to a mail we never saw":  {letter.Mail{MessageID: "c@x", InReplyTo: []string{"b@x"}, References: []string{"a@x", "b@x"}}, "b@x a@x c@x"},
		"an answer to us":                   {letter.Mail{MessageID: "c@x", InReplyTo: []string{own}, References: []string{"a@x", own}}, own + " " + anchor + " a@x c@x"},
		"a relay changed our id":            {letter.Mail{MessageID: "c@x", InReplyTo: []string{"ses@amazon"}, References: []string{anchor, "ses@amazon"}}, anchor + " ses@amazon c@x"},
		"upper case":                        {letter.Mail{MessageID: "c@x", InReplyTo: []string{strings.ToUpper(own)}}, own + " " + anchor + " c@x"},
		"it names itself":                   {letter.Mail{MessageID: "c@x", InReplyTo: []string{"c@x"}, References: []string{"c@x", "a@x"}}, "a@x c@x"},
		"a bounce of ours":                  {letter.Mail{MessageID: "c@x", Automatic: letter.Bounce, Returned: []string{own, "z@x"}}, own + " " + anchor + " c@x"},
		"an enclosed mail is nobody's word": {letter.Mail{MessageID: "c@x", Returned: []string{own}}, "c@x"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := strings.ReplaceAll(strings.Join(threadKeys(support, &tc.mail), " "), "mid:", "")
			if got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
	var many letter.Mail
	many.MessageID = "last@x"
	for i := range 1000 {
		many.References = append(many.References, strings.Repeat("a", i%200+1)+"@x")
	}
	if got := threadKeys(support, &many); len(got) > maxKeys || got[len(got)-1] != "mid:last@x" {
		t.Errorf("%d keys, the last is %q", len(got), got[len(got)-1])
	}
}

func TestCursor(t *testing.T) {
	t.Parallel()
	for in, ok := range map[string]bool{"v1:7:9": true, "v1:7:9:100:50": true, "v1:7": false, "7:9": false, "v2:7:9": false} {
		c, err := parseCursor(in)
		if (err == nil) != ok || ok && (c.validity != 7 || c.uid != 9) {
			t.Errorf("%q: %+v, %v", in, c, err)
		}
	}
	c, err := parseCursor("v1:7:9:100:50")
	if err != nil || c.String() != "v1:7:9:100:50" {
		t.Errorf("%v %v", c, err)
	}
}
