package api

import (
	"context"
	"net/http"
	"strings"
	"time"
	"unicode"

	"github.com/centralita/centralita/api/live"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// The import of mail that came before a mailbox was connected.

func (s *Server) importRoutes() []route {
	return []route{
		{http.MethodPost, "/channels/{id}/import/preview", administrators, "preview-import", "How much earlier mail a mailbox has", typed(s.previewImport, 200)},
		{http.MethodGet, "/channels/{id}/folders", administrators, "list-mail-folders", "The folders of a channel's mailbox", typed(s.mailFolders, 200)},
		{http.MethodPost, "/channels/folders", administrators, "list-config-folders", "The folders of the mailbox that settings lead to, before they are saved", typed(s.configFolders, 200)},
		{http.MethodGet, "/channels/{id}/import", administrators, "read-import", "The last import of a channel's earlier mail", typed(s.readImport, 200)},
		{http.MethodPost, "/channels/{id}/import", administrators, "start-import", "Take in earlier mail, silently: as closed tickets", typed(s.startImport, 200)},
		{http.MethodPut, "/channels/{id}/import/state", administrators, "switch-import", "Pause, resume or stop the import", typed(s.switchImport, 200)},
	}
}

// MailFolder is a folder of a mailbox.
type MailFolder struct {
	Name string `json:"name" doc:"As the mailbox calls it"`
	Use  string `json:"use" enum:"sent,trash,junk,drafts,archive,all," doc:"What it is for; empty: the mailbox does not say"`
}

type mailFolderList struct {
	Body struct {
		Folders []MailFolder `json:"folders"`
	}
}

func (s *Server) mailFolders(ctx context.Context, in *ByID) (*mailFolderList, error) {
	id := desk.ChannelID(in.ID)
	if _, err := s.channelRow(id); err != nil {
		return nil, err
	}
	return foldersView(s.opt.Trials.MailFolders(ctx, nil, id))
}

// configFolders lists the folders of a mailbox that is being connected.
func (s *Server) configFolders(ctx context.Context, in *checkConfigInput) (*mailFolderList, error) {
	ch, err := s.toCheck(in)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, checkAtMost)
	defer cancel()
	return foldersView(s.opt.Trials.MailFolders(ctx, &ch, desk.ChannelID(in.Body.Channel)))
}

func foldersView(found []desk.MailFolder, err error) (*mailFolderList, error) {
	if err != nil {
		return nil, joined(err)
	}
	out := &mailFolderList{}
	out.Body.Folders = each(found, func(f desk.MailFolder) MailFolder { return MailFolder(f) })
	return out, nil
}

// ImportWish is which earlier mail is meant.
type ImportWish struct {
	Since string `json:"since" required:"false" doc:"RFC 3339; left out or empty: all there is"`
	Inbox bool   `json:"inbox" doc:"The folder that the channel reads"`
	Sent  bool   `json:"sent" doc:"The folder where the mailbox keeps what the team wrote"`

	Folder string `json:"folder,omitempty" maxLength:"500" doc:"Another folder, as GET /channels/{id}/folders calls it: an archive, or that of all mail. What the desk has already, and drafts, are left out"`
}

func (w ImportWish) query(now time.Time) (q desk.PastQuery, err error) {
	q = desk.PastQuery{Until: now, Inbox: w.Inbox, Sent: w.Sent, Folder: w.Folder}
	if w.Since != "" {
		if q.Since, err = time.Parse(time.RFC3339, w.Since); err != nil {
			return q, fault("body.since", "must be a time, such as 2026-01-31T00:00:00Z, or left out: all there is")
		}
		if !q.Since.Before(now) {
			return q, fault("body.since", "must be in the past")
		}
	}
	if !w.Inbox && !w.Sent && w.Folder == "" {
		return q, fault("body.inbox", "choose the inbox, the sent mail or another folder")
	}
	if strings.ContainsFunc(w.Folder, unicode.IsControl) {
		return q, fault("body.folder", "must be one line: a folder as the mailbox calls it")
	}
	return q, nil
}

type importInput struct {
	ByID
	Body ImportWish
}

// ImportFolder is a folder that would be read.
type ImportFolder struct {
	Name  string `json:"name" doc:"As the mailbox calls it"`
	Sent  bool   `json:"sent"`
	Mails int    `json:"mails"`
}

type importPreview struct {
	Body struct {
		Folders []ImportFolder `json:"folders"`
		Total   int            `json:"total" doc:"Mails to be read; those the desk has already are among them"`
	}
}

func (s *Server) previewImport(ctx context.Context, in *importInput) (*importPreview, error) {
	id := desk.ChannelID(in.ID)
	if _, err := s.channelRow(id); err != nil {
		return nil, err
	}
	q, err := in.Body.query(time.Now())
	if err != nil {
		return nil, err
	}
	found, err := s.opt.Trials.PreviewImport(ctx, id, q)
	if err != nil {
		return nil, joined(err)
	}
	out := &importPreview{}
	out.Body.Folders = each(found, func(f desk.PastFolder) ImportFolder {
		out.Body.Total += f.Mails
		return ImportFolder{f.Name, f.Sent, f.Mails}
	})
	return out, nil
}

