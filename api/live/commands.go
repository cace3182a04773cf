package live

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"time"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// Desk takes commands.
type Desk interface {
	// Do is durable when it returns; a *desk.Error refuses.
	Do(ctx context.Context, stream desk.StreamID, cmd desk.Command) (desk.Done, error)
}

// Blobs opens an attachment; fs.ErrNotExist when it is not there.
type Blobs interface {
	Open(ctx context.Context, hash string) (io.ReadSeekCloser, int64, error)
}

// Commands is the gate for what agents may ask of the desk, over HTTP as over the socket: it lets through only the kinds
// for agents, says who asks, and trusts no field that the server has to fill in.
type Commands struct {
	Desk  Desk
	Rows  Rows
	Nouns Nouns
	Blobs Blobs
	// Drafts are looked at when something is sent: what was sent is no draft any more.
	Drafts DraftRows
	// SanitizeHTML makes HTML harmless. nil: HTML is refused.
	SanitizeHTML func(string) string
	// Viewer is what an agent may see of the tickets.
	Viewer func(desk.Agent) (*desk.Viewer, error)
	// MayUse tells whether an agent may attach a file to what is said in a conversation.
	MayUse func(ctx context.Context, by desk.Agent, conversation desk.ConversationID, hash string) (bool, error)
}

// Do checks, completes and passes on a command of an agent.
func (c *Commands) Do(ctx context.Context, by desk.AgentID, stream desk.StreamID, cmd desk.Command) (desk.Done, error) {
	row, err := c.Rows.Agent(by)
	if err != nil {
		return desk.Done{}, fmt.Errorf("read agent %s: %w", by, err)
	}
	if row == nil || row.Deactivated {
		return desk.Done{}, desk.Refuse(desk.Denied, "", "this account is deactivated")
	}
	kind, _, ok := stream.Split()
	if !ok {
		return desk.Done{}, desk.Refuse(desk.Invalid, "stream", "must be conversation/… or agent/…")
	}
	if kind == desk.KindConversation {
		if err := c.sees(row, desk.ConversationID(stream.ID())); err != nil {
			return desk.Done{}, err
		}
	}
	// Keys, times and authors of the client's making do not get through.
	ask := &deskpb.Command{}
	if cmd != nil {
		ask = proto.CloneOf(cmd)
	}
	ask.AtMs, ask.By, ask.Key = time.Now().UnixMilli(), AuthorOf(row), ""
	if err := c.check(ctx, row, kind, stream, ask); err != nil {
		return desk.Done{}, err
	}
	done, err := c.Desk.Do(ctx, stream, ask)
	if err == nil {
		c.sent(ctx, row, stream, ask)
	}
	return done, err
}

// sees refuses a conversation the agent may not see, in the words for one that is not there.
func (c *Commands) sees(by desk.Agent, id desk.ConversationID) error {
	v, err := c.Viewer(by)
	if err != nil || v.SeesAll() {
		return err
	}
	row, err := c.Rows.Ticket(id)
	if err != nil {
		return fmt.Errorf("read ticket %s: %w", id, err)
	}
	if row == nil || !desk.MaySee(v, row) {
		return desk.Refuse(desk.NotFound, "conversation", "there is no such conversation")
	}
	return nil
}

// AuthorOf is how an agent signs commands.
func AuthorOf(a desk.Agent) *deskpb.Author {
	return &deskpb.Author{Kind: deskpb.Author_KIND_AGENT, Id: a.Agent, Name: a.Name}
}

