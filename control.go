package centralita

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"time"
)

// controlFile is the socket by which another process of the same user asks a running desk for a backup. Who may open it is
// decided by the data directory's permissions.
func controlFile(dataDir string) string { return filepath.Join(dataDir, "control.sock") }

// longestSocket is how long the path of a socket may be (sun_path of unix(7), and less on other systems).
const longestSocket = 100

// reachControl gives a path by which the control socket can be bound or dialled, valid until done is called. One that is too long
// is reached through the open directory, where the system has such paths.
func reachControl(dataDir string) (path string, done func(), err error) {
	path = controlFile(dataDir)
	if len(path) <= longestSocket {
		return path, func() {}, nil
	}
	if runtime.GOOS != "linux" {
		return "", nil, fmt.Errorf("the path %s is too long for a socket (%d bytes at most): choose a shorter data directory", path, longestSocket)
	}
	dir, err := os.Open(dataDir)
	if err != nil {
		return "", nil, err
	}
	return fmt.Sprintf("/proc/self/fd/%d/%s", dir.Fd(), filepath.Base(path)), func() { _ = dir.Close() }, nil
}

// ServeControl answers on the control socket of the data directory until ctx ends. A program that embeds the engine needs it only
// if `centralita backup` is to work while it runs.
func (e *Engine) ServeControl(ctx context.Context) error {
	if e.dataDir == "" {
		return errors.New("serve the control socket: the engine has no data directory")
	}
	path := controlFile(e.dataDir)
	_ = os.Remove(path) // of a process that was killed; the journal's lock says that no other one runs
	reach, done, err := reachControl(e.dataDir)
	if err != nil {
		return wrap("listen on the control socket", err)
	}
	ln, err := (&net.ListenConfig{}).Listen(ctx, "unix", reach)
	done()
	if err != nil {
		return wrap("listen on the control socket", err)
	}
	ln.(*net.UnixListener).SetUnlinkOnClose(false) // it knows the way it was reached by, not its path
	defer os.Remove(path)
	if err := os.Chmod(path, 0o600); err != nil {
		return errors.Join(err, ln.Close())
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /backup", func(w http.ResponseWriter, r *http.Request) {
		if err := e.Backup(r.Context(), w); err != nil {
			e.log.Error("back up", "err", err)
			panic(http.ErrAbortHandler) // the reader sees a cut stream, not a short file
		}
	})
	srv := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	stop := context.AfterFunc(ctx, func() { _ = srv.Close() })
	defer stop()
	if err := srv.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
		return wrap("serve the control socket", err)
	}
	return nil
}

// backupOfRunning asks the desk that runs on a data directory. running is false when there is none.
func backupOfRunning(ctx context.Context, dataDir string, w io.Writer) (running bool, err error) {
	reach, done, err := reachControl(dataDir)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return true, err
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", reach)
	done()
	if err != nil {
		return false, nil
	}
	client := &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext:       func(context.Context, string, string) (net.Conn, error) { return conn, nil },
	}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://desk/backup", nil)
	if err != nil {
		return true, err
	}
	res, err := client.Do(req)
	if err != nil {
		return true, fmt.Errorf("ask the running desk: %w", err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return true, fmt.Errorf("the running desk answered %s", res.Status)
	}
	if _, err := io.Copy(w, res.Body); err != nil {
		return true, fmt.Errorf("read the running desk's backup: %w", err)
	}
	return true, nil
}
