package desk

import (
	"slices"
	"strings"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/proto/deskpb"
)

// What belongs to an agent alone: preferences, the second factor, the browsers that are signed in.

// Session is a signed-in browser in the state of its agent.
type Session struct {
	ExpiresAtMs int64
	SeenAtMs    int64 `json:",omitempty"`
}

// TwoFactor is what the rules need to know of an authenticator: not its secret, only what was used up.
type TwoFactor struct {
	Step     int64    // of the last code; none at or before it is taken again
	Recovery []string // hashes of the recovery codes that are left
}

// SeenEvery is how exactly the use of a session is kept.
const SeenEvery = 3_600_000 // ms

// RecoveryCodes is how many one-time codes go with a second factor.
const RecoveryCodes = 10

func decideAccount(a *Member, cmd Command) ([]Event, error, bool) {
	var out []Event
	var err error
	switch m := cmd.Kind.(type) {
	case *deskpb.Command_OpenSession:
		out, err = openSession(a, m.OpenSession)
	case *deskpb.Command_CloseSession:
		if _, open := a.Sessions[m.CloseSession.Session]; open {
			out = events(deskpb.NewEvent(&deskpb.SessionClosed{Session: m.CloseSession.Session}))
		}
	case *deskpb.Command_CloseOtherSessions:
		out = closeOtherSessions(a, m.CloseOtherSessions.Session)
	case *deskpb.Command_NoteSession:
		out = noteSession(a, m.NoteSession.Session, cmd.AtMs)
	case *deskpb.Command_SetAgentPassword:
		if !strings.HasPrefix(m.SetAgentPassword.Hash, "$argon2id$") {
			return nil, Refuse(Invalid, "hash", "must be an argon2id hash"), true
		}
		out = events(deskpb.NewEvent(&deskpb.AgentPasswordSet{Hash: m.SetAgentPassword.Hash}))
	case *deskpb.Command_SetAgentPreferences:
		out, err = setPreferences(a, m.SetAgentPreferences.GetPreferences())
	case *deskpb.Command_SetTwoFactor:
		out, err = setTwoFactor(a, m.SetTwoFactor)
	case *deskpb.Command_ClearTwoFactor:
		if a.TwoFactor != nil {
			out = events(deskpb.NewEvent(&deskpb.TwoFactorCleared{}))
		}
	case *deskpb.Command_UseSecondFactor:
		out, err = useSecondFactor(a, m.UseSecondFactor)
	case *deskpb.Command_ReplaceRecoveryCodes:
		out, err = replaceRecoveryCodes(a, m.ReplaceRecoveryCodes.RecoveryHashes)
	default:
		return nil, nil, false
	}
	return out, err, true
}

// maxSessions bounds the browsers one agent may be signed in with; the oldest must go first.
const maxSessions = 50

func openSession(a *Member, m *deskpb.OpenSession) ([]Event, error) {
	if a.Deactivated {
		return nil, Refuse(Denied, "", "this account is deactivated")
	}
	if len(m.Session) != 64 {
		return nil, Refuse(Invalid, "session", "must be the hex SHA-256 of the token")
	}
	var out []Event
	if len(a.Sessions) >= maxSessions {
		oldest, at := "", int64(0)
		for s, is := range a.Sessions {
			if oldest == "" || is.ExpiresAtMs < at || is.ExpiresAtMs == at && s < oldest {
				oldest, at = s, is.ExpiresAtMs
			}
		}
		out = append(out, deskpb.NewEvent(&deskpb.SessionClosed{Session: oldest}))
	}
	return append(out, deskpb.NewEvent(&deskpb.SessionOpened{Session: m.Session, ExpiresAtMs: m.ExpiresAtMs, UserAgent: clip(m.UserAgent, 200)})), nil
}

func closeOtherSessions(a *Member, stays string) []Event {
	var others []string
	for s := range a.Sessions {
		if s != stays {
			others = append(others, s)
		}
	}
	slices.Sort(others)
	var out []Event
	for _, s := range others {
		out = append(out, deskpb.NewEvent(&deskpb.SessionClosed{Session: s}))
	}
	return out
}

