package tidy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"github.com/centralita/centralita/desk"
)

// Means says whether a server can do it. Moving needs MOVE (RFC 6851), or UIDPLUS (RFC 4315): without either, what others have marked as
// deleted would go with it.
func (s Settings) Means(field string, caps imap.CapSet) error {
	if s.Do == Move && !caps.Has(imap.CapMove) && !caps.Has(imap.CapUIDPlus) {
		return desk.Refuse(desk.Invalid, field+".do", "this mail server cannot move single mails (it offers neither MOVE nor UIDPLUS): choose read, or leave mail as it is")
	}
	return nil
}

// Hand does it, on one connection after another.
type Hand struct {
	copied map[imap.UID]bool // in the other folder already, and not yet gone from this one
}

// Do marks or moves mails of the folder that is selected. Those that are gone are no fault. It may be called again for the same mails.
func (h *Hand) Do(client *imapclient.Client, s Settings, uids []imap.UID) error {
	set := imap.UIDSetNum(uids...)
	switch {
	case s.Do == Read:
		return flag(client, set, imap.FlagSeen)
	case client.Caps().Has(imap.CapMove):
		if _, err := client.Move(set, s.Folder).Wait(); err != nil {
			return fmt.Errorf("move to %q: %w", s.Folder, err)
		}
		return nil
	case client.Caps().Has(imap.CapUIDPlus):
		return h.byCopy(client, s.Folder, set, uids)
	}
	return s.Means("after_intake", client.Caps())
}

// byCopy moves step by step. What was copied is remembered, so that a connection that ends between the steps makes no second copy.
func (h *Hand) byCopy(client *imapclient.Client, folder string, set imap.UIDSet, uids []imap.UID) error {
	if h.copied == nil {
		h.copied = map[imap.UID]bool{}
	}
	fresh := slices.DeleteFunc(slices.Clone(uids), func(u imap.UID) bool { return h.copied[u] })
	if len(fresh) > 0 {
		if _, err := client.Copy(imap.UIDSetNum(fresh...), folder).Wait(); err != nil {
			return fmt.Errorf("copy to %q: %w", folder, err)
		}
		for _, u := range fresh {
			h.copied[u] = true
		}
	}
	if err := flag(client, set, imap.FlagDeleted); err != nil {
		return err
	}
	if err := client.UIDExpunge(set).Close(); err != nil {
		return fmt.Errorf("take away what was copied to %q: %w", folder, err)
	}
	for _, u := range uids {
		delete(h.copied, u)
	}
	return nil
}

func flag(client *imapclient.Client, set imap.UIDSet, f imap.Flag) error {
	store := &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{f}}
	if err := client.Store(set, store, nil).Close(); err != nil {
		return fmt.Errorf("mark as %s: %w", strings.TrimPrefix(string(f), `\`), err)
	}
	return nil
}

// most folders that are listed.
const most = 2000

// Folders lists the folders of a mailbox that can hold mail.
func Folders(client *imapclient.Client) ([]desk.MailFolder, error) {
	all, err := client.List("", "*", nil).Collect()
	if err != nil {
		return nil, fmt.Errorf("list folders: %w", err)
	}
	uses := map[imap.MailboxAttr]string{
		imap.MailboxAttrSent: "sent", imap.MailboxAttrTrash: "trash", imap.MailboxAttrJunk: "junk",
		imap.MailboxAttrDrafts: "drafts", imap.MailboxAttrArchive: "archive", imap.MailboxAttrAll: "all",
	}
	var out []desk.MailFolder
	for _, f := range all {
		if slices.Contains(f.Attrs, imap.MailboxAttrNoSelect) || slices.Contains(f.Attrs, imap.MailboxAttrNonExistent) || !GoodName(f.Mailbox) {
			continue
		}
		folder := desk.MailFolder{Name: f.Mailbox}
		for _, a := range f.Attrs {
			if use := uses[a]; use != "" {
				folder.Use = use
			}
		}
		out = append(out, folder)
	}
	slices.SortFunc(out, func(a, b desk.MailFolder) int {
		if inbox := Same(a.Name, "INBOX"); inbox != Same(b.Name, "INBOX") {
			return map[bool]int{true: -1, false: 1}[inbox]
		}
		return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	})
	return out[:min(len(out), most)], nil
}

// There tells whether a folder is among those of the mailbox.
func There(all []desk.MailFolder, name string) bool {
	return slices.ContainsFunc(all, func(f desk.MailFolder) bool { return Same(f.Name, name) })
}
