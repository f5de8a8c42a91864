// Package atomicfile writes files of which nobody sees a part: a reader finds the
// old content or the new one, even if the program or the machine stops in between.
package atomicfile

import (
	"bufio"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Write writes a file by write, into a file beside it that then takes its name. On
// an error nothing has changed. A program that is killed leaves the file beside it;
// the next Write removes it.
func Write(path string, write func(w io.Writer) error) (err error) {
	sweep(path)
	f, err := os.CreateTemp(filepath.Dir(path), prefix(path)+"*"+suffix)
	if err != nil {
		return err
	}
	lock(f)
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
		}
	}()
	buffer := bufio.NewWriterSize(f, 1<<20)
	if err := write(buffer); err != nil {
		return err
	}
	if err := errors.Join(buffer.Flush(), f.Chmod(mode(path)), f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// mode returns the permissions of the file that is replaced, or those of a new one.
func mode(path string) fs.FileMode {
	if info, err := os.Stat(path); err == nil {
		return info.Mode().Perm()
	}
	return 0o644
}

// syncFolder makes a renaming last.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, fs.ErrInvalid) {
		return err
	}
	return nil
}
