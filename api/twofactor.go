package api

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/centralita/centralita/api/live"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/internal/qrcode"
	"github.com/centralita/centralita/internal/totp"
	"github.com/centralita/centralita/proto/deskpb"
)

// The second factor: a code of an authenticator (RFC 6238) besides the password. Its secret is in the journal sealed with the
// installation's key, and in the clear only in the answer that shows it once. Whether a code was used before is decided by
// the agent's stream, so that two sign-ins at the same moment cannot share one.

// issuer is what authenticator apps show.
const issuer = "Centralita"

// reasonTwoFactor tells a program that the password was right and a code is needed, or another one.
const reasonTwoFactor = "two_factor"

type twoFactorState struct {
	Body struct {
		On           bool    `json:"on"`
		Since        *string `json:"since" format:"date-time"`
		RecoveryLeft int32   `json:"recovery_left" doc:"One-time recovery codes that were not used"`
	}
}

func (s *Server) readTwoFactor(ctx context.Context, _ *nothing) (*twoFactorState, error) {
	f, err := s.factor(me(ctx).Agent)
	if err != nil {
		return nil, err
	}
	out := &twoFactorState{}
	out.Body.On, out.Body.Since, out.Body.RecoveryLeft = f != nil, optionalTime(f.GetSinceMs()), f.GetRecoveryLeft()
	return out, nil
}

func (s *Server) factor(id desk.AgentID) (*deskpb.TwoFactorSecret, error) {
	f, err := s.opt.Secrets.TwoFactor(id)
	if err != nil {
		return nil, fmt.Errorf("read the second factor of %s: %w", id, err)
	}
	return f, nil
}

type withPassword struct {
	request
	Body struct {
		Password string `json:"password" maxLength:"256" doc:"The current one"`
	}
}

type enrolmentOutput struct {
	Body struct {
		Secret    string `json:"secret" doc:"To type in where no camera is"`
		URI       string `json:"uri" doc:"For authenticator apps"`
		QR        string `json:"qr" doc:"The URI as an SVG drawing"`
		Enrolment string `json:"enrolment" doc:"Give it back with the first code, within ten minutes"`
	}
}

// enrolment is what the browser keeps, sealed, between the two steps: nothing is stored for who gives up halfway.
type enrolment struct {
	Agent     desk.AgentID `json:"agent"`
	Secret    []byte       `json:"totp"`
	ExpiresMs int64        `json:"expires_ms"`
}

func (s *Server) beginTwoFactor(ctx context.Context, in *withPassword) (*enrolmentOutput, error) {
	who := me(ctx)
	if err := s.checkPassword(ctx, in.r, in.Body.Password, "password"); err != nil {
		return nil, err
	}
	secret := totp.NewSecret()
	plain, err := json.Marshal(enrolment{who.Agent, secret, time.Now().Add(10 * time.Minute).UnixMilli()}) //nolint:gosec // it is sealed below
	if err != nil {
		return nil, fmt.Errorf("write an enrolment: %w", err)
	}
	sealed, err := s.opt.Vault.Seal(plain)
	if err != nil {
		return nil, fmt.Errorf("seal an enrolment: %w", err)
	}
	out := &enrolmentOutput{}
	b := &out.Body
	b.Secret, b.URI, b.Enrolment = totp.Text(secret), totp.URI(issuer, who.row.Email, secret), base64.RawURLEncoding.EncodeToString(sealed)
	b.QR, err = qrcode.SVG(b.URI)
	return out, err
}

type confirmInput struct {
	Body struct {
		Enrolment string `json:"enrolment" maxLength:"1000"`
		Code      string `json:"code" maxLength:"20" doc:"What the authenticator shows"`
	}
}

type recoveryOutput struct {
	Body struct {
		RecoveryCodes []string `json:"recovery_codes" doc:"Each opens the door once; they are shown this once"`
	}
}

func (s *Server) confirmTwoFactor(ctx context.Context, in *confirmInput) (*recoveryOutput, error) {
	who := me(ctx)
	if err := s.limit(s.limits.byCode, string(who.Agent)); err != nil {
		return nil, err
	}
	e, ok := s.openEnrolment(in.Body.Enrolment, who.Agent)
	if !ok {
		return nil, fault("body.enrolment", "this took too long: begin again")
	}
	step, fits := totp.Check(e.Secret, in.Body.Code, time.Now())
	if !fits {
		return nil, fault("body.code", "this is not the code the app shows now; the clocks of phone and server must agree")
	}
	sealed, err := s.opt.Vault.Seal(boundSecret(who.Agent, e.Secret))
	if err != nil {
		return nil, fmt.Errorf("seal a second factor: %w", err)
	}
	codes, hashes := recoveryCodes(who.Agent)
	cmd := deskpb.NewCommand(&deskpb.SetTwoFactor{SealedSecret: sealed, RecoveryHashes: hashes, Step: step})
	if _, err := s.do(ctx, who.Agent.Stream(), cmd, live.AuthorOf(who.row)); err != nil {
		return nil, err
	}
	s.limits.byCode.giveBack(string(who.Agent), time.Now())
	out := &recoveryOutput{}
	out.Body.RecoveryCodes = codes
	return out, nil
}

func (s *Server) openEnrolment(text string, agent desk.AgentID) (e enrolment, ok bool) {
	sealed, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return e, false
	}
	plain, err := s.opt.Vault.Open(sealed)
	if err != nil || json.Unmarshal(plain, &e) != nil {
		return e, false
	}
	return e, e.Agent == agent && len(e.Secret) == totp.SecretBytes && e.ExpiresMs > time.Now().UnixMilli()
}

