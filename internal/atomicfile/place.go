package atomicfile

import (
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// openOld opens what is there under a name, or gives nil where nothing is.
func openOld(path string) (*os.File, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	// It is there, but Linux guards what others put into folders like /tmp only if
	// it might be created.
	return os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o666)
}

// maxLinks is how many links the system follows.
const maxLinks = 40

// Follow returns the file that a path leads to through links, there or not.
func Follow(path string) (string, error) {
	for range maxLinks {
		link, err := os.Readlink(path)
		if err != nil {
			return path, nil // not a link, or nothing
		}
		if !filepath.IsAbs(link) {
			// Not joined and cleaned: .. counts from where a link leads.
			link = folderOf(path) + link
		}
		path = link
	}
	return "", &fs.PathError{Op: "open", Path: path, Err: syscall.ELOOP}
}

// folderOf returns the folder of a file, with a slash at its end.
func folderOf(path string) string {
	if dir, _ := filepath.Split(path); dir != "" {
		return dir
	}
	return "./"
}

// create makes the file beside path that is to take its name. It says whether that
// file is like the old one, if any, so that nobody can tell that it is another.
func create(path string, old *os.File) (f *os.File, alike bool, err error) {
	perm := fs.FileMode(0o666) // the umask has its say
	if old != nil {
		perm = 0o600 // until it is made like the old one
	}
	for {
		name := folderOf(path) + prefix(path) + strconv.FormatUint(uint64(rand.Uint32()), 10) + suffix
		f, err = os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, perm)
		if !errors.Is(err, fs.ErrExist) {
			break
		}
	}
	var e *fs.PathError
	if errors.As(err, &e) {
		e.Path = path // which the caller knows
	}
	if err != nil {
		return nil, false, err
	}
	lock(f)
	return f, old == nil || imitate(f, old), nil
}

// takesNone reports whether an error says that no file can be made in a folder.
func takesNone(err error) bool {
	return errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) || errors.Is(err, syscall.ENAMETOOLONG)
}

// imitate gives a file the owner and the permissions of an old one, and reports
// whether it could, and no other name leads to the old one.
func imitate(f, old *os.File) bool {
	info, err := old.Stat()
	if err != nil {
		return false
	}
	made, err := f.Stat()
	if err != nil {
		return false
	}
	want, got := info.Sys().(*syscall.Stat_t), made.Sys().(*syscall.Stat_t)
	if want.Nlink != 1 {
		return false
	}
	if (got.Uid != want.Uid || got.Gid != want.Gid) && f.Chown(int(want.Uid), int(want.Gid)) != nil {
		return false
	}
	return f.Chmod(info.Mode().Perm()) == nil && copyACL(f, old) == nil
}
