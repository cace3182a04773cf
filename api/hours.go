package api

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/centralita/centralita/api/live"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/internal/ical"
	"github.com/centralita/centralita/proto/deskpb"
)

// Working hours, holidays, absences, and what came of them.

// WorkingHours are weekly hours that agents refer to.
type WorkingHours struct {
	ID       string         `json:"id" required:"false" readOnly:"true"`
	Name     string         `json:"name" minLength:"1" maxLength:"200"`
	TimeZone string         `json:"time_zone" maxLength:"64" doc:"IANA, such as Europe/Madrid"`
	Blocks   []WorkingBlock `json:"blocks" maxItems:"70"`
	Version  *uint64        `json:"version,omitempty" doc:"Of what was read. Given back with a change, the change is refused (409, reason changed_since) when there is another by now; left out: it is written over whatever there is"`
}

// WorkingBlock is a stretch of a weekday; one that does not end after it begins goes on into the next day.
type WorkingBlock struct {
	Weekday int32 `json:"weekday" minimum:"0" maximum:"6" doc:"0: Sunday"`
	From    int32 `json:"from" minimum:"0" maximum:"1439" doc:"Minutes after midnight"`
	To      int32 `json:"to" minimum:"0" maximum:"1440"`
}

// Holidays are days on which working hours do not hold.
type Holidays struct {
	ID      string       `json:"id" required:"false" readOnly:"true"`
	Name    string       `json:"name" minLength:"1" maxLength:"200"`
	Days    []HolidayDay `json:"days" maxItems:"2000"`
	Version *uint64      `json:"version,omitempty" doc:"Of what was read. Given back with a change, the change is refused (409, reason changed_since) when there is another by now; left out: it is written over whatever there is"`
}

// HolidayDay is a day, or several.
type HolidayDay struct {
	From string `json:"from" format:"date"`
	To   string `json:"to" format:"date" doc:"The last day"`
	Name string `json:"name" maxLength:"100"`
}

func hoursView(s desk.Setting) WorkingHours {
	h := s.GetValue().GetWorkingHours()
	return WorkingHours{ID: s.Setting, Name: h.GetName(), TimeZone: h.GetTimeZone(), Version: &s.Version, Blocks: each(h.GetBlocks(), func(b *deskpb.WorkingBlock) WorkingBlock {
		return WorkingBlock{b.Weekday, b.From, b.To}
	})}
}

func holidaysView(s desk.Setting) Holidays {
	h := s.GetValue().GetHolidays()
	return Holidays{ID: s.Setting, Name: h.GetName(), Version: &s.Version, Days: each(h.GetDays(), func(d *deskpb.HolidayRange) HolidayDay {
		return HolidayDay{d.From, d.To, d.Name}
	})}
}

type hoursList struct {
	Body struct {
		WorkingHours []WorkingHours `json:"working_hours"`
	}
}

type holidaysList struct {
	Body struct {
		Holidays []Holidays `json:"holidays"`
	}
}

func (s *Server) listHours(context.Context, *nothing) (*hoursList, error) {
	all, err := s.opt.Settings.Settings(desk.SettingWorkingHours)
	if err != nil {
		return nil, fmt.Errorf("read the working hours: %w", err)
	}
	out := &hoursList{}
	out.Body.WorkingHours = each(desk.LiveSettings(all), hoursView)
	return out, nil
}

func (s *Server) listHolidays(context.Context, *nothing) (*holidaysList, error) {
	all, err := s.opt.Settings.Settings(desk.SettingHolidays)
	if err != nil {
		return nil, fmt.Errorf("read the holidays: %w", err)
	}
	out := &holidaysList{}
	out.Body.Holidays = each(desk.LiveSettings(all), holidaysView)
	return out, nil
}

type oneHours struct {
	Body struct {
		WorkingHours WorkingHours `json:"working_hours"`
	}
}

type oneHolidays struct {
	Body struct {
		Holidays Holidays `json:"holidays"`
	}
}

func (s *Server) addHours(ctx context.Context, in *struct{ Body WorkingHours }) (*oneHours, error) {
	return s.putHours(ctx, desk.SettingID(desk.DeriveID("wh_", newToken())), &in.Body)
}

func (s *Server) changeHours(ctx context.Context, in *struct {
	ByID
	Body WorkingHours
}) (*oneHours, error) {
	id := desk.SettingID(in.ID)
	if err := s.isSetting(id, "working_hours"); err != nil {
		return nil, err
	}
	return s.putHours(ctx, id, &in.Body)
}