func (c *Commands) check(ctx context.Context, by desk.Agent, kind string, stream desk.StreamID, cmd desk.Command) error {
	of := desk.KindConversation
	var err error
	switch k := cmd.GetKind().(type) {
	case *deskpb.Command_RequestReply:
		k.RequestReply.ThreadKeys = nil // the engine fills them in
		if err = c.checkReply(ctx, by, desk.ConversationID(stream.ID()), k.RequestReply); err == nil && k.RequestReply.Close {
			err = c.mayClose(desk.ConversationID(stream.ID()))
		}
	case *deskpb.Command_AddNote:
		if err = c.mentions(k.AddNote); err == nil {
			err = c.checkBody(ctx, by, desk.ConversationID(stream.ID()), k.AddNote.GetBody())
		}
	case *deskpb.Command_AssignConversation:
		k.AssignConversation, err = c.assignment(desk.AgentID(k.AssignConversation.GetAgent()))
	case *deskpb.Command_UnassignConversation, *deskpb.Command_SetTicketPriority, *deskpb.Command_SetTicketSubject:
	case *deskpb.Command_SetTicketStatus:
		if k.SetTicketStatus.Status == deskpb.TicketStatus_TICKET_STATUS_CLOSED {
			err = c.mayClose(desk.ConversationID(stream.ID()))
		}
	case *deskpb.Command_CancelReply, *deskpb.Command_RescheduleReply, *deskpb.Command_RetryReply:
	case *deskpb.Command_Together:
		err = c.together(ctx, by, stream, k.Together)
	case *deskpb.Command_SetAvailability:
		of = desk.KindAgent
		if stream.ID() != by.Agent && !desk.Leads(by) {
			err = desk.Refuse(desk.Denied, "stream", "only supervisors and administrators may set somebody else's availability")
		}
	case nil:
		return desk.Refuse(desk.Invalid, "command", "the command is empty or unknown")
	default:
		var known bool
		if known, err = c.checkWork(by, desk.ConversationID(stream.ID()), cmd); !known {
			return desk.Refuse(desk.Denied, "command", "%q is not for agents", deskpb.KindName(cmd))
		}
	}
	if err == nil && kind != of {
		err = desk.Refuse(desk.Invalid, "stream", "%q is a command of %s/…", deskpb.KindName(cmd), of)
	}
	return err
}

// together checks each command of a macro as if it came alone.
func (c *Commands) together(ctx context.Context, by desk.Agent, stream desk.StreamID, m *deskpb.Together) error {
	if len(m.GetCommands()) > desk.MaxTogether {
		return desk.Refuse(desk.Invalid, "commands", "at most %d commands", desk.MaxTogether)
	}
	for i, sub := range m.GetCommands() {
		if sub.GetTogether() != nil {
			return desk.InCommand(desk.Refuse(desk.Invalid, "", "a macro holds no macro"), i)
		}
		if err := c.check(ctx, by, desk.KindConversation, stream, sub); err != nil {
			return desk.InCommand(err, i)
		}
	}
	return nil
}

// assignment is by hand: the agent must be there and active, and the reservation is not the client's to name.
func (c *Commands) assignment(id desk.AgentID) (*deskpb.AssignConversation, error) {
	if !desk.ValidID(string(id)) {
		return nil, desk.Refuse(desk.Invalid, "agent", "name the agent")
	}
	row, err := c.Rows.Agent(id)
	switch {
	case err != nil:
		return nil, fmt.Errorf("read agent %s: %w", id, err)
	case row == nil:
		return nil, desk.Refuse(desk.Invalid, "agent", "there is no such agent")
	case row.Deactivated:
		return nil, desk.Refuse(desk.Conflict, "agent", "the account of %s is deactivated", row.Name)
	}
	return &deskpb.AssignConversation{Agent: row.Agent, AgentName: row.Name}, nil
}

func (c *Commands) checkReply(ctx context.Context, by desk.Agent, conv desk.ConversationID, m *deskpb.RequestReply) error {
	for _, list := range [...]struct {
		field string
		all   []*deskpb.Address
	}{{"to", m.To}, {"cc", m.Cc}, {"bcc", m.Bcc}} {
		for i, a := range list.all {
			clean, ok := cleanAddress(a)
			if !ok {
				return desk.Refuse(desk.Invalid, fmt.Sprintf("%s[%d].address", list.field, i), "must be an address such as ana@example.com")
			}
			list.all[i] = clean
		}
	}
	return c.checkBody(ctx, by, conv, m.GetBody())
}

