package atomicfile

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// prefix and suffix are what the name of a file that is being written has around a
// random number. It is never longer than a file system allows.
func prefix(path string) string {
	name := filepath.Base(path)
	if len(name) > 100 {
		name = strings.ToValidUTF8(name[:100], "")
	}
	return "." + name + "."
}

const suffix = ".tmp"

// lock says that a file is being written, until it is closed or the program ends. It
// reports whether nobody else says so.
func lock(f *os.File) bool { return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil }

// sweep removes what programs that were killed left of writing path: the files that
// nobody writes any more. One that is young may be about to be locked.
func sweep(path string) {
	entries, err := os.ReadDir(folderOf(path))
	if err != nil {
		return // writing will say so
	}
	for _, e := range entries {
		if !e.Type().IsRegular() || !strings.HasPrefix(e.Name(), prefix(path)) || !strings.HasSuffix(e.Name(), suffix) {
			continue
		}
		f, err := os.Open(folderOf(path) + e.Name())
		if err != nil {
			continue
		}
		if info, err := f.Stat(); err == nil && time.Since(info.ModTime()) > time.Minute && lock(f) {
			_ = os.Remove(f.Name())
		}
		_ = f.Close()
	}
}
