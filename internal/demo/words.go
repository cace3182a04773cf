package demo

import (
	"context"
	"fmt"
)

// words gives the sample desk what a team would have after its first month: tags, texts for what is answered often, a macro
// that does several things at once, fields and stages of its own. A desk that has tags already is left as it is.
func (d *Demo) words(ctx context.Context) error {
	type body map[string]any
	var have struct{ Items []struct{ ID string } }
	if err := d.api.call(ctx, "GET", "/tags", nil, &have); err != nil || len(have.Items) > 0 {
		return err
	}
	add := func(path string, b body) (id string, err error) {
		var made struct{ Item struct{ ID string } }
		if err := d.api.call(ctx, "POST", path, b, &made); err != nil {
			return "", fmt.Errorf("add to %s: %w", path, err)
		}
		return made.Item.ID, nil
	}
	tags := map[string]string{}
	for _, tag := range []struct{ name, colour string }{{"Delivery", "blue"}, {"Refund", "red"}, {"Repair", "orange"}, {"Company", "violet"}} {
		id, err := add("/tags", body{"name": tag.name, "colour": tag.colour})
		if err != nil {
			return err
		}
		tags[tag.name] = id
	}
	stage := func(id, name, status string) body { return body{"id": id, "name": name, "status": status} }
	for _, it := range []struct {
		path string
		body body
	}{
		{"/snippets", body{"name": "Looking into it", "shortcut": "look", "text": "Hello {{contact.first_name}},\n\nthank you for writing. I am looking into it and tell you as soon as I know more.\n\n{{agent.first_name}}"}},
		{"/snippets", body{"name": "Opening hours", "shortcut": "hours", "text": "Our workshop is open Monday to Friday from 9 to 18, on Saturday from 10 to 14."}},
		{"/snippets", body{"name": "En español", "shortcut": "hola", "text": "Hola, {{contact.first_name}}:\n\nGracias por escribirnos. Lo miro y te digo algo enseguida.\n\n{{agent.first_name}}"}},
		{"/macros", body{
			"name": "Refund and close", "reply_text": "Hello {{contact.first_name}},\n\nyour money is on its way; it takes three to five days.\n\n{{agent.first_name}}",
			"add_tags": []string{tags["Refund"]}, "assign": "me", "status": "closed",
		}},
		{"/macros", body{
			"name": "Hand to the workshop", "note": "For the workshop: please have a look.", "add_tags": []string{tags["Repair"]}, "priority": "high",
		}},
		{"/properties", body{"name": "order", "label": "Order number", "of": "ticket", "kind": "text"}},
		{"/properties", body{"name": "since", "label": "Customer since", "of": "contact", "kind": "date"}},
		{"/pipelines", body{"name": "Repairs", "stages": []body{
			stage("in", "Bike is here", "waiting_on_us"), stage("parts", "Waiting for parts", "waiting_on_us"),
			stage("ready", "Ready to be fetched", "waiting_on_contact"), stage("out", "Fetched", "closed"),
		}}},
	} {
		if _, err := add(it.path, it.body); err != nil {
			return err
		}
	}
	return nil
}
