package jit

import (
	"fmt"
	"io"
	"os"

	"github.com/wangkuiyi/gotorch/internal/atomicfile"
	"github.com/wangkuiyi/gotorch/internal/option"
)

// SaveOptions are the options of [Save].
type SaveOptions struct {
	Sync bool // wait until the file is on the disk, as with torch.SaveOptions
}

// Save writes a program to a file that Python's torch.jit.load and [Load] read: its code,
// all attributes as they are now, and ExtraFiles. Of a module within a program it writes the
// whole program. The file appears, or takes the place of an old one, when it is complete, as
// with [torch.Save].
//
// https://docs.pytorch.org/docs/stable/generated/torch.jit.save.html
func Save(m *Module, path string, options ...SaveOptions) error {
	o, err := option.AtMostOne(options)
	if err == nil {
		err = m.check()
	}
	if err == nil {
		err = m.program.push()
	}
	if err == nil {
		err = atomicfile.Write(path, m.write, atomicfile.Options{Sync: o.Sync})
	}
	if err != nil {
		return fmt.Errorf("jit.Save: %s: %w", path, explain(err))
	}
	return nil
}

// write writes the program, which libtorch puts into a pipe.
func (m *Module) write(w io.Writer) error {
	from, to, err := os.Pipe()
	if err != nil {
		return err
	}
	written := make(chan error)
	go func() {
		_, err := io.Copy(w, from)
		if err != nil {
			_, _ = io.Copy(io.Discard, from) // else libtorch would wait
		}
		written <- err
	}()
	saved := m.program.Save(to.Fd(), m.ExtraFiles)
	_ = to.Close() // the end of what is copied
	err = <-written
	_ = from.Close() // all was read
	if saved != nil {
		return saved
	}
	return err
}
