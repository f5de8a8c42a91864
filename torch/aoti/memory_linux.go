package aoti

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"syscall"
	"unsafe"
)

// memfdCreate is the number of the system call by Go's architecture. Package syscall has it
// not, and gotorch's command imports no other module than this.
var memfdCreate = map[string]uintptr{"amd64": 319, "arm64": 279}

// memoryFile returns a file in memory, which has no name and ends with the process, and the
// path by which this process finds it while it is open.
func memoryFile() (file *os.File, path string, err error) {
	const closeOnExec = 1
	call, known := memfdCreate[runtime.GOARCH]
	if !known {
		return nil, "", errors.ErrUnsupported
	}
	name := []byte("gotorch-aoti\x00")
	fd, _, number := syscall.Syscall(call, uintptr(unsafe.Pointer(&name[0])), closeOnExec, 0)
	if number != 0 {
		return nil, "", number
	}
	path = fmt.Sprintf("/proc/self/fd/%d", fd)
	file = os.NewFile(fd, path)
	if _, err := os.Stat(path); err != nil { // there is no /proc
		file.Close()
		return nil, "", err
	}
	return file, path, nil
}

// giveBack gives the memory of a part of such a file back, which reads as zeros then.
func giveBack(file *os.File, offset, size int64) {
	const keepSize, punchHole = 1, 2
	_ = syscall.Fallocate(int(file.Fd()), keepSize|punchHole, offset, size) // a gain, if it can be had
}
