package letter

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/centralita/centralita/channels/email/letter/history"
)

// TestCorpora reads a folder of mails, our own few or the one that `make corpora DIR=…` names, and holds what was read
// against what the folder says of them. Every disagreement is printed; below the bar of a field it fails.
func TestCorpora(t *testing.T) {
	t.Parallel()
	dir := "testdata"
	if named := os.Getenv("CENTRALITA_CORPORA"); named != "" {
		dir = named
	}
	s := &scores{t: t, dir: dir}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil || d.IsDir():
			return err
		case filepath.Ext(path) == ".json":
			s.expectations(path)
		case strings.HasSuffix(path, ".xml") && !strings.HasSuffix(path, "_decoded.xml"):
			s.structure(path)
		case isMail(path):
			s.readable(path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	s.report()
}

// isMail: it has a name that mails have, and starts like one.
func isMail(path string) bool {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".eml", ".msg", ".txt", ".mbox", "":
	default:
		return false
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return false
	}
	head := trimLead(b)
	h, _ := splitHeader(head, 64<<10)
	return len(h) >= 2 && (h.Has("From") || h.Has("To") || h.Has("Subject") || h.Has("Received") || h.Has("MIME-Version"))
}

// scores counts, for each corpus and field, what agrees.
type scores struct {
	t       *testing.T
	dir     string
	fields  []*field
	slowest time.Duration
}

type field struct {
	corpus, name string
	good, all    int
}

// bars are the share of agreement, in percent, that is reached or the test fails. What bounce corpora call temporary is a server
// that goes on trying; what we call permanent is an address of no use, and a full mailbox is neither: hence the lower bar.
var bars = map[string]int{
	"readable": 100, "subject": 97, "from": 99, "text": 97, "html": 98, "charset, subject": 98, "charset, body": 98, "reply, nothing lost": 90, "reply, exact": 90,
	"structure": 90, "bounce, found": 95, "bounce, recipients": 90, "bounce, kind": 80,
}

// that counts one comparison.
func (s *scores) that(name, path string, good bool, got, want any) {
	corpus := filepath.Base(filepath.Dir(path))
	for corpus == "fixtures" || corpus == "data" || strings.HasSuffix(corpus, "_replies") {
		path = filepath.Dir(path)
		corpus = filepath.Base(filepath.Dir(path))
	}
	i := slices.IndexFunc(s.fields, func(f *field) bool { return f.corpus == corpus && f.name == name })
	if i < 0 {
		s.fields = append(s.fields, &field{corpus: corpus, name: name})
		i = len(s.fields) - 1
	}
	s.fields[i].all++
	if good {
		s.fields[i].good++
		return
	}
	s.t.Logf("%s, %s:\n got %.300q\nwant %.300q", path, name, fmt.Sprint(got), fmt.Sprint(want))
}

func (s *scores) report() {
	total := make(map[string]*field)
	var b strings.Builder
	fmt.Fprintf(&b, "\n%-24s %-24s %6s %6s\n", "corpus", "field", "agree", "of")
	for _, f := range s.fields {
		fmt.Fprintf(&b, "%-24s %-24s %6d %6d %6.1f %%\n", f.corpus, f.name, f.good, f.all, 100*float64(f.good)/float64(f.all))
		if total[f.name] == nil {
			total[f.name] = &field{corpus: "all", name: f.name}
		}
		total[f.name].good += f.good
		total[f.name].all += f.all
	}
	names := make([]string, 0, len(total))
	for name := range total {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		f := total[name]
		fmt.Fprintf(&b, "%-24s %-24s %6d %6d %6.1f %%, bar %d %%\n", f.corpus, f.name, f.good, f.all, 100*float64(f.good)/float64(f.all), bars[name])
		if f.good*100 < bars[name]*f.all {
			s.t.Errorf("%s: less than %d %% agree", name, bars[name])
		}
	}
	fmt.Fprintf(&b, "slowest mail: %v\n", s.slowest)
	s.t.Log(b.String())
	if len(s.fields) == 0 {
		s.t.Errorf("no mail in %s", s.dir)
	}
}

