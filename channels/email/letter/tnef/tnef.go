// Package tnef opens winmail.dat: the envelope (MS-OXTNEF) in which Outlook hides the files and the text of a mail from everybody
// else. It reads names, types and contents of the files and the plain or HTML body; what it does not know it passes over.
package tnef

import (
	"encoding/binary"
	"strings"
	"unicode/utf16"
)

// File is what stands in the envelope. Contents share memory with what was read.
type File struct {
	Body        string // plain text, "" when there is none
	HTML        []byte // undecoded
	Attachments []Attachment
}

// Attachment is one file. Name and MediaType may be empty.
type Attachment struct {
	Name, MediaType, ContentID string
	Data                       []byte
}

const (
	signature      = 0x223E9F78
	maxAttachments = 100
	maxProperties  = 2000
)

// The attributes that count; the upper half is their type, which says nothing more.
const (
	atBody       = 0x800C
	atProperties = 0x9003
	atRender     = 0x9002 // starts a file
	atData       = 0x800F
	atTitle      = 0x8010
	atFile       = 0x9005 // properties of a file
)

// The properties that count.
const (
	propBody        = 0x1000
	propHTML        = 0x1013
	propDisplayName = 0x3001
	propObject      = 0x3701
	propName        = 0x3704
	propLongName    = 0x3707
	propMediaType   = 0x370E
	propContentID   = 0x3712
)

// Read opens an envelope; false when it is none. Of one that is damaged it gives what stands before the damage.
func Read(b []byte) (f File, ok bool) {
	if len(b) < 6 || binary.LittleEndian.Uint32(b) != signature {
		return File{}, false
	}
	b = b[6:]
	for len(b) >= 9 {
		id := binary.LittleEndian.Uint32(b[1:]) & 0xFFFF
		size := uint64(binary.LittleEndian.Uint32(b[5:]))
		b = b[9:]
		if size > uint64(len(b)) {
			break
		}
		data := b[:size]
		f.attribute(id, data)
		b = b[min(uint64(len(b)), size+2):] // a checksum follows, which many get wrong
	}
	return f, true
}

func (f *File) attribute(id uint32, data []byte) {
	if id == atRender {
		if len(f.Attachments) < maxAttachments {
			f.Attachments = append(f.Attachments, Attachment{})
		}
		return
	}
	switch id {
	case atBody:
		f.Body = text8(data)
	case atProperties:
		properties(data, f.property)
	}
	if len(f.Attachments) == 0 {
		return
	}
	a := &f.Attachments[len(f.Attachments)-1]
	switch id {
	case atData:
		a.Data = data
	case atTitle:
		if a.Name == "" {
			a.Name = text8(data)
		}
	case atFile:
		properties(data, a.property)
	}
}

func (f *File) property(id, kind uint32, v []byte) {
	switch id {
	case propBody:
		if s := text(kind, v); s != "" {
			f.Body = s
		}
	case propHTML:
		f.HTML = v
	}
}

func (a *Attachment) property(id, kind uint32, v []byte) {
	switch id {
	case propLongName:
		a.Name = text(kind, v)
	case propName, propDisplayName:
		if a.Name == "" {
			a.Name = text(kind, v)
		}
	case propMediaType:
		a.MediaType = text(kind, v)
	case propContentID:
		a.ContentID = strings.Trim(text(kind, v), "<>")
	case propObject:
		const guid = 16 // what the object is
		if len(v) > guid && a.Data == nil {
			a.Data = v[guid:]
		}
	}
}

// The kinds of values.
const (
	kindShort   = 0x02
	kindBool    = 0x0B
	kindObject  = 0x0D
	kindString8 = 0x1E
	kindUnicode = 0x1F
	kindGUID    = 0x48
	kindBinary  = 0x102
	manyValues  = 0x1000
)

var fixed = map[uint32]int{kindShort: 4, kindBool: 4, 0x03: 4, 0x04: 4, 0x0A: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x14: 8, 0x40: 8, kindGUID: 16, 0x01: 0, 0x00: 0}

// properties reads a list of them and hands each value of variable length to take.
func properties(b []byte, take func(id, kind uint32, value []byte)) {
	r := reader{b: b}
	count := r.u32()
	for range min(count, maxProperties) {
		tag := r.u32()
		id, kind := tag>>16, tag&0xFFFF
		if id >= 0x8000 { // it has a name of its own
			r.skip(16)
			if r.u32() == 0 {
				r.skip(4)
			} else {
				r.padded(r.u32())
			}
		}
		many := kind&manyValues != 0
		kind &^= manyValues
		size, isFixed := fixed[kind]
		values := uint32(1)
		if many || !isFixed {
			values = r.u32()
		}
		for range min(values, maxProperties) {
			if isFixed {
				r.skip(size)
				continue
			}
			switch kind {
			case kindObject, kindString8, kindUnicode, kindBinary:
			default:
				return // nobody knows how long it is
			}
			if v := r.padded(r.u32()); !r.over {
				take(id, kind, v)
			}
		}
		if r.over {
			return
		}
	}
}

// reader reads little-endian numbers until there are no more.
type reader struct {
	b    []byte
	over bool
}

func (r *reader) next(n uint64) []byte {
	if n > uint64(len(r.b)) {
		r.over, r.b = true, nil
		return nil
	}
	v := r.b[:n]
	r.b = r.b[n:]
	return v
}

func (r *reader) u32() uint32 {
	v := r.next(4)
	if v == nil {
		return 0
	}
	return binary.LittleEndian.Uint32(v)
}

func (r *reader) skip(n int) { r.next(uint64(n)) }

// padded reads n bytes, which fill a multiple of four.
func (r *reader) padded(n uint32) []byte {
	v := r.next(uint64(n))
	r.next(min(uint64(len(r.b)), uint64((4-n%4)%4)))
	return v
}

// text8 reads a string in the writer's code page, raw: whoever knows charsets decodes it.
func text8(v []byte) string {
	s, _, _ := strings.Cut(string(v), "\x00")
	return s
}

func text(kind uint32, v []byte) string {
	if kind != kindUnicode {
		return text8(v)
	}
	units := make([]uint16, 0, len(v)/2)
	for ; len(v) > 1; v = v[2:] {
		u := binary.LittleEndian.Uint16(v)
		if u == 0 {
			break
		}
		units = append(units, u)
	}
	return string(utf16.Decode(units))
}
