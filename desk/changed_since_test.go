package desk_test

import (
	"testing"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// What was read before somebody else's change is refused in the stream itself: two who write in the same moment do not both succeed.
func TestChangedSince(t *testing.T) {
	t.Parallel()
	team, apply := desk.Teams.Initial(), func(c *desk.Crew, m *deskpb.ChangeTeam) error {
		events, err := desk.Teams.Decide(c, deskpb.NewCommand(m))
		for _, ev := range events {
			desk.Teams.Evolve(c, ev)
		}
		return err
	}
	desk.Teams.Evolve(team, deskpb.NewEvent(&deskpb.TeamAdded{Name: "Support"}))
	read := &deskpb.TeamChanged{Name: "Support"}
	if err := apply(team, &deskpb.ChangeTeam{Team: &deskpb.TeamChanged{Name: "Support", Members: []*deskpb.TeamMember{{Agent: "ag_1", Main: true}}}, TeamWas: read}); err != nil {
		t.Fatal(err)
	}
	if err := apply(team, &deskpb.ChangeTeam{Team: &deskpb.TeamChanged{Name: "Help"}, TeamWas: read}); desk.ReasonOf(err) != "changed_since" {
		t.Errorf("a team: %v", err)
	}
	if err := apply(team, &deskpb.ChangeTeam{Team: &deskpb.TeamChanged{Name: "Help"}}); err != nil {
		t.Errorf("who does not ask: %v", err)
	}

	weights := func(n int32) *deskpb.Setting {
		return &deskpb.Setting{Value: &deskpb.Setting_Capacity{Capacity: &deskpb.CapacityRules{Weights: []*deskpb.KindWeight{{Kind: "chat", Weight: n}}}}}
	}
	setting := desk.Settings.Initial()
	save := func(m *deskpb.SaveSetting) error {
		events, err := desk.Settings.Decide(setting, deskpb.NewCommand(m))
		for _, ev := range events {
			setting = desk.Settings.Evolve(setting, ev)
		}
		return err
	}
	none := &deskpb.Setting{}
	if err := save(&deskpb.SaveSetting{Setting: weights(2), Was: none}); err != nil {
		t.Fatal(err)
	}
	for _, was := range []*deskpb.Setting{none, weights(1)} {
		if err := save(&deskpb.SaveSetting{Setting: weights(3), Was: was}); desk.ReasonOf(err) != "changed_since" {
			t.Errorf("a setting: %v", err)
		}
	}
	if err := save(&deskpb.SaveSetting{Setting: weights(3), Was: weights(2)}); err != nil {
		t.Error(err)
	}
}
