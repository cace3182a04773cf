// Package deskpb is the words of Centralita: commands, events, the record envelope and the socket's frames, generated
// from ../*.proto. This file adds the little that is written by hand: putting a message into its envelope.
package deskpb

import (
	"fmt"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

var (
	eventFields   = kinds((*Event)(nil).ProtoReflect().Descriptor())
	commandFields = kinds((*Command)(nil).ProtoReflect().Descriptor())
)

func kinds(d protoreflect.MessageDescriptor) map[protoreflect.FullName]protoreflect.FieldDescriptor {
	fields := d.Oneofs().ByName("kind").Fields()
	m := make(map[protoreflect.FullName]protoreflect.FieldDescriptor, fields.Len())
	for i := range fields.Len() {
		m[fields.Get(i).Message().FullName()] = fields.Get(i)
	}
	return m
}

// NewEvent puts a fact into its envelope. It panics on a message that is not a kind of Event: that is a bug, and the
// schema test walks them all.
func NewEvent(m proto.Message) *Event {
	e := &Event{}
	put(e.ProtoReflect(), eventFields, m)
	return e
}

// NewCommand puts a wish into its envelope; the engine fills in the time. It panics on a message that is not a kind of
// Command.
func NewCommand(m proto.Message) *Command {
	c := &Command{}
	put(c.ProtoReflect(), commandFields, m)
	return c
}

func put(envelope protoreflect.Message, fields map[protoreflect.FullName]protoreflect.FieldDescriptor, m proto.Message) {
	r := m.ProtoReflect()
	fd, ok := fields[r.Descriptor().FullName()]
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