func (s *Server) putHours(ctx context.Context, id desk.SettingID, b *WorkingHours) (*oneHours, error) {
	if _, err := time.LoadLocation(b.TimeZone); err != nil || b.TimeZone == "" || b.TimeZone == "Local" {
		return nil, fault("body.time_zone", "there is no such time zone: it must be an IANA name such as Europe/Madrid")
	}
	h := &deskpb.WorkingHours{Name: b.Name, TimeZone: b.TimeZone}
	for _, x := range b.Blocks {
		h.Blocks = append(h.Blocks, &deskpb.WorkingBlock{Weekday: x.Weekday, From: x.From, To: x.To})
	}
	row, err := s.putSettingOver(ctx, id, &deskpb.Setting{Value: &deskpb.Setting_WorkingHours{WorkingHours: h}}, b.Version)
	if err != nil {
		return nil, err
	}
	out := &oneHours{}
	out.Body.WorkingHours = hoursView(row)
	return out, nil
}

func (s *Server) addHolidays(ctx context.Context, in *struct{ Body Holidays }) (*oneHolidays, error) {
	return s.putHolidays(ctx, desk.SettingID(desk.DeriveID("hd_", newToken())), &in.Body)
}

func (s *Server) changeHolidays(ctx context.Context, in *struct {
	ByID
	Body Holidays
}) (*oneHolidays, error) {
	id := desk.SettingID(in.ID)
	if err := s.isSetting(id, "holidays"); err != nil {
		return nil, err
	}
	return s.putHolidays(ctx, id, &in.Body)
}

func (s *Server) putHolidays(ctx context.Context, id desk.SettingID, b *Holidays) (*oneHolidays, error) {
	h := &deskpb.Holidays{Name: b.Name}
	for _, d := range b.Days {
		h.Days = append(h.Days, &deskpb.HolidayRange{From: d.From, To: d.To, Name: d.Name})
	}
	row, err := s.putSettingOver(ctx, id, &deskpb.Setting{Value: &deskpb.Setting_Holidays{Holidays: h}}, b.Version)
	if err != nil {
		return nil, err
	}
	out := &oneHolidays{}
	out.Body.Holidays = holidaysView(row)
	return out, nil
}

type calendarInput struct {
	Body struct {
		Calendar string `json:"calendar" maxLength:"1048576" doc:"The text of an iCalendar file (.ics)"`
	}
}

type calendarOutput struct {
	Body struct {
		Days    []HolidayDay `json:"days"`
		Skipped []string     `json:"skipped" doc:"What was left out, in words"`
	}
}

// readCalendar reads and keeps nothing: who imports sees the days first.
func (s *Server) readCalendar(_ context.Context, in *calendarInput) (*calendarOutput, error) {
	events, skipped, err := ical.Parse([]byte(in.Body.Calendar), time.Now().Year())
	if err != nil {
		return nil, fault("body.calendar", "%s", err)
	}
	out := &calendarOutput{}
	out.Body.Skipped = orNone(skipped)
	out.Body.Days = each(events, func(e ical.Event) HolidayDay {
		return HolidayDay{e.From.Format(time.DateOnly), e.To.Format(time.DateOnly), e.Name}
	})
	return out, nil
}

func (s *Server) isSetting(id desk.SettingID, kind string) error {
	row, err := s.opt.Settings.Setting(id)
	if err != nil {
		return fmt.Errorf("read setting %s: %w", id, err)
	}
	if row == nil || row.Removed || row.Kind != kind {
		return notFound("setting")
	}
	return nil
}

func (s *Server) putSetting(ctx context.Context, id desk.SettingID, v *deskpb.Setting) (desk.Setting, error) {
	return s.putSettingOver(ctx, id, v, nil)
}

// putSettingOver writes over the version that was read, and is refused where there is another by now; nil: whichever there is.
func (s *Server) putSettingOver(ctx context.Context, id desk.SettingID, v *deskpb.Setting, version *uint64) (desk.Setting, error) {
	save := &deskpb.SaveSetting{Setting: v}
	if version != nil {
		row, err := s.opt.Settings.Setting(id)
		if err != nil {
			return nil, fmt.Errorf("read setting %s: %w", id, err)
		}
		if row.GetVersion() != *version {
			return nil, desk.ChangedSince()
		}
		if save.Was = row.GetValue(); save.Was == nil { // nobody has saved it yet
			save.Was = &deskpb.Setting{}
		}
	}
	cmd := deskpb.NewCommand(save)
	if _, err := s.do(ctx, id.Stream(), cmd, live.AuthorOf(me(ctx).row)); err != nil {
		return nil, err
	}
	row, err := s.opt.Settings.Setting(id)
	if err != nil || row == nil {
		return nil, fmt.Errorf("read setting %s: %w", id, err)
	}
	return row, nil
}

