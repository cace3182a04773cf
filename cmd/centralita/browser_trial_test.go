//go:build integration

package main

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// An administrator asks who would get a mail now, by rules that are still being written: the answer follows each change, and nothing
// is kept by it. What counts when no rule decides asks for skills and has teams that join later, too.
func TestBrowserTriesRules(t *testing.T) {
	t.Parallel()
	mail := startMailServer(t, supportAddress, customerAddress)
	d := openDesk(t, "", nil)
	admin := d.setUp(t)
	ben := admin.addAgent(t, "Ben Bold", "ben@desk.test", 5)
	var skill struct{ Item struct{ ID string } }
	eva := admin.addAgent(t, "Eva Roca", "eva@desk.test", 5)
	admin.must(t, "POST", "/skills", obj{"name": "Spanish", "kind": "language"}, &skill)
	admin.must(t, "PATCH", "/agents/"+eva.me.ID, obj{"skills": []string{skill.Item.ID}}, nil)
	var crew struct{ Team struct{ ID string } }
	admin.must(t, "POST", "/teams", obj{"name": "Billing", "members": []obj{{"agent": eva.me.ID, "main": true}}}, &crew)
	p, ch := openBrowser(t, "trial", d.url+"/"), admin.connect(t, mailChannel(supportAddress, mail.IMAPAddr(), mail.SMTPAddr(), ben))
	awaitIdle(t, admin, ch.ID)
	admin.must(t, "PATCH", "/channels/"+ch.ID, obj{"routing": obj{"mode": "users_and_teams", "agents": []string{ben.me.ID}, "only_available": false, "rules": []obj{}}}, nil)
	p.signInByHand(adminEmail, adminPass)
	address := d.url + "/settings/channels/" + ch.ID + "/routing"
	p.do(chromedp.Navigate(address))
	says := func(words string) string { return "$('[data-verdict]')?.innerText.includes(" + quote(words) + ")" }
	p.presses("the trial", "$('[data-trial] summary')")
	p.until("who gets it now", says("Ben Bold would get it.")+" && $('[data-trial]').innerText.includes('By the rules as they are.')")

	p.press("Add a rule")
	p.until("the form, and in it the trial of a rule that names nobody yet", "$('[data-rule-form] input[name=rule-name]') === document.activeElement && $('[data-rule-form] [data-refused]') && $$('[data-trial]').length === 1")
	p.fill("[data-rule-form] input[name=words]", "refund")
	p.presses("Eva", "$$('[data-rule-form] .who label').find((x) => x.innerText.trim() === 'Eva Roca')")
	p.presses("away or not", "$$('[data-rule-form] label').find((x) => x.innerText.trim() === 'Only agents who are available')")
	p.until("that it is not for this one", says("Ben Bold would get it.")+" && $('[data-verdict]').innerText.includes('none of its words was found')")
	p.fill("[data-trial] input[name=try-subject]", "A refund, please")
	p.until("the rule that is being written decides", says("Eva Roca would get it.")+" && $('[data-trial]').innerText.includes('not saved yet')")
	p.holds("($('[data-trial]').scrollIntoView(), true)")
	p.settle()
	p.axeInBoth("the trial of a rule", "trial-rule", nil)
	p.shoot("rule")
	p.fill("[data-rule-form] input[name=words]", "money back")
	p.until("it follows the form", says("Ben Bold would get it."))
	p.presses("Cancel", "$$('[data-rule-form] button').find((b) => b.innerText.trim() === 'Cancel')")
	p.until("the form gone", "!$('[data-rule-form]') && $('[data-trial][open]') && $('[data-trial]').innerText.includes('By the rules as they are.')")

	p.presses("Ben, out", "$$('[data-form=otherwise] .who label').find((x) => x.innerText.trim() === 'Ben Bold')")
	p.until("that nobody is named", "$('[data-refused]')?.innerText.includes('It cannot be asked like this')")
	p.presses("Ben, in", "$$('[data-form=otherwise] .who label').find((x) => x.innerText.trim() === 'Ben Bold')")
	p.pick("Skills", "Spanish")
	p.until("that nobody named has the skill", says("Nobody would get it: it would stand in line.")+" && $('[data-form=otherwise] [data-unsaved]')")
	p.presses("a team for later", "$('[data-form=otherwise] [data-do=later]')")
	p.until("its row", "$('[data-form=otherwise] .row select')")
	p.choose("[data-form=otherwise] .row select", crew.Team.ID)
	p.shoot("otherwise")
	p.presses("Save", "$('[data-form=otherwise] [type=submit]')")
	p.until("that it is saved", "!$('[data-unsaved]') && $('[data-trial]').innerText.includes('By the rules as they are.')")
	var got struct {
		Channels []struct {
			Routing struct {
				Agents, Skills []string
				Rules          []any
				Overflow       []struct {
					Team  string
					After int
				}
			}
		}
	}
	admin.must(t, "GET", "/channels", nil, &got)
	r := got.Channels[0].Routing
	if len(r.Rules) != 0 || len(r.Agents) != 1 || len(r.Skills) != 1 || r.Skills[0] != skill.Item.ID || len(r.Overflow) != 1 || r.Overflow[0].Team != crew.Team.ID || r.Overflow[0].After != 600 {
		t.Errorf("kept %+v", r)
	}
	p.do(chromedp.Navigate(address))
	p.until("it again", "$('[data-form=otherwise] .tag')?.innerText.includes('Spanish') && $('[data-form=otherwise] .row input').value === '10'")
}
