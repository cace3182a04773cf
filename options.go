package centralita

import (
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"

	"github.com/centralita/centralita/actors"
	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/internal/vault"
	"github.com/centralita/centralita/persistence"
)

// Options is what a program that embeds the engine may hand in. Only DataDir, or Store with Blobs and SecretKey, is required.
type Options struct {
	// DataDir holds everything: journal, index, attachments, the secret key. It is made when it is not there.
	DataDir string
	// Store and Blobs replace what would be opened in DataDir; they stay the caller's to close.
	Store persistence.Store
	Blobs channels.Blobs
	// SecretKey seals channel passwords: 32 bytes. Empty: the file secret.key in DataDir, made on first use.
	SecretKey []byte
	// OldSecretKeys are those that SecretKey has replaced: what they sealed can be opened, and answers to mail they signed are
	// known. In secret.key they stand below the one in use, a line each.
	OldSecretKeys [][]byte
	// Connectors are kinds of channel of your own, beside email and chat.
	Connectors []channels.Kind
	// PublicURL is how browsers reach Handler, such as https://desk.example.com; it decides on secure cookies and links.
	PublicURL string
	// Mail is how the engine takes mail itself, for channels that mail is forwarded to; empty: it takes none.
	Mail MailConfig
	// OAuth are the providers by which mailboxes are signed in without a password.
	OAuth OAuthConfig
	// Discovery is how the mail servers of an address are looked for.
	Discovery DiscoveryConfig
	// SpamDays is for how many days spam is kept where the desk's own rules do not say: 0 means 90, a negative number for ever.
	SpamDays int
	// Logger is told what happens; nil: nobody is.
	Logger *slog.Logger
	// Tuning changes times and limits; the zero value means the defaults.
	Tuning actors.Tuning
}

func (o Options) withDefaults() (Options, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	var faults []error
	if o.DataDir == "" && o.Store == nil {
		faults = append(faults, errors.New("Options.DataDir: name a directory for the data, or hand in a Store"))
	}
	if o.Store != nil && o.Blobs == nil {
		faults = append(faults, errors.New("Options.Blobs: a Store of your own needs Blobs too"))
	}
	if o.Store != nil && o.DataDir == "" && len(o.SecretKey) == 0 {
		faults = append(faults, errors.New("Options.SecretKey: without DataDir there is no key file; hand in 32 bytes"))
	}
	return o, errors.Join(slices.Concat(faults, o.Mail.faults(), o.OAuth.faults(), o.Discovery.faults())...)
}

func (o Options) vault() (*vault.Vault, error) {
	if len(o.SecretKey) > 0 {
		return vault.New(o.SecretKey, o.OldSecretKeys...)
	}
	return vault.OpenFile(KeyFile(o.DataDir))
}

// existingVault is vault for who must not make a key.
func (o Options) existingVault() (*vault.Vault, error) {
	if len(o.SecretKey) > 0 {
		return vault.New(o.SecretKey, o.OldSecretKeys...)
	}
	return vault.ReadFile(KeyFile(o.DataDir))
}

// KeyFile is where the secret key of a data directory lives. A backup without it cannot open channel passwords.
func KeyFile(dataDir string) string { return filepath.Join(dataDir, "secret.key") }

// mailDomain is the domain for which mail is taken, "" for none.
func (o Options) mailDomain() string { return strings.ToLower(o.Mail.Domain) }

// spamDays is SpamDays as the engine counts: 0 is for ever.
func (o Options) spamDays() uint32 {
	switch {
	case o.SpamDays == 0:
		return desk.SpamKeptDays
	case o.SpamDays < 0:
		return 0
	}
	return uint32(min(o.SpamDays, desk.MaxSpamDays)) //nolint:gosec // as said above
}

// journalDir and blobDir are the parts of a data directory.
func journalDir(dataDir string) string { return filepath.Join(dataDir, "journal") }
func blobDir(dataDir string) string    { return filepath.Join(dataDir, "blobs") }

// reportsDir is where the counters of the dashboard live; without a directory they are counted at each start.
func reportsDir(dataDir string) string {
	if dataDir == "" {
		return ""
	}
	return filepath.Join(dataDir, "reports")
}

// searchDir is where the search index lives; without a directory it is in memory.
func searchDir(dataDir string) string {
	if dataDir == "" {
		return ""
	}
	return filepath.Join(dataDir, "search")
}

func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}