// removeSchedule removes hours or holidays that nobody follows.
func (s *Server) removeSchedule(ctx context.Context, in *ByID) (*nothing, error) {
	row, err := s.opt.Settings.Setting(desk.SettingID(in.ID))
	if err != nil {
		return nil, fmt.Errorf("read setting %s: %w", in.ID, err)
	}
	if row == nil || row.Value.GetWorkingHours() == nil && row.Value.GetHolidays() == nil {
		return nil, notFound("setting")
	}
	all, err := s.opt.People.Agents()
	if err != nil {
		return nil, fmt.Errorf("read the agents: %w", err)
	}
	for _, a := range all {
		if a.WorkingHours == in.ID || a.Holidays == in.ID {
			return nil, &desk.Error{Code: desk.Conflict, Reason: "in_use", Message: a.Name + " follows it: give them another schedule first"}
		}
	}
	_, err = s.do(ctx, desk.SettingID(in.ID).Stream(), deskpb.NewCommand(&deskpb.RemoveSetting{}), live.AuthorOf(me(ctx).row))
	return nil, err
}

// ---------------------------------------------------------------- absences and history

type outInput struct {
	ByID
	Body struct {
		From    time.Time `json:"from" format:"date-time"`
		To      time.Time `json:"to" format:"date-time"`
		Message string    `json:"message,omitempty" maxLength:"2000"`
	}
}

func (s *Server) setOutOfOffice(ctx context.Context, in *outInput) (*oneAgent, error) {
	return s.putOutOfOffice(ctx, in.ID, &deskpb.SetOutOfOffice{FromMs: in.Body.From.UnixMilli(), ToMs: in.Body.To.UnixMilli(), Message: in.Body.Message})
}

func (s *Server) endOutOfOffice(ctx context.Context, in *ByID) (*oneAgent, error) {
	return s.putOutOfOffice(ctx, in.ID, &deskpb.SetOutOfOffice{})
}

func (s *Server) putOutOfOffice(ctx context.Context, id string, m *deskpb.SetOutOfOffice) (*oneAgent, error) {
	if err := ownOrAdministrator(ctx, id); err != nil {
		return nil, err
	}
	if _, err := s.do(ctx, desk.AgentID(id).Stream(), deskpb.NewCommand(m), live.AuthorOf(me(ctx).row)); err != nil {
		return nil, err
	}
	return s.oneAgent(ctx, desk.AgentID(id))
}

func ownOrAdministrator(ctx context.Context, id string) error {
	if who := me(ctx); id != string(who.Agent) && who.row.Role != deskpb.Role_ROLE_ADMINISTRATOR {
		return desk.Refuse(desk.Denied, "", "only an administrator may do this for somebody else")
	}
	return nil
}

// Coming is a line of an agent's history.
type Coming struct {
	At        string `json:"at" format:"date-time"`
	Available bool   `json:"available"`
	Reason    string `json:"reason"`
	Cause     string `json:"cause" enum:",hours,holiday,out_of_office,not_taken" doc:"Empty: by hand; not_taken: too many offers in a row were not taken"`
	By        *Named `json:"by" doc:"Who did it by hand"`
}

type comingList struct {
	Body struct {
		Changes []Coming `json:"changes" doc:"The newest first"`
		Next    string   `json:"next" doc:"The cursor of the next page; empty on the last one"`
	}
}

