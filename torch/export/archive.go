package export

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/internal/filekind"
	"github.com/wangkuiyi/gotorch/internal/ptzip"
	"github.com/wangkuiyi/gotorch/internal/strided"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/mapped"
)

// archive is a .pt2 file: a zip archive whose records are stored as they are, all in one
// folder.
type archive struct {
	file    *mapped.File
	records *ptzip.Reader
}

// The records that say that an archive is a .pt2, and that have example inputs.
const (
	formatRecord = "archive_format"
	sampleRecord = "data/sample_inputs/model.pt"
)

// openArchive opens a .pt2 file.
func openArchive(path string) (*archive, error) {
	file, err := mapped.Open(path)
	if err != nil {
		return nil, err
	}
	a := &archive{file: file}
	if err := a.list(); err != nil {
		file.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return a, nil
}

func (a *archive) list() (err error) {
	data := bytes.NewReader(a.file.Bytes())
	if a.records, err = ptzip.NewReaderOf(data, data.Size(), formatRecord); err != nil {
		return filekind.Explain(err, filekind.PT2, data, data.Size())
	}
	if a.records.BigEndian() {
		return errors.New("the order of bytes is big, want little")
	}
	kind, err := a.read(formatRecord)
	if err == nil && string(kind) != "pt2" {
		err = fmt.Errorf("the archive's format is %q, want pt2", brief.Text(string(kind)))
	}
	return err
}

// place returns where a record's content is in the file.
func (a *archive) place(name string) (offset, size int, err error) {
	at, n, err := a.records.Place(name)
	if err != nil {
		return 0, 0, err
	}
	all := uint64(len(a.file.Bytes()))
	if at < 0 || uint64(at) > all || n > all-uint64(at) {
		return 0, 0, fmt.Errorf("record %q is not within the file", brief.Text(name))
	}
	return int(at), int(n), nil
}

// read returns a record's content, which is there until the archive is closed.
func (a *archive) read(name string) ([]byte, error) {
	offset, size, err := a.place(name)
	if err != nil {
		return nil, err
	}
	return a.file.Bytes()[offset : offset+size], nil
}

// unmarshal reads a record of JSON.
func (a *archive) unmarshal(name string, target any) error {
	data, err := a.read(name)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, target); err != nil {
		return fmt.Errorf("record %q: %w", brief.Text(name), err)
	}
	return nil
}

// tensor returns the tensor in a record: its elements, or a file of torch.save.
func (a *archive) tensor(name string, meta metaJSON, usePickle bool) (*torch.Tensor, error) {
	offset, size, err := a.place(name)
	if err != nil {
		return nil, err
	}
	if usePickle {
		data := a.file.Bytes()[offset : offset+size]
		value, err := torch.LoadFrom(bytes.NewReader(data), int64(size), torch.LoadOptions{MapLocation: torch.CPU})
		if err != nil {
			return nil, err
		}
		x, ok := value.(*torch.Tensor)
		if !ok {
			return nil, fmt.Errorf("a constant is a %T, which has no counterpart in Go", value)
		}
		return x, nil
	}
	dtype, err := enum(dtypes, meta.DType)
	if err != nil {
		return nil, err
	}
	shape, err1 := ints(meta.Sizes)
	stride, err2 := ints(meta.Strides)
	first, err3 := ints([]union{meta.Offset})
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, err
	}
	if meta.Layout != stridedLayout {
		return nil, fmt.Errorf("a weight of layout number %d, want a dense one", meta.Layout)
	}
	n := size / dtype.ItemSize()
	flat, err := a.file.Tensor(offset, dtype, []int{n})
	if err != nil {
		return nil, err
	}
	if !strided.Fits(n, first[0], shape, stride) {
		flat.Close()
		return nil, fmt.Errorf("a weight of sizes %d and strides %d from element %d on does not fit into its %d", shape, stride, first[0], n)
	}
	defer flat.Close()
	var x *torch.Tensor
	err = torch.Try(func() { x = flat.AsStrided(shape, stride, torch.AsStridedOptions{StorageOffset: &first[0]}) })
	return x, err
}

// ints returns sizes that are numbers.
func ints(list []union) ([]int, error) {
	values := make([]int, len(list))
	for i, u := range list {
		s, err := sizeOf(u)
		if err == nil && (s.Symbol != "" || s.N < 0) {
			err = fmt.Errorf("a weight has the size %v", s)
		}
		if err != nil {
			return nil, err
		}
		values[i] = s.N
	}
	return values, nil
}
