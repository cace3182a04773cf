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
	f, err := os.Open("/proc/self/smaps")
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		line := lines.Bytes()
		if rest, ok := bytes.CutPrefix(line, []byte("Rss:")); ok && len(all) > 0 {
			kb, _ := strconv.ParseUint(string(bytes.TrimSpace(bytes.TrimSuffix(rest, []byte("kB")))), 10, 64)
			all[len(all)-1].resident = kb << 10
		} else if m, ok := mappingOf(line); ok {
			all = append(all, m)
		}
	}
	return all, lines.Err()
}

// mappingOf reads the line that a mapping begins with: "start-end permissions offset device inode  path". All others begin
// with a name in capitals.
func mappingOf(line []byte) (m mapping, ok bool) {
	if len(line) == 0 || line[0] >= 'A' && line[0] <= 'Z' {
		return m, false
	}
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
	_, path, _ := bytes.Cut(line, []byte("/"))
	return mapping{start: uintptr(start), size: uintptr(end - start), file: "/" + string(path)}, true
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
