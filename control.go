package centralita

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// controlFile is the socket by which another process of the same user asks a running desk for a backup. Who may open it is
// decided by the data directory's permissions.
func controlFile(dataDir string) string { return filepath.Join(dataDir, "control.sock") }

// ServeControl answers on the control socket of the data directory until ctx ends. A program that embeds the engine needs it only
// if `centralita backup` is to work while it runs.
func (e *Engine) ServeControl(ctx context.Context) error {
	if e.dataDir == "" {
		return errors.New("serve the control socket: the engine has no data directory")
	}
	path := controlFile(e.dataDir)
	_ = os.Remove(path) // of a process that was killed; the journal's lock says that no other one runs
	ln, err := (&net.ListenConfig{}).Listen(ctx, "unix", path)
	if err != nil {
		return wrap("listen on the control socket", err)
	}
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
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", controlFile(dataDir))
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
