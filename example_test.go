package centralita_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/centralita/centralita"
	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// guestbook is a channel of your own: what is written on paper comes in, answers go out on stdout.
type guestbook struct{ page chan string }

func (g guestbook) Run(ctx context.Context, in channels.Intake) error {
	in.Report(channels.Status{Phase: "listening"})
	for n := 1; ; n++ {
		select {
		case <-ctx.Done():
			return nil
		case text := <-g.page:
			taken := in.Deliver(ctx, desk.Inbound{ExternalID: fmt.Sprint("entry ", n), Message: &desk.InboundMessage{
				Identity: &deskpb.Identity{Kind: deskpb.IdentityKind_IDENTITY_KIND_CUSTOM, Value: "room 7"},
				Name:     "Room 7", Thread: "room 7", Body: &deskpb.Body{Text: text},
			}})
			if err := <-taken; err != nil { // nil: it is on disk
				return err
			}
		}
	}
}

func (g guestbook) Send(_ context.Context, out desk.Outbound) (string, error) {
	fmt.Println("to", out.Thread+":", out.Body.Text)
	return "", nil
}

// A custom channel, from the first message to the answer.
func Example() {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	dir, _ := os.MkdirTemp("", "centralita")
	defer os.RemoveAll(dir)
	book := guestbook{page: make(chan string)}
	engine, err := centralita.Open(ctx, centralita.Options{DataDir: dir, Connectors: []channels.Kind{{
		Kind: deskpb.ChannelKind_CHANNEL_KIND_CUSTOM, Name: "guestbook",
		New:      func(channels.Env) (channels.Connector, error) { return book, nil },
		Identify: func(_, _ json.RawMessage) (string, error) { return "reception", nil },
	}}})
	if err != nil {
		panic(err)
	}
	defer engine.Close(context.Background())
	if _, err := engine.ConnectChannel(ctx, desk.NewChannel{Kind: "guestbook", Name: "Reception"}, nil); err != nil {
		panic(err)
	}
	book.page <- "The lamp is broken."
	for r, err := range engine.Watch(ctx, 0) { // everything that becomes durable, in order
		if err != nil {
			break // ctx ended
		}
		switch e := r.Event.Kind.(type) {
		case *deskpb.Event_MessageReceived:
			fmt.Println("from", e.MessageReceived.Contact[:3], e.MessageReceived.Body.Text)
			engine.Do(ctx, desk.StreamID(r.Stream), deskpb.NewCommand(&deskpb.RequestReply{
				Message: "answer-1", Body: &deskpb.Body{Text: "Somebody is on the way."}}))
		case *deskpb.Event_DeliverySettled:
			stop()
		}
	}
	// Output:
	// from ct_ The lamp is broken.
	// to room 7: Somebody is on the way.
}
