package discover

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/centralita/centralita/desk"
)

func (w *world) find(address string) []desk.FoundMailbox {
	w.t.Helper()
	all, err := w.finder().Find(w.t.Context(), address)
	if err != nil {
		w.t.Fatal(err)
	}
	return all
}

func kinds(m desk.FoundMailbox) (out []string) {
	for _, s := range m.Sources {
		out = append(out, s.Kind)
	}
	return out
}

// servers puts the domain's IMAP and SMTP server into the world.
func (w *world) servers() {
	w.at("imap.example.com", "93.0.0.1", "993", w.mail("imap", "tls"))
	w.at("smtp.example.com", "93.0.0.2", "587", w.mail("smtp", "starttls"))
}

func TestOwnPageAndRecordsAgree(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.servers()
	w.pages("autoconfig.example.com", "93.0.0.3", func(out http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/mail/config-v1.1.xml" || r.URL.Query().Get("emailaddress") != "Anna@example.com" {
			http.NotFound(out, r)
			return
		}
		_, _ = out.Write([]byte(strings.Replace(page, "%EMAILLOCALPART%.%EMAILDOMAIN%", "%EMAILADDRESS%", 1)))
	})
	w.srv["_imaps._tcp.example.com"] = []*net.SRV{{Target: "worse.example.com.", Port: 993, Priority: 20}, {Target: "imap.example.com.", Port: 993, Priority: 10}}
	w.srv["_imap._tcp.example.com"] = []*net.SRV{{Target: ".", Port: 0}}
	w.srv["_submission._tcp.example.com"] = []*net.SRV{{Target: "smtp.example.com.", Port: 587}}
	all := w.find("Anna@example.com")
	if len(all) != 1 {
		t.Fatalf("found %+v", all)
	}
	got := all[0]
	if got.IMAP != (desk.FoundServer{Host: "imap.example.com", Port: 993, Security: "tls", Answers: true}) ||
		got.SMTP != (desk.FoundServer{Host: "smtp.example.com", Port: 587, Security: "starttls", Answers: true}) {
		t.Errorf("servers %+v", got)
	}
	if !got.Answers || got.Foreign || got.Name != "Example & Sons" || !slices.Equal(kinds(got), []string{"autoconfig", "srv", "srv", "guess"}) {
		t.Errorf("got %+v", got)
	}
	for _, at := range w.asked { // the database learns the domain, and nobody else the address
		if strings.Contains(at, "Anna") && !strings.HasPrefix(at, "autoconfig.example.com/") {
			t.Errorf("%s learned the address", at)
		}
	}
}

func TestRecordsElsewhereNeedAgreement(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.at("mx.provider.net", "93.0.0.9", "993", w.mail("imap", "tls"))
	w.srv["_imaps._tcp.example.com"] = []*net.SRV{{Target: "mx.provider.net.", Port: 993}}
	w.srv["_submissions._tcp.example.com"] = []*net.SRV{{Target: "mx.provider.net.", Port: 465}}
	all := w.find("anna@example.com")
	if len(all) != 1 || !all[0].Foreign || all[0].Answers || !all[0].IMAP.Answers || all[0].SMTP.Answers {
		t.Errorf("found %+v", all)
	}
	for host, ours := range map[string]bool{"": true, "example.co.uk": true, "mail.example.co.uk": true, "other.co.uk": false, "co.uk": false, "evilexample.co.uk": false} {
		if got := (&search{domain: "example.co.uk"}).ours(host); got != ours {
			t.Errorf("%q: %v", host, got)
		}
	}
}

