package atomicfile

import (
	"errors"
	"os"
	"syscall"
)

const accessList = "system.posix_acl_access"

// copyACL gives a file the access list of an old one, which says what the
// permissions do not.
func copyACL(f, old *os.File) error {
	list := make([]byte, 64<<10) // the system's limit
	n, err := syscall.Getxattr(old.Name(), accessList, list)
	switch {
	case err == nil:
		return syscall.Setxattr(f.Name(), accessList, list[:n], 0)
	case errors.Is(err, syscall.ENODATA), errors.Is(err, errors.ErrUnsupported):
		// What the folder gives to new files.
		if err := syscall.Removexattr(f.Name(), accessList); !errors.Is(err, syscall.ENODATA) && !errors.Is(err, errors.ErrUnsupported) {
			return err
		}
		return nil
	default:
		return err
	}
}
