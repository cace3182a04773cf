package desk_test

import (
	"testing"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

func TestSpamCause(t *testing.T) {
	t.Parallel()
	checked, err := desk.CheckSetting(&deskpb.Setting{Value: &deskpb.Setting_Spam{Spam: &deskpb.SpamRules{
		Allow: []string{"good@evil.test", "*@friend.test", "ana@mixed.test"}, Deny: []string{"EVIL.test", "bob@friend.test", "bob@friend.test", "mixed.test"}, BelieveServers: true,
	}}})
	if err != nil {
		t.Fatal(err)
	}
	rules := checked.GetSpam()
	for _, c := range []struct {
		name string
		s    desk.Suspect
		want string
		hard bool
	}{
		{"a stranger", desk.Suspect{Address: "eve@some.test"}, "", false},
		{"a denied domain", desk.Suspect{Address: "eve@evil.test"}, "denied", true},
		{"one below it", desk.Suspect{Address: "eve@mail.evil.test"}, "denied", true},
		{"one that only looks like it", desk.Suspect{Address: "eve@notevil.test"}, "", false},
		{"a denied domain, known", desk.Suspect{Address: "eve@evil.test", Known: true}, "denied", true},
		{"an allowed address of a denied domain", desk.Suspect{Address: "good@evil.test", Marked: true}, "", false},
		{"that nobody proves", desk.Suspect{Address: "good@evil.test", Failed: true}, "denied", true},
		{"a denied address of an allowed domain", desk.Suspect{Address: "bob@friend.test"}, "denied", true},
		{"an allowed domain", desk.Suspect{Address: "cy@friend.test", Marked: true, Automatic: "auto-reply"}, "", false},
		{"an allowed domain that nobody proves", desk.Suspect{Address: "cy@friend.test", Marked: true, Failed: true}, "server_marked", false},
		{"an address counts more than a domain", desk.Suspect{Address: "ana@mixed.test"}, "", false},
		{"a known one whom a server marked", desk.Suspect{Address: "eve@some.test", Known: true, Marked: true}, "", false},
		{"his machine", desk.Suspect{Address: "eve@some.test", Known: true, Marked: true, Automatic: "auto-reply"}, "server_marked", false},
		{"a list he writes to", desk.Suspect{Address: "eve@some.test", Known: true, Marked: true, Automatic: "list"}, "", false},
		{"a stranger whom a server marked", desk.Suspect{Address: "eve@some.test", Marked: true}, "server_marked", false},
		{"ourselves", desk.Suspect{Address: "us@desk.test", Known: true, Automatic: "self"}, "own_address", false},
		{"a blocked contact", desk.Suspect{Address: "cy@friend.test", Blocked: true}, "blocked_sender", true},
		{"no address", desk.Suspect{}, "", false},
	} {
		if got, hard := desk.SpamCause(rules, c.s); got != c.want || hard != c.hard {
			t.Errorf("%s: %q (%v), want %q (%v)", c.name, got, hard, c.want, c.hard)
		}
	}
	rules.BelieveServers = false
	if got, _ := desk.SpamCause(rules, desk.Suspect{Address: "eve@some.test", Marked: true}); got != "" {
		t.Errorf("servers are not believed: %q", got)
	}
	if got, _ := desk.SpamCause(nil, desk.Suspect{Address: "eve@some.test", Marked: true}); got != "" {
		t.Errorf("without rules: %q", got)
	}
	wanted := desk.AllowSender(rules, "bob@friend.test")
	if got, _ := desk.SpamCause(mustRules(t, wanted), desk.Suspect{Address: "bob@friend.test"}); got != "" || len(wanted.Deny) != len(rules.Deny)-1 {
		t.Errorf("allowed by hand: %q, %v", got, wanted)
	}
}

func mustRules(t *testing.T, r *deskpb.SpamRules) *deskpb.SpamRules {
	t.Helper()
	s, err := desk.CheckSetting(&deskpb.Setting{Value: &deskpb.Setting_Spam{Spam: r}})
	if err != nil {
		t.Fatal(err)
	}
	return s.GetSpam()
}

func TestSpamRulesAreChecked(t *testing.T) {
	t.Parallel()
	for field, r := range map[string]*deskpb.SpamRules{
		"allow": {Allow: []string{"a@b@c"}}, "deny": {Deny: []string{"localhost"}},
	} {
		_, err := desk.CheckSetting(&deskpb.Setting{Value: &deskpb.Setting_Spam{Spam: r}})
		if refused, _ := err.(*desk.Error); refused == nil || refused.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	if _, err := desk.CheckSetting(&deskpb.Setting{Value: &deskpb.Setting_Spam{Spam: &deskpb.SpamRules{Allow: []string{"a.test"}, Deny: []string{"A.test"}}}}); desk.CodeOf(err) != desk.Invalid {
		t.Errorf("in both lists: %v", err)
	}
}

func FuzzSpamEntry(f *testing.F) {
	f.Add("*@Example.com")
	f.Add("ana@example.com")
	f.Add("**example.com")
	f.Add("**@example.com")
	f.Add("*\u00a0example.com")
	f.Fuzz(func(t *testing.T, s string) {
		e, ok := desk.SpamEntry(s)
		if again, still := desk.SpamEntry(e); ok && (!still || again != e) {
			t.Errorf("%q became %q, and that %q", s, e, again)
		}
	})
}
