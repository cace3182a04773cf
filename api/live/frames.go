package live

import (
	"fmt"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/internal/socket"
	"github.com/centralita/centralita/proto/deskpb"
)

// Subprotocols of the agent socket, the preferred one first.
const (
	ProtocolJSON   = "centralita.v1.json"
	ProtocolBinary = "centralita.v1.proto"
)

// frames is one frame in both encodings, each made when first asked for and then shared by all sockets. It belongs to one
// goroutine.
type frames struct {
	frame *deskpb.ServerFrame
	json  *socket.Frame
	bin   *socket.Frame
}

func (f *frames) of(binary bool) *socket.Frame {
	slot := &f.json
	if binary {
		slot = &f.bin
	}
	if *slot == nil {
		*slot = encode(f.frame, binary)
	}
	return *slot
}

// encode makes the bytes of a frame. A frame that cannot be encoded holds text that is not UTF-8; the journal refuses
// such text, so this is a defect, and the screen is better off without the frame than without the socket.
func encode(f *deskpb.ServerFrame, binary bool) *socket.Frame {
	var data []byte
	var err error
	if binary {
		data, err = proto.Marshal(f)
	} else {
		data, err = protojson.Marshal(f)
	}
	if err != nil {
		refused := &deskpb.ServerFrame{Kind: &deskpb.ServerFrame_Refused{Refused: &deskpb.Refused{
			Code: codeInternal, Message: "a frame could not be encoded: read the page again",
		}}}
		return encode(refused, binary)
	}
	return &socket.Frame{Data: data, Binary: binary}
}

// maxDepth bounds the nesting of what a client sends; ours is 6 deep.
const maxDepth = 32

// decode reads a client's frame. The id is given even when the rest cannot be read, so that the answer finds its
// question; fatal means that this was not a frame at all.
func decode(data []byte, binary bool) (f *deskpb.ClientFrame, err error, fatal bool) {
	f = &deskpb.ClientFrame{}
	if binary {
		if err := (proto.UnmarshalOptions{DiscardUnknown: true, RecursionLimit: maxDepth}).Unmarshal(data, f); err != nil {
			return &deskpb.ClientFrame{}, fmt.Errorf("not a frame: %s", plain(err)), true
		}
	} else if err := (protojson.UnmarshalOptions{RecursionLimit: maxDepth}).Unmarshal(data, f); err != nil {
		// Perhaps it is a frame with a field we do not know: say so instead of hanging up.
		lax := &deskpb.ClientFrame{}
		if (protojson.UnmarshalOptions{DiscardUnknown: true, RecursionLimit: maxDepth}).Unmarshal(data, lax) != nil {
			return &deskpb.ClientFrame{}, fmt.Errorf("not a frame: %s", plain(err)), true
		}
		if len(lax.Id) > 64 {
			lax.Id = ""
		}
		return &deskpb.ClientFrame{Id: lax.Id}, fmt.Errorf("%s", plain(err)), false
	}
	if len(f.Id) > 64 {
		return &deskpb.ClientFrame{}, fmt.Errorf("id: at most 64 bytes"), false
	}
	if f.Kind == nil {
		return f, fmt.Errorf("unknown kind of frame: send hello, subscribe, command, typing or ping"), false
	}
	return f, nil, false
}

// plain takes the deliberate instability (non-breaking spaces) out of the protobuf library's errors.
func plain(err error) string {
	s := strings.ReplaceAll(err.Error(), "\u00a0", " ")
	s = strings.TrimPrefix(s, "proto: ")
	return strings.TrimSpace(strings.ToValidUTF8(s, "?"))
}

func welcomeFrame(epoch string, at desk.Position, agent desk.AgentID) *deskpb.ServerFrame {
	return &deskpb.ServerFrame{Kind: &deskpb.ServerFrame_Welcome{Welcome: &deskpb.Welcome{
		Epoch: epoch, Position: uint64(at), Agent: string(agent),
	}}}
}

func resetFrame(epoch string, at desk.Position, reason string) *deskpb.ServerFrame {
	return &deskpb.ServerFrame{Kind: &deskpb.ServerFrame_Reset_{Reset_: &deskpb.Reset{
		Epoch: epoch, Position: uint64(at), Reason: reason,
	}}}
}

