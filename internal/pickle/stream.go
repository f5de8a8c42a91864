package pickle

import (
	"bytes"
	"errors"
	"io"
)

// Stream is a file of pickles, one after the other, and of what follows them.
type Stream struct {
	r     io.Reader
	left  int64  // how many bytes r has
	data  []byte // what was read of them, but not taken yet
	taken int64
}

// NewStream returns a stream of a reader that has size bytes.
func NewStream(r io.Reader, size int64) *Stream { return &Stream{r: r, left: size} }

// Taken returns how many bytes were taken: where the next pickle begins, or what follows
// the last one.
func (s *Stream) Taken() int64 { return s.taken }

var errCutOff = errors.New("the pickle is cut off")

// take returns the next n bytes, which are there until the next call.
func (s *Stream) take(n int, budget *Budget) ([]byte, error) {
	if err := s.fill(n, budget); err != nil {
		return nil, err
	}
	b := s.data[:n]
	s.data = s.data[n:]
	s.taken += int64(n)
	return b, nil
}

// line takes what comes before the next end of line.
func (s *Stream) line(budget *Budget) ([]byte, error) {
	for n := 1; ; n = len(s.data) + 1 {
		if err := s.fill(n, budget); err != nil {
			return nil, err
		}
		if text, rest, ok := bytes.Cut(s.data, []byte("\n")); ok {
			s.data = rest
			s.taken += int64(len(text) + 1)
			return text, nil
		}
	}
}

// fill reads until there are n bytes.
func (s *Stream) fill(n int, budget *Budget) error {
	missing := int64(n - len(s.data))
	switch {
	case n < 0 || missing > s.left:
		return errCutOff
	case missing <= 0:
		return nil
	}
	const chunk = 64 << 10
	missing = max(missing, min(s.left, max(chunk, int64(len(s.data)))))
	if err := budget.Take(len(s.data) + int(missing)); err != nil {
		return err
	}
	data := make([]byte, len(s.data)+int(missing))
	copy(data, s.data)
	if _, err := io.ReadFull(s.r, data[len(s.data):]); err != nil {
		return err
	}
	s.data, s.left = data, s.left-missing
	return nil
}