func TestKnowsWhereCompaniesAre(t *testing.T) {
	t.Parallel()
	for mx, want := range map[string]string{
		"aspmx.l.google.com.": "google", "ASPMX2.GOOGLEMAIL.COM.": "google", "example-com.mail.protection.outlook.com.": "microsoft",
		"example-com.x-v1.mx.microsoft.": "microsoft", "notgoogle.com.": "", "google.com.evil.test.": "",
	} {
		w := newWorld(t)
		w.mx["example.com"] = []*net.MX{{Host: "backup.example.com.", Pref: 90}, {Host: mx, Pref: 1}}
		all := w.find("anna@example.com")
		if want == "" {
			if len(all) != 0 {
				t.Errorf("%s: %+v", mx, all)
			}
			continue
		}
		if len(all) != 1 || all[0].Provider != want || all[0].Foreign || kinds(all[0])[0] != "mx" {
			t.Errorf("%s: %+v", mx, all)
		}
	}
	w := newWorld(t)
	if all := w.find("anna@gmail.com"); len(all) != 1 || all[0].Provider != "google" || all[0].SMTP.Port != 465 {
		t.Errorf("Gmail: %+v", all)
	}
	w.mx["example.com"] = []*net.MX{{Host: "in1-smtp.messagingengine.com."}}
	if all := w.find("anna@example.com"); len(all) != 1 || all[0].Name != "Fastmail" || all[0].Provider != "" || !all[0].AppPassword {
		t.Errorf("Fastmail: %+v", all)
	}
}

func TestDatabaseOfDomainAndExchanger(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.mx["example.com"] = []*net.MX{{Host: "mx01.eu.provider.net."}}
	text := strings.NewReplacer("IMAP.example.com", "imap.provider.net", "smtp.%EMAILDOMAIN%", "smtp.provider.net").Replace(page)
	w.pages("database.test", "93.0.0.4", func(out http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/provider.net" {
			http.NotFound(out, r)
			return
		}
		_, _ = out.Write([]byte(text))
	})
	all := w.find("anna@example.com")
	if len(all) != 1 || all[0].IMAP.Host != "imap.provider.net" || !all[0].Foreign || !slices.Equal(kinds(all[0]), []string{"ispdb-mx"}) {
		t.Errorf("by exchanger: %+v", all)
	}
	if all = w.find("anna@provider.net"); len(all) != 1 || all[0].Foreign || !slices.Equal(kinds(all[0]), []string{"ispdb"}) {
		t.Errorf("by domain: %+v", all)
	}
	f := w.finder()
	f.opt.Database = noDatabase
	w.asked = nil
	if got, err := f.Find(t.Context(), "anna@example.com"); err != nil || len(got) != 0 || len(w.asked) != 0 {
		t.Errorf("without a database: %+v %v, asked %v", got, err, w.asked)
	}
}

func TestGuessesOnlyWhatAnswers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.at("mail.example.com", "93.0.0.5", "143", w.mail("imap", "starttls"))
	w.leads["93.0.0.5:993"] = w.mail("http", "tls") // something else lives there
	w.leads["93.0.0.5:587"] = w.mail("smtp", "tls") // a certificate, but not the protocol
	w.leads["93.0.0.5:465"] = w.mail("smtp", "tls") // the one
	w.at("smtp.example.com", "10.0.0.8", "465", w.mail("smtp", "tls"))
	all := w.find("anna@example.com")
	if len(all) != 1 || all[0].IMAP != (desk.FoundServer{Host: "mail.example.com", Port: 143, Security: "starttls", Answers: true}) ||
		all[0].SMTP != (desk.FoundServer{Host: "mail.example.com", Port: 465, Security: "tls", Answers: true}) {
		t.Errorf("found %+v", all)
	}
	if all := newWorld(t).find("anna@nowhere.example.com"); len(all) != 0 {
		t.Errorf("found %+v where nothing is", all)
	}
}

