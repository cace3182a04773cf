package desk

import (
	"regexp"
	"slices"

	"github.com/centralita/centralita/proto/deskpb"
)

// SettingSignInProgram is the kind of setting that says which program this desk is with a provider.
const SettingSignInProgram = "sign_in_program"

// SignInProviders are the providers by which mailboxes are signed in without a password.
var SignInProviders = []string{"google", "microsoft"}

// SignInProgramID is the setting of a provider's.
func SignInProgramID(provider string) SettingID { return SettingID("sign_in_" + provider) }

var tenantName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9.-]{0,99}$`)

func checkSignInProgram(p *deskpb.SignInProgram) error {
	switch {
	case p == nil || !slices.Contains(SignInProviders, p.Name):
		return Refuse(Invalid, "provider", "must be google or microsoft")
	case p.ClientId == "" || len(p.ClientId) > 300 || !oneWord(p.ClientId):
		return Refuse(Invalid, "client_id", "must be the id that the provider gave, without spaces, at most 300 bytes")
	case p.Tenant != "" && p.Name != "microsoft":
		return Refuse(Invalid, "tenant", "is Microsoft's; leave it out")
	case p.Tenant != "" && !tenantName.MatchString(p.Tenant):
		return Refuse(Invalid, "tenant", "must be the directory (tenant) id, or a domain of the organisation")
	case len(p.SealedSecret) > 4096:
		return Refuse(Invalid, "client_secret", "at most 2,000 bytes")
	}
	return nil
}

func oneWord(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7F {
			return false
		}
	}
	return true
}
