package centralita_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/centralita/centralita"
)

func TestConfigNeedsNothing(t *testing.T) {
	t.Parallel()
	c, err := centralita.LoadConfig("", func(string) string { return "" })
	if err != nil || c != centralita.DefaultConfig() {
		t.Fatalf("%+v, %v", c, err)
	}
}

func TestConfigLaterWins(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "centralita.toml")
	text := "data_dir = \"/from/file\"\naddress = \"127.0.0.1:9000\"\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := centralita.LoadConfig(path, func(k string) string {
		return map[string]string{"CENTRALITA_ADDRESS": "127.0.0.1:9001", "CENTRALITA_PUBLIC_URL": "https://desk.example.com"}[k]
	})
	if err != nil || c.DataDir != "/from/file" || c.Address != "127.0.0.1:9001" || c.PublicURL != "https://desk.example.com" {
		t.Fatalf("%+v, %v", c, err)
	}
}

func TestConfigNamesEveryFault(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want string }{
		"all at once":     {"data_dir = \"\"\naddress = \"nonsense\"\npublic_url = \"ftp://x/y\"\nlog_level = \"loud\"\nlog_format = \"xml\"\n", "data_dir address public_url log_level log_format"},
		"mail":            {"[mail]\nlisten = \"nowhere\"\nlmtp_listen = \"lmtp\"\ntls_key = \"k\"\nmax_megabytes = -1\n", "mail.listen mail.lmtp_listen mail.domain mail.tls_cert mail.max_megabytes"},
		"unheard mail":    {"[mail]\ndomain = \"in.desk.test\"\n", "mail.listen"},
		"unknown setting": {"adress = \"x\"\n", "adress unknown"},
		"wrong type":      {"address = 5\n", "address"},
		"no TOML":         {"address\n", "line"},
	} {
		path := filepath.Join(t.TempDir(), "centralita.toml")
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := centralita.LoadConfig(path, func(string) string { return "" })
		if err == nil {
			t.Errorf("%s: taken", name)
			continue
		}
		for _, w := range strings.Fields(c.want) {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%s: %q does not mention %q", name, err, w)
			}
		}
	}
	if _, err := centralita.LoadConfig("/there/is/no/such.toml", func(string) string { return "" }); err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Error(err)
	}
}
