package deskpb

import (
	"bufio"
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"
)

const lockFile = "../schema.lock"

var update = flag.Bool("update", false, "add new fields and values to proto/schema.lock")

const lockHeader = `# What every field number and enum value means, for ever: what is stored must be readable in ten years.
# make proto adds lines; a line that is here never changes and never goes (deprecate the field instead).
`

// schema describes every field and enum value of the files as lines "key = meaning".
func schema(files ...protoreflect.FileDescriptor) map[string]string {
	m := make(map[string]string)
	for _, f := range files {
		addEnums(m, f.Enums())
		addMessages(m, f.Messages())
	}
	return m
}

func addMessages(m map[string]string, messages protoreflect.MessageDescriptors) {
	for i := range messages.Len() {
		d := messages.Get(i)
		for j := range d.Fields().Len() {
			f := d.Fields().Get(j)
			m[fmt.Sprintf("%s.%d", d.FullName(), f.Number())] = meaning(f)
		}
		addEnums(m, d.Enums())
		addMessages(m, d.Messages())
	}
}

func addEnums(m map[string]string, enums protoreflect.EnumDescriptors) {
	for i := range enums.Len() {
		d := enums.Get(i)
		for j := range d.Values().Len() {
			v := d.Values().Get(j)
			m[fmt.Sprintf("%s.%d", d.FullName(), v.Number())] = string(v.Name())
		}
	}
}

// meaning is name, cardinality and type: all that a reader of old bytes, or of the JSON form, depends on.
func meaning(f protoreflect.FieldDescriptor) string {
	kind := f.Kind().String()
	switch {
	case f.Message() != nil:
		kind = string(f.Message().FullName())
	case f.Enum() != nil:
		kind = string(f.Enum().FullName())
	}
	words := []string{string(f.Name())}
	if f.IsList() {
		words = append(words, "repeated")
	}
	if f.IsMap() {
		words = append(words, "map")
	}
	if f.HasOptionalKeyword() {
		words = append(words, "optional")
	}
	if o := f.ContainingOneof(); o != nil && !o.IsSynthetic() {
		words = append(words, "oneof:"+string(o.Name()))
	}
	return strings.Join(append(words, kind), " ")
}

func readLock(text []byte) map[string]string {
	m := make(map[string]string)
	for sc := bufio.NewScanner(bytes.NewReader(text)); sc.Scan(); {
		if key, value, ok := strings.Cut(sc.Text(), " = "); ok {
			m[key] = value
		}
	}
	return m
}

func writeLock(m map[string]string) []byte {
	rows := make([]string, 0, len(m))
	for key, value := range m {
		rows = append(rows, key+" = "+value)
	}
	slices.SortFunc(rows, naturally)
	return []byte(lockHeader + strings.Join(rows, "\n") + "\n")
}

// naturally orders …Event.2 before …Event.10.
func naturally(a, b string) int {
	split := func(row string) (name string, number int, rest string) {
		key, rest, _ := strings.Cut(row, " = ")
		i := strings.LastIndexByte(key, '.')
		_, _ = fmt.Sscan(key[i+1:], &number)
		return key[:i], number, rest
	}
	an, ai, _ := split(a)
	bn, bi, _ := split(b)
	if an != bn {
		return strings.Compare(an, bn)
	}
	return ai - bi
}

// compare says what of the locked meaning is broken, and what is new.
func compare(locked, today map[string]string) (broken, added []string) {
	for key, was := range locked {
		switch is, ok := today[key]; {
		case !ok:
			broken = append(broken, fmt.Sprintf("%s (%s) is gone", key, was))
		case is != was:
			broken = append(broken, fmt.Sprintf("%s was %q, is %q", key, was, is))
		}
	}
	for key, is := range today {
		if _, ok := locked[key]; !ok {
			added = append(added, key+" = "+is)
		}
	}
	slices.Sort(broken)
	slices.SortFunc(added, naturally)
	return broken, added
}

func today() map[string]string {
	return schema(File_desk_v1_agent_proto, File_desk_v1_routing_proto, File_desk_v1_event_proto, File_desk_v1_ticket_proto, File_desk_v1_setting_proto, File_desk_v1_draft_proto, File_desk_v1_team_proto, File_desk_v1_work_proto, File_desk_v1_side_proto, File_desk_v1_channel_proto, File_desk_v1_command_proto, File_desk_v1_record_proto, File_desk_v1_frame_proto)
}

func TestSchemaLock(t *testing.T) {
	text, err := os.ReadFile(lockFile)
	if err != nil && (!*update || !errors.Is(err, fs.ErrNotExist)) {
		t.Fatalf("read the lock: %v", err)
	}
	broken, added := compare(readLock(text), today())
	for _, b := range broken {
		t.Errorf("%s: what is stored would be read wrongly", b)
	}
	if len(broken) > 0 {
		return // also with -update
	}
	if *update {
		if err := os.WriteFile(lockFile, writeLock(today()), 0o644); err != nil {
			t.Fatalf("write the lock: %v", err)
		}
		return
	}
	for _, a := range added {
		t.Errorf("not in the lock yet: %s (make proto adds it)", a)
	}
}

func TestSchemaLockCanFail(t *testing.T) {
	t.Parallel()
	locked := readLock(writeLock(today()))
	if broken, added := compare(locked, today()); len(broken)+len(added) != 0 {
		t.Fatalf("the lock does not survive its own round trip: %v %v", broken, added)
	}
	cases := map[string]struct {
		change        func(map[string]string)
		broken, added int
	}{
		"renamed":  {func(m map[string]string) { m["desk.v1.Body.1"] = "words string" }, 1, 0},
		"retyped":  {func(m map[string]string) { m["desk.v1.Body.4"] = "fresh_text_bytes int64" }, 1, 0},
		"repeated": {func(m map[string]string) { m["desk.v1.Body.1"] = "text repeated string" }, 1, 0},
		"dropped":  {func(m map[string]string) { delete(m, "desk.v1.Body.1") }, 1, 0},
		"moved":    {func(m map[string]string) { m["desk.v1.Body.9"] = m["desk.v1.Body.1"]; delete(m, "desk.v1.Body.1") }, 1, 1},
		"added":    {func(m map[string]string) { m["desk.v1.Body.9"] = "mood string" }, 0, 1},
		"enum":     {func(m map[string]string) { m["desk.v1.Priority.1"] = "PRIORITY_URGENT" }, 1, 0},
	}
	for name, c := range cases {
		now := today()
		c.change(now)
		broken, added := compare(locked, now)
		if len(broken) != c.broken || len(added) != c.added {
			t.Errorf("%s: broken %v, added %v", name, broken, added)
		}
	}
}
