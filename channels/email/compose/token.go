package compose

import (
	"html"
	"regexp"
	"slices"
	"strings"
)

// Tokens stand in texts for what is known only when a mail is written.
var signatureTokens = []string{"agent.name", "agent.first_name", "agent.last_name"}

var tokenForm = regexp.MustCompile(`\{\{\s*([a-z_.]+)\s*\}\}`)

// fill puts values for tokens. A value is text: as HTML it is escaped.
func fill(text string, values map[string]string, asHTML bool) string {
	return tokenForm.ReplaceAllStringFunc(text, func(token string) string {
		v, known := values[tokenForm.FindStringSubmatch(token)[1]]
		switch {
		case !known:
			return token
		case asHTML:
			return html.EscapeString(v)
		}
		return v
	})
}

// unknownTokens gives the tokens for which nothing stands.
func unknownTokens(text string, known []string) (strange []string) {
	for _, m := range tokenForm.FindAllStringSubmatch(text, -1) {
		if !slices.Contains(known, m[1]) && !slices.Contains(strange, "{{"+m[1]+"}}") {
			strange = append(strange, "{{"+m[1]+"}}")
		}
	}
	return strange
}

func tokenList(known []string) string { return "{{" + strings.Join(known, "}}, {{") + "}}" }

// namesOf parts the name of an agent.
func namesOf(agent string) map[string]string {
	agent = strings.Join(strings.Fields(agent), " ")
	first, last, _ := strings.Cut(agent, " ")
	return map[string]string{"agent.name": agent, "agent.first_name": first, "agent.last_name": last}
}
