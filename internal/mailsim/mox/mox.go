// Package mox runs a real mox (github.com/mjl-/mox) for tests: an IMAP and submission server that shares no code with Dovecot or with
// the libraries we use. It is built from the module proxy when a test asks for it, by the module in the folder server, and is no
// part of the program. Whoever starts a server stops it.
package mox

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/emersion/go-imap/v2/imapclient"
)

// The account that there is.
const (
	Account  = "mox@localhost"
	Password = "moxmoxmox"
)

const patient = 30 * time.Second

// Server is a running mox.
type Server struct {
	dir   string
	ports map[string]int // by the port of its usual configuration
	cmd   *exec.Cmd
	said  *bytes.Buffer // read after it has ended
	ended chan error
}

// build makes the program once for a process.
var build = sync.OnceValues(func() (program string, err error) {
	_, here, _, _ := runtime.Caller(0)
	dir, err := os.MkdirTemp("", "mox-build-")
	if err != nil {
		return "", fmt.Errorf("make a folder for mox: %w", err)
	}
	program = filepath.Join(dir, "mox")
	for _, name := range []string{"go.mod", "go.sum"} { // a copy: the go command may write to them
		b, err := os.ReadFile(filepath.Join(filepath.Dir(here), "server", name))
		if err := errors.Join(err, os.WriteFile(filepath.Join(dir, name), b, 0o600)); err != nil {
			return "", errors.Join(fmt.Errorf("build mox: %w", err), os.RemoveAll(dir))
		}
	}
	cmd := exec.Command("go", "build", "-mod=mod", "-trimpath", "-buildvcs=false", "-o", program, "github.com/mjl-/mox")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", errors.Join(fmt.Errorf("build mox: %w: %s", err, out), os.RemoveAll(dir))
	}
	return program, nil
})

// Start starts a server on free loopback ports.
func Start() (*Server, error) {
	program, err := build()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "mox-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for mox: %w", err)
	}
	s := &Server{dir: filepath.Join(dir, "data"), ports: map[string]int{}, said: &bytes.Buffer{}, ended: make(chan error, 1)}
	if out, err := exec.Command(program, "localserve", "-dir", s.dir, "-ip", "127.0.0.1", "-initonly").CombinedOutput(); err != nil {
		return nil, errors.Join(fmt.Errorf("prepare mox: %w: %s", err, out), os.RemoveAll(dir))
	}
	if err := s.choosePorts(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	s.cmd = exec.Command(program, "localserve", "-dir", s.dir)
	s.cmd.Stdout, s.cmd.Stderr = s.said, s.said
	if err := s.cmd.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("start mox: %w", err), os.RemoveAll(dir))
	}
	go func() { s.ended <- s.cmd.Wait() }()
	if err := s.awaitGreeting(); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	return s, nil
}

var portLine = regexp.MustCompile(`(?m)^(\s*Port: )(\d+)$`)

// choosePorts replaces the fixed ports of its configuration by free ones.
func (s *Server) choosePorts() error {
	file := filepath.Join(s.dir, "mox.conf")
	conf, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("read mox's configuration: %w", err)
	}
	var listeners []net.Listener // held until all are known, so that no two are the same
	changed := portLine.ReplaceAllStringFunc(string(conf), func(line string) string {
		m := portLine.FindStringSubmatch(line)
		ln, lerr := net.Listen("tcp", "127.0.0.1:0")
		if lerr != nil {
			err = errors.Join(err, lerr)
			return line
		}
		listeners = append(listeners, ln)
		s.ports[m[2]] = ln.Addr().(*net.TCPAddr).Port
		return m[1] + strconv.Itoa(s.ports[m[2]])
	})
	for _, ln := range listeners {
		err = errors.Join(err, ln.Close())
	}
	changed = strings.Replace(changed, "LogLevel: traceauth", "LogLevel: info", 1)
	if err := errors.Join(err, os.WriteFile(file, []byte(changed), 0o600)); err != nil {
		return fmt.Errorf("configure mox: %w", err)
	}
	return nil
}

func (s *Server) awaitGreeting() error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patient); time.Now().Before(deadline); {
		if client, err := imapclient.DialInsecure(s.addr("1143"), nil); err == nil {
			err = client.WaitGreeting()
			_ = client.Close() // only the greeting mattered
			if err == nil {
				return nil
			}
		}
		select {
		case err := <-s.ended:
			s.ended <- err
			return fmt.Errorf("mox ended while starting: %w: %s", err, s.said)
		case <-tick.C:
		}
	}
	return errors.New("mox does not answer")
}

func (s *Server) addr(usual string) string {
	return net.JoinHostPort("localhost", strconv.Itoa(s.ports[usual]))
}

// IMAPAddr is "host:port" of IMAP without TLS.
func (s *Server) IMAPAddr() string { return s.addr("1143") }

// IMAPSAddr is "host:port" of IMAP with TLS.
func (s *Server) IMAPSAddr() string { return s.addr("1993") }

// SubmissionAddr is "host:port" of submission with TLS. Recipients such as rcptto550@localhost are refused with that code.
func (s *Server) SubmissionAddr() string { return s.addr("1465") }

// CAPEM is the certificate a client must trust.
func (s *Server) CAPEM() (string, error) {
	b, err := os.ReadFile(filepath.Join(s.dir, "localhost.crt"))
	if err != nil {
		return "", fmt.Errorf("read mox's certificate: %w", err)
	}
	return string(b), nil
}

// Append puts mails into the inbox, as another mail program would.
func (s *Server) Append(raws ...[]byte) error {
	client, err := imapclient.DialInsecure(s.IMAPAddr(), nil)
	if err != nil {
		return fmt.Errorf("dial mox: %w", err)
	}
	defer func() { _ = client.Close() }() // every mail was answered
	if err := client.Login(Account, Password).Wait(); err != nil {
		return fmt.Errorf("log in to mox: %w", err)
	}
	for _, raw := range raws {
		cmd := client.Append("INBOX", int64(len(raw)), nil)
		_, err := cmd.Write(raw)
		err = errors.Join(err, cmd.Close())
		if _, werr := cmd.Wait(); err == nil {
			err = werr
		}
		if err != nil {
			return fmt.Errorf("append to mox: %w", err)
		}
	}
	return nil
}

// Stop ends the server by its id and removes its mail.
func (s *Server) Stop() error {
	var errs []error
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		errs = append(errs, fmt.Errorf("stop mox: %w", err))
	}
	limit := time.NewTimer(patient)
	defer limit.Stop()
	select {
	case <-s.ended:
	case <-limit.C:
		errs = append(errs, errors.New("mox did not stop and was killed"), s.cmd.Process.Kill())
	}
	return errors.Join(append(errs, os.RemoveAll(filepath.Dir(s.dir)))...)
}
