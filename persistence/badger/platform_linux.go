package badger

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

func freeSpace(dir string) (uint64, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return 0, fmt.Errorf("ask for the free space of %s: %w", dir, err)
	}
	return st.Bavail * uint64(st.Bsize), nil
}

// allocate gives a file its room on the disk.
func allocate(f *os.File, size int64) error { return unix.Fallocate(int(f.Fd()), 0, 0, size) }

// residentFiles is how much of mapped files this process holds.
func residentFiles() uint64 {
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(b))
	if len(fields) < 3 {
		return 0
	}
	pages, _ := strconv.ParseUint(fields[2], 10, 64)
	return pages * uint64(os.Getpagesize())
}

// mappings lists the files this process has mapped.
func mappings() (all []mapping, err error) {
	f, err := os.Open("/proc/self/maps")
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if m, ok := mappingOf(lines.Bytes()); ok {
			all = append(all, m)
		}
	}
	return all, lines.Err()
}

// written is how much of a file that is mapped larger than it is has room on the disk: as much as was written, of a value log.
func written(file string) uintptr {
	var st unix.Stat_t
	if err := unix.Stat(file, &st); err != nil {
		return 0
	}
	return uintptr(st.Blocks) * 512
}

// mappingOf reads the line of a mapping: "start-end permissions offset device inode  path"; not ok is what is no file.
func mappingOf(line []byte) (m mapping, ok bool) {
	place, _, _ := bytes.Cut(line, []byte(" "))
	first, last, _ := strings.Cut(string(place), "-")
	start, err := strconv.ParseUint(first, 16, 64)
	if err != nil {
		return m, false
	}
	end, err := strconv.ParseUint(last, 16, 64)
	if err != nil {
		return m, false
	}
	_, path, ok := bytes.Cut(line, []byte("/"))
	return mapping{start: uintptr(start), size: uintptr(end - start), file: "/" + string(path)}, ok
}

// giveBack lets the kernel take a mapping's pages. Should the mapping have gone meanwhile, and something else have come
// in its place, that is not harmed: MADV_PAGEOUT (unlike MADV_DONTNEED) never changes what memory holds.
func giveBack(m mapping) error {
	_, _, errno := unix.Syscall(unix.SYS_MADVISE, m.start, m.size, unix.MADV_PAGEOUT)
	if errno != 0 {
		return errno
	}
	return nil
}
