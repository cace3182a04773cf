package chat

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/channels/channeltest"
	"github.com/centralita/centralita/channels/chat/identity"
)

const siteSecret = "ids_0123456789012345678901234567890123456789"

// signed is what a shop's server gives its page.
func signed(t *testing.T, secret, sub, email string, life time.Duration) string {
	t.Helper()
	now := time.Now()
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"sub": sub, "email": email, "name": "Eva Ruiz", "iat": now.Add(min(0, life)).Unix(), "exp": now.Add(life).Unix(), "jti": "1",
	}).SignedString([]byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func (s *site) begin(token string, more map[string]any) (session, *wireIdentity) {
	s.t.Helper()
	body := map[string]any{"visitor_token": token}
	for k, v := range more {
		body[k] = v
	}
	var raw json.RawMessage
	if resp := s.call("POST", "v1/session", "", body, &raw); resp.StatusCode != 200 {
		s.t.Fatalf("session: %d %s", resp.StatusCode, raw)
	}
	var out session
	var told struct{ Identity *wireIdentity }
	for _, into := range []any{&out, &told} {
		if err := json.Unmarshal(raw, into); err != nil {
			s.t.Fatal(err)
		}
	}
	return out, told.Identity
}

func identified(t *testing.T, config string) *site {
	t.Helper()
	return openWith(t, config, fmt.Sprintf(`{"identity":[{"value":%q,"made_ms":1}]}`, siteSecret))
}

// What an anonymous visitor said goes along when they prove who they are; whoever has only the token of before sees nothing any more.
func TestAnonymousBecomesVerified(t *testing.T) {
	t.Parallel()
	s := identified(t, `{}`)
	me := s.session("")
	s.say(me.Token, "m1", "one")
	b := s.tab(me.Token)
	was := b.hello("", 0)
	proof := map[string]any{"identity": signed(t, siteSecret, "42", "eva@shop.example", time.Hour), "epoch": was.Epoch, "last_seq": was.Seq}
	is, told := s.begin(me.Token, proof)
	if told == nil || !told.Verified || is.ID == me.ID || is.T != "reset" || is.Epoch == was.Epoch || texts(is.Events) != "one" {
		t.Fatalf("%+v %+v", is, told)
	}
	if code := b.end(); code != 4001 {
		t.Errorf("the other tab's socket: %d", code)
	}
	if resp := s.say(is.Token, "m1", "one"); resp.StatusCode != 200 { // its answer was lost
		t.Errorf("again: %d", resp.StatusCode)
	}
	s.say(is.Token, "m2", "two")
	s.desk.Reply(is.ID, "Ana", "three")
	items := s.desk.Intake.Items()
	last := items[len(items)-1].Message
	if last.Verified == nil || last.Verified.Email != "eva@shop.example" || last.From.Address != "eva@shop.example" || last.Thread != is.ID || len(items) != 3 {
		t.Errorf("%d items, the last %+v", len(items), last)
	}
	elsewhere, _ := s.begin("", map[string]any{"identity": signed(t, siteSecret, "42", "new@shop.example", time.Hour)})
	if elsewhere.ID != is.ID || texts(elsewhere.Events) != "one|two|three" {
		t.Errorf("another browser: %+v", elsewhere)
	}
	if again := s.session(is.Token); again.ID != is.ID || again.Token != is.Token || texts(again.Events) != "one|two|three" {
		t.Errorf("a reload: %+v", again)
	}
	if old := s.session(me.Token); old.ID == me.ID || old.Token == me.Token || len(old.Events) != 0 {
		t.Errorf("by the token of before: %+v", old)
	}
}

// Two browsers talked before either was signed in: the one that signs in last goes on with what it said, after what was said before.
func TestTwoConversationsBecomeOne(t *testing.T) {
	t.Parallel()
	s := identified(t, `{}`)
	proof := func() map[string]any {
		return map[string]any{"identity": signed(t, siteSecret, "42", "", time.Hour)}
	}
	home, work := s.session(""), s.session("")
	s.say(home.Token, "m1", "at home")
	s.say(work.Token, "m1", "at work")
	first, _ := s.begin(home.Token, proof())
	b := s.tab(first.Token)
	at := b.hello("", 0)
	second, _ := s.begin(work.Token, proof())
	if second.ID != first.ID || texts(second.Events) != "at home|at work" {
		t.Fatalf("%+v", second)
	}
	if code := b.end(); code != 1001 {
		t.Errorf("the first browser is told to come back: %d", code)
	}
	b = s.tab(first.Token)
	if w := b.hello(at.Epoch, at.Seq); w.T != "welcome" || texts(w.Events) != "at work" {
		t.Errorf("the first browser goes on where it was: %+v", w)
	}
	s.say(first.Token, "m2", "both")
	if e := b.next(); e.D.Text != "both" || e.Prev != second.Seq {
		t.Errorf("%+v, after %d", e, second.Seq)
	}
	id := s.desk.Ask(first.ID, "Ana", nil)
	s.desk.Sent(first.ID, id)
	e := b.next()
	b.send(`{"t":"read","seq":%d}`, e.Seq)
	if err := s.desk.Threads.Await(s.ctx(), func() bool { return s.desk.StateOf(first.ID, id) == 5 }); err != nil {
		t.Error("a reply after the merge is not reported as read")
	}
}

// A proof that is none is told, and the chat goes on.
func TestRejectedProofLeavesOneAnonymous(t *testing.T) {
	t.Parallel()
	s := identified(t, `{}`)
	me := s.session("")
	s.say(me.Token, "m1", "one")
	good := signed(t, siteSecret, "42", "eva@shop.example", time.Hour)
	for want, proof := range map[string]any{
		identity.Expired: signed(t, siteSecret, "42", "eva@shop.example", -time.Hour), identity.Altered: good[:len(good)-4] + "AAAA",
		identity.Malformed: "hello", identity.Off: map[string]string{"id": "42", "hash": strings.Repeat("0", 64)},
		identity.LongLived: signed(t, siteSecret, "42", "", 48*time.Hour),
	} {
		still, told := s.begin(me.Token, map[string]any{"identity": proof})
		if told == nil || told.Verified || told.Reason != want || told.Message == "" || still.ID != me.ID || texts(still.Events) != "one" {
			t.Errorf("%s: %+v %+v", want, told, still)
		}
	}
	if strings.Contains(s.log.String(), siteSecret) || strings.Contains(s.log.String(), good) {
		t.Error("a secret or a proof is in the log")
	}
}

// Somebody else signs in where somebody was: they see their own, and nothing goes along.
func TestAnotherPersonInTheSameBrowser(t *testing.T) {
	t.Parallel()
	s := identified(t, `{}`)
	eva, _ := s.begin("", map[string]any{"identity": signed(t, siteSecret, "eva", "", time.Hour)})
	s.say(eva.Token, "m1", "eva's")
	tom, _ := s.begin(eva.Token, map[string]any{"identity": signed(t, siteSecret, "tom", "", time.Hour)})
	if tom.ID == eva.ID || len(tom.Events) != 0 {
		t.Fatalf("%+v", tom)
	}
	s.say(tom.Token, "m1", "tom's")
	if again := s.session(eva.Token); texts(again.Events) != "eva's" {
		t.Errorf("%+v", again)
	}
	out := s.session("") // signed out: the widget forgets its token
	if out.ID == tom.ID || len(out.Events) != 0 {
		t.Errorf("%+v", out)
	}
}

func TestRequiredIdentity(t *testing.T) {
	t.Parallel()
	s := identified(t, `{"identity":{"required":true}}`)
	me := s.session("")
	var e wireError
	if resp := s.call("POST", "v1/messages", me.Token, `{"client_msg_id":"m1","text":"x"}`, &e); resp.StatusCode != 403 || e.Field != "identity" || e.Reason != "required" {
		t.Errorf("%d %+v", resp.StatusCode, e)
	}
	is, _ := s.begin(me.Token, map[string]any{"identity": signed(t, siteSecret, "42", "", time.Hour)})
	if resp := s.say(is.Token, "m1", "x"); resp.StatusCode != 200 {
		t.Errorf("%d", resp.StatusCode)
	}
}

// A typed address is text: it makes nobody a contact, and shows nothing of what that contact said.
func TestTypedAddressIsText(t *testing.T) {
	t.Parallel()
	s := identified(t, `{}`)
	eva, _ := s.begin("", map[string]any{"identity": signed(t, siteSecret, "42", "eva@shop.example", time.Hour)})
	s.say(eva.Token, "m1", "secret")
	me := s.session("")
	s.call("POST", "v1/messages", me.Token, `{"client_msg_id":"m1","text":"x","name":"Eva","email":"eva@shop.example"}`, nil)
	items := s.desk.Intake.Items()
	if m := items[len(items)-1].Message; m.Verified != nil || m.Identity.Value != "ch_test/"+me.ID || m.Thread != me.ID {
		t.Errorf("%+v", m)
	}
	if again := s.session(me.Token); texts(again.Events) != "x" {
		t.Errorf("%+v", again)
	}
}

// A link of a mail opens its conversation in another browser, and that one alone.
func TestResumeLink(t *testing.T) {
	t.Parallel()
	s := identified(t, `{}`)
	me := s.session("")
	s.say(me.Token, "m1", "one")
	link := identity.Link{Thread: me.ID, Conversation: channeltest.StreamOf(me.ID).ID(), Until: time.Now().Add(time.Hour).Unix()}.Seal("ch_test", s.conn.keys)
	phone, told := s.begin("", map[string]any{"resume": link})
	if told != nil || phone.ID != me.ID || phone.Token == me.Token || texts(phone.Events) != "one" {
		t.Fatalf("%+v %+v", phone, told)
	}
	b := s.tab(phone.Token)
	b.hello(phone.Epoch, phone.Seq)
	s.say(phone.Token, "m1", "from the phone") // an id that the other browser has used
	if e := b.next(); e.D.Text != "from the phone" {
		t.Errorf("%+v", e)
	}
	if again := s.session(me.Token); texts(again.Events) != "one|from the phone" {
		t.Errorf("%+v", again)
	}
	is, _ := s.begin(me.Token, map[string]any{"identity": signed(t, siteSecret, "42", "", time.Hour)})
	if texts(is.Events) != "one|from the phone" {
		t.Errorf("%+v", is)
	}
	if over := s.session(phone.Token); over.ID == me.ID || len(over.Events) != 0 {
		t.Errorf("the link leads to what is a person's now: %+v", over)
	}
	for want, bad := range map[string]string{
		identity.Altered: link[:len(link)-2], identity.Expired: identity.Link{Thread: me.ID, Conversation: "x", Until: 1}.Seal("ch_test", s.conn.keys),
	} {
		if out, told := s.begin("", map[string]any{"resume": bad}); told == nil || told.Reason != want || len(out.Events) != 0 {
			t.Errorf("%s: %+v %+v", want, out, told)
		}
	}
}

func TestSecretsOfAChat(t *testing.T) {
	t.Parallel()
	k := Kind()
	if _, err := k.New(channels.Env{Channel: "ch", Secrets: json.RawMessage(`{"password":"x"}`)}); err == nil {
		t.Error("a chat has no password")
	}
	if _, err := k.Identify(json.RawMessage(`{"identity":{"public_key":"hello"}}`), nil); err == nil || !strings.Contains(err.Error(), "PEM") {
		t.Errorf("%v", err)
	}
	changed, made, err := k.RotateSecret(nil, 24*time.Hour, time.Now())
	if err != nil || !strings.Contains(string(changed), made) {
		t.Fatalf("%s %v", changed, err)
	}
	if all := k.SecretsMade(changed, time.Now()); len(all) != 1 || all[0].Ends == made || !strings.HasSuffix(made, all[0].Ends) || !all[0].Until.IsZero() {
		t.Errorf("%+v", all)
	}
}