// Import is how far the last import is.
type Import struct {
	State     string  `json:"state" enum:"none,running,paused,stopped,done"`
	Since     *string `json:"since" format:"date-time" doc:"null: all there is"`
	Until     *string `json:"until" format:"date-time" doc:"When it was started; of the inbox, what came since the channel was connected comes in by itself"`
	Inbox     bool    `json:"inbox"`
	Sent      bool    `json:"sent"`
	Folder    string  `json:"folder" doc:"Another one that is read; empty: none"`
	By        string  `json:"by" doc:"The agent who started it"`
	Total     uint32  `json:"total" doc:"Mails; 0 until they are counted"`
	Taken     uint32  `json:"taken"`
	Known     uint32  `json:"known" doc:"The desk had them already"`
	Aside     uint32  `json:"aside" doc:"In quarantine, each with its cause"`
	Skipped   uint32  `json:"skipped" doc:"Sent to nobody outside, or gone meanwhile"`
	ChangedAt *string `json:"changed_at" format:"date-time" doc:"When it got into its state"`
	Error     string  `json:"error" doc:"Why it waits at this moment"`
	RetryAt   *string `json:"retry_at" format:"date-time"`
}

type oneImport struct {
	Body struct {
		Import Import `json:"import"`
	}
}

func (s *Server) readImport(_ context.Context, in *ByID) (*oneImport, error) {
	return s.oneImport(desk.ChannelID(in.ID))
}

func (s *Server) oneImport(id desk.ChannelID) (*oneImport, error) {
	row, err := s.channelRow(id)
	if err != nil {
		return nil, err
	}
	i := row.GetImport()
	started, p := i.GetStarted(), i.GetProgress()
	out := &oneImport{}
	out.Body.Import = Import{
		State: importWord(i.GetState()), Since: optionalTime(started.GetSinceMs()), Until: optionalTime(started.GetUntilMs()),
		Inbox: started.GetInbox(), Sent: started.GetSent(), Folder: started.GetFolder(), By: started.GetBy(),
		Total: p.GetTotal(), Taken: p.GetTaken(), Known: p.GetKnown(), Aside: p.GetAside(), Skipped: p.GetSkipped(), ChangedAt: optionalTime(i.GetChangedMs()),
	}
	if live := s.channelStatus()[id]; live != nil && i.GetState() == deskpb.ImportState_IMPORT_STATE_RUNNING {
		out.Body.Import.Error, out.Body.Import.RetryAt = live.ImportError, optionalTime(live.ImportRetryMs)
	}
	return out, nil
}

func importWord(s deskpb.ImportState) string {
	return [...]string{"none", "running", "paused", "stopped", "done"}[s]
}

// startImport asks the mailbox first: what is wrong with it is better known before than while it runs.
func (s *Server) startImport(ctx context.Context, in *importInput) (*oneImport, error) {
	id := desk.ChannelID(in.ID)
	row, err := s.channelRow(id)
	if err != nil {
		return nil, err
	}
	if !row.On {
		return nil, desk.Refuse(desk.Conflict, "channel", "the channel is switched off: switch it on first")
	}
	now := time.Now()
	q, err := in.Body.query(now)
	if err != nil {
		return nil, err
	}
	if _, err := s.opt.Trials.PreviewImport(ctx, id, q); err != nil {
		return nil, joined(err)
	}
	wish := &deskpb.ImportStarted{UntilMs: now.UnixMilli(), Inbox: q.Inbox, Sent: q.Sent, Folder: q.Folder}
	if !q.Since.IsZero() {
		wish.SinceMs = q.Since.UnixMilli()
	}
	if _, err := s.do(ctx, id.Stream(), deskpb.NewCommand(&deskpb.StartImport{Import: wish}), live.AuthorOf(me(ctx).row)); err != nil {
		return nil, err
	}
	return s.oneImport(id)
}

type importStateInput struct {
	ByID
	Body struct {
		State string `json:"state" enum:"running,paused,stopped"`
	}
}

func (s *Server) switchImport(ctx context.Context, in *importStateInput) (*oneImport, error) {
	to := map[string]deskpb.ImportState{
		"running": deskpb.ImportState_IMPORT_STATE_RUNNING, "paused": deskpb.ImportState_IMPORT_STATE_PAUSED, "stopped": deskpb.ImportState_IMPORT_STATE_STOPPED,
	}[in.Body.State]
	id := desk.ChannelID(in.ID)
	if _, err := s.channelRow(id); err != nil {
		return nil, err
	}
	if _, err := s.do(ctx, id.Stream(), deskpb.NewCommand(&deskpb.SwitchImport{To: to}), live.AuthorOf(me(ctx).row)); err != nil {
		return nil, err
	}
	return s.oneImport(id)
}
