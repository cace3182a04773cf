package desk

import "github.com/centralita/centralita/proto/deskpb"

// Record is an event in its place. A record is shared between goroutines and never changed after it was appended.
type Record = *deskpb.Record