func caughtUpFrame(at desk.Position) *deskpb.ServerFrame {
	return &deskpb.ServerFrame{Kind: &deskpb.ServerFrame_CaughtUp{CaughtUp: &deskpb.CaughtUp{Position: uint64(at)}}}
}

func recordFrame(r desk.Record) *deskpb.ServerFrame {
	return &deskpb.ServerFrame{Kind: &deskpb.ServerFrame_Record{Record: &deskpb.RecordAdded{Record: r}}}
}

func doneFrame(id string, d desk.Done) *deskpb.ServerFrame {
	return &deskpb.ServerFrame{Kind: &deskpb.ServerFrame_Done{Done: &deskpb.Done{
		Id: id, Version: d.Version, Position: uint64(d.Position),
	}}}
}

func refusedFrame(id string, e *desk.Error) *deskpb.ServerFrame {
	return &deskpb.ServerFrame{Kind: &deskpb.ServerFrame_Refused{Refused: &deskpb.Refused{
		Id: id, Code: string(e.Code), Message: e.Message, Field: e.Field, Reason: e.Reason,
	}}}
}

func presenceFrame(s desk.PresenceSign) *deskpb.ServerFrame {
	return &deskpb.ServerFrame{Kind: &deskpb.ServerFrame_Presence{Presence: &deskpb.Presence{
		Conversation: string(s.Conversation), Who: s.Who, Name: s.Name, Typing: s.Typing, Left: s.Left,
	}}}
}

// ticketFrame carries a row without what only the engine needs of it.
func ticketFrame(at desk.Position, row desk.Ticket) *deskpb.ServerFrame {
	t := proto.CloneOf(row)
	t.Routing, t.Thread = nil, ""
	return &deskpb.ServerFrame{Kind: &deskpb.ServerFrame_Ticket{Ticket: &deskpb.TicketChanged{Position: uint64(at), Ticket: t}}}
}

func goneFrame(at desk.Position, conversation string) *deskpb.ServerFrame {
	return &deskpb.ServerFrame{Kind: &deskpb.ServerFrame_Gone{Gone: &deskpb.TicketGone{Position: uint64(at), Conversation: conversation}}}
}

func agentFrame(at desk.Position, row desk.Agent) *deskpb.ServerFrame {
	return &deskpb.ServerFrame{Kind: &deskpb.ServerFrame_Agent{Agent: &deskpb.AgentChangedFrame{Position: uint64(at), Agent: row}}}
}

func channelFrame(at desk.Position, row desk.Channel) *deskpb.ServerFrame {
	return &deskpb.ServerFrame{Kind: &deskpb.ServerFrame_Channel{Channel: &deskpb.ChannelChangedFrame{Position: uint64(at), Channel: row}}}
}

func contactFrame(at desk.Position, row desk.Contact) *deskpb.ServerFrame {
	return &deskpb.ServerFrame{Kind: &deskpb.ServerFrame_Contact{Contact: &deskpb.ContactChangedFrame{Position: uint64(at), Contact: row}}}
}

func teamFrame(at desk.Position, row desk.Team) *deskpb.ServerFrame {
	return &deskpb.ServerFrame{Kind: &deskpb.ServerFrame_Team{Team: &deskpb.TeamChangedFrame{Position: uint64(at), Team: row}}}
}

// mostSettingBytes is how large a setting's value may be to go to every screen.
const mostSettingBytes = 8 << 10

// settingFrame leaves out what only some may see or few need: they read it over HTTP.
func settingFrame(at desk.Position, row desk.Setting) *deskpb.ServerFrame {
	partial := row.Owner != "" || row.Kind == desk.SettingSignInProgram || proto.Size(row.Value) > mostSettingBytes
	if partial {
		row = &deskpb.SettingSummary{
			Setting: row.Setting, Kind: row.Kind, Removed: row.Removed, Version: row.Version, Position: row.Position,
			By: row.By, ChangedAtMs: row.ChangedAtMs, Owner: row.Owner,
		}
	}
	return &deskpb.ServerFrame{Kind: &deskpb.ServerFrame_Setting{Setting: &deskpb.SettingChangedFrame{
		Position: uint64(at), Setting: row, Partial: partial,
	}}}
}
