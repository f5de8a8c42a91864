package aoti

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/internal/filekind"
	"github.com/wangkuiyi/gotorch/internal/ptzip"
)

// files are those of a package, by their paths below data/aotinductor.
type files interface {
	// list returns all.
	list() ([]string, error)
	// open returns the content of one.
	open(name string) (*content, error)
	// read returns the content of one, and fails at its end if it is damaged.
	read(name string) (io.ReadCloser, error)
	// path returns where one is on the disk, or "" for one in an archive.
	path(name string) string
	io.Closer
}

// content is what a file of a package holds.
type content struct {
	*io.SectionReader
	close func() error
}

func (c *content) Close() error { return c.close() }

// models is the folder of a package that has those of each model.
const models = "data/aotinductor/"

// openFiles opens a package: a .pt2 file, or the folder that it was unpacked to.
func openFiles(path string) (files, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return openFolder(path)
	}
	return openArchive(path)
}

// archive is a .pt2 file, in which all is stored as it is.
type archive struct {
	file    *os.File
	size    int64
	records *ptzip.Reader
}

func openArchive(path string) (*archive, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	a := &archive{file: file}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("not a regular file")
	}
	if err == nil {
		a.size = info.Size()
		a.records, err = ptzip.NewReaderOf(file, a.size, "archive_format")
		err = filekind.Explain(err, filekind.AOTInductor, file, a.size)
	}
	if err == nil && !slices.ContainsFunc(a.records.Names(), func(name string) bool { return strings.HasPrefix(name, models) }) {
		err = errors.New("no program that AOTInductor compiled, but one of torch.export: export.Load runs it, and \"gotorch compile\" compiles it")
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	return a, nil
}

func (a *archive) list() ([]string, error) {
	var names []string
	for _, name := range a.records.Names() {
		if name, ok := strings.CutPrefix(name, models); ok {
			names = append(names, name)
		}
	}
	return names, nil
}

func (a *archive) open(name string) (*content, error) {
	offset, size, err := a.records.Place(models + name)
	if err != nil {
		return nil, err
	}
	if offset < 0 || offset > a.size || size > uint64(a.size-offset) {
		return nil, fmt.Errorf("record %q is not within the file", brief.Text(name))
	}
	return &content{io.NewSectionReader(a.file, offset, int64(size)), func() error { return nil }}, nil
}

func (a *archive) read(name string) (io.ReadCloser, error) { return a.records.Open(models + name) }

func (a *archive) path(string) string { return "" }

func (a *archive) Close() error { return a.file.Close() }

// folder is an unpacked package.
type folder struct{ root string }

func openFolder(path string) (folder, error) {
	root, err := filepath.Abs(path)
	if err != nil {
		return folder{}, err
	}
	f := folder{filepath.Join(root, filepath.FromSlash(models))}
	if _, err := os.Stat(f.root); err != nil {
		return folder{}, fmt.Errorf("no folder of a package that AOTInductor compiled: it has no %s", models)
	}
	return f, nil
}

func (f folder) list() ([]string, error) {
	var names []string
	err := filepath.WalkDir(f.root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(f.root, path)
		names = append(names, filepath.ToSlash(name))
		return err
	})
	return names, err
}

func (f folder) open(name string) (*content, error) {
	file, err := os.Open(f.path(name))
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a regular file", brief.Text(name))
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	return &content{io.NewSectionReader(file, 0, info.Size()), file.Close}, nil
}

func (f folder) read(name string) (io.ReadCloser, error) { return os.Open(f.path(name)) }

func (f folder) path(name string) string { return filepath.Join(f.root, filepath.FromSlash(name)) }

func (f folder) Close() error { return nil }
