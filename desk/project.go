package desk

import "github.com/centralita/centralita/proto/deskpb"

// The projections: pure folds of records into rows. Each takes the row before (nil before the first record of its
// stream), changes it in place and returns it; the caller owns it.

// ProjectContact folds a record of a contact's stream.
func ProjectContact(c *deskpb.ContactSummary, r Record) *deskpb.ContactSummary {
	if c == nil {
		c = &deskpb.ContactSummary{Contact: StreamID(r.Stream).ID()}
	}
	c.Version, c.Position = r.Version, r.Position
	switch e := r.Event.GetKind().(type) {
	case *deskpb.Event_ContactCreated:
		c.Name, c.CreatedAtMs = e.ContactCreated.Name, r.AtMs
		c.Identities = append(c.Identities, e.ContactCreated.Identity)
	case *deskpb.Event_ContactIdentityAdded:
		c.Identities = append(c.Identities, e.ContactIdentityAdded.Identity)
	case *deskpb.Event_ContactNamed:
		c.Name = e.ContactNamed.Name
	case *deskpb.Event_ContactOwnerChanged:
		c.Owner, c.RoutingVersion = e.ContactOwnerChanged.Agent, r.Version
	case *deskpb.Event_ContactBlocked:
		c.Blocked = true
	case *deskpb.Event_ContactUnblocked:
		c.Blocked = false
	case *deskpb.Event_AutomaticAnswersStopped:
		c.AnswersStoppedUntilMs, c.AnswersStoppedCause = e.AutomaticAnswersStopped.UntilMs, e.AutomaticAnswersStopped.Cause
	case *deskpb.Event_AutomaticAnswersAllowed:
		c.AnswersStoppedUntilMs, c.AnswersStoppedCause = 0, ""
	case *deskpb.Event_ContactAddressFailed:
		c.Undeliverable = setProperty(c.Undeliverable, e.ContactAddressFailed.Address, e.ContactAddressFailed.Cause)
	case *deskpb.Event_ContactAddressWorked:
		c.Undeliverable = setProperty(c.Undeliverable, e.ContactAddressWorked.Address, "")
	case *deskpb.Event_ContactPropertySet:
		c.Properties, c.RoutingVersion = setProperty(c.Properties, e.ContactPropertySet.Property, e.ContactPropertySet.Value), r.Version
	}
	return c
}

// ProjectAgent folds a record of an agent's stream. Load counts places, promised ones included.
func ProjectAgent(a *deskpb.AgentSummary, r Record) *deskpb.AgentSummary {
	if a == nil {
		a = &deskpb.AgentSummary{Agent: StreamID(r.Stream).ID()}
	}
	a.Version, a.Position = r.Version, r.Position
	projectAbsence(a, r)
	shown := true // a change that every colleague sees
	switch e := r.Event.GetKind().(type) {
	case *deskpb.Event_AgentAdded:
		m := e.AgentAdded
		a.Email, a.Name, a.Role, a.Seat, a.Capacity, a.Limits = m.Email, m.Name, m.Role, m.Seat, m.Capacity, m.Limits
		a.Skills, a.SecondSkills = m.Skills, m.SecondSkills
		a.Access, a.AvailabilitySinceMs = m.Access, r.AtMs
	case *deskpb.Event_AgentChanged:
		m := e.AgentChanged
		a.Name, a.Role, a.Seat, a.Capacity, a.Limits, a.Deactivated = m.Name, m.Role, m.Seat, m.Capacity, m.Limits, m.Deactivated
		a.Skills, a.SecondSkills = m.Skills, m.SecondSkills
		a.Access, a.WorkingHours, a.Holidays = m.Access, m.WorkingHours, m.Holidays
	case *deskpb.Event_AgentPreferencesSet:
		before := a.ShownEmail
		a.ShownEmail = e.AgentPreferencesSet.GetPreferences().GetShownEmail()
		shown = a.ShownEmail != before
	case *deskpb.Event_AvailabilityChanged:
		m := e.AvailabilityChanged
		a.Available, a.AwayReason, a.AvailabilitySinceMs = m.Available, m.Reason, r.AtMs
		a.AvailabilityCause, a.AvailabilityBy = m.Cause, m.By
		projectChange(a)
	case *deskpb.Event_PresenceChanged:
		a.Connected, a.ConnectedSinceMs = e.PresenceChanged.Connected, r.AtMs
	case *deskpb.Event_OutOfOfficeSet:
		a.OutFromMs, a.OutToMs, a.OutMessage = e.OutOfOfficeSet.FromMs, e.OutOfOfficeSet.ToMs, e.OutOfOfficeSet.Message
		shown = false
	case *deskpb.Event_AvailabilityPlanned:
		at, cause := a.ChangesAtMs, a.ChangesCause
		a.Plan = e.AvailabilityPlanned
		projectChange(a)
		shown = a.ChangesAtMs != at || a.ChangesCause != cause
	default:
		shown = false
		projectOwn(a, r)
	}
	if shown {
		a.ShownVersion = r.Version
	}
	return a
}

