package centralita

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/centralita/centralita/desk"
)

// Config is what the program reads from its file and environment. Every field has a default: no configuration is needed to start.
type Config struct {
	// DataDir holds everything the desk knows. Environment: CENTRALITA_DATA_DIR.
	DataDir string `toml:"data_dir"`
	// Address is where the program listens, host:port. Environment: CENTRALITA_ADDRESS.
	Address string `toml:"address"`
	// PublicURL is how browsers reach it; empty: http://Address. Environment: CENTRALITA_PUBLIC_URL.
	PublicURL string `toml:"public_url"`
	// LogLevel is debug, info, warn or error. Environment: CENTRALITA_LOG_LEVEL.
	LogLevel string `toml:"log_level"`
	// LogFormat is text or json. Environment: CENTRALITA_LOG_FORMAT.
	LogFormat string `toml:"log_format"`
	// SpamDays is for how many days spam is kept where the rules set on the screen do not say; 0: for ever.
	SpamDays int `toml:"spam_days"`
	// Mail is how the desk takes mail itself.
	Mail MailConfig `toml:"mail"`
	// OAuth are the providers by which mailboxes are signed in without a password.
	OAuth OAuthConfig `toml:"oauth"`
	// Discovery is how the mail servers of an address are looked for.
	Discovery DiscoveryConfig `toml:"discovery"`
}

// DefaultConfig is what holds when nothing is said.
func DefaultConfig() Config {
	return Config{DataDir: "data", Address: "127.0.0.1:8080", LogLevel: "info", LogFormat: "text", SpamDays: desk.SpamKeptDays}
}

// LoadConfig reads the defaults, then the file (if path is not empty), then the environment. All faults are joined; each names
// its field.
func LoadConfig(path string, getenv func(string) string) (Config, error) {
	c := DefaultConfig()
	if path != "" {
		meta, err := toml.DecodeFile(path, &c)
		if err != nil {
			if errors.Is(err, os.ErrNotExist) {
				return c, fmt.Errorf("config file %s: there is no such file", path)
			}
			return c, fmt.Errorf("config file %s: %w", path, err)
		}
		for _, key := range meta.Undecoded() {
			return c, fmt.Errorf("config file %s: %s: unknown setting; known are %s", path, key, strings.Join(configNames(), ", "))
		}
	}
	env := map[string]*string{
		"CENTRALITA_DATA_DIR": &c.DataDir, "CENTRALITA_ADDRESS": &c.Address, "CENTRALITA_PUBLIC_URL": &c.PublicURL,
		"CENTRALITA_LOG_LEVEL": &c.LogLevel, "CENTRALITA_LOG_FORMAT": &c.LogFormat,
	}
	maps.Copy(env, c.Mail.environment())
	maps.Copy(env, c.OAuth.environment())
	maps.Copy(env, c.Discovery.environment())
	for env, field := range env {
		if v := getenv(env); v != "" {
			*field = v
		}
	}
	return c, c.Validate()
}

func configNames() []string {
	return []string{"data_dir", "address", "public_url", "log_level", "log_format", "spam_days", "mail.listen", "mail.lmtp_listen", "mail.domain", "mail.tls_cert", "mail.tls_key", "mail.max_megabytes",
		"oauth.google.client_id", "oauth.google.client_secret", "oauth.microsoft.client_id", "oauth.microsoft.client_secret", "oauth.microsoft.tenant",
		"discovery.database", "discovery.networks"}
}

// Validate checks every field and joins all faults.
func (c Config) Validate() error {
	var faults []error
	if c.DataDir == "" {
		faults = append(faults, errors.New("data_dir: name a directory"))
	}
	if _, _, err := net.SplitHostPort(c.Address); err != nil {
		faults = append(faults, fmt.Errorf("address: %q is not host:port, such as 127.0.0.1:8080", c.Address))
	}
	if u, err := url.Parse(c.PublicURL); c.PublicURL != "" && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || strings.Trim(u.Path, "/") != "") {
		faults = append(faults, fmt.Errorf("public_url: %q must look like https://desk.example.com, without a path", c.PublicURL))
	}
	if _, err := c.level(); err != nil {
		faults = append(faults, err)
	}
	if c.LogFormat != "text" && c.LogFormat != "json" {
		faults = append(faults, fmt.Errorf("log_format: %q must be text or json", c.LogFormat))
	}
	if c.SpamDays < 0 || c.SpamDays > desk.MaxSpamDays {
		faults = append(faults, fmt.Errorf("spam_days: %d must be 1 to %d days, or 0: spam is kept for ever", c.SpamDays, desk.MaxSpamDays))
	}
	return errors.Join(slices.Concat(faults, c.Mail.faults(), c.OAuth.faults(), c.Discovery.faults())...)
}

func (c Config) level() (slog.Level, error) {
	var l slog.Level
	if err := l.UnmarshalText([]byte(c.LogLevel)); err != nil {
		return 0, fmt.Errorf("log_level: %q must be debug, info, warn or error", c.LogLevel)
	}
	return l, nil
}

// NewLogger makes the logger that the configuration asks for, writing to w.
func (c Config) NewLogger(w interface{ Write([]byte) (int, error) }) *slog.Logger {
	level, _ := c.level()
	opt := &slog.HandlerOptions{Level: level}
	if c.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, opt))
	}
	return slog.New(slog.NewTextHandler(w, opt))
}
