package datasets

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/download"
)

// file is one of a dataset's files.
type file struct {
	name  string // as it is distributed, such as "train-labels-idx1-ubyte.gz"
	limit int64  // more bytes than it has
	sums  sums
	read  func(r io.Reader) (*array, error) // reads and checks the content
}

// sums are SHA-256 checksums, or "" where they are not known: of a file as it is
// distributed, and of what it holds when it is unpacked. Every file has one of them.
type sums struct{ packed, content string }

// idxFile is a file of MNIST's format, whose content has a shape.
func idxFile(name string, sums sums, shape ...int) file {
	elements := 1
	for _, size := range shape {
		elements *= size
	}
	read := func(r io.Reader) (*array, error) {
		r, err := unpack(r)
		if err != nil {
			return nil, err
		}
		hash := sha256.New()
		content, err := readIDX(io.TeeReader(r, hash), uint32(elements))
		if err != nil {
			return nil, err
		}
		if !slices.Equal(content.Shape, shape) {
			return nil, fmt.Errorf("its sizes are %d, want %d", content.Shape, shape)
		}
		if got := hex.EncodeToString(hash.Sum(nil)); sums.content != "" && got != sums.content {
			return nil, fmt.Errorf("it is another file: the SHA-256 of its content is %s, want %s", got, sums.content)
		}
		return content, nil
	}
	return file{name: name, limit: int64(elements) + 1<<20, sums: sums, read: read}
}

// plain returns the name of the file when it is unpacked.
func (f file) plain() string { return strings.TrimSuffix(f.name, ".gz") }

// open reads the file from the first of the folders that has it, packed or plain,
// and checks it. If none has the error is os.ErrNotExist.
func (f file) open(folders ...string) (*array, error) {
	for _, dir := range folders {
		for _, name := range []string{f.name, f.plain()} {
			content, err := f.openPath(filepath.Join(dir, name))
			if !errors.Is(err, os.ErrNotExist) {
				return content, err
			}
		}
	}
	names := f.name + " is not"
	if f.plain() != f.name {
		names = "neither " + f.name + " nor " + f.plain() + " is"
	}
	return nil, fmt.Errorf("%w: %s in %s", os.ErrNotExist, names, folders[0])
}

// openPath reads and checks the file under a name.
func (f file) openPath(path string) (*array, error) {
	r, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	packed := filepath.Base(path) != f.plain()
	content, err := f.check(r, packed || f.plain() == f.name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return content, nil
}

// check reads a file, and compares its checksum if it is as it is distributed.
func (f file) check(r io.Reader, distributed bool) (*array, error) {
	if f.sums.packed == "" || !distributed {
		return f.read(r)
	}
	hash := sha256.New()
	whole := bufio.NewReaderSize(io.TeeReader(r, hash), 1<<16)
	content, err := f.read(whole)
	if err != nil {
		return nil, err
	}
	if _, err := io.Copy(io.Discard, whole); err != nil {
		return nil, err
	}
	return content, download.Checksum(f.sums.packed).Compare(hash.Sum(nil))
}
