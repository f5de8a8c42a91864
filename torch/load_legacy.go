package torch

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/internal/pickle"
)

// legacy reads the format before PyTorch 1.6: the pickles of a magic number, a version,
// the machine, the value and the keys of the storages; then for each key the number
// of elements, and they.
func (l *loader) legacy(r io.ReaderAt, size int64) (tree any, err error) {
	if l.options.MMap {
		return nil, errors.New("in the format of PyTorch before 1.6, which cannot be mapped: load it without MMap")
	}
	in := pickle.NewStream(io.NewSectionReader(r, 0, size), size)
	reader := l.reader()
	const protocol = 1001
	for i := range 3 {
		v, err := reader.ReadFrom(in)
		if err == nil && i == 1 && v != protocol {
			err = fmt.Errorf("version %s of the format, want %d", brief.Value(v), protocol)
		}
		if err != nil {
			return nil, err
		}
	}
	if tree, err = reader.ReadFrom(in); err != nil {
		return nil, err
	}
	v, err := reader.ReadFrom(in)
	if err != nil {
		return nil, err
	}
	keys, ok := v.(*pickle.List)
	if !ok {
		return nil, fmt.Errorf("the keys of the storages are a %T", v)
	}
	at := in.Taken()
	for key := range keys.All {
		name, _ := key.(string)
		s := l.storages[name]
		if s == nil || s.filled {
			return nil, fmt.Errorf("storage %s is one that no tensor has, or there twice", brief.Value(key))
		}
		if at, err = l.fillLegacy(s, io.NewSectionReader(r, at, size-at), at); err != nil {
			return nil, fmt.Errorf("storage %q: %w", brief.Text(name), err)
		}
		s.filled = true
	}
	for name, s := range l.storages {
		if !s.filled {
			return nil, fmt.Errorf("storage %q is not in the file", brief.Text(name))
		}
	}
	return tree, nil
}

// fillLegacy reads a storage's number of elements, and they, and returns where they end.
func (l *loader) fillLegacy(s *loadedStorage, r *io.SectionReader, at int64) (int64, error) {
	const header = 8
	var word [header]byte
	if _, err := io.ReadFull(r, word[:]); err != nil {
		return 0, errors.Join(errors.New("the file is cut off"), err)
	}
	size := s.bytes.Numel()
	if n := binary.LittleEndian.Uint64(word[:]); n != uint64(size/s.item) {
		return 0, fmt.Errorf("the file has %d elements, the tensors want %d", n, size/s.item)
	}
	if int64(size) > r.Size()-header {
		return 0, errors.New("the file is cut off")
	}
	return at + header + int64(size), l.fill(s, io.LimitReader(r, int64(size)), 0)
}
