package aoti

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// memoryFile returns a file in memory, which has no name and ends with the process, and the
// path by which this process finds it while it is open.
func memoryFile() (file *os.File, path string, err error) {
	fd, err := unix.MemfdCreate("gotorch-aoti", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, "", err
	}
	path = fmt.Sprintf("/proc/self/fd/%d", fd)
	file = os.NewFile(uintptr(fd), path)
	if _, err := os.Stat(path); err != nil { // there is no /proc
		file.Close()
		return nil, "", err
	}
	return file, path, nil
}

// giveBack gives the memory of a part of such a file back, which reads as zeros then.
func giveBack(file *os.File, offset, size int64) {
	const hole = unix.FALLOC_FL_PUNCH_HOLE | unix.FALLOC_FL_KEEP_SIZE
	_ = unix.Fallocate(int(file.Fd()), hole, offset, size) // a gain, if it can be had
}
