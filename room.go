package centralita

import (
	"context"
	"errors"
	"io"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
)

// carefulBlobs takes no file while the journal takes no fact because of the disk: a file would fill what is kept free, and no
// message could name it.
type carefulBlobs struct {
	channels.Blobs
	journal persistence.Queue
}

func (b carefulBlobs) Put(ctx context.Context, r io.Reader, limit int64) (hash string, size int64, err error) {
	if errors.Is(b.journal.Refusing(), persistence.ErrDiskFull) {
		return "", 0, desk.Refuse(desk.Unavailable, "", "the disk is nearly full; nothing new is taken until there is room")
	}
	return b.Blobs.Put(ctx, r, limit)
}
