package bench

import (
	"bufio"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// machine is what figures were taken on. It has no name: what matters is what it is.
type machine struct {
	CPU    string `json:"cpu"`
	Cores  int    `json:"cores"`
	Memory string `json:"memory"`
	Disk   string `json:"disk"`
	System string `json:"system"`
	Go     string `json:"go"`
}

func machineOf(dir string) machine {
	m := machine{
		CPU: field("/proc/cpuinfo", "model name"), Cores: runtime.NumCPU(), Disk: diskOf(dir), System: runtime.GOOS + "/" + runtime.GOARCH,
		Go: runtime.Version(),
	}
	if n := number(field("/proc/meminfo", "MemTotal")); n > 0 {
		m.Memory = strconv.Itoa(int(n/1024/1024+0.5)) + " GB"
	}
	return m
}

// field is the first value of a name in a file of lines "name: value".
func field(file, name string) string {
	f, err := os.Open(file)
	if err != nil {
		return ""
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		if k, v, ok := strings.Cut(s.Text(), ":"); ok && strings.TrimSpace(k) == name {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

// number is the one a text begins with, such as "1234 kB".
func number(s string) float64 {
	s, _, _ = strings.Cut(s, " ")
	n, _ := strconv.ParseFloat(s, 64)
	return n
}

// diskOf names the file system and the kind of device that hold a directory: the longest mount point above it
// (proc_pid_mountinfo(5)).
func diskOf(dir string) string {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "unknown"
	}
	f, err := os.Open("/proc/self/mountinfo")
	if err != nil {
		return "unknown"
	}
	defer f.Close()
	longest, kind := "", "unknown"
	for s := bufio.NewScanner(f); s.Scan(); {
		front, back, ok := strings.Cut(s.Text(), " - ")
		at, of := strings.Fields(front), strings.Fields(back)
		if !ok || len(at) < 5 || len(of) < 2 {
			continue
		}
		if point := strings.TrimSuffix(at[4], "/"); len(point) >= len(longest) && strings.HasPrefix(dir+"/", point+"/") {
			longest, kind = point, of[0]+deviceOf(of[1])
		}
	}
	return kind
}

func deviceOf(source string) string {
	name := filepath.Base(source)
	kind := ""
	switch {
	case strings.HasPrefix(name, "vd"):
		kind = "a virtual disk"
	case strings.HasPrefix(name, "nvme"):
		kind = "NVMe"
	case strings.HasPrefix(name, "sd"):
		kind = "an SSD"
		if b, _ := os.ReadFile("/sys/block/" + strings.TrimRight(name, "0123456789") + "/queue/rotational"); strings.TrimSpace(string(b)) == "1" {
			kind = "a rotating disk"
		}
	default:
		return ""
	}
	return " on " + kind
}

// resident gives the memory of this process in MB, now and at its peak (proc_pid_status(5)).
func resident() (now, peak float64) {
	return number(field("/proc/self/status", "VmRSS")) / 1024, number(field("/proc/self/status", "VmHWM")) / 1024
}

// ownMemory follows how much memory of this process is its own, not pages of files that the system may take back; what it gives
// is called for the most there was.
func ownMemory() (most func() float64) {
	var peak float64
	end, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for {
			peak = max(peak, number(field("/proc/self/status", "RssAnon"))/1024)
			select {
			case <-end:
				return
			case <-tick.C:
			}
		}
	}()
	return func() float64 {
		close(end)
		<-ended
		return peak
	}
}

// cpuTime is what this process has used of all cores. Unlike the clock on the wall it hardly cares who else is busy.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
