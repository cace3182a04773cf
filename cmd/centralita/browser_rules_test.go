//go:build integration

package main

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// In the list of a channel's rules: the names in their order, and a button of one of them.
const ruleNames = "$$('[data-rule] b').map((x) => x.innerText).join()"

func ruleDoes(name, what string) string {
	return "$$('[data-rule]').find((x) => x.querySelector('b')?.innerText === " + quote(name) + ")?.querySelector('[data-do=" + what + "]')"
}

// condition adds one to the rule that is open: of the ticket or of the contact.
func (p *page) condition(of, field, value string) {
	p.t.Helper()
	p.presses("the button for conditions", "$('[data-of="+of+"] [data-filter-add]')")
	p.until("the menu of fields", "document.activeElement?.matches('.filter-pop input')")
	p.keys(field + "\r")
	p.until("the field "+field, "$('.filter-pop [aria-label=\"Other filters\"]')")
	p.finds(value)
	p.until("the condition", "$$('[data-of="+of+"] .chip-f').some((x) => x.innerText.includes("+quote(value)+"))")
}

// An administrator adds a rule to a channel, a fault of it is told at its field, it gives the next ticket to whom it names, and
// the ticket says so; the rule is moved with the keys, changed, marked when it names somebody in vain, and removed.
func TestBrowserKeepsRules(t *testing.T) {
	t.Parallel()
	mail := startMailServer(t, supportAddress, customerAddress)
	d := openDesk(t, "", nil)
	admin := d.setUp(t)
	ben := admin.addAgent(t, "Ben Bold", "ben@desk.test", 5)
	eva := admin.addAgent(t, "Eva Roca", "eva@desk.test", 5)
	var skill struct{ Item struct{ ID string } }
	admin.must(t, "POST", "/skills", obj{"name": "Spanish", "kind": "language"}, &skill)
	admin.must(t, "PATCH", "/agents/"+eva.me.ID, obj{"skills": []string{skill.Item.ID}}, nil)
	admin.must(t, "POST", "/teams", obj{"name": "Billing", "members": []obj{{"agent": eva.me.ID, "main": true}}}, nil)
	admin.must(t, "POST", "/teams", obj{"name": "Sales", "members": []obj{{"agent": ben.me.ID, "main": true}}}, nil)
	admin.must(t, "POST", "/properties", obj{"name": "plan", "label": "Plan", "of": "contact", "kind": "text"}, nil)
	ch := admin.connect(t, mailChannel(supportAddress, mail.IMAPAddr(), mail.SMTPAddr(), ben))
	awaitIdle(t, admin, ch.ID)
	admin.must(t, "PATCH", "/channels/"+ch.ID, obj{"routing": obj{"mode": "users_and_teams", "agents": []string{ben.me.ID}, "rules": []obj{
		{"id": "gold", "name": "Gold", "mode": "users_and_teams", "agents": []string{ben.me.ID}, "when": obj{"words": []string{"gold"}, "subject_only": true}},
	}}}, nil)

	p := openBrowser(t, "rules", d.url+"/")
	p.signInByHand(adminEmail, adminPass)
	p.do(chromedp.Navigate(d.url + "/settings/channels/" + ch.ID + "/routing"))
	p.until("the rule that is there, as a sentence", "$('[data-rule=gold] .sentence')?.innerText === 'If the subject says “gold”: Ben Bold'")
	p.writesARule()

	deliver(t, mail, letter{from: "Carla Gil <" + customerAddress + ">", subject: "Invoice 12", id: "inv@customer.test", text: "Hola, ¿dónde está la factura de mi pedido? Gracias por su ayuda con el envío."})
	var got ticket
	eventually(t, patience, "the ticket with who the rule names", func() bool {
		all := admin.tickets(t, "open")
		if len(all) == 1 {
			got = all[0]
		}
		return got.Owner != nil && got.Owner.ID == eva.me.ID
	})
	p.ordersRules(admin, ben.me.ID)
	p.meetsAnother(admin, ch.ID, eva.me.ID)
	p.asksWhy(d.url + "/tickets/open/" + got.ID)
	p.keys("\x1b")
	admin.must(t, "PUT", "/conversations/"+got.ID+"/status", obj{"status": "closed"}, nil)
	p.until("what a reply does to a closed ticket, not cut", "(() => { const s = $('.composer .tabs .quiet'); return s.innerText.includes('cerrado') && s.scrollWidth <= s.clientWidth })()")
	p.shoot("closed")

	p.do(chromedp.Navigate(d.url + "/settings/channels/" + ch.ID + "/routing"))
	p.until("the sentence in Spanish", "$$('.sentence')[0]?.innerText.startsWith('Si el asunto contiene «invoice»')")
	p.presses("its removal", ruleDoes("Invoices", "remove"))
	p.until("the question", "$('[role=alertdialog]')")
	p.holds("($('[role=alertdialog] .danger').click(), true)")
	p.until("it gone", ruleNames+" === 'Gold'")
	p.setsASecondLanguage(d.url, admin, eva.me.ID, skill.Item.ID)
	p.wantsNoOwnerMail(d.url)
}

