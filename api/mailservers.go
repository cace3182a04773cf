package api

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/centralita/centralita/desk"
)

// MailServer is a server that wrote above mails whether their senders were proved, as it calls itself.
type MailServer struct {
	Server string `json:"server"`
	Mails  int    `json:"mails" doc:"How many of the mails that were looked at"`
}

type mailServersOutput struct {
	Body struct {
		Servers []MailServer `json:"servers" doc:"The one seen most often first"`
	}
}

// lookedBack is how much of the journal is looked through for mail servers: the newest facts.
const lookedBack = 5000

// mailServers counts who vouched in the newest mails, so that an administrator can choose instead of knowing.
func (s *Server) mailServers(ctx context.Context, in *ByID) (*mailServersOutput, error) {
	if _, err := s.channelRow(desk.ChannelID(in.ID)); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	seen := map[string]int{}
	_, head := s.opt.Engine.Head()
	after := desk.Position(0)
	if head > lookedBack {
		after = head - lookedBack
	}
	if head > after {
		for r, err := range s.opt.Engine.Watch(ctx, after) {
			if err != nil {
				return nil, fmt.Errorf("read the newest mails: %w", err)
			}
			if m := r.GetEvent().GetMessageReceived(); m.GetChannel() == in.ID && m.GetSender().GetServer() != "" {
				seen[m.Sender.Server]++
			}
			if desk.Position(r.GetPosition()) >= head {
				break
			}
		}
	}
	out := &mailServersOutput{}
	out.Body.Servers = []MailServer{}
	for server, mails := range seen {
		out.Body.Servers = append(out.Body.Servers, MailServer{server, mails})
	}
	slices.SortFunc(out.Body.Servers, func(a, b MailServer) int { return cmp.Or(b.Mails-a.Mails, cmp.Compare(a.Server, b.Server)) })
	out.Body.Servers = out.Body.Servers[:min(len(out.Body.Servers), 20)]
	return out, nil
}
