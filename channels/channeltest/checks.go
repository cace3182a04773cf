package channeltest

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/desk"
)

// watched is how long a check looks on to see that something does not happen.
const watched = 150 * time.Millisecond

var checks = []struct {
	name  string
	check func(*bench) error
}{
	{"delivers each item once, then acknowledges", checkDelivers},
	{"a repeated item has the same external id", checkRepeats},
	{"nothing is acknowledged before its receipt", checkReceipts},
	{"a refused item is delivered again", checkRefused},
	{"goes on after a restart", checkRestart},
	{"stops while receipts are outstanding", checkStopsHeld},
	{"leaves no goroutine behind", checkLeaks},
	{"sends, and says what it knows of the outcome", checkSend},
}

func checkDelivers(b *bench) error {
	const items = 5
	b.start()
	for n := range items {
		b.world.Offer(n)
	}
	if err := b.await("all items delivered", func() bool { return len(b.intake.Items()) >= items }); err != nil {
		return err
	}
	for n := range items {
		if err := b.await(fmt.Sprintf("item %d acknowledged", n), func() bool { return b.world.Taken(n) }); err != nil {
			return err
		}
	}
	if got := len(b.intake.Items()); got != items {
		return fmt.Errorf("%d items were offered and %d delivered: %v", items, got, b.intake.ids())
	}
	return b.stop()
}

func checkRepeats(b *bench) error {
	b.start()
	if err := b.take(0); err != nil {
		return err
	}
	before := b.intake.Calls()
	b.world.Again(0)
	again := func() bool { return len(b.intake.Calls()) > len(before) }
	if b.see(again) == nil { // not handed over to the running connector: to the next one
		if err := b.stop(); err != nil {
			return err
		}
		b.start()
	}
	if err := b.await("the repeated item", again); err != nil {
		return err
	}
	for _, item := range b.intake.Calls()[len(before):] {
		if item.ExternalID != before[0].ExternalID {
			return fmt.Errorf("the item was %q and came again as %q", before[0].ExternalID, item.ExternalID)
		}
	}
	return b.stop()
}

func checkReceipts(b *bench) error {
	release := b.intake.Hold()
	defer release()
	b.start()
	b.world.Offer(0)
	if err := b.await("the item", func() bool { return len(b.intake.Calls()) > 0 }); err != nil {
		return err
	}
	early := func() bool { return b.world.Taken(0) || len(b.intake.Cursors()) > 0 }
	if b.see(early) != nil {
		return fmt.Errorf("the item was acknowledged before it was durable (cursors %q)", b.intake.Cursors())
	}
	release()
	if err := b.await("the acknowledgement", func() bool { return b.world.Taken(0) }); err != nil {
		return err
	}
	return b.stop()
}

func checkRefused(b *bench) error {
	b.intake.Refuse(2, desk.Refuse(desk.Unavailable, "", "the disk is full"))
	b.start()
	b.world.Offer(0)
	if err := b.await("the refused item a second and third time", func() bool { return len(b.intake.Items()) == 1 }); err != nil {
		return err
	}
	calls := b.intake.Calls()
	for _, c := range calls {
		if c.ExternalID != calls[0].ExternalID {
			return fmt.Errorf("the refused item was %q and came again as %q", calls[0].ExternalID, c.ExternalID)
		}
	}
	if err := b.await("the acknowledgement", func() bool { return b.world.Taken(0) }); err != nil {
		return err
	}
	return b.stop()
}

func checkRestart(b *bench) error {
	b.start()
	if err := b.take(0); err != nil {
		return err
	}
	if err := b.stop(); err != nil {
		return err
	}
	b.start()
	if err := b.take(1); err != nil {
		return err
	}
	if got := len(b.intake.Items()); got != 2 {
		return fmt.Errorf("2 items were offered and %d delivered: %v", got, b.intake.ids())
	}
	return b.stop()
}

func checkStopsHeld(b *bench) error {
	release := b.intake.Hold()
	defer release()
	b.intake.Credit(1) // the second Deliver blocks
	b.start()
	b.world.Offer(0)
	b.world.Offer(1)
	if err := b.await("the first item", func() bool { return len(b.intake.Calls()) > 0 }); err != nil {
		return err
	}
	return b.stop()
}

func checkLeaks(b *bench) error {
	b.start()
	if err := b.take(0); err != nil {
		return err
	}
	if err := b.stop(); err != nil {
		return err
	}
	var left []string
	if b.await("", func() bool { left = b.stacks(); return len(left) == 0 }) != nil {
		return fmt.Errorf("%d goroutines are left after Run returned:\n%s", len(left), strings.Join(left, "\n\n"))
	}
	return nil
}

func packageOf(c channels.Connector) string {
	t := reflect.TypeOf(c)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.PkgPath()
}

func checkSend(b *bench) error {
	if b.world.Outbound == nil {
		return nil
	}
	b.start()
	if err := b.take(0); err != nil { // it is up
		return err
	}
	if _, err := b.send(b.ctx); err != nil {
		return fmt.Errorf("send: %w", err)
	}
	ended, cancel := cancelled(b.ctx)
	defer cancel()
	start := time.Now()
	if _, err := b.send(ended); err != nil && channels.ClassOfSend(err) == channels.Permanent {
		return fmt.Errorf("send with an ended context says it can never work: %w", err)
	}
	if d := time.Since(start); d > b.suite.StopWithin {
		return fmt.Errorf("send with an ended context took %v", d)
	}
	return b.stop()
}

func checkBadConfig(kind channels.Kind, field string, config json.RawMessage) error {
	_, err := kind.Identify(config, nil)
	if err == nil {
		return fmt.Errorf("the configuration %s is accepted", config)
	}
	for _, e := range flatten(err) {
		if refusal, ok := errors.AsType[*desk.Error](e); ok && refusal.Code == desk.Invalid && refusal.Field == field {
			return nil
		}
	}
	return fmt.Errorf("the refusal of %s does not name the field %q: %w", config, field, err)
}

// flatten gives the faults that were joined.
func flatten(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []error
		for _, e := range joined.Unwrap() {
			all = append(all, flatten(e)...)
		}
		return all
	}
	return []error{err}
}
