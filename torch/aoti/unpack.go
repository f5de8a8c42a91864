package aoti

import (
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"syscall"
	"time"

	"github.com/wangkuiyi/gotorch/internal/brief"
)

// unpacked is a model whose files the system's loader can open.
type unpacked struct {
	library string   // the path of its library
	kernels string   // the folder of what it looks for besides
	file    *os.File // memory that holds the library, or nil
	folder  string   // the folder that was made for it, or ""
	lock    *os.File // which says that the folder is in use
}

// unpack puts a model's files where the system's loader can open them: those of a folder
// are there; a library that needs no others goes into memory, which nobody finds and which
// ends with the process; others into a temporary folder.
func unpack(f files, m *model) (*unpacked, error) {
	if library := f.path(m.library); library != "" {
		return &unpacked{library: library, kernels: filepath.Dir(library)}, nil
	}
	if len(m.others) > 0 {
		return unpackFolder(f, m)
	}
	file, library, err := memoryFile()
	if err != nil { // a system that has none, or lets nobody run it
		return unpackFolder(f, m)
	}
	u := &unpacked{file: file, library: library}
	if err := copyFile(f, m.library, u.file); err != nil {
		u.remove()
		return nil, err
	}
	return u, nil
}

// folders are the temporary ones, and how old one is at least that nobody uses.
const (
	folders  = "gotorch-aoti-"
	youngest = time.Minute
)

// unpackFolder unpacks a model into a temporary folder, and removes those that processes
// have left that were killed.
func unpackFolder(f files, m *model) (*unpacked, error) {
	sweep()
	dir, err := os.MkdirTemp("", folders)
	if err != nil {
		return nil, err
	}
	u := &unpacked{folder: dir, library: filepath.Join(dir, path.Base(m.library)), kernels: dir}
	if u.lock, err = os.Open(dir); err == nil {
		err = syscall.Flock(int(u.lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	}
	for _, name := range append([]string{m.library}, m.others...) {
		if err != nil {
			break
		}
		to := filepath.Join(dir, filepath.FromSlash(name[len(m.Model)+1:]))
		err = os.MkdirAll(filepath.Dir(to), 0o700)
		var file *os.File
		if err == nil {
			file, err = os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		}
		if err == nil {
			err = copyFile(f, name, file)
			if e := file.Close(); err == nil {
				err = e
			}
		}
	}
	if err != nil {
		u.remove()
		return nil, err
	}
	return u, nil
}

func copyFile(f files, name string, to io.Writer) error {
	r, err := f.read(name)
	if err != nil {
		return err
	}
	defer r.Close()
	if _, err = io.Copy(to, r); err != nil {
		return fmt.Errorf("file %q: %w", brief.Text(name), err)
	}
	return nil
}

// sweep removes temporary folders that are not in use.
func sweep() {
	dirs, _ := filepath.Glob(filepath.Join(os.TempDir(), folders+"*")) // the pattern is right
	for _, dir := range dirs {
		file, err := os.OpenFile(dir, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_DIRECTORY, 0)
		if err != nil {
			continue // somebody else's
		}
		info, err := file.Stat()
		if err == nil && time.Since(info.ModTime()) > youngest && syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil {
			_ = os.RemoveAll(dir) // the next one tries again
		}
		file.Close()
	}
}

// loaded lets go what was needed until the model was loaded.
func (u *unpacked) loaded(device string) {
	if u.file != nil {
		u.forgetWeights()
	}
	if device == "cpu" {
		u.remove() // kernels of CUDA are read when they first run
	}
}

// forgetWeights gives the memory back that holds the weights in a library, which the model
// has copied. The library itself stays in memory, also when the model is closed: the system's
// loader unloads few that were written in C++.
func (u *unpacked) forgetWeights() {
	offset, size, err := weightsIn(u.file)
	const page = 64 << 10 // or less
	begin, end := (offset+page-1)/page*page, (offset+size)/page*page
	if err == nil && begin < end {
		giveBack(u.file, begin, end-begin)
	}
}

// weightsIn returns where in a library the weights are that were linked into it.
func weightsIn(library io.ReaderAt) (offset, size int64, err error) {
	file, err := elf.NewFile(library)
	if err != nil {
		return 0, 0, err
	}
	symbols, err := file.DynamicSymbols()
	if err != nil {
		return 0, 0, err
	}
	var begin, end uint64
	for _, s := range symbols {
		switch s.Name {
		case "_binary_constants_bin_start":
			begin = s.Value
		case "_binary_constants_bin_end":
			end = s.Value
		}
	}
	for _, p := range file.Progs {
		// What may be written to may be in use.
		if p.Type == elf.PT_LOAD && p.Flags&elf.PF_W == 0 && begin >= p.Vaddr && end >= begin && end-p.Vaddr <= p.Filesz {
			return int64(begin - p.Vaddr + p.Off), int64(end - begin), nil
		}
	}
	return 0, 0, errors.New("no weights")
}

// remove removes all.
func (u *unpacked) remove() {
	if u.file != nil {
		u.file.Close()
		u.file = nil
	}
	if u.folder != "" {
		_ = os.RemoveAll(u.folder) // sweep tries again
		u.folder = ""
	}
	if u.lock != nil {
		u.lock.Close()
		u.lock = nil
	}
}
