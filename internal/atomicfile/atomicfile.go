// Package atomicfile writes files of which nobody sees a part: a reader finds the
// old content or the new one, even if the program or the machine stops in between.
package atomicfile

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
)

// Write writes a file by write, into a file beside it that then takes its name. On
// an error nothing has changed. A program that is killed leaves the file beside it;
// the next Write removes it.
//
// For the rest it is as if the file was opened and written: links are followed, the
// permissions of a new file are up to the umask, an old one keeps its own, and one
// that may not be written is an error. What is no regular file, such as a device or a
// pipe, is written itself. So is a file in a folder that takes no other, and then only
// errors of write's before the first megabyte change nothing. A file that cannot be
// replaced as it is, as it has several names, say, is overwritten when all of the
// content lies beside it.
func Write(path string, write func(w io.Writer) error) (err error) {
	old, err := openOld(path)
	if err != nil {
		return err
	}
	if old != nil {
		defer func() { err = cmp.Or(err, old.Close()) }()
		info, err := old.Stat()
		if err != nil {
			return err
		}
		if !info.Mode().IsRegular() {
			return fill(old, write)
		}
	}
	path, err = Follow(path)
	if err != nil {
		return err
	}
	sweep(path)
	f, alike, err := create(path, old)
	if old != nil && takesNone(err) {
		return fill(old, write)
	}
	if err != nil {
		return err
	}
	finished := false
	defer func() {
		_ = f.Close() // it is on the disk, or no more wanted
		if !finished {
			_ = os.Remove(f.Name())
		}
	}()
	if err := fill(f, write); err != nil {
		return err
	}
	finished = true
	return replace(path, old, f, alike)
}

// replace gives the name of a path to a finished file that is like the old one, if
// there is one. Otherwise the old file gets the content.
func replace(path string, old, f *os.File, alike bool) error {
	if alike {
		err := os.Rename(f.Name(), path)
		if err == nil {
			return syncFolder(folderOf(path))
		}
		if old == nil {
			return errors.Join(err, os.Remove(f.Name()))
		}
	}
	if err := overwrite(old, f); err != nil {
		return fmt.Errorf("%w; the whole file is %s", err, f.Name())
	}
	return os.Remove(f.Name())
}

// fill writes a file from its start. What it held goes when new content comes, so
// that an error of write's before that changes nothing.
func fill(f *os.File, write func(w io.Writer) error) error {
	e := &emptier{file: f}
	buffer := bufio.NewWriterSize(e, 1<<20)
	if err := write(buffer); err != nil {
		return err
	}
	return errors.Join(e.empty(), buffer.Flush(), syncFile(f))
}

// overwrite copies a file into another one.
func overwrite(to, from *os.File) error {
	if _, err := from.Seek(0, io.SeekStart); err != nil {
		return err
	}
	return fill(to, func(w io.Writer) error {
		_, err := io.Copy(w, from)
		return err
	})
}

// An emptier empties a file before it writes to it.
type emptier struct {
	file           *os.File
	done           bool
	written, begun int64 // bytes, and those that are on their way to the disk
}

func (e *emptier) empty() error {
	if e.done {
		return nil
	}
	e.done = true
	if err := e.file.Truncate(0); !errors.Is(err, syscall.EINVAL) { // a device or a pipe
		return err
	}
	return nil
}

func (e *emptier) Write(p []byte) (int, error) {
	if err := e.empty(); err != nil {
		return 0, err
	}
	n, err := e.file.Write(p)
	e.written += int64(n)
	const step = 8 << 20
	if e.written-e.begun >= step {
		writeBack(e.file, e.begun, e.written-e.begun)
		e.begun = e.written
	}
	return n, err
}

// syncFile makes a file's content last, where it can.
func syncFile(f *os.File) error {
	err := f.Sync()
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, syscall.EINVAL) {
		return nil
	}
	return err
}

// syncFolder makes a renaming last. A folder that may be written, but not read, is
// left to the system.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if errors.Is(err, os.ErrPermission) {
		return nil
	}
	if err != nil {
		return err
	}
	defer d.Close()
	return syncFile(d)
}
