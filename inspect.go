package centralita

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"runtime"

	"github.com/centralita/centralita/channels/email"
)

// InspectMail reads one mail as a mailbox does, and gives what it makes of it as a line of JSON: see docs/email.md.
func InspectMail(name string, mail io.Reader, size int64, own []string) ([]byte, error) {
	return email.InspectMail(name, mail, size, own)
}

// InspectMails writes what a mailbox would make of each mail, one JSON object a line, in the order of the files; "-" is in. It
// reads several at once. A file that is refused gives its name and the reason, and is counted. own are the addresses of the desk.
func InspectMails(ctx context.Context, out io.Writer, in io.Reader, own, files []string) (refused int, err error) {
	type result struct {
		line    []byte
		refused bool
	}
	const ahead = 64 // results that wait for one before them
	queue := make(chan chan result, ahead)
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		defer close(queue)
		for _, file := range files {
			done := make(chan result, 1)
			select {
			case queue <- done:
			case <-ctx.Done():
				return
			}
			slots <- struct{}{}
			go func() {
				defer func() { <-slots }()
				line, fault := inspectFile(file, in, own)
				if fault != nil {
					line, _ = json.Marshal(refusal{file, fault.Error()}) // two strings
				}
				done <- result{line, fault != nil}
			}()
		}
	}()
	w := bufio.NewWriterSize(out, 64<<10)
	for done := range queue {
		r := <-done
		if r.refused {
			refused++
		}
		if _, err := w.Write(append(r.line, '\n')); err != nil {
			return refused, err
		}
	}
	if err := w.Flush(); err != nil {
		return refused, err
	}
	return refused, ctx.Err()
}

type refusal struct {
	File  string `json:"file"`
	Error string `json:"error"`
}

func inspectFile(name string, in io.Reader, own []string) ([]byte, error) {
	if name == "-" {
		return email.InspectMail(name, in, -1, own)
	}
	f, err := os.Open(name)
	if err != nil {
		if pe, is := errors.AsType[*fs.PathError](err); is {
			err = pe.Err
		}
		return nil, err
	}
	defer func() { _ = f.Close() }() // nothing was written
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, errors.New("is a folder, not a mail: name the files in it")
	}
	return email.InspectMail(name, f, info.Size(), own)
}