func noteSession(a *Member, session string, atMs int64) []Event {
	s, open := a.Sessions[session]
	if !open || atMs-s.SeenAtMs < SeenEvery {
		return nil
	}
	return events(deskpb.NewEvent(&deskpb.SessionSeen{Session: session, AtMs: atMs}))
}

func setTwoFactor(a *Member, m *deskpb.SetTwoFactor) ([]Event, error) {
	switch {
	case a.Deactivated:
		return nil, Refuse(Denied, "", "this account is deactivated")
	case len(m.SealedSecret) == 0 || len(m.SealedSecret) > 512:
		return nil, Refuse(Invalid, "secret", "must be sealed")
	}
	if err := checkRecovery(m.RecoveryHashes); err != nil {
		return nil, err
	}
	return events(deskpb.NewEvent(&deskpb.TwoFactorSet{SealedSecret: m.SealedSecret, RecoveryHashes: m.RecoveryHashes, Step: m.Step})), nil
}

func checkRecovery(hashes []string) error {
	if len(hashes) != RecoveryCodes {
		return Refuse(Invalid, "recovery", "%d recovery codes go with it", RecoveryCodes)
	}
	for _, h := range hashes {
		if len(h) != 64 {
			return Refuse(Invalid, "recovery", "must be hex SHA-256")
		}
	}
	return nil
}

// replaceRecoveryCodes makes those before worthless: whoever found them finds nothing.
func replaceRecoveryCodes(a *Member, hashes []string) ([]Event, error) {
	switch {
	case a.Deactivated:
		return nil, Refuse(Denied, "", "this account is deactivated")
	case a.TwoFactor == nil:
		return nil, conflict("no_two_factor", "switch two-factor sign-in on first")
	}
	if err := checkRecovery(hashes); err != nil {
		return nil, err
	}
	return events(deskpb.NewEvent(&deskpb.RecoveryCodesReplaced{RecoveryHashes: hashes})), nil
}

// useSecondFactor takes a code once: the stream's order decides between two sign-ins with the same one.
func useSecondFactor(a *Member, m *deskpb.UseSecondFactor) ([]Event, error) {
	switch f := a.TwoFactor; {
	case a.Deactivated:
		return nil, Refuse(Denied, "", "this account is deactivated")
	case f == nil:
		return nil, conflict("no_two_factor", "no second factor is set")
	case m.RecoveryHash != "":
		if !slices.Contains(f.Recovery, m.RecoveryHash) {
			return nil, conflict("replayed", "this recovery code is none or was used before")
		}
		return events(deskpb.NewEvent(&deskpb.SecondFactorUsed{RecoveryHash: m.RecoveryHash})), nil
	case m.Step <= f.Step:
		return nil, conflict("replayed", "this code was used before, wait for the next one")
	}
	return events(deskpb.NewEvent(&deskpb.SecondFactorUsed{Step: m.Step})), nil
}

func evolveAccount(a *Member, ev Event) {
	switch e := ev.GetKind().(type) {
	case *deskpb.Event_AgentPasswordSet:
		clear(a.Sessions) // a new password signs everybody out
	case *deskpb.Event_SessionOpened:
		a.Sessions[e.SessionOpened.Session] = Session{ExpiresAtMs: e.SessionOpened.ExpiresAtMs}
	case *deskpb.Event_SessionClosed:
		delete(a.Sessions, e.SessionClosed.Session)
	case *deskpb.Event_SessionSeen:
		if s, open := a.Sessions[e.SessionSeen.Session]; open {
			s.SeenAtMs = e.SessionSeen.AtMs
			a.Sessions[e.SessionSeen.Session] = s
		}
	case *deskpb.Event_AgentPreferencesSet:
		a.Preferences = e.AgentPreferencesSet.Preferences
	case *deskpb.Event_TwoFactorSet:
		a.TwoFactor = &TwoFactor{Step: e.TwoFactorSet.Step, Recovery: slices.Clone(e.TwoFactorSet.RecoveryHashes)}
	case *deskpb.Event_TwoFactorCleared:
		a.TwoFactor = nil
	case *deskpb.Event_RecoveryCodesReplaced:
		if f := a.TwoFactor; f != nil {
			f.Recovery = slices.Clone(e.RecoveryCodesReplaced.RecoveryHashes)
		}
	case *deskpb.Event_SecondFactorUsed:
		if f := a.TwoFactor; f != nil {
			f.Step = max(f.Step, e.SecondFactorUsed.Step)
			f.Recovery = slices.DeleteFunc(f.Recovery, func(h string) bool { return h == e.SecondFactorUsed.RecoveryHash })
		}
	}
}

