package api

import (
	"context"

	"github.com/centralita/centralita/api/live"
	"github.com/centralita/centralita/desk"
)

type previewInput struct {
	Body struct {
		Kind   string         `json:"kind" minLength:"1" maxLength:"64"`
		Name   string         `json:"name" required:"false" maxLength:"200"`
		Config map[string]any `json:"config" required:"false" doc:"As it would be saved; what is about receiving may be left out"`
	}
}

type previewOutput struct {
	Body struct {
		FromName    string `json:"from_name"`
		FromAddress string `json:"from_address"`
		ReplyTo     string `json:"reply_to" doc:"Empty: answers go to the sender"`
		Text        string `json:"text" doc:"What goes below a reply, as a mail program without HTML shows it"`
		HTML        string `json:"html" doc:"The same as HTML, harmless, with its pictures in it"`
		Subject     string `json:"answer_subject" doc:"Of the automatic acknowledgement"`
		Answer      string `json:"answer" doc:"The automatic acknowledgement, for a made-up contact; empty when it is off"`
	}
}

// previewSending shows how mails of who asks would look: they are written by the code that sends them, and read again.
func (s *Server) previewSending(ctx context.Context, in *previewInput) (*previewOutput, error) {
	config, _, err := rawJSON(in.Body.Config, nil)
	if err != nil {
		return nil, err
	}
	p, err := s.opt.Trials.PreviewSending(desk.NewChannel{Kind: in.Body.Kind, Name: in.Body.Name, Config: config}, live.AuthorOf(me(ctx).row).GetName())
	if err != nil {
		return nil, joined(err)
	}
	out := &previewOutput{}
	b := &out.Body
	b.FromName, b.FromAddress, b.ReplyTo, b.Text, b.HTML, b.Subject, b.Answer = p.From.GetName(), p.From.GetAddress(), p.ReplyTo, p.Text, p.HTML, p.Subject, p.Answer
	return out, nil
}
