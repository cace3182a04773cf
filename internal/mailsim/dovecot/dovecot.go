// Package dovecot runs a real Dovecot for tests: its own process on free loopback ports, mailboxes in a folder of its
// own, users in a file. It needs the programs of Debian's dovecot-imapd and dovecot-lmtpd, and works as root and as an
// ordinary user. Whoever starts a server stops it.
package dovecot

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"text/template"
	"time"

	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-smtp"
)

// Server is a running Dovecot.
type Server struct {
	dir  string
	imap int
	lmtp int

	introspect string // where access tokens are asked about; "": there are none

	mu        sync.Mutex
	passwords map[string]string
	writes    int
	cmd       *exec.Cmd
	ended     chan error
}

const (
	program = "dovecot"
	patient = 20 * time.Second
	nobody  = 65534
)

// Start starts a server with these accounts (address → password).
func Start(accounts map[string]string) (*Server, error) { return StartWithTokens(accounts, "") }

// StartWithTokens is Start for a server that takes access tokens too; it asks about them at introspect, to which the token is
// appended.
func StartWithTokens(accounts map[string]string, introspect string) (*Server, error) {
	dir, err := os.MkdirTemp("", "dovecot-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for dovecot: %w", err)
	}
	s := &Server{dir: dir, introspect: introspect, passwords: make(map[string]string)}
	for a, p := range accounts {
		s.passwords[strings.ToLower(a)] = p
	}
	if err := s.prepare(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	const tries = 3 // a port that was free may be taken meanwhile
	for range tries {
		if err = s.configure(); err == nil {
			err = s.run()
		}
		if err == nil {
			return s, nil
		}
	}
	return nil, errors.Join(err, os.RemoveAll(dir))
}

func (s *Server) prepare() error {
	mail := filepath.Join(s.dir, "mail")
	if err := errors.Join(os.Chmod(s.dir, 0o755), os.Mkdir(mail, 0o700), os.Mkdir(filepath.Join(s.dir, "run"), 0o755)); err != nil {
		return fmt.Errorf("prepare dovecot's folder: %w", err)
	}
	if os.Getuid() == 0 {
		if err := os.Chown(mail, nobody, nobody); err != nil {
			return fmt.Errorf("give dovecot its mail folder: %w", err)
		}
	}
	return s.writePasswords()
}

// form has no delay after a refused log-in, neither that of the log-in itself nor the growing one by address.
var form = template.Must(template.New("dovecot.conf").Parse(`base_dir = {{.Dir}}/run
log_path = {{.Dir}}/log
protocols = imap lmtp
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login{{if .Introspect}} xoauth2 oauthbearer{{end}}
auth_failure_delay = 0
mail_location = sdbox:{{.Dir}}/mail/%u
mail_fsync = never
first_valid_uid = 1
mail_max_userip_connections = 100
{{if .User}}default_internal_user = {{.User}}
default_internal_group = {{.Group}}
default_login_user = {{.User}}
{{end}}{{if .Introspect}}passdb {
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {{.Dir}}/oauth2.conf
}
{{end}}passdb {
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {{.Dir}}/passwd
}
userdb {
  driver = static
  args = uid={{.UID}} gid={{.GID}} home={{.Dir}}/mail/%u
}
service imap-login {
  chroot =
  inet_listener imap {
    port = {{.IMAP}}
  }
  inet_listener imaps {
    port = 0
  }
}
service lmtp {
  inet_listener lmtp {
    address = 127.0.0.1
    port = {{.LMTP}}
  }
}
service anvil {
  chroot =
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service stats {
  chroot =
}
namespace inbox {
  inbox = yes
  separator = /
  mailbox Sent {
    auto = create
    special_use = \Sent
  }
}
`))