// boundSecret says whose a secret is: one copied to another agent's stream opens nothing.
func boundSecret(agent desk.AgentID, secret []byte) []byte {
	return append([]byte("totp\x00"+string(agent)+"\x00"), secret...)
}

func (s *Server) secretOf(agent desk.AgentID, f *deskpb.TwoFactorSecret) ([]byte, error) {
	plain, err := s.opt.Vault.Open(f.SealedSecret)
	if err != nil {
		return nil, fmt.Errorf("open the second factor of %s: %w", agent, err)
	}
	secret, bound := strings.CutPrefix(string(plain), "totp\x00"+string(agent)+"\x00")
	if !bound {
		return nil, fmt.Errorf("open the second factor of %s: it belongs to somebody else", agent)
	}
	return []byte(secret), nil
}

var recoveryText = base32.NewEncoding("abcdefghjkmnpqrstvwxyz0123456789").WithPadding(base32.NoPadding)

// recoveryCodes are 80 random bits each: long enough that their plain hashes may lie in the journal.
func recoveryCodes(agent desk.AgentID) (codes, hashes []string) {
	for range desk.RecoveryCodes {
		var b [10]byte
		_, _ = rand.Read(b[:]) // it never fails: crypto/rand
		c := recoveryText.EncodeToString(b[:])
		codes = append(codes, c[:4]+"-"+c[4:8]+"-"+c[8:12]+"-"+c[12:])
		hashes = append(hashes, recoveryHash(agent, c))
	}
	return codes, hashes
}

func recoveryHash(agent desk.AgentID, code string) string {
	code = strings.ToLower(strings.ReplaceAll(totp.Clean(code), "-", ""))
	h := sha256.Sum256([]byte("recovery\x00" + string(agent) + "\x00" + code))
	return hex.EncodeToString(h[:])
}

// newRecoveryCodes are shown once, in place of those that were left.
func (s *Server) newRecoveryCodes(ctx context.Context, in *withPassword) (*recoveryOutput, error) {
	who := me(ctx)
	if err := s.checkPassword(ctx, in.r, in.Body.Password, "password"); err != nil {
		return nil, err
	}
	codes, hashes := recoveryCodes(who.Agent)
	if _, err := s.do(ctx, who.Agent.Stream(), deskpb.NewCommand(&deskpb.ReplaceRecoveryCodes{RecoveryHashes: hashes}), live.AuthorOf(who.row)); err != nil {
		return nil, err
	}
	out := &recoveryOutput{}
	out.Body.RecoveryCodes = codes
	return out, nil
}

// endTwoFactor is one's own, with the password.
func (s *Server) endTwoFactor(ctx context.Context, in *withPassword) (*nothing, error) {
	who := me(ctx)
	if err := s.checkPassword(ctx, in.r, in.Body.Password, "password"); err != nil {
		return nil, err
	}
	if who.row.Role == deskpb.Role_ROLE_ADMINISTRATOR {
		rules, err := s.security()
		if err != nil {
			return nil, err
		}
		if rules.GetTwoFactorForAdministrators() {
			return nil, desk.Refuse(desk.Conflict, "", "this desk asks administrators for two-factor sign-in: take that rule back first")
		}
	}
	_, err := s.do(ctx, who.Agent.Stream(), deskpb.NewCommand(&deskpb.ClearTwoFactor{}), live.AuthorOf(who.row))
	return nil, err
}

// resetTwoFactor is an administrator's help for who lost the phone and the recovery codes. It does not sign anybody in. One's own
// needs the password, which this does not ask for.
func (s *Server) resetTwoFactor(ctx context.Context, in *ByID) (*nothing, error) {
	if desk.AgentID(in.ID) == me(ctx).Agent {
		return nil, desk.Refuse(desk.Conflict, "", "switch your own off in your account, with your password")
	}
	_, err := s.do(ctx, desk.AgentID(in.ID).Stream(), deskpb.NewCommand(&deskpb.ClearTwoFactor{}), live.AuthorOf(me(ctx).row))
	return nil, err
}

// checkSecondFactor asks for a code, if the agent has a second factor, and uses it up.
func (s *Server) checkSecondFactor(ctx context.Context, row desk.Agent, code string) error {
	id := desk.AgentID(row.Agent)
	f, err := s.factor(id)
	if err != nil || f == nil {
		return err
	}
	if totp.Clean(code) == "" {
		return needsCode("enter the code of your authenticator app, or a recovery code")
	}
	if err := s.limit(s.limits.byCode, row.Agent); err != nil {
		return err
	}
	use := &deskpb.UseSecondFactor{RecoveryHash: recoveryHash(id, code)}
	if len(totp.Clean(code)) == 6 {
		secret, err := s.secretOf(id, f)
		if err != nil {
			return err
		}
		step, fits := totp.Check(secret, code, time.Now())
		if !fits {
			return needsCode("this code is wrong")
		}
		use = &deskpb.UseSecondFactor{Step: step}
	}
	_, err = s.do(ctx, id.Stream(), deskpb.NewCommand(use), live.AuthorOf(row))
	if desk.ReasonOf(err) == "replayed" {
		return needsCode("this code is wrong or was used before; each works once")
	}
	if err == nil {
		s.limits.byCode.giveBack(row.Agent, time.Now())
	}
	return err
}

func needsCode(detail string) *Problem {
	p := problem(http.StatusUnauthorized, detail)
	p.Reason = reasonTwoFactor
	return p
}
