package torch

import "strconv"

// Slice is a range of positions in a dimension, Python's start:stop:step, for
// [Tensor.Index] and [Tensor.At]. The zero Slice is [Colon]. As in Python, a
// negative bound counts from the end, and bounds beyond the dimension are cut
// off.
//
//	Colon                  :
//	From(1)                1:
//	To(-1)                 :-1
//	Between(1, 3)          1:3
//	Between(1, 9).By(2)    1:9:2
//
// https://docs.pytorch.org/cppdocs/notes/tensor_indexing.html
type Slice struct {
	start, stop int
	bounded     bool // has a stop
	beyond      int  // the step less one
}

// Colon is all of a dimension, Python's ":".
var Colon = Slice{}

// From returns the positions from start on, Python's "start:".
func From(start int) Slice { return Slice{start: start} }

// To returns the positions before stop, Python's ":stop".
func To(stop int) Slice { return Slice{stop: stop, bounded: true} }

// Between returns the positions from start on and before stop, "start:stop".
func Between(start, stop int) Slice { return Slice{start: start, stop: stop, bounded: true} }

// By returns every step-th position of s, Python's "start:stop:step". As in
// PyTorch, indexing with a step below 1 fails.
func (s Slice) By(step int) Slice {
	s.beyond = step - 1
	return s
}

// String returns Python's notation, such as "1:3".
func (s Slice) String() string {
	text := ""
	if s.start != 0 {
		text = strconv.Itoa(s.start)
	}
	text += ":"
	if s.bounded {
		text += strconv.Itoa(s.stop)
	}
	if s.beyond != 0 {
		text += ":" + strconv.Itoa(s.beyond+1)
	}
	return text
}

// Placeholder is [Ellipsis] or [NewAxis].
type Placeholder string

const (
	// Ellipsis is Python's "...": all dimensions that the other indexes leave over.
	Ellipsis Placeholder = "..."
	// NewAxis is Python's None: a new dimension of size 1. Go's nil does the same.
	NewAxis Placeholder = "None"
)
