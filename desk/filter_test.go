package desk_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// filterCases are the cases that the workspace's evaluation (web/src/live/filter.test.ts) is held to as well.
type filterCases struct {
	Now   int64
	Me    string
	Teams []string
	Rows  []json.RawMessage
	Cases []struct {
		Name    string
		Filter  json.RawMessage
		Matches []string
	}
}

func readFilterCases(t *testing.T) (c filterCases, tickets []desk.Ticket) {
	t.Helper()
	data, err := os.ReadFile("testdata/filters.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &c); err != nil {
		t.Fatal(err)
	}
	for _, raw := range c.Rows {
		row := &deskpb.TicketSummary{}
		if err := protojson.Unmarshal(raw, row); err != nil {
			t.Fatal(err)
		}
		tickets = append(tickets, row)
	}
	return c, tickets
}

func TestFilters(t *testing.T) {
	t.Parallel()
	cases, tickets := readFilterCases(t)
	teams := map[string]bool{}
	for _, team := range cases.Teams {
		teams[team] = true
	}
	viewer := desk.ViewerOf(&deskpb.AgentSummary{Agent: cases.Me}, nil)
	for _, c := range cases.Cases {
		f, err := desk.ParseFilter(string(c.Filter), "filter")
		if err != nil {
			t.Errorf("%s: %v", c.Name, err)
			continue
		}
		if again, err := desk.ParseFilter(f.String(), "filter"); err != nil || again.String() != f.String() {
			t.Errorf("%s: written as %s it is read as %s, %v", c.Name, f, again, err)
		}
		m := f.Matcher(viewer, teams, cases.Now)
		var got []string
		for _, row := range tickets {
			if r := desk.RowOf(row, nil); m.Matches(&r) {
				got = append(got, row.Conversation)
			}
		}
		if !slices.Equal(got, c.Matches) && len(got)+len(c.Matches) > 0 {
			t.Errorf("%s: %s finds %v, want %v", c.Name, f, got, c.Matches)
		}
	}
}

// What somebody may not see is in no list, whatever the filter.
func TestAFilterShowsNothingHidden(t *testing.T) {
	t.Parallel()
	cases, tickets := readFilterCases(t)
	viewer := desk.ViewerOf(&deskpb.AgentSummary{Agent: cases.Me, Role: deskpb.Role_ROLE_AGENT, Access: deskpb.Access_ACCESS_OWN}, nil)
	for _, c := range cases.Cases {
		f, err := desk.ParseFilter(string(c.Filter), "filter")
		if err != nil {
			t.Fatal(err)
		}
		m := f.Matcher(viewer, nil, cases.Now)
		for _, row := range tickets {
			if r := desk.RowOf(row, nil); m.Matches(&r) && !desk.MaySee(viewer, row) {
				t.Errorf("%s shows %s", c.Name, row.Conversation)
			}
		}
	}
}

func TestFiltersThatAreNone(t *testing.T) {
	t.Parallel()
	for text, field := range map[string]string{
		`{`:                                  "f",
		`[]`:                                 "f",
		`{"colour":["red"]}`:                 "f",
		`{} {}`:                              "f",
		`{"status":["gone"]}`:                "f.status",
		`{"kind":["fax"]}`:                   "f.kind",
		`{"priority":["highest"]}`:           "f.priority",
		`{"updated":{"last":-1}}`:            "f.updated",
		`{"waiting":{"before":99999999999}}`: "f.waiting",
		`{"due":{"within":-1}}`:              "f.due",
		`{"properties":[{"equals":"x"}]}`:    "f.properties",
		`{"text":"` + strings.Repeat("x", 201) + `"}`:              "f.text",
		`{"owner":["` + strings.Repeat("x", 201) + `"]}`:           "f.owner",
		`{"tags":{"any":["` + strings.Repeat(`x","`, 101) + `"]}}`: "f.tags.any",
		`{"text":"` + strings.Repeat("x", 9000) + `"}`:             "f",
		"{\"text\":\"\xff\"}":                                      "f",
	} {
		_, err := desk.ParseFilter(text, "f")
		if refusal, ok := err.(*desk.Error); !ok || refusal.Code != desk.Invalid || refusal.Field != field {
			t.Errorf("%.60s: %v, want a refusal of %s", text, err, field)
		}
	}
	if f, err := desk.ParseFilter("", "f"); err != nil || f.String() != "{}" {
		t.Error(f, err)
	}
}

func TestRanks(t *testing.T) {
	t.Parallel()
	newer, older, never := desk.Row{UpdatedMs: 9, WaitingMs: 7, DueMs: 4, Number: 2, Priority: 2}, desk.Row{UpdatedMs: 8, WaitingMs: 5, DueMs: 3, Number: 1, Priority: 4}, desk.Row{Number: 3}
	for sort, largestFirst := range map[desk.Sort][]*desk.Row{
		desk.SortUpdated: {&newer, &older, &never}, desk.SortWaiting: {&newer, &older, &never}, desk.SortDue: {&newer, &older, &never}, desk.SortNumber: {&never, &newer, &older},
		desk.SortPriority: {&older, &newer, &never},
	} {
		for i, r := range largestFirst[1:] {
			if sort.Rank(largestFirst[i], false) >= sort.Rank(r, false) {
				t.Errorf("%s: %d is not before %d", sort, i, i+1)
			}
		}
	}
	if desk.SortWaiting.Rank(&older, true) >= desk.SortWaiting.Rank(&newer, true) || desk.SortWaiting.Rank(&newer, true) >= desk.SortWaiting.Rank(&never, true) {
		t.Error("ascending: who waits longest comes first, who does not wait last")
	}
}
