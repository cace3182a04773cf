//go:build integration

package main

import (
	"net"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/centralita/centralita"
	"github.com/centralita/centralita/internal/mailsim"
)

// An administrator connects a web chat: what is wrong is seen at its field before anything is saved; then what of it can be
// changed is changed, tab by tab, and it is switched off and on.
func TestBrowserConnectsAChat(t *testing.T) {
	t.Parallel()
	d := openDesk(t, "", nil)
	admin := d.setUp(t)
	p := openBrowser(t, "chat", d.url+"/")
	p.signInByHand(adminEmail, adminPass)
	p.do(chromedp.Navigate(d.url + "/settings/channels/new/chat"))
	p.fill(p.field("Name"), "Shop chat")
	p.fill(p.field("Greeting"), "Hello, how can we help?")
	p.fill(p.field("Websites"), "not a website")
	p.press("Test the connection")
	websites := p.field("Websites")
	p.until("the fault at the websites", "$("+quote(websites)+").getAttribute('aria-invalid') === 'true' && $('.fault')")
	p.axe("a fault", nil)
	p.shoot("fault")
	var all struct{ Channels []channelRow }
	if admin.must(t, "GET", "/channels", nil, &all); len(all.Channels) != 0 {
		t.Fatalf("saved without a good test: %v", all.Channels)
	}
	p.fill(websites, "https://shop.example")
	p.press("Test the connection")
	p.until("the routing", button("Connect"))
	p.axe("the routing", nil)
	p.press("Connect")
	p.press("Open the channel")
	p.until("that it runs", "$('main .state')?.innerText === 'Running'")

	p.press2("main nav a", "Appearance")
	p.until("the form, with what was given", "$('form') && $("+quote(p.field("Greeting"))+").value === 'Hello, how can we help?'")
	p.until("the chat itself beside it", previewed("Hello, how can we help?"))
	p.fill(p.field("Greeting"), "Good morning.")
	p.until("what is typed in the preview", previewed("Good morning."))
	p.press("Save")
	p.until("that it is kept", "document.body.innerText.includes('Saved')")
	p.axeInBoth("the appearance", "appearance", nil)
	p.saysWhenItIsOpen(t, admin)
	p.press2("main nav a", "Routing")
	p.until("who gets its tickets", "$('input[name=mode][value=users_and_teams]')?.checked")
	p.weighs(t, admin)
	p.click("input[name=mode][value=nobody]")
	p.press("Save")
	admin.must(t, "GET", "/channels", nil, &all)
	id := all.Channels[0].ID
	chatKept(t, admin)
	p.press2("main nav a", "Health")
	p.until("the switch", "$('main [role=switch]')?.getAttribute('aria-checked') === 'true'")
	p.click("main [role=switch]")
	p.until("that it is off", "$('main .state')?.innerText === 'Off' && $('main [role=switch]').getAttribute('aria-checked') === 'false'")
	admin.awaitChannel(t, id, "off")
	p.click("main [role=switch]")
	p.until("that it runs again", "$('main .state')?.innerText === 'Running'")
}

// chatKept waits until what was said of a chat is kept, all of it.
func chatKept(t *testing.T, admin *restClient) {
	t.Helper()
	eventually(t, patience, "both kept", func() bool {
		var got struct {
			Channels []struct {
				Config struct {
					Greeting       string
					AllowedOrigins []string `json:"allowed_origins"`
					Availability   struct {
						Mode   string
						Closed struct {
							Show string
							Text map[string]string
						}
					}
				}
				Routing struct{ Mode string }
			}
		}
		admin.must(t, "GET", "/channels", nil, &got)
		c := got.Channels[0]
		open := c.Config.Availability
		return c.Config.Greeting == "Good morning." && c.Routing.Mode == "nobody" && open.Mode == "hours" && open.Closed.Show == "form" && open.Closed.Text["en"] == "We are closed." &&
			strings.Join(c.Config.AllowedOrigins, " ") == "https://shop.example https://www.shop.example"
	})
}

// previewed: the chat in the preview says these words.
func previewed(words string) string {
	return "$('.stage iframe')?.contentDocument?.body?.innerText.includes(" + quote(words) + ")"
}

// saysWhenItIsOpen says when a chat is open, reads the line for one's website, and lets another site show it. Each tab leaves the others' settings as they are.
func (p *page) saysWhenItIsOpen(t *testing.T, admin *restClient) {
	t.Helper()
	var made struct {
		Hours struct{ ID string } `json:"working_hours"`
	}
	admin.must(t, "POST", "/working-hours", obj{"name": "Shop hours", "time_zone": "Europe/Madrid", "blocks": []obj{{"weekday": 1, "from": 540, "to": 1020}}}, &made)
	p.press2("main nav a", "Availability")
	p.until("the form", "$('form input[type=radio][value=hours]')")
	p.click("form input[type=radio][value=hours]")
	p.press("Save")
	p.until("what is missing", "$('.fault')")
	p.selects("Working hours", "Shop hours")
	p.click("section:nth-of-type(3) input[type=radio][value=form]")
	p.fill("section:nth-of-type(3) textarea", "We are closed.")
	p.press("Save")
	p.until("that it is kept", "document.body.innerText.includes('Saved') && !$('[data-unsaved]') && !$('.fault')")
	p.axeInBoth("when it is open", "availability", nil)
	p.press2("main nav a", "Tracking code")
	p.until("the line for one's website", "$('main').innerText.includes('/w.js') && $('main').innerText.includes('frame-src')")
	p.axeInBoth("the tracking code", "code", nil)
	p.press2("main nav a", "Security")
	websites := p.field("Websites")
	p.until("the sites", "$("+quote(websites)+")?.value === 'https://shop.example'")
	p.fill(websites, "https://shop.example\nhttps://www.shop.example")
	p.press("Save")
	p.until("that they are kept", "!$('[data-unsaved]') && document.body.innerText.includes('Saved')")
	p.axeInBoth("the sites", "security", nil)
}

