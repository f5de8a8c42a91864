package atomicfile

import (
	"os"
	"syscall"
)

// writeBack has the system begin to write a part of a file to the disk, while the next
// one is made: then syncFile waits for the last parts only.
func writeBack(f *os.File, offset, n int64) {
	const write = 2 // SYNC_FILE_RANGE_WRITE
	_ = syscall.SyncFileRange(int(f.Fd()), offset, n, write)
}
