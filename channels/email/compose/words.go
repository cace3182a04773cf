package compose

import (
	"fmt"
	"strings"
	"time"
)

// language is what a mail says of itself, around what an agent wrote.
type language struct {
	sender   func(agent, company string) string
	wrote    string // of a date and a person
	date     string // of weekday, day, month, year, clock
	days     [7]string
	months   [12]string
	files    string // above links
	until    string // of a date
	somebody string
	question string // a subject, for previews
}

var words = map[string]*language{
	"en": {
		sender: func(agent, company string) string { return agent + " at " + company },
		wrote:  "On %s, %s wrote:",
		date:   "%[1]s, %[2]d %[3]s %[4]d at %[5]s",
		days:   [7]string{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"},
		months: [12]string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"},
		files:  "Files that are too large for a mail:", until: "available until %s", somebody: "somebody", question: "Where is my order?",
	},
	"es": {
		sender: func(agent, company string) string { return agent + " de " + company },
		wrote:  "El %s, %s escribió:",
		date:   "%[1]s, %[2]d %[3]s %[4]d a las %[5]s",
		days:   [7]string{"dom", "lun", "mar", "mié", "jue", "vie", "sáb"},
		months: [12]string{"ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sept", "oct", "nov", "dic"},
		files:  "Archivos demasiado grandes para un correo:", until: "disponible hasta el %s", somebody: "alguien", question: "¿Dónde está mi pedido?",
	},
}

func (s *Settings) words() *language {
	if l := words[s.Language]; l != nil {
		return l
	}
	return words["en"]
}

// moment writes a time as people write it in this language.
func (l *language) moment(t time.Time) string {
	return fmt.Sprintf(l.date, l.days[t.Weekday()], t.Day(), l.months[t.Month()-1], t.Year(), strings.TrimSpace(t.Format("15:04 MST")))
}

func (l *language) day(t time.Time) string {
	return fmt.Sprintf("%d %s %d", t.Day(), l.months[t.Month()-1], t.Year())
}
