//go:build integration

package main

import (
	"context"
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/centralita/centralita/internal/demo"
)

// field waits for a control by its label and gives its selector.
func (p *page) field(label string) string {
	p.t.Helper()
	find := "$$('label').find((l) => l.htmlFor && l.innerText.trim() === " + quote(label) + ")"
	p.until("the field "+label, find)
	return ask[string](p, "'#' + "+find+".htmlFor")
}

// pick takes options of a list that is typed into, by their words.
func (p *page) pick(label string, words ...string) {
	p.t.Helper()
	at := p.field(label)
	for _, w := range words {
		p.click(at)
		p.keys(w)
		p.until(w+" is offered", "$('[role=option][data-highlighted]')?.innerText.includes("+quote(w)+")")
		p.keys("\r")
		p.until(w+" is taken", "$$('.tag, [role=dialog] li').some((x) => x.innerText.includes("+quote(w)+"))")
	}
	p.keys("\x1b")
	p.until("the list gone", "!$('[role=option]')")
}

// middle is where the middle of an element lies.
func (p *page) middle(find string) []float64 {
	p.t.Helper()
	return ask[[]float64](p, "(() => { const r = "+find+".getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2] })()")
}

// pull drags with the mouse from the middle of one element to the middle of another, a little at a time.
func (p *page) pull(from, to string) {
	p.t.Helper()
	p.until("what is pulled and where to", from+" && "+to)
	p.settle() // what was put in order before may still move
	a, b := p.middle(from), p.middle(to)
	p.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		send := func(kind input.DispatchMouseEventType, x, y float64, buttons int64) error {
			_, err := cdp.Call(ctx, t, input.DispatchMouseEvent, input.DispatchMouseEventParams{
				Type: kind, X: x, Y: y, Button: input.MouseButtonLeft, Buttons: buttons, ClickCount: 1})
			return err
		}
		if err := send(input.DispatchMouseEventTypeMousePressed, a[0], a[1], 1); err != nil {
			return err
		}
		for i := 1; i <= 8; i++ {
			part := float64(i) / 8
			if err := send(input.DispatchMouseEventTypeMouseMoved, a[0]+(b[0]-a[0])*part, a[1]+(b[1]-a[1])*part, 1); err != nil {
				return err
			}
		}
		return send(input.DispatchMouseEventTypeMouseReleased, b[0], b[1], 0)
	}))
}

// form opens a page of the settings and waits for its form.
func (p *page) form(url, path string) {
	p.t.Helper()
	p.do(chromedp.Navigate(url + "/settings/" + path))
	p.until("the form", "$('[role=dialog] form')")
	p.settle()
}

// saved presses Save and waits until the list shows some words.
func (p *page) saved(words string) {
	p.t.Helper()
	p.press("Save")
	p.until(words+" in the list, and the form gone", "!$('[role=dialog] form') && $('main').innerText.includes("+quote(words)+")")
}