// writesARule writes the rule about invoices, first under a name that is taken.
func (p *page) writesARule() {
	p.t.Helper()
	p.press("Add a rule")
	p.until("the form", "$('[data-rule-form] input[name=rule-name]') === document.activeElement")
	p.fill("[data-rule-form] input[name=rule-name]", "gold")
	p.condition("ticket", "Subject", "invoice")
	p.fill("[data-rule-form] input[name=words]", "pedido, factura")
	p.pick("Language", "Spanish")
	p.pick("Skills", "Spanish")
	p.presses("the team", "$$('[data-rule-form] .who label').find((x) => x.innerText.trim() === 'Billing')")
	p.presses("a team for later", "$('[data-rule-form] [data-do=later]')")
	p.until("its row", "$('[data-rule-form] .row select')")
	p.holds("(() => { const s = $('[data-rule-form] .row select'); s.value = [...s.options].find((o) => o.text === 'Sales').value; s.dispatchEvent(new Event('change', {bubbles: true})); return true })()")
	p.settle()
	p.axe("the form of a rule", nil)
	p.shoot("form")
	p.presses("Save of the rule", "$('[data-rule-form] [data-do=keep]')")
	p.until("the fault at the name, and that one is led there", "document.activeElement?.name === 'rule-name' && $('[data-rule-form] input[name=rule-name]').getAttribute('aria-invalid') === 'true' && $('[data-rule-form] .fault').innerText.includes('another rule')")
	p.shoot("fault")
	p.fill("[data-rule-form] input[name=rule-name]", "Invoices")
	p.presses("Save of the rule", "$('[data-rule-form] [data-do=keep]')")
	p.until("both rules", ruleNames+" === 'Gold,Invoices'")
	p.until("it as a sentence", "$$('.sentence')[1].innerText === "+quote("If the subject contains “invoice”, the subject or the first message says “pedido” or “factura”, and it is written in Spanish: Billing, skills: Spanish; after 10 min also Sales"))
}

// ordersRules moves the rule about invoices up with the keys, sees that the agent without a seat is marked, and switches the rule off.
func (p *page) ordersRules(admin *restClient, ben string) {
	p.t.Helper()
	p.holds("(" + ruleDoes("Invoices", "up") + ".focus(), true)")
	p.keys("\r")
	p.until("first, with the keys, and the focus kept on it", ruleNames+" === 'Invoices,Gold' && document.activeElement === "+ruleDoes("Invoices", "down")+" && $$('[aria-live]').some((x) => x.innerText.includes('Invoices: place 1 of 2'))")
	p.do(chromedp.Reload())
	p.until("so after a reload", ruleNames+" === 'Invoices,Gold'")
	admin.must(p.t, "PATCH", "/agents/"+ben, obj{"seat": false}, nil)
	p.do(chromedp.Reload())
	p.until("the rule that names somebody in vain", "$$('[data-rule]')[1]?.innerText.includes('Ben Bold has no seat')")
	p.settle()
	p.axe("the rules", nil)
	p.shoot("list")

	p.presses("its change", ruleDoes("Invoices", "edit"))
	p.until("the form with what it says", "$('[data-rule-form] input[name=words]')?.value === 'pedido, factura' && $('[data-rule-form] .row input').value === '10'")
	p.click("[data-rule-form] input[name=on]")
	p.presses("Save of the rule", "$('[data-rule-form] [data-do=keep]')")
	p.until("that it is off", "!$('[data-rule-form]') && $$('[data-rule]')[0].innerText.includes('Off') && document.activeElement === "+ruleDoes("Invoices", "edit"))
}

// meetsAnother has a rule open while somebody else changes it: that is not written over, and shown.
func (p *page) meetsAnother(admin *restClient, channel, eva string) {
	p.t.Helper()
	p.presses("its change", ruleDoes("Gold", "edit"))
	p.until("the form", "$('[data-rule-form] input[name=words]')?.value === 'gold'")
	p.fill("[data-rule-form] input[name=words]", "silver")
	var list struct {
		Channels []struct {
			ID      string
			Routing struct{ Rules []obj }
		}
	}
	admin.must(p.t, "GET", "/channels", nil, &list)
	rules := list.Channels[0].Routing.Rules
	for _, r := range rules {
		if r["name"] == "Gold" {
			r["agents"], r["when"] = []string{eva}, obj{"words": []string{"gold", "golden"}}
		}
	}
	admin.must(p.t, "PATCH", "/channels/"+channel, obj{"routing": obj{"mode": "users_and_teams", "agents": []string{eva}, "rules": rules}}, nil)
	p.until("the news of the channel", "$$('.warn').every((x) => !x.innerText.includes('Ben Bold'))")
	p.presses("Save of the rule", "$('[data-rule-form] [data-do=keep]')")
	p.until("that it was changed, and what it is now", "document.body.innerText.includes('Somebody else changed these rules meanwhile') && $('[data-rule-form] input[name=words]')?.value === 'gold, golden'")
	p.shoot("changed-since")
	p.fill("[data-rule-form] input[name=words]", "gold")
	p.presses("Save of the rule", "$('[data-rule-form] [data-do=keep]')")
	p.until("what was made over it", "!$('[data-rule-form]') && $$('.sentence')[1]?.innerText.includes('“gold”: Eva Roca')")
}

