package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/centralita/centralita/api/live"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

const (
	maxUpload     = 25 << 20
	uploadTimeout = 5 * time.Minute
)

// bounded reads at most left bytes, and then says so: one byte more and over is set.
type bounded struct {
	r    io.Reader
	left int64
	over bool
}

var errTooLarge = errors.New("the file is larger than 25 MB")

func (b *bounded) Read(p []byte) (int, error) {
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.r.Read(p)
	if int64(n) > b.left {
		b.over = true
		return int(b.left), errTooLarge
	}
	b.left -= int64(n)
	return n, err
}

// upload keeps a file that a message will refer to.
func (s *Server) upload(w http.ResponseWriter, r *http.Request) {
	if r.ContentLength > maxUpload {
		s.answer(w, r, problem(http.StatusRequestEntityTooLarge, "at most 25 MB"))
		return
	}
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(uploadTimeout)) // without it the server's own holds
	body := &bounded{r: r.Body, left: maxUpload}
	hash, size, err := s.opt.Blobs.Put(r.Context(), body, maxUpload)
	switch {
	case body.over:
		s.answer(w, r, problem(http.StatusRequestEntityTooLarge, "at most 25 MB"))
		return
	case errors.Is(err, io.ErrUnexpectedEOF):
		s.answer(w, r, problem(http.StatusBadRequest, "the file broke off before its end"))
		return
	case err != nil:
		s.answer(w, r, fmt.Errorf("keep an upload: %w", err))
		return
	case size == 0:
		s.answer(w, r, fault("body", "the file is empty"))
		return
	}
	s.uploads.add(me(r.Context()).Agent, hash)
	name := live.CleanFileName(r.URL.Query().Get("name"))
	kept := Attachment{Blob: hash, Name: name, MediaType: live.CleanMediaType(r.Header.Get("Content-Type")), Size: size}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusCreated)
	_ = json.NewEncoder(w).Encode(kept) // the peer may have gone
}

// mayDownload: who does not see every ticket names the conversation in which the file is, and sees it; or has brought the
// file here.
func (s *Server) mayDownload(ctx context.Context, hash, conversation string) error {
	may, err := s.mayUse(ctx, me(ctx).row, desk.ConversationID(conversation), hash)
	if err == nil && !may {
		err = notFound("file")
	}
	return err
}

// mayUse tells whether an agent may see a file, and so attach it: who sees every ticket sees every file. Others have brought it
// here, are writing with it (what a draft may hold is decided here, too), or see the conversation that shows it. A hash
// alone is no proof: it may have been read over a shoulder.
func (s *Server) mayUse(ctx context.Context, row desk.Agent, conversation desk.ConversationID, hash string) (bool, error) {
	agent := desk.AgentID(row.GetAgent())
	if desk.AccessOf(row) == deskpb.Access_ACCESS_ALL || s.uploads.has(agent, hash) {
		return true, nil
	}
	drafts, err := s.opt.Accounts.Drafts(agent, maxDrafts)
	if err != nil {
		return false, fmt.Errorf("read drafts: %w", err)
	}
	of := func(f *deskpb.WritingFile) bool { return f.Blob == hash }
	for _, d := range drafts {
		if slices.ContainsFunc(d.GetWriting().GetFiles(), of) || slices.ContainsFunc(d.GetDisplaced().GetFiles(), of) {
			return true, nil
		}
	}
	if !desk.ValidID(string(conversation)) {
		return false, nil
	}
	v, err := s.viewer(row)
	if err != nil {
		return false, err
	}
	ticket, err := s.opt.Tickets.Ticket(conversation)
	if err != nil {
		return false, fmt.Errorf("read ticket %s: %w", conversation, err)
	}
	if ticket == nil || !desk.MaySee(v, ticket) {
		return false, nil
	}
	fold, err := s.timelineOf(ctx, false, conversation)
	if err != nil {
		return false, err
	}
	for _, i := range fold.shown() { // what it shows of others, too
		if i.shows(hash) {
			return true, nil
		}
	}
	return s.shownAside(ctx, ticket, hash)
}