// weighs sets a policy with weights, and first the contact's last agent.
func (p *page) weighs(t *testing.T, admin *restClient) {
	t.Helper()
	p.choose("select[name=policy]", "weighted")
	p.until("the weight of the one it names", "$('main input[type=number]')?.value === '1'")
	p.fill("main input[type=number]", "3")
	p.click("input[name=sticky]")
	p.axeInBoth("the policy", "policy", nil)
	p.press("Save")
	eventually(t, patience, "the policy kept", func() bool {
		var got struct {
			Channels []struct {
				Routing struct {
					Policy  string
					Sticky  bool
					Weights []struct {
						Agent  string
						Weight int
					}
				}
			}
		}
		admin.must(t, "GET", "/channels", nil, &got)
		r := got.Channels[0].Routing
		return r.Policy == "weighted" && r.Sticky && len(r.Weights) == 1 && r.Weights[0].Weight == 3 && r.Weights[0].Agent == admin.me.ID
	})
	p.until("the answer to it", "!$('main [aria-busy=true]')") // which puts what is stored into the form
}

// press2 clicks what a selector and its words find.
func (p *page) press2(selector, words string) {
	p.t.Helper()
	find := "$$(" + quote(selector) + ").find((x) => x.innerText.trim() === " + quote(words) + ")"
	p.until(words, find)
	p.holds("(" + find + ".click(), true)")
}

// A mailbox that cannot be reached shows how it is: that it tries again, when, how often it failed, and why; and what waits
// to go out. When it is back, the screen says so by itself.
func TestBrowserShowsAChannelsHealth(t *testing.T) {
	t.Parallel()
	mail := startMailServer(t, supportAddress, customerAddress)
	way, err := mailsim.NewProxy(mail.IMAPAddr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = way.Close() })
	d := openDesk(t, "", func(o *centralita.Options) { o.Tuning.RestartMax = 4 * time.Second }) // it is back soon after the server is
	admin := d.setUp(t)
	ch := admin.connect(t, mailChannel(supportAddress, way.Addr(), mail.SMTPAddr(), admin))
	awaitIdle(t, admin, ch.ID)
	p := openBrowser(t, "health", d.url+"/")
	p.signInByHand(adminEmail, adminPass)
	p.do(chromedp.Navigate(d.url + "/settings/channels/" + ch.ID))
	fact := func(name string) string {
		return "$$('.facts div').find((x) => x.querySelector('dt').innerText === " + quote(name) + ")?.querySelector('dd').innerText"
	}
	p.until("that it runs, with nothing behind", "$('main .state')?.innerText === 'Running' && "+fact("Waiting outside")+" === '0' && "+fact("To be sent")+" === '0'")

	way.Refuse(true)
	way.CutAll()
	p.until("that it tries again", "$('main .state')?.innerText === 'Retrying'")
	p.until("how often it failed, and why", fact("Failures")+" !== '0' && $('main').innerText.includes('the connection failed: ')")
	p.until("when it tries again", fact("Next attempt")+".startsWith('in ')")
	p.axe("a channel in trouble", nil)
	p.shoot("trouble")
	way.Refuse(false)
	p.until("that it runs again", "$('main .state')?.innerText === 'Running'")
	p.until("that it was started again", fact("Restarts")+" !== '0'")

	// Its connection is changed under a new name; what is wrong stays at its field and is not kept.
	p.press2("main nav a", "Connection")
	p.until("the form", "$('form input[name=address]')?.value === "+quote(supportAddress))
	p.fill("input[name=name]", "The shop's mail")
	host, _, _ := net.SplitHostPort(mail.IMAPAddr())
	p.until("the server", "$('input[placeholder=\"imap.example.com\"]').value === "+quote(host))
	p.press("Save")
	p.until("the new name", "$('h1')?.innerText === \"The shop's mail\"")
	p.fill("input[placeholder='imap.example.com']", "no such host")
	p.press("Save")
	p.until("the fault at the server", "$('input[placeholder=\"imap.example.com\"]').getAttribute('aria-invalid') === 'true'")
	p.shoot("fault")
	if got := admin.channel(t, ch.ID); !strings.Contains(got.Name, "shop") {
		t.Errorf("the channel: %+v", got)
	}
}