// A team is removed: one is told what names it, can take it back, and what named it says so.
func TestBrowserRemovesATeam(t *testing.T) {
	t.Parallel()
	d, ids := sampleDesk(t)
	admin := signIn(t, d.url, demo.Agents[0].Email, demo.Password)
	var made struct{ Team struct{ ID string } }
	admin.must(t, "POST", "/teams", obj{"name": "Repairs", "members": []obj{{"agent": admin.me.ID, "main": true}}}, &made)
	admin.must(t, "PUT", ids.Replace("/conversations/{ticket}/team"), obj{"team": made.Team.ID}, nil)
	admin.must(t, "PATCH", ids.Replace("/channels/{channel}"), obj{"routing": obj{"mode": "users_and_teams", "agents": []string{admin.me.ID}, "teams": []string{made.Team.ID}}}, nil)
	admin.must(t, "POST", "/macros", obj{"name": "To repairs", "team": made.Team.ID}, nil)

	p := openBrowser(t, "team", d.url+"/")
	p.signInByHand(demo.Agents[0].Email, demo.Password)
	remove := func() {
		t.Helper()
		p.form(d.url, "teams/"+made.Team.ID)
		p.press("Remove")
		p.until("what names it", "$('[role=alertdialog]')?.innerText.includes('1 open ticket is its work') && $('[role=alertdialog]').innerText.includes('To repairs')")
		p.settle()
		p.axe("the question", nil)
		p.shoot("question")
		p.settle()
		p.holds("($('[role=alertdialog] .danger').click(), true)")
		p.until("the team gone", "!$('[role=dialog] form') && !$$('main a.line').some((x) => x.innerText.includes('Repairs'))")
	}
	remove()
	p.until("the way back", button("Undo"))
	p.settle()
	p.press("Undo")
	p.until("it back, with its member", "$$('main a.line').some((x) => x.innerText.includes('Repairs') && x.innerText.includes('Members: 1'))")

	remove()
	p.do(chromedp.Navigate(d.url + ids.Replace("/tickets/open/{ticket}")))
	p.until("the ticket that still says whose it was", "$('#p-team')?.innerText.includes('Repairs (removed)')")
	p.shoot("ticket")
	p.do(chromedp.Navigate(d.url + "/settings/channels"))
	p.until("the channel that is marked", "$$('a.chip.warn').some((x) => x.innerText.includes('removed team'))")
	p.shoot("channels")
	p.do(chromedp.Navigate(d.url + ids.Replace("/settings/channels/{channel}/routing")))
	p.until("the rule that is marked", "$('p.warn')?.innerText.includes('Repairs (removed)')")
	p.axe("the routing", nil)
	p.shoot("routing")
	p.holds("($$('label').find((x) => x.innerText.includes('Repairs (removed)')).click(), true)")
	p.until("taken out", "!$('p.warn')")
	p.press("Save")
	p.do(chromedp.Navigate(d.url + "/settings/channels"))
	p.until("no mark any more", "$$('main .row').length >= 2 && !$('a.chip.warn')")
}

// Stages and properties are put in order with the mouse and with the keys, and stay so.
func TestBrowserPutsInOrder(t *testing.T) {
	t.Parallel()
	d := openDesk(t, "", nil)
	admin := d.setUp(t)
	for i, label := range []string{"Order number", "Colour", "Size"} {
		admin.must(t, "POST", "/properties", obj{"name": []string{"order", "colour", "size"}[i], "label": label, "of": "contact", "kind": "text", "order": i}, nil)
	}
	p := openBrowser(t, "order", d.url+"/")
	p.signInByHand(adminEmail, adminPass)

	p.form(d.url, "pipelines/new")
	p.fill("[role=dialog] input[name=name]", "Repairs")
	stages := "$$('[role=dialog] .stage input').map((x) => x.value).join()"
	p.until("the four stages", stages+" === 'New,Waiting on us,Waiting on contact,Closed'")
	p.pull("$$('[role=dialog] .grip')[0]", "$$('[role=dialog] .grip')[2]")
	p.until("the first one third", stages+" === 'Waiting on us,Waiting on contact,New,Closed'")
	p.pull("$$('[role=dialog] .grip')[3]", "$$('[role=dialog] .grip')[0]")
	p.until("the last one first", stages+" === 'Closed,Waiting on us,Waiting on contact,New'")
	p.holds("($$('[role=dialog] .grip')[0].focus(), true)")
	p.keys(kb.ArrowDown) // down
	p.until("second, with the keys, and still held", stages+" === 'Waiting on us,Closed,Waiting on contact,New' && document.activeElement === $$('[role=dialog] .grip')[1]")
	p.saved("Waiting on us → Closed → Waiting on contact → New")

	p.do(chromedp.Navigate(d.url + "/settings/contact-properties"))
	labels := "$$('main a.line b').map((x) => x.innerText).join()"
	p.until("the properties", labels+" === 'Order number,Colour,Size'")
	p.pull("$$('main .grip')[2]", "$$('main .grip')[0]")
	p.until("the last one first", labels+" === 'Size,Order number,Colour'")
	p.holds("($$('main .grip')[1].focus(), true)")
	p.keys(kb.ArrowDown)
	p.until("the second last, with the keys", labels+" === 'Size,Colour,Order number' && document.activeElement === $$('main .grip')[2]")
	p.until("said to who listens", "$$('[aria-live]').some((x) => x.innerText.includes('Order number: place 3 of 3'))")
	p.axe("the properties", nil)
	p.shoot("properties")
	eventually(t, patience, "kept so", func() bool {
		var all struct {
			Items []struct {
				Label string
				Order int
			}
		}
		admin.must(t, "GET", "/properties", nil, &all)
		at := map[string]int{}
		for _, x := range all.Items {
			at[x.Label] = x.Order
		}
		return len(at) == 3 && at["Size"] < at["Colour"] && at["Colour"] < at["Order number"]
	})
	p.do(chromedp.Reload())
	p.until("so after a reload", labels+" === 'Size,Colour,Order number'")
}

