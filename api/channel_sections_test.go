package api_test

import (
	"sync"
	"testing"
)

// A section of a channel's configuration is saved by itself: the others stay, also those that somebody else saves in the same moment.
func TestSectionsOfAChannel(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	made := ada.must(201, "POST", "/channels", m{"kind": "email", "name": "Shop", "config": m{"address": "shop@desk.example", "host": "mail.desk.example"}})
	at := "/channels/" + made.str("channel", "id")
	got := ada.must(200, "PATCH", at, m{"sections": m{"look": m{"color": "#aa3366", "size": 1}}, "sections_were": m{"look": nil}})
	if got.str("channel", "config", "look", "color") != "#aa3366" || got.str("channel", "config", "host") != "mail.desk.example" || got.str("channel", "name") != "Shop" {
		t.Errorf("a new section: %s", got.raw)
	}
	if got = ada.must(200, "PATCH", at, m{"name": "Store", "sections": m{"after": m{"minutes": 2}}}); got.str("channel", "config", "look", "color") != "#aa3366" || got.num("channel", "config", "after", "minutes") != 2 || got.str("channel", "name") != "Store" {
		t.Errorf("another one: %s", got.raw)
	}
	look := m{"size": 1.0, "color": "#aa3366"}
	ada.must(200, "PATCH", at, m{"sections": m{"look": m{"color": "#000000"}}, "sections_were": m{"look": look}})
	late := ada.must(409, "PATCH", at, m{"sections": m{"look": m{"color": "#ffffff"}}, "sections_were": m{"look": look}})
	if late.str("reason") != "changed_since" {
		t.Errorf("written over what was not read: %s", late.raw)
	}
	if got = ada.must(200, "PATCH", at, m{"sections": m{"look": nil, "after": m{"minutes": 3}}, "sections_were": m{"after": m{"minutes": 2}}}); got.get("channel", "config", "look") != nil || got.num("channel", "config", "after", "minutes") != 3 {
		t.Errorf("taken out: %s", got.raw)
	}
	if both := ada.must(422, "PATCH", at, m{"config": m{"host": "x"}, "sections": m{"look": nil}}); !faulted(both, "body.sections") {
		t.Errorf("both: %s", both.raw)
	}
	var all sync.WaitGroup
	for _, name := range []string{"a", "b", "c", "d"} {
		all.Go(func() { ada.must(200, "PATCH", at, m{"sections": m{name: m{"n": 1}}, "sections_were": m{name: nil}}) })
	}
	all.Wait()
	end := ada.must(200, "PATCH", at, m{"sections": m{"e": m{"n": 1}}})
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		if end.num("channel", "config", name, "n") != 1 {
			t.Errorf("%s was wiped: %s", name, end.raw)
		}
	}
}
