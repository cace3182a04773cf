package chat

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"unicode/utf8"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/internal/socket"
)

const (
	maxFrameBytes = 4 << 10
	maxSeq        = 1<<53 - 1 // the largest number that JavaScript counts with
)

// clientFrame is what a widget sends on its socket.
type clientFrame struct {
	T       string `json:"t"`
	Epoch   string `json:"epoch"`
	Tab     string `json:"tab"`      // hello: made by each tab for itself, so that its new socket takes the place of its old one
	LastSeq uint64 `json:"last_seq"` // hello: what the widget has
	From    uint64 `json:"from"`     // need: what the widget has, after a hole
	Seq     uint64 `json:"seq"`      // ack, read
	On      bool   `json:"on"`       // typing
}

// decodeFrame reads a client's frame. What it does not know inside a frame is ignored, so that a newer widget can talk to an
// older server; a frame it does not know is refused.
func decodeFrame(data []byte) (clientFrame, error) {
	var f clientFrame
	refuse := func(field, why string) (clientFrame, error) {
		return clientFrame{}, desk.Refuse(desk.Invalid, field, "%s", why)
	}
	if len(data) > maxFrameBytes || !utf8.Valid(data) {
		return refuse("", "a frame is at most 4 kB of UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(data))
	if err := d.Decode(&f); err != nil {
		if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			return refuse(e.Field, "has the wrong type")
		}
		return refuse("", "is not a JSON object")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return refuse("", "a message holds one frame")
	}
	switch f.T {
	case "hello", "need", "ack", "read", "typing", "ping":
	default:
		return refuse("t", "is not a kind of frame")
	}
	if f.Epoch != "" && !desk.ValidID(f.Epoch) {
		return refuse("epoch", "is not an epoch")
	}
	if f.Tab != "" && !desk.ValidID(f.Tab) {
		return refuse("tab", "is not an id")
	}
	if max(f.LastSeq, f.From, f.Seq) > maxSeq {
		return refuse("seq", "is too large")
	}
	return f, nil
}

// serverFrame is what a widget is sent: welcome, reset, events (after a need), typing, place, pong, error. An event by itself is
// an event (story.go), and so is online a frame of its own (place.go).
type serverFrame struct {
	T         string            `json:"t"`
	Epoch     string            `json:"epoch,omitempty"`
	Seq       uint64            `json:"seq,omitempty"`  // of the last event the visitor may see
	Prev      uint64            `json:"prev,omitempty"` // reset: what the first event follows
	Truncated bool              `json:"truncated,omitempty"`
	Events    []json.RawMessage `json:"events,omitempty"`
	On        bool              `json:"on,omitempty"`
	Name      string            `json:"name,omitempty"`
	Position  int               `json:"position,omitempty"` // in the waiting line: place, welcome, reset
	Minutes   int               `json:"minutes,omitempty"`
	Code      string            `json:"code,omitempty"`
	Message   string            `json:"message,omitempty"`
}

func (f serverFrame) encode() *socket.Frame { return &socket.Frame{Data: mustJSON(f)} }

// mustJSON encodes our own types, which always can be.
func mustJSON(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		panic("chat: encode a frame: " + err.Error())
	}
	return data
}
