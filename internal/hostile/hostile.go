// Package hostile helps to test what reads files that mean harm: they must take
// neither much memory nor much time, whatever is in them.
package hostile

import (
	"bytes"
	"flag"
	"os"
	"runtime/metrics"
	"strconv"
	"testing"
	"time"
)

// What a file may take beside what it takes by its size.
const (
	perByte = 20
	base    = 64 << 20
)

// Read calls read, which reads a file of so many bytes. The test fails if that
// allocates more than 20 times as much and 64 MiB more in Go, garbage and all, lets
// the process grow by more than that, or, in a run of a fuzzer, takes more than ten
// seconds and 10 µs for each byte. With a sanitizer, which takes both, it only calls read.
func Read(t testing.TB, size int, read func()) {
	t.Helper()
	if sanitized {
		read()
		return
	}
	limit := int64(perByte*size + base)
	allocated := heap()
	before, highest := resident()
	start := time.Now()
	read()
	if took, most := time.Since(start), 10*time.Second+time.Duration(size)*10*time.Microsecond; took > most && fuzzing() {
		t.Errorf("%d bytes took %v, more than %v", size, took, most)
	}
	if n := heap() - allocated; n > limit {
		t.Errorf("%d bytes of file allocated %d bytes, more than %d", size, n, limit)
	}
	after, peak := resident()
	if peak > highest {
		after = peak
	}
	if n := after - before; n > limit {
		t.Errorf("with %d bytes of file the process grew by %d bytes, more than %d", size, n, limit)
	}
}

// fuzzing reports whether a fuzzer runs: a test says nothing of time, which depends on
// what else the machine does.
func fuzzing() bool {
	f := flag.Lookup("test.fuzz")
	return f != nil && f.Value.String() != ""
}

// heap returns how many bytes Go's heap ever gave.
func heap() int64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	return int64(sample[0].Value.Uint64())
}

// resident returns how much memory the process has, and the most that it ever had;
// 0 where the system does not say.
func resident() (now, most int64) {
	status, _ := os.ReadFile("/proc/self/status")
	for line := range bytes.Lines(status) {
		for name, to := range map[string]*int64{"VmRSS:": &now, "VmHWM:": &most} {
			if text, ok := bytes.CutPrefix(line, []byte(name)); ok {
				kilobytes, _ := strconv.ParseInt(string(bytes.TrimSpace(bytes.TrimSuffix(text, []byte("kB\n")))), 10, 64)
				*to = kilobytes << 10
			}
		}
	}
	return now, most
}
