package look

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/centralita/centralita/desk"
)

var words = []string{"title", "launcher", "send"}

var png = "data:image/png;base64," + base64.StdEncoding.EncodeToString([]byte("\x89PNG\r\n\x1a\n0000"))

func TestCheck(t *testing.T) {
	t.Parallel()
	for config, want := range map[string]string{
		`{}`: "",
		`{"position":"left","offset_x":400,"offset_y":1,"font":"serif","theme":"dark","icon":"help","launcher":"Ask us"}`:      "",
		`{"texts":{"fr":{"title":"Salut","send":"Envoyer"},"pt-BR":{"launcher":"Fale"}},"avatar":"https://cdn.example/a.png"}`: "",
		`{"avatar":"` + png + `"}`:                                     "",
		`{"position":"top"}`:                                           "look.position",
		`{"font":"Comic"}`:                                             "look.font",
		`{"theme":"night"}`:                                            "look.theme",
		`{"icon":"x"}`:                                                 "look.icon",
		`{"offset_x":-1,"offset_y":401}`:                               "look.offset_x look.offset_y",
		`{"launcher":"0123456789012345678901234"}`:                     "look.launcher",
		`{"avatar":"http://cdn.example/a.png"}`:                        "look.avatar",
		`{"avatar":"https://cdn.example; script-src *"}`:               "look.avatar",
		`{"avatar":"https://u:p@cdn.example/a"}`:                       "look.avatar",
		`{"avatar":"data:image/svg+xml;base64,AAAA"}`:                  "look.avatar",
		`{"avatar":"data:image/jpeg;base64,` + png[22:] + `"}`:         "look.avatar",
		`{"avatar":"data:image/png;base64,%%"}`:                        "look.avatar",
		`{"texts":{"French":{}}}`:                                      "look.texts",
		`{"texts":{"fr":{"nothing":"x"}}}`:                             "look.texts.fr.nothing",
		`{"texts":{"fr":{"launcher":"0123456789012345678901234"}}}`:    "look.texts.fr.launcher",
		`{"texts":{"fr":{"send":"` + strings.Repeat("é", 501) + `"}}}`: "look.texts.fr.send",
		`{"avatar":"data:image/png;base64,` + strings.Repeat("A", maxAvatarBytes/3*4+8) + `"}`: "look.avatar",
	} {
		var l Look
		if err := json.Unmarshal([]byte(config), &l); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, err := range l.Check("look", words) {
			e, ok := errors.AsType[*desk.Error](err)
			if !ok || e.Code != desk.Invalid || e.Message == "" {
				t.Fatalf("%.60s: %v", config, err)
			}
			got = append(got, e.Field)
		}
		slices.Sort(got)
		if strings.Join(got, " ") != want {
			t.Errorf("%.60s: %v, want %q", config, got, want)
		}
	}
}

func TestPicture(t *testing.T) {
	t.Parallel()
	if p := (Look{Avatar: png}).Picture(); p == nil || p.MediaType != "image/png" || string(p.Data) != "\x89PNG\r\n\x1a\n0000" {
		t.Errorf("%+v", p)
	}
	elsewhere := Look{Avatar: "https://cdn.example:8443/a.png"}
	if p := elsewhere.Picture(); p != nil || elsewhere.Origin() != "https://cdn.example:8443" || (Look{Avatar: png}).Origin() != "" {
		t.Errorf("%+v from %q", p, elsewhere.Origin())
	}
}

func TestSpeaks(t *testing.T) {
	t.Parallel()
	l := Look{Texts: map[string]map[string]string{"fr": {"send": "Envoyer"}, "de": {}}}
	for lang, want := range map[string]bool{"en": true, "es": true, "fr": true, "de": false, "": false} {
		if l.Speaks(lang) != want {
			t.Errorf("%q: %v", lang, !want)
		}
	}
}

func FuzzAvatar(f *testing.F) {
	for _, seed := range []string{png, "https://cdn.example/a.png", "data:,", "data:image/png;base64,", "https://", "https://a b/", "https://x;y/"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, avatar string) {
		l := Look{Avatar: avatar}
		faults := l.Check("look", nil)
		if len(faults) > 0 {
			return
		}
		if p := l.Picture(); p != nil && (len(p.Data) > maxAvatarBytes || !slices.Contains(pictures, p.MediaType)) {
			t.Fatalf("%d bytes of %s", len(p.Data), p.MediaType)
		}
		if strings.ContainsAny(l.Origin(), " ;,'\"\r\n") { // it becomes part of a header
			t.Fatalf("%q", l.Origin())
		}
	})
}