// projectOwn folds what no colleague sees.
func projectOwn(a *deskpb.AgentSummary, r Record) {
	switch e := r.Event.GetKind().(type) {
	case *deskpb.Event_TwoFactorSet:
		a.TwoFactor = true
	case *deskpb.Event_TwoFactorCleared:
		a.TwoFactor = false
	case *deskpb.Event_PlaceReserved:
		carry(a, SizeOf(e.PlaceReserved.Size), 1)
		a.LastAssignedAtMs = r.AtMs
		projectTurn(a, e.PlaceReserved.Turn, false)
	case *deskpb.Event_PlaceTaken:
		carry(a, SizeOf(e.PlaceTaken.Size), 1)
		if e.PlaceTaken.Reservation == "" {
			a.LastAssignedAtMs = r.AtMs
		} else {
			carry(a, SizeOf(e.PlaceTaken.Was), -1)
		}
	case *deskpb.Event_PlaceWeighed:
		carry(a, SizeOf(e.PlaceWeighed.Size), 1)
		carry(a, SizeOf(e.PlaceWeighed.Was), -1)
	case *deskpb.Event_PlaceFreed:
		carry(a, SizeOf(e.PlaceFreed.Size), -1)
		projectTurn(a, e.PlaceFreed.Turn, true)
	}
}

// carry adds what a ticket counts to a row's load, or takes it off.
func carry(a *deskpb.AgentSummary, s Size, sign int32) {
	n := s.Weight * sign
	a.Load += n
	switch s.Group {
	case groupCalls:
		a.CallsLoad += n
	case groupMessaging:
		a.MessagingLoad += n
	}
}

// projectChange says when availability will change by itself.
func projectChange(a *deskpb.AgentSummary) {
	next := NextChange(a.Plan, a.Available)
	a.ChangesAtMs, a.ChangesCause = next.GetAtMs(), next.GetCause()
}

// ProjectChannel folds a record of a channel's stream. Secrets and the cursor are kept apart by the index.
func ProjectChannel(c *deskpb.ChannelSummary, r Record) *deskpb.ChannelSummary {
	if c == nil {
		c = &deskpb.ChannelSummary{Channel: StreamID(r.Stream).ID()}
	}
	c.Version, c.Position = r.Version, r.Position
	switch e := r.Event.GetKind().(type) {
	case *deskpb.Event_ChannelConnected:
		m := e.ChannelConnected
		c.Kind, c.Name, c.Address, c.Config, c.Routing, c.CustomKind = m.Kind, m.Name, m.Address, m.Config, m.Routing, m.CustomKind
		c.On, c.Health, c.HealthSinceMs, c.ConnectedMs = true, deskpb.HealthState_HEALTH_STATE_STARTING, r.AtMs, r.AtMs
		c.RoutingVersion = r.Version
	case *deskpb.Event_ChannelChanged:
		m := e.ChannelChanged
		c.Name, c.Address, c.Config, c.Routing = m.Name, m.Address, m.Config, m.Routing
		c.RoutingVersion = r.Version
	case *deskpb.Event_ChannelSwitched:
		c.On = e.ChannelSwitched.On
	case *deskpb.Event_ChannelHealthChanged:
		c.Health, c.HealthReason, c.HealthSinceMs = e.ChannelHealthChanged.State, e.ChannelHealthChanged.Reason, r.AtMs
	case *deskpb.Event_ItemQuarantined:
		c.Quarantined++
	case *deskpb.Event_ItemReleased:
		c.Quarantined--
	default:
		c.Import = projectImport(c.Import, r.Event, r.AtMs)
	}
	return c
}

// ProjectTeam folds a record of a team's stream.
func ProjectTeam(t *deskpb.TeamSummary, r Record) *deskpb.TeamSummary {
	if t == nil {
		t = &deskpb.TeamSummary{Team: StreamID(r.Stream).ID()}
	}
	t.Version, t.Position = r.Version, r.Position
	switch e := r.Event.GetKind().(type) {
	case *deskpb.Event_TeamAdded:
		t.Name, t.Members, t.ReplyChannel, t.Removed = e.TeamAdded.Name, e.TeamAdded.Members, e.TeamAdded.ReplyChannel, false
	case *deskpb.Event_TeamChanged:
		t.Name, t.Members, t.ReplyChannel, t.Removed = e.TeamChanged.Name, e.TeamChanged.Members, e.TeamChanged.ReplyChannel, false
	case *deskpb.Event_TeamRemoved:
		t.Members, t.Removed = nil, true
	}
	return t
}
