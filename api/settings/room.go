// Package settings is the room of the door where what administrators keep in order is read and written: tags, pipelines,
// properties, snippets, macros, skills. All kinds work alike; what is special to one is a line of its Kind. The room owns
// no state but the turn to write, because that a name is unique is seen over the index.
package settings

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// Rows are the settings as they are; one that is not there is nil with a nil error.
type Rows interface {
	Setting(id desk.SettingID) (desk.Setting, error)
	Settings(kind string) ([]desk.Setting, error)
}

// People tells who is named in a setting.
type People interface {
	Agent(id desk.AgentID) (desk.Agent, error)
	Team(id desk.TeamID) (desk.Team, error)
}

// Options of the room; all are needed but SanitizeHTML.
type Options struct {
	Rows   Rows
	People People
	// Do sends a command in the name of who asks.
	Do func(ctx context.Context, stream desk.StreamID, cmd desk.Command) error
	// Who is the agent who asks.
	Who func(ctx context.Context) desk.Agent
	// InUse says why a setting cannot be removed, "" when it can. nil: all can.
	InUse func(kind string, id desk.SettingID) (string, error)
	// NewID makes an id that nobody has.
	NewID func(prefix string) string
	// SanitizeHTML makes HTML harmless before it is kept. nil: HTML is refused.
	SanitizeHTML func(string) string
}

// Room is the room. Make it with New.
type Room struct {
	opt     Options
	writing sync.Mutex // held while a setting is checked against the others and written
}

// New makes the room.
func New(opt Options) *Room { return &Room{opt: opt} }

// Head is what every setting has beside its own fields. A client may send it back as it is; only the id means something
// then.
type Head struct {
	ID        string `json:"id" required:"false" maxLength:"64" doc:"Made by the server if left out; the same id and content again is the same setting"`
	Version   uint64 `json:"version" required:"false" doc:"The larger one is newer; ignored in what is sent"`
	Removed   bool   `json:"removed" required:"false" doc:"Saving it brings it back"`
	ChangedBy string `json:"changed_by" required:"false" doc:"An agent"`
	ChangedAt string `json:"changed_at" required:"false" doc:"RFC 3339"`
}

func headOf(s desk.Setting) Head {
	return Head{
		ID: s.Setting, Version: s.Version, Removed: s.Removed, ChangedBy: s.By,
		ChangedAt: time.UnixMilli(s.ChangedAtMs).UTC().Format("2006-01-02T15:04:05.000Z"),
	}
}

// Kind is one kind of setting: its shape outside, and what is special to it.
type Kind[V any] struct {
	Name   string // as desk names it
	Prefix string // of the ids made here
	// Shape and Setting turn what is stored into what is shown and back. They set every field but the head.
	Shape   func(*deskpb.Setting) V
	Setting func(V) *deskpb.Setting
	Head    func(*V) *Head
	// Check looks at what only the index knows; nil: nothing. It may change what it is given.
	Check func(ctx context.Context, r *Room, s *deskpb.Setting) error
	// Saved is called after it was written, while it is still our turn; nil: nothing.
	Saved func(ctx context.Context, r *Room, id desk.SettingID, s *deskpb.Setting) error
	// Mine: agents may keep their own, with themselves as owner.
	Mine bool
	// Supervised: supervisors may write everybody's, too.
	Supervised bool
}

// rights are what a kind says of who may write.
type rights struct{ mine, supervised bool }

func (k Kind[V]) rights() rights { return rights{k.Mine, k.Supervised} }

func (k Kind[V]) view(s desk.Setting) V {
	v := k.Shape(s.Value)
	*k.Head(&v) = headOf(s)
	return v
}

// All is an answer with a list.
type All[V any] struct {
	Body struct {
		Items []V `json:"items"`
	}
}

// One is an answer with a setting.
type One[V any] struct {
	Body struct {
		Item V `json:"item"`
	}
}

// ListInput asks for a list.
type ListInput struct {
	Removed bool `query:"removed" doc:"Those that were removed, too"`
}

// AddInput carries a new setting.
type AddInput[V any] struct {
	Body V
}

// ChangeInput carries a setting as it is to be.
type ChangeInput[V any] struct {
	ID   string `path:"id" maxLength:"64"`
	Body V
}

