package desk_test

import (
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

func TestDrafts(t *testing.T) {
	t.Parallel()
	writing := func(text string) *deskpb.Writing { return &deskpb.Writing{Body: &deskpb.Body{Text: text}} }
	save := func(at, written int64, reply, note string) *deskpb.Command {
		return ask(at, &deskpb.SaveDraft{Draft: &deskpb.DraftSaved{
			Agent: "ag1", Conversation: "cv1", Reply: writing(reply), Note: writing(note), WrittenAtMs: written,
		}})
	}
	clear := func(m *deskpb.ClearDraft) *deskpb.Command { return ask(9, m) }
	for _, c := range []struct {
		name          string
		given         []*deskpb.Command
		when          *deskpb.Command
		want          []string
		reason, field string
	}{
		{name: "it is kept", when: save(1, 1, "a", ""), want: []string{"draft_saved"}},
		{name: "the same words are not kept twice", given: []*deskpb.Command{save(1, 1, "a", "")}, when: save(5, 5, "a", "")},
		{name: "the device that wrote later is kept", given: []*deskpb.Command{save(5, 5, "a", "")}, when: save(6, 3, "b", ""), reason: "newer"},
		{name: "a clock that is ahead does not win for ever", given: []*deskpb.Command{save(5, 5000, "a", "")}, when: save(6, 6, "b", ""), want: []string{"draft_saved"}},
		{name: "what is empty is cleared", given: []*deskpb.Command{save(1, 1, "a", "")}, when: save(2, 2, "", ""), want: []string{"draft_cleared"}},
		{name: "what is empty and was not there is nothing", when: save(2, 2, "", "")},
		{name: "sending the reply leaves the note", given: []*deskpb.Command{save(1, 1, "a", "n")}, when: clear(&deskpb.ClearDraft{Reply: true}), want: []string{"draft_saved"}},
		{name: "and then the note goes too", given: []*deskpb.Command{save(1, 1, "a", "n"), clear(&deskpb.ClearDraft{Reply: true})}, when: clear(&deskpb.ClearDraft{Note: true}),
			want: []string{"draft_cleared"}},
		{name: "clearing names neither: both", given: []*deskpb.Command{save(1, 1, "a", "n")}, when: clear(&deskpb.ClearDraft{}), want: []string{"draft_cleared"}},
		{name: "nothing is cleared twice", given: []*deskpb.Command{save(1, 1, "a", "n"), clear(&deskpb.ClearDraft{})}, when: clear(&deskpb.ClearDraft{})},
		{name: "a draft has its size", when: save(1, 1, strings.Repeat("x", desk.MaxDraftTextBytes+1), ""), field: "reply.text"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := desk.Drafts.Initial()
			for _, cmd := range c.given {
				evs, err := desk.Drafts.Decide(s, cmd)
				if err != nil {
					t.Fatal(err)
				}
				for _, ev := range evs {
					s = desk.Drafts.Evolve(s, ev)
				}
			}
			evs, err := desk.Drafts.Decide(s, c.when)
			checkDecision(t, evs, err, c.want, c.reason, c.field)
		})
	}
}

// What one draft may cost the journal is bounded, and clearing begins anew.
func TestADraftIsBounded(t *testing.T) {
	t.Parallel()
	s := desk.Drafts.Initial()
	words := [2]string{strings.Repeat("a", desk.MaxDraftTextBytes), strings.Repeat("b", desk.MaxDraftTextBytes)}
	save := func(i int) ([]*deskpb.Event, error) {
		return desk.Drafts.Decide(s, ask(int64(i+1), &deskpb.SaveDraft{Draft: &deskpb.DraftSaved{
			Agent: "ag1", Conversation: "cv1", Reply: &deskpb.Writing{Body: &deskpb.Body{Text: words[i%2]}}, WrittenAtMs: int64(i + 1),
		}}))
	}
	spent := 0
	for i := range 1000 {
		evs, err := save(i)
		if desk.CodeOf(err) == desk.Limit {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, ev := range evs {
			spent += proto.Size(ev)
			s = desk.Drafts.Evolve(s, ev)
		}
	}
	if spent > desk.MaxDraftSpent+1<<20 || spent < desk.MaxDraftSpent/2 {
		t.Errorf("%d bytes were spent", spent)
	}
	evs, err := desk.Drafts.Decide(s, ask(2000, &deskpb.ClearDraft{}))
	if err != nil || !slices.Equal(kinds(evs), []string{"draft_cleared"}) {
		t.Fatal(evs, err)
	}
	s = desk.Drafts.Evolve(s, evs[0])
	if evs, err := save(3000); err != nil || len(evs) != 1 {
		t.Errorf("after clearing: %v, %v", kinds(evs), err)
	}
}
