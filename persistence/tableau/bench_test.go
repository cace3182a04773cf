package tableau

import (
	"fmt"
	"testing"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// BenchmarkQueries: lists and counts over 100,000 open tickets in memory.
func BenchmarkQueries(b *testing.B) {
	t := New(nil, nil)
	t.state = ready
	for i := range 100_000 {
		t.put(&deskpb.TicketSummary{
			Conversation: desk.DeriveID("cv_", fmt.Sprint(i)), Number: uint64(i + 1), Version: 1, Status: deskpb.TicketStatus(1 + i%3), Priority: deskpb.Priority(1 + i%4),
			Channel: fmt.Sprint("ch_", i%5), ChannelKind: deskpb.ChannelKind(1 + i%2), UpdatedAtMs: int64(i*7919%100_000) + 1, OpenedAtMs: int64(i) + 1,
			Owner: []string{"", "ag_1", "ag_2", "ag_3"}[i%4], Tags: []string{fmt.Sprint("tg_", i%20)}, Subject: fmt.Sprintf("Question number %d about an order", i),
		})
	}
	v := &desk.Viewer{Agent: "ag_1", Access: deskpb.Access_ACCESS_ALL}
	own := &desk.Viewer{Agent: "ag_1", Access: deskpb.Access_ACCESS_OWN}
	for name, q := range map[string]desk.ListQuery{
		"open":      {Filter: desk.BuiltIn[desk.ViewOpen], Viewer: v},
		"limited":   {Filter: desk.BuiltIn[desk.ViewOpen], Viewer: own},
		"rare":      {Filter: desk.Filter{Owner: []string{"me"}, Tags: &desk.TagFilter{Any: []string{"tg_1"}}, Kind: []string{"chat"}}, Viewer: v},
		"text":      {Filter: desk.Filter{Text: "number 4711"}, Viewer: v},
		"ascending": {Filter: desk.BuiltIn[desk.ViewOpen], Sort: desk.SortOpened, Ascending: true, Viewer: v},
	} {
		q.Limit = 50
		b.Run("list/"+name, func(b *testing.B) {
			for b.Loop() {
				t.first(q.Filter.Matcher(q.Viewer, nil, 0), q.Sort, q.Ascending, nil, standingRows)
			}
		})
		b.Run("standing/"+name, func(b *testing.B) {
			for b.Loop() {
				t.find(q, nil)
			}
		})
	}
	b.Run("count/nine", func(b *testing.B) {
		for b.Loop() {
			var fresh []*counter
			for _, f := range desk.BuiltIn {
				fresh = append(fresh, &counter{matcher: f.Matcher(v, nil, 0)})
			}
			t.count(fresh)
		}
	})
}