// Saved texts are written as in the composer: bold stays bold, and fields come from a menu.
func TestBrowserWritesSavedTexts(t *testing.T) {
	t.Parallel()
	d := openDesk(t, "", nil)
	admin := d.setUp(t)
	admin.must(t, "POST", "/tags", obj{"name": "Refund"}, nil)
	admin.must(t, "POST", "/teams", obj{"name": "Billing", "members": []obj{}}, nil)
	admin.must(t, "POST", "/pipelines", obj{"name": "Repairs", "stages": []obj{{"id": "in", "name": "Here", "status": "waiting_on_us"}, {"id": "out", "name": "Gone", "status": "closed"}}}, nil)
	p := openBrowser(t, "texts", d.url+"/")
	p.signInByHand(adminEmail, adminPass)
	box := "[role=dialog] [role=textbox]"
	insert := func(words string) {
		t.Helper()
		p.press("Insert a field")
		p.until("the menu", "$$('[role=menuitem]').length === 7")
		p.holds("($$('[role=menuitem]').find((x) => x.innerText.includes(" + quote(words) + ")).click(), true)")
		p.until("the menu gone, the cursor back", "!$('[role=menu]') && document.activeElement === $("+quote(box)+")")
	}

	p.form(d.url, "snippets/new")
	p.until("the editor", "$("+quote(box)+")")
	p.fill("[role=dialog] input[name=name]", "Greeting")
	p.fill("[role=dialog] input[name=shortcut]", "hi")
	p.click(box)
	p.keys("Dear ")
	insert("first name")
	p.keys(", ")
	p.click("[role=dialog] [aria-label^=Bold]")
	p.keys("thank you")
	p.until("the text", "$("+quote(box)+").innerText === 'Dear {{contact.first_name}}, thank you' && $('[role=dialog] strong')?.innerText === 'thank you'")
	p.axe("a snippet", nil)
	p.shoot("snippet")
	p.keys("\x1b")
	p.until("Escape leaves the editor, not the form", "document.activeElement !== $("+quote(box)+") && $('[role=dialog] form')")
	p.saved(";hi")
	var snippets struct {
		Items []struct{ ID, Text, HTML string }
	}
	admin.must(t, "GET", "/snippets", nil, &snippets)
	if s := snippets.Items[0]; s.Text != "Dear {{contact.first_name}}, thank you" || s.HTML != "<p>Dear {{contact.first_name}}, <strong>thank you</strong></p>" {
		t.Errorf("kept: %+v", s)
	}
	p.form(d.url, "snippets/"+snippets.Items[0].ID)
	p.until("bold again in the form", "$('[role=dialog] strong')?.innerText === 'thank you'")

	p.form(d.url, "macros/new")
	p.until("the editor", "$("+quote(box)+")")
	p.fill("[role=dialog] input[name=name]", "Send it back")
	p.click(box)
	p.keys("Please send it back, ")
	insert("Contact’s name")
	p.pick("Put on tags", "Refund")
	p.choose(p.field("Stage"), ask[string](p, "$$('[role=dialog] option').find((o) => o.innerText === 'Gone').value"))
	p.choose(p.field("Priority"), "high")
	p.choose(p.field("Team"), ask[string](p, "$$('[role=dialog] option').find((o) => o.innerText === 'Billing').value"))
	p.shoot("macro")
	p.saved("Reply · + Refund · Gone · High · Billing")
	var macros struct {
		Items []struct {
			Stage, Status, Priority string
			Text                    string `json:"reply_text"`
		}
	}
	admin.must(t, "GET", "/macros", nil, &macros)
	if m := macros.Items[0]; m.Stage != "out" || m.Status != "closed" || m.Priority != "high" || m.Text != "Please send it back, {{contact.name}}" {
		t.Errorf("kept: %+v", m)
	}
}

