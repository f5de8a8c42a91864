package atomicfile

import (
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// waits reports whether a part of a file still waits for a place on the disk.
func waits(t *testing.T, path string) bool {
	t.Helper()
	var m struct { // struct fiemap of linux/fiemap.h
		start, length                  uint64
		flags, mapped, count, reserved uint32
		extents                        [64]struct {
			logical, physical, length uint64
			reserved                  [2]uint64
			flags                     uint32
			more                      [3]uint32
		}
	}
	m.length, m.count = ^uint64(0), uint32(len(m.extents))
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	const fiemap, delayed = 0xC020660B, 4 // FS_IOC_FIEMAP, FIEMAP_EXTENT_DELALLOC
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, f.Fd(), fiemap, uintptr(unsafe.Pointer(&m))); errno != 0 {
		t.Skip("the file system does not say what is on the disk: ", errno)
	}
	for _, e := range m.extents[:m.mapped] {
		if e.flags&delayed != 0 {
			return true
		}
	}
	return false
}

// Write waits for the disk when it is asked to, and only then.
func TestWriteSyncs(t *testing.T) {
	dir := t.TempDir()
	content := func(w io.Writer) error {
		_, err := w.Write(make([]byte, 3<<20))
		return err
	}
	soon, safe := filepath.Join(dir, "soon"), filepath.Join(dir, "safe")
	require.NoError(t, Write(soon, content))
	if !waits(t, soon) {
		t.Skip("the file system gives a place on the disk at once")
	}
	require.NoError(t, Write(safe, content, Options{Sync: true}))
	assert.False(t, waits(t, safe))
}