func (s *Server) configure() error {
	var err error
	if s.imap, err = freePort(); err != nil {
		return err
	}
	if s.lmtp, err = freePort(); err != nil {
		return err
	}
	values := map[string]any{"Dir": s.dir, "IMAP": s.imap, "LMTP": s.lmtp, "UID": nobody, "GID": nobody, "User": "", "Group": "", "Introspect": s.introspect}
	if uid := os.Getuid(); uid != 0 {
		values["UID"], values["GID"], values["User"], values["Group"] = uid, os.Getgid(), strconv.Itoa(uid), strconv.Itoa(os.Getgid())
	}
	var b bytes.Buffer
	if err := form.Execute(&b, values); err != nil {
		return fmt.Errorf("write dovecot's configuration: %w", err)
	}
	tokens := "introspection_mode = get\nintrospection_url = " + s.introspect + "\nusername_attribute = email\nactive_attribute = active\nactive_value = true\n"
	if err := os.WriteFile(filepath.Join(s.dir, "oauth2.conf"), []byte(tokens), 0o644); err != nil {
		return fmt.Errorf("write dovecot's configuration: %w", err)
	}
	if err := os.WriteFile(s.config(), b.Bytes(), 0o644); err != nil {
		return fmt.Errorf("write dovecot's configuration: %w", err)
	}
	return nil
}

func (s *Server) config() string { return filepath.Join(s.dir, "dovecot.conf") }

// freePort finds a port where nobody listens, below those that the system gives to whoever asks for any: while the server is down
// nobody is given its port.
func freePort() (int, error) {
	for {
		port := 20_000 + rand.IntN(12_000) //nolint:gosec // any will do
		ln, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if errors.Is(err, syscall.EADDRINUSE) {
			continue
		}
		if err != nil {
			return 0, fmt.Errorf("find a free port: %w", err)
		}
		return port, ln.Close()
	}
}

// run starts the process and waits until both ports greet.
func (s *Server) run() error {
	cmd := exec.Command(program, "-F", "-c", s.config())
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	cmd.WaitDelay = 3 * time.Second // a child of it that outlives it holds these open
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start dovecot (Debian: dovecot-imapd, dovecot-lmtpd): %w", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	s.cmd, s.ended = cmd, ended
	deadline := time.Now().Add(patient)
	for _, port := range []int{s.imap, s.lmtp} {
		if err := greets(port, deadline, ended); err != nil {
			return errors.Join(fmt.Errorf("%w\n%s%s", err, said.String(), s.Log()), s.end())
		}
	}
	return nil
}

// greets waits until a server on the port says something.
func greets(port int, deadline time.Time, ended chan error) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for time.Now().Before(deadline) {
		conn, err := net.DialTimeout("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), time.Second)
		if err == nil {
			var b [1]byte
			_ = conn.SetReadDeadline(time.Now().Add(2 * time.Second)) // a connection without deadlines is of no use either
			_, err = conn.Read(b[:])
			_ = conn.Close() // only the greeting mattered
			if err == nil {
				return nil
			}
		}
		select {
		case err := <-ended:
			ended <- err
			return fmt.Errorf("dovecot ended while starting: %w", err)
		case <-tick.C:
		}
	}
	return fmt.Errorf("dovecot does not answer on port %d", port)
}

// end stops the process by its id and waits.
func (s *Server) end() error {
	if s.cmd == nil {
		return nil
	}
	cmd := s.cmd
	s.cmd = nil
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop dovecot: %w", err)
	}
	limit := time.NewTimer(patient)
	defer limit.Stop()
	select {
	case <-s.ended:
		return nil
	case <-limit.C:
		return errors.Join(errors.New("dovecot did not stop and was killed"), cmd.Process.Kill())
	}
}

// Stop ends the server and removes its mail.
func (s *Server) Stop() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return errors.Join(s.end(), os.RemoveAll(s.dir))
}

// Halt ends the process; Resume starts it again on the same ports with the same mail.
func (s *Server) Halt() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.end()
}

// Resume starts the process after Halt.
func (s *Server) Resume() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.run()
}