// Nothing that a domain says leads to this machine or this network, unless who runs the desk allows it.
func TestGoesNowherePrivate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.pages("autoconfig.example.com", "93.0.0.3", func(out http.ResponseWriter, r *http.Request) {
		http.Redirect(out, r, "https://inside.example.com/secret", http.StatusFound)
	})
	w.pages("inside.example.com", "192.168.1.1", func(http.ResponseWriter, *http.Request) { t.Error("a redirect led inside") })
	w.pages("example.com", "127.0.0.1", func(http.ResponseWriter, *http.Request) { t.Error("a name led to this machine") })
	w.srv["_imaps._tcp.example.com"] = []*net.SRV{{Target: "meta.example.com.", Port: 80}}
	w.srv["_submissions._tcp.example.com"] = []*net.SRV{{Target: "169.254.169.254.", Port: 80}}
	w.at("meta.example.com", "169.254.169.254", "80", w.mail("imap", "tls"))
	all := w.find("anna@example.com")
	for _, m := range all {
		if m.Answers || m.IMAP.Answers || m.SMTP.Answers {
			t.Errorf("answered: %+v", m)
		}
	}
	for _, at := range w.dialed {
		if a := netip.MustParseAddrPort(at).Addr(); a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() {
			t.Errorf("connected to %s", at)
		}
	}
	f := w.finder()
	f.opt.Allow = f.opt.Allow.Also([]netip.Prefix{netip.MustParsePrefix("169.254.169.254/32")})
	got, err := f.Find(t.Context(), "anna@example.com")
	if err != nil || len(got) != 1 || !got[0].IMAP.Answers {
		t.Errorf("where it is allowed: %+v %v", got, err)
	}
}

func TestPagesThatMisbehave(t *testing.T) {
	t.Parallel()
	for name, h := range map[string]http.HandlerFunc{
		"round": func(out http.ResponseWriter, r *http.Request) {
			http.Redirect(out, r, r.URL.RequestURI(), http.StatusFound)
		},
		"plain": func(out http.ResponseWriter, r *http.Request) {
			http.Redirect(out, r, "http://autoconfig.example.com/", http.StatusFound)
		},
		"large": func(out http.ResponseWriter, _ *http.Request) {
			_, _ = out.Write([]byte(strings.Replace(page, "<webMail>", "<!--"+strings.Repeat("x", pageBytes)+"--><webMail>", 1)))
		},
		"missing": func(out http.ResponseWriter, _ *http.Request) {
			out.WriteHeader(http.StatusNotFound)
			_, _ = out.Write([]byte(page))
		},
		"web": func(out http.ResponseWriter, _ *http.Request) {
			_, _ = fmt.Fprint(out, "<!doctype html><p>Buy this domain")
		},
	} {
		w := newWorld(t)
		w.pages("autoconfig.example.com", "93.0.0.3", h)
		if all := w.find("anna@example.com"); len(all) != 0 {
			t.Errorf("%s: %+v", name, all)
		}
		if len(w.asked) > 10 {
			t.Errorf("%s: asked %d times", name, len(w.asked))
		}
	}
}

// Servers that take a connection and say nothing cost no more than the limit, and what else was found is still told.
func TestSilentServersAreNotWaitedFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.servers()
	silent := w.mail("imap", "silent")
	for i, host := range []string{"autoconfig.example.com", "example.com", "mail.example.com", "database.test"} {
		for _, port := range []string{"443", "993", "143", "465", "587"} {
			w.at(host, fmt.Sprintf("93.0.1.%d", i+1), port, silent)
		}
	}
	f := w.finder()
	f.opt.Limit = 6 * time.Second
	began := time.Now()
	all, err := f.Find(t.Context(), "anna@example.com")
	if took := time.Since(began); took > f.opt.Limit+5*time.Second {
		t.Errorf("took %v", took)
	}
	if err != nil || len(all) != 1 || all[0].IMAP.Host != "imap.example.com" || all[0].SMTP.Host != "smtp.example.com" {
		t.Errorf("found %+v %v", all, err)
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "anna", "anna@", "@example.com", "Anna <anna@example.com>", "anna@localhost", "anna@[127.0.0.1]", "anna@127.0.0.1", "a@b@c", "anna@exa mple.com", "anna@-x.com"} {
		if _, err := newWorld(t).finder().Find(t.Context(), bad); err == nil {
			t.Errorf("%q was taken", bad)
		} else if e, ok := errors.AsType[*desk.Error](err); !ok || e.Field != "address" {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if s, err := New(Options{}).begin("anna@Bücher.example"); err != nil || s.domain != "xn--bcher-kva.example" {
		t.Errorf("an international domain: %v", err)
	}
}
