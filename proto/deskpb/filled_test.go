package deskpb

import (
	"fmt"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// filled gives every field of m, at every depth, a value that is not its default and differs from its neighbours'. Of
// a oneof the first kind is chosen; whoever wants another sets it afterwards.
func filled(m proto.Message) proto.Message {
	n := 0
	fill(m.ProtoReflect(), &n)
	return m
}

func fill(r protoreflect.Message, n *int) {
	fields := r.Descriptor().Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		if o := f.ContainingOneof(); o != nil && r.WhichOneof(o) != nil || within(f) {
			continue
		}
		if f.IsList() {
			list := r.Mutable(f).List()
			for range 2 {
				list.Append(value(list.NewElement, f, n))
			}
			continue
		}
		if f.IsMap() {
			m := r.Mutable(f).Map()
			for range 2 {
				k := value(nil, f.MapKey(), n).MapKey()
				m.Set(k, value(m.NewValue, f.MapValue(), n))
			}
			continue
		}
		r.Set(f, value(func() protoreflect.Value { return r.NewField(f) }, f, n))
	}
}

// within: a rule of a channel holds a rule again, which holds none.
func within(f protoreflect.FieldDescriptor) bool { return f.FullName() == "desk.v1.RoutingStep.then" }

func value(zero func() protoreflect.Value, f protoreflect.FieldDescriptor, n *int) protoreflect.Value {
	*n++
	switch f.Kind() {
	case protoreflect.MessageKind:
		v := zero()
		fill(v.Message(), n)
		return v
	case protoreflect.EnumKind:
		values := f.Enum().Values()
		return protoreflect.ValueOfEnum(values.Get(1 + *n%(values.Len()-1)).Number())
	case protoreflect.StringKind:
		return protoreflect.ValueOfString(fmt.Sprintf("%s %d ünïcode", f.Name(), *n))
	case protoreflect.BytesKind:
		return protoreflect.ValueOfBytes([]byte{0, 0xff, byte(*n)})
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(true)
	case protoreflect.Int32Kind:
		return protoreflect.ValueOfInt32(-int32(*n))
	case protoreflect.Int64Kind:
		return protoreflect.ValueOfInt64(1<<40 + int64(*n)) // no number of ours may pass through a float's 53 bits or an int32
	case protoreflect.Uint32Kind:
		return protoreflect.ValueOfUint32(1<<31 + uint32(*n))
	case protoreflect.Uint64Kind:
		return protoreflect.ValueOfUint64(1<<60 + uint64(*n))
	default:
		panic(fmt.Sprintf("%s: fill does not know kind %s yet", f.FullName(), f.Kind()))
	}
}

// firstHole names a field, at any depth, that has its default value; "" if there is none. Of a oneof one is enough.
func firstHole(r protoreflect.Message) string {
	fields := r.Descriptor().Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		if o := f.ContainingOneof(); o != nil && r.WhichOneof(o) != nil && r.WhichOneof(o) != f {
			continue
		}
		if !r.Has(f) {
			if within(f) {
				continue
			}
			return string(f.FullName())
		}
		if f.IsMap() {
			if hole := holeInMap(f, r.Get(f).Map()); hole != "" {
				return hole
			}
			continue
		}
		if f.Message() == nil {
			continue
		}
		if !f.IsList() {
			if hole := firstHole(r.Get(f).Message()); hole != "" {
				return hole
			}
			continue
		}
		for j := range r.Get(f).List().Len() {
			if hole := firstHole(r.Get(f).List().Get(j).Message()); hole != "" {
				return hole
			}
		}
	}
	return ""
}

func holeInMap(f protoreflect.FieldDescriptor, m protoreflect.Map) (hole string) {
	if f.MapValue().Message() == nil {
		return ""
	}
	m.Range(func(_ protoreflect.MapKey, v protoreflect.Value) bool {
		hole = firstHole(v.Message())
		return hole == ""
	})
	return hole
}