// Restart is Halt and Resume.
func (s *Server) Restart() error { return errors.Join(s.Halt(), s.Resume()) }

// Kick ends all connections of an account, as when its password was changed for security.
func (s *Server) Kick(account string) error {
	out, err := exec.Command("doveadm", "-c", s.config(), "kick", account).CombinedOutput()
	if err != nil && !bytes.Contains(out, []byte("no users kicked")) {
		return fmt.Errorf("kick %s: %w: %s", account, err, out)
	}
	return nil
}

// Renumber gives an account's inbox a new UIDVALIDITY.
func (s *Server) Renumber(account string, validity uint32) error {
	out, err := exec.Command("doveadm", "-c", s.config(), "mailbox", "update", "-u", account,
		"--uid-validity", strconv.FormatUint(uint64(validity), 10), "INBOX").CombinedOutput()
	if err != nil {
		return fmt.Errorf("renumber the inbox of %s: %w: %s", account, err, out)
	}
	return nil
}

// IMAPAddr is "host:port" of IMAP, without TLS.
func (s *Server) IMAPAddr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.imap)) }

// LMTPAddr is "host:port" of LMTP.
func (s *Server) LMTPAddr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.lmtp)) }

// SetPassword adds an account or changes its password, and returns when it holds: Dovecot looks at the file once a second.
// Connections that are logged in stay; see Kick.
func (s *Server) SetPassword(account, password string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.passwords[strings.ToLower(account)] = password
	if err := s.writePasswords(); err != nil || s.cmd == nil {
		return err
	}
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patient); time.Now().Before(deadline); <-tick.C {
		if s.accepts(account, password) {
			return nil
		}
	}
	return fmt.Errorf("set the password of %s: dovecot does not take it", account)
}

func (s *Server) accepts(account, password string) bool {
	client, err := imapclient.DialInsecure(s.IMAPAddr(), nil)
	if err != nil {
		return false
	}
	defer func() { _ = client.Close() }() // only the answer matters
	return client.Login(account, password).Wait() == nil
}

func (s *Server) writePasswords() error {
	var lines []string
	for a, p := range s.passwords {
		lines = append(lines, a+":{PLAIN}"+p+"\n")
	}
	sort.Strings(lines)
	s.writes++ // Dovecot compares size and second of change: each version has another size
	lines = append(lines, "#"+strings.Repeat(" ", s.writes)+"\n")
	name := filepath.Join(s.dir, "passwd")
	if err := os.WriteFile(name+".new", []byte(strings.Join(lines, "")), 0o644); err != nil {
		return fmt.Errorf("write dovecot's users: %w", err)
	}
	if err := os.Rename(name+".new", name); err != nil {
		return fmt.Errorf("replace dovecot's users: %w", err)
	}
	return nil
}

// Deliver hands mails for an account over by LMTP, on one connection, in order.
func (s *Server) Deliver(to string, raws ...[]byte) error {
	conn, err := net.DialTimeout("tcp", s.LMTPAddr(), patient)
	if err != nil {
		return fmt.Errorf("connect to LMTP: %w", err)
	}
	client := smtp.NewClientLMTP(conn)
	defer func() { _ = client.Close() }() // every mail was answered
	if err := client.Hello("localhost"); err != nil {
		return fmt.Errorf("greet LMTP: %w", err)
	}
	for i, raw := range raws {
		if err := client.SendMail("sender@customer.test", []string{to}, bytes.NewReader(raw)); err != nil {
			return fmt.Errorf("deliver mail %d of %d to %s: %w", i+1, len(raws), to, err)
		}
	}
	return nil
}

// Log is what Dovecot said.
func (s *Server) Log() string {
	f, err := os.Open(filepath.Join(s.dir, "log"))
	if errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	if err != nil {
		return err.Error()
	}
	b, err := io.ReadAll(io.LimitReader(f, 1<<20))
	return string(b) + errorText(errors.Join(err, f.Close()))
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