// read reads a mail, in bounded time.
func (s *scores) read(path string) (*Mail, []byte) {
	raw, err := os.ReadFile(path)
	if err != nil {
		s.t.Errorf("named by an expectation: %v", err)
		return &Mail{}, nil
	}
	start := time.Now()
	m, err := Parse(raw, DefaultLimits)
	took := time.Since(start)
	s.slowest = max(s.slowest, took)
	if took > 20*time.Second { // what never ends, or grows with the square; a busy machine is no fault
		s.t.Errorf("%s took %v", path, took)
	}
	if err != nil {
		return &Mail{Warnings: []string{err.Error()}}, raw
	}
	checkMail(s.t, path, m)
	return m, raw
}

func (s *scores) readable(path string) {
	m, _ := s.read(path)
	s.that("readable", path, m.Key != "", m.Warnings, "a mail")
}

// expectations reads a file of them, in whichever of the known forms it is.
func (s *scores) expectations(path string) {
	b, err := os.ReadFile(path)
	if err != nil {
		s.t.Fatal(err)
	}
	var bounces []bounceWant
	if json.Unmarshal(b, &bounces) == nil && len(bounces) > 0 && bounces[0].File != "" {
		s.bounces(path, bounces)
		return
	}
	var replies struct {
		Expect map[string]string
		Text   *string
		Files  []string
	}
	if json.Unmarshal(b, &replies) == nil && (replies.Expect != nil || replies.Text != nil && replies.Files != nil) {
		for name, want := range replies.Expect {
			s.reply(s.find(path, name), want)
		}
		for _, name := range replies.Files {
			s.reply(s.find(path, name), *replies.Text)
		}
		return
	}
	var charsets map[string]struct{ Label, Real, Text *string }
	if json.Unmarshal(b, &charsets) == nil {
		for name, want := range charsets {
			if want.Text != nil && want.Label != nil {
				m, _ := s.read(s.find(path, name))
				s.that("charset, subject", s.find(path, name), strings.TrimSpace(m.Subject) == strings.TrimSpace(*want.Text), m.Subject, *want.Text+" as "+*want.Label)
				s.that("charset, body", s.find(path, name), strings.TrimSpace(m.Text) == strings.TrimSpace(*want.Text), m.Text, *want.Text+" as "+*want.Label)
			}
		}
	}
	var consensus map[string]map[string]digest
	if json.Unmarshal(b, &consensus) == nil {
		for name, fields := range consensus {
			s.consensus(s.find(path, name), fields)
		}
	}
}

// find gives the path of a file named by an expectation.
func (s *scores) find(expectations, name string) string {
	for _, sub := range []string{"", "fixtures", "data"} {
		path := filepath.Join(filepath.Dir(expectations), sub, name)
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	return filepath.Join(filepath.Dir(expectations), name)
}

type digest struct{ Sha256, Start string }

func (s *scores) consensus(path string, fields map[string]digest) {
	var m *Mail
	for name, want := range fields {
		if want.Sha256 == "" || strings.Contains(want.Start, "ï¿½") || strings.Contains(want.Start, "+APY-") {
			continue // two of three took a charset for another
		}
		if m == nil {
			m, _ = s.read(path)
		}
		got := ""
		switch name {
		case "subject":
			got = bare(m.Subject)
		case "from":
			if m.From != nil {
				got = strings.ToLower(strings.TrimSpace(m.From.Address))
			}
		case "text":
			got = bare(m.Text)
		case "html":
			_, raw := s.read(path)
			got = bare(htmlSource(raw))
		}
		sum := sha256.Sum256([]byte(got))
		s.that(name, path, hex.EncodeToString(sum[:]) == want.Sha256, got, want.Start)
	}
}

// htmlSource gives the HTML that was chosen, before it was made safe: that is what other readers give.
func htmlSource(raw []byte) string {
	root := readTree(trimLead(raw))
	var c chosen
	if len(root.children) > 0 {
		sub := strings.TrimPrefix(root.kind, "multipart/")
		c.choose(root.children, sub, sub == "alternative", true, true)
	} else {
		c.choose([]*part{root}, "mixed", false, true, true)
	}
	c.promote()
	var b strings.Builder
	for _, p := range c.html {
		if p.kind == "text/html" {
			b.WriteString(p.text())
		}
	}
	return b.String()
}

// bare removes what is not compared: white space and marks that nobody sees.
func bare(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == 0xA0, r == 0xFEFF, r == 0x200B, r == 0, r >= 0x2000 && r <= 0x200A, strings.ContainsRune(" \t\n\r\f\v\u2028\u2029\u3000\u1680\u202f\u205f\u0085", r):
			return -1
		}
		return r
	}, s)
}