// ---------------------------------------------------------------- preferences

// Limits of preferences.
const (
	maxSignatureBytes = 4000
	maxMuted          = 200
	maxUndoSeconds    = 60
)

// DefaultPreferences are those of an agent who has never set any.
func DefaultPreferences() *deskpb.AgentPreferences {
	return &deskpb.AgentPreferences{UndoSendSeconds: 5, Notifications: &deskpb.NotificationRules{QuietWhenAway: true}}
}

func setPreferences(a *Member, m *deskpb.AgentPreferences) ([]Event, error) {
	if m == nil {
		return nil, Refuse(Invalid, "preferences", "must be given")
	}
	m = proto.CloneOf(m)
	if m.Notifications == nil {
		m.Notifications = &deskpb.NotificationRules{}
	}
	if m.ShownEmail != "" {
		email, err := CleanEmail(m.ShownEmail)
		if err != nil {
			return nil, Refuse(Invalid, "shown_email", "must be a mail address such as ana@example.com")
		}
		m.ShownEmail = email
	}
	m.Signature = strings.TrimRight(strings.ReplaceAll(m.Signature, "\r\n", "\n"), " \t\n")
	switch {
	case !slices.Contains([]string{"", "en", "es"}, m.Language):
		return nil, Refuse(Invalid, "language", "must be en, es or empty")
	case !slices.Contains([]string{"", "light", "dark"}, m.Theme):
		return nil, Refuse(Invalid, "theme", "must be light, dark or empty")
	case len(m.Signature) > maxSignatureBytes || !utf8.ValidString(m.Signature) || strings.ContainsRune(m.Signature, 0):
		return nil, Refuse(Invalid, "signature", "must be text of at most %d bytes", maxSignatureBytes)
	case m.UndoSendSeconds < 0 || m.UndoSendSeconds > maxUndoSeconds:
		return nil, Refuse(Invalid, "undo_send_seconds", "must be 0 to %d", maxUndoSeconds)
	}
	if err := cleanRules(m.Notifications); err != nil {
		return nil, err
	}
	if err := checkColumns(m.Columns); err != nil {
		return nil, err
	}
	if proto.Equal(a.Preferences, m) {
		return nil, nil
	}
	return events(deskpb.NewEvent(&deskpb.AgentPreferencesSet{Preferences: m})), nil
}

func cleanRules(n *deskpb.NotificationRules) error {
	for _, k := range n.Muted {
		if !slices.Contains(NotificationKinds, k) {
			return Refuse(Invalid, "notifications.muted", "must be some of %s", strings.Join(NotificationKinds, ", "))
		}
	}
	for field, list := range map[string]*[]string{"muted_tickets": &n.MutedTickets, "muted_channels": &n.MutedChannels} {
		if len(*list) > maxMuted {
			return Refuse(Invalid, "notifications."+field, "at most %d", maxMuted)
		}
		for _, id := range *list {
			if !ValidID(id) {
				return Refuse(Invalid, "notifications."+field, "one of them is no id")
			}
		}
		*list = unique(*list)
	}
	n.Muted = unique(n.Muted)
	return nil
}

func unique(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}