// ByID names a setting.
type ByID struct {
	ID string `path:"id" maxLength:"64"`
}

// Nothing is an answer that it is done.
type Nothing struct{}

// List gives the settings of a kind: everybody's, and one's own.
func List[V any](r *Room, k Kind[V]) func(context.Context, *ListInput) (*All[V], error) {
	return func(ctx context.Context, in *ListInput) (*All[V], error) {
		rows, err := r.visible(ctx, k.Name, in.Removed)
		if err != nil {
			return nil, err
		}
		out := &All[V]{}
		out.Body.Items = make([]V, len(rows))
		for i, s := range rows {
			out.Body.Items[i] = k.view(s)
		}
		return out, nil
	}
}

func (r *Room) visible(ctx context.Context, kind string, removed bool) ([]desk.Setting, error) {
	rows, err := r.opt.Rows.Settings(kind)
	if err != nil {
		return nil, fmt.Errorf("read the settings of kind %s: %w", kind, err)
	}
	me := r.opt.Who(ctx).Agent
	return slices.DeleteFunc(rows, func(s desk.Setting) bool {
		return s.Removed && !removed || s.Owner != "" && s.Owner != me
	}), nil
}

// Add makes a setting.
func Add[V any](r *Room, k Kind[V]) func(context.Context, *AddInput[V]) (*One[V], error) {
	return func(ctx context.Context, in *AddInput[V]) (*One[V], error) {
		id := k.Head(&in.Body).ID
		if id == "" {
			id = r.opt.NewID(k.Prefix)
		} else if !desk.ValidID(id) {
			return nil, desk.Refuse(desk.Invalid, "id", "must be 1 to 64 of a-z, 0-9, _ and -")
		}
		return put(ctx, r, k, desk.SettingID(id), in.Body, true)
	}
}

// Change replaces a setting, or brings back one that was removed.
func Change[V any](r *Room, k Kind[V]) func(context.Context, *ChangeInput[V]) (*One[V], error) {
	return func(ctx context.Context, in *ChangeInput[V]) (*One[V], error) {
		return put(ctx, r, k, desk.SettingID(in.ID), in.Body, false)
	}
}

func put[V any](ctx context.Context, r *Room, k Kind[V], id desk.SettingID, v V, create bool) (*One[V], error) {
	r.writing.Lock()
	defer r.writing.Unlock()
	row, err := r.opt.Rows.Setting(id)
	if err != nil {
		return nil, fmt.Errorf("read setting %s: %w", id, err)
	}
	if !create {
		if _, err = r.mayChange(ctx, k.Name, k.rights(), row); err != nil {
			return nil, err
		}
	}
	next, err := desk.CheckSetting(k.Setting(v))
	if err != nil {
		return nil, err
	}
	if err := r.mayKeep(ctx, k.rights(), desk.SettingOwner(next)); err != nil {
		return nil, err
	}
	if k.Check != nil {
		if err := k.Check(ctx, r, next); err != nil {
			return nil, err
		}
	}
	if err := r.fits(k.Name, id, next); err != nil {
		return nil, err
	}
	cmd := deskpb.NewCommand(&deskpb.SaveSetting{Setting: next, Create: create})
	if err := r.opt.Do(ctx, id.Stream(), cmd); err != nil {
		return nil, err
	}
	if k.Saved != nil {
		if err := k.Saved(ctx, r, id, next); err != nil {
			return nil, err
		}
	}
	if row, err = r.opt.Rows.Setting(id); err != nil || row == nil {
		return nil, fmt.Errorf("read setting %s that was just written: %w", id, err)
	}
	out := &One[V]{}
	out.Body.Item = k.view(row)
	return out, nil
}

