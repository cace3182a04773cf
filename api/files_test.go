package api_test

import (
	"context"
	"fmt"
	"io"
	"strings"
	"syscall"
	"testing"

	"github.com/centralita/centralita/api"
)

// fullBlobs is a disk without a byte left.
type fullBlobs struct{ api.Blobs }

func (fullBlobs) Put(context.Context, io.Reader, int64) (string, int64, error) {
	return "", 0, fmt.Errorf("put a blob: %w", syscall.ENOSPC)
}

func TestUploadOnAFullDisk(t *testing.T) {
	t.Parallel()
	h := open(t, func(o *api.Options) { o.Blobs = fullBlobs{o.Blobs} })
	ada := h.admin()
	got := ada.must(503, "POST", "/uploads?name=a.txt", strings.NewReader("a"))
	if got.str("code") != "unavailable" || !strings.Contains(got.str("detail"), "disk") {
		t.Errorf("%s", got.raw)
	}
}
