package demo

import (
	_ "embed"
	"html/template"
	"net/http"
	"slices"
)

//go:embed shop.html
var shopHTML string

var shopTemplate = template.Must(template.New("shop").Parse(shopHTML))

// ShopPath is where Shop expects to be mounted.
const ShopPath = "/shop/"

// shopPage is one of the shop's few pages, so that a visitor can walk about with the chat open.
type shopPage struct{ Path, Title, Head, Lead string }

var shopPages = []shopPage{
	{ShopPath, "Bikes", "Bikes for weather with wind in it", "Built by hand at the old harbour, and looked after by us for as long as you ride them."},
	{ShopPath + "repairs", "Repairs", "In by nine, out by five", "Brakes, gears, wheels, batteries: most repairs are done the same day, and we tell you before it costs more."},
	{ShopPath + "delivery", "Delivery", "To your door, ready to ride", "Within a week, put together and adjusted. Thirty days to send it back."},
}

// Shop is the site of the sample business, with the desk's chat on it.
func (d *Demo) Shop() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i := slices.IndexFunc(shopPages, func(p shopPage) bool { return p.Path == r.URL.Path })
		if i < 0 {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'self'; connect-src 'self'; frame-src 'self'")
		_ = shopTemplate.Execute(w, struct {
			shopPage
			Pages []shopPage
			Chat  string
		}{shopPages[i], shopPages, d.chatPath})
	})
}
