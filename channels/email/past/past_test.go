package past

import (
	"math/rand/v2"
	"reflect"
	"testing"
	"time"
)

func TestAnImportIsInTheOrderOfTimeAndGoesOnWhereItWas(t *testing.T) {
	t.Parallel()
	var all []Mail
	for i := range 200 {
		all = append(all, Mail{Box: i % 3, UID: uint32(i + 1), Came: int64(i / 3), Size: 10})
	}
	rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	validity := [Boxes]uint32{7, 8, 9}
	begin, err := Parse("")
	if err != nil {
		t.Fatal(err)
	}
	whole := Plan(all, begin, validity)
	if len(whole) != len(all) {
		t.Fatalf("%d of %d", len(whole), len(all))
	}
	for i := 1; i < len(whole); i++ {
		if compare(whole[i-1], whole[i]) >= 0 {
			t.Fatalf("%v before %v", whole[i-1], whole[i])
		}
	}
	for i, m := range whole {
		c, err := Parse(Cursor{Mail: m, Validity: validity}.String())
		if err != nil {
			t.Fatal(err)
		}
		if left := Plan(all, c, validity); len(left) != len(whole)-i-1 || len(left) > 0 && !reflect.DeepEqual(left, whole[i+1:]) {
			t.Fatalf("after %v there are left %d", m, len(left))
		}
		renumbered := Plan(all, c, [Boxes]uint32{7, 8, 10})
		if renumbered[0].Came != m.Came || len(renumbered) < len(whole)-i {
			t.Fatalf("numbered anew at %v: goes on at %v", m, renumbered[0])
		}
	}
	if c, err := Parse("p1:1:1:3:4:5"); err != nil || c.Mail != (Mail{Came: 1, Box: Sent, UID: 3}) || c.Validity != [Boxes]uint32{4, 5, 0} {
		t.Errorf("one of before there were three folders: %v, %v", c, err)
	}
	for _, bad := range []string{"v1:1:2:3:4", "p1:1", "p1:1:2:3:4", "p1:1:-1:3:4:5", "p2:1:3:3:4:5:6", "p2:1:2:3:4:5"} {
		if c, err := Parse(bad); err == nil {
			t.Errorf("%q was read as %v", bad, c)
		}
	}
}

func TestHowManyAtOnce(t *testing.T) {
	t.Parallel()
	sizes := func(all ...int64) (mails []Mail) {
		for _, s := range all {
			mails = append(mails, Mail{Size: s})
		}
		return mails
	}
	for _, c := range []struct {
		left []Mail
		want int
	}{
		{sizes(), 0}, {sizes(500), 1}, {sizes(10, 10, 10, 10), 3}, {sizes(60, 30, 30), 2}, {sizes(-1, 10), 2}, {sizes(10, -1), 1}, {sizes(10, 500), 1},
	} {
		if n := Batch(c.left, 3, 100); n != c.want {
			t.Errorf("%v: %d, want %d", c.left, n, c.want)
		}
	}
}

func TestWhenAMailWasWritten(t *testing.T) {
	t.Parallel()
	day := func(n int) time.Time { return time.Date(2026, 3, n, 12, 0, 0, 0, time.UTC) }
	until := day(30)
	for name, c := range map[string]struct{ says, came, want time.Time }{
		"as it says":            {day(4), day(5), day(4)},
		"long on its way":       {day(1), day(20), day(1)},
		"a clock that is ahead": {day(9), day(5), day(5)},
		"a little ahead":        {day(5).Add(time.Hour), day(5), day(5).Add(time.Hour)},
		"says nothing":          {time.Time{}, day(5), day(5)},
		"says nonsense":         {time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC), day(5), day(5)},
		"nobody knows":          {time.Time{}, time.Unix(0, 0), until},
		"later than the import": {until.Add(time.Hour), until, until},
	} {
		if got := When(c.says, c.came, until); !got.Equal(c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	if !Within(Mail{Came: day(5).Unix()}, time.Time{}, until) || !Within(Mail{Came: day(5).Unix()}, day(5), until) ||
		Within(Mail{Came: day(5).Unix()}, day(6), until) || Within(Mail{Came: until.Unix()}, day(6), until) {
		t.Error("what is within a span")
	}
}