// An agent is added with role, seat, teams and skills, deactivated and taken back.
func TestBrowserKeepsAgents(t *testing.T) {
	t.Parallel()
	d := openDesk(t, "", nil)
	admin := d.setUp(t)
	p := openBrowser(t, "agents", d.url+"/")
	p.signInByHand(adminEmail, adminPass)
	p.keepsASkillAndAProperty(d.url)
	admin.must(t, "POST", "/teams", obj{"name": "Billing", "members": []obj{}}, nil)
	ben := p.addsBen(d.url, admin)
	signIn(t, d.url, "ben@desk.test", "a-long-password")

	active := func(on bool) {
		t.Helper()
		p.do(chromedp.Navigate(d.url + "/settings/agents/" + ben))
		box := "$$('label.line').find((x) => x.innerText.startsWith('Deactivated'))?.querySelector('input')"
		p.until("the form", box)
		if p.holds(box+".checked") == on {
			p.holds("(" + box + ".click(), true)")
		}
		p.press("Save")
		p.until("it is kept", fmt.Sprintf("location.pathname === '/settings/agents' && %s?.innerText.includes('Deactivated') === %v", rowOfBen, !on))
	}
	active(false)
	p.shoot("deactivated")
	if err := newRESTClient(d.url).call("POST", "/session", obj{"email": "ben@desk.test", "password": "a-long-password"}, nil); err == nil {
		t.Error("who was deactivated signs in")
	}
	active(true)
	signIn(t, d.url, "ben@desk.test", "a-long-password")
}

const rowOfBen = "$$('main tr').find((x) => x.innerText.includes('Ben Baker'))"

func (p *page) keepsASkillAndAProperty(url string) {
	p.t.Helper()
	p.form(url, "skills/new")
	p.fill("[role=dialog] input[name=name]", "Basque")
	p.choose(p.field("Kind"), "language")
	p.fill(p.field("Category"), "Languages")
	p.saved("Basque")
	p.until("its kind and who has it", "$$('main a.line').some((l) => l.innerText.includes('Basque') && l.innerText.includes('Language · Languages') && l.innerText.includes('Agents: 0'))")
	p.form(url, "contact-properties/new")
	p.fill("[role=dialog] input[name=label]", "Loyalty level")
	p.choose("[role=dialog] select[name=kind]", "choice")
	p.until("a first choice", "$('[role=dialog] .choice input')")
	p.fill("[role=dialog] .choice input", "Gold")
	p.saved("Loyalty level")
}

// addsBen adds an agent, after a password that is too short, and gives the id.
func (p *page) addsBen(url string, admin *restClient) string {
	t := p.t
	t.Helper()
	p.do(chromedp.Navigate(url + "/settings/agents/new"))
	p.fill(p.field("Name"), "Ben Baker")
	p.fill(p.field("Email"), "ben@desk.test")
	p.choose(p.field("Role"), "agent")
	p.choose(p.field("Sees"), "team")
	p.fill(p.field("Capacity"), "7")
	p.pick("Teams", "Billing")
	p.pick("Skills", "Basque")
	p.fill(p.field("Password"), "short")
	p.shoot("new")
	p.press("Add agent")
	p.until("refused at the field", "$('input[type=password]:invalid, input[type=password][aria-invalid=true]')")
	p.fill(p.field("Password"), "a-long-password")
	if !p.holds("$('form input[type=checkbox]').checked") { // the seat
		p.click("form input[type=checkbox]")
	}
	p.press("Add agent")
	p.until("Ben in the list", "location.pathname === '/settings/agents' && "+rowOfBen)
	var list struct {
		Agents []struct {
			ID, Name, Role, Access string
			Seat                   bool
			Capacity               int
			Skills                 []string
		}
	}
	admin.must(t, "GET", "/agents", nil, &list)
	ben := list.Agents[0]
	if ben.Name != "Ben Baker" {
		ben = list.Agents[1]
	}
	if ben.Role != "agent" || ben.Access != "team" || !ben.Seat || ben.Capacity != 7 || len(ben.Skills) != 1 {
		t.Errorf("Ben: %+v", ben)
	}
	var teams struct {
		Teams []struct{ Members []struct{ Agent string } }
	}
	if admin.must(t, "GET", "/teams", nil, &teams); len(teams.Teams[0].Members) != 1 || teams.Teams[0].Members[0].Agent != ben.ID {
		t.Errorf("the team: %+v", teams)
	}
	return ben.ID
}
