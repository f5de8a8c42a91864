package gguf

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/wangkuiyi/gotorch/internal/brief"
)

// readHeader reads all of a file that is before the tensors' bytes.
func (f *File) readHeader(data []byte) error {
	r := &reader{data: data}
	if magic := string(r.take(4)); magic != "GGUF" {
		return errors.New(`it is no GGUF file, which begins with "GGUF"`)
	}
	version := r.uint32()
	switch {
	case r.err != nil:
		return r.err
	case version != 0 && version&0xffff == 0:
		return errors.New("it is in big-endian order, which is not read; convert the model again without --bigendian")
	case version != 2 && version != 3:
		return fmt.Errorf("it is of version %d of the format; 2 and 3 are read", version)
	}
	f.Version = int(version)
	tensors := r.uint64()
	f.Metadata = r.metadata(r.uint64())
	alignment, err := f.Metadata.alignment()
	if r.err == nil {
		r.err = err
	}
	for i := uint64(0); i < tensors && r.err == nil; i++ {
		f.addTensor(r)
	}
	if r.err != nil {
		return r.err
	}
	f.place((r.at + alignment - 1) / alignment * alignment)
	return f.check(alignment, len(data))
}

// alignment returns what tensors begin at multiples of.
func (m Metadata) alignment() (int, error) {
	const key = "general.alignment"
	v, given := m[key]
	if !given {
		return 32, nil
	}
	n, ok := v.(uint32)
	if !ok || n == 0 || n&(n-1) != 0 {
		return 0, fmt.Errorf("%s is %s, want a power of two as a uint32", key, brief.Value(v))
	}
	return int(n), nil
}

// addTensor reads what the file says of a tensor. Its offset is as stored.
func (f *File) addTensor(r *reader) {
	name := r.text()
	fail := func(format string, args ...any) {
		if r.err == nil {
			r.err = fmt.Errorf("the tensor %q: "+format, append([]any{brief.Text(name)}, args...)...)
		}
	}
	dims := r.uint32()
	if dims > 4 {
		fail("%d dimensions, want 4 at most", dims)
		return
	}
	t := tensor{shape: make([]int, dims)}
	for i := range t.shape {
		n := r.uint64()
		if n > math.MaxInt64 {
			fail("a size of %d", n)
			return
		}
		t.shape[int(dims)-1-i] = int(n)
	}
	number, offset := r.uint32(), r.uint64()
	var known bool
	t.kind, known = kinds[number]
	_, twice := f.tensors[name]
	switch {
	case !known:
		fail("the type %d is not known", number)
	case twice:
		fail("it is there twice")
	case offset > math.MaxInt64/2:
		fail("it begins at %d, which is not in the file", offset)
	}
	var err error
	if t.size, err = t.kind.size(t.shape); err != nil {
		fail("%w", err)
	}
	t.offset = int(offset)
	if r.err == nil {
		f.names = append(f.names, name)
		f.tensors[name] = t
	}
}

// size returns how many bytes a tensor takes.
func (k kind) size(shape []int) (int, error) {
	if slices.Contains(shape, 0) || k.elements == 0 {
		return 0, nil
	}
	row := 1
	if len(shape) > 0 {
		row = shape[len(shape)-1]
		shape = shape[:len(shape)-1]
	}
	if row%k.elements != 0 {
		return 0, fmt.Errorf("rows of %d elements are not whole blocks of %d, as %s has them", row, k.elements, k.name)
	}
	size := row / k.elements
	for _, n := range append([]int{k.bytes, k.elements}, shape...) { // the elements must be countable, too
		if size > math.MaxInt64/n {
			return 0, errors.New("it has more elements than an int counts")
		}
		size *= n
	}
	return size / k.elements, nil
}

// place makes the tensors' offsets those in the file, whose data begin at start.
func (f *File) place(start int) {
	for name, t := range f.tensors {
		t.offset += start
		f.tensors[name] = t
	}
}

// check fails if a tensor is not within the file, or has bytes of another.
func (f *File) check(alignment, size int) error {
	order := slices.Clone(f.names)
	slices.SortStableFunc(order, func(a, b string) int { return f.tensors[a].offset - f.tensors[b].offset })
	end, last := 0, ""
	for _, name := range order {
		t := f.tensors[name]
		switch {
		case t.offset%alignment != 0:
			return fmt.Errorf("the tensor %q begins at %d, which is no multiple of %d", brief.Text(name), t.offset, alignment)
		case t.size == 0:
			continue
		case t.offset > size || t.size > size-t.offset:
			return fmt.Errorf("the tensor %q has %d bytes at %d, but the file has %d: it is damaged, or was not copied whole", brief.Text(name), t.size, t.offset, size)
		case t.offset < end:
			return fmt.Errorf("the tensors %q and %q share bytes", brief.Text(last), brief.Text(name))
		}
		end, last = t.offset+t.size, name
	}
	return nil
}

// reader reads a header. After an error it reads zeros.
type reader struct {
	data []byte
	at   int
	err  error
}

// take returns the next n bytes, or nil.
func (r *reader) take(n int) []byte {
	if r.err == nil && n > len(r.data)-r.at {
		r.err = fmt.Errorf("it ends within the header: %d bytes are wanted at %d, and it has %d", n, r.at, len(r.data))
	}
	if r.err != nil {
		return nil
	}
	r.at += n
	return r.data[r.at-n : r.at]
}

func (r *reader) uint32() uint32 {
	if b := r.take(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

func (r *reader) uint64() uint64 {
	if b := r.take(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

// count reads how many elements follow, which have size bytes at least.
func (r *reader) count(size int) int {
	n := r.uint64()
	if r.err == nil && n > uint64(len(r.data)-r.at)/uint64(size) {
		r.err = fmt.Errorf("at %d it counts %d elements of %d bytes or more, but only %d bytes follow", r.at-8, n, size, len(r.data)-r.at)
	}
	if r.err != nil {
		return 0
	}
	return int(n)
}

func (r *reader) text() string { return string(r.take(r.count(1))) }
