package tnef

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"testing"
	"unicode/utf16"
)

func attribute(level byte, id uint32, data []byte) []byte {
	b := []byte{level}
	b = binary.LittleEndian.AppendUint32(b, id)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(data)))
	sum := uint16(0)
	for _, c := range data {
		sum += uint16(c)
	}
	return binary.LittleEndian.AppendUint16(append(b, data...), sum)
}

func u32(n ...uint32) (b []byte) {
	for _, v := range n {
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	return b
}

func variable(id, kind uint32, v []byte) []byte {
	b := u32(id<<16|kind, 1, uint32(len(v)))
	b = append(b, v...)
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}

func wide(s string) (b []byte) {
	for _, u := range utf16.Encode([]rune(s + "\x00")) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return b
}

func envelope() []byte {
	own := append(u32(0x8001<<16|0x1F), make([]byte, 16)...) // a property with a name of its own
	own = append(own, u32(1, 5)...)
	own = append(own, 'n', 0, 'a', 0, 0, 0, 0, 0)
	own = append(own, u32(1, 4)...)
	own = append(own, 'x', 0, 0, 0)
	return bytes.Join([][]byte{
		u32(signature), {1, 0},
		attribute(1, 0x0006_9003, bytes.Join([][]byte{
			u32(5), own, u32(0x0017<<16|0x03, 1), u32(0x0FFF<<16|0x1003, 2, 7, 8), variable(propBody, kindUnicode, wide("Grüße")), variable(propHTML, kindBinary, []byte("<p>Gr&uuml;&szlig;e"))}, nil)),
		attribute(2, 0x0006_9002, make([]byte, 14)),
		attribute(2, 0x0001_8010, []byte("REPORT~1.PDF\x00")),
		attribute(2, 0x0006_800F, []byte("%PDF-")),
		attribute(2, 0x0006_9005, bytes.Join([][]byte{u32(3), variable(propLongName, kindUnicode, wide("Bericht für März.pdf")), variable(propMediaType, kindString8, []byte("application/pdf\x00")), variable(propContentID, kindString8, []byte("<a@b>\x00"))}, nil)),
		attribute(2, 0x0006_9002, make([]byte, 14)),
		attribute(2, 0x0001_8010, []byte("second.txt\x00")),
		attribute(2, 0x0006_800F, []byte("two")),
	}, nil)
}

func TestRead(t *testing.T) {
	t.Parallel()
	f, ok := Read(envelope())
	if !ok || f.Body != "Grüße" || string(f.HTML) != "<p>Gr&uuml;&szlig;e" {
		t.Errorf("%v %q %q", ok, f.Body, f.HTML)
	}
	got := ""
	for _, a := range f.Attachments {
		got += fmt.Sprintf("%s|%s|%s|%s;", a.Name, a.MediaType, a.ContentID, a.Data)
	}
	if want := "Bericht für März.pdf|application/pdf|a@b|%PDF-;second.txt|||two;"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestDamaged: whatever the bytes are, it ends with what could be read.
func TestDamaged(t *testing.T) {
	t.Parallel()
	whole := envelope()
	for n := range whole {
		Read(whole[:n])
		flipped := bytes.Clone(whole)
		flipped[n] ^= 0xFF
		Read(flipped)
	}
	if f, ok := Read(whole[:len(whole)-4]); !ok || len(f.Attachments) != 2 || string(f.Attachments[0].Data) != "%PDF-" || f.Attachments[1].Data != nil {
		t.Errorf("cut short: %v %+v", ok, f)
	}
	if _, ok := Read([]byte("no envelope")); ok {
		t.Error("something else was taken for an envelope")
	}
}