type bounceWant struct {
	File      string
	Failed    []string
	Temporary *bool `json:"is_temporary"`
}

// bounces: a file may be named more than once, by each of the ways that know it.
func (s *scores) bounces(path string, all []bounceWant) {
	want := make(map[string]map[string]bool)
	for _, c := range all {
		if want[c.File] == nil {
			want[c.File] = make(map[string]bool)
		}
		for _, a := range c.Failed {
			want[c.File][strings.ToLower(a)] = c.Temporary != nil && *c.Temporary
		}
	}
	for file, failed := range want {
		file = s.find(path, file)
		m, _ := s.read(file)
		if len(failed) == 0 {
			s.that("no bounce, none found", file, m.Bounce == nil || len(m.Bounce.Recipients) == 0, m.Bounce, "nobody")
			continue
		}
		s.that("bounce, found", file, m.Automatic == Bounce, m.Automatic+": "+m.Subject, Bounce)
		if m.Bounce == nil {
			continue
		}
		got := make(map[string]bool)
		for _, r := range m.Bounce.Recipients {
			got[strings.ToLower(r.Address)] = !r.Permanent
			if temporary, known := failed[strings.ToLower(r.Address)]; known {
				s.that("bounce, kind", file, temporary == !r.Permanent, r, fmt.Sprintf("temporary: %v", temporary))
			}
		}
		same := len(got) == len(failed)
		for a := range failed {
			_, there := got[a]
			same = same && there
		}
		s.that("bounce, recipients", file, same, got, failed)
	}
}

// reply: the front of the text is what was written, and nothing of it is missing. Signatures count as written in some
// corpora; we fold them: see docs/email.md.
func (s *scores) reply(path, want string) {
	raw, err := os.ReadFile(path)
	if err != nil {
		s.t.Error(err)
		return
	}
	var m *Mail
	switch {
	case strings.HasSuffix(path, ".html"):
		m = &Mail{}
		m.readBody(&part{kind: "text/html", raw: raw, params: map[string][]byte{"charset": []byte("utf-8")}}, nil, DefaultLimits)
	case strings.HasSuffix(path, ".eml"):
		m, _ = s.read(path)
	default:
		m = &Mail{Text: clean(string(raw))}
		m.FreshTextBytes = history.FreshBytes(m.Text)
	}
	got := m.ReplyText()
	s.that("reply, exact", path, bare(got) == bare(want), got, want)
	s.that("reply, nothing lost", path, strings.Contains(bare(got), bare(want)), got, want)
}

// structure compares the tree of parts with a dump of it in XML beside the mail.
func (s *scores) structure(path string) {
	dump, err := os.ReadFile(path)
	mail := strings.TrimSuffix(path, ".xml") + ".msg"
	raw, missing := os.ReadFile(mail)
	if err != nil || missing != nil {
		return // a file of another kind
	}
	want, ok := dumpedShape(dump)
	if !ok {
		return
	}
	got := shape(readTree(trimLead(raw)))
	want = strings.ReplaceAll(want, "()", "") // it says that it has parts, and has none
	s.that("structure", mail, got == want, got, want)
}

// shape writes a tree down: a dot for a part, brackets around its children.
func shape(p *part) string {
	if len(p.children) == 0 {
		return "."
	}
	var b strings.Builder
	for _, c := range p.children {
		b.WriteString(shape(c))
	}
	return ".(" + b.String() + ")"
}

// dumpedShape reads the same from a dump; a mail inside a mail is one part.
func dumpedShape(dump []byte) (string, bool) {
	d := xml.NewDecoder(bytes.NewReader(dump))
	d.Strict = false
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	var b strings.Builder
	messages := 0
	for {
		t, err := d.Token()
		if err != nil {
			return b.String(), messages > 0 && errors.Is(err, io.EOF)
		}
		switch e := t.(type) {
		case xml.StartElement:
			switch e.Name.Local {
			case "message":
				if messages++; messages > 1 {
					messages--
					if d.Skip() != nil {
						return "", false
					}
					continue
				}
				b.WriteByte('.')
			case "body-part":
				b.WriteByte('.')
			case "multipart":
				b.WriteByte('(')
			}
		case xml.EndElement:
			if e.Name.Local == "multipart" {
				b.WriteByte(')')
			}
		}
	}
}
