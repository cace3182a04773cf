package actors_test

import (
	"testing"
	"testing/synctest"

	"github.com/centralita/centralita/actors"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence/memory"
	"github.com/centralita/centralita/proto/deskpb"
)

// The rules of spam are remembered, and a change of them counts from the first message that comes after it is answered.
func TestARuleOfSpamCountsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := start(t, memory.New(), actors.Tuning{})
		defer l.stop()
		_, w := l.conversation()
		marked := func(id, from string) {
			t.Helper()
			m := mail(id, from, "buy")
			m.Message.SpamMark = true
			must(t, w.deliver(m))
		}
		spam := func() int { return len(l.tickets(desk.ViewSpam)) }
		for i, believe := range []bool{false, true, false, true} {
			l.do(desk.SpamID.Stream(), deskpb.NewCommand(&deskpb.SaveSetting{Setting: &deskpb.Setting{Value: &deskpb.Setting_Spam{Spam: &deskpb.SpamRules{BelieveServers: believe}}}}))
			before := spam()
			name := string(rune('a' + i))
			marked("m1"+name, name+"1@new.example")
			marked("m2"+name, name+"2@new.example")
			if more := spam() - before; more != map[bool]int{true: 2}[believe] {
				t.Errorf("round %d, servers are believed: %v, %d more are spam", i, believe, more)
			}
		}
	})
}