// asksWhy looks at why a ticket is whose it is: on a screen, on a phone, and in Spanish.
func (p *page) asksWhy(url string) {
	p.t.Helper()
	p.do(chromedp.Navigate(url))
	p.until("the ticket", "$('#p-owner')?.innerText.includes('Eva Roca')")
	p.press("Why, and who now?")
	p.until("why it is hers, and who would get it now", "$('dialog[open]')?.innerText.includes('Eva Roca has it.') && $$('dialog[open] li').length === 3 && $('dialog[open] li').innerText.includes('is switched off')")
	p.settle()
	p.axe("why", nil)
	p.shoot("why")
	p.do(chromedp.EmulateViewport(1000, 800))
	p.until("the same in a window that became narrow", "$('dialog[open]')?.getBoundingClientRect().width > 300 && !$('aside .panel')?.offsetWidth")
	p.do(chromedp.EmulateViewport(1440, 900))
	p.click("dialog[open] .verdict") // who reads it clicks on it: the keys go nowhere else then
	p.keys("j\x1b")
	p.until("it closed, and the ticket still there", "!$('dialog[open]') && $('#conversation h1')?.innerText === 'Invoice 12' && $('a.details')")
	p.do(chromedp.EmulateViewport(390, 844))
	p.presses("the panel, on a phone", "$('a.details')")
	p.press("Why, and who now?")
	p.until("the same on a phone, no wider than it", "$('dialog[open]')?.innerText.includes('is switched off') && $('dialog[open] .body').scrollWidth <= $('dialog[open] .body').clientWidth")
	p.axeInBoth("why, on a phone", "why-390", nil)
	p.do(chromedp.EmulateViewport(1440, 900))
	p.holds("(localStorage.setItem('centralita.locale', 'es'), true)")
	p.do(chromedp.Reload())
	p.press("¿Por qué, y quién ahora?")
	p.until("in Spanish, without a word of English", "$('dialog[open]')?.innerText.includes('está desactivada') && $('dialog[open]').innerText.includes('Regla «Invoices»: Eva Roca') && !/Rule|nobody|least/.test($('dialog[open] .body').innerText)")
	p.until("the rule that decided, in the timeline and the panel", "$$('#conversation .line .reason').some((x) => x.innerText.startsWith('Regla «Invoices»: ')) && $('aside .panel .reason').innerText.startsWith('Regla «Invoices»: ')")
	p.shoot("why-es")
}

// setsASecondLanguage says, in Spanish, that an agent speaks a language second.
func (p *page) setsASecondLanguage(url string, admin *restClient, agent, skill string) {
	p.t.Helper()
	p.do(chromedp.Navigate(url + "/settings/agents/" + agent))
	p.pick("Segundas lenguas", "Spanish")
	p.settle()
	p.axe("second languages", nil)
	p.shoot("second")
	p.press("Guardar")
	p.until("back in the list", "location.pathname === '/settings/agents'")
	var list struct {
		Agents []struct {
			ID     string
			Second []string `json:"second_skills"`
		}
	}
	admin.must(p.t, "GET", "/agents", nil, &list)
	for _, a := range list.Agents {
		if (a.ID == agent) != (len(a.Second) == 1 && a.Second[0] == skill) {
			p.t.Errorf("second languages: %+v", list.Agents)
		}
	}
}

// wantsNoOwnerMail switches the mail about one's own contacts off.
func (p *page) wantsNoOwnerMail(url string) {
	p.t.Helper()
	p.do(chromedp.Navigate(url + "/me/notifications"))
	p.until("the switch of the owner's mail", "$('[data-rule=owner_mail] [role=switch]')?.getAttribute('aria-checked') === 'true'")
	p.click("[data-rule=owner_mail] [role=switch]")
	p.until("it off", "$('[data-rule=owner_mail] [role=switch]').getAttribute('aria-checked') === 'false'")
	p.axe("the notifications", nil)
	p.holds("($('[data-rule=owner_mail]').scrollIntoView({block: 'center'}), true)")
	p.shoot("owner-mail")
	p.do(chromedp.Reload())
	p.until("kept", "$('[data-rule=owner_mail] [role=switch]')?.getAttribute('aria-checked') === 'false'")
}
