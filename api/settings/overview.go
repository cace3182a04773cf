package settings

import "context"

// Overview gives the settings of all kinds at once: a screen reads them when it starts.
type Overview struct {
	kinds map[string]func(context.Context) (any, error)
}

// NewOverview makes one without kinds.
func NewOverview() *Overview {
	return &Overview{kinds: map[string]func(context.Context) (any, error){}}
}

// Include adds a kind.
func Include[V any](o *Overview, r *Room, k Kind[V]) {
	list := List(r, k)
	o.kinds[k.Name] = func(ctx context.Context) (any, error) {
		out, err := list(ctx, &ListInput{})
		if err != nil {
			return nil, err
		}
		return out.Body.Items, nil
	}
}

// Everything is the answer with all kinds.
type Everything struct {
	Body struct {
		Kinds map[string]any `json:"kinds" doc:"By kind (tag, pipeline, …): what GET of the kind's list has as items"`
	}
}

// List gives everything.
func (o *Overview) List(ctx context.Context, _ *Nothing) (*Everything, error) {
	out := &Everything{}
	out.Body.Kinds = make(map[string]any, len(o.kinds))
	for name, list := range o.kinds {
		items, err := list(ctx)
		if err != nil {
			return nil, err
		}
		out.Body.Kinds[name] = items
	}
	return out, nil
}