// shownAside: a file of one of the ticket's side conversations.
func (s *Server) shownAside(ctx context.Context, ticket desk.Ticket, hash string) (bool, error) {
	sides, err := s.sidesOf(ticket)
	if err != nil {
		return false, err
	}
	for _, side := range sides {
		fold, err := s.ownTimeline(ctx, false, desk.ConversationID(side.Side))
		if err != nil {
			return false, err
		}
		if slices.ContainsFunc(fold.items, func(i Item) bool { return i.shows(hash) }) {
			return true, nil
		}
	}
	return false, nil
}

// shows: a file is one of the item's, or the item as it came, or what a machine said of it.
func (i *Item) shows(hash string) bool {
	return i.RawBlob == hash ||
		i.Body != nil && slices.ContainsFunc(i.Body.Attachments, func(a Attachment) bool { return a.Blob == hash }) ||
		i.Delivery != nil && slices.ContainsFunc(i.Delivery.Returns, func(r Returned) bool { return r.RawBlob == hash })
}

// uploaded remembers who brought which file lately, so that they see what they are about to send. When it is full it forgets
// what came first.
type uploaded struct {
	mu   sync.Mutex // guards the fields below
	seen map[string]bool
	last []string
}

const rememberUploads = 4096

func (u *uploaded) add(by desk.AgentID, hash string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	k := string(by) + "/" + hash
	if u.seen[k] {
		return
	}
	if u.seen == nil {
		u.seen = map[string]bool{}
	}
	if len(u.last) == rememberUploads {
		delete(u.seen, u.last[0])
		u.last = u.last[1:]
	}
	u.seen[k], u.last = true, append(u.last, k)
}

func (u *uploaded) has(by desk.AgentID, hash string) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.seen[string(by)+"/"+hash]
}

// pictures are shown when asked for; everything else is saved. None of these can run anything.
var pictures = map[string]bool{"image/png": true, "image/jpeg": true, "image/gif": true, "image/webp": true, "image/bmp": true}

// download gives an attachment. It came from a stranger: whatever it is, it must not run in our origin.
func (s *Server) download(w http.ResponseWriter, r *http.Request) {
	hash := r.PathValue("hash")
	if !live.ValidHash(hash) {
		s.answer(w, r, notFound("file"))
		return
	}
	if err := s.mayDownload(r.Context(), hash, r.URL.Query().Get("conversation")); err != nil {
		s.answer(w, r, err)
		return
	}
	f, _, err := s.opt.Blobs.Open(r.Context(), hash)
	if err != nil {
		s.answer(w, r, err)
		return
	}
	defer f.Close() //nolint:errcheck // it was only read
	disposition, kind := "attachment", "application/octet-stream"
	if r.URL.Query().Get("inline") != "" {
		var head [512]byte
		n, _ := io.ReadFull(f, head[:])
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			s.answer(w, r, fmt.Errorf("read blob %s: %w", hash, err))
			return
		}
		if sniffed := http.DetectContentType(head[:n]); pictures[sniffed] {
			disposition, kind = "inline", sniffed
		}
	}
	name := live.CleanFileName(r.URL.Query().Get("name"))
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", mime.FormatMediaType(disposition, map[string]string{"filename": name}))
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox; frame-ancestors 'none'")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "private, max-age=31536000, immutable") // the hash is the content
	h.Set("ETag", `"`+hash+`"`)
	http.ServeContent(w, r, "", time.Time{}, f)
}

// fileRoutes are those of attachments and pictures.
func (s *Server) fileRoutes() []route {
	all := []route{
		{http.MethodPost, "/uploads", agents, "upload", "Upload a file to attach: the body is the file, its name is in the query (at most 25 MB)", raw(s.upload, 201)},
		{http.MethodGet, "/pictures", agents, "show-picture", "A picture that a mail names and does not bring, fetched by the server so that its host does not learn who reads", raw(s.picture, 200)},
		{http.MethodGet, "/blobs/{hash}", agents, "download", "Download an attachment", raw(s.download, 200)},
	}
	if s.opt.FileLinks != nil {
		all = append(all, route{http.MethodGet, "//files/{token}", anyone, "", "", outside(s.shared)})
	}
	return all
}