// Remove removes a setting; saving it again brings it back.
func Remove[V any](r *Room, k Kind[V]) func(context.Context, *ByID) (*Nothing, error) {
	return func(ctx context.Context, in *ByID) (*Nothing, error) {
		r.writing.Lock()
		defer r.writing.Unlock()
		id := desk.SettingID(in.ID)
		row, err := r.opt.Rows.Setting(id)
		if err != nil {
			return nil, fmt.Errorf("read setting %s: %w", id, err)
		}
		if _, err := r.mayChange(ctx, k.Name, k.rights(), row); err != nil {
			return nil, err
		}
		if r.opt.InUse != nil {
			why, err := r.opt.InUse(k.Name, id)
			if err != nil {
				return nil, err
			}
			if why != "" {
				return nil, &desk.Error{Code: desk.Conflict, Field: "id", Reason: "in_use", Message: why}
			}
		}
		return &Nothing{}, r.opt.Do(ctx, id.Stream(), deskpb.NewCommand(&deskpb.RemoveSetting{}))
	}
}

// mayChange: a setting of that kind is there, and it is for who asks to change it. A colleague's own is not to be seen.
func (r *Room) mayChange(ctx context.Context, kind string, to rights, row desk.Setting) (desk.Setting, error) {
	if row == nil || row.Kind != kind || row.Owner != "" && row.Owner != r.opt.Who(ctx).Agent {
		return nil, desk.Refuse(desk.NotFound, "", "there is no such %s", kind)
	}
	return row, r.mayKeep(ctx, to, row.Owner)
}

// mayKeep: everybody's are for administrators to write (and supervisors, of some kinds), one's own are one's own.
func (r *Room) mayKeep(ctx context.Context, to rights, owner string) error {
	who := r.opt.Who(ctx)
	switch {
	case owner == "" && to.supervised && who.Role == deskpb.Role_ROLE_SUPERVISOR:
	case owner == "" && who.Role != deskpb.Role_ROLE_ADMINISTRATOR && to.mine:
		return desk.Refuse(desk.Denied, "body.owner", "only an administrator may change what everybody uses; keep one of your own")
	case owner == "" && who.Role != deskpb.Role_ROLE_ADMINISTRATOR:
		return desk.Refuse(desk.Denied, "", "only an administrator may do this")
	case owner != "" && owner != who.Agent:
		return desk.Refuse(desk.Invalid, "body.owner", "must be you, or empty for everybody's")
	}
	return nil
}

// fits: its name is not taken and there is room for it.
func (r *Room) fits(kind string, id desk.SettingID, next *deskpb.Setting) error {
	rows, err := r.opt.Rows.Settings(kind)
	if err != nil {
		return fmt.Errorf("read the settings of kind %s: %w", kind, err)
	}
	scope, name := desk.SettingName(next)
	count := 1
	for _, s := range rows {
		if s.Removed || s.Setting == string(id) {
			continue
		}
		count++
		if sc, n := desk.SettingName(s.Value); sc == scope && n == name {
			return &desk.Error{Code: desk.Conflict, Field: "name", Reason: "exists", Message: "there is one of this name already"}
		}
	}
	if most := desk.MaxSettings(kind); count > most {
		return desk.Refuse(desk.Limit, "", "there are %d already; remove one first", most)
	}
	return nil
}

// named refuses ids that name nothing of a kind.
func (r *Room) named(kind, field string, ids ...string) error {
	for i, id := range ids {
		if id == "" {
			continue
		}
		row, err := r.opt.Rows.Setting(desk.SettingID(id))
		if err != nil {
			return fmt.Errorf("read setting %s: %w", id, err)
		}
		if row == nil || row.Removed || row.Kind != kind {
			return desk.Refuse(desk.Invalid, strings.Replace(field, "[]", fmt.Sprintf("[%d]", i), 1), "there is no such %s", kind)
		}
	}
	return nil
}

func (r *Room) teams(ids []string) error {
	for i, id := range ids {
		row, err := r.opt.People.Team(desk.TeamID(id))
		if err != nil {
			return fmt.Errorf("read team %s: %w", id, err)
		}
		if row == nil || row.Removed {
			return desk.Refuse(desk.Invalid, fmt.Sprintf("teams[%d]", i), "there is no such team; it may have been removed")
		}
	}
	return nil
}

func (r *Room) html(text *string, field string) error {
	if *text == "" {
		return nil
	}
	if r.opt.SanitizeHTML == nil {
		return desk.Refuse(desk.Invalid, field, "this desk takes plain text only")
	}
	*text = r.opt.SanitizeHTML(*text)
	return nil
}
