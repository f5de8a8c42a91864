// Package atomicfile writes files of which nobody sees a part: a reader finds the
// old content or the new one, even if the program stops in between.
package atomicfile

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"syscall"

	"github.com/wangkuiyi/gotorch/internal/option"
)

// Options are the options of [Write].
type Options struct {
	// Sync waits until the file and its name are on the disk: then a reader finds the old
	// content or the new one even if the machine stops. Without it the system writes
	// the file to the disk in its own time.
	Sync bool
}

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
func Write(path string, write func(w io.Writer) error, options ...Options) (err error) {
	o := option.First(options)
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
			return o.fill(old, write)
		}
	}
	path, err = Follow(path)
	if err != nil {
		return err
	}
	sweep(path)
	f, alike, err := create(path, old)
	if old != nil && takesNone(err) {
		return o.fill(old, write)
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
	if err := o.write(&emptier{file: f, done: true}, write); err != nil {
		return err
	}
	finished = true
	return o.replace(path, old, f, alike)
}

// replace gives the name of a path to a finished file that is like the old one, if
// there is one. Otherwise the old file gets the content.
func (o Options) replace(path string, old, f *os.File, alike bool) error {
	if alike {
		err := os.Rename(f.Name(), path)
		switch {
		case err == nil && o.Sync:
			return syncFolder(folderOf(path))
		case err == nil:
			return nil
		case old == nil:
			return errors.Join(err, os.Remove(f.Name()))
		}
	}
	if err := o.overwrite(old, f); err != nil {
		return fmt.Errorf("%w; the whole file is %s", err, f.Name())
	}
	return os.Remove(f.Name())
}

// fill writes a file from its start. What it held goes when new content comes, so
// that an error of write's before that changes nothing.
func (o Options) fill(f *os.File, write func(w io.Writer) error) error {
	return o.write(&emptier{file: f}, write)
}

func (o Options) write(e *emptier, write func(w io.Writer) error) error {
	e.sync = o.Sync
	c := &content{bufio.NewWriterSize(e, 1<<20), e}
	if err := write(c); err != nil {
		return err
	}
	err := errors.Join(e.empty(), c.buffer.Flush())
	if o.Sync {
		err = errors.Join(err, syncFile(e.file))
	}
	return err
}

// overwrite copies a file into another one.
func (o Options) overwrite(to, from *os.File) error {
	if _, err := from.Seek(0, io.SeekStart); err != nil {
		return err
	}
	return o.fill(to, func(w io.Writer) error {
		_, err := io.Copy(w, from)
		return err
	})
}

// content is what is written to a file. The first megabyte waits in memory until an old
// file is emptied, and always what is short.
type content struct {
	buffer *bufio.Writer
	file   *emptier
}

// long is how many bytes are worth a call of the system's rather than a copy.
const long = 64 << 10

func (c *content) Write(p []byte) (int, error) {
	if len(p) < long || !c.file.done {
		return c.buffer.Write(p)
	}
	if err := c.buffer.Flush(); err != nil {
		return 0, err
	}
	return c.file.Write(p)
}

// An emptier empties a file before it writes to it. One that is new is done: Linux's
// ext4 hurries files to the disk that were emptied.
type emptier struct {
	file           *os.File
	sync, done     bool
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

// piece is how much is written by a call of the system's: Linux takes four times as long
// for a byte of a call of 40 MB as for one of 1 MB.
const piece = 1 << 20

func (e *emptier) Write(p []byte) (written int, err error) {
	if err := e.empty(); err != nil {
		return 0, err
	}
	for part := range slices.Chunk(p, piece) {
		n, err := e.file.Write(part)
		written += n
		e.written += int64(n)
		if err != nil {
			return written, err
		}
		const step = 8 << 20
		if e.sync && e.written-e.begun >= step {
			writeBack(e.file, e.begun, e.written-e.begun)
			e.begun = e.written
		}
	}
	return written, nil
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
