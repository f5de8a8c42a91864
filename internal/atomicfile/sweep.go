package atomicfile

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// What the name of a file that is being written has around a random number.
func prefix(path string) string { return "." + filepath.Base(path) + "." }

const suffix = ".tmp"

// lock says that a file is being written, until it is closed or the program ends. It
// reports whether nobody else says so.
func lock(f *os.File) bool { return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil }

// sweep removes what programs that were killed left of writing path: the files that
// nobody writes any more. One that is young may be about to be locked.
func sweep(path string) {
	dir := filepath.Dir(path)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return // writing will say so
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), prefix(path)) || !strings.HasSuffix(e.Name(), suffix) {
			continue
		}
		f, err := os.Open(filepath.Join(dir, e.Name()))
		if err != nil {
			continue
		}
		if info, err := f.Stat(); err == nil && time.Since(info.ModTime()) > time.Minute && lock(f) {
			_ = os.Remove(f.Name())
		}
		_ = f.Close()
	}
}
