package api

import (
	"cmp"
	"encoding/json"
	"slices"
)

// ChannelMail is what whoever writes a mail has to know of the mailbox that sends it. It is for every agent, unlike the rest of
// a channel's configuration.
type ChannelMail struct {
	From     string   `json:"from" doc:"The address that replies come from"`
	Ours     []string `json:"ours" doc:"All addresses of the mailbox: an answer to all does not go to them"`
	AttachMB int      `json:"attach_mb" doc:"Files beyond it go as links; 0: nothing goes as a link, the desk has no public address"`
	LinkDays int      `json:"link_days" doc:"For so long a link works"`
}

// withMail reads the sending half of a mailbox's configuration (channels/email/compose has its defaults).
func (s *Server) withMail(c Channel) Channel {
	if c.Kind != "email" {
		return c
	}
	var conf struct {
		Sending struct {
			FromAddress string `json:"from_address"`
			ReplyTo     string `json:"reply_to"`
			AttachMB    int    `json:"attach_mb"`
			LinkDays    int    `json:"link_days"`
		} `json:"sending"`
	}
	_ = json.Unmarshal(c.Config, &conf) // of one that is not understood nothing is known
	set := conf.Sending
	m := &ChannelMail{From: cmp.Or(set.FromAddress, c.Address), Ours: []string{}, LinkDays: cmp.Or(set.LinkDays, 30)}
	for _, a := range []string{c.Address, set.FromAddress, set.ReplyTo} {
		if a != "" && !slices.Contains(m.Ours, a) {
			m.Ours = append(m.Ours, a)
		}
	}
	if s.opt.FileLinks != nil && s.opt.PublicURL != "" {
		m.AttachMB = cmp.Or(set.AttachMB, 20)
	}
	c.Mail = m
	return c
}