// checkBody makes HTML harmless and attachments true: they exist, whoever attaches them may see them, and their size is what it is.
func (c *Commands) checkBody(ctx context.Context, by desk.Agent, conv desk.ConversationID, b *deskpb.Body) error {
	if b == nil {
		return nil // the rules refuse it, and name the field
	}
	b.FreshTextBytes = 0
	b.Text = strings.ReplaceAll(b.Text, "\r\n", "\n")
	if !utf8.ValidString(b.Text) || strings.ContainsRune(b.Text, 0) {
		return desk.Refuse(desk.Invalid, "text", "must be text without NUL")
	}
	if b.Html != "" {
		if c.SanitizeHTML == nil {
			return desk.Refuse(desk.Invalid, "html", "this desk takes plain text only")
		}
		if len(b.Html) > desk.MaxHTMLBytes {
			return desk.Refuse(desk.Invalid, "html", "at most %d bytes", desk.MaxHTMLBytes)
		}
		b.Html = c.SanitizeHTML(b.Html)
	}
	if len(b.Attachments) > desk.MaxAttachments {
		return desk.Refuse(desk.Invalid, "attachments", "at most %d files", desk.MaxAttachments)
	}
	for i, a := range b.Attachments {
		if err := c.checkAttachment(ctx, by, conv, a); err != nil {
			return err(i)
		}
		// A picture that no HTML shows would be seen nowhere: it is a file like any other.
		a.Inline = a.Inline && strings.Contains(b.Html, `"cid:`+a.ContentId+`"`)
	}
	return nil
}

// checkAttachment gives nil, or what makes the refusal of the i-th.
func (c *Commands) checkAttachment(ctx context.Context, by desk.Agent, conv desk.ConversationID, a *deskpb.Attachment) func(i int) error {
	wrong := func(field, why string) func(int) error {
		return func(i int) error {
			return desk.Refuse(desk.Invalid, fmt.Sprintf("attachments[%d].%s", i, field), "%s", why)
		}
	}
	if !ValidHash(a.GetBlob()) {
		return wrong("blob", "must be the hash that the upload returned")
	}
	if why := checkContentID(a); why != "" {
		return wrong("content_id", why)
	}
	may, err := c.MayUse(ctx, by, conv, a.Blob)
	if err != nil {
		return func(int) error { return err }
	}
	f, size, err := c.Blobs.Open(ctx, a.Blob)
	if err == nil && !may {
		_ = f.Close() // in the words for one that is not there
	}
	if errors.Is(err, fs.ErrNotExist) || !may {
		return wrong("blob", "there is no such file, upload it first")
	}
	if err != nil {
		return func(int) error { return fmt.Errorf("open blob %s: %w", a.Blob, err) }
	}
	_ = f.Close() // it was only opened to see that it is there
	a.Size = size
	a.Name = CleanFileName(a.Name)
	a.MediaType = CleanMediaType(a.MediaType)
	return nil
}

// Opening is a conversation that an agent opens, with what is said first in it, which may be nothing. Both come to be, or
// neither.
type Opening struct {
	ID   desk.ConversationID
	Open *deskpb.OpenConversation
	Say  desk.Command
}

// CheckOpening refuses what Open would refuse, and changes nothing. It completes what is said.
func (c *Commands) CheckOpening(ctx context.Context, by desk.Agent, o *Opening) error {
	if o.Say != nil {
		say := proto.CloneOf(o.Say)
		if err := c.check(ctx, by, desk.KindConversation, o.ID.Stream(), say); err != nil {
			return desk.InCommand(err, 1)
		}
		o.Say = say
	}
	// The rules are asked as for a new one: asked again, what is there already is found out by Open.
	_, err := desk.Conversations.Decide(desk.Conversations.Initial(), o.command(by))
	return err
}

// Open opens it. The agent may not see the conversation afterwards: it may be others'.
func (c *Commands) Open(ctx context.Context, by desk.Agent, o *Opening) (desk.Done, error) {
	return c.Desk.Do(ctx, o.ID.Stream(), o.command(by))
}

func (o *Opening) command(by desk.Agent) desk.Command {
	all := &deskpb.Together{Commands: []*deskpb.Command{deskpb.NewCommand(o.Open)}}
	if o.Say != nil {
		all.Commands = append(all.Commands, o.Say)
	}
	cmd := deskpb.NewCommand(all)
	cmd.AtMs, cmd.By = time.Now().UnixMilli(), AuthorOf(by)
	return cmd
}
