// Package deskpb is the words of Centralita: commands, events, the record envelope and the socket's frames, generated
// from ../*.proto. This file adds the little that is written by hand: putting a message into its envelope.
package deskpb

import (
	"fmt"
	"sync"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// Lazily: the generated descriptors are made in init functions, after package variables.
var (
	eventFields   = sync.OnceValue(func() fields { return kinds((*Event)(nil).ProtoReflect().Descriptor()) })
	commandFields = sync.OnceValue(func() fields { return kinds((*Command)(nil).ProtoReflect().Descriptor()) })
)

type fields map[protoreflect.FullName]protoreflect.FieldDescriptor

func kinds(d protoreflect.MessageDescriptor) fields {
	oneof := d.Oneofs().ByName("kind").Fields()
	m := make(fields, oneof.Len())
	for i := range oneof.Len() {
		m[oneof.Get(i).Message().FullName()] = oneof.Get(i)
	}
	return m
}

// NewEvent puts a fact into its envelope. It panics on a message that is not a kind of Event: that is a bug, and the
// schema test walks them all.
func NewEvent(m proto.Message) *Event {
	e := &Event{}
	put(e.ProtoReflect(), eventFields(), m)
	return e
}

// NewCommand puts a wish into its envelope; the engine fills in the time. It panics on a message that is not a kind of
// Command.
func NewCommand(m proto.Message) *Command {
	c := &Command{}
	put(c.ProtoReflect(), commandFields(), m)
	return c
}

func put(envelope protoreflect.Message, known fields, m proto.Message) {
	r := m.ProtoReflect()
	fd, ok := known[r.Descriptor().FullName()]
	if !ok {
		panic(fmt.Sprintf("deskpb: %s is not a kind of %s", r.Descriptor().FullName(), envelope.Descriptor().Name()))
	}
	envelope.Set(fd, protoreflect.ValueOfMessage(r))
}

// KindName is the name of what an envelope holds, such as "message_received"; "" if it is empty.
func KindName(envelope interface {
	ProtoReflect() protoreflect.Message
}) string {
	r := envelope.ProtoReflect()
	fd := r.WhichOneof(r.Descriptor().Oneofs().ByName("kind"))
	if fd == nil {
		return ""
	}
	return string(fd.Name())
}
