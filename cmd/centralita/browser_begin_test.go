//go:build integration

package main

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// selects takes an option of a list that opens below its button, by its label and its words.
func (p *page) selects(label, words string) {
	p.t.Helper()
	p.presses("the list "+label, "$("+quote(p.field(label))+")")
	option := "$$('[role=option]').find((o) => o.innerText.trim().startsWith(" + quote(words) + "))"
	p.until(words+" is offered", option)
	p.presses(words, option)
	p.until(words+" is taken, and the list gone", "!$('[role=option]') && $("+quote(p.field(label))+").innerText.includes("+quote(words)+")")
}

// defaults are what a channel's tickets begin with.
type defaults struct {
	Priority   string
	Tags       []string
	Team       string
	Pipeline   string
	Stage      string
	Properties map[string]string
	Within     int `json:"answer_within_minutes"`
}

func (c *restClient) defaultsOf(t *testing.T, id string) defaults {
	t.Helper()
	var got struct {
		Channels []struct {
			ID      string
			Routing struct{ Defaults defaults }
		}
	}
	c.must(t, "GET", "/channels", nil, &got)
	for _, ch := range got.Channels {
		if ch.ID == id {
			return ch.Routing.Defaults
		}
	}
	t.Fatalf("no channel %s", id)
	return defaults{}
}

// An administrator says what a channel's tickets begin with, while connecting it and on its page: what is refused is told at its
// field, what is not saved yet is said, and the next mail's ticket has all of it from its first entry.
func TestBrowserWhatTicketsBeginWith(t *testing.T) {
	t.Parallel()
	mail := startMailServer(t, supportAddress, customerAddress)
	d := openDesk(t, "", nil)
	admin := d.setUp(t)
	made := func(path string, body obj) string {
		t.Helper()
		var out struct{ Item struct{ ID string } }
		admin.must(t, "POST", path, body, &out)
		return out.Item.ID
	}
	tag := made("/tags", obj{"name": "Web shop", "colour": "teal"})
	repairs := made("/pipelines", obj{"name": "Repairs", "stages": []obj{{"id": "diagnosis", "name": "Diagnosis", "status": "waiting_on_us"}, {"id": "repaired", "name": "Repaired", "status": "closed"}}})
	size := made("/properties", obj{"name": "size", "label": "Size", "of": "ticket", "kind": "number"})
	colour := made("/properties", obj{"name": "colour", "label": "Finish", "of": "ticket", "kind": "choice", "choices": []obj{{"id": "matt", "label": "Matt"}, {"id": "gloss", "label": "Gloss"}}})
	var crew struct{ Team struct{ ID string } }
	admin.must(t, "POST", "/teams", obj{"name": "Workshop", "members": []obj{{"agent": admin.me.ID, "main": true}}}, &crew)

	p := openBrowser(t, "begin", d.url+"/")
	p.signInByHand(adminEmail, adminPass)
	p.connectsWithDefaults(d.url)
	var all struct{ Channels []channelRow }
	admin.must(t, "GET", "/channels", nil, &all)
	if got := admin.defaultsOf(t, all.Channels[0].ID); got.Priority != "high" || len(got.Tags) != 1 || got.Tags[0] != tag || got.Properties[size] != "12" {
		t.Errorf("connected with %+v", got)
	}

	ch := admin.connect(t, mailChannel(supportAddress, mail.IMAPAddr(), mail.SMTPAddr(), admin))
	awaitIdle(t, admin, ch.ID)
	p.do(chromedp.Navigate(d.url + "/settings/channels/" + ch.ID + "/tickets"))
	p.until("the form", "$('[data-form=begin]') && !$('[data-unsaved]')")
	p.selects("Priority", "Urgent")
	p.until("that it is not saved yet", "$('[data-form=begin] [data-unsaved]') && $$('[data-unsaved]').length === 1")
	p.selects("Team", "Workshop")
	p.selects("Stage", "Diagnosis")
	p.pick("Tags", "Web shop")
	p.selects("Finish", "Gloss")
	p.fill("input[name=within]", "4")
	p.fill(p.field("Size"), "1e5")
	p.presses("Save", "$('[data-form=begin] [type=submit]')")
	p.until("the fault at the property", "$("+quote(p.field("Size"))+").getAttribute('aria-invalid') === 'true' && $('[data-form=begin] .fault').innerText.includes('a number such as')")
	p.axeInBoth("what tickets begin with", "begin-fault", nil)
	p.shoot("page")
	p.fill(p.field("Size"), "5")
	p.presses("Save", "$('[data-form=begin] [type=submit]')")
	p.until("that it is saved", "!$('[data-unsaved]') && !$('[data-form=begin] .fault')")
	if got := admin.defaultsOf(t, ch.ID); got.Priority != "urgent" || got.Team != crew.Team.ID || got.Pipeline != repairs || got.Stage == "" || len(got.Tags) != 1 || got.Properties[size] != "5" || got.Properties[colour] != "gloss" || got.Within != 240 {
		t.Errorf("kept %+v", got)
	}
	deliver(t, mail, letter{from: "Carla <" + customerAddress + ">", subject: "Scratched", id: "scratch@customer.test", text: "It came with a scratch."})
	var id string
	eventually(t, patience, "the ticket", func() bool {
		rows := admin.tickets(t, "open")
		if len(rows) == 1 {
			id = rows[0].ID
		}
		return id != ""
	})
	p.do(chromedp.Navigate(d.url + "/tickets/open/" + id))
	p.until("all of it on the ticket", "['Urgent', 'Diagnosis', 'Workshop', 'Web shop', 'Gloss'].every((w) => $('aside .panel')?.innerText.includes(w)) && $$('aside .panel input').some((i) => i.value === '5')")
	admin.must(t, "DELETE", "/tags/"+tag, nil, nil)
	p.do(chromedp.Navigate(d.url + "/settings/channels/" + ch.ID + "/tickets"))
	p.until("the tag that was removed, as such", "$('[data-form=begin] .tag')?.innerText.includes('Removed')")
}

// connectsWithDefaults connects a chat and says with it what its tickets begin with.
func (p *page) connectsWithDefaults(url string) {
	p.t.Helper()
	p.do(chromedp.Navigate(url + "/settings/channels/new/chat"))
	p.fill(p.field("Name"), "Shop chat")
	p.press("Test the connection")
	p.until("the routing", button("Connect"))
	p.selects("Priority", "High")
	p.pick("Tags", "Web shop")
	p.fill(p.field("Size"), "a dozen")
	p.press("Connect")
	p.until("the fault, in this step", "$("+quote(p.field("Size"))+").getAttribute('aria-invalid') === 'true' && "+button("Connect"))
	p.settle()
	p.axe("connecting with defaults", nil)
	p.shoot("connect")
	p.fill(p.field("Size"), "12")
	p.press("Connect")
	p.until("the channel", button("Open the channel"))
}
