package datasets

import (
	"bufio"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// array is what a file holds: unsigned bytes.
type array struct {
	Shape []int
	Data  []byte // in row-major order
}

// idxUint8 is the IDX format's number of the only element type read here.
const idxUint8 = 0x08

// readIDX reads an IDX file of unsigned bytes, up to its end:
//
//	byte 0, 1   0
//	byte 2      the type of the elements, 0x08
//	byte 3      the number of dimensions
//	4 bytes     the size of each dimension, big-endian
//	...         the elements
//
// It fails on a file that is not one, is cut off, goes on after the last element,
// or says that it has more than limit elements; memory for the elements is taken
// only after that.
func readIDX(r io.Reader, limit uint32) (*array, error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, fmt.Errorf("the IDX header: %w", cutOff(err))
	}
	switch {
	case head[0] != 0 || head[1] != 0:
		return nil, fmt.Errorf("not an IDX file: it starts with % x, want 00 00", head[:2])
	case head[2] != idxUint8:
		return nil, fmt.Errorf("the IDX element type is 0x%02x, want 0x%02x, unsigned bytes", head[2], idxUint8)
	}
	sizes := make([]uint32, head[3])
	if err := binary.Read(r, binary.BigEndian, sizes); err != nil {
		return nil, fmt.Errorf("the IDX header: %w", cutOff(err))
	}
	idx := &array{Shape: make([]int, len(sizes))}
	n := uint64(1)
	for i, size := range sizes {
		n *= uint64(size) // at most limit times a uint32
		if size > limit || n > uint64(limit) {
			return nil, fmt.Errorf("the IDX header says sizes %d, more than %d elements", sizes, limit)
		}
		idx.Shape[i] = int(size)
	}
	idx.Data = make([]byte, n)
	if _, err := io.ReadFull(r, idx.Data); err != nil {
		return nil, fmt.Errorf("the %d IDX elements: %w", n, cutOff(err))
	}
	switch _, err := io.ReadFull(r, head[:1]); err {
	case io.EOF:
		return idx, nil
	case nil:
		return nil, fmt.Errorf("the IDX file goes on after its %d elements", n)
	default:
		return nil, fmt.Errorf("after the %d IDX elements: %w", n, err)
	}
}

// cutOff makes an early end of a file an error in words.
func cutOff(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("the file is cut off")
	}
	return err
}

// unpack returns a reader of what r holds packed with gzip, or of r itself if it
// is not packed.
func unpack(r io.Reader) (io.Reader, error) {
	b := bufio.NewReader(r)
	if magic, _ := b.Peek(2); string(magic) != "\x1f\x8b" {
		return b, nil
	}
	return gzip.NewReader(b)
}
