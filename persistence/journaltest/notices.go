package journaltest

import (
	"maps"

	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
	"github.com/centralita/centralita/proto/deskpb"
)

// told keeps what agents are told of as lists that are written down in full.
func (m *model) told(n *deskpb.Notification) {
	for _, to := range n.GetTold() {
		own := proto.CloneOf(n)
		own.Kind, own.Told = to.Kind, nil
		before := m.notices[to.Agent]
		if to.Kind == desk.NoticeAvailability && len(before) > 0 && before[0].Kind == to.Kind {
			before = before[1:] // the newest stands for all of them
		}
		list := append([]*deskpb.Notification{own}, before...)
		m.notices[to.Agent] = list[:min(len(list), desk.MostNotices)]
	}
}

func checkNotices(t Tester, x *persistence.Index, m *model) {
	t.Helper()
	for who := range m.agents {
		marks, err := x.SeenMarks(desk.AgentID(who))
		checkRow(t, "marks of "+who, marks, m.marks[who], err)
	}
	told := map[string]bool{}
	for who, want := range m.notices {
		got, err := x.Notifications(who)
		for _, n := range got {
			n.Told = nil
		}
		checkRows(t, "notifications of "+who, got, want, err)
		told[who] = true
	}
	const everything = 1 << 62
	got, err := x.Told(0, everything)
	if err != nil || len(got) != len(told) || !maps.Equal(got, told) {
		t.Fatalf("told are %v, %v; want %v", got, err, told)
	}
	for who, list := range m.notices {
		at := desk.Position(list[0].Position)
		if got, err := x.Told(at-1, at); !got[who] || err != nil {
			t.Fatalf("at %d told are %v, %v; want %s among them", at, got, err, who)
		}
		if got, err := x.Told(at, at); len(got) > 0 || err != nil {
			t.Fatalf("after %d told are %v, %v; want nobody", at, got, err)
		}
	}
}
