package atomicfile

import (
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// letStranger is an access list that lets a stranger, and the owner, read and write.
func letStranger() []byte {
	list := binary.LittleEndian.AppendUint32(nil, 2)
	for _, entry := range []struct {
		tag, perm uint16
		id        uint32
	}{{0x01, 6, ^uint32(0)}, {0x02, 6, stranger}, {0x04, 0, ^uint32(0)}, {0x10, 6, ^uint32(0)}, {0x20, 0, ^uint32(0)}} {
		list = binary.LittleEndian.AppendUint16(list, entry.tag)
		list = binary.LittleEndian.AppendUint16(list, entry.perm)
		list = binary.LittleEndian.AppendUint32(list, entry.id)
	}
	return list
}

// A file keeps its access list, without which its permissions mean something else,
// and gets none that it had not.
func TestWriteKeepsAccessList(t *testing.T) {
	dir := t.TempDir()
	listed, plain := put(t, filepath.Join(dir, "listed"), 0o600), put(t, filepath.Join(dir, "plain"), 0o660)
	err := errors.Join(syscall.Setxattr(listed, accessList, letStranger(), 0),
		syscall.Setxattr(dir, "system.posix_acl_default", letStranger(), 0))
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip("the file system has no access lists")
	}
	require.NoError(t, err)
	got := make([]byte, 1024)
	for _, path := range []string{listed, plain} {
		inode, err := os.Stat(path)
		require.NoError(t, err)
		require.NoError(t, Write(path, text("new", nil)))
		holds(t, path, "new", fs.FileMode(0o660))
		n, err := syscall.Getxattr(path, accessList, got)
		if path == listed {
			require.NoError(t, err)
			assert.Equal(t, letStranger(), got[:n])
		} else {
			assert.ErrorIs(t, err, syscall.ENODATA)
		}
		now, err := os.Stat(path)
		require.NoError(t, err)
		assert.False(t, os.SameFile(inode, now), "it was overwritten")
	}
}
