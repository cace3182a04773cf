package mailsim

import (
	"fmt"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
)

// AddFolder makes a folder in an account.
func (s *Server) AddFolder(address, name string) error {
	a := s.account(address)
	if a == nil {
		return fmt.Errorf("make a folder: no account %s", address)
	}
	if err := a.user.Create(name, nil); err != nil {
		return fmt.Errorf("make the folder %s of %s: %w", name, address, err)
	}
	return nil
}

// RemoveFolder takes a folder away, with what is in it.
func (s *Server) RemoveFolder(address, name string) error {
	a := s.account(address)
	if a == nil {
		return fmt.Errorf("remove a folder: no account %s", address)
	}
	if err := a.user.Delete(name); err != nil {
		return fmt.Errorf("remove the folder %s of %s: %w", name, address, err)
	}
	return nil
}

// Holds counts the mails that stand in a folder now, wherever they were moved from; Folder tells what was put there.
func (s *Server) Holds(address, name string) (int, error) {
	a := s.account(address)
	if a == nil {
		return 0, fmt.Errorf("count mails: no account %s", address)
	}
	session := imapmemserver.NewUserSession(a.user)
	data, err := session.Select(name, &imap.SelectOptions{ReadOnly: true})
	if err != nil {
		return 0, fmt.Errorf("select %s of %s: %w", name, address, err)
	}
	return int(data.NumMessages), session.Close()
}