func (s *Server) availabilityHistory(ctx context.Context, in *struct {
	ByID
	Cursor string `query:"cursor" maxLength:"20" doc:"next of the page before"`
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"100"`
}) (*comingList, error) {
	if who := me(ctx); in.ID != string(who.Agent) && !desk.Leads(who.row) {
		return nil, desk.Refuse(desk.Denied, "", "only supervisors and administrators see when somebody else came and went")
	}
	from := uint64(0)
	if in.Cursor != "" {
		var err error
		if from, err = strconv.ParseUint(in.Cursor, 10, 64); err != nil || from == 0 {
			return nil, fault("query.cursor", "must be next of the page before, as it was given")
		}
	}
	row, err := s.opt.People.Agent(desk.AgentID(in.ID))
	if err != nil {
		return nil, fmt.Errorf("read agent %s: %w", in.ID, err)
	}
	if row == nil {
		return nil, notFound("agent")
	}
	all, next, err := s.opt.Accounts.Availability(desk.AgentID(in.ID), desk.Position(from), in.Limit)
	if err != nil {
		return nil, fmt.Errorf("read when %s came and went: %w", in.ID, err)
	}
	out := &comingList{}
	if next > 0 {
		out.Body.Next = strconv.FormatUint(uint64(next), 10)
	}
	out.Body.Changes = each(all, func(e *deskpb.AvailabilityEntry) Coming {
		return Coming{At: timeOf(e.AtMs), Available: e.Available, Reason: e.Reason, Cause: e.Cause, By: named(e.By, e.ByName)}
	})
	return out, nil
}

// ---------------------------------------------------------------- the desk's rules of security

type securityRules struct {
	Body struct {
		TwoFactorForAdministrators bool `json:"two_factor_for_administrators" doc:"Without a second factor they can do nothing an administrator may"`
	}
}

func (s *Server) security() (*deskpb.SecurityRules, error) {
	row, err := s.opt.Settings.Setting(desk.SecurityID)
	if err != nil {
		return nil, fmt.Errorf("read the rules of security: %w", err)
	}
	return row.GetValue().GetSecurity(), nil
}

func (s *Server) readSecurity(context.Context, *nothing) (*securityRules, error) {
	rules, err := s.security()
	out := &securityRules{}
	out.Body.TwoFactorForAdministrators = rules.GetTwoFactorForAdministrators()
	return out, err
}

// setSecurity refuses who would lock oneself out.
func (s *Server) setSecurity(ctx context.Context, in *securityRules) (*securityRules, error) {
	if in.Body.TwoFactorForAdministrators && !me(ctx).row.TwoFactor {
		return nil, desk.Refuse(desk.Conflict, "two_factor_for_administrators", "switch two-factor sign-in on for yourself first")
	}
	v := &deskpb.Setting{Value: &deskpb.Setting_Security{Security: &deskpb.SecurityRules{TwoFactorForAdministrators: in.Body.TwoFactorForAdministrators}}}
	if _, err := s.putSetting(ctx, desk.SecurityID, v); err != nil {
		return nil, err
	}
	return in, nil
}

// hoursRoutes are those of schedules and absences.
func (s *Server) hoursRoutes() []route {
	const get, post, put, del = http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete
	return []route{
		{get, "/agents/{id}/availability", agents, "availability-history", "When, why and by whom one came and went, by pages: one's own, or anybody's for who runs the desk", typed(s.availabilityHistory, 200)},
		{put, "/agents/{id}/out-of-office", agents, "set-out-of-office", "Be away from one moment to another", typed(s.setOutOfOffice, 200)},
		{del, "/agents/{id}/out-of-office", agents, "end-out-of-office", "Come back: the absence is forgotten", typed(s.endOutOfOffice, 200)},
		{get, "/working-hours", agents, "list-working-hours", "All working hours", typed(s.listHours, 200)},
		{post, "/working-hours", administrators, "add-working-hours", "Add working hours", typed(s.addHours, 201)},
		{put, "/working-hours/{id}", administrators, "change-working-hours", "Change working hours", typed(s.changeHours, 200)},
		{del, "/working-hours/{id}", administrators, "remove-working-hours", "Remove working hours that nobody follows", typed(s.removeSchedule, 204)},
		{get, "/holidays", agents, "list-holidays", "All holidays", typed(s.listHolidays, 200)},
		{post, "/holidays", administrators, "add-holidays", "Add holidays", large(s.addHolidays, 201)},
		{post, "/holidays/read-calendar", administrators, "read-calendar", "Read the days of an iCalendar file, without keeping them", large(s.readCalendar, 200)},
		{put, "/holidays/{id}", administrators, "change-holidays", "Change holidays", large(s.changeHolidays, 200)},
		{del, "/holidays/{id}", administrators, "remove-holidays", "Remove holidays that nobody follows", typed(s.removeSchedule, 204)},
		{get, "/security", agents, "read-security", "The desk's rules of security", typed(s.readSecurity, 200)},
		{put, "/security", administrators, "set-security", "Set the desk's rules of security", typed(s.setSecurity, 200)},
	}
}
