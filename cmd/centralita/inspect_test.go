package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const inspected = "From: Ana <ana@customer.test>\nTo: Support <support@desk.test>\nCc: carl@customer.test\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\nDate: Mon, 2 Nov 2026 10:00:00 +0100\n" +
	"Message-ID: <q@customer.test>\nIn-Reply-To: <r@desk.test>\nReferences: <a@desk.test> <r@desk.test>\nContent-Type: multipart/mixed; boundary=b\n\n" +
	"--b\nContent-Type: text/html\n\n<p>Hello <script>x</script><b>you</b></p><div class=gmail_quote>On Monday you wrote: <blockquote>old</blockquote></div>\n--b\nContent-Type: text/csv; name=a.csv\n\n1,2\n--b--\n"

// TestMailInspect runs the command as a person would and holds every field.
func TestMailInspect(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := write("good.eml", inspected)
	nothing := write("nothing.eml", "")
	missing := filepath.Join(dir, "missing.eml")
	var out, errs bytes.Buffer
	stdin := strings.NewReader("From: support@desk.test\nSubject: ours\n\ntext")
	code := run(t.Context(), program{stdin, &out, &errs, func(string) string { return "" }}, []string{"mail", "inspect", "--own", "Support@desk.test", good, nothing, "-", missing, dir})
	if code != exitFault || !strings.Contains(errs.String(), "3 of 5 files were refused") {
		t.Errorf("exit code %d, %q", code, errs.String())
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 5 {
		t.Fatalf("%d lines, want 5:\n%s", len(lines), out.String())
	}
	want := `{"file":"` + good + `","message_id":"q@customer.test","in_reply_to":["r@desk.test"],"references":["a@desk.test","r@desk.test"],` +
		`"from":{"name":"Ana","address":"ana@customer.test"},"reply_to":[],"to":[{"name":"Support","address":"support@desk.test"}],"cc":[{"name":"","address":"carl@customer.test"}],` +
		`"date":"2026-11-02T09:00:00Z","subject":"Grüße","text":"Hello you\n\nOn Monday you wrote:\n\u003e old","html":"\u003cp\u003eHello \u003cb\u003eyou\u003c/b\u003e\u003c/p\u003e\u003cdiv\u003eOn Monday you wrote: \u003cblockquote\u003eold\u003c/blockquote\u003e\u003c/div\u003e",` +
		`"reply_text":"Hello you","original_sender":null,"forwarded":null,"auto":"no","bounce":null,` +
		`"attachments":[{"name":"a.csv","type":"text/csv","size":3,"sha256":"17f8af97ad4a7f7639a4c9171d5185cbafb85462877a4746c21bdb0a4f940ca0","inline":false}],"warnings":[]}`
	var got, wanted map[string]any
	if err := json.Unmarshal([]byte(lines[0]), &got); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(want), &wanted); err != nil {
		t.Fatal(err)
	}
	for name := range wanted {
		if fmt.Sprint(got[name]) != fmt.Sprint(wanted[name]) {
			t.Errorf("%s:\n got %v\nwant %v", name, got[name], wanted[name])
		}
	}
	for i, wants := range map[int][]string{
		1: {`"file":"` + nothing + `"`, `"error":"not a mail: it has no header"`}, 2: {`"file":"-"`, `"subject":"ours"`, `"auto":"self"`},
		3: {missing, `"error":"no such file or directory"`}, 4: {`"error":"is a folder`},
	} {
		for _, w := range wants {
			if !strings.Contains(lines[i], w) {
				t.Errorf("line %d lacks %s: %s", i, w, lines[i])
			}
		}
	}
}

// TestMailInspectKeepsOrder: many files in one call come out in the order of the arguments.
func TestMailInspectKeepsOrder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	args := []string{"mail", "inspect"}
	for n := range 500 {
		path := filepath.Join(dir, fmt.Sprint(n))
		if err := os.WriteFile(path, fmt.Appendf(nil, "Subject: %d\n\n%s", n, strings.Repeat("text\n", n%7*1000)), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, path)
	}
	slices.Reverse(args[2:])
	code, out, errs := outcome(t, args...)
	if code != exitDone || errs != "" {
		t.Fatalf("%d %q", code, errs)
	}
	for i, line := range strings.Split(strings.TrimSpace(out), "\n") {
		if want := fmt.Sprintf(`"subject":"%d"`, 499-i); !strings.Contains(line, want) {
			t.Fatalf("line %d lacks %s", i, want)
		}
	}
}

func TestMailCommandFaults(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		"say what to do":      {"mail"},
		"mail inspect FILE":   {"mail", "read", "x"},
		"name the files":      {"mail", "inspect"},
		"not an address":      {"mail", "inspect", "--own", "support", "x"},
		"flag provided but n": {"mail", "inspect", "--loud", "x"},
	} {
		if code, _, errs := outcome(t, args...); code != exitUsage || !strings.Contains(errs, want) {
			t.Errorf("%v: %d %q, want %q", args, code, errs, want)
		}
	}
}
