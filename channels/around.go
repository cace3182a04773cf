package channels

import (
	"context"
	"time"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// Around is what a connector may ask about the desk at a moment. Nothing is done by it. A desk that tells nothing has none of them.
type Around struct {
	// Hours says whether it is now within the working hours of this id, and when that changes. Hours that are not there are always open.
	Hours func(hours, holidays string) (open bool, next time.Time)
	// HoursAt says the same of a moment, and when they open next after it; zero: nobody knows.
	HoursAt func(hours, holidays string, at time.Time) (open bool, opens time.Time)
	// TeamName gives a team's name, "" when there is no such team.
	TeamName func(id string) string
	// Available says whether anybody whom a rule names could take a conversation now; of nil, the channel's own rule. contact is whose
	// owner is meant, nil for nobody's.
	Available func(ctx context.Context, rule *deskpb.RoutingRule, contact desk.Contact) (bool, error)
	// Person is what is known of who has an identity, nil for nobody. Nobody outside is told what it holds.
	Person func(identity *deskpb.Identity) (desk.Contact, error)
	// Faces are the first names of agents and of the members of teams who can answer, and of the contact's owner if they are asked for.
	Faces func(agents, teams []string, owner string) ([]Face, error)
}

// Face is an agent as somebody outside may see them.
type Face struct {
	Agent string // its id: never told
	Name  string
}
